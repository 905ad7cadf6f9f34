/* call.c - what type rules use: declining, reporting, and reading arguments that are known at compile time.
 * */
#include "library/objects.h"

const Type *call_decline(Call *c) {
    c->declined = true;
    return NULL;
}

Operator call_operator(const Call *c) {
    const char *name = c->row->name + strlen("operator.");
    for (Operator op = 0; op < OPERATOR_COUNT; op++)
        if (!strcmp(name, operator_info[op].function)) return op;
    for (Operator op = 0; *name == 'i' && op < OPERATOR_COUNT; op++) {
        size_t n = strcspn(operator_info[op].function, "_"); /* or_, but ior */
        if (strlen(name + 1) == n && !strncmp(name + 1, operator_info[op].function, n)) return op;
    }
    assert(!"a row of operators with another name");
    return OPERATOR_COUNT;
}

const Type *call_error(Call *c, DiagCode code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    char *text = arena_vprintf(&c->unit->arena, fmt, args);
    va_end(args);
    func_error(c->func, c->span, code, "%s", text);
    return NULL;
}

bool call_refine(Call *c, uint32_t i, const Type *to) { return c->infer->refine(c->infer, i, to); }

const Type *call_wait(Call *c) {
    c->infer->wait(c->infer);
    c->waits = true;
    return NULL;
}

bool call_waits(const Call *c) { return c->waits; }

const Type *call_refined(Call *c) { return c->infer->refined(c->infer); }

static const Type *literal(const Call *c, uint32_t i) {
    const Type *t = i < c->nargs ? c->type[i] : NULL;
    return t && t->kind == TYPE_LITERAL ? t : NULL;
}

bool call_literal_int(const Call *c, uint32_t i, int64_t *value) {
    const Type *t = literal(c, i);
    if (!t || (t->elem[0]->kind != TYPE_INT && t->elem[0]->kind != TYPE_BOOL)) return false;
    *value = t->value;
    return true;
}

bool call_literal_bool(const Call *c, uint32_t i, bool *value) {
    int64_t v;
    if (!call_literal_int(c, i, &v) || c->type[i]->elem[0]->kind != TYPE_BOOL) return false;
    *value = v != 0;
    return true;
}

const char *call_literal_str(const Call *c, uint32_t i) {
    const Type *t = literal(c, i);
    return t && t->elem[0]->kind == TYPE_STR ? t->text : NULL;
}

bool call_is_none(const Call *c, uint32_t i) {
    return i >= c->nargs || !c->type[i] || c->type[i]->kind == TYPE_NONE;
}

// clang-format off
/* Python classes and type strings that name a scalar type. */
static const struct {
    const char *row, *text;
    const Type *const *type;
} dtype_names[] = {
    {"builtins.float", "float", &type_f64}, {"builtins.int", "int", &type_i64},
    {"builtins.bool", "bool", &type_bool},  {"builtins.complex", "complex", &type_c128},
    {NULL, "?", &type_bool},                {NULL, "b1", &type_bool},
    {NULL, "bool_", &type_bool},            {NULL, "int8", &type_i8},
    {NULL, "i1", &type_i8},                 {NULL, "b", &type_i8},
    {NULL, "int16", &type_i16},             {NULL, "i2", &type_i16},
    {NULL, "h", &type_i16},                 {NULL, "int32", &type_i32},
    {NULL, "i4", &type_i32},                {NULL, "i", &type_i32},
    {NULL, "int64", &type_i64},             {NULL, "i8", &type_i64},
    {NULL, "l", &type_i64},                 {NULL, "q", &type_i64},
    {NULL, "intp", &type_i64},              {NULL, "p", &type_i64},
    {NULL, "uint8", &type_u8},              {NULL, "u1", &type_u8},
    {NULL, "B", &type_u8},                  {NULL, "uint16", &type_u16},
    {NULL, "u2", &type_u16},                {NULL, "H", &type_u16},
    {NULL, "uint32", &type_u32},            {NULL, "u4", &type_u32},
    {NULL, "I", &type_u32},                 {NULL, "uint64", &type_u64},
    {NULL, "u8", &type_u64},                {NULL, "L", &type_u64},
    {NULL, "Q", &type_u64},                 {NULL, "uintp", &type_u64},
    {NULL, "float16", &type_f16},           {NULL, "f2", &type_f16},
    {NULL, "e", &type_f16},                 {NULL, "half", &type_f16},
    {NULL, "float32", &type_f32},           {NULL, "f4", &type_f32},
    {NULL, "f", &type_f32},                 {NULL, "single", &type_f32},
    {NULL, "float64", &type_f64},           {NULL, "f8", &type_f64},
    {NULL, "d", &type_f64},                 {NULL, "double", &type_f64},
    {NULL, "complex64", &type_c64},         {NULL, "c8", &type_c64},
    {NULL, "F", &type_c64},                 {NULL, "complex128", &type_c128},
    {NULL, "c16", &type_c128},              {NULL, "D", &type_c128},
};
// clang-format on

