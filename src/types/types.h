/* types/types.h - the types of compiled values: interned, immutable, pointer-equal when equal.
 *
 * A Type describes a value to inference (what operations it has), to codegen (which machine scalars carry
 * it: its *leaves*) and to the boundary (how it is boxed).  All three read the same rows (kinds.def), so a
 * new kind of value is a row, its constructor, and its fields.
 *
 * Words
 *   field   one named component of a composite value: an array's data pointer or a tuple's element.
 *           Fields are numbered from 0; a field has a type of its own, possibly composite.
 *   leaf    one machine scalar.  Flattening a type's fields gives its leaves, in order.  A value of an
 *           empty type (None, a literal, a module) has no leaves: everything about it is in the type.
 *   handle  the number of a Python object that the compiler refers to (a module, a class, a dispatcher).
 *           No PyObject* enters a type or the IR; boundary/ owns the table of handles.
 *   literal a type with exactly one value: `Literal[int](3)`.  Its base is the type it widens to.
 *
 * Types live as long as the process.  The intern table is one per process, owned by naja._core; the second
 * shared object (naja._compiler) holds a copy of this code and adopts the table with types_adopt().
 * All constructors are thread-safe.
 */
#ifndef NAJA_TYPES_H
#define NAJA_TYPES_H

#include "base/base.h"

typedef uint32_t Handle; /* 0 is no object */

/* K(KIND, "printed name", what it is).  The order is fixed: kinds up to COMPLEX are the numbers. */
typedef enum {
#define K(name, text, doc) TYPE_##name,
#include "types/kinds.def"
#undef K
    TYPE_KIND_COUNT
} TypeKind;

typedef enum { LAYOUT_C, LAYOUT_F, LAYOUT_A } Layout;

/* ORDER UNIT: from coarse to fine, as NumPy orders them. */
typedef enum { UNIT_GENERIC, UNIT_Y, UNIT_M, UNIT_W, UNIT_D, UNIT_h, UNIT_m, UNIT_s, UNIT_ms, UNIT_us, UNIT_ns,
               UNIT_ps, UNIT_fs, UNIT_as, UNIT_COUNT } TimeUnit;

typedef struct Type Type;
struct Type {
    TypeKind kind;
    uint8_t bits;             /* INT, FLOAT: width; COMPLEX: width of both parts together; VECTOR: lanes */
    bool is_signed;           /* INT */
    uint8_t ndim;             /* ARRAY */
    Layout layout;            /* ARRAY: C and F are contiguous; a 0-d or 1-d contiguous array is C */
    bool readonly, aligned;   /* ARRAY */
    uint8_t flags;            /* TypeFlags below */
    uint32_t id;              /* order of interning: dense, stable in one process */
    uint32_t nelem;           /* number of components */
    const Type *const *elem;  /* TUPLE elements; ARRAY, DTYPE, OPTIONAL, LITERAL (base), RANGE, VECTOR: elem[0]; ... */
    int64_t value;            /* LITERAL of int or bool: the value; CLOSURE: handle of the function whose globals it sees */
    Handle handle;            /* OBJECT, CLASS, FUNCTION, CLOSURE, NAMEDTUPLE, EXCEPTION, OMITTED, INSTANCE: the Python object */
    const char *text;         /* LITERAL of str: the string (UTF-8); METHOD: the attribute's name; LIST, DICT: initial items */
    const char *name;         /* as printed: "float64", "array(float64, 2d, C)"; never NULL */
    const Type *const *field; /* composite kinds: nfields field types; see type_nfields() */
    uint32_t nfields, nleaves;
    _Atomic(void *) py;       /* boundary: the Python object that stands for this type */
    _Atomic(const void *) meaning; /* instances.c: what is said of an INSTANCE or DEFERRED after it was made */
};

