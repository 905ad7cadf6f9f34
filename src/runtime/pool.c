/* pool.c - the thread pool of parallel loops.
 *
 *   1. A loop is cut into blocks whose number depends on the iteration count alone, never on the number of
 *      threads; partial results go to a slot per block and the caller combines them in block order.  That is
 *      why results have the same bits for any number of threads.
 *   2. A region is a Job in a fixed array.  One compare-and-swap on its claim word takes the next blocks: a share of
 *      those that are left, which gets smaller (guided self-scheduling).  So a thread goes through memory in long
 *      stretches; taking single blocks in turns costs 15 to 20 % where memory is the limit (a sum of squares).
 *      Jobs are never freed, so a late worker can always look at one safely; the generation in the claim word
 *      keeps it from taking a block of the slot's next tenant.
 *   3. The caller works on its own job until no block is left, and only then waits for blocks that others
 *      have claimed.  So nested regions and any number of concurrent callers cannot deadlock: nobody ever
 *      waits for a block that nobody runs.
 *   4. Idle workers spin for SPIN_NS, then park.  Publishing a job wakes as many as it can use.
 *   5. A failing block closes its job: unclaimed blocks are dropped.  Blocks are claimed in order, so the
 *      lowest failing block has always run; its error is the one reported, whatever the timing.
 *   6. After fork the child finds no workers and starts its own at its next region.
 *
 * The OpenMP layer replaces steps 3 and 4 by a parallel region of libgomp or libomp, opened at run time, for
 * programs that want one set of threads shared with other OpenMP code.
 */
#include "runtime/runtime.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/base.h"
#include "runtime/park.h"
#include "runtime/random.h"

enum { JOBS = 64, SPIN_NS = 30000, MAX_THREADS = 1024, MAX_BLOCKS = 0xffff, WAIT_MS = 20 };

typedef struct {
    _Atomic uint64_t claim;       /* generation:32 | next block:16 | blocks:16 */
    _Atomic uint32_t share;       /* a claim takes 1/share of the blocks that are left; 0: one block */
    _Atomic uint32_t done;        /* blocks finished or dropped */
    _Atomic uint32_t waiting;     /* the caller is parked on `done` */
    _Atomic int32_t cancel;       /* workers' polls read it through their context */
    _Atomic int32_t helpers_left; /* how many more workers may join */
    _Atomic uint32_t next_thread; /* thread numbers handed out in this region */
    _Atomic int busy;             /* the slot has a tenant */
    pthread_mutex_t error_lock;
    _Atomic uint32_t failed; /* rank of the error kept so far: RANK_* or block + 1 */
    int32_t status;          /* that error's */
    Context error;           /* its payload and frames; copied to the caller's context at the end */
    Context *context;        /* the caller's; not written while workers may read it */
    ParallelBody body;
    void *captures;
    int64_t begin, end, length;
    char *partial;
    int64_t partial_nbytes;
    RandomScope *random; /* the caller's: blocks derive their random numbers from it */
} __attribute__((aligned(128))) Job;

/* An interrupt outranks errors: the program is to stop.  Among errors the lowest block wins. */
enum { RANK_INTERRUPT = 0 };
#define RANK_NONE UINT32_MAX

static Job jobs[JOBS];
static _Atomic uint32_t epoch; /* changes with every published job; workers park on it */
static _Atomic uint32_t sleepers, open_jobs;
static _Atomic int64_t max_threads;
static int64_t workers_started;
static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local int64_t wanted_threads; /* set_num_threads of this thread; 0: all */
static _Thread_local int64_t wanted_chunk;   /* set_parallel_chunksize of this thread; 0: as compiled */

typedef void (*OmpParallel)(void (*)(void *), void *, unsigned, unsigned);
static OmpParallel omp_parallel; /* GOMP_parallel: libgomp has it, libomp as well */
static const char *chosen_layer; /* "native" or what the user calls it, or "omp"; NULL: not chosen yet */
static _Atomic(const char *) used_layer;

/* ---- configuration -------------------------------------------------------------------------------------------- */

void pool_configure(int64_t n) {
    int64_t unset = 0;
    if (n < 1) n = processor_count();
    if (n > MAX_THREADS) n = MAX_THREADS;
    atomic_compare_exchange_strong(&max_threads, &unset, n);
}

int64_t pool_max_threads(void) {
    if (!atomic_load(&max_threads)) pool_configure(0);
    return atomic_load(&max_threads);
}

int64_t naja_get_num_threads(void) { return wanted_threads ? wanted_threads : pool_max_threads(); }

