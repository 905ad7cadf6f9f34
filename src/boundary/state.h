/* boundary/state.h - what the files of this stage share: Python's and NumPy's headers, the interned names and
 * imported objects (one struct, filled by module.c), and one declaration per thing that crosses files.
 *
 * The stage is where Python objects end.  A call comes in through dispatcher.c, which finds a Specialisation by
 * the words of its arguments; the generated entry unboxes (unbox.c), runs and boxes (box.c); errors leave
 * through errors.c.  A miss goes to compile.c: the cache (fingerprint.c, image.c) or naja._compiler (load.c).
 *
 * Words: an *argument word* describes an argument's type in 64 bits (words.h); a *handle* is the number of a Python
 * object for the stages that know no PyObject (handles.c); the *fingerprint* of a function is the content its code
 * depends on, as a hash and a list of objects (fingerprint.c); a *unit image* is what a compilation leaves (image.c).
 *
 * How to add a kind of value: its type from an object in typeof.c; its leaves in unbox.c and back in box.c; its
 * attributes in the table of pytypes.c and its constructor in typemake.c; a word in words.h if calls with it must be
 * fast; round trips in tests/test_boxing.py and tests/test_typeof.py.
 *
 * All functions here need the GIL (an attached thread state) unless they say otherwise; `int` results are 0, or
 * -1 with an exception set; pointers are NULL with an exception set.  `borrow`: the caller owns nothing.
 */
#ifndef NAJA_BOUNDARY_STATE_H
#define NAJA_BOUNDARY_STATE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pthread.h>
#include <structmember.h>

#define PY_ARRAY_UNIQUE_SYMBOL naja_numpy_api
#ifndef NAJA_IMPORTS_NUMPY /* module.c only: there the table of NumPy's API is defined */
#define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>
#include <numpy/arrayscalars.h>

#include "engine/compiler_api.h"
#include "runtime/abi.h"
#include "types/types.h"

/* N(identifier, "text") */
#define NAMES(N)                                                                                               \
    N(annotations, "__annotations__")                                                                          \
    N(content, "__naja_content__")                                                                             \
    N(cls, "__class__")                                                                                        \
    N(naja_shared, "_naja_shared")                                                                             \
    N(naja_names, "_naja_names")                                                                               \
    N(naja_of, "_naja_of")                                                                                     \
    N(dataclass_fields, "__dataclass_fields__")                                                                \
    N(dict, "__dict__")                                                                                        \
    N(doc, "__doc__")                                                                                          \
    N(fields, "_fields")                                                                                       \
    N(module, "__module__")                                                                                    \
    N(name, "__name__")                                                                                        \
    N(qualname, "__qualname__")                                                                                \
    N(type_params, "__type_params__")                                                                          \
    N(version, "__version__")                                                                                  \
    N(wrapped, "__wrapped__")

/* Classes of types that Python tells apart: a kind each, and what has a class of its own within its kind. */
#define TYPE_CLASSES(C)                                                                                        \
    C(TYPED_LIST) C(LITERAL_INT) C(LITERAL_BOOL) C(LITERAL_STR) C(UNITUPLE) C(NAMED_UNITUPLE) C(LITERAL_LIST)  \
    C(INT_ENUM) C(UNICODE_CHARSEQ) C(BYTEARRAY) C(MEMORYVIEW) C(PYARRAY) C(ENUMERATE) C(NDINDEX)               \
    C(DICT_VALUES) C(DICT_ITEMS) C(DISPATCHER) C(EXCEPTION_CLASS) C(NAMEDTUPLE_CLASS) C(ENUM_CLASS)            \
    C(INT_ENUM_CLASS) C(JITCLASS) C(TYPED_SET) C(RANDOM_STATE)
enum {
    TYPE_CLASS_KINDS = TYPE_KIND_COUNT - 1,
#define C(name) TYPE_CLASS_##name,
    TYPE_CLASSES(C)
#undef C
    TYPE_CLASS_COUNT
};
unsigned type_class_of(const Type *t);

