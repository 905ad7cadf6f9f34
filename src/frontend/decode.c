/* decode.c - bytecode of CPython 3.11 to 3.15, normalised to the opcode set of opcodes.def.
 *
 * Opcode numbers come from <opcode.h> of the interpreter that this is compiled for; a row of an opcode that the
 * version lacks is left out by #if.  What holds for all versions:
 *
 *   - PyCode_GetCode gives unspecialised code whose inline caches are zeroed, and CACHE is opcode 0, so caches
 *     are skipped without knowing their sizes;
 *   - EXTENDED_ARG puts eight more bits in front of the argument of the next instruction;
 *   - jumps are relative to the instruction behind the jump and its caches;
 *   - the exception table is one format: varints of six bits, most significant first (start, size, target,
 *     depth << 1 | push_lasti).
 *
 * Algorithm
 *   1. Walk the code units.  An opcode's row names a rule and an internal opcode; the rule emits zero or more
 *      instructions.  `index_at` remembers which instruction each code unit became.  Jumps carry byte offsets.
 *   2. Turn the jumps' byte offsets, and those of the exception table, into instruction indices.
 *
 * Differences removed here: superinstructions, the argument encodings of LOAD_ATTR, LOAD_GLOBAL and COMPARE_OP,
 * keyword names (before the call or on the stack), jumps that keep their operand, explicit TO_BOOL, the tail of
 * `for` loops, intrinsics, f-string flags, MAKE_FUNCTION's flags, the spelling of `with`.
 */
#include "frontend/decode.h"

#include <opcode.h>

const char *const opcode_name[I_COUNT] = {
#define I(name, doc) #name,
#include "frontend/opcodes.def"
#undef I
};

/* BINARY_OP's argument for x[i]: 3.14 has no BINARY_SUBSCR. */
enum { NB_SUBSCRIPT = 26 };

/* Arguments of CALL_INTRINSIC_1 (3.12 on). */
enum {
    INTRINSIC_STOPITER = 3,
    INTRINSIC_POSITIVE = 5,
    INTRINSIC_LIST_TO_TUPLE = 6,
    INTRINSIC_TYPEVAR = 7,
    INTRINSIC_TYPEALIAS = 11
};

typedef struct {
    Arena *arena;
    const uint8_t *code;
    int32_t nbytes;
    int32_t *index_at; /* by code unit: index of the first instruction emitted at or behind it */
    int32_t offset;    /* of the instruction being decoded, behind its EXTENDED_ARGs */
    int32_t next;      /* offset behind its caches; a rule may move it to swallow what follows */
    int32_t arg;
    uint8_t op; /* the row's internal opcode */
    Decoded *out;
} Decoder;

typedef void (*Rule)(Decoder *d);

/* ---- emitting ------------------------------------------------------------------------------------------------- */

static void emit_at(Decoder *d, Opcode op, int32_t arg, int32_t offset) {
    Instruction i = {.op = (uint8_t)op, .arg = arg, .offset = offset};
    vec_push(d->arena, &d->out->code, i);
}

static void emit(Decoder *d, Opcode op, int32_t arg) { emit_at(d, op, arg, d->offset); }

static void emit_other(Decoder *d) {
    int number = d->code[d->offset];
    if (d->out->unknown_op < 0) {
        d->out->unknown_op = number;
        d->out->unknown_offset = d->offset;
    }
    emit(d, I_OTHER, number);
}

/* ---- rules ------------------------------------------------------------------------------------------------------ */

static void rule_same(Decoder *d) { emit(d, d->op, d->arg); }

static void rule_zero(Decoder *d) { emit(d, d->op, 0); }

static void rule_skip(Decoder *d) {}

static void rule_forward(Decoder *d) { emit(d, d->op, d->next + 2 * d->arg); }

static void rule_backward(Decoder *d) { emit(d, d->op, d->next - 2 * d->arg); }

