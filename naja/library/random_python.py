"""The functions of Python's module random, on a state of the running thread.

The streams are CPython's for the same seed (Lib/random.py and Modules/_randommodule.c say what is drawn in which order).
Compiled code has states of its own: ``random.seed`` called from Python does not reach them, nor does np.random's.
"""

import math
import random

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds
from naja.library import low as raw
from naja.library.distributions import check_number


def _uniform01():
    return raw.random_double(1)


def _below(n):
    return raw.random_draw(raw.random_source(1), "python_below", n)


# ---- seeds, bits, integers -------------------------------------------------------------------------------------------------


@overload(random.seed)
def seed(a=None):
    """`random.seed`: with an integer, whose sign does not count, or from the operating system."""
    if kinds.is_none(a):

        def seed_by_system(a=None):
            raw.random_seed_system(1)

        return seed_by_system
    if not kinds.is_integer(a):
        raise TypingError(f"random.seed: the seed must be an integer or None in compiled code, not {a}")
    is_signed = not isinstance(kinds.plain(a), types.Integer) or kinds.plain(a).signed

    def seed_by_integer(a=None):
        n = np.uint64(a)
        if is_signed and a < 0:
            n = np.uint64(-np.int64(a))
        words = np.empty(2 if n > np.uint64(0xFFFFFFFF) else 1, np.uint32)
        words[0] = np.uint32(n & np.uint64(0xFFFFFFFF))
        if len(words) == 2:
            words[1] = np.uint32(n >> np.uint64(32))
        raw.random_seed_words(1, words)

    return seed_by_integer


@overload(random.random)
def uniform01():
    """`random.random`."""
    return _uniform01


@overload(random.getrandbits)
def getrandbits(k):
    """`random.getrandbits`: of 64 bits at most."""
    if not kinds.is_integer(k):
        raise TypingError(f"random.getrandbits: k must be an integer, not {k}")

    def getrandbits(k):
        if k < 0:
            raise ValueError("number of bits must be non-negative")
        if k > 64:
            raw.value_error(
                "random.getrandbits gives integers of 64 bits at most in compiled code, not of %d", k, 0
            )
        if k == 0:
            return np.uint64(0)
        return np.uint64(raw.random_draw(raw.random_source(1), "python_bits", k))

    return getrandbits


def _check_integers(what, **arguments):
    for name, t in arguments.items():
        if not kinds.is_integer(t) and not kinds.is_none(t):
            raise TypingError(
                f"{what}: Argument {name} is not one of the expected type(s): an integer, but of type {t}"
            )


@overload(random.randint)
def randint(a, b):
    """`random.randint`."""
    _check_integers("random.randint", a=a, b=b)

    def randint(a, b):
        if b < a:
            raw.value_error("empty range in randrange(%d, %d)", a, b + 1)
        return a + _below(b - a + 1)

    return randint


@overload(random.randrange)
def randrange(start, stop=None, step=1):
    """`random.randrange`."""
    _check_integers("random.randrange", start=start, stop=stop, step=step)
    if kinds.is_none(stop):

        def randrange_to(start, stop=None, step=1):
            if start <= 0:
                raise ValueError("empty range for randrange()")
            return _below(start)

        return randrange_to

    def randrange(start, stop=None, step=1):
        width = stop - start
        if step == 0:
            raise ValueError("zero step for randrange()")
        if step == 1:
            n = width
        elif step > 0:
            n = (width + step - 1) // step
        else:
            n = (width + step + 1) // step
        if n <= 0:
            raw.value_error("empty range in randrange(%d, %d)", start, stop)
        return start + step * _below(n)

    return randrange


# ---- sequences ---------------------------------------------------------------------------------------------------------------


@overload(random.choice)
def choice(seq):
    """`random.choice`: of an array, a list, a string or a tuple of one type."""

    def choice(seq):
        if len(seq) == 0:
            raise IndexError("Cannot choose from an empty sequence")
        return seq[_below(len(seq))]

    return choice


@overload(random.shuffle)
def shuffle(x):
    """`random.shuffle`: of an array of one axis or a list."""
    if not kinds.is_array(x, 1) and not isinstance(x, types.List):
        raise TypingError(
            f"random.shuffle: Argument x is not one of the expected type(s): a list or an array of one axis, but of type {x}"
        )

    def shuffle(x):
        for i in range(len(x) - 1, 0, -1):
            j = _below(i + 1)
            item = x[i]
            x[i] = x[j]
            x[j] = item

    return shuffle


# ---- distributions -----------------------------------------------------------------------------------------------------------


def _distribution(function, names, implementation):
    """Register an implementation whose parameters must be numbers."""

    def check(values):
        for t, name in zip(values, names.split(), strict=True):
            check_number(t, name, f"random.{function.__name__}")
        return implementation

    space = {"check": check, "__name__": __name__}
    parameters = ", ".join(_DEFAULTS.get((function.__name__, name), name) for name in names.split())
    exec(f"def factory({parameters}):\n    return check(({names.replace(' ', ', ')},))", space)
    overload(function)(space["factory"])


_DEFAULTS = {
    ("gauss", "mu"): "mu=0.0",
    ("gauss", "sigma"): "sigma=1.0",
    ("normalvariate", "mu"): "mu=0.0",
    ("normalvariate", "sigma"): "sigma=1.0",
    ("expovariate", "lambd"): "lambd=1.0",
    ("triangular", "low"): "low=0.0",
    ("triangular", "high"): "high=1.0",
    ("triangular", "mode"): "mode=None",
}


def _uniform(a, b):
    return a + (b - a) * _uniform01()


