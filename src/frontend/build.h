/* frontend/build.h - what the files that turn opcodes into IR share.  Private to frontend/.
 *
 * Words: a *frame* is one code object being built: the function's own, or a list comprehension's that is expanded
 * in place (Python 3.11).  A *display* is a list that is being put together from parts, some of them starred.
 */
#ifndef NAJA_FRONTEND_BUILD_H
#define NAJA_FRONTEND_BUILD_H

#include "frontend/cfg.h"
#include "frontend/decode.h"
#include "frontend/frontend.h"
#include "frontend/ssa.h"

/* What may stand in a stack slot beside values. */
enum { NULL_SLOT = UINT32_MAX - 1,   /* PUSH_NULL's NULL */
       UNREAD_SLOT = UINT32_MAX - 2  /* has the value of its SSA variable, not read yet in this block */ };

/* The stack at a block's begin, as its first predecessor leaves it. */
typedef struct {
    bool known;
    uint32_t depth;
    bool *is_null;
    uint32_t missing; /* predecessors that have not been built yet; of a handler: the blocks it protects */
    BlockId ir;       /* NO_BLOCK: not made yet */
} Entry;

/* Where the values of a frame's slot (of localsplus) live. */
typedef struct {
    bool is_free;     /* belongs to an enclosing function: not to be assigned */
    PyObject *cell;   /* free variable of a Python function: where its value is; borrowed */
    bool is_shared;   /* `var` is a cell of compiled code, see closures.c */
    Var var;          /* all others */
} SlotHome;

typedef struct {
    ValueId value;
    bool star;
} Part;

typedef struct {
    ValueId list;     /* the `list` op that stands for it */
    uint32_t span;
    bool has_star;
    Vec(Part) parts;
    Vec(ValueId) growth; /* what extends the list in place, in case it stays a list */
} Display;

/* A dict that is put together: calls.c. */
typedef struct {
    ValueId dict;
    bool is_open;     /* has parts that are not known */
    bool literal;     /* a STRDICT, of the items so far */
    int64_t number;   /* of the display (CallInfo.display) */
    Vec(ValueId) key, value;
    Vec(ValueId) made; /* the instructions that make and fill it */
} Mapping;

/* An inner function that was made: closures.c checks what it captures. */
typedef struct {
    ValueId closure;
    PyCodeObject *code;  /* borrowed */
    bool is_comprehension;
    uint32_t ncaptured;
    PyObject **name;     /* borrowed */
    Var *var;            /* captured variables, NO_VALUE for one of the outer function's own closure */
} Capture;

/* What an inner function knows of itself and of those that are defined after it: siblings.c. */
typedef struct {
    PyObject *name;      /* the variable; borrowed */
    Handle target;       /* code of the function that it will be */
} Link;
typedef struct {
    int32_t self;        /* its free variable that is itself; -1: none */
    uint32_t ndefaults;  /* of itself: default values of parameters that it has captured, to pass them on */
    PyObject *own;       /* the variable that it is; NULL: not known */
    Vec(Link) link;
} Siblings;
typedef Vec(PyObject *) Names; /* borrowed */

/* An assignment to a variable that inner functions share. */
typedef struct {
    Var var;
    ValueId value;
    BlockId block;
    ValueId before;      /* last instruction in the block at that time, NO_VALUE: none */
    uint32_t span;
} CellStore;

typedef struct {
    Unit *unit;
    Arena *arena;
    Func *f;
    Source *source;
    const FrontendHost *host;
    PyObject *globals, *builtins, *closure; /* borrowed; closure: of the Python function, NULL for inner functions */
    Builder b;
    Ssa ssa;
    const Unroll *unroll; /* loops to unroll, nunroll of them */
    uint32_t nunroll;
    bool failed;
    PyObject *locals;     /* option locals=: dict of types by name of variable; borrowed, NULL: none */
    Vec(Display) displays;
    Vec(Mapping) mappings;
    Vec(const char *) shared; /* names of variables that have to be cells */
    bool again;           /* one more was found: the function is built once more */
    Vec(Capture) captures;
    Vec(CellStore) cell_stores;
    Vec(ValueId) lost;    /* undef: variables that an objmode block assigns and does not give back */
    Vec(ValueId) doomed;  /* instructions to delete at the end */
} Build;

