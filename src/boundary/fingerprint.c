/* fingerprint.c - a hash of everything that a function's machine code depends on: the key of the cache.
 *
 *   1. What the compiler is: Python and NumPy versions, the ABI version, the CPU, the files of naja._core,
 *      naja._compiler and naja's library.
 *   2. The request: options, argument types, wanted result type.
 *   3. The function, by content: bytecode, constants, defaults; then every global and captured variable that the
 *      bytecode reads.  Numbers, strings, tuples and arrays count by value; functions and dispatchers by their own
 *      content, in turn; modules only through the attribute that is taken from them; classes, built-in functions and
 *      ufuncs by name.  An object met again is a back reference, so recursive functions end.
 *
 * The content is written to a buffer, which is hashed at the end.  Objects with an identity are numbered in the order
 * they are met; the unit image refers to them by these numbers.  An object that none of the rules covers makes the
 * function uncacheable, which is not an error.  Where a function stands in its file does not count: tracebacks take
 * positions from the function at hand.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <setjmp.h>
#include <sys/stat.h>

#include "boundary/specialisation.h"
#include "boundary/state.h"
#undef I /* <complex.h>'s */
#include "frontend/decode.h"

typedef struct {
    StrBuf out;
    PyObject *objects; /* list: objects with an identity, in the order they are met */
    PyObject *places;  /* dict: address -> place in the list */
    bool failed;       /* an exception is set */
    bool debug;        /* positions count */
    int depth;
    const char *why_not;
} Walk;

/* Where a code object finds its names. */
typedef struct {
    PyObject *globals, *builtins;
    PyObject *freevars, *closure; /* of the function around it: names and cells; NULL: none */
} Names;

enum { MAX_DEPTH = 200 };

static void put_object(Walk *w, PyObject *o);
static void put_overloads(Walk *w, PyObject *key);
static void put_type(Walk *w, const Type *t);

static void put_bytes(Walk *w, const void *p, size_t nbytes) { strbuf_add(&w->out, p, nbytes); }
static void put_u64(Walk *w, uint64_t v) { put_bytes(w, &v, sizeof v); }
static void put_tag(Walk *w, char tag) { put_bytes(w, &tag, 1); }
static void put_text(Walk *w, const char *s) { put_bytes(w, s, strlen(s) + 1); }

static void refuse(Walk *w, const char *why) {
    if (!w->why_not) w->why_not = why;
}

/* Appends to the list of objects; true if it was there already, and then writes a back reference. */
static bool was_met(Walk *w, PyObject *o) {
    PyObject *address = PyLong_FromVoidPtr(o),
             *place = address ? PyDict_GetItemWithError(w->places, address) : NULL;
    bool met = place != NULL;
    if (met) {
        put_tag(w, 'R');
        put_u64(w, PyLong_AsUnsignedLongLong(place));
    } else if (address && (place = PyLong_FromSsize_t(PyList_GET_SIZE(w->objects)))) {
        w->failed |= PyDict_SetItem(w->places, address, place) < 0 || PyList_Append(w->objects, o) < 0;
        Py_DECREF(place);
    }
    w->failed |= PyErr_Occurred() != NULL;
    Py_XDECREF(address);
    return met;
}

/* ---- values --------------------------------------------------------------------------------------------------------------- */

static void put_str(Walk *w, PyObject *s) {
    Py_ssize_t n;
    const char *text = PyUnicode_AsUTF8AndSize(s, &n);
    if (!text) { /* lone surrogates */
        PyErr_Clear();
        refuse(w, "a string that is not valid Unicode");
        return;
    }
    put_u64(w, (uint64_t)n);
    put_bytes(w, text, (size_t)n);
}

/* The text of an attribute, for names; nothing if it is no str. */
static void put_attribute(Walk *w, PyObject *o, PyObject *name) {
    PyObject *value = PyObject_GetAttr(o, name);
    if (value && PyUnicode_Check(value)) put_str(w, value);
    PyErr_Clear();
    Py_XDECREF(value);
    put_tag(w, ';');
}

static void put_repr(Walk *w, char tag, PyObject *o) {
    PyObject *text = PyObject_Repr(o);
    put_tag(w, tag);
    if (text) put_str(w, text);
    else w->failed = true;
    Py_XDECREF(text);
}

