/* pytypes.c - the Python objects that stand for types: one per Type, made when it is first asked for.
 *
 * `_core.Type` is a heap type whose instances hold a Type pointer and nothing else; equality and hash are
 * identity because both sides are interned.  naja/types/ subclasses it per kind (Integer, Array, ...) and
 * announces the classes with register_type_class(kind, cls); objects made earlier change their class then.
 * A type object lives as long as the process, as its Type does.  Pickling goes through type_encode, with the
 * Python objects that a type mentions (a namedtuple's class) beside the bytes.
 *
 * What a kind does not have (the ndim of a float) raises AttributeError: the rows of `attributes` say which
 * kinds have what.
 *
 * A class of the user's that derives from naja.types.Type makes *own* types.  Such an object is an ordinary Python
 * object, whose attributes are what __init__ set, until the compiler is shown it: then it gets a Type of the kind
 * OBJECT and is immortal from there on (bind_own).
 */
#include "boundary/state.h"

typedef struct {
    PyObject_HEAD
    const Type *_Atomic type; /* NULL: an own type that the compiler has not met */
    bool is_own;
    PyObject *dict, *weakrefs;
} TypeObject;

static const Type *of(PyObject *self) {
    const Type *t = atomic_load_explicit(&((TypeObject *)self)->type, memory_order_acquire);
    return t ? t : type_undefined;
}

static const char *const kind_names[] = {
#define K(name, text, doc) #name,
#include "types/kinds.def"
#undef K
};

static unsigned literal_class(const Type *t) {
    return t->elem[0]->kind == TYPE_INT    ? TYPE_CLASS_LITERAL_INT
           : t->elem[0]->kind == TYPE_BOOL ? TYPE_CLASS_LITERAL_BOOL
                                           : TYPE_CLASS_LITERAL_STR;
}

static unsigned namedtuple_class(const Type *t) {
    if (handle_object_borrow(t->handle) == (PyObject *)&PyList_Type) return TYPE_CLASS_LITERAL_LIST;
    return type_is_uniform_tuple(t) ? TYPE_CLASS_NAMED_UNITUPLE : TYPE_NAMEDTUPLE;
}

static unsigned function_class(const Type *t) {
    PyObject *o = handle_object_borrow(t->handle);
    if (!o) return TYPE_FUNCTION;
    if (is_dispatcher(o)) return TYPE_CLASS_DISPATCHER;
    if (!PyType_Check(o)) return TYPE_FUNCTION;
    if (PyExceptionClass_Check(o)) return TYPE_CLASS_EXCEPTION_CLASS;
    PyTypeObject *cls = (PyTypeObject *)o;
    if (PyType_IsSubtype(cls, &PyTuple_Type) && PyObject_HasAttr(o, core.name.fields))
        return TYPE_CLASS_NAMEDTUPLE_CLASS;
    if (is_enum_class(o))
        return PyType_IsSubtype(cls, &PyLong_Type) ? TYPE_CLASS_INT_ENUM_CLASS : TYPE_CLASS_ENUM_CLASS;
    return PyType_IsSubtype(cls, core.instance_type) ? TYPE_CLASS_JITCLASS : TYPE_FUNCTION;
}

