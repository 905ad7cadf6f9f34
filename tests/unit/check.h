/* check.h - CHECK(condition) and RUN(test) of the C unit tests: main() ends with `return check_summary();`. */
#ifndef NAJA_CHECK_H
#define NAJA_CHECK_H

#include <stdio.h>

static int check_failures;

#define CHECK(condition)                                                                                       \
    ((condition) ? (void)0                                                                                     \
                 : (check_failures++, (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition)))

static inline int check_summary(void) {
    if (check_failures) fprintf(stderr, "%d checks failed\n", check_failures);
    return check_failures != 0;
}

#endif
