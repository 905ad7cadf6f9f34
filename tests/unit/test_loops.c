/* test_loops.c - dominators, loops, and where pass polls puts checkpoints. */
#include "check.h"
#include "passes/pipeline.h"

static Unit *unit;

static const char *printed(const Func *f) {
    StrBuf b = {0};
    func_print(&b, f);
    const char *text = arena_strdup(&unit->arena, b.at ? b.at : "");
    strbuf_free(&b);
    return text;
}

static Func *parse(const char *text) {
    Func *f = func_parse(unit, text);
    StrBuf why = {0};
    if (!f) fprintf(stderr, "%s\n", vec_last(&unit->diags.list).message);
    CHECK(f != NULL);
    CHECK(f && func_verify(f, &why));
    if (why.at) fprintf(stderr, "%s", why.at);
    strbuf_free(&why);
    return f;
}

static const char *polled(const char *text) {
    Func *f = parse(text);
    pass_polls(f);
    StrBuf why = {0};
    CHECK(func_verify(f, &why));
    if (why.at) fprintf(stderr, "%s", why.at);
    strbuf_free(&why);
    return printed(f);
}

/* for i in range(n): for j in range(n): if ...: continue; and a while loop behind */
static const char *const nest = "func nest typed -> none {\n"
                                "b0:\n"
                                "  %0: range(int64) = param 0\n"
                                "  %1: boolean = param 1\n"
                                "  %2: iter(range(int64)) = iter %0\n"
                                "  br b1\n"
                                "b1:\n"
                                "  %3: iter(range(int64)) = phi b0 %2, b4 %9\n"
                                "  %4: boolean = iter_valid %3\n"
                                "  condbr %4, b2, b7\n"
                                "b2:\n"
                                "  %5: iter(range(int64)) = iter %0\n"
                                "  br b3\n"
                                "b3:\n"
                                "  %6: iter(range(int64)) = phi b2 %5, b5 %8, b6 %8\n"
                                "  %7: boolean = iter_valid %6\n"
                                "  condbr %7, b5, b4\n"
                                "b4:\n"
                                "  %9: iter(range(int64)) = iter_next %3\n"
                                "  br b1\n"
                                "b5:\n"
                                "  %8: iter(range(int64)) = iter_next %6\n"
                                "  condbr %1, b3, b6\n"
                                "b6:\n"
                                "  br b3\n"
                                "b7:\n"
                                "  condbr %1, b7, b8\n"
                                "b8:\n"
                                "  ret\n"
                                "}\n";

static void test_analyses(void) {
    Func *f = parse(nest);
    Dominators d;
    Loops loops;
    dom_compute(&unit->arena, f, &d);
    CHECK(d.norder == 9 && d.idom[3] == 2 && d.idom[4] == 3 && d.idom[8] == 7 && d.depth[0] == 0 &&
          d.depth[3] == 3);
    CHECK(dom_dominates(&d, 1, 6) && dom_dominates(&d, 3, 3) && !dom_dominates(&d, 5, 4));
    loops_compute(&unit->arena, f, &d, &loops);
    CHECK(loops.loops.n == 3);
    const Loop *outer = loops.of_block[1], *inner = loops.of_block[3], *last = loops.of_block[7];
    CHECK(outer->header == 1 && outer->preheader == 0 && outer->latch == 4 && !outer->innermost &&
          outer->blocks.n == 6);
    CHECK(inner->header == 3 && inner->preheader == 2 && inner->latch == NO_BLOCK && inner->parent == outer);
    CHECK(inner->innermost && inner->depth == 2 && inner->exits.n == 1 && inner->exits.at[0] == 4);
    CHECK(last->header == 7 && last->latch == 7 && last->preheader == NO_BLOCK && last->exits.at[0] == 8);
    CHECK(loops.of_block[0] == NULL && loops.of_block[8] == NULL && outer->index < inner->index);
}

static void test_nest(void) {
    const char *text = polled(nest);
    CHECK(strstr(text, "%3: iter(range(int64)) = phi b0 %2, b4 %9\n  checkpoint\n") != NULL);
    CHECK(strstr(text, "b7: <- b1, b7\n  checkpoint\n") != NULL);
    const char *first = strstr(text, "checkpoint"), *second = strstr(first + 1, "checkpoint");
    const char *third = second ? strstr(second + 1, "checkpoint") : NULL; /* of the inner range, in strips */
    CHECK(third && !strstr(third + 1, "checkpoint") && strstr(text, "b11: <- b10 depth 2\n  checkpoint\n"));
}

