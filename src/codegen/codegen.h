/* codegen/codegen.h - from lowered IR to an LLVM module, one instruction to a few.
 *
 * A value becomes an array of LLVM values, one per leaf of its type; `field` and `make` only rename them.
 * Every Func becomes `i32 f(ptr context, ptr result, leaves...)`, internal except the entry.  For the entry
 * function entry.c also makes what Python calls:
 *
 *     PyObject *naja_entry(Specialisation *, PyObject *const *args)
 *
 * which unboxes (floats, small ints and array structs inline, the rest through helpers of boundary/), calls,
 * and boxes the result.  Vector math, fast-math bits, branch weights, loop metadata and debug lines are here;
 * loops in cold blocks become functions of their own (outline.c), library functions may be other units (imports.c).
 */
#ifndef NAJA_CODEGEN_H
#define NAJA_CODEGEN_H

#include <llvm-c/Types.h>

#include "passes/passes.h"

/* What the way to machine code depends on. */
typedef struct {
    bool repeats; /* a loop outside of cold blocks, or a function that may call itself */
    bool catches; /* a handler that leaves what it catches where it is */
} CodegenFacts;

/* Fills `module` (empty, with triple and data layout set; the target machine that will compile it says which CPU).
 * Returns false with unit->diags when something cannot be generated. */
bool codegen_unit(Unit *u, LLVMContextRef context, LLVMModuleRef module, CodegenFacts *facts);

/* What codegen must know of the process; set once, before the first unit. */
typedef struct {
    uint32_t object_type, float_value; /* offsets into CPython's and NumPy's structs, in bytes */
    uint32_t array_data, array_nd, array_dimensions, array_strides;
    /* Has the CPU (UnitOptions.target) the registers that this letter stands for in the vector ABI of x86-64? */
    bool (*has_registers)(char letter, const char *target);
    bool (*libmvec_has)(const char *name);
} CodegenHost;
void codegen_start(const CodegenHost *host);

/* Names in the object file. */
#define CODEGEN_ENTRY "naja_entry"    /* called with Python objects */
#define CODEGEN_C "naja_c"            /* with the option exports: by C's convention */
#define CODEGEN_CROSS "naja_cross"    /* with the option exports: by the native convention, from another unit */
#define CODEGEN_SELF "naja_self"      /* the loader makes it the address of the Specialisation */
#define CODEGEN_NATIVE "naja_native"  /* the entry function itself, by the native convention */

#endif
