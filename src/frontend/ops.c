/* ops.c - what every normalised opcode means in IR: one function per opcode, and the table of them.
 *
 * An opcode without a function has a phrase instead: what the user wrote that is not supported.  How to add an
 * opcode: its row in opcodes.def, its decoding in decode.c, and here a function (or a phrase) and a row of `meaning`.
 */
#include "frontend/build.h"

#include <opcode.h>

/* ---- variables --------------------------------------------------------------------------------------------------- */

static bool check_slot(Frame *f, int32_t slot) {
    if (slot >= 0 && (uint32_t)slot < f->nslots) return true;
    build_error(f, DIAG_INTERNAL, "the bytecode of '%s' is not understood: bad slot", f->b->source->name);
    return false;
}

static void op_nop(Frame *f, int32_t arg) {}

static bool is_cell(const Frame *f, int32_t slot) {
    enum { SLOT_CELL = 0x40, SLOT_FREE = 0x80 };
    return PyBytes_AS_STRING(f->code->co_localspluskinds)[slot] & (SLOT_CELL | SLOT_FREE);
}

/* Whether what is loaded goes into a variable or to another block, or is dropped: nothing else uses the value here. */
static bool is_only_moved(const Frame *f) {
    uint32_t next = f->at + 1, end = f->cfg.block[f->block].end;
    while (next < end && f->decoded.code.at[next].op == I_LOAD) next++;
    if (next == end) return true;
    uint8_t op = f->decoded.code.at[next].op;
    return op == I_POP || op == I_STORE || op == I_SWAP || op == I_JUMP;
}

/* A variable must have a value where it is read: what uses the value sees to that (infer/defined.c), else a call. */
static void check_moved(Frame *f, Var var, ValueId value) {
    if (!is_only_moved(f) || !ssa_may_be_undef(&f->b->ssa, var, value)) return;
    ValueId use = library_function(f, "naja.library.variables", "use");
    if (!f->b->failed) emit_value(f, OP_call, use, value);
}

/* A cell itself is loaded only to build the closure of an inner function, and that is done by name (closures.c):
 * anything serves as its value. */
static void op_load(Frame *f, int32_t slot) {
    Build *b = f->b;
    if (!check_slot(f, slot)) return;
    if (is_cell(f, slot)) {
        push(f, ir_none(&b->b));
        return;
    }
    ValueId value = ssa_read(&b->ssa, f->home[slot].var, b->b.block);
    check_moved(f, f->home[slot].var, value);
    push(f, value);
}

/* Saves a variable that an inlined comprehension uses as its own; a cell is saved by its content. */
static void op_load_clear(Frame *f, int32_t slot) {
    Build *b = f->b;
    if (!check_slot(f, slot)) return;
    Var var = f->home[slot].var;
    push(f, ssa_read(&b->ssa, var, b->b.block));
    write_var(f, var, ssa_undef(&b->ssa, var));
}

static void op_store(Frame *f, int32_t slot) {
    ValueId v = pop(f);
    if (check_slot(f, slot)) write_var(f, f->home[slot].var, declared_value(f, (uint32_t)slot, v));
}

static void op_delete(Frame *f, int32_t slot) {
    Build *b = f->b;
    if (!check_slot(f, slot)) return;
    Var var = f->home[slot].var;
    ValueId use = library_function(f, "naja.library.variables", "use"),
            value = ssa_read(&b->ssa, var, b->b.block);
    if (b->failed) return;
    emit_value(f, OP_call, use, value);
    write_var(f, var, ssa_undef(&b->ssa, var));
}

static void op_const(Frame *f, int32_t arg) {
    push(f, const_of(f, PyTuple_GET_ITEM(f->code->co_consts, arg)));
}

static void op_int(Frame *f, int32_t arg) { push(f, ir_const_int(&f->b->b, type_literal_int(arg), arg)); }

/* Of a name in builtins. */
static void push_builtin(Frame *f, const char *name) {
    PyObject *o = PyDict_GetItemString(f->b->builtins, name);
    if (o) push(f, const_of(f, o));
    else build_error(f, DIAG_UNDEFINED_NAME, "NameError: name '%s' is not defined", name);
}

