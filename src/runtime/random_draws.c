/* random_draws.c - the distributions: drawing one number, or filling memory with them.
 *
 * What a Generator draws is drawn by NumPy's own functions, which numpy.random's extension module exports for this use
 * (numpy/random/distributions.h).  So the numbers are those of the NumPy that runs, whichever it is.  The module is
 * found beside NumPy's core and opened at the first use.
 *
 * What RandomState draws is frozen for ever (NEP 19) and not exported; it is written here by the published algorithms:
 * normal numbers by Marsaglia's polar method; gamma by Marsaglia and Tsang (2000), below shape 1 by Ahrens and Dieter's
 * GS (1974); beta by Johnk (1964); inverse Gaussian by Michael, Schucany and Haas (1976); von Mises by Best and Fisher
 * (1979); hypergeometric by Stadlober's HRUA* (1989).  Both the order of the draws and the rounding of every step are
 * those of NumPy.
 *
 * Python's own distributions are those of the module random: normal by Kinderman and Monahan (1977), gamma by Cheng
 * (1977) and by GS, von Mises by Best and Fisher.
 */
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "runtime/random.h"
#include "runtime/runtime.h"

/* ---- NumPy's functions --------------------------------------------------------------------------------------- */

typedef struct { /* binomial_t of NumPy's header: what is computed once for the same n and p */
    int has_binomial;
    double psave;
    int64_t nsave;
    double r, q, fm;
    int64_t m;
    double p1, xm, xl, xr, c, laml, lamr, p2, p3, p4;
} Binomial;

/* F(name, result, parameters behind the generator) */
/* clang-format off */
#define NUMPY_FUNCTIONS(F) \
    F(standard_uniform_f, float, (BitGen *)) F(interval, uint64_t, (BitGen *, uint64_t)) \
    F(bounded_uint64, uint64_t, (BitGen *, uint64_t, uint64_t, uint64_t, bool)) \
    F(bounded_uint64_fill, void, (BitGen *, uint64_t, uint64_t, intptr_t, bool, uint64_t *)) \
    F(bounded_uint32_fill, void, (BitGen *, uint32_t, uint32_t, intptr_t, bool, uint32_t *)) \
    F(bounded_uint16_fill, void, (BitGen *, uint16_t, uint16_t, intptr_t, bool, uint16_t *)) \
    F(bounded_uint8_fill, void, (BitGen *, uint8_t, uint8_t, intptr_t, bool, uint8_t *)) \
    F(bounded_bool_fill, void, (BitGen *, uint8_t, uint8_t, intptr_t, bool, uint8_t *)) \
    F(standard_normal, double, (BitGen *)) F(standard_normal_f, float, (BitGen *)) \
    F(standard_exponential, double, (BitGen *)) F(standard_exponential_f, float, (BitGen *)) \
    F(standard_exponential_inv_fill, void, (BitGen *, intptr_t, double *)) \
    F(standard_exponential_inv_fill_f, void, (BitGen *, intptr_t, float *)) \
    F(standard_gamma, double, (BitGen *, double)) F(standard_gamma_f, float, (BitGen *, float)) \
    F(normal, double, (BitGen *, double, double)) F(uniform, double, (BitGen *, double, double)) \
    F(exponential, double, (BitGen *, double)) F(gamma, double, (BitGen *, double, double)) \
    F(beta, double, (BitGen *, double, double)) F(chisquare, double, (BitGen *, double)) \
    F(f, double, (BitGen *, double, double)) F(noncentral_chisquare, double, (BitGen *, double, double)) \
    F(noncentral_f, double, (BitGen *, double, double, double)) F(standard_cauchy, double, (BitGen *)) \
    F(standard_t, double, (BitGen *, double)) F(pareto, double, (BitGen *, double)) \
    F(weibull, double, (BitGen *, double)) F(power, double, (BitGen *, double)) \
    F(laplace, double, (BitGen *, double, double)) F(gumbel, double, (BitGen *, double, double)) \
    F(logistic, double, (BitGen *, double, double)) F(lognormal, double, (BitGen *, double, double)) \
    F(rayleigh, double, (BitGen *, double)) F(wald, double, (BitGen *, double, double)) \
    F(triangular, double, (BitGen *, double, double, double)) F(vonmises, double, (BitGen *, double, double)) \
    F(poisson, int64_t, (BitGen *, double)) F(negative_binomial, int64_t, (BitGen *, double, double)) \
    F(binomial, int64_t, (BitGen *, double, int64_t, Binomial *)) F(geometric, int64_t, (BitGen *, double)) \
    F(binomial_inversion, int64_t, (BitGen *, int64_t, double, Binomial *)) \
    F(binomial_btpe, int64_t, (BitGen *, int64_t, double, Binomial *)) \
    F(zipf, int64_t, (BitGen *, double)) F(hypergeometric, int64_t, (BitGen *, int64_t, int64_t, int64_t)) \
    F(logseries, int64_t, (BitGen *, double)) F(loggam, double, (double))
