/* test_codegen.c - lowered IR as text, through LLVM and the object loader, and run. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "codegen/codegen.h"
#include "engine/emit.h"
#include "engine/engine.h"
#include "runtime/runtime.h"

/* Objects that look like Python's to the generated entry. */
typedef struct {
    int64_t refs;
    void *type;
    double value;
} FakeFloat;
typedef struct {
    int64_t refs;
    void *type;
    char *data;
    int32_t nd;
    int64_t *dimensions, *strides;
} FakeArray;
static char float_type, other_type;
static double boxed_float;
static int64_t boxed_int;
static int failures, unboxed, entered, left;

static void *box_double(double v) {
    boxed_float = v;
    return &boxed_float;
}
static void *box_long(int64_t v) {
    boxed_int = v;
    return &boxed_int;
}
static void *box_composite(void *spec, void *const *args, const Slot *result) {
    (void)spec, (void)args;
    memcpy(&boxed_float, result, sizeof boxed_float);
    boxed_int = (int64_t)result[1];
    return &boxed_int;
}
static void *fail(void *spec, void *const *args, Context *c, int32_t status) {
    (void)spec, (void)args;
    failures = status > 0 ? (int)(1000 * c->nframes + status_site(status)) : status;
    return NULL;
}
static int32_t unbox(void *spec, uint32_t i, void *object, Slot *leaves) {
    (void)spec, (void)i;
    unboxed++;
    double v = ((FakeFloat *)object)->value + 0.5;
    memcpy(leaves, &v, sizeof v);
    return v < 0 ? -1 : 0;
}
static int64_t as_int64(void *object) { return (int64_t)((FakeFloat *)object)->value; }
static void *box_none(void) { return &other_type; }
static void enter(void) { entered++; }
static void leave(void) { left++; }
static char *stack_limit(void) { return (char *)__builtin_frame_address(0) - 100000; }

static void *resolve(void *data, const char *name) {
    (void)data;
    static const struct {
        const char *name;
        void *address;
    } rows[] = {
        {"PyFloat_FromDouble", box_double},
        {"PyLong_FromLongLong", box_long},
        {"naja_box", box_composite},
        {"naja_fail", fail},
        {"naja_unbox", unbox},
        {"naja_enter", enter},
        {"naja_leave", leave},
        {"naja_stack_limit", stack_limit},
        {"naja_as_int64", as_int64},
        {"naja_box_none", box_none},
    };
    for (uint32_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!strcmp(name, rows[i].name)) return rows[i].address;
    return runtime_symbol(name);
}

typedef void *(*Entry)(void *spec, void *const *args);
typedef struct {
    LoadedObject *object;
    Entry entry;
    void *native;
} Program;

/* Functions one after the other; the last one becomes the entry. */
static bool parse(Unit *u, const char *text) {
    for (const char *end; (end = strstr(text, "}")); text = end + 1)
        if (!func_parse(u, arena_strndup(&u->arena, text, (size_t)(end - text) + 1))) return false;
    Func *entry = u->funcs.at[u->funcs.n - 1];
    memmove(u->funcs.at + 1, u->funcs.at, (u->funcs.n - 1) * sizeof *u->funcs.at);
    u->funcs.at[0] = entry;
    for (uint32_t i = 0; i < u->funcs.n; i++) u->funcs.at[i]->index = i;
    return true;
}

static Program build(const char *text, UnitOptions options) {
    Unit *u = unit_new(options, NULL, NULL);
    Program p = {0};
    Emitted emitted = {0};
    char *reason = NULL;
    const char *why = NULL;
    bool ok = parse(u, text) && func_verify(u->funcs.at[0], NULL) &&
              engine_emit(u, &(EmitOptions){.optimise = true, .want_llvm_ir = true, .want_assembly = true},
                          &emitted, &reason);
    if (ok) p.object = object_load(emitted.object, emitted.nbytes, resolve, NULL, &why);
    if (!p.object) {
        fprintf(stderr, "%s\n",
                why                   ? why
                : reason              ? reason
                : diag_any(&u->diags) ? u->diags.list.at[0].message
                                      : "?");
        exit(1);
    }
    p.entry = (Entry)(uintptr_t)object_symbol(p.object, CODEGEN_ENTRY);
    p.native = object_symbol(p.object, CODEGEN_NATIVE);
    CHECK(p.entry && p.native && emitted.llvm_ir && emitted.assembly);
    free(reason);
    emitted_free(&emitted);
    unit_free(u);
    return p;
}

static void *call(Program p, void *const *args) {
    void *spec[2] = {&float_type, NULL};
    return p.entry(spec, args);
}

