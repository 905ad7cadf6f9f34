/* math.c - the mathematics that is too long to emit: integer number theory, decimal rounding, complex functions.
 *
 * Everything here is a pure function of its arguments.  Errors are values (-1, 1, 2: see natives.def), because the
 * compiled caller knows which exception they are.  Complex results go to an array of two doubles.
 */
#include "runtime/runtime.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- integers -------------------------------------------------------------------------------------------- */

int64_t naja_int_pow(int64_t base, int64_t exponent) {
    uint64_t x = (uint64_t)base, n = (uint64_t)exponent, result = 1;
    for (; n; n >>= 1, x *= x)
        if (n & 1) result *= x;
    return (int64_t)result;
}

uint64_t naja_gcd(uint64_t x, uint64_t y) {
    while (y) {
        uint64_t r = x % y;
        x = y;
        y = r;
    }
    return x;
}

/* The float square root is off by at most one after the cast, as its argument was rounded. */
uint64_t naja_isqrt(uint64_t n) {
    uint64_t r = (uint64_t)sqrt((double)n);
    while (r > UINT32_MAX || r * r > n) r--;
    while (r < UINT32_MAX && (r + 1) * (r + 1) <= n) r++;
    return r;
}

int64_t naja_factorial(int64_t n) {
    if (n > 20) return -1;
    int64_t result = 1;
    for (int64_t k = 2; k <= n; k++) result *= k;
    return result;
}

int64_t naja_comb(int64_t n, int64_t k) {
    if (k > n) return 0;
    if (k > n - k) k = n - k;
    unsigned __int128 result = 1;
    for (int64_t i = 1; i <= k; i++) {
        result = result * (uint64_t)(n - k + i) /
                 (uint64_t)i; /* exact: a product of i consecutive integers */
        if (result > INT64_MAX) return -1;
    }
    return (int64_t)result;
}

int64_t naja_perm(int64_t n, int64_t k) {
    if (k > n) return 0;
    int64_t result = 1;
    for (int64_t i = 0; i < k; i++)
        if (__builtin_mul_overflow(result, n - i, &result)) return -1;
    return result;
}

/* Python's sign rule: the result has the sign of m. */
static int64_t floor_mod(__int128 x, int64_t m) {
    __int128 r = x % m;
    return (int64_t)(r != 0 && (r < 0) != (m < 0) ? r + m : r);
}

int64_t naja_pow_mod(int64_t base, int64_t exponent, int64_t m) {
    uint64_t magnitude = m < 0 ? -(uint64_t)m : (uint64_t)m;
    __int128 r = (__int128)base % (__int128)magnitude;
    uint64_t x = (uint64_t)(r < 0 ? r + (__int128)magnitude : r), result = 1 % magnitude;
    for (uint64_t n = (uint64_t)exponent; n; n >>= 1) {
        if (n & 1) result = (uint64_t)((unsigned __int128)result * x % magnitude);
        x = (uint64_t)((unsigned __int128)x * x % magnitude);
    }
    return floor_mod((__int128)result, m);
}

/* Extended Euclid on (x, |m|). */
int64_t naja_inverse_mod(int64_t x, int64_t m) {
    __int128 modulus = m < 0 ? -(__int128)m : m;
    __int128 a = ((__int128)x % modulus + modulus) % modulus, b = modulus, u = 1, v = 0;
    while (b) {
        __int128 q = a / b, rest = a - q * b, next = u - q * v;
        a = b;
        b = rest;
        u = v;
        v = next;
    }
    if (a != 1) return modulus == 1 ? 0 : -1;
    return (int64_t)((u % modulus + modulus) % modulus);
}

/* To a multiple of 10**k, ties to even. */
int64_t naja_round_int(int64_t n, int64_t k) {
    if (k > 19) return 0;
    __int128 unit = 1;
    for (int64_t i = 0; i < k; i++) unit *= 10;
    __int128 r = n % unit, quotient = n / unit;
    if (r < 0) {
        r += unit;
        quotient -= 1;
    }
    if (2 * r > unit || (2 * r == unit && quotient % 2 != 0)) quotient += 1;
    return (int64_t)(quotient * unit);
}

