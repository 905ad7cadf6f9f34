/* test_lower.c - how pass lower turns typed IR into lowered IR: edges and phis, calls, cleanup, exits, handlers. */
#include "check.h"
#include "passes/pipeline.h"

static Unit *unit;

static Func *parsed(const char *text) {
    Func *f = func_parse(unit, text);
    if (!f) fprintf(stderr, "%s\n", vec_last(&unit->diags.list).message);
    CHECK(f != NULL);
    return f;
}

static const char *printed(const Func *f) {
    StrBuf b = {0};
    func_print(&b, f);
    const char *text = arena_strdup(&unit->arena, b.at ? b.at : "");
    strbuf_free(&b);
    return text;
}

static Func *lowered(const char *text) {
    Func *f = parsed(text);
    if (!f) return NULL;
    lower_func(f);
    StrBuf why = {0};
    bool ok = func_verify(f, &why);
    if (!ok) fprintf(stderr, "%s%s", why.at, printed(f));
    strbuf_free(&why);
    CHECK(ok && f->state == FUNC_LOWERED);
    return f;
}

static uint32_t count(const Func *f, Op op) {
    uint32_t n = 0;
    for (uint32_t v = 0; v < f->inst.n; v++) n += inst_at(f, v)->block != NO_BLOCK && inst_at(f, v)->op == op;
    return n;
}

static void test_branches_and_phis(void) {
    Func *f = lowered("func join typed -> float64 {\n"
                      "b0:\n"
                      "  %0: boolean = param 0\n"
                      "  %1: Literal[int](3) = literal\n"
                      "  %2: float64 = const_float 2.5\n"
                      "  condbr %0, b1, b2\n"
                      "b1: <- b0\n"
                      "  br b3\n"
                      "b2: <- b0\n"
                      "  br b3\n"
                      "b3: <- b1, b2\n"
                      "  %3: float64 = phi b1 %1, b2 %2\n"
                      "  ret %3\n"
                      "}\n");
    CHECK(count(f, OP_phi) == 1 && count(f, OP_const_float) == 2); /* the literal is converted on its edge */
    CHECK(count(f, OP_literal) == 0);
}

static void test_unreachable_blocks(void) {
    Func *f = lowered("func dead typed -> none {\n"
                      "b0:\n"
                      "  %0: none = none\n"
                      "  br b2\n"
                      "b1:\n"
                      "  br b2\n"
                      "b2: <- b0, b1\n"
                      "  %1: none = phi b0 %0, b1 %0\n"
                      "  ret %1\n"
                      "}\n");
    CHECK(count(f, OP_br) == 1 && count(f, OP_phi) == 0 && count(f, OP_ret) == 1);
}

static void test_tuples_share_references(void) {
    Func *f = lowered("func share typed -> array(float64, 1d, C) {\n"
                      "b0:\n"
                      "  %0: array(float64, 1d, C) = param 0\n"
                      "  %1: int64 = param 1\n"
                      "  %2: Tuple(array(float64, 1d, C), int64) = tuple %0, %1\n"
                      "  %3: array(float64, 1d, C) = item 0 %2\n"
                      "  decref %2\n"
                      "  decref %1\n"
                      "  ret %3\n"
                      "}\n");
    CHECK(count(f, OP_incref) == 2); /* the tuple's own reference, and the item's */
    CHECK(count(f, OP_decref) == 1); /* an integer is not counted */
    CHECK(count(f, OP_make) == 1);
}

static void test_call_checks_and_releases(void) {
    Func *callee = parsed("func callee typed -> int64 {\n"
                          "b0:\n"
                          "  %0: float64 = param 0\n"
                          "  %1: int64 = const_int 1\n"
                          "  ret %1\n"
                          "}\n");
    Func *f = lowered("func caller typed -> int64 {\n"
                      "b0:\n"
                      "  %0: int64 = param 0\n"
                      "  %1: array(float64, 1d, C) = param 1\n"
                      "  %2: Literal[int](0) = literal\n"
                      "  %3: int64 = call %2, %0 => &callee cleanup(%1) bound(%0)\n"
                      "  %4: int64 = call %2, %0 => &callee cleanup(%1) bound(%0)\n"
                      "  ret %4\n"
                      "}\n");
    CHECK(callee->state == FUNC_TYPED);
    CHECK(count(f, OP_sitofp) == 2); /* arguments become the parameters' types */
    CHECK(count(f, OP_invoke) == 2 && count(f, OP_alloca) == 2);
    CHECK(count(f, OP_raise_again) == 1 &&
          count(f, OP_decref) == 1); /* both statuses go through the same end */
    CHECK(f->can_raise);
}