typedef struct {
#define N(id, text) PyObject *id;
    struct { NAMES(N) } name;
#undef N
    PyTypeObject *type_type;        /* _core.Type */
    PyTypeObject *dispatcher_type;  /* _core.Dispatcher */
    PyTypeObject *keywords_type;    /* _core.Keywords: what **keywords collects, a dict */
    PyTypeObject *omitted_type;     /* _core.Omitted: a default that is known when a call is compiled */
    PyTypeObject *overload_type;    /* _core.Overload: one specialisation as Python sees it */
    PyTypeObject *generator_type;   /* _core.Generator */
    PyTypeObject *closure_type;     /* _core.Closure: an inner function with its captured values */
    PyTypeObject *typed_type;       /* _core.Typed: base of naja.typed.List, Dict and Set */
    PyTypeObject *typed_list_type;  /* naja.typed.List */
    PyTypeObject *typed_dict_type;  /* naja.typed.Dict */
    PyTypeObject *typed_set_type;   /* naja.typed.Set */
    PyTypeObject *instance_type;    /* _core.Instance: base of jitclasses and of proxies of structrefs */
    PyTypeObject *member_type;      /* _core.InstanceMember */
    PyTypeObject *block_ref_type;   /* base of arrays that look into a MemoryBlock */
    PyTypeObject *ufunc_type;       /* numpy.ufunc */
    PyTypeObject *masked_array;     /* numpy.ma.MaskedArray once it was imported; borrowed, or NULL */
    PyObject *mem_handler;          /* capsule of our PyDataMem_Handler */
    PyObject *type_objects;         /* list of all _core.Type objects: they are as immortal as their Types */
    PyObject *type_class[TYPE_CLASS_COUNT]; /* Python subclass of _core.Type by type_class_of(); NULL: none yet */
    /* callable(library name, callable, plain types, exact types, keyword names) -> function or None */
    PyObject *overload_hook;
} State;
extern State core;

/* ---- module.c --------------------------------------------------------------------------------------------------- */

/* Calls a function of one of naja's own modules, which is imported if need be.  NULL arguments give NULL. */
PyObject *call_python(const char *module, const char *function, PyObject *steal_args);

/* ---- handles.c -------------------------------------------------------------------------------------------------- */

/* The handle of an object, by identity; 0 with an exception.  Does not keep the object alive if it can be
 * weakly referenced, except while a compilation runs (handles_pin). */
Handle handle_of(PyObject *object);
PyObject *handle_object_borrow(Handle h); /* NULL without an exception: it has died */
/* From now on objects that get a handle in this thread are appended to `list`; returns the former list. */
PyObject *handles_pin(PyObject *list);

/* ---- pytypes.c, typemake.c: Python objects that stand for types -------------------------------------------------- */

PyObject *type_object_borrow(const Type *t); /* one per type, immortal */
const Type *type_from_object(PyObject *o);   /* of a _core.Type; TypeError otherwise */
PyObject *type_tuple_object(uint32_t n, const Type *const *types);
/* A tuple or list of _core.Type into types[0 .. *n); *n is the room on entry. */
int types_from_sequence(PyObject *sequence, const Type **types, uint32_t *n);
int pytypes_start(PyObject *module);
extern PyMethodDef typemake_methods[];

/* ---- enums.c ---------------------------------------------------------------------------------------------------- */

bool is_enum_member(PyObject *o);
bool is_enum_class(PyObject *cls);
const Type *enum_typeof(PyObject *member);
int enum_unbox(const Type *t, PyObject *o, int64_t *out);
PyObject *enum_box(const Type *t, int64_t number);
int64_t enum_number(PyObject *member); /* -1 with an exception */

/* ---- typeof.c ------------------------------------------------------------------------------------------------------ */