/* ---- floats ---------------------------------------------------------------------------------------------- */

enum { ROUNDED_NBYTES = 1 + 309 + 1 + 323 + 1 }; /* sign, digits, point, digits, NUL */

/* The C library prints and reads decimals correctly rounded, exact ties to even: just what round() is. */
static double round_behind_point(double x, int ndigits) {
    char text[ROUNDED_NBYTES];
    snprintf(text, sizeof text, "%.*f", ndigits, x);
    return strtod(text, NULL);
}

/* What compiled code does not inline of fmod: quotients beyond 2**53, and what is not finite. */
double naja_far_remainder(double x, double y) { return fmod(x, y); }

/* Position of the leading digit: 10**p <= |x| < 10**(p+1).  30 digits are more than a double can round up across. */
static int decimal_exponent(double x) {
    char text[64];
    snprintf(text, sizeof text, "%.30e", fabs(x));
    const char *e = text;
    while (*e != 'e') e++;
    return atoi(e + 1);
}

static double round_before_point(double x, int ndigits) {
    int digits = decimal_exponent(x) + 1 - ndigits; /* how many stay */
    if (digits < 0) return copysign(0.0, x);
    if (digits == 0) {
        char half[32];
        snprintf(half, sizeof half, "5e%d", ndigits - 1);
        if (fabs(x) <= strtod(half, NULL)) return copysign(0.0, x);
        snprintf(half, sizeof half, "1e%d", ndigits);
        return copysign(strtod(half, NULL), x);
    }
    char text[400];
    snprintf(text, sizeof text, "%.*e", digits - 1, x);
    return strtod(text, NULL);
}

enum { EXACT_POWER = 22 }; /* the largest power of ten that is a double */

/* x * 10**n without error is p + e; p's distance to the nearest integer is exact.  Only where that is one half does e
 * count: it breaks the tie.  One correctly rounded division then gives what reading the decimals would.
 * A thirtieth of the time of printing them.  False: too large. */
