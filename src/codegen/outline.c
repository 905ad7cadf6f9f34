/* outline.c - cold loops become functions of their own.
 *
 * The checked copy of a versioned loop nest (passes/bounds) almost never runs, but inside the function it doubles
 * the time that LLVM needs for it.  As a function that LLVM does not optimise it costs little, and the function it
 * came from gets smaller.  A region is a set of cold blocks
 *
 *   - with one header, which is entered over one edge from outside; the other blocks have preds inside only,
 *   - with a loop in it (less is not worth a call),
 *   - whose values are used outside by phis at the ends of its exit edges only.
 *
 * The function takes the region's live-in values and returns a status; not 0 is an error, which its caller returns.
 * Otherwise it has left behind, in slots that the caller gives, the number of the exit it took and the operands of
 * the phis there:
 *
 *     block -> [call, status] -> error: return status
 *                             -> exit 0: load the phis' operands, go to its target
 *                             -> ...
 *                             -> the region returned: return 0
 */
#include "codegen/gen.h"

/* ---- finding regions ------------------------------------------------------------------------------------------- */

static bool is_reachable(const FuncGen *fg, BlockId b) { return b == fg->order[0] || fg->position[b] != 0; }

/* Cold blocks that are reached from `header` through cold blocks; mark[b] = id. */
static void grow(FuncGen *fg, BlockId b, uint32_t id) {
    if (fg->region_of[b] || !block_at(fg->f, b)->cold) return;
    fg->region_of[b] = id;
    BlockId next[2];
    for (uint32_t i = 0, n = ir_successors(fg->f, b, next); i < n; i++) grow(fg, next[i], id);
}

/* Takes out blocks that can be entered from outside, until none is left; the header has one such edge. */
static bool shrink(FuncGen *fg, Region *r, uint32_t id) {
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < fg->norder; i++) {
            const Block *b = block_at(fg->f, fg->order[i]);
            if (fg->region_of[fg->order[i]] != id || fg->order[i] == r->header) continue;
            for (uint32_t k = 0; k < b->pred.n; k++)
                if (is_reachable(fg, b->pred.at[k]) && fg->region_of[b->pred.at[k]] != id) {
                    fg->region_of[fg->order[i]] = 0;
                    changed = true;
                    break;
                }
        }
    }
    uint32_t nouter = 0;
    const Block *header = block_at(fg->f, r->header);
    for (uint32_t k = 0; k < header->pred.n; k++) {
        BlockId p = header->pred.at[k];
        if (!is_reachable(fg, p) || fg->region_of[p] == id) continue;
        r->from = p;
        nouter++;
    }
    return nouter == 1;
}

static void find_edges(FuncGen *fg, Region *r, uint32_t id) {
    for (uint32_t i = 0; i < fg->norder; i++) {
        BlockId b = fg->order[i], next[2];
        if (fg->region_of[b] != id) continue;
        if (inst_at(fg->f, ir_terminator(fg->f, b))->op == OP_ret) r->returns = true;
        for (uint32_t k = 0, n = ir_successors(fg->f, b, next); k < n; k++) {
            if (fg->region_of[next[k]] == id) r->has_loop |= fg->position[next[k]] <= fg->position[b];
            else vec_push(fg->g->arena, &r->exits, ((RegionExit){.from = b, .to = next[k]}));
            if (k && next[1] == next[0]) r->ambiguous = true;
        }
    }
}

/* A value of the region that is used outside, other than by a phi for an edge from the region. */
static bool leaks(FuncGen *fg, uint32_t id) {
    Func *f = fg->f;
    for (uint32_t i = 0; i < fg->norder; i++) {
        const Block *b = block_at(f, fg->order[i]);
        if (fg->region_of[fg->order[i]] == id) continue;
        for (uint32_t k = 0; k < b->inst.n; k++) {
            const Inst *in = inst_at(f, b->inst.at[k]);
            for (uint32_t a = 0; a < in->nargs; a++) {
                if (fg->region_of[inst_at(f, in->arg[a])->block] != id) continue;
                if (in->op != OP_phi || fg->region_of[b->pred.at[a]] != id) return true;
                if (inst_at(f, in->arg[a])->op == OP_alloca) return true; /* would end with the call */
            }
        }
    }
    return false;
}

