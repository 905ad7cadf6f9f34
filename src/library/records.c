/* records.c - arrays whose elements are no numbers: structured dtypes, and strings of fixed length.
 *
 * A record is a place in memory: reading a field loads it, writing a field stores it, and `a[i]` copies nothing.  It
 * shares the owner of what it looks into; where it is only used at once (INST_BORROWED) it has no reference of its own,
 * so that `a[i].x` in a loop is one load.  A string in an array is made a str or bytes when it is read, since Python's
 * are immutable; an array inside a record is a view.
 *
 * These rows stand in front of those of arrays of numbers, which are never asked about such arrays (LIB_STORAGE).
 */
#include "library/records.h"

#include "library/index.h"
#include "library/lower.h"
#include "library/texts.h"

/* ---- types ------------------------------------------------------------------------------------------------------ */

bool is_storage_array(const Type *t) { return t && type_is_array(t) && type_is_storage(type_dtype_of(t)); }

static bool is_unicode(const Type *charseq) { return charseq->flags & TYPE_CHARSEQ_UNICODE; }

/* An honest answer matters to loops that assume alignment. */
static bool field_aligned(const Type *record, const Type *element) {
    bool bytewise = (element->kind == TYPE_RECORD && !(element->flags & TYPE_RECORD_ALIGNED)) ||
                    type_itemsize(element) == 1 || (element->kind == TYPE_CHARSEQ && !is_unicode(element));
    return record->flags & TYPE_RECORD_ALIGNED || bytewise;
}

/* What reading an element or field gives; `aligned`: for arrays in it. */
static const Type *value_type_of(const Type *t, bool readonly, bool aligned) {
    switch (t->kind) {
    case TYPE_RECORD: return type_record_readonly(t, readonly);
    case TYPE_CHARSEQ: return is_unicode(t) ? type_str : type_bytes;
    case TYPE_NESTED: return type_array(t->elem[0], type_nested_shape(t, NULL), LAYOUT_C, readonly, aligned);
    default: return t;
    }
}

const Type *array_item_type(const Type *array) {
    return value_type_of(type_dtype_of(array), array->readonly, array->aligned);
}

static const Type *field_value_type(const Type *record, uint32_t i) {
    return value_type_of(record->elem[i], record->flags & TYPE_RECORD_READONLY,
                         field_aligned(record, record->elem[i]));
}

static bool is_same_record(const Type *a, const Type *b) {
    return a->kind == TYPE_RECORD && b->kind == TYPE_RECORD &&
           type_record_readonly(a, true) == type_record_readonly(b, true);
}

/* Whether a value of type `from` can be stored in an element or field of type `to`. */
static bool accepts(const Type *to, const Type *from) {
    const Type *base = type_base(from);
    if (type_is_number(to))
        return type_is_number(base) && (base->kind != TYPE_COMPLEX || to->kind == TYPE_COMPLEX);
    if (type_is_time(to)) return base == to;
    if (to->kind == TYPE_CHARSEQ)
        return base->kind == TYPE_STR || (base->kind == TYPE_BYTES && !is_unicode(to));
    if (to->kind == TYPE_NESTED) {
        if (type_is_number(to->elem[0]))
            return accepts(to->elem[0], from) || (type_is_array(from) && type_is_number(type_dtype_of(from)));
        return is_storage_array(from) && type_dtype_of(from) == to->elem[0] &&
               from->ndim <= type_nested_shape(to, NULL);
    }
    if (!type_is_tuple(from)) return is_same_record(to, from);
    bool ok = from->nelem == to->nelem;
    for (uint32_t i = 0; ok && i < to->nelem; i++) ok = accepts(to->elem[i], from->elem[i]);
    return ok;
}

/* ---- reading and writing ------------------------------------------------------------------------------------------ */

/* A value that looks into what `base` owns: a new reference, unless it is only lent. */
static ValueId shared(Lower *l, ValueId v, bool borrowed) {
    if (!borrowed) lower_incref(l, v);
    return v;
}

static ValueId make_record(Lower *l, const Type *t, ValueId address, ValueId owner, bool borrowed) {
    return shared(l, ir_make(&l->b, t, 3, (ValueId[]){address, owner, lower_null(l)}), borrowed);
}

