/* lanes.c - iterations of a loop whose inner loops cannot be vectorised are computed side by side, in lanes of vectors.
 *
 *     for j in range(n):                               for i in range(n):
 *         x = y = 0.0; k = 0                               s = 0.0
 *         while k < limit and x * x + y * y < 4.0:         for k in range(m): s += f(x[i], y[k])
 *             ...                                          out[i] = s
 *         total += k
 *
 * LLVM vectorises innermost loops, and these have nothing to vectorise: each iteration needs the one before.  The iterations
 * of the outer loop need nothing of each other up to the end of the inner one.  So the part of its body that only computes,
 * the *region*, is computed for many iterations at once, and the results are kept; the loop itself goes on as it is, but
 * takes what has been computed:
 *
 *     test:    j < stop?  --no--> outside
 *       | yes
 *     pick:    left > 0?  --yes--> take: left -= 1; results of this iteration from memory -----------------+
 *       | no                                                                                               |
 *     skip:    left < 0?  --yes--> left += 1  -----------------------------------+                         |
 *       | no                                                                     |                         |
 *     room:    as many iterations as lanes left?  --no---------------------------+                         |
 *       | yes                                                                    |                         |
 *     vector code of the region; results to memory, left = lanes; to `take`      |                         |
 *       | a lane would raise, or a signal waits: left = -lanes ------------------+                         |
 *                                                                                v                         v
 *                                                                              begin: the region  --->  end: the rest
 *
 * What raises, stores or adds up is therefore done once, in order, by the loop itself: every bit is the same, in float sums
 * and in exceptions.  lanes_emit.c says how the vector code comes about.
 *
 * A loop without inner ones is treated alike where functions of several numbers (vecmath/) serve it and LLVM does not
 * vectorise it, since it raises or adds up in order.
 *
 * Soundness.  The region has no effect, so that it may be computed too early and too often.  Its loads read what they would
 * read in the loop: lanes_memory.c.  A load is only done where a lane at work does it (its address is the same for all
 * lanes) or where all lanes do it.
 */
#include "passes/lanes.h"
#include "passes/pipeline.h"

/* Operations: inner loops that come to fewer when written out are left to LLVM, which then vectorises the loop around
 * them. */
enum { WRITTEN_OUT = 160 };

static Inst *inst_of(const Lanes *s, ValueId v) { return inst_at(s->h.f, v); }

/* ---- 1. blocks ----------------------------------------------------------------------------------------------------- */

static const Loop *loop_of(const Lanes *s, BlockId b) { return lanes_loop_of(s, b); }

/* The loop itself or the first one around it that iterations go round. */
static const Loop *real_loop(const Lanes *s, const Loop *loop) {
    while (loop && loop != s->h.loop && s->inner[loop->index].latch == NO_BLOCK) loop = loop->parent;
    return loop;
}

const Loop *lanes_loop_of(const Lanes *s, BlockId b) { return real_loop(s, s->h.loops->of_block[b]); }
const Loop *lanes_outer(const Lanes *s, const Loop *loop) { return real_loop(s, loop->parent); }

bool lanes_has(const Lanes *s, const Loop *loop, BlockId b) {
    const Loop *of = s->h.loops->of_block[b];
    while (of && of != loop) of = of->parent;
    return of != NULL;
}

static BlockId latch_of(const Lanes *s, const Loop *loop) {
    return loop == s->h.loop ? s->h.latch : s->inner[loop->index].latch;
}

bool lanes_is_whole(const Lanes *s, BlockId b) {
    return dom_dominates(&s->hot_dom, b, latch_of(s, loop_of(s, b)));
}

/* Sets the latch; false if there are several. */
static bool find_latch(Lanes *s, const Loop *loop) {
    const Block *header = block_at(s->h.f, loop->header);
    BlockId *latch = &s->inner[loop->index].latch;
    *latch = NO_BLOCK;
    for (uint32_t k = 0; k < header->pred.n; k++) {
        BlockId p = header->pred.at[k];
        if (!s->h.hot[p] || !lanes_has(s, loop, p)) continue;
        if (*latch != NO_BLOCK) return false;
        *latch = p;
    }
    return true;
}

static bool has_poll(const Lanes *s, const Loop *loop) {
    for (uint32_t k = 0; k < loop->blocks.n; k++) {
        const Block *b = block_at(s->h.f, loop->blocks.at[k]);
        for (uint32_t n = 0; n < b->inst.n; n++) {
            const Inst *i = inst_of(s, b->inst.at[n]);
            if (i->op == OP_poll || (i->op == OP_native && i->imm.native == NATIVE_poll)) return true;
        }
    }
    return false;
}

