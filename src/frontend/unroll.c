/* unroll.c - repeats the body of a `for` loop, once for every item of a tuple, in decoded code.
 *
 * Inference asks for it when the items of a tuple have different types: each then has a body of its own, in which
 * the item is t[k] with a constant k.  As it is code that is repeated, not IR, break, continue, else, nesting and
 * exception handlers need no care, and SSA is built from the result as from any other code.
 *
 *   1. The body is the natural loop of the FOR_ITER's block, as cfg.c finds it.  What is left by `break` or an
 *      exception is not part of it, and stays common to all items.
 *   2. The blocks where they are become the body of item 0; copies for the others are appended.  In each, FOR_ITER
 *      becomes UNROLL k, and jumps to the head go to the head of the next copy.
 *   3. Behind the last copy stands the end of the loop: UNROLL_END, which goes to where FOR_ITER would go.
 *   4. ITER becomes NOP: what is iterated over stays on the stack in the place of the iterator.
 *   5. Copies of instructions in a region of the exception table get entries of their own.
 *
 * Positions in the code never change, so a loop is named by the instruction of its ITER, also in code in which other
 * loops have been unrolled before.
 */
#include "frontend/build.h"

enum { MAX_INSTRUCTIONS = 100000, MAX_BETWEEN = 16 };

typedef struct {
    Arena *arena;
    Decoded *code;
    Cfg cfg;
    const Unroll *unroll;
    uint32_t for_iter, head, exit; /* instruction, block, instruction */
    Vec(uint32_t) member; /* blocks of the loop, in the order of the code; the head alone if nothing loops */
    bool loops;
    uint32_t *offset; /* by block: where it begins in a copy */
    uint32_t copy_size, first_copy;
} Unroller;

/* The FOR_ITER that takes what an ITER leaves: next to it, or, of an inlined comprehension, behind what saves its
 * variables. */
static bool find_for_iter(Unroller *u) {
    uint32_t at = u->unroll->iter == UNROLL_FIRST ? 0 : (uint32_t)u->unroll->iter - 1;
    for (uint32_t steps = 0; steps < MAX_BETWEEN && at < u->code->code.n; steps++, at++) {
        while (u->code->code.at[at].op == I_JUMP && steps++ < MAX_BETWEEN)
            at = (uint32_t)u->code->code.at[at].arg; /* of a copy: what fell through before */
        uint8_t op = u->code->code.at[at].op;
        if (op == I_FOR_ITER) {
            u->for_iter = at;
            u->exit = (uint32_t)u->code->code.at[at].arg;
            return true;
        }
        if (opcode_is_jump(op) || op == I_CALL || op == I_RETURN) return false;
    }
    return false;
}

static uint32_t block_of(const Unroller *u, uint32_t instruction) {
    uint32_t k = 0;
    while (u->cfg.block[k].end <= instruction) k++;
    return k;
}

static void find_members(Unroller *u) {
    u->head = block_of(u, u->for_iter);
    int32_t own = NO_LOOP;
    for (uint32_t i = 0; i < u->cfg.loops.n; i++)
        if (u->cfg.loops.at[i].header == u->head) own = (int32_t)i;
    u->loops = own != NO_LOOP;
    u->offset = arena_array(u->arena, uint32_t, u->cfg.nblocks);
    for (uint32_t k = 0; k < u->cfg.nblocks && u->loops; k++) {
        int32_t loop = u->cfg.block[k].reachable ? u->cfg.block[k].loop : NO_LOOP;
        while (loop != NO_LOOP && loop != own) loop = u->cfg.loops.at[loop].parent;
        u->offset[k] = UINT32_MAX;
        if (loop != own) continue;
        u->offset[k] = u->copy_size;
        u->copy_size += u->cfg.block[k].end - u->cfg.block[k].begin + 1; /* a jump for what falls through */
        vec_push(u->arena, &u->member, k);
    }
}

static bool is_member(const Unroller *u, uint32_t block) {
    return u->loops && u->offset[block] != UINT32_MAX;
}

/* Where copy number k of the head begins; copy 0 is the code as it was. */
static uint32_t head_of(const Unroller *u, uint32_t k) {
    return k ? u->first_copy + (k - 1) * u->copy_size + (k < u->unroll->n ? u->offset[u->head] : 0)
             : u->cfg.block[u->head].begin;
}

