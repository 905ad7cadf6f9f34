/* boundary/exporters.h - arguments that lend an array, or have a stand-in; see exporters.c. */
#ifndef NAJA_BOUNDARY_EXPORTERS_H
#define NAJA_BOUNDARY_EXPORTERS_H

#include "boundary/state.h"

/* Is any of them of a class that is known to lend arrays? */
bool exporters_among(PyObject *const *args, uint32_t nargs);
/* With an exception set, since some argument has no type: if arguments without one can lend arrays, their classes are
 * remembered, the exception goes, and the answer is true. */
bool exporters_learn(PyObject *const *args, uint32_t nargs);
/* Replaces such arguments by their arrays; `kept` gets a reference of each argument up to the number that is returned,
 * all of them unless an exception is set. */
uint32_t exporters_replace(PyObject **args, uint32_t nargs, PyObject **kept);
/* Behind the call, with an exception set or not: containers among the arguments become what those in `kept` are.  -1: an
 * exception is set. */
int exporters_give_back(PyObject *const *args, PyObject *const *kept, uint32_t nargs);
/* The array that an object lends, or what stands for a container, a new reference; NULL with an exception. */
PyObject *exporter_array(PyObject *o);

#endif
