/* objects.c - Python objects that the program names: their types as constants, attributes, fields, defaults.
 *
 * The rest of the compiler knows objects as handles; here they are looked at, with the GIL held.  Everything
 * asked for is plain data of immutable objects; a Python error (a failing __getattr__) means "there is none".
 */
#include <Python.h>

#include "library/objects.h"

static PyObject *object_of(Handle h) {
    const LibraryHost *host = library_host();
    return host && h ? host->object_of(h) : NULL;
}

/* The handle of a new reference, which is given up: the table of handles keeps the object. */
static Handle handle_of_steal(PyObject *o) {
    if (!o) {
        PyErr_Clear(); /* AttributeError, KeyError or whatever the lookup raised: not there */
        return 0;
    }
    Handle h = library_host()->handle_of(o);
    Py_DECREF(o);
    if (!h) PyErr_Clear();
    return h;
}

Handle object_loaded_module(const char *name) {
    if (!library_host()) return 0;
    PyObject *module = PyMapping_GetItemString(PyImport_GetModuleDict(), name);
    return handle_of_steal(module);
}

const Type *object_type_of_text(const char *text) {
    PyObject *module = PyImport_ImportModule("naja.typing");
    PyObject *t = module ? PyObject_CallMethod(module, "parse_type", "s", text) : NULL;
    const Type *named = t ? library_host()->type_named(t) : NULL;
    PyErr_Clear();
    Py_XDECREF(t);
    Py_XDECREF(module);
    return named;
}

Handle object_attribute(Handle h, const char *name) {
    PyObject *o = object_of(h);
    return o ? handle_of_steal(PyObject_GetAttrString(o, name)) : 0;
}

const char *object_text(Handle h) {
    static char text[120];
    PyObject *o = object_of(h);
    PyObject *repr = o ? PyObject_Repr(o) : NULL;
    const char *utf8 = repr ? PyUnicode_AsUTF8(repr) : NULL;
    PyOS_snprintf(text, sizeof text, "%s", utf8 ? utf8 : "an object");
    PyErr_Clear();
    Py_XDECREF(repr);
    return text;
}

const char *object_dotted_name(Handle h) {
    static char text[160];
    PyObject *o = object_of(h);
    PyObject *module = o ? PyObject_GetAttrString(o, "__module__") : NULL;
    PyErr_Clear(); /* ufuncs of some versions have none */
    PyObject *name = o ? PyObject_GetAttrString(o, "__qualname__") : NULL;
    PyErr_Clear();
    if (o && !name) name = PyObject_GetAttrString(o, "__name__");
    const char *prefix = module && PyUnicode_Check(module) ? PyUnicode_AsUTF8(module) : NULL;
    const char *own = name && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    PyOS_snprintf(text, sizeof text, "%s%s%s", prefix ? prefix : "", prefix ? "." : "", own ? own : "?");
    PyErr_Clear();
    Py_XDECREF(name);
    Py_XDECREF(module);
    return text;
}

const char *object_utf8(Arena *a, Handle h) {
    PyObject *o = object_of(h);
    Py_ssize_t n;
    const char *utf8 = o && PyUnicode_Check(o) ? PyUnicode_AsUTF8AndSize(o, &n) : NULL;
    if (!utf8) PyErr_Clear();
    return utf8 ? arena_strndup(a, utf8, (size_t)n) : NULL;
}

/* ---- types of constants -------------------------------------------------------------------------------- */

static const Type *int_type(PyObject *o) {
    int overflow;
    long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (!overflow) return type_literal_int(v);
    if (overflow < 0) return NULL;
    PyLong_AsUnsignedLongLong(o);
    bool fits = !PyErr_Occurred();
    PyErr_Clear();
    return fits ? type_u64 : NULL;
}

