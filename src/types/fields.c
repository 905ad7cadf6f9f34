/* types/fields.c - what a value of each kind consists of, and the questions that follow from it.
 *
 * A row per kind says which parts identify a type (KeyPart) and how its fields follow (FieldShape).  The leaves
 * of a type are the leaves of its fields in order; a kind without fields is one leaf or none.
 */
#include "types/types_private.h"

static void add(FieldList *out, const Type *t) {
    if (out->n < out->capacity) out->at[out->n] = t;
    out->n++;
}

static void add_times(FieldList *out, const Type *t, uint32_t times) {
    while (times--) add(out, t);
}

/* ---- fields by kind ----------------------------------------------------------------------------------------- */

static void complex_fields(const Type *t, FieldList *out) { add_times(out, type_real_part(t), 2); }

static void str_fields(const Type *t, FieldList *out) {
    (void)t;
    add(out, type_ptr); /* STR_DATA */
    add(out, type_i64); /* STR_LENGTH, in characters */
    add(out, type_i32); /* STR_KIND */
    add(out, type_ptr); /* STR_PARENT */
    add(out, type_ptr); /* STR_OWNER */
}

static void rng_fields(const Type *t, FieldList *out) {
    (void)t;
    add_times(out, type_ptr, 3); /* RNG_SOURCE, RNG_OWNER, RNG_OBJECT */
}

static void cfunction_fields(const Type *t, FieldList *out) {
    (void)t;
    add_times(out, type_ptr, 3); /* CFUNCTION_C, CFUNCTION_NATIVE, CFUNCTION_OBJECT */
}

static void array_fields(const Type *t, FieldList *out) {
    add_times(out, type_ptr, 3); /* ARRAY_DATA, ARRAY_OWNER, ARRAY_PARENT */
    add_times(out, type_i64, 2u * t->ndim);
}

static void record_fields(const Type *t, FieldList *out) {
    (void)t;
    add_times(out, type_ptr, 3); /* ARRAY_DATA, ARRAY_OWNER, ARRAY_PARENT */
}

static void optional_fields(const Type *t, FieldList *out) {
    add(out, type_bool);
    add(out, t->elem[0]);
}

static void choice_fields(const Type *t, FieldList *out) {
    add(out, type_i64);
    for (uint32_t i = 0; i < t->nelem; i++) add(out, t->elem[i]);
}

static void range_fields(const Type *t, FieldList *out) {
    add_times(out, t->elem[0], t->flags & TYPE_RANGE_UNIT ? 2 : 3);
}

static void slice_fields(const Type *t, FieldList *out) {
    (void)t; /* all of them always, so that slices with and without a step have one representation */
    add_times(out, type_i64, 4);
}

static void zip_fields(const Type *t, FieldList *out) {
    for (uint32_t i = 0; i < t->nelem; i++) add(out, t->elem[i]);
    if (t->flags & TYPE_ZIP_ENUMERATE) add(out, type_i64); /* ENUMERATE_START */
}

/* The elements of a C array are counted through; else a loop keeps the index along each axis. */
static uint32_t flat_axes(const Type *t) {
    if (type_is_array(t)) return t->layout == LAYOUT_C ? 0 : t->ndim;
    return t->nelem;
}

static void iter_fields(const Type *t, FieldList *out) {
    const Type *container = t->elem[0];
    if (container->kind == TYPE_RANGE) {
        add_times(out, container->elem[0], 2); /* ITER_CURRENT, then ITER_STOP or ITER_STEP */
        if (!(container->flags & TYPE_RANGE_UNIT)) add(out, type_i64); /* ITER_REMAINING */
    } else if (container->kind == TYPE_GENERATOR) {
        add(out, container); /* ITER_CONTAINER: the frame knows where it stands */
    } else if (container->kind == TYPE_ZIP) {
        if (container->flags & TYPE_ZIP_ENUMERATE) add(out, type_i64); /* ENUMERATE_COUNT */
        for (uint32_t i = 1; i < t->nelem; i++) add(out, t->elem[i]);
    } else {
        add(out, container);
        add(out, type_i64); /* ITER_INDEX */
        bool counts = type_is_table(container) || container->kind == TYPE_VIEW ||
                      (container->kind == TYPE_LIST && container->flags & TYPE_LIST_TYPED);
        if (counts) add(out, type_i64); /* ITER_COUNT */
        if (container->kind == TYPE_FLAT) add_times(out, type_i64, flat_axes(container->elem[0]));
    }
}

