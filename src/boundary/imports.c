/* imports.c - the library functions that other units call, each loaded once per process.
 *
 * An import is known by its fingerprint alone: its image names no Python objects, so that nothing but the cache's file is
 * needed to load it, and a function that is found in the cache finds its imports there, too.  The table counts users, which
 * are units; when the last one goes, the code goes.  Loading and compiling happens under the compile lock, giving up does
 * not, so the table has a lock of its own, inside of which nothing else is done.
 */
#include "boundary/specialisation.h"

struct Import {
    CacheKey key;
    uint32_t users;
    Specialisation *unit;
    Import *next; /* of the same bucket */
};

enum { BUCKETS = 256 };
static struct {
    pthread_mutex_t mutex;
    Import *bucket[BUCKETS];
    uint32_t n;
} table = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void unlock_in_child(void) { pthread_mutex_init(&table.mutex, NULL); }

void imports_start(void) { pthread_atfork(NULL, NULL, unlock_in_child); }

uint32_t imports_count(void) {
    pthread_mutex_lock(&table.mutex);
    uint32_t n = table.n;
    pthread_mutex_unlock(&table.mutex);
    return n;
}

static Import **place_of(CacheKey key) {
    Import **at = &table.bucket[key.lo % BUCKETS];
    while (*at && ((*at)->key.lo != key.lo || (*at)->key.hi != key.hi)) at = &(*at)->next;
    return at;
}

static Import *find_loaded(CacheKey key) {
    pthread_mutex_lock(&table.mutex);
    Import *found = *place_of(key);
    if (found) found->users++;
    pthread_mutex_unlock(&table.mutex);
    return found;
}

Import *import_add(CacheKey key, uint8_t *steal_image, size_t nbytes) {
    PyObject *none = PyList_New(0);
    Specialisation *unit = none ? specialisation_load(steal_image, nbytes, none, NULL) : NULL;
    if (!none) free(steal_image);
    Py_XDECREF(none);
    Import *own = unit ? PyMem_RawMalloc(sizeof *own) : NULL;
    if (!own) return specialisation_free(unit), NULL;
    *own = (Import){.key = key, .users = 1, .unit = unit};
    pthread_mutex_lock(&table.mutex);
    own->next = table.bucket[key.lo % BUCKETS];
    table.bucket[key.lo % BUCKETS] = own;
    table.n++;
    pthread_mutex_unlock(&table.mutex);
    return own;
}

Import *import_find(CacheKey key, bool use_cache) {
    uint8_t *image;
    size_t nbytes;
    Import *found = find_loaded(key);
    if (found || !use_cache || !cache_read(key, &image, &nbytes)) return found;
    return import_add(key, image, nbytes);
}

const Specialisation *import_unit(const Import *import) { return import->unit; }

static bool give_up(Import *import) {
    pthread_mutex_lock(&table.mutex);
    bool last = --import->users == 0;
    if (last) {
        *place_of(import->key) = import->next;
        table.n--;
    }
    pthread_mutex_unlock(&table.mutex);
    return last;
}

void import_release(Import *import) {
    if (!import || !give_up(import)) return;
    specialisation_free(import->unit);
    PyMem_RawFree(import);
}
