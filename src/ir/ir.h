/* ir/ir.h - the one intermediate representation: functions, basic blocks, instructions in SSA form.
 *
 * A Unit is one compilation: an entry function and every function it calls, its diagnostics and its arena.
 * A Func passes through three states, and never back:
 *
 *   FUNC_UNTYPED   frontend/ built it.  Generic ops with Python's meaning (binary, getitem, call); no types.
 *   FUNC_TYPED     infer/ gave every value a type and every call its implementation.  The same ops.
 *   FUNC_LOWERED   passes/lower replaced generic ops by primitive ones (iadd, load, br); codegen/ maps those
 *                  one to one.  Raising has become explicit control flow.
 *
 * An instruction is a value: its id names it.  Ids index Func.inst; ids of deleted instructions are not used
 * again.  Composite values (arrays, tuples) are single values here; `field` and `make` take them apart and
 * build them, and codegen gives each leaf its own register.  Blocks list their instructions: phis first, one
 * terminator last.  Every fact about an op is in ops.def.
 *
 * Constants have their type from the start, in FUNC_UNTYPED too: an int is a const_int of type Literal[int](n), or
 * of uint64 (its bits) when it does not fit int64; True and False are const_int of Literal[bool]; a float is a
 * const_float of float64; None is `none`.  Every other object is a const_object, typed by infer/.
 */
#ifndef NAJA_IR_H
#define NAJA_IR_H

#include "base/base.h"
#include "types/types.h"

typedef uint32_t ValueId, BlockId;
enum { NO_VALUE = UINT32_MAX, NO_BLOCK = UINT32_MAX };
#define ENTRY_BLOCK 0u

/* ---- ops ---------------------------------------------------------------------------------------------------- */

typedef enum {
#define O(name, nargs, flags, imm, doc) OP_##name,
#include "ir/ops.def"
#undef O
    OP_COUNT
} Op;

enum OpFlags {
    OPF_GENERIC = 1,     /* allowed in FUNC_UNTYPED and FUNC_TYPED */
    OPF_LOWERED = 2,     /* allowed in FUNC_LOWERED (an op may be allowed in both) */
    OPF_TERMINATOR = 4,  /* ends a block */
    OPF_PURE = 8,        /* no effect, result depends on the operands only: may be removed or moved */
    OPF_RAISES = 16,     /* generic ops: may leave the block through its handler */
    OPF_EFFECT = 32,     /* must be kept even if the result is unused */
    OPF_NO_RESULT = 64,  /* gives no value */
    OPF_COMMUTATIVE = 128,
};
typedef enum { IMM_NONE, IMM_INT, IMM_FLOAT, IMM_NAME, IMM_HANDLE, IMM_OPERATOR, IMM_COMPARE, IMM_FIELD,
               IMM_BLOCKS, IMM_FUNC, IMM_NATIVE, IMM_SITE, IMM_CALL, IMM_MAP, IMM_CODE, IMM_PREDICATE,
               IMM_OBJMODE } ImmKind;
typedef struct {
    const char *name;
    int8_t nargs; /* -1: any number */
    uint8_t flags;
    ImmKind imm;
    const char *doc;
} OpInfo;
extern const OpInfo op_info[OP_COUNT];

/* Python's operators.  P(NAME, "symbol", "operator function", "ufunc" or NULL) */
typedef enum {
#define P(name, symbol, function, ufunc) OPERATOR_##name,
#include "ir/operators.def"
#undef P
    OPERATOR_COUNT
} Operator;
typedef struct {
    const char *symbol, *function, *ufunc;
} OperatorInfo;
extern const OperatorInfo operator_info[OPERATOR_COUNT];

/* Rows of runtime/natives.def: NATIVE_sqrt, NATIVE_block_new, ... (imm.native). */
typedef enum {
#define X(name, symbol, signature, attributes) NATIVE_##name,
#include "runtime/natives.def"
#undef X
    NATIVE_COUNT
} Native;
enum NativeAttributes { NATIVE_PURE = 1, NATIVE_READS = 2, NATIVE_WRITES = 4, NATIVE_STATUS = 8,
                        NATIVE_COLD = 16, NATIVE_FRESH = 32, NATIVE_OF_UNIT = 64 };
