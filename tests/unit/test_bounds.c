/* test_bounds.c - which array accesses lose their checks, by proof or behind a test in front of the loop. */
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

static bool valid(const Func *f) {
    StrBuf why = {0};
    bool ok = func_verify(f, &why);
    if (!ok) fprintf(stderr, "%s%s", why.at, printed(f));
    strbuf_free(&why);
    return ok;
}

/* The text has no library rows: an op gets one with the name it would have found. */
static void give_rows(Func *f) {
    for (ValueId v = 0; v < f->inst.n; v++) {
        Inst *i = inst_at(f, v);
        const char *name = NULL;
        if (i->op == OP_getitem || i->op == OP_setitem || i->op == OP_binary || i->op == OP_inplace)
            name = "operator.x";
        if (i->op == OP_getattr) name = arena_printf(&unit->arena, "ndarray.%s@", i->imm.name);
        if (i->op == OP_call) name = value_type(f, i->arg[0])->text;
        if (!name) continue;
        LibRow *row = arena_new(&unit->arena, LibRow);
        row->name = name;
        i->row = row;
    }
}

static Func *run(const char *text) {
    Func *f = func_parse(unit, text);
    CHECK(f != NULL);
    if (!f) {
        fprintf(stderr, "%s\n", vec_last(&unit->diags.list).message);
        return NULL;
    }
    give_rows(f);
    unit->checks_total = unit->checks_left = unit->versioned_loops = 0;
    CHECK(valid(f));
    pass_bounds(f);
    CHECK(valid(f));
    return f;
}

static unsigned flags_of(const Func *f, ValueId v) {
    return inst_at(f, v)->flags & (INST_INBOUNDS | INST_NONNEG);
}
enum { FREE = INST_INBOUNDS | INST_NONNEG };

/* `for i in range(ARGS): BODY` with arrays a (%0: 1-d), b (%1: 2-d) and n (%2); i is %17. */
#define RANGE_LOOP(args, body)                                                           \
    "func loop typed -> none {\n"                                                        \
    "b0:\n"                                                                              \
    "  %0: array(float64, 1d, C) = param 0\n"                                            \
    "  %1: array(float64, 2d, C) = param 1\n"                                            \
    "  %2: int64 = param 2\n"                                                            \
    "  %3: Function(builtins.range) = const_object @1\n"                                 \
    "  %4: UniTuple(int64 x 2) = getattr \"shape\" %1\n"                                 \
    "  %5: int64 = item 0 %4\n"                                                          \
    "  %6: int64 = item 1 %4\n"                                                          \
    "  %7: Function(builtins.len) = const_object @2\n"                                   \
    "  %8: int64 = call %7, %0 bound(%0)\n"                                              \
    "  %9: int64 = const_int 1\n" args "  %11: range(int64) = call %3, %10 bound(%10)\n" \
    "  %12: iter(range(int64)) = iter %11\n"                                             \
    "  br b1\n"                                                                          \
    "b1:\n"                                                                              \
    "  %13: iter(range(int64)) = phi b0 %12, b2 %14\n"                                   \
    "  %15: boolean = iter_valid %13\n"                                                  \
    "  condbr %15, b2, b3\n"                                                             \
    "b2:\n"                                                                              \
    "  %17: int64 = iter_value %13\n"                                                    \
    "  %14: iter(range(int64)) = iter_next %13\n" body "  br b1\n"                       \
    "b3:\n"                                                                              \
    "  ret\n"                                                                            \
    "}\n"

#define OVER_LEN "  %10: UniTuple(int64 x 1) = tuple %8\n"
#define OVER_N "  %10: UniTuple(int64 x 1) = tuple %2\n"

