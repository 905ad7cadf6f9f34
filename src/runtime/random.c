/* random.c - the states that random numbers come from.
 *
 * 1. Every thread has two Mersenne Twisters (Matsumoto and Nishimura, 1998), one for np.random and one for Python's
 *    module random.  They are seeded from the operating system when they are first used, and anew in a child after
 *    fork.  The streams for a given seed are those of NumPy's RandomState and of CPython.
 * 2. A block of a parallel loop has two of its own, seeded, when it first draws, by the state that the loop's caller
 *    had at its start and by the number of the block.  Blocks do not depend on the number of threads, so the numbers
 *    do not either.  The caller's state rests while the loop runs, which is why all blocks may look at it.
 * 3. After a loop whose blocks have drawn, the caller's state moves on by one word: the next loop gets other numbers.
 *    A loop without random numbers costs nothing and changes nothing.
 */
#include "runtime/random.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "runtime/runtime.h"

/* ---- Mersenne Twister ---------------------------------------------------------------------------------------- */

enum { MT_MIDDLE = 397 };

static inline uint32_t twist(uint32_t high, uint32_t low, uint32_t other) {
    uint32_t y = (high & 0x80000000u) | (low & 0x7fffffffu);
    return other ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
}

static void make_words(Twister *t) {
    uint32_t *k = t->key;
    int i = 0;
    for (; i < MT_WORDS - MT_MIDDLE; i++) k[i] = twist(k[i], k[i + 1], k[i + MT_MIDDLE]);
    for (; i < MT_WORDS - 1; i++) k[i] = twist(k[i], k[i + 1], k[i + MT_MIDDLE - MT_WORDS]);
    k[MT_WORDS - 1] = twist(k[MT_WORDS - 1], k[0], k[MT_MIDDLE - 1]);
    t->at = 0;
}

