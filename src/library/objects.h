/* library/objects.h - what library.c asks of Python beyond the door: modules that are already imported. */
#ifndef NAJA_LIBRARY_OBJECTS_H
#define NAJA_LIBRARY_OBJECTS_H

#include "library/library.h"

Handle object_loaded_module(const char *name); /* of sys.modules; 0: not imported yet */
/* np.datetime64(text, unit) or np.timedelta64: the value and its unit (as given, if it is not the generic one).  False:
 * NumPy refuses, see object_take_error. */
bool object_time(const char *text, bool moment, TimeUnit given, int64_t *value, TimeUnit *unit);
const Type *object_dtype_named(const char *text); /* what numpy.dtype makes of a text, as a DTYPE; NULL: nothing */
const Type *dtype_named(const char *text); /* call.c: "float32", "f4", "d"; NULL: none */

#endif