static void push_empty_str(Frame *f) {
    PyObject *o = PyUnicode_FromStringAndSize(NULL, 0); /* a constant of the interpreter */
    if (o) push(f, object_of(f, o));
    else f->b->failed = true;
    Py_XDECREF(o);
}

static void op_common(Frame *f, int32_t arg) {
    // clang-format off
    static const char *const names[] = {
        [COMMON_ASSERTION_ERROR] = "AssertionError", [COMMON_NOT_IMPLEMENTED_ERROR] = "NotImplementedError",
        [COMMON_TUPLE] = "tuple", [COMMON_ALL] = "all", [COMMON_ANY] = "any", [COMMON_LIST] = "list",
        [COMMON_SET] = "set",
    };
    // clang-format on
    if ((size_t)arg < ARRAY_LEN(names)) push_builtin(f, names[arg]);
    else if (arg == COMMON_NONE) push(f, const_of(f, Py_None));
    else if (arg == COMMON_TRUE || arg == COMMON_FALSE)
        push(f, const_of(f, arg == COMMON_TRUE ? Py_True : Py_False));
    else if (arg == COMMON_MINUS_ONE) push(f, ir_const_int(&f->b->b, type_literal_int(-1), -1));
    else if (arg == COMMON_EMPTY_STR) push_empty_str(f);
    else build_error(f, DIAG_UNSUPPORTED_OPCODE, "the common constant %d is not known", arg);
}

static void op_global(Frame *f, int32_t arg) {
    push(f, global_of(f, PyTuple_GET_ITEM(f->code->co_names, arg)));
}

/* ---- attributes and items ------------------------------------------------------------------------------------------ */

static const char *name_at(Frame *f, int32_t arg) {
    return unit_name(f->b->unit, text_of(f->b, PyTuple_GET_ITEM(f->code->co_names, arg)));
}

static void op_attr(Frame *f, int32_t arg) {
    ValueId v = emit_value(f, OP_getattr, pop(f));
    inst_at(f->b->f, v)->imm.name = name_at(f, arg);
    push(f, v);
}

static void op_method(Frame *f, int32_t arg) {
    op_attr(f, arg);
    push(f, NULL_SLOT);
}

/* super, class, self -- attribute */
static void op_super_attr(Frame *f, int32_t arg) {
    enum { IS_METHOD = 1, HAS_ARGUMENTS = 2 };
    drop(f, 3);
    if (arg & HAS_ARGUMENTS) build_unsupported(f, "`super()` with arguments");
    push(f, super_of_self(f));
    if (arg & IS_METHOD) op_method(f, arg >> 2);
    else op_attr(f, arg >> 2);
}

static void op_store_attr(Frame *f, int32_t arg) {
    ValueId object = pop(f), value = pop(f);
    ValueId v = emit_value(f, OP_setattr, object, value);
    inst_at(f->b->f, v)->imm.name = name_at(f, arg);
}

static void op_subscr(Frame *f, int32_t arg) {
    ValueId index = pop(f), x = pop(f);
    push(f, emit_value(f, OP_getitem, x, index));
}

static void op_store_subscr(Frame *f, int32_t arg) {
    ValueId index = pop(f), x = pop(f), value = pop(f);
    emit_value(f, OP_setitem, x, index, value);
}

static void op_del_subscr(Frame *f, int32_t arg) {
    ValueId index = pop(f), x = pop(f);
    emit_value(f, OP_delitem, x, index);
}

static void op_slice(Frame *f, int32_t arg) {
    ValueId step = arg == 3 ? pop(f) : ir_none(&f->b->b);
    ValueId stop = pop(f), start = pop(f);
    push(f, emit_value(f, OP_slice, start, stop, step));
}

/* ---- operators ------------------------------------------------------------------------------------------------------- */

// clang-format off
static const uint8_t operator_of[] = { /* by NB_* */
    [NB_ADD] = OPERATOR_ADD, [NB_AND] = OPERATOR_AND, [NB_FLOOR_DIVIDE] = OPERATOR_FLOORDIV,
    [NB_LSHIFT] = OPERATOR_LSHIFT, [NB_MATRIX_MULTIPLY] = OPERATOR_MATMUL, [NB_MULTIPLY] = OPERATOR_MUL,
    [NB_REMAINDER] = OPERATOR_MOD, [NB_OR] = OPERATOR_OR, [NB_POWER] = OPERATOR_POW,
    [NB_RSHIFT] = OPERATOR_RSHIFT, [NB_SUBTRACT] = OPERATOR_SUB, [NB_TRUE_DIVIDE] = OPERATOR_TRUEDIV,
    [NB_XOR] = OPERATOR_XOR,
};