static void add_live_in(FuncGen *fg, Region *r, uint32_t id, bool *seen, ValueId v) {
    if (seen[v] || fg->region_of[inst_at(fg->f, v)->block] == id) return;
    seen[v] = true;
    vec_push(fg->g->arena, &r->live_in, v);
}

/* What phis behind the region take from in front of it comes back from the region as well. */
static void find_passed_on(FuncGen *fg, Region *r, uint32_t id, bool *seen) {
    for (uint32_t i = 0; i < r->exits.n; i++) {
        const Block *to = block_at(fg->f, r->exits.at[i].to);
        uint32_t edge = ir_pred_index(fg->f, r->exits.at[i].to, r->exits.at[i].from);
        for (uint32_t k = 0; k < to->inst.n && inst_at(fg->f, to->inst.at[k])->op == OP_phi; k++)
            add_live_in(fg, r, id, seen, inst_at(fg->f, to->inst.at[k])->arg[edge]);
    }
}

static void find_live_in(FuncGen *fg, Region *r, uint32_t id) {
    Func *f = fg->f;
    bool *seen = arena_array(fg->g->arena, bool, f->inst.n);
    for (uint32_t i = 0; i < fg->norder; i++) {
        const Block *b = block_at(f, fg->order[i]);
        if (fg->region_of[fg->order[i]] != id) continue;
        for (uint32_t k = 0; k < b->inst.n; k++) {
            const Inst *in = inst_at(f, b->inst.at[k]);
            for (uint32_t a = 0; a < in->nargs; a++)
                if (in->op != OP_phi || is_reachable(fg, b->pred.at[a]))
                    add_live_in(fg, r, id, seen, in->arg[a]);
        }
    }
    find_passed_on(fg, r, id, seen);
}

static void forget(FuncGen *fg, uint32_t id) {
    for (BlockId b = 0; b < fg->f->block.n; b++)
        if (fg->region_of[b] == id) fg->region_of[b] = 0;
}

void gen_find_regions(FuncGen *fg) {
    fg->region_of = arena_array(fg->g->arena, uint32_t, fg->f->block.n);
    for (uint32_t i = 1; i < fg->norder; i++) {
        Region r = {.header = fg->order[i]};
        uint32_t id = fg->regions.n + 1;
        if (fg->region_of[r.header] || !block_at(fg->f, r.header)->cold) continue;
        grow(fg, r.header, id);
        bool fits = shrink(fg, &r, id);
        if (fits) find_edges(fg, &r, id);
        if (!fits || !r.has_loop || r.ambiguous || leaks(fg, id)) {
            forget(fg, id);
            continue;
        }
        find_live_in(fg, &r, id);
        vec_push(fg->g->arena, &fg->regions, r);
    }
}

/* ---- the call --------------------------------------------------------------------------------------------------- */

/* Leaves of the phis at the end of an exit edge, in order; `visit` sees each with its slot. */
static uint32_t each_phi_operand(FuncGen *fg, const RegionExit *e, bool load, LLVMValueRef slots) {
    Func *f = fg->f;
    const Block *to = block_at(f, e->to);
    uint32_t slot = 1;
    for (uint32_t k = 0; k < to->inst.n && inst_at(f, to->inst.at[k])->op == OP_phi; k++) {
        const Inst *phi = inst_at(f, to->inst.at[k]);
        ValueId v = phi->arg[ir_pred_index(f, e->to, e->from)];
        uint32_t n = gen_nleaves(phi->type);
        if (slots && load) {
            LLVMValueRef *leaf = arena_array(fg->g->arena, LLVMValueRef, n + 1);
            gen_load_slots(fg->g, phi->type, gen_offset(fg->g, slots, 8 * (uint64_t)slot), leaf);
            vec_push(fg->g->arena, (RegionPhis *)&e->phis, leaf);
        } else if (slots) {
            gen_store_slots(fg->g, phi->type, fg->leaf[v], gen_offset(fg->g, slots, 8 * (uint64_t)slot));
        }
        slot += n;
    }
    return slot;
}