typedef struct Frame Frame;
struct Frame {
    Build *b;
    Frame *outer;            /* of an expanded comprehension: the frame that calls it */
    PyCodeObject *code;      /* borrowed */
    Decoded decoded, whole;  /* whole: with the handlers inside objmode blocks, too */
    Span *position;
    uint32_t nposition;
    uint32_t *span_of;       /* by code unit: index into Source.spans, 0: not there yet */
    uint32_t call_span;      /* expanded: span of the call */
    Cfg cfg;
    uint32_t nslots;
    SlotHome *home;          /* by slot */
    Var stack_var;           /* variable of stack slot 0 */
    Var handled;             /* variable: the exception that is being handled, what a bare `raise` raises again */
    BlockId handler;         /* expanded: where exceptions of the call go; NO_BLOCK: out of the function */
    ValueId *stack;
    uint32_t depth, max_depth;
    Entry *entry;            /* by cfg block */
    uint32_t block, at;      /* being built: cfg block, instruction */
    bool ended;              /* the block has its terminator */
    int32_t kw_names;        /* index into co_consts for the next CALL, -1: none */
    uint32_t loop_depth;     /* of the block that the frame begins in */
    Vec(ObjmodeRegion *) objmodes;
    ValueId result;          /* expanded: what it returned */
    BlockId exit;            /* expanded: the block that returns, NO_BLOCK: none yet */
};

/* ---- build.c: the machine ---------------------------------------------------------------------------------------- */

/* Both report and make the rest of the build stop. */
void build_error(Frame *f, DiagCode code, const char *fmt, ...) PRINTF_LIKE(3, 4);
void build_unsupported(Frame *f, const char *phrase); /* "a `with` block": is not supported ... */

void build_at(Frame *f, uint32_t instruction); /* what is made from now on stands there */

void push(Frame *f, ValueId v);
ValueId pop(Frame *f);                        /* a value, never NULL_SLOT */
ValueId slot_at(Frame *f, uint32_t depth);    /* 1: the top; may be NULL_SLOT */
void drop(Frame *f, uint32_t n);
ValueId value_at(Frame *f, uint32_t depth);   /* the same, an error when it is NULL */
void set_slot(Frame *f, uint32_t depth, ValueId v);

/* Assigns a variable.  In a `try` whose block may have raised already, that begins a new block: the handler sees
 * one value of a variable for each block that it protects. */
void write_var(Frame *f, Var var, ValueId v);
/* After a terminator was emitted: the block's exceptions are an edge to its handler. */
void end_block(Frame *f);

/* Ends the block: control goes to one successor, or to one of two. */
void go_to(Frame *f, uint32_t successor);
void branch(Frame *f, ValueId cond, uint32_t if_true, uint32_t if_false);
/* Ends the block of a for loop: see loops in ops.c. */
void branch_for(Frame *f, ValueId valid, uint32_t npopped);
void branch_send(Frame *f, ValueId valid);     /* the same for `yield from` */

void frame_init(Frame *f, Build *b, Frame *outer, PyCodeObject *code);
void frame_build(Frame *f);                   /* from the builder's block on */
const char *slot_name(const Frame *f, uint32_t slot);
const char *text_of(Build *b, PyObject *str); /* in the arena; "?" if it is not UTF-8 */
/* ir_append with the frame's builder. */
ValueId emit_op(Frame *f, Op op, uint32_t nargs, const ValueId *args);
#define emit_value(f, op, ...)                                                                                 \
    emit_op((f), (op), sizeof((ValueId[]){__VA_ARGS__}) / sizeof(ValueId), (ValueId[]){__VA_ARGS__})
ValueId emit_operator(Frame *f, Op op, Operator sub, uint32_t nargs, const ValueId *args);
/* The same code sees the globals and the captured variables of whose it is. */
static inline uint64_t inner_key(Handle code, Handle lender) { return (uint64_t)lender << 32 | code; }
Func *build_inner(Unit *u, const FrontendHost *host, Handle code, Handle lender);
Func *build_function(Unit *u, const FrontendHost *host, Handle function);
Func *build_unrolled(Unit *u, const FrontendHost *host, const Source *source, uint32_t n, const Unroll *unroll);

/* ---- siblings.c -------------------------------------------------------------------------------------------------- */

Siblings *siblings_of(const Build *b, Handle code);   /* NULL: it knows of none */
Siblings *siblings_make(Build *b, Handle code);
/* It captures itself under this name, and must pass on so many default values. */
void siblings_know_self(Build *b, Handle code, PyObject *name, uint32_t ndefaults);
bool siblings_reach(const Build *b, Handle from, Handle to); /* by links, or they are the same */
/* The variables of the enclosing function that the closure of a code object is made of, in order. */
Names captured_by(Build *b, Handle code);
Names captured_at_first(Build *b, Handle code); /* and itself, before it is known that it is itself */
/* Where a function begins: makes the closures that its variables stand for.  Its parameters begin with `captured`. */
void siblings_begin(Frame *f, const Names *captured);
static inline PyObject *free_name(const PyCodeObject *code, uint32_t i) { /* borrowed */
    return PyTuple_GET_ITEM(code->co_localsplusnames, (uint32_t)(code->co_nlocalsplus - code->co_nfreevars) + i);
}

