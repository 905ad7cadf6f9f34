/* vecmath.c - the kernels by name. */
#include "vecmath/vecmath.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

/* Their types do not matter here: d1, d4, ... are called by compiled code only. */
#define OWN(name) extern const char vecmath_##name##_d1[];
#define LIBM(name)
#define KERNELS_DOUBLE(name) extern const char vecmath_##name##_d4[], vecmath_##name##_e8[];
#define KERNELS_SINGLE(name) extern const char vecmath_##name##_d8[], vecmath_##name##_e16[];
#define X(name, native, parameters, of, scalar) scalar(name) KERNELS_##of(name)
#include "vecmath/vecmath.def"
#undef X
#undef OWN
#undef LIBM
#undef KERNELS_DOUBLE
#undef KERNELS_SINGLE

#define ROW(name, address) {VECMATH_PREFIX #name, (void *)(uintptr_t)(address)},
#define OWN(name) ROW(name##_d1, vecmath_##name##_d1)
#define LIBM(name) ROW(name##_d1, name)
#define KERNELS_DOUBLE(name) ROW(name##_d4, vecmath_##name##_d4) ROW(name##_e8, vecmath_##name##_e8)
#define KERNELS_SINGLE(name) ROW(name##_d8, vecmath_##name##_d8) ROW(name##_e16, vecmath_##name##_e16)
#define X(name, native, parameters, of, scalar) scalar(name) KERNELS_##of(name)
static const struct {
    const char *name;
    void *address;
} symbols[] = {
#include "vecmath/vecmath.def"
};

void *vecmath_symbol(const char *name) {
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
        if (!strcmp(symbols[i].name, name)) return symbols[i].address;
    return NULL;
}

#else

void *vecmath_symbol(const char *name) {
    (void)name;
    return NULL;
}

#endif
