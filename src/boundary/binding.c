/* binding.c - positional and keyword arguments, defaults and *args become one object per parameter.
 *
 * Steps: positional arguments go to positional parameters, the rest of them to *args; keyword arguments go by name;
 * what is still empty takes its default.  A default is passed as if the caller had written it, but for bools and strings
 * (Omitted).
 */
#include "boundary/binding.h"

/* ---- defaults ------------------------------------------------------------------------------------------------ */

static void omitted_dealloc(PyObject *o) {
    PyTypeObject *cls = Py_TYPE(o);
    Py_XDECREF(((Omitted *)o)->value);
    PyObject_Free(o);
    Py_DECREF(cls);
}
static PyType_Slot omitted_slots[] = {{Py_tp_dealloc, omitted_dealloc}, {0, NULL}};
static PyType_Spec omitted_spec = {
    .name = "naja._core.Omitted",
    .basicsize = sizeof(Omitted),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = omitted_slots,
};

/* The dict of **keywords has a type of its own, in which its keys are known: STRDICT. */
static PyType_Slot keywords_slots[] = {{0, NULL}};
static PyType_Spec keywords_spec = {
    .name = "naja._core.Keywords", .flags = Py_TPFLAGS_DEFAULT, .slots = keywords_slots};

int binding_start(PyObject *module) {
    core.omitted_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &omitted_spec, NULL);
    core.keywords_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &keywords_spec,
                                                                  (PyObject *)&PyDict_Type);
    return core.omitted_type && core.keywords_type ? 0 : -1;
}

PyObject *omitted_new(PyObject *value, const Type *t) {
    Omitted *o = (Omitted *)core.omitted_type->tp_alloc(core.omitted_type, 0);
    if (o) {
        o->value = Py_NewRef(value);
        o->type = t;
    }
    return (PyObject *)o;
}

/* What a default is passed as. */
static PyObject *default_argument(PyObject *value) {
    const Type *t = PyBool_Check(value) || PyUnicode_CheckExact(value) ? typeof_constant(value) : NULL;
    if (!t || t->kind != TYPE_LITERAL) return PyErr_Occurred() ? NULL : Py_NewRef(value);
    return omitted_new(value, t);
}

static PyObject *default_arguments(PyObject *defaults) {
    PyObject *tuple = PyTuple_New(PyTuple_GET_SIZE(defaults));
    for (Py_ssize_t i = 0; tuple && i < PyTuple_GET_SIZE(defaults); i++) {
        PyObject *o = default_argument(PyTuple_GET_ITEM(defaults, i));
        PyTuple_SET_ITEM(tuple, i, o);
        if (!o) Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *keyword_default_arguments(PyObject *defaults) {
    PyObject *dict = PyDict_New(), *name, *value;
    Py_ssize_t at = 0;
    while (dict && PyDict_Next(defaults, &at, &name, &value)) {
        PyObject *o = default_argument(value);
        if (!o || PyDict_SetItem(dict, name, o) < 0) Py_CLEAR(dict);
        Py_XDECREF(o);
    }
    return dict;
}

/* ---- parameters ---------------------------------------------------------------------------------------------- */

int parameters_init(Parameters *p, PyObject *function) {
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(function);
    p->name = PyObject_GetAttr(function, core.name.name);
    p->names = PyCode_GetVarnames(code);
    PyObject *defaults = PyFunction_GET_DEFAULTS(function),
             *kwdefaults = PyFunction_GET_KW_DEFAULTS(function);
    p->defaults = defaults ? default_arguments(defaults) : NULL;
    p->kwdefaults = kwdefaults ? keyword_default_arguments(kwdefaults) : NULL;
    p->npositional_only = code->co_posonlyargcount;
    p->npositional = code->co_argcount;
    p->nkwonly = code->co_kwonlyargcount;
    p->has_varargs = code->co_flags & CO_VARARGS;
    p->has_varkeywords = code->co_flags & CO_VARKEYWORDS;
    p->nparams = p->npositional + p->nkwonly + p->has_varargs + p->has_varkeywords;
    return PyErr_Occurred() ? -1 : 0;
}

void parameters_clear(Parameters *p) {
    Py_CLEAR(p->name);
    Py_CLEAR(p->names);
    Py_CLEAR(p->defaults);
    Py_CLEAR(p->kwdefaults);
}

int parameters_traverse(Parameters *p, visitproc visit, void *arg) {
    Py_VISIT(p->defaults);
    Py_VISIT(p->kwdefaults);
    return 0;
}

/* How many positional parameters have no default. */
static Py_ssize_t required(const Parameters *p) {
    return p->npositional - (p->defaults ? PyTuple_GET_SIZE(p->defaults) : 0);
}

static int too_many(const Parameters *p, Py_ssize_t nargs) {
    PyErr_Format(PyExc_TypeError, "too many arguments: expected %d, got %zd (calling %U())", p->npositional,
                 nargs, p->name);
    return -1;
}

static int missing(const Parameters *p, int parameter, Py_ssize_t nargs) {
    PyErr_Format(
        PyExc_TypeError, "not enough arguments: expected %s%zd, got %zd (%U() is missing argument '%U')",
        p->defaults || p->has_varargs ? "at least " : "", required(p) + (p->kwdefaults ? 0 : p->nkwonly),
        nargs, p->name, PyTuple_GET_ITEM(p->names, parameter));
    return -1;
}

/* Position of the parameter of this name, -1: none may be given by it. */
static int find_parameter(const Parameters *p, PyObject *name) {
    for (int i = p->npositional_only; i < p->npositional + p->nkwonly; i++) {
        PyObject *own = PyTuple_GET_ITEM(p->names, i);
        if (own == name || PyUnicode_Compare(own, name) == 0) return i;
    }
    return -1;
}

static int unexpected(const Parameters *p, PyObject *name) {
    PyErr_Format(PyExc_TypeError,
                 "some keyword arguments unexpected: %U() got an unexpected keyword argument '%U'", p->name,
                 name);
    return -1;
}

/* By position and by name; there are not too many arguments, so another one may be missing. */
static int given_twice(const Parameters *p, PyObject *name, PyObject **out) {
    int first = 0;
    while (first < required(p) && out[first]) first++;
    if (!p->has_varargs && first < required(p))
        PyErr_Format(PyExc_TypeError,
                     "%U() got multiple values for argument '%U', and is missing argument '%U'", p->name,
                     name, PyTuple_GET_ITEM(p->names, first));
    else
        PyErr_Format(PyExc_TypeError,
                     "some keyword arguments unexpected: %U() got multiple values for argument '%U'", p->name,
                     name);
    return -1;
}

static int bind_keywords(const Parameters *p, PyObject *const *values, PyObject *kwnames, PyObject **out,
                         PyObject *rest) {
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(kwnames); k++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, k);
        int i = find_parameter(p, name);
        if (i < 0 && rest) {
            if (PyDict_SetItem(rest, name, values[k]) < 0) return -1;
            continue;
        }
        if (i < 0 || out[i]) return i < 0 ? unexpected(p, name) : given_twice(p, name, out);
        out[i] = values[k];
    }
    return 0;
}