int32_t naja_set_num_threads(int64_t n) {
    if (n < 1 || n > pool_max_threads()) return 1;
    wanted_threads = n;
    return 0;
}

int64_t naja_get_chunksize(void) { return wanted_chunk; }
int64_t naja_set_chunksize(int64_t n) {
    int64_t before = wanted_chunk;
    wanted_chunk = n;
    return before;
}

int64_t naja_get_thread_id(Context *context) { return context ? context->thread : 0; }

const char *pool_layer(void) { return atomic_load(&used_layer); }

void pool_announce_layer(void) { atomic_store(&used_layer, chosen_layer ? chosen_layer : "native"); }

static bool open_openmp(void) {
    static const char *const library[] = {"libgomp.so.1", "libomp.so.5", "libomp.so", "libomp.dylib"};
    for (size_t i = 0; !omp_parallel && i < sizeof library / sizeof library[0]; i++) {
        void *handle = dlopen(library[i], RTLD_NOW | RTLD_LOCAL);
        void *symbol = handle ? dlsym(handle, "GOMP_parallel") : NULL;
        memcpy(&omp_parallel, &symbol, sizeof symbol);
    }
    return omp_parallel != NULL;
}

/* Numba's names.  The native pool is safe with threads and with fork, so it serves every kind but "omp"; who asks for one
 * of Numba's layers by name hears that name again. */
bool pool_choose_layer(const char *name, const char **why) {
    static const char *const native[][2] = {
        {"default", "native"}, {"native", "native"},     {"workqueue", "workqueue"}, {"tbb", "tbb"},
        {"safe", "native"},    {"threadsafe", "native"}, {"forksafe", "native"}};
    *why = NULL;
    if (!strcmp(name, "omp")) {
        if (open_openmp()) chosen_layer = "omp";
        else *why = "neither libgomp nor libomp can be opened";
        return !*why;
    }
    for (size_t i = 0; i < sizeof native / sizeof native[0]; i++)
        if (!strcmp(name, native[i][0])) return chosen_layer = native[i][1], true;
    *why = "unknown threading layer";
    return false;
}

/* ---- working on a job ------------------------------------------------------------------------------------------ */

static uint32_t claim_next(uint64_t w) { return (w >> 16) & 0xffff; }
static uint32_t claim_total(uint64_t w) { return w & 0xffff; }

static void copy_error(Context *to, const Context *from) {
    memcpy(to->payload, from->payload, sizeof to->payload);
    memcpy(to->frame, from->frame, sizeof to->frame);
    to->nframes = from->nframes;
    to->python_error = from->python_error;
    to->cause = from->cause;
}

/* Keeps the error of the lowest rank.  The other one is dropped outside the lock, since that may run Python. */
static void keep_error(Job *j, uint32_t rank, int32_t status, const Context *context) {
    Context loser = *context;
    int32_t loser_status = status;
    pthread_mutex_lock(&j->error_lock);
    if (rank < j->failed) {
        bool first = j->failed == RANK_NONE;
        copy_error(&loser, &j->error);
        loser_status = first ? STATUS_OK : j->status;
        j->failed = rank;
        j->status = status;
        copy_error(&j->error, context);
    }
    pthread_mutex_unlock(&j->error_lock);
    if (loser_status) naja_drop_error(&loser, loser_status);
}

/* The body, with random numbers of the block's own. */
static int32_t call_body(Context *context, ParallelBody body, void *captures, RandomScope *caller,
                         uint64_t block, int64_t begin, int64_t end, void *partials) {
    RandomScope scope;
    RandomScope *before = random_scope_enter(&scope, caller, block);
    int32_t status = body(context, partials, begin, end, captures);
    random_scope_leave(before);
    return status;
}

/* Takes the blocks that nobody has claimed out of the job; returns how many. */
static uint32_t drop_unclaimed(Job *j) {
    uint64_t w = atomic_load(&j->claim);
    uint32_t next, total;
    do {
        next = claim_next(w);
        total = claim_total(w);
    } while (next < total &&
             !atomic_compare_exchange_weak(&j->claim, &w, (w & ~0xffff0000ull) | (uint64_t)total << 16));
    return total - next;
}

/* A signal's exception stops every block; a block that stopped because of that has nothing of its own to say.
 * Any other error lets running blocks finish, since a lower one may still fail. */
static uint32_t record_failure(Job *j, uint32_t block, int32_t status, const Context *context) {
    bool stopped = status == STATUS_INTERRUPT && !context->python_error;
    bool signalled = status == STATUS_INTERRUPT && context->python_error;
    if (!stopped) keep_error(j, signalled ? RANK_INTERRUPT : block + 1, status, context);
    if (signalled) {
        atomic_store(&j->cancel, 1);
        atomic_store(&naja_poll_word, 1);
    }
    return drop_unclaimed(j);
}

