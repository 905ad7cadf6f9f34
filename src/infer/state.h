/* infer/state.h - what the files of this stage share; private to infer/.
 *
 * Words
 *   frame     one specialisation being inferred: a copy of a template for certain argument types.
 *   site      what is known about one instruction of a frame: its implementation, operands, error.
 *   operand   what a parameter is bound to: a value, or one item of a value (a spread tuple, a closure).
 *   bottom    a type that is still NULL: nothing is known yet, so whatever needs it waits.
 */
#ifndef NAJA_INFER_STATE_H
#define NAJA_INFER_STATE_H

#include "infer/infer.h"

typedef struct Infer Infer;
typedef struct Frame Frame;

typedef struct {
    ValueId value;       /* NO_VALUE: the Python object `constant` */
    int32_t item;        /* the value itself, or (>= 0) this item of it */
    Handle constant;
    const Type *type;
} Operand;
static inline Operand operand_value(ValueId v, const Type *t) { return (Operand){.value = v, .item = -1, .type = t}; }
static inline Operand operand_item(ValueId v, uint32_t i, const Type *t) {
    return (Operand){.value = v, .item = (int32_t)i, .type = t};
}

typedef enum {
    FORM_NONE,     /* nothing to rewrite */
    FORM_ROW,      /* a library row does it, with `bound` */
    FORM_BRIDGE,   /* the interpreter calls `handle` with all operands */
    FORM_CALLEE,   /* a compiled function does it, with `bound` */
    FORM_CONSTANT, /* the value is the Python object `handle`, or (0) the only one of its type */
    FORM_ITEM,     /* item `index` of operand 0 */
    FORM_TUPLE,    /* a composite value made of all operands: a namedtuple, a bound method, a part of a tuple */
    FORM_SAME,     /* operand 0 itself; of a call its argument */
    FORM_UNBOUND,  /* an operand is a variable without a value: raises, and control goes no further */
} Form;

/* How operand types are changed before rows are asked again, weakest first. */
typedef enum {
    LEVEL_EXACT,
    LEVEL_WIDE,   /* literals become what they widen to */
    LEVEL_SELF,   /* the first operand is taken at LEVEL_SOME, the others at LEVEL_WIDE: node.next = None */
    LEVEL_SOME,   /* Optional(T) becomes T: raises when it is None */
    LEVEL_COUNT,
} Level;

typedef struct {
    uint8_t form, level;
    bool done;               /* typed: a result is known, or there is none */
    bool ends;               /* a call of a function that never returns: control goes no further */
    uint16_t changes;        /* how often the type changed, to end a walk that does not converge */
    uint32_t noperand, nbound;
    Operand *operand;
    int32_t *bound;          /* by parameter: an index into operand; -1: the default */
    const LibRow *row;
    Frame *callee;
    Handle handle;
    uint32_t index;
    uint32_t *extra;         /* operands that **keywords collects, in the order of its type */
    const Diagnostic *error; /* why there is no type */
    const Type *refined;     /* of a container made here: what later uses say of its element types; NULL: nothing yet */
    const Diagnostic *conflict; /* phi: its operands have met in no type, and will not */
} Site;
enum { SITE_WHOLE = UINT32_MAX }; /* index of a call: *args is the list that is spread */
static inline bool ends_block(const Site *s) { return s->ends || s->form == FORM_UNBOUND; }

typedef struct {
    Frame *frame;
    ValueId inst;
} Waiter;

struct Frame {
    Infer *in;
    Func *f;
    const Func *template;
    uint32_t nargs;
    const Type *const *args;   /* by parameter, captured variables first */
    Frame *same_hash;
    Frame *caller;             /* while it is walked for the first time: who asked for it */
    const Type **refined;      /* by parameter: what the function puts into a container of open type; NULL: nothing */
    uint64_t marked;           /* parameters that its callers know to be wanted as literals (literals.c) */
    bool *fixed;               /* by parameter: no caller's container can be refined, so its type is what it is */
    const Type *result;        /* NULL: no return seen yet */
    const Type *yielded;       /* of a generator: the type of its items; NULL: no yield seen yet */
    const Type *returned;      /* of a generator: the type of its result; NULL: no return seen yet */
    const Type **param_sent;   /* by parameter: what is sent to a generator that it is; NULL: nothing */
    const Type *sent;          /* of a generator: the type of what is sent to it; NULL: nothing so far */
    const Type *wanted;        /* the result's type is given */
    uint32_t ninst;            /* when the walk began; finalise adds more */
    Site *site;
    uint32_t *user_begin;      /* users of value v: user[user_begin[v] .. user_begin[v + 1]) */
    ValueId *user;
    uint8_t *dirty;            /* by instruction */
    uint8_t *block_dirty, *reached, *edges; /* by block; edges: EDGE_TRUE | EDGE_FALSE | EDGE_HANDLER taken */
    BlockId *order;
    uint32_t norder;
    Vec(Waiter) waiters;       /* calls that depend on `result` */
    uint32_t fastmath;         /* of the callee's own decorator; 0: what the caller has */
    bool is_entry;
    bool running, queued, kept, visiting;
    bool refining;             /* refine.c is at work in it */
    Vec(Unroll) unrolled;      /* loops that are unrolled in `f`; unroll.c */
    bool begins_again;         /* one more was added: the walk starts from the beginning */
    Vec(ValueId) caught_reads; /* attributes of caught exceptions: asked once more behind the walk */
    bool never_returns;        /* every path raises, or loops for ever */
    bool walked;               /* false: refused, since its types grow with every call */
};
enum { EDGE_TRUE = 1, EDGE_FALSE = 2, EDGE_HANDLER = 4 };

