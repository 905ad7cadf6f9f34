/* library/library.h - what implements an operation, given the types of its arguments.
 *
 * The library is tables of rows.  A row names a thing that Python code can do ("numpy.sum", "math.sqrt",
 * "operator.add", "ndarray.reshape", "ndarray.shape"), how its arguments are called, how its result type
 * follows from the argument types (`type`), and how it is done (`emit`).  infer/ calls `type`; passes/lower
 * calls `emit`.  A name may have several rows; the first one whose type rule does not decline is taken.
 *
 * Rungs: 1 emitted here as lowered IR; 2 written in Python (naja/library/, with the public @overload);
 * 3 a NumPy ufunc's own inner loop; 4 a call into the interpreter.
 *
 * How to add a function: write its row in the table of the file that fits (scalars.c, mathlib.c, arrays.c, ...),
 * a type rule and an emitter (often an existing one), and its test.  How to add a ufunc: a row in ufuncs.def.
 *
 * Name spaces of rows
 *   "operator.add"          operators, by operator_info[].function; in-place forms as "operator.iadd" if they differ
 *   "builtins.len"          what the global `len` is; likewise "math.", "cmath.", "numpy.", "naja.prange"
 *   "ndarray.sum"           a method: called with the receiver first;  "complex.conjugate", "tuple.index", ...
 *   "ndarray.shape@"        an attribute read (one argument: the receiver); "@=" an attribute write
 *   "iter.array"            for loops: see iterators.c
 */
#ifndef NAJA_LIBRARY_H
#define NAJA_LIBRARY_H

#include "ir/ir.h"

/* One use of a row: an operator, attribute, method or call being typed or emitted. */
typedef struct Call {
    Unit *unit;
    Func *func;               /* the function that contains it: typed (in type rules) or lowered (in emitters) */
    uint32_t span;            /* position, for errors and raise sites */
    const LibRow *row;
    uint32_t nargs;           /* = number of the row's parameters; *args collect into one TUPLE argument */
    const Type **type;        /* by parameter: NULL when omitted and without default */
    ValueId *value;           /* emitters: the lowered operands, converted to `type`; NO_VALUE when omitted */
    const Type *result;       /* emitters: the type that the rule gave */
    const Inst *site;         /* the typed instruction (flags such as INST_INBOUNDS, fastmath, map body) */
    Operator op;              /* operators only */
    bool declined;            /* set by call_decline */
    struct InferApi *infer;   /* type rules: to type a callee (functions as arguments); NULL in emitters */
} Call;

typedef const Type *(*TypeRule)(Call *c); /* NULL: declined or error reported */
typedef struct Lower Lower;
typedef ValueId (*Emitter)(Lower *l, Call *c); /* NO_VALUE when the result type has no leaves */

struct LibRow {
    const char *name;
    const char *params;  /* "a, axis=None, dtype=None" or "a, b, /" or "*args"; defaults: None, ints, floats, bools, strings */
    TypeRule type;
    Emitter emit;
    const void *data;    /* for rules and emitters that serve many rows */
    uint8_t rung;
    uint8_t flags;       /* LibFlags */
};
enum LibFlags {
    LIB_PURE = 1,        /* no effect and cannot raise: may be removed when unused */
    LIB_NO_RAISE = 2,
    LIB_BORROWS = 4,     /* a managed result shares an operand's owner and is a new reference nevertheless */
    LIB_UFUNC = 8,       /* data is a Ufunc: elementwise; on arrays it becomes a `map` */
    LIB_CONVERTS = 16,   /* emitter wants operands unconverted (it converts them itself); the default */
};

/* ---- looking up -------------------------------------------------------------------------------------------- */

bool library_start(void);  /* builds the indices over all tables; once per process; false: out of memory */
/* All rows of a name, in order of preference; n receives the count. */
const LibRow *const *library_rows(const char *name, uint32_t *n);
/* The name that a Python object goes by in the tables ("numpy.sum" for np.sum however it was imported), or NULL. */
const char *library_name_of(Handle object);
/* "ndarray" for array types, "complex", "int", ...: the name space of a type's attributes and methods. */
const char *library_type_name(const Type *t);

/* ---- binding and typing -------------------------------------------------------------------------------------- */

/* The parameters of a row, parsed once from row->params. */
typedef struct {
    const char *name;
    const Type *default_type;  /* type (usually a literal) of the default value; NULL: required */
    bool is_star;              /* *args */
    bool keyword_only, positional_only;
} Param;
typedef struct {
    uint32_t n;
    const Param *param;
} Signature;
const Signature *library_signature(const LibRow *row);

/* Binds call operands (types; the last nkeywords are keywords) to parameters: bound[i] is an operand index or -1
 * for the default.  On failure returns false and puts the reason in `why` (arena text). */
bool library_bind(Arena *a, const LibRow *row, uint32_t nargs, const CallInfo *info, int32_t *bound, const char **why);

