/* test_runtime.c - memory blocks and the thread pool: order of errors, same bits for every thread count, fork. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "runtime/arrays.h"
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
            c->payload[0] = (uint64_t)i;
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
        CHECK(c.payload[0] == 37);
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

/* Sums, extremes and variances of pieces, by several threads and by one. */
static void test_reductions(void) {
    static double a[N];
    for (int i = 0; i < N; i++) a[i] = 1.0 / (1 + (int64_t)i * 7919 % N);
    int64_t shape[2] = {N, 0}, rows[2] = {N / 100, 100}, stride[2] = {sizeof(double), 0}, none[2] = {0, 0};
    int64_t row_stride[2] = {100 * sizeof(double), sizeof(double)}, out_stride[2] = {sizeof(double), 0};
    for (int64_t op = REDUCE_SUM; op <= REDUCE_STD; op++) {
        if (op == REDUCE_ANY || op == REDUCE_ALL || op == REDUCE_COUNT_NONZERO) continue;
        Context c = {0};
        double one[2], many[2];
        static double one_by_row[N / 100], by_row[N / 100];
        naja_set_num_threads(pool_max_threads());
        CHECK(!naja_reduce(&c, op, DTYPE_F64, DTYPE_F64, (char *)many, (char *)a, 1, 1, shape, stride, none,
                           0));
        CHECK(!naja_reduce(NULL, op, DTYPE_F64, DTYPE_F64, (char *)one, (char *)a, 1, 1, shape, stride, none,
                           0));
        CHECK(one[0] == many[0]);
        CHECK(!naja_reduce(&c, op, DTYPE_F64, DTYPE_F64, (char *)by_row, (char *)a, 2, 2, rows, row_stride,
                           out_stride, 0));
        CHECK(!naja_reduce(NULL, op, DTYPE_F64, DTYPE_F64, (char *)one_by_row, (char *)a, 2, 2, rows,
                           row_stride, out_stride, 0));
        CHECK(!memcmp(by_row, one_by_row, sizeof by_row));
    }
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

static void *make_blocks(void *out) {
    MemoryBlock **block = out;
    Context c = {0};
    block[0] = naja_block_new_in(&c, 24);
    block[1] = naja_block_new_zeroed_in(&c, 24);
    MemoryBlock *own = naja_block_new(24);
    if (own) naja_block_destroy_in(&c, own);
    return NULL;
}

/* What a thread makes may end in another one, and a thread takes over what one that has ended left. */
static void test_blocks_of_threads(void) {
    int64_t before = runtime_live_blocks();
    for (int round = 0; round < 3; round++) {
        MemoryBlock *block[2] = {NULL, NULL};
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, make_blocks, block) == 0);
        pthread_join(thread, NULL);
        CHECK(block[0] && block[1] && runtime_live_blocks() == before + 2);
        block_release(block[0]);
        block_retain(block[1]);
        block_release(block[1]);
        CHECK(runtime_live_blocks() == before + 1);
        block_release(block[1]);
        CHECK(runtime_live_blocks() == before);
    }
}

static MemoryBlock *kept;
static void keep_block(MemoryBlock *b) { kept = b; }

/* A destructor runs once, by who takes the last reference off, whether the count was seen as one or brought to zero. */
static void test_destructor(void) {
    Context c = {0};
    for (int round = 0; round < 2; round++) {
        MemoryBlock *b = naja_block_new(8);
        b->destroy = keep_block;
        kept = NULL;
        if (round) naja_block_destroy_in(&c, b);
        else block_release(b);
        CHECK(kept == b);
        b = naja_block_new(8);
        b->destroy = keep_block;
        kept = NULL;
        block_retain(b); /* another owner comes between the look at the count and the end */
        naja_block_destroy(b);
        CHECK(!kept && atomic_load(&b->count) == 1);
        block_release(b);
        CHECK(kept == b);
    }
}

int main(void) {
    pool_configure(4);
    test_blocks();
    test_blocks_of_threads();
    test_destructor();
    test_same_bits();
    test_lowest_error();
    test_reductions();
    test_layers();
    if (!getenv("NAJA_TSAN")) test_fork(); /* ThreadSanitizer does not follow threads through fork */
    return check_summary();
}
