/* typeof.c - from a Python object to its type.
 *
 * Two callers with different needs.  An argument (typeof_argument) gets a type for values that vary from call to
 * call: an int is int64.  An object met inside compiled code (typeof_constant: a global, a default) is known, so an
 * int, bool or str is a literal, and functions and modules have types too.
 *
 * NumPy's scalar types map through rows of `numbers`; several NumPy numbers share a type (long and longlong are both
 * int64), and the first row of a type is the one its dtype is made with.
 */
#include "boundary/binding.h"
#include "boundary/state.h"

static const struct {
    int number;
    const Type **type;
} numbers[] = {
    {NPY_BOOL, &type_bool},     {NPY_INT8, &type_i8},         {NPY_INT16, &type_i16},
    {NPY_INT32, &type_i32},     {NPY_INT64, &type_i64},       {NPY_UINT8, &type_u8},
    {NPY_UINT16, &type_u16},    {NPY_UINT32, &type_u32},      {NPY_UINT64, &type_u64},
    {NPY_FLOAT16, &type_f16},   {NPY_FLOAT32, &type_f32},     {NPY_FLOAT64, &type_f64},
    {NPY_COMPLEX64, &type_c64}, {NPY_COMPLEX128, &type_c128}, {NPY_LONGLONG, &type_i64},
    {NPY_ULONGLONG, &type_u64}, /* beside long, on Linux */
};

static const Type *type_of_number(int number) {
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (numbers[i].number == number) return *numbers[i].type;
    return NULL;
}

PyArray_Descr *time_dtype_new(const Type *t) {
    PyObject *name = PyUnicode_FromFormat("%c8[%s]", t->kind == TYPE_DATETIME ? 'M' : 'm',
                                          type_unit(t) ? time_unit_name(type_unit(t)) : "generic");
    PyArray_Descr *dtype = NULL;
    if (name) (void)PyArray_DescrConverter(name, &dtype);
    Py_XDECREF(name);
    return dtype;
}

int dtype_number(const Type *scalar) {
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (*numbers[i].type == scalar) return numbers[i].number;
    return -1;
}

/* NumPy's unit, by its public number; units that stand for several of one (10Y) have no type. */
static const Type *time_type(int number, const PyArray_DatetimeMetaData *meta) {
    static const uint8_t unit[] = {[NPY_FR_Y] = UNIT_Y,   [NPY_FR_M] = UNIT_M,
                                   [NPY_FR_W] = UNIT_W,   [NPY_FR_D] = UNIT_D,
                                   [NPY_FR_h] = UNIT_h,   [NPY_FR_m] = UNIT_m,
                                   [NPY_FR_s] = UNIT_s,   [NPY_FR_ms] = UNIT_ms,
                                   [NPY_FR_us] = UNIT_us, [NPY_FR_ns] = UNIT_ns,
                                   [NPY_FR_ps] = UNIT_ps, [NPY_FR_fs] = UNIT_fs,
                                   [NPY_FR_as] = UNIT_as, [NPY_FR_GENERIC] = UNIT_GENERIC};
    if (meta->num != 1 || meta->base < 0 || (size_t)meta->base >= ARRAY_LEN(unit)) return NULL;
    return number == NPY_DATETIME ? type_datetime(unit[meta->base]) : type_timedelta(unit[meta->base]);
}

static bool is_time_number(int number) { return number == NPY_DATETIME || number == NPY_TIMEDELTA; }

const Type *typeof_dtype(PyArray_Descr *dtype) {
    if (!PyArray_ISNBO(dtype->byteorder)) return NULL;
    const void *meta = is_time_number(dtype->type_num) ? PyDataType_C_METADATA(dtype) : NULL;
    if (meta) return time_type(dtype->type_num, &((const PyArray_DatetimeDTypeMetaData *)meta)->meta);
    const Type *t = type_of_number(dtype->type_num);
    return t ? t : storage_typeof(dtype);
}