static void test_proofs(void) {
    Func *f = run(RANGE_LOOP(OVER_LEN, "  %20: float64 = getitem %0, %17\n"));
    CHECK(flags_of(f, 20) == FREE && unit->checks_total == 1 && unit->checks_left == 0 &&
          unit->versioned_loops == 0);
    /* range(1, len(a)): a[i - 1]; not a[i + 1] */
    f = run(RANGE_LOOP("  %10: UniTuple(int64 x 2) = tuple %9, %8\n", "  %19: int64 = binary SUB %17, %9\n"
                                                                      "  %20: float64 = getitem %0, %19\n"));
    CHECK(flags_of(f, 20) == FREE);
    /* a row of b, and the element of it: range(b.shape[1]) */
    f = run(RANGE_LOOP("  %10: UniTuple(int64 x 1) = tuple %6\n",
                       "  %20: array(float64, 1d, C) = getitem %1, %9\n"
                       "  %21: float64 = getitem %20, %17\n"
                       "  %22: UniTuple(int64 x 2) = tuple %9, %17\n"
                       "  %23: float64 = getitem %1, %22\n"));
    CHECK(flags_of(f, 21) == FREE && f->unit->versioned_loops == 1);
    /* r = np.zeros(n); for i in range(n): r[i] = 1 */
    f = run(RANGE_LOOP("  %30: Function(numpy.zeros) = const_object @3\n"
                       "  %31: array(float64, 1d, C) = call %30, %2 bound(%2, _, _)\n" OVER_N,
                       "  setitem %31, %17, %17\n"));
    CHECK(unit->checks_left == 0 && unit->versioned_loops == 0 && unit->checks_total == 1);
}

static void test_no_proof(void) {
    /* range(n) may begin below zero only if it starts there: the index is not negative; the end needs a test */
    Func *f = run(RANGE_LOOP(OVER_N, "  %20: float64 = getitem %0, %17\n"));
    CHECK(flags_of(f, 20) == FREE && unit->versioned_loops == 1 && unit->checks_left == 0);
    /* i * i is of too high a degree, an index from data is unknown */
    f = run(RANGE_LOOP(OVER_N, "  %18: int64 = binary MUL %17, %17\n"
                               "  %20: float64 = getitem %0, %18\n"));
    CHECK(flags_of(f, 20) == 0 && unit->versioned_loops == 0 && unit->checks_left == 1);
    f = run(RANGE_LOOP(OVER_N, "  %18: int64 = binary FLOORDIV %17, %9\n"
                               "  %20: float64 = getitem %0, %18\n"));
    CHECK(flags_of(f, 20) == 0 && unit->checks_left == 1);
    /* an end that may wrap around proves nothing: range(0, len(a) + 7) with a[i - 7] is versioned, not proved */
    f = run(RANGE_LOOP("  %32: int64 = const_int 7\n"
                       "  %33: int64 = binary ADD %8, %32\n"
                       "  %10: UniTuple(int64 x 2) = tuple %32, %33\n",
                       "  %18: int64 = binary SUB %17, %32\n"
                       "  %20: float64 = getitem %0, %18\n"));
    CHECK(flags_of(f, 20) == FREE && unit->versioned_loops == 1);
    /* an uint64 index stays checked */
    f = run(RANGE_LOOP(OVER_LEN, "  %18: uint64 = cast %17\n  %20: float64 = getitem %0, %18\n"));
    CHECK(!(flags_of(f, 20) & INST_INBOUNDS));
}

