/* foreign.c - calls of functions whose code an extension has built as text of LLVM IR (naja/lowering/foreign.py).
 *
 * Such a function is a Func without blocks, whose text codegen/ links into the module and inlines.  It follows the
 * native convention, with one parameter more: the address of the Python function that it calls in turn, or null.  It
 * returns 0; k for the k-th exception of its list; status ^ INNER when the function it calls has failed.
 */
#include "library/lower.h"
#include "runtime/abi.h"

/* A bit that no status changes: what has it, or a sign, is no k. */
enum { INNER = STATUS_RECORDED >> 1 };

bool library_is_foreign(Handle h) { return object_attribute(h, "foreign_text") != 0; }

const Type *library_foreign_arg(Handle foreign, uint32_t i) {
    return object_named_type(object_item(object_attribute(foreign, "args"), i));
}

const Type *library_foreign_result(Handle foreign) {
    return object_named_type(object_attribute(foreign, "result"));
}

static Func *foreign_func(Lower *l, Handle h) {
    Unit *u = l->unit;
    Arena *a = &u->arena;
    Func *f = map_find_ptr(&u->foreign, h);
    if (f) return f;
    f = func_new(u, NULL, object_utf8(a, object_attribute(h, "symbol")), FUNC_LOWERED);
    uint32_t nargs = object_length(object_attribute(h, "args"));
    for (uint32_t i = 0; i < nargs; i++) ir_param(f, library_foreign_arg(h, i));
    ir_param(f, type_ptr);
    f->result = library_foreign_result(h);
    f->foreign = object_utf8(a, object_attribute(h, "foreign_text"));
    map_set(a, &u->foreign, h, (uint64_t)(uintptr_t)f);
    return f;
}

/* Exception k of the list: its class, and arguments that are constants. */
static void raise_if_status(Lower *l, ValueId status, Handle raises, uint32_t k) {
    Handle entry = object_item(raises, k), args = object_item(entry, 1);
    RaiseSite site = {.cls = object_item(entry, 0), .nargs = object_length(args)};
    site.arg = arena_array(&l->unit->arena, const Type *, site.nargs + 1);
    for (uint32_t i = 0; i < site.nargs; i++) {
        site.arg[i] = object_type(object_item(args, i));
        if (!site.arg[i] || site.arg[i]->nleaves)
            site.arg[i] = type_literal_str(object_text(object_item(args, i)));
    }
    LowerIf raised = lower_if_unlikely(l, ir_icmp(&l->b, PRED_EQ, status, lower_int(l, type_i32, k + 1)));
    lower_raise_site(l, site, 0, NULL);
    lower_at(l, lower_block(l)); /* never reached */
    lower_else(l, &raised);
    lower_endif(l, &raised, NO_VALUE, NO_VALUE);
}

static void check_inner(Lower *l, ValueId status) {
    ValueId own = lower_bin(l, OP_ixor, status, lower_int(l, type_i32, INNER)),
            zero = lower_int(l, type_i32, 0);
    ValueId ok = ir_icmp(&l->b, PRED_EQ, status, zero);
    lower_check_status(l, lower_select(l, ok, zero, own));
}

ValueId lower_foreign(Lower *l, Handle h, Func *inner, const ValueId *args) {
    Func *f = foreign_func(l, h);
    uint32_t n = f->params.n; /* arguments, and the address of `inner` */
    const Type *t = f->result;
    Handle raises = object_attribute(h, "raises");
    ValueId *operand = arena_array(&l->unit->arena, ValueId, n + 1);
    operand[0] = lower_alloca(l, (t->nleaves ? t->nleaves : 1) * sizeof(uint64_t));
    for (uint32_t i = 0; i + 1 < n; i++) operand[1 + i] = args[i];
    operand[n] = lower_int(l, type_ptr, 0);
    if (inner) {
        operand[n] = ir_append(&l->b, OP_func_address, type_ptr, 0, NULL);
        inst_at(l->b.f, operand[n])->imm.func = inner;
    }
    ValueId status = ir_append(&l->b, OP_invoke, type_i32, n + 1, operand);
    inst_at(l->b.f, status)->imm.func = f;
    for (uint32_t k = 0; k < object_length(raises); k++) raise_if_status(l, status, raises, k);
    if (inner) check_inner(l, status);
    return t->nleaves ? lower_load_slots(l, operand[0], t) : NO_VALUE;
}

/* A constant of a type of the program's own: built by what lower_constant registered. */
ValueId lower_user_constant(Lower *l, Handle object, const Type *t) {
    bool failed = false;
    Handle h = library_host()->overload("naja.constant", object, 1, &t, &t, 0, NULL, &failed);
    if (failed) object_take_error();
    return h ? lower_foreign(l, h, NULL, NULL) : NO_VALUE;
}
