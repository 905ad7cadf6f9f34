/* test_ir.c - building, editing, printing, parsing and verifying functions. */
#include "check.h"
#include "ir/ir.h"

static Unit *unit;

static const char *printed(const Func *f) {
    StrBuf b = {0};
    func_print(&b, f);
    const char *text = arena_strdup(&unit->arena, b.at);
    strbuf_free(&b);
    return text;
}

static bool valid(const Func *f) {
    StrBuf why = {0};
    bool ok = func_verify(f, &why);
    if (!ok) fprintf(stderr, "%s", why.at);
    strbuf_free(&why);
    return ok;
}

/* The function breaks exactly the rule. */
static bool breaks(const Func *f, const char *rule) {
    StrBuf why = {0};
    bool broken = !func_verify(f, &why) && strstr(why.at, rule) != NULL;
    strbuf_free(&why);
    return broken;
}

static const char *const counting = "func count lowered -> int64 {\n"
                                    "b0:\n"
                                    "  %0: int64 = param 0\n"
                                    "  %1: int64 = const_int 0\n"
                                    "  %2: int64 = const_int 1\n"
                                    "  br b1\n"
                                    "b1: <- b0, b2 depth 1\n"
                                    "  %3: int64 = phi b0 %1, b2 %5\n"
                                    "  %4: boolean = icmp lt %3, %0\n"
                                    "  condbr %4, b2, b3\n"
                                    "b2: <- b1 depth 1\n"
                                    "  %5: int64 = iadd %3, %2 !nsw\n"
                                    "  br b1\n"
                                    "b3: <- b1\n"
                                    "  ret %3\n"
                                    "}\n";

static void test_round_trip(void) {
    Func *f = func_parse(unit, counting);
    CHECK(f && valid(f));
    CHECK_TEXT(f ? printed(f) : NULL, counting);
    Func *g = func_clone(unit, f, "copy");
    CHECK(valid(g) && unit->funcs.at[g->index] == g && f->index != g->index);
    inst_at(g, 5)->arg[1] = 3;
    CHECK(inst_at(f, 5)->arg[1] == 2);
    CHECK_TEXT(printed(f), counting);

    const char *generic = "func g typed -> float64 body {\n"
                          "b0:\n"
                          "  %0: readonly array(float64, 2d, C) = param 0\n"
                          "  %1: Function(numpy.sum) = const_object @7\n"
                          "  %2: Literal[int](1) = literal\n"
                          "  %3: float64 = const_float -0.5\n"
                          "  %4: float64 = const_float 1.0\n"
                          "  %5: float64 = const_float nan\n"
                          "  %6: array(float64, 1d, C) = call %1, %0, %2 kw(axis) bound(%0, %2, _)\n"
                          "  %7: UniTuple(int64 x 2) = getattr \"sh\\\"ape\" %0\n"
                          "  %8: float64 = binary ADD %3, %4 !fast(127) cleanup(%6)\n"
                          "  %9: BoundFunction(sum for array(float64, 1d, C)) = getattr \"sum\" %6\n"
                          "  %10: OptionalType(float64) = cast %8\n"
                          "  %11: iter(prange(int64, step)) = undef \"i\"\n"
                          "  ret %8\n"
                          "}\n";
    f = func_parse(unit, generic);
    CHECK(f && valid(f));
    CHECK_TEXT(f ? printed(f) : unit->diags.list.at[0].message, generic);
}

/* Preds and phi order may be left out by people; comments and blanks do not matter. */
static void test_parse_by_hand(void) {
    Func *f = func_parse(unit, "; a comment\n func h lowered { \n\n b0:\n %0: boolean = param 0 ; first\n"
                               "condbr %0, b1, b2\nb1:\n br b3\nb2:\n br b3\n"
                               "b3:\n %1: boolean = phi b2 %2, b1 %0\n ret %1\n}\n");
    CHECK(!f || breaks(f, "V7")); /* %2 is nowhere */
    f = func_parse(
        unit, "func h lowered {\nb0:\n %0: boolean = param 0\n condbr %0, b1, b2\nb1:\n br b3\n"
              "b2:\n %2: boolean = const_int 1\n br b3\nb3:\n %1: boolean = phi b2 %2, b1 %0\n ret %1\n}");
    CHECK(f && valid(f) && inst_at(f, 1)->arg[0] == 0 && inst_at(f, 1)->arg[1] == 2);
}

static void test_parse_errors(void) {
    static const char *const wrong[] = {
        "",
        "func",
        "func f",
        "func f sideways {\n}",
        "func f lowered {\n %0 = const_int 1\n}",
        "func f lowered {\nb0:\n %0: int63 = const_int 1\n}",
        "func f lowered {\nb0:\n %0: int64 = frobnicate\n}",
        "func f lowered {\nb0:\n %0: int64 = const_int\n}",
        "func f lowered {\nb0:\n br\n}",
        "func f lowered {\nb0:\n %1: int64 = iadd %0\n}",
        "func f lowered {\nb0:\n %99999999999: int64 = const_int 1\n}",
        "func f lowered {\nb0:\n %0: int64 = const_int 1\n %0: int64 = const_int 1\n}",
        "func f lowered {\nb0: <- b\n",
        "func f lowered {\nb99999999:\n",
        "func f lowered {\nb0:\n ret %0 !wild\n}",
        "func f lowered {\nb0:\n %0: int64 = phi b1 %0\n br b0\n}",
        "func f lowered {\nb0:\n %0: Tuple(Tuple(Tuple(int64 = param 0\n}",
    };
    for (uint32_t i = 0; i < ARRAY_LEN(wrong); i++) {
        uint32_t nfuncs = unit->funcs.n, ndiags = unit->diags.list.n;
        CHECK(func_parse(unit, wrong[i]) == NULL);
        CHECK(unit->funcs.n == nfuncs && unit->diags.list.n == ndiags + 1);
    }
}