PyObject *time_box(const Type *t, int64_t value) {
    PyArray_Descr *dtype = dtype_of(t);
    PyObject *scalar = dtype ? PyArray_Scalar(&value, dtype, NULL) : NULL;
    Py_XDECREF(dtype);
    return scalar;
}

/* ---- objects of several kinds ------------------------------------------------------------------------------------ */

typedef const Type *(*TypeOf)(PyObject *);

/* int64, or uint64 for what only fits that. */
static const Type *typeof_int(PyObject *o) {
    int overflow;
    long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (v == -1 && PyErr_Occurred()) return NULL;
    if (!overflow) return type_i64;
    if (overflow > 0) {
        (void)PyLong_AsUnsignedLongLong(o);
        if (!PyErr_Occurred()) return type_u64;
        PyErr_Clear();
    }
    PyErr_SetString(PyExc_OverflowError,
                    "int too big to convert: integers have 64 bits in compiled code; pass a float instead");
    return NULL;
}

/* Elements of a tuple by `each`, in an instance of `named`, or (NULL) in the tuple itself; NULL with or without an
 * exception as `each` says. */
static const Type *typeof_items(PyObject *tuple, PyTypeObject *named, TypeOf each) {
    Py_ssize_t n = PyTuple_GET_SIZE(tuple);
    const Type *small[16], **elem = small, *result = NULL;
    if (n > (Py_ssize_t)ARRAY_LEN(small) && !(elem = PyMem_New(const Type *, n)))
        return PyErr_NoMemory(), NULL;
    Py_ssize_t i = 0;
    while (i < n && (elem[i] = each(PyTuple_GET_ITEM(tuple, i)))) i++;
    Handle cls = 0;
    if (i == n && (!named || (cls = handle_of((PyObject *)named))))
        result = !named ? type_tuple((uint32_t)n, elem) : type_namedtuple(cls, (uint32_t)n, elem);
    if (elem != small) PyMem_Free(elem);
    return result;
}

static const Type *typeof_tuple(PyObject *tuple, TypeOf each) {
    return typeof_items(tuple, PyTuple_CheckExact(tuple) ? NULL : Py_TYPE(tuple), each);
}

/* The types of the fields as they are kept, of what the class declares where that is wider. */
static const Type *fields_kept(const Type *t, PyObject *companion) {
    PyObject *declared = PyObject_GetAttrString(companion, "_naja_declared");
    const Type *elem[t->nelem + 1];
    bool known = declared && PyTuple_Check(declared) && PyTuple_GET_SIZE(declared) == t->nelem;
    for (uint32_t i = 0; known && i < t->nelem; i++) {
        PyObject *type = PyTuple_GET_ITEM(declared, i);
        const Type *to = type == Py_None ? NULL : type_from_object(type);
        bool fits = to && type_can_convert(t->elem[i], to) >= CONVERT_SAFE;
        elem[i] = fits ? to : type_stored(t->elem[i]);
    }
    Py_XDECREF(declared);
    PyErr_Clear();
    return known ? type_namedtuple(t->handle, t->nelem, elem) : NULL;
}

/* One that is shared: a list with one item, its fields. */
static const Type *typeof_shared(const Type *fields, PyObject *companion) {
    Handle cls = handle_of(companion);
    const Type *kept = cls ? fields_kept(fields, companion) : NULL;
    if (!kept) return NULL;
    if (!type_fits_cell(kept)) return error_raise("TypingError", "%s has too many fields", kept->name);
    const Type *list = type_list(kept, 0);
    return type_namedtuple(cls, 1, &list);
}

static const Type *typeof_dataclass(PyObject *o, TypeOf each) {
    PyObject *values = dataclass_values(o);
    const Type *t = values ? typeof_items(values, Py_TYPE(o), each) : NULL;
    Py_XDECREF(values);
    PyObject *companion = t && each == typeof_argument ? dataclass_companion_borrow((PyObject *)Py_TYPE(o))
                                                       : NULL;
    return PyErr_Occurred() ? NULL : companion ? typeof_shared(t, companion) : t;
}

