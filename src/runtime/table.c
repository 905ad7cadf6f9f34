/* table.c - the memory of sets and dicts.
 *
 * Entries lie in one array in the order of insertion.  A table of slots, at most five eighths full, is searched by linear
 * probing; a slot keeps 31 bits of the hash beside the number of its entry, so that a search looks at an entry only when it
 * is very likely the one, and growing moves slots without looking at keys.  A removed entry leaves a hole in the array (its
 * mark is 0), which is closed when the array is full; in the table of slots the ones behind it move up, so that there are
 * no tombstones to pass.
 *
 * Keys are compared, and cells filled, by compiled code (naja/library/tables.py) and by boundary/tables.c: nothing here
 * knows types, only the sizes of cells and which of their slots hold blocks.
 *
 * Invariants: slots in use = live <= used <= capacity < (mask + 1) * 5 / 8 + 1; marks[i] is 0 exactly for holes i < used.
 */
#include "runtime/text.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FEWEST_SLOTS = 8, LONG_SEARCH = 32 };
static const int64_t most_slots = INT64_C(1) << 31;

static int64_t room(int64_t nslots) { return nslots * 5 / 8; }

/* ---- references in cells --------------------------------------------------------------------------------- */

static void each_owner(char *cell, uint64_t managed, void (*visit)(MemoryBlock *)) {
    MemoryBlock **slot = (MemoryBlock **)(void *)cell;
    for (uint64_t map = managed; map; map &= map - 1) visit(slot[__builtin_ctzll(map)]);
}

static void each_entry(TableBody *t, void (*visit)(MemoryBlock *)) {
    if (!(t->key_managed | t->value_managed)) return;
    for (int64_t i = 0; i < t->used; i++) {
        if (!t->marks[i]) continue;
        each_owner(t->entries + i * t->entry_nbytes, t->key_managed, visit);
        each_owner(t->entries + i * t->entry_nbytes + t->value_at, t->value_managed, visit);
    }
}

static void retain(MemoryBlock *b) { block_retain(b); }
static void release(MemoryBlock *b) { block_release(b); }

/* ---- life ------------------------------------------------------------------------------------------------ */

void naja_table_destroy(MemoryBlock *table) {
    TableBody *t = table_body(table);
    each_entry(t, release);
    free(t->slots);
}

/* Slots, entries and marks are one piece of memory: malloc() keeps freed pieces of the size of the greatest at hand, and
 * pages that come fresh from the system cost more than filling them. */
static bool allocate(TableBody *t, int64_t nslots) {
    int64_t n = room(nslots), nbytes, slots_nbytes = nslots * (int64_t)sizeof *t->slots;
    if (nslots > most_slots || __builtin_mul_overflow(n, t->entry_nbytes, &nbytes)) return false;
    nbytes = (nbytes + 3) & ~INT64_C(3); /* for the marks behind them, when entries are of odd sizes */
    char *memory = malloc((size_t)(slots_nbytes + nbytes + n * (int64_t)sizeof *t->marks));
    if (!memory) return false;
    t->slots = memset(memory, 0, (size_t)slots_nbytes);
    t->entries = memory + slots_nbytes;
    t->marks = (int32_t *)(void *)(t->entries + nbytes);
    t->mask = nslots - 1;
    t->capacity = n;
    return true;
}

static int64_t slots_for(int64_t n) {
    int64_t nslots = FEWEST_SLOTS;
    while (room(nslots) < n && nslots <= most_slots) nslots *= 2;
    return nslots;
}

MemoryBlock *naja_table_new(const int64_t *layout, int64_t capacity) {
    MemoryBlock *table = naja_block_new(sizeof(TableBody));
    if (!table) return NULL;
    TableBody *t = table_body(table);
    *t = (TableBody){.entry_nbytes = layout[0],
                     .value_at = layout[1],
                     .key_managed = (uint64_t)layout[2],
                     .value_managed = (uint64_t)layout[3],
                     .factor = 1};
    table->destroy = naja_table_destroy;
    if (allocate(t, slots_for(capacity))) return table;
    block_release(table);
    return NULL;
}

