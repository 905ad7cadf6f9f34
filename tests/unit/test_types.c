/* test_types.c - interning, fields, promotion, the laws of unification, names, encoding, threads. */
#include <pthread.h>
#include <stdlib.h>

#include "check.h"
#include "types/types.h"

static const Type *pair(const Type *a, const Type *b) { return type_tuple(2, (const Type *[]){a, b}); }
static const Type *array(const Type *dtype, unsigned ndim, Layout layout) {
    return type_array(dtype, ndim, layout, false, true);
}

static void test_interning(void) {
    CHECK(type_int(64, true) == type_i64 && type_float(64) == type_f64 && type_complex(128) == type_c128);
    CHECK(array(type_f64, 2, LAYOUT_C) == array(type_f64, 2, LAYOUT_C));
    CHECK(array(type_f64, 2, LAYOUT_C) != array(type_f64, 2, LAYOUT_F));
    CHECK(array(type_f64, 1, LAYOUT_F) == array(type_f64, 1, LAYOUT_C));
    CHECK(array(type_f64, 0, LAYOUT_A) == array(type_f64, 0, LAYOUT_C));
    CHECK(type_literal_int(1) != type_literal_bool(true));
    CHECK(type_literal_str("a") == type_literal_str("a") && type_literal_str("a") != type_literal_str("b"));
    CHECK(type_object(5, "numpy") == type_object(5, "np") &&
          type_object(5, "numpy") != type_object(6, "numpy"));
    CHECK(type_function(0, "f") != type_function(0, "g"));
    CHECK(type_optional(type_literal_int(3)) == type_optional(type_i64));
    CHECK(type_optional(type_none) == type_none);
    CHECK(type_optional(type_optional(type_f64)) == type_optional(type_f64));
}

static void test_fields(void) {
    const Type *a = array(type_f64, 2, LAYOUT_C);
    CHECK(a->nfields == 7 && a->nleaves == 7 && a->field[ARRAY_DATA] == type_ptr);
    CHECK(a->field[array_shape(a, 1)] == type_i64 && array_stride(a, 1) == 6);
    CHECK(type_c128->nleaves == 2 && type_c64->field[COMPLEX_IM] == type_f32);
    CHECK(type_none->nleaves == 0 && type_literal_int(3)->nleaves == 0 && type_f32->nleaves == 1);
    CHECK(pair(a, type_c64)->nleaves == 9 && pair(a, type_c64)->nfields == 2);
    CHECK(type_optional(type_f64)->nleaves == 2);
    CHECK(type_range(type_i64, TYPE_RANGE_UNIT)->nleaves == 2 && type_range(type_i32, 0)->nleaves == 3);
    CHECK(type_iter(type_range(type_i32, TYPE_RANGE_UNIT), 0, NULL)->nleaves == 2);
    CHECK(type_iter(type_range(type_i32, 0), 0, NULL)->field[ITER_REMAINING] == type_i64);
    const Type *over = type_iter(a, 0, NULL);
    CHECK(over->field[ITER_CONTAINER] == a && over->field[ITER_INDEX] == type_i64);
    const Type *z = type_zip(true, 1, &a);
    CHECK(z->nfields == 2 && z->field[ENUMERATE_START] == type_i64);
    CHECK(type_iter(z, 1, &over)->field[ENUMERATE_STATE] == over);
    CHECK(!type_is_managed(over) && type_is_managed(pair(type_i64, a)) && type_is_managed(type_str));
    CHECK(type_is_managed(type_optional(a)) && !type_is_managed(type_none));
    CHECK(type_is_uniform_tuple(pair(type_i64, type_i64)) &&
          !type_is_uniform_tuple(pair(type_i64, type_f64)));
    CHECK(type_itemsize(type_bool) == 1 && type_itemsize(type_c128) == 16);
    CHECK(type_base(type_omitted(type_literal_int(3), 0)) == type_i64);
    CHECK(type_int_fits(type_i8, -128) && !type_int_fits(type_i8, 128) && type_int_fits(type_u8, 255));
    CHECK(!type_int_fits(type_u64, -1) && type_int_fits(type_i64, INT64_MIN) && !type_int_fits(type_bool, 2));
}