static bool is_tuple_or_namedtuple(PyObject *o) {
    return PyTuple_CheckExact(o) ||
           (PyTuple_Check(o) && PyObject_HasAttr((PyObject *)Py_TYPE(o), core.name.fields));
}

/* numpy.ma is not imported for this: as long as nobody has, there are no masked arrays. */
static bool is_masked(PyObject *o) {
    if (PyArray_CheckExact(o)) return false;
    if (!core.masked_array) {
        PyObject *ma = PyDict_GetItemString(PyImport_GetModuleDict(), "numpy.ma");
        PyObject *cls = ma ? PyObject_GetAttrString(ma, "MaskedArray") : NULL;
        if (!cls) PyErr_Clear();
        core.masked_array = (PyTypeObject *)cls; /* kept for the life of the process */
    }
    return core.masked_array && PyObject_TypeCheck(o, core.masked_array);
}

enum { MAX_NDIM = 32 }; /* as in typemake.c and library/arrays.h; NumPy has 64 */

/* `frozen`: a constant of compiled code, which may not write to it. */
static const Type *array_type_of(PyObject *o, bool frozen) {
    PyArrayObject *a = (PyArrayObject *)o;
    const Type *dtype = is_masked(o) ? NULL : typeof_dtype(PyArray_DESCR(a));
    if (!dtype) return NULL;
    int ndim = PyArray_NDIM(a);
    if (ndim > MAX_NDIM) return NULL;
    Layout layout = PyArray_IS_C_CONTIGUOUS(a)               ? LAYOUT_C
                    : PyArray_IS_F_CONTIGUOUS(a) && ndim > 1 ? LAYOUT_F
                                                             : LAYOUT_A;
    return type_array(dtype, (unsigned)ndim, layout, frozen || !PyArray_ISWRITEABLE(a), PyArray_ISALIGNED(a));
}

static const Type *unsupported_array(PyObject *o) {
    PyArrayObject *a = (PyArrayObject *)o;
    if (is_masked(o))
        return error_raise("TypingError",
                           "masked arrays are not supported: pass a.filled() and the mask as two arrays");
    if (!PyArray_ISNBO(PyArray_DESCR(a)->byteorder))
        return error_raise(
            "TypingError",
            "Unsupported array dtype: %S is in foreign byte order; convert with a.astype(a.dtype.newbyteorder('='))",
            (void *)PyArray_DESCR(a));
    if (PyArray_NDIM(a) > MAX_NDIM)
        return error_raise(
            "TypingError",
            "an array has at most %d dimensions in compiled code, and this one has %d: reshape it first",
            MAX_NDIM, PyArray_NDIM(a));
    return error_raise("TypingError",
                       "arrays of dtype %R are not supported: convert with astype() to a number type",
                       (void *)PyArray_DESCR(a));
}

static const Type *typeof_scalar(PyObject *o) {
    if (PyArray_IsScalar(o, Void)) return record_typeof(o);
    PyArray_Descr *dtype = PyArray_DescrFromScalar(o);
    if (!dtype) return NULL;
    const Type *t = typeof_dtype(dtype);
    Py_DECREF(dtype);
    return t;
}

static bool is_one(PyObject *o) { return PyLong_CheckExact(o) && PyLong_AsLongLong(o) == 1; }

static const Type *typeof_slice(PyObject *o) {
    PyObject *step = ((PySliceObject *)o)->step;
    bool unit = step == Py_None || is_one(step);
    return PyErr_Occurred() ? NULL : type_slice(unit ? 0 : TYPE_SLICE_STEP);
}