unsigned type_class_of(const Type *t) {
    switch (t->kind) {
    case TYPE_LITERAL: return literal_class(t);
    case TYPE_NAMEDTUPLE: return namedtuple_class(t);
    case TYPE_FUNCTION: return function_class(t);
    case TYPE_LIST: return t->flags & TYPE_LIST_TYPED ? TYPE_CLASS_TYPED_LIST : TYPE_LIST;
    case TYPE_SET: return t->flags & TYPE_TABLE_TYPED ? TYPE_CLASS_TYPED_SET : TYPE_SET;
    case TYPE_TUPLE: return type_is_uniform_tuple(t) ? TYPE_CLASS_UNITUPLE : TYPE_TUPLE;
    case TYPE_ENUM: return t->nelem ? TYPE_CLASS_INT_ENUM : TYPE_ENUM;
    case TYPE_CHARSEQ: return t->flags & TYPE_CHARSEQ_UNICODE ? TYPE_CLASS_UNICODE_CHARSEQ : TYPE_CHARSEQ;
    case TYPE_BYTES: return t->flags & TYPE_BYTES_MUTABLE ? TYPE_CLASS_BYTEARRAY : TYPE_BYTES;
    case TYPE_ZIP: return t->flags & TYPE_ZIP_ENUMERATE ? TYPE_CLASS_ENUMERATE : TYPE_ZIP;
    case TYPE_RNG: return t->flags & TYPE_RNG_LEGACY ? TYPE_CLASS_RANDOM_STATE : TYPE_RNG;
    case TYPE_FLAT: return t->elem[0]->kind == TYPE_ARRAY ? TYPE_FLAT : TYPE_CLASS_NDINDEX;
    case TYPE_ARRAY:
        return t->flags & TYPE_ARRAY_MEMORYVIEW ? TYPE_CLASS_MEMORYVIEW
               : t->flags & TYPE_ARRAY_PYARRAY  ? TYPE_CLASS_PYARRAY
                                                : TYPE_ARRAY;
    case TYPE_VIEW:
        return t->flags == TYPE_VIEW_KEYS     ? TYPE_VIEW
               : t->flags == TYPE_VIEW_VALUES ? TYPE_CLASS_DICT_VALUES
                                              : TYPE_CLASS_DICT_ITEMS;
    default: return t->kind;
    }
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

static PyObject *type_object_new(const Type *t) {
    PyTypeObject *cls = (PyTypeObject *)core.type_class[type_class_of(t)];
    if (!cls) cls = core.type_type;
    TypeObject *o = (TypeObject *)PyType_GenericAlloc(cls, 0);
    if (!o) return NULL;
    atomic_init(&o->type, t);
    if (PyList_Append(core.type_objects, (PyObject *)o) < 0) Py_CLEAR(o);
    return (PyObject *)o;
}

PyObject *type_object_borrow(const Type *t) {
    void *_Atomic *place = (void *_Atomic *)&((Type *)t)->py; /* the one mutable field of a type */
    PyObject *o = atomic_load_explicit(place, memory_order_acquire);
    if (o) return o;
    PyObject *made = type_object_new(t);
    void *expected = NULL;
    if (!made || atomic_compare_exchange_strong(place, &expected, made))
        return made; /* the type keeps the reference */
    Py_DECREF(made);
    return expected;
}

/* USER with the members that the data model registered for its class has; else OBJECT: nothing is known of values. */
static const Type *make_own(PyObject *o, Handle h, const char *name) {
    PyObject *extending = PyImport_ImportModule("naja.extending");
    PyObject *members = extending ? PyObject_CallMethod(extending, "_members", "O", o) : NULL;
    const Type *elem[64], *t = NULL;
    uint32_t n = ARRAY_LEN(elem);
    if (members == Py_None) t = type_object(h, name);
    else if (members && types_from_sequence(members, elem, &n) == 0) t = type_user(h, name, n, elem);
    Py_XDECREF(members);
    Py_XDECREF(extending);
    return t;
}

/* Gives an own type its Type, whose object is the Python object that stands for it. */
static const Type *bind_own(TypeObject *o) {
    PyObject *name = PyObject_GetAttrString((PyObject *)o, "name");
    const char *text = name && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    Handle h = text ? handle_of((PyObject *)o) : 0;
    const Type *t = h ? make_own((PyObject *)o, h, text) : NULL;
    if (t && !atomic_load(&o->type)) {
        void *expected = NULL;
        atomic_store_explicit(&o->type, t, memory_order_release);
        if (atomic_compare_exchange_strong((void *_Atomic *)&((Type *)t)->py, &expected, Py_NewRef(o)))
            PyList_Append(core.type_objects, (PyObject *)o);
        else Py_DECREF(o);
    }
    if (!text && !PyErr_Occurred())
        PyErr_Format(PyExc_TypeError, "a type needs a name: %.100s.__init__ must call Type.__init__(name)",
                     Py_TYPE(o)->tp_name);
    Py_XDECREF(name);
    return PyErr_Occurred() ? NULL : t;
}

const Type *type_from_object(PyObject *o) {
    if (PyObject_TypeCheck(o, core.type_type)) {
        const Type *t = atomic_load_explicit(&((TypeObject *)o)->type, memory_order_acquire);
        return t ? t : bind_own((TypeObject *)o);
    }
    PyErr_Format(PyExc_TypeError, "expected a naja type, got %.100s: %.200R", Py_TYPE(o)->tp_name, o);
    return NULL;
}

PyObject *type_tuple_object(uint32_t n, const Type *const *types) {
    PyObject *tuple = PyTuple_New(n);
    for (uint32_t i = 0; tuple && i < n; i++) {
        PyObject *o = type_object_borrow(types[i]);
        if (!o) Py_CLEAR(tuple);
        else PyTuple_SET_ITEM(tuple, i, Py_NewRef(o));
    }
    return tuple;
}

int types_from_sequence(PyObject *sequence, const Type **types, uint32_t *n) {
    PyObject *fast = PySequence_Fast(sequence, "expected a tuple of naja types");
    if (!fast) return -1;
    Py_ssize_t count = PySequence_Fast_GET_SIZE(fast);
    int result = 0;
    if (count > (Py_ssize_t)*n) {
        PyErr_Format(PyExc_ValueError, "%zd types are too many: the limit is %u", count, *n);
        result = -1;
    }
    for (Py_ssize_t i = 0; !result && i < count; i++)
        if (!(types[i] = type_from_object(PySequence_Fast_GET_ITEM(fast, i)))) result = -1;
    Py_DECREF(fast);
    *n = (uint32_t)count;
    return result;
}

/* ---- attributes ---------------------------------------------------------------------------------------------------- */

#define KIND(k) (UINT64_C(1) << TYPE_##k)
#define WITH_ELEMENTS (KIND(TUPLE) | KIND(NAMEDTUPLE))
#define WITH_DTYPE                                                                             \
    (KIND(ARRAY) | KIND(NESTED) | KIND(DTYPE) | KIND(RANGE) | KIND(TUPLE) | KIND(NAMEDTUPLE) | \
     KIND(VECTOR) | KIND(LIST) | KIND(SET))
#define WITH_OBJECT                                                                                   \
    (KIND(ENUM) | KIND(INSTANCE) | KIND(OBJECT) | KIND(FUNCTION) | KIND(NAMEDTUPLE) | KIND(OMITTED) | \
     KIND(EXCEPTION) | KIND(CLOSURE) | KIND(PYOBJECT))

/* The kinds of an attribute are the closure of its getset row. */
static const Type *with_kind(PyObject *self, void *kinds) {
    const Type *t = of(self);
    if ((uintptr_t)kinds >> t->kind & 1) return t;
    PyErr_Format(PyExc_AttributeError, "type %s has no such attribute", t->name);
    return NULL;
}

static PyObject *new_ref_of(const Type *t) { return Py_XNewRef(type_object_borrow(t)); }

static PyObject *get_name(PyObject *self, void *kinds) {
    if (!((TypeObject *)self)->is_own) return PyUnicode_FromString(of(self)->name);
    return PyErr_Format(PyExc_AttributeError,
                        "the type has no name"); /* type_getattro looks in the dict then */
}
static PyObject *get_is_own(PyObject *self, void *kinds) {
    return PyBool_FromLong(((TypeObject *)self)->is_own);
}
static PyObject *get_kind(PyObject *self, void *kinds) {
    return PyUnicode_FromString(kind_names[of(self)->kind]);
}
static PyObject *get_id(PyObject *self, void *kinds) { return PyLong_FromUnsignedLong(of(self)->id); }
static PyObject *get_code(PyObject *self, void *kinds) { return PyUnicode_FromString(type_code(of(self))); }
static PyObject *get_base(PyObject *self, void *kinds) { return new_ref_of(type_base(of(self))); }
static PyObject *get_managed(PyObject *self, void *kinds) {
    return PyBool_FromLong(type_is_managed(of(self)));
}

static PyObject *get_bitwidth(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyLong_FromLong(t->kind == TYPE_BOOL ? 1 : t->bits) : NULL;
}
static PyObject *get_signed(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyBool_FromLong(t->is_signed) : NULL;
}
static PyObject *get_unit(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyUnicode_FromString(time_unit_name(type_unit(t))) : NULL;
}
static PyObject *get_underlying_float(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? new_ref_of(type_real_part(t)) : NULL;
}
static PyObject *get_dtype(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    if (t && type_is_tuple(t) && !type_is_uniform_tuple(t)) {
        PyErr_Format(PyExc_AttributeError, "the elements of %s have several types", t->name);
        return NULL;
    }
    return t ? new_ref_of(t->elem[0]) : NULL;
}
static PyObject *get_ndim(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyLong_FromLong(t->ndim) : NULL;
}
static PyObject *get_layout(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyUnicode_FromStringAndSize(&"CFA"[t->layout], 1) : NULL;
}
static PyObject *get_readonly(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyBool_FromLong(t->readonly) : NULL;
}
static PyObject *get_mutable(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyBool_FromLong((t->kind == TYPE_ARRAY && !t->readonly) || t->kind == TYPE_LIST) : NULL;
}
static PyObject *get_types(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? type_tuple_object(t->nelem, t->elem) : NULL;
}
static PyObject *get_count(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    if (t && t->kind == TYPE_CHARSEQ) return PyLong_FromLongLong(t->value);
    return t ? PyLong_FromUnsignedLong(t->nelem) : NULL;
}
/* The letters of natives.def for the machine scalars that a value consists of. */
static char leaf_letter(const Type *scalar) {
    switch (scalar->kind) {
    case TYPE_BOOL: return 'b';
    case TYPE_INT:
        return scalar->bits == 64 ? 'L' : scalar->bits == 32 ? 'I' : scalar->bits == 16 ? 'H' : 'B';
    case TYPE_FLOAT: return scalar->bits == 64 ? 'd' : scalar->bits == 32 ? 'f' : 'e';
    case TYPE_ENUM:
    case TYPE_DATETIME:
    case TYPE_TIMEDELTA: return 'L';
    default: return 'p';
    }
}
static void add_leaves(StrBuf *out, const Type *t) {
    char letter = leaf_letter(t);
    if (t->nleaves && !t->nfields) strbuf_add(out, &letter, 1);
    for (uint32_t i = 0; i < t->nfields; i++) add_leaves(out, t->field[i]);
}
static PyObject *get_leaves(PyObject *self, void *kinds) {
    const Type *t = type_from_object(self);
    StrBuf text = {0};
    if (t) add_leaves(&text, t);
    PyObject *result = t ? PyUnicode_FromStringAndSize(text.at, (Py_ssize_t)text.n) : NULL;
    strbuf_free(&text);
    return result;
}
static PyObject *get_owners(PyObject *self, void *kinds) {
    const Type *t = type_from_object(self);
    uint32_t n = t ? type_owners(t, NULL) : 0, *leaf = PyMem_New(uint32_t, n + 1);
    PyObject *owners = t && leaf ? PyTuple_New(n) : NULL;
    if (owners) type_owners(t, leaf);
    for (uint32_t i = 0; owners && i < n; i++) PyTuple_SET_ITEM(owners, i, PyLong_FromUnsignedLong(leaf[i]));
    PyMem_Free(leaf);
    return owners;
}
static PyObject *get_elements(PyObject *self, void *kinds) {
    return type_tuple_object(of(self)->nelem, of(self)->elem);
}
static PyObject *get_type(PyObject *self, void *kinds) { /* Optional's */
    const Type *t = with_kind(self, kinds);
    return t ? new_ref_of(t->elem[0]) : NULL;
}
static PyObject *get_return_type(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? new_ref_of(type_cfunction_result(t)) : NULL;
}
static PyObject *get_argument_types(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? type_tuple_object(t->nelem - 1, t->elem + 1) : NULL;
}
static PyObject *get_yield_type(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? new_ref_of(t->elem[0]) : NULL;
}
static PyObject *get_literal_value(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? box_value(t, NULL, (Arguments){0}) : NULL;
}
static PyObject *get_object(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    if (!t) return NULL;
    if (t->kind == TYPE_PYOBJECT && !t->handle) Py_RETURN_NONE; /* of any class */
    PyObject *o = handle_object_borrow(t->handle);
    if (!o) PyErr_Format(PyExc_ReferenceError, "the object of type %s is gone", t->name);
    return Py_XNewRef(o);
}
static PyObject *get_lender(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? Py_XNewRef(handle_object_borrow(type_closure_lender(t))) : NULL;
}
static PyObject *get_fields(PyObject *self, void *kinds) {
    PyObject *cls = get_object(self, kinds);
    PyObject *fields = cls ? PyObject_GetAttr(cls, core.name.fields) : NULL;
    Py_XDECREF(cls);
    return fields;
}
static PyObject *get_reflected(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyBool_FromLong(t->flags & TYPE_LIST_REFLECTED) : NULL;
}
static PyObject *get_key_type(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? new_ref_of(t->elem[0]) : NULL;
}
static PyObject *get_value_type(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? new_ref_of(t->elem[1]) : NULL;
}
static PyObject *get_what(PyObject *self, void *kinds) {
    static const char *const what[] = {"keys", "values", "items"};
    const Type *t = with_kind(self, kinds);
    return t ? PyUnicode_FromString(what[t->flags]) : NULL;
}
static PyObject *get_typed(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    if (!t) return NULL;
    return PyBool_FromLong(t->kind == TYPE_DICT ? !t->flags : t->flags & TYPE_LIST_TYPED);
}
static PyObject *get_frozen(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyBool_FromLong(t->flags & TYPE_TABLE_FROZEN) : NULL;
}
static PyObject *get_has_step(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyBool_FromLong(t->flags & TYPE_SLICE_STEP) : NULL;
}

static PyObject *get_record_fields(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    PyObject *fields = t ? PyTuple_New(t->nelem) : NULL;
    for (uint32_t i = 0; fields && i < t->nelem; i++) {
        RecordField f = type_record_field(t, i);
        PyObject *field = Py_BuildValue("s#LOz#", f.name, (Py_ssize_t)f.length, (long long)f.offset,
                                        type_object_borrow(t->elem[i]), f.title, (Py_ssize_t)f.title_length);
        if (!field) Py_CLEAR(fields);
        else PyTuple_SET_ITEM(fields, i, field);
    }
    return fields;
}
static PyObject *get_initial(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return !t ? NULL : t->text ? PyUnicode_FromString(t->text) : Py_NewRef(Py_None);
}
static PyObject *get_size(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyLong_FromUnsignedLong(type_itemsize(t)) : NULL;
}
static PyObject *get_record_aligned(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    if (!t) return NULL;
    const Type *record = t->kind == TYPE_ARRAY && t->elem[0]->kind == TYPE_RECORD ? t->elem[0] : t;
    bool fields = record->kind != TYPE_RECORD || record->flags & TYPE_RECORD_ALIGNED;
    return PyBool_FromLong(fields && (t->kind != TYPE_ARRAY || t->aligned));
}
static PyObject *get_shape(PyObject *self, void *kinds) { /* a nested array's */
    const Type *t = with_kind(self, kinds);
    int64_t extent[64];
    uint32_t ndim = t ? type_nested_shape(t, extent) : 0;
    PyObject *shape = t ? PyTuple_New(ndim) : NULL;
    for (uint32_t i = 0; shape && i < ndim; i++) PyTuple_SET_ITEM(shape, i, PyLong_FromLongLong(extent[i]));
    return shape;
}
static PyObject *get_is_unicode(PyObject *self, void *kinds) {
    const Type *t = with_kind(self, kinds);
    return t ? PyBool_FromLong(t->flags & TYPE_CHARSEQ_UNICODE) : NULL;
}

#define ROW(name, kinds, doc) {#name, get_##name, NULL, doc, (void *)(uintptr_t)(kinds)}
static PyGetSetDef attributes[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    ROW(name, 0, "as printed"),
    ROW(is_own, 0, "whether the type is of a class that a program defined"),
    ROW(kind, 0, "the row of kinds.def: 'INT', 'ARRAY', ..."),
    ROW(id, 0, "number of the type in this process"),
    ROW(code, 0, "short mangled name"),
    ROW(base, 0, "what a literal widens to; any other type: itself"),
    ROW(managed, 0, "whether values own memory that is reference counted"),
    ROW(elements, 0, "component types"),
    ROW(leaves, 0, "letters of the machine scalars that a value consists of: b B H I L e f d p"),
    ROW(owners, 0, "numbers of the leaves that are counted pointers"),
    ROW(bitwidth, KIND(BOOL) | KIND(INT) | KIND(FLOAT) | KIND(COMPLEX), "bits of a value"),
    ROW(signed, KIND(INT), "whether an integer type has negative values"),
    ROW(underlying_float, KIND(COMPLEX), "type of the parts"),
    ROW(unit, KIND(DATETIME) | KIND(TIMEDELTA), "unit of time: 'ns', ...; empty for the generic one"),
    ROW(dtype, WITH_DTYPE, "element type"),
    ROW(ndim, KIND(ARRAY), "number of dimensions"),
    ROW(layout, KIND(ARRAY), "'C', 'F' or 'A'"),
    ROW(readonly, KIND(ARRAY), "whether elements cannot be assigned"),
    ROW(mutable, KIND(ARRAY) | WITH_ELEMENTS | KIND(LIST), "whether elements can be assigned"),
    {"aligned", get_record_aligned, NULL,
     "whether elements, or a record's fields, lie at multiples of their size",
     (void *)(uintptr_t)(KIND(ARRAY) | KIND(RECORD))},
    ROW(record_fields, KIND(RECORD), "tuples (name, offset, type)"),
    ROW(size, KIND(RECORD) | KIND(NESTED), "bytes of a value"),
    ROW(shape, KIND(NESTED), "extents"),
    ROW(is_unicode, KIND(CHARSEQ), "whether it has characters and not bytes"),
    ROW(types, WITH_ELEMENTS, "element types"),
    {"nalternatives", get_count, NULL, "number of functions that a value may be",
     (void *)(uintptr_t)KIND(CHOICE)},
    ROW(count, WITH_ELEMENTS | KIND(CHARSEQ), "number of elements"),
    ROW(fields, KIND(NAMEDTUPLE), "field names"),
    ROW(return_type, KIND(CFUNCTION), "type of the result"),
    ROW(argument_types, KIND(CFUNCTION), "types of the parameters"),
    {"pointee", get_type, NULL, "type of what lies at the address", (void *)(uintptr_t)KIND(CPOINTER)},
    {"array_type", get_type, NULL, "type of the array", (void *)(uintptr_t)KIND(CTYPES)},
    ROW(type, KIND(OPTIONAL), "type of a value that is not None"),
    ROW(yield_type, KIND(GENERATOR), "type of a generator's items"),
    ROW(literal_value, KIND(LITERAL), "the one value"),
    ROW(object, WITH_OBJECT, "the Python object that the type is about"),
    ROW(key_type, KIND(DICT), "type of the keys"),
    ROW(value_type, KIND(DICT), "type of the values"),
    ROW(what, KIND(VIEW), "'keys', 'values' or 'items'"),
    ROW(initial, KIND(LIST) | KIND(DICT),
        "the items that a display gave it, as Python writes them; None: not known"),
    ROW(reflected, KIND(LIST) | KIND(SET) | KIND(DICT), "whether changes are written back to a Python list"),
    ROW(typed, KIND(LIST) | KIND(SET) | KIND(DICT), "whether it is the type of a container of naja.typed"),
    ROW(frozen, KIND(SET), "whether it is the type of a frozenset"),
    {"instance_class", get_object, NULL, "class of a namedtuple or an enum",
     (void *)(uintptr_t)(KIND(NAMEDTUPLE) | KIND(ENUM))},
    ROW(lender, KIND(CLOSURE), "the function whose globals an inner function sees"),
    ROW(has_step, KIND(SLICE), "whether slices have a step"),
    {0},
};

/* ---- behaviour -------------------------------------------------------------------------------------------------------- */

static PyObject *type_repr(PyObject *self) {
    if (((TypeObject *)self)->is_own) return PyObject_GetAttrString(self, "name");
    return PyUnicode_FromString(of(self)->name);
}

static PyObject *type_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs) {
    TypeObject *o = (TypeObject *)cls->tp_alloc(cls, 0);
    if (o) o->is_own = true;
    return (PyObject *)o;
}

