/* test_runtime.c - memory blocks and the thread pool: order of errors, same bits for every thread count, fork. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "runtime/runtime.h"

enum { N = 1000000, BLOCKS = 256, LENGTH = (N + BLOCKS - 1) / BLOCKS };

static int32_t sum_body(Context *c, void *partial, int64_t begin, int64_t end, void *captures) {
    (void)c, (void)captures;
    double s = 0;
    for (int64_t i = begin; i < end; i++) s += 1.0 / (double)(1 + i);
    *(double *)partial = s;
    return 0;
}

static int32_t failing_body(Context *c, void *partial, int64_t begin, int64_t end, void *captures) {
    (void)partial, (void)captures;
    for (int64_t i = begin; i < end; i++)
        if (i >= 37) {
            c->site = (uint32_t)i;
            return (int32_t)i + 1;
        }
    return 0;
}

static double parallel_sum(void) {
    Context c = {0};
    double partial[BLOCKS] = {0}, s = 0;
    if (naja_parallel_for(&c, sum_body, NULL, 0, N, LENGTH, partial, sizeof partial[0])) abort();
    for (int i = 0; i < BLOCKS; i++) s += partial[i];
    return s;
}

static void *many_sums(void *want) {
    for (int i = 0; i < 50; i++)
        if (parallel_sum() != *(double *)want) return want;
    return NULL;
}

static void test_same_bits(void) {
    naja_set_num_threads(1);
    double want = parallel_sum();
    for (int64_t t = 2; t <= pool_max_threads(); t++) {
        CHECK(!naja_set_num_threads(t));
        CHECK(parallel_sum() == want);
    }
    pthread_t thread[4];
    for (int i = 0; i < 4; i++) pthread_create(&thread[i], NULL, many_sums, &want);
    for (int i = 0; i < 4; i++) {
        void *wrong;
        pthread_join(thread[i], &wrong);
        CHECK(wrong == NULL);
    }
}

static void test_lowest_error(void) {
    for (int i = 0; i < 200; i++) {
        Context c = {0};
        int32_t status = naja_parallel_for(&c, failing_body, NULL, 0, 1000, 4, NULL, 0);
        CHECK(status == 38);
        CHECK(c.site == 37);
    }
}

static void test_layers(void) {
    const char *why;
    double want = parallel_sum();
    CHECK(!pool_choose_layer("nonsense", &why) && why != NULL);
    /* ThreadSanitizer does not see how OpenMP's threads wait for each other. */
    if (!getenv("NAJA_TSAN") && pool_choose_layer("omp", &why)) {
        CHECK(parallel_sum() == want);
        CHECK(!strcmp(pool_layer(), "omp"));
    }
    CHECK(pool_choose_layer("default", &why));
    CHECK(parallel_sum() == want);
    CHECK(!strcmp(pool_layer(), "native"));
}

static void test_fork(void) {
    double want = parallel_sum();
    pid_t child = fork();
    if (!child) {
        alarm(20);
        _exit(parallel_sum() == want ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
}

static void test_blocks(void) {
    int64_t before = runtime_live_blocks();
    MemoryBlock *b = naja_block_new(100), *z = naja_block_new_zeroed(5000);
    CHECK(b && z && (uintptr_t)block_data(b) % 64 == 0 && (uintptr_t)block_data(z) % 64 == 0);
    for (int i = 0; i < 5000; i++) CHECK(((char *)block_data(z))[i] == 0);
    CHECK(runtime_live_blocks() == before + 2);
    block_retain(b);
    block_release(b);
    CHECK(runtime_live_blocks() == before + 2);
    block_release(b);
    block_release(z);
    CHECK(runtime_live_blocks() == before);
    CHECK(naja_block_new(-1) == NULL);
    CHECK(naja_block_new(INT64_MAX) == NULL);
}

int main(void) {
    pool_configure(4);
    test_blocks();
    test_same_bits();
    test_lowest_error();
    test_layers();
    if (!getenv("NAJA_TSAN")) test_fork(); /* ThreadSanitizer does not follow threads through fork */
    return check_summary();
}
