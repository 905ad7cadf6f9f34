/* effects.c - see effects.h.  What a call may change is what any function that it reaches may change. */
#include "passes/effects.h"

#include <string.h>

void effects_init(Effects *e, const Unit *u) { *e = (Effects){.arena = (Arena *)&u->arena, .unit = u}; }

bool effects_is_row(const Inst *i, const char *name) { return i->row && !strcmp(i->row->name, name); }
bool effects_is_member_read(const Inst *i) { return i->op == OP_getattr && effects_is_row(i, "instance.@"); }
bool effects_is_member_write(const Inst *i) {
    return i->op == OP_setattr && effects_is_row(i, "instance.@=");
}
ValueId effects_operand(const Inst *i, uint32_t k) { return i->bound ? i->bound[k] : i->arg[k]; }

Keys effects_member(Effects *e, const Type *instance, const char *name) {
    uint32_t n = 0;
    while (n < e->members.n && (e->members.at[n].instance != instance || e->members.at[n].name != name)) n++;
    if (n == e->members.n) vec_push(e->arena, &e->members, ((MemberKey){instance, name}));
    uint32_t bit = KEY_MEMBERS + n;
    return UINT64_C(1) << (bit < 63 ? bit : 63);
}

/* ---- one instruction ------------------------------------------------------------------------------------------- */

/* The containers that a value of this type is or holds, but for those behind an instance. */
static Keys containers_in(const Type *t) {
    if (t->kind == TYPE_LIST) return UINT64_C(1) << KEY_LISTS;
    if (type_is_table(t)) return UINT64_C(1) << KEY_TABLES;
    Keys keys = 0;
    for (uint32_t i = 0; i < t->nelem; i++) keys |= containers_in(t->elem[i]);
    return keys;
}

static bool holds_generator(const Type *t) {
    if (t->kind == TYPE_GENERATOR) return true;
    for (uint32_t i = 0; i < t->nelem; i++)
        if (holds_generator(t->elem[i])) return true;
    return false;
}

/* Looks at its operands, or makes something new of them, whatever they are. */
static bool only_reads(const Inst *i) {
    switch ((Op)i->op) {
    case OP_call:
        return i->row && (i->row->flags & (LIB_PURE | LIB_LENDS) || effects_is_row(i, "builtins.len"));
    case OP_inplace:
    case OP_setattr:
    case OP_setitem:
    case OP_delitem:
    case OP_list_append:
    case OP_parallel:
    case OP_map: return false;
    default: return true;
    }
}

static bool runs_anything(const Func *f, const Inst *i) {
    if (i->op == OP_objmode || i->op == OP_suspend || (i->row && i->row->flags & LIB_PYTHON)) return true;
    bool steps = i->op == OP_call || i->op == OP_iter_next || i->op == OP_iter_valid ||
                 i->op == OP_iter_value;
    for (uint32_t k = 0; steps && k < i->nargs; k++)
        if (value_type(f, i->arg[k]) && holds_generator(value_type(f, i->arg[k]))) return true;
    return false;
}

/* Without what it calls. */
static Keys own_writes(Effects *e, const Func *f, const Inst *i) {
    if (runs_anything(f, i)) return EVERY_KEY;
    if (effects_is_member_write(i))
        return effects_member(e, value_type(f, effects_operand(i, 0)), i->imm.name);
    if (i->callee || only_reads(i)) return 0;
    Keys keys = 0;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (i->arg[k] != NO_VALUE && value_type(f, i->arg[k]))
            keys |= containers_in(value_type(f, i->arg[k]));
    return keys;
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

typedef Vec(const Func *) Reached;

static void reach(Effects *e, Reached *reached, const Func *f) {
    if (!f) return;
    for (uint32_t i = 0; i < reached->n; i++)
        if (reached->at[i] == f) return;
    vec_push(e->arena, reached, f);
}

static const Func *body_of(const Inst *i) { return op_info[i->op].imm == IMM_FUNC ? i->imm.func : NULL; }

static Keys writes_of_function(Effects *e, const Func *root) {
    Keys keys = 0;
    if (map_find(&e->callees, (uint64_t)(uintptr_t)root, &keys)) return keys;
    Reached reached = {0};
    reach(e, &reached, root);
    for (uint32_t n = 0; n < reached.n; n++) {
        const Func *f = reached.at[n];
        if (f->state != FUNC_TYPED) keys = EVERY_KEY;
        for (ValueId v = 0; f->state == FUNC_TYPED && v < f->inst.n; v++) {
            const Inst *i = inst_at(f, v);
            if (i->block == NO_BLOCK) continue;
            keys |= own_writes(e, f, i);
            reach(e, &reached, i->callee);
            reach(e, &reached, body_of(i));
        }
    }
    map_set(e->arena, &e->callees, (uint64_t)(uintptr_t)root, keys);
    return keys;
}

Keys effects_writes(Effects *e, const Func *f, const Inst *i) {
    Keys keys = own_writes(e, f, i);
    if (i->callee) keys |= writes_of_function(e, i->callee);
    if (body_of(i)) keys |= writes_of_function(e, body_of(i));
    return keys;
}

Keys effects_of_block(Effects *e, const Func *f, BlockId b) {
    Keys keys = 0;
    const Block *block = block_at(f, b);
    for (uint32_t k = 0; k < block->inst.n; k++) keys |= effects_writes(e, f, inst_at(f, block->inst.at[k]));
    return keys;
}
