/* cache.c - compiled units on disk, found by the hash of everything that went into them.  No LLVM here.
 *
 * An entry is one file, named after its key: a header, then the bytes.  It is written under another name and moved
 * into place, so readers see all of it or nothing, and concurrent writers of one key write the same thing.  The
 * checksum in the header, not fsync, guards against torn writes.  Whatever goes wrong is a miss.
 *
 * An entry that is read gets a new modification time, at most once an hour; now and then a writer looks at the
 * whole directory and removes the entries that were not used for longest.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/engine.h"

typedef struct {
    char magic[8];
    uint64_t nbytes;
    CacheKey checksum; /* of the bytes, seeded with the key: a renamed entry is foreign */
} EntryHeader;

static const char entry_magic[8] = "NAJA-CE1";
static const char entry_suffix[] = ".naja", temporary_prefix[] = ".new-";
enum { NAME_NBYTES = 64, TOUCH_SECONDS = 3600, STALE_SECONDS = 3600, LEAST_ENTRIES = 64, MAX_REMOVED = 512 };
#define DEFAULT_LIMIT ((uint64_t)1 << 30)
#define MAX_ENTRY ((uint64_t)1 << 30)

CacheKey cache_hash(const void *bytes, size_t nbytes) {
    XXH128_hash_t h = XXH3_128bits(bytes, nbytes);
    return (CacheKey){h.low64, h.high64};
}

static CacheKey checksum(CacheKey key, const void *bytes, size_t nbytes) {
    XXH128_hash_t h = XXH3_128bits_withSeed(bytes, nbytes, key.lo ^ key.hi);
    return (CacheKey){h.low64, h.high64};
}

/* ---- the directory ------------------------------------------------------------------------------------------- */

static char directory[4096];
static pthread_once_t directory_once = PTHREAD_ONCE_INIT;

/* mkdir -p, the last part private. */
static bool make_directories(char *path) {
    for (char *p = path + 1; *p; p++)
        if (*p == '/') {
            *p = 0;
            bool ok = !mkdir(path, 0777) || errno == EEXIST;
            *p = '/';
            if (!ok) return false;
        }
    return !mkdir(path, 0700) || errno == EEXIST;
}

/* A relative path would change its meaning with the current directory. */
static bool make_absolute(void) {
    char *path = realpath(directory, NULL);
    bool ok = path && strlen(path) < sizeof directory - NAME_NBYTES;
    if (ok) strcpy(directory, path);
    free(path);
    return ok;
}

static bool try_directory(bool is_private, const char *fmt, const char *a, const char *b) {
    int n = snprintf(directory, sizeof directory, fmt, a, b);
    struct stat st;
    if (n > 0 && n < (int)sizeof directory - NAME_NBYTES && make_directories(directory) &&
        !lstat(directory, &st) && !access(directory, R_OK | W_OK | X_OK))
        /* in a directory that others share, only our own will do: entries are run */
        if (!is_private || (S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022)))
            if (make_absolute()) return true;
    directory[0] = 0;
    return false;
}

static const char *env(const char *name) {
    const char *v = getenv(name);
    return v && *v ? v : NULL;
}

static void find_directory(void) {
    const char *path;
    if ((path = env("NAJA_CACHE_DIR")) && try_directory(false, "%s%s", path, "")) return;
    if ((path = env("NUMBA_CACHE_DIR")) && try_directory(false, "%s%s", path, "")) return;
    if ((path = env("XDG_CACHE_HOME")) && try_directory(false, "%s%s", path, "/naja")) return;
    if ((path = env("HOME")) && try_directory(false, "%s%s", path, "/.cache/naja")) return;
    char user[32];
    snprintf(user, sizeof user, "/naja-cache-%ld", (long)geteuid());
    try_directory(true, "%s%s", (path = env("TMPDIR")) ? path : "/tmp", user);
}

bool cache_set_directory(const char *path) {
    pthread_once(&directory_once, find_directory);
    return try_directory(false, "%s%s", path, "");
}