/* The type of an argument; naja.errors.TypingError (or OverflowError) when it has none. */
const Type *typeof_argument(PyObject *object);
/* The type of an object met in compiled code (a global, a constant): ints, bools and strings are literals, functions
 * and modules have types.  NULL without an exception: not supported. */
const Type *typeof_constant(PyObject *object);
const Type *typeof_dtype(PyArray_Descr *dtype); /* element type; NULL without an exception: not supported */
bool is_numpy_function(PyObject *o);            /* np.sum and its like, which are neither built-ins nor ufuncs */
int dtype_number(const Type *scalar);           /* NPY_DOUBLE for float64, ...; -1: none */
PyArray_Descr *time_dtype_new(const Type *t);   /* of a time; see dtype_of */
PyObject *time_box(const Type *t, int64_t value); /* a numpy.datetime64 or timedelta64 */

/* ---- functions.c: values of FunctionTypes ----------------------------------------------------------------------------- */

typedef struct {
    void *c, *native;   /* the leaves of a CFUNCTION, in their order */
    PyObject *object;
} FunctionValue;
/* The addresses of an object as a function of this type; compiles a dispatcher for it if need be.  Lives, with the
 * object, as long as the process. */
const FunctionValue *function_value(PyObject *object, const Type *t);
/* The type that naja/functions.py or a registered typeof_impl gives an object; NULL without an exception: none.
 * `is_constant`: it is named by compiled code. */
const Type *typeof_registered(PyObject *object, bool is_constant);
PyObject *pointer_address(PyObject *object); /* of a pointer of ctypes or cffi, an int; TypeError */
/* A symbol that an extension's code names: given by naja.llvm.binding, or of a library that the process has loaded. */
void *foreign_symbol(const char *name);
extern PyMethodDef functions_methods[];
/* A tuple with the content of a function of another library, for the fingerprint; NULL without an exception: none. */
PyObject *function_content(PyObject *object);

/* ---- usertypes.c: values of types of the program's own, by the code it registered ------------------------------------- */

int user_unbox(const Type *t, PyObject *o, Slot *out);
PyObject *user_box(const Type *t, const Slot *s);
int usertypes_start(void);
extern PyMethodDef usertypes_methods[];

/* ---- unbox.c, box.c ------------------------------------------------------------------------------------------------ */

int unbox_value(const Type *t, PyObject *object, Slot *leaves);
/* A new object from leaves.  Takes over the references that the leaves own, also on failure.  `args` are the
 * arguments of the running call: arrays without an owner look into them. */
typedef struct {
    uint32_t n;
    PyObject *const *at;
} Arguments;
MemoryBlock *table_from_python(const Type *t, PyObject *object); /* tables.c; NULL with an exception */
int table_write_back(const Type *t, MemoryBlock *table);
int reflect_write_back(MemoryBlock *container); /* of an argument: the Python object gets what has changed */
PyObject *box_table(const Type *t, const Slot *leaves);
int unbox_table(const Type *t, PyObject *object, Slot *leaves);  /* lists.c; within a call only */
int unbox_list(const Type *t, PyObject *object, Slot *leaves);   /* lists.c; within a call only */
PyObject *box_list(const Type *t, const Slot *leaves);
bool typeof_take_empty(bool takes); /* typeof.c: of arguments; gives what it was before */
/* A shared instance of a dataclass; its fields are the one item of a list of this type. */
int unbox_shared(const Type *list, PyObject *object, Slot *leaves);
PyObject *box_shared(const Type *list, const Slot *leaves);
/* Keeps an object alive until the call that is being unboxed for ends; 1: there is no such call. */
int chain_keep(PyObject *o);
void lists_start(void);
int typed_start(PyObject *module);                               /* typed.c: naja.typed.List, Dict, Set */
/* NULL element or container type: from the first item; NULL iterable: none. */
PyObject *typed_list_new(const Type *elem, PyObject *iterable);
PyObject *typed_dict_new(const Type *t, PyObject *items);
PyObject *typed_set_new(const Type *t, PyObject *items);
static inline bool is_typed(PyObject *o) { return PyObject_TypeCheck(o, core.typed_type); }
const Type *typed_typeof(PyObject *o);                           /* NULL without an exception: not known yet */
int typed_unbox(const Type *t, PyObject *o, Slot *out);
PyObject *typed_box(const Type *t, MemoryBlock *steal);
/* The argument, or element of a tuple or list argument, that holds the address; borrowed, NULL if there is none. */
PyObject *find_argument(Arguments args, const char *data);
PyObject *box_value(const Type *t, const Slot *leaves, Arguments args);
int box_start(PyObject *module);