/* s = 0; for i in range(n): s ^= i; return s */
static void test_strip_mining(void) {
    CHECK_TEXT(polled("func total typed -> int64 {\n"
                      "b0:\n"
                      "  %0: range(int64) = param 0\n"
                      "  %1: int64 = const_int 0\n"
                      "  %2: iter(range(int64)) = iter %0\n"
                      "  br b1\n"
                      "b1:\n"
                      "  %3: iter(range(int64)) = phi b0 %2, b2 %7\n"
                      "  %4: int64 = phi b0 %1, b2 %8\n"
                      "  %5: boolean = iter_valid %3\n"
                      "  condbr %5, b2, b3\n"
                      "b2:\n"
                      "  %6: int64 = iter_value %3\n"
                      "  %7: iter(range(int64)) = iter_next %3\n"
                      "  %8: int64 = binary XOR %4, %6\n"
                      "  br b1\n"
                      "b3:\n"
                      "  %9: int64 = phi b1 %4\n"
                      "  ret %9\n"
                      "}\n"),
               "func total typed -> int64 {\n"
               "b0:\n"
               "  %0: range(int64) = param 0\n"
               "  %1: int64 = const_int 0\n"
               "  %2: iter(range(int64)) = iter %0\n"
               "  br b4\n"
               "b1: <- b2, b4 depth 2\n"
               "  %3: iter(range(int64)) = phi b2 %7, b4 %14\n"
               "  %4: int64 = phi b2 %8, b4 %15\n"
               "  %5: boolean = iter_valid %3\n" /* it has no row here, so it may raise and stays */
               "  %25: int64 = field .0 %3\n"
               "  %26: boolean = icmp lt %25, %24\n"
               "  condbr %26, b2, b5\n"
               "b2: <- b1 depth 2\n"
               "  %6: int64 = iter_value %3\n"
               "  %7: iter(range(int64)) = iter_next %3\n"
               "  %8: int64 = binary XOR %4, %6\n"
               "  br b1\n"
               "b3: <- b5\n"
               "  %9: int64 = phi b5 %4\n"
               "  ret %9\n"
               "b4: <- b0, b6 depth 1\n"
               "  %14: iter(range(int64)) = phi b0 %2, b6 %3\n"
               "  %15: int64 = phi b0 %1, b6 %4\n"
               "  %16: int64 = field .0 %14\n"
               "  %17: int64 = field .1 %14\n"
               "  %18: int64 = const_int 16384\n"
               "  %19: int64 = isub %17, %16\n"
               "  %20: boolean = icmp ugt %19, %18\n"
               "  %21: boolean = icmp lt %16, %17\n"
               "  %22: boolean = iand %21, %20\n"
               "  %23: int64 = iadd %16, %18\n"
               "  %24: int64 = select %22, %23, %17 !limit\n"
               "  br b1\n"
               "b5: <- b1 depth 1\n"
               "  %28: boolean = iter_valid %3\n"
               "  condbr %28, b6, b3 !cold\n"
               "b6: <- b5 depth 1\n"
               "  checkpoint\n"
               "  br b4\n"
               "}\n");
}