/* An own type may use any name for an attribute, also one that a row of `attributes` has. */
static PyObject *type_getattro(PyObject *self, PyObject *name) {
    PyObject *value = PyObject_GenericGetAttr(self, name), *dict = ((TypeObject *)self)->dict;
    if (value || !((TypeObject *)self)->is_own || !dict || !PyErr_ExceptionMatches(PyExc_AttributeError))
        return value;
    PyObject *own = PyDict_GetItemWithError(dict, name);
    if (own) PyErr_Clear();
    return Py_XNewRef(own);
}
static int type_setattro(PyObject *self, PyObject *name, PyObject *value) {
    TypeObject *o = (TypeObject *)self;
    int result = PyObject_GenericSetAttr(self, name, value);
    if (!result || !o->is_own || !value || !PyErr_ExceptionMatches(PyExc_AttributeError)) return result;
    PyErr_Clear();
    if (!o->dict && !(o->dict = PyDict_New())) return -1;
    return PyDict_SetItem(o->dict, name, value);
}

static PyObject *is_precise(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(of(self)->kind != TYPE_UNDEFINED);
}

/* type_encode's callback: position of an object in a list, appended if it is new; the first failure stays set. */
static uint32_t index_in_list(void *list, Handle h) {
    PyObject *o = handle_object_borrow(h);
    if (!o && !PyErr_Occurred())
        PyErr_SetString(PyExc_ReferenceError, "a type refers to an object that is gone");
    if (PyErr_Occurred()) return 0;
    Py_ssize_t n = PyList_GET_SIZE(list);
    for (Py_ssize_t i = 0; i < n; i++)
        if (PyList_GET_ITEM(list, i) == o) return (uint32_t)i;
    PyList_Append(list, o);
    return (uint32_t)n;
}