/* clang-format on */

static struct {
#define F(name, result, parameters) result(*name) parameters;
    NUMPY_FUNCTIONS(F)
#undef F
} np;

static const void *in_numpy; /* an address in NumPy's core module */
_Atomic bool random_found;

void random_start(const void *address) { in_numpy = address; }

/* .../numpy/_core/_multiarray_umath.SUFFIX -> .../numpy/random/_generator.SUFFIX */
static void *open_generator(void) {
    Dl_info info;
    char path[4096];
    if (!in_numpy || !dladdr(in_numpy, &info) || strlen(info.dli_fname) + 32 > sizeof path) return NULL;
    strcpy(path, info.dli_fname);
    char *file = strrchr(path, '/'), *folder = file ? memrchr(path, '/', (size_t)(file - path)) : NULL;
    const char *suffix = file ? strchr(file, '.') : NULL;
    if (!folder || !suffix) return NULL;
    char ending[256];
    snprintf(ending, sizeof ending, "%s", suffix);
    snprintf(folder, sizeof path - (size_t)(folder - path), "/random/_generator%s", ending);
    return dlopen(path, RTLD_NOW | RTLD_LOCAL); /* stays open */
}

static void find_functions(void) {
    void *library = open_generator();
    bool all = library != NULL;
#define F(name, result, parameters) \
    all = all && (np.name = (result(*) parameters)dlsym(library, "random_" #name)) != NULL;
    NUMPY_FUNCTIONS(F)
#undef F
    atomic_store(&random_found, all);
}

bool random_find(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_functions);
    return random_found;
}

/* ---- Generator -------------------------------------------------------------------------------------------------- */

typedef const DrawParam *Params;

static inline double uniform01(BitGen *g) { return g->next_double(g->state); }

#define DRAW(result, name) static result draw_##name(BitGen *g, Params p, void *memo)
#define DRAW0(result, name) \
    DRAW(result, name) { return np.name(g); }
#define DRAW1(result, name) \
    DRAW(result, name) { return np.name(g, p[0].d); }
#define DRAW2(result, name) \
    DRAW(result, name) { return np.name(g, p[0].d, p[1].d); }
#define DRAW3(result, name) \
    DRAW(result, name) { return np.name(g, p[0].d, p[1].d, p[2].d); }

DRAW(double, uniform01) { return uniform01(g); }
DRAW(float, uniform01_f) { return np.standard_uniform_f(g); }
DRAW(int64_t, uint32) { return g->next_uint32(g->state); }
DRAW(int64_t, uint64) { return (int64_t)g->next_uint64(g->state); }
DRAW(int64_t, positive) { return (int64_t)(g->next_uint64(g->state) >> 1); }
DRAW(int64_t, interval) { return (int64_t)np.interval(g, (uint64_t)p[0].i); }
DRAW(int64_t, bounded) { return (int64_t)np.bounded_uint64(g, 0, (uint64_t)p[0].i, 0, false); }
DRAW(int64_t, bounded_masked) {
    uint64_t range = (uint64_t)p[0].i;
    uint64_t mask = range ? UINT64_MAX >> __builtin_clzll(range) : 0;
    return (int64_t)np.bounded_uint64(g, 0, range, mask, true);
}
DRAW0(double, standard_normal)
DRAW0(float, standard_normal_f)
DRAW0(double, standard_exponential)
DRAW0(float, standard_exponential_f)
DRAW(double, standard_exponential_inv) {
    double x;
    np.standard_exponential_inv_fill(g, 1, &x);
    return x;
}
DRAW(float, standard_exponential_inv_f) {
    float x;
    np.standard_exponential_inv_fill_f(g, 1, &x);
    return x;
}
DRAW1(double, standard_gamma)
DRAW(float, standard_gamma_f) { return np.standard_gamma_f(g, p[0].f); }
DRAW2(double, normal)
DRAW2(double, uniform)
DRAW1(double, exponential)
DRAW2(double, gamma)
DRAW2(double, beta)
DRAW1(double, chisquare)
DRAW2(double, f)
DRAW2(double, noncentral_chisquare)
DRAW3(double, noncentral_f)
DRAW0(double, standard_cauchy)
DRAW1(double, standard_t)
DRAW1(double, pareto)
DRAW1(double, weibull)
DRAW1(double, power)
DRAW2(double, laplace)
DRAW2(double, gumbel)
DRAW2(double, logistic)
DRAW2(double, lognormal)
DRAW1(double, rayleigh)
DRAW2(double, wald)
DRAW3(double, triangular)
DRAW2(double, vonmises)
DRAW1(int64_t, poisson)
DRAW2(int64_t, negative_binomial)
DRAW(int64_t, binomial) { return np.binomial(g, p[1].d, p[0].i, memo); }
DRAW1(int64_t, geometric)
DRAW1(int64_t, zipf)
DRAW(int64_t, hypergeometric) { return np.hypergeometric(g, p[0].i, p[1].i, p[2].i); }
DRAW1(int64_t, logseries)

/* ---- RandomState: only ever with a LegacyGen -------------------------------------------------------------------- */

static double legacy_gauss(BitGen *g) {
    LegacyGen *t = ((LegacyGen *)g)->kept;
    if (t->has_gauss) {
        double kept = t->gauss;
        t->has_gauss = false;
        t->gauss = 0;
        return kept;
    }
    double x, y, square;
    do {
        x = 2.0 * uniform01(g) - 1.0;
        y = 2.0 * uniform01(g) - 1.0;
        square = x * x + y * y;
    } while (square >= 1.0 || square == 0.0);
    double factor = sqrt(-2.0 * log(square) / square);
    t->gauss = factor * x;
    t->has_gauss = true;
    return factor * y;
}

static double legacy_exponential(BitGen *g) { return -log(1.0 - uniform01(g)); }

/* Ahrens and Dieter's GS, for a shape below 1. */
static double gamma_small(BitGen *g, double shape) {
    for (;;) {
        double u = uniform01(g), v = legacy_exponential(g);
        if (u <= 1.0 - shape) {
            double x = pow(u, 1.0 / shape);
            if (x <= v) return x;
        } else {
            double y = -log((1 - u) / shape), x = pow(1.0 - shape + shape * y, 1.0 / shape);
            if (x <= v + y) return x;
        }
    }
}

static double legacy_gamma(BitGen *g, double shape) {
    if (shape == 1.0) return legacy_exponential(g);
    if (shape == 0.0) return 0.0;
    if (shape < 1.0) return gamma_small(g, shape);
    double b = shape - 1.0 / 3.0, c = 1.0 / sqrt(9 * b);
    for (;;) {
        double x, v;
        do {
            x = legacy_gauss(g);
            v = 1.0 + c * x;
        } while (v <= 0.0);
        v = v * v * v;
        double u = uniform01(g);
        if (u < 1.0 - 0.0331 * (x * x) * (x * x)) return b * v;
        if (log(u) < 0.5 * x * x + b * (1.0 - v + log(v))) return b * v;
    }
}

static double legacy_chisquare(BitGen *g, double df) { return 2.0 * legacy_gamma(g, df / 2.0); }

static double legacy_noncentral(BitGen *g, double df, double nonc) {
    if (nonc == 0) return legacy_chisquare(g, df);
    if (df > 1) {
        double chi = legacy_chisquare(g, df - 1), n = legacy_gauss(g) + sqrt(nonc);
        return chi + n * n;
    }
    int64_t i = np.poisson(g, nonc / 2.0);
    double out = legacy_chisquare(g, df + 2 * (double)i);
    return isnan(nonc) ? NAN : out;
}

/* x / (x + y) of numbers so small that their sum is zero, by their logarithms. */
static double share_by_logs(double x, double y) {
    double larger = x > y ? x : y;
    x -= larger;
    y -= larger;
    return exp(x - log(exp(x) + exp(y)));
}

DRAW(double, legacy_gauss) { return legacy_gauss(g); }
DRAW(double, legacy_standard_exponential) { return legacy_exponential(g); }
DRAW(double, legacy_standard_gamma) { return legacy_gamma(g, p[0].d); }
DRAW(double, legacy_normal) { return p[0].d + p[1].d * legacy_gauss(g); }
DRAW(double, legacy_exponential) { return p[0].d * legacy_exponential(g); }
DRAW(double, legacy_gamma) { return p[1].d * legacy_gamma(g, p[0].d); }
DRAW(double, legacy_beta) {
    double a = p[0].d, b = p[1].d;
    while (a <= 1.0 && b <= 1.0) {
        double u = uniform01(g), v = uniform01(g), x = pow(u, 1.0 / a), y = pow(v, 1.0 / b);
        if (!(x + y <= 1.0)) continue;
        return x + y > 0 ? x / (x + y) : share_by_logs(log(u) / a, log(v) / b);
    }
    double x = legacy_gamma(g, a), y = legacy_gamma(g, b);
    return x / (x + y);
}
DRAW(double, legacy_chisquare) { return legacy_chisquare(g, p[0].d); }
DRAW(double, legacy_f) {
    double x = legacy_chisquare(g, p[0].d) * p[1].d;
    return x / (legacy_chisquare(g, p[1].d) * p[0].d);
}
DRAW(double, legacy_noncentral_chisquare) { return legacy_noncentral(g, p[0].d, p[1].d); }
DRAW(double, legacy_noncentral_f) {
    double x = legacy_noncentral(g, p[0].d, p[2].d) * p[1].d;
    return x / (legacy_chisquare(g, p[1].d) * p[0].d);
}
DRAW(double, legacy_standard_cauchy) {
    double x = legacy_gauss(g);
    return x / legacy_gauss(g);
}
DRAW(double, legacy_standard_t) {
    double x = legacy_gauss(g), y = legacy_gamma(g, p[0].d / 2);
    return sqrt(p[0].d / 2) * x / sqrt(y);
}
DRAW(double, legacy_pareto) { return exp(legacy_exponential(g) / p[0].d) - 1; }
DRAW(double, legacy_weibull) { return p[0].d == 0 ? 0.0 : pow(legacy_exponential(g), 1.0 / p[0].d); }
DRAW(double, legacy_power) { return pow(1 - exp(-legacy_exponential(g)), 1.0 / p[0].d); }
DRAW(double, legacy_lognormal) { return exp(p[0].d + p[1].d * legacy_gauss(g)); }
DRAW(double, legacy_rayleigh) { return p[0].d * sqrt(-2.0 * log1p(-uniform01(g))); }
DRAW(double, legacy_wald) {
    double mean = p[0].d, scale = p[1].d, ratio = mean / (2 * scale), y = legacy_gauss(g);
    y = mean * y * y;
    double x = mean + ratio * (y - sqrt(4 * scale * y + y * y)), u = uniform01(g);
    return u <= mean / (mean + x) ? x : mean * mean / x;
}
DRAW(double, legacy_vonmises) {
    double mu = p[0].d, kappa = p[1].d;
    if (isnan(kappa)) return NAN;
    if (kappa < 1e-8) return M_PI * (2 * uniform01(g) - 1);
    double s;
    if (kappa < 1e-5) s = 1.0 / kappa + kappa; /* the series of what follows, which cancels */
    else {
        double r = 1 + sqrt(1 + 4 * kappa * kappa), rho = (r - sqrt(2 * r)) / (2 * kappa);
        s = (1 + rho * rho) / (2 * rho);
    }
    double w;
    for (;;) {
        double u = uniform01(g), z = cos(M_PI * u);
        w = (1 + s * z) / (s + z);
        double y = kappa * (s - w), v = uniform01(g);
        if (y * (2 - y) - v >= 0 || log(y / v) + 1 - y >= 0) break;
    }
    double angle = acos(w);
    if (uniform01(g) < 0.5) angle = -angle;
    angle += mu;
    bool negative = angle < 0;
    double mod = fmod(fabs(angle) + M_PI, 2 * M_PI) - M_PI;
    return negative ? -mod : mod;
}
DRAW(int64_t, legacy_negative_binomial) {
    double y = (1 - p[1].d) / p[1].d * legacy_gamma(g, p[0].d);
    return np.poisson(g, y);
}

/* BINV and BTPE, without the shortcut for n = 0 that Generator has. */
DRAW(int64_t, legacy_binomial) {
    int64_t n = p[0].i;
    double q = p[1].d <= 0.5 ? p[1].d : 1.0 - p[1].d;
    int64_t k = q * (double)n <= 30.0 ? np.binomial_inversion(g, n, q, memo)
                                      : np.binomial_btpe(g, n, q, memo);
    return p[1].d <= 0.5 ? k : n - k;
}

DRAW(int64_t, legacy_geometric) {
    if (p[0].d >= 0.333333333333333333333333) return np.geometric(g, p[0].d); /* by adding up, as then */
    double k = ceil(log1p(-uniform01(g)) / log(1.0 - p[0].d));
    return k >= 9.223372036854776e18 ? INT64_MAX : (int64_t)k;
}
DRAW(int64_t, legacy_zipf) { return np.zipf(g, p[0].d); }
DRAW(int64_t, legacy_logseries) { return np.logseries(g, p[0].d); }

/* Drawing from the urn one by one, for a small sample. */
static int64_t urn_one_by_one(BitGen *g, int64_t good, int64_t bad, int64_t sample) {
    double fewer = (double)(bad < good ? bad : good), left = fewer;
    int64_t others = bad + good - sample;
    for (int64_t k = sample; k > 0 && left > 0.0; k--)
        left -= (double)(int64_t)floor(uniform01(g) + left / (double)(others + k));
    int64_t drawn = (int64_t)(fewer - left);
    return good > bad ? sample - drawn : drawn;
}

/* HRUA*: ratio of uniforms. */
static int64_t urn_by_ratio(BitGen *g, int64_t good, int64_t bad, int64_t sample) {
    const double d1 = 1.7155277699214135 /* 2 sqrt(2/e) */, d2 = 0.8989161620588988 /* 3 - 2 sqrt(3/e) */;
    int64_t fewer = good < bad ? good : bad, more = good < bad ? bad : good, all = good + bad;
    int64_t m = sample < all - sample ? sample : all - sample;
    double share = (double)fewer / (double)all, centre = (double)m * share + 0.5;
    double spread = sqrt((double)(all - m) * (double)sample * share * (1.0 - share) / (double)(all - 1) +
                         0.5);
    double width = d1 * spread + d2;
    int64_t mode = (int64_t)floor((double)(m + 1) * (double)(fewer + 1) / (double)(all + 2));
#define LOG_WEIGHT(k)                                                      \
    (np.loggam((double)((k) + 1)) + np.loggam((double)(fewer - (k) + 1)) + \
     np.loggam((double)(m - (k) + 1)) + np.loggam((double)(more - m + (k) + 1)))
    double top = LOG_WEIGHT(mode), bound = floor(centre + 16 * spread);
    double most = (double)(m < fewer ? m : fewer) + 1.0;
    if (most < bound) bound = most;
    int64_t k;
    for (;;) {
        double x = uniform01(g), y = uniform01(g), w = centre + width * (y - 0.5) / x;
        if (w < 0.0 || w >= bound) continue;
        k = (int64_t)floor(w);
        double t = top - LOG_WEIGHT(k);
        if (x * (4.0 - x) - 3.0 <= t) break;
        if (x * (x - t) >= 1) continue;
        if (2.0 * log(x) <= t) break;
    }
#undef LOG_WEIGHT
    if (good > bad) k = m - k;
    return m < sample ? good - k : k;
}

DRAW(int64_t, legacy_hypergeometric) {
    int64_t good = p[0].i, bad = p[1].i, sample = p[2].i;
    if (sample > 10) return urn_by_ratio(g, good, bad, sample);
    return sample > 0 ? urn_one_by_one(g, good, bad, sample) : 0;
}

/* ---- module random --------------------------------------------------------------------------------------------- */

static uint64_t python_bits(BitGen *g, int64_t k) {
    uint32_t low = g->next_uint32(g->state);
    if (k <= 32) return low >> (32 - k);
    uint64_t high = g->next_uint32(g->state) >> (64 - k);
    return high << 32 | low;
}

DRAW(int64_t, python_bits) { return (int64_t)python_bits(g, p[0].i); }
DRAW(int64_t, python_below) {
    uint64_t n = (uint64_t)p[0].i, k = n ? 64 - (uint64_t)__builtin_clzll(n) : 65, r;
    if (!n) { /* 65 bits, of which the highest must be 0 */
        do r = python_bits(g, 64);
        while (python_bits(g, 1));
        return (int64_t)r;
    }
    do r = python_bits(g, (int64_t)k);
    while (r >= n);
    return (int64_t)r;
}
DRAW(double, python_gauss) {
    LegacyGen *t = ((LegacyGen *)g)->kept;
    if (t->has_gauss) {
        t->has_gauss = false;
        return t->gauss;
    }
    double angle = uniform01(g) * (2 * M_PI), radius = sqrt(-2.0 * log(1.0 - uniform01(g)));
    t->gauss = sin(angle) * radius;
    t->has_gauss = true;
    return cos(angle) * radius;
}
DRAW(double, python_normal) {
    const double magic = 4 * exp(-0.5) / sqrt(2.0);
    for (;;) {
        double u = uniform01(g), v = 1.0 - uniform01(g), z = magic * (u - 0.5) / v;
        if (z * z / 4.0 <= -log(v)) return z;
    }
}

static double python_gamma_large(BitGen *g, double alpha) {
    double ainv = sqrt(2.0 * alpha - 1.0), b = alpha - log(4.0), c = alpha + ainv;
    const double magic = 1.0 + log(4.5);
    for (;;) {
        double u = uniform01(g);
        if (!(1e-7 < u && u < 0.9999999)) continue;
        double w = 1.0 - uniform01(g), v = log(u / (1.0 - u)) / ainv, x = alpha * exp(v), z = u * u * w;
        double r = b + c * v - x;
        if (r + magic - 4.5 * z >= 0.0 || r >= log(z)) return x;
    }
}

static double python_gamma_small(BitGen *g, double alpha) {
    for (;;) {
        double b = (M_E + alpha) / M_E, q = b * uniform01(g);
        double x = q <= 1.0 ? pow(q, 1.0 / alpha) : -log((b - q) / alpha), u = uniform01(g);
        if (q > 1.0 ? u <= pow(x, alpha - 1.0) : u <= exp(-x)) return x;
    }
}

DRAW(double, python_gamma) {
    double alpha = p[0].d, beta = p[1].d;
    if (alpha > 1.0) return python_gamma_large(g, alpha) * beta;
    if (alpha == 1.0) return -log(1.0 - uniform01(g)) * beta;
    return python_gamma_small(g, alpha) * beta;
}

/* Python's %, which has the sign of the divisor. */
static double floor_mod(double x, double y) {
    double m = fmod(x, y);
    return m != 0 && (m < 0) != (y < 0) ? m + y : m == 0 ? copysign(0.0, y) : m;
}

DRAW(double, python_vonmises) {
    double mu = p[0].d, kappa = p[1].d, z;
    if (kappa <= 1e-6) return 2 * M_PI * uniform01(g);
    double s = 0.5 / kappa, r = s + sqrt(1.0 + s * s);
    for (;;) {
        z = cos(M_PI * uniform01(g));
        double d = z / (r + z), u = uniform01(g);
        if (u < 1.0 - d * d || u <= (1.0 - d) * exp(d)) break;
    }
    double q = 1.0 / r, f = (q + z) / (1.0 + q * z), angle = acos(f);
    return floor_mod(uniform01(g) > 0.5 ? mu + angle : mu - angle, 2 * M_PI);
}

/* ---- what compiled code calls ------------------------------------------------------------------------------------ */

typedef struct {
    char result;
    double (*d)(BitGen *, Params, void *);
    float (*f)(BitGen *, Params, void *);
    int64_t (*i)(BitGen *, Params, void *);
} Draw;

#define D(name, result, parameters)                                                                 \
    {result[0],                                                                                     \
     __builtin_choose_expr(__builtin_types_compatible_p(__typeof__(draw_##name(0, 0, 0)), double),  \
                           draw_##name, NULL),                                                      \
     __builtin_choose_expr(__builtin_types_compatible_p(__typeof__(draw_##name(0, 0, 0)), float),   \
                           draw_##name, NULL),                                                      \
     __builtin_choose_expr(__builtin_types_compatible_p(__typeof__(draw_##name(0, 0, 0)), int64_t), \
                           draw_##name, NULL)},
static const Draw draws[] = {
#include "runtime/random.def"
};
#undef D

double naja_random_draw(BitGen *g, int64_t draw, const DrawParam *p) {
    Binomial memo;
    memo.has_binomial = 0; /* the rest is not looked at before it is written */
    return draws[draw].d(g, p, &memo);
}

float naja_random_draw_f(BitGen *g, int64_t draw, const DrawParam *p) { return draws[draw].f(g, p, NULL); }

int64_t naja_random_draw_int(BitGen *g, int64_t draw, const DrawParam *p) {
    Binomial memo;
    memo.has_binomial = 0; /* the rest is not looked at before it is written */
    return draws[draw].i(g, p, &memo);
}

void naja_random_fill(BitGen *g, int64_t draw, const DrawParam *p, void *out, int64_t n) {
    const Draw *d = &draws[draw];
    Binomial memo;
    memo.has_binomial = 0; /* the rest is not looked at before it is written */
    for (int64_t k = 0; k < n; k++) {
        if (d->result == 'd') ((double *)out)[k] = d->d(g, p, &memo);
        else if (d->result == 'f') ((float *)out)[k] = d->f(g, p, &memo);
        else ((int64_t *)out)[k] = d->i(g, p, &memo);
    }
}

/* n integers of off .. off + range, in the way of the type they are asked for; bits 1: bool. */
void naja_random_integers(BitGen *g, int64_t bits, int64_t masked, uint64_t off, uint64_t range, void *out,
                          int64_t n) {
    switch (bits) {
    case 1: np.bounded_bool_fill(g, (uint8_t)off, (uint8_t)range, n, masked, out); break;
    case 8: np.bounded_uint8_fill(g, (uint8_t)off, (uint8_t)range, n, masked, out); break;
    case 16: np.bounded_uint16_fill(g, (uint16_t)off, (uint16_t)range, n, masked, out); break;
    case 32: np.bounded_uint32_fill(g, (uint32_t)off, (uint32_t)range, n, masked, out); break;
    default: np.bounded_uint64_fill(g, off, range, n, masked, out); break;
    }
}