static const Type *typeof_range(PyObject *o) {
    PyObject *step = PyObject_GetAttrString(o, "step");
    bool unit = step && is_one(step);
    Py_XDECREF(step);
    return PyErr_Occurred() ? NULL : type_range(type_i64, unit ? TYPE_RANGE_UNIT : 0);
}

/* ---- callables, classes, modules ----------------------------------------------------------------------------------- */

/* Qualified name for messages and dumps, from attributes; "?" when there is none. */
static void name_of(PyObject *o, char *buffer, size_t nbytes) {
    PyObject *name = PyObject_GetAttr(o, core.name.name);
    const char *text = name && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    PyErr_Clear();
    snprintf(buffer, nbytes, "%s", text ? text : "?");
    Py_XDECREF(name);
}

static const Type *typeof_named(PyObject *o, const Type *(*make)(Handle, const char *)) {
    char name[200];
    name_of(o, name, sizeof name);
    Handle h = handle_of(o);
    return h ? make(h, name) : NULL;
}

/* A NumPy scalar class or dtype instance names an element type; NULL without an exception: it does not. */
static const Type *typeof_dtype_value(PyObject *o) {
    PyArray_Descr *dtype = NULL;
    if (PyArray_DescrCheck(o)) dtype = (PyArray_Descr *)Py_NewRef(o);
    else if (PyType_Check(o) && PyType_IsSubtype((PyTypeObject *)o, &PyGenericArrType_Type))
        dtype = PyArray_DescrFromTypeObject(o);
    const Type *t = dtype ? typeof_dtype(dtype) : NULL;
    if (!dtype) PyErr_Clear();
    Py_XDECREF(dtype);
    return t ? type_dtype(t) : NULL;
}

bool is_numpy_function(PyObject *o) {
    return !strncmp(Py_TYPE(o)->tp_name, "numpy._Array", 12) && PyCallable_Check(o);
}

/* What both argument and constant can be; NULL without an exception: not among these. */
static const Type *typeof_known(PyObject *o) {
    const Type *t = typeof_dtype_value(o);
    if (t || PyErr_Occurred()) return t;
    if (PyObject_TypeCheck(o, core.type_type) && (t = type_from_object(o)) &&
        (type_is_scalar(t) || t->kind == TYPE_INSTANCE))
        return type_dtype(t);
    if (PyModule_Check(o)) return typeof_named(o, type_object);
    bool is_function = is_dispatcher(o) || PyType_Check(o) || PyCFunction_Check(o) ||
                       PyObject_TypeCheck(o, core.ufunc_type) || is_numpy_function(o);
    return is_function ? typeof_named(o, type_function) : NULL;
}

/* Whether what is empty may have a type without a type of its items, which the function called will say. */
static _Thread_local bool takes_empty;

bool typeof_take_empty(bool takes) {
    bool before = takes_empty;
    takes_empty = takes;
    return before;
}

/* The first element speaks for all of them: unboxing checks the others. */
static const Type *typeof_list(PyObject *list) {
    if (PyList_GET_SIZE(list) == 0 && takes_empty) return type_list(type_undefined, TYPE_LIST_REFLECTED);
    if (PyList_GET_SIZE(list) == 0)
        return error_raise("TypingError",
                           "cannot determine the type of an empty list: its elements have no type; pass "
                           "typed.List.empty_list(...), or np.empty(0, dtype)");
    const Type *elem = typeof_argument(PyList_GET_ITEM(list, 0));
    if (elem && !type_fits_cell(elem))
        return error_raise("TypingError", "a list cannot hold elements of type %s in compiled code",
                           elem->name);
    return elem ? type_list(type_stored(elem), TYPE_LIST_REFLECTED) : NULL;
}

