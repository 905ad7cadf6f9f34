/* typemake.c - the constructors of types as Python functions of naja._core.
 *
 * naja/types/ builds Numba's names (Array, UniTuple, Optional, ...) on these.  Each takes and gives _core.Type
 * objects; equal arguments give the identical object.
 */
#include "boundary/exporters.h"
#include "boundary/state.h"

enum { MAX_ELEMENTS = 1000, MAX_NDIM = 32 };

static PyObject *as_object(const Type *t) { return t ? Py_XNewRef(type_object_borrow(t)) : NULL; }

/* "O&" converter of a type argument. */
static int to_type(PyObject *o, void *out) { return (*(const Type **)out = type_from_object(o)) != NULL; }

/* The simple types by name. */
static const struct {
    const char *name;
    const Type **type;
} simple[] = {
    {"none", &type_none},
    {"boolean", &type_bool},
    {"int8", &type_i8},
    {"int16", &type_i16},
    {"int32", &type_i32},
    {"int64", &type_i64},
    {"uint8", &type_u8},
    {"uint16", &type_u16},
    {"uint32", &type_u32},
    {"uint64", &type_u64},
    {"float16", &type_f16},
    {"float32", &type_f32},
    {"float64", &type_f64},
    {"complex64", &type_c64},
    {"complex128", &type_c128},
    {"unicode_type", &type_str},
    {"ellipsis", &type_ellipsis},
    {"voidptr", &type_ptr},
    {"NumPyRandomGeneratorType", &type_rng},
    {"NumPyRandomStateType", &type_random_state},
    {"undefined", &type_undefined},
    {"pyobject", &type_pyobject},
    {"bytes", &type_bytes},
};

static PyObject *simple_type(PyObject *m, PyObject *name) {
    const char *text = PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    for (size_t i = 0; text && i < ARRAY_LEN(simple); i++)
        if (!strcmp(simple[i].name, text)) return as_object(*simple[i].type);
    if (text && !strcmp(text, "bytearray")) return as_object(type_bytes_of(TYPE_BYTES_MUTABLE));
    return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_KeyError, "%R is not a simple type", name);
}

static PyObject *number_type(PyObject *args, const char *format, unsigned kind) {
    int bits, is_signed = 1;
    if (!PyArg_ParseTuple(args, format, &bits, &is_signed)) return NULL;
    static const uint16_t widths[] = {
        [TYPE_INT] = 8 | 16 | 32 | 64, [TYPE_FLOAT] = 16 | 32 | 64, [TYPE_COMPLEX] = 64 | 128};
    if (bits <= 0 || bits & (bits - 1) || !(widths[kind] & bits))
        return PyErr_Format(PyExc_ValueError, "there is no number type of %d bits of this kind", bits);
    unsigned b = (unsigned)bits;
    return as_object(kind == TYPE_INT     ? type_int(b, is_signed)
                     : kind == TYPE_FLOAT ? type_float(b)
                                          : type_complex(b));
}
static PyObject *int_type(PyObject *m, PyObject *args) { return number_type(args, "i|p:int_type", TYPE_INT); }
static PyObject *float_type(PyObject *m, PyObject *args) {
    return number_type(args, "i:float_type", TYPE_FLOAT);
}
static PyObject *complex_type(PyObject *m, PyObject *args) {
    return number_type(args, "i:complex_type", TYPE_COMPLEX);
}

static PyObject *time_type(PyObject *args, const char *format, const Type *(*make)(TimeUnit)) {
    const char *name;
    Py_ssize_t n;
    TimeUnit unit;
    if (!PyArg_ParseTuple(args, format, &name, &n)) return NULL;
    if (!time_unit_named(name, (size_t)n, &unit))
        return PyErr_Format(PyExc_ValueError,
                            "%s is not a unit of time: use one of Y M W D h m s ms us ns ps fs as", name);
    return as_object(make(unit));
}
static PyObject *datetime_type(PyObject *m, PyObject *args) {
    return time_type(args, "s#:datetime_type", type_datetime);
}
static PyObject *timedelta_type(PyObject *m, PyObject *args) {
    return time_type(args, "s#:timedelta_type", type_timedelta);
}

