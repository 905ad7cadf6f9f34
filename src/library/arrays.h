/* library/arrays.h - private to library/: looking at arrays without owning them, and the loops over them.
 *
 * A View is an array taken apart: address, extents and strides as lowered values, with what is known of its
 * layout at compile time.  Views own nothing; view_to_array() makes an array value of one.
 */
#ifndef NAJA_LIBRARY_ARRAYS_H
#define NAJA_LIBRARY_ARRAYS_H

#include "library/library.h"

enum { ARRAY_MAX_NDIM = 32 };

typedef struct {
    const Type *dtype;
    uint32_t ndim;
    Layout layout;           /* C and F: contiguous, known at compile time */
    ValueId data;
    ValueId *shape, *stride; /* ndim of each, in the arena; strides in bytes */
} View;

/* ---- arrays.c ---------------------------------------------------------------------------------------------------- */

View view_of(Lower *l, ValueId array, const Type *t);
View view_new(Lower *l, const Type *dtype, uint32_t ndim, Layout layout); /* fields not filled in */
void view_fill_strides(Lower *l, View *v);                               /* from shape, in its layout (C for A) */
ValueId view_size(Lower *l, const View *v);
ValueId view_element(Lower *l, const View *v, const ValueId *index);     /* address */
/* An array of this type over the view's memory.  It shares the owner of `base` (one more reference), or owns
 * nothing when base is NO_VALUE. */
ValueId view_to_array(Lower *l, const View *v, const Type *t, ValueId base, const Type *base_type);

ValueId lower_null(Lower *l);
ValueId lower_int_to_i64(Lower *l, ValueId v, const Type *t);            /* any int, bool or literal of one */
ValueId lower_ptr_offset(Lower *l, ValueId ptr, ValueId index, ValueId stride);
ValueId lower_shape_pointer(Lower *l, uint32_t n, const ValueId *value); /* n int64 in a stack buffer */
/* Fresh memory for an array whose extents are already known to be good. */
ValueId array_new_unchecked(Lower *l, const Type *t, const ValueId *shape, bool zeroed);
void check_shape(Lower *l, const Type *dtype, uint32_t n, const ValueId *shape); /* ValueError: negative, too big */
/* IndexError unless a mask fits an axis of the array: the same extent, or 0, which selects nothing of any axis. */
void check_mask_axis(Lower *l, uint32_t axis, ValueId extent, ValueId mask_extent);
void lower_incref(Lower *l, ValueId v);
/* Of the result of a row with LIB_LENDS, if it is managed: nothing when the value borrows from its operand. */
void lower_incref_part(Lower *l, ValueId v);
void lower_decref(Lower *l, ValueId v);
const char *lower_text(Lower *l, const char *fmt, ...) PRINTF_LIKE(2, 3); /* in the arena */
/* "(%d,%d)" for messages; "(%d,)" for one. */
void shape_format(StrBuf *out, uint32_t ndim);

/* Type helpers. */
int64_t dtype_code(const Type *t); /* DType of runtime/arrays.h */
const Type *array_type_like(const Type *t, const Type *dtype, uint32_t ndim, Layout layout); /* writable, aligned */
static inline bool is_scalar(const Type *t) { return type_is_scalar(type_base(t)); }
static inline bool is_integer_like(const Type *t) {
    return type_base(t)->kind == TYPE_INT;
}
/* The scalar type of an operand of an elementwise operation: an array's dtype, a number's own; NULL: neither. */
const Type *element_type(const Type *t);
/* Python scalars do not take part in promotion (NEP 50). */
bool is_weak(const Type *t);

/* What operand i of a ufunc is converted to: times may have a type each. */
static inline const Type *ufunc_operand(const Type *compute, uint32_t i) {
    return compute->kind == TYPE_TUPLE ? compute->elem[i] : compute;
}

/* ---- loops over several axes ------------------------------------------------------------------------------------- */

typedef struct {
    uint32_t n;
    LowerLoop loop[ARRAY_MAX_NDIM];
    ValueId index[ARRAY_MAX_NDIM];
} Nest;
/* Opens loops over shape[0..n), the first outermost; body; nest_end. */
void nest_begin(Lower *l, Nest *nest, uint32_t n, const ValueId *shape);
void nest_end(Lower *l, Nest *nest);

/* Whether work on long arrays goes to the thread pool here; `serial`: the bit of parallel={...} that says no. */
bool lower_goes_parallel(const Lower *l, uint8_t serial);

/* ---- maps.c -------------------------------------------------------------------------------------------------------- */

typedef struct {
    const Type *type; /* of an array or scalar */
    ValueId value;
} MapInput;

/* Evaluates the body, broadcast to dst's shape, into dst.  The inputs may overlap dst.  A shape that does not fit
 * raises ValueError with the words of an assignment, or those of an operator's output. */
typedef enum { STORE_ASSIGN, STORE_OUT, STORE_LOOP /* of a generalized ufunc */ } StoreWords;
void map_store(Lower *l, const MapBody *body, uint32_t n, const MapInput *input, const View *dst, StoreWords words);
/* The same into memory that nothing overlaps and whose shape is known to be the broadcast one. */
void map_store_fresh(Lower *l, const MapBody *body, uint32_t n, const MapInput *input, const View *dst);
/* The result as a new array of this type. */
ValueId map_new_array(Lower *l, const MapBody *body, uint32_t n, const MapInput *input, const Type *result);
/* The expression in pieces, for consumers that take the elements block by block in memory order. */
typedef struct MapLoop MapLoop;
typedef struct {
    MapLoop *map;
    const Type *element;  /* of the results */
    ValueId size;         /* number of elements */
    ValueId condition;    /* when the pieces can be used; NO_VALUE: always */
} MapBlocks;
/* False: the operands do not allow it (several axes, not contiguous), or there are no axes. */
bool map_blocks(Lower *l, const MapBody *body, uint32_t n, const MapInput *input, MapBlocks *out);
/* Elements first .. first + count - 1 into a buffer. */
void map_block(Lower *l, MapBlocks *blocks, ValueId first, ValueId count, ValueId buffer);
/* Bytes from src to dst, of equal shapes and element types, that do not overlap. */
void view_copy_same(Lower *l, const View *dst, const View *src);
/* dst[...] = value (array or scalar), with conversion. */
void view_assign(Lower *l, const View *dst, const Type *type, ValueId value, StoreWords words);
void view_assign_fresh(Lower *l, const View *dst, const Type *type, ValueId value);
/* Appends nodes; each gives the node's number. */
uint16_t map_leaf(Arena *a, MapBody *body, uint32_t operand, const Type *element);
uint16_t map_node(Arena *a, MapBody *body, const Ufunc *u, const Type *compute, const Type *type, uint16_t x, uint16_t y,
                  uint16_t z);
extern const Ufunc map_convert; /* one operand, converted to the computing type */
extern const Ufunc map_select;  /* where(c, x, y) */
MapBody *map_identity_body(Arena *a, const Type *element, const Type *to);
/* Type rule and emitter of the rows of ufuncs on arrays (LIB_UFUNC, the data is the Ufunc). */
const Type *map_type_ufunc(Call *c);
ValueId map_emit(Lower *l, Call *c);
/* The type of a new array (or scalar) that holds an elementwise result over these operands. */
const Type *map_result_type(uint32_t n, const Type *const *operand, const Type *dtype);

#endif