/* The target of a jump in copy k. */
static uint32_t target_in(const Unroller *u, uint32_t k, uint32_t target) {
    uint32_t block = block_of(u, target);
    if (!is_member(u, block)) return target;
    if (block == u->head) return head_of(u, k + 1);
    return k ? u->first_copy + (k - 1) * u->copy_size + u->offset[block] +
                   (target - u->cfg.block[block].begin)
             : target;
}

static bool falls_through(uint8_t op) {
    return op != I_RETURN && op != I_RAISE && op != I_RERAISE && op != I_JUMP && op != I_OBJMODE &&
           op != I_UNROLL_END;
}

static void append(Unroller *u, uint8_t op, uint32_t arg, int32_t offset) {
    vec_push(u->arena, &u->code->code, ((Instruction){op, (int32_t)arg, offset}));
}

static Instruction unrolled(const Unroller *u, uint32_t k, int32_t offset) {
    return (Instruction){u->unroll->counts ? I_UNROLL_COUNT : I_UNROLL, (int32_t)k, offset};
}

/* Copies the instructions of a block up to `end`, and its entry in the exception table. */
static void copy_block(Unroller *u, uint32_t block, uint32_t end, uint32_t k) {
    uint32_t begin = u->cfg.block[block].begin, to = u->code->code.n;
    for (uint32_t i = begin; i < end; i++) {
        Instruction in = u->code->code.at[i];
        if (i == u->for_iter) in = unrolled(u, k, in.offset);
        else if (opcode_is_jump(in.op)) in.arg = (int32_t)target_in(u, k, (uint32_t)in.arg);
        vec_push(u->arena, &u->code->code, in);
    }
    for (uint32_t i = 0, n = u->code->regions.n; i < n && end > begin; i++) {
        ExceptionRegion r = u->code->regions.at[i];
        if ((int32_t)begin < r.begin || (int32_t)begin >= r.end) continue;
        r.begin = (int32_t)to;
        r.end = (int32_t)(to + (end - begin));
        r.target = (int32_t)target_in(u, k, (uint32_t)r.target);
        vec_push(u->arena, &u->code->regions, r);
        break;
    }
}

/* A whole block, with a jump where control would fall into the next one. */
static void copy_member(Unroller *u, uint32_t block, uint32_t k) {
    uint32_t end = u->cfg.block[block].end;
    const Instruction last = u->code->code.at[end - 1];
    copy_block(u, block, end, k);
    append(u, I_JUMP, falls_through(last.op) ? target_in(u, k, end) : u->exit, last.offset);
}

static void append_end(Unroller *u) {
    int32_t offset = u->code->code.at[u->for_iter].offset;
    copy_block(u, u->head, u->for_iter, u->unroll->n);
    append(u, I_UNROLL_END, u->exit, offset);
}

/* Copy 0: jumps to the head go on to the next copy.  A block that falls into the head has no room for a jump. */
static bool can_continue(const Unroller *u) {
    for (uint32_t i = 0; i < u->member.n; i++) {
        uint32_t end = u->cfg.block[u->member.at[i]].end;
        if (end == u->cfg.block[u->head].begin && falls_through(u->code->code.at[end - 1].op)) return false;
    }
    return true;
}

static void retarget_first(Unroller *u) {
    for (uint32_t i = 0; i < u->member.n; i++) {
        const CfgBlock *b = &u->cfg.block[u->member.at[i]];
        Instruction *last = &u->code->code.at[b->end - 1];
        if (opcode_is_jump(last->op) && last->op != I_FOR_ITER)
            last->arg = (int32_t)target_in(u, 0, (uint32_t)last->arg);
    }
}

bool unroll(Arena *a, Decoded *code, const Unroll *which) {
    Unroller u = {.arena = a, .code = code, .unroll = which};
    if (!find_for_iter(&u)) return false;
    if (which->iter != UNROLL_FIRST) code->code.at[which->iter - 1].op = I_NOP;
    if (which->n == 0) { /* the body is never reached */
        code->code.at[u.for_iter].op = I_UNROLL_END;
        return true;
    }
    cfg_build(a, code, &u.cfg);
    find_members(&u);
    if (!can_continue(&u) || (uint64_t)u.copy_size * which->n > MAX_INSTRUCTIONS) return false;
    u.first_copy = code->code.n;
    for (uint32_t k = 1; k < which->n && u.loops; k++)
        for (uint32_t i = 0; i < u.member.n; i++) copy_member(&u, u.member.at[i], k);
    if (u.loops) append_end(&u);
    retarget_first(&u);
    code->code.at[u.for_iter] = unrolled(&u, 0, code->code.at[u.for_iter].offset);
    return true;
}
