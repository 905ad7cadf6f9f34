/* engine/compile.h - what module.c needs of compile.c. */
#ifndef NAJA_COMPILE_H
#define NAJA_COMPILE_H

#include "engine/compiler_api.h"

void compile_start(const CoreApi *api); /* once; `api` stays alive */
void compile_prepare(const CompileRequest *request, CompileResult *result);
void compile_emit(uint32_t n, CompileResult *const *results);
void compile_finish(CompileResult *result);
void compile_result_free(CompileResult *result);

#endif
