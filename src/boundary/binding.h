/* boundary/binding.h - the call f(*args, **kwargs) against a function's parameters, on the cold path. */
#ifndef NAJA_BOUNDARY_BINDING_H
#define NAJA_BOUNDARY_BINDING_H

#include "boundary/state.h"

/* The parameters of a function in the order of its local variables: positional, keyword-only, then *args and **keywords. */
typedef struct {
    PyObject *name;                   /* of the function, for messages */
    PyObject *names;                  /* tuple of variable names; the first nparams are the parameters */
    PyObject *defaults, *kwdefaults;  /* as of decoration, see Omitted; NULL: none */
    int npositional_only, npositional, nkwonly;
    bool has_varargs, has_varkeywords;
    int nparams;                      /* of all kinds: length of a bound call */
} Parameters;

/* Stands for a default value that is a bool or a str: its type is a literal, so that `if flag:` is decided when the
 * function is compiled, and calls that leave the argument out have a version of their own.  It goes where an argument
 * goes, in words, types and unboxing, and never reaches Python.  An argument that literally() asks for is passed so, too. */
typedef struct {
    PyObject_HEAD
    PyObject *value;
    const Type *type;
} Omitted;
static inline bool is_omitted(PyObject *o) { return Py_TYPE(o) == core.omitted_type; }
static inline PyObject *omitted_value_borrow(PyObject *o) { return is_omitted(o) ? ((Omitted *)o)->value : o; }

/* A new Omitted for a value of a literal type. */
PyObject *omitted_new(PyObject *value, const Type *t);

int binding_start(PyObject *module);
int parameters_init(Parameters *p, PyObject *function);
void parameters_clear(Parameters *p);
int parameters_traverse(Parameters *p, visitproc visit, void *arg);

static inline bool is_keywords(PyObject *o) { return Py_TYPE(o) == core.keywords_type; }

/* Fills out[0 .. nparams) with borrowed objects, but for a new tuple of *args and a new Keywords of **keywords, which
 * parameters_release gives back.  TypeError with Numba's words if the call does not fit. */
int parameters_bind(const Parameters *p, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, PyObject **out);
void parameters_release(const Parameters *p, PyObject *const *bound);

#endif