static View nested_view(Lower *l, const Type *nested, ValueId address) {
    int64_t shape[ARRAY_MAX_NDIM * 2];
    uint32_t ndim = type_nested_shape(nested, shape);
    View v = view_new(l, nested->elem[0], ndim, LAYOUT_C);
    v.data = address;
    for (uint32_t i = 0; i < ndim; i++) v.shape[i] = lower_i64(l, shape[i]);
    view_fill_strides(l, &v);
    return v;
}

static ValueId view_with_owner(Lower *l, const View *v, const Type *t, ValueId owner) {
    ValueId field[ARRAY_SHAPE + 2 * ARRAY_MAX_NDIM] = {v->data, owner, lower_null(l)};
    for (uint32_t i = 0; i < v->ndim; i++) {
        field[array_shape(t, i)] = v->shape[i];
        field[array_stride(t, i)] = v->stride[i];
    }
    return shared(l, ir_make(&l->b, t, ARRAY_SHAPE + 2 * v->ndim, field), false);
}

static ValueId read_chars(Lower *l, const Type *t, ValueId address) {
    ValueId args[] = {address, lower_i64(l, t->value), lower_i64(l, is_unicode(t) ? 4 : 1)};
    return text_call(l, NATIVE_charseq_read, is_unicode(t) ? type_str : type_bytes, 0, 3, args);
}

/* The value at an address whose storage has type t; `result` is what value_type_of said. */
static ValueId read_storage(Lower *l, const Type *t, const Type *result, ValueId address, ValueId owner,
                            bool borrowed) {
    switch (t->kind) {
    case TYPE_RECORD: return make_record(l, result, address, owner, borrowed);
    case TYPE_CHARSEQ: return read_chars(l, t, address);
    case TYPE_NESTED: {
        View v = nested_view(l, t, address);
        return view_with_owner(l, &v, result, owner);
    }
    default: return lower_load_element(l, t, address);
    }
}

static bool is_borrowed(Lower *l, const Type *result) {
    return result->kind == TYPE_RECORD && l->call && l->call->site && l->call->site->flags & INST_BORROWED &&
           l->call->site->type == result;
}

ValueId array_item_load(Lower *l, const Type *array, ValueId container, ValueId address) {
    const Type *dtype = type_dtype_of(array), *item = array_item_type(array);
    if (!type_is_storage(dtype)) return lower_load_element(l, dtype, address);
    return read_storage(l, dtype, item, address, lower_field(l, container, ARRAY_OWNER),
                        is_borrowed(l, item));
}

static void copy_bytes(Lower *l, ValueId to, ValueId from, int64_t nbytes) {
    ir_native(&l->b, NATIVE_memmove, type_ptr, 3, (ValueId[]){to, from, lower_i64(l, nbytes)});
}

static void write_chars(Lower *l, const Type *t, ValueId address, ValueId value, const Type *from) {
    ValueId text = from->kind == TYPE_LITERAL ? lower_string(l, from->text) : value;
    if (type_base(from)->kind == TYPE_BYTES) text = bytes_as_text(l, value);
    ValueId args[] = {address, lower_i64(l, t->value), lower_i64(l, is_unicode(t) ? 4 : 1),
                      text_address(l, text)};
    text_call(l, NATIVE_charseq_write, type_str, ERROR_VALUE, 4, args);
}

static void write_storage(Lower *l, const Type *t, ValueId address, ValueId value, const Type *from);

static void write_tuple(Lower *l, const Type *t, ValueId address, ValueId tuple, const Type *from) {
    for (uint32_t i = 0; i < t->nelem; i++) {
        ValueId item = from->elem[i]->nleaves ? lower_field(l, tuple, i) : NO_VALUE;
        ValueId at = ir_ptr_add(&l->b, address, lower_i64(l, type_record_field(t, i).offset));
        write_storage(l, t->elem[i], at, item, from->elem[i]);
    }
}

/* Converts and stores; accepts() has said yes. */
static void write_storage(Lower *l, const Type *t, ValueId address, ValueId value, const Type *from) {
    switch (t->kind) {
    case TYPE_RECORD:
        if (type_is_tuple(from)) write_tuple(l, t, address, value, from);
        else copy_bytes(l, address, lower_field(l, value, ARRAY_DATA), type_itemsize(t));
        return;
    case TYPE_CHARSEQ: write_chars(l, t, address, value, from); return;
    case TYPE_NESTED: {
        View v = nested_view(l, t, address);
        if (is_storage_array(from)) storage_assign(l, &v, value, from);
        else view_assign(l, &v, from, value, STORE_ASSIGN);
        return;
    }
    default: lower_store_element(l, t, address, lower_cast(l, value, from, t));
    }
}

