/* test_refcount.c - where pass refcount puts increfs, decrefs and cleanups; then random functions, audited. */
#include <stdlib.h>

#include "check.h"
#include "passes/refcount.h"

static Unit *unit;

#define A1 "array(float64, 1d, C)"

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

/* Runs the pass; compares everything behind the head line. */
static void check_pass(int line, const char *body, const char *want) {
    Func *f = func_parse(unit, arena_printf(&unit->arena, "func f typed -> float64 {\n%s}\n", body));
    if (!f) {
        checks_failed++;
        fprintf(stderr, "line %d: %s\n", line, vec_last(&unit->diags.list).message);
        return;
    }
    pass_refcount(f);
    CHECK(valid(f));
    const char *got = strchr(printed(f), '\n') + 1;
    check_text(__FILE__, line, got, arena_printf(&unit->arena, "%s}\n", want));
}
#define CHECK_PASS(body, want) check_pass(__LINE__, body, want)

static void test_straight_line(void) {
    /* last use, unused result, a parameter is borrowed, an op that may raise */
    CHECK_PASS("b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: " A1 " = binary ADD %1, %0\n"
               "  %3: float64 = const_float 1.0\n"
               "  ret %3\n",
               "b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: " A1 " = binary ADD %1, %0 cleanup(%1)\n"
               "  decref %1\n"
               "  decref %2\n"
               "  %3: float64 = const_float 1.0\n"
               "  ret %3\n");
    /* returned: an owned value keeps its reference, a borrowed one gets one; twice an operand is one use */
    CHECK_PASS("b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: " A1 " = binary MUL %1, %1\n"
               "  ret %2\n",
               "b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: " A1 " = binary MUL %1, %1 cleanup(%1)\n"
               "  decref %1\n"
               "  ret %2\n");
    CHECK_PASS("b0:\n"
               "  %0: " A1 " = param 0\n"
               "  ret %0\n",
               "b0:\n"
               "  %0: " A1 " = param 0\n"
               "  incref %0\n"
               "  ret %0\n");
}

static void test_branches(void) {
    /* %1 dies on the way to b2 but is used in b1; the phi takes %4's reference and one of the parameter's */
    CHECK_PASS("b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: boolean = unary TRUTH %0\n"
               "  condbr %2, b1, b2\n"
               "b1: <- b0\n"
               "  %4: " A1 " = binary ADD %1, %1\n"
               "  br b3\n"
               "b2: <- b0\n"
               "  br b3\n"
               "b3: <- b1, b2\n"
               "  %5: " A1 " = phi b1 %4, b2 %0\n"
               "  ret %5\n",
               "b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: boolean = unary TRUTH %0 cleanup(%1)\n"
               "  condbr %2, b1, b2\n"
               "b1: <- b0\n"
               "  %4: " A1 " = binary ADD %1, %1 cleanup(%1)\n"
               "  decref %1\n"
               "  br b3\n"
               "b2: <- b0\n"
               "  decref %1\n"
               "  incref %0\n"
               "  br b3\n"
               "b3: <- b1, b2\n"
               "  %5: " A1 " = phi b1 %4, b2 %0\n"
               "  ret %5\n");
    /* a critical edge is split: b0 -> b2 releases %1, b1 -> b2 has used it up */
    CHECK_PASS("b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: boolean = const_int 1\n"
               "  condbr %2, b1, b2\n"
               "b1: <- b0\n"
               "  setitem %1, %2, %2\n"
               "  br b2\n"
               "b2: <- b0, b1\n"
               "  ret\n",
               "b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: boolean = const_int 1\n"
               "  condbr %2, b1, b3\n"
               "b1: <- b0\n"
               "  setitem %1, %2, %2 cleanup(%1)\n"
               "  decref %1\n"
               "  br b2\n"
               "b2: <- b3, b1\n"
               "  ret\n"
               "b3: <- b0\n"
               "  decref %1\n"
               "  br b2\n");
}