static const Type *tuple_type(PyObject *o) {
    Py_ssize_t n = PyTuple_GET_SIZE(o);
    const Type *elem[n + 1];
    for (Py_ssize_t i = 0; i < n; i++)
        if (!(elem[i] = object_type(library_host()->handle_of(PyTuple_GET_ITEM(o, i))))) return NULL;
    if (PyTuple_CheckExact(o)) return type_tuple((uint32_t)n, elem);
    Handle cls = library_host()->handle_of((PyObject *)Py_TYPE(o));
    return object_nfields(cls) == (uint32_t)n ? type_namedtuple(cls, (uint32_t)n, elem) : NULL;
}

/* A time's unit is in the name, such as "datetime64[ns]". */
static const Type *dtype_of_character(PyObject *descr, const char *character) {
    if (!character || !strchr("mM", *character)) return character ? dtype_named(character) : NULL;
    PyObject *name = PyObject_GetAttrString(descr, "name");
    const char *text = name ? PyUnicode_AsUTF8(name) : NULL;
    const Type *t = text ? type_time_named(text) : NULL;
    Py_XDECREF(name);
    return t;
}

/* numpy.float32 and numpy.dtype("f4"): a scalar type used as a value.  New references are not kept. */
static const Type *dtype_type(PyObject *o) {
    PyObject *numpy = PyMapping_GetItemString(PyImport_GetModuleDict(), "numpy");
    if (!numpy) {
        PyErr_Clear();
        return NULL;
    }
    const Type *t = NULL;
    PyObject *generic = PyObject_GetAttrString(numpy, "generic"),
             *dtype = PyObject_GetAttrString(numpy, "dtype");
    PyObject *descr = NULL, *character = NULL;
    if (generic && dtype && PyType_Check(o) && PyType_IsSubtype((PyTypeObject *)o, (PyTypeObject *)generic))
        descr = PyObject_CallOneArg(dtype, o);
    else if (dtype && PyObject_IsInstance(o, dtype) == 1) descr = Py_NewRef(o);
    if (descr && (character = PyObject_GetAttrString(descr, "char"))) {
        PyObject *native = PyObject_GetAttrString(descr, "isnative");
        const Type *scalar = native == Py_True ? dtype_of_character(descr, PyUnicode_AsUTF8(character))
                                               : NULL;
        t = scalar ? type_dtype(scalar) : NULL;
        Py_XDECREF(native);
    }
    PyErr_Clear(); /* np.generic itself and other abstract classes have no dtype */
    Py_XDECREF(character);
    Py_XDECREF(descr);
    Py_XDECREF(generic);
    Py_XDECREF(dtype);
    Py_DECREF(numpy);
    return t;
}

static const char *callable_name(Handle h, PyObject *o) {
    const char *name = library_name_of(h);
    if (name) return name;
    static char text[200];
    PyObject *qualname = PyObject_GetAttrString(o, "__qualname__");
    const char *utf8 = qualname && PyUnicode_Check(qualname) ? PyUnicode_AsUTF8(qualname) : NULL;
    PyOS_snprintf(text, sizeof text, "%s", utf8 ? utf8 : Py_TYPE(o)->tp_name);
    PyErr_Clear();
    Py_XDECREF(qualname);
    return text;
}

static const Type *host_type(PyObject *o) {
    const Type *t = library_host()->type_of(o);
    if (!t) PyErr_Clear();
    if (t && t->kind == TYPE_ARRAY) /* a constant array is frozen into the code */
        t = type_array(t->elem[0], t->ndim, t->layout, true, t->aligned);
    return t;
}

static const Type *number_or_str_type(PyObject *o) {
    if (PyBool_Check(o)) return type_literal_bool(o == Py_True);
    if (PyLong_CheckExact(o)) return int_type(o);
    if (PyFloat_CheckExact(o)) return type_f64;
    if (PyComplex_CheckExact(o)) return type_c128;
    if (PyUnicode_CheckExact(o)) {
        const char *utf8 = PyUnicode_AsUTF8(o);
        if (!utf8) PyErr_Clear(); /* a lone surrogate */
        return utf8 ? type_literal_str(utf8) : NULL;
    }
    return NULL;
}

