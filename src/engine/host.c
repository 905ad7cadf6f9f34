/* host.c - names the machine's CPU without LLVM: compiled code may use every instruction the CPU has.
 *
 * On x86-64 the name holds the words of CPUID that say model and features, and the register that says which of them
 * the system supports.  Elsewhere it holds the hash of the lines of /proc/cpuinfo that do not change over time.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"

#if !defined(__x86_64__)
#include <sys/auxv.h>
#endif

static char identity[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

#if defined(__x86_64__)
#include <cpuid.h>

enum { EAX = 1, EBX = 2, ECX = 4, EDX = 8 };
static const struct {
    uint32_t leaf, subleaf;
    uint8_t registers; /* the rest changes from core to core, or tells nothing */
} cpuid_rows[] = {
    {0, 0, EBX | ECX | EDX}, {1, 0, EAX | ECX | EDX}, {7, 0, EBX | ECX | EDX},
    {7, 1, EAX | EDX},       {0xd, 1, EAX},           {0x80000001, 0, ECX | EDX},
};

static int add_word(char *at, size_t room, uint32_t word) {
    return snprintf(at, room, "-%x", (unsigned)word);
}

static void find_identity(void) {
    int n = snprintf(identity, sizeof identity, "x86_64");
    for (uint32_t i = 0; i < ARRAY_LEN(cpuid_rows); i++) {
        uint32_t r[4] = {0};
        if (!__get_cpuid_count(cpuid_rows[i].leaf, cpuid_rows[i].subleaf, &r[0], &r[1], &r[2], &r[3]))
            continue;
        for (uint32_t k = 0; k < 4; k++)
            if (cpuid_rows[i].registers & 1u << k)
                n += add_word(identity + n, sizeof identity - (size_t)n, r[k]);
    }
    uint32_t a, b, c, d;
    if (__get_cpuid(1, &a, &b, &c, &d) && c & bit_OSXSAVE) {
        uint32_t low, high;
        __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        add_word(identity + n, sizeof identity - (size_t)n, low);
    }
}

/* What instructions of compiled code may come from.  `state`: bits of XCR0 that say that the system keeps the registers. */
enum { NO_STATE = 0, AVX_STATE = 0x6, AVX512_STATE = 0xe6 };
static const struct {
    const char *name;
    uint32_t leaf;
    uint8_t word, bit, state; /* word: of eax, ebx, ecx, edx */
} feature_rows[] = {
    {"sse3", 1, 2, 0, NO_STATE},
    {"pclmul", 1, 2, 1, NO_STATE},
    {"ssse3", 1, 2, 9, NO_STATE},
    {"fma", 1, 2, 12, AVX_STATE},
    {"cx16", 1, 2, 13, NO_STATE},
    {"sse4.1", 1, 2, 19, NO_STATE},
    {"sse4.2", 1, 2, 20, NO_STATE},
    {"movbe", 1, 2, 22, NO_STATE},
    {"popcnt", 1, 2, 23, NO_STATE},
    {"aes", 1, 2, 25, NO_STATE},
    {"avx", 1, 2, 28, AVX_STATE},
    {"f16c", 1, 2, 29, AVX_STATE},
    {"bmi", 7, 1, 3, NO_STATE},
    {"avx2", 7, 1, 5, AVX_STATE},
    {"bmi2", 7, 1, 8, NO_STATE},
    {"avx512f", 7, 1, 16, AVX512_STATE},
    {"avx512dq", 7, 1, 17, AVX512_STATE},
    {"adx", 7, 1, 19, NO_STATE},
    {"avx512ifma", 7, 1, 21, AVX512_STATE},
    {"avx512cd", 7, 1, 28, AVX512_STATE},
    {"sha", 7, 1, 29, NO_STATE},
    {"avx512bw", 7, 1, 30, AVX512_STATE},
    {"avx512vl", 7, 1, 31, AVX512_STATE},
    {"avx512vbmi", 7, 2, 1, AVX512_STATE},
    {"avx512vbmi2", 7, 2, 6, AVX512_STATE},
    {"gfni", 7, 2, 8, NO_STATE},
    {"vaes", 7, 2, 9, AVX_STATE},
    {"vpclmulqdq", 7, 2, 10, AVX_STATE},
    {"avx512vnni", 7, 2, 11, AVX512_STATE},
    {"avx512bitalg", 7, 2, 12, AVX512_STATE},
    {"avx512vpopcntdq", 7, 2, 14, AVX512_STATE},
    {"avx512vp2intersect", 7, 3, 8, AVX512_STATE},
    {"avx512fp16", 7, 3, 23, AVX512_STATE},
    {"sahf", 0x80000001, 2, 0, NO_STATE},
    {"lzcnt", 0x80000001, 2, 5, NO_STATE},
    {"sse4a", 0x80000001, 2, 6, NO_STATE},
    {"xop", 0x80000001, 2, 11, AVX_STATE},
    {"fma4", 0x80000001, 2, 16, AVX_STATE},
    {"tbm", 0x80000001, 2, 21, NO_STATE},
};

static uint32_t system_state(void) {
    uint32_t a, b, c, d, low = 0, high;
    if (__get_cpuid(1, &a, &b, &c, &d) && c & bit_OSXSAVE) __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

bool engine_host_has(const char *feature) {
    for (uint32_t i = 0; i < ARRAY_LEN(feature_rows); i++) {
        uint32_t r[4] = {0}, state = feature_rows[i].state;
        if (strcmp(feature_rows[i].name, feature)) continue;
        return __get_cpuid_count(feature_rows[i].leaf, 0, &r[0], &r[1], &r[2], &r[3]) &&
               r[feature_rows[i].word] >> feature_rows[i].bit & 1 && (system_state() & state) == state;
    }
    return false;
}
#else
/* The kernel says in words what it says of the CPU to programs: a feature is "hwcap:" and such a word. */
bool engine_host_has(const char *feature) {
    static const char prefix[] = "hwcap:";
    if (strncmp(feature, prefix, sizeof prefix - 1)) return false;
    unsigned long wanted = strtoul(feature + sizeof prefix - 1, NULL, 16);
    return (getauxval(AT_HWCAP) & wanted) == wanted;
}

static void find_identity(void) {
    static const char *const keys[] = {"Features", "CPU implementer", "CPU variant", "CPU part", "isa",
                                       "flags"};
    FILE *f = fopen("/proc/cpuinfo", "re");
    char line[4096];
    uint64_t hash = 0;
    while (f && fgets(line, sizeof line, f))
        for (uint32_t i = 0; i < ARRAY_LEN(keys); i++)
            if (!strncmp(line, keys[i], strlen(keys[i]))) hash = hash_bytes(line, strlen(line), hash);
    if (f) fclose(f);
    snprintf(identity, sizeof identity, "other-%016llx", (unsigned long long)hash);
}
#endif

const char *engine_host_identity(void) {
    pthread_once(&once, find_identity);
    return identity;
}
