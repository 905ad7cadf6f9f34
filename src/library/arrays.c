/* arrays.c - array values in lowered IR: their fields, memory, addresses, and the attributes of ndarray.
 *
 * An array value carries data, owner, parent, shape and strides.  What the type already says is not read from
 * the value: the innermost stride of a contiguous array is the item size, a constant, so that the machine code
 * of a loop over it has unit stride.  Strides of axes of extent 0 or 1 are never used for addressing, so a
 * contiguous array may carry any number there.
 *
 * A view shares its owner with the array it looks into and holds a reference of its own; its parent is null
 * because it is not the Python object that came in.
 */
#include "library/arrays.h"
#include "library/lower.h"

/* ---- small change -------------------------------------------------------------------------------------------- */

ValueId lower_null(Lower *l) { return ir_const_int(&l->b, type_ptr, 0); }

void lower_incref(Lower *l, ValueId v) { ir_emit(&l->b, OP_incref, NULL, v); }

void lower_incref_part(Lower *l, ValueId v) {
    bool borrows = l->call && l->call->site && l->call->site->flags & INST_BORROWED;
    if (!borrows && type_is_managed(value_type(l->b.f, v))) lower_incref(l, v);
}
void lower_decref(Lower *l, ValueId v) { ir_emit(&l->b, OP_decref, NULL, v); }

ValueId lower_int_to_i64(Lower *l, ValueId v, const Type *t) {
    if (t->kind == TYPE_LITERAL) return lower_i64(l, t->value);
    Op op = t == type_u64 ? OP_bitcast : t->is_signed ? OP_sext : OP_zext;
    return t == type_i64 ? v : ir_emit(&l->b, op, type_i64, v);
}

ValueId lower_ptr_offset(Lower *l, ValueId ptr, ValueId index, ValueId stride) {
    return ir_ptr_add(&l->b, ptr, ir_binop(&l->b, OP_imul, index, stride));
}

const char *lower_text(Lower *l, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    const char *s = arena_vprintf(&l->unit->arena, fmt, args);
    va_end(args);
    return s;
}

void shape_format(StrBuf *out, uint32_t ndim) {
    strbuf_puts(out, "(");
    for (uint32_t i = 0; i < ndim; i++) strbuf_puts(out, i ? ",%d" : "%d");
    strbuf_puts(out, ndim == 1 ? ",)" : ")");
}

ValueId lower_shape_pointer(Lower *l, uint32_t n, const ValueId *value) {
    ValueId p = ir_append(&l->b, OP_alloca, type_ptr, 0, NULL);
    inst_at(l->b.f, p)->imm.i = 8 * (n ? n : 1);
    for (uint32_t i = 0; i < n; i++) ir_store(&l->b, ir_ptr_add(&l->b, p, lower_i64(l, 8 * i)), value[i]);
    return p;
}

const Type *array_type_like(const Type *t, const Type *dtype, uint32_t ndim, Layout layout) {
    (void)t;
    return type_array(dtype, ndim, layout, false, true);
}

const Type *element_type(const Type *t) {
    t = type_base(t);
    if (type_is_array(t)) t = type_dtype_of(t);
    return type_is_scalar(t) ? t : NULL;
}

bool is_weak(const Type *t) {
    const Type *b = type_base(t);
    return b == type_i64 || b == type_f64 || b == type_c128;
}

/* ---- views ------------------------------------------------------------------------------------------------------ */

View view_new(Lower *l, const Type *dtype, uint32_t ndim, Layout layout) {
    View v = {.dtype = dtype, .ndim = ndim, .layout = layout};
    v.shape = arena_array(&l->unit->arena, ValueId, ndim + 1);
    v.stride = arena_array(&l->unit->arena, ValueId, ndim + 1);
    return v;
}

View view_of(Lower *l, ValueId array, const Type *t) {
    View v = view_new(l, type_dtype_of(t), t->ndim, t->layout);
    v.data = ir_field(&l->b, array, ARRAY_DATA);
    for (uint32_t i = 0; i < t->ndim; i++) {
        v.shape[i] = lower_array_shape(l, array, t, i);
        v.stride[i] = lower_array_stride(l, array, t, i);
    }
    return v;
}

