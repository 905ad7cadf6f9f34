/* park.c - see park.h.  The portable half uses one mutex and condition for all words: sleepers are few. */
#include "runtime/park.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

void park_wait(_Atomic uint32_t *word, uint32_t value, int milliseconds) {
    struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, milliseconds < 0 ? NULL : &t, NULL, 0);
}

void park_wake(_Atomic uint32_t *word, int how_many) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, how_many, NULL, NULL, 0);
}

void park_reset(void) {}

#else
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static struct timespec deadline(int milliseconds) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += (long)milliseconds * 1000000L;
    t.tv_sec += t.tv_nsec / 1000000000L;
    t.tv_nsec %= 1000000000L;
    return t;
}

void park_wait(_Atomic uint32_t *word, uint32_t value, int milliseconds) {
    pthread_mutex_lock(&mutex);
    if (atomic_load(word) == value) {
        if (milliseconds < 0) {
            pthread_cond_wait(&changed, &mutex);
        } else {
            struct timespec t = deadline(milliseconds);
            pthread_cond_timedwait(&changed, &mutex, &t);
        }
    }
    pthread_mutex_unlock(&mutex);
}

void park_wake(_Atomic uint32_t *word, int how_many) {
    (void)word, (void)how_many;
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

void park_reset(void) {
    pthread_mutex_init(&mutex, NULL);
    pthread_cond_init(&changed, NULL);
}
#endif
