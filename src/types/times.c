/* types/times.c - units of time: names, factors between them, and the unit in which two times meet.
 *
 * From weeks down each unit is a fixed number of the next finer one.  Years and months are a family of their own:
 * a datetime converts between the families by the calendar (library/datetimes.c), a timedelta by the average of 400
 * Gregorian years, which is what NumPy does, and only where the program asks for it.
 */
#include "types/types_private.h"

/* How many of the next unit make one; 0: the calendar says. */
static const struct {
    const char *name;
    int64_t next;
} unit_row[UNIT_COUNT] = {
    [UNIT_GENERIC] = {"", 0}, [UNIT_Y] = {"Y", 12},     [UNIT_M] = {"M", 0},      [UNIT_W] = {"W", 7},
    [UNIT_D] = {"D", 24},     [UNIT_h] = {"h", 60},     [UNIT_m] = {"m", 60},     [UNIT_s] = {"s", 1000},
    [UNIT_ms] = {"ms", 1000}, [UNIT_us] = {"us", 1000}, [UNIT_ns] = {"ns", 1000}, [UNIT_ps] = {"ps", 1000},
    [UNIT_fs] = {"fs", 1000}, [UNIT_as] = {"as", 1},
};

enum { DAYS_IN_400_YEARS = 400 * 365 + 97 };

const char *time_unit_name(TimeUnit unit) { return unit_row[unit].name; }

bool time_unit_named(const char *text, size_t n, TimeUnit *unit) {
    for (unsigned u = 0; u < UNIT_COUNT; u++) {
        if (strlen(unit_row[u].name) != n || memcmp(unit_row[u].name, text, n) != 0) continue;
        *unit = (TimeUnit)u;
        return true;
    }
    return false;
}

/* What follows the first of these prefixes that the text has; NULL: it has none. */
static const char *behind(const char *text, const char *word, const char *code) {
    size_t n = strlen(word), m = strlen(code);
    return !strncmp(text, word, n) ? text + n : !strncmp(text, code, m) ? text + m : NULL;
}

const Type *type_time_named(const char *text) {
    const char *rest = behind(text, "datetime64", "M8");
    bool moment = rest != NULL;
    if (!rest && !(rest = behind(text, "timedelta64", "m8"))) return NULL;
    size_t n = strlen(rest);
    TimeUnit unit = UNIT_GENERIC;
    if (n && (n < 3 || rest[0] != '[' || rest[n - 1] != ']' || !time_unit_named(rest + 1, n - 2, &unit)))
        return NULL;
    return moment ? type_datetime(unit) : type_timedelta(unit);
}

/* Of units of one family, the first the coarser. */
static bool steps(TimeUnit from, TimeUnit to, int64_t *factor) {
    *factor = 1;
    for (unsigned u = from; u < to; u++)
        if (__builtin_mul_overflow(*factor, unit_row[u].next, factor)) return false;
    return true;
}

static void reduce(int64_t *num, int64_t *den) {
    int64_t a = *num, b = *den;
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    *num /= a;
    *den /= a;
}

bool time_unit_factor(TimeUnit from, TimeUnit to, int64_t *num, int64_t *den) {
    *num = *den = 1;
    if (from == to || from == UNIT_GENERIC) return true;
    if (to == UNIT_GENERIC) return false;
    if (from > to) return time_unit_factor(to, from, den, num);
    if (time_unit_is_calendar(from) == time_unit_is_calendar(to)) return steps(from, to, num);
    *den = from == UNIT_Y ? 400 : 4800;
    if (to == UNIT_W) {
        *num = DAYS_IN_400_YEARS;
        *den *= 7;
    } else if (!steps(UNIT_D, to, num) || __builtin_mul_overflow(*num, DAYS_IN_400_YEARS, num)) {
        return false;
    }
    reduce(num, den);
    return true;
}

bool time_unit_common(const Type *a, const Type *b, TimeUnit *unit) {
    TimeUnit x = type_unit(a), y = type_unit(b);
    int64_t num, den;
    *unit = x > y ? x : y;
    if (x == UNIT_GENERIC || y == UNIT_GENERIC || x == y) return true;
    if (time_unit_is_calendar(x) == time_unit_is_calendar(y)) return time_unit_factor(x, y, &num, &den);
    return (time_unit_is_calendar(x) ? a : b)->kind == TYPE_DATETIME &&
           time_unit_factor(UNIT_D, *unit, &num, &den);
}