/* ---- generator.c ----------------------------------------------------------------------------------------------------- */

int generator_start(PyObject *module);
PyObject *generator_box(const Type *t, MemoryBlock *steal, Arguments args);
const Type *generator_typeof(PyObject *o);              /* of core.generator_type */
int generator_unbox(PyObject *o, Slot *out);

/* ---- closure.c ---------------------------------------------------------------------------------------------------- */

/* Takes over the references of the leaves, on failure too.  `dispatcher`: whose options its calls have; NULL: defaults. */
PyObject *closure_box(const Type *t, const Slot *leaves, PyObject *dispatcher);
const Type *closure_typeof(PyObject *o);                /* of core.closure_type */
int closure_unbox(const Type *t, PyObject *o, Slot *out);
int closure_start(PyObject *module);

/* ---- storage.c, buffers.c ------------------------------------------------------------------------------------------- */

const Type *storage_typeof(PyArray_Descr *dtype); /* structured and string dtypes; NULL as typeof_dtype */
PyArray_Descr *dtype_of(const Type *element);     /* a new reference */
const Type *record_typeof(PyObject *o);           /* of a numpy.void; NULL without an exception: not supported */
int record_unbox(const Type *t, PyObject *o, Slot *out);
PyObject *record_box(const Type *t, const Slot *s);
extern PyMethodDef storage_methods[];
const Type *bytes_typeof(PyObject *o);            /* NULL: neither bytes nor bytearray */
int bytes_unbox(const Type *t, PyObject *o, Slot *out);
PyObject *bytes_box(const Type *t, const Slot *s);
const Type *buffer_typeof(PyObject *o);           /* of an object with the buffer protocol; NULL without an exception */
int buffer_unbox(const Type *t, PyObject *o, Slot *out);
bool buffer_contains(PyObject *o, const char *data);

/* ---- instances.c ----------------------------------------------------------------------------------------------------- */

int instances_start(PyObject *module);
static inline bool is_instance(PyObject *o) { return PyObject_TypeCheck(o, core.instance_type); }
const Type *instance_typeof(PyObject *o); /* NULL with an exception: it was made without its constructor */
int instance_unbox(const Type *t, PyObject *o, Slot *out);
PyObject *instance_box(const Type *t, MemoryBlock *steal);

/* ---- rng.c ----------------------------------------------------------------------------------------------------------- */

const Type *rng_typeof(PyObject *o); /* of a numpy.random.Generator or RandomState; NULL: neither */
int rng_unbox(const Type *t, PyObject *o, Slot *out);
PyObject *rng_box(const Type *t, const Slot *s);

/* ---- errors.c ------------------------------------------------------------------------------------------------------- */

/* Raises a class of naja.errors with this text (PyUnicode_FromFormat's conversions); gives NULL. */
/* The name by which class_by_name() finds an exception class: of builtins, naja.errors, NumPy; NULL: it has none. */
const char *class_name(PyObject *cls);
bool site_matches(PyObject *cls, const char *builtin, PyObject *of); /* see CoreApi */
void *error_raise(const char *class_name, const char *fmt, ...);
bool error_matches(const char *class_name); /* is the current exception, if any, of this class of naja.errors? */
void errors_start(void);

