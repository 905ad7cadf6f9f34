/* string_formats.c - text of values: str(), repr(), format(), f-strings, bin() and its kin.
 *
 * A value's text is put together from parts, each a string of its own; plain numbers and texts are the runtime's work
 * and need no GIL, a format specification that is not empty is Python's own (text_format.c).
 */
#include "library/texts.h"

#include "runtime/abi.h"

/* ---- parts -------------------------------------------------------------------------------------------------------- */

void text_parts_add(Lower *l, TextParts *p, ValueId text) {
    vec_push(&l->unit->arena, &p->part, text);
    lower_cleanup_push(l, text);
    p->nowned++;
}

static void add_constant(Lower *l, TextParts *p, const char *text) {
    text_parts_add(l, p, lower_string(l, text));
}

ValueId text_parts_join(Lower *l, TextParts *p) {
    uint32_t n = p->part.n, nbytes = (uint32_t)sizeof(Slot) * type_str->nleaves;
    if (n == 0) return lower_string(l, "");
    if (n == 1) {
        lower_cleanup_pop(l, p->nowned);
        return p->part.at[0];
    }
    ValueId at = lower_alloca(l, (size_t)nbytes * n);
    for (uint32_t i = 0; i < n; i++)
        lower_store_slots(l, ir_ptr_add(&l->b, at, lower_i64(l, (int64_t)i * nbytes)), p->part.at[i],
                          type_str);
    ValueId args[2] = {at, lower_i64(l, n)}, text = text_call(l, NATIVE_text_concat, type_str, 0, 2, args);
    lower_cleanup_pop(l, p->nowned);
    for (uint32_t i = 0; i < n; i++) lower_decref(l, p->part.at[i]);
    return text;
}

/* ---- str() and repr() ------------------------------------------------------------------------------------------------ */

/* What Python shows: the value goes there as an object.  Containers are put together in compiled code, item by item
 * (naja/library/texts.py): a Python list that was passed in does not have the changes yet. */
static bool is_shown_by_python(const Type *t) {
    switch (t->kind) {
    case TYPE_ARRAY:
    case TYPE_BYTES:
    case TYPE_RECORD:
    case TYPE_DATETIME:
    case TYPE_TIMEDELTA:
    case TYPE_ENUM:
    case TYPE_SLICE:
    case TYPE_RANGE:
    case TYPE_DTYPE:
    case TYPE_FUNCTION:
    case TYPE_OBJECT:
    case TYPE_PYOBJECT: return true;
    default: return false;
    }
}

static ValueId text_by_python(Lower *l, ValueId v, const Type *t, bool repr) {
    Handle callable = library_object(repr ? "builtins.repr" : "builtins.str");
    const Type *args = type_tuple(1, &t);
    ValueId tuple = t->nleaves ? ir_make(&l->b, args, 1, &v) : NO_VALUE;
    return lower_bridge_call(l, callable, NULL, tuple, args, type_str);
}

bool text_has_str(const Type *t) {
    if (!t) return false;
    if (type_is_number(t)) return true;
    switch (t->kind) {
    case TYPE_STR:
    case TYPE_NONE:
    case TYPE_CAUGHT:
    case TYPE_ELLIPSIS: return true;
    case TYPE_LITERAL:
    case TYPE_OMITTED:
    case TYPE_OPTIONAL: return text_has_str(t->elem[0]);
    case TYPE_STRDICT:
    case TYPE_TUPLE:
    case TYPE_NAMEDTUPLE:
        for (uint32_t i = 0; i < t->nelem; i++)
            if (!text_has_str(t->elem[i])) return false;
        return true;
    default: return is_shown_by_python(t);
    }
}

