/* vecmath/ - mathematics on vectors: what loops call for exp, log, pow, sin, ... of several numbers at once.
 *
 * The functions have the names of vecmath.def: vecmath_<name>_<registers><lanes>, where the registers are d (AVX2 and FMA) or
 * e (AVX-512: F, DQ, VL), as in the vector ABI of x86-64: vecmath_exp_d1, vecmath_exp_d4, vecmath_expf_e16.  A value does
 * not depend on the lanes.  On other processors there are none.
 */
#ifndef NAJA_VECMATH_H
#define NAJA_VECMATH_H

#define VECMATH_PREFIX "vecmath_"

/* The address of such a function, or NULL. */
void *vecmath_symbol(const char *name);

#endif