static PyObject *type_reduce(PyObject *self, PyObject *unused) {
    PyObject *objects = PyList_New(0), *result = NULL;
    if (!objects) return NULL;
    StrBuf bytes = {0};
    type_encode(&bytes, of(self), index_in_list, objects);
    PyObject *decode = PyErr_Occurred()
                           ? NULL
                           : PyObject_GetAttrString(PyImport_AddModule("naja._core"), "type_decode");
    if (decode && bytes.failed) PyErr_NoMemory();
    else if (decode) result = Py_BuildValue("O(y#O)", decode, bytes.at, (Py_ssize_t)bytes.n, objects);
    strbuf_free(&bytes);
    Py_XDECREF(decode);
    Py_DECREF(objects);
    return result;
}

static PyObject *type_copy(PyObject *self, PyObject *unused) { return Py_NewRef(self); }

static int type_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((TypeObject *)self)->dict);
    return 0;
}
static int type_clear(PyObject *self) {
    Py_CLEAR(((TypeObject *)self)->dict);
    return 0;
}
/* Type objects are kept in core.type_objects; this is for one whose making failed half-way. */
static void type_dealloc(PyObject *self) {
    PyTypeObject *cls = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (((TypeObject *)self)->weakrefs) PyObject_ClearWeakRefs(self);
    type_clear(self);
    cls->tp_free(self);
    Py_DECREF(cls);
}