struct Infer {
    InferApi api;              /* first: rules see only this */
    Unit *unit;
    Map frames;                /* hash of (template, argument types) -> Frame, chained by same_hash */
    Map literal_params;        /* template -> bits of the parameters that are passed as literals (literals.c) */
    Map literal_offers;        /* template -> bits of the parameters that are passed as literals where they are constants */
    Vec(const UnitOptions *) options; /* that frames have: equal ones are the same */
    Map answers;               /* hash of a call -> what the overloads for it gave (calls.c) */
    Vec(Frame *) queue;        /* frames to walk again */
    Vec(Frame *) kept;         /* what final code calls, the entry first */
    Frame *at;                 /* where the rule that is running stands */
    ValueId at_inst;
    bool pending;              /* a rule met a callee without a result: ask again later */
    uint32_t nframes;
};

/* infer.c: frames */
/* What is specialised, and for what. */
typedef struct {
    const Func *template;
    uint32_t nargs;
    const Type *const *args;
    const UnitOptions *options; /* see options_for; NULL: the unit's */
    const Type *wanted;         /* the result's type, when a signature gives it */
} FrameKey;
Frame *frame_for(Infer *in, const FrameKey *key); /* walked, or being walked */
/* The options of a dispatcher that is called from `caller`: what its decorator says, else what holds there. */
const UnitOptions *options_for(Frame *caller, Handle dispatcher);
void frame_wait(Frame *callee, Frame *caller, ValueId inst);

/* flow.c: the walk */
void frame_begin(Frame *fr);
void frame_run(Frame *fr);
void frame_touch(Frame *fr, ValueId v);         /* v must be typed again */
const Type *flow_phi(Frame *fr, ValueId v);
const Type *flow_branch(Frame *fr, ValueId v);
const Type *flow_return(Frame *fr, ValueId v);
const Type *flow_yield(Frame *fr, ValueId v);
bool frame_edge_taken(const Frame *fr, BlockId from, BlockId to);

/* rows.c: choosing an implementation.  All return the result's type; type_none for ops without a result; NULL:
 * bottom, or the site has an error. */
const Type *site_error(Frame *fr, ValueId v, DiagCode code, const char *fmt, ...) PRINTF_LIKE(4, 5);
const Type *rows_try(Frame *fr, ValueId v, const char *name, const CallInfo *info, const char **why);
const Type *rows_get(Frame *fr, ValueId v, const char *name, const CallInfo *info, const char *what);
Operand *site_operands(Frame *fr, ValueId v, uint32_t n); /* room for n operands in the site */
bool site_args(Frame *fr, ValueId v);     /* operands = the instruction's own; false: one is bottom */
const Type *level_type(const Type *t, Level level); /* no LEVEL_SELF: see level_of */
Level level_of(Level level, uint32_t operand);
const char *shown(Frame *fr, const Type *t); /* a type in a message: a literal is what it widens to */
const char *operand_types(Frame *fr, const Operand *operand, uint32_t n); /* "int64, float64" */
bool capture_error(Frame *fr, ValueId v, uint32_t ndiags); /* moves a new diagnostic into the site */

/* operators.c, attributes.c, calls.c: one function per generic op */
const Type *infer_inst(Frame *fr, ValueId v);
const Type *infer_getattr(Frame *fr, ValueId v);
const Type *infer_setattr(Frame *fr, ValueId v);
bool attribute_exists(Frame *fr, ValueId v, const Type *t, const char *name);
const Type *infer_closure(Frame *fr, ValueId v);
const Type *infer_call(Frame *fr, ValueId v);
const Type *infer_function(Frame *fr, ValueId v, Handle h, const CallInfo *info); /* on the site's operands */
const Type *infer_overload(Frame *fr, ValueId v, const char *name, Handle callable, const CallInfo *info);
/* bridge.c: rung 4, the interpreter calls the library function `callable` with the site's operands.  NULL without an
 * error in the site: it does not; *why (arena text) may say why. */