static bool find_inner(Lanes *s) {
    s->inner = arena_array(s->h.arena, LaneLoop, s->h.loops->loops.n);
    for (uint32_t k = 0; k < s->h.loops->loops.n; k++) {
        const Loop *l = s->h.loops->loops.at[k];
        if (l == s->h.loop || !lanes_has(s, s->h.loop, l->header) || !s->h.hot[l->header]) continue;
        if (!find_latch(s, l)) return false;
        s->inner[k].polls = has_poll(s, l);
    }
    for (uint32_t k = 0; k < s->h.loops->loops.n; k++) { /* outer before inner */
        const Loop *l = s->h.loops->loops.at[k];
        if (l == s->h.loop || !lanes_has(s, s->h.loop, l->header) || l->parent == s->h.loop) continue;
        const LaneLoop *outer = &s->inner[l->parent->index];
        s->inner[k].polls |= outer->latch == NO_BLOCK && outer->polls;
    }
    return true;
}

/* ---- 2. which values vary ------------------------------------------------------------------------------------------ */

static bool is_hot_value(const Lanes *s, ValueId v) {
    return v < s->h.nvalues && inst_of(s, v)->block != NO_BLOCK && s->h.hot[inst_of(s, v)->block];
}

static bool is_carried(const Lanes *s, ValueId v) {
    v = hot_value(&s->h, v);
    return is_hot_value(s, v) && s->traits[v] & CARRIED;
}

/* Of what a loop leaves behind, too, when lanes leave it at different times. */
static bool varies_at(const Lanes *s, ValueId v, BlockId use) {
    v = hot_value(&s->h, v);
    if (!is_hot_value(s, v)) return false;
    if (s->traits[v] & VARIES) return true;
    for (const Loop *of = loop_of(s, inst_of(s, v)->block); of != s->h.loop && !lanes_has(s, of, use);
         of = lanes_outer(s, of))
        if (s->inner[of->index].diverges) return true;
    return false;
}

/* Lanes may go different ways. */
static bool branch_varies(const Lanes *s, BlockId b) {
    const Inst *end = inst_of(s, ir_terminator(s->h.f, b));
    return end->op == OP_condbr && s->h.hot[end->imm.target[0]] && s->h.hot[end->imm.target[1]] &&
           varies_at(s, end->arg[0], b);
}

/* Lanes at work where this edge ends may disagree about taking it. */
static bool edge_apart(const Lanes *s, BlockId from, BlockId to) {
    const Loop *of = loop_of(s, from);
    bool apart = s->apart[from] || branch_varies(s, from);
    for (; of != s->h.loop && !lanes_has(s, of, to); of = lanes_outer(s, of))
        apart = (of == loop_of(s, from) ? s->inner[of->index].diverges
                                        : apart || s->inner[of->index].diverges) ||
                s->inner[of->index].entry_apart;
    return apart;
}

static bool preds_apart(const Lanes *s, BlockId b, const Loop *from_outside) {
    const Block *block = block_at(s->h.f, b);
    for (uint32_t k = 0; k < block->pred.n; k++) {
        BlockId p = block->pred.at[k];
        if (s->h.hot[p] && !(from_outside && lanes_has(s, from_outside, p)) && edge_apart(s, p, b))
            return true;
    }
    return false;
}

static unsigned traits_of_phi(const Lanes *s, const Inst *phi) {
    const Block *b = block_at(s->h.f, phi->block);
    unsigned t = 0;
    ValueId first = NO_VALUE;
    bool differ = false, apart = false;
    for (uint32_t k = 0; k < phi->nargs; k++) {
        if (!s->h.hot[b->pred.at[k]]) continue;
        ValueId x = hot_value(&s->h, phi->arg[k]);
        differ |= first != NO_VALUE && first != x;
        first = x;
        apart |= edge_apart(s, b->pred.at[k], phi->block);
        t |= (varies_at(s, x, phi->block) ? VARIES : 0) | (is_carried(s, x) ? CARRIED : 0);
    }
    bool is_header = loop_of(s, phi->block)->header == phi->block;
    return differ && apart && !is_header ? t | VARIES : t;
}

static unsigned traits_of(const Lanes *s, ValueId v) {
    const Inst *i = inst_of(s, v);
    unsigned t = s->traits[v];
    int64_t step;
    if (i->op == OP_phi && i->block == s->h.loop->header) {
        if (!hot_step(&s->h, v, &step)) return CARRIED;
        return step ? VARIES : 0;
    }
    if (i->op == OP_phi) return t | traits_of_phi(s, i);
    for (uint32_t k = 0; k < i->nargs; k++)
        t |= (varies_at(s, i->arg[k], i->block) ? VARIES : 0) | (is_carried(s, i->arg[k]) ? CARRIED : 0);
    return t;
}