static const Type *typeof_typed(PyObject *o) {
    const Type *t = typed_typeof(o);
    const char *message = PyObject_TypeCheck(o, core.typed_list_type)
                              ? "invalid operation on untyped list: nothing was appended yet; make it "
                                "with List.empty_list(item_type)"
                          : PyObject_TypeCheck(o, core.typed_dict_type)
                              ? "invalid operation on untyped dictionary: nothing was put in yet; make it "
                                "with Dict.empty(key_type, value_type)"
                              : "invalid operation on untyped set: nothing was added yet; make it with "
                                "Set.empty(item_type)";
    if (!t) PyErr_SetString(PyExc_TypeError, message);
    return t;
}

/* As for lists; of a dict the first item. */
static const Type *typeof_set(PyObject *set) {
    if (PySet_GET_SIZE(set) == 0 && takes_empty)
        return type_set(type_undefined, PyFrozenSet_Check(set) ? TYPE_TABLE_FROZEN : TYPE_TABLE_REFLECTED);
    PyObject *iterator = PyObject_GetIter(set), *first = iterator ? PyIter_Next(iterator) : NULL;
    Py_XDECREF(iterator);
    if (!first)
        return PyErr_Occurred()
                   ? NULL
                   : error_raise("TypingError", "cannot determine the type of an empty set: its items "
                                                "have no type; make it in the compiled function");
    const Type *t = typeof_argument(first);
    Py_DECREF(first);
    return t ? type_set(type_stored(t), PyFrozenSet_Check(set) ? TYPE_TABLE_FROZEN : TYPE_TABLE_REFLECTED)
             : NULL;
}

static const Type *typeof_dict(PyObject *dict) {
    PyObject *key, *value;
    Py_ssize_t at = 0;
    if (PyDict_GET_SIZE(dict) == 0 && takes_empty)
        return type_dict(type_undefined, type_undefined, TYPE_TABLE_REFLECTED);
    if (!PyDict_Next(dict, &at, &key, &value))
        return error_raise("TypingError",
                           "cannot determine the type of an empty dict: its keys and values have no "
                           "types; make it in the compiled function");
    const Type *k = typeof_argument(key), *v = k ? typeof_argument(value) : NULL;
    if (v && (!type_fits_cell(k) || !type_fits_cell(v)))
        return error_raise("TypingError", "a dict cannot hold %s: %s in compiled code", k->name, v->name);
    return v ? type_dict(type_stored(k), type_stored(v), TYPE_TABLE_REFLECTED) : NULL;
}

/* What **keywords collected. */
static const Type *typeof_keywords(PyObject *dict) {
    uint32_t n = (uint32_t)PyDict_GET_SIZE(dict), i = 0;
    const Type **elem = PyMem_New(const Type *, 2 * n + 1);
    PyObject *key, *value;
    Py_ssize_t at = 0;
    bool ok = elem != NULL;
    while (ok && PyDict_Next(dict, &at, &key, &value)) {
        const char *name = PyUnicode_AsUTF8(key);
        elem[i++] = name ? type_literal_str(name) : NULL;
        elem[i] = name ? typeof_argument(value) : NULL;
        ok = elem[i++] != NULL;
    }
    const Type *t = ok ? type_strdict(2 * n, elem) : NULL;
    if (!elem) PyErr_NoMemory();
    PyMem_Free(elem);
    return t;
}

static const Type *unsupported_argument(PyObject *o) {
    static const struct {
        PyTypeObject *type;
        const char *advice;
    } known[] = {
        {&PyFunction_Type, "decorate the function with @njit"},
    };
    const char *advice = "pass numbers, tuples or NumPy arrays of numbers";
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (PyObject_TypeCheck(o, known[i].type)) advice = known[i].advice;
    if (PyDict_Check(o)) advice = "pass dict(x)";
    return error_raise("TypingError", "cannot determine the type of a value of %R: %s", (void *)Py_TYPE(o),
                       advice);
}