const char *cache_directory(void) {
    pthread_once(&directory_once, find_directory);
    return directory[0] ? directory : NULL;
}

static bool entry_path(char *path, size_t nbytes, CacheKey key) {
    const char *dir = cache_directory();
    if (!dir) return false;
    int n = snprintf(path, nbytes, "%s/%016llx%016llx%s", dir, (unsigned long long)key.hi,
                     (unsigned long long)key.lo, entry_suffix);
    return n > 0 && (size_t)n < nbytes;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static bool read_all(int fd, void *buffer, size_t nbytes) {
    for (size_t at = 0; at < nbytes;) {
        ssize_t n = read(fd, (char *)buffer + at, nbytes - at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += (size_t)n;
    }
    return true;
}

/* The entry's bytes when all is well; NULL and *corrupt otherwise. */
static uint8_t *read_entry(int fd, const struct stat *st, CacheKey key, size_t *nbytes, bool *corrupt) {
    EntryHeader h;
    *corrupt = true;
    if (!S_ISREG(st->st_mode) || st->st_size < (off_t)sizeof h || !read_all(fd, &h, sizeof h)) return NULL;
    if (memcmp(h.magic, entry_magic, sizeof h.magic) || h.nbytes != (uint64_t)st->st_size - sizeof h ||
        h.nbytes > MAX_ENTRY)
        return NULL;
    uint8_t *bytes = malloc(h.nbytes + 1);
    *corrupt = bytes != NULL;
    if (!bytes) return NULL;
    CacheKey sum;
    if (!read_all(fd, bytes, h.nbytes) ||
        (sum = checksum(key, bytes, h.nbytes), sum.lo != h.checksum.lo || sum.hi != h.checksum.hi)) {
        free(bytes);
        return NULL;
    }
    *nbytes = h.nbytes;
    return bytes;
}

bool cache_read(CacheKey key, uint8_t **bytes, size_t *nbytes) {
    char path[sizeof directory];
    if (!entry_path(path, sizeof path, key)) return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    struct stat st;
    bool corrupt = false;
    *bytes = fstat(fd, &st) ? NULL : read_entry(fd, &st, key, nbytes, &corrupt);
    if (*bytes && time(NULL) - st.st_mtime > TOUCH_SECONDS) futimens(fd, NULL);
    close(fd);
    if (corrupt && !*bytes) unlink(path);
    return *bytes != NULL;
}

/* ---- looking at all entries ----------------------------------------------------------------------------------------- */

typedef struct {
    char name[NAME_NBYTES];
    uint64_t nbytes;
    time_t used;
} Entry;

typedef struct {
    Entry *at;
    size_t n, capacity;
    uint64_t nbytes;
} EntryList;

static bool ends_with(const char *s, const char *suffix) {
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && !strcmp(s + n - m, suffix);
}

static void entry_add(EntryList *list, const char *name, const struct stat *st) {
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 256;
        Entry *at = realloc(list->at, capacity * sizeof *at);
        if (!at) return;
        list->at = at;
        list->capacity = capacity;
    }
    Entry *e = &list->at[list->n++];
    memcpy(e->name, name, strlen(name) + 1); /* the caller has checked its length */
    e->nbytes = (uint64_t)st->st_size;
    e->used = st->st_mtime;
    list->nbytes += e->nbytes;
}

/* Lists the entries, and removes temporary files that a killed process has left. */
static bool list_entries(EntryList *list) {
    const char *path = cache_directory();
    DIR *dir = path ? opendir(path) : NULL;
    if (!dir) return false;
    time_t now = time(NULL);
    for (struct dirent *d; (d = readdir(dir));) {
        struct stat st;
        bool temporary = !strncmp(d->d_name, temporary_prefix, sizeof temporary_prefix - 1);
        if (strlen(d->d_name) >= NAME_NBYTES || (!temporary && !ends_with(d->d_name, entry_suffix))) continue;
        if (fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW)) continue;
        if (!temporary) entry_add(list, d->d_name, &st);
        else if (now - st.st_mtime > STALE_SECONDS) unlinkat(dirfd(dir), d->d_name, 0);
    }
    closedir(dir);
    return true;
}