static void rule_binary(Decoder *d) {
    if (d->arg == NB_SUBSCRIPT) emit(d, I_SUBSCR, 0);
    else if (d->arg >= NB_INPLACE_ADD && d->arg <= NB_INPLACE_XOR)
        emit(d, I_INPLACE, d->arg - NB_INPLACE_ADD);
    else emit(d, I_BINARY, d->arg);
}

static void rule_load_global(Decoder *d) {
    bool null_first = PY_VERSION_HEX < 0x030D0000;
    if ((d->arg & 1) && null_first) emit(d, I_PUSH_NULL, 0);
    emit(d, I_GLOBAL, d->arg >> 1);
    if ((d->arg & 1) && !null_first) emit(d, I_PUSH_NULL, 0);
}

static void rule_load_attr(Decoder *d) {
#if PY_VERSION_HEX >= 0x030C0000
    emit(d, d->arg & 1 ? I_METHOD : I_ATTR, d->arg >> 1);
#else
    emit(d, I_ATTR, d->arg);
#endif
}

static void rule_compare(Decoder *d) {
    int shift = PY_VERSION_HEX >= 0x030D0000 ? 5 : PY_VERSION_HEX >= 0x030C0000 ? 4 : 0;
    emit(d, I_COMPARE, d->arg >> shift);
}

/* When the loop is over control lands behind END_FOR and the POP_TOP or POP_ITER that follows it from 3.13 on:
 * our FOR_ITER takes the iterator away itself. */
static void rule_for_iter(Decoder *d) {
    int tail = PY_VERSION_HEX >= 0x030D0000 ? 4 : PY_VERSION_HEX >= 0x030C0000 ? 2 : 0;
    emit(d, I_FOR_ITER, d->next + 2 * d->arg + tail);
}

static void rule_call_ex(Decoder *d) {
    bool always = PY_VERSION_HEX >= 0x030E0000; /* 3.14 pushes NULL where there are no keywords */
    emit(d, I_CALL_EX, always ? 1 : d->arg & 1);
}

#if PY_VERSION_HEX >= 0x030F0000
/* 3.15 keeps an index or NULL above the iterator. */
static void rule_get_iter(Decoder *d) {
    emit(d, I_ITER, 0);
    emit(d, I_PUSH_NULL, 0);
}

static void rule_pop_iter(Decoder *d) {
    emit(d, I_POP, 0);
    emit(d, I_POP, 0);
}
#else
#define rule_get_iter rule_zero
#define rule_pop_iter rule_zero
#endif

/* From 3.14 on all(), any() and tuple() of a generator expression are loops over what the call of it gives, which is its
 * own iterator: no GET_ITER stands in front of FOR_ITER, and ours has to. */
static void rule_call(Decoder *d) {
    emit(d, I_CALL, d->arg);
#if PY_VERSION_HEX >= 0x030E0000
    int32_t k = d->next;
    while (k < d->nbytes && (d->code[k] == CACHE || d->code[k] == PUSH_NULL || d->code[k] == EXTENDED_ARG))
        k += 2;
    if (k < d->nbytes && d->code[k] == FOR_ITER) emit(d, I_ITER, 0);
#endif
}

#if PY_VERSION_HEX < 0x030C0000
/* The jump keeps its operand on the stack when it is taken. */
static void rule_jump_or_pop(Decoder *d) {
    emit(d, I_COPY, 1);
    emit(d, d->op, d->next + 2 * d->arg);
    emit(d, I_POP, 0);
}
#else
static void rule_intrinsic_1(Decoder *d) {
    if (d->arg == INTRINSIC_STOPITER) emit(d, I_STOPITER, 0);
    else if (d->arg == INTRINSIC_POSITIVE) emit(d, I_POS, 0);
    else if (d->arg == INTRINSIC_LIST_TO_TUPLE) emit(d, I_LIST_TO_TUPLE, 0);
    else if (d->arg >= INTRINSIC_TYPEVAR && d->arg <= INTRINSIC_TYPEALIAS) emit(d, I_TYPE_PARAMS, 0);
    else emit_other(d);
}