const KindRow kind_row[TYPE_KIND_COUNT] = {
    [TYPE_BOOL] = {KEY_BITS, SHAPE_LEAF, NULL},
    [TYPE_INT] = {KEY_BITS | KEY_SIGNED, SHAPE_LEAF, NULL},
    [TYPE_FLOAT] = {KEY_BITS, SHAPE_LEAF, NULL},
    [TYPE_COMPLEX] = {KEY_BITS, SHAPE_OWN, complex_fields},
    [TYPE_NONE] = {0, SHAPE_EMPTY, NULL},
    [TYPE_LITERAL] = {KEY_ELEMS | KEY_VALUE | KEY_TEXT, SHAPE_EMPTY, NULL},
    [TYPE_STR] = {0, SHAPE_OWN, str_fields},
    [TYPE_TUPLE] = {KEY_ELEMS, SHAPE_ELEMS, NULL},
    [TYPE_NAMEDTUPLE] = {KEY_HANDLE | KEY_ELEMS, SHAPE_ELEMS, NULL},
    [TYPE_STRDICT] = {KEY_ELEMS, SHAPE_ELEMS, NULL},
    [TYPE_ARRAY] = {KEY_ARRAY | KEY_ELEMS, SHAPE_OWN, array_fields},
    [TYPE_OPTIONAL] = {KEY_ELEMS, SHAPE_OWN, optional_fields},
    [TYPE_RANGE] = {KEY_FLAGS | KEY_ELEMS, SHAPE_OWN, range_fields},
    [TYPE_SLICE] = {KEY_FLAGS, SHAPE_OWN, slice_fields},
    [TYPE_ELLIPSIS] = {0, SHAPE_EMPTY, NULL},
    [TYPE_ITER] = {KEY_ELEMS, SHAPE_OWN, iter_fields},
    [TYPE_ZIP] = {KEY_FLAGS | KEY_ELEMS, SHAPE_OWN, zip_fields},
    [TYPE_DTYPE] = {KEY_ELEMS, SHAPE_EMPTY, NULL},
    [TYPE_OBJECT] = {KEY_HANDLE | KEY_TEXT, SHAPE_EMPTY, NULL},
    [TYPE_FUNCTION] = {KEY_HANDLE | KEY_TEXT, SHAPE_EMPTY, NULL},
    [TYPE_CLOSURE] = {KEY_VALUE | KEY_HANDLE | KEY_ELEMS, SHAPE_ELEMS, NULL},
    [TYPE_CHOICE] = {KEY_ELEMS, SHAPE_OWN, choice_fields},
    [TYPE_METHOD] = {KEY_ELEMS | KEY_TEXT, SHAPE_ELEMS, NULL},
    [TYPE_EXCEPTION] = {KEY_HANDLE | KEY_ELEMS, SHAPE_ELEMS, NULL},
    [TYPE_CAUGHT] = {0, SHAPE_BLOCK, NULL},
    [TYPE_OMITTED] = {KEY_HANDLE | KEY_ELEMS, SHAPE_EMPTY, NULL},
    [TYPE_FLAT] = {KEY_ELEMS, SHAPE_ELEMS, NULL},
    [TYPE_FLAGS] = {KEY_ELEMS, SHAPE_ELEMS, NULL},
    [TYPE_PYOBJECT] = {KEY_HANDLE | KEY_TEXT, SHAPE_BLOCK, NULL},
    [TYPE_GENERATOR] = {KEY_FLAGS | KEY_HANDLE | KEY_ELEMS, SHAPE_BLOCK, NULL},
    [TYPE_LIST] = {KEY_FLAGS | KEY_ELEMS | KEY_TEXT, SHAPE_BLOCK, NULL},
    [TYPE_RECORD] = {KEY_FLAGS | KEY_ELEMS | KEY_TEXT, SHAPE_OWN, record_fields},
    [TYPE_CHARSEQ] = {KEY_FLAGS | KEY_VALUE, SHAPE_EMPTY, NULL},
    [TYPE_NESTED] = {KEY_ELEMS | KEY_TEXT, SHAPE_EMPTY, NULL},
    [TYPE_BYTES] = {KEY_FLAGS, SHAPE_OWN, str_fields},
    [TYPE_DATETIME] = {KEY_BITS | KEY_FLAGS, SHAPE_LEAF, NULL},
    [TYPE_TIMEDELTA] = {KEY_BITS | KEY_FLAGS, SHAPE_LEAF, NULL},
    [TYPE_INSTANCE] = {KEY_HANDLE | KEY_TEXT, SHAPE_BLOCK, NULL},
    [TYPE_DEFERRED] = {KEY_HANDLE, SHAPE_EMPTY, NULL},
    [TYPE_ENUM] = {KEY_HANDLE | KEY_ELEMS, SHAPE_LEAF, NULL},
    [TYPE_SET] = {KEY_FLAGS | KEY_ELEMS, SHAPE_BLOCK, NULL},
    [TYPE_DICT] = {KEY_FLAGS | KEY_ELEMS | KEY_TEXT, SHAPE_BLOCK, NULL},
    [TYPE_VIEW] = {KEY_FLAGS | KEY_ELEMS, SHAPE_ELEMS, NULL},
    [TYPE_RNG] = {KEY_FLAGS, SHAPE_OWN, rng_fields},
    [TYPE_CPOINTER] = {KEY_ELEMS, SHAPE_LEAF, NULL},
    [TYPE_CFUNCTION] = {KEY_ELEMS, SHAPE_OWN, cfunction_fields},
    [TYPE_CTYPES] = {KEY_ELEMS, SHAPE_ELEMS, NULL},
    [TYPE_USER] = {KEY_HANDLE | KEY_TEXT | KEY_ELEMS, SHAPE_ELEMS, NULL},
    [TYPE_VECTOR] = {KEY_BITS | KEY_ELEMS, SHAPE_LEAF, NULL},
    [TYPE_PTR] = {0, SHAPE_LEAF, NULL},
    [TYPE_UNDEFINED] = {0, SHAPE_EMPTY, NULL},
};

