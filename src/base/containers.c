/* base/containers.c - growth of Vec, and the two hash maps.
 *
 * Both maps use open addressing with linear probing in a power-of-two table that is at most three quarters
 * full.  Nothing is ever removed, so a probe ends at the first empty slot.  Old tables stay in the arena: the
 * sum of all of them is less than the newest.
 */
#include "base/base.h"

enum { MIN_CAPACITY = 8 };

void vec_grow_(Arena *a, void **at, uint32_t *capacity, uint32_t want, size_t elem_nbytes) {
    uint32_t n = *capacity ? *capacity : MIN_CAPACITY / 2;
    while (n < want) n = n > UINT32_MAX / 2 ? want : n * 2;
    void *old; /* copied as bytes: `at` points to a T *, which is not a void * to the compiler */
    memcpy(&old, at, sizeof old);
    void *grown = arena_grow(a, old, *capacity * elem_nbytes, n * elem_nbytes);
    memcpy(at, &grown, sizeof grown);
    *capacity = n;
}

/* ---- hashing --------------------------------------------------------------------------------------------- */

/* The finisher of MurmurHash3: every input bit reaches every output bit. */
static uint64_t mix(uint64_t x) {
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdu;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53u;
    return x ^ x >> 33;
}

uint64_t hash_bytes(const void *p, size_t nbytes, uint64_t seed) {
    const uint8_t *at = p;
    uint64_t h = mix(seed ^ nbytes), word;
    for (; nbytes >= sizeof word; at += sizeof word, nbytes -= sizeof word) {
        memcpy(&word, at, sizeof word);
        h = mix(h ^ word) * 0x9e3779b97f4a7c15u;
    }
    word = 0;
    if (nbytes) memcpy(&word, at, nbytes);
    return mix(h ^ word);
}

static bool needs_growth(uint32_t n, uint32_t mask) { return mask == 0 || n >= mask / 4 * 3; }

/* ---- Map --------------------------------------------------------------------------------------------------- */

#define NO_KEY UINT64_MAX

static uint32_t map_slot(const Map *m, uint64_t key) {
    uint32_t i = (uint32_t)mix(key) & m->mask;
    while (m->key[i] != key && m->key[i] != NO_KEY) i = (i + 1) & m->mask;
    return i;
}

bool map_find(const Map *m, uint64_t key, uint64_t *value) {
    if (!m->n) return false;
    uint32_t i = map_slot(m, key);
    if (m->key[i] == NO_KEY) return false;
    if (value) *value = m->value[i];
    return true;
}

static void map_grow(Arena *a, Map *m) {
    Map old = *m;
    uint32_t capacity = old.mask ? (old.mask + 1) * 2 : MIN_CAPACITY;
    m->key = arena_array(a, uint64_t, capacity);
    m->value = arena_array(a, uint64_t, capacity);
    m->mask = capacity - 1;
    memset(m->key, 0xff, capacity * sizeof *m->key);
    for (uint32_t i = 0; old.mask && i <= old.mask; i++) {
        if (old.key[i] != NO_KEY) {
            uint32_t slot = map_slot(m, old.key[i]);
            m->key[slot] = old.key[i];
            m->value[slot] = old.value[i];
        }
    }
}

void map_set(Arena *a, Map *m, uint64_t key, uint64_t value) {
    assert(key != NO_KEY);
    if (needs_growth(m->n, m->mask)) map_grow(a, m);
    uint32_t i = map_slot(m, key);
    m->n += m->key[i] == NO_KEY;
    m->key[i] = key;
    m->value[i] = value;
}

/* ---- StrMap ------------------------------------------------------------------------------------------------ */

static uint32_t strmap_slot(const StrMap *m, const char *key) {
    uint32_t i = (uint32_t)hash_bytes(key, strlen(key), 0) & m->mask;
    while (m->key[i] && strcmp(m->key[i], key) != 0) i = (i + 1) & m->mask;
    return i;
}

void *strmap_find(const StrMap *m, const char *key) {
    return m->n ? m->value[strmap_slot(m, key)] : NULL; /* the value of an empty slot is NULL */
}

static void strmap_grow(Arena *a, StrMap *m) {
    StrMap old = *m;
    uint32_t capacity = old.mask ? (old.mask + 1) * 2 : MIN_CAPACITY;
    m->key = arena_array(a, const char *, capacity);
    m->value = arena_array(a, void *, capacity);
    m->mask = capacity - 1;
    for (uint32_t i = 0; old.mask && i <= old.mask; i++) {
        if (old.key[i]) {
            uint32_t slot = strmap_slot(m, old.key[i]);
            m->key[slot] = old.key[i];
            m->value[slot] = old.value[i];
        }
    }
}

void strmap_set(Arena *a, StrMap *m, const char *key, void *value) {
    if (needs_growth(m->n, m->mask)) strmap_grow(a, m);
    uint32_t i = strmap_slot(m, key);
    if (!m->key[i]) {
        m->key[i] = arena_strdup(a, key);
        m->n++;
    }
    m->value[i] = value;
}