static const uint8_t comparison_of[] = { /* by Py_LT .. */
    [Py_LT] = OPERATOR_LT, [Py_LE] = OPERATOR_LE, [Py_EQ] = OPERATOR_EQ,
    [Py_NE] = OPERATOR_NE, [Py_GT] = OPERATOR_GT, [Py_GE] = OPERATOR_GE,
};
// clang-format on

static void two_operands(Frame *f, Op op, const uint8_t *table, size_t n, int32_t arg) {
    ValueId y = pop(f), x = pop(f), args[] = {x, y};
    if ((size_t)arg >= n) {
        build_error(f, DIAG_UNSUPPORTED_OPCODE, "the operator number %d is not known", arg);
        return;
    }
    push(f, emit_operator(f, op, table[arg], 2, args));
}

static void op_binary(Frame *f, int32_t arg) {
    two_operands(f, OP_binary, operator_of, ARRAY_LEN(operator_of), arg);
}

static void op_inplace(Frame *f, int32_t arg) {
    two_operands(f, OP_inplace, operator_of, ARRAY_LEN(operator_of), arg);
}

static void op_compare(Frame *f, int32_t arg) {
    two_operands(f, OP_binary, comparison_of, ARRAY_LEN(comparison_of), arg);
}

static void op_is(Frame *f, int32_t negated) {
    static const uint8_t table[] = {OPERATOR_IS, OPERATOR_IS_NOT};
    two_operands(f, OP_binary, table, ARRAY_LEN(table), negated);
}

/* `x in y`: the operands in that order. */
static void op_in(Frame *f, int32_t negated) {
    static const uint8_t table[] = {OPERATOR_IN, OPERATOR_NOT_IN};
    two_operands(f, OP_binary, table, ARRAY_LEN(table), negated);
}

static void one_operand(Frame *f, Operator sub) {
    ValueId x = pop(f);
    push(f, emit_operator(f, OP_unary, sub, 1, &x));
}

static void op_not(Frame *f, int32_t arg) { one_operand(f, OPERATOR_NOT); }

static void op_neg(Frame *f, int32_t arg) { one_operand(f, OPERATOR_NEG); }

static void op_pos(Frame *f, int32_t arg) { one_operand(f, OPERATOR_POS); }

static void op_invert(Frame *f, int32_t arg) { one_operand(f, OPERATOR_INVERT); }

static void op_to_bool(Frame *f, int32_t arg) { one_operand(f, OPERATOR_TRUTH); }

/* ---- tuples, lists, strings ------------------------------------------------------------------------------------------- */

/* The n topmost values, the lowest first. */
static ValueId *pop_many(Frame *f, uint32_t n) {
    ValueId *v = arena_array(f->b->arena, ValueId, n + 1);
    for (uint32_t i = 0; i < n; i++) v[i] = value_at(f, n - i);
    drop(f, n);
    return v;
}

static void op_tuple(Frame *f, int32_t n) {
    ValueId *v = pop_many(f, (uint32_t)n);
    push(f, emit_op(f, OP_tuple, (uint32_t)n, v));
}

static void op_string(Frame *f, int32_t n) {
    ValueId *v = pop_many(f, (uint32_t)n);
    push(f, emit_op(f, OP_format, (uint32_t)n, v));
}

/* The builtin of this name applied to one or two values. */
static ValueId call_builtin(Frame *f, const char *name, ValueId x, ValueId y) {
    PyObject *function = PyDict_GetItemString(f->b->builtins, name);
    ValueId callee = object_of(f, function ? function : Py_None);
    return y == NO_VALUE ? emit_value(f, OP_call, callee, x) : emit_value(f, OP_call, callee, x, y);
}