/* Counts blocks as done; behind the last one the job may belong to another region. */
static void finish_blocks(Job *j, uint32_t finished) {
    uint32_t total = claim_total(atomic_load(&j->claim));
    uint32_t done = atomic_fetch_add_explicit(&j->done, finished, memory_order_acq_rel) + finished;
    if (done == total && atomic_load(&j->waiting)) park_wake(&j->done, 1);
}

/* False: the block failed.  Gives in *finished how many blocks are done with by that. */
static bool run_block(Job *j, uint32_t block, Context *context, uint32_t *finished) {
    int64_t begin = j->begin + (int64_t)block * j->length;
    int64_t end = j->end - begin > j->length ? begin + j->length : j->end;
    *finished = 1;
    context->nframes = 0;
    int32_t status = call_body(context, j->body, j->captures, j->random, block, begin, end,
                               j->partial + block * j->partial_nbytes);
    if (status) *finished += record_failure(j, block, status, context);
    return status == STATUS_OK;
}

/* Claims the next blocks of the given generation; how many, 0 if none is left.  The job is only looked into after a
 * successful claim: until then the slot may change tenants. */
static uint32_t claim_blocks(Job *j, uint64_t generation, uint32_t *first) {
    uint64_t w = atomic_load_explicit(&j->claim, memory_order_acquire);
    for (;;) {
        if (w >> 32 != generation || claim_next(w) >= claim_total(w)) return 0;
        uint32_t left = claim_total(w) - claim_next(w),
                 share = atomic_load_explicit(&j->share, memory_order_relaxed);
        uint32_t n = share && left > share ? left / share : 1;
        *first = claim_next(w);
        if (atomic_compare_exchange_weak_explicit(&j->claim, &w, w + ((uint64_t)n << 16),
                                                  memory_order_acq_rel, memory_order_acquire))
            return n;
    }
}

/* In order, up to one that fails here, or that lies behind one that has failed elsewhere: the lowest is to be found. */
static void run_claimed(Job *j, uint32_t first, uint32_t n, Context *context) {
    for (uint32_t k = 0; k < n; k++) {
        uint32_t finished = 0;
        bool behind = first + k + 1 > atomic_load_explicit(&j->failed, memory_order_relaxed);
        if (behind || !run_block(j, first + k, context, &finished)) {
            finish_blocks(j, finished + n - k - !behind);
            return;
        }
        finish_blocks(j, finished);
    }
}

/* Claims and runs some blocks of the given generation; false if none is left. */
static bool work_once(Job *j, uint64_t generation, Context *context) {
    uint32_t first, n = claim_blocks(j, generation, &first);
    if (n) run_claimed(j, first, n, context);
    return n != 0;
}

/* A context for a worker.  Its stack limit comes from the worker's own stack. */
static void worker_context(Context *context, Job *j, const char *stack_limit) {
    context->nframes = 0;
    context->spec = j->context->spec;
    context->args = j->context->args;
    context->saved_thread = NULL;
    context->parent = j->context;
    context->cancel = &j->cancel;
    context->python_error = 0;
    context->cause = NULL;
    context->memory = NULL;
    context->stack_limit = (char *)(uintptr_t)stack_limit;
    context->thread = (int32_t)atomic_fetch_add(&j->next_thread, 1);
}

/* Joins a job and works until it has no block left; false if there was nothing to do. */
static bool join_job(Job *j, const char *stack_limit) {
    uint64_t w = atomic_load_explicit(&j->claim, memory_order_acquire);
    if (claim_next(w) >= claim_total(w)) return false;
    if (atomic_fetch_sub(&j->helpers_left, 1) <= 0) {
        atomic_fetch_add(&j->helpers_left, 1);
        return false;
    }
    bool any = false;
    uint32_t first, n;
    Context context;
    while ((n = claim_blocks(j, w >> 32, &first))) {
        if (!any) worker_context(&context, j, stack_limit);
        any = true;
        run_claimed(j, first, n, &context);
    }
    if (!any) atomic_fetch_add(&j->helpers_left, 1);
    return any;
}

/* ---- workers ------------------------------------------------------------------------------------------------------ */

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool help(const char *stack_limit) {
    bool any = false;
    for (int i = 0; i < JOBS && atomic_load_explicit(&open_jobs, memory_order_relaxed); i++)
        if (atomic_load_explicit(&jobs[i].busy, memory_order_relaxed)) any |= join_job(&jobs[i], stack_limit);
    return any;
}

