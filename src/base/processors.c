/* base/processors.c - what threads are made for. */
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

#include "base/base.h"

uint32_t processor_count(void) {
#ifdef __linux__
    cpu_set_t set;
    if (!sched_getaffinity(0, sizeof set, &set)) return (uint32_t)CPU_COUNT(&set);
#endif
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (uint32_t)n : 1;
}