static inline uint32_t next_word(Twister *t) {
    if (__builtin_expect(t->at == MT_WORDS, 0)) make_words(t);
    uint32_t y = t->key[t->at++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

static inline double next_double(Twister *t) {
    uint32_t high = next_word(t) >> 5, low = next_word(t) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}

static uint32_t gen_uint32(void *t) { return next_word(t); }
static uint64_t gen_raw(void *t) { return next_word(t); }
static uint64_t gen_uint64(void *t) {
    uint64_t high = next_word(t);
    return high << 32 | next_word(t);
}
static double gen_double(void *t) { return next_double(t); }

static void begin_stream(Twister *t) {
    t->legacy = (LegacyGen){.gen = {t, gen_uint64, gen_uint32, gen_double, gen_raw}, .kept = &t->legacy};
    t->at = MT_WORDS;
}

/* Knuth's linear generator fills the key. */
void twister_seed_word(Twister *t, uint32_t seed) {
    for (uint32_t i = 0; i < MT_WORDS; i++) {
        t->key[i] = seed;
        seed = 1812433253u * (seed ^ (seed >> 30)) + i + 1;
    }
    begin_stream(t);
}

/* init_by_array of the authors' reference, mt19937ar. */
void twister_seed_words(Twister *t, const uint32_t *word, size_t n) {
    uint32_t *k = t->key;
    twister_seed_word(t, 19650218u);
    size_t i = 1, j = 0;
    for (size_t left = n > MT_WORDS ? n : MT_WORDS; left; left--) {
        k[i] = (k[i] ^ ((k[i - 1] ^ (k[i - 1] >> 30)) * 1664525u)) + word[j] + (uint32_t)j;
        if (++i == MT_WORDS) k[0] = k[MT_WORDS - 1], i = 1;
        if (++j == n) j = 0;
    }
    for (size_t left = MT_WORDS - 1; left; left--) {
        k[i] = (k[i] ^ ((k[i - 1] ^ (k[i - 1] >> 30)) * 1566083941u)) - (uint32_t)i;
        if (++i == MT_WORDS) k[0] = k[MT_WORDS - 1], i = 1;
    }
    k[0] = 0x80000000u;
}

/* ---- a thread's states ------------------------------------------------------------------------------------------ */

static _Thread_local RandomScope own;
static _Thread_local RandomScope *here; /* NULL: own */

RandomScope *random_scope_here(void) { return here ? here : &own; }

static void in_child(void) { memset(own.ready, 0, sizeof own.ready); }
static void watch_forks(void) { pthread_atfork(NULL, NULL, in_child); }

void random_system_words(uint32_t *word, size_t n) {
    if (getrandom(word, n * sizeof *word, 0) == (ssize_t)(n * sizeof *word)) return;
    struct timespec now; /* no such call: the time and the place will do */
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t part[] = {(uint64_t)now.tv_nsec, (uintptr_t)word, (uint64_t)getpid(), (uint64_t)now.tv_sec};
    for (size_t i = 0; i < n; i++) word[i] = (uint32_t)(part[i / 2 % 4] >> (i % 2 * 32));
}

void twister_seed_system(Twister *t) {
    static pthread_once_t watching = PTHREAD_ONCE_INIT;
    uint32_t word[8];
    pthread_once(&watching, watch_forks);
    random_system_words(word, 8);
    twister_seed_words(t, word, 8);
}

/* ---- blocks of parallel loops --------------------------------------------------------------------------------- */

typedef struct {
    uint64_t a, b;
} Digest;

static inline uint64_t scramble(uint64_t x) { /* finalizer of MurmurHash3 */
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
    return x ^ (x >> 33);
}

static inline Digest take_in(Digest d, uint64_t x) {
    d.a = scramble(d.a ^ x);
    d.b = scramble(d.b + 0x9e3779b97f4a7c15u + (x << 1)) ^ d.a;
    return d;
}

/* What a resting scope's numbers would depend on. */
static Digest digest_of(const RandomScope *s, int64_t which) {
    Digest d = {0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu};
    if (!s->ready[which]) return take_in(s->parent ? digest_of(s->parent, which) : d, s->block + 1);
    const Twister *t = &s->twister[which];
    for (int i = 0; i < MT_WORDS; i += 2) d = take_in(d, (uint64_t)t->key[i] << 32 | t->key[i + 1]);
    return take_in(d, (uint64_t)t->at);
}

static void seed_by_parent(RandomScope *s, int64_t which) {
    Digest d = take_in(digest_of(s->parent, which), s->block);
    uint32_t word[] = {(uint32_t)d.a,         (uint32_t)(d.a >> 32), (uint32_t)d.b,
                       (uint32_t)(d.b >> 32), (uint32_t)s->block,    (uint32_t)(s->block >> 32)};
    twister_seed_words(&s->twister[which], word, sizeof word / sizeof word[0]);
    for (RandomScope *p = s->parent; p; p = p->parent)
        atomic_store_explicit(&p->used[which], true, memory_order_relaxed);
}

static __attribute__((noinline)) Twister *make_ready(RandomScope *s, int64_t which) {
    if (s->parent) seed_by_parent(s, which);
    else twister_seed_system(&s->twister[which]);
    s->ready[which] = true;
    return &s->twister[which];
}

Twister *random_twister(int64_t which) {
    RandomScope *s = random_scope_here();
    return __builtin_expect(s->ready[which], 1) ? &s->twister[which] : make_ready(s, which);
}

RandomScope *random_scope_enter(RandomScope *scope, RandomScope *parent, uint64_t block) {
    RandomScope *before = here;
    scope->parent = parent;
    scope->block = block;
    memset(scope->ready, 0, sizeof scope->ready);
    memset((void *)scope->used, 0, sizeof scope->used);
    here = scope;
    return before;
}

void random_scope_leave(RandomScope *before) { here = before; }

void random_scope_moved(RandomScope *caller) {
    for (int64_t which = 0; which < RANDOM_STATES; which++)
        if (atomic_exchange_explicit(&caller->used[which], false, memory_order_relaxed))
            next_word(caller->ready[which] ? &caller->twister[which] : make_ready(caller, which));
}

/* ---- what compiled code calls --------------------------------------------------------------------------------- */

/* NULL: this NumPy does not offer its distributions. */
BitGen *naja_random_source(int64_t which) {
    if (!atomic_load_explicit(&random_found, memory_order_acquire) && !random_find()) return NULL;
    return &random_twister(which)->legacy.gen;
}

double naja_random_double(int64_t which) { return next_double(random_twister(which)); }

static Twister *to_be_seeded(int64_t which) {
    RandomScope *s = random_scope_here();
    s->ready[which] = true;
    return &s->twister[which];
}

void naja_random_seed(int64_t which, int64_t seed) { twister_seed_word(to_be_seeded(which), (uint32_t)seed); }

void naja_random_seed_words(int64_t which, const uint32_t *word, int64_t n) {
    twister_seed_words(to_be_seeded(which), word, (size_t)n);
}

void naja_random_seed_system(int64_t which) { twister_seed_system(to_be_seeded(which)); }