/* ---- whole arrays ------------------------------------------------------------------------------------------------ */

static ValueId extents_pointer(Lower *l, uint32_t n, const ValueId *value) {
    return lower_shape_pointer(l, n, value);
}

/* dst and src have the same shape and do not overlap. */
static void copy_view(Lower *l, const View *dst, const View *src) {
    ValueId args[] = {dst->data,
                      src->data,
                      lower_i64(l, dst->ndim),
                      extents_pointer(l, dst->ndim, dst->shape),
                      extents_pointer(l, dst->ndim, dst->stride),
                      extents_pointer(l, src->ndim, src->stride),
                      lower_i64(l, type_itemsize(dst->dtype))};
    ir_native(&l->b, NATIVE_copy_strided, NULL, ARRAY_LEN(args), args);
}

static ValueId copy_array(Lower *l, ValueId array, const Type *t, const Type *result) {
    View from = view_of(l, array, t);
    ValueId made = array_new_unchecked(l, result, from.shape, false);
    View to = view_of(l, made, result);
    copy_view(l, &to, &from);
    return made;
}

static const Type *copied_type(const Type *t) {
    return type_array(type_dtype_of(t), t->ndim, t->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C, false, true);
}

/* src as it looks in the shape of dst, which has as many axes at least. */
static View broadcast_view(Lower *l, const View *src, const View *dst) {
    View v = view_new(l, src->dtype, dst->ndim, LAYOUT_A);
    uint32_t lead = dst->ndim - src->ndim;
    ValueId zero = lower_i64(l, 0), one = lower_i64(l, 1);
    v.data = src->data;
    for (uint32_t i = 0; i < dst->ndim; i++) {
        v.shape[i] = dst->shape[i];
        v.stride[i] = zero;
        if (i < lead) continue;
        ValueId extent = src->shape[i - lead], differ = ir_icmp(&l->b, PRED_NE, extent, dst->shape[i]);
        ValueId bad = lower_and(l, differ, ir_icmp(&l->b, PRED_NE, extent, one));
        lower_raise_if(l, bad, "ValueError",
                       "could not broadcast input array from shape (%d) into shape (%d)", 2,
                       (ValueId[]){extent, dst->shape[i]});
        v.stride[i] = ir_select(&l->b, differ, zero, src->stride[i - lead]);
    }
    return v;
}

/* The copy in between serves arrays that overlap. */
void storage_assign(Lower *l, const View *dst, ValueId array, const Type *t) {
    View src = view_of(l, array, t);
    broadcast_view(l, &src, dst); /* raises before there is a copy */
    const Type *copy_type = copied_type(t);
    ValueId copy = copy_array(l, array, t, copy_type);
    View made = view_of(l, copy, copy_type);
    src = broadcast_view(l, &made, dst);
    copy_view(l, dst, &src);
    lower_decref(l, copy);
}

static void assign_each(Lower *l, const View *dst, ValueId value, const Type *from) {
    Nest nest;
    nest_begin(l, &nest, dst->ndim, dst->shape);
    write_storage(l, dst->dtype, view_element(l, dst, nest.index), value, from);
    nest_end(l, &nest);
}

static bool accepts_part(const Type *dtype, uint32_t ndim, const Type *from) {
    if (is_storage_array(from)) return type_dtype_of(from) == dtype && from->ndim <= ndim;
    return !type_is_array(from) && accepts(dtype, from);
}

static void assign_part(Lower *l, const View *dst, ValueId value, const Type *from) {
    if (is_storage_array(from)) storage_assign(l, dst, value, from);
    else assign_each(l, dst, value, from);
}

/* ---- fields ------------------------------------------------------------------------------------------------------- */

/* The field that an operation is about: of the name or number known at compile time, or the attribute's; -1: none. */
static int32_t field_of(const Call *c, const Type *record, uint32_t param) {
    const char *name = c->row->data ? c->site->imm.name : call_literal_str(c, param);
    int64_t i;
    if (name) return type_record_find(record, name);
    if (c->row->data || !call_literal_int(c, param, &i) || type_is_array(c->type[0])) return -1;
    i += i < 0 ? record->nelem : 0;
    return i >= 0 && i < record->nelem ? (int32_t)i : -1;
}