const Type *object_type(Handle h) {
    PyObject *o = object_of(h);
    if (!o) return NULL;
    if (o == Py_None) return type_none;
    if (o == Py_Ellipsis) return type_ellipsis;
    const Type *t = number_or_str_type(o);
    if (t || PyLong_CheckExact(o)) return t;
    if (PyTuple_Check(o)) return tuple_type(o);
    if (PyModule_Check(o)) return type_object(h, PyModule_GetName(o));
    if ((t = dtype_type(o))) return t;
    if (library_host()->dispatcher_function(h) || PyType_Check(o) || PyFunction_Check(o))
        return type_function(h, callable_name(h, o));
    if ((t = host_type(o)) && t->kind != TYPE_OBJECT) return t;
    return PyCallable_Check(o) ? type_function(h, callable_name(h, o)) : type_object(h, Py_TYPE(o)->tp_name);
}

const Type *object_dtype_named(const char *text) {
    PyObject *numpy = library_host() ? PyImport_ImportModule("numpy") : NULL;
    PyObject *dtype = numpy ? PyObject_CallMethod(numpy, "dtype", "s", text) : NULL;
    const Type *t = dtype ? host_type(dtype) : NULL;
    PyErr_Clear(); /* the text is no dtype's name */
    Py_XDECREF(dtype);
    Py_XDECREF(numpy);
    return t;
}

const Type *object_named_type(Handle h) {
    PyObject *o = object_of(h);
    return o ? library_host()->type_named(o) : NULL;
}

/* ---- values of constants ------------------------------------------------------------------------------- */

bool object_float(Handle h, double *re, double *im) {
    PyObject *o = object_of(h);
    if (!o) return false;
    Py_complex c = PyComplex_AsCComplex(o); /* also of anything with __complex__ or __float__ */
    bool ok = !PyErr_Occurred();
    PyErr_Clear();
    *re = c.real;
    *im = c.imag;
    return ok;
}

static bool is_time(PyObject *o) {
    const char *cls = Py_TYPE(o)->tp_name;
    return !strcmp(cls, "numpy.datetime64") || !strcmp(cls, "numpy.timedelta64");
}

static bool time_value(PyObject *time, int64_t *value) {
    PyObject *ticks = PyObject_CallMethod(time, "view", "s", "int64");
    *value = ticks ? PyLong_AsLongLong(ticks) : 0;
    Py_XDECREF(ticks);
    return !PyErr_Occurred();
}

bool object_time(const char *text, bool moment, TimeUnit given, int64_t *value, TimeUnit *unit) {
    PyObject *numpy = PyImport_ImportModule("numpy"), *time = NULL, *dtype = NULL, *name = NULL;
    const char *method = moment ? "datetime64" : "timedelta64";
    if (numpy && given) time = PyObject_CallMethod(numpy, method, "ss", text, time_unit_name(given));
    else if (numpy) time = PyObject_CallMethod(numpy, method, "s", text);
    if (time && (dtype = PyObject_GetAttrString(time, "dtype"))) name = PyObject_GetAttrString(dtype, "name");
    const Type *t = name ? type_time_named(PyUnicode_AsUTF8(name)) : NULL;
    if (t) *unit = type_unit(t);
    else if (name) PyErr_SetString(PyExc_TypeError, "a unit with a multiple has no type");
    bool ok = t && time_value(time, value);
    Py_XDECREF(name);
    Py_XDECREF(dtype);
    Py_XDECREF(time);
    Py_XDECREF(numpy);
    return ok;
}

