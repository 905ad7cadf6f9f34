/* host.c - names the machine's CPU without LLVM: compiled code may use every instruction the CPU has.
 *
 * On x86-64 the name holds the words of CPUID that say model and features, and the register that says which of them
 * the system supports.  Elsewhere it holds the hash of the lines of /proc/cpuinfo that do not change over time.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"

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
#else
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