typedef struct {
    const char *name, *symbol, *signature;
    uint8_t attributes; /* NativeAttributes */
} NativeInfo;
extern const NativeInfo native_info[NATIVE_COUNT]; /* natives.c */
bool native_is_intrinsic(Native native); /* of LLVM */
bool native_has_kernel(Native native);   /* there is one in vecmath/, for several numbers */

/* Predicates of icmp and fcmp; fcmp is ordered except for NE. */
typedef enum { PRED_EQ, PRED_NE, PRED_LT, PRED_LE, PRED_GT, PRED_GE, PRED_ULT, PRED_ULE, PRED_UGT, PRED_UGE,
               PRED_COUNT } Predicate;

/* ---- functions ---------------------------------------------------------------------------------------------- */

typedef struct Unit Unit;
typedef struct UnitOptions UnitOptions;
typedef struct Func Func;
typedef struct Source Source;
typedef struct MapBody MapBody;   /* library/library.h: the scalar expression of a fused array loop */
typedef struct LibRow LibRow;     /* library/library.h */

/* Immediate data of a call with keywords or stars. */
typedef struct CallInfo {
    uint32_t nkeywords;         /* the last operands are keyword values */
    const char *const *keyword; /* their names */
    bool star;                  /* operand 1 is a tuple to be spread: f(*t) */
    int64_t display;            /* dict(): the instruction of the display it is for, all keys constant strings; 0: none */
    const struct CallInfo *unspread; /* infer/: the call before its f(**d), whose name is NULL, became keywords */
    /* after inference, when the interpreter does the call (library/bridge.c): */
    Handle bridge;              /* what is called, with all operands in one tuple; 0: compiled code does it */
    const char *bridge_keywords; /* names of the last operands, "axis,out"; NULL: none */
    bool is_region;             /* bridge is the function that an objmode block stands in, bridge_keywords says which block */
} CallInfo;

/* A block of the source that the interpreter runs: `with objmode(y="float64"):`.  Operands of the instruction: the
 * values of `in`, then what stands for the types of `out`; its result is a tuple of the values of `out`. */
typedef struct {
    int32_t begin, end;         /* byte offsets into co_code of Source.code: the body, behind the instruction that enters it */
    uint32_t first, last;       /* frontend/: the same as decoded instructions */
    uint32_t nin, nout;
    const char *const *in;      /* variables that it reads */
    const char *const *out;     /* variables that it gives back, in the order of the keywords */
    ValueId *type;              /* frontend/: as operands */
} ObjmodeRegion;

enum InstFlags {
    INST_INBOUNDS = 1,     /* getitem/setitem: every index is proved to be in range and not negative;
                              x % m: -m <= x < 2 m; load: of such a getitem, or of a for loop's item */
    INST_NONNEG = 2,       /* getitem/setitem: no index is negative, so none needs wrapping */
    INST_REASSOC = 4,      /* float op: may be reassociated (a declared reduction) */
    INST_NSW = 8,          /* integer op: does not overflow (loop counters); fptosi: the operand fits */
    INST_COLD = 16,        /* condbr: the first target is unlikely; block ends on the cold side */
    INST_LIMIT = 128,      /* select, phi: where a loop stops for a checkpoint, before its end: operand 2, and then others */
    INST_BORROWED = 64,    /* a view that is only used while what it looks into is alive: no reference of its own */
    INST_BUILTIN_RAISE = 32, /* raise: not written by the user (an index error, a division by zero) */
};

