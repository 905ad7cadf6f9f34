/* ir/parse_type.c - types from their names, by recursive descent.
 *
 * Reads what types/print.c writes.  Functions and modules come back without their handle, and an omitted
 * argument's default is not read: their Python objects are not in the text.
 */
#include <stdlib.h>

#include "ir/text.h"

enum { MAX_PARTS = 64, MAX_DEPTH = 32 };

typedef struct {
    const char *at;
    unsigned depth;
} Reader;

static const Type *read_type(Reader *r);

static bool accept(Reader *r, const char *text) {
    size_t n = strlen(text);
    if (strncmp(r->at, text, n) != 0) return false;
    r->at += n;
    return true;
}

static bool read_number(Reader *r, int64_t *value) {
    char *end;
    *value = strtoll(r->at, &end, 10);
    bool ok = end != r->at;
    r->at = end;
    return ok;
}

/* "T, T, ...)" behind an open parenthesis. */
static bool read_list(Reader *r, const Type **elem, uint32_t *n) {
    *n = 0;
    if (accept(r, ")")) return true;
    do {
        if (*n == MAX_PARTS || !(elem[(*n)++] = read_type(r))) return false;
    } while (accept(r, ", "));
    return accept(r, ")");
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

static const Type *read_one(Reader *r, const Type *(*make)(const Type *)) {
    const Type *elem = read_type(r);
    return elem && accept(r, ")") ? make(elem) : NULL;
}

static const Type *read_literal_int(Reader *r) {
    int64_t value;
    return read_number(r, &value) && accept(r, ")") ? type_literal_int(value) : NULL;
}

static const Type *read_literal_bool(Reader *r) {
    bool value = accept(r, "True");
    return (value || accept(r, "False")) && accept(r, ")") ? type_literal_bool(value) : NULL;
}

/* The text up to the parenthesis that closes; NULL when none does.  malloc'd. */
static char *read_text(Reader *r) {
    const char *start = r->at;
    for (unsigned depth = 1; *r->at; r->at++) {
        depth += (*r->at == '(') - (*r->at == ')');
        if (depth == 0) return strndup(start, (size_t)(r->at++ - start));
    }
    return NULL;
}

static const Type *read_named(Reader *r, TypeKind kind) {
    char *text = read_text(r);
    const Type *t = !text                  ? NULL
                    : kind == TYPE_LITERAL ? type_literal_str(text)
                    : kind == TYPE_OBJECT  ? type_object(0, text)
                                           : type_function(0, text);
    free(text);
    return t;
}

static const Type *read_literal_str(Reader *r) { return read_named(r, TYPE_LITERAL); }
static const Type *read_object(Reader *r) { return read_named(r, TYPE_OBJECT); }
static const Type *read_function(Reader *r) { return read_named(r, TYPE_FUNCTION); }

static const Type *read_uniform(Reader *r) {
    const Type *elem[MAX_PARTS];
    int64_t n;
    if (!(elem[0] = read_type(r)) || !accept(r, " x ") || !read_number(r, &n) || !accept(r, ")") || n < 1 ||
        n > MAX_PARTS)
        return NULL;
    for (int64_t i = 1; i < n; i++) elem[i] = elem[0];
    return type_tuple((uint32_t)n, elem);
}

static const Type *read_tuple(Reader *r) {
    const Type *elem[MAX_PARTS];
    uint32_t n;
    return read_list(r, elem, &n) ? type_tuple(n, elem) : NULL;
}

static const Type *read_handled(Reader *r, const Type *(*make)(Handle, uint32_t, const Type *const *)) {
    const Type *elem[MAX_PARTS];
    uint32_t n;
    int64_t handle;
    return read_number(r, &handle) && accept(r, "(") && read_list(r, elem, &n) ? make((Handle)handle, n, elem)
                                                                               : NULL;
}

static const Type *read_namedtuple(Reader *r) { return read_handled(r, type_namedtuple); }
static const Type *without_lender(Handle code, uint32_t n, const Type *const *captured) {
    return type_closure(code, 0, n, captured);
}
static const Type *read_closure(Reader *r) { return read_handled(r, without_lender); }
static const Type *read_exception(Reader *r) { return read_handled(r, type_exception); }

static const Type *read_any_array(Reader *r, bool aligned, bool readonly) {
    const Type *dtype = read_type(r);
    int64_t ndim;
    if (!dtype || !type_is_scalar(dtype) || !accept(r, ", ") || !read_number(r, &ndim) || ndim < 0 ||
        ndim > 64 || !accept(r, "d, "))
        return NULL;
    Layout layout = accept(r, "C") ? LAYOUT_C : accept(r, "F") ? LAYOUT_F : LAYOUT_A;
    if (layout == LAYOUT_A && !accept(r, "A")) return NULL;
    return accept(r, ")") ? type_array(dtype, (unsigned)ndim, layout, readonly, aligned) : NULL;
}

static const Type *read_array(Reader *r) { return read_any_array(r, true, false); }
static const Type *read_readonly(Reader *r) { return read_any_array(r, true, true); }
static const Type *read_unaligned(Reader *r) { return read_any_array(r, false, false); }
static const Type *read_unaligned_readonly(Reader *r) { return read_any_array(r, false, true); }

static const Type *read_any_range(Reader *r, unsigned flags) {
    const Type *integer = read_type(r);
    if (!integer || !type_is_int(integer)) return NULL;
    flags |= accept(r, ", step") ? 0 : TYPE_RANGE_UNIT;
    return accept(r, ")") ? type_range(integer, flags) : NULL;
}

static const Type *read_range(Reader *r) { return read_any_range(r, 0); }
static const Type *read_prange(Reader *r) { return read_any_range(r, TYPE_RANGE_PARALLEL); }

static const Type *read_iter(Reader *r) {
    const Type *elem[MAX_PARTS];
    uint32_t n;
    return read_list(r, elem, &n) && n ? type_iter(elem[0], n - 1, elem + 1) : NULL;
}

static const Type *read_any_zip(Reader *r, bool enumerate) {
    const Type *elem[MAX_PARTS];
    uint32_t n;
    return read_list(r, elem, &n) ? type_zip(enumerate, n, elem) : NULL;
}

static const Type *read_zip(Reader *r) { return read_any_zip(r, false); }
static const Type *read_enumerate(Reader *r) { return read_any_zip(r, true); }
static const Type *read_optional(Reader *r) { return read_one(r, type_optional); }
static const Type *read_dtype(Reader *r) { return read_one(r, type_dtype); }
static const Type *read_flat(Reader *r) { return read_one(r, type_flat); }
static const Type *read_flags(Reader *r) { return read_one(r, type_flags); }

static const Type *read_list_of(Reader *r, unsigned flags, const char *close) {
    const Type *elem = read_type(r);
    return elem && accept(r, close) ? type_list(elem, flags) : NULL;
}

static const Type *read_plain_list(Reader *r) { return read_list_of(r, 0, ")"); }
static const Type *read_set_of(Reader *r, unsigned flags, const char *close) {
    const Type *elem = read_type(r);
    return elem && accept(r, close) ? type_set(elem, flags) : NULL;
}

static const Type *read_set(Reader *r) { return read_set_of(r, 0, ")"); }
static const Type *read_reflected_set(Reader *r) { return read_set_of(r, TYPE_TABLE_REFLECTED, ")"); }
static const Type *read_frozenset(Reader *r) { return read_set_of(r, TYPE_TABLE_FROZEN, ")"); }
static const Type *read_typed_set(Reader *r) { return read_set_of(r, TYPE_TABLE_TYPED, "]"); }

static const Type *read_dict_of(Reader *r, unsigned flags, const char *close) {
    const Type *key = read_type(r);
    const Type *value = key && accept(r, ",") ? read_type(r) : NULL;
    return value && accept(r, close) ? type_dict(key, value, flags) : NULL;
}

static const Type *read_dict(Reader *r) { return read_dict_of(r, 0, "]"); }
static const Type *read_reflected_dict(Reader *r) { return read_dict_of(r, TYPE_TABLE_REFLECTED, ")"); }

static const Type *read_view_of(Reader *r, unsigned what) {
    const Type *dict = read_type(r);
    return dict && dict->kind == TYPE_DICT && accept(r, ")") ? type_dict_view(dict, what) : NULL;
}

static const Type *read_keys(Reader *r) { return read_view_of(r, TYPE_VIEW_KEYS); }
static const Type *read_values(Reader *r) { return read_view_of(r, TYPE_VIEW_VALUES); }
static const Type *read_items(Reader *r) { return read_view_of(r, TYPE_VIEW_ITEMS); }

static const Type *read_reflected_list(Reader *r) { return read_list_of(r, TYPE_LIST_REFLECTED, ")"); }
static const Type *read_typed_list(Reader *r) { return read_list_of(r, TYPE_LIST_TYPED, "]"); }

static const Type *read_vector(Reader *r) {
    const Type *scalar = read_type(r);
    int64_t lanes;
    return scalar && accept(r, " x ") && read_number(r, &lanes) && accept(r, ")")
               ? type_vector(scalar, (unsigned)lanes)
               : NULL;
}

static const Type *read_time(Reader *r, const Type *(*make)(TimeUnit)) {
    size_t n = strcspn(r->at, "]");
    TimeUnit unit;
    if (!time_unit_named(r->at, n, &unit)) return NULL;
    r->at += n;
    return accept(r, "]") ? make(unit) : NULL;
}

static const Type *read_datetime(Reader *r) { return read_time(r, type_datetime); }
static const Type *read_timedelta(Reader *r) { return read_time(r, type_timedelta); }

static const Type *read_method(Reader *r) {
    const char *end = strstr(r->at, " for ");
    char *name = end ? strndup(r->at, (size_t)(end - r->at)) : NULL;
    if (!name) return NULL;
    r->at = end + strlen(" for ");
    const Type *receiver = read_type(r);
    const Type *t = receiver && accept(r, ")") ? type_method(receiver, name) : NULL;
    free(name);
    return t;
}

/* ---- dispatch on the first word ------------------------------------------------------------------------------------ */

// clang-format off
static const struct {
    const char *prefix;
    const Type *(*read)(Reader *r); /* what follows the prefix */
} prefix_row[] = {
    {"Literal[int](", read_literal_int},  {"Literal[bool](", read_literal_bool}, {"Literal[str](", read_literal_str},
    {"UniTuple(", read_uniform},          {"Tuple(", read_tuple},                {"NamedTuple@", read_namedtuple},
    {"array(", read_array},               {"readonly array(", read_readonly},    {"unaligned array(", read_unaligned},
    {"unaligned readonly array(", read_unaligned_readonly},                      {"OptionalType(", read_optional},
    {"range(", read_range},               {"prange(", read_prange},              {"iter(", read_iter},
    {"zip(", read_zip},                   {"enumerate(", read_enumerate},        {"dtype(", read_dtype},
    {"object(", read_object},             {"Function(", read_function},          {"Closure@", read_closure},
    {"Exception@", read_exception},       {"BoundFunction(", read_method},       {"flatiter(", read_flat},
    {"flagsobj(", read_flags},            {"vector(", read_vector},
    {"datetime64[", read_datetime},       {"timedelta64[", read_timedelta},
    {"list(", read_plain_list},           {"reflected list(", read_reflected_list}, {"ListType[", read_typed_list},
    {"set(", read_set},                   {"frozenset(", read_frozenset}, {"reflected set(", read_reflected_set},   {"DictType[", read_dict},
    {"SetType[", read_typed_set},           {"reflected dict(", read_reflected_dict}, {"dict_keys(", read_keys},
    {"dict_values(", read_values},        {"dict_items(", read_items},
};
// clang-format on

/* Types whose whole name is one word; the longest match wins. */
static const Type *read_simple(Reader *r) {
    const Type *const simple[] = {
        type_none,      type_bool,
        type_i8,        type_i16,
        type_i32,       type_i64,
        type_u8,        type_u16,
        type_u32,       type_u64,
        type_f16,       type_f32,
        type_f64,       type_c64,
        type_c128,      type_str,
        type_ellipsis,  type_ptr,
        type_undefined, type_pyobject,
        type_caught,    type_slice(TYPE_SLICE_STEP),
        type_slice(0),
    };
    const Type *best = NULL;
    size_t best_n = 0;
    for (uint32_t i = 0; i < ARRAY_LEN(simple); i++) {
        size_t n = strlen(simple[i]->name);
        if (n > best_n && strncmp(r->at, simple[i]->name, n) == 0) {
            best = simple[i];
            best_n = n;
        }
    }
    r->at += best_n;
    return best;
}

static const Type *read_type(Reader *r) {
    if (r->depth == MAX_DEPTH) return NULL;
    r->depth++;
    const Type *t = NULL;
    bool found = false;
    for (uint32_t i = 0; !found && i < ARRAY_LEN(prefix_row); i++)
        if ((found = accept(r, prefix_row[i].prefix))) t = prefix_row[i].read(r);
    if (!found) t = read_simple(r);
    r->depth--;
    return t;
}

const Type *ir_parse_type(const char **at) {
    Reader r = {.at = *at};
    const Type *t = read_type(&r);
    if (t) *at = r.at;
    return t;
}