static void put_int(Walk *w, PyObject *o) {
    int overflow;
    long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (overflow) {
        put_repr(w, 'L', o);
    } else {
        put_tag(w, 'i');
        put_u64(w, (uint64_t)v);
    }
}

static void put_double(Walk *w, double v) { put_bytes(w, &v, sizeof v); } /* by bits: -0.0 and NaNs differ */

static void put_tuple(Walk *w, PyObject *t) {
    put_tag(w, 'T');
    if (!PyTuple_CheckExact(t)) put_object(w, (PyObject *)Py_TYPE(t));
    put_u64(w, (uint64_t)PyTuple_GET_SIZE(t));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(t); i++) put_object(w, PyTuple_GET_ITEM(t, i));
}

static void put_array(Walk *w, PyArrayObject *a) {
    if (!typeof_dtype(PyArray_DESCR(a))) {
        refuse(w, "an array whose elements are not numbers");
        return;
    }
    put_tag(w, 'A');
    put_text(w, typeof_dtype(PyArray_DESCR(a))->name);
    put_u64(w, (uint64_t)(PyArray_FLAGS(a) &
                          (NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_ALIGNED)));
    put_u64(w, (uint64_t)PyArray_NDIM(a));
    put_bytes(w, PyArray_DIMS(a), sizeof(npy_intp) * (size_t)PyArray_NDIM(a));
    PyArrayObject *flat = PyArray_GETCONTIGUOUS(a); /* itself, when it is contiguous */
    if (flat) {
        CacheKey content = cache_hash(PyArray_DATA(flat), (size_t)PyArray_NBYTES(flat));
        put_bytes(w, &content, sizeof content);
    } else {
        w->failed = true;
    }
    Py_XDECREF(flat);
}

/* ---- code ------------------------------------------------------------------------------------------------------------------- */

/* The value of a captured variable of the function around; NULL: a variable of an inner function's maker. */
static PyObject *captured_borrow(const Names *names, PyObject *name) {
    Py_ssize_t n = names->closure ? PyTuple_GET_SIZE(names->freevars) : 0;
    for (Py_ssize_t i = 0; i < n; i++)
        if (PyUnicode_Compare(PyTuple_GET_ITEM(names->freevars, i), name) == 0)
            return PyCell_GET(PyTuple_GET_ITEM(names->closure, i));
    return NULL;
}

static PyObject *global_borrow(const Names *names, PyObject *name) {
    PyObject *o = PyDict_GetItemWithError(names->globals, name);
    return o || PyErr_Occurred() ? o : PyDict_GetItemWithError(names->builtins, name);
}

/* Name of the free variable in a slot; borrowed, NULL: the slot is no free variable. */
static PyObject *free_name(PyCodeObject *code, PyObject *freevars, int slot) {
    Py_ssize_t i = slot - (code->co_nlocalsplus - PyTuple_GET_SIZE(freevars));
    return i >= 0 && i < PyTuple_GET_SIZE(freevars) ? PyTuple_GET_ITEM(freevars, i) : NULL;
}

/* A name's value, followed through the attributes that the next instructions take as long as it is a module. */
static void put_use(Walk *w, PyCodeObject *code, const Instruction *next, const Instruction *end,
                    PyObject *borrow) {
    PyObject *o = Py_NewRef(borrow);
    for (; PyModule_Check(o); next++) {
        bool takes = next < end && (next->op == I_ATTR || next->op == I_METHOD);
        PyObject *name = takes ? PyTuple_GET_ITEM(code->co_names, next->arg) : NULL;
        PyObject *value = takes ? PyObject_GetAttr(o, name) : NULL;
        if (!takes) refuse(w, "a module that is used as a value");
        PyErr_Clear();
        put_attribute(w, o, core.name.version);
        if (!value) put_attribute(w, o, core.name.name);
        Py_DECREF(o);
        if (!value) return;
        o = value;
    }
    put_object(w, o);
    Py_DECREF(o);
}

