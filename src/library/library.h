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
    bool declined, waits;     /* set by call_decline, call_wait */
    struct InferApi *infer;   /* type rules: to type a callee (functions as arguments); NULL in emitters */
} Call;

/* What rules may ask of infer/, about the call at hand. */
typedef struct InferApi {
    /* The specialisation of a callee: a function, inner function (closure type) or dispatcher handle. */
    Func *(*callee)(struct InferApi *api, const Type *callable, uint32_t nargs, const Type *const *args, uint32_t span);
    /* call_refine, call_wait, call_refined below */
    bool (*refine)(struct InferApi *api, uint32_t param, const Type *to);
    void (*wait)(struct InferApi *api);
    const Type *(*refined)(struct InferApi *api);
} InferApi;

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
    uint16_t flags;       /* LibFlags */
};
enum LibFlags {
    LIB_PURE = 1,        /* no effect and cannot raise: may be removed when unused */
    LIB_NO_RAISE = 2,
    LIB_BORROWS = 4,     /* a managed result shares an operand's owner and is a new reference nevertheless */
    LIB_UFUNC = 8,       /* data is a Ufunc: elementwise; on arrays it becomes a `map` */
    LIB_MAP = 32,        /* data is a MapBuilder: an elementwise expression of several ufuncs */
    LIB_REDUCES = 64,    /* a reduction of its first argument; it can take a fused expression instead of an array */
    LIB_SINK = 128,      /* data is a MapSink: its last argument can be a fused expression instead of an array */
    LIB_SITE = 64,       /* makes a new container whose element types are refined by what is done with it */
    LIB_STORAGE = 256,        /* also for arrays of records and strings (type_is_storage), which no other row is asked about */
    LIB_LENDS = 512,     /* the result is a part of the first operand, which keeps it alive: the emitter makes its reference by
                            lower_incref_part */
    LIB_PYTHON = 1024,   /* runs Python code, which may change anything */
    LIB_ELEMENT = 2048,       /* takes an array but touches one element of it only: takes no time */
    LIB_CONVERTS = 16,   /* emitter wants operands unconverted (it converts them itself); the default */
};

/* The row of calls that the interpreter does; see bridge.c and CallInfo.bridge. */
#define LIBRARY_BRIDGE "function.bridge"

/* What each table file gives: `const LibTable library_<file>_table`; all of them are listed in tables.c. */
typedef struct {
    const char *name; /* "scalars": for dumps */
    const LibRow *row;
    uint32_t n;
} LibTable;

/* What the library needs of naja._core (engine/compiler_api.h); all functions need the GIL. */
typedef struct {
    Handle (*handle_of)(void *py_object);
    void *(*object_of)(Handle h);                 /* borrowed */
    const Type *(*type_of)(void *py_object);      /* NULL without an error: not supported */
    const Type *(*type_named)(void *py_object);   /* of a naja.types object; NULL: it is none */
    Handle (*dispatcher_function)(Handle h);
    bool (*dispatcher_options)(Handle h, UnitOptions *out);
    /* A dispatcher that takes given signatures only: the one that a call with these types takes, in their place.  0: it
     * takes any; -1: none fits. */
    int (*dispatcher_version)(Handle h, uint32_t nargs, const Type **args, const Type **result);
    /* The implementation in Python for arguments of these types, plain and as they are (literals). */
    Handle (*overload)(const char *library_name, Handle callable, uint32_t nargs, const Type *const *plain,
                       const Type *const *exact, uint32_t nkeywords, const char *const *keyword, bool *failed);
    const char *(*ufunc_loop)(Handle ufunc, uint32_t nargs, const Type *const *args); /* NULL: a Python error is set */
    /* Rung 4: the type that a library function gives for these types, found by a trial call; NULL: the interpreter does
     * not do this call, and *why may say why (static text), or *failed: Python error.  `caller`: the Python function. */
    const Type *(*bridge)(Handle callable, Handle caller, uint32_t nargs, const Type *const *args,
                          uint32_t nkeywords, const char *const *keyword, const char **why, bool *failed);
    /* Tells the user that such a call is slow; false: Python error (warnings may be errors). */
    bool (*bridge_warn)(Handle callable, Handle caller, const char *filename, int line);
    /* A NajaPerformanceWarning about a line of `function`; false as above. */
    bool (*performance_warn)(Handle function, const char *filename, int line, const char *text);
} LibraryHost;