static void test_promotion(void) {
    static const struct {
        const Type **a, **b, **want;
    } rows[] = {
        {&type_bool, &type_bool, &type_bool}, {&type_bool, &type_i8, &type_i8},
        {&type_u8, &type_i8, &type_i16},      {&type_u32, &type_i8, &type_i64},
        {&type_u64, &type_i8, &type_f64},     {&type_i16, &type_u8, &type_i16},
        {&type_i8, &type_f16, &type_f16},     {&type_u16, &type_f16, &type_f32},
        {&type_i32, &type_f32, &type_f64},    {&type_i16, &type_f32, &type_f32},
        {&type_i64, &type_f16, &type_f64},    {&type_f32, &type_c64, &type_c64},
        {&type_f64, &type_c64, &type_c128},   {&type_i32, &type_c64, &type_c128},
        {&type_i16, &type_c64, &type_c64},    {&type_f16, &type_c64, &type_c64},
        {&type_bool, &type_c64, &type_c64},   {&type_u64, &type_u8, &type_u64},
        {&type_u64, &type_f32, &type_f64},    {&type_c64, &type_c128, &type_c128},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK(type_promote(*rows[i].a, *rows[i].b) == *rows[i].want);
        CHECK(type_promote(*rows[i].b, *rows[i].a) == *rows[i].want);
    }
}

static void test_unify(void) {
    CHECK(type_unify(type_i32, type_i64) == type_i64 && type_unify(type_i64, type_u64) == type_i64);
    CHECK(type_unify(type_i64, type_f64) == type_f64 && type_unify(type_i64, type_f32) == type_f64);
    CHECK(type_unify(type_i16, type_f32) == type_f32 && type_unify(type_bool, type_i8) == type_i8);
    CHECK(type_unify(type_literal_int(1), type_literal_int(1)) == type_literal_int(1));
    CHECK(type_unify(type_literal_int(1), type_literal_int(2)) == type_i64);
    CHECK(type_unify(type_literal_str("a"), type_str) == type_str);
    CHECK(type_unify(type_none, type_f64) == type_optional(type_f64));
    CHECK(type_unify(type_optional(type_i64), type_f64) == type_optional(type_f64));
    CHECK(type_unify(type_optional(type_i64), type_none) == type_optional(type_i64));
    CHECK(type_unify(type_none, type_function(1, "f")) == NULL);
    CHECK(type_unify(type_undefined, type_i64) == NULL && type_unify(type_str, type_i64) == NULL);
    CHECK(type_unify(pair(type_i64, type_f32), pair(type_literal_int(4), type_f64)) ==
          pair(type_i64, type_f64));
    CHECK(type_unify(pair(type_i64, type_str), pair(type_i64, type_i64)) == NULL);
    const Type *ro = type_array(type_f64, 2, LAYOUT_C, true, true);
    CHECK(type_unify(ro, array(type_f64, 2, LAYOUT_F)) == type_array(type_f64, 2, LAYOUT_A, true, true));
    CHECK(type_unify(array(type_f64, 1, LAYOUT_C), array(type_f32, 1, LAYOUT_C)) == NULL);
    CHECK(type_unify(type_slice(0), type_slice(TYPE_SLICE_STEP)) == type_slice(TYPE_SLICE_STEP));
}