static void put_names(Walk *w, PyCodeObject *code, const Decoded *d, const Names *names) {
    PyObject *freevars = PyCode_GetFreevars(code);
    if (!freevars) {
        w->failed = true;
        return;
    }
    for (uint32_t i = 0; i < d->code.n && !w->failed; i++) {
        const Instruction *in = &d->code.at[i];
        PyObject *o = NULL, *name = NULL;
        if (in->op == I_IMPORT)
            refuse(w, "the function imports a module, whose content is not part of the key");
        if (in->op == I_GLOBAL) o = global_borrow(names, PyTuple_GET_ITEM(code->co_names, in->arg));
        else if ((in->op == I_DEREF || in->op == I_LOAD) && (name = free_name(code, freevars, in->arg)))
            o = captured_borrow(names, name);
        else continue;
        if (o) put_use(w, code, in + 1, d->code.at + d->code.n, o);
        else put_tag(w, 'U');
        w->failed |= PyErr_Occurred() != NULL;
    }
    Py_DECREF(freevars);
}

static void out_of_memory(Arena *a) { longjmp(*(jmp_buf *)a->exhausted_data, 1); }

static bool decode_code(Arena *arena, PyCodeObject *code, Decoded *d) {
    jmp_buf on_exhaustion;
    arena_init(arena, out_of_memory, &on_exhaustion);
    return !setjmp(on_exhaustion) && decode(arena, code, d);
}

static void put_code(Walk *w, PyCodeObject *code, const Names *names) {
    if (was_met(w, (PyObject *)code)) return;
    PyObject *bytes = PyCode_GetCode(code);
    put_tag(w, 'C');
    put_u64(w, (uint64_t)code->co_argcount | (uint64_t)code->co_posonlyargcount << 16 |
                   (uint64_t)code->co_kwonlyargcount << 32);
    put_u64(w, (uint64_t)code->co_flags | (uint64_t)code->co_nlocalsplus << 32);
    put_object(w, code->co_name);
    if (bytes) put_object(w, bytes);
    Py_XDECREF(bytes);
    put_object(w, code->co_exceptiontable);
    put_object(w, code->co_names);
    put_object(w, code->co_localsplusnames);
    if (w->debug) {
        put_object(w, code->co_filename);
        put_u64(w, (uint64_t)code->co_firstlineno);
        put_object(w, code->co_linetable);
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_names); i++)
        put_overloads(w, PyTuple_GET_ITEM(code->co_names, i));
    Arena arena;
    Decoded d = {0};
    if (decode_code(&arena, code, &d)) put_names(w, code, &d, names);
    else refuse(w, "bytecode that cannot be decoded");
    arena_free(&arena);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *o = PyTuple_GET_ITEM(code->co_consts, i);
        PyCode_Check(o) ? put_code(w, (PyCodeObject *)o, names) : put_object(w, o);
    }
}

/* ---- functions, classes ------------------------------------------------------------------------------------------------------- */

static void put_keyword_defaults(Walk *w, PyObject *defaults) {
    PyObject *names = defaults ? PyDict_Keys(defaults) : NULL;
    if (!names) return;
    w->failed |= PyList_Sort(names) < 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names) && !w->failed; i++) {
        put_object(w, PyList_GET_ITEM(names, i));
        put_object(w, PyDict_GetItem(defaults, PyList_GET_ITEM(names, i)));
    }
    Py_DECREF(names);
}

/* Option locals=: names and types. */
static void put_locals(Walk *w, PyObject *f) {
    PyObject *locals = PyObject_GetAttrString(f, "__naja_locals__"), *name, *type;
    PyErr_Clear();
    for (Py_ssize_t at = 0; locals && PyDict_Next(locals, &at, &name, &type);) {
        const Type *t = type_from_object(type);
        put_object(w, name);
        if (t) put_type(w, t);
        else w->failed = true;
    }
    Py_XDECREF(locals);
}

/* Size and time of the file that a function is written in. */
static bool put_source_stamp(Walk *w, PyObject *f) {
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(f);
    const char *path = PyUnicode_AsUTF8(code->co_filename);
    struct stat info;
    if (!path) PyErr_Clear();
    if (!path || stat(path, &info)) return false;
    put_u64(w, (uint64_t)info.st_size);
    put_bytes(w, &info.st_mtim, sizeof info.st_mtim);
    return true;
}

/* Takes back what has been met since there were `n` objects: content that is refused says nothing of them. */
static void forget_since(Walk *w, Py_ssize_t n) {
    Py_ssize_t end = PyList_GET_SIZE(w->objects);
    for (Py_ssize_t i = n; i < end; i++) {
        PyObject *address = PyLong_FromVoidPtr(PyList_GET_ITEM(w->objects, i));
        w->failed |= !address || PyDict_DelItem(w->places, address) < 0;
        Py_XDECREF(address);
    }
    w->failed |= PyList_SetSlice(w->objects, n, end, NULL) < 0;
}