static PyObject *array_type(PyObject *m, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"dtype", "ndim", "layout", "readonly", "aligned", NULL};
    const Type *dtype;
    int ndim, layout = 'C', readonly = 0, aligned = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&i|Cpp:array_type", names, to_type, &dtype, &ndim,
                                     &layout, &readonly, &aligned))
        return NULL;
    if (ndim < 0 || ndim > MAX_NDIM)
        return PyErr_Format(PyExc_ValueError, "an array has 0 to %d dimensions, not %d", MAX_NDIM, ndim);
    if (!type_is_scalar(dtype) && !type_is_storage(dtype))
        return PyErr_Format(PyExc_TypeError, "an array cannot have elements of type %s", dtype->name);
    if (dtype->kind == TYPE_NESTED) { /* as in NumPy, its axes become the array's last ones */
        ndim += (int)type_nested_shape(dtype, NULL);
        dtype = dtype->elem[0];
        if (layout == 'F') layout = 'A';
        if (ndim > MAX_NDIM)
            return PyErr_Format(PyExc_ValueError, "an array has 0 to %d dimensions, not %d", MAX_NDIM, ndim);
    }
    if (layout != 'C' && layout != 'F' && layout != 'A')
        return PyErr_Format(PyExc_ValueError, "layout is 'C', 'F' or 'A'");
    Layout l = layout == 'C' || (layout == 'F' && ndim < 2) ? LAYOUT_C : layout == 'F' ? LAYOUT_F : LAYOUT_A;
    return as_object(type_array(dtype, (unsigned)ndim, l, readonly, aligned));
}

static PyObject *with_elements(PyObject *sequence, const Type *(*make)(void *, uint32_t, const Type *const *),
                               void *data) {
    const Type *elem[MAX_ELEMENTS];
    uint32_t n = MAX_ELEMENTS;
    if (types_from_sequence(sequence, elem, &n) < 0) return NULL;
    return as_object(make(data, n, elem));
}
static const Type *make_tuple(void *data, uint32_t n, const Type *const *elem) { return type_tuple(n, elem); }
static const Type *make_namedtuple(void *cls, uint32_t n, const Type *const *elem) {
    bool is_list = cls == (void *)&PyList_Type; /* a display of different types, see library_is_list */
    PyObject *fields = is_list ? NULL : PyObject_GetAttr(cls, core.name.fields);
    Py_ssize_t nfields = is_list ? n : fields ? PyObject_Length(fields) : -1;
    Py_XDECREF(fields);
    if (nfields >= 0 && nfields != n)
        PyErr_Format(PyExc_ValueError, "%R has %zd fields, not %u", cls, nfields, n);
    Handle h = nfields == n ? handle_of(cls) : 0;
    return h ? type_namedtuple(h, n, elem) : NULL;
}
static const Type *make_strdict(void *unused, uint32_t n, const Type *const *elem) {
    (void)unused;
    for (uint32_t i = 0; i < n; i += 2)
        if (elem[i]->kind != TYPE_LITERAL || !elem[i]->text || n % 2) {
            PyErr_SetString(PyExc_TypeError, "the keys of a LiteralStrKeyDict are literal strings");
            return NULL;
        }
    return type_strdict(n, elem);
}
static PyObject *strdict_type(PyObject *m, PyObject *elements) {
    return with_elements(elements, make_strdict, NULL);
}
static PyObject *tuple_type(PyObject *m, PyObject *elements) {
    return with_elements(elements, make_tuple, NULL);
}
static PyObject *namedtuple_type(PyObject *m, PyObject *args) {
    PyObject *cls, *elements;
    return PyArg_ParseTuple(args, "OO:namedtuple_type", &cls, &elements)
               ? with_elements(elements, make_namedtuple, cls)
               : NULL;
}

static const Type *make_zip(void *enumerate, uint32_t n, const Type *const *elem) {
    return type_zip(enumerate != NULL, n, elem);
}
static PyObject *zip_type(PyObject *m, PyObject *args) {
    PyObject *elements;
    int enumerate;
    if (!PyArg_ParseTuple(args, "Op:zip_type", &elements, &enumerate)) return NULL;
    return with_elements(elements, make_zip, enumerate ? m : NULL);
}
static PyObject *exception_type(PyObject *m, PyObject *cls) {
    if (!PyExceptionClass_Check(cls))
        return PyErr_Format(PyExc_TypeError, "%R is not an exception class", cls);
    Handle h = handle_of(cls);
    return h ? as_object(type_exception(h, 0, NULL)) : NULL;
}