void view_fill_strides(Lower *l, View *v) {
    ValueId stride = lower_i64(l, type_itemsize(v->dtype));
    for (uint32_t k = 0; k < v->ndim; k++) {
        uint32_t axis = v->layout == LAYOUT_F ? k : v->ndim - 1 - k;
        v->stride[axis] = stride;
        if (k + 1 < v->ndim) stride = ir_binop(&l->b, OP_imul, stride, v->shape[axis]);
    }
}

ValueId view_size(Lower *l, const View *v) {
    ValueId n = v->ndim ? v->shape[0] : lower_i64(l, 1);
    for (uint32_t i = 1; i < v->ndim; i++) n = ir_binop(&l->b, OP_imul, n, v->shape[i]);
    return n;
}

ValueId view_element(Lower *l, const View *v, const ValueId *index) {
    ValueId p = v->data;
    for (uint32_t i = 0; i < v->ndim; i++) p = lower_ptr_offset(l, p, index[i], v->stride[i]);
    return p;
}

static ValueId make_array(Lower *l, const Type *t, const View *v, ValueId owner) {
    ValueId field[ARRAY_SHAPE + 2 * ARRAY_MAX_NDIM];
    field[ARRAY_DATA] = v->data;
    field[ARRAY_OWNER] = owner;
    field[ARRAY_PARENT] = lower_null(l);
    for (uint32_t i = 0; i < v->ndim; i++) {
        field[array_shape(t, i)] = v->shape[i];
        field[array_stride(t, i)] = v->stride[i];
    }
    return ir_make(&l->b, t, ARRAY_SHAPE + 2 * v->ndim, field);
}

ValueId view_to_array(Lower *l, const View *v, const Type *t, ValueId base, const Type *base_type) {
    (void)base_type;
    ValueId owner = base == NO_VALUE ? lower_null(l) : ir_field(&l->b, base, ARRAY_OWNER);
    ValueId array = make_array(l, t, v, owner);
    if (base != NO_VALUE) lower_incref_part(l, array);
    return array;
}

/* ---- the door's functions ---------------------------------------------------------------------------------------- */

ValueId lower_array_shape(Lower *l, ValueId array, const Type *t, unsigned axis) {
    return ir_field(&l->b, array, array_shape(t, axis));
}

ValueId lower_array_stride(Lower *l, ValueId array, const Type *t, unsigned axis) {
    bool unit = (t->layout == LAYOUT_C && axis + 1u == t->ndim) || (t->layout == LAYOUT_F && axis == 0);
    return unit ? lower_i64(l, type_itemsize(type_dtype_of(t)))
                : ir_field(&l->b, array, array_stride(t, axis));
}

ValueId lower_array_size(Lower *l, ValueId array, const Type *t) {
    View v = view_of(l, array, t);
    return view_size(l, &v);
}

void check_mask_axis(Lower *l, uint32_t axis, ValueId extent, ValueId mask_extent) {
    const char *text = lower_text(l,
                                  "boolean index did not match indexed array along axis %u; size of axis "
                                  "is %%d but size of corresponding boolean axis is %%d",
                                  axis);
    ValueId wrong = lower_and(l, ir_icmp(&l->b, PRED_NE, extent, mask_extent),
                              ir_icmp(&l->b, PRED_NE, mask_extent, lower_i64(l, 0)));
    lower_raise_if(l, wrong, "IndexError", text, 2, (ValueId[]){extent, mask_extent});
}

/* The product is checked in floating point: near the limit of 2**63 bytes a rounding error does no harm, because the
 * allocation fails in any case, and the multiplications cost less than divisions. */
void check_shape(Lower *l, const Type *dtype, uint32_t n, const ValueId *shape) {
    if (!n) return;
    ValueId negative = NO_VALUE, zero = lower_i64(l, 0);
    ValueId nbytes = ir_const_float(&l->b, type_f64, type_itemsize(dtype));
    for (uint32_t i = 0; i < n; i++) {
        ValueId is_negative = ir_icmp(&l->b, PRED_LT, shape[i], zero);
        negative = i ? ir_binop(&l->b, OP_ior, negative, is_negative) : is_negative;
        nbytes = ir_binop(&l->b, OP_fmul, nbytes, ir_emit(&l->b, OP_sitofp, type_f64, shape[i]));
    }
    lower_raise_if(l, negative, "ValueError", "negative dimensions are not allowed", 0, NULL);
    ValueId limit = ir_const_float(&l->b, type_f64, 9223372036854775808.0);
    lower_raise_if(
        l, ir_fcmp(&l->b, PRED_GE, nbytes, limit), "ValueError",
        "array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.", 0,
        NULL);
}