static ValueId text_of_number(Lower *l, ValueId v, const Type *t) {
    if (t->kind == TYPE_BOOL) {
        LowerIf branch = lower_if(l, v);
        ValueId yes = lower_string(l, "True");
        lower_else(l, &branch);
        ValueId no = lower_string(l, "False");
        return lower_endif(l, &branch, yes, no);
    }
    if (t->kind == TYPE_INT) {
        ValueId args[2] = {lower_int_to_i64(l, v, t), lower_i64(l, t->is_signed)};
        return text_call(l, NATIVE_text_of_int, type_str, 0, 2, args);
    }
    if (t->kind == TYPE_COMPLEX) {
        ValueId z = lower_cast(l, v, t, type_c128);
        ValueId args[2] = {lower_field(l, z, COMPLEX_RE), lower_field(l, z, COMPLEX_IM)};
        return text_call(l, NATIVE_text_of_complex, type_str, 0, 2, args);
    }
    bool narrow = t->bits < 64;
    ValueId x = lower_cast(l, v, t, narrow ? type_f32 : type_f64);
    return text_call(l, narrow ? NATIVE_text_of_float32 : NATIVE_text_of_float, type_str, 0, 1, &x);
}

static ValueId text_of_str(Lower *l, ValueId v, const Type *t, bool repr) {
    ValueId text = lower_cast(l, v, t, type_str);
    if (!repr) {
        lower_incref(l, text);
        return text;
    }
    ValueId args[2] = {text_address(l, text), lower_i64(l, 0)};
    return text_call(l, NATIVE_text_repr, type_str, 0, 2, args);
}

/* Of a namedtuple's class, without the quotes of its repr. */
static const char *class_name(Lower *l, const Type *t) {
    const char *quoted = object_text(object_attribute(t->handle, "__name__"));
    return lower_text(l, "%.*s", (int)strlen(quoted) - 2, quoted + 1);
}

/* (1, 'a'), [1, 2], Point(x=1, y=2) */
static ValueId text_of_tuple(Lower *l, ValueId v, const Type *t) {
    bool list = library_is_list(t), named = t->kind == TYPE_NAMEDTUPLE && !list;
    TextParts p = {0};
    if (named) add_constant(l, &p, lower_text(l, "%s(", class_name(l, t)));
    else add_constant(l, &p, list ? "[" : "(");
    for (uint32_t i = 0; i < t->nelem; i++) {
        const Type *item = t->elem[i];
        const char *comma = i ? ", " : "";
        if (named) add_constant(l, &p, lower_text(l, "%s%s=", comma, object_field(t->handle, i)));
        else if (i) add_constant(l, &p, comma);
        text_parts_add(l, &p, text_of_value(l, item->nleaves ? lower_field(l, v, i) : NO_VALUE, item, true));
    }
    add_constant(l, &p, list ? "]" : t->nelem == 1 && !named ? ",)" : ")");
    return text_parts_join(l, &p);
}

/* {'a': 1, 'b': 'x'} */
static ValueId text_of_strdict(Lower *l, ValueId v, const Type *t) {
    TextParts p = {0};
    add_constant(l, &p, "{");
    for (uint32_t i = 0; i < t->nelem; i++) {
        const Type *item = t->elem[i];
        if (i) add_constant(l, &p, i % 2 ? ": " : ", ");
        text_parts_add(l, &p, text_of_value(l, item->nleaves ? lower_field(l, v, i) : NO_VALUE, item, true));
    }
    add_constant(l, &p, "}");
    return text_parts_join(l, &p);
}

static ValueId text_of_literal(Lower *l, const Type *t, bool repr) {
    const Type *base = t->elem[0];
    if (base->kind == TYPE_STR) return text_of_str(l, NO_VALUE, t, repr);
    if (base->kind == TYPE_BOOL) return lower_string(l, t->value ? "True" : "False");
    return lower_string(l, lower_text(l, "%lld", (long long)t->value));
}

static ValueId text_of_optional(Lower *l, ValueId v, const Type *t, bool repr) {
    LowerIf branch = lower_if(l, lower_field(l, v, OPTIONAL_HAS));
    ValueId text = text_of_value(l, lower_field(l, v, OPTIONAL_VALUE), t->elem[0], repr);
    lower_else(l, &branch);
    return lower_endif(l, &branch, text, lower_string(l, "None"));
}