static PyObject *of_one(PyObject *o, const Type *(*make)(const Type *)) {
    const Type *t = type_from_object(o);
    return t ? as_object(make(t)) : NULL;
}
static const Type *generator_of(const Type *yielded) { return type_generator_any(yielded, type_none); }
static PyObject *generator_type(PyObject *m, PyObject *o) { return of_one(o, generator_of); }
static PyObject *optional_type(PyObject *m, PyObject *o) { return of_one(o, type_optional); }
static PyObject *dtype_type(PyObject *m, PyObject *o) {
    const Type *t = type_from_object(o);
    if (t && !type_is_scalar(t) && !type_is_storage(t))
        return PyErr_Format(PyExc_TypeError, "%s is not a number type", t->name);
    return t ? as_object(type_dtype(t)) : NULL;
}
static PyObject *flags_type(PyObject *m, PyObject *o) { return of_one(o, type_flags); }
static PyObject *flat_type(PyObject *m, PyObject *o) { return of_one(o, type_flat); }
static PyObject *buffer_type(PyObject *m, PyObject *args) {
    const Type *array;
    const char *what;
    if (!PyArg_ParseTuple(args, "O&s:buffer_type", to_type, &array, &what)) return NULL;
    if (!type_is_array(array)) return PyErr_Format(PyExc_TypeError, "%s is not an array type", array->name);
    bool is_view = !strcmp(what, "memoryview");
    return as_object(type_buffer(array, is_view ? TYPE_ARRAY_MEMORYVIEW : TYPE_ARRAY_PYARRAY));
}
static const Type *range_of(const Type *integer) { return type_range(integer, 0); }
static PyObject *range_type(PyObject *m, PyObject *o) { return of_one(o, range_of); }

static PyObject *list_type(PyObject *m, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"dtype", "reflected", "typed", "initial", NULL};
    const Type *dtype;
    const char *initial = NULL;
    int reflected = 0, typed = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|ppz:list_type", names, to_type, &dtype, &reflected,
                                     &typed, &initial))
        return NULL;
    dtype = type_stored(dtype);
    if (!type_fits_cell(dtype))
        return PyErr_Format(PyExc_TypeError, "a list cannot hold elements of type %s", dtype->name);
    unsigned flags = typed ? TYPE_LIST_TYPED : reflected ? TYPE_LIST_REFLECTED : 0;
    return as_object(type_with_initial(type_list(dtype, flags), initial));
}

static PyObject *set_type(PyObject *m, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"dtype", "reflected", "typed", NULL};
    const Type *dtype;
    int reflected = 0, typed = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|pp:set_type", names, to_type, &dtype, &reflected,
                                     &typed))
        return NULL;
    unsigned flags = typed ? TYPE_TABLE_TYPED : reflected ? TYPE_TABLE_REFLECTED : 0;
    return as_object(type_set(type_stored(dtype), flags));
}

static PyObject *dict_type(PyObject *m, PyObject *args) {
    const Type *key, *value;
    const char *initial = NULL;
    if (!PyArg_ParseTuple(args, "O&O&|z:dict_type", to_type, &key, to_type, &value, &initial)) return NULL;
    return as_object(type_with_initial(type_dict(type_stored(key), type_stored(value), 0), initial));
}

static PyObject *dict_view_type(PyObject *m, PyObject *args) {
    static const char *const what[] = {"keys", "values", "items"};
    const Type *dict;
    const char *name;
    if (!PyArg_ParseTuple(args, "O&s:dict_view_type", to_type, &dict, &name)) return NULL;
    unsigned i = 0;
    while (i < ARRAY_LEN(what) && strcmp(what[i], name)) i++;
    if (dict->kind != TYPE_DICT || i == ARRAY_LEN(what))
        return PyErr_Format(PyExc_TypeError, "%s has no view called %s", dict->name, name);
    return as_object(type_dict_view(dict, i));
}