/* s = 0; for i in range(n): s += a[i]; return s: two copies, and a phi where they meet. */
static void test_versioning(void) {
    Func *f = run("func total typed -> float64 {\n"
                  "b0:\n"
                  "  %0: array(float64, 1d, C) = param 0\n"
                  "  %1: int64 = param 1\n"
                  "  %2: Function(builtins.range) = const_object @1\n"
                  "  %3: UniTuple(int64 x 1) = tuple %1\n"
                  "  %4: range(int64) = call %2, %3 bound(%3)\n"
                  "  %5: iter(range(int64)) = iter %4\n"
                  "  %6: float64 = const_float 0.0\n"
                  "  br b1\n"
                  "b1:\n"
                  "  %7: iter(range(int64)) = phi b0 %5, b2 %11\n"
                  "  %8: float64 = phi b0 %6, b2 %13\n"
                  "  %9: boolean = iter_valid %7\n"
                  "  condbr %9, b2, b3\n"
                  "b2:\n"
                  "  %10: int64 = iter_value %7\n"
                  "  %11: iter(range(int64)) = iter_next %7\n"
                  "  %12: float64 = getitem %0, %10\n"
                  "  %13: float64 = binary ADD %8, %12\n"
                  "  br b1\n"
                  "b3:\n"
                  "  ret %8\n"
                  "}\n");
    CHECK_TEXT(printed(f), "func total typed -> float64 {\n"
                           "b0:\n"
                           "  %0: array(float64, 1d, C) = param 0\n"
                           "  %1: int64 = param 1\n"
                           "  %2: Function(builtins.range) = const_object @1\n"
                           "  %3: UniTuple(int64 x 1) = tuple %1\n"
                           "  %4: range(int64) = call %2, %3 bound(%3)\n"
                           "  %5: iter(range(int64)) = iter %4\n"
                           "  %6: float64 = const_float 0.0\n"
                           "  br b4\n"
                           "b1: <- b2, b4\n"
                           "  %7: iter(range(int64)) = phi b2 %11, b4 %5\n"
                           "  %8: float64 = phi b2 %13, b4 %6\n"
                           "  %9: boolean = iter_valid %7\n"
                           "  condbr %9, b2, b3\n"
                           "b2: <- b1\n"
                           "  %10: int64 = iter_value %7\n"
                           "  %11: iter(range(int64)) = iter_next %7\n"
                           "  %12: float64 = getitem %0, %10 !inbounds !nonneg\n"
                           "  %13: float64 = binary ADD %8, %12\n"
                           "  br b1\n"
                           "b3: <- b1, b5\n"
                           "  %44: float64 = phi b1 %8, b5 %35\n"
                           "  ret %44\n"
                           "b4: <- b0\n"
                           "  %18: int64 = const_int 17592186044416\n"
                           "  %19: int64 = iadd %1, %18\n"
                           "  %20: int64 = const_int 35184372088832\n"
                           "  %21: boolean = icmp ugt %19, %20\n"
                           "  %22: int64 = field .3 %0\n"
                           "  %23: int64 = const_int 17592186044416\n"
                           "  %24: int64 = iadd %22, %23\n"
                           "  %25: int64 = const_int 35184372088832\n"
                           "  %26: boolean = icmp ugt %24, %25\n"
                           "  %27: boolean = ior %21, %26\n"
                           "  %28: int64 = const_int 0\n"
                           "  %29: int64 = isub %28, %1\n"
                           "  %30: int64 = iadd %29, %22\n"
                           "  %31: int64 = const_int 0\n"
                           "  %32: boolean = icmp lt %30, %31\n"
                           "  %33: boolean = ior %27, %32\n"
                           "  condbr %33, b5, b1 !cold\n"
                           "b5: <- b6, b4 cold\n"
                           "  %34: iter(range(int64)) = phi b6 %39, b4 %5\n"
                           "  %35: float64 = phi b6 %41, b4 %6\n"
                           "  %36: boolean = iter_valid %34\n"
                           "  condbr %36, b6, b3\n"
                           "b6: <- b5 cold\n"
                           "  %38: int64 = iter_value %34\n"
                           "  %39: iter(range(int64)) = iter_next %34\n"
                           "  %40: float64 = getitem %0, %38 !nonneg\n"
                           "  %41: float64 = binary ADD %35, %40\n"
                           "  br b5\n"
                           "}\n");
}