bool object_enum(Handle h, int64_t *number) {
    PyObject *o = object_of(h), *names = NULL, *name = NULL, *value = NULL;
    PyObject *flag = object_of(library_object("enum.Flag"));
    bool is_flag = o && flag && PyObject_TypeCheck(o, (PyTypeObject *)flag);
    if (o && PyLong_Check(o)) *number = PyLong_AsLongLong(o);
    else if (is_flag && (value = PyObject_GetAttrString(o, "_value_"))) *number = PyLong_AsLongLong(value);
    else if (o && (names = PyObject_GetAttrString((PyObject *)Py_TYPE(o), "_member_names_")) &&
             (name = PyObject_GetAttrString(o, "_name_")))
        *number = PySequence_Index(names, name);
    bool ok = o && !PyErr_Occurred();
    PyErr_Clear();
    Py_XDECREF(value);
    Py_XDECREF(name);
    Py_XDECREF(names);
    return ok;
}

bool object_int(Handle h, int64_t *value) {
    PyObject *o = object_of(h);
    if (o && is_time(o)) return time_value(o, value);
    PyObject *number = o ? PyNumber_Index(o) : NULL;
    if (o && !number) {
        PyErr_Clear();
        if (PyObject_IsTrue(o) >= 0 && !PyFloat_Check(o)) { /* numpy.bool */
            *value = PyObject_IsTrue(o);
            return true;
        }
        PyErr_Clear();
    }
    if (!number) return false;
    int overflow;
    *value = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (overflow > 0) *value = (int64_t)PyLong_AsUnsignedLongLong(number);
    bool ok = !PyErr_Occurred();
    PyErr_Clear();
    Py_DECREF(number);
    return ok;
}

uint32_t object_length(Handle h) {
    PyObject *o = object_of(h);
    return o && PyTuple_Check(o) ? (uint32_t)PyTuple_GET_SIZE(o) : 0;
}

int64_t object_nbytes(Handle h) {
    PyObject *o = object_of(h);
    return o && PyBytes_Check(o) ? PyBytes_GET_SIZE(o) : 0;
}

Handle object_item(Handle h, uint32_t i) {
    return library_host()->handle_of(PyTuple_GET_ITEM(object_of(h), i));
}

/* ---- classes and functions ----------------------------------------------------------------------------- */

/* Made once per text, since the table of handles keeps what allows no weak reference. */
static PyObject *string_bytes(PyObject *text) {
    static PyObject *made; /* dict: str -> bytes */
    if (!made && !(made = PyDict_New())) return NULL;
    PyObject *bytes = PyDict_GetItemWithError(made, text);
    if (bytes || PyErr_Occurred()) return Py_XNewRef(bytes);
    Py_ssize_t nbytes = PyUnicode_GET_LENGTH(text) * (Py_ssize_t)PyUnicode_KIND(text);
    bytes = PyBytes_FromStringAndSize(PyUnicode_DATA(text), nbytes);
    if (bytes && PyDict_SetItem(made, text, bytes) < 0) Py_CLEAR(bytes);
    return bytes;
}

Handle object_string_bytes(const char *utf8, uint32_t *kind, int64_t *length) {
    PyObject *text = library_host() ? PyUnicode_FromString(utf8) : NULL;
    if (!text) {
        PyErr_Clear();
        return 0;
    }
    *kind = PyUnicode_KIND(text);
    *length = PyUnicode_GET_LENGTH(text);
    Handle h = handle_of_steal(string_bytes(text));
    Py_DECREF(text);
    return h;
}

const char *object_method_name(Handle h) {
    PyObject *o = object_of(h);
    return o && Py_IS_TYPE(o, &PyMethodDescr_Type) ? ((PyMethodDescrObject *)o)->d_method->ml_name : NULL;
}

bool object_is_exception_class(Handle h) {
    PyObject *o = object_of(h);
    return o && PyExceptionClass_Check(o);
}