void type_set_fields(Arena *a, Type *t) {
    const KindRow *row = &kind_row[t->kind];
    if (row->shape == SHAPE_ELEMS) {
        t->field = t->elem;
        t->nfields = t->nelem;
    } else if (row->shape == SHAPE_OWN) {
        FieldList list = {0};
        row->fields(t, &list);
        list = (FieldList){arena_array(a, const Type *, list.n), 0, list.n};
        row->fields(t, &list);
        t->field = list.at;
        t->nfields = list.n;
    }
    t->nleaves = row->shape == SHAPE_LEAF || row->shape == SHAPE_BLOCK;
    for (uint32_t i = 0; i < t->nfields; i++) t->nleaves += t->field[i]->nleaves;
}

/* ---- questions ------------------------------------------------------------------------------------------------ */

bool type_is_uniform_tuple(const Type *t) {
    if (!type_is_tuple(t) || t->nelem == 0) return false;
    for (uint32_t i = 1; i < t->nelem; i++)
        if (t->elem[i] != t->elem[0]) return false;
    return true;
}

const Type *type_base(const Type *t) {
    while (t->kind == TYPE_LITERAL || t->kind == TYPE_OMITTED || (t->kind == TYPE_ENUM && t->nelem))
        t = t->elem[0];
    return t;
}

static bool passes_by_c(const Type *t) {
    return t->kind == TYPE_NONE || type_is_time(t) ||
           (type_is_number(t) && !(t->kind == TYPE_FLOAT && t->bits == 16)) || type_is_address(t) ||
           t->kind == TYPE_CFUNCTION;
}

bool type_has_c_convention(const Type *function) {
    const Type *result = type_cfunction_result(function);
    if (!passes_by_c(result)) return false;
    for (uint32_t i = 1; i < function->nelem; i++)
        if (!passes_by_c(function->elem[i])) return false;
    return true;
}

int32_t type_owner_field(const Type *t) {
    switch (t->kind) {
    case TYPE_ARRAY:
    case TYPE_RECORD: return ARRAY_OWNER;
    case TYPE_STR:
    case TYPE_BYTES: return STR_OWNER;
    case TYPE_RNG: return RNG_OWNER;
    default: return -1;
    }
}

/* Reads the simple types, not the table: also called while a complex type is being interned. */
const Type *type_real_part(const Type *c) {
    if (c->kind != TYPE_COMPLEX) return c;
    return c->bits == 64 ? type_f32 : type_f64;
}