static PyObject *cpointer_type(PyObject *m, PyObject *o) { return of_one(o, type_cpointer); }
static PyObject *ctypes_type(PyObject *m, PyObject *o) { return of_one(o, type_ctypes); }
static const Type *make_cfunction(void *result, uint32_t n, const Type *const *args) {
    return type_cfunction(result, n, args);
}
static PyObject *cfunction_type(PyObject *m, PyObject *args) {
    const Type *result;
    PyObject *params;
    if (!PyArg_ParseTuple(args, "O&O:cfunction_type", to_type, &result, &params)) return NULL;
    return with_elements(params, make_cfunction, (void *)(uintptr_t)result);
}
static PyObject *slice_type(PyObject *m, PyObject *has_step) {
    int step = PyObject_IsTrue(has_step);
    return step < 0 ? NULL : as_object(type_slice(step ? TYPE_SLICE_STEP : 0));
}

static PyObject *literal_type(PyObject *m, PyObject *value) {
    if (PyBool_Check(value) || PyLong_CheckExact(value) || PyUnicode_Check(value)) {
        const Type *t = typeof_constant(value);
        if (t || PyErr_Occurred()) return as_object(t);
    }
    return PyErr_Format(PyExc_TypeError, "a literal is an int of 64 bits, a bool or a str, not %.100R",
                        value);
}

static PyObject *omitted_type(PyObject *m, PyObject *value) {
    const Type *t = typeof_argument(value);
    Handle h = t ? handle_of(value) : 0;
    return h ? as_object(type_omitted(t, h)) : NULL;
}

static PyObject *pyobject_type(PyObject *m, PyObject *args) {
    PyObject *sort;
    const char *name;
    if (!PyArg_ParseTuple(args, "Os:pyobject_type", &sort, &name)) return NULL;
    Handle h = handle_of(sort);
    return h ? as_object(type_pyobject_of(h, name)) : NULL;
}

static PyObject *function_type(PyObject *m, PyObject *object) {
    const Type *t = typeof_constant(object);
    if (!t && !PyErr_Occurred()) PyErr_Format(PyExc_TypeError, "%.200R has no type in compiled code", object);
    return as_object(t);
}

static PyObject *of_two(PyObject *args, const Type *(*make)(const Type *, const Type *)) {
    const Type *a, *b, *t;
    if (!PyArg_ParseTuple(args, "O&O&", to_type, &a, to_type, &b)) return NULL;
    if (!(t = make(a, b))) Py_RETURN_NONE;
    return as_object(t);
}
static const Type *promote(const Type *a, const Type *b) {
    if (type_is_scalar(a) && type_is_scalar(b)) return type_promote(a, b);
    PyErr_SetString(PyExc_TypeError, "only number types have a promotion");
    return NULL;
}
static PyObject *type_unify_(PyObject *m, PyObject *args) { return of_two(args, type_unify); }
static PyObject *type_promote_(PyObject *m, PyObject *args) {
    PyObject *result = of_two(args, promote);
    if (PyErr_Occurred()) Py_CLEAR(result);
    return result;
}

static PyObject *type_can_convert_(PyObject *m, PyObject *args) {
    static const char *const text[] = {[CONVERT_NO] = NULL,
                                       [CONVERT_UNSAFE] = "unsafe",
                                       [CONVERT_SAFE] = "safe",
                                       [CONVERT_PROMOTE] = "promote",
                                       [CONVERT_EXACT] = "exact"};
    const Type *from, *to;
    if (!PyArg_ParseTuple(args, "O&O&", to_type, &from, to_type, &to)) return NULL;
    return Py_BuildValue("z", text[type_can_convert(from, to)]);
}

static PyObject *type_dtype_(PyObject *m, PyObject *o) {
    const Type *t = type_from_object(o);
    if (t && !type_is_scalar(t) && !type_is_storage(t))
        return PyErr_Format(PyExc_TypeError, "%s has no NumPy dtype", t->name);
    return t ? (PyObject *)dtype_of(t) : NULL;
}

