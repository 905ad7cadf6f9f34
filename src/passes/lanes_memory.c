/* lanes_memory.c - may the region of a loop be computed before what the iterations in front of it write?
 *
 * What the region reads are elements of arrays that were there before the loop.  The rest of the loop may store into
 * arrays, too: into others, which is tested in front of the vector code by their first and last bytes; or into the element
 * that the region has read in the same iteration.  Memory that the loop itself makes is no one's yet.
 */
#include "passes/lanes.h"

static Inst *inst_of(const Lanes *s, ValueId v) { return inst_at(s->h.f, v); }

static bool is_fresh(const Inst *i) {
    return i->op == OP_native &&
           (i->imm.native == NATIVE_block_new || i->imm.native == NATIVE_block_new_zeroed);
}

/* What this address is an offset to: an array from outside the loop, or the block that the program has made for one;
 * NO_VALUE: something else. */
static ValueId memory_of(const Lanes *s, ValueId v) {
    for (;;) {
        const Inst *i = inst_of(s, v);
        if (is_fresh(i)) return v;
        if (i->op == OP_ptr_add) {
            v = i->arg[0];
            continue;
        }
        if (i->op != OP_field || i->imm.field || value_type(s->h.f, i->arg[0])->kind != TYPE_ARRAY)
            return NO_VALUE;
        if (!hot_is_in_loop(&s->h, inst_of(s, i->arg[0])->block)) return i->arg[0];
        ValueId x = hot_resolve(&s->h, v);
        if (x == v) return NO_VALUE;
        v = x;
    }
}

static bool is_stack(const Lanes *s, ValueId v) {
    while (inst_of(s, v)->op == OP_ptr_add) v = inst_of(s, v)->arg[0];
    return inst_of(s, v)->op == OP_alloca;
}

static bool add(ValueId *list, uint32_t *n, ValueId array) {
    for (uint32_t k = 0; k < *n; k++)
        if (list[k] == array) return true;
    if (*n == LANES_MAX_ARRAYS) return false;
    list[(*n)++] = array;
    return true;
}

/* The same computation of the same values. */
static bool is_same(const Lanes *s, ValueId x, ValueId y, uint32_t depth) {
    x = hot_value(&s->h, x);
    y = hot_value(&s->h, y);
    if (x == y) return true;
    const Inst *p = inst_of(s, x), *q = inst_of(s, y);
    bool pure = op_info[p->op].flags & OPF_PURE && p->op != OP_phi && p->op != OP_load;
    if (!depth || !pure || p->op != q->op || p->sub != q->sub || p->nargs != q->nargs || p->type != q->type)
        return false;
    if (p->imm.i != q->imm.i) return false;
    for (uint32_t k = 0; k < p->nargs; k++)
        if (!is_same(s, p->arg[k], q->arg[k], depth - 1)) return false;
    return true;
}

typedef struct {
    ValueId *at; /* loads of the region, stores of the rest */
    uint32_t n;
} Accesses;

static void push(Lanes *s, Accesses *a, ValueId v) {
    if (!a->at) a->at = arena_array(s->h.arena, ValueId, s->h.nvalues);
    a->at[a->n++] = v;
}

/* What does not change elements of arrays that were there before. */
static bool is_harmless(const Inst *i) {
    if (i->op == OP_native) {
        unsigned attributes = native_info[i->imm.native].attributes;
        return !(attributes & NATIVE_WRITES) || attributes & NATIVE_FRESH || i->imm.native == NATIVE_poll ||
               i->imm.native == NATIVE_block_release || i->imm.native == NATIVE_block_release_last;
    }
    return i->op != OP_invoke && i->op != OP_call_c && i->op != OP_call_native;
}