enum TypeFlags {
    TYPE_RANGE_UNIT = 1,     /* RANGE: the step is 1, known at compile time */
    TYPE_RANGE_PARALLEL = 2, /* RANGE: made by prange */
    TYPE_SLICE_STEP = 4,     /* SLICE: has a run-time step (else the step is 1) */
    TYPE_SLICE_FULL = 16,    /* SLICE: `:`, a whole axis */
    TYPE_ZIP_ENUMERATE = 8,  /* ZIP: made by enumerate */
    TYPE_RNG_LEGACY = 1,     /* RNG: a RandomState */
    TYPE_GENERATOR_STACK = 32, /* GENERATOR: lives on the stack of the function that made it, and borrows its arguments */
    TYPE_RECORD_READONLY = 1, /* RECORD: an element of a read-only array */
    TYPE_RECORD_ALIGNED = 2, /* RECORD: made with align=True */
    TYPE_CHARSEQ_UNICODE = 1, /* CHARSEQ: four bytes per character, else one */
    TYPE_BYTES_MUTABLE = 1,  /* BYTES: a bytearray */
    TYPE_ARRAY_MEMORYVIEW = 1, /* ARRAY: a memoryview argument; a view of it is a plain array */
    TYPE_ARRAY_PYARRAY = 2,  /* ARRAY: an array.array argument */
    /* DATETIME, TIMEDELTA: the flags are the TimeUnit */
    TYPE_LIST_REFLECTED = 1, /* LIST: a Python list that was passed in; changes are written back when the call ends */
    TYPE_LIST_TYPED = 2,     /* LIST: a typed.List, shared with Python by reference */
    TYPE_TABLE_REFLECTED = 1, /* SET, DICT: a Python set or dict that was passed in, as for lists */
    TYPE_TABLE_TYPED = 2,    /* SET: a typed.Set; a dict that is not reflected is always a typed.Dict */
    TYPE_TABLE_FROZEN = 4,   /* SET: a frozenset */
    TYPE_VIEW_KEYS = 0, TYPE_VIEW_VALUES = 1, TYPE_VIEW_ITEMS = 2, /* VIEW: of what */
};

/* ---- life of the table ----------------------------------------------------------------------------------- */

typedef struct TypeTable TypeTable;
TypeTable *types_start(void);        /* naja._core, once; NULL when memory is short */
void types_adopt(TypeTable *shared); /* naja._compiler: use naja._core's table */

/* The simple types, valid after types_start/types_adopt. */
extern const Type *type_none, *type_bool, *type_i8, *type_i16, *type_i32, *type_i64, *type_u8, *type_u16,
    *type_u32, *type_u64, *type_f16, *type_f32, *type_f64, *type_c64, *type_c128, *type_str, *type_ellipsis,
    *type_ptr, *type_undefined, *type_pyobject, *type_rng, *type_random_state, *type_caught, *type_bytes;

/* ---- constructors (interned) ------------------------------------------------------------------------------ */

const Type *type_int(unsigned bits, bool is_signed);
const Type *type_float(unsigned bits);   /* 16, 32, 64 */
const Type *type_complex(unsigned bits); /* 64, 128 */
const Type *type_datetime(TimeUnit unit);
const Type *type_timedelta(TimeUnit unit);
const Type *type_enum(Handle cls, bool is_int); /* an IntEnum widens to int64, its elem[0] */
const Type *type_literal_int(int64_t value);
const Type *type_literal_bool(bool value);
const Type *type_literal_str(const char *utf8);
const Type *type_tuple(uint32_t n, const Type *const *elem);
const Type *type_namedtuple(Handle cls, uint32_t n, const Type *const *elem); /* field names: from the class */
/* A dict whose keys are known: n elements, a literal string and the type of its value by turns. */
const Type *type_strdict(uint32_t n, const Type *const *elem);
const Type *type_array(const Type *dtype, unsigned ndim, Layout layout, bool readonly, bool aligned);
/* A structured dtype.  `layout` is "itemsize;offset:length of name:name" and on for each field, in order; a field with a
 * title has ";length of title:title" behind its name. */
const Type *type_record(uint32_t n, const Type *const *field, const char *layout, unsigned flags);
const Type *type_charseq(int64_t length, bool is_unicode);
const Type *type_nested(const Type *dtype, uint32_t ndim, const int64_t *shape); /* a field of array type */
const Type *type_bytes_of(unsigned flags);
const Type *type_buffer(const Type *array, unsigned flags); /* TYPE_ARRAY_MEMORYVIEW, TYPE_ARRAY_PYARRAY */
const Type *type_optional(const Type *elem); /* of None or an Optional: itself */
const Type *type_list(const Type *elem, unsigned flags); /* elem type_undefined: not known (yet) */
const Type *type_set(const Type *elem, unsigned flags);
const Type *type_dict(const Type *key, const Type *value, unsigned flags); /* undefined: not known (yet) */
const Type *type_dict_view(const Type *dict, unsigned what); /* TYPE_VIEW_KEYS ... */
/* A LIST or DICT with the items that its display gave it, as Python writes them: only for who asks what a value is made
 * from (infer/initial.c).  Values have the type without. */