/* for i in range(m): for j in range(n): a[i * n + j], with m and n given: one test for the nest. */
static const char *const flat_nest = "func flat typed -> none {\n"
                                     "b0:\n"
                                     "  %0: array(float64, 1d, C) = param 0\n"
                                     "  %1: int64 = param 1\n"
                                     "  %2: int64 = param 2\n"
                                     "  %3: Function(builtins.range) = const_object @1\n"
                                     "  %4: UniTuple(int64 x 1) = tuple %1\n"
                                     "  %5: range(int64) = call %3, %4 bound(%4)\n"
                                     "  %6: iter(range(int64)) = iter %5\n"
                                     "  br b1\n"
                                     "b1:\n"
                                     "  %7: iter(range(int64)) = phi b0 %6, b5 %16\n"
                                     "  %8: boolean = iter_valid %7\n"
                                     "  condbr %8, b2, b6\n"
                                     "b2:\n"
                                     "  %9: int64 = iter_value %7\n"
                                     "  %10: UniTuple(int64 x 1) = tuple %2\n"
                                     "  %11: range(int64) = call %3, %10 bound(%10)\n"
                                     "  %12: iter(range(int64)) = iter %11\n"
                                     "  %13: int64 = binary MUL %9, %2\n"
                                     "  br b3\n"
                                     "b3:\n"
                                     "  %14: iter(range(int64)) = phi b2 %12, b4 %18\n"
                                     "  %15: boolean = iter_valid %14\n"
                                     "  condbr %15, b4, b5\n"
                                     "b4:\n"
                                     "  %17: int64 = iter_value %14\n"
                                     "  %18: iter(range(int64)) = iter_next %14\n"
                                     "  %19: int64 = binary ADD %13, %17\n"
                                     "  %20: float64 = getitem %0, %19\n"
                                     "  br b3\n"
                                     "b5:\n"
                                     "  %16: iter(range(int64)) = iter_next %7\n"
                                     "  br b1\n"
                                     "b6:\n"
                                     "  ret\n"
                                     "}\n";

static void test_nests(void) {
    Func *f = run(flat_nest);
    CHECK(flags_of(f, 20) == FREE && unit->versioned_loops == 1 && unit->checks_left == 0);
    CHECK(block_at(f, 3)->cold == false && f->block.n == 7 + 1 + 5); /* the test, and a copy of five blocks */
    /* the array changes from one outer iteration to the next: only the inner loop can be tested in front */
    f = func_parse(unit, flat_nest);
    Inst *index = inst_at(f, 20);
    index->arg[0] = ir_new(f, OP_getitem, value_type(f, 0), 2, (ValueId[]){0, 0});
    ir_insert(f, 2, 0, index->arg[0]);
    ValueId row = inst_at(f, 20)->arg[0];
    inst_at(f, row)->op = OP_binary;
    give_rows(f);
    unit->versioned_loops = unit->checks_left = 0;
    pass_bounds(f);
    CHECK(valid(f) && flags_of(f, 20) == FREE && unit->versioned_loops == 1);
    CHECK(f->block.n == 7 + 1 + 2);
    /* without boundscheck nothing is copied */
    unit->options.boundscheck = false;
    f = run(flat_nest);
    CHECK(f->block.n == 7 && unit->versioned_loops == 0);
    unit->options.boundscheck = true;
}

/* RANGE_LOOP's latch is b2; a body that ends in another block says so. */
static const char *with_latch_b5(const char *text) {
    char *copy = arena_strdup(&unit->arena, text);
    strstr(copy, "b2 %14")[1] = '5';
    return copy;
}

