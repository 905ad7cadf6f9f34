/* datetime.c - the proleptic Gregorian calendar: months since January 1970 to days since 1 January 1970 and back.
 *
 * Years begin in March, so that the leap day is the last of its year, and an era is 400 years of 146097 days.  The days
 * before a month of such a year are (153 m + 2) / 5, and the inverses are the same divisions read backwards
 * (after H. Hinnant, "chrono-compatible low-level date algorithms").  All divisions floor.
 */
#include "runtime/runtime.h"

enum {
    DAYS_PER_ERA = 146097,
    YEARS_PER_ERA = 400,
    EPOCH = 719468, /* days from 1 March of year 0 to 1 January 1970 */
};

static int64_t floor_div(int64_t x, int64_t y) { return x / y - (x % y < 0); }

int64_t naja_days_of_months(int64_t months) {
    int64_t since_march = months - 2; /* months since March 1970 */
    int64_t year = 1970 + floor_div(since_march, 12), month = since_march - 12 * floor_div(since_march, 12);
    int64_t era = floor_div(year, YEARS_PER_ERA), year_of_era = year - era * YEARS_PER_ERA;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * month + 2) / 5;
    return era * DAYS_PER_ERA + day_of_era - EPOCH;
}

int64_t naja_months_of_days(int64_t days) {
    if (days > INT64_MAX - EPOCH) days = INT64_MAX - EPOCH;
    int64_t era = floor_div(days + EPOCH, DAYS_PER_ERA), day_of_era = days + EPOCH - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* since March */
    return (era * YEARS_PER_ERA + year_of_era - 1970) * 12 + month + 2;
}