static bool remove_entry(const Entry *e) {
    char path[sizeof directory + NAME_NBYTES];
    snprintf(path, sizeof path, "%s/%s", cache_directory(), e->name);
    return !unlink(path) || errno == ENOENT;
}

static int by_use(const void *x, const void *y) {
    time_t a = ((const Entry *)x)->used, b = ((const Entry *)y)->used;
    return (a > b) - (a < b);
}

static uint64_t size_limit(void) {
    const char *text = env("NAJA_CACHE_SIZE");
    if (!text) return DEFAULT_LIMIT;
    char *end;
    uint64_t v = strtoull(text, &end, 10);
    uint64_t unit = *end == 'K' || *end == 'k' ? 1 << 10 : *end == 'M' ? 1 << 20 : *end == 'G' ? 1 << 30 : 1;
    return end == text ? DEFAULT_LIMIT : v * unit;
}

/* The number of entries is limited as well, because every trim looks at each of them: 16384 for 1 GiB. */
static uint64_t entry_limit(uint64_t nbytes) {
    return nbytes >> 16 > LEAST_ENTRIES ? nbytes >> 16 : LEAST_ENTRIES;
}

/* Goes a quarter below the limits, so that the next writers need not do it again, but not for long: removing a file takes
 * up to a millisecond. */
static void trim(void) {
    EntryList list = {0};
    uint64_t limit = size_limit(), most = entry_limit(limit);
    if (list_entries(&list) && (list.nbytes > limit || list.n > most)) {
        size_t end = list.n < MAX_REMOVED ? list.n : MAX_REMOVED, left = list.n;
        qsort(list.at, list.n, sizeof *list.at, by_use);
        for (size_t i = 0; i < end && (list.nbytes > limit - limit / 4 || left > most - most / 4); i++) {
            if (!remove_entry(&list.at[i])) continue;
            list.nbytes -= list.at[i].nbytes;
            left--;
        }
    }
    free(list.at);
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

static bool write_all(int fd, const void *bytes, size_t nbytes) {
    for (size_t at = 0; at < nbytes;) {
        ssize_t n = write(fd, (const char *)bytes + at, nbytes - at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += (size_t)n;
    }
    return true;
}

/* One writer in 64 looks after the size; with a limit small enough for tests every one does. */
static bool should_trim(CacheKey key) { return key.lo % 64 == 0 || size_limit() < (DEFAULT_LIMIT >> 8); }

bool cache_write(CacheKey key, const void *bytes, size_t nbytes) {
    static atomic_uint counter;
    char path[sizeof directory], temporary[sizeof directory + NAME_NBYTES];
    if (nbytes > MAX_ENTRY || !entry_path(path, sizeof path, key)) return false;
    snprintf(temporary, sizeof temporary, "%s/%s%ld-%u", cache_directory(), temporary_prefix, (long)getpid(),
             atomic_fetch_add(&counter, 1));
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    EntryHeader h = {.nbytes = nbytes, .checksum = checksum(key, bytes, nbytes)};
    memcpy(h.magic, entry_magic, sizeof h.magic);
    bool ok = write_all(fd, &h, sizeof h) && write_all(fd, bytes, nbytes);
    ok = !close(fd) && ok && !rename(temporary, path);
    if (!ok) unlink(temporary);
    else if (should_trim(key)) trim();
    return ok;
}

/* ---- statistics -------------------------------------------------------------------------------------------------------- */

bool cache_stats(CacheStats *out) {
    EntryList list = {0};
    bool ok = list_entries(&list);
    *out = (CacheStats){list.n, list.nbytes};
    free(list.at);
    return ok;
}

bool cache_clear(void) {
    EntryList list = {0};
    bool ok = list_entries(&list);
    for (size_t i = 0; i < list.n; i++) ok &= remove_entry(&list.at[i]);
    free(list.at);
    return ok;
}
