/* random_new.c - generators that compiled code makes: np.random.default_rng(seed) and RandomState(seed) without Python.
 *
 * PCG64 (O'Neill, "PCG: A family of simple fast space-efficient statistically good algorithms for random number
 * generation", 2014: the 128-bit congruential generator with the output function XSL-RR), seeded by SeedSequence
 * (O'Neill's seed_seq_fe with NumPy's pool of four words).  The streams are those of NumPy for the same seed.
 */
#include <string.h>

#include "runtime/random.h"
#include "runtime/runtime.h"

typedef UInt128 u128;

/* ---- SeedSequence ------------------------------------------------------------------------------------------------- */

enum { POOL = 4, OUTPUTS = 8 };

static inline uint32_t fold(uint32_t x) { return x ^ (x >> 16); }

/* `factor` goes on with every word. */
static inline uint32_t hash_word(uint32_t word, uint32_t *factor) {
    word ^= *factor;
    *factor *= 0x931e8875u;
    return fold(word * *factor);
}

static inline uint32_t mix(uint32_t x, uint32_t y) { return fold(0xca01f9ddu * x - 0x4973f715u * y); }

static void fill_pool(uint32_t *pool, const uint32_t *word, int64_t n) {
    uint32_t factor = 0x43b0d7e5u;
    for (int i = 0; i < POOL; i++) pool[i] = hash_word(i < n ? word[i] : 0, &factor);
    for (int from = 0; from < POOL; from++)
        for (int to = 0; to < POOL; to++)
            if (from != to) pool[to] = mix(pool[to], hash_word(pool[from], &factor));
    for (int64_t from = POOL; from < n; from++)
        for (int to = 0; to < POOL; to++) pool[to] = mix(pool[to], hash_word(word[from], &factor));
}

static void take_words(const uint32_t *pool, uint32_t *out) {
    uint32_t factor = 0x8b51f9ddu;
    for (int i = 0; i < OUTPUTS; i++) {
        uint32_t word = pool[i % POOL] ^ factor;
        factor *= 0x58f38dedu;
        out[i] = fold(word * factor);
    }
}

/* ---- PCG64 -------------------------------------------------------------------------------------------------------- */

static inline void step(MadeGenerator *g) {
    const u128 multiplier = (u128)0x2360ed051fc65da4u << 64 | 0x4385df649fccf645u;
    g->state = g->state * multiplier + g->increment;
}

static inline uint64_t next(MadeGenerator *g) {
    step(g);
    uint64_t folded = (uint64_t)(g->state >> 64) ^ (uint64_t)g->state;
    unsigned turn = (unsigned)(g->state >> 122);
    return folded >> turn | folded << (-turn & 63);
}

static uint64_t gen_uint64(void *g) { return next(g); }

static uint32_t gen_uint32(void *state) {
    MadeGenerator *g = state;
    g->has_half = !g->has_half;
    if (!g->has_half) return g->half;
    uint64_t both = next(g);
    g->half = (uint32_t)(both >> 32);
    return (uint32_t)both;
}

static double gen_double(void *g) { return (double)(next(g) >> 11) * (1.0 / 9007199254740992.0); }

static u128 pair(const uint32_t *word) {
    uint64_t high = (uint64_t)word[1] << 32 | word[0], low = (uint64_t)word[3] << 32 | word[2];
    return (u128)high << 64 | low;
}

static void seed(MadeGenerator *g) {
    uint32_t pool[POOL], word[OUTPUTS];
    fill_pool(pool, g->word, g->nwords);
    take_words(pool, word);
    g->state = 0;
    g->increment = pair(word + 4) << 1 | 1;
    step(g);
    g->state += pair(word);
    step(g);
}

/* ---- what compiled code calls ------------------------------------------------------------------------------------- */

int32_t naja_random_new(const uint32_t *word, int64_t n, MemoryBlock **out) {
    if (!random_find()) return 1;
    bool from_system = n < 0;
    if (from_system) n = POOL;
    MemoryBlock *b = naja_block_new_zeroed((int64_t)sizeof(MadeGenerator) + n * (int64_t)sizeof *word);
    if (!b) return 2;
    MadeGenerator *g = block_data(b);
    g->gen = (BitGen){g, gen_uint64, gen_uint32, gen_double, gen_uint64};
    g->nwords = n;
    if (from_system) random_system_words(g->word, POOL);
    else if (n) memcpy(g->word, word, (size_t)n * sizeof *word);
    seed(g);
    *out = b;
    return 0;
}

int32_t naja_random_state_new(int64_t seed, const uint32_t *word, int64_t n, MemoryBlock **out) {
    if (!random_find()) return 1;
    MemoryBlock *b = naja_block_new_zeroed((int64_t)sizeof(Twister));
    if (!b) return 2;
    if (n > 0) twister_seed_words(block_data(b), word, (size_t)n);
    else if (n == 0) twister_seed_word(block_data(b), (uint32_t)seed);
    else twister_seed_system(block_data(b));
    *out = b;
    return 0;
}

/* ---- what boundary/rng.c asks --------------------------------------------------------------------------------------- */

MadeState random_made_state(MemoryBlock *b) {
    const MadeGenerator *g = block_data(b);
    return (MadeState){g->word, g->nwords, &g->state, &g->increment, g->has_half, g->half};
}

void random_made_follow(MemoryBlock *b, const void *bitgen) {
    MadeGenerator *g = block_data(b);
    g->gen = *(const BitGen *)bitgen;
}

TwisterState random_twister_state(MemoryBlock *b) {
    const Twister *t = block_data(b);
    return (TwisterState){t->key, t->at, t->legacy.has_gauss, t->legacy.gauss};
}

void random_twister_follow(MemoryBlock *b, const void *legacy) {
    LegacyGen *g = block_data(b);
    g->gen = ((const LegacyGen *)legacy)->gen;
    g->kept = ((const LegacyGen *)legacy)->kept;
}

void *random_legacy_in(void *object, size_t n, const void *bitgen) {
    for (size_t at = 0; at + sizeof(LegacyGen) <= n; at += sizeof(void *)) {
        LegacyGen *g = (void *)((char *)object + at);
        if (!memcmp(&g->gen, bitgen, sizeof g->gen) && g->kept == g) return g;
    }
    return NULL;
}

void random_legacy_gauss(const void *legacy, int *has_gauss, double *gauss) {
    *has_gauss = ((const LegacyGen *)legacy)->has_gauss;
    *gauss = ((const LegacyGen *)legacy)->gauss;
}