static void test_loops(void) {
    /* x = x + x: the phi is owned, so the parameter that starts it gets a reference */
    CHECK_PASS("b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: boolean = const_int 1\n"
               "  br b1\n"
               "b1: <- b0, b2\n"
               "  %2: " A1 " = phi b0 %0, b2 %3\n"
               "  condbr %1, b2, b3\n"
               "b2: <- b1\n"
               "  %3: " A1 " = binary ADD %2, %2\n"
               "  br b1\n"
               "b3: <- b1\n"
               "  ret %2\n",
               "b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: boolean = const_int 1\n"
               "  incref %0\n"
               "  br b1\n"
               "b1: <- b0, b2\n"
               "  %2: " A1 " = phi b0 %0, b2 %3\n"
               "  condbr %1, b2, b3\n"
               "b2: <- b1\n"
               "  %3: " A1 " = binary ADD %2, %2 cleanup(%2)\n"
               "  decref %2\n"
               "  br b1\n"
               "b3: <- b1\n"
               "  ret %2\n");
    /* a, b = b, a on parameters needs no counts */
    const char *swap = "b0:\n"
                       "  %0: " A1 " = param 0\n"
                       "  %1: " A1 " = param 1\n"
                       "  %2: boolean = const_int 1\n"
                       "  br b1\n"
                       "b1: <- b0, b2\n"
                       "  %3: " A1 " = phi b0 %0, b2 %4\n"
                       "  %4: " A1 " = phi b0 %1, b2 %3\n"
                       "  condbr %2, b2, b3\n"
                       "b2: <- b1\n"
                       "  br b1\n"
                       "b3: <- b1\n"
                       "  ret\n";
    CHECK_PASS(swap, swap);
    /* for x in a + a: the state borrows, the array is released behind the loop */
    CHECK_PASS("b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: iter(" A1 ") = iter %1\n"
               "  br b1\n"
               "b1: <- b0, b2\n"
               "  %3: iter(" A1 ") = phi b0 %2, b2 %6\n"
               "  %4: boolean = iter_valid %3\n"
               "  condbr %4, b2, b3\n"
               "b2: <- b1\n"
               "  %5: float64 = iter_value %3\n"
               "  %6: iter(" A1 ") = iter_next %3\n"
               "  checkpoint\n"
               "  br b1\n"
               "b3: <- b1\n"
               "  ret\n",
               "b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: iter(" A1 ") = iter %1 cleanup(%1)\n"
               "  br b1\n"
               "b1: <- b0, b2\n"
               "  %3: iter(" A1 ") = phi b0 %2, b2 %6\n"
               "  %4: boolean = iter_valid %3 cleanup(%1)\n"
               "  condbr %4, b2, b3\n"
               "b2: <- b1\n"
               "  %5: float64 = iter_value %3 cleanup(%1)\n"
               "  %6: iter(" A1 ") = iter_next %3\n"
               "  checkpoint cleanup(%1)\n"
               "  br b1\n"
               "b3: <- b1\n"
               "  decref %1\n"
               "  ret\n");
}

static void test_handlers(void) {
    /* %1 is needed by the handler, %2 is not; the handler's phi takes the borrowed %0, held while b1 may raise */
    CHECK_PASS("b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: " A1 " = binary ADD %0, %0\n"
               "  br b1\n"
               "b1: <- b0 handler b2\n"
               "  %3: " A1 " = binary ADD %2, %2\n"
               "  br b3\n"
               "b2: <- b1\n"
               "  %4: " A1 " = phi b1 %1\n"
               "  %5: " A1 " = phi b1 %0\n"
               "  br b3\n"
               "b3: <- b1, b2\n"
               "  %6: " A1 " = phi b1 %3, b2 %4\n"
               "  ret %6\n",
               "b0:\n"
               "  %0: " A1 " = param 0\n"
               "  %1: " A1 " = binary ADD %0, %0\n"
               "  %2: " A1 " = binary ADD %0, %0 cleanup(%1)\n"
               "  br b1\n"
               "b1: <- b0 handler b2\n"
               "  %3: " A1 " = binary ADD %2, %2 cleanup(%2)\n"
               "  decref %1\n"
               "  decref %2\n"
               "  br b3\n"
               "b2: <- b1\n"
               "  %4: " A1 " = phi b1 %1\n"
               "  %5: " A1 " = phi b1 %0\n"
               "  br b3\n"
               "b3: <- b1, b2\n"
               "  %6: " A1 " = phi b1 %3, b2 %4\n"
               "  ret %6\n");
    CHECK_PASS("b0:\n"
               "  %0: " A1 " = param 0\n"
               "  br b1\n"
               "b1: <- b0, b2 handler b2\n"
               "  %1: " A1 " = phi b0 %0, b2 %3\n"
               "  %2: " A1 " = binary ADD %1, %1\n"
               "  ret %2\n"
               "b2: <- b1\n"
               "  %3: " A1 " = binary ADD %1, %0\n"
               "  br b1\n",
               "b0:\n"
               "  %0: " A1 " = param 0\n"
               "  incref %0\n"
               "  br b1\n"
               "b1: <- b0, b2 handler b2\n"
               "  %1: " A1 " = phi b0 %0, b2 %3\n"
               "  %2: " A1 " = binary ADD %1, %1\n"
               "  decref %1\n"
               "  ret %2\n"
               "b2: <- b1\n"
               "  %3: " A1 " = binary ADD %1, %0 cleanup(%1)\n"
               "  decref %1\n"
               "  br b1\n");
}

