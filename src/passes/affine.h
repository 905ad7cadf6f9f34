/* passes/affine.h - integers as sums of symbols; private to the passes `bounds` and `prange`.
 *
 * An Affine is  c + sum of k * x  or  k * x * y : what an integer of typed IR is, as a polynomial of degree two at most
 * over symbols.  It equals the value modulo 2^64; where that is not enough the user of this file makes sure that
 * nothing overflows (affine_magnitude) or that nothing is added that could (affine_is_exact).
 *
 * Words
 *   symbol    a value that is not taken apart further: any integer; the extent of an array along an axis; or an
 *             induction variable.
 *   induction what a loop counts: the item of a range, or enumerate()'s count, both named by the phi of the loop's
 *             state; or the phi of a counter.  Remainders are treated like these: x % m is in [0, m - 1]; and so are
 *             variables that take over an index, which chosen.c finds.
 */
#ifndef NAJA_PASSES_AFFINE_H
#define NAJA_PASSES_AFFINE_H

#include "passes/pipeline.h"

typedef enum { SYMBOL_VALUE, SYMBOL_EXTENT, SYMBOL_INDUCTION } SymbolKind;
typedef struct {
    SymbolKind kind;
    ValueId value;    /* the integer, the array, the phi */
    uint32_t axis;    /* SYMBOL_EXTENT */
    bool is_factor;   /* some product has it */
    uint32_t loop;    /* SYMBOL_INDUCTION: index into Affines.inductions */
} Symbol;

enum { MAX_TERMS = 8, NO_SYMBOL = UINT16_MAX };
typedef struct {
    uint16_t x, y;    /* symbols, x <= y; y is NO_SYMBOL in a linear term */
    int64_t k;
} Term;
typedef struct {
    bool ok;          /* false: not affine, or too long */
    uint8_t n;
    int64_t c;
    Term term[MAX_TERMS]; /* sorted by (x, y), no k is 0 */
} Affine;

typedef struct {
    ValueId state;
    const Loop *loop; /* NULL: a remainder, in any loop */
    BlockId body;     /* where it dominates, the item exists */
    Affine low, high; /* the item is in [low, high] */
    Affine ascent;    /* ... if this is >= 0 (an unknown step or divisor, less 1); .ok is false: in any case */
    bool is_exact;    /* both ends are what they say without wrapping */
} Induction;

typedef struct {
    Arena *arena;
    Func *f;
    const Dominators *dom;
    Vec(Symbol) symbols;
    Vec(Induction) inductions;
    bool *is_count;   /* by value: a phi that only grows, from a constant on (counts.c) */
    uint32_t nvalues; /* that were there then */
    uint32_t depth;   /* of the recursion */
} Affines;

void affines_init(Affines *s, Func *f, const Dominators *dom, const Loops *loops);

Affine affine_constant(int64_t c);
Affine affine_of(Affines *s, ValueId v);                           /* of an integer value */
/* A symbol as an int64, where its value is at hand. */
ValueId affine_emit_symbol(const Affines *s, Builder *b, uint16_t symbol);
Affine affine_extent(Affines *s, ValueId array, uint32_t axis);
Affine affine_add(Affine a, const Affine *b, int64_t k);           /* a + k * b */
Affine affine_multiply(Affines *s, const Affine *a, const Affine *b);
bool affine_equal_terms(const Affine *a, const Affine *b);
bool symbol_is_nonnegative(const Affines *s, uint16_t symbol);
bool affine_is_nonnegative(const Affines *s, const Affine *a);     /* whatever the symbols are; no overflow assumed */
/* Largest absolute value when every symbol is within affine_limit; saturates at 2^62. */
uint64_t affine_magnitude(const Affines *s, const Affine *a);
uint64_t affine_limit(const Affines *s, uint16_t symbol);
bool loop_contains(const Loop *loop, const Loop *inner);
/* A branch on the way to block `at` says that x <= *end, or (down) x >= *end. */
bool affine_guard(Affines *s, BlockId at, const Affine *x, bool down, Affine *end);

/* affine.c for induction.c */
Affine affine_item(Affines *s, ValueId tuple, uint32_t k);         /* item k of a tuple of integers */
ValueId affine_parameter(const Inst *i, uint32_t k);               /* what a call binds to parameter k, or NO_VALUE */
bool affine_is_row(const Inst *i, const char *name);
bool affine_equal(const Affine *a, const Affine *b);
Affine affine_induction(Affines *s, ValueId state, uint32_t n);    /* the symbol of induction number n */
/* induction.c for chosen.c: the value is the polynomial's own, not only modulo 2^64 */
bool affine_is_exact(const Affines *s, const Affine *a);
/* chosen.c for induction.c: variables of a loop that take over an index from time to time */
void affine_add_chosen(Affines *s, const Loops *loops, const Loop *loop);
/* counts.c for induction.c */
void affine_find_counts(Affines *s);
/* induction.c for affine.c: v is x % m, or not affine */
Affine affine_remainder(Affines *s, ValueId v, const Affine *m);

#endif