static void op_format(Frame *f, int32_t has_spec) {
    ValueId spec = has_spec ? pop(f) : NO_VALUE, v = pop(f);
    push(f, has_spec ? call_builtin(f, "format", v, spec) : emit_value(f, OP_format, v));
}

static void op_convert(Frame *f, int32_t kind) {
    static const char *const function[] = {"str", "str", "repr", "ascii"}; /* by CPython's number */
    push(f, call_builtin(f, function[kind & 3], pop(f), NO_VALUE));
}

/* A tuple written on the spot needs no unpacking: a, b = b, a. */
void op_unpack(Frame *f, int32_t n) {
    Build *b = f->b;
    ValueId from = pop(f);
    const Inst *i = inst_at(b->f, from);
    if (i->op == OP_tuple && i->nargs == (uint32_t)n) {
        for (int32_t k = n; k-- > 0;) push(f, inst_at(b->f, from)->arg[k]);
        return;
    }
    ValueId items = emit_value(f, OP_unpack, from);
    inst_at(b->f, items)->imm.i = n;
    ValueId *item = arena_array(b->arena, ValueId, n + 1);
    for (int32_t k = 0; k < n; k++) {
        item[k] = emit_value(f, OP_item, items);
        inst_at(b->f, item[k])->imm.i = k;
    }
    for (int32_t k = n; k-- > 0;) push(f, item[k]);
}

/* ---- the stack ------------------------------------------------------------------------------------------------------------ */

static void op_pop(Frame *f, int32_t arg) { drop(f, 1); }

static void op_push_null(Frame *f, int32_t arg) { push(f, NULL_SLOT); }

static void op_copy(Frame *f, int32_t depth) { push(f, slot_at(f, (uint32_t)depth)); }

static void op_swap(Frame *f, int32_t depth) {
    ValueId top = slot_at(f, 1), below = slot_at(f, (uint32_t)depth);
    set_slot(f, 1, below);
    set_slot(f, (uint32_t)depth, top);
}

/* ---- control flow ------------------------------------------------------------------------------------------------------------ */

static void op_jump(Frame *f, int32_t arg) { go_to(f, f->cfg.block[f->block].succ[0]); }

/* Jumps if the condition is as wanted.  Both ways may lead to one block: `if x: pass` still asks x for its truth. */
static void jump_if(Frame *f, ValueId cond, bool wanted) {
    const CfgBlock *block = &f->cfg.block[f->block];
    if (block->nsucc == 1) go_to(f, block->succ[0]);
    else branch(f, cond, block->succ[wanted ? 1 : 0], block->succ[wanted ? 0 : 1]);
}

static ValueId pop_truth(Frame *f) {
    ValueId x = pop(f);
    return emit_operator(f, OP_unary, OPERATOR_TRUTH, 1, &x);
}

static void op_if_true(Frame *f, int32_t arg) { jump_if(f, pop_truth(f), true); }

static void op_if_false(Frame *f, int32_t arg) { jump_if(f, pop_truth(f), false); }

static ValueId pop_is_none(Frame *f) {
    ValueId x = pop(f), args[] = {x, ir_none(&f->b->b)};
    return emit_operator(f, OP_binary, OPERATOR_IS, 2, args);
}

static void op_if_none(Frame *f, int32_t arg) { jump_if(f, pop_is_none(f), true); }

static void op_if_not_none(Frame *f, int32_t arg) { jump_if(f, pop_is_none(f), false); }

/* The instruction names the loop, should inference ask for it to be unrolled. */
static void op_iter(Frame *f, int32_t arg) {
    ValueId v = emit_value(f, OP_iter, pop(f));
    if (!f->outer) inst_at(f->b->f, v)->imm.i = (int64_t)f->at + 1;
    push(f, v);
}

static void op_yield_from(Frame *f, int32_t arg) { push(f, emit_value(f, OP_iter, pop(f))); }

/* How many stack slots an iterator has: Python 3.15 keeps one more above it. */
static uint32_t iterator_depth(Frame *f) { return slot_at(f, 1) == NULL_SLOT ? 2 : 1; }

static void op_unroll(Frame *f, int32_t k) {
    ValueId args[] = {value_at(f, iterator_depth(f)), ir_const_int(&f->b->b, type_literal_int(k), k)};
    push(f, emit_op(f, OP_getitem, 2, args));
}