/* unroll.c: changes decoded code; false: this loop cannot be unrolled. */
bool unroll(Arena *a, Decoded *code, const Unroll *which);

/* ---- consts.c ------------------------------------------------------------------------------------------------------ */

ValueId const_of(Frame *f, PyObject *o);      /* borrowed; NO_VALUE after an error */
ValueId text_value(Frame *f, const char *text);
ValueId library_function(Frame *f, const char *module, const char *name); /* of naja/library/ */
ValueId object_of(Frame *f, PyObject *o);     /* always a const_object */
/* What a variable keeps of a value that is assigned to it: converted to the type that locals= gives it. */
ValueId declared_value(Frame *f, uint32_t slot, ValueId v);
ValueId global_of(Frame *f, PyObject *name);
PyObject *object_behind(Frame *f, ValueId v); /* borrowed: of a const_object, else NULL */

/* ---- ops.c ------------------------------------------------------------------------------------------------------------ */

/* What an opcode means: a function that builds it, or a phrase that says what is not supported. */
typedef struct {
    void (*build)(Frame *f, int32_t arg);
    const char *unsupported;
} Meaning;
extern const Meaning meaning[I_COUNT];

/* ---- calls.c, displays.c --------------------------------------------------------------------------------------------- */

void op_call(Frame *f, int32_t arg);
ValueId super_of_self(Frame *f); /* calls.c: super() */
void op_call_ex(Frame *f, int32_t arg);
void op_kw_names(Frame *f, int32_t arg);
void op_map(Frame *f, int32_t arg);
void op_const_key_map(Frame *f, int32_t arg);
void op_map_add(Frame *f, int32_t depth);
Mapping *find_mapping(Frame *f, ValueId dict); /* what a new dict is put together from; NULL: not known */
void op_dict_update(Frame *f, int32_t depth);
void op_dict_merge(Frame *f, int32_t depth);
void op_set(Frame *f, int32_t arg);
void op_set_add(Frame *f, int32_t depth);
void op_set_update(Frame *f, int32_t depth);
void op_list(Frame *f, int32_t arg);
void op_list_append(Frame *f, int32_t arg);
void op_list_extend(Frame *f, int32_t arg);
void op_list_to_tuple(Frame *f, int32_t arg);
void op_unpack(Frame *f, int32_t n);
void op_unpack_ex(Frame *f, int32_t counts);
void op_length(Frame *f, int32_t arg);
void op_is_sequence(Frame *f, int32_t arg);
void op_is_mapping(Frame *f, int32_t arg);
void op_match_keys(Frame *f, int32_t arg);
void op_match_class(Frame *f, int32_t n);
void op_import(Frame *f, int32_t index);
void op_import_from(Frame *f, int32_t index);

/* ---- exceptions.c ---------------------------------------------------------------------------------------------------- */

void op_raise(Frame *f, int32_t narg);
void op_push_exc(Frame *f, int32_t arg);
void op_pop_exc(Frame *f, int32_t arg);
void op_exc_match(Frame *f, int32_t arg);
void op_reraise(Frame *f, int32_t arg);
void checkpoint_in_try(Frame *f, uint32_t k); /* at the begin of block k */

/* ---- with.c ------------------------------------------------------------------------------------------------------------ */

bool with_outline(Frame *f); /* after decoding; false after an error */
void op_objmode(Frame *f, int32_t arg);
void op_with(Frame *f, int32_t arg);
void op_with_exit(Frame *f, int32_t arg);
void with_check_lost(Frame *f); /* after ssa_finish: variables that an objmode block assigns and does not give back */

/* ---- closures.c -------------------------------------------------------------------------------------------------------- */

void op_function(Frame *f, int32_t arg);
void op_function_attr(Frame *f, int32_t arg);
void op_deref(Frame *f, int32_t slot);
void op_store_deref(Frame *f, int32_t slot);
void op_delete_deref(Frame *f, int32_t slot);
void op_make_cell(Frame *f, int32_t slot);
/* Of a variable that is no Python cell: its value, and an assignment. */
ValueId slot_read(Frame *f, uint32_t slot);
void slot_write(Frame *f, uint32_t slot, ValueId v);
/* Variables of the code that inner functions assign are cells. */
void closures_find_shared(Build *b, PyCodeObject *code);
bool closures_is_shared(Frame *f, uint32_t slot, bool is_free);
bool closures_is_comprehension(const PyCodeObject *code);
bool is_generator_expression(Frame *f, ValueId callee);
/* True when the callee is a list comprehension's function, which was then expanded and its result pushed. */
bool expand_comprehension(Frame *f, ValueId callee, ValueId iterator);
/* After ssa_finish: errors about assignments that an inner function would have to see. */
void closures_check(Frame *f);

#endif
