/* library/index.h - private to library/: what an index expression selects, as far as types tell. */
#ifndef NAJA_LIBRARY_INDEX_H
#define NAJA_LIBRARY_INDEX_H

#include "library/arrays.h"

typedef enum { INDEX_INT, INDEX_SLICE, INDEX_FULL, INDEX_NEW } IndexKind;
typedef struct {
    IndexKind kind;
    const Type *type;    /* INT, SLICE */
    int32_t component;   /* of the tuple; -1: the index itself */
} IndexItem;

/* Items in order; FULL ones stand for `...` and for the axes that are not mentioned. */
typedef struct {
    IndexItem item[2 * ARRAY_MAX_NDIM];
    uint32_t n, ndim;    /* ndim: axes of what is selected */
    bool is_element;     /* all integers, and no ellipsis: a scalar */
} IndexPlan;

typedef enum { PLAN_OK, PLAN_OTHER /* no basic index: arrays and the like */, PLAN_WRONG /* *why says it */ } PlanResult;
PlanResult index_plan(Arena *a, const Type *array, const Type *index, IndexPlan *plan, const char **why);
/* The type of the view that a plan selects. */
const Type *index_view_type(const Type *array, const IndexPlan *plan);
/* Address, extents and strides of what is selected; raises IndexError unless `flags` (InstFlags) say it cannot be. */
View index_select(Lower *l, const View *array, const IndexPlan *plan, const Type *index_type, ValueId index, uint32_t flags);

/* What a slice selects of a sequence of n items: the first one, how many, and the distance between them. */
typedef struct {
    ValueId start, length, step;
} SliceRange;
SliceRange slice_range(Lower *l, ValueId slice, const Type *t, ValueId n);

#endif