static void rule_slice_read(Decoder *d) {
    emit(d, I_SLICE, 2);
    emit(d, I_SUBSCR, 0);
}

static void rule_slice_write(Decoder *d) {
    emit(d, I_SLICE, 2);
    emit(d, I_STORE_SUBSCR, 0);
}
#endif

#if defined(RETURN_CONST)
static void rule_return_const(Decoder *d) {
    emit(d, I_CONST, d->arg);
    emit(d, I_RETURN, 0);
}
#endif

#if PY_VERSION_HEX >= 0x030C0000
static void rule_end_for(Decoder *d) {
    if (PY_VERSION_HEX >= 0x030D0000) d->next += 2; /* POP_TOP or POP_ITER */
}
#endif

#if PY_VERSION_HEX < 0x030D0000
static void rule_format_value(Decoder *d) {
    bool has_spec = d->arg & 4;
    int conversion = d->arg & 3;
    if (conversion && has_spec) emit(d, I_SWAP, 2);
    if (conversion) emit(d, I_CONVERT, conversion);
    if (conversion && has_spec) emit(d, I_SWAP, 2);
    emit(d, I_FORMAT, has_spec);
}

static void rule_make_function(Decoder *d) {
    emit(d, I_FUNCTION, 0);
    for (int attr = FUNCTION_CLOSURE; attr; attr >>= 1)
        if (d->arg & attr) emit(d, I_FUNCTION_ATTR, attr);
}
#else
#define rule_make_function rule_zero

static void rule_format_plain(Decoder *d) { emit(d, I_FORMAT, 0); }

static void rule_format_spec(Decoder *d) { emit(d, I_FORMAT, 1); }

/* The names stand on the stack, pushed by the instruction before. */
static void rule_call_kw(Decoder *d) {
    Instruction *names = d->out->code.n ? &vec_last(&d->out->code) : NULL;
    if (!names || names->op != I_CONST) {
        emit_other(d);
        return;
    }
    names->op = I_KW_NAMES;
    emit(d, I_CALL, d->arg);
}

/* Jumps and `not` test truth themselves, as they did before 3.13. */
static void rule_to_bool(Decoder *d) {
    int32_t k = d->next;
    while (k < d->nbytes && d->code[k] == EXTENDED_ARG) k += 2;
    if (k < d->nbytes) {
        uint8_t op = d->code[k];
        if (op == POP_JUMP_IF_TRUE || op == POP_JUMP_IF_FALSE || op == UNARY_NOT) return;
    }
    emit(d, I_TO_BOOL, 0);
}

static void rule_two_slots(Decoder *d) {
    emit(d, d->op, d->arg >> 4);
    emit(d, d->op, d->arg & 15);
}

static void rule_store_load(Decoder *d) {
    emit(d, I_STORE, d->arg >> 4);
    emit(d, I_LOAD, d->arg & 15);
}
#endif

#if PY_VERSION_HEX >= 0x030E0000
static int32_t skip_caches(const Decoder *d, int32_t at) {
    while (at < d->nbytes && d->code[at] == CACHE) at += 2;
    return at;
}

/* `with` is COPY 1; LOAD_SPECIAL exit; SWAP 2; SWAP 3; LOAD_SPECIAL enter; CALL 0: one WITH. */
static void rule_load_special(Decoder *d) {
    static const uint8_t rest[] = {SWAP, SWAP, LOAD_SPECIAL, CALL};
    Instruction *copy = d->out->code.n ? &vec_last(&d->out->code) : NULL;
    int32_t at = d->next;
    for (size_t i = 0; i < ARRAY_LEN(rest); i++) {
        if (at >= d->nbytes || d->code[at] != rest[i] || !copy || copy->op != I_COPY) {
            emit_other(d);
            return;
        }
        at = skip_caches(d, at + 2);
    }
    copy->op = I_WITH;
    copy->arg = 0;
    d->next = at;
}
#endif