/* The code that an implementation may be, which the image names by its place. */
static void put_places_of_code(Walk *w, PyObject *code) {
    PyObject *constants = ((PyCodeObject *)code)->co_consts;
    if (was_met(w, code)) return;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(constants); i++)
        if (PyCode_Check(PyTuple_GET_ITEM(constants, i)))
            put_places_of_code(w, PyTuple_GET_ITEM(constants, i));
}

/* A factory that names objects without content (registries, types of its package) is known by its source: these are what
 * its module makes of them.  One that captures them is not. */
static void put_factory(Walk *w, PyObject *factory) {
    const char *before = w->why_not;
    Py_ssize_t nobjects = PyList_GET_SIZE(w->objects);
    put_object(w, factory);
    bool refused = w->why_not && !before && PyFunction_Check(factory) && !PyFunction_GET_CLOSURE(factory);
    if (!refused || w->failed) return;
    forget_since(w, nobjects);
    w->why_not = NULL;
    put_attribute(w, factory, core.name.module);
    put_attribute(w, factory, core.name.qualname);
    if (put_source_stamp(w, factory)) put_places_of_code(w, PyFunction_GET_CODE(factory));
    else w->why_not = "an @overload whose content cannot be compared";
}

/* What users say a function means in compiled code: the factories of their @overloads, of a function or (`key` a name)
 * of methods and attributes of that name.  naja's own are covered by the version. */
static void put_overloads(Walk *w, PyObject *key) {
    PyObject *extending = PyDict_GetItemString(PyImport_GetModuleDict(), "naja.extending");
    PyObject *users = extending ? PyObject_GetAttrString(extending, "user_factories") : NULL;
    PyObject *found = users ? PyDict_GetItemWithError(users, key) : NULL; /* a list */
    for (Py_ssize_t i = 0; found && i < PyList_GET_SIZE(found); i++) {
        put_tag(w, 'O');
        put_factory(w, PyList_GET_ITEM(found, i));
    }
    PyErr_Clear();
    Py_XDECREF(users);
}

/* What a callable is registered under, as `_identity` in naja/extending.py has it: a class makes a new object at every
 * look at a method such as dict.fromkeys. */
static PyObject *callable_identity(PyObject *o) {
    PyObject *owner = PyCFunction_Check(o) ? PyCFunction_GET_SELF(o)
                      : PyMethod_Check(o)  ? PyMethod_GET_SELF(o)
                                           : NULL;
    if (!owner || !PyType_Check(owner)) return PyLong_FromVoidPtr(o);
    PyObject *name = PyObject_GetAttr(o, core.name.name);
    return name ? Py_BuildValue("(ON)", owner, name) : NULL;
}

static void put_callable_overloads(Walk *w, PyObject *o) {
    PyObject *key = callable_identity(o);
    if (key) put_overloads(w, key);
    w->failed |= !key;
    Py_XDECREF(key);
}

/* Operators and built-in functions that syntax calls have no names in bytecode: what users say of any of them counts. */
static void put_implicit_overloads(Walk *w) {
    PyObject *key = PyUnicode_FromString("");
    if (key) put_overloads(w, key);
    Py_XDECREF(key);
}

/* Written in a file: dataclass() and namedtuple() make functions of text, one of them (__repr__) with a wrapper around it
 * that remembers what it is showing. */
static bool is_source_function(PyObject *o) {
    if (!PyFunction_Check(o)) return false;
    PyObject *module = PyDict_GetItemString(PyFunction_GET_GLOBALS(o), "__name__");
    bool wraps = module && PyUnicode_Check(module) &&
                 (!PyUnicode_CompareWithASCIIString(module, "dataclasses") ||
                  !PyUnicode_CompareWithASCIIString(module, "reprlib"));
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(o);
    return !wraps && PyUnicode_CompareWithASCIIString(code->co_filename, "<string>") != 0;
}

static void put_function(Walk *w, PyObject *f) {
    if (was_met(w, f)) return;
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(f);
    Names names = {PyFunction_GET_GLOBALS(f), PyEval_GetBuiltins(), PyCode_GetFreevars(code),
                   PyFunction_GET_CLOSURE(f)};
    put_tag(w, 'F');
    put_object(w, PyFunction_GET_DEFAULTS(f) ? PyFunction_GET_DEFAULTS(f) : Py_None);
    put_keyword_defaults(w, PyFunction_GET_KW_DEFAULTS(f));
    put_locals(w, f);
    put_callable_overloads(w, f);
    if (names.freevars) put_code(w, code, &names);
    else w->failed = true;
    Py_XDECREF(names.freevars);
}

