/* signals.c - Ctrl-C (any signal handler that raises) stops a running loop.
 *
 * Compiled loops read naja_poll_word.  A "ticker" thread, which takes no signals itself, sets the word every TICK_MS
 * while a call with polls runs on the main thread; the poll's slow path (runtime/poll.c) comes here and calls
 * PyErr_CheckSignals().  No handler is replaced, so SIGINT, SIGALRM time-outs and handlers that user code installs
 * later all work, with the GIL held or released.
 *
 * The ticker sleeps on a condition when no call has run for a while.  naja_enter raises `active` and looks whether
 * the ticker is asleep; the ticker publishes that it is asleep and looks at `active` again: one of them sees the other.
 * A forked child has no ticker and starts its own.
 */
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "boundary/specialisation.h"
#include "boundary/state.h"
#include "runtime/runtime.h"

enum { TICK_MS = 10, IDLE_TICKS = 20 };

static _Atomic int32_t active;     /* calls with polls that run on the main thread now */
static _Atomic int32_t asleep = 1; /* the ticker waits on the condition, or does not run */
static bool started;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER;
static unsigned long main_thread;

static bool is_main_thread(void) { return PyThread_get_thread_ident() == main_thread; }

/* ---- the ticker ------------------------------------------------------------------------------------------------------ */

static void sleep_until_wanted(void) {
    pthread_mutex_lock(&mutex);
    atomic_store(&asleep, 1);
    while (!atomic_load(&active) && atomic_load(&asleep)) pthread_cond_wait(&wanted, &mutex);
    atomic_store(&asleep, 0);
    pthread_mutex_unlock(&mutex);
}

static void *tick(void *unused) {
    for (int idle = 0;;) {
        if (!atomic_load(&active) && ++idle > IDLE_TICKS) {
            sleep_until_wanted();
            idle = 0;
        }
        nanosleep(&(struct timespec){0, TICK_MS * 1000000}, NULL);
        if (atomic_load(&active)) {
            idle = 0;
            atomic_store_explicit(&naja_poll_word, 1, memory_order_relaxed);
        }
    }
    return unused;
}

static __attribute__((noinline, cold)) void wake_ticker(void) {
    if (!started) {
        pthread_t thread;
        sigset_t all, old;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &old);
        started = !pthread_create(&thread, NULL, tick, NULL);
        if (started) pthread_detach(thread);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    }
    pthread_mutex_lock(&mutex);
    atomic_store(&asleep, 0);
    pthread_cond_signal(&wanted);
    pthread_mutex_unlock(&mutex);
}

/* The child's only thread is its main thread, and no ticker survived. */
static void after_fork(void) {
    started = false;
    atomic_store(&asleep, 1);
    atomic_store(&active, 0);
    main_thread = PyThread_get_thread_ident();
    pthread_mutex_init(&mutex, NULL);
    pthread_cond_init(&wanted, NULL);
}

/* ---- what outlives a handler ------------------------------------------------------------------------------------------------ */

/* Only the main thread runs handlers, so it alone uses these. */
static MemoryBlock **pinned;
static size_t npinned, pin_capacity;

/* Without memory for the list the block is never freed, which is the safe side. */
static void pin(MemoryBlock *block) {
    if (!is_main_thread()) return;
    for (size_t i = 0; i < npinned; i++)
        if (pinned[i] == block) return;
    block_retain(block);
    if (npinned == pin_capacity) {
        size_t capacity = 2 * pin_capacity + 8;
        MemoryBlock **more = realloc(pinned, capacity * sizeof *more);
        if (!more) return;
        pinned = more;
        pin_capacity = capacity;
    }
    pinned[npinned++] = block;
}

static void unpin_all(void) {
    while (npinned) block_release(pinned[--npinned]);
}

/* ---- called around and inside compiled code ------------------------------------------------------------------------------- */

void naja_enter(Context *context) {
    if (is_main_thread()) {
        atomic_fetch_add(&active, 1);
        if (atomic_load(&asleep)) wake_ticker();
    }
    if (((Specialisation *)context->spec)->releases_gil) context->saved_thread = PyEval_SaveThread();
}

void naja_leave(Context *context) {
    if (context->saved_thread) {
        PyEval_RestoreThread(context->saved_thread);
        context->saved_thread = NULL;
    }
    if (!is_main_thread()) return;
    if (UNLIKELY(npinned) && atomic_load(&active) <= 1) unpin_all();
    if (atomic_load(&active) > 0) atomic_fetch_sub(&active, 1); /* zero: the call began before a fork */
}

/* Workers never get here with a signal to serve: only the main thread runs Python's handlers, and it clears the word. */
static int32_t check_signals(Context *context) {
    if (!is_main_thread()) return STATUS_OK;
    atomic_store_explicit(&naja_poll_word, 0, memory_order_relaxed);
    bool attached = PyGILState_Check();
    PyGILState_STATE state = attached ? PyGILState_LOCKED : PyGILState_Ensure();
    int failed = PyErr_CheckSignals();
    if (!attached) PyGILState_Release(state);
    context->python_error = failed != 0;
    return failed ? STATUS_INTERRUPT : STATUS_OK;
}

/* ---- the stack ------------------------------------------------------------------------------------------------------------- */

/* Room left for what a compiled function calls in turn: libm, the runtime, a signal handler. */
enum { STACK_RESERVE = 256 * 1024 };
static _Thread_local char *stack_limit;

static __attribute__((noinline, cold)) char *find_stack_limit(void) {
    pthread_attr_t attr;
    void *low = NULL;
    size_t nbytes = 0;
    if (!pthread_getattr_np(pthread_self(), &attr)) {
        pthread_attr_getstack(&attr, &low, &nbytes);
        pthread_attr_destroy(&attr);
    }
    size_t reserve = nbytes / 4 < STACK_RESERVE ? nbytes / 4 : STACK_RESERVE;
    return low ? (char *)low + reserve : (char *)__builtin_frame_address(0) - STACK_RESERVE;
}

char *naja_stack_limit(void) {
    if (UNLIKELY(!stack_limit)) stack_limit = find_stack_limit();
    return stack_limit;
}

/* Python's main thread, when that is not the one that imports this. */
static int find_main_thread(void) {
    PyObject *threading = PyImport_ImportModule("threading");
    PyObject *thread = threading ? PyObject_CallMethod(threading, "main_thread", NULL) : NULL;
    PyObject *ident = thread ? PyObject_GetAttrString(thread, "ident") : NULL;
    if (ident && ident != Py_None) main_thread = PyLong_AsUnsignedLong(ident);
    Py_XDECREF(ident);
    Py_XDECREF(thread);
    Py_XDECREF(threading);
    return PyErr_Occurred() ? -1 : 0;
}

int signals_start(void) {
    main_thread = PyThread_get_thread_ident();
    bool is_first = getpid() == gettid(); /* spares most programs the import of threading */
    if (!is_first && find_main_thread() < 0) return -1;
    runtime_hooks.check_signals = check_signals;
    runtime_hooks.pin = pin;
    return pthread_atfork(NULL, NULL, after_fork);
}
