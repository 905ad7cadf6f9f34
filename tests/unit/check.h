/* check.h - the smallest test framework: a failed CHECK prints where and what, and the program's status is 1. */
#ifndef NAJA_CHECK_H
#define NAJA_CHECK_H

#include <stdio.h>
#include <string.h>

static int checks_run, checks_failed;

#define CHECK(condition)                                                                                       \
    do {                                                                                                       \
        checks_run++;                                                                                          \
        if (!(condition)) {                                                                                    \
            checks_failed++;                                                                                   \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                            \
        }                                                                                                      \
    } while (0)

/* Compares texts and shows both where they differ. */
#define CHECK_TEXT(got, want) check_text(__FILE__, __LINE__, (got), (want))

static inline void check_text(const char *file, int line, const char *got, const char *want) {
    checks_run++;
    if (got && strcmp(got, want) == 0) return;
    checks_failed++;
    fprintf(stderr, "%s:%d: texts differ\n--- got\n%s\n--- want\n%s\n", file, line, got ? got : "(null)", want);
}

static inline int check_summary(void) {
    printf("%d checks, %d failed\n", checks_run, checks_failed);
    return checks_failed != 0;
}

#endif