const Type *infer_bridge(Frame *fr, ValueId v, Handle callable, const CallInfo *info, const char **why);
/* The same, for what is done with an object that only the interpreter knows: how is a name of naja/interpreter.py. */
typedef enum { OBJECT_METHOD, OBJECT_ATTRIBUTE, OBJECT_OPERATOR, OBJECT_CALL } ObjectUse;
const Type *infer_object_use(Frame *fr, ValueId v, ObjectUse use, const char *name, const CallInfo *info);
bool is_interpreters(const Type *t); /* an object that only the interpreter knows */
const Type *infer_objmode(Frame *fr, ValueId v);
const char *not_for_python(const Type *t); /* infer.c: what a type is called that has no Python value; NULL: it has one */
/* Code that an extension has built does it: an object of naja/lowering/foreign.py. */
const Type *infer_foreign(Frame *fr, ValueId v, Handle foreign);
void bridge_finalise(Frame *fr, ValueId v, const CallInfo *info, ValueId operands); /* v becomes the call */
Func *infer_callee(InferApi *api, const Type *callable, uint32_t nargs, const Type *const *args, uint32_t span);

/* refine.c: the element types of containers */
bool has_container(const Type *t);
bool is_open(const Type *t); /* a container in it has elements of no type yet */
bool refine_value(Frame *fr, ValueId v, int32_t item, const Type *to);
bool refine_arguments(Frame *fr, ValueId call); /* true: an argument's type will change, the call is typed again */
bool refine_leftovers(Frame *entry);            /* true: a container without uses got a default; walk again */
bool refine_wanted(Frame *entry); /* sets Unit.wanted_args if arguments have to have other types */
bool settle_parameters(Frame *entry);            /* true: containers that do not widen are known now; walk again */
bool infer_refine(InferApi *api, uint32_t param, const Type *to);
void infer_wait(InferApi *api);
const Type *infer_refined(InferApi *api);
bool display_is_static(const Frame *fr, ValueId v);

/* literals.c: literally(x) */
const Type *infer_literally(Frame *fr, ValueId v);
/* Asks for an operand as a literal: of a parameter by typing the calls again.  NULL: bottom, or the site has an error;
 * else the literal type. */
const Type *want_literal(Frame *fr, ValueId v, const Operand *operand);
uint64_t literal_params(const Infer *in, const Func *template); /* bits of the parameters that it takes as literals */
uint64_t literal_offers(const Infer *in, const Func *template);
/* A call in `fr` failed on plain types: constants that callers pass for its operands are made literals.  true: some. */
bool offer_literals(Frame *fr, ValueId v);
/* The type of an operand for a parameter in literal_offers. */
const Type *offered_type(Frame *fr, const Operand *operand);

/* The value that an operand is, through the tuple or inner function that it is taken from. */
ValueId source_of(const Frame *fr, const Operand *operand);

/* initial.c: the operand's type, of a list or dict with the items that its display gave it, if they are known. */
const Type *initial_type(Frame *fr, const Operand *operand);

/* unroll.c: loops over tuples whose items have different types */
bool unroll_loop(Frame *fr, ValueId iter);      /* true: the walk has to begin again */
bool unroll_template(Frame *fr, Unroll what);   /* the same */

/* exceptions.c; NULL without an error: there is no such attribute */
const Type *exception_attribute(Frame *fr, ValueId v, const Type *t, const char *name);
const Type *caught_attribute(Frame *fr, ValueId v, const char *name);

/* sent.c: the value of a `yield`; what g.send(value) says of it, false: an error */
const Type *infer_sent(Frame *fr, ValueId v);
bool send_arguments(Frame *fr, ValueId call); /* the same of what its callee sends to its parameters */
bool send_value(Frame *fr, ValueId call, const Operand *generator, const Type *value);
/* lengths.c: tuple(x); NULL without an error: x is one, or nothing to iterate over */
const Type *infer_tuple_of(Frame *fr, ValueId v);
const Type *infer_known_tuple(Frame *fr, ValueId v); /* of the site's one operand; NULL: nobody knows how many items */
/* stars.c */
bool spread_values(Frame *fr, ValueId call);    /* f(*list): how many items it takes is known; false: not yet, or an error */
const Type *infer_spread(Frame *fr, ValueId v); /* an OP_unpack in front of a call, without a count */
/* The library's function that takes the list that a call spreads instead of its items; NULL: nothing of the kind. */
const char *spread_callee(const Frame *fr, ValueId call);

/* strdicts.c */
bool make_strdict(Frame *fr, ValueId dict);     /* true: the walk has to begin again, with it as a STRDICT */
bool is_mixed_item(const Frame *fr, ValueId setitem); /* an item of a dict display: no type for all values so far */
const Type *infer_strdict(Frame *fr, ValueId v);
bool is_mixed_dict(const Frame *fr, ValueId call); /* dict(a=1, b="x"): no type for all values */
bool spread_keywords(Frame *fr, ValueId v);     /* f(**d): the keywords become known; false: not yet, or an error */
bool is_spread_dict(const Inst *call, uint32_t operand);
bool is_unroll_marked(const Frame *fr, ValueId v); /* literal_unroll(v) occurs */

/* finalise.c, defined.c, convert.c */
void check_defined_locals(Frame *fr);
void frame_finalise(Frame *fr);
ValueId convert_value(Builder *b, ValueId v, const Type *to);
void constant_in_place(Builder *b, ValueId v, Handle h, const Type *type); /* v becomes the constant */

#endif
