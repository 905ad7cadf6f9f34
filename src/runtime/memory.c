/* memory.c - the memory of arrays and heap values: counted blocks, small ones recycled per thread.
 *
 * A MemoryBlock sits directly before its data, so an array needs only the data address to find its owner.  Data is
 * 64-byte aligned, but for a cache line's worth or less, where that would only cost memory: a chain of nodes is walked as
 * fast as it comes into the cache.  Small
 * blocks come from a per-thread list by size class (8.7 ns against 13-34 ns for malloc); a block may be
 * released by another thread than the one that made it and then joins that thread's list.  The lists are
 * bounded, and their blocks are returned to malloc when the thread ends.  Nothing here is shared between threads in the
 * usual case: a locked instruction takes as long as all the rest.  Large blocks ask for huge pages, as NumPy's do: writing 40 MB
 * for the first time takes a quarter of the time that 10,000 faults of small pages take.
 */
#include "runtime/runtime.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

enum {
    CLASS_NBYTES = 64,
    SMALL_NBYTES = 16,
    NSMALL = CLASS_NBYTES / SMALL_NBYTES + 1,
    NCLASSES = NSMALL + 15,
    PER_CLASS = 16
};

/* What a thread has of its own.  When it ends, the next thread that begins takes it over: it is never freed, so who counts
 * what is alive may walk through all of them at any time. */
typedef struct ThreadMemory {
    MemoryBlock *block[NCLASSES][PER_CLASS];
    uint8_t n[NCLASSES];
    _Atomic int64_t
        live; /* blocks that this thread has made less those that it has destroyed; only it writes here */
    _Atomic bool taken; /* by a thread that runs */
    struct ThreadMemory *next;
} ThreadMemory;

/* On the heap, since a library loaded late gets few bytes of thread-local storage of the fast kind. */
static _Thread_local ThreadMemory *mine;
static ThreadMemory *_Atomic all_threads;
static _Atomic int64_t live_elsewhere; /* of threads without lists: they end, or there is no memory */
static pthread_key_t exit_key;
static pthread_once_t exit_once = PTHREAD_ONCE_INIT;

static void leave(void *data) {
    ThreadMemory *m = data;
    mine = NULL; /* blocks released by later destructors of this thread go to malloc */
    for (int c = 0; c < NCLASSES; c++)
        while (m->n[c]) free(m->block[c][--m->n[c]]->raw);
    atomic_store_explicit(&m->taken, false, memory_order_release);
}

static void make_exit_key(void) { pthread_key_create(&exit_key, leave); }

/* Size class, or NCLASSES when the block is too large for the lists. */
static size_t size_class(size_t nbytes) {
    if (nbytes <= CLASS_NBYTES) return (nbytes + SMALL_NBYTES - 1) / SMALL_NBYTES;
    size_t c = NSMALL + (nbytes - 1) / CLASS_NBYTES - 1;
    return c < NCLASSES ? c : NCLASSES;
}

/* NULL: there is none of this size. */
static MemoryBlock *take_recycled(ThreadMemory *m, size_t c) {
    if (c == NCLASSES || !m || !m->n[c]) return NULL;
    return m->block[c][--m->n[c]];
}

/* What a thread has left, or a new one. */
static ThreadMemory *find_memory(void) {
    for (ThreadMemory *m = atomic_load(&all_threads); m; m = m->next)
        if (!atomic_load_explicit(&m->taken, memory_order_relaxed) && !atomic_exchange(&m->taken, true))
            return m;
    ThreadMemory *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    atomic_store(&m->taken, true);
    m->next = atomic_load(&all_threads);
    while (!atomic_compare_exchange_weak(&all_threads, &m->next, m)) {}
    return m;
}

/* Makes this thread's lists; the exit key leaves them to others when the thread ends. */
static __attribute__((noinline)) ThreadMemory *start_thread(void) {
    pthread_once(&exit_once, make_exit_key);
    ThreadMemory *m = find_memory();
    if (m && pthread_setspecific(exit_key, m)) {
        leave(m);
        m = NULL;
    }
    return mine = m;
}

/* NULL: the thread ends, or there is no memory. */
static inline ThreadMemory *my_memory(void) {
    ThreadMemory *m = mine;
    return m ? m : start_thread();
}

/* The same in compiled code, which asks for it once per call from Python: it takes as long as finding a block. */
static inline ThreadMemory *memory_of(Context *context) {
    if (!context->memory) context->memory = my_memory();
    return context->memory;
}

static bool recycle(ThreadMemory *m, MemoryBlock *b) {
    size_t c = size_class(b->nbytes);
    if (c == NCLASSES || !m || m->n[c] == PER_CLASS) return false;
    m->block[c][m->n[c]++] = b;
    return true;
}

static void count_live(ThreadMemory *m, int64_t n) {
    if (!m) {
        atomic_fetch_add_explicit(&live_elsewhere, n, memory_order_relaxed);
        return;
    }
    int64_t now = atomic_load_explicit(&m->live, memory_order_relaxed);
    atomic_store_explicit(&m->live, now + n, memory_order_relaxed);
}

