/* boundary/binding.h - the call f(*args, **kwargs) against a function's parameters, on the cold path. */
#ifndef NAJA_BOUNDARY_BINDING_H
#define NAJA_BOUNDARY_BINDING_H

#include "boundary/state.h"

/* The parameters of a function in the order of its local variables: positional, keyword-only, then *args. */
typedef struct {
    PyObject *name;                   /* of the function, for messages */
    PyObject *names;                  /* tuple of variable names; the first nparams are the parameters */
    PyObject *defaults, *kwdefaults;  /* as of decoration; NULL: none */
    int npositional_only, npositional, nkwonly;
    bool has_varargs, has_varkeywords;
    int nparams;                      /* of all kinds: length of a bound call */
} Parameters;

int parameters_init(Parameters *p, PyObject *function);
void parameters_clear(Parameters *p);
int parameters_traverse(Parameters *p, visitproc visit, void *arg);

/* Fills out[0 .. nparams) with borrowed objects; with *args, the last one is a new tuple.  TypeError with Numba's
 * words if the call does not fit. */
int parameters_bind(const Parameters *p, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, PyObject **out);

#endif