static const char sum_text[] = "func sum lowered -> float64 {\n"
                               "b0:\n"
                               "  %0: array(float64, 1d, A) = param 0\n"
                               "  %1: voidptr = field .0 %0\n"
                               "  %2: int64 = field .3 %0\n"
                               "  %3: int64 = field .4 %0\n"
                               "  %4: int64 = const_int 0\n"
                               "  %5: int64 = const_int 1\n"
                               "  %6: float64 = const_float 0.0\n"
                               "  br b1\n"
                               "b1:\n"
                               "  %7: int64 = phi b0 %4, b2 %13\n"
                               "  %8: float64 = phi b0 %6, b2 %12\n"
                               "  %9: boolean = icmp lt %7, %2\n"
                               "  condbr %9, b2, b3\n"
                               "b2:\n"
                               "  %10: int64 = imul %7, %3\n"
                               "  %11: voidptr = ptr_add %1, %10\n"
                               "  %14: float64 = load %11\n"
                               "  %12: float64 = fadd %8, %14 !fast(64)\n"
                               "  %13: int64 = iadd %7, %5 !nsw\n"
                               "  br b1\n"
                               "b3:\n"
                               "  ret %8\n"
                               "}\n";

static void test_array(void) {
    Program p = build(sum_text, (UnitOptions){0});
    double data[7] = {1, 2, 3, 4, 5, 6, 7};
    int64_t shape = 4, stride = 16;
    FakeArray array = {1, &other_type, (char *)data, 1, &shape, &stride};
    void *args[] = {&array};
    CHECK(call(p, args) == &boxed_float && boxed_float == 1 + 3 + 5 + 7);
    stride = -8, array.data = (char *)(data + 6), shape = 7;
    CHECK(call(p, args) && boxed_float == 28);
    shape = 0;
    CHECK(call(p, args) && boxed_float == 0);
    CHECK(entered == 0);
    object_free(p.object);
}

static const char floats_text[] = "func floats lowered -> Tuple(float64, int64) {\n"
                                  "b0:\n"
                                  "  %0: float64 = param 0\n"
                                  "  %1: float64 = param 1\n"
                                  "  %2: boolean = fcmp lt %0, %1\n"
                                  "  %3: float64 = select %2, %0, %1\n"
                                  "  %4: float64 = native sqrt %3\n"
                                  "  %5: int64 = fptosi %1\n"
                                  "  %6: Tuple(float64, int64) = make %4, %5\n"
                                  "  ret %6\n"
                                  "}\n";

static void test_floats(void) {
    Program p = build(floats_text, (UnitOptions){.nogil = true});
    FakeFloat x = {1, &float_type, 16}, y = {1, &float_type, 25.75};
    void *args[] = {&x, &y};
    CHECK(call(p, args) == &boxed_int && boxed_float == 4 && boxed_int == 25);
    CHECK(entered == 1 && left == 1 && unboxed == 0);
    y.value = NAN; /* what becomes of it is the machine's affair */
    CHECK(call(p, args));
    y.value = 1e300;
    CHECK(call(p, args) && (boxed_int == INT64_MIN || boxed_int == INT64_MAX));
    y.type = &other_type, y.value = 3; /* naja_unbox adds a half */
    CHECK(call(p, args) && unboxed == 1 && boxed_float == sqrt(3.5) && boxed_int == 3);
    y.value = -3;
    CHECK(!call(p, args) && unboxed == 2);
    object_free(p.object);
}

/* Recursion, a raise with a payload at the bottom, and a frame for each caller. */
static const char raise_text[] = "func down lowered -> int64 {\n"
                                 "b0:\n"
                                 "  %0: int64 = param 0\n"
                                 "  %1: int64 = const_int 0\n"
                                 "  %2: boolean = icmp eq %0, %1\n"
                                 "  condbr %2, b1, b2 !cold\n"
                                 "b1: cold\n"
                                 "  %3: int32 = const_int -7\n"
                                 "  raise_new site 5 %3\n"
                                 "b2:\n"
                                 "  %4: int64 = const_int 1\n"
                                 "  %5: int64 = isub %0, %4\n"
                                 "  %6: voidptr = alloca 8\n"
                                 "  %7: int32 = invoke &down %6, %5\n"
                                 "  %8: int32 = const_int 0\n"
                                 "  %9: boolean = icmp ne %7, %8\n"
                                 "  condbr %9, b3, b4 !cold\n"
                                 "b3: cold\n"
                                 "  %11: int32 = const_int 6\n"
                                 "  raise_again %7, %11\n"
                                 "b4:\n"
                                 "  %10: int64 = load %6\n"
                                 "  ret %10\n"
                                 "}\n";

typedef int32_t (*NativeInt)(Context *, void *result, int64_t n);

static void test_raise(void) {
    Program p = build(raise_text, (UnitOptions){0});
    NativeInt down = (NativeInt)(uintptr_t)p.native;
    Context c = {0};
    int64_t result;
    CHECK(down(&c, &result, 0) == 6 && c.nframes == 0); /* a raise says all by its status */
    CHECK(down(&c, &result, 3) == (6 | STATUS_RECORDED) && status_site(6 | STATUS_RECORDED) == 5);
    CHECK(c.nframes == 3 && c.frame[0] == 6 && c.frame[2] == 6);
    CHECK((int64_t)c.payload[0] == -7);
    c.nframes = 0;
    CHECK(down(&c, &result, 99) == (6 | STATUS_RECORDED) && c.nframes == 99 && c.frame[63] == 6);
    c.nframes = 0;
    c.stack_limit = stack_limit();
    CHECK(down(&c, &result, 1000000) == STATUS_RECURSION && c.nframes > 100);
    object_free(p.object);
}

