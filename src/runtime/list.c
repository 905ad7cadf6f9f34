/* list.c - the memory of lists: cells in one growing array, and the references that they hold.
 *
 * The cells are malloc'ed apart from the block, so that growing moves them without moving the list.  Capacity grows by an
 * eighth, as CPython's does, which keeps append amortised constant.  References in cells are found by the managed map: for
 * lists of numbers all of this is skipped.
 */
#include "runtime/runtime.h"

#include <stdlib.h>
#include <string.h>

/* ---- references in cells --------------------------------------------------------------------------------- */

static void each_owner(MemoryBlock *list, int64_t begin, int64_t end, void (*visit)(MemoryBlock *)) {
    const ListBody *b = list_body(list);
    if (!b->managed) return;
    for (int64_t i = begin; i < end; i++) {
        MemoryBlock **slot = (MemoryBlock **)(void *)(b->cells + i * b->cell_nbytes);
        for (uint64_t map = b->managed; map; map &= map - 1) visit(slot[__builtin_ctzll(map)]);
    }
}

static void retain(MemoryBlock *b) { block_retain(b); }
static void release(MemoryBlock *b) { block_release(b); }

void naja_list_retain(MemoryBlock *list, int64_t begin, int64_t end) { each_owner(list, begin, end, retain); }

void naja_list_release(MemoryBlock *list, int64_t begin, int64_t end) {
    each_owner(list, begin, end, release);
}

/* ---- life ------------------------------------------------------------------------------------------------ */

static void destroy(MemoryBlock *list) {
    naja_list_release(list, 0, list_body(list)->length);
    free(list_body(list)->cells);
}

static bool resize(ListBody *b, int64_t capacity) {
    int64_t nbytes;
    if (capacity == 0) {
        free(b->cells);
        b->cells = NULL;
        b->capacity = 0;
        return true;
    }
    if (__builtin_mul_overflow(capacity, b->cell_nbytes ? b->cell_nbytes : 1, &nbytes)) return false;
    char *cells = realloc(b->cells, (size_t)nbytes + 1);
    if (!cells) return false;
    b->cells = cells;
    b->capacity = capacity;
    return true;
}

MemoryBlock *naja_list_new(int64_t cell_nbytes, int64_t managed, int64_t capacity) {
    MemoryBlock *list = naja_block_new(sizeof(ListBody));
    if (!list) return NULL;
    *list_body(list) = (ListBody){.cell_nbytes = cell_nbytes, .managed = (uint64_t)managed};
    list->destroy = destroy;
    if (capacity > 0 && !resize(list_body(list), capacity)) {
        block_release(list);
        return NULL;
    }
    return list;
}

int32_t naja_list_reserve(MemoryBlock *list, int64_t ncells) {
    ListBody *b = list_body(list);
    if (ncells <= b->capacity) return 0;
    int64_t roomy;
    if (__builtin_add_overflow(ncells, (ncells >> 3) + (ncells < 9 ? 3 : 6), &roomy)) return 1;
    return resize(b, roomy) ? 0 : 1;
}

void naja_list_shrink(MemoryBlock *list) {
    ListBody *b = list_body(list);
    int64_t n = b->length;
    if (n < b->capacity >> 1) resize(b, n ? n + (n >> 3) + (n < 9 ? 3 : 6) : 0);
}

/* ---- arguments that outlive the call ---------------------------------------------------------------------- */

int32_t naja_escape(Context *context, void *parent, const void *data, MemoryBlock **owner) {
    *owner = NULL;
    return runtime_hooks.escape ? runtime_hooks.escape(context, parent, data, owner) : STATUS_OK;
}
