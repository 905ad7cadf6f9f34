/* natives.c - the symbols that compiled code may call, by name.
 *
 * The rows of natives.def are the whole list: a symbol that is not there cannot be reached from compiled code,
 * whatever an object file asks for.  Intrinsics need no address; LLVM may turn some of them, and some loops,
 * into calls of libm and libc, which are the extra rows below.  boundary/ adds its own (boxing, errors).
 *
 * The rows give symbols as strings; an assembler label turns a string into an address without a prototype,
 * so that the table needs no second list of declarations.
 */
#include "runtime/runtime.h"
#include "vecmath/vecmath.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define LABEL(symbol) __asm__(TEXT(__USER_LABEL_PREFIX__) symbol)
#define INTRINSIC(name, symbol, signature, attributes)

#define X(name, symbol, signature, attributes) extern const char native_##name[] LABEL(symbol);
#include "runtime/natives.def"
#undef X

/* Conversions of float16 that not every CPU has an instruction for. */
#if defined(__x86_64__)
#define HALF_LIBCALLS(F) F(__truncdfhf2) F(__truncsfhf2) F(__extendhfsf2)
#else
#define HALF_LIBCALLS(F)
#endif

/* What LLVM calls for intrinsics and idioms that it does not expand inline, beyond the rows of natives.def. */
/* clang-format never settles on a list of macro calls. */
/* clang-format off */
#define LIBCALLS(F)                                                                                         \
    F(sqrt)                                                                                                 \
    F(sqrtf) F(floor) F(floorf) F(ceil) F(ceilf) F(trunc) F(truncf) F(rint) F(rintf) F(fma) F(fmaf) F(fmin) \
        F(fminf) F(fmax) F(fmaxf) F(round) F(roundf) F(nearbyint) F(nearbyintf) F(ldexp) F(ldexpf) F(bcmp)  \
            F(sincos) F(sincosf) F(exp10) F(exp10f) HALF_LIBCALLS(F)
/* clang-format on */
#define F(name) extern const char libcall_##name[] LABEL(#name);
LIBCALLS(F)
#undef F

#define INTRINSIC(name, symbol, signature, attributes)
#define X(name, symbol, signature, attributes) {symbol, (void *)(uintptr_t)native_##name},
#define F(name) {#name, (void *)(uintptr_t)libcall_##name},
static RuntimeSymbol symbols[] = {
#include "runtime/natives.def"
    LIBCALLS(F){"naja_poll_word", (void *)&naja_poll_word},
};
#undef X
#undef F
enum { NSYMBOLS = sizeof symbols / sizeof symbols[0], MAX_EXTRA = 8 };

static struct {
    const RuntimeSymbol *symbol;
    uint32_t n;
} extra[MAX_EXTRA];
static uint32_t nextra;
static pthread_once_t sorted = PTHREAD_ONCE_INIT;

void runtime_add_symbols(const RuntimeSymbol *symbol, uint32_t n) {
    if (nextra == MAX_EXTRA) return;
    extra[nextra].symbol = symbol;
    extra[nextra++].n = n;
}

static int by_name(const void *x, const void *y) {
    return strcmp(((const RuntimeSymbol *)x)->name, ((const RuntimeSymbol *)y)->name);
}

static void sort_symbols(void) { qsort(symbols, NSYMBOLS, sizeof symbols[0], by_name); }

/* Functions of libmvec, which vectorised loops call under fastmath. */
static void *vector_function(const char *name) {
    void *library = dlopen("libmvec.so.1", RTLD_LAZY); /* stays open: code refers to it */
    return library ? dlsym(library, name) : NULL;
}

void *runtime_symbol(const char *name) {
    pthread_once(&sorted, sort_symbols);
    RuntimeSymbol key = {name, NULL};
    const RuntimeSymbol *found = bsearch(&key, symbols, NSYMBOLS, sizeof symbols[0], by_name);
    if (found) return found->address;
    if (!strncmp(name, "_ZGV", 4)) return vector_function(name);
    if (!strncmp(name, VECMATH_PREFIX, strlen(VECMATH_PREFIX))) return vecmath_symbol(name);
    for (uint32_t t = 0; t < nextra; t++)
        for (uint32_t i = 0; i < extra[t].n; i++)
            if (!strcmp(extra[t].symbol[i].name, name)) return extra[t].symbol[i].address;
    return NULL;
}