ValueId array_new_unchecked(Lower *l, const Type *t, const ValueId *shape, bool zeroed) {
    View v = view_new(l, type_dtype_of(t), t->ndim, t->layout);
    memcpy(v.shape, shape, t->ndim * sizeof *shape);
    view_fill_strides(l, &v);
    ValueId nbytes = ir_binop(&l->b, OP_imul, view_size(l, &v), lower_i64(l, type_itemsize(v.dtype)));
    ValueId arg[] = {ir_append(&l->b, OP_context, type_ptr, 0, NULL), nbytes};
    ValueId block = ir_native(&l->b, zeroed ? NATIVE_block_new_zeroed : NATIVE_block_new, type_ptr, 2, arg);
    lower_check_memory(l, block);
    v.data = ir_ptr_add(&l->b, block, lower_i64(l, BLOCK_HEADER_NBYTES));
    l->unit->arrays_allocated++;
    return make_array(l, t, &v, block);
}

ValueId lower_array_new(Lower *l, const Type *t, const ValueId *shape, bool zeroed) {
    check_shape(l, type_dtype_of(t), t->ndim, shape);
    return array_new_unchecked(l, t, shape, zeroed);
}

ValueId lower_array_element(Lower *l, ValueId array, const Type *t, const ValueId *index) {
    View v = view_of(l, array, t);
    return view_element(l, &v, index);
}

ValueId lower_load_element(Lower *l, const Type *dtype, ValueId address) {
    if (dtype->kind != TYPE_COMPLEX) return ir_load(&l->b, dtype, address);
    const Type *part = type_real_part(dtype);
    ValueId re = ir_load(&l->b, part, address);
    ValueId im = ir_load(&l->b, part, ir_ptr_add(&l->b, address, lower_i64(l, type_itemsize(part))));
    return ir_make(&l->b, dtype, 2, (ValueId[]){re, im});
}

void lower_store_element(Lower *l, const Type *dtype, ValueId address, ValueId value) {
    if (dtype->kind != TYPE_COMPLEX) {
        ir_store(&l->b, address, value);
        return;
    }
    const Type *part = type_real_part(dtype);
    ir_store(&l->b, address, ir_field(&l->b, value, COMPLEX_RE));
    ir_store(&l->b, ir_ptr_add(&l->b, address, lower_i64(l, type_itemsize(part))),
             ir_field(&l->b, value, COMPLEX_IM));
}

void nest_begin(Lower *l, Nest *nest, uint32_t n, const ValueId *shape) {
    nest->n = n;
    for (uint32_t i = 0; i < n; i++) {
        nest->loop[i] = lower_loop_begin(l, lower_i64(l, 0), shape[i], 1);
        nest->index[i] = nest->loop[i].i;
    }
}

void nest_end(Lower *l, Nest *nest) {
    for (uint32_t i = nest->n; i-- > 0;) lower_loop_end(l, &nest->loop[i]);
}

/* ---- attributes ------------------------------------------------------------------------------------------------------ */

static const Type *array_operand(Call *c) {
    const Type *t = c->nargs ? c->type[0] : NULL;
    return t && type_is_array(t) ? t : NULL;
}

static const Type *type_extents(Call *c) {
    const Type *t = array_operand(c), *elem[ARRAY_MAX_NDIM];
    if (!t) return call_decline(c);
    for (uint32_t i = 0; i < t->ndim; i++) elem[i] = type_i64;
    return type_tuple(t->ndim, elem);
}

static ValueId emit_shape(Lower *l, Call *c) {
    ValueId n[ARRAY_MAX_NDIM];
    for (uint32_t i = 0; i < c->type[0]->ndim; i++) n[i] = lower_array_shape(l, c->value[0], c->type[0], i);
    return c->type[0]->ndim ? ir_make(&l->b, c->result, c->type[0]->ndim, n) : NO_VALUE;
}

static ValueId emit_strides(Lower *l, Call *c) {
    ValueId n[ARRAY_MAX_NDIM];
    for (uint32_t i = 0; i < c->type[0]->ndim; i++)
        n[i] = ir_field(&l->b, c->value[0], array_stride(c->type[0], i));
    return c->type[0]->ndim ? ir_make(&l->b, c->result, c->type[0]->ndim, n) : NO_VALUE;
}

static const Type *type_count(Call *c) { return array_operand(c) ? type_i64 : call_decline(c); }