bool object_is_subclass(Handle cls, Handle of) {
    PyObject *a = object_of(cls), *b = object_of(of);
    return a && b && PyType_Check(a) && PyType_Check(b) &&
           PyType_IsSubtype((PyTypeObject *)a, (PyTypeObject *)b);
}

/* n objects that are nothing but different. */
static PyObject *tokens(uint32_t n) {
    PyObject *tuple = PyTuple_New(n);
    for (uint32_t i = 0; tuple && i < n; i++) {
        PyObject *o = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
        if (!o) Py_CLEAR(tuple);
        else PyTuple_SET_ITEM(tuple, i, o);
    }
    return tuple;
}

static bool same_items(PyObject *value, PyObject *tuple) {
    if (!PyTuple_Check(value) || PyTuple_GET_SIZE(value) != PyTuple_GET_SIZE(tuple)) return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++)
        if (PyTuple_GET_ITEM(value, i) != PyTuple_GET_ITEM(tuple, i)) return false;
    return true;
}

int32_t object_exception_attribute(Handle cls, uint32_t nargs, const char *name, Handle *constant) {
    PyObject *o = object_of(cls), *args = o ? tokens(nargs) : NULL;
    PyObject *made = args ? PyObject_Call(o, args, NULL) : NULL;
    PyObject *value = made ? PyObject_GetAttrString(made, name) : NULL;
    int32_t which = -1;
    if (value && !strcmp(name, "args")) which = same_items(value, args) ? EXCEPTION_ARGS : -1;
    for (uint32_t i = 0; value && which == -1 && i < nargs; i++)
        if (PyTuple_GET_ITEM(args, i) == value) which = (int32_t)i;
    bool plain = value && (PyLong_Check(value) || PyFloat_Check(value) || PyUnicode_Check(value));
    if (which == -1 && plain && constant) *constant = handle_of_steal(Py_NewRef(value));
    Py_XDECREF(value);
    Py_XDECREF(made);
    Py_XDECREF(args);
    PyErr_Clear(); /* a constructor that computes with its arguments, or no such attribute */
    return which;
}

static Handle handle_of_attribute(PyObject *o, const char *name) {
    PyObject *value = PyObject_GetAttrString(o, name);
    if (value != Py_None) return handle_of_steal(value);
    Py_DECREF(value);
    return 0;
}

Handle object_own_class(Handle function) {
    PyObject *o = object_of(function), *closure = o && PyFunction_Check(o) ? PyFunction_GetClosure(o) : NULL;
    PyObject *names = closure ? PyObject_GetAttrString(PyFunction_GetCode(o), "co_freevars") : NULL;
    PyObject *cls = NULL;
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names) && i < PyTuple_GET_SIZE(closure); i++)
        if (!PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, i), "__class__"))
            cls = PyCell_Get(PyTuple_GET_ITEM(closure, i));
    PyErr_Clear();
    Py_XDECREF(names);
    return cls ? handle_of_steal(cls) : 0;
}

/* ">handle.name": in the classes behind that one; borrowed. */
static PyObject *lookup_behind(PyObject *cls, const char *name) {
    char *end;
    PyObject *start = object_of((Handle)strtoul(name, &end, 10)), *member = NULL;
    PyObject *mro = PyType_Check(cls) ? ((PyTypeObject *)cls)->tp_mro : NULL;
    Py_ssize_t n = mro ? PyTuple_GET_SIZE(mro) : 0, i = 0;
    while (i < n && PyTuple_GET_ITEM(mro, i) != start) i++;
    for (i++; i < n && !member; i++) {
        PyObject *own = ((PyTypeObject *)PyTuple_GET_ITEM(mro, i))->tp_dict;
        member = own ? PyDict_GetItemString(own, end + 1) : NULL;
    }
    return member;
}

