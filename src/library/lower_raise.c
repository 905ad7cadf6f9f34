/* lower_raise.c - the emitters' workbench: raising, status checks, and what is released on the way out.
 *
 * An exception leaves the current block through an *exit*: a cold block that puts the payload into the context and goes
 * on to the *tail* for its cleanup list.  A tail releases the last value of the list and goes to the tail for the rest;
 * the one for the empty list records the frame and returns the status or, inside a `try`, goes to the landing block of the
 * handler, where nothing is recorded before somebody asks.  Exits are shared by raises with the same site, payload, cleanup list and handler, tails by all lists that begin alike: without
 * that, n raises among n live values would take n * n releases.  It is sound in SSA form: a value that dominates every
 * branch to a shared block dominates the block, and the block uses the same values for each of its branches.
 *
 *     exit A [x, y]       exit B [x, y]        exit C [x]
 *              \            /                   |
 *      release y (status, frame) ---> release x (status, frame) ---> return status
 */
#include "library/lower.h"
#include "runtime/abi.h"

typedef struct {
    uint32_t site;
    ValueId status; /* NO_VALUE: a new exception */
    BlockId handler;
    uint32_t npayload, ncleanup;
    const ValueId *payload, *cleanup;
    BlockId block;
} Exit;

/* Releases `value` and goes on to the tail `next`; the shortest one releases nothing and leaves. */
typedef struct {
    BlockId next;
    ValueId value;
    BlockId handler; /* of the shortest one; NO_BLOCK: the function is left */
    BlockId block;
    ValueId status, frame; /* phis: what was raised; the site of the call that it came from, or NO_SITE */
} Tail;

/* ---- raise sites ----------------------------------------------------------------------------------------- */

static bool same_text(const char *x, const char *y) { return x == y || (x && y && !strcmp(x, y)); }

static bool same_site(const RaiseSite *x, const RaiseSite *y) {
    return x->cls == y->cls && x->owns == y->owns && x->func == y->func && x->span == y->span &&
           x->nargs == y->nargs && same_text(x->builtin, y->builtin) && same_text(x->message, y->message) &&
           (x->nargs == 0 || !memcmp(x->arg, y->arg, x->nargs * sizeof x->arg[0]));
}

static uint64_t site_hash(const RaiseSite *s) {
    uint64_t h = hash_bytes((uint32_t[]){s->cls, s->func, s->span, s->nargs}, 4 * sizeof(uint32_t), 17);
    if (s->builtin) h = hash_bytes(s->builtin, strlen(s->builtin), h);
    if (s->message) h = hash_bytes(s->message, strlen(s->message), h);
    return h >> 1; /* never UINT64_MAX */
}

/* The row of a site, one for equal sites of a function. */
static uint32_t site_number(Lower *l, RaiseSite site) {
    uint64_t hash = site_hash(&site), found;
    if (map_find(&l->sites, hash, &found) && same_site(&l->unit->sites.at[found], &site))
        return (uint32_t)found;
    uint32_t number = unit_add_site(l->unit, site);
    map_set(&l->unit->arena, &l->sites, hash, number);
    return number;
}

/* ---- what an exit is -------------------------------------------------------------------------------------- */

static uint64_t exit_hash(const Exit *e) {
    uint64_t h = hash_bytes((uint32_t[]){e->site, e->status, e->handler}, 3 * sizeof(uint32_t), 23);
    h = hash_bytes(e->payload, e->npayload * sizeof(ValueId), h);
    return hash_bytes(e->cleanup, e->ncleanup * sizeof(ValueId), h) >> 1;
}

static bool same_exit(const Exit *x, const Exit *y) {
    return x->site == y->site && x->status == y->status && x->handler == y->handler &&
           x->npayload == y->npayload && x->ncleanup == y->ncleanup &&
           (x->npayload == 0 || !memcmp(x->payload, y->payload, x->npayload * sizeof(ValueId))) &&
           (x->ncleanup == 0 || !memcmp(x->cleanup, y->cleanup, x->ncleanup * sizeof(ValueId)));
}

static const ValueId *copy_values(Lower *l, const ValueId *at, uint32_t n) {
    ValueId *copy = arena_array(&l->unit->arena, ValueId, n);
    if (n) memcpy(copy, at, n * sizeof *copy);
    return copy;
}

