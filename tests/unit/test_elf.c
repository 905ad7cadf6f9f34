/* test_elf.c - the object loader on a good object, on every truncation of it, and on every byte changed. */
#include <stdlib.h>

#include "check.h"
#include "codegen/codegen.h"
#include "engine/emit.h"
#include "engine/engine.h"

static int poll_word, ncalls;

static double far_function(double x) {
    ncalls++;
    return x + 1;
}

static void *resolve(void *data, const char *name) {
    if (data && !strcmp(name, data)) return NULL; /* the one that is missing */
    return !strcmp(name, "naja_poll_word") ? (void *)&poll_word : (void *)(uintptr_t)far_function;
}

/* A call, a global that is reached through a slot, and constants. */
static const char text[] = "func f lowered -> float64 {\n"
                           "b0:\n"
                           "  %0: float64 = param 0\n"
                           "  %1: int32 = poll\n"
                           "  %2: float64 = sitofp %1\n"
                           "  %3: float64 = native exp %0\n"
                           "  %4: float64 = const_float 2.5\n"
                           "  %5: float64 = fmul %3, %4\n"
                           "  %6: float64 = fadd %5, %2\n"
                           "  ret %6\n"
                           "}\n";

static Emitted emit(void) {
    Unit *u = unit_new((UnitOptions){0}, NULL, NULL);
    Emitted out = {0};
    char *why = NULL;
    CHECK(func_parse(u, text) && engine_emit(u, &(EmitOptions){.optimise = true}, &out, &why));
    unit_free(u);
    return out;
}

typedef int32_t (*NativeCode)(void *context, double *result, double x);

static void test_good(const Emitted *e) {
    const char *why = NULL;
    char *image = malloc(e->nbytes + 1);
    memcpy(image + 1, e->object, e->nbytes); /* at an odd address */
    LoadedObject *o = object_load(image + 1, e->nbytes, resolve, NULL, &why);
    CHECK(o && !why && object_code_nbytes(o) > 0);
    object_register_gdb(o, image + 1, e->nbytes);
    free(image);
    NativeCode f = (NativeCode)(uintptr_t)object_symbol(o, CODEGEN_NATIVE);
    double result;
    poll_word = 7;
    CHECK(f && f(NULL, &result, 3) == 0 && result == 4 * 2.5 + 7 && ncalls == 1);
    CHECK(!object_symbol(o, "no such symbol"));
    object_free(o);
}

/* Loads what may be broken; it must not crash, and nothing of it is run. */
static bool try_load(const void *image, size_t nbytes) {
    const char *why = NULL;
    LoadedObject *o = object_load(image, nbytes, resolve, NULL, &why);
    CHECK((o != NULL) == (why == NULL));
    if (o) {
        object_symbol(o, CODEGEN_NATIVE);
        object_free(o);
    }
    return o != NULL;
}

/* In memory of exactly the right size, so that a sanitizer sees every read outside. */
static void test_truncated(const Emitted *e) {
    int loaded = 0;
    for (size_t n = 0; n < e->nbytes; n++) {
        char *image = malloc(n ? n : 1);
        memcpy(image, e->object, n);
        loaded += try_load(image, n);
        free(image);
    }
    CHECK(loaded == 0); /* the section table comes last */
}

static void test_changed(const Emitted *e) {
    static const uint8_t masks[] = {0x01, 0x04, 0x80, 0xff};
    char *image = malloc(e->nbytes);
    for (size_t i = 0; i < e->nbytes; i++)
        for (size_t k = 0; k < sizeof masks; k++) {
            memcpy(image, e->object, e->nbytes);
            image[i] = (char)(image[i] ^ masks[k]);
            try_load(image, e->nbytes);
        }
    free(image);
}

static void test_random(const Emitted *e) {
    char *image = malloc(e->nbytes);
    srand(1);
    for (int round = 0; round < 20000; round++) {
        memcpy(image, e->object, e->nbytes);
        for (int k = rand() % 8; k >= 0; k--) image[(size_t)rand() % e->nbytes] = (char)rand();
        try_load(image, e->nbytes);
    }
    free(image);
}

static void test_missing(const Emitted *e) {
    const char *why = NULL;
    CHECK(!object_load(e->object, e->nbytes, resolve, "exp", &why) && why && strstr(why, "exp"));
}

int main(void) {
    types_start();
    codegen_start(&(CodegenHost){8, 16, 16, 24, 32, 40});
    Emitted e = emit();
    test_good(&e);
    test_truncated(&e);
    test_changed(&e);
    test_random(&e);
    test_missing(&e);
    emitted_free(&e);
    return check_summary();
}