/* What Python says of the exception: its class is known at run time. */
static ValueId text_of_caught(Lower *l, ValueId v, bool repr) {
    ValueId args[2] = {v, lower_i64(l, repr)};
    return text_call(l, NATIVE_text_of_caught, type_str, ERROR_VALUE | ERROR_TYPE | ERROR_OVERFLOW, 2, args);
}

ValueId text_of_value(Lower *l, ValueId v, const Type *t, bool repr) {
    if (type_is_number(t)) return text_of_number(l, v, t);
    switch (t->kind) {
    case TYPE_LITERAL: return text_of_literal(l, t, repr);
    case TYPE_STR: return text_of_str(l, v, t, repr);
    case TYPE_CAUGHT: return text_of_caught(l, v, repr);
    case TYPE_OPTIONAL: return text_of_optional(l, v, t, repr);
    case TYPE_OMITTED: return text_of_value(l, lower_cast(l, v, t, t->elem[0]), t->elem[0], repr);
    case TYPE_TUPLE:
    case TYPE_NAMEDTUPLE: return text_of_tuple(l, v, t);
    case TYPE_STRDICT: return text_of_strdict(l, v, t);
    case TYPE_NONE: return lower_string(l, "None");
    case TYPE_ELLIPSIS: return lower_string(l, "Ellipsis");
    default: return text_by_python(l, v, t, repr);
    }
}

/* format(x, ""): NumPy makes a float of a float32 first, which str() does not. */
ValueId text_formatted(Lower *l, ValueId v, const Type *t) {
    const Type *wide = t->kind == TYPE_FLOAT ? type_f64 : t->kind == TYPE_COMPLEX ? type_c128 : t;
    return text_of_value(l, lower_cast(l, v, t, wide), wide, false);
}

static const Type *type_str_of(Call *c) { return text_has_str(c->type[0]) ? type_str : call_decline(c); }

#define REPR (const void *)1

static ValueId emit_str_of(Lower *l, Call *c) {
    return text_of_value(l, c->value[0], c->type[0], c->row->data == REPR);
}

static const Type *type_ascii(Call *c) {
    const Type *t = c->type[0];
    return text_is_str(t) ? type_str : call_decline(c);
}

ValueId text_ascii(Lower *l, ValueId text) {
    ValueId args[2] = {text_address(l, text), lower_i64(l, 1)};
    return text_call(l, NATIVE_text_repr, type_str, 0, 2, args);
}

static ValueId emit_ascii(Lower *l, Call *c) { return text_ascii(l, text_arg(l, c, 0)); }

/* ---- bin, oct, hex ------------------------------------------------------------------------------------------------------ */

static const Type *type_bits(Call *c) {
    return type_base(c->type[0])->kind <= TYPE_INT ? type_str : call_decline(c);
}

static ValueId emit_bits(Lower *l, Call *c) {
    const Type *t = type_base(c->type[0]);
    ValueId args[3] = {lower_int_to_i64(l, c->value[0], c->type[0]),
                       lower_i64(l, t->kind == TYPE_BOOL || t->is_signed),
                       lower_i64(l, (int64_t)(intptr_t)c->row->data)};
    return text_call(l, NATIVE_text_of_bits, type_str, 0, 3, args);
}

/* ---- format(x, spec) ----------------------------------------------------------------------------------------------------- */

bool text_has_format(const Type *t) {
    const Type *base = type_base(t);
    return type_is_number(base) || base->kind == TYPE_STR;
}

static const Type *type_format(Call *c) {
    bool plain = !c->type[1] || (call_literal_str(c, 1) && !*call_literal_str(c, 1));
    if (!plain && !text_is_str(c->type[1])) return call_decline(c);
    return (plain ? text_has_str(c->type[0]) : text_has_format(c->type[0])) ? type_str : call_decline(c);
}

/* Numbers of runtime/text.h's FormatKind. */
enum { FORMAT_INT, FORMAT_UINT, FORMAT_BOOL, FORMAT_FLOAT, FORMAT_COMPLEX };