typedef struct {
    uint8_t op;           /* Op */
    uint8_t sub;          /* Operator, Predicate */
    uint16_t flags;       /* InstFlags */
    uint32_t nargs;
    ValueId *arg;
    const Type *type;     /* NULL: not inferred yet, or no result */
    BlockId block;        /* where it stands */
    uint32_t span;        /* index into source->spans; 0 is "unknown" */
    uint32_t fastmath;    /* LLVM's fast-math bits for this op, FASTMATH_* */
    union {               /* selected by op_info[op].imm */
        int64_t i;
        double f;
        const char *name;             /* IMM_NAME: interned in the unit */
        Handle handle;                /* IMM_HANDLE, IMM_CODE */
        BlockId target[2];            /* IMM_BLOCKS */
        Func *func;                   /* IMM_FUNC */
        uint32_t native;              /* IMM_NATIVE: row of runtime/natives.def */
        uint32_t site;                /* IMM_SITE: row of the unit's raise sites */
        uint32_t field;               /* IMM_FIELD */
        const CallInfo *call;         /* IMM_CALL; NULL: positional only */
        MapBody *map;                 /* IMM_MAP */
        const ObjmodeRegion *objmode; /* IMM_OBJMODE */
    } imm;
    /* set by infer/ on generic ops */
    const LibRow *row;    /* the implementation chosen for this op or call */
    Func *callee;         /* or: the compiled function it calls */
    ValueId *bound;       /* operands bound to row's or callee's parameters; NO_VALUE: left to the default */
    uint32_t nbound;
    /* set by passes/refcount on generic ops */
    ValueId *cleanup;     /* values to release if this op raises */
    uint32_t ncleanup;
} Inst;

typedef struct {
    Vec(ValueId) inst;    /* phis first, terminator last */
    Vec(BlockId) pred;    /* phi operand i comes from pred.at[i] */
    BlockId handler;      /* where an exception raised here goes; NO_BLOCK: out of the function */
    uint32_t loop_depth;
    bool dead, sealed;
    bool cold;            /* error paths and checked copies of versioned loops: do not optimise for speed */
} Block;

typedef enum { FUNC_UNTYPED, FUNC_TYPED, FUNC_LOWERED } FuncState;

struct Func {
    Unit *unit;
    Source *source;        /* NULL for functions that the compiler made */
    FuncState state;
    const char *symbol;    /* unique in the unit */
    Vec(Inst) inst;
    Vec(Block) block;
    Vec(ValueId) params;
    const Type *result;    /* FUNC_TYPED on; of a recursive function possibly NULL while it is inferred */
    uint32_t index;        /* in unit->funcs */
    bool is_generator;     /* has yields: a call makes a frame, and items are asked for by resuming it */
    const Type *sent;      /* of a generator: what is sent to it; NULL: nothing */
    struct GeneratorPlan *generator; /* of a generator, before it is lowered: library/generators.h */
    bool is_body;          /* outlined prange body: parameters begin, end, then the captures */
    bool has_polls;
    bool can_raise;
    const char *foreign;   /* its code as the text of a module of LLVM, instead of blocks; parameters: then an address */
    bool noinline_;        /* keep out of line: cold copies */
    bool is_open;          /* passes/inline.c looks at its calls */
    bool is_whole;         /* infer/: all of its source's function; else a part of it that a pass made */
    bool is_elsewhere;     /* only imports call it: this unit has no code of it */
    uint32_t import;       /* 1 + row of unit->imports whose code it is; 0: this unit's own */
    const UnitOptions *options; /* of its own decorator and of those that call it; NULL: the unit's */
};

/* OP_unpack of what a call spreads: as many items as the call takes, which infer/stars.c finds out; or none, and the whole
 * is passed. */
enum { UNPACK_ARGUMENTS = -1, UNPACK_NOTHING = -2 };

/* Where a function comes from. */
struct Source {
    Handle function;       /* the Python function; 0 for a code object of an inner function */
    Handle code;           /* its code object */
    const char *name, *qualname, *filename;
    int first_line;
    uint32_t nparams, nkwonly;   /* declared parameters; then *args and **keywords */
    uint32_t nposonly;           /* how many of the first nparams are positional-only */
    bool has_varargs, has_varkeywords;
    const char *const *param;    /* their names, nparams + nkwonly (+ 1 each) */
    uint32_t ncaptured;          /* inner functions: Func.params begins with this many captured values */
    const char *const *captured; /* their names */
    Handle lender;               /* the Python function whose globals it sees: `function`, or the outermost one */
    bool is_library;             /* of naja/library/: see func_options; its frames are not shown */
    Vec(Span) spans;
};

/* One place that can raise, or (builtin "bridge") that calls into the interpreter: cls is then the callable, message
 * the names of the keywords, arg[0] the tuple type of the operands, arg[1] the result's type.  Its number + 1 is the
 * status that compiled code returns. */