const Type *dtype_named(const char *text) {
    if (*text == '=' || *text == '<' || *text == '|') /* native byte order, spelled out */
        text++;
    for (uint32_t k = 0; k < ARRAY_LEN(dtype_names); k++)
        if (!strcmp(text, dtype_names[k].text)) return *dtype_names[k].type;
    return type_time_named(text);
}

const Type *call_dtype(const Call *c, uint32_t i) {
    const Type *t = i < c->nargs ? c->type[i] : NULL;
    if (!t) return NULL;
    if (t->kind == TYPE_DTYPE)
        return type_is_storage(t->elem[0]) || type_is_array(t->elem[0]) ? NULL : t->elem[0];
    const char *text = call_literal_str(c, i);
    if (text) return dtype_named(text);
    const char *row = t->kind == TYPE_FUNCTION ? library_name_of(t->handle) : NULL;
    for (uint32_t k = 0; row && k < ARRAY_LEN(dtype_names) && dtype_names[k].row; k++)
        if (!strcmp(row, dtype_names[k].row)) return *dtype_names[k].type;
    return NULL;
}

const Type *call_storage_dtype(const Call *c, uint32_t i) {
    const char *text = call_literal_str(c, i);
    const Type *t = text ? object_dtype_named(text) : NULL;
    return t && t->kind == TYPE_DTYPE ? t->elem[0] : NULL;
}

const Type *call_dtype_error(Call *c, uint32_t i) {
    const Type *t = c->type[i];
    const char *text = call_literal_str(c, i), *name = c->row->name;
    bool of_numpy = !strncmp(name, "numpy.", 6);
    if (text) return call_error(c, DIAG_NO_IMPLEMENTATION, "Invalid NumPy dtype specified: '%s'", text);
    if (t->kind == TYPE_STR)
        return call_error(c, DIAG_NOT_CONSTANT, "If %s%s dtype is a string it must be a string constant.",
                          of_numpy ? "np." : "", of_numpy ? name + 6 : name);
    return call_error(c, DIAG_NO_IMPLEMENTATION, "%s is not a dtype that compiled code can use", t->name);
}

const Type *call_named_type(const Call *c, uint32_t i) {
    const Type *t = i < c->nargs ? c->type[i] : NULL, *dtype = call_dtype(c, i);
    if (!t || dtype) return dtype;
    if (t->kind == TYPE_DTYPE && type_is_array(t->elem[0])) return t->elem[0]; /* float64[:] */
    if (t->kind == TYPE_FUNCTION || t->kind == TYPE_OBJECT) return object_named_type(t->handle);
    return type_is_container(t) ? t : NULL;
}

const Type *library_widen(const Type *t) {
    if (t->kind == TYPE_LITERAL) return t->elem[0]->kind == TYPE_STR ? t : t->elem[0];
    if (!type_is_tuple(t) && t->kind != TYPE_STRDICT) return t;
    const Type *wide[t->nelem + 1];
    bool changed = false;
    for (uint32_t i = 0; i < t->nelem; i++) {
        wide[i] = library_widen(t->elem[i]);
        changed |= wide[i] != t->elem[i];
    }
    if (!changed) return t;
    if (t->kind == TYPE_STRDICT) return type_strdict(t->nelem, wide);
    return t->kind == TYPE_TUPLE ? type_tuple(t->nelem, wide) : type_namedtuple(t->handle, t->nelem, wide);
}
