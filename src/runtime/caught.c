/* caught.c - exceptions that compiled code catches: what a handler keeps of the context, and how it goes on its way.
 *
 * A pending exception lives in the context, where the next one would overwrite it.  `caught`, the first thing in every
 * handler, moves it into a block of its own; raising it again copies it back.  The block owns what the payload owns
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

static uint32_t managed_words(const Caught *c) {
    return c->status > 0 && runtime_hooks.managed_words ? runtime_hooks.managed_words(c->spec, c->site) : 0;
}

static void each_managed(const Caught *c, void (*visit)(MemoryBlock *)) {
    uint32_t words = managed_words(c);
    for (uint32_t i = 0; words; i++, words >>= 1)
        if (words & 1) visit((MemoryBlock *)(uintptr_t)c->payload[i]);
}

static void destroy(MemoryBlock *b) {
    Caught *c = block_data(b);
    each_managed(c, block_release);
    block_release(c->cause);
    if (c->python) runtime_hooks.drop_error(c->python);
}

static uint32_t frames_kept(uint32_t n) { return n < CONTEXT_FRAMES ? n : CONTEXT_FRAMES; }

MemoryBlock *naja_catch(Context *context, int32_t status) {
    MemoryBlock *b = naja_block_new(sizeof(Caught));
    if (!b) return &no_memory.block;
    Caught *c = block_data(b);
    bool is_python = status == STATUS_PYTHON_ERROR || (status == STATUS_INTERRUPT && context->python_error);
    c->status = status;
    c->site = status > 0 ? (uint32_t)status - 1 : 0;
    c->spec = context->spec;
    c->nframes = status == STATUS_RECURSION || status == STATUS_MEMORY ? 0 : context->nframes;
    c->cause = context->cause;
    c->python_error = context->python_error;
    c->python = is_python && runtime_hooks.take_error ? runtime_hooks.take_error(context, status) : NULL;
    if (status > 0) memcpy(c->payload, context->payload, sizeof c->payload);
    memcpy(c->frame, context->frame, frames_kept(c->nframes) * sizeof c->frame[0]);
    context->cause = NULL;
    context->python_error = 0;
    context->nframes = 0;
    b->destroy = destroy;
    return b;
}

bool naja_caught_matches(MemoryBlock *b, uint32_t site, Context *context) {
    return runtime_hooks.matches(block_data(b), context->spec, site);
}

int32_t naja_reraise(Context *context, MemoryBlock *b) {
    const Caught *c = block_data(b);
    each_managed(c, block_retain);
    block_retain(c->cause);
    context->cause = c->cause;
    context->site = c->site;
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

void naja_pass_frame(Context *context, uint32_t site) {
    if (context->nframes < CONTEXT_FRAMES) context->frame[context->nframes] = site;
    context->nframes++;
}