static void put_options(Walk *w, const UnitOptions *o) {
    put_text(w, o->target ? o->target : "");
    put_u64(w, o->fastmath);
    put_u64(w, (uint64_t)o->error_model_numpy | (uint64_t)o->boundscheck << 1 | (uint64_t)o->parallel << 2 |
                   (uint64_t)o->nogil << 3 | (uint64_t)o->polls << 4 | (uint64_t)o->debug << 5 |
                   (uint64_t)o->own_error_model << 6 | (uint64_t)o->own_boundscheck << 7 |
                   (uint64_t)o->bridge << 8 | (uint64_t)o->exports << 10 | (uint64_t)o->is_import << 11 |
                   (uint64_t)o->serial << 16);
}

/* What an object of naja's own says that code depends on: a class's members and functions.  false: it says nothing. */
static bool put_content(Walk *w, PyObject *o) {
    PyObject *content = PyObject_GetAttr(o, core.name.content);
    PyErr_Clear();
    if (content && PyTuple_Check(content)) put_object(w, content);
    Py_XDECREF(content);
    return content != NULL;
}

/* What a member of a class calls: the function of a property or method. */
static PyObject *function_of_member(PyObject *member) {
    const char *name = PyObject_TypeCheck(member, &PyProperty_Type) ? "fget" : "__func__";
    bool wrapped = PyObject_TypeCheck(member, &PyProperty_Type) ||
                   PyObject_TypeCheck(member, &PyStaticMethod_Type) ||
                   PyObject_TypeCheck(member, &PyClassMethod_Type);
    PyObject *function = wrapped ? PyObject_GetAttrString(member, name) : Py_NewRef(member);
    PyErr_Clear();
    return function;
}

/* The methods that a class of plain values and its bases have; by their file where their content cannot be compared. */
static void put_methods(Walk *w, PyObject *cls) {
    PyObject *mro = ((PyTypeObject *)cls)->tp_mro, *name, *member;
    for (Py_ssize_t i = 0; mro && i < PyTuple_GET_SIZE(mro); i++) {
        PyObject *base = PyTuple_GET_ITEM(mro, i), *members = PyObject_GetAttrString(base, "__dict__");
        PyObject *items = members && PyType_HasFeature((PyTypeObject *)base, Py_TPFLAGS_HEAPTYPE)
                              ? PyMapping_Items(members)
                              : NULL;
        for (Py_ssize_t k = 0; items && k < PyList_GET_SIZE(items); k++) {
            name = PyTuple_GET_ITEM(PyList_GET_ITEM(items, k), 0);
            member = PyTuple_GET_ITEM(PyList_GET_ITEM(items, k), 1);
            PyObject *function = function_of_member(member);
            if (function && (is_dispatcher(function) || is_source_function(function))) {
                put_object(w, name);
                put_factory(w, function);
            }
            Py_XDECREF(function);
        }
        PyErr_Clear();
        Py_XDECREF(items);
        Py_XDECREF(members);
    }
}

static void put_class(Walk *w, PyObject *cls);

/* The fields and what it writes itself; whether its instances are shared. */
static void put_dataclass(Walk *w, PyObject *cls) {
    PyObject *of = dataclass_shared_borrow(cls);
    put_tag(w, of ? 'S' : dataclass_companion_borrow(cls) ? 's' : 'v');
    PyErr_Clear();
    if (of) return put_class(w, of);
    PyObject *parameters = PyObject_GetAttrString(cls, "__dataclass_params__");
    if (parameters) put_repr(w, 'P', parameters);
    PyErr_Clear();
    Py_XDECREF(parameters);

    PyObject *module = PyImport_ImportModule("naja.library.mutables");
    PyObject *facts = module ? PyObject_CallMethod(module, "facts", "O", cls) : NULL;
    PyErr_Clear();
    if (facts) put_object(w, facts);
    else refuse(w, "a dataclass that says nothing of its fields");
    Py_XDECREF(facts);
    Py_XDECREF(module);
}