const Type *type_with_initial(const Type *container, const char *items);
const Type *type_without_initial(const Type *t); /* any other type: itself */
const Type *type_range(const Type *integer, unsigned flags);
const Type *type_slice(unsigned flags);
const Type *type_iter(const Type *container, uint32_t n, const Type *const *inner); /* state of a for loop over it */
const Type *type_zip(bool enumerate, uint32_t n, const Type *const *iterables); /* what zip() and enumerate() return */
const Type *type_dtype(const Type *scalar);         /* np.float64, a.dtype: a scalar type used as a value */
const Type *type_object(Handle h, const char *name); /* a module or any other object known at compile time */
/* A Python object of which something is known: h is a naja.interpreter.Sort, which says its class. */
const Type *type_pyobject_of(Handle h, const char *name);
const Type *type_function(Handle h, const char *name); /* a builtin, NumPy function, ufunc, class or dispatcher */
/* Inner function, lambda: its code, the Python function whose globals it sees, its captured values and defaults. */
const Type *type_closure(Handle code, Handle lender, uint32_t ncaptured, const Type *const *captured);
static inline Handle type_closure_lender(const Type *t) { return (Handle)t->value; }
const Type *type_choice(uint32_t n, const Type *const *functions); /* FUNCTION and CLOSURE types, ascending by id */
const Type *type_method(const Type *receiver, const char *name); /* a.sum, before it is called */
const Type *type_exception(Handle cls, uint32_t n, const Type *const *args); /* ValueError("...") */
const Type *type_omitted(const Type *of, Handle value); /* an argument left to its default */
const Type *type_flat(const Type *array);               /* a.flat; of a tuple of int64: np.ndindex */
const Type *type_flags(const Type *array);              /* a.flags */
/* What a call of a generator function gives: `code` and the argument types tell which one it is.  The elements: the type of
 * its items, that of its result (none: it has no other), the argument types. */
const Type *type_generator(Handle code, const Type *yielded, const Type *returned, uint32_t nargs, const Type *const *args);
const Type *type_generator_any(const Type *yielded, const Type *returned); /* one of several, or from outside the unit */
const Type *type_generator_on_stack(const Type *generator);
const Type *type_cpointer(const Type *to);
const Type *type_cfunction(const Type *result, uint32_t nargs, const Type *const *args);
const Type *type_ctypes(const Type *array);             /* a.ctypes */
/* A type of the program's own: `type` is the Python object that stands for it, `name` how it prints, the elements are the
 * types of its data model's members. */
const Type *type_user(Handle type, const char *name, uint32_t n, const Type *const *members);
const Type *type_vector(const Type *scalar, unsigned lanes); /* lowered IR only */
const Type *type_instance(Handle descriptor, const char *name); /* of a jitclass, or a structref: what tells it from others */
const Type *type_deferred(Handle token);                        /* stands for a type that is named before it exists */

/* ---- instances (instances.c) -----------------------------------------------------------------------------------
 *
 * An instance type may have members of its own type, so they are not part of what it is, but said once, afterwards.
 * A member lies in the instance's block as in a C struct: numbers at multiples of their size, slots at multiples of 8. */
typedef struct {
    const char *name;
    const Type *type;
    int64_t offset;
} Member;
typedef struct {
    uint32_t n, nmaps;     /* nmaps: words of the managed map, which lies behind the members; 0: none is managed */
    const Member *member;
    const uint64_t *map;   /* a bit for each 8-byte slot of the body that holds a MemoryBlock */
    int64_t nbytes;        /* of the members: a multiple of 8 */
} InstanceLayout;
/* false: it has been defined before, or memory is short. */
bool type_define_instance(const Type *t, uint32_t n, const char *const *name, const Type *const *type);
bool type_define_deferred(const Type *t, const Type *as);
const Type *type_resolve(const Type *t);              /* without DEFERRED in it; NULL: one is not defined */
const InstanceLayout *type_layout(const Type *t);     /* NULL: the members, or types of them, are not defined */
const Member *type_member(const Type *t, const char *name); /* NULL: there is none */

/* Do the types of a CFUNCTION have a place in C's calling convention: numbers, addresses, functions, no result? */
bool type_has_c_convention(const Type *function);

/* ---- questions --------------------------------------------------------------------------------------------- */