/* Any order of joins gives the same type: inference relies on it. */
static void test_unify_laws(void) {
    const Type *t[] = {type_bool,
                       type_i8,
                       type_i16,
                       type_i32,
                       type_i64,
                       type_u8,
                       type_u16,
                       type_u32,
                       type_u64,
                       type_f16,
                       type_f32,
                       type_f64,
                       type_c64,
                       type_c128,
                       type_none,
                       type_literal_int(3),
                       type_str,
                       type_optional(type_i16),
                       pair(type_u16, type_i8),
                       pair(type_none, type_f32)};
    const uint32_t n = ARRAY_LEN(t);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++) {
            const Type *ij = type_unify(t[i], t[j]);
            CHECK(ij == type_unify(t[j], t[i]));
            if (!ij) continue;
            CHECK(type_unify(ij, t[i]) == ij && type_unify(ij, t[j]) == ij);
            for (uint32_t k = 0; k < n; k++) {
                const Type *jk = type_unify(t[j], t[k]);
                CHECK(type_unify(ij, t[k]) == (jk ? type_unify(t[i], jk) : NULL));
            }
        }
}

static void test_conversion(void) {
    CHECK(type_can_convert(type_i64, type_i64) == CONVERT_EXACT);
    CHECK(type_can_convert(type_i32, type_i64) == CONVERT_PROMOTE);
    CHECK(type_can_convert(type_u32, type_i64) == CONVERT_SAFE);
    CHECK(type_can_convert(type_i64, type_f64) == CONVERT_SAFE);
    CHECK(type_can_convert(type_i32, type_f64) == CONVERT_SAFE);
    CHECK(type_can_convert(type_f32, type_f64) == CONVERT_PROMOTE);
    CHECK(type_can_convert(type_f64, type_f32) == CONVERT_UNSAFE);
    CHECK(type_can_convert(type_f64, type_i64) == CONVERT_UNSAFE);
    CHECK(type_can_convert(type_c128, type_f64) == CONVERT_NO);
    CHECK(type_can_convert(type_bool, type_i64) == CONVERT_SAFE);
    CHECK(type_can_convert(type_literal_int(3), type_i64) == CONVERT_PROMOTE);
    CHECK(type_can_convert(type_none, type_optional(type_f64)) == CONVERT_PROMOTE);
    CHECK(type_can_convert(array(type_f64, 2, LAYOUT_C), array(type_f64, 2, LAYOUT_A)) == CONVERT_SAFE);
    CHECK(type_can_convert(array(type_f64, 2, LAYOUT_A), array(type_f64, 2, LAYOUT_C)) == CONVERT_NO);
    CHECK(type_can_convert(pair(type_i32, type_f64), pair(type_i64, type_f64)) == CONVERT_PROMOTE);
    CHECK(type_can_convert(type_str, type_i64) == CONVERT_NO);
}

static void test_names(void) {
    CHECK_TEXT(type_i64->name, "int64");
    CHECK_TEXT(type_bool->name, "boolean");
    CHECK_TEXT(type_c128->name, "complex128");
    CHECK_TEXT(type_str->name, "unicode_type");
    CHECK_TEXT(array(type_f64, 2, LAYOUT_F)->name, "array(float64, 2d, F)");
    CHECK_TEXT(type_array(type_f64, 1, LAYOUT_C, true, true)->name, "readonly array(float64, 1d, C)");
    CHECK_TEXT(pair(type_i64, type_i64)->name, "UniTuple(int64 x 2)");
    CHECK_TEXT(pair(type_i64, type_f64)->name, "Tuple(int64, float64)");
    CHECK_TEXT(type_literal_int(-3)->name, "Literal[int](-3)");
    CHECK_TEXT(type_literal_bool(true)->name, "Literal[bool](True)");
    CHECK_TEXT(type_literal_str("ab")->name, "Literal[str](ab)");
    CHECK_TEXT(type_optional(type_f64)->name, "OptionalType(float64)");
    CHECK_TEXT(type_omitted(type_none, 0)->name, "omitted(default=None)");
    CHECK_TEXT(type_omitted(type_literal_int(3), 7)->name, "omitted(default=3)");
    CHECK_TEXT(type_code(type_f64), "f64");
    CHECK_TEXT(type_code(array(type_u8, 2, LAYOUT_C)), "A2Cu8");
    CHECK(type_code(type_i64) == type_code(type_i64));
}

