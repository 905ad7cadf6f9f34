/* library/objects.h - what library.c asks of Python beyond the door: modules that are already imported. */
#ifndef NAJA_LIBRARY_OBJECTS_H
#define NAJA_LIBRARY_OBJECTS_H

#include "library/library.h"

Handle object_loaded_module(const char *name); /* of sys.modules; 0: not imported yet */
const Type *dtype_named(const char *text);     /* call.c: "float32", "f4", "d"; NULL: none */

#endif