def _gauss(mu=0.0, sigma=1.0):
    return mu + raw.random_draw(raw.random_source(1), "python_gauss") * sigma


def _normalvariate(mu=0.0, sigma=1.0):
    return mu + raw.random_draw(raw.random_source(1), "python_normal") * sigma


def _lognormvariate(mu, sigma):
    return math.exp(mu + raw.random_draw(raw.random_source(1), "python_normal") * sigma)


def _expovariate(lambd=1.0):
    if lambd == 0.0:
        raise ZeroDivisionError("float division by zero")
    return -math.log(1.0 - _uniform01()) / lambd


def _gammavariate(alpha, beta):
    if not (alpha > 0.0 and beta > 0.0):
        raise ValueError("gammavariate: alpha and beta must be > 0.0")
    return raw.random_draw(raw.random_source(1), "python_gamma", alpha, beta)


def _betavariate(alpha, beta):
    y = _gammavariate(alpha, 1.0)
    if y != 0.0:
        return y / (y + _gammavariate(beta, 1.0))
    return 0.0


def _paretovariate(alpha):
    return (1.0 - _uniform01()) ** (-1.0 / alpha)


def _weibullvariate(alpha, beta):
    return alpha * (-math.log(1.0 - _uniform01())) ** (1.0 / beta)


def _vonmisesvariate(mu, kappa):
    return raw.random_draw(raw.random_source(1), "python_vonmises", mu, kappa)


_distribution(random.uniform, "a b", _uniform)
_distribution(random.gauss, "mu sigma", _gauss)
_distribution(random.normalvariate, "mu sigma", _normalvariate)
_distribution(random.lognormvariate, "mu sigma", _lognormvariate)
_distribution(random.expovariate, "lambd", _expovariate)
_distribution(random.gammavariate, "alpha beta", _gammavariate)
_distribution(random.betavariate, "alpha beta", _betavariate)
_distribution(random.paretovariate, "alpha", _paretovariate)
_distribution(random.weibullvariate, "alpha beta", _weibullvariate)
_distribution(random.vonmisesvariate, "mu kappa", _vonmisesvariate)


@overload(random.triangular)
def triangular(low=0.0, high=1.0, mode=None):
    """`random.triangular`."""
    check_number(low, "low", "random.triangular")
    check_number(high, "high", "random.triangular")
    has_mode = not kinds.is_none(mode)
    if has_mode:
        check_number(mode, "mode", "random.triangular")

    def triangular(low=0.0, high=1.0, mode=None):
        u = _uniform01()
        if high == low:
            return np.float64(low)
        c = np.float64(mode - low) / np.float64(high - low) if has_mode else 0.5
        if u > c:
            return high + (low - high) * math.sqrt((1.0 - u) * (1.0 - c))
        return low + (high - low) * math.sqrt(u * c)

    return triangular


# ---- several at once -------------------------------------------------------------------------------------------------------


@overload(random.sample)
def sample(population, k, counts=None):
    """`random.sample` without counts: from a pool, or, of a few among many, by indices that have not been drawn."""
    if not kinds.is_none(counts):
        raise TypingError("random.sample: counts is not supported in compiled code; repeat the items instead")
    if isinstance(population, types.BaseSet | types.DictType):
        raise TypingError("Population must be a sequence.  For dicts or sets, use sorted(d).")

    def sample(population, k, counts=None):
        n = len(population)
        if k < 0 or k > n:
            raise ValueError("Sample larger than population or is negative")
        if n <= 21 + (4 ** math.ceil(math.log(k * 3, 4)) if k > 5 else 0):
            pool = [x for x in population]
            result = pool[:0]
            for i in range(k):
                j = _below(n - i)
                result.append(pool[j])
                pool[j] = pool[n - i - 1]
            return result
        selected = {0}
        selected.clear()
        result = [population[0]]
        result.clear()
        for _ in range(k):
            j = _below(n)
            while j in selected:
                j = _below(n)
            selected.add(j)
            result.append(population[j])
        return result

    return sample


@overload(random.choices)
def choices(population, weights=None, cum_weights=None, k=1):
    """`random.choices`: with the same weight for all, with weights, or with their running sums."""
    if kinds.is_none(weights) and kinds.is_none(cum_weights):

        def choices_alike(population, weights=None, cum_weights=None, k=1):
            n = float(len(population))
            if n == 0.0:
                raise IndexError("list index out of range")
            return [population[math.floor(_uniform01() * n)] for _ in range(k)]

        return choices_alike
    if not (kinds.is_none(weights) or kinds.is_none(cum_weights)):
        raise TypingError("Cannot specify both weights and cumulative weights")

    def choose(population, sums, k):
        n = len(population)
        if len(sums) != n:
            raise ValueError("The number of weights does not match the population")
        if n == 0:
            raise IndexError("list index out of range")
        total = sums[n - 1] + 0.0
        if total <= 0.0:
            raise ValueError("Total of weights must be greater than zero")
        if not math.isfinite(total):
            raise ValueError("Total of weights must be finite")
        result = [population[0]]
        result.clear()
        for _ in range(k):
            x = _uniform01() * total
            low, high = 0, n - 1
            while low < high:
                middle = (low + high) // 2
                if x < sums[middle]:
                    high = middle
                else:
                    low = middle + 1
            result.append(population[low])
        return result

    if kinds.is_none(weights):
        return lambda population, weights=None, cum_weights=None, k=1: choose(population, cum_weights, k)

    def choices_weighted(population, weights=None, cum_weights=None, k=1):
        sums = [w for w in weights]
        for i in range(1, len(sums)):
            sums[i] += sums[i - 1]
        return choose(population, sums, k)

    return choices_weighted