static void test_verifier(void) {
    Func *f;
#define FRESH() (f = func_parse(unit, counting))
    FRESH();
    (void)vec_pop(&block_at(f, 3)->inst);
    CHECK(breaks(f, "V1"));
    FRESH();
    inst_at(f, 4)->arg[0] = 5; /* defined in b2, used in b1 */
    CHECK(breaks(f, "V8"));
    FRESH();
    inst_at(f, 3)->nargs = 1;
    CHECK(breaks(f, "V4"));
    FRESH();
    block_at(f, 3)->pred.n = 0;
    CHECK(breaks(f, "V3"));
    FRESH();
    inst_at(f, 5)->op = OP_binary;
    CHECK(breaks(f, "V5"));
    FRESH();
    inst_at(f, 5)->nargs = 1;
    CHECK(breaks(f, "V6"));
    FRESH();
    inst_at(f, 5)->arg[1] = 9999;
    CHECK(breaks(f, "V7"));
    FRESH();
    inst_at(f, 5)->type = NULL;
    CHECK(breaks(f, "V9"));
    FRESH();
    inst_at(f, 2)->type = type_i32;
    CHECK(breaks(f, "V10"));
    FRESH();
    inst_at(f, 5)->block = 3;
    CHECK(breaks(f, "V11"));
    FRESH();
    inst_at(f, ir_terminator(f, 2))->imm.target[0] = 77;
    CHECK(breaks(f, "V3"));
#undef FRESH
}

static void test_build(void) {
    Func *f = func_new(unit, NULL, "built", FUNC_LOWERED);
    ValueId x = ir_param(f, type_f64);
    Builder b = {.f = f, .block = ENTRY_BLOCK};
    ValueId c = ir_make(&b, type_c128, 2, (ValueId[]){x, x});
    CHECK(ir_field(&b, c, COMPLEX_IM) == x);
    ValueId one = ir_const_float(&b, type_f64, 1.0);
    ValueId less = ir_fcmp(&b, PRED_LT, x, one);
    BlockId yes = ir_block(f), no = ir_block(f), join = ir_block(f);
    ir_condbr(&b, less, yes, no);
    b.block = yes;
    ir_br(&b, join);
    b.block = no;
    ir_br(&b, join);
    ValueId phi = ir_phi(f, join, type_f64);
    ir_phi_add(f, phi, x);
    ir_phi_add(f, phi, one);
    b.block = join;
    ir_ret(&b, phi);
    CHECK(valid(f));

    BlockId middle = ir_split_edge(f, no, join);
    CHECK(valid(f) && block_at(f, join)->pred.at[1] == middle);
    BlockId tail = ir_split_block(f, join, 1);
    ir_br(&(Builder){.f = f, .block = join}, tail);
    CHECK(valid(f) && ir_terminator(f, tail) != NO_VALUE);
    ir_remove_dead_values(f);
    CHECK(inst_at(f, c)->block == NO_BLOCK && inst_at(f, less)->block == ENTRY_BLOCK && valid(f));

    /* if True: */
    ValueId t = ir_terminator(f, ENTRY_BLOCK);
    ir_delete(f, t);
    ir_remove_edge(f, ENTRY_BLOCK, no);
    inst_at(f, t)->op = OP_br;
    inst_at(f, t)->nargs = 0;
    ir_insert(f, ENTRY_BLOCK, block_at(f, ENTRY_BLOCK)->inst.n, t);
    ir_remove_dead_blocks(f);
    CHECK(block_at(f, no)->dead && block_at(f, middle)->dead && inst_at(f, phi)->nargs == 1 && valid(f));
    ir_replace_uses(f, phi, x);
    ir_remove_dead_values(f);
    CHECK(valid(f) && inst_at(f, phi)->block == NO_BLOCK);
}

static void test_exception_edges(void) {
    Func *f = func_parse(
        unit, "func e typed -> int64 {\nb0:\n %0: int64 = param 0\n br b1\n"
              "b1: handler b2\n %1: int64 = binary FLOORDIV %0, %0\n %2: int64 = binary ADD %0, %1\n"
              " br b3\nb2:\n %4: int64 = phi b1 %0\n br b3\nb3:\n %5: int64 = phi b1 %2, b2 %4\n ret %5\n}");
    CHECK(f && valid(f) && ir_exception_edge(f, 1) == 2);
    BlockId tail = ir_split_block(f, 1, 1), order[8];
    ir_br(&(Builder){.f = f, .block = 1}, tail);
    CHECK(valid(f) && inst_at(f, 4)->nargs == 2);
    CHECK(ir_reverse_postorder(f, order) == 5);
}

int main(void) {
    types_start();
    unit = unit_new((UnitOptions){.boundscheck = true}, NULL, NULL);
    CHECK(unit_name(unit, "a") == unit_name(unit, "a"));
    test_round_trip();
    test_parse_by_hand();
    test_parse_errors();
    test_verifier();
    test_build();
    test_exception_edges();
    unit_free(unit);
    return check_summary();
}