static bool find_accesses(Lanes *s, Accesses *loads, Accesses *stores) {
    bool harmless = true;
    for (uint32_t k = 0; k < s->h.loop->blocks.n; k++) {
        BlockId b = s->h.loop->blocks.at[k];
        for (uint32_t n = 0; n < block_at(s->h.f, b)->inst.n; n++) {
            ValueId v = block_at(s->h.f, b)->inst.at[n];
            const Inst *i = inst_of(s, v);
            if (s->inside[b] && i->op == OP_load) push(s, loads, v);
            if (i->op == OP_store && !is_stack(s, i->arg[0])) push(s, stores, v);
            harmless &= is_harmless(i);
        }
    }
    return harmless || !loads->n;
}

/* All that is read of an array that is written, too, is what the same iteration writes. */
static bool is_own_element(Lanes *s, ValueId load, ValueId store) {
    ValueId at = inst_of(s, load)->arg[0];
    Growth g = hot_growth(&s->h, at);
    return g.ok && g.k && is_same(s, at, inst_of(s, store)->arg[0], 16);
}

bool lanes_find_memory(Lanes *s) {
    Accesses loads = {0}, stores = {0};
    if (!find_accesses(s, &loads, &stores)) return false;
    for (uint32_t k = 0; loads.n && k < stores.n; k++) {
        ValueId to = memory_of(s, inst_of(s, stores.at[k])->arg[0]);
        if (to != NO_VALUE && hot_is_in_loop(&s->h, inst_of(s, to)->block))
            continue; /* no one else has it yet */
        if (to == NO_VALUE || !add(s->written, &s->nwritten, to)) return false;
        for (uint32_t n = 0; n < loads.n; n++) {
            ValueId from = memory_of(s, inst_of(s, loads.at[n])->arg[0]);
            if (from == NO_VALUE || hot_is_in_loop(&s->h, inst_of(s, from)->block)) return false;
            if (from == to && !is_own_element(s, loads.at[n], stores.at[k])) return false;
            if (!add(s->read, &s->nread, from)) return false;
        }
    }
    return true;
}

/* ---- the test ------------------------------------------------------------------------------------------------------ */

typedef struct {
    ValueId low, high;
} Extent;

static ValueId i64(Builder *b, int64_t k) { return ir_const_int(b, type_i64, k); }

/* From the first byte of an array to behind its last one; of an empty one, anything. */
static Extent emit_extent(Builder *b, ValueId array) {
    const Type *t = value_type(b->f, array);
    if (t == type_ptr) {
        const Inst *block = inst_at(b->f, array);
        ValueId nbytes = block->arg[block->nargs - 1];
        return (Extent){array,
                        ir_ptr_add(b, array, ir_binop(b, OP_iadd, nbytes, i64(b, BLOCK_HEADER_NBYTES)))};
    }
    ValueId data = ir_field(b, array, ARRAY_DATA), low = i64(b, 0), high = i64(b, type_itemsize(t->elem[0]));
    for (uint32_t k = 0; k < t->ndim; k++) {
        ValueId last = ir_binop(b, OP_isub, ir_field(b, array, array_shape(t, k)), i64(b, 1)),
                span = ir_binop(b, OP_imul, last, ir_field(b, array, array_stride(t, k))),
                down = ir_icmp(b, PRED_LT, span, i64(b, 0));
        low = ir_binop(b, OP_iadd, low, ir_select(b, down, span, i64(b, 0)));
        high = ir_binop(b, OP_iadd, high, ir_select(b, down, i64(b, 0), span));
    }
    return (Extent){ir_ptr_add(b, data, low), ir_ptr_add(b, data, high)};
}

ValueId lanes_emit_apart(const Lanes *s, Builder *b) {
    ValueId all = NO_VALUE;
    for (uint32_t r = 0; r < s->nread; r++) {
        for (uint32_t w = 0; w < s->nwritten; w++) {
            if (s->read[r] == s->written[w]) continue;
            Extent x = emit_extent(b, s->read[r]), y = emit_extent(b, s->written[w]);
            ValueId apart = ir_binop(b, OP_ior, ir_icmp(b, PRED_ULE, x.high, y.low),
                                     ir_icmp(b, PRED_ULE, y.high, x.low));
            all = all == NO_VALUE ? apart : ir_binop(b, OP_iand, all, apart);
        }
    }
    return all;
}