enum { NO_SITE = UINT32_MAX }; /* as a frame: none, it is in the traceback already */
typedef struct {
    Handle cls;                 /* the class, 0 for a built-in named in `builtin` */
    const char *builtin;        /* "IndexError" */
    const char *message;        /* built-in raises: printf-like text; %d takes the next payload word */
    uint32_t func, span;        /* Func.index whose Source the span belongs to */
    uint32_t nargs;             /* user raises: arguments to box from the payload */
    const Type **arg;           /* their types; a literal or object needs no payload */
    bool owns;                  /* the pending exception has references: in its payload, or a cause */
} RaiseSite;

enum { FASTMATH_NNAN = 1, FASTMATH_NINF = 2, FASTMATH_NSZ = 4, FASTMATH_ARCP = 8, FASTMATH_CONTRACT = 16,
       FASTMATH_AFN = 32, FASTMATH_REASSOC = 64, FASTMATH_FAST = 127 };

/* What the compiler did, or could not do, at one place of the program: a line of f.explain(). */
typedef struct {
    const Func *func;
    uint32_t span;
    const char *kind, *text;    /* kind: "fused", "parallel", "bounds", "memory" */
} Remark;

/* Calls that only the interpreter can do (rung 4): done with a warning, done silently and in parallel loops too, refused. */
typedef enum { BRIDGE_WARN, BRIDGE_ALLOW, BRIDGE_ERROR } BridgeOption;

/* What parallel={...} can switch off. */
enum { SERIAL_STENCIL = 1, SERIAL_PRANGE = 2, SERIAL_MAP = 4, SERIAL_REDUCTION = 8, SERIAL_SETITEM = 16,
       SERIAL_INPLACE = 32, SERIAL_FUSION = 64 };

/* Options of one compilation, as given to the decorator. */
struct UnitOptions {
    const char *target;         /* the CPU, as LLVM names it, one address per name; NULL: this machine's, all it can do */
    uint32_t fastmath;          /* FASTMATH_* bits */
    bool error_model_numpy;     /* division by zero gives inf/nan, no exception */
    bool boundscheck;           /* default true */
    bool own_error_model, own_boundscheck; /* said by the decorator itself, so the caller's do not hold */
    bool parallel;              /* prange runs in parallel */
    uint8_t serial;             /* with parallel: what does not, SERIAL_* */
    bool nogil;
    bool polls;                 /* Ctrl-C stops loops; default true */
    bool debug;
    bool exports;               /* C functions and other units may call the entry function: codegen/exports.c */
    bool is_import;             /* a library function for other units, which Python does not call: no entry for Python */
    uint8_t bridge;             /* BridgeOption */
};

/* The elements of a constant array in memory order (Fortran's if only that is contiguous, else C's). */
typedef struct {
    const void *bytes;
    size_t nbytes;
} ConstantData;

/* A Python object that is a value of a FunctionType in this unit: the loader makes the symbol UNIT_FUNCTION_SYMBOL plus
 * its number the address of its CFUNCTION leaves. */
#define UNIT_FUNCTION_SYMBOL "naja_function:"
typedef struct {
    Handle object;
    const Type *type;
} UnitFunction;

/* A function of naja's library that is a unit of its own and called from here: engine/imports.c.  The loader makes the
 * symbol UNIT_IMPORT_SYMBOL plus its number the address of its code, and the one with UNIT_IMPORT_SITES the number of its
 * first raise site among those of this unit. */
#define UNIT_IMPORT_SYMBOL "naja_import:"
#define UNIT_IMPORT_SITES "naja_import_sites:"
typedef struct {
    Func *func;                 /* what it is here: typed and lowered, but without code */
    Handle function;            /* the Python function */
    uint32_t nargs;
    const Type *const *args;    /* by parameter */
    UnitOptions options;
    uint64_t key[2];            /* its fingerprint: boundary/ */
} UnitImport;