/* As it stands in the class; borrowed, NULL: there is none. */
static PyObject *class_lookup(Handle cls, const char *name) {
    if (*name == '>') return object_of(cls) ? lookup_behind(object_of(cls), name + 1) : NULL;
    PyObject *o = object_of(cls), *text = o && PyType_Check(o) ? PyUnicode_InternFromString(name) : NULL;
    PyObject *member = text ? _PyType_Lookup((PyTypeObject *)o, text) : NULL;
    Py_XDECREF(text);
    if (!member) PyErr_Clear();
    return member;
}

static bool is_tuple_class(Handle cls) {
    PyObject *o = object_of(cls);
    return o && PyType_Check(o) && PyType_IsSubtype((PyTypeObject *)o, &PyTuple_Type);
}

/* Written by the program, not by dataclass() or namedtuple(). */
static bool is_written(PyObject *function) {
    PyObject *module = PyImport_ImportModule("naja.library.instances");
    PyObject *answer = module ? PyObject_CallMethod(module, "is_written", "O", function) : NULL;
    bool yes = answer == Py_True;
    PyErr_Clear();
    Py_XDECREF(answer);
    Py_XDECREF(module);
    return yes;
}

/* What compiled code calls: a dispatcher; of a class of plain values, whose methods nobody decorates, a function. */
static bool is_method(Handle cls, Handle function) {
    if (!function || library_host()->dispatcher_function(function)) return function != 0;
    bool plain = object_nfields(cls) != UINT32_MAX;
    return plain && object_of(function) && is_written(object_of(function));
}

ClassMember object_class_member(Handle cls, const char *name, Handle *function, Handle *setter) {
    PyObject *member = class_lookup(cls, name);
    *setter = 0;
    if (!member || (is_tuple_class(cls) && name[0] == '_' && !object_overrides(cls, name)))
        return CLASS_NOTHING;
    if (PyObject_TypeCheck(member, &PyProperty_Type)) {
        *function = handle_of_attribute(member, "fget");
        *setter = handle_of_attribute(member, "fset");
        return CLASS_PROPERTY;
    }
    bool is_static = PyObject_TypeCheck(member, &PyStaticMethod_Type),
         is_alternative = PyObject_TypeCheck(member, &PyClassMethod_Type);
    *function = is_static || is_alternative ? handle_of_attribute(member, "__func__")
                                            : library_host()->handle_of(member);
    if (!is_method(cls, *function)) return CLASS_NOTHING;
    return is_static ? CLASS_STATIC : is_alternative ? CLASS_ALTERNATIVE : CLASS_METHOD;
}

bool object_overrides(Handle cls, const char *method) {
    PyObject *member = class_lookup(cls, method);
    bool special = method[0] == '_' && method[1] == '_';
    return member && special && is_written(member) && strcmp(method, "__new__") &&
           strcmp(method, "__getnewargs__");
}

bool library_is_object(const Type *t) {
    return t->kind == TYPE_NAMEDTUPLE && t->handle && !library_is_list(t) && !library_is_place(t) &&
           !is_tuple_class(t->handle);
}

bool library_has_methods(const Type *t) {
    if (t->kind == TYPE_INSTANCE) return true;
    return t->kind == TYPE_NAMEDTUPLE && t->handle && !library_is_list(t) && !library_is_place(t);
}

bool object_is_ufunc(Handle h) {
    PyObject *o = object_of(h);
    if (!o) return false;
    if (!strcmp(Py_TYPE(o)->tp_name, "numpy.ufunc")) return true;
    PyObject *mark = PyObject_GetAttrString((PyObject *)Py_TYPE(o), "_is_naja_ufunc");
    PyErr_Clear();
    Py_XDECREF(mark);
    return mark != NULL;
}

bool object_is_interpreters(Handle h) {
    PyObject *o = object_of(h), *module = o ? PyImport_ImportModule("naja.interpreter") : NULL;
    PyObject *answer = module ? PyObject_CallMethod(module, "is_object", "O", o) : NULL;
    bool is = answer && PyObject_IsTrue(answer) > 0;
    PyErr_Clear();
    Py_XDECREF(answer);
    Py_XDECREF(module);
    return is;
}