static void test_raise_in_handler(void) {
    const char *text = "func caught typed -> int64 {\n"
                       "b0: handler b2\n"
                       "  %0: int64 = param 0\n"
                       "  %1: Literal[int](0) = literal\n"
                       "  %2: int64 = call %1, %0 => &callee2 bound(%0)\n"
                       "  br b1\n"
                       "b1: <- b0\n"
                       "  ret %2\n"
                       "b2: <- b0\n"
                       "  %3: int64 = phi b0 %0\n"
                       "  ret %3\n"
                       "}\n";
    parsed("func callee2 typed -> int64 {\nb0:\n  %0: int64 = param 0\n  ret %0\n}\n");
    Func *f = lowered(text);
    /* the exit goes to the handler: interrupts of a callee too, as KeyboardInterrupt does in Python */
    CHECK(count(f, OP_raise_again) == 0 && count(f, OP_ret) == 2 && count(f, OP_condbr) == 1);
}

static void test_raise_stores_payload(void) {
    Func *f = parsed("func raises typed -> none {\n"
                     "b0:\n"
                     "  %0: int64 = param 0\n"
                     "  %1: int64 = const_int 0\n"
                     "  raise %1\n"
                     "}\n");
    const Type *arg[] = {type_i64, type_literal_int(4)};
    inst_at(f, 1)->op = OP_tuple;
    inst_at(f, 1)->type = type_exception(7, 2, arg);
    ValueId literal = ir_new(f, OP_literal, arg[1], 0, NULL);
    ir_insert(f, ENTRY_BLOCK, 1, literal);
    inst_at(f, 1)->nargs = 2;
    inst_at(f, 1)->arg = arena_array(&unit->arena, ValueId, 2);
    inst_at(f, 1)->arg[1] = literal;
    lower_func(f);
    CHECK(count(f, OP_raise_new) == 1);
    const RaiseSite *site = &vec_last(&unit->sites);
    CHECK(site->cls == 7 && site->nargs == 2 && site->arg[0] == type_i64);
    for (uint32_t v = 0; v < f->inst.n; v++)
        if (inst_at(f, v)->op == OP_raise_new)
            CHECK(inst_at(f, v)->nargs == 1); /* the literal needs no word */
}

static void test_checkpoint(void) {
    Func *f = lowered("func polls typed -> none {\nb0:\n  checkpoint\n  %0: none = none\n  ret %0\n}\n");
    CHECK(count(f, OP_poll) == 1 && count(f, OP_native) == 1 && f->has_polls);
}

static void test_parallel(void) {
    Func *body = parsed("func body typed -> UniTuple(float64 x 1) {\n"
                        "b0:\n"
                        "  %0: int64 = param 0\n"
                        "  %1: int64 = param 1\n"
                        "  %2: float64 = param 2\n"
                        "  %3: UniTuple(float64 x 1) = tuple %2\n"
                        "  ret %3\n"
                        "}\n");
    parsed("func combine typed -> UniTuple(float64 x 1) {\n"
           "b0:\n"
           "  %0: UniTuple(float64 x 1) = param 0\n"
           "  %1: UniTuple(float64 x 1) = param 1\n"
           "  ret %0\n"
           "}\n");
    uint32_t before = unit->funcs.n;
    Func *f = lowered("func region typed -> UniTuple(float64 x 1) {\n"
                      "b0:\n"
                      "  %0: int64 = param 0\n"
                      "  %1: float64 = param 1\n"
                      "  %2: UniTuple(float64 x 1) = tuple %1\n"
                      "  %3: UniTuple(float64 x 1) = parallel &body %0, %0, %0, %2, %1 => &combine\n"
                      "  ret %3\n"
                      "}\n");
    CHECK(count(f, OP_func_address) == 1 && count(f, OP_invoke) == 1); /* the wrapper's address; combine */
    CHECK(unit->funcs.n == before + 2);
    Func *wrapper = vec_last(&unit->funcs);
    CHECK(wrapper->state == FUNC_LOWERED && wrapper->params.n == 3 && wrapper->result == body->result);
}

int main(void) {
    types_start();
    unit = unit_new((UnitOptions){.boundscheck = true, .polls = true}, NULL, NULL);
    test_branches_and_phis();
    test_unreachable_blocks();
    test_tuples_share_references();
    test_call_checks_and_releases();
    test_raise_in_handler();
    test_raise_stores_payload();
    test_checkpoint();
    test_parallel();
    CHECK(!diag_any(&unit->diags));
    unit_free(unit);
    return check_summary();
}