static void declare_outlined(FuncGen *fg, Region *r, uint32_t nargs, LLVMValueRef *arg) {
    Gen *g = fg->g;
    LLVMTypeRef *param = arena_array(g->arena, LLVMTypeRef, nargs);
    for (uint32_t i = 0; i < nargs; i++) param[i] = LLVMTypeOf(arg[i]);
    r->type = LLVMFunctionType(g->i32, param, nargs, false);
    r->fn = LLVMAddFunction(g->module, "cold", r->type);
    LLVMSetLinkage(r->fn, LLVMInternalLinkage);
    static const char *const attributes[] = {"nounwind", "noinline", "optnone", "cold"};
    for (uint32_t i = 0; i < ARRAY_LEN(attributes); i++) gen_fn_attribute(g, r->fn, attributes[i], 0);
}

/* The context, the result, the slots, then what of the live-in values is not a constant. */
static uint32_t call_arguments(FuncGen *fg, const Region *r, LLVMValueRef slots, LLVMValueRef **out) {
    uint32_t n = 3;
    for (uint32_t i = 0; i < r->live_in.n; i++) n += gen_nleaves(gen_type(fg, r->live_in.at[i]));
    LLVMValueRef *arg = arena_array(fg->g->arena, LLVMValueRef, n);
    arg[0] = fg->context, arg[1] = fg->result, arg[2] = slots;
    n = 3;
    for (uint32_t i = 0; i < r->live_in.n; i++) {
        ValueId v = r->live_in.at[i];
        for (uint32_t k = 0; k < gen_nleaves(gen_type(fg, v)); k++)
            if (!LLVMIsConstant(fg->leaf[v][k])) arg[n++] = fg->leaf[v][k];
    }
    *out = arg;
    return n;
}

static void land(FuncGen *fg, Region *r, LLVMValueRef slots) {
    Gen *g = fg->g;
    LLVMBasicBlockRef last = NULL;
    for (uint32_t i = 0; i < r->exits.n; i++)
        r->exits.at[i].landing = last = gen_append(g, fg->fn, "landing");
    if (r->returns) last = gen_append(g, fg->fn, "returned");
    if (!last) LLVMBuildUnreachable(g->b);
    else if (r->exits.n + r->returns == 1) LLVMBuildBr(g->b, last);
    else {
        LLVMValueRef number = LLVMBuildLoad2(g->b, g->i32, slots, "");
        LLVMValueRef jump = LLVMBuildSwitch(g->b, number, last, r->exits.n);
        for (uint32_t i = 0; i < r->exits.n; i++)
            if (r->exits.at[i].landing != last)
                LLVMAddCase(jump, gen_i32(g, (int32_t)i), r->exits.at[i].landing);
    }
    for (uint32_t i = 0; i < r->exits.n; i++) {
        RegionExit *e = &r->exits.at[i];
        LLVMPositionBuilderAtEnd(g->b, e->landing);
        each_phi_operand(fg, e, true, slots);
        LLVMBuildBr(g->b, fg->first[e->to]);
    }
    if (!r->returns) return;
    LLVMPositionBuilderAtEnd(g->b, last);
    LLVMBuildRet(g->b, gen_i32(g, STATUS_OK));
}

void gen_call_region(FuncGen *fg, Region *r) {
    Gen *g = fg->g;
    uint32_t nslots = 1;
    for (uint32_t i = 0; i < r->exits.n; i++) {
        uint32_t n = each_phi_operand(fg, &r->exits.at[i], false, NULL);
        nslots = n > nslots ? n : nslots;
    }
    LLVMPositionBuilderAtEnd(g->b, fg->first[r->header]);
    LLVMValueRef slots = gen_alloca(g, fg->entry, 8 * (uint64_t)nslots), *arg;
    uint32_t n = call_arguments(fg, r, slots, &arg);
    declare_outlined(fg, r, n, arg);
    LLVMValueRef status = LLVMBuildCall2(g->b, r->type, r->fn, arg, n, "");
    LLVMBasicBlockRef failed = gen_append(g, fg->fn, "failed"), fine = gen_append(g, fg->fn, "fine");
    gen_branch_unlikely(g, LLVMBuildICmp(g->b, LLVMIntNE, status, gen_i32(g, 0), ""), failed, fine);
    LLVMPositionBuilderAtEnd(g->b, failed);
    LLVMBuildRet(g->b, status);
    LLVMPositionBuilderAtEnd(g->b, fine);
    land(fg, r, slots);
}