/* ---- rows ------------------------------------------------------------------------------------------------------- */

typedef struct {
    Rule rule; /* NULL: no row */
    uint8_t op;
} Row;

// clang-format off
/* Each pastes by itself: passed on to another macro, NOP would become its number. */
#define ROW(opcode, internal, how) [opcode] = {.rule = rule_##how, .op = I_##internal},
#define SAME(opcode, internal) [opcode] = {.rule = rule_same, .op = I_##internal},
#define ZERO(opcode, internal) [opcode] = {.rule = rule_zero, .op = I_##internal},
#define SKIP(opcode) [opcode] = {.rule = rule_skip},

static const Row rows[256] = {
    /* in every version */
    SKIP(CACHE) SKIP(RESUME) ZERO(NOP, NOP)
    SAME(LOAD_CONST, CONST) SAME(LOAD_FAST, LOAD) SAME(STORE_FAST, STORE) SAME(DELETE_FAST, DELETE)
    SAME(LOAD_DEREF, DEREF) SAME(STORE_DEREF, STORE_DEREF) SAME(DELETE_DEREF, DELETE_DEREF)
    ROW(LOAD_GLOBAL, GLOBAL, load_global) SAME(STORE_GLOBAL, STORE_GLOBAL) SAME(DELETE_GLOBAL, DELETE_GLOBAL)
    ZERO(LOAD_NAME, NAME) ZERO(STORE_NAME, NAME) ZERO(DELETE_NAME, NAME) ZERO(SETUP_ANNOTATIONS, NAME)
    ROW(LOAD_ATTR, ATTR, load_attr) SAME(STORE_ATTR, STORE_ATTR) SAME(DELETE_ATTR, DELETE_ATTR)
    ZERO(PUSH_NULL, PUSH_NULL) ROW(CALL, CALL, call) ROW(CALL_FUNCTION_EX, CALL_EX, call_ex)
    ROW(BINARY_OP, BINARY, binary) ROW(COMPARE_OP, COMPARE, compare) SAME(IS_OP, IS) SAME(CONTAINS_OP, IN)
    ZERO(UNARY_NOT, NOT) ZERO(UNARY_NEGATIVE, NEG) ZERO(UNARY_INVERT, INVERT)
    ZERO(STORE_SUBSCR, STORE_SUBSCR) ZERO(DELETE_SUBSCR, DEL_SUBSCR) SAME(BUILD_SLICE, SLICE)
    SAME(BUILD_TUPLE, TUPLE) SAME(BUILD_LIST, LIST) SAME(BUILD_SET, SET) SAME(BUILD_MAP, MAP)
    SAME(BUILD_STRING, STRING) SAME(LIST_APPEND, LIST_APPEND) SAME(SET_ADD, SET_ADD) SAME(MAP_ADD, MAP_ADD)
    SAME(LIST_EXTEND, LIST_EXTEND) SAME(SET_UPDATE, SET_UPDATE) SAME(DICT_UPDATE, DICT_UPDATE)
    SAME(DICT_MERGE, DICT_MERGE) SAME(UNPACK_SEQUENCE, UNPACK) SAME(UNPACK_EX, UNPACK_EX)
    ZERO(POP_TOP, POP) SAME(COPY, COPY) SAME(SWAP, SWAP) ROW(GET_ITER, ITER, get_iter)
    ROW(FOR_ITER, FOR_ITER, for_iter) ROW(JUMP_FORWARD, JUMP, forward) ROW(JUMP_BACKWARD, JUMP, backward)
    ROW(JUMP_BACKWARD_NO_INTERRUPT, JUMP, backward) ZERO(RETURN_VALUE, RETURN) SAME(RAISE_VARARGS, RAISE)
    ZERO(PUSH_EXC_INFO, PUSH_EXC) ZERO(POP_EXCEPT, POP_EXC) ZERO(CHECK_EXC_MATCH, EXC_MATCH)
    ZERO(CHECK_EG_MATCH, GROUP_MATCH) ZERO(RERAISE, RERAISE) ZERO(WITH_EXCEPT_START, WITH_EXIT)
    SAME(MAKE_CELL, MAKE_CELL) SAME(COPY_FREE_VARS, FREE_VARS) ROW(MAKE_FUNCTION, FUNCTION, make_function)
    ZERO(RETURN_GENERATOR, GENERATOR) ZERO(YIELD_VALUE, YIELD) ROW(SEND, SEND, forward)
    ZERO(GET_AWAITABLE, ASYNC) ZERO(GET_AITER, ASYNC) ZERO(GET_ANEXT, ASYNC) ZERO(END_ASYNC_FOR, ASYNC)
    SAME(IMPORT_NAME, IMPORT) SAME(IMPORT_FROM, IMPORT_FROM) ZERO(LOAD_BUILD_CLASS, BUILD_CLASS)
    ZERO(GET_LEN, LENGTH) ZERO(MATCH_MAPPING, IS_MAPPING) ZERO(MATCH_SEQUENCE, IS_SEQUENCE) ZERO(MATCH_KEYS, MATCH_KEYS)
    SAME(MATCH_CLASS, MATCH_CLASS)
#if defined(RETURN_CONST)
    ROW(RETURN_CONST, CONST, return_const)
#endif
#if defined(GET_YIELD_FROM_ITER)
    ZERO(GET_YIELD_FROM_ITER, YIELD_FROM_ITER)
#endif
#if PY_VERSION_HEX < 0x030C0000
    SKIP(PRECALL) SAME(LOAD_METHOD, METHOD) ZERO(UNARY_POSITIVE, POS) ZERO(LIST_TO_TUPLE, LIST_TO_TUPLE)
    ROW(JUMP_IF_TRUE_OR_POP, IF_TRUE, jump_or_pop) ROW(JUMP_IF_FALSE_OR_POP, IF_FALSE, jump_or_pop)
    ROW(POP_JUMP_FORWARD_IF_TRUE, IF_TRUE, forward) ROW(POP_JUMP_BACKWARD_IF_TRUE, IF_TRUE, backward)
    ROW(POP_JUMP_FORWARD_IF_FALSE, IF_FALSE, forward) ROW(POP_JUMP_BACKWARD_IF_FALSE, IF_FALSE, backward)
    ROW(POP_JUMP_FORWARD_IF_NONE, IF_NONE, forward) ROW(POP_JUMP_BACKWARD_IF_NONE, IF_NONE, backward)
    ROW(POP_JUMP_FORWARD_IF_NOT_NONE, IF_NOT_NONE, forward)
    ROW(POP_JUMP_BACKWARD_IF_NOT_NONE, IF_NOT_NONE, backward)
    ZERO(ASYNC_GEN_WRAP, ASYNC) ZERO(PREP_RERAISE_STAR, GROUP_MATCH) ZERO(LOAD_CLASSDEREF, NAME)
#else
    ROW(POP_JUMP_IF_TRUE, IF_TRUE, forward) ROW(POP_JUMP_IF_FALSE, IF_FALSE, forward)
    ROW(POP_JUMP_IF_NONE, IF_NONE, forward) ROW(POP_JUMP_IF_NOT_NONE, IF_NOT_NONE, forward)
    ROW(CALL_INTRINSIC_1, OTHER, intrinsic_1) ZERO(CALL_INTRINSIC_2, TYPE_PARAMS)
    ROW(BINARY_SLICE, SLICE, slice_read) ROW(STORE_SLICE, SLICE, slice_write)
    SAME(LOAD_FAST_CHECK, LOAD) SAME(LOAD_FAST_AND_CLEAR, LOAD_CLEAR) ROW(END_FOR, NOP, end_for)
    ZERO(LOAD_FROM_DICT_OR_GLOBALS, NAME) ZERO(LOAD_FROM_DICT_OR_DEREF, NAME) ZERO(LOAD_LOCALS, NAME)
    ZERO(END_SEND, END_SEND) ZERO(CLEANUP_THROW, YIELD) SAME(LOAD_SUPER_ATTR, SUPER_ATTR)
#endif
#if PY_VERSION_HEX < 0x030D0000
    SAME(LOAD_CLOSURE, LOAD) SAME(KW_NAMES, KW_NAMES) ROW(FORMAT_VALUE, FORMAT, format_value)
#else
    ROW(CALL_KW, CALL, call_kw) SAME(CONVERT_VALUE, CONVERT) SAME(SET_FUNCTION_ATTRIBUTE, FUNCTION_ATTR)
    ROW(FORMAT_SIMPLE, FORMAT, format_plain) ROW(FORMAT_WITH_SPEC, FORMAT, format_spec)
    ROW(TO_BOOL, TO_BOOL, to_bool) ROW(LOAD_FAST_LOAD_FAST, LOAD, two_slots)
    ROW(STORE_FAST_STORE_FAST, STORE, two_slots) ROW(STORE_FAST_LOAD_FAST, STORE, store_load)
#endif
#if PY_VERSION_HEX < 0x030E0000
    ZERO(BINARY_SUBSCR, SUBSCR) ZERO(BEFORE_WITH, WITH) ZERO(BEFORE_ASYNC_WITH, ASYNC)
    SAME(BUILD_CONST_KEY_MAP, CONST_KEY_MAP) ZERO(LOAD_ASSERTION_ERROR, COMMON)
#else
    SKIP(NOT_TAKEN) SAME(LOAD_SMALL_INT, INT) SAME(LOAD_COMMON_CONSTANT, COMMON) SAME(LOAD_FAST_BORROW, LOAD)
    ROW(LOAD_FAST_BORROW_LOAD_FAST_BORROW, LOAD, two_slots) ROW(LOAD_SPECIAL, WITH, load_special)
    ROW(POP_ITER, POP, pop_iter) ZERO(BUILD_TEMPLATE, TEMPLATE) ZERO(BUILD_INTERPOLATION, TEMPLATE)
#endif
};
// clang-format on