static const Type *no_field(Call *c, const Type *record, uint32_t param) {
    const char *name = call_literal_str(c, param), *known = "";
    int64_t index;
    if (c->row->data) return call_decline(c);
    if (!name && !type_is_array(c->type[0]) && call_literal_int(c, param, &index))
        return call_error(c, DIAG_BAD_INDEX, "Requested index %lld is out of range: the record has %u fields",
                          (long long)index, record->nelem);
    if (!name) return call_decline(c);
    for (uint32_t i = 0; i < record->nelem; i++) {
        RecordField f = type_record_field(record, i);
        known = arena_printf(&c->unit->arena, "%s%s'%.*s'", known, i ? ", " : "", (int)f.length, f.name);
    }
    return call_error(c, DIAG_NO_ATTRIBUTE, "Field '%s' was not found in record with fields (%s)", name,
                      known);
}

static const Type *type_field(Call *c) {
    const Type *t = c->type[0];
    if (t->kind != TYPE_RECORD) return call_decline(c);
    int32_t i = field_of(c, t, 1);
    return i < 0 ? no_field(c, t, 1) : field_value_type(t, (uint32_t)i);
}

static ValueId field_address(Lower *l, ValueId base, const Type *record, uint32_t i) {
    return ir_ptr_add(&l->b, base, lower_i64(l, type_record_field(record, i).offset));
}

static ValueId emit_field(Lower *l, Call *c) {
    const Type *t = c->type[0];
    uint32_t i = (uint32_t)field_of(c, t, 1);
    ValueId address = field_address(l, lower_field(l, c->value[0], ARRAY_DATA), t, i);
    return read_storage(l, t->elem[i], c->result, address, lower_field(l, c->value[0], ARRAY_OWNER),
                        is_borrowed(l, c->result));
}

static const Type *type_set_field(Call *c) {
    const Type *t = c->type[0];
    uint32_t value = c->nargs - 1;
    if (t->kind != TYPE_RECORD) return call_decline(c);
    int32_t i = field_of(c, t, 1);
    if (i < 0) return no_field(c, t, 1);
    if (t->flags & TYPE_RECORD_READONLY)
        return call_error(c, DIAG_READONLY,
                          "Cannot modify readonly array of type: %s (assignment destination is read-only)",
                          t->name);
    if (!accepts(t->elem[i], c->type[value]))
        return call_error(c, DIAG_NO_IMPLEMENTATION, "cannot assign %s to a field of type %s",
                          c->type[value]->name, t->elem[i]->name);
    return type_none;
}

static ValueId emit_set_field(Lower *l, Call *c) {
    const Type *t = c->type[0];
    uint32_t i = (uint32_t)field_of(c, t, 1), value = c->nargs - 1;
    ValueId address = field_address(l, lower_field(l, c->value[0], ARRAY_DATA), t, i);
    write_storage(l, t->elem[i], address, c->value[value], c->type[value]);
    return NO_VALUE;
}

static const Type *record_of_array(const Type *t) {
    return is_storage_array(t) && type_dtype_of(t)->kind == TYPE_RECORD ? type_dtype_of(t) : NULL;
}

/* a["x"], a.x: the field of all elements, a view; an array in each adds its axes behind. */
static const Type *field_array_type(const Type *array, uint32_t i) {
    const Type *record = type_dtype_of(array), *f = record->elem[i];
    uint32_t ndim = array->ndim;
    if (f->kind == TYPE_NESTED) {
        ndim += type_nested_shape(f, NULL);
        f = f->elem[0];
    }
    return type_array(f, ndim, LAYOUT_A, array->readonly, field_aligned(record, f));
}

static View field_view(Lower *l, ValueId array, const Type *t, uint32_t i, const Type *result) {
    const Type *f = type_dtype_of(t)->elem[i];
    View a = view_of(l, array, t), v = view_new(l, type_dtype_of(result), result->ndim, LAYOUT_A);
    v.data = field_address(l, a.data, type_dtype_of(t), i);
    for (uint32_t k = 0; k < t->ndim; k++) {
        v.shape[k] = a.shape[k];
        v.stride[k] = a.stride[k];
    }
    if (f->kind != TYPE_NESTED) return v;
    View inner = nested_view(l, f, v.data);
    for (uint32_t k = 0; k < inner.ndim; k++) {
        v.shape[t->ndim + k] = inner.shape[k];
        v.stride[t->ndim + k] = inner.stride[k];
    }
    return v;
}