/* ---- random functions ----------------------------------------------------------------------------------------- */

static uint64_t state = 1;
static uint32_t pick(uint32_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

/* Variables in blocks, made SSA by giving every block a phi for every variable. */
enum { NBLOCKS = 7, NVARS = 3 };

static Func *random_func(void) {
    Func *f = func_new(unit, NULL, "r", FUNC_TYPED);
    const Type *a1 = type_array(type_f64, 1, LAYOUT_C, false, true);
    ValueId in[NBLOCKS][NVARS], out[NBLOCKS][NVARS], param = ir_param(f, a1);
    f->result = a1;
    for (int b = 1; b < NBLOCKS; b++) ir_block(f);
    for (BlockId b = 0; b < NBLOCKS; b++) {
        Builder at = {.f = f, .block = b};
        bool tries = b && b + 1 < NBLOCKS && pick(4) == 0;
        if (tries) block_at(f, b)->handler = NBLOCKS - 1;
        for (int v = 0; v < NVARS; v++) out[b][v] = in[b][v] = b ? ir_phi(f, b, a1) : param;
        for (uint32_t n = pick(4); n; n--) {
            ValueId x = out[b][pick(NVARS)], y = out[b][pick(NVARS)], r = ir_emit(&at, OP_binary, a1, x, y);
            if (!tries) out[b][pick(NVARS)] = r; /* the handler sees what the variables were at the top */
        }
        ValueId flag = ir_const_bool(&at, true);
        if (b == NBLOCKS - 1) ir_ret(&at, out[b][pick(NVARS)]);
        else if (pick(2)) ir_condbr(&at, flag, 1 + pick(NBLOCKS - 1), 1 + pick(NBLOCKS - 1));
        else ir_br(&at, 1 + pick(NBLOCKS - 1));
        if (ir_exception_edge(f, b) != NO_BLOCK) vec_push(&unit->arena, &block_at(f, NBLOCKS - 1)->pred, b);
    }
    for (BlockId b = 1; b < NBLOCKS; b++)
        for (int v = 0; v < NVARS; v++)
            for (uint32_t k = 0; k < block_at(f, b)->pred.n; k++)
                ir_phi_add(f, in[b][v], out[block_at(f, b)->pred.at[k]][v]);
    ir_remove_dead_blocks(f);
    return f;
}

static void test_random(void) {
    for (int round = 0; round < 3000; round++) {
        Func *f = random_func();
        BlockId succ[2];
        bool both = false; /* a block that leads to its handler both ways is no Python program */
        for (BlockId b = 0; b < f->block.n; b++)
            for (uint32_t n = ir_successors(f, b, succ); n--;) both |= succ[n] == ir_exception_edge(f, b);
        if (both) continue;
        CHECK(valid(f));
        const char *before = printed(f);
        uint32_t ndiags = unit->diags.list.n;
        pass_refcount(f);
        CHECK(valid(f));
        CHECK(unit->diags.list.n == ndiags);
        if (unit->diags.list.n > ndiags) {
            if (diag_any(&unit->diags)) fprintf(stderr, "%s", vec_last(&unit->diags.list).message);
            fprintf(stderr, "%s\n%s\n", before, printed(f));
            return;
        }
    }
}

int main(void) {
    types_start();
    unit = unit_new((UnitOptions){.boundscheck = true}, NULL, NULL);
    test_straight_line();
    test_branches();
    test_loops();
    test_handlers();
    test_random();
    unit_free(unit);
    return check_summary();
}
