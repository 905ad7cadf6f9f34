/* cfg.c - from decoded instructions to basic blocks, exception regions, loops, and an order to visit them in.
 *
 *   1. Regions.  A handler that begins with PUSH_EXC was written by the user (try or with).  Others only restore
 *      the variables of an inlined comprehension and raise again: they do nothing that can be seen when the
 *      exception leaves the function, so they are kept only if it goes on to a handler of the user's.
 *   2. Leaders: jump targets, what follows a jump or an end of control, bounds and targets of regions.  So a
 *      block never spans two regions.
 *   3. Edges of control flow, from every block of a region to the region's handler too; a depth-first walk finds
 *      what is reachable and the retreating edges.
 *   4. Loops: the blocks that reach a retreating edge's source without passing its target.
 *   5. Order: topological but for the retreating edges, and a loop is left only when all of its blocks have been
 *      visited.  ssa.c depends on that: the variables of a loop are final behind it.
 *
 * CPython's compiler makes reducible graphs only; others would be ordered correctly but with coarser loops.
 */
#include "frontend/cfg.h"

typedef struct {
    uint32_t latch, header; /* a retreating edge */
} BackEdge;

typedef struct {
    Arena *arena;
    const Decoded *code;
    Cfg *g;
    uint32_t *block_of; /* by instruction */
    Vec(BackEdge) back;
    Vec(bool *) members; /* by loop: is a block in it */
} CfgBuild;

/* ---- regions --------------------------------------------------------------------------------------------------- */

static int32_t table_region_of(const Decoded *code, int32_t instruction) {
    for (uint32_t i = 0; i < code->regions.n; i++) {
        const ExceptionRegion *r = &code->regions.at[i];
        if (instruction >= r->begin && instruction < r->end) return (int32_t)i;
    }
    return NO_REGION;
}

static RegionKind region_kind(const Decoded *code, const ExceptionRegion *r) {
    uint32_t at = (uint32_t)r->target;
    if (code->code.at[at].op != I_PUSH_EXC) return REGION_RESTORE;
    bool is_with = at + 1 < code->code.n && code->code.at[at + 1].op == I_WITH_EXIT;
    return is_with ? REGION_WITH : REGION_TRY;
}

/* Handlers may themselves stand in a region; `left` ends the walk should the table be cyclic. */
static bool region_matters(const Decoded *code, const ExceptionRegion *r, uint32_t left) {
    if (region_kind(code, r) != REGION_RESTORE) return true;
    int32_t outer = table_region_of(code, r->target);
    return outer != NO_REGION && left && region_matters(code, &code->regions.at[outer], left - 1);
}