/* if flag: a[i + 1], by itself and next to an a[i + 2] that is always read; a[-i]. */
static void test_likely_failures(void) {
#define GUARDED(always)                                                              \
    RANGE_LOOP("  %40: boolean = const_int 1\n  %41: int64 = const_int 2\n" OVER_N,  \
               "  %42: int64 = binary ADD %17, %9\n" always "  condbr %40, b4, b5\n" \
               "b4:\n"                                                               \
               "  %43: float64 = getitem %0, %42\n"                                  \
               "  br b5\n"                                                           \
               "b5:\n")
    Func *f = run(with_latch_b5(GUARDED("")));
    CHECK(!(flags_of(f, 43) & INST_INBOUNDS) && unit->versioned_loops == 0 && unit->checks_left == 1);
    f = run(with_latch_b5(GUARDED("  %44: int64 = binary ADD %17, %41\n  %45: float64 = getitem %0, %44\n")));
    CHECK(flags_of(f, 43) == FREE && flags_of(f, 45) == FREE && unit->versioned_loops == 1);
    f = run(RANGE_LOOP("  %40: int64 = const_int 0\n" OVER_N,
                       "  %41: int64 = binary SUB %40, %17\n  %42: float64 = getitem %0, %41\n"));
    CHECK(flags_of(f, 42) == 0 && unit->versioned_loops == 0);
}

/* i = 0; while i < N: a[i]; i += 1, as CPython compiles it: tested in front and at the bottom. */
#define WHILE_LOOP(test, stop)                        \
    "func counter typed -> none {\n"                  \
    "b0:\n"                                           \
    "  %0: array(float64, 1d, C) = param 0\n"         \
    "  %1: int64 = param 1\n"                         \
    "  %2: int64 = getattr \"size\" %0\n"             \
    "  %3: Literal[int](0) = literal\n"               \
    "  %4: int64 = const_int 0\n"                     \
    "  %5: boolean = binary " test " %3, " stop "\n"  \
    "  condbr %5, b1, b2\n"                           \
    "b1:\n"                                           \
    "  %6: int64 = phi b0 %4, b1 %9\n"                \
    "  %7: float64 = getitem %0, %6\n"                \
    "  %8: Literal[int](1) = literal\n"               \
    "  %9: int64 = inplace ADD %6, %8\n"              \
    "  %10: boolean = binary " test " %9, " stop "\n" \
    "  condbr %10, b1, b2\n"                          \
    "b2:\n"                                           \
    "  ret\n"                                         \
    "}\n"

static void test_counters(void) {
    Func *f = run(WHILE_LOOP("LT", "%2"));
    CHECK(flags_of(f, 7) == FREE && unit->versioned_loops == 0);
    f = run(WHILE_LOOP("LT", "%1"));
    CHECK(flags_of(f, 7) == FREE && unit->versioned_loops == 1);
    f = run(WHILE_LOOP("LE", "%1"));
    CHECK(flags_of(f, 7) == FREE && unit->versioned_loops == 1);
    f = run(WHILE_LOOP("LE", "%2")); /* certain to fail at the end */
    CHECK(!(flags_of(f, 7) & INST_INBOUNDS) && unit->versioned_loops == 0);
    f = run(WHILE_LOOP("NE", "%2")); /* no range follows */
    CHECK(!(flags_of(f, 7) & INST_INBOUNDS) && unit->versioned_loops == 0);
}

/* for i, x in enumerate(a): b[i], over the array itself and another one. */
static void test_enumerate(void) {
#define PAIRS "enumerate(array(float64, 1d, C))"
#define STATE "iter(" PAIRS ", iter(array(float64, 1d, C)))"
    Func *f = run("func pairs typed -> none {\n"
                  "b0:\n"
                  "  %0: array(float64, 1d, C) = param 0\n"
                  "  %1: array(float64, 1d, C) = param 1\n"
                  "  %2: Function(builtins.enumerate) = literal\n"
                  "  %3: " PAIRS " = call %2, %0 bound(%0, _)\n"
                  "  %4: " STATE " = iter %3\n"
                  "  br b1\n"
                  "b1:\n"
                  "  %5: " STATE " = phi b0 %4, b2 %8\n"
                  "  %6: boolean = iter_valid %5\n"
                  "  condbr %6, b2, b3\n"
                  "b2:\n"
                  "  %7: Tuple(int64, float64) = iter_value %5\n"
                  "  %8: " STATE " = iter_next %5\n"
                  "  %9: int64 = item 0 %7\n"
                  "  %10: float64 = getitem %0, %9\n"
                  "  %11: float64 = getitem %1, %9\n"
                  "  br b1\n"
                  "b3:\n"
                  "  ret\n"
                  "}\n");
    CHECK(flags_of(f, 10) == FREE && flags_of(f, 11) == FREE);
    CHECK(unit->versioned_loops == 1 && unit->checks_total == 2 && unit->checks_left == 0);
}