bool object_is_function(Handle h) {
    PyObject *o = object_of(h);
    return o && PyFunction_Check(o);
}

bool object_error_is(const char *class_name) {
    PyObject *type = PyErr_Occurred();
    PyObject *name = NULL;
    if (type && PyType_Check(type)) {
        PyObject *kept, *value, *traceback;
        PyErr_Fetch(&kept, &value, &traceback);
        name = PyObject_GetAttrString(kept, "__name__");
        PyErr_Clear();
        PyErr_Restore(kept, value, traceback);
    }
    bool is = name && PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, class_name) == 0;
    Py_XDECREF(name);
    return is;
}

const char *object_take_error(void) {
    static char text[400];
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *str = value ? PyObject_Str(value) : NULL;
    const char *utf8 = str ? PyUnicode_AsUTF8(str) : NULL;
    PyOS_snprintf(text, sizeof text, "%s", utf8 ? utf8 : "an overload failed");
    Py_XDECREF(str);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    PyErr_Clear();
    return text;
}

/* The fields of a dataclass as dataclasses.Field objects; NULL without an error: it is none. */
static PyObject *dataclass_fields(PyObject *cls) {
    bool is_one = PyType_Check(cls) && PyObject_HasAttrString(cls, "__dataclass_fields__");
    PyObject *module = is_one ? PyImport_ImportModule("dataclasses") : NULL;
    PyObject *fields = module ? PyObject_CallMethod(module, "fields", "O", cls) : NULL;
    Py_XDECREF(module);
    PyErr_Clear();
    return fields;
}

static PyObject *dataclass_names(PyObject *cls) {
    PyObject *fields = dataclass_fields(cls), *names = fields ? PyTuple_New(PyTuple_GET_SIZE(fields)) : NULL;
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(fields); i++) {
        PyObject *name = PyObject_GetAttrString(PyTuple_GET_ITEM(fields, i), "name");
        if (name) PyTuple_SET_ITEM(names, i, name);
        else Py_CLEAR(names);
    }
    PyErr_Clear();
    Py_XDECREF(fields);
    return names;
}

/* The _fields of a namedtuple class, or the names of a dataclass's, new reference; NULL without an error: it is none. */
static PyObject *fields_of(Handle cls) {
    PyObject *o = object_of(cls);
    if (!o || !PyType_Check(o)) return NULL;
    if (!PyType_IsSubtype((PyTypeObject *)o, &PyTuple_Type)) return dataclass_names(o);
    PyObject *fields = PyObject_GetAttrString(o, "_fields");
    if (!fields) PyErr_Clear();
    if (fields && !PyTuple_Check(fields)) Py_CLEAR(fields);
    return fields;
}

uint32_t object_nfields(Handle cls) {
    PyObject *fields = fields_of(cls);
    uint32_t n = fields ? (uint32_t)PyTuple_GET_SIZE(fields) : UINT32_MAX;
    Py_XDECREF(fields);
    return n;
}

const char *object_field(Handle cls, uint32_t i) {
    PyObject *fields = fields_of(cls);
    const char *name = fields ? PyUnicode_AsUTF8(PyTuple_GET_ITEM(fields, i)) : NULL;
    Py_XDECREF(fields); /* the class keeps it */
    return name;
}

/* Of a field that has a value by default; 0 for one that is made by a function. */
static Handle dataclass_default(PyObject *cls, const char *field) {
    PyObject *fields = PyObject_GetAttrString(cls, "__dataclass_fields__");
    PyObject *entry = fields ? PyMapping_GetItemString(fields, field) : NULL;
    PyObject *value = entry ? PyObject_GetAttrString(entry, "default") : NULL;
    bool is_missing = value && !strcmp(Py_TYPE(value)->tp_name, "_MISSING_TYPE");
    Handle h = value && !is_missing ? library_host()->handle_of(value) : 0;
    Py_XDECREF(value);
    Py_XDECREF(entry);
    Py_XDECREF(fields);
    PyErr_Clear();
    return h;
}

