/* natives.c - the rows of runtime/natives.def as a table: what compiled code may call. */
#include "ir/ir.h"

const NativeInfo native_info[NATIVE_COUNT] = {
#define X(name, symbol, signature, attributes) {#name, symbol, signature, attributes},
#include "runtime/natives.def"
#undef X
};