const Type *typeof_argument(PyObject *o) {
    PyTypeObject *cls = Py_TYPE(o);
    if (cls == &PyFloat_Type) return type_f64;
    if (PyBool_Check(o)) return type_bool;
    if (is_enum_member(o)) return enum_typeof(o);
    if (PyLong_Check(o)) return typeof_int(o);
    if (o == Py_None) return type_none;
    if (PyArray_Check(o)) {
        const Type *t = array_type_of(o, false);
        return t ? t : unsupported_array(o);
    }
    if (cls == &PyComplex_Type) return type_c128;
    if (PyUnicode_Check(o)) return type_str;
    if (cls == &PyList_Type) return typeof_list(o);
    if (is_instance(o)) return instance_typeof(o);
    if (cls == &PySet_Type || cls == &PyFrozenSet_Type) return typeof_set(o);
    if (cls == &PyDict_Type) return typeof_dict(o);
    const Type *t = NULL;
    if (is_typed(o)) return typeof_typed(o);
    if (is_tuple_or_namedtuple(o)) return typeof_tuple(o, typeof_argument);
    if ((t = bytes_typeof(o))) return t; /* numpy.bytes_ too */
    if (PyArray_IsScalar(o, Generic)) t = typeof_scalar(o);
    else if (PyFloat_Check(o)) t = type_f64;
    else if (PySlice_Check(o)) t = typeof_slice(o);
    else if (PyRange_Check(o)) t = typeof_range(o);
    else if (o == Py_Ellipsis) t = type_ellipsis;
    else if (cls == core.generator_type) t = generator_typeof(o);
    else if (cls == core.closure_type) t = closure_typeof(o);
    else if (is_omitted(o)) t = ((Omitted *)o)->type;
    else if (is_keywords(o)) return typeof_keywords(o);
    else if ((t = rng_typeof(o))) return t;
    else if (is_dataclass((PyObject *)cls)) t = typeof_dataclass(o, typeof_argument);
    else if (!(t = typeof_known(o)) && !PyErr_Occurred()) t = buffer_typeof(o);
    if (!t && !PyErr_Occurred()) t = typeof_registered(o, false);
    return t || PyErr_Occurred() ? t : unsupported_argument(o);
}

const Type *typeof_constant(PyObject *o) {
    if (PyBool_Check(o)) return type_literal_bool(o == Py_True);
    if (is_enum_member(o)) return enum_typeof(o);
    if (PyLong_Check(o)) {
        const Type *t = typeof_int(o);
        return t == type_i64 ? type_literal_int(PyLong_AsLongLong(o)) : t;
    }
    if (PyUnicode_Check(o)) {
        Py_ssize_t n;
        const char *text = PyUnicode_AsUTF8AndSize(o, &n);
        if (!text) return NULL;
        return strlen(text) == (size_t)n ? type_literal_str(text) : type_str;
    }
    if (PyArray_Check(o)) return array_type_of(o, true);
    if (is_tuple_or_namedtuple(o)) return typeof_tuple(o, typeof_constant);
    if (is_dataclass((PyObject *)Py_TYPE(o))) return typeof_dataclass(o, typeof_constant);
    if (PyFloat_Check(o)) return type_f64;
    if (PyComplex_Check(o)) return type_c128;
    if (o == Py_None) return type_none;
    if (PyBytes_Check(o)) return type_bytes;
    if (PyArray_IsScalar(o, Void)) {
        const Type *t = record_typeof(o);
        return t ? type_record_readonly(t, true) : NULL;
    }
    if (PyArray_IsScalar(o, Generic)) return typeof_scalar(o);
    if (PySlice_Check(o)) return typeof_slice(o);
    if (o == Py_Ellipsis) return type_ellipsis;
    if (PyFunction_Check(o)) return typeof_named(o, type_function);
    if (Py_TYPE(o) == core.closure_type) return type_is_managed(closure_typeof(o)) ? NULL : closure_typeof(o);
    const Type *t = typeof_known(o);
    if (!t && !PyErr_Occurred()) t = typeof_registered(o, true);
    return t || PyErr_Occurred() || !PyCallable_Check(o) ? t : typeof_named(o, type_function);
}
