/* engine/emit.h - what compile.c needs of emit.c beyond the door. */
#ifndef NAJA_EMIT_H
#define NAJA_EMIT_H

#include <llvm-c/Types.h>

#include "engine/engine.h"

/* The reason that stands for a lack of memory. */
#define EMIT_NO_MEMORY "out of memory"

void emitted_free(Emitted *out);
/* For CodegenHost. */
bool engine_has_registers(char letter, const char *target);
bool engine_libmvec_has(const char *name);

void engine_mark_unpredictable(LLVMModuleRef module); /* between passes and emission */

#endif