/* range(0, len(a), n): in range if n > 0, which the test in front asks for; range(0, len(a), 2): by proof. */
static void test_steps(void) {
    Func *f = run(RANGE_LOOP("  %30: int64 = const_int 0\n"
                             "  %10: UniTuple(int64 x 3) = tuple %30, %8, %2\n",
                             "  %20: float64 = getitem %0, %17\n"));
    CHECK(flags_of(f, 20) == FREE && unit->versioned_loops == 1 && unit->checks_left == 0);
    f = run(RANGE_LOOP("  %30: int64 = const_int 0\n"
                       "  %31: int64 = const_int 2\n"
                       "  %10: UniTuple(int64 x 3) = tuple %30, %8, %31\n",
                       "  %20: float64 = getitem %0, %17\n"));
    CHECK(flags_of(f, 20) == FREE && unit->versioned_loops == 0);
}

/* a[(i + 1) % len(a)]: in range, and without a division; a[i % n]: a test asks for 1 <= n <= len(a). */
static void test_remainders(void) {
    Func *f = run(RANGE_LOOP(OVER_LEN, "  %18: int64 = binary ADD %17, %9\n"
                                       "  %19: int64 = binary MOD %18, %8\n"
                                       "  %20: float64 = getitem %0, %19\n"));
    CHECK(flags_of(f, 20) == FREE && flags_of(f, 19) == INST_INBOUNDS && unit->versioned_loops == 0);
    /* (i + i + i) % len(a) may need more than one subtraction, and n says nothing about len(a) */
    f = run(RANGE_LOOP(OVER_LEN, "  %21: int64 = binary ADD %17, %17\n"
                                 "  %18: int64 = binary ADD %21, %17\n"
                                 "  %19: int64 = binary MOD %18, %8\n"
                                 "  %20: float64 = getitem %0, %19\n"));
    CHECK(flags_of(f, 20) == FREE && flags_of(f, 19) == 0);
    f = run(RANGE_LOOP(OVER_N, "  %18: int64 = binary ADD %17, %9\n"
                               "  %19: int64 = binary MOD %18, %8\n"
                               "  %20: float64 = getitem %0, %19\n"));
    CHECK(flags_of(f, 20) == FREE && flags_of(f, 19) == 0);
    f = run(RANGE_LOOP(OVER_LEN, "  %19: int64 = binary MOD %17, %2\n  %20: float64 = getitem %0, %19\n"));
    CHECK(flags_of(f, 20) == FREE && flags_of(f, 19) == 0 && unit->versioned_loops == 1);
    /* where a remainder by zero is 0 it proves nothing */
    unit->options.error_model_numpy = true;
    f = run(RANGE_LOOP(OVER_LEN, "  %19: int64 = binary MOD %17, %8\n  %20: float64 = getitem %0, %19\n"));
    CHECK(!(flags_of(f, 20) & INST_INBOUNDS) && flags_of(f, 19) == 0);
    unit->options.error_model_numpy = false;
}

int main(void) {
    types_start();
    unit = unit_new((UnitOptions){.boundscheck = true, .polls = true}, NULL, NULL);
    test_proofs();
    test_no_proof();
    test_versioning();
    test_nests();
    test_likely_failures();
    test_counters();
    test_enumerate();
    test_steps();
    test_remainders();
    unit_free(unit);
    return check_summary();
}
