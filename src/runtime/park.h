/* runtime/park.h - sleeping until a word changes: futex on Linux, a condition variable elsewhere. */
#ifndef NAJA_PARK_H
#define NAJA_PARK_H

#include <stdatomic.h>
#include <stdint.h>

/* Sleeps while *word == value; returns early for no reason now and then, and after `milliseconds` (-1: never). */
void park_wait(_Atomic uint32_t *word, uint32_t value, int milliseconds);
void park_wake(_Atomic uint32_t *word, int how_many);
void park_reset(void); /* in a forked child */

#endif
