/* library/versions.h - what changed between the versions of CPython that a module is built for; private to library/. */
#ifndef NAJA_LIBRARY_VERSIONS_H
#define NAJA_LIBRARY_VERSIONS_H

#include <patchlevel.h>
#include <stdbool.h>

enum { PYTHON_SINCE_314 = PY_VERSION_HEX >= 0x030E0000 };

/* The words of an exception: up to 3.13, and since. */
static inline const char *python_text(const char *before, const char *since_314) {
    return PYTHON_SINCE_314 ? since_314 : before;
}

#endif