/* Waits for the epoch to move on: spinning first, then parked. */
static void wait_for_job(uint32_t seen) {
    for (uint64_t t = now_ns() + SPIN_NS; now_ns() < t;) {
        for (int i = 0; i < 32; i++) relax();
        if (atomic_load_explicit(&epoch, memory_order_acquire) != seen) return;
    }
    atomic_fetch_add(&sleepers, 1);
    while (atomic_load(&epoch) == seen) park_wait(&epoch, seen, -1);
    atomic_fetch_sub(&sleepers, 1);
}

enum { WORKER_STACK = 8 << 20, STACK_RESERVE = 64 << 10 };

static void *worker(void *unused) {
    (void)unused;
    const char *stack_limit = (char *)__builtin_frame_address(0) - (WORKER_STACK - STACK_RESERVE);
    for (;;) {
        uint32_t seen = atomic_load(&epoch);
        if (!help(stack_limit)) wait_for_job(seen);
    }
    return NULL;
}

static void in_child(void) {
    workers_started = 0;
    atomic_store(&sleepers, 0);
    atomic_store(&open_jobs, 0);
    memset(jobs, 0, sizeof jobs);
    pthread_mutex_init(&start_lock, NULL);
    park_reset();
}

static void start_worker(void) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WORKER_STACK);
    if (!pthread_create(&thread, &attributes, worker, NULL)) pthread_detach(thread);
    pthread_attr_destroy(&attributes);
}

/* Workers take no signals: those belong to the program's own threads. */
static void start_workers(int64_t n) {
    static bool hooked;
    sigset_t all, old;
    pthread_mutex_lock(&start_lock);
    if (!hooked) hooked = !pthread_atfork(NULL, NULL, in_child);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (; workers_started < n; workers_started++) start_worker();
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_mutex_unlock(&start_lock);
}

/* ---- a region ----------------------------------------------------------------------------------------------------- */

static Job *take_slot(void) {
    for (int i = 0; i < JOBS; i++) {
        int free_slot = 0;
        if (!atomic_load(&jobs[i].busy) && atomic_compare_exchange_strong(&jobs[i].busy, &free_slot, 1))
            return &jobs[i];
    }
    return NULL;
}

/* One thread: the blocks in order, as the parallel run would number them. */
static int32_t run_serially(Context *context, ParallelBody body, void *captures, int64_t begin, int64_t end,
                            int64_t length, void *partial, int64_t partial_nbytes) {
    int64_t block = 0;
    RandomScope *random = random_scope_here();
    for (int64_t at = begin; at < end; block++) {
        int64_t stop = end - at > length ? at + length : end;
        int32_t status = call_body(context, body, captures, random, (uint64_t)block, at, stop,
                                   (char *)partial + block * partial_nbytes);
        if (status) return status;
        at = stop;
    }
    return STATUS_OK;
}

static void fill_job(Job *j, Context *context, ParallelBody body, void *captures, int64_t begin, int64_t end,
                     int64_t length, void *partial, int64_t partial_nbytes) {
    j->context = context;
    j->body = body;
    j->captures = captures;
    j->begin = begin;
    j->end = end;
    j->length = length;
    j->partial = partial;
    j->partial_nbytes = partial_nbytes;
    j->random = random_scope_here();
    j->failed = RANK_NONE;
    j->status = 0;
    pthread_mutex_init(&j->error_lock, NULL);
    atomic_store(&j->done, 0);
    atomic_store(&j->waiting, 0);
    atomic_store(&j->cancel, 0);
    atomic_store(&j->next_thread, 1);
}

/* A worker that prints needs the GIL, which this thread may hold. */
static void wait_outside_python(Job *j, uint32_t done) {
    bool leave = atomic_load(&naja_python_wanted) && runtime_hooks.leave_python;
    void *state = leave ? runtime_hooks.leave_python() : NULL;
    park_wait(&j->done, done, WAIT_MS);
    if (leave) runtime_hooks.enter_python(state);
}

/* Waits until every block is done.  Signals are served meanwhile: an interrupt cancels the region. */
static void wait_for_blocks(Job *j, uint32_t blocks, Context *context) {
    for (int i = 0; atomic_load_explicit(&j->done, memory_order_acquire) < blocks; i++) {
        if (i < 2000) {
            relax();
            continue;
        }
        uint32_t done = atomic_load(&j->done);
        atomic_store(&j->waiting, 1);
        if (done < blocks && atomic_load(&j->done) == done) wait_outside_python(j, done);
        int32_t status = atomic_load(&naja_poll_word) ? naja_poll(context) : STATUS_OK;
        if (!status) continue;
        Context interrupted = *context;
        atomic_fetch_add(&j->done, record_failure(j, 0, status, &interrupted));
    }
}