/* ---- encoding: handle h travels as object h + 100 -------------------------------------------------------------- */

static uint32_t index_of(void *data, Handle h) { return (void)data, h + 100; }
static Handle object_at(void *data, uint32_t index) { return (void)data, index < 100 ? 0 : index - 100; }

static void test_encoding(void) {
    const Type *z = type_zip(false, 1, &type_str), *inner = type_iter(type_str, 0, NULL);
    const Type *t[] = {
        type_none,
        type_i8,
        type_u64,
        type_f16,
        type_c64,
        type_str,
        type_literal_int(INT64_MIN),
        type_literal_bool(false),
        type_literal_str("x y"),
        type_literal_str(""),
        pair(type_i8, pair(type_none, type_c128)),
        type_tuple(0, NULL),
        type_namedtuple(4, 1, &type_f64),
        type_array(type_bool, 3, LAYOUT_A, true, false),
        type_optional(type_i8),
        type_range(type_i64, TYPE_RANGE_UNIT | TYPE_RANGE_PARALLEL),
        type_slice(TYPE_SLICE_STEP),
        z,
        type_iter(z, 1, &inner),
        type_dtype(type_f32),
        type_object(3, "numpy"),
        type_function(9, "sum"),
        type_closure(2, 3, 1, &type_i64),
        type_method(array(type_f64, 1, LAYOUT_C), "sum"),
        type_exception(8, 1, &type_str),
        type_omitted(type_i64, 1),
        type_flat(array(type_f64, 1, LAYOUT_C)),
        type_vector(type_f64, 4),
        type_ptr,
        type_undefined,
        type_ellipsis,
    };
    for (uint32_t i = 0; i < ARRAY_LEN(t); i++) {
        StrBuf b = {0};
        type_encode(&b, t[i], index_of, NULL);
        const uint8_t *at = (const uint8_t *)b.at, *end = at + b.n;
        CHECK(type_decode(&at, end, object_at, NULL) == t[i] && at == end);
        for (size_t cut = 0; cut < b.n; cut++) { /* truncated: refused, or a shorter type, never a crash */
            at = (const uint8_t *)b.at;
            type_decode(&at, at + cut, object_at, NULL);
            CHECK(at <= (const uint8_t *)b.at + cut);
        }
        strbuf_free(&b);
    }
}

static void test_garbage(void) {
    uint8_t bytes[64];
    uint64_t state = 12345;
    for (int round = 0; round < 200000; round++) {
        size_t n = 1 + (state >> 40) % sizeof bytes;
        for (size_t i = 0; i < n; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = (uint8_t)(round & 1 ? state >> 56 : (state >> 56) % TYPE_KIND_COUNT);
        }
        const uint8_t *at = bytes;
        const Type *t = type_decode(&at, bytes + n, object_at, NULL);
        CHECK(at <= bytes + n && (!t || t->name != NULL));
    }
}

static void *intern_many(void *out) {
    const Type **t = out;
    for (int i = 0; i < 2000; i++) t[i] = type_tuple(2, (const Type *[]){type_literal_int(i), type_f64});
    return NULL;
}

static void test_threads(void) {
    static const Type *got[4][2000];
    pthread_t thread[4];
    for (int i = 0; i < 4; i++) pthread_create(&thread[i], NULL, intern_many, got[i]);
    for (int i = 0; i < 4; i++) pthread_join(thread[i], NULL);
    CHECK(!memcmp(got[0], got[1], sizeof got[0]) && !memcmp(got[0], got[3], sizeof got[0]));
}

int main(void) {
    TypeTable *table = types_start();
    const Type *before = type_f64;
    types_adopt(table);
    CHECK(type_f64 == before);
    test_interning();
    test_fields();
    test_promotion();
    test_unify();
    test_unify_laws();
    test_conversion();
    test_names();
    test_encoding();
    test_garbage();
    test_threads();
    return check_summary();
}