/* Which handlers an exception comes to is in the code. */
static void put_bases(Walk *w, const PyTypeObject *cls) {
    for (Py_ssize_t i = 1; cls->tp_mro && i < PyTuple_GET_SIZE(cls->tp_mro); i++) {
        put_attribute(w, PyTuple_GET_ITEM(cls->tp_mro, i), core.name.module);
        put_attribute(w, PyTuple_GET_ITEM(cls->tp_mro, i), core.name.qualname);
    }
}

static void put_class(Walk *w, PyObject *cls) {
    if (was_met(w, cls)) return;
    put_callable_overloads(w, cls);
    put_tag(w, 'K');
    put_attribute(w, cls, core.name.module);
    put_attribute(w, cls, core.name.qualname);
    PyObject *fields = PyObject_GetAttr(cls, core.name.fields); /* a namedtuple class */
    if (fields && PyTuple_Check(fields)) put_object(w, fields);
    PyErr_Clear();
    Py_XDECREF(fields);
    if (is_dataclass(cls)) put_dataclass(w, cls);
    if (is_dataclass(cls) || PyType_IsSubtype((PyTypeObject *)cls, &PyTuple_Type)) put_methods(w, cls);
    if (PyExceptionClass_Check(cls)) put_bases(w, (PyTypeObject *)cls);
    put_content(w, cls);
}

/* A function in C or a ufunc: by its name, and whose method it is. */
static void put_builtin(Walk *w, PyObject *o) {
    if (was_met(w, o)) return;
    put_callable_overloads(w, o);
    put_tag(w, 'B');
    put_attribute(w, o, core.name.module);
    put_attribute(w, o, core.name.qualname);
    put_attribute(w, o, core.name.name);
    put_text(w, Py_TYPE(o)->tp_name);
    PyObject *self = PyCFunction_Check(o) ? PyCFunction_GET_SELF(o) : NULL;
    put_text(w, self ? Py_TYPE(self)->tp_name : "");
}

static void put_numpy_scalar(Walk *w, PyObject *o) {
    PyArray_Descr *dtype = PyArray_DescrFromScalar(o); /* a time's unit is not in its text */
    const Type *t = dtype ? typeof_dtype(dtype) : NULL;
    Py_XDECREF(dtype);
    put_text(w, t ? t->name : Py_TYPE(o)->tp_name);
    put_repr(w, 'N', o);
}

/* A function that a module of NumPy or SciPy has under its name: the interpreter runs it, so its content is the
 * package's version. */
static bool is_installed_function(PyObject *o) {
    PyObject *module = PyFunction_GetModule(o), *qualname = ((PyFunctionObject *)o)->func_qualname;
    const char *text = module && PyUnicode_Check(module) ? PyUnicode_AsUTF8(module) : NULL;
    if (!text) PyErr_Clear();
    bool known = text && (!strncmp(text, "numpy.", 6) || !strncmp(text, "scipy.", 6));
    return known && PyUnicode_FindChar(qualname, '<', 0, PyUnicode_GET_LENGTH(qualname), 1) == -1;
}

static void put_installed_function(Walk *w, PyObject *o) {
    if (was_met(w, o)) return;
    put_callable_overloads(w, o);
    put_tag(w, 'I');
    put_attribute(w, o, core.name.module);
    put_attribute(w, o, core.name.qualname);
    const char *text = PyUnicode_AsUTF8(PyFunction_GetModule(o));
    char package[8] = "";
    memcpy(package, text, 5); /* "numpy" or "scipy" */
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), package);
    if (module) put_attribute(w, module, core.name.version);
}

/* The members' numbers are in the code; the class alone does not tell them. */
static void put_enum(Walk *w, PyObject *member) {
    int64_t number = enum_number(member);
    w->failed |= number == -1 && PyErr_Occurred();
    put_tag(w, 'E');
    put_object(w, (PyObject *)Py_TYPE(member));
    put_u64(w, (uint64_t)number);
}

/* A function of a shared library: the library's file, the symbol and the types. */
static bool put_foreign(Walk *w, PyObject *o) {
    PyObject *content = PyCallable_Check(o) ? function_content(o) : NULL;
    if (content) put_object(w, content);
    PyErr_Clear();
    Py_XDECREF(content);
    return content != NULL;
}