/* ---- which row does what ---------------------------------------------------------------------------------------
 *
 * In typed IR these ops always carry `row` and `bound` (or, for call, `callee` and `bound`), and passes/lower just
 * calls row->emit with the bound operands:
 *
 *   binary unary inplace getattr setattr getitem setitem delitem slice unpack iter iter_valid iter_value iter_next
 *   call list list_append format
 *
 * The others are lowered by passes/lower itself: const_*, none, literal, undef, phi, br, condbr, ret, cast, tuple
 * (also of NAMEDTUPLE type), item (a field of any tuple), closure, raise, map, parallel.  Raise always has an operand
 * of EXCEPTION type, whose fields are the exception's arguments.  A value whose type has no leaves may be any op.
 * An omitted parameter is NO_VALUE in `bound`; its Call.type is the default's, and when that type has leaves (a
 * float) lower passes Param.default_float as a constant. */

/* ---- looking up -------------------------------------------------------------------------------------------- */

bool library_start(const LibraryHost *host); /* builds the indices; once per process; false: out of memory */
const LibraryHost *library_host(void);       /* NULL in unit tests without Python */
/* All rows of a name, in order of preference; n receives the count. */
const LibRow *const *library_rows(const char *name, uint32_t *n);
/* The name that a Python object goes by in the tables ("numpy.sum" for np.sum however it was imported), or NULL. */
const char *library_name_of(Handle object);
/* The Python object of a name whose module is loaded ("operator.add"); 0: none. */
Handle library_object(const char *name);
/* "ndarray" for array types, "complex", "int", ...: the name space of a type's attributes and methods. */
const char *library_type_name(const Type *t);

/* ---- binding and typing -------------------------------------------------------------------------------------- */