static inline bool type_is_int(const Type *t) { return t->kind == TYPE_INT; }
static inline bool type_is_real(const Type *t) { return t->kind <= TYPE_FLOAT; }      /* bool, int, float */
static inline bool type_is_number(const Type *t) { return t->kind <= TYPE_COMPLEX; }  /* bool .. complex */
static inline bool type_is_time(const Type *t) { return t->kind == TYPE_DATETIME || t->kind == TYPE_TIMEDELTA; }
/* What an array element can be. */
static inline bool type_is_scalar(const Type *t) { return type_is_number(t) || type_is_time(t); }
static inline TimeUnit type_unit(const Type *time) { return (TimeUnit)time->flags; }
static inline bool type_is_array(const Type *t) { return t->kind == TYPE_ARRAY; }
static inline bool type_is_tuple(const Type *t) { return t->kind == TYPE_TUPLE || t->kind == TYPE_NAMEDTUPLE; }
static inline const Type *type_dtype_of(const Type *array) { return array->elem[0]; }
static inline bool type_is_address(const Type *t) { return t->kind == TYPE_PTR || t->kind == TYPE_CPOINTER; }
bool type_is_uniform_tuple(const Type *t);
const Type *type_base(const Type *t);        /* LITERAL, OMITTED, ENUM of ints: what they widen to; any other: itself */
const Type *type_real_part(const Type *c);   /* complex128 -> float64; a real type: itself */
unsigned type_itemsize(const Type *scalar);  /* bytes of an array element; bool is 1 */
bool type_int_fits(const Type *integer, int64_t value);
/* Some field owns memory that is reference counted.  ITER never does: it borrows what it iterates, which
 * passes/refcount keeps alive as long as the state is used. */
bool type_is_managed(const Type *t);
/* A value is one leaf, a counted pointer to a MemoryBlock: a Python object, a container. */
bool type_is_block(const Type *t);
/* The leaves of a type that are MemoryBlock pointers, in order; gives their number.  `leaf` may be NULL. */
uint32_t type_owners(const Type *t, uint32_t *leaf);

/* A value in the memory of a container: a number as in an array, anything else as its leaves in 8-byte slots.  The
 * managed map has a bit for each slot that holds a MemoryBlock; a type that owns memory may have 64 slots at most. */
bool type_fits_cell(const Type *t);
int64_t type_cell_nbytes(const Type *t);
uint64_t type_cell_managed(const Type *t);

/* Field i of a record: its name and title (not terminated; NULL: it has no title), and its offset; and the number of the
 * field with this name or title, or -1. */
typedef struct {
    const char *name, *title;
    uint32_t length, title_length;
    int64_t offset;
} RecordField;
RecordField type_record_field(const Type *t, uint32_t i);
int32_t type_record_find(const Type *t, const char *name);
const Type *type_record_readonly(const Type *t, bool readonly);
uint32_t type_nested_shape(const Type *t, int64_t *shape); /* gives ndim; `shape` may be NULL */
/* RECORD, CHARSEQ and NESTED are elements of arrays and fields of records, and no number. */
static inline bool type_is_storage(const Type *t) {
    return t->kind == TYPE_RECORD || t->kind == TYPE_CHARSEQ || t->kind == TYPE_NESTED;
}
/* The field with the owner of a value that is borrowed from Python or lies in a block (ARRAY, RECORD, STR, BYTES), or -1. */
int32_t type_owner_field(const Type *t);
/* Do values of the type have a hash, so that they can be keys? */
bool type_is_hashable(const Type *t);
/* An entry of a SET or DICT: its nbytes, where its value begins, the managed maps of key and value. */
void type_table_layout(const Type *t, int64_t layout[4]);

/* Fields by name; the numbers are part of this door. */
enum { ARRAY_DATA, ARRAY_OWNER, ARRAY_PARENT, ARRAY_SHAPE /* ndim of them, then ndim strides in bytes */ };
static inline uint32_t array_shape(const Type *t, unsigned axis) { (void)t; return ARRAY_SHAPE + axis; }
static inline uint32_t array_stride(const Type *t, unsigned axis) { return ARRAY_SHAPE + t->ndim + axis; }
/* The function by C's convention, NULL: its types have none; by naja's (runtime/abi.h), NULL: it is not naja's; the Python
 * object.  Functions that have become values live as long as the process. */