/* An inner function that compiled code gave to Python: its code, then what it has captured. */
static void put_closure(Walk *w, PyObject *o) {
    if (was_met(w, o)) return;
    PyObject *captured = PyObject_GetAttrString(o, "_captured");
    put_type(w, closure_typeof(o));
    if (captured) put_object(w, captured);
    w->failed |= !captured;
    Py_XDECREF(captured);
}

static void put_identified(Walk *w, PyObject *o) {
    if (is_enum_member(o)) {
        put_enum(w, o);
    } else if (is_dispatcher(o)) {
        if (was_met(w, o)) return;
        if (dispatcher_is_ahead(o)) refuse(w, "a function that was compiled ahead of time");
        put_tag(w, 'D');
        put_options(w, dispatcher_options(o));
        put_function(w, dispatcher_function_borrow(o));
    } else if (PyFunction_Check(o) && is_installed_function(o)) {
        put_installed_function(w, o);
    } else if (PyFunction_Check(o)) {
        put_function(w, o);
    } else if (PyType_Check(o)) {
        put_class(w, o);
    } else if (PyCFunction_Check(o) || PyObject_TypeCheck(o, core.ufunc_type) || is_numpy_function(o)) {
        put_builtin(w, o);
    } else if (PyArray_CheckExact(o)) {
        if (!was_met(w, o)) put_array(w, (PyArrayObject *)o);
    } else if (PyObject_TypeCheck(o, core.type_type)) {
        put_type(w, type_from_object(o));
    } else if (Py_TYPE(o) == core.closure_type) {
        put_closure(w, o);
    } else if (PyArray_DescrCheck(o) || PySlice_Check(o) || PyRange_Check(o)) {
        put_repr(w, 'r', o);
    } else if (PyArray_IsScalar(o, Generic)) {
        put_numpy_scalar(w, o);
    } else if (!was_met(w, o) && !put_content(w, o) && !put_foreign(w, o)) {
        refuse(w, "an object that has no content to compare");
    }
}

static void put_known(Walk *w, PyObject *o) {
    if (PyBool_Check(o) || o == Py_None || o == Py_Ellipsis)
        put_tag(w, o == Py_True ? '1' : o == Py_False ? '0' : o == Py_None ? 'n' : 'e');
    else if (PyLong_CheckExact(o)) put_int(w, o);
    else if (PyFloat_CheckExact(o)) put_tag(w, 'f'), put_double(w, PyFloat_AS_DOUBLE(o));
    else if (PyComplex_CheckExact(o))
        put_tag(w, 'c'), put_double(w, PyComplex_RealAsDouble(o)), put_double(w, PyComplex_ImagAsDouble(o));
    else if (PyUnicode_Check(o)) put_tag(w, 's'), put_str(w, o);
    else if (PyBytes_Check(o))
        put_tag(w, 'b'), put_u64(w, (uint64_t)PyBytes_GET_SIZE(o)),
            put_bytes(w, PyBytes_AS_STRING(o), (size_t)PyBytes_GET_SIZE(o));
    else if (PyTuple_Check(o)) put_tuple(w, o);
    else put_identified(w, o);
}

static void put_object(Walk *w, PyObject *o) {
    if (w->failed || w->why_not) return;
    if (++w->depth > MAX_DEPTH) refuse(w, "content that is nested too deeply");
    else put_known(w, o);
    w->depth--;
}

/* ---- what the compiler is --------------------------------------------------------------------------------------------------------- */

static void put_file(Walk *w, const char *path) {
    struct stat s;
    if (stat(path, &s)) return;
    put_u64(w, (uint64_t)s.st_size);
    put_u64(w, (uint64_t)s.st_mtim.tv_sec);
    put_u64(w, (uint64_t)s.st_mtim.tv_nsec);
}

/* The order of a directory's entries is not defined, so the files' facts are summed. */
static void put_directory(Walk *w, const char *path) {
    DIR *dir = opendir(path);
    uint64_t sum = 0;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char file[4096];
        struct stat s;
        size_t n = strlen(e->d_name);
        if (n < 3 || strcmp(e->d_name + n - 3, ".py") ||
            snprintf(file, sizeof file, "%s/%s", path, e->d_name) >= (int)sizeof file)
            continue;
        if (!stat(file, &s))
            sum += hash_bytes(e->d_name, n, (uint64_t)s.st_size) ^ (uint64_t)s.st_mtim.tv_sec * 1000003u ^
                   (uint64_t)s.st_mtim.tv_nsec;
    }
    if (dir) closedir(dir);
    put_u64(w, sum);
}