static const Type *type_field_array(Call *c) {
    const Type *record = record_of_array(c->type[0]);
    if (!record) return call_decline(c);
    int32_t i = field_of(c, record, 1);
    return i < 0 ? no_field(c, record, 1) : field_array_type(c->type[0], (uint32_t)i);
}

static ValueId emit_field_array(Lower *l, Call *c) {
    uint32_t i = (uint32_t)field_of(c, type_dtype_of(c->type[0]), 1);
    View v = field_view(l, c->value[0], c->type[0], i, c->result);
    return view_with_owner(l, &v, c->result, lower_field(l, c->value[0], ARRAY_OWNER));
}

static const Type *type_set_field_array(Call *c) {
    const Type *record = record_of_array(c->type[0]), *from = c->type[c->nargs - 1];
    if (!record) return call_decline(c);
    int32_t i = field_of(c, record, 1);
    if (i < 0) return no_field(c, record, 1);
    if (c->type[0]->readonly)
        return call_error(c, DIAG_READONLY,
                          "Cannot modify readonly array of type: %s (assignment destination is read-only)",
                          c->type[0]->name);
    const Type *to = field_array_type(c->type[0], (uint32_t)i);
    bool numbers = !is_storage_array(to);
    if (numbers ? element_type(from) != NULL && (type_is_array(from) || accepts(type_dtype_of(to), from))
                : accepts_part(type_dtype_of(to), to->ndim, from))
        return type_none;
    return call_error(c, DIAG_NO_IMPLEMENTATION, "cannot assign %s to a field of %s", from->name, to->name);
}

static ValueId emit_set_field_array(Lower *l, Call *c) {
    uint32_t i = (uint32_t)field_of(c, type_dtype_of(c->type[0]), 1), value = c->nargs - 1;
    const Type *to = field_array_type(c->type[0], i);
    View v = field_view(l, c->value[0], c->type[0], i, to);
    if (is_storage_array(to)) assign_part(l, &v, c->value[value], c->type[value]);
    else view_assign(l, &v, c->type[value], c->value[value], STORE_ASSIGN);
    return NO_VALUE;
}

/* ---- elements and parts --------------------------------------------------------------------------------------------- */

/* NULL: declined or reported. */
static bool plan_index(Call *c, IndexPlan *plan) {
    const char *why;
    if (!is_storage_array(c->type[0])) {
        call_decline(c);
        return false;
    }
    switch (index_plan(&c->unit->arena, c->type[0], c->type[1], plan, &why)) {
    case PLAN_WRONG: call_error(c, DIAG_BAD_INDEX, "%s", why); return false;
    case PLAN_OTHER: call_decline(c); return false;
    case PLAN_OK: break;
    }
    return true;
}

static const Type *type_item(Call *c) {
    IndexPlan plan;
    if (!plan_index(c, &plan)) return NULL;
    return plan.is_element ? array_item_type(c->type[0]) : index_view_type(c->type[0], &plan);
}

static View select_item(Lower *l, Call *c, IndexPlan *plan) {
    const char *why;
    index_plan(&l->unit->arena, c->type[0], c->type[1], plan, &why);
    View a = view_of(l, c->value[0], c->type[0]);
    return index_select(l, &a, plan, c->type[1], c->value[1], c->site ? c->site->flags : 0);
}

static ValueId emit_item(Lower *l, Call *c) {
    IndexPlan plan;
    View v = select_item(l, c, &plan);
    if (plan.is_element) return array_item_load(l, c->type[0], c->value[0], v.data);
    return view_to_array(l, &v, c->result, c->value[0], c->type[0]);
}

static bool is_other_width(const Type *a, const Type *b) {
    return a->kind == TYPE_CHARSEQ && b->kind == TYPE_CHARSEQ && a != b && is_unicode(a) == is_unicode(b);
}

static const Type *type_set_item(Call *c) {
    IndexPlan plan;
    const Type *t = c->type[0], *from = c->type[2];
    if (!plan_index(c, &plan)) return NULL;
    if (t->readonly)
        return call_error(c, DIAG_READONLY,
                          "Cannot modify readonly array of type: %s (assignment destination is read-only)",
                          t->name);
    const Type *dtype = type_dtype_of(t);
    bool is_one = plan.is_element && !is_storage_array(from);
    if (is_one ? accepts(dtype, from) : accepts_part(dtype, plan.is_element ? 0 : plan.ndim, from))
        return type_none;
    if (is_storage_array(from) && is_other_width(dtype, type_dtype_of(from)))
        return call_decline(c); /* rung 2 */
    return call_error(c, DIAG_NO_IMPLEMENTATION, "cannot assign %s to %s of %s", from->name,
                      plan.is_element ? "an element" : "a part", t->name);
}