/* ---- the walk ----------------------------------------------------------------------------------------------------- */

static void decode_one(Decoder *d, uint8_t op) {
    const Row *row = &rows[op];
    d->op = row->op;
    if (row->rule) row->rule(d);
    else emit_other(d);
}

static void decode_units(Decoder *d) {
    uint32_t extended = 0;
    int32_t at = 0;
    while (at < d->nbytes) {
        uint8_t op = d->code[at];
        uint32_t arg = extended << 8 | d->code[at + 1];
        int32_t end = at + 2;
        d->index_at[at / 2] = (int32_t)d->out->code.n;
        if (op == EXTENDED_ARG) {
            extended = arg;
            at = end;
            continue;
        }
        extended = 0;
        while (end < d->nbytes && d->code[end] == CACHE) end += 2;
        d->offset = at;
        d->arg = (int32_t)arg;
        d->next = end;
        decode_one(d, op);
        for (at += 2; at < d->next && at < d->nbytes; at += 2) d->index_at[at / 2] = (int32_t)d->out->code.n;
    }
    d->index_at[d->nbytes / 2] = (int32_t)d->out->code.n;
}

static int32_t index_of(const Decoder *d, int32_t offset) {
    return offset >= 0 && offset <= d->nbytes ? d->index_at[offset / 2] : -1;
}

