/* string_methods.c - the methods of str that are one call of the runtime, and the conversions of text to numbers. */
#include "library/texts.h"

/* ---- index, rindex: find, but they raise ------------------------------------------------------------------------ */

static ValueId emit_index(Lower *l, Call *c) {
    ValueId at = text_emit(l, c);
    lower_raise_if(l, ir_icmp(&l->b, PRED_LT, at, lower_i64(l, 0)), "ValueError", "substring not found", 0,
                   NULL);
    return at;
}

/* ---- startswith, endswith: also with a tuple of texts ---------------------------------------------------------- */

static const Type *type_tail(Call *c) {
    const Type *part = c->type[1];
    if (!type_is_tuple(part)) return text_type(c);
    for (uint32_t i = 0; i < part->nelem; i++)
        if (!text_is_str(part->elem[i])) return call_decline(c);
    return text_is_str(c->type[0]) ? type_bool : call_decline(c);
}

static ValueId emit_tail(Lower *l, Call *c) {
    const Type *parts = c->type[1];
    if (!type_is_tuple(parts)) return text_emit(l, c);
    ValueId any = lower_bool(l, false), value = c->value[1];
    const Type **type = arena_array(&l->unit->arena, const Type *, c->nargs);
    ValueId *arg = arena_array(&l->unit->arena, ValueId, c->nargs);
    memcpy(type, c->type, c->nargs * sizeof *type);
    memcpy(arg, c->value, c->nargs * sizeof *arg);
    for (uint32_t i = 0; i < parts->nelem; i++) {
        Call one = *c;
        one.type = type;
        one.value = arg;
        type[1] = parts->elem[i];
        arg[1] = type[1]->nleaves ? lower_field(l, value, i) : NO_VALUE;
        any = lower_or(l, any, text_emit(l, &one));
    }
    return any;
}

/* ---- int(text) and float(text) ---------------------------------------------------------------------------------- */

/* A literal that is a number is one at compile time already: conversions.c. */
static const Type *type_number(Call *c) { return text_is_str(c->type[0]) ? text_type(c) : call_decline(c); }

static const Type *type_same(Call *c) {
    return c->type[0] && text_is_str(c->type[0]) ? type_str : call_decline(c);
}

static ValueId emit_same(Lower *l, Call *c) {
    ValueId text = text_arg(l, c, 0);
    lower_incref(l, text);
    return text;
}

// clang-format off
#define CALL(native, shape, extra, errors) &(const TextCall){NATIVE_text_##native, shape, extra, errors}
#define ROW(name, params, call) {"str." name, params, text_type, text_emit, call, 1, 0}
#define TEST(name, number) ROW(name, "a, /", CALL(is, "b1s", number, 0))
#define CASE(name, number) ROW(name, "a, /", CALL(case, "ss", number, ERROR_VALUE | ERROR_TYPE))

static const LibRow rows[] = {
    ROW("find", "a, sub, start=None, end=None, /", CALL(find, "i1ssze", -1, 0)),
    ROW("rfind", "a, sub, start=None, end=None, /", CALL(rfind, "i1ssze", -1, 0)),
    {"str.index", "a, sub, start=None, end=None, /", text_type, emit_index, CALL(find, "i1ssze", -1, 0), 1, 0},
    {"str.rindex", "a, sub, start=None, end=None, /", text_type, emit_index, CALL(rfind, "i1ssze", -1, 0), 1, 0},
    ROW("count", "a, sub, start=None, end=None, /", CALL(count, "i1ssze", -1, 0)),
    {"str.startswith", "a, prefix, start=None, end=None, /", type_tail, emit_tail, CALL(tail, "b1ssze", 0, 0), 1, 0},
    {"str.endswith", "a, suffix, start=None, end=None, /", type_tail, emit_tail, CALL(tail, "b1ssze", 1, 0), 1, 0},
    ROW("strip", "a, chars=None, /", CALL(strip, "sso", 3, 0)),
    ROW("lstrip", "a, chars=None, /", CALL(strip, "sso", 1, 0)),
    ROW("rstrip", "a, chars=None, /", CALL(strip, "sso", 2, 0)),
    ROW("removeprefix", "a, prefix, /", CALL(remove, "sss", 0, 0)),
    ROW("removesuffix", "a, suffix, /", CALL(remove, "sss", 1, 0)),
    ROW("ljust", "a, width, fillchar=' ', /", CALL(just, "ssis", 0, ERROR_TYPE)),
    ROW("rjust", "a, width, fillchar=' ', /", CALL(just, "ssis", 1, ERROR_TYPE)),
    ROW("center", "a, width, fillchar=' ', /", CALL(just, "ssis", 2, ERROR_TYPE)),
    ROW("zfill", "a, width, /", CALL(zfill, "ssi", -1, 0)),
    ROW("expandtabs", "a, tabsize=8", CALL(expandtabs, "ssi", -1, 0)),
    ROW("replace", "a, old, new, count=-1, /", CALL(replace, "ssssi", -1, 0)),
    ROW("partition", "a, sep, /", CALL(partition, "3ss", 0, ERROR_VALUE)),
    ROW("rpartition", "a, sep, /", CALL(partition, "3ss", 1, ERROR_VALUE)),
    CASE("lower", 0), CASE("upper", 1), CASE("swapcase", 2), CASE("title", 3), CASE("capitalize", 4),
    CASE("casefold", 5),
    TEST("isalpha", 0), TEST("isdecimal", 1), TEST("isdigit", 2), TEST("isnumeric", 3), TEST("isprintable", 4),
    TEST("isspace", 5), TEST("isalnum", 6), TEST("islower", 7), TEST("isupper", 8), TEST("istitle", 9),
    TEST("isascii", 10),
    ROW("isidentifier", "a, /", CALL(identifier, "bs", -1, 0)),
    {"str.__str__", "a, /", type_same, emit_same, NULL, 1, LIB_BORROWS},
    {"builtins.int", "x, base=10", type_number, text_emit, CALL(to_int, "isi", -1, ERROR_VALUE | ERROR_OVERFLOW), 1, 0},
    {"builtins.float", "x, /", type_number, text_emit, CALL(to_float, "fs", -1, ERROR_VALUE), 1, 0},
};
// clang-format on

const LibTable library_string_methods_table = {"string_methods", rows, ARRAY_LEN(rows)};