struct Unit {
    Arena arena;
    Diagnostics diags;
    UnitOptions options, library_options; /* func_options says which of them holds */
    Vec(Func *) funcs;          /* funcs.at[0] is the entry function */
    Vec(RaiseSite) sites;
    Vec(UnitFunction) functions; /* of other units, of C */
    Vec(UnitImport) imports;    /* library functions that are units of their own */
    StrMap names;               /* interned names */
    Map specialisations;        /* infer/: (source, argument types) -> Func */
    Map templates;              /* frontend/: function, or code and lender (inner_key) -> untyped Func */
    Map keyword_defaults;       /* frontend/: code handle -> bits of its keyword-only parameters that have defaults */
    Map shared;                 /* frontend/: code handle -> bits of its free variables that are cells (closures.c) */
    Map siblings;               /* frontend/: code handle -> Siblings (siblings.c) */
    Map generators;             /* infer/: id of a generator type -> the Func that resumes it */
    const Type *const *wanted_args; /* infer/: types that the entry's arguments are wanted to have instead, or NULL */
    uint64_t literal_params;    /* infer/: parameters of the entry function that it wants as literals: literally(x) */
    Map foreign;                /* library/foreign.c: handle of the code an extension built -> Func */
    Map data;                   /* engine/: handle of a constant array -> ConstantData *, for codegen/ */
    Map matches;                /* engine/: number of a site that names a class -> by site, is its class a subclass: bool * */
    bool wants_remarks;
    Vec(Remark) remarks;
    void *infer, *library, *passes; /* private state of the stages */
    bool vector_math;           /* the CPU can run the functions of vecmath/ */
    /* statistics, shown by NAJA_DUMP and f.explain() */
    uint32_t fused_loops, checks_total, checks_left, versioned_loops, parallel_loops, arrays_allocated;
    uint32_t searches;          /* loops that test many elements at a time */
    uint32_t lanes;             /* loops of which many iterations are computed side by side */
    uint32_t serial_loops;      /* over prange(), of which the user has been told that they are not parallel */
};

Unit *unit_new(UnitOptions options, void (*exhausted)(Arena *), void *data); /* malloc'd; owns its arena */
void unit_free(Unit *u);
const char *unit_name(Unit *u, const char *s);             /* interned: equal names are equal pointers */
uint32_t unit_add_site(Unit *u, RaiseSite site);
uint32_t unit_add_function(Unit *u, Handle object, const Type *type); /* its number; equal ones are one */

Func *func_new(Unit *u, Source *source, const char *symbol, FuncState state); /* with an empty entry block */
Func *func_clone(Unit *u, const Func *f, const char *symbol);                 /* a deep copy, added to the unit */
Span func_span(const Func *f, uint32_t span);
/* The options to compile a function with: the unit's, which are the user's; a function of naja/library/ has its own
 * (NumPy's error model, no fast math, no index checks: it tests data before it uses them as an index). */