MemoryBlock *naja_table_like(MemoryBlock *from, int64_t capacity) {
    const TableBody *f = table_body(from);
    int64_t layout[4] = {f->entry_nbytes, f->value_at, (int64_t)f->key_managed, (int64_t)f->value_managed};
    return naja_table_new(layout, capacity);
}

/* ---- slots ------------------------------------------------------------------------------------------------- */

static int64_t hash_at(uint64_t slot) { return (int64_t)(slot >> 32); }

/* Gives the number of slots passed. */
static int64_t put_slot(TableBody *t, uint64_t slot) {
    int64_t home = table_home(t, hash_at(slot)), at = home;
    while (t->slots[at]) at = (at + 1) & t->mask;
    t->slots[at] = slot;
    return (at - home) & t->mask;
}

/* Puts entry i, which is in no slot yet, into the table of slots. */
static int64_t link_entry(TableBody *t, int64_t i, int64_t hash) {
    return put_slot(t, (uint64_t)hash << 32 | (uint64_t)(i + 1));
}

static int64_t slot_of(const TableBody *t, int64_t i) {
    int64_t at = table_home(t, t->marks[i] - 1);
    while ((t->slots[at] & UINT32_MAX) != (uint64_t)(i + 1)) at = (at + 1) & t->mask;
    return at;
}

/* Frees a slot; those behind it that would no longer be found move up. */
static void unlink_entry(TableBody *t, int64_t i) {
    int64_t hole = slot_of(t, i);
    for (int64_t at = (hole + 1) & t->mask; t->slots[at]; at = (at + 1) & t->mask) {
        int64_t home = table_home(t, hash_at(t->slots[at]));
        if (((at - home) & t->mask) < ((at - hole) & t->mask)) continue;
        t->slots[hole] = t->slots[at];
        hole = at;
    }
    t->slots[hole] = 0;
}

/* ---- growing ------------------------------------------------------------------------------------------------ */

/* Small tables grow fourfold: that halves the moves, and the memory that is left behind. */
static int64_t grown(int64_t nslots) { return nslots * (nslots < 1 << 16 ? 4 : 2); }

/* Copies entries that have no holes among them.  Slots move in their own order, so that both tables are gone through from
 * front to back; entries in the order of insertion would jump about in the new one. */
static void copy_entries(TableBody *to, const TableBody *t) {
    memcpy(to->entries, t->entries, (size_t)(t->used * t->entry_nbytes));
    memcpy(to->marks, t->marks, (size_t)t->used * sizeof *t->marks);
    to->used = t->used;
    for (int64_t from = 0; from <= t->mask; from++)
        if (t->slots[from]) put_slot(to, t->slots[from]);
}

static void copy_without_holes(TableBody *to, const TableBody *t) {
    to->used = 0;
    for (int64_t i = 0; i < t->used; i++) {
        if (!t->marks[i]) continue;
        memcpy(to->entries + to->used * t->entry_nbytes, t->entries + i * t->entry_nbytes,
               (size_t)t->entry_nbytes);
        to->marks[to->used] = t->marks[i];
        link_entry(to, to->used++, t->marks[i] - 1);
    }
}

static void move_entries(TableBody *to, const TableBody *t) {
    if (t->live == t->used) copy_entries(to, t);
    else copy_without_holes(to, t);
}

/* Moves the entries to memory for more of them. */
static bool rebuild(TableBody *t, int64_t nslots) {
    TableBody to = *t;
    if (!allocate(&to, nslots)) return false;
    move_entries(&to, t);
    free(t->slots);
    *t = to;
    return true;
}

static bool is_scattered(const TableBody *t) { return t->shift != 0; }

/* Without memory for it the table stays as it is, which costs time only. */
static void scatter(TableBody *t) {
    TableBody as_it_was = *t;
    t->factor = TABLE_HASH_FACTOR;
    t->shift = TABLE_HASH_SHIFT;
    if (!rebuild(t, t->mask + 1)) *t = as_it_was;
}

int32_t naja_table_reserve(MemoryBlock *table, int64_t n) {
    TableBody *t = table_body(table);
    return n <= t->capacity || rebuild(t, slots_for(n)) ? 0 : 1;
}