/* What a type rule says when the row does not serve these types: the next row is tried. */
const Type *call_decline(Call *c);
/* What it says when the row is the right one but the call is wrong: an error for the user. */
const Type *call_error(Call *c, DiagCode code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Literal arguments, for rules: true when parameter i is known at compile time. */
bool call_literal_int(const Call *c, uint32_t i, int64_t *value);
bool call_literal_bool(const Call *c, uint32_t i, bool *value);
const char *call_literal_str(const Call *c, uint32_t i);
bool call_is_none(const Call *c, uint32_t i); /* omitted or None */

/* ---- emitting -------------------------------------------------------------------------------------------------- */

/* State of one function being lowered; the emitter's workbench. */
struct Lower {
    Builder b;                 /* appends to the function being made; b.block moves as code is emitted */
    Unit *unit;
    const UnitOptions *options;
    const Call *call;          /* the call being emitted, for raise sites */
    /* values to release when what is being emitted raises: the instruction's own, then the emitter's temporaries */
    Vec(ValueId) cleanup;
    BlockId handler;           /* where exceptions of the current block go; NO_BLOCK: out of the function */
    ValueId handler_status;
    Map error_blocks;          /* lower.c: shared error exits */
};

/* A structured loop: for (i = begin; i < end; i += step).  Usage: lower_loop_begin, body, lower_loop_end. */
typedef struct {
    ValueId i;
    BlockId head, body, exit;
    ValueId phi_next;
    int64_t step;
} LowerLoop;
LowerLoop lower_loop_begin(Lower *l, ValueId begin, ValueId end, int64_t step);
void lower_loop_end(Lower *l, LowerLoop *loop);
/* Loop-carried values: call after lower_loop_begin (gives the phi), and before lower_loop_end with the next value. */
ValueId lower_loop_carry(Lower *l, LowerLoop *loop, ValueId initial);
void lower_loop_next(Lower *l, LowerLoop *loop, ValueId phi, ValueId next);

BlockId lower_block(Lower *l);
void lower_at(Lower *l, BlockId block);
ValueId lower_i64(Lower *l, int64_t value);

/* Converts a lowered value between scalar (or optional, tuple, literal) types with Python's/NumPy's meaning. */
ValueId lower_cast(Lower *l, ValueId v, const Type *from, const Type *to);
ValueId lower_truth(Lower *l, ValueId v, const Type *type);

/* Raising.  `message` is a built-in text whose %d take the payload words. */
void lower_raise(Lower *l, const char *exception, const char *message, uint32_t npayload, const ValueId *payload); /* ends the block */
void lower_raise_if(Lower *l, ValueId cond, const char *exception, const char *message, uint32_t npayload,
                    const ValueId *payload);            /* continues in a new block when cond is false */
void lower_check_status(Lower *l, ValueId status);      /* of a native with NATIVE_STATUS or an invoke */
void lower_check_memory(Lower *l, ValueId pointer);     /* NULL: MemoryError */
void lower_cleanup_push(Lower *l, ValueId managed);     /* released if the rest of the emission raises */
void lower_cleanup_pop(Lower *l, uint32_t n);

/* Calls a compiled function with lowered arguments of its parameter types; gives its result. */
ValueId lower_invoke(Lower *l, Func *callee, uint32_t nargs, const ValueId *args);

/* Arrays (library/arrays.c). */
ValueId lower_array_shape(Lower *l, ValueId array, const Type *t, unsigned axis);
ValueId lower_array_stride(Lower *l, ValueId array, const Type *t, unsigned axis); /* bytes; a constant where the layout says so */
ValueId lower_array_size(Lower *l, ValueId array, const Type *t);
ValueId lower_array_new(Lower *l, const Type *t, const ValueId *shape, bool zeroed); /* owns its memory; MemoryError, ValueError on bad sizes */
ValueId lower_array_element(Lower *l, ValueId array, const Type *t, const ValueId *index); /* address; indices in range */
ValueId lower_load_element(Lower *l, const Type *dtype, ValueId address);
void lower_store_element(Lower *l, const Type *dtype, ValueId address, ValueId value);

/* Scalars (library/scalars.c): the ufunc of this name on scalars of these types, e.g. "add", for map bodies. */
typedef struct Ufunc Ufunc;
struct Ufunc {
    const char *name;
    uint8_t nin, nout;
    uint8_t rule;                  /* how result and computing types follow: UfuncRule in ufuncs.def */
    ValueId (*emit)(Lower *l, const Ufunc *u, const Type *type, const ValueId *args); /* operands all of `type` */
    uint32_t native;               /* for emitters that call one row of natives.def (+1 for float32) */
};
const Ufunc *library_ufunc(const char *name);
/* NumPy's (NEP 50) resolution: computing type of the operands and result type; false: not defined.
 * `weak[i]` marks a Python scalar (int, float, complex) that does not take part in promotion. */
bool library_ufunc_types(const Ufunc *u, const Type *const *operand, const bool *weak, const Type **compute,
                         const Type **result);

#endif