static int fill_defaults(const Parameters *p, Py_ssize_t nargs, PyObject **out) {
    Py_ssize_t nrequired = required(p);
    for (int i = 0; i < p->npositional; i++) {
        if (!out[i] && i < nrequired) return missing(p, i, nargs);
        if (!out[i]) out[i] = PyTuple_GET_ITEM(p->defaults, i - nrequired);
    }
    for (int i = p->npositional; i < p->npositional + p->nkwonly; i++) {
        if (!out[i] && p->kwdefaults)
            out[i] = PyDict_GetItemWithError(p->kwdefaults, PyTuple_GET_ITEM(p->names, i));
        if (!out[i]) return PyErr_Occurred() ? -1 : missing(p, i, nargs);
    }
    return 0;
}

static PyObject *collect_varargs(PyObject *const *args, Py_ssize_t n) {
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple && i < n; i++) PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
    return tuple;
}

static int bind(const Parameters *p, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                PyObject **out, PyObject *rest) {
    Py_ssize_t nplaced = nargs < p->npositional ? nargs : p->npositional;
    Py_ssize_t given = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0), room = p->npositional + p->nkwonly;
    bool open = p->has_varargs || p->has_varkeywords;
    if ((nargs > nplaced && !p->has_varargs) || (given > room && !open))
        return too_many(p, nargs > nplaced ? nargs : given);
    memset(out, 0, (size_t)p->nparams * sizeof *out);
    memcpy(out, args, (size_t)nplaced * sizeof *out);
    if (kwnames && bind_keywords(p, args + nargs, kwnames, out, rest) < 0) return -1;
    if (fill_defaults(p, given, out) < 0) return -1;
    PyObject **star = out + p->npositional + p->nkwonly;
    return !p->has_varargs || (*star = collect_varargs(args + nplaced, nargs - nplaced)) ? 0 : -1;
}

int parameters_bind(const Parameters *p, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                    PyObject **out) {
    PyObject *rest = p->has_varkeywords ? PyObject_CallNoArgs((PyObject *)core.keywords_type) : NULL;
    int status = p->has_varkeywords && !rest ? -1 : bind(p, args, nargs, kwnames, out, rest);
    if (status < 0) Py_XDECREF(rest);
    else if (rest) out[p->nparams - 1] = rest;
    return status;
}

void parameters_release(const Parameters *p, PyObject *const *bound) {
    for (int i = p->npositional + p->nkwonly; i < p->nparams; i++) Py_DECREF(bound[i]);
}
