/* types/types_private.h - shared by the files of this stage only. */
#ifndef NAJA_TYPES_PRIVATE_H
#define NAJA_TYPES_PRIVATE_H

#include "types/types.h"

/* What tells two types of one kind apart.  The same parts are hashed, compared, encoded and decoded. */
enum KeyPart {
    KEY_BITS = 1,
    KEY_SIGNED = 2,
    KEY_ARRAY = 4, /* ndim, layout, readonly, aligned */
    KEY_FLAGS = 8,
    KEY_ELEMS = 16,
    KEY_VALUE = 32, /* of a CLOSURE: a handle */
    KEY_HANDLE = 64,
    KEY_TEXT = 128,
};

typedef enum {
    SHAPE_LEAF,  /* no fields, one leaf */
    SHAPE_BLOCK, /* no fields; one leaf, a counted MemoryBlock */
    SHAPE_EMPTY, /* no fields, no leaves */
    SHAPE_ELEMS, /* the fields are the elements */
    SHAPE_OWN,   /* the row's function lists the fields */
} FieldShape;

/* Fields being collected: `n` counts on beyond `capacity`, so that a first pass can measure. */
typedef struct {
    const Type **at;
    uint32_t n, capacity;
} FieldList;

typedef struct {
    uint8_t key; /* KeyPart */
    FieldShape shape;
    void (*fields)(const Type *t, FieldList *out); /* SHAPE_OWN */
} KindRow;
extern const KindRow kind_row[TYPE_KIND_COUNT];

enum { MAX_NDIM = 64, MAX_ELEMS = 65535 };

const Type *type_intern(const Type *key);                            /* intern.c */
unsigned storage_itemsize(const Type *t);                            /* storage.c */
bool storage_valid(const Type *t); /* of a RECORD or NESTED that was read from bytes: the text makes sense */
void type_set_fields(Arena *a, Type *t);                             /* fields.c: field, nfields, nleaves */
const char *type_make_name(Arena *a, const Type *t);                 /* print.c */
const char *type_make_code(Arena *a, const Type *t);                 /* print.c */
const Type *type_with_elems(const Type *t, const Type *const *elem); /* the same type around other elements */

#endif
