/* passes/lower.h - private to the pass `lower`: the state of one function that is being lowered.
 *
 *   lower.c           blocks, edges and phis; operators and calls through their library rows
 *   lower_exceptions.c  raise, and what handlers do
 *   lower_ops.c       the ops that the pass knows itself, one small function each
 *   lower_parallel.c  `parallel`: captures, partial results, the body's wrapper
 */
#ifndef NAJA_PASSES_LOWER_H
#define NAJA_PASSES_LOWER_H

#include "passes/pipeline.h"

/* Of a generator: lower_generator.c. */
typedef struct {
    const struct GeneratorPlan *plan;
    ValueId frame;        /* lowered: the frame's block */
    ValueId *variable;    /* typed value -> address of its variable; NO_VALUE: it is not alive across a suspend */
    BlockId *behind;      /* by suspend: where the function goes on */
} GeneratorLowering;

/* What control came with to a handler: phis at its begin, over the landings. */
typedef struct {
    ValueId status, frame; /* as Lower.handler_status and handler_frame; NO_VALUE: not lowered yet */
    bool stays;            /* in the context until it is dropped or raised again; else the value is a Caught block */
} Pending;

typedef struct {
    Lower l;              /* the emitters' workbench; l.b.f is the function, emptied and being refilled */
    const Func *typed;    /* what it was */
    ValueId *value;       /* typed value -> lowered value */
    BlockId *head, *tail; /* typed block -> first and last lowered block; NO_BLOCK: control never comes there */
    GeneratorLowering *generator; /* NULL: an ordinary function */
    BlockId *landing;     /* typed block -> where its exceptions land; NO_BLOCK: they leave the function */
    Pending *pending;     /* typed `caught` -> what is in the handler's context */
} Lowering;

static inline Lower *workbench(Lowering *s) { return &s->l; }
static inline const Inst *typed_inst(const Lowering *s, ValueId v) { return &s->typed->inst.at[v]; }
static inline const Type *typed_type(const Lowering *s, ValueId v) { return s->typed->inst.at[v].type; }
ValueId generator_read(Lowering *s, ValueId v);
void generator_define(Lowering *s, ValueId v, ValueId value);
void generator_enter(Lowering *s, Func *f, BlockId start);
static inline bool is_read_anew(const Lowering *s, ValueId v) {
    return s->generator && (s->generator->variable[v] != NO_VALUE || generator_is_constant(typed_inst(s, v)));
}
static inline ValueId lowered(Lowering *s, ValueId v) {
    if (is_read_anew(s, v)) return generator_read(s, v);
    assert(s->value[v] != NO_VALUE);
    return s->value[v];
}
/* The lowered value of a typed one, converted. */
ValueId lowered_as(Lowering *s, ValueId v, const Type *to);

/* Lowers one op; gives its value, or NO_VALUE when it has none. */
typedef ValueId (*OpLowering)(Lowering *s, const Inst *i);
extern const OpLowering op_lowering[OP_COUNT]; /* NULL: ops that only library rows lower */

ValueId lower_yield(Lowering *s, const Inst *i);
ValueId lower_suspend(Lowering *s, const Inst *i);
ValueId lower_sent(Lowering *s, const Inst *i);
void generator_return(Lowering *s, const Inst *ret);
ValueId lower_parallel(Lowering *s, const Inst *i);
ValueId lower_caught_op(Lowering *s, const Inst *i);
void lower_drop_caught(Lowering *s, ValueId caught);
bool lower_stays_pending(const Lowering *s, ValueId v); /* is the typed value a `caught` that stays in the context */
ValueId lower_exc_match_op(Lowering *s, const Inst *i);
ValueId lower_raise_op(Lowering *s, const Inst *i);
void lower_begin_cleanup(Lowering *s, const Inst *i); /* what the instruction releases when it raises, as it is here */
void lower_incref_result(Lower *l, ValueId v); /* a managed result that shares its owner with an operand */

#endif