/* Any hot edge out of the loop that not all lanes take. */
static bool loop_diverges(const Lanes *s, const Loop *loop) {
    for (uint32_t k = 0; k < loop->blocks.n; k++) {
        BlockId b = loop->blocks.at[k], succ[2];
        if (!s->h.hot[b]) continue;
        uint32_t n = ir_successors(s->h.f, b, succ);
        for (uint32_t t = 0; t < n; t++) {
            if (lanes_has(s, loop, succ[t]) || !s->h.hot[succ[t]]) continue;
            if (s->apart[b] || branch_varies(s, b)) return true;
            for (const Loop *of = loop_of(s, b); of != loop; of = lanes_outer(s, of))
                if (s->inner[of->index].diverges || s->inner[of->index].entry_apart) return true;
        }
    }
    return false;
}

static bool update_block(Lanes *s, BlockId b) {
    const Loop *of = loop_of(s, b);
    bool changed = false, is_header = of->header == b;
    if (!is_header && !s->apart[b] && !lanes_is_whole(s, b) && preds_apart(s, b, NULL))
        s->apart[b] = changed = true;
    if (is_header && of != s->h.loop) {
        LaneLoop *l = &s->inner[of->index];
        bool whole = dom_dominates(&s->hot_dom, b, latch_of(s, lanes_outer(s, of)));
        if (!l->entry_apart && !whole && preds_apart(s, b, of)) l->entry_apart = changed = true;
        if (!l->diverges && loop_diverges(s, of)) l->diverges = changed = true;
    }
    for (uint32_t k = 0; k < block_at(s->h.f, b)->inst.n; k++) {
        ValueId v = block_at(s->h.f, b)->inst.at[k];
        unsigned t = traits_of(s, v);
        changed |= t != s->traits[v];
        s->traits[v] = (uint8_t)t;
    }
    return changed;
}

static void find_traits(Lanes *s) {
    s->traits = arena_array(s->h.arena, uint8_t, s->h.nvalues);
    s->apart = arena_array(s->h.arena, bool, s->h.f->block.n);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t k = 0; k < s->h.order.n; k++) changed |= update_block(s, s->h.order.at[k]);
    }
}

/* ON_COUNT of what may be a sum of counters; hot_growth looks at the operations. */
static unsigned lanes_depends(HotLoop *h, ValueId v) {
    const Lanes *s = (const Lanes *)h;
    v = hot_value(h, v);
    if (!is_hot_value(s, v) || !(s->traits[v] & (VARIES | CARRIED))) return 0;
    const Inst *i = inst_of(s, v);
    if (s->traits[v] & CARRIED || (i->op == OP_phi && i->block != h->loop->header)) return ON_OTHER;
    return i->op == OP_load ? ON_DATA : ON_COUNT;
}

bool lanes_is_contiguous(Lanes *s, ValueId load) {
    Growth g = hot_growth(&s->h, inst_of(s, load)->arg[0]);
    return g.ok && g.factor == NO_VALUE && g.k == type_itemsize(value_type(s->h.f, load));
}

/* ---- 3. what the region may do ------------------------------------------------------------------------------------- */

static bool is_number(const Type *t) {
    return t && t->kind <= TYPE_FLOAT && !(t->kind == TYPE_FLOAT && t->bits < 32);
}

bool lanes_is_region_op(const Inst *i) {
    return i->op != OP_poll && i->op != OP_br && i->op != OP_condbr && i->op != OP_make && i->type &&
           i->type->nleaves;
}

/* All lanes are at work in every loop around. */
static bool all_at_work(const Lanes *s, BlockId b) {
    if (!lanes_is_whole(s, b)) return false;
    for (const Loop *of = loop_of(s, b); of != s->h.loop; of = lanes_outer(s, of))
        if (s->inner[of->index].diverges || s->inner[of->index].entry_apart) return false;
    return true;
}

/* Addresses that differ and are not contiguous are read one by one, which does not pay in inner loops. */
static bool can_load(Lanes *s, ValueId v, const Inst *load) {
    if (!is_number(load->type)) return false;
    if (!varies_at(s, load->arg[0], load->block)) return true;
    return all_at_work(s, load->block) && (lanes_is_contiguous(s, v) || loop_of(s, load->block) == s->h.loop);
}