/* The caller's own share: in a context of its own, so that a failing block cannot spoil the caller's. */
static void work_as_caller(Job *j, uint64_t generation, Context *context) {
    Context mine = *context;
    mine.parent = context;
    mine.cancel = &j->cancel;
    mine.thread = 0;
    mine.python_error = 0;
    while (work_once(j, generation, &mine)) {}
}

typedef struct {
    Job *job;
    uint64_t generation;
    Context *context;
    uint32_t blocks;
    pthread_t caller;
} OmpRegion;

static void omp_thread(void *data) {
    OmpRegion *r = data;
    if (pthread_equal(pthread_self(), r->caller)) {
        work_as_caller(r->job, r->generation, r->context);
        wait_for_blocks(r->job, r->blocks,
                        r->context); /* here, not in OpenMP's barrier, which keeps the GIL */
        return;
    }
    Context context;
    worker_context(&context, r->job,
                   (char *)__builtin_frame_address(0) - (1 << 20)); /* OpenMP gives 2 MiB or more */
    while (work_once(r->job, r->generation, &context)) {}
}

static void work_together(Job *j, uint64_t generation, Context *context, int64_t threads, uint32_t blocks) {
    if (chosen_layer && !strcmp(chosen_layer, "omp")) {
        atomic_store(&used_layer, "omp");
        OmpRegion region = {j, generation, context, blocks, pthread_self()};
        omp_parallel(omp_thread, &region, (unsigned)threads, 0);
        return;
    }
    pool_announce_layer();
    start_workers(pool_max_threads() - 1);
    atomic_store(&j->helpers_left, (int32_t)threads - 1);
    atomic_fetch_add(&open_jobs, 1);
    atomic_fetch_add(&epoch, 1);
    if (atomic_load(&sleepers)) park_wake(&epoch, (int)(threads < blocks ? threads : blocks) - 1);
    work_as_caller(j, generation, context);
    wait_for_blocks(j, blocks, context);
    atomic_fetch_sub(&open_jobs, 1);
}

static int32_t run_blocks(Context *context, ParallelBody body, void *captures, int64_t begin, int64_t end,
                          int64_t length, void *partial, int64_t partial_nbytes, bool one_by_one) {
    if (length < (end - begin + MAX_BLOCKS - 1) / MAX_BLOCKS)
        length = (end - begin + MAX_BLOCKS - 1) / MAX_BLOCKS;
    uint32_t blocks = (uint32_t)((end - begin + length - 1) / length);
    int64_t threads = naja_get_num_threads();
    Job *j = threads > 1 && blocks > 1 ? take_slot() : NULL;
    if (!j) return run_serially(context, body, captures, begin, end, length, partial, partial_nbytes);
    fill_job(j, context, body, captures, begin, end, length, partial, partial_nbytes);
    uint64_t generation = (atomic_load_explicit(&j->claim, memory_order_relaxed) >> 32) + 1;
    generation &= 0xffffffffu;
    atomic_store(&j->helpers_left, 0);
    atomic_store_explicit(&j->share, one_by_one ? 0 : 2 * (uint32_t)threads, memory_order_relaxed);
    atomic_store_explicit(&j->claim, generation << 32 | blocks, memory_order_release);
    work_together(j, generation, context, threads, blocks);
    int32_t status = STATUS_OK;
    if (j->failed != RANK_NONE) {
        status = j->status;
        copy_error(context, &j->error);
    }
    atomic_store_explicit(&j->busy, 0, memory_order_release);
    return status;
}

/* A chunk size of the user's applies to this loop and not to the loops inside it.  Partial results have one slot per
 * compiled block, so a loop that reduces keeps its blocks, and with them its bits. */
int32_t naja_parallel_for(Context *context, ParallelBody body, void *captures, int64_t begin, int64_t end,
                          int64_t length, void *partial, int64_t partial_nbytes) {
    if (begin >= end) return STATUS_OK;
    int64_t chunk = naja_set_chunksize(0);
    bool own = chunk > 0 && partial_nbytes == 0;
    if (own) length = chunk;
    int32_t status = run_blocks(context, body, captures, begin, end, length, partial, partial_nbytes, own);
    random_scope_moved(random_scope_here());
    naja_set_chunksize(chunk);
    return status;
}