bool opcode_is_jump(uint8_t op) {
    switch (op) {
    case I_JUMP:
    case I_IF_TRUE:
    case I_IF_FALSE:
    case I_IF_NONE:
    case I_IF_NOT_NONE:
    case I_FOR_ITER:
    case I_UNROLL_END:
    case I_OBJMODE:
    case I_SEND: return true;
    default: return false;
    }
}

static bool resolve_jumps(Decoder *d) {
    int32_t n = (int32_t)d->out->code.n;
    for (int32_t i = 0; i < n; i++) {
        Instruction *in = &d->out->code.at[i];
        if (!opcode_is_jump(in->op)) continue;
        in->arg = index_of(d, in->arg);
        if (in->arg < 0 || in->arg >= n) return false;
    }
    return true;
}

static bool read_varint(const uint8_t **at, const uint8_t *end, int32_t *value) {
    uint32_t v = 0;
    bool more = true;
    while (more) {
        if (*at >= end) return false;
        v = v << 6 | (**at & 63);
        more = **at & 64;
        ++*at;
    }
    *value = (int32_t)v;
    return true;
}

static bool decode_regions(Decoder *d, PyObject *table) {
    const uint8_t *at = (const uint8_t *)PyBytes_AS_STRING(table);
    const uint8_t *end = at + PyBytes_GET_SIZE(table);
    while (at < end) {
        int32_t v[4];
        for (int i = 0; i < 4; i++)
            if (!read_varint(&at, end, &v[i])) return false;
        ExceptionRegion r = {.begin = index_of(d, 2 * v[0]),
                             .end = index_of(d, 2 * (v[0] + v[1])),
                             .target = index_of(d, 2 * v[2]),
                             .depth = v[3] >> 1,
                             .push_lasti = v[3] & 1};
        if (r.begin < 0 || r.end < 0 || r.target < 0 || r.target >= (int32_t)d->out->code.n) return false;
        if (r.begin < r.end) vec_push(d->arena, &d->out->regions, r);
    }
    return true;
}