static PyMethodDef methods[] = {
    {"is_precise", is_precise, METH_NOARGS,
     "is_precise()\n--\n\nWhether the type is fully known; always true but for an unbound local."},
    {"__reduce__", type_reduce, METH_NOARGS, NULL},
    {"__copy__", type_copy, METH_NOARGS, NULL},
    {"__deepcopy__", type_copy, METH_O, NULL},
    {0},
};
static PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(TypeObject, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(TypeObject, weakrefs), READONLY, NULL},
    {0},
};
static PyType_Slot slots[] = {
    {Py_tp_doc, "The type of a compiled value."},
    {Py_tp_new, type_new},
    {Py_tp_repr, type_repr},
    {Py_tp_getattro, type_getattro},
    {Py_tp_setattro, type_setattro},
    {Py_tp_getset, attributes},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_traverse, type_traverse},
    {Py_tp_clear, type_clear},
    {Py_tp_dealloc, type_dealloc},
    {0, NULL},
};
static PyType_Spec spec = {
    .name = "naja._core.Type",
    .basicsize = sizeof(TypeObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int pytypes_start(PyObject *module) {
    core.type_objects = PyList_New(0);
    core.type_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
    return core.type_objects && core.type_type ? PyModule_AddType(module, core.type_type) : -1;
}