/* What raise_new does to the context, without leaving the function. */
static void store_payload(Lower *l, const Exit *e) {
    size_t at = offsetof(Context, payload);
    for (uint32_t i = 0; i < e->npayload; i++) {
        ValueId context = ir_append(&l->b, OP_context, type_ptr, 0, NULL);
        ValueId slot = ir_ptr_add(&l->b, context, lower_i64(l, (int64_t)at));
        lower_store_slots(l, slot, e->payload[i], lower_type(l, e->payload[i]));
        at += sizeof(Slot) * lower_type(l, e->payload[i])->nleaves;
    }
}

static ValueId status_of(Lower *l, const Exit *e) {
    return e->status != NO_VALUE ? e->status : lower_int(l, type_i32, (int64_t)e->site + 1);
}

static ValueId frame_of(Lower *l, const Exit *e) {
    return lower_int(l, type_i32, (int32_t)(e->status != NO_VALUE ? e->site : NO_SITE));
}

/* ---- tails ----------------------------------------------------------------------------------------------- */

static uint64_t tail_hash(const Tail *t) {
    return hash_bytes((uint32_t[]){t->next, t->value, t->handler}, 3 * sizeof(uint32_t), 29) >> 1;
}

static void go_on(Lower *l, BlockId to, ValueId status_phi, ValueId status, ValueId frame_phi,
                  ValueId frame) {
    ir_phi_add(l->b.f, status_phi, status);
    ir_phi_add(l->b.f, frame_phi, frame);
    ir_br(&l->b, to);
}

static void build_tail(Lower *l, Tail *t, const Tail *next) {
    t->block = lower_block(l);
    block_at(l->b.f, t->block)->cold = true;
    t->status = ir_phi(l->b.f, t->block, type_i32);
    t->frame = ir_phi(l->b.f, t->block, type_i32);
    lower_at(l, t->block);
    if (next) {
        ir_emit(&l->b, OP_decref, NULL, t->value);
        go_on(l, next->block, next->status, t->status, next->frame, t->frame);
    } else if (t->handler != NO_BLOCK) {
        go_on(l, t->handler, l->handler_status, t->status, l->handler_frame, t->frame);
    } else {
        ir_append(&l->b, OP_raise_again, NULL, 2, (ValueId[]){t->status, t->frame});
    }
}

/* The tail that releases `value` before `next`, or with next NULL the shortest one. */
static const Tail *tail_before(Lower *l, const Tail *next, ValueId value) {
    Tail wanted = {
        next ? next->block : NO_BLOCK, value, next ? NO_BLOCK : l->handler, NO_BLOCK, NO_VALUE, NO_VALUE};
    uint64_t hash = tail_hash(&wanted);
    Tail *known = map_find_ptr(&l->tails, hash);
    if (known && known->next == wanted.next && known->value == wanted.value &&
        known->handler == wanted.handler)
        return known;
    Tail *made = arena_new(&l->unit->arena, Tail);
    *made = wanted;
    build_tail(l, made, next);
    map_set(&l->unit->arena, &l->tails, hash, (uint64_t)(uintptr_t)made);
    return made;
}

static const Tail *tail_for(Lower *l, uint32_t n, const ValueId *cleanup) {
    const Tail *tail = tail_before(l, NULL, NO_VALUE);
    for (uint32_t i = 0; i < n; i++) tail = tail_before(l, tail, cleanup[i]);
    return tail;
}

/* ---- exits ----------------------------------------------------------------------------------------------- */

/* With nothing to release, one instruction does it all. */
static void leave_at_once(Lower *l, const Exit *e) {
    if (e->status != NO_VALUE) {
        ir_append(&l->b, OP_raise_again, NULL, 2, (ValueId[]){e->status, frame_of(l, e)});
        return;
    }
    ValueId v = ir_append(&l->b, OP_raise_new, NULL, e->npayload, e->payload);
    inst_at(l->b.f, v)->imm.site = e->site;
}

static void leave(Lower *l, const Exit *e) {
    BlockId from = l->b.block;
    if (e->handler == NO_BLOCK) l->b.f->can_raise = true;
    if (e->handler == NO_BLOCK && e->ncleanup == 0) {
        leave_at_once(l, e);
        return;
    }
    const Tail *tail = tail_for(l, e->ncleanup, e->cleanup);
    lower_at(l, from);
    store_payload(l, e);
    go_on(l, tail->block, tail->status, status_of(l, e), tail->frame, frame_of(l, e));
}