/* A loop that LLVM replaces by a formula has none; one that goes on for ever has. */
static void test_closed_form(void) {
    static const char text[] = "func total typed -> int64 {\n"
                               "b0:\n"
                               "  %%0: range(int64) = param 0\n"
                               "  %%1: int64 = const_int 0\n"
                               "  %%2: iter(range(int64)) = iter %%0\n"
                               "  br b1\n"
                               "b1:\n"
                               "  %%3: iter(range(int64)) = phi b0 %%2, b2 %%7\n"
                               "  %%4: int64 = phi b0 %%1, b2 %%8\n"
                               "  %%5: boolean = iter_valid %%3\n"
                               "  condbr %%5, b2, b3\n"
                               "b2:\n"
                               "  %%6: int64 = iter_value %%3\n"
                               "  %%7: iter(range(int64)) = iter_next %%3\n"
                               "  %%9: int64 = binary MUL %%6, %%6\n"
                               "  %%8: int64 = binary %s\n"
                               "  br b1\n"
                               "b3:\n"
                               "  ret %%4\n"
                               "}\n";
    static const struct {
        const char *update;
        bool is_closed;
    } rows[] = {{"ADD %4, %9", true},  {"SUB %4, %6", true},  {"ADD %6, %4", true}, {"SUB %6, %4", false},
                {"MUL %4, %6", false}, {"ADD %4, %4", false}, {"XOR %4, %6", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char program[sizeof text + 32];
        snprintf(program, sizeof program, text, rows[i].update);
        CHECK(!strstr(polled(program), "checkpoint") == rows[i].is_closed);
    }
}

#define ARRAY_LOOP(extra)                                                  \
    "func a typed -> none {\n"                                             \
    "b0:\n"                                                                \
    "  %0: array(float64, 1d, C) = param 0\n"                              \
    "  %1: iter(array(float64, 1d, C)) = iter %0\n"                        \
    "  br b1\n"                                                            \
    "b1: <- b0, b2\n"                                                      \
    "  %2: iter(array(float64, 1d, C)) = phi b0 %1, b2 %4\n"               \
    "  %3: boolean = iter_valid %2\n"                                      \
    "  condbr %3, b2, b3\n"                                                \
    "b2: <- b1\n"                                                          \
    "  %4: iter(array(float64, 1d, C)) = iter_next %2\n" extra "  br b1\n" \
    "b3: <- b1\n"                                                          \
    "  ret\n"                                                              \
    "}\n"

/* Over an array there is nothing to stop; with a callee inside every iteration may be long; in a try block the
 * checkpoint stands outside of it. */
static void test_other_loops(void) {
    const char *plain = ARRAY_LOOP("");
    CHECK_TEXT(polled(plain), plain);
    CHECK(strstr(polled(ARRAY_LOOP("  %5: none = call %0 => &a\n")), "checkpoint") != NULL);
    const char *text = polled(
        "func t typed -> none {\nb0:\n  %0: boolean = param 0\n  %3: int64 = const_int 7\n  br b1\n"
        "b1: handler b3\n  %1: int64 = phi b0 %3, b1 %2\n  %2: int64 = binary FLOORDIV %1, %3\n"
        "  condbr %0, b1, b2\nb2:\n  ret\nb3:\n  ret\n}\n");
    CHECK(strstr(text, "b1: <- b0, b4\n  %1: int64 = phi b0 %3, b4 %2\n  checkpoint\n  br b4\n") != NULL);
    CHECK(strstr(text, "b4: <- b1 handler b3\n") != NULL);
}

/* while i < n: i += 1, by itself: left through a check behind the latch; in another loop: no checkpoint of its own. */
static void test_counters(void) {
    const char *text = "func w typed -> int64 {\n"
                       "b0:\n"
                       "  %0: int64 = param 0\n"
                       "  %1: int64 = const_int 0\n"
                       "  %2: boolean = binary LT %1, %0\n"
                       "  condbr %2, b1, b2\n"
                       "b1: <- b0, b1\n"
                       "  %3: int64 = phi b0 %1, b1 %5\n"
                       "  %4: Literal[int](1) = literal\n"
                       "  %5: int64 = binary ADD %3, %4\n"
                       "  %8: int64 = binary XOR %3, %3\n"
                       "  %6: boolean = binary LT %5, %0\n"
                       "  condbr %6, b1, b2\n"
                       "b2: <- b0, b1\n"
                       "  %7: int64 = phi b0 %1, b1 %5\n"
                       "  ret %7\n"
                       "}\n";
    Func *f = parse(text);
    static const LibRow row = {.name = "operator.x"};
    for (ValueId v = 0; v < f->inst.n; v++)
        if (inst_at(f, v)->op == OP_binary) inst_at(f, v)->row = &row;
    pass_polls(f);
    StrBuf why = {0};
    CHECK(func_verify(f, &why));
    CHECK_TEXT(printed(f), "func w typed -> int64 {\n"
                           "b0:\n"
                           "  %0: int64 = param 0\n"
                           "  %1: int64 = const_int 0\n"
                           "  %2: boolean = binary LT %1, %0\n"
                           "  condbr %2, b3, b2\n"
                           "b1: <- b1, b3 depth 2\n"
                           "  %3: int64 = phi b1 %5, b3 %12\n"
                           "  %4: Literal[int](1) = literal\n"
                           "  %5: int64 = binary ADD %3, %4\n"
                           "  %8: int64 = binary XOR %3, %3\n"
                           "  %6: boolean = binary LT %5, %0\n"
                           "  %20: boolean = icmp lt %5, %19\n"
                           "  condbr %20, b1, b4\n"
                           "b2: <- b0, b4\n"
                           "  %7: int64 = phi b0 %1, b4 %5\n"
                           "  ret %7\n"
                           "b3: <- b0, b5 depth 1\n"
                           "  %12: int64 = phi b0 %1, b5 %5\n"
                           "  %13: int64 = const_int 16384\n"
                           "  %14: int64 = isub %0, %12\n"
                           "  %15: boolean = icmp ugt %14, %13\n"
                           "  %16: boolean = icmp lt %12, %0\n"
                           "  %17: boolean = iand %16, %15\n"
                           "  %18: int64 = iadd %12, %13\n"
                           "  %19: int64 = select %17, %18, %0 !limit\n"
                           "  br b1\n"
                           "b4: <- b1 depth 1\n"
                           "  condbr %6, b5, b2 !cold\n"
                           "b5: <- b4 depth 1\n"
                           "  checkpoint\n"
                           "  br b3\n"
                           "}\n");
}

/* while i < len(a): i += 1, behind the test of a versioned loop: the end of a piece comes from the array's extent. */
static void test_length_in_loop(void) {
    static const LibRow row = {.name = "operator.x"}, len = {.name = "builtins.len", .flags = LIB_PURE};
    Func *f = parse("func t typed -> none {\nb0:\n"
                    "  %0: array(float64, 1d, C) = param 0\n  %1: boolean = param 1\n"
                    "  %2: Function(builtins.len) = const_object @1\n  %3: int64 = const_int 0\n"
                    "  %4: int64 = const_int 1\n  %5: int64 = call %2, %0 bound(%0)\n"
                    "  %6: boolean = binary LT %3, %5\n  condbr %6, b1, b3\n"
                    "b1:\n  condbr %1, b2, b3\n"
                    "b2:\n  %7: int64 = phi b1 %3, b2 %8\n  %8: int64 = binary ADD %7, %4\n"
                    "  %9: int64 = call %2, %0 bound(%0)\n  %10: boolean = binary LT %8, %9\n"
                    "  condbr %10, b2, b3\n"
                    "b3:\n  ret\n}\n");
    for (ValueId v = 0; v < f->inst.n; v++) {
        if (inst_at(f, v)->op == OP_binary) inst_at(f, v)->row = &row;
        if (inst_at(f, v)->op == OP_call) inst_at(f, v)->row = &len;
    }
    pass_polls(f);
    CHECK(func_verify(f, NULL));
    const char *text = printed(f), *inner = strstr(text, "b2: <- b2, b4 depth 2\n");
    CHECK(inner && strstr(text, "= field .3 %0\n") && strstr(text, "b6: <- b5 depth 1\n  checkpoint\n"));
}

/* for i in range(n): if a[i] == x: return i; in lowered IR. */
static const char *const search = "func t lowered -> int64 {\nb0:\n"
                                  "  %0: voidptr = param 0\n  %1: int64 = param 1\n  %2: int16 = param 2\n"
                                  "  %3: int64 = const_int 0\n  br b1\n"
                                  "b1: depth 1\n  %4: int64 = phi b0 %3, b3 %11\n"
                                  "  %5: boolean = icmp lt %4, %1\n  condbr %5, b2, b4\n"
                                  "b2: depth 1\n  %6: int64 = const_int 2\n  %7: int64 = imul %4, %6\n"
                                  "  %8: voidptr = ptr_add %0, %7\n  %9: int16 = load %8 !inbounds\n"
                                  "  %10: boolean = icmp eq %9, %2\n  %12: int64 = const_int 1\n"
                                  "  %11: int64 = iadd %4, %12 !nsw\n  condbr %10, b5, b3\n"
                                  "b3: depth 1\n  br b1\n"
                                  "b4:\n  %13: int64 = const_int -1\n  ret %13\n"
                                  "b5:\n  ret %4\n}\n";

static const char *searched(const char *text, uint32_t found) {
    Func *f = parse(text);
    uint32_t before = unit->searches;
    pass_search(f);
    StrBuf why = {0};
    CHECK(func_verify(f, &why) && unit->searches == before + found);
    if (why.at) fprintf(stderr, "%s", why.at);
    strbuf_free(&why);
    return printed(f);
}

static const char *replaced(const char *text, const char *old, const char *new_) {
    const char *at = strstr(text, old);
    CHECK(at != NULL);
    return arena_printf(&unit->arena, "%.*s%s%s", (int)(at - text), text, new_, at + strlen(old));
}

/* Four vectors of 16 numbers; the limit is in front of the loop, its end in the scan. */
static void test_search(void) {
    const char *text = searched(search, 1);
    CHECK(strstr(text, "b1: <- b0, b3, b11 depth 1\n"));
    CHECK(strstr(text, "vector(int16 x 16) = load") && strstr(text, "boolean = any %"));
    CHECK(strstr(text, "= bits %") && strstr(text, "= native cttz"));
    uint32_t n = 0;
    for (const char *at = text; (at = strstr(at, "x 16) = load")); at++) n++;
    CHECK(n == 4);
    searched(replaced(search, " !inbounds", ""),
             0); /* may be out of range behind the element that is found */
    searched(replaced(search, "icmp lt %4, %1", "icmp ult %4, %1"), 0);
    searched(replaced(search, "const_int 2\n", "const_int 4\n"), 0); /* every second element */
    searched(replaced(search, "b3: depth 1\n", "b3: depth 1\n  store %0, %2\n"), 0);
}

int main(void) {
    types_start();
    unit = unit_new((UnitOptions){.boundscheck = true, .polls = true}, NULL, NULL);
    test_analyses();
    test_nest();
    test_strip_mining();
    test_closed_form();
    test_other_loops();
    test_counters();
    test_length_in_loop();
    test_search();
    unit_free(unit);
    return check_summary();
}