static bool is_division(unsigned op) {
    return op == OP_sdiv || op == OP_udiv || op == OP_srem || op == OP_urem;
}

/* A division for lanes that are not at work must not fail; and machines have none for vectors of integers, so that in inner
 * loops only shifts pay. */
static bool can_divide(const Lanes *s, const Inst *i, bool varies) {
    int64_t k;
    if (!hot_is_const(&s->h, hot_value(&s->h, i->arg[1]), &k)) return !varies && lanes_is_whole(s, i->block);
    return k > 0 && (!varies || !(k & (k - 1)) || loop_of(s, i->block) == s->h.loop);
}

/* What codegen has for vectors. */
// clang-format off
static const bool lanewise[OP_COUNT] = {
    [OP_phi] = true, [OP_iadd] = true, [OP_isub] = true, [OP_imul] = true, [OP_iand] = true, [OP_ior] = true,
    [OP_ixor] = true, [OP_icmp] = true, [OP_fadd] = true, [OP_fsub] = true, [OP_fmul] = true, [OP_fdiv] = true,
    [OP_fneg] = true, [OP_fcmp] = true, [OP_select] = true, [OP_trunc] = true, [OP_sext] = true, [OP_zext] = true,
    [OP_sitofp] = true, [OP_uitofp] = true, [OP_fptosi] = true, [OP_fptoui] = true, [OP_fpext] = true,
    [OP_fptrunc] = true, [OP_shl] = true, [OP_ashr] = true, [OP_lshr] = true,
};
// clang-format on

static bool can_shift(const Lanes *s, const Inst *i) {
    int64_t k;
    bool shifts = i->op == OP_shl || i->op == OP_ashr || i->op == OP_lshr;
    return !shifts || hot_is_const(&s->h, hot_value(&s->h, i->arg[1]), &k);
}

/* Arithmetic on what earlier iterations computed, that all iterations do: it is left to the end of the region. */
static bool can_defer(const Lanes *s, const Inst *i) {
    return op_info[i->op].flags & OPF_PURE && i->op != OP_phi && !is_division(i->op) && is_number(i->type) &&
           loop_of(s, i->block) == s->h.loop && lanes_is_whole(s, i->block);
}

static bool can_compute(Lanes *s, ValueId v) {
    const Inst *i = inst_of(s, v);
    bool varies = s->traits[v] & VARIES;
    if (i->op == OP_condbr) return !is_carried(s, i->arg[0]);
    if (i->op == OP_phi && i->block == s->h.loop->header) return true;
    if (!lanes_is_region_op(i)) return hot_is_quiet(i);
    if (i->op == OP_field && hot_resolve(&s->h, v) != v) return true;
    if (s->traits[v] & CARRIED) return can_defer(s, i);
    if (!hot_is_quiet(i)) return false;
    if (i->op == OP_load) return can_load(s, v, i);
    if (is_division(i->op)) return is_number(i->type) && can_divide(s, i, varies);
    if (!varies) return is_number(i->type) || (i->op != OP_phi && !i->type->nfields);
    if (i->op == OP_ptr_add) return true;
    return is_number(i->type) && (lanewise[i->op] || i->op == OP_native) && can_shift(s, i);
}

static bool can_compute_block(Lanes *s, BlockId b) {
    const Block *block = block_at(s->h.f, b);
    for (uint32_t k = 0; k < block->inst.n; k++)
        if (!can_compute(s, block->inst.at[k])) return false;
    return true;
}

/* ---- 4. the region ------------------------------------------------------------------------------------------------- */

/* From the header to the body: polls and the counted test. */
static bool find_begin(Lanes *s) {
    BlockId b = s->h.loop->header;
    s->begin = NO_BLOCK;
    for (uint32_t n = 0; n < s->h.order.n && s->begin == NO_BLOCK; n++) {
        const Inst *end = inst_of(s, ir_terminator(s->h.f, b));
        if (!can_compute_block(s, b) || (end->op != OP_br && end->op != OP_condbr)) return false;
        bool stay = s->h.hot[end->imm.target[0]];
        ValueId cond = end->op == OP_condbr ? hot_value(&s->h, end->arg[0]) : NO_VALUE;
        BlockId next = end->imm.target[!stay];
        if (cond != NO_VALUE && !hot_is_poll(&s->h, cond)) {
            if (s->h.hot[end->imm.target[stay]] || !hot_add_counted(&s->h, cond, stay)) return false;
            s->test = b;
            s->begin = next;
        }
        b = next;
    }
    return s->begin != NO_BLOCK && loop_of(s, s->begin) == s->h.loop &&
           block_at(s->h.f, s->begin)->pred.n == 1;
}