static void op_unroll_count(Frame *f, int32_t k) { push(f, ir_const_int(&f->b->b, type_literal_int(k), k)); }

static void op_unroll_end(Frame *f, int32_t arg) { drop(f, iterator_depth(f)); }

/* The state of the loop is the stack slot of the iterator. */
static void op_for_iter(Frame *f, int32_t arg) {
    uint32_t npopped = iterator_depth(f);
    ValueId valid = emit_value(f, OP_iter_valid, value_at(f, npopped));
    branch_for(f, valid, npopped);
}

static void op_return(Frame *f, int32_t arg) {
    ValueId v = pop(f);
    f->ended = true;
    if (!f->outer) {
        ir_ret(&f->b->b, v);
        end_block(f);
    } else if (f->exit == NO_BLOCK) {
        f->exit = f->b->b.block;
        f->result = v;
    } else {
        build_error(f, DIAG_INTERNAL, "a comprehension of '%s' returns twice", f->b->source->name);
    }
}

/* ---- generators ------------------------------------------------------------------------------------------------------------ */

/* The frame is made where the function is called: here stands what was sent first, None. */
static void op_generator(Frame *f, int32_t arg) { push(f, ir_none(&f->b->b)); }

/* Is the value of a `yield` used?  That of a `yield from` is its loop's. */
static bool uses_sent(const Frame *f) {
    uint32_t next = f->at + 1 < f->decoded.code.n ? f->decoded.code.at[f->at + 1].op : I_POP;
    return next != I_POP && next != I_JUMP;
}

static void op_yield(Frame *f, int32_t arg) {
    emit_value(f, OP_yield, pop(f));
    emit_op(f, OP_suspend, 0, NULL);
    push(f, uses_sent(f) ? emit_op(f, OP_sent, 0, NULL) : ir_none(&f->b->b));
}

/* `yield from x` is a loop over x: iterator, sent -- iterator, item; at the end of the loop the result, None. */
static void op_send(Frame *f, int32_t arg) {
    drop(f, 1);
    branch_send(f, emit_value(f, OP_iter_valid, value_at(f, 1)));
}

/* iterator, result -- result */
static void op_end_send(Frame *f, int32_t arg) {
    ValueId result = pop(f);
    drop(f, 1);
    push(f, result);
}

static void op_other(Frame *f, int32_t number) {
    build_error(f, DIAG_UNSUPPORTED_OPCODE,
                "the bytecode instruction number %d is not supported in compiled functions", number);
}

/* ---- the table ----------------------------------------------------------------------------------------------------------------- */

// clang-format off
#define NO(phrase) {.unsupported = phrase}
#define DOES(function) {.build = function}