/* The parameters of a row, parsed once from row->params. */
typedef struct {
    const char *name;
    const Type *default_type;  /* type (usually a literal) of the default value; NULL: required */
    double default_float;      /* the value when default_type is float64 */
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
/* The operator of a row "operator.<function>", in place or not. */
Operator call_operator(const Call *c);
/* What it says when the row is the right one but the call is wrong: an error for the user. */
const Type *call_error(Call *c, DiagCode code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Containers whose element types follow from what is put in (infer/refine.c).  A type rule that puts something into
 * argument i asks for it to become of type `to`; false: its type is fixed.  When the answer is true and the type was
 * another one, the rule ends with call_wait(): it is asked again once the container has the new type.  It ends so too when
 * it needs an element type that is still undefined. */
bool call_refine(Call *c, uint32_t i, const Type *to);
const Type *call_wait(Call *c); /* gives NULL */
bool call_waits(const Call *c);  /* whether it was called */
/* For rows with LIB_SITE: the type that later uses gave the container made here; NULL: none has yet. */
const Type *call_refined(Call *c);
/* Literal arguments, for rules: true when parameter i is known at compile time. */
bool call_literal_int(const Call *c, uint32_t i, int64_t *value);
bool call_literal_bool(const Call *c, uint32_t i, bool *value);
const char *call_literal_str(const Call *c, uint32_t i);
bool call_is_none(const Call *c, uint32_t i); /* omitted or None */
/* The scalar type named by a dtype argument: np.float32, np.dtype("f4"), "float32", float, int, bool; NULL: none. */
const Type *call_dtype(const Call *c, uint32_t i);
/* The element type named by a constant string that only NumPy understands, such as "i4, (2,3)f8"; NULL: none. */
const Type *call_storage_dtype(const Call *c, uint32_t i);
/* The error of a dtype argument that names no dtype that compiled code can use; gives NULL. */
const Type *call_dtype_error(Call *c, uint32_t i);
/* The type that an argument names: a scalar type as call_dtype, any object of naja.types, or a typed container in place
 * of its type; NULL: none. */
const Type *call_named_type(const Call *c, uint32_t i);
/* The type with every literal int or bool in it (also inside tuples) replaced by what it widens to. */
const Type *library_widen(const Type *t);
/* The type of all items of a tuple together; NULL: they have none, or there are no items. */
const Type *tuple_item_type(const Type *t);

/* ---- Python objects as constants (objects.c; GIL) ---------------------------------------------------------------- */

/* The type of an object named by the program: numbers and strings give literals, numpy.float32 a DTYPE, modules an
 * OBJECT, classes and functions a FUNCTION, arrays a read-only ARRAY; NULL: not supported. */
const Type *object_type(Handle h);
const Type *object_named_type(Handle h);                      /* of a naja.types object; NULL: it is none */
const Type *object_type_of_text(const char *text);            /* "float64[:]"; NULL: it says no type */
Handle object_attribute(Handle h, const char *name);          /* 0: there is none */
const char *object_dotted_name(Handle h);                   /* "numpy.sort", from its attributes; static buffer */
const char *object_utf8(Arena *a, Handle h);                  /* a str; NULL: it is none */
const char *object_text(Handle h);                            /* for messages: "module 'numpy'"; static buffer */
bool object_float(Handle h, double *re, double *im);          /* a number's value */
bool object_int(Handle h, int64_t *value);                    /* false: not an int or does not fit */
/* The number of an enum member, see type_enum. */
bool object_enum(Handle h, int64_t *number);
uint32_t object_length(Handle h);                             /* a tuple's */
int64_t object_nbytes(Handle h);                              /* the length of bytes */
Handle object_item(Handle h, uint32_t i);                     /* a tuple's */
/* The characters of a literal as a bytes object, in the least kind (1, 2, 4) that holds them; 0: it is no text. */
Handle object_string_bytes(const char *utf8, uint32_t *kind, int64_t *length);
const char *object_method_name(Handle h);                     /* of str.lower, a method looked up in its class; NULL */
bool object_is_exception_class(Handle h);
bool object_is_subclass(Handle cls, Handle of);
/* Which argument an attribute of an exception is: EXCEPTION_ARGS: all of them, a tuple; -1: none, then *constant is its
 * value if it is the same for any arguments (`constant` may be NULL), or 0. */
enum { EXCEPTION_ARGS = -2 };
int32_t object_exception_attribute(Handle cls, uint32_t nargs, const char *name, Handle *constant);
/* Of a jitclass: what a name in it stands for, as the function to call (a dispatcher). */
typedef enum { CLASS_NOTHING, CLASS_METHOD, CLASS_STATIC, CLASS_ALTERNATIVE, CLASS_PROPERTY } ClassMember;
ClassMember object_class_member(Handle cls, const char *name, Handle *function, Handle *setter); /* setter: 0 or not */
/* The class that a method stands in, which its super() is about; 0: it is none, or has no super().  Behind it in the MRO is what
 * object_class_member finds for the name ">handle.name". */
Handle object_own_class(Handle function);
/* Does a namedtuple's class, or one of its own bases, say what this special method is? */
bool object_overrides(Handle cls, const char *method);
/* A value that has fields and is no tuple: of a dataclass. */
bool library_is_object(const Type *t);
bool library_has_methods(const Type *t);                      /* an instance, a dataclass's, a namedtuple */
/* naja/library/lengths.py: which arguments a generator's code gives an item each for, -1; a function that makes a tuple. */
int32_t object_iterated(Handle code);
Handle object_taker(int64_t n, bool is_list);
bool object_is_ufunc(Handle h);                               /* of NumPy's ABI, or made by vectorize */
bool object_is_function(Handle h);                            /* a plain Python function */
bool object_is_interpreters(Handle h);                        /* of a class of NumPy's or SciPy's, see naja/interpreter.py */
bool object_error_is(const char *class_name);                 /* whether the Python error is of a class of this name */
const char *object_take_error(void);                          /* clears the Python error; its text, static buffer */
/* An object whose class says its hash, or that is its own: of a jitclass, or of a dataclass that is not compared by fields. */
bool library_hashes_itself(const Type *t);
bool library_is_hashable(const Type *t);
/* A shared instance: the type of its fields (mutables.c), NULL: it is none; the index of a field, -1: there is none; the
 * shared instance with another type of a field. */
bool library_holds_container(const Type *t); /* a list, set or dict, or a tuple or Optional with one */
const Type *library_shared_fields(const Type *t);
int32_t library_shared_field(const Type *fields, const char *name);
const Type *library_shared_with(const Type *t, uint32_t i, const Type *field);
/* Of a dataclass whose instances are values so far: share them; false: it is frozen, or none. */
bool object_share(Handle cls);
/* What setting a field of a frozen class calls, a function of an instance and a value that raises; 0: it is not frozen. */
Handle object_frozen_refusal(Handle cls, const char *field);
bool library_is_flag(const Type *t);                          /* a member of an enum.Flag, or several: enums.c */
bool library_is_place(const Type *t);                         /* what a stencil's kernel gets for an array; stencils.c */
bool library_is_list(const Type *t);                          /* a list display: a NAMEDTUPLE of class list */
uint32_t object_nfields(Handle cls);                          /* of a namedtuple class or dataclass; UINT32_MAX: it is none */
const char *object_field(Handle cls, uint32_t i);             /* name of a namedtuple's field; lives with the class */
Handle object_default(Handle function, const char *param, uint32_t i, bool keyword_only); /* default of parameter i */
Handle object_fields_default(Handle cls, const char *field);
uint32_t object_nfree(Handle code);                           /* number of free variables of a code object */

/* ---- emitting -------------------------------------------------------------------------------------------------- */

/* State of one function being lowered; the emitter's workbench. */
struct Lower {
    Builder b;                 /* appends to the function being made; b.block moves as code is emitted */
    Unit *unit;
    const UnitOptions *options;
    const Call *call;          /* the call being emitted, for raise sites */
    /* values to release when what is being emitted raises: the instruction's own, then the emitter's temporaries */
    Vec(ValueId) cleanup;
    BlockId handler;           /* where exceptions of the current block go (a lowered block); NO_BLOCK: out of the function */
    ValueId handler_status;    /* i32 phi of the landing block `handler`: the status of what was raised */
    ValueId handler_frame;     /* another one: the site of the call that it came from, not recorded yet, or NO_SITE */
    bool quiet;                /* what is raised now leaves no line of its own in the traceback */
    const Func *frame;         /* what a traceback shows for raise sites; NULL: the function itself */
    Map error_blocks, tails, sites; /* lower_raise.c: shared exits, their ends, and raise sites of this function */
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
/* Between addresses, and functions as values (pointers.c). */
bool lower_is_pointer_cast(const Type *from, const Type *to);
ValueId lower_pointer_cast(Lower *l, ValueId v, const Type *from, const Type *to);
ValueId lower_function_constant(Lower *l, Handle object, const Type *t);
/* Code that an extension has built (foreign.c): an object of naja/lowering/foreign.py. */
bool library_is_foreign(Handle h);
const Type *library_foreign_arg(Handle foreign, uint32_t i);
const Type *library_foreign_result(Handle foreign);
/* Its call with arguments of its types; `inner`: the Python function that it wants compiled, or NULL. */
ValueId lower_foreign(Lower *l, Handle foreign, Func *inner, const ValueId *args);
ValueId lower_user_constant(Lower *l, Handle object, const Type *t); /* NO_VALUE: there is no code for it */
ValueId lower_truth(Lower *l, ValueId v, const Type *type);
ValueId lower_string(Lower *l, const char *text);       /* a literal as a value of type_str */

/* Raising.  `message` is a built-in text whose %d take the payload words. */
void lower_raise(Lower *l, const char *exception, const char *message, uint32_t npayload,
                 const ValueId *payload);               /* ends the block */
void lower_raise_if(Lower *l, ValueId cond, const char *exception, const char *message, uint32_t npayload,
                    const ValueId *payload);            /* continues in a new block when cond is false */
void lower_raise_site(Lower *l, RaiseSite site, uint32_t npayload, const ValueId *payload); /* any site; ends the block */
void lower_raise_again(Lower *l, ValueId status);       /* the error is in the context already; ends the block */
/* The payload of a new site is put into the context; gives the status, and control goes on. */
ValueId lower_record_error(Lower *l, RaiseSite site, uint32_t npayload, const ValueId *payload);
uint32_t lower_class_site(Lower *l, Handle cls);        /* a site that names a class, for natives */
void lower_check_status(Lower *l, ValueId status);      /* of a native with NATIVE_STATUS or an invoke */
void lower_check_memory(Lower *l, ValueId pointer);     /* NULL: MemoryError */
/* A result for Python: inner functions in it outlive the call, so what they have captured may not be borrowed from the
 * arguments.  Takes over the reference. */
ValueId lower_kept_captures(Lower *l, ValueId v, const Type *t);
void lower_cleanup_push(Lower *l, ValueId managed);     /* released if the rest of the emission raises */
void lower_cleanup_pop(Lower *l, uint32_t n);

/* Calls a compiled function with lowered arguments of its parameter types; gives its result. */
ValueId lower_invoke(Lower *l, Func *callee, uint32_t nargs, const ValueId *args);

/* Values in memory: one 8-byte slot per leaf, as in a Result (runtime/abi.h). */
ValueId lower_alloca(Lower *l, size_t nbytes);                    /* on the stack, for the whole call */
void lower_store_slots(Lower *l, ValueId address, ValueId v, const Type *t);
ValueId lower_load_slots(Lower *l, ValueId address, const Type *t);
ValueId lower_empty(Lower *l, const Type *t);                     /* the only value of a type without leaves */

/* Arrays (library/arrays.c). */
enum { BLOCK_HEADER_NBYTES = 64 }; /* sizeof(MemoryBlock) in runtime/abi.h, asserted there; data follow it */
ValueId lower_array_shape(Lower *l, ValueId array, const Type *t, unsigned axis);
ValueId lower_array_stride(Lower *l, ValueId array, const Type *t, unsigned axis); /* bytes; a constant where the layout says so */
ValueId lower_array_size(Lower *l, ValueId array, const Type *t);
/* Owns its memory; MemoryError, ValueError on bad sizes. */
ValueId lower_array_new(Lower *l, const Type *t, const ValueId *shape, bool zeroed);
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
/* NumPy's (NEP 50) resolution: computing type of the operands (a tuple: of each one) and result type; false: not
 * defined.
 * `weak[i]` marks a Python scalar (int, float, complex) that does not take part in promotion. */
bool library_ufunc_types(const Ufunc *u, const Type *const *operand, const bool *weak, const Type **compute,
                         const Type **result);

/* ---- generators (generators.c, passes/lower_generator.c): see generators.h ------------------------------------- */

/* Places in a frame, in 8-byte slots from its beginning. */
typedef struct GeneratorPlan {
    const Type *item, *returned;
    const Type *sent;       /* Optional: what was sent, of unmanaged types; NULL: nothing is */
    uint32_t sent_at;
    const Type **arg;       /* by parameter */
    uint32_t nargs;
    uint32_t *arg_at;       /* by parameter */
    uint32_t args_at, items_at, live_at; /* lists of owned blocks: see GeneratorFrame; the item: GENERATOR_ITEM_AT */
    uint32_t narg_owners, nitem_owners;
    uint32_t *spill_at;     /* by typed value: where it is kept; 0: it is not alive across a yield */
    bool *owned;            /* by typed value: it has a reference of its own */
    ValueId **alive;        /* by suspend, in order: the values to keep, ending in NO_VALUE */
    uint32_t nsuspends, nslots;
    bool has_owned;         /* some kept value has a reference of its own */
    bool guarded;           /* some suspend has a handler */
} GeneratorPlan;

/* What `yield from` gives: the result of the generator that a loop went over, from the loop's state. */
#define LOOP_RESULT "naja.library.low.loop_result"

/* The address of slot `at` of a frame. */
ValueId generator_slot(Lower *l, ValueId generator, uint32_t at);
/* Copies the owners among the leaves of a value in memory to a list of blocks; gives how many. */
uint32_t generator_list_owners(Lower *l, ValueId generator, uint32_t at, const Type *t, uint32_t list_at);
/* A new generator: what a call of a generator function does. */
ValueId generator_new(Lower *l, Func *callee, const Type *type, const ValueId *args);

/* ---- elementwise expressions (maps.c, reduce.c, index.c) -------------------------------------------------------- */

enum { MAP_MAX_ARGS = 8 };

/* The scalar expression of a `map`.  Node k computes from earlier nodes; the last node is the result. */
typedef struct {
    const Ufunc *ufunc;            /* NULL: a leaf, the element (or scalar) of operand arg[0] */
    const Type *compute, *type;    /* operands are converted to `compute`, the result is of `type` */
    uint16_t arg[MAP_MAX_ARGS];    /* node numbers (of a leaf: the operand number) */
    uint32_t span;
} MapNode;
/* `sink` takes the elements as they come, instead of a new array: a reduction (LIB_REDUCES) or operator.setitem.  Its
 * parameter `sink_param` is what the expression stands for; the others are operands of the instruction. */
struct MapBody {
    uint32_t n, capacity;
    MapNode *node;
    const LibRow *sink;
    uint32_t sink_param;
    const Type **sink_type;        /* by parameter of the sink, NULL where omitted */
    int32_t *sink_operand;         /* by parameter: number of an operand; -1: left to its default */
};
typedef struct {
    bool (*build)(Call *c, MapBody *body); /* leaves are numbered by parameter; false: not elementwise for these types */
} MapBuilder;

/* What writes the elements of an expression somewhere: a[i] = expression, a += expression. */
typedef struct {
    ValueId (*emit)(Lower *l, Call *c, const MapBody *body); /* c: the map instruction */
    bool in_place;                 /* the expression still lacks the operator: `library_map_in_place` adds it */
} MapSink;
/* Appends `operand array op (the expression so far)`; false: not possible. */
bool library_map_in_place(Call *c, uint32_t array_operand, MapBody *body);

/* The expression that a call computes, when its row is LIB_UFUNC or LIB_MAP and it gives a new array; else false.
 * Looks at types only.  Leaves are numbered by the row's parameters. */
bool library_map_body(Call *c, MapBody *body);
/* Lowers a `map` instruction: c->site has the body, c->type and c->value are the instruction's operands. */
ValueId lower_map(Lower *l, Call *c);

#endif
