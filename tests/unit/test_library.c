/* test_library.c - the rows themselves: every one is well formed; parameters, binding, lookup, dtype names. */
#include "check.h"
#include "library/objects.h"
#include "library/tables.h"

static Arena arena;

/* ---- what must hold of every row ------------------------------------------------------------------------- */

static void check_row(const LibTable *table, const LibRow *row) {
    const Signature *s = library_signature(row);
    bool seen_default = false;
    CHECK(row->name && strchr(row->name, '.') && row->params && row->type && s);
    CHECK(row->rung >= 1 && row->rung <= 4);
    for (uint32_t i = 0; s && i < s->n; i++) {
        const Param *p = &s->param[i];
        if (p->keyword_only || p->is_star) continue;
        if (seen_default && !p->default_type)
            fprintf(stderr, "%s: %s(%s)\n", table->name, row->name, row->params);
        CHECK(!seen_default || p->default_type);
        seen_default |= p->default_type != NULL;
    }
}

static void test_rows(void) {
    for (uint32_t t = 0; t < library_ntables; t++)
        for (uint32_t i = 0; i < library_tables[t]->n; i++)
            check_row(library_tables[t], &library_tables[t]->row[i]);
    uint32_t n;
    CHECK(library_rows("operator.add", &n) != NULL && n >= 2);
    CHECK(library_rows("no.such_name", &n) == NULL && n == 0);
    CHECK(library_name_of(0) == NULL);
}

/* ---- parameters ------------------------------------------------------------------------------------------- */

static void test_signatures(void) {
    const LibRow row = {.name = "test.f", .params = "a, /, b=-3, c='text', *rest, d=2.5, e=None, f=True"};
    const Signature *s = signature_parse(&arena, &row);
    CHECK(s && s->n == 7);
    if (!s || s->n != 7) return;
    CHECK(s->param[0].positional_only && !s->param[0].default_type && !strcmp(s->param[0].name, "a"));
    CHECK(s->param[1].default_type == type_literal_int(-3) && !s->param[1].positional_only);
    CHECK(s->param[2].default_type == type_literal_str("text"));
    CHECK(s->param[3].is_star && !strcmp(s->param[3].name, "rest"));
    CHECK(s->param[4].keyword_only && s->param[4].default_type == type_f64 &&
          s->param[4].default_float == 2.5);
    CHECK(s->param[5].default_type == type_none && s->param[6].default_type == type_literal_bool(true));
    const LibRow none = {.name = "test.g", .params = ""}, only = {.name = "test.h", .params = "a, *, b"};
    CHECK(signature_parse(&arena, &none)->n == 0);
    CHECK(signature_parse(&arena, &only)->n == 2 && signature_parse(&arena, &only)->param[1].keyword_only);
    const LibRow wrong = {.name = "test.i", .params = "a=what"};
    CHECK(signature_parse(&arena, &wrong) == NULL);
}

static const LibRow *row_of(const char *name) {
    uint32_t n;
    const LibRow *const *rows = library_rows(name, &n);
    CHECK(n > 0);
    return rows[0];
}

static void test_binding(void) {
    const LibRow *row = row_of("builtins.enumerate"); /* "iterable, start=0" */
    const char *keyword[] = {"start"}, *unknown[] = {"begin"}, *why = NULL;
    const CallInfo start = {.nkeywords = 1, .keyword = keyword}, begin = {.nkeywords = 1, .keyword = unknown};
    int32_t bound[2];
    CHECK(library_bind(&arena, row, 1, NULL, bound, &why) && bound[0] == 0 && bound[1] == -1);
    CHECK(library_bind(&arena, row, 2, NULL, bound, &why) && bound[1] == 1);
    CHECK(library_bind(&arena, row, 2, &start, bound, &why) && bound[0] == 0 && bound[1] == 1);
    CHECK(!library_bind(&arena, row, 0, NULL, bound, &why));
    CHECK_TEXT(why, "enumerate() missing a required argument: 'iterable'");
    CHECK(!library_bind(&arena, row, 3, NULL, bound, &why));
    CHECK_TEXT(why, "enumerate() takes 2 positional arguments but 3 were given");
    CHECK(!library_bind(&arena, row, 2, &begin, bound, &why));
    CHECK_TEXT(why, "enumerate() got an unexpected keyword argument 'begin'");
    CHECK(!library_bind(&arena, row, 3, &start, bound, &why));
    CHECK_TEXT(why, "enumerate() got multiple values for argument 'start'");
    row = row_of("builtins.zip"); /* "*iterables" */
    CHECK(library_bind(&arena, row, 3, NULL, bound, &why) && bound[0] == 0);
    CHECK(library_bind(&arena, row, 0, NULL, bound, &why) && bound[0] == -1);
}

/* ---- types of arguments ------------------------------------------------------------------------------------- */

static void test_dtype_names(void) {
    CHECK(dtype_named("float32") == type_f32 && dtype_named("<f8") == type_f64 &&
          dtype_named("?") == type_bool);
    CHECK(dtype_named("=i4") == type_i32 && dtype_named("D") == type_c128 && dtype_named(">i4") == NULL);
    CHECK(dtype_named("U5") == NULL);
    const Type *type[] = {type_dtype(type_u8), type_literal_str("int16"), type_i64, NULL, type_none};
    const Call c = {.nargs = 5, .type = type};
    CHECK(call_dtype(&c, 0) == type_u8 && call_dtype(&c, 1) == type_i16 && call_dtype(&c, 2) == NULL);
    CHECK(call_is_none(&c, 3) && call_is_none(&c, 4) && call_is_none(&c, 5) && !call_is_none(&c, 2));
}

static void test_widening(void) {
    const Type *three = type_literal_int(3), *yes = type_literal_bool(true);
    const Type *inner = type_tuple(2, (const Type *[]){three, type_f32});
    const Type *outer = type_tuple(2, (const Type *[]){yes, inner});
    const Type *wide = library_widen(outer);
    CHECK(library_widen(three) == type_i64 && library_widen(type_f32) == type_f32);
    CHECK(wide->elem[0] == type_bool && wide->elem[1]->elem[0] == type_i64 && library_widen(wide) == wide);
    CHECK(library_widen(type_literal_str("x")) == type_literal_str("x"));
}

int main(void) {
    arena_init(&arena, NULL, NULL);
    if (!types_start() || !library_start(NULL)) return 1;
    test_rows();
    test_signatures();
    test_binding();
    test_dtype_names();
    test_widening();
    arena_free(&arena);
    return check_summary();
}