/* The modules' files: this one's own path says where its sibling and the library are. */
static void put_build(Walk *w) {
    Dl_info info;
    char path[4096];
    if (!dladdr((void *)(uintptr_t)fingerprint, &info) || strlen(info.dli_fname) > sizeof path - 32) return;
    put_file(w, info.dli_fname);
    const char *name = strrchr(info.dli_fname, '/'), *suffix = name ? strchr(name, '.') : NULL;
    if (!suffix) return;
    int folder = (int)(name - info.dli_fname);
    snprintf(path, sizeof path, "%.*s/_compiler%s", folder, info.dli_fname, suffix);
    put_file(w, path);
    snprintf(path, sizeof path, "%.*s/library", folder, info.dli_fname);
    put_directory(w, path);
}

/* Computed once: none of it changes while the process lives. */
static const CacheKey *environment_key(void) {
    static CacheKey key;
    static bool known;
    if (!known) {
        Walk w = {0};
        put_u64(&w, NAJA_ABI_VERSION);
        put_u64(&w, PY_VERSION_HEX);
        put_u64(&w, PyArray_GetNDArrayCFeatureVersion());
        put_text(&w, engine_host_identity());
        put_build(&w);
        key = cache_hash(w.out.at, w.out.n);
        strbuf_free(&w.out);
        known = true;
    }
    return &key;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------------ */

/* The place of an object in the list; an object that is not in it yet is appended. */
static uint32_t place_of(Walk *w, PyObject *o) {
    PyObject *address = PyLong_FromVoidPtr(o),
             *place = address ? PyDict_GetItemWithError(w->places, address) : NULL;
    uint32_t result = (uint32_t)PyList_GET_SIZE(w->objects);
    if (place) result = (uint32_t)PyLong_AsUnsignedLong(place);
    else w->failed |= PyErr_Occurred() || was_met(w, o);
    Py_XDECREF(address);
    return result;
}

/* A value that a type mentions, such as a default, counts by its content, but has a place too: the image names it. */
static uint32_t place_in_types(void *walk, Handle h) {
    Walk *w = walk;
    PyObject *o = handle_object_borrow(h);
    if (!o) {
        refuse(w, "a type whose object is gone");
        return 0;
    }
    put_object(w, o); /* before the type that mentions it */
    return place_of(w, o);
}

static void put_type(Walk *w, const Type *unresolved) {
    StrBuf bytes = {0};
    const Type *t = type_resolve(unresolved);
    if (!t) {
        refuse(w, "a deferred type that is not defined");
        return;
    }
    put_tag(w, 't');
    type_encode(&bytes, t, place_in_types, w);
    put_bytes(w, bytes.at, bytes.n);
    w->out.failed |= bytes.failed;
    strbuf_free(&bytes);
}

static void put_request(Walk *w, uint32_t nargs, const Type *const *args, const Type *result,
                        const UnitOptions *options) {
    put_bytes(w, environment_key(), sizeof(CacheKey));
    put_options(w, options);
    put_u64(w, nargs);
    for (uint32_t i = 0; i < nargs; i++) put_type(w, args[i]);
    put_tag(w, result ? 't' : 'n');
    if (result) put_type(w, result);
    put_implicit_overloads(w);
}

int fingerprint(PyObject *function, uint32_t nargs, const Type *const *args, const Type *result,
                const UnitOptions *options, Fingerprint *out) {
    Walk w = {.objects = PyList_New(0), .places = PyDict_New(), .debug = options->debug};
    memset(out, 0, sizeof *out);
    if (w.objects && w.places) {
        put_function(&w, function); /* first: place 0 is the function, place 1 its code */
        put_request(&w, nargs, args, result, options);
    }
    bool failed = w.failed || PyErr_Occurred() || !w.objects || !w.places;
    if (!failed && w.out.failed) {
        PyErr_NoMemory();
        failed = true;
    }
    if (!failed) {
        out->objects = Py_NewRef(w.objects);
        out->cacheable = !w.why_not;
        out->why_not = w.why_not;
        out->key = cache_hash(w.out.at, w.out.n);
    }
    strbuf_free(&w.out);
    Py_XDECREF(w.places);
    Py_XDECREF(w.objects);
    return failed ? -1 : 0;
}
