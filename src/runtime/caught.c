/* caught.c - exceptions that compiled code catches: what a handler keeps of the context, and how it goes on its way.
 *
 * A pending exception lives in the status and the context, where the next one would overwrite it.  A handler that keeps
 * it moves it into a block of its own; raising it again copies it back.  The block owns what the payload owns
 * (the words that are blocks, by the raise site), the cause, and the Python exception if Python raised it.
 *
 * Nothing here needs the GIL but what concerns Python objects, which boundary/ does behind the hooks.
 */
#include "runtime/runtime.h"

#include <string.h>

/* When there is no memory for the block: it is shared, holds a MemoryError and is never freed. */
static struct {
    MemoryBlock block;
    Caught caught;
} no_memory = {.block = {.count = INT64_C(1) << 62}, .caught = {.status = STATUS_MEMORY}};

/* The cause of `raise ... from None`. */
MemoryBlock naja_no_cause = {.count = INT64_C(1) << 62};

static void each_managed(void *spec, int32_t status, const uint64_t *payload, void (*visit)(MemoryBlock *)) {
    if (status <= 0 || !runtime_hooks.managed_words) return;
    uint32_t words = runtime_hooks.managed_words(spec, status_site(status));
    for (uint32_t i = 0; words; i++, words >>= 1)
        if (words & 1) visit((MemoryBlock *)(uintptr_t)payload[i]);
}

static void destroy(MemoryBlock *b) {
    Caught *c = block_data(b);
    each_managed(c->spec, c->status, c->payload, block_release);
    block_release(c->cause);
    if (c->python) runtime_hooks.drop_error(c->python);
}

/* As compiled code does it (raise_again). */
static int32_t pass_frame(Context *context, int32_t status, uint32_t site) {
    if (context->nframes < CONTEXT_FRAMES) context->frame[context->nframes] = site;
    context->nframes++;
    return status | STATUS_RECORDED;
}

static uint32_t frames_kept(uint32_t n) { return n < CONTEXT_FRAMES ? n : CONTEXT_FRAMES; }

static bool is_python(const Context *context, int32_t status) {
    return status == STATUS_PYTHON_ERROR || (status == STATUS_INTERRUPT && context->python_error);
}

MemoryBlock *naja_catch(Context *context, int32_t status, uint32_t frame) {
    MemoryBlock *b = naja_block_new(sizeof(Caught));
    if (!b) {
        naja_drop_error(context, status);
        return &no_memory.block;
    }
    if (frame != UINT32_MAX) status = pass_frame(context, status, frame);
    Caught *c = block_data(b);
    c->status = status;
    c->spec = context->spec;
    c->nframes = status == STATUS_RECURSION || status == STATUS_MEMORY ? 0 : context->nframes;
    c->cause = context->cause;
    c->python_error = context->python_error;
    c->python = is_python(context, status) && runtime_hooks.take_error
                    ? runtime_hooks.take_error(context, status)
                    : NULL;
    if (status > 0) memcpy(c->payload, context->payload, sizeof c->payload);
    memcpy(c->frame, context->frame, frames_kept(c->nframes) * sizeof c->frame[0]);
    context->cause = NULL;
    context->python_error = 0;
    context->nframes = 0;
    b->destroy = destroy;
    return b;
}

void naja_drop_error(Context *context, int32_t status) {
    each_managed(context->spec, status, context->payload, block_release);
    void *exception = is_python(context, status) && runtime_hooks.take_error
                          ? runtime_hooks.take_error(context, status)
                          : NULL;
    if (exception) runtime_hooks.drop_error(exception);
    block_release(context->cause);
    context->cause = NULL;
    context->python_error = 0;
    context->nframes = 0;
}

MemoryBlock *naja_handled(Context *context) {
    MemoryBlock *b = naja_block_new(sizeof(Caught));
    if (!b) return &no_memory.block;
    *(Caught *)block_data(b) = (Caught){.status = STATUS_PYTHON_ERROR,
                                        .python_error = 1,
                                        .spec = context->spec,
                                        .python = runtime_hooks.handled_error()};
    b->destroy = destroy;
    return b;
}

bool naja_pending_matches(Context *context, int32_t status, uint32_t site) {
    return runtime_hooks.pending_matches(context, status, site);
}

bool naja_caught_matches(MemoryBlock *b, uint32_t site, Context *context) {
    return runtime_hooks.matches(block_data(b), context->spec, site);
}

int32_t naja_reraise(Context *context, MemoryBlock *b) {
    const Caught *c = block_data(b);
    each_managed(c->spec, c->status, c->payload, block_retain);
    block_retain(c->cause);
    context->cause = c->cause;
    context->nframes = c->nframes;
    context->python_error = c->python_error;
    if (c->status > 0) memcpy(context->payload, c->payload, sizeof c->payload);
    memcpy(context->frame, c->frame, frames_kept(c->nframes) * sizeof c->frame[0]);
    if (c->python) runtime_hooks.set_error(context, c->status, c->python);
    return c->status;
}

void naja_set_cause(Context *context, MemoryBlock *cause) {
    context->cause = cause ? cause : &naja_no_cause;
    block_retain(context->cause);
}