/* The argument of a header's phi on the hot way into its loop, or round it. */
static ValueId phi_from(const Lanes *s, const Loop *loop, const Inst *phi, bool inside) {
    const Block *header = block_at(s->h.f, loop->header);
    for (uint32_t k = 0; k < header->pred.n; k++)
        if (s->h.hot[header->pred.at[k]] && lanes_has(s, loop, header->pred.at[k]) == inside)
            return hot_value(&s->h, phi->arg[k]);
    return NO_VALUE;
}

/* How often a loop goes round that counts up from one constant to another; -1: not known to do that. */
static int64_t count_trips(const Lanes *s, const Loop *loop) {
    const Inst *end = inst_of(s, ir_terminator(s->h.f, loop->header));
    if (end->op != OP_condbr || !lanes_has(s, loop, end->imm.target[0])) return -1;
    const Inst *test = inst_of(s, hot_value(&s->h, end->arg[0]));
    if (test->op != OP_icmp || test->sub != PRED_LT) return -1;
    const Inst *phi = inst_of(s, hot_value(&s->h, test->arg[0]));
    if (phi->op != OP_phi || phi->block != loop->header) return -1;
    int64_t first, step, stop;
    ValueId start = phi_from(s, loop, phi, false), next = phi_from(s, loop, phi, true);
    if (start == NO_VALUE || next == NO_VALUE || inst_of(s, next)->op != OP_iadd) return -1;
    bool known = hot_is_const(&s->h, start, &first) &&
                 hot_is_const(&s->h, hot_value(&s->h, test->arg[1]), &stop) &&
                 hot_is_const(&s->h, hot_value(&s->h, inst_of(s, next)->arg[1]), &step) &&
                 inst_of(s, hot_value(&s->h, inst_of(s, next)->arg[0])) == phi;
    if (!known || step <= 0 || first < -WRITTEN_OUT || first >= stop || stop > WRITTEN_OUT) return -1;
    return (stop - first + step - 1) / step;
}

/* A call of a function that there is for several numbers. */
static bool is_kernel(const Inst *i) { return i->op == OP_native && native_has_kernel(i->imm.native); }

/* The position behind the last call of one; 0: there is none. */
static uint32_t behind_kernels(const Func *f, BlockId b) {
    uint32_t n = f->unit->vector_math ? block_at(f, b)->inst.n : 0;
    while (n && !is_kernel(inst_at(f, block_at(f, b)->inst.at[n - 1]))) n--;
    return n;
}

static bool calls_kernels(const Lanes *s, BlockId b) { return behind_kernels(s->h.f, b) != 0; }

/* Calls of functions that there are for several numbers, less those of functions that are called once for each lane, around
 * which all vectors are put into memory. */
static int32_t count_kernels(const Lanes *s, BlockId b) {
    int32_t n = 0;
    for (uint32_t k = 0; k < block_at(s->h.f, b)->inst.n; k++) {
        ValueId v = block_at(s->h.f, b)->inst.at[k];
        const Inst *i = inst_of(s, v);
        if (i->op != OP_native || !(s->traits[v] & VARIES)) continue;
        n += is_kernel(i) ? 1 : native_is_intrinsic(i->imm.native) ? 0 : -1;
    }
    return n;
}

static int64_t count_operations(const Lanes *s, BlockId b) {
    int64_t n = 0;
    for (uint32_t k = 0; k < block_at(s->h.f, b)->inst.n; k++) {
        ValueId v = block_at(s->h.f, b)->inst.at[k];
        n += s->traits[v] & VARIES && is_number(inst_of(s, v)->type) && hot_resolve(&s->h, v) == v;
    }
    return n;
}

/* Nothing in the loop raises, or leaves it otherwise than by `test`. */
static bool ends_at(const Lanes *s, const Loop *loop, BlockId test) {
    for (uint32_t k = 0; k < loop->blocks.n; k++) {
        BlockId b = loop->blocks.at[k], succ[2];
        if (!s->h.hot[b]) return false;
        uint32_t n = ir_successors(s->h.f, b, succ);
        for (uint32_t i = 0; i < n && b != test; i++)
            if (!lanes_has(s, loop, succ[i])) return false;
    }
    return true;
}

/* Float arithmetic that must be done in the order of the iterations. */
static bool is_ordered(const Lanes *s, const Loop *loop, ValueId phi) {
    if (inst_of(s, phi)->type->kind != TYPE_FLOAT) return false;
    const Inst *next = inst_of(s, phi_from(s, loop, inst_of(s, phi), true));
    return !(next->flags & INST_REASSOC) && !(next->fastmath & FASTMATH_REASSOC);
}

