/* nrt.c - memory for C libraries of extensions, by the table of functions that Numba's `NRT_get_api` gives.
 *
 * The table is an interface between binaries: six pointers in this order.  A library asks for blocks, hands memory of
 * its own over with a function that frees it, and counts owners; compiled code then holds such a block like any other
 * (`meminfo`).  What it manages lies behind the header, or elsewhere: `naja_nrt_data` tells which.
 */
#include "runtime/runtime.h"

#include <limits.h>

typedef void ManagedDestructor(void *data);

/* Where a library takes memory from, as it describes that; `opaque` goes to each function. */
typedef struct ExternalAllocator {
    void *(*allocate)(size_t nbytes, void *opaque);
    void *(*reallocate)(void *data, size_t nbytes, void *opaque);
    void (*release)(void *data, void *opaque);
    void *opaque;
} ExternalAllocator;

/* Behind the header of a block that manages memory elsewhere. */
typedef struct Managed {
    void *data;
    ManagedDestructor *destroy; /* NULL: `allocator` has it */
    const ExternalAllocator *allocator;
} Managed;

static void destroy_managed(MemoryBlock *b) {
    const Managed *m = block_data(b);
    if (m->destroy) m->destroy(m->data);
    else if (m->allocator) m->allocator->release(m->data, m->allocator->opaque);
}

static MemoryBlock *manage(Managed managed) {
    MemoryBlock *b = naja_block_new(sizeof managed);
    if (!b) return NULL;
    *(Managed *)block_data(b) = managed;
    b->destroy = destroy_managed;
    return b;
}

static MemoryBlock *api_allocate(size_t nbytes) {
    return nbytes <= LLONG_MAX ? naja_block_new((int64_t)nbytes) : NULL;
}

static MemoryBlock *api_allocate_external(size_t nbytes, const ExternalAllocator *allocator) {
    void *data = allocator->allocate(nbytes, allocator->opaque);
    if (!data) return NULL;
    MemoryBlock *b = manage((Managed){.data = data, .allocator = allocator});
    if (!b) allocator->release(data, allocator->opaque);
    return b;
}

static MemoryBlock *api_manage(void *data, ManagedDestructor *destroy) {
    return manage((Managed){.data = data, .destroy = destroy});
}

void *naja_nrt_data(MemoryBlock *b) {
    return b->destroy == destroy_managed ? ((const Managed *)block_data(b))->data : block_data(b);
}

static const struct {
    MemoryBlock *(*allocate)(size_t nbytes);
    MemoryBlock *(*allocate_external)(size_t nbytes, const ExternalAllocator *allocator);
    MemoryBlock *(*manage)(void *data, ManagedDestructor *destroy);
    void (*acquire)(MemoryBlock *b);
    void (*release)(MemoryBlock *b);
    void *(*data)(MemoryBlock *b);
} api = {api_allocate, api_allocate_external, api_manage, block_retain, naja_block_release, naja_nrt_data};

const void *naja_nrt_api(void) { return &api; }