static BlockId exit_block(Lower *l, Exit e) {
    uint64_t hash = exit_hash(&e);
    Exit *known = map_find_ptr(&l->error_blocks, hash);
    if (known && same_exit(known, &e)) return known->block;
    BlockId back = l->b.block;
    e.block = lower_block(l);
    block_at(l->b.f, e.block)->cold = true;
    lower_at(l, e.block);
    leave(l, &e);
    lower_at(l, back);
    e.payload = copy_values(l, e.payload, e.npayload);
    e.cleanup = copy_values(l, e.cleanup, e.ncleanup);
    Exit *record = arena_new(&l->unit->arena, Exit);
    *record = e;
    map_set(&l->unit->arena, &l->error_blocks, hash, (uint64_t)(uintptr_t)record);
    return e.block;
}

static RaiseSite placed(Lower *l, RaiseSite site, uint32_t npayload, const ValueId *payload) {
    site.func = (l->frame ? l->frame : l->b.f)->index;
    site.span = l->b.span;
    for (uint32_t i = 0; i < npayload; i++) site.owns |= type_is_managed(lower_type(l, payload[i]));
    return site;
}

static BlockId exit_of(Lower *l, RaiseSite site, ValueId status, uint32_t npayload, const ValueId *payload) {
    site = placed(l, site, npayload, payload);
    return exit_block(l, (Exit){.site = l->quiet ? NO_SITE : site_number(l, site),
                                .status = status,
                                .handler = l->handler,
                                .npayload = npayload,
                                .payload = payload,
                                .ncleanup = l->cleanup.n,
                                .cleanup = l->cleanup.at});
}

/* ---- raising --------------------------------------------------------------------------------------------- */

void lower_raise_site(Lower *l, RaiseSite site, uint32_t npayload, const ValueId *payload) {
    ir_br(&l->b, exit_of(l, site, NO_VALUE, npayload, payload));
}

void lower_raise(Lower *l, const char *exception, const char *message, uint32_t npayload,
                 const ValueId *payload) {
    lower_raise_site(l, (RaiseSite){.builtin = exception, .message = message}, npayload, payload);
}

static void branch_if(Lower *l, ValueId cond, BlockId exit) {
    BlockId next = lower_block(l);
    BlockId from = l->b.block;
    ir_condbr(&l->b, cond, exit, next);
    inst_at(l->b.f, ir_terminator(l->b.f, from))->flags |= INST_COLD;
    lower_at(l, next);
}

void lower_raise_if(Lower *l, ValueId cond, const char *exception, const char *message, uint32_t npayload,
                    const ValueId *payload) {
    int64_t known;
    if (lower_known_int(l, cond, &known) && !known) return;
    RaiseSite site = {.builtin = exception, .message = message};
    branch_if(l, cond, exit_of(l, site, NO_VALUE, npayload, payload));
}

void lower_check_status(Lower *l, ValueId status) {
    ValueId failed = ir_icmp(&l->b, PRED_NE, status, lower_int(l, type_i32, STATUS_OK));
    branch_if(l, failed, exit_of(l, (RaiseSite){0}, status, 0, NULL));
}

void lower_raise_again(Lower *l, ValueId status) {
    ir_br(&l->b, exit_of(l, (RaiseSite){0}, status, 0, NULL));
}

ValueId lower_record_error(Lower *l, RaiseSite site, uint32_t npayload, const ValueId *payload) {
    Exit e = {.site = site_number(l, placed(l, site, npayload, payload)),
              .status = NO_VALUE,
              .npayload = npayload,
              .payload = payload};
    store_payload(l, &e);
    return status_of(l, &e);
}

uint32_t lower_class_site(Lower *l, Handle cls) {
    return site_number(l, placed(l, (RaiseSite){.cls = cls}, 0, NULL));
}

void lower_check_memory(Lower *l, ValueId pointer) {
    ValueId none = ir_icmp(&l->b, PRED_EQ, pointer, lower_int(l, type_ptr, 0));
    lower_raise_if(l, none, "MemoryError", "", 0, NULL);
}

/* ---- cleanup --------------------------------------------------------------------------------------------- */

void lower_cleanup_push(Lower *l, ValueId managed) { vec_push(&l->unit->arena, &l->cleanup, managed); }

void lower_cleanup_pop(Lower *l, uint32_t n) {
    assert(n <= l->cleanup.n);
    l->cleanup.n -= n;
}
