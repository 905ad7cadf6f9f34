/* runtime/random.h - private to runtime/: generators of random bits, and the states that a thread has of its own.
 *
 * BitGen has the layout that NumPy promises for the bit generator behind a capsule (numpy/random/bitgen.h), so that one
 * set of functions draws from states of ours and from those of Generator objects.
 */
#ifndef NAJA_RUNTIME_RANDOM_H
#define NAJA_RUNTIME_RANDOM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct BitGen {
    void *state;
    uint64_t (*next_uint64)(void *state);
    uint32_t (*next_uint32)(void *state);
    double (*next_double)(void *state);
    uint64_t (*next_raw)(void *state);
} BitGen;

/* What RandomState's frozen distributions draw from: a bit generator with a normal number that may wait behind it, since they
 * are made in pairs.  NumPy's RandomState objects hold the same words in the same order, so that compiled code draws from them
 * in place.  The number that counts is behind `kept`: the same, or an object's that a generator of compiled code became. */
typedef struct LegacyGen {
    BitGen gen;
    struct LegacyGen *kept;
    int32_t has_gauss;
    double gauss;
} LegacyGen;

enum { MT_WORDS = 624 };

/* A Mersenne Twister.  `legacy.gen` comes first: its address is the address of the whole. */
typedef struct {
    LegacyGen legacy;
    uint32_t key[MT_WORDS];
    int32_t at; /* next word of key; MT_WORDS: make new ones */
} Twister;

enum { RANDOM_NUMPY, RANDOM_PYTHON, RANDOM_STATES }; /* np.random's state and module random's */

/* Where random numbers come from: a thread, or one block of a parallel loop. */
typedef struct RandomScope {
    struct RandomScope *parent; /* the scope that runs the loop; NULL: a thread's own */
    uint64_t block;
    bool ready[RANDOM_STATES];
    _Atomic bool
        used[RANDOM_STATES]; /* a block of a loop that runs now has drawn: the state must move on after it */
    Twister twister[RANDOM_STATES];
} RandomScope;

/* One parameter of a distribution. */
typedef union {
    double d;
    float f;
    int64_t i;
} DrawParam;

/* NumPy's distributions are at hand; random_find looks for them once. */
extern _Atomic bool random_found;
bool random_find(void);

Twister *random_twister(int64_t which); /* of the scope at hand, ready to draw from */

__extension__ typedef unsigned __int128 UInt128;

/* The data of the block of a generator that compiled code made.  When Python sees it, it becomes a Generator object with the
 * same state (boundary/rng.c), which the block holds, and `gen` is that object's from then on. */
typedef struct {
    BitGen gen;
    UInt128 state, increment;
    bool has_half; /* the upper half of a number waits for the next 32 bits */
    uint32_t half;
    int64_t nwords;
    uint32_t word[]; /* the seed */
} MadeGenerator;

/* Seeds a Twister as RandomState(seed) does: by 32 bits, by an array of words, by the operating system. */
void twister_seed_word(Twister *t, uint32_t seed);
void twister_seed_words(Twister *t, const uint32_t *word, size_t n);
void twister_seed_system(Twister *t);

/* Fills words from the operating system. */
void random_system_words(uint32_t *word, size_t n);

/* Around a block of a parallel loop: scope_enter makes `scope` the thread's, scope_leave puts the one before back.
 * scope_here is what the loop's caller has; scope_moved makes its state move on when blocks have drawn. */
RandomScope *random_scope_here(void);
RandomScope *random_scope_enter(RandomScope *scope, RandomScope *parent, uint64_t block);
void random_scope_leave(RandomScope *before);
void random_scope_moved(RandomScope *caller);

#endif