static ValueId emit_set_item(Lower *l, Call *c) {
    IndexPlan plan;
    View v = select_item(l, c, &plan);
    bool is_one = plan.is_element && !is_storage_array(c->type[2]);
    if (is_one) write_storage(l, v.dtype, v.data, c->value[2], c->type[2]);
    else assign_part(l, &v, c->value[2], c->type[2]);
    return NO_VALUE;
}

static const Type *type_copy(Call *c) {
    return is_storage_array(c->type[0]) ? copied_type(c->type[0]) : call_decline(c);
}

static ValueId emit_copy(Lower *l, Call *c) { return copy_array(l, c->value[0], c->type[0], c->result); }

/* ---- records as a whole ------------------------------------------------------------------------------------------------ */

static const Type *type_copy_record(Call *c) {
    return c->type[0]->kind == TYPE_RECORD ? type_record_readonly(c->type[0], false) : call_decline(c);
}

static ValueId emit_copy_record(Lower *l, Call *c) {
    ValueId one = lower_i64(l, 1);
    const Type *t = type_array(type_record_readonly(c->type[0], false), 1, LAYOUT_C, false, true);
    ValueId array = array_new_unchecked(l, t, &one, false), data = lower_field(l, array, ARRAY_DATA);
    copy_bytes(l, data, lower_field(l, c->value[0], ARRAY_DATA), type_itemsize(c->type[0]));
    return make_record(l, c->result, data, lower_field(l, array, ARRAY_OWNER),
                       true); /* takes the reference over */
}

static const Type *type_record_len(Call *c) {
    return c->type[0]->kind == TYPE_RECORD ? type_literal_int(c->type[0]->nelem) : call_decline(c);
}

static ValueId emit_nothing(Lower *l, Call *c) {
    (void)l, (void)c;
    return NO_VALUE;
}

static const Type *type_record_dtype(Call *c) {
    return c->type[0]->kind == TYPE_RECORD ? type_dtype(type_record_readonly(c->type[0], false))
                                           : call_decline(c);
}

#define ATTRIBUTE (const void *)1

// clang-format off
enum { PURE = LIB_PURE | LIB_NO_RAISE | LIB_STORAGE };
static const LibRow rows[] = {
    {"operator.getitem", "a, b, /", type_field, emit_field, NULL, 1, LIB_BORROWS},
    {"operator.setitem", "a, b, c, /", type_set_field, emit_set_field, NULL, 1, 0},
    {"operator.getitem", "a, b, /", type_field_array, emit_field_array, NULL, 1, LIB_BORROWS | LIB_STORAGE},
    {"operator.setitem", "a, b, c, /", type_set_field_array, emit_set_field_array, NULL, 1, LIB_STORAGE},
    {"operator.getitem", "a, b, /", type_item, emit_item, NULL, 1, LIB_BORROWS | LIB_STORAGE},
    {"operator.setitem", "a, b, c, /", type_set_item, emit_set_item, NULL, 1, LIB_STORAGE},
    {"record.field@", "a", type_field, emit_field, ATTRIBUTE, 1, LIB_BORROWS},
    {"record.field@=", "a, b", type_set_field, emit_set_field, ATTRIBUTE, 1, 0},
    {"record.field@", "a", type_field_array, emit_field_array, ATTRIBUTE, 1, LIB_BORROWS | LIB_STORAGE},
    {"record.field@=", "a, b", type_set_field_array, emit_set_field_array, ATTRIBUTE, 1, LIB_STORAGE},
    {"ndarray.copy", "a, order=None", type_copy, emit_copy, NULL, 1, LIB_STORAGE},
    {"numpy.copy", "a", type_copy, emit_copy, NULL, 1, LIB_STORAGE},
    {"record.copy", "a", type_copy_record, emit_copy_record, NULL, 1, 0},
    {"record.dtype@", "a", type_record_dtype, emit_nothing, NULL, 1, PURE},
    {"builtins.len", "obj, /", type_record_len, emit_nothing, NULL, 1, PURE},
};
// clang-format on

const LibTable library_records_table = {"records", rows, ARRAY_LEN(rows)};
