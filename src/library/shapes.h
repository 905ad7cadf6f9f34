/* library/shapes.h - private to library/: shape and axis arguments of array functions. */
#ifndef NAJA_LIBRARY_SHAPES_H
#define NAJA_LIBRARY_SHAPES_H

#include "library/arrays.h"

/* A shape argument: an integer, or a tuple of integers (also wrapped in the tuple that *args collects). */
typedef struct {
    uint32_t ndim;
    const Type *type[ARRAY_MAX_NDIM];
} ShapeTypes;
bool shape_types(const Type *t, bool is_star, ShapeTypes *out);
/* The extents as int64 values, `value` being the argument of the type that shape_types accepted. */
void shape_values(Lower *l, const Type *t, bool is_star, ValueId value, ValueId *out);

/* An axis known at compile time, negative ones counted from the end.  False: reported or declined (see *result). */
bool axis_literal(Call *c, uint32_t param, uint32_t ndim, uint32_t *axis);
/* An axis argument that may also be an integer of the run. */
typedef struct {
    bool known;
    uint32_t axis; /* when known */
} AxisArg;
bool axis_argument(Call *c, uint32_t param, uint32_t ndim, AxisArg *out);
/* NumPy's ufuncs, argmax and scans take axis 0 or -1 of an array without axes for no axis at all. */
bool axis_of_number(const Call *c, uint32_t param, uint32_t ndim);
/* Its number, counted from the front; AxisError when it is out of bounds. */
ValueId axis_value(Lower *l, Call *c, uint32_t param, const AxisArg *a, uint32_t ndim);
/* value[number] of n >= 1 values, `number` being one of the run. */
ValueId pick_value(Lower *l, uint32_t n, const ValueId *value, ValueId number);
/* The view with axis `from` moved to place `to`, both numbers of the run. */
View view_move_axis(Lower *l, const View *a, ValueId from, ValueId to);
/* The view with one more axis, of extent 1, at place `at`. */
View view_insert_axis(Lower *l, const View *a, ValueId at);
/* A set of axes, None (all), an int or a tuple of ints, as a bit mask. */
bool axes_literal(Call *c, uint32_t param, uint32_t ndim, uint32_t *mask);
/* A tuple of ints, or the ints of *args, as numbers; n receives the count.  False: not literal ints. */
bool literal_ints(const Type *t, bool is_star, uint32_t *n, int64_t *out);

#endif