static ValueId emit_size(Lower *l, Call *c) { return lower_array_size(l, c->value[0], c->type[0]); }

static ValueId emit_nbytes(Lower *l, Call *c) {
    ValueId n = lower_array_size(l, c->value[0], c->type[0]);
    return ir_binop(&l->b, OP_imul, n, lower_i64(l, type_itemsize(type_dtype_of(c->type[0]))));
}

static const Type *type_len(Call *c) {
    const Type *t = array_operand(c);
    if (!t) return call_decline(c);
    return t->ndim
               ? type_i64
               : call_error(c, DIAG_NO_IMPLEMENTATION, "len() of unsized object: the array has 0 dimensions");
}

static ValueId emit_len(Lower *l, Call *c) { return lower_array_shape(l, c->value[0], c->type[0], 0); }

static const Type *type_ndim(Call *c) {
    const Type *t = array_operand(c);
    return t ? type_literal_int(t->ndim) : call_decline(c);
}

static const Type *type_itemsize_attribute(Call *c) {
    const Type *t = array_operand(c);
    return t ? type_literal_int(type_itemsize(type_dtype_of(t))) : call_decline(c);
}

static ValueId emit_nothing(Lower *l, Call *c) {
    (void)l, (void)c;
    return NO_VALUE;
}

static const Type *type_dtype_attribute(Call *c) {
    const Type *t = array_operand(c);
    return t ? type_dtype(type_dtype_of(t)) : call_decline(c);
}

/* flags: what the type says; a dynamic answer is only needed for arrays of unknown layout. */
static const Type *type_flags_attribute(Call *c) {
    const Type *t = array_operand(c);
    return t ? type_flags(t) : call_decline(c);
}

enum { FLAG_C, FLAG_F, FLAG_WRITEABLE, FLAG_ALIGNED };
static const int flag_c = FLAG_C, flag_f = FLAG_F, flag_writeable = FLAG_WRITEABLE,
                 flag_aligned = FLAG_ALIGNED;

/* Such records may lie anywhere, so that NumPy calls every array of them aligned. */
static bool is_packed(const Type *dtype) {
    return dtype->kind == TYPE_RECORD && !(dtype->flags & TYPE_RECORD_ALIGNED);
}

static const Type *type_one_flag(Call *c) {
    const Type *t = c->nargs && c->type[0] && c->type[0]->kind == TYPE_FLAGS ? c->type[0]->elem[0] : NULL;
    if (!t) return call_decline(c);
    switch (*(const int *)c->row->data) {
    case FLAG_C: return type_literal_bool(t->layout == LAYOUT_C || (t->ndim <= 1 && t->layout != LAYOUT_A));
    case FLAG_F: return type_literal_bool(t->layout == LAYOUT_F || (t->ndim <= 1 && t->layout != LAYOUT_A));
    case FLAG_WRITEABLE: return type_literal_bool(!t->readonly);
    default: return type_literal_bool(t->aligned || is_packed(type_dtype_of(t)));
    }
}

/* real, imag: views into a complex array; a real array is its own real part. */
static const Type *type_part(Call *c) {
    const Type *t = array_operand(c);
    if (!t) return call_decline(c);
    const Type *dtype = type_dtype_of(t);
    if (dtype->kind == TYPE_COMPLEX)
        return type_array(type_real_part(dtype), t->ndim, t->ndim ? LAYOUT_A : LAYOUT_C, t->readonly,
                          t->aligned);
    return c->row->data ? type_array(dtype, t->ndim, t->layout == LAYOUT_F ? LAYOUT_F : LAYOUT_C, true, true)
                        : t;
}

static ValueId emit_part(Lower *l, Call *c) {
    const Type *t = c->type[0];
    bool imaginary = c->row->data != NULL;
    if (type_dtype_of(t)->kind != TYPE_COMPLEX) {
        if (!imaginary) {
            lower_incref(l, c->value[0]);
            return c->value[0];
        }
        View v = view_of(l, c->value[0], t);
        return array_new_unchecked(l, c->result, v.shape, true);
    }
    View v = view_of(l, c->value[0], t);
    v.dtype = type_dtype_of(c->result);
    if (imaginary) v.data = ir_ptr_add(&l->b, v.data, lower_i64(l, type_itemsize(v.dtype)));
    return view_to_array(l, &v, c->result, c->value[0], t);
}

static const int imaginary_part = 1;

