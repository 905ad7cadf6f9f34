/* generators.c - the frames of generators: see GeneratorFrame in runtime/abi.h. */
#include "runtime/runtime.h"

#include <string.h>

MemoryBlock *naja_generator_new(Context *context, void *resume, int64_t nbytes);
void naja_generator_drop_items(MemoryBlock *generator);
int32_t naja_generator_resume(Context *context, MemoryBlock *generator, Slot *has_item);

static void release_list(const GeneratorFrame *frame, int64_t at, int64_t n) {
    MemoryBlock *const *list = (MemoryBlock *const *)frame + at;
    for (int64_t i = 0; i < n; i++)
        if (list[i]) block_release(list[i]);
}

static void destroy(MemoryBlock *generator) {
    GeneratorFrame *frame = block_data(generator);
    release_list(frame, frame->live_at, frame->nlive);
    release_list(frame, frame->items_at, frame->nitems);
    release_list(frame, frame->args_at, frame->nargs);
}

/* The maker fills in the places and the arguments; until then nothing is owned. */
MemoryBlock *naja_generator_new(Context *context, void *resume, int64_t nbytes) {
    MemoryBlock *generator = naja_block_new(nbytes);
    if (!generator) return NULL;
    GeneratorFrame *frame = block_data(generator);
    *frame = (GeneratorFrame){.spec = context->spec, .state = GENERATOR_START};
    memcpy(&frame->resume, &resume, sizeof resume);
    generator->destroy = destroy;
    return generator;
}

/* An item that was not taken. */
void naja_generator_drop_items(MemoryBlock *generator) {
    GeneratorFrame *frame = block_data(generator);
    int64_t n = frame->nitems;
    frame->nitems = 0;
    release_list(frame, frame->items_at, n);
}

/* A generator of another unit fails with that unit's status: boundary/ makes a Python exception of it. */
int32_t naja_generator_resume(Context *context, MemoryBlock *generator, Slot *has_item) {
    GeneratorFrame *frame = block_data(generator);
    if (frame->spec == context->spec) return frame->resume(context, has_item, generator);
    return runtime_hooks.resume_foreign(context, generator, has_item);
}