/* Counting references of an array inside an Optional: only where there is one. */
static const char counts_text[] = "func counts lowered -> none {\n"
                                  "b0:\n"
                                  "  %0: OptionalType(array(float64, 1d, C)) = param 0\n"
                                  "  %1: int64 = param 1\n"
                                  "  %2: int64 = const_int 0\n"
                                  "  %3: boolean = icmp lt %1, %2\n"
                                  "  condbr %3, b1, b2\n"
                                  "b1:\n"
                                  "  decref %0\n"
                                  "  br b3\n"
                                  "b2:\n"
                                  "  incref %0\n"
                                  "  br b3\n"
                                  "b3:\n"
                                  "  %4: int64 = phi b1 %1, b2 %2\n"
                                  "  %5: int32 = poll\n"
                                  "  ret\n"
                                  "}\n";

typedef int32_t (*NativeCounts)(Context *, void *, bool has, void *data, void *owner, void *parent,
                                int64_t shape, int64_t stride, int64_t n);

static void test_counts(void) {
    Program p = build(counts_text, (UnitOptions){0});
    NativeCounts counts = (NativeCounts)(uintptr_t)p.native;
    Context c = {0};
    int64_t before = runtime_live_blocks();
    MemoryBlock *b = naja_block_new(80);
    CHECK(!counts(&c, NULL, true, NULL, b, NULL, 10, 8, 1) && b->count == 2);
    CHECK(!counts(&c, NULL, false, NULL, b, NULL, 10, 8, 1) && b->count == 2);
    CHECK(!counts(&c, NULL, true, NULL, NULL, NULL, 10, 8, 1) && b->count == 2);
    CHECK(!counts(&c, NULL, true, NULL, b, NULL, 10, 8, -1) && b->count == 1);
    CHECK(!counts(&c, NULL, true, NULL, b, NULL, 10, 8, -1) && runtime_live_blocks() == before);
    object_free(p.object);
}

/* A cold loop becomes a function: what a phi behind it takes from in front of it goes through. */
static const char cold_text[] = "func passes_on lowered -> int64 {\n"
                                "b0:\n"
                                "  %0: int64 = param 0\n"
                                "  %1: int64 = param 1\n"
                                "  %2: int64 = const_int 0\n"
                                "  %3: boolean = icmp lt %0, %2\n"
                                "  condbr %3, b1, b2 !cold\n"
                                "b1: cold\n"
                                "  %4: int64 = phi b0 %0, b1 %6\n"
                                "  %5: int64 = const_int 1\n"
                                "  %6: int64 = iadd %4, %5\n"
                                "  %7: boolean = icmp lt %6, %2\n"
                                "  condbr %7, b1, b2\n"
                                "b2:\n"
                                "  %8: int64 = phi b0 %0, b1 %1\n"
                                "  ret %8\n"
                                "}\n";

typedef int32_t (*NativePasses)(Context *, void *result, int64_t n, int64_t kept);

static void test_cold_region(void) {
    Program p = build(cold_text, (UnitOptions){0});
    NativePasses passes_on = (NativePasses)(uintptr_t)p.native;
    Context c = {0};
    int64_t result[4] = {0};
    CHECK(!passes_on(&c, result, -3, 42) && result[0] == 42);
    CHECK(!passes_on(&c, result, 3, 42) && result[0] == 3);
    object_free(p.object);
}

static const char bad_text[] = "func bad lowered -> float64 {\n"
                               "b0:\n"
                               "  %0: array(float64, 1d, A) = param 0\n"
                               "  %1: float64 = cast %0\n"
                               "  ret %1\n"
                               "}\n";

static void test_errors(void) {
    Unit *u = unit_new((UnitOptions){0}, NULL, NULL);
    Emitted emitted;
    char *why = NULL;
    CHECK(parse(u, bad_text) && !engine_emit(u, &(EmitOptions){0}, &emitted, &why) && why &&
          diag_any(&u->diags));
    free(why);
    unit_free(u);
    u = unit_new((UnitOptions){0}, NULL, NULL);
    CHECK(parse(u, floats_text) &&
          !engine_emit(u, &(EmitOptions){.passes = "no-such-pass"}, &emitted, &why) && why);
    free(why);
    unit_free(u);
}

int main(void) {
    types_start();
    codegen_start(&(CodegenHost){offsetof(FakeFloat, type), offsetof(FakeFloat, value),
                                 offsetof(FakeArray, data), offsetof(FakeArray, nd),
                                 offsetof(FakeArray, dimensions), offsetof(FakeArray, strides)});
    test_array();
    test_floats();
    test_raise();
    test_counts();
    test_cold_region();
    test_errors();
    return check_summary();
}