/* a.real = value, a.imag = value, a.flat = number. */
static const int real_part = 1, all_elements = 2;

static const Type *type_set_part(Call *c) {
    const Type *t = array_operand(c), *from = c->type[1] ? element_type(c->type[1]) : NULL;
    if (!t || !from) return call_decline(c);
    const Type *dtype = type_dtype_of(t);
    bool flat = c->row->data == &all_elements;
    if (t->readonly)
        return call_error(c, DIAG_READONLY,
                          "Cannot modify readonly array of type: %s (assignment destination is read-only)",
                          t->name);
    if (flat ? type_is_array(c->type[1]) : c->row->data == &imaginary_part && dtype->kind != TYPE_COMPLEX)
        return call_decline(c);
    bool takes_complex = dtype->kind == TYPE_COMPLEX && flat;
    return from->kind == TYPE_COMPLEX && !takes_complex ? call_decline(c) : type_none;
}

static ValueId emit_set_part(Lower *l, Call *c) {
    View v = view_of(l, c->value[0], c->type[0]);
    if (c->row->data != &all_elements && v.dtype->kind == TYPE_COMPLEX) {
        v.dtype = type_real_part(v.dtype);
        v.layout = LAYOUT_A;
        if (c->row->data == &imaginary_part)
            v.data = ir_ptr_add(&l->b, v.data, lower_i64(l, type_itemsize(v.dtype)));
    }
    view_assign(l, &v, c->type[1], c->value[1], STORE_ASSIGN);
    return NO_VALUE;
}

static const LibRow rows[] = {
    {"ndarray.shape@", "a", type_extents, emit_shape, NULL, 1, LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
    {"numpy.shape", "a", type_extents, emit_shape, NULL, 1, LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
    {"ndarray.strides@", "a", type_extents, emit_strides, NULL, 1, LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
    {"ndarray.size@", "a", type_count, emit_size, NULL, 1, LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
    {"numpy.size", "a", type_count, emit_size, NULL, 1, LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
    {"ndarray.nbytes@", "a", type_count, emit_nbytes, NULL, 1, LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
    {"ndarray.ndim@", "a", type_ndim, emit_nothing, NULL, 1, LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
    {"numpy.ndim", "a", type_ndim, emit_nothing, NULL, 1, LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
    {"ndarray.itemsize@", "a", type_itemsize_attribute, emit_nothing, NULL, 1,
     LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
    {"ndarray.dtype@", "a", type_dtype_attribute, emit_nothing, NULL, 1,
     LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
    {"ndarray.flags@", "a", type_flags_attribute, emit_nothing, NULL, 1,
     LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
    {"flagsobj.c_contiguous@", "f", type_one_flag, emit_nothing, &flag_c, 1, LIB_PURE | LIB_NO_RAISE},
    {"flagsobj.contiguous@", "f", type_one_flag, emit_nothing, &flag_c, 1, LIB_PURE | LIB_NO_RAISE},
    {"flagsobj.f_contiguous@", "f", type_one_flag, emit_nothing, &flag_f, 1, LIB_PURE | LIB_NO_RAISE},
    {"flagsobj.writeable@", "f", type_one_flag, emit_nothing, &flag_writeable, 1, LIB_PURE | LIB_NO_RAISE},
    {"flagsobj.aligned@", "f", type_one_flag, emit_nothing, &flag_aligned, 1, LIB_PURE | LIB_NO_RAISE},
    {"ndarray.real@", "a", type_part, emit_part, NULL, 1, LIB_BORROWS},
    {"ndarray.imag@", "a", type_part, emit_part, &imaginary_part, 1, LIB_BORROWS},
    {"ndarray.real@=", "a, b", type_set_part, emit_set_part, &real_part, 1, 0},
    {"ndarray.imag@=", "a, b", type_set_part, emit_set_part, &imaginary_part, 1, 0},
    {"ndarray.flat@=", "a, b", type_set_part, emit_set_part, &all_elements, 1, 0},
    {"numpy.real", "val", type_part, emit_part, NULL, 1, LIB_BORROWS},
    {"numpy.imag", "val", type_part, emit_part, &imaginary_part, 1, LIB_BORROWS},
    {"builtins.len", "obj", type_len, emit_len, NULL, 1, LIB_PURE | LIB_NO_RAISE | LIB_STORAGE},
};

const LibTable library_arrays_table = {"arrays", rows, ARRAY_LEN(rows)};