/* The loop itself is one that LLVM vectorises when short loops in it are written out. */
static bool is_plain(const Lanes *s) {
    for (uint32_t k = 0; k < s->h.nphis; k++)
        if (s->traits[hot_phi(&s->h, k)] & CARRIED && is_ordered(s, s->h.loop, hot_phi(&s->h, k)))
            return false;
    return ends_at(s, s->h.loop, s->test);
}

/* Operations of a loop that is written out, with those in it; more than WRITTEN_OUT: it is not. */
static int64_t size_written_out(const Lanes *s, const Loop *loop) {
    int64_t trips = count_trips(s, loop), n = 0;
    if (trips < 0 || !ends_at(s, loop, loop->header)) return WRITTEN_OUT + 1;
    for (uint32_t k = 0; k < loop->blocks.n && n <= WRITTEN_OUT; k++) {
        BlockId b = loop->blocks.at[k];
        const Loop *of = s->h.loops->of_block[b];
        if (of == loop) n += count_operations(s, b);
        else if (of->parent == loop && of->header == b) n += size_written_out(s, of);
    }
    return trips * n;
}

/* Innermost when short loops are written out. */
static bool is_innermost(const Lanes *s, const Loop *loop) {
    if (size_written_out(s, loop) <= WRITTEN_OUT) return false;
    for (uint32_t k = 0; k < s->h.loops->loops.n; k++) {
        const Loop *l = s->h.loops->loops.at[k];
        if (l->parent == loop && s->h.hot[l->header] && size_written_out(s, l) > WRITTEN_OUT) return false;
    }
    return true;
}

/* A loop whose iterations need each other in a way that LLVM does not vectorise, and do not do the same in all lanes. */
static bool is_worth(const Lanes *s, const Loop *loop) {
    if (s->inner[loop->index].diverges) return true;
    const Block *header = block_at(s->h.f, loop->header);
    for (uint32_t k = 0; k < header->inst.n; k++) {
        ValueId v = header->inst.at[k];
        const Inst *i = inst_of(s, v);
        if (i->op != OP_phi) break;
        if (s->traits[v] & VARIES && is_ordered(s, loop, v)) return true;
    }
    return false;
}

static void find_worth(Lanes *s) {
    bool plain = is_plain(s);
    s->kernels_pay = !plain;
    for (uint32_t k = 0; k < s->h.loops->loops.n; k++) {
        const Loop *l = s->h.loops->loops.at[k];
        if (l == s->h.loop || !lanes_has(s, s->h.loop, l->header) || !s->h.hot[l->header]) continue;
        if (s->inner[k].latch == NO_BLOCK) continue;
        s->inner[k].worth = (plain ? is_innermost(s, l) : l->innermost) && is_worth(s, l);
    }
}

static bool phis_are_known(const Lanes *s, BlockId b) {
    const Block *block = block_at(s->h.f, b);
    for (uint32_t k = 0; k < block->inst.n && inst_of(s, block->inst.at[k])->op == OP_phi; k++)
        if (s->traits[block->inst.at[k]] & CARRIED || !is_number(inst_of(s, block->inst.at[k])->type))
            return false;
    return true;
}

static bool preds_inside(const Lanes *s, BlockId b) {
    const Block *block = block_at(s->h.f, b);
    for (uint32_t k = 0; k < block->pred.n; k++)
        if (s->h.hot[block->pred.at[k]] && !s->inside[block->pred.at[k]]) return false;
    return true;
}

/* The hot blocks from `begin` to before `end`. */
static void mark_inside(Lanes *s, BlockId end) {
    for (uint32_t k = 0; k < s->h.order.n; k++) {
        BlockId b = s->h.order.at[k];
        s->inside[b] = dom_dominates(s->h.dom, s->begin, b) && !dom_dominates(s->h.dom, end, b);
    }
}

static bool can_be_region(Lanes *s) {
    bool worth = false;
    int32_t kernels = 0;
    for (uint32_t k = 0; k < s->h.order.n; k++) {
        BlockId b = s->h.order.at[k];
        if (!s->inside[b]) continue;
        if (!can_compute_block(s, b)) return false;
        worth |= loop_of(s, b)->header == b && s->inner[loop_of(s, b)->index].worth;
        if (s->kernels_pay) kernels += count_kernels(s, b);
    }
    return worth || kernels > 0;
}