bool decode(Arena *a, PyCodeObject *code, Decoded *out) {
    memset(out, 0, sizeof *out);
    out->unknown_op = -1;
    out->unknown_offset = -1;
    PyObject *bytes = PyCode_GetCode(code);
    if (!bytes) {
        PyErr_Clear(); /* out of memory: reported as a malformed function */
        return false;
    }
    Py_ssize_t nbytes = PyBytes_GET_SIZE(bytes);
    /* A copy, so that nothing is owned when the arena unwinds. */
    uint8_t *copy = (uint8_t *)arena_strndup(a, PyBytes_AS_STRING(bytes), (size_t)nbytes);
    Py_DECREF(bytes);
    Decoder d = {.arena = a,
                 .code = copy,
                 .nbytes = (int32_t)nbytes,
                 .out = out,
                 .index_at = arena_array(a, int32_t, nbytes / 2 + 1)};
    decode_units(&d);
    return out->code.n > 0 && resolve_jumps(&d) && decode_regions(&d, code->co_exceptiontable);
}

/* ---- positions ------------------------------------------------------------------------------------------------------ */

static int32_t position_part(PyObject *tuple, Py_ssize_t i, int32_t unknown) {
    PyObject *o = PyTuple_GET_ITEM(tuple, i);
    return o == Py_None ? unknown : (int32_t)PyLong_AsLong(o);
}

int decode_positions(Arena *a, PyCodeObject *code, Span **out, uint32_t *n) {
    Vec(Span) spans = {0};
    *out = NULL;
    *n = 0;
    vec_reserve(a, &spans, (uint32_t)(Py_SIZE(code) + 1));
    PyObject *lines = PyObject_CallMethod((PyObject *)code, "co_positions", NULL);
    if (!lines) return -1;
    PyObject *item;
    while ((item = PyIter_Next(lines))) {
        Span s = {.line = position_part(item, 0, 0),
                  .end_line = position_part(item, 1, 0),
                  .column = position_part(item, 2, -1),
                  .end_column = position_part(item, 3, -1),
                  .offset = (int32_t)(2 * spans.n)};
        Py_DECREF(item);
        vec_push(a, &spans, s);
    }
    Py_DECREF(lines);
    if (PyErr_Occurred()) return -1;
    *out = spans.at;
    *n = spans.n;
    return 0;
}