static void find_regions(CfgBuild *b) {
    const Decoded *code = b->code;
    for (uint32_t i = 0; i < code->regions.n; i++) {
        const ExceptionRegion *r = &code->regions.at[i];
        Region region = {.range = *r, .kind = region_kind(code, r)};
        if (region_matters(code, r, code->regions.n)) vec_push(b->arena, &b->g->regions, region);
    }
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static bool ends_control(uint8_t op) {
    return op == I_RETURN || op == I_RAISE || op == I_RERAISE || op == I_JUMP || op == I_UNROLL_END ||
           op == I_OBJMODE;
}

static void mark_leaders(CfgBuild *b, bool *leader) {
    uint32_t n = b->code->code.n;
    leader[0] = true;
    for (uint32_t i = 0; i < n; i++) {
        const Instruction *in = &b->code->code.at[i];
        if (opcode_is_jump(in->op)) leader[in->arg] = true;
        if (opcode_is_jump(in->op) || ends_control(in->op)) leader[i + 1] = true;
    }
    for (uint32_t i = 0; i < b->g->regions.n; i++) {
        const ExceptionRegion *r = &b->g->regions.at[i].range;
        leader[r->begin] = leader[r->end] = leader[r->target] = true;
    }
}

static int32_t region_at(const Cfg *g, uint32_t instruction) {
    for (uint32_t i = 0; i < g->regions.n; i++) {
        const ExceptionRegion *r = &g->regions.at[i].range;
        if ((int32_t)instruction >= r->begin && (int32_t)instruction < r->end) return (int32_t)i;
    }
    return NO_REGION;
}

static void split(CfgBuild *b) {
    uint32_t n = b->code->code.n, at = 0;
    bool *leader = arena_array(b->arena, bool, n + 1);
    mark_leaders(b, leader);
    for (uint32_t i = 0; i < n; i++) b->g->nblocks += leader[i];
    b->g->block = arena_array(b->arena, CfgBlock, b->g->nblocks);
    b->block_of = arena_array(b->arena, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        if (leader[i]) {
            b->g->block[at++] = (CfgBlock){
                .begin = i, .region = region_at(b->g, i), .entered_by = NO_REGION, .loop = NO_LOOP};
        }
        b->block_of[i] = at - 1;
        b->g->block[at - 1].end = i + 1;
    }
}

static void connect(CfgBuild *b) {
    for (uint32_t k = 0; k < b->g->nblocks; k++) {
        CfgBlock *block = &b->g->block[k];
        const Instruction *last = &b->code->code.at[block->end - 1];
        bool falls = !ends_control(last->op) && k + 1 < b->g->nblocks;
        if (falls) block->succ[block->nsucc++] = k + 1;
        if (opcode_is_jump(last->op) && !(falls && b->block_of[last->arg] == k + 1))
            block->succ[block->nsucc++] = b->block_of[last->arg];
        if (block->region == NO_REGION) continue;
        uint32_t handler = b->block_of[b->g->regions.at[block->region].range.target];
        block->succ[block->nsucc] = handler;
        b->g->block[handler].entered_by = block->region;
    }
}

/* ---- reachable blocks and retreating edges ----------------------------------------------------------------------- */

typedef enum { WALK_NEW, WALK_OPEN, WALK_DONE } WalkState;

/* Depth first, without recursion.  An edge to a block that is still open is a retreating one. */
static void walk(CfgBuild *b) {
    Cfg *g = b->g;
    uint8_t *state = arena_array(b->arena, uint8_t, g->nblocks);
    uint8_t *next = arena_array(b->arena, uint8_t, g->nblocks);
    uint32_t *stack = arena_array(b->arena, uint32_t, g->nblocks), depth = 0;
    stack[depth++] = 0;
    state[0] = WALK_OPEN;
    g->block[0].reachable = true;
    while (depth) {
        uint32_t k = stack[depth - 1];
        if (next[k] == cfg_nedges(&g->block[k])) {
            state[k] = WALK_DONE;
            depth--;
            continue;
        }
        uint32_t s = g->block[k].succ[next[k]++];
        vec_push(b->arena, &g->block[s].pred, k);
        if (state[s] == WALK_OPEN) {
            BackEdge e = {.latch = k, .header = s};
            vec_push(b->arena, &b->back, e);
        } else if (state[s] == WALK_NEW) {
            state[s] = WALK_OPEN;
            g->block[s].reachable = true;
            stack[depth++] = s;
        }
    }
}

/* ---- loops --------------------------------------------------------------------------------------------------------- */

/* All blocks that reach the latch without passing the header. */
static void add_members(CfgBuild *b, CfgLoop *loop, bool *member, uint32_t latch) {
    Vec(uint32_t) work = {0};
    if (!member[latch]) vec_push(b->arena, &work, latch);
    while (work.n) {
        uint32_t k = vec_pop(&work);
        if (member[k]) continue;
        member[k] = true;
        loop->nblocks++;
        for (uint32_t i = 0; i < b->g->block[k].pred.n; i++)
            vec_push(b->arena, &work, b->g->block[k].pred.at[i]);
    }
}

static uint32_t loop_with_header(CfgBuild *b, uint32_t header) {
    for (uint32_t i = 0; i < b->g->loops.n; i++)
        if (b->g->loops.at[i].header == header) return i;
    CfgLoop loop = {.header = header, .parent = NO_LOOP, .nblocks = 1};
    bool *member = arena_array(b->arena, bool, b->g->nblocks);
    member[header] = true;
    vec_push(b->arena, &b->g->loops, loop);
    vec_push(b->arena, &b->members, member);
    return b->g->loops.n - 1;
}

/* From the largest loop to the smallest: the last one to claim a block is its innermost loop. */
static void nest(CfgBuild *b) {
    Cfg *g = b->g;
    bool *placed = arena_array(b->arena, bool, g->loops.n);
    for (uint32_t turn = 0; turn < g->loops.n; turn++) {
        uint32_t largest = UINT32_MAX;
        for (uint32_t i = 0; i < g->loops.n; i++)
            if (!placed[i] &&
                (largest == UINT32_MAX || g->loops.at[i].nblocks > g->loops.at[largest].nblocks))
                largest = i;
        placed[largest] = true;
        CfgLoop *loop = &g->loops.at[largest];
        loop->parent = g->block[loop->header].loop;
        loop->depth = 1 + (loop->parent == NO_LOOP ? 0 : g->loops.at[loop->parent].depth);
        for (uint32_t k = 0; k < g->nblocks; k++)
            if (b->members.at[largest][k]) g->block[k].loop = (int32_t)largest;
    }
}

static void find_loops(CfgBuild *b) {
    for (uint32_t i = 0; i < b->back.n; i++) {
        uint32_t l = loop_with_header(b, b->back.at[i].header);
        add_members(b, &b->g->loops.at[l], b->members.at[l], b->back.at[i].latch);
    }
    nest(b);
}

/* ---- order ---------------------------------------------------------------------------------------------------------- */

/* Depth of the innermost loop of `last` that also holds k: how near k is. */
static uint32_t common_depth(const CfgBuild *b, uint32_t last, uint32_t k) {
    int32_t loop = b->g->block[last].loop;
    while (loop != NO_LOOP && !b->members.at[loop][k]) loop = b->g->loops.at[loop].parent;
    return loop == NO_LOOP ? 0 : b->g->loops.at[loop].depth;
}

/* Takes the block to visit next out of the list: the nearest one, the first in the code among equals. */
static uint32_t take_nearest(const CfgBuild *b, uint32_t *ready, uint32_t nready, uint32_t last) {
    uint32_t best = 0, best_depth = common_depth(b, last, ready[0]);
    for (uint32_t i = 1; i < nready; i++) {
        uint32_t depth = common_depth(b, last, ready[i]);
        if (depth > best_depth || (depth == best_depth && ready[i] < ready[best])) {
            best = i;
            best_depth = depth;
        }
    }
    uint32_t k = ready[best];
    ready[best] = ready[nready - 1];
    return k;
}

static void order_blocks(CfgBuild *b) {
    Cfg *g = b->g;
    int32_t *waiting = arena_array(b->arena, int32_t, g->nblocks); /* forward edges not yet seen */
    uint32_t *ready = arena_array(b->arena, uint32_t, g->nblocks), nready = 1, last = 0;
    g->order = arena_array(b->arena, uint32_t, g->nblocks);
    for (uint32_t k = 0; k < g->nblocks; k++) waiting[k] = (int32_t)g->block[k].pred.n;
    for (uint32_t i = 0; i < b->back.n; i++) waiting[b->back.at[i].header]--;
    ready[0] = 0;
    while (nready) {
        last = take_nearest(b, ready, nready--, last);
        g->order[g->norder++] = last;
        for (uint32_t i = 0; i < cfg_nedges(&g->block[last]); i++) {
            uint32_t s = g->block[last].succ[i];
            if (--waiting[s] == 0) ready[nready++] = s;
        }
    }
}

void cfg_build(Arena *a, const Decoded *code, Cfg *out) {
    memset(out, 0, sizeof *out);
    CfgBuild b = {.arena = a, .code = code, .g = out};
    find_regions(&b);
    split(&b);
    connect(&b);
    walk(&b);
    find_loops(&b);
    order_blocks(&b);
}
