/* natives.c - the rows of runtime/natives.def as a table: what compiled code may call. */
#include "ir/ir.h"

const NativeInfo native_info[NATIVE_COUNT] = {
#define X(name, symbol, signature, attributes) {#name, symbol, signature, attributes},
#include "runtime/natives.def"
#undef X
};

bool native_is_intrinsic(Native native) {
    static const char prefix[] = "llvm.";
    return !strncmp(native_info[native].symbol, prefix, sizeof prefix - 1);
}

bool native_has_kernel(Native native) {
    switch (native) {
#define X(name, native, parameters, of, scalar) case NATIVE_##native:
#include "vecmath/vecmath.def"
#undef X
        return true;
    default: return false;
    }
}
