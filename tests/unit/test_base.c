/* test_base.c - arenas, vectors, maps, the string builder, diagnostics. */
#include <setjmp.h>

#include "base/base.h"
#include "check.h"

static void test_arena(void) {
    Arena a;
    arena_init(&a, NULL, NULL);
    for (size_t n = 0; n < 3000; n += 7) {
        char *p = arena_alloc(&a, n);
        bool zero = true;
        for (size_t i = 0; i < n; i++) zero &= p[i] == 0;
        CHECK(zero && ((uintptr_t)p & 15) == 0);
        memset(p, 0xff, n);
    }
    char *large = arena_alloc(&a, 5 << 20);
    CHECK(large[(5 << 20) - 1] == 0);
    CHECK_TEXT(arena_printf(&a, "%d-%s", 42, "x"), "42-x");
    CHECK_TEXT(arena_strndup(&a, "abcdef", 3), "abc");
    CHECK_TEXT((char *)arena_grow(&a, "hello", 6, 100), "hello");
    arena_free(&a);
    CHECK(a.nbytes == 0);
    CHECK(arena_alloc(&a, 10) != NULL); /* may be used again */
    arena_free(&a);
}

static void unwind(Arena *a) { longjmp(*(jmp_buf *)a->exhausted_data, 1); }

static void test_exhausted(void) {
    jmp_buf env;
    Arena a;
    arena_init(&a, unwind, &env);
    volatile bool unwound = false;
    if (setjmp(env) == 0) arena_alloc(&a, SIZE_MAX - 100);
    else unwound = true;
    CHECK(unwound);
    arena_free(&a);
}

static void test_containers(void) {
    Arena a;
    arena_init(&a, NULL, NULL);
    Vec(int) v = {0};
    for (int i = 0; i < 1000; i++) vec_push(&a, &v, i * i);
    CHECK(v.n == 1000 && v.at[999] == 999 * 999 && vec_last(&v) == 999 * 999);
    CHECK(vec_pop(&v) == 999 * 999 && v.n == 999);

    Map m = {0};
    uint64_t value;
    CHECK(!map_find(&m, 0, &value));
    for (uint64_t i = 0; i < 5000; i++) map_set(&a, &m, i << 32, i + 1);
    map_set(&a, &m, 7ull << 32, 99);
    CHECK(m.n == 5000);
    for (uint64_t i = 0; i < 5000; i++)
        CHECK(map_find(&m, i << 32, &value) && value == (i == 7 ? 99 : i + 1));
    CHECK(!map_find(&m, 1, NULL) && map_find_ptr(&m, 1) == NULL);

    StrMap s = {0};
    CHECK(strmap_find(&s, "x") == NULL);
    for (int i = 0; i < 1000; i++) strmap_set(&a, &s, arena_printf(&a, "key%d", i), &v.at[i % 900]);
    CHECK(s.n == 1000 && strmap_find(&s, "key899") == &v.at[899] && !strmap_find(&s, "key1000"));
    CHECK(hash_bytes("abc", 3, 0) != hash_bytes("abd", 3, 0) &&
          hash_bytes("", 0, 0) != hash_bytes("\0", 1, 0));
    arena_free(&a);
}

static void test_text(void) {
    StrBuf b = {0};
    for (int i = 0; i < 100; i++) strbuf_printf(&b, "%d,", i);
    CHECK(b.n == 290 && strlen(b.at) == b.n && !b.failed);
    strbuf_puts(&b, "end");
    CHECK(!strcmp(b.at + b.n - 3, "end"));
    strbuf_free(&b);
    CHECK(b.at == NULL);
}

static void test_diagnostics(void) {
    Arena a;
    arena_init(&a, NULL, NULL);
    Diagnostics d = {.arena = &a};
    CHECK(!diag_any(&d));
    diag_add(&d, DIAG_CANNOT_UNIFY, "f.py", "f", (Span){.line = 3}, "%s and %s", "a", "b")->hint = "hint";
    CHECK(diag_any(&d) && d.list.at[0].span.line == 3);
    CHECK_TEXT(d.list.at[0].message, "a and b");
    CHECK_TEXT(diag_code_text(DIAG_CANNOT_UNIFY), "NJ2002");
    CHECK_TEXT(diag_code_class(DIAG_CANNOT_UNIFY), "TypingError");
    for (int i = 0; i < DIAG_COUNT; i++) CHECK(diag_code_text(i) && diag_code_class(i) && diag_code_hint(i));
    arena_free(&a);
}

int main(void) {
    test_arena();
    test_exhausted();
    test_containers();
    test_text();
    test_diagnostics();
    return check_summary();
}