static bool round_by_scaling(double x, int ndigits, double *result) {
    static const double power[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (ndigits > EXACT_POWER) return false;
    double scale = power[ndigits], p = x * scale;
    if (!(fabs(p) < 0x1p52)) return false;
    double e = fma(x, scale, -p), r = rint(p), rest = p - r;
    if (rest == 0.5 && e > 0) r += 1;
    if (rest == -0.5 && e < 0) r -= 1;
    *result = copysign(r / scale, x);
    return true;
}

double naja_round_digits(double x, int64_t ndigits) {
    double result;
    if (!isfinite(x) || x == 0 || ndigits > 323) return x;
    if (ndigits >= 0 && round_by_scaling(x, (int)ndigits, &result)) return result;
    if (ndigits < -309) return copysign(0.0, x);
    return ndigits >= 0 ? round_behind_point(x, (int)ndigits) : round_before_point(x, (int)-ndigits);
}

/* CPython's: x modulo the prime 2**61 - 1, 28 bits of the mantissa at a time. */
int64_t naja_hash_float(double x) {
    const uint64_t modulus = ((uint64_t)1 << 61) - 1;
    if (isnan(x)) return 0;
    if (isinf(x)) return x > 0 ? 314159 : -314159;
    int exponent;
    double m = frexp(fabs(x), &exponent);
    uint64_t h = 0;
    while (m != 0) {
        h = ((h << 28) & modulus) | h >> 33;
        m *= 268435456.0;
        exponent -= 28;
        uint64_t part = (uint64_t)m;
        m -= (double)part;
        h += part;
        if (h >= modulus) h -= modulus;
    }
    exponent = exponent >= 0 ? exponent % 61 : 60 - (-1 - exponent) % 61;
    h = ((h << exponent) & modulus) | h >> (61 - exponent);
    int64_t result = x < 0 ? -(int64_t)h : (int64_t)h;
    return result == -1 ? -2 : result;
}

double naja_frexp_mantissa(double x) {
    int exponent;
    return frexp(x, &exponent);
}

int64_t naja_frexp_exponent(double x) {
    int exponent = 0;
    frexp(x, &exponent);
    return isfinite(x) ? exponent : 0;
}

double naja_ldexp(double x, int64_t n) { return ldexp(x, n > 10000 ? 10000 : n < -10000 ? -10000 : (int)n); }

double naja_logaddexp(double x, double y) {
    if (x == y) return x + M_LN2; /* infinities of the same sign */
    double d = x - y;
    if (d > 0) return x + log1p(exp(-d));
    return d <= 0 ? y + log1p(exp(d)) : d; /* nan */
}

double naja_logaddexp2(double x, double y) {
    if (x == y) return x + 1;
    double d = x - y;
    if (d > 0) return x + M_LOG2E * log1p(exp2(-d));
    return d <= 0 ? y + M_LOG2E * log1p(exp2(d)) : d;
}

/* Away from zero, with the sign of x; of a zero it is positive. */
double naja_spacing(double x) { return isinf(x) ? NAN : nextafter(x, x < 0 ? -INFINITY : INFINITY) - x; }

/* The distance between a half, held in a float, and the next one in a direction: away from zero or towards it. */
static float half_step(float x, bool outwards) {
    enum { LEAST_EXPONENT = -14, FRACTION_BITS = 10 };
    int exponent;
    float fraction = frexpf(fabsf(x), &exponent);
    if (x == 0 || --exponent < LEAST_EXPONENT) exponent = LEAST_EXPONENT;
    else if (fraction == 0.5F && !outwards && exponent > LEAST_EXPONENT) exponent--;
    return ldexpf(1, exponent - FRACTION_BITS);
}

static const float largest_half = 65504;

float naja_half_spacing(float x) {
    if (isnan(x) || isinf(x)) return NAN;
    return x == largest_half ? INFINITY : half_step(x, x >= 0);
}

float naja_half_nextafter(float x, float y) {
    if (isnan(x) || isnan(y)) return x + y;
    if (x == y) return y;
    if (isinf(x)) return copysignf(largest_half, x);
    bool up = y > x, outwards = x == 0 || up == (x > 0);
    float next = up ? x + half_step(x, outwards) : x - half_step(x, outwards);
    if (next == 0) return copysignf(0, x);
    return fabsf(next) > largest_half ? copysignf(INFINITY, x) : next;
}

float naja_spacingf(float x) { return isinf(x) ? NAN : nextafterf(x, x < 0 ? -INFINITY : INFINITY) - x; }

/* ---- complex powers -------------------------------------------------------------------------------------- */

typedef double complex Z;

/* CMPLX, which not every pair of compiler and C library has. */
static Z make(double re, double im) {
    return ((union {
               double part[2];
               Z z;
           }){{re, im}})
        .z;
}

/* Products and quotients as CPython's, without C's recovery of infinities. */
static Z multiply(Z a, Z b) {
    return make(creal(a) * creal(b) - cimag(a) * cimag(b), creal(a) * cimag(b) + cimag(a) * creal(b));
}

static Z reciprocal(Z b) {
    double re = creal(b), im = cimag(b);
    if (fabs(re) >= fabs(im)) {
        double ratio = im / re, norm = re + im * ratio;
        return make((1.0 + 0.0 * ratio) / norm, (0.0 - ratio) / norm);
    }
    double ratio = re / im, norm = re * ratio + im;
    return make((ratio + 0.0) / norm, (0.0 * ratio - 1.0) / norm);
}

static Z power_of_int(Z x, uint64_t n) {
    Z result = make(1, 0);
    for (uint64_t bit = 1; bit <= n; bit <<= 1) {
        if (n & bit) result = multiply(result, x);
        x = multiply(x, x);
    }
    return result;
}

static Z power_polar(Z a, Z b) {
    double length = pow(hypot(creal(a), cimag(a)), creal(b)), at = atan2(cimag(a), creal(a)),
           phase = at * creal(b);
    if (cimag(b) != 0) {
        length *= exp(-at * cimag(b));
        phase += cimag(b) * log(hypot(creal(a), cimag(a)));
    }
    return make(length * cos(phase), length * sin(phase));
}

static void put(double *out, Z z) {
    out[0] = creal(z);
    out[1] = cimag(z);
}

static bool is_zero(Z z) { return creal(z) == 0 && cimag(z) == 0; }

int32_t naja_complex_pow(double ar, double ai, double br, double bi, double *out) {
    Z a = make(ar, ai), b = make(br, bi), result;
    if (is_zero(b)) {
        result = make(1, 0);
    } else if (is_zero(a)) {
        result = make(0, 0);
        if (bi != 0 || br < 0) {
            put(out, make(NAN, NAN));
            return 1;
        }
    } else if (bi == 0 && br == floor(br) && fabs(br) <= 100) {
        result = br > 0 ? power_of_int(a, (uint64_t)br) : reciprocal(power_of_int(a, (uint64_t)-br));
    } else {
        result = power_polar(a, b);
    }
    put(out, result);
    bool overflows = isinf(creal(result)) || isinf(cimag(result));
    return overflows && isfinite(ar) && isfinite(ai) && isfinite(br) && isfinite(bi) ? 2 : 0;
}

/* 1 / b as NumPy divides: by multiplication with a reciprocal. */
static Z numpy_reciprocal(Z b) {
    double re = creal(b), im = cimag(b);
    if (fabs(re) >= fabs(im)) {
        double ratio = im / re, scale = 1.0 / (re + im * ratio);
        return make((1.0 + 0.0 * ratio) * scale, (0.0 - 1.0 * ratio) * scale);
    }
    double ratio = re / im, scale = 1.0 / (im + re * ratio);
    return make((1.0 * ratio + 0.0) * scale, (0.0 * ratio - 1.0) * scale);
}

/* As npy_cpow: the first powers are products, without the 1 that others start from. */
static Z numpy_power_of_int(Z a, double n) {
    if (n == 1) return a;
    if (n == 2) return multiply(a, a);
    if (n == 3) return multiply(a, multiply(a, a));
    Z power = power_of_int(a, (uint64_t)fabs(n));
    return n > 0 ? power : numpy_reciprocal(power);
}

void naja_complex_pow_numpy(double ar, double ai, double br, double bi, double *out) {
    Z a = make(ar, ai), b = make(br, bi);
    double n = trunc(br);
    if (is_zero(b)) {
        put(out, make(1, 0));
    } else if (is_zero(a)) {
        put(out, br > 0 ? make(0, 0) : make(NAN, NAN));
    } else if (bi == 0 && n == br && fabs(n) < 100) {
        put(out, numpy_power_of_int(a, n));
    } else {
        put(out, cpow(a, b));
    }
}

/* ---- complex functions ----------------------------------------------------------------------------------- */

#define C1(name) \
    void naja_##name(double re, double im, double *out) { put(out, name(make(re, im))); }
// clang-format off
C1(csqrt) C1(cexp) C1(clog) C1(csin) C1(ccos) C1(ctan) C1(casin) C1(cacos) C1(catan)
C1(csinh) C1(ccosh) C1(ctanh) C1(casinh) C1(cacosh) C1(catanh)
// clang-format on
#undef C1

        void naja_clog10(double re, double im, double *out) {
    Z z = clog(make(re, im));
    put(out, make(creal(z) / M_LN10, cimag(z) / M_LN10));
}
