/* instances.c - the memory of instances: of jitclasses and structrefs.
 *
 * The body is the members, as types/instances.c lays them out, then the managed map: a word for each 64 slots, with a bit
 * for each slot that holds a MemoryBlock.  The header's reserved words say where the map begins and how many words it has.
 *
 * Chains of instances (a list of a million nodes) must not be destroyed by recursion.  Who destroys the first one also
 * destroys, one after the other, what loses its last owner meanwhile: such blocks wait in a list of the thread.
 */
#include "runtime/runtime.h"

#include <string.h>

enum { MAP_AT, NMAPS, NEXT_WAITING }; /* reserved words */

static _Thread_local struct {
    MemoryBlock *first;
    bool busy;
} waiting;

static void release_later(MemoryBlock *b) {
    if (!b || atomic_fetch_sub_explicit(&b->count, 1, memory_order_acq_rel) != 1) return;
    if (b->destroy != naja_instance_destroy) {
        naja_block_destroy(b);
        return;
    }
    b->reserved[NEXT_WAITING] = (uint64_t)(uintptr_t)waiting.first;
    waiting.first = b;
}

static void release_members(MemoryBlock *b) {
    MemoryBlock *const *slot = block_data(b);
    const uint64_t *map = (const uint64_t *)(const void *)((char *)block_data(b) + b->reserved[MAP_AT]);
    for (uint64_t w = 0; w < b->reserved[NMAPS]; w++)
        for (uint64_t bits = map[w]; bits; bits &= bits - 1)
            release_later(slot[w * 64 + (uint64_t)__builtin_ctzll(bits)]);
}

void naja_instance_destroy(MemoryBlock *b) {
    bool outermost = !waiting.busy;
    waiting.busy = true;
    release_members(b);
    if (!outermost) return;
    while (waiting.first) {
        MemoryBlock *next = waiting.first;
        waiting.first = (MemoryBlock *)(uintptr_t)next->reserved[NEXT_WAITING];
        naja_block_destroy(next);
    }
    waiting.busy = false;
}

MemoryBlock *naja_instance_new(int64_t nbytes, int64_t nmaps) {
    MemoryBlock *b = naja_block_new_zeroed(nbytes + 8 * nmaps);
    if (!b || nmaps == 0) return b;
    b->destroy = naja_instance_destroy;
    b->reserved[MAP_AT] = (uint64_t)nbytes;
    b->reserved[NMAPS] = (uint64_t)nmaps;
    return b;
}