unsigned type_itemsize(const Type *scalar) {
    if (type_is_storage(scalar)) return storage_itemsize(scalar);
    return scalar->kind == TYPE_BOOL ? 1 : type_is_address(scalar) ? sizeof(void *) : scalar->bits / 8u;
}

bool type_int_fits(const Type *integer, int64_t value) {
    if (integer->kind == TYPE_BOOL) return value == 0 || value == 1;
    if (integer->bits == 64) return integer->is_signed || value >= 0;
    int64_t limit = INT64_C(1) << (integer->bits - integer->is_signed);
    return value < limit && value >= (integer->is_signed ? -limit : 0);
}

bool type_is_block(const Type *t) { return kind_row[t->kind].shape == SHAPE_BLOCK; }

/* The owner field of an array or a string counts; whatever contains one contains its reference.  But a loop's state
 * borrows: a count per item of `for x in a` would cost more than the body, and keep it from being vectorised. */
bool type_is_managed(const Type *t) {
    if (t->kind == TYPE_GENERATOR) return !(t->flags & TYPE_GENERATOR_STACK);
    if (type_owner_field(t) >= 0 || type_is_block(t)) return true;
    if (t->kind == TYPE_ITER) return false;
    for (uint32_t i = 0; i < t->nfields; i++)
        if (type_is_managed(t->field[i])) return true;
    return false;
}

static uint32_t owners(const Type *t, uint32_t first, uint32_t n, uint32_t *leaf) {
    if (!type_is_managed(t)) return n;
    int32_t owner = type_owner_field(t);
    if (owner >= 0 || t->nfields == 0) {
        if (leaf) leaf[n] = first + (owner >= 0 ? (uint32_t)owner : 0);
        return n + 1;
    }
    for (uint32_t i = 0; i < t->nfields; first += t->field[i++]->nleaves)
        n = owners(t->field[i], first, n, leaf);
    return n;
}

uint32_t type_owners(const Type *t, uint32_t *leaf) { return owners(t, 0, 0, leaf); }

/* ---- cells ---------------------------------------------------------------------------------------------------- */

bool type_fits_cell(const Type *t) {
    return t->kind != TYPE_ITER && (!type_is_managed(t) || t->nleaves <= 64);
}

int64_t type_cell_nbytes(const Type *t) {
    return type_is_scalar(t) ? type_itemsize(t) : 8 * (int64_t)t->nleaves;
}

uint64_t type_cell_managed(const Type *t) {
    if (!type_is_managed(t)) return 0;
    if (type_is_block(t)) return 1;
    uint64_t map = 0;
    uint32_t slot = 0;
    for (uint32_t i = 0; i < t->nfields; slot += t->field[i++]->nleaves) {
        bool owner = (int32_t)i == type_owner_field(t);
        map |= (owner ? 1 : type_cell_managed(t->field[i])) << slot;
    }
    return map;
}

static int64_t cell_align(const Type *t) {
    int64_t nbytes = type_cell_nbytes(t);
    if (!type_is_number(t)) return 8;
    return t->kind == TYPE_COMPLEX ? nbytes / 2 : nbytes;
}

static int64_t align_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

bool type_is_hashable(const Type *t) {
    t = type_base(t);
    if (type_is_tuple(t)) {
        for (uint32_t i = 0; i < t->nelem; i++)
            if (!type_is_hashable(t->elem[i])) return false;
        return true;
    }
    if (t->kind == TYPE_SET) return t->flags & TYPE_TABLE_FROZEN && type_is_hashable(t->elem[0]);
    return type_is_scalar(t) || t->kind == TYPE_STR || t->kind == TYPE_NONE || t->kind == TYPE_ENUM ||
           t == type_bytes;
}

void type_table_layout(const Type *t, int64_t layout[4]) {
    const Type *key = t->elem[0], *value = t->kind == TYPE_DICT ? t->elem[1] : NULL;
    int64_t end = type_cell_nbytes(key), align = cell_align(key), at = end;
    if (value) {
        at = align_up(end, cell_align(value));
        end = at + type_cell_nbytes(value);
        if (cell_align(value) > align) align = cell_align(value);
    }
    layout[0] = align_up(end, align);
    layout[1] = at;
    layout[2] = (int64_t)type_cell_managed(key);
    layout[3] = value ? (int64_t)type_cell_managed(value) : 0;
}