static PyObject *from_dtype(PyObject *m, PyObject *o) {
    PyArray_Descr *dtype = NULL;
    if (!PyArray_DescrConverter(o, &dtype)) return NULL;
    const Type *t = typeof_dtype(dtype);
    if (!t)
        error_raise("UnsupportedError",
                    "arrays of dtype %R are not supported: convert with astype() to a number type",
                    (void *)dtype);
    Py_DECREF(dtype);
    return as_object(t);
}

/* Of what lends an array, the array's. */
static PyObject *typeof_(PyObject *m, PyObject *o) {
    const Type *t = typeof_argument(o);
    if (t || !exporters_learn(&o, 1)) return as_object(t);
    PyObject *array = exporter_array(o);
    PyObject *result = array ? as_object(typeof_argument(array)) : NULL;
    Py_XDECREF(array);
    return result;
}

/* ---- pickling ------------------------------------------------------------------------------------------------------- */

static Handle object_at(void *list, uint32_t i) {
    return (Py_ssize_t)i < PyList_GET_SIZE((PyObject *)list) ? handle_of(PyList_GET_ITEM((PyObject *)list, i))
                                                             : 0;
}
static PyObject *type_decode_(PyObject *m, PyObject *args) {
    const uint8_t *at;
    Py_ssize_t n;
    PyObject *objects;
    if (!PyArg_ParseTuple(args, "y#O!:type_decode", &at, &n, &PyList_Type, &objects)) return NULL;
    const Type *t = type_decode(&at, at + n, object_at, objects);
    if (!t && !PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "not an encoded type");
    return as_object(t);
}

static PyObject *register_type_class(PyObject *m, PyObject *args) {
    static const char *const kinds[] = {
#define K(name, text, doc) #name,
#include "types/kinds.def"
#undef K
#define C(name) #name,
        TYPE_CLASSES(C)
#undef C
    };
    const char *name;
    PyObject *cls;
    if (!PyArg_ParseTuple(args, "sO!:register_type_class", &name, &PyType_Type, &cls)) return NULL;
    if (!PyType_IsSubtype((PyTypeObject *)cls, core.type_type))
        return PyErr_Format(PyExc_TypeError, "%R is not a subclass of _core.Type", cls);
    size_t kind = 0;
    while (kind < ARRAY_LEN(kinds) && strcmp(kinds[kind], name)) kind++;
    if (kind == ARRAY_LEN(kinds)) return PyErr_Format(PyExc_KeyError, "%s is not a kind of type", name);
    Py_XSETREF(core.type_class[kind], Py_NewRef(cls));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(core.type_objects); i++) {
        PyObject *o = PyList_GET_ITEM(core.type_objects, i);
        if (type_class_of(type_from_object(o)) == kind && PyObject_SetAttr(o, core.name.cls, cls) < 0)
            return NULL;
    }
    Py_RETURN_NONE;
}