/* A function of a module of naja/library; new reference, NULL without an error. */
static PyObject *ask_lengths(const char *function, PyObject *args) {
    PyObject *module = args ? PyImport_ImportModule("naja.library.lengths") : NULL;
    PyObject *f = module ? PyObject_GetAttrString(module, function) : NULL;
    PyObject *answer = f ? PyObject_Call(f, args, NULL) : NULL;
    PyErr_Clear();
    Py_XDECREF(f);
    Py_XDECREF(module);
    Py_XDECREF(args);
    return answer;
}

int32_t object_iterated(Handle code) {
    PyObject *o = object_of(code);
    PyObject *answer = o && PyCode_Check(o) ? ask_lengths("iterated", PyTuple_Pack(1, o)) : NULL;
    int32_t first = answer ? (int32_t)PyLong_AsLong(answer) : -1;
    Py_XDECREF(answer);
    return first;
}

Handle object_taker(int64_t n, bool is_list) {
    return handle_of_steal(
        ask_lengths("taker", Py_BuildValue("(LO)", (long long)n, is_list ? Py_True : Py_False)));
}

/* naja/library/mutables.py; new reference, NULL without an error. */
static PyObject *ask_mutables(const char *function, Handle cls, const char *name) {
    PyObject *o = object_of(cls), *module = o ? PyImport_ImportModule("naja.library.mutables") : NULL;
    PyObject *answer = module ? PyObject_CallMethod(module, function, name ? "Os" : "O", o, name) : NULL;
    PyErr_Clear();
    Py_XDECREF(module);
    return answer;
}

bool object_share(Handle cls) {
    PyObject *answer = ask_mutables("share", cls, NULL);
    bool shared = answer && answer != Py_None;
    Py_XDECREF(answer);
    return shared;
}

Handle object_frozen_refusal(Handle cls, const char *field) {
    PyObject *answer = ask_mutables("refusal", cls, field);
    if (answer != Py_None) return handle_of_steal(answer);
    Py_DECREF(answer);
    return 0;
}

Handle object_fields_default(Handle cls, const char *field) {
    PyObject *o = object_of(cls);
    if (o && PyObject_HasAttrString(o, "__dataclass_fields__")) return dataclass_default(o, field);
    PyObject *defaults = o ? PyObject_GetAttrString(o, "_field_defaults") : NULL;
    Handle h = defaults ? handle_of_steal(PyMapping_GetItemString(defaults, field)) : 0;
    PyErr_Clear();
    Py_XDECREF(defaults);
    return h;
}

Handle object_default(Handle function, const char *param, uint32_t i, bool keyword_only) {
    PyObject *o = object_of(function);
    if (!o || !PyFunction_Check(o)) return 0;
    if (keyword_only) {
        PyObject *defaults = PyFunction_GetKwDefaults(o);
        return defaults ? handle_of_steal(PyMapping_GetItemString(defaults, param)) : 0;
    }
    PyObject *defaults = PyFunction_GetDefaults(o);
    Py_ssize_t first = defaults
                           ? ((PyCodeObject *)PyFunction_GetCode(o))->co_argcount - PyTuple_GET_SIZE(defaults)
                           : 0;
    if (!defaults || (Py_ssize_t)i < first || (Py_ssize_t)i - first >= PyTuple_GET_SIZE(defaults)) return 0;
    return library_host()->handle_of(PyTuple_GET_ITEM(defaults, (Py_ssize_t)i - first));
}

uint32_t object_nfree(Handle code) {
    PyObject *o = object_of(code);
    return o && PyCode_Check(o) ? (uint32_t)PyCode_GetNumFree((PyCodeObject *)o) : 0;
}
