/* frontend/decode.h - CPython's bytecode, normalised.  Also used by boundary/fingerprint.c, without the rest of
 * the compiler: it needs Python's headers and base/ only.
 *
 * Opcode numbers come from the headers of the interpreter that the module is built for; each version's
 * differences are rows of decode.c, and no other file tests PY_VERSION_HEX for bytecode.
 */
#ifndef NAJA_DECODE_H
#define NAJA_DECODE_H

#include <Python.h>

#include "base/base.h"

typedef enum {
#define I(name, doc) I_##name,
#include "frontend/opcodes.def"
#undef I
    I_COUNT
} Opcode;
extern const char *const opcode_name[I_COUNT];

typedef struct {
    uint8_t op;     /* Opcode */
    int32_t arg;    /* jumps: index of the target instruction */
    int32_t offset; /* byte offset into co_code, the key of positions */
} Instruction;

typedef struct {
    int32_t begin, end, target; /* instruction indices: [begin, end) is protected by target */
    int32_t depth;              /* stack depth to unwind to */
    bool push_lasti;
} ExceptionRegion;

typedef struct {
    Vec(Instruction) code;
    Vec(ExceptionRegion) regions; /* in order of begin; where regions nest, CPython splits the outer one */
    int unknown_op;               /* first opcode that has no row (its number), -1: none */
    int32_t unknown_offset;
} Decoded;

/* Arguments of I_COMMON and I_FUNCTION_ATTR (CPython's own numbers). */
enum CommonConstant {
    COMMON_ASSERTION_ERROR,
    COMMON_NOT_IMPLEMENTED_ERROR,
    COMMON_TUPLE,
    COMMON_ALL,
    COMMON_ANY,
    COMMON_LIST,
    COMMON_SET,
    COMMON_NONE,
    COMMON_EMPTY_STR,
    COMMON_TRUE,
    COMMON_FALSE,
    COMMON_MINUS_ONE
};
enum FunctionAttr {
    FUNCTION_DEFAULTS = 1,
    FUNCTION_KW_DEFAULTS = 2,
    FUNCTION_ANNOTATIONS = 4,
    FUNCTION_CLOSURE = 8,
    FUNCTION_ANNOTATE = 16
};

/* What WITH leaves below the entered value: the exit function, and since 3.14 also what it is called on, or a NULL. */
enum { WITH_SLOTS = PY_VERSION_HEX >= 0x030E0000 ? 2 : 1 };

/* True for the opcodes whose argument is the index of another instruction. */
bool opcode_is_jump(uint8_t op);

/* Decodes a code object; false when it is malformed.  An opcode without a row becomes I_OTHER. */
bool decode(Arena *a, PyCodeObject *code, Decoded *out);

/* Span of every bytecode offset / 2 of the code object (co_positions); -1 on a Python error. */
int decode_positions(Arena *a, PyCodeObject *code, Span **out, uint32_t *n);

#endif