/* A new entry for a key that is not there: its cells are the caller's to fill, at once.  NULL: memory is short. */
char *naja_table_add(MemoryBlock *table, int64_t hash) {
    TableBody *t = table_body(table);
    if (t->used == t->capacity) {
        bool holes = t->live < t->used - t->used / 4;
        if (!rebuild(t, holes ? t->mask + 1 : grown(t->mask + 1))) return NULL;
    }
    int64_t i = t->used++;
    t->live++;
    t->changes++;
    t->marks[i] = (int32_t)(hash + 1);
    if (link_entry(t, i, hash) > LONG_SEARCH && !is_scattered(t)) scatter(t);
    return t->entries + (t->used - 1) * t->entry_nbytes;
}

/* ---- removing ------------------------------------------------------------------------------------------------ */

void naja_table_remove(MemoryBlock *table, int64_t i) {
    TableBody *t = table_body(table);
    MemoryBlock *owned[128];
    uint32_t n = 0;
    char *entry = t->entries + i * t->entry_nbytes;
    for (uint64_t map = t->key_managed; map; map &= map - 1)
        owned[n++] = ((MemoryBlock **)(void *)entry)[__builtin_ctzll(map)];
    for (uint64_t map = t->value_managed; map; map &= map - 1)
        owned[n++] = ((MemoryBlock **)(void *)(entry + t->value_at))[__builtin_ctzll(map)];
    unlink_entry(t, i);
    t->marks[i] = 0;
    t->live--;
    t->changes++;
    while (t->used && !t->marks[t->used - 1]) t->used--;
    while (n) block_release(owned[--n]); /* last: a destructor may come back here */
}

void naja_table_clear(MemoryBlock *table) {
    TableBody *t = table_body(table), old = *t;
    if (!t->used) return;
    if (!allocate(t, FEWEST_SLOTS)) { /* keeps its memory */
        each_entry(t, release);
        memset(t->slots, 0, (size_t)(t->mask + 1) * sizeof *t->slots);
        old.slots = NULL;
    }
    t->used = t->live = 0;
    t->changes++;
    if (!old.slots) return;
    each_entry(&old, release);
    free(old.slots);
}

/* ---- copies, iteration ---------------------------------------------------------------------------------------- */

/* With memory for at least so many entries. */
MemoryBlock *naja_table_copy(MemoryBlock *from, int64_t capacity) {
    TableBody *f = table_body(from);
    bool as_it_is = f->live == f->used && f->used > f->capacity / 4 && capacity <= f->capacity;
    if (capacity < f->live) capacity = f->live;
    MemoryBlock *table = naja_table_like(from, as_it_is ? f->capacity : capacity);
    if (!table) return NULL;
    TableBody *t = table_body(table);
    t->factor = f->factor;
    t->shift = f->shift;
    if (as_it_is) {
        memcpy(t->slots, f->slots, (size_t)(f->mask + 1) * sizeof *f->slots);
        memcpy(t->entries, f->entries, (size_t)(f->used * f->entry_nbytes));
        memcpy(t->marks, f->marks, (size_t)f->used * sizeof *f->marks);
        t->used = t->live = f->used;
        each_entry(t, retain);
        return table;
    }
    move_entries(t, f);
    t->live = t->used;
    each_entry(t, retain);
    return table;
}

/* The first entry from i on that is no hole; `used` if there is none. */
int64_t naja_table_next(MemoryBlock *table, int64_t i) {
    const TableBody *t = table_body(table);
    while (i < t->used && !t->marks[i]) i++;
    return i;
}

int64_t naja_table_hash_bytes(const void *data, int64_t nbytes) {
    return (int64_t)(XXH3_64bits(data, (size_t)nbytes) >> TABLE_HASH_SHIFT);
}

/* Of the items together, in any order: their hashes lie in the slots. */
int64_t naja_table_hash_items(const MemoryBlock *table) {
    const TableBody *t = table_body((MemoryBlock *)table);
    uint64_t sum = 0;
    for (int64_t at = 0; at <= t->mask; at++) {
        uint64_t slot = t->slots[at];
        if (slot && t->marks[(slot & UINT32_MAX) - 1]) sum += (uint64_t)table_mix(slot >> 32);
    }
    return table_mix(sum + (uint64_t)t->live);
}

int64_t naja_text_table_hash(const Text *s) { return naja_table_hash_bytes(s->data, text_nbytes(s)); }