#define KEYWORDS(f) ((PyCFunction)(void (*)(void))(f))
PyMethodDef typemake_methods[] = {
    {"typeof", typeof_, METH_O, "typeof(object)\n--\n\nType of an argument."},
    {"simple_type", simple_type, METH_O,
     "simple_type(name)\n--\n\nType of this name: 'float64', 'none', ..."},
    {"int_type", int_type, METH_VARARGS, "int_type(bits, signed=True)\n--\n\nInteger type."},
    {"float_type", float_type, METH_VARARGS, "float_type(bits)\n--\n\nFloat type."},
    {"complex_type", complex_type, METH_VARARGS, "complex_type(bits)\n--\n\nComplex type."},
    {"datetime_type", datetime_type, METH_VARARGS, "datetime_type(unit)\n--\n\nType of moments."},
    {"timedelta_type", timedelta_type, METH_VARARGS, "timedelta_type(unit)\n--\n\nType of spans of time."},
    {"array_type", KEYWORDS(array_type), METH_VARARGS | METH_KEYWORDS,
     "array_type(dtype, ndim, layout='C', readonly=False, aligned=True)\n--\n\nArray type."},
    {"tuple_type", tuple_type, METH_O, "tuple_type(types)\n--\n\nTuple type."},
    {"strdict_type", strdict_type, METH_O,
     "strdict_type(elements)\n--\n\nType of a dict with known keys: key, type of value, and on."},
    {"namedtuple_type", namedtuple_type, METH_VARARGS, "namedtuple_type(cls, types)\n--\n\nNamedtuple type."},
    {"zip_type", zip_type, METH_VARARGS,
     "zip_type(iterables, is_enumerate)\n--\n\nType of zip(...), or of enumerate(...) of one iterable."},
    {"exception_type", exception_type, METH_O,
     "exception_type(cls)\n--\n\nType of an exception of a class, without arguments."},
    {"generator_type", generator_type, METH_O,
     "generator_type(yielded)\n--\n\nType of generators that yield values of this type."},
    {"optional_type", optional_type, METH_O, "optional_type(type)\n--\n\nNone or a value of the type."},
    {"dtype_type", dtype_type, METH_O, "dtype_type(type)\n--\n\nType of a number type used as a value."},
    {"flags_type", flags_type, METH_O, "flags_type(array)\n--\n\nType of a.flags."},
    {"flat_type", flat_type, METH_O,
     "flat_type(array)\n--\n\nType of a.flat, or, of a tuple of int64, of np.ndindex."},
    {"buffer_type", buffer_type, METH_VARARGS,
     "buffer_type(array, what)\n--\n\nThe array type as that of a 'memoryview' or an 'array.array'."},
    {"range_type", range_type, METH_O, "range_type(integer)\n--\n\nType of a range."},
    {"list_type", KEYWORDS(list_type), METH_VARARGS | METH_KEYWORDS,
     "list_type(dtype, reflected=False, typed=False, initial=None)\n--\n\nType of a list."},
    {"set_type", KEYWORDS(set_type), METH_VARARGS | METH_KEYWORDS,
     "set_type(dtype, reflected=False)\n--\n\nType of a set."},
    {"dict_type", dict_type, METH_VARARGS, "dict_type(key, value, initial=None)\n--\n\nType of a dict."},
    {"dict_view_type", dict_view_type, METH_VARARGS,
     "dict_view_type(dict, what)\n--\n\nType of the 'keys', 'values' or 'items' of a dict."},
    {"cpointer_type", cpointer_type, METH_O,
     "cpointer_type(type)\n--\n\nType of addresses of values of a type."},
    {"ctypes_type", ctypes_type, METH_O, "ctypes_type(array)\n--\n\nType of an array's attribute ctypes."},
    {"cfunction_type", cfunction_type, METH_VARARGS,
     "cfunction_type(result, args)\n--\n\nType of all functions of a signature."},
    {"slice_type", slice_type, METH_O, "slice_type(has_step)\n--\n\nType of a slice."},
    {"literal_type", literal_type, METH_O, "literal_type(value)\n--\n\nType with one value."},
    {"omitted_type", omitted_type, METH_O,
     "omitted_type(value)\n--\n\nType of an argument left to its default."},
    {"pyobject_type", pyobject_type, METH_VARARGS,
     "pyobject_type(sort, name)\n--\n\nA Python object of a class; sort: naja.interpreter.Sort."},
    {"function_type", function_type, METH_O,
     "function_type(object)\n--\n\nType of a function, class or module."},
    {"type_unify", type_unify_, METH_VARARGS,
     "type_unify(a, b)\n--\n\nType that holds values of both, or None."},
    {"type_promote", type_promote_, METH_VARARGS,
     "type_promote(a, b)\n--\n\nnp.promote_types of number types."},
    {"type_can_convert", type_can_convert_, METH_VARARGS,
     "type_can_convert(from, to)\n--\n\n'exact', 'promote', 'safe', 'unsafe' or None."},
    {"type_dtype", type_dtype_, METH_O, "type_dtype(type)\n--\n\nNumPy dtype of a number type."},
    {"from_dtype", from_dtype, METH_O, "from_dtype(dtype)\n--\n\nType of the elements of arrays of a dtype."},
    {"type_decode", type_decode_, METH_VARARGS, NULL},
    {"register_type_class", register_type_class, METH_VARARGS,
     "register_type_class(kind, cls)\n--\n\nMake cls the Python class of the types of a kind ('INT', 'ARRAY', ...)."},
    {0},
};