const UnitOptions *func_options(const Func *f);
/* Kept only if the unit wants remarks and the function is the user's. */
void func_remark(const Func *f, uint32_t span, const char *kind, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Report an error of the user's program at an instruction's position. */
Diagnostic *func_error(Func *f, uint32_t span, DiagCode code, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* ---- building --------------------------------------------------------------------------------------------------- */

/* Appends to one block; `span` is given to every new instruction. */
typedef struct {
    Func *f;
    BlockId block;
    uint32_t span;
    uint32_t fastmath;
} Builder;

static inline Inst *inst_at(const Func *f, ValueId v) { return &f->inst.at[v]; }
static inline Block *block_at(const Func *f, BlockId b) { return &f->block.at[b]; }
static inline const Type *value_type(const Func *f, ValueId v) { return f->inst.at[v].type; }

BlockId ir_block(Func *f);                                   /* a new, empty block */
ValueId ir_param(Func *f, const Type *type);                 /* appends a parameter (in the entry block) */
/* Appends an instruction.  imm, type and sub are set through the returned id before the next call. */
ValueId ir_append(Builder *b, Op op, const Type *type, uint32_t nargs, const ValueId *args);
#define ir_emit(b, op, type, ...)                                                                              \
    ir_append((b), (op), (type), sizeof((ValueId[]){__VA_ARGS__}) / sizeof(ValueId), (ValueId[]){__VA_ARGS__})
ValueId ir_phi(Func *f, BlockId block, const Type *type);    /* operands are added with ir_phi_add */
void ir_phi_add(Func *f, ValueId phi, ValueId value);        /* the next operand, in the order of the block's preds */
void ir_insert(Func *f, BlockId block, uint32_t position, ValueId v); /* place an unplaced instruction */
ValueId ir_new(Func *f, Op op, const Type *type, uint32_t nargs, const ValueId *args); /* unplaced */

/* Terminators; they add the block to the targets' preds. */
void ir_br(Builder *b, BlockId target);
void ir_condbr(Builder *b, ValueId cond, BlockId if_true, BlockId if_false);
void ir_ret(Builder *b, ValueId value); /* NO_VALUE: nothing */

/* Constants of a given type (numbers: `type` decides; None and literals have no leaves). */
ValueId ir_const_int(Builder *b, const Type *type, int64_t value);
ValueId ir_const_float(Builder *b, const Type *type, double value);
ValueId ir_const_bool(Builder *b, bool value);
ValueId ir_none(Builder *b);

/* Lowered IR shorthands. */
ValueId ir_field(Builder *b, ValueId composite, uint32_t field); /* folds over `make` */
ValueId ir_make(Builder *b, const Type *type, uint32_t n, const ValueId *fields);
ValueId ir_binop(Builder *b, Op op, ValueId x, ValueId y); /* type of x */
ValueId ir_icmp(Builder *b, Predicate p, ValueId x, ValueId y);
ValueId ir_fcmp(Builder *b, Predicate p, ValueId x, ValueId y);
ValueId ir_select(Builder *b, ValueId cond, ValueId x, ValueId y);
ValueId ir_load(Builder *b, const Type *type, ValueId ptr);
void ir_store(Builder *b, ValueId ptr, ValueId value);
ValueId ir_ptr_add(Builder *b, ValueId ptr, ValueId nbytes);
ValueId ir_native(Builder *b, uint32_t native, const Type *result, uint32_t nargs, const ValueId *args);

/* ---- changing ---------------------------------------------------------------------------------------------------- */

void ir_replace_uses(Func *f, ValueId old, ValueId new_);   /* everywhere; O(instructions) */
void ir_delete(Func *f, ValueId v);                         /* takes it out of its block */
uint32_t ir_successors(const Func *f, BlockId b, BlockId out[2]);
/* An exception that is raised in b goes to b's handler: an edge too, listed in the handler's preds. */
BlockId ir_exception_edge(const Func *f, BlockId b);         /* NO_BLOCK when nothing in b raises or it has no handler */
uint32_t ir_all_successors(const Func *f, BlockId b, BlockId out[3]); /* with the exception edge */
ValueId ir_terminator(const Func *f, BlockId b);             /* NO_VALUE: b is not finished */
uint32_t ir_pred_index(const Func *f, BlockId block, BlockId pred);
void ir_edge_retarget(Func *f, BlockId from, BlockId old_to, BlockId new_to); /* fixes preds and phi operands of old_to */
void ir_remove_edge(Func *f, BlockId from, BlockId to);     /* drops the pred and the phi operands */
/* Instructions from position on move to a new block, which takes over the edges; b is left without a terminator. */
BlockId ir_split_block(Func *f, BlockId b, uint32_t position);
BlockId ir_split_edge(Func *f, BlockId from, BlockId to);
uint32_t ir_reverse_postorder(const Func *f, BlockId *order); /* order has room for block.n; returns how many are reachable */
/* Immediate dominators among blocks in reverse postorder; the first one's is itself, NO_BLOCK where control never comes. */
void ir_dominators(const Func *f, const BlockId *order, uint32_t norder, BlockId *idom);
void ir_remove_dead_blocks(Func *f);
void ir_remove_dead_values(Func *f);                        /* pure instructions without uses */

/* ---- text ---------------------------------------------------------------------------------------------------------- */

void func_print(StrBuf *out, const Func *f);                /* deterministic; source lines in the margin */
void unit_print(StrBuf *out, const Unit *u);
/* Parses what func_print writes (types as type->name); reports to the unit's diagnostics and returns NULL on error. */
Func *func_parse(Unit *u, const char *text);
/* Checks the rules listed in verify.c; returns false and adds a line per broken rule to `why`. */
bool func_verify(const Func *f, StrBuf *why);

#endif