enum { CFUNCTION_C, CFUNCTION_NATIVE, CFUNCTION_OBJECT };
static inline const Type *type_cfunction_result(const Type *t) { return t->elem[0]; }
enum { CHOICE_INDEX, CHOICE_FUNCTION /* + number: the function, undefined unless it is chosen */ };
enum { COMPLEX_RE, COMPLEX_IM };
/* Address of the bit generator (bitgen_t), owner, and the Python object: NULL if compiled code made it. */
enum { RNG_SOURCE, RNG_OWNER, RNG_OBJECT };
enum { OPTIONAL_HAS, OPTIONAL_VALUE };
enum { RANGE_START, RANGE_STOP, RANGE_STEP }; /* RANGE_STEP is absent when the step is 1 */
enum { SLICE_START, SLICE_STOP, SLICE_STEP, SLICE_FLAGS }; /* start and stop are valid where flags says so */
enum { SLICE_HAS_START = 1, SLICE_HAS_STOP = 2, SLICE_HAS_STEP = 4 };
/* ITER by elem[0], the container.  RANGE: the next item and what ends the loop; unit step: current, stop.
 * ZIP: the inner states (elem[1..]); enumerate counts in ENUMERATE_COUNT (int64) and has its state behind it.
 * Any other container (ARRAY, TUPLE, STR, FLAT): itself and the index of the next item (int64); FLAT of what is not
 * contiguous: then the index along each axis. */
enum { ITER_CURRENT, ITER_STOP };
enum { ITER_STEP = 1, ITER_REMAINING /* int64 */ };
enum { ITER_CONTAINER, ITER_INDEX, ITER_COUNT /* SET, DICT, VIEW, a typed LIST: how many items there were at the start */ };
enum { ENUMERATE_COUNT, ENUMERATE_STATE };
/* ZIP itself: the iterables; enumerate: the iterable, then the first count (int64). */
enum { ENUMERATE_ITERABLE, ENUMERATE_START };
/* kind: bytes per character, 1, 2 or 4, the least that holds them all; parent: the Python object that this is, if it
 * was passed in; owner: the MemoryBlock of characters made at run time, null for borrowed ones and constants. */
/* BYTES: the same; kind is 1.  RECORD: the first three of ARRAY. */
enum { STR_DATA, STR_LENGTH, STR_KIND, STR_PARENT, STR_OWNER, STR_NFIELDS };

/* ---- promotion and unification ----------------------------------------------------------------------------- */

/* The type both values can be held in when control flow joins them, or NULL.  Commutative, associative and
 * monotone (a join never gets narrower), so inference ends.  int64 with float64 is float64; a literal widens to
 * its base; None with T is Optional(T); arrays meet in the weaker layout, read-only wins; uint64 with int64 is
 * float64 only for array elements (type_promote): as scalars they meet in int64, as indices stay signed. */
const Type *type_unify(const Type *a, const Type *b);

/* NumPy's promotion of array element types: np.promote_types.  Both must be scalars; NULL only where times take part. */
const Type *type_promote(const Type *a, const Type *b);

/* The type in which a container keeps a value of this one: literals widen, in tuples too; a charseq is str or bytes. */
const Type *type_stored(const Type *t);
/* A block whose element types inference may refine. */
static inline bool type_is_table(const Type *t) { return t->kind == TYPE_SET || t->kind == TYPE_DICT; }
static inline bool type_is_container(const Type *t) { return t->kind == TYPE_LIST || type_is_table(t); }

/* times.c: units of time. */
const char *time_unit_name(TimeUnit unit);                  /* "ns"; "" for the generic one */
bool time_unit_named(const char *text, size_t n, TimeUnit *unit);
/* "datetime64[ns]", "M8[ns]", "m8"; NULL: none of these. */
const Type *type_time_named(const char *text);
/* from / to = num / den; a year is 365.2425 days.  False: a generic unit is wanted, or 64 bits are too few. */
bool time_unit_factor(TimeUnit from, TimeUnit to, int64_t *num, int64_t *den);
static inline bool time_unit_is_calendar(TimeUnit u) { return u == UNIT_Y || u == UNIT_M; }
/* The unit (dates: of the type of a) that two times meet in; false: months or years of a timedelta with days. */
bool time_unit_common(const Type *a, const Type *b, TimeUnit *unit);

/* How well `from` may be passed where `to` is wanted. */
typedef enum { CONVERT_NO, CONVERT_UNSAFE, CONVERT_SAFE, CONVERT_PROMOTE, CONVERT_EXACT } Conversion;
Conversion type_can_convert(const Type *from, const Type *to);

/* ---- text and bytes ------------------------------------------------------------------------------------------ */

const char *type_code(const Type *t); /* short mangled name for symbols, e.g. "d", "A2Cd"; interned, never NULL */
void type_encode(StrBuf *out, const Type *t, uint32_t (*object_index)(void *, Handle), void *data);
const Type *type_decode(const uint8_t **at, const uint8_t *end, Handle (*object_at)(void *, uint32_t), void *data);

#endif