/* Room for the header, the data rounded to its class, and the alignment slack. */
static bool raw_nbytes(int64_t nbytes, size_t *out) {
    if (nbytes < 0 || nbytes > INT64_MAX - 4096) return false;
    if (nbytes <= CLASS_NBYTES) {
        *out = sizeof(MemoryBlock) + (((size_t)nbytes + SMALL_NBYTES - 1) & ~(size_t)(SMALL_NBYTES - 1));
        return true;
    }
    size_t data = ((size_t)nbytes + CLASS_NBYTES - 1) & ~(size_t)(CLASS_NBYTES - 1);
    *out = sizeof(MemoryBlock) + data + CLASS_NBYTES;
    return true;
}

/* Of fresh memory; a hint, so failure does not matter. */
static void *with_huge_pages(void *raw, size_t nbytes) {
#ifdef MADV_HUGEPAGE
    enum { LARGE = 1 << 22, PAGE = 4096 };
    if (raw && nbytes >= LARGE) {
        char *page = (char *)(((uintptr_t)raw + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
        (void)madvise(page, nbytes - (size_t)(page - (char *)raw), MADV_HUGEPAGE);
    }
#else
    (void)nbytes;
#endif
    return raw;
}

static MemoryBlock *place_block(void *raw, int64_t nbytes) {
    uintptr_t align = nbytes <= CLASS_NBYTES ? SMALL_NBYTES : CLASS_NBYTES;
    MemoryBlock *b = (MemoryBlock *)(((uintptr_t)raw + align - 1) & ~(align - 1));
    b->raw = raw;
    b->nbytes = (size_t)nbytes;
    return b;
}

static MemoryBlock *start_life(ThreadMemory *m, MemoryBlock *b, int64_t nbytes) {
    atomic_store_explicit(&b->count, 1, memory_order_relaxed);
    b->nbytes = (size_t)nbytes;
    b->destroy = NULL;
    b->extra = NULL;
    count_live(m, 1);
    return b;
}

static __attribute__((noinline)) MemoryBlock *allocate(ThreadMemory *m, int64_t nbytes) {
    size_t need;
    if (!raw_nbytes(nbytes, &need)) return NULL;
    void *raw = with_huge_pages(malloc(need), need);
    return raw ? start_life(m, place_block(raw, nbytes), nbytes) : NULL;
}

static __attribute__((noinline)) MemoryBlock *allocate_zeroed(ThreadMemory *m, int64_t nbytes) {
    size_t need;
    if (!raw_nbytes(nbytes, &need)) return NULL;
    void *raw = with_huge_pages(calloc(1, need), need); /* large: untouched zero pages from the kernel */
    return raw ? start_life(m, place_block(raw, nbytes), nbytes) : NULL;
}

/* A negative size is of no class, and fails in `allocate`. */
static inline MemoryBlock *new_block(ThreadMemory *m, int64_t nbytes) {
    MemoryBlock *b = take_recycled(m, size_class((size_t)nbytes));
    return b ? start_life(m, b, nbytes) : allocate(m, nbytes);
}

static inline MemoryBlock *new_block_zeroed(ThreadMemory *m, int64_t nbytes) {
    MemoryBlock *b = take_recycled(m, size_class((size_t)nbytes));
    if (!b) return allocate_zeroed(m, nbytes);
    memset(block_data(b), 0, (size_t)nbytes);
    return start_life(m, b, nbytes);
}

MemoryBlock *naja_block_new(int64_t nbytes) { return new_block(my_memory(), nbytes); }
MemoryBlock *naja_block_new_zeroed(int64_t nbytes) { return new_block_zeroed(my_memory(), nbytes); }
MemoryBlock *naja_block_new_in(Context *context, int64_t nbytes) {
    return new_block(memory_of(context), nbytes);
}
MemoryBlock *naja_block_new_zeroed_in(Context *context, int64_t nbytes) {
    return new_block_zeroed(memory_of(context), nbytes);
}

MemoryBlock *naja_block_resize(MemoryBlock *b, int64_t nbytes) {
    MemoryBlock *grown = naja_block_new(nbytes);
    if (!grown) return NULL;
    memcpy(block_data(grown), block_data(b), b->nbytes < (size_t)nbytes ? b->nbytes : (size_t)nbytes);
    block_release(b);
    return grown;
}

/* Runs the destructor; false if the block lives on.  Who saw that it is the only owner has not taken its reference off yet,
 * and a block with a destructor may have got another owner since (boundary/lists.c remembers the last one it made). */
static bool run_destructor(MemoryBlock *b) {
    bool counted = atomic_load_explicit(&b->count, memory_order_relaxed) != 0;
    if (counted && atomic_fetch_sub_explicit(&b->count, 1, memory_order_acq_rel) != 1) return false;
    b->destroy(b);
    return true;
}

static inline void destroy_block(ThreadMemory *m, MemoryBlock *b) {
    count_live(m, -1);
    if (!recycle(m, b)) free(b->raw);
}

void naja_block_destroy(MemoryBlock *b) {
    if (!b->destroy || run_destructor(b)) destroy_block(my_memory(), b);
}

void naja_block_destroy_in(Context *context, MemoryBlock *b) {
    if (!b->destroy || run_destructor(b)) destroy_block(memory_of(context), b);
}

void naja_block_release(MemoryBlock *b) { block_release(b); }

int64_t runtime_live_blocks(void) {
    int64_t n = atomic_load_explicit(&live_elsewhere, memory_order_relaxed);
    for (ThreadMemory *m = atomic_load(&all_threads); m; m = m->next)
        n += atomic_load_explicit(&m->live, memory_order_relaxed);
    return n;
}