static ValueId format_number(Lower *l, ValueId v, const Type *t, ValueId spec) {
    ValueId zero = lower_float(l, type_f64, 0), integer = lower_i64(l, 0), re = zero, im = zero;
    int64_t kind = t->kind == TYPE_BOOL      ? FORMAT_BOOL
                   : t->kind == TYPE_FLOAT   ? FORMAT_FLOAT
                   : t->kind == TYPE_COMPLEX ? FORMAT_COMPLEX
                   : t->is_signed            ? FORMAT_INT
                                             : FORMAT_UINT;
    if (t->kind == TYPE_COMPLEX) {
        ValueId z = lower_cast(l, v, t, type_c128);
        re = lower_field(l, z, COMPLEX_RE);
        im = lower_field(l, z, COMPLEX_IM);
    } else if (t->kind == TYPE_FLOAT) {
        re = lower_cast(l, v, t, type_f64);
    } else {
        integer = lower_int_to_i64(l, v, t);
    }
    ValueId args[5] = {lower_i64(l, kind), integer, re, im, text_address(l, spec)};
    return text_call(l, NATIVE_text_format, type_str, ERROR_VALUE | ERROR_TYPE | ERROR_OVERFLOW, 5, args);
}

ValueId text_format_value(Lower *l, ValueId v, const Type *t, ValueId spec) {
    const Type *base = type_base(t);
    if (type_is_number(base)) return format_number(l, lower_cast(l, v, t, base), base, spec);
    ValueId args[2] = {text_address(l, lower_cast(l, v, t, type_str)), text_address(l, spec)};
    return text_call(l, NATIVE_text_format_text, type_str, ERROR_VALUE | ERROR_TYPE, 2, args);
}

static ValueId emit_format(Lower *l, Call *c) {
    const char *spec = c->type[1] ? call_literal_str(c, 1) : "";
    if (spec && !*spec) return text_formatted(l, c->value[0], c->type[0]);
    return text_format_value(l, c->value[0], c->type[0], text_arg(l, c, 1));
}

/* ---- f-strings -------------------------------------------------------------------------------------------------------------- */

static const Type *type_fstring(Call *c) {
    const Type *parts = c->type[0];
    for (uint32_t i = 0; i < parts->nelem; i++)
        if (!text_has_str(parts->elem[i])) return call_decline(c);
    return type_str;
}

static ValueId emit_fstring(Lower *l, Call *c) {
    const Type *t = c->type[0];
    TextParts p = {0};
    for (uint32_t i = 0; i < t->nelem; i++) {
        const Type *item = t->elem[i];
        text_parts_add(l, &p,
                       text_formatted(l, item->nleaves ? lower_field(l, c->value[0], i) : NO_VALUE, item));
    }
    return text_parts_join(l, &p);
}

// clang-format off
#define BITS(n) (const void *)(intptr_t)(n)
static const LibRow rows[] = {
    {"builtins.str", "object='', /", type_str_of, emit_str_of, NULL, 1, LIB_BORROWS | LIB_STORAGE},
    {"builtins.repr", "obj, /", type_str_of, emit_str_of, REPR, 1, LIB_BORROWS | LIB_STORAGE},
    {"builtins.ascii", "obj, /", type_ascii, emit_ascii, NULL, 1, 0},
    {"builtins.bin", "number, /", type_bits, emit_bits, BITS(1), 1, 0},
    {"builtins.oct", "number, /", type_bits, emit_bits, BITS(3), 1, 0},
    {"builtins.hex", "number, /", type_bits, emit_bits, BITS(4), 1, 0},
    {"builtins.format", "value, format_spec='', /", type_format, emit_format, NULL, 1, LIB_BORROWS | LIB_STORAGE},
    {"naja.library.low.fstring_join", "*args", type_fstring, emit_fstring, NULL, 1, LIB_BORROWS},
};
// clang-format on

const LibTable library_string_formats_table = {"string_formats", rows, ARRAY_LEN(rows)};