/* ---- the function ------------------------------------------------------------------------------------------------- */

/* Values that are live into the region are parameters here, in the order of call_arguments(), or constants. */
static void map_live_in(FuncGen *fg, const FuncGen *outer, const Region *r) {
    uint32_t at = 3;
    for (uint32_t i = 0; i < r->live_in.n; i++) {
        ValueId v = r->live_in.at[i];
        uint32_t n = gen_nleaves(gen_type(fg, v));
        fg->leaf[v] = arena_array(fg->g->arena, LLVMValueRef, n + 1);
        for (uint32_t k = 0; k < n; k++) {
            LLVMValueRef leaf = outer->leaf[v][k];
            fg->leaf[v][k] = LLVMIsConstant(leaf) ? leaf : LLVMGetParam(fg->fn, at++);
        }
    }
}

static void emit_exit(FuncGen *fg, const RegionExit *e, uint32_t number) {
    Gen *g = fg->g;
    LLVMPositionBuilderAtEnd(g->b, e->stub);
    each_phi_operand(fg, e, false, fg->slots);
    LLVMBuildStore(g->b, gen_i32(g, (int32_t)number), fg->slots);
    LLVMBuildRet(g->b, gen_i32(g, STATUS_OK));
}

/* `fg` is fresh but for the function's analysis, which it shares with `outer`. */
void gen_open_region(FuncGen *fg, const FuncGen *outer, Region *r) {
    fg->region = r;
    fg->fn = r->fn;
    fg->context = LLVMGetParam(r->fn, 0);
    fg->result = LLVMGetParam(r->fn, 1);
    fg->slots = LLVMGetParam(r->fn, 2);
    fg->entry = gen_append(fg->g, r->fn, "");
    map_live_in(fg, outer, r);
    for (uint32_t i = 0; i < r->exits.n; i++) r->exits.at[i].stub = gen_append(fg->g, r->fn, "exit");
    fg->last[r->from] = fg->entry; /* what the header's phis name */
}

void gen_close_region(FuncGen *fg) {
    for (uint32_t i = 0; i < fg->region->exits.n; i++) emit_exit(fg, &fg->region->exits.at[i], i);
}

/* A return inside the region: what the caller's switch takes for it. */
void gen_region_returns(FuncGen *fg) {
    if (fg->region) LLVMBuildStore(fg->g->b, gen_i32(fg->g, (int32_t)fg->region->exits.n), fg->slots);
}

LLVMBasicBlockRef gen_target(FuncGen *fg, BlockId from, BlockId to) {
    if (fg->region && fg->region_of[to] != fg->region_of[from])
        for (uint32_t i = 0; i < fg->region->exits.n; i++)
            if (fg->region->exits.at[i].from == from && fg->region->exits.at[i].to == to)
                return fg->region->exits.at[i].stub;
    return fg->first[to];
}

/* Where control comes from a pred, and the operand's leaves there; phi number `nth` of the block. */
LLVMBasicBlockRef gen_incoming(FuncGen *fg, BlockId from, BlockId to, uint32_t nth, LLVMValueRef **leaves) {
    uint32_t id = fg->region_of[from];
    if (id && !fg->region) {
        Region *r = &fg->regions.at[id - 1];
        for (uint32_t i = 0; i < r->exits.n; i++)
            if (r->exits.at[i].from == from && r->exits.at[i].to == to) {
                *leaves = r->exits.at[i].phis.at[nth];
                return r->exits.at[i].landing;
            }
    }
    return fg->last[from];
}