const Meaning meaning[I_COUNT] = {
    [I_OTHER] = DOES(op_other), [I_NOP] = DOES(op_nop),
    [I_CONST] = DOES(op_const), [I_INT] = DOES(op_int), [I_COMMON] = DOES(op_common),
    [I_LOAD] = DOES(op_load), [I_LOAD_CLEAR] = DOES(op_load_clear), [I_STORE] = DOES(op_store),
    [I_DELETE] = DOES(op_delete), [I_DEREF] = DOES(op_deref), [I_STORE_DEREF] = DOES(op_store_deref),
    [I_DELETE_DEREF] = DOES(op_delete_deref),
    [I_GLOBAL] = DOES(op_global),
    [I_STORE_GLOBAL] = NO("an assignment to a global variable"),
    [I_DELETE_GLOBAL] = NO("`del` of a global variable"),
    [I_NAME] = NO("a variable of a class body or module"),
    [I_ATTR] = DOES(op_attr), [I_METHOD] = DOES(op_method), [I_STORE_ATTR] = DOES(op_store_attr),
    [I_DELETE_ATTR] = NO("`del` of an attribute"),
    [I_SUPER_ATTR] = DOES(op_super_attr),
    [I_PUSH_NULL] = DOES(op_push_null), [I_KW_NAMES] = DOES(op_kw_names), [I_CALL] = DOES(op_call),
    [I_CALL_EX] = DOES(op_call_ex),
    [I_BINARY] = DOES(op_binary), [I_INPLACE] = DOES(op_inplace), [I_COMPARE] = DOES(op_compare),
    [I_IS] = DOES(op_is), [I_IN] = DOES(op_in), [I_NOT] = DOES(op_not), [I_NEG] = DOES(op_neg),
    [I_POS] = DOES(op_pos), [I_INVERT] = DOES(op_invert), [I_TO_BOOL] = DOES(op_to_bool),
    [I_SUBSCR] = DOES(op_subscr), [I_STORE_SUBSCR] = DOES(op_store_subscr), [I_DEL_SUBSCR] = DOES(op_del_subscr),
    [I_SLICE] = DOES(op_slice), [I_TUPLE] = DOES(op_tuple), [I_LIST] = DOES(op_list),
    [I_SET] = DOES(op_set),
    [I_MAP] = DOES(op_map), [I_CONST_KEY_MAP] = DOES(op_const_key_map),
    [I_STRING] = DOES(op_string), [I_CONVERT] = DOES(op_convert), [I_FORMAT] = DOES(op_format),
    [I_LIST_APPEND] = DOES(op_list_append),
    [I_SET_ADD] = DOES(op_set_add), [I_MAP_ADD] = DOES(op_map_add),
    [I_LIST_EXTEND] = DOES(op_list_extend),
    [I_SET_UPDATE] = DOES(op_set_update), [I_DICT_UPDATE] = DOES(op_dict_update),
    [I_DICT_MERGE] = DOES(op_dict_merge),
    [I_LIST_TO_TUPLE] = DOES(op_list_to_tuple), [I_UNPACK] = DOES(op_unpack),
    [I_UNPACK_EX] = DOES(op_unpack_ex),
    [I_TEMPLATE] = NO("a t-string"),
    [I_POP] = DOES(op_pop), [I_COPY] = DOES(op_copy), [I_SWAP] = DOES(op_swap),
    [I_JUMP] = DOES(op_jump), [I_IF_TRUE] = DOES(op_if_true), [I_IF_FALSE] = DOES(op_if_false),
    [I_IF_NONE] = DOES(op_if_none), [I_IF_NOT_NONE] = DOES(op_if_not_none),
    [I_ITER] = DOES(op_iter), [I_FOR_ITER] = DOES(op_for_iter), [I_UNROLL] = DOES(op_unroll),
    [I_UNROLL_COUNT] = DOES(op_unroll_count), [I_UNROLL_END] = DOES(op_unroll_end), [I_RETURN] = DOES(op_return),
    [I_RAISE] = DOES(op_raise),
    [I_PUSH_EXC] = DOES(op_push_exc), [I_POP_EXC] = DOES(op_pop_exc),
    [I_EXC_MATCH] = DOES(op_exc_match), [I_GROUP_MATCH] = NO("`except*`"),
    [I_RERAISE] = DOES(op_reraise), [I_STOPITER] = NO("a generator's handler"),
    [I_OBJMODE] = DOES(op_objmode), [I_WITH] = DOES(op_with), [I_WITH_EXIT] = DOES(op_with_exit),
    [I_MAKE_CELL] = DOES(op_make_cell), [I_FREE_VARS] = DOES(op_nop),
    [I_FUNCTION] = DOES(op_function), [I_FUNCTION_ATTR] = DOES(op_function_attr),
    [I_GENERATOR] = DOES(op_generator), [I_YIELD] = DOES(op_yield),
    [I_SEND] = DOES(op_send), [I_END_SEND] = DOES(op_end_send),
    [I_YIELD_FROM_ITER] = DOES(op_yield_from), [I_ASYNC] = NO("`async` or `await`"),
    [I_IMPORT] = DOES(op_import), [I_IMPORT_FROM] = DOES(op_import_from),
    [I_LENGTH] = DOES(op_length), [I_IS_SEQUENCE] = DOES(op_is_sequence),
    [I_BUILD_CLASS] = NO("a class definition"),
    [I_IS_MAPPING] = DOES(op_is_mapping), [I_MATCH_KEYS] = DOES(op_match_keys), [I_MATCH_CLASS] = DOES(op_match_class),
    [I_TYPE_PARAMS] = NO("a type parameter or `type` statement"),
};
// clang-format on