/* The longest part of the body behind `begin` that only computes, if a worthwhile loop is in it.  Every iteration comes by
 * its end. */
static bool find_end(Lanes *s) {
    s->inside = arena_array(s->h.arena, bool, s->h.f->block.n);
    for (BlockId b = s->h.latch; b != s->begin; b = s->h.dom->idom[b]) {
        if (s->h.loops->of_block[b] != s->h.loop) continue; /* a limit's loop comes back to its header */
        mark_inside(s, b);
        s->end = b;
        if (can_be_region(s) && phis_are_known(s, b) && preds_inside(s, b)) return true;
    }
    return false;
}

/* The widest numbers that are computed with, leaving out counters. */
static void find_width(Lanes *s) {
    uint32_t widest = 0, floats = 0;
    for (ValueId v = 0; v < s->h.nvalues; v++) {
        const Inst *i = inst_of(s, v);
        if (i->block == NO_BLOCK || !s->inside[i->block] || !(s->traits[v] & VARIES) || !is_number(i->type))
            continue;
        uint32_t nbytes = (uint32_t)type_itemsize(i->type);
        if (nbytes > widest) widest = nbytes;
        if (i->type->kind == TYPE_FLOAT && nbytes > floats) floats = nbytes;
    }
    s->nbytes = floats ? floats : widest > 4 ? widest : 4;
    s->nlanes = LANES_NBYTES / s->nbytes;
}

/* ---- 5. what leaves the region ------------------------------------------------------------------------------------- */

static bool add_out(Lanes *s, ValueId v);

/* What is deferred needs its operands then. */
static bool add_operands(Lanes *s, const Inst *i) {
    for (uint32_t k = 0; k < i->nargs; k++) {
        ValueId v = hot_value(&s->h, i->arg[k]);
        const Inst *x = inst_of(s, v);
        if (!s->inside[x->block]) continue;
        if (s->traits[v] & CARRIED ? !add_operands(s, x) : !add_out(s, v)) return false;
    }
    return true;
}

static bool add_out(Lanes *s, ValueId v) {
    for (uint32_t k = 0; k < s->nouts; k++)
        if (s->out[k] == v) return true;
    if (s->nouts == LANES_MAX_OUTS || !is_number(value_type(s->h.f, v))) return false;
    s->out[s->nouts++] = v;
    return !is_carried(s, v) || add_operands(s, inst_of(s, hot_value(&s->h, v)));
}

/* Marks what control reaches from b before the loop's next iteration. */
static void reach(Lanes *s, BlockId b, bool *reached) {
    BlockId succ[2];
    if (reached[b] || b == s->h.loop->header) return;
    reached[b] = true;
    uint32_t n = ir_successors(s->h.f, b, succ);
    for (uint32_t k = 0; k < n; k++) reach(s, succ[k], reached);
}

/* Where a value of the region is used: in it or where only it leads to, or behind it. */
static bool add_use(Lanes *s, ValueId v, BlockId at, const bool *reached) {
    if (v >= s->h.nvalues || inst_of(s, v)->block == NO_BLOCK || !s->inside[inst_of(s, v)->block])
        return true;
    if (dom_dominates(s->h.dom, s->end, at)) return add_out(s, v);
    return s->inside[at] || !reached[at];
}

static bool find_outs(Lanes *s) {
    bool *reached = arena_array(s->h.arena, bool, s->h.f->block.n);
    reach(s, s->end, reached);
    for (uint32_t k = 0; k < s->h.dom->norder; k++) {
        BlockId b = s->h.dom->order[k];
        for (uint32_t n = 0; n < block_at(s->h.f, b)->inst.n; n++) {
            const Inst *i = inst_of(s, block_at(s->h.f, b)->inst.at[n]);
            for (uint32_t a = 0; a < i->nargs; a++)
                if (!add_use(s, i->arg[a], i->op == OP_phi ? block_at(s->h.f, b)->pred.at[a] : b, reached))
                    return false;
        }
    }
    return true;
}

/* ---- the pass ------------------------------------------------------------------------------------------------------ */

/* Fields of what the loop puts together become what they were made of. */
static void replace_fields(Lanes *s, BlockId b) {
    uint32_t n = 0;
    while (n < block_at(s->h.f, b)->inst.n) {
        ValueId v = block_at(s->h.f, b)->inst.at[n], x = hot_resolve(&s->h, v);
        if (x == v || value_type(s->h.f, v)->nfields) {
            n++;
            continue;
        }
        ir_replace_uses(s->h.f, v, x);
        ir_delete(s->h.f, v);
    }
}

