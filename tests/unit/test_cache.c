/* test_cache.c - entries survive a round trip; broken ones are misses and go; the directory keeps to its size. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "engine/engine.h"

static char root[64];

static void path_of(char *path, size_t nbytes, CacheKey key) {
    snprintf(path, nbytes, "%s/sub/%016llx%016llx.naja", root, (unsigned long long)key.hi,
             (unsigned long long)key.lo);
}

static bool reads_as(CacheKey key, const char *want) {
    uint8_t *bytes = NULL;
    size_t nbytes = 0;
    bool ok = cache_read(key, &bytes, &nbytes) && nbytes == strlen(want) && !memcmp(bytes, want, nbytes);
    free(bytes);
    return ok;
}

static bool missing(CacheKey key) {
    uint8_t *bytes = NULL;
    size_t nbytes;
    return !cache_read(key, &bytes, &nbytes) && !bytes;
}

static void test_round_trip(void) {
    CacheKey a = cache_hash("a", 1), b = cache_hash("b", 1);
    CHECK(a.lo != b.lo && a.hi != b.hi);
    CHECK(missing(a));
    CHECK(cache_write(a, "first", 5) && reads_as(a, "first") && missing(b));
    CHECK(cache_write(a, "second one", 10) && reads_as(a, "second one"));
    CHECK(cache_write(b, "", 0) && reads_as(b, ""));
    CacheStats stats;
    CHECK(cache_stats(&stats) && stats.entries == 2);
    CHECK(cache_clear() && missing(a) && cache_stats(&stats) && stats.entries == 0);
}

static void patch(const char *path, off_t at, char value) {
    int fd = open(path, O_RDWR);
    CHECK(fd >= 0 && pwrite(fd, &value, 1, at) == 1);
    close(fd);
}

static void test_corrupt(void) {
    CacheKey key = cache_hash("corrupt", 7), other = cache_hash("other", 5);
    char path[256], renamed[256];
    path_of(path, sizeof path, key);
    path_of(renamed, sizeof renamed, other);
    for (off_t at = 0; at < 42; at++) { /* every byte of the header and of the ten behind it */
        CHECK(cache_write(key, "0123456789", 10));
        patch(path, at, '!');
        CHECK(missing(key) && access(path, F_OK));
    }
    for (off_t n = 0; n < 42; n++) {
        CHECK(cache_write(key, "0123456789", 10) && !truncate(path, n));
        CHECK(missing(key) && access(path, F_OK));
    }
    CHECK(cache_write(key, "0123456789", 10) && !rename(path, renamed) && missing(other));
}

static void test_limit(void) {
    static char bytes[4096];
    setenv("NAJA_CACHE_SIZE", "64K", 1);
    CacheStats stats;
    for (int i = 0; i < 40; i++) {
        CHECK(cache_write(cache_hash(&i, sizeof i), bytes, sizeof bytes));
        CHECK(cache_stats(&stats) && stats.nbytes <= 64 << 10);
    }
    int last = 39, first = 0;
    CHECK(!missing(cache_hash(&last, sizeof last)) || stats.entries > 0);
    CHECK(missing(cache_hash(&first, sizeof first)) || stats.entries < 40);
    unsetenv("NAJA_CACHE_SIZE");
    CHECK(cache_clear());
}

/* However small they are, there are not more than a trim can look at. */
static void test_many_entries(void) {
    CacheStats stats;
    setenv("NAJA_CACHE_SIZE", "3M", 1);
    for (int i = 0; i < 100; i++) {
        CHECK(cache_write(cache_hash(&i, sizeof i), "", 1));
        CHECK(cache_stats(&stats) && stats.entries <= 64);
    }
    CHECK(stats.entries > 40);
    unsetenv("NAJA_CACHE_SIZE");
    CHECK(cache_clear());
}

/* Writers and readers of one key at a time: whoever reads sees one whole entry. */
static void test_processes(void) {
    CacheKey key = cache_hash("shared", 6);
    for (int child = 0; child < 4; child++)
        if (!fork()) {
            char text[2000];
            memset(text, 'a' + child, sizeof text);
            for (int i = 0; i < 200; i++) {
                uint8_t *bytes;
                size_t nbytes;
                cache_write(key, text, sizeof text);
                if (!cache_read(key, &bytes, &nbytes) || nbytes != sizeof text ||
                    bytes[0] != bytes[nbytes - 1])
                    _exit(1);
                free(bytes);
            }
            _exit(0);
        }
    for (int child = 0, status; child < 4; child++) CHECK(wait(&status) > 0 && status == 0);
}

int main(void) {
    snprintf(root, sizeof root, "/tmp/naja-test-XXXXXX");
    CHECK(mkdtemp(root) != NULL);
    char directory[80];
    snprintf(directory, sizeof directory, "%s/sub", root);
    setenv("NAJA_CACHE_DIR", directory, 1);
    CHECK(cache_directory() && !strcmp(cache_directory(), directory));
    test_round_trip();
    test_corrupt();
    test_limit();
    test_many_entries();
    test_processes();
    CHECK(cache_clear() && !rmdir(directory) && !rmdir(root));
    return check_summary();
}