/* The current exception as one normalised object, taken off the thread; and back again. */
PyObject *exception_take(void);
void exception_restore(PyObject *steal);
/* Moves it into a context, which owns it until naja_fail raises it; gives STATUS_PYTHON_ERROR. */
/* dataclasses.c: new references; NULL with an exception. */
bool is_dataclass(PyObject *cls);
PyObject *dataclass_fields(PyObject *cls);               /* names of the fields, a tuple */
PyObject *dataclass_values(PyObject *instance);          /* a tuple */
PyObject *dataclass_companion_borrow(PyObject *cls);     /* naja/library/mutables.py; NULL without one, or with an exception */
PyObject *dataclass_shared_borrow(PyObject *cls);        /* the class that a companion is of; NULL: it is none */
/* Shares the instances of dataclasses among the objects of a unit whose fields its functions assign; true: of some. */
bool dataclasses_foresee(PyObject *objects);
long dataclass_nshared(void);                            /* how many have one so far */
PyObject *dataclass_new(PyObject *cls, PyObject *values);
PyObject *dataclass_to_python(PyObject *cls, PyObject *values); /* of a class of naja's own: what it stands for */

PyObject *caught_object(MemoryBlock *caught); /* of a value of type CAUGHT: the exception, a new reference */
int32_t exception_keep(Context *context);

/* ---- sorting.c ------------------------------------------------------------------------------------------------------- */

int sorting_start(PyObject *module);

/* ---- signals.c ------------------------------------------------------------------------------------------------------- */

int signals_start(void);

/* ---- texts.c --------------------------------------------------------------------------------------------------------- */

void texts_start(void);
/* PyGILState_Ensure for natives, which workers of a parallel loop call too: lets go of the GIL who waits for them. */
PyGILState_STATE gil_take(void);

/* ---- load.c: naja._compiler -------------------------------------------------------------------------------------------- */

const CompilerApi *compiler_get(void); /* imports it on the first use */
bool compiler_is_loaded(void);
int load_start(PyObject *module); /* also starts the type table */
/* Did something that the cache cannot name take part in the compilation of this thread?  Sets the mark anew and
 * returns the former. */
bool load_swap_uncacheable(bool value);

/* ---- ufuncs.c: rung 3 --------------------------------------------------------------------------------------------------- */

/* The symbol of the inner loop that a ufunc runs for operands of these types; it lives as long as the process.
 * *lasting becomes false when another process could not find it again. */
const char *ufunc_loop_symbol(PyObject *ufunc, uint32_t nargs, const Type *const *args, bool *lasting);
/* What a symbol with UFUNC_SYMBOL in front stands for: a UfuncLoop (runtime/runtime.h). */
#define UFUNC_SYMBOL "naja_ufunc:"
void *ufunc_loop_address(const char *symbol);
extern PyMethodDef ufuncs_methods[];

/* ---- vectorize.c: ufuncs of compiled loops ------------------------------------------------------------------------------- */

/* Raises the exception that a loop of this thread has left behind, if there is one. */
void vectorize_raise_pending(void);
extern PyMethodDef vectorize_methods[];
int vectorize_start(PyObject *module);

/* ---- dispatcher.c -------------------------------------------------------------------------------------------------------- */

int dispatcher_start(PyObject *module);
static inline bool is_dispatcher(PyObject *o) { return PyObject_TypeCheck(o, core.dispatcher_type); }
PyObject *dispatcher_function_borrow(PyObject *dispatcher);
bool dispatcher_is_ahead(PyObject *dispatcher); /* its versions came with a module: naja/extensions.py calls them */
bool dispatcher_is_interpreted(PyObject *dispatcher); /* object mode: there is nothing to compile */
const UnitOptions *dispatcher_options(PyObject *dispatcher);
/* See dispatcher_version in library.h; dispatcher.c. */
int dispatcher_given_version(PyObject *dispatcher, uint32_t nargs, const Type **args, const Type **result);
Handle dispatcher_handle(PyObject *dispatcher);

#endif