static bool split_phis(Lanes *s) {
    for (uint32_t k = 0; k < s->h.order.n; k++) {
        uint32_t n = hot_split_phis(&s->h, s->h.order.at[k]);
        if (n == HOT_MAX_PHIS) return false;
        if (s->h.order.at[k] == s->h.loop->header) s->h.nphis = n;
    }
    for (uint32_t k = 0; k < s->h.order.n; k++) replace_fields(s, s->h.order.at[k]);
    return true;
}

/* Something that a float or a test goes through again and again, or functions of several numbers. */
static bool may_pay(const Lanes *s) {
    for (uint32_t k = 0; k < s->h.order.n; k++) {
        const Loop *of = s->h.loops->of_block[s->h.order.at[k]];
        if ((of->innermost && of != s->h.loop) || calls_kernels(s, s->h.order.at[k])) return true;
    }
    return false;
}

static bool understand(Lanes *s) {
    if (block_at(s->h.f, s->h.loop->header)->cold || !hot_find(&s->h) || !may_pay(s) || !find_inner(s))
        return false;
    if (!split_phis(s)) return false;
    dom_compute_part(s->h.arena, s->h.f, s->h.order.at, s->h.order.n, &s->hot_dom);
    s->h.nvalues = s->h.f->inst.n;
    find_traits(s);
    if (!find_begin(s)) return false;
    find_worth(s);
    if (!find_end(s) || !find_outs(s) || !lanes_find_memory(s)) return false;
    find_width(s);
    return true;
}

static bool try_loop(Func *f, const Dominators *dom, const Loops *loops, const Loop *loop) {
    Lanes s = {.h = {.f = f, .arena = &f->unit->arena, .dom = dom, .loops = loops, .loop = loop}};
    s.h.depends = lanes_depends;
    s.h.without_limits = true;
    if (!understand(&s)) return false;
    lanes_emit(&s);
    f->unit->lanes++;
    func_remark(f, s.h.span, "vector", "%u iterations at a time, with their inner loops", s.nlanes);
    return true;
}

/* The innermost loop around an innermost one that has a region, or else that one itself. */
static bool visit_nest(Func *f, const Dominators *dom, const Loops *loops, const Loop *innermost,
                       bool *done) {
    for (const Loop *loop = innermost; loop; loop = loop->parent)
        if (done[loop->header]) return false;
    done[innermost->header] = true;
    for (const Loop *loop = innermost->parent; loop; loop = loop->parent) {
        if (!try_loop(f, dom, loops, loop)) continue;
        done[loop->header] = true;
        return true;
    }
    return try_loop(f, dom, loops, innermost);
}

static void split_behind_kernels(Func *f, BlockId b) {
    uint32_t n = behind_kernels(f, b), last = block_at(f, b)->inst.n - 1;
    while (n && n < last && hot_is_quiet(inst_at(f, block_at(f, b)->inst.at[n]))) n++;
    if (!n) return;
    BlockId rest = ir_split_block(f, b, n);
    ir_br(&(Builder){.f = f, .block = b}, rest);
}

static bool has_kernels(const Func *f) {
    for (BlockId b = 0; b < f->block.n; b++)
        if (behind_kernels(f, b)) return true;
    return false;
}

/* Regions end where blocks begin: what an iteration computes becomes a block, up to the first thing that it does. */
static void split_latches(Func *f) {
    Dominators dom;
    Loops loops;
    dom_compute(&f->unit->arena, f, &dom);
    loops_compute(&f->unit->arena, f, &dom, &loops);
    for (uint32_t k = 0; k < loops.loops.n; k++) {
        const Loop *l = loops.loops.at[k];
        for (uint32_t n = 0; l->innermost && n < l->blocks.n; n++) split_behind_kernels(f, l->blocks.at[n]);
    }
}

void pass_lanes(Func *f) {
    if (f->is_generator) return;
    bool kernels = has_kernels(f);
    if (kernels) split_latches(f);
    Arena *a = &f->unit->arena;
    bool *done = NULL;
    uint32_t nblocks = f->block.n;
    for (bool changed = true; changed;) {
        Dominators dom;
        Loops loops;
        dom_compute(a, f, &dom);
        loops_compute(a, f, &dom, &loops);
        if (!done) done = arena_array(a, bool, nblocks);
        changed = false;
        for (uint32_t k = 0; k < loops.loops.n && !changed; k++) {
            const Loop *l = loops.loops.at[k];
            if (l->innermost && (l->parent || kernels) && l->header < nblocks)
                changed = visit_nest(f, &dom, &loops, l, done);
        }
    }
}
