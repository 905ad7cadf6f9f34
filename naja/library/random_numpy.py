"""The functions of numpy.random, on a state of the running thread.

The streams are those of `numpy.random.RandomState` with the same seed, bit for bit (its source says which algorithms it
keeps: numpy/random/mtrand.pyx and NEP 19).  Compiled code has states of its own: ``np.random.seed`` called from Python
does not reach them.
"""

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import distributions, kinds
from naja.library import low as raw
from naja.library.distributions import check_size

for _row in distributions.TABLE + distributions.LEGACY:
    _factory = distributions.factory(_row, _row.legacy, f"np.random.{_row.name}", __name__)
    overload(getattr(np.random, _row.name))(_factory)


# ---- seeds -----------------------------------------------------------------------------------------------------------


@overload(np.random.seed)
def seed(seed=None):
    """`numpy.random.seed`: of compiled code's state in the running thread (or block of a parallel loop)."""
    if kinds.is_none(seed):

        def seed_by_system(seed=None):
            raw.random_seed_system(0)

        return seed_by_system
    if kinds.is_integer(seed):

        def seed_by_integer(seed=None):
            if seed < 0 or seed > 4294967295:
                raise ValueError("Seed must be between 0 and 2**32 - 1")
            raw.random_seed(0, seed)

        return seed_by_integer
    if kinds.is_array(seed, 1) and kinds.is_integer(seed.dtype):

        def seed_by_array(seed=None):
            if len(seed) == 0:
                raise ValueError("Seed must be non-empty")
            words = np.empty(len(seed), np.uint32)
            for i in range(len(seed)):
                if seed[i] < 0 or seed[i] > 4294967295:
                    raise ValueError("Seed values must be between 0 and 2**32 - 1")
                words[i] = seed[i]
            raw.random_seed_words(0, words)

        return seed_by_array
    raise TypingError(
        f"np.random.seed: the seed must be an integer, an array of integers or None, not {seed}"
    )


# ---- uniform and normal numbers ------------------------------------------------------------------------------------------


def _one_uniform(*size):
    return raw.random_double(0)


def _one_normal(*size):
    return raw.random_draw(raw.random_source(0), "legacy_gauss")


def _uniform(size=None):
    if check_size(size, "np.random.random"):

        def random(size=None):
            return raw.random_double(0)

        return random

    def random_array(size=None):
        source = raw.random_source(0)
        out = np.empty(size, np.float64)
        raw.random_fill(source, "uniform01", out)
        return out

    return random_array


for _function in (np.random.random, np.random.ranf, np.random.sample):
    overload(_function)(_uniform)


def _shaped(function, draw, single, what):
    """rand and randn, which take the extents one by one; `single` draws one number."""

    def shaped(*size):
        for extent in size:
            if not kinds.is_integer(extent):
                raise TypingError(f"{what}: extents must be integers, not {extent}")
        if not size:
            return single

        def array(*size):
            source = raw.random_source(0)
            out = np.empty(size, np.float64)
            raw.random_fill(source, draw, out)
            return out

        return array

    overload(function)(shaped)


_shaped(np.random.rand, "uniform01", _one_uniform, "np.random.rand")
_shaped(np.random.randn, "legacy_gauss", _one_normal, "np.random.randn")


# ---- integers ------------------------------------------------------------------------------------------------------------


def integer_type(dtype, what):
    """The NumPy class of integers that a dtype argument names."""
    if dtype is int or kinds.is_none(dtype):
        return np.int64
    t = dtype.dtype if isinstance(dtype, types.DType) else getattr(dtype, "object", dtype)
    if isinstance(t, type):
        t = types.as_type(t)
    if not isinstance(t, (types.Integer, types.Boolean)):
        raise TypingError(
            f"{what}: Argument dtype is not one of the expected type(s): a type of integers, but {dtype}"
        )
    return np.dtype(str(t).replace("boolean", "bool")).type


def bounds(dtype, has_high, endpoint):
    """A function of low and high that tests them and gives the lowest number, as int64 bits, and the range.

    Parameters
    ----------
    dtype : type
        NumPy's class.
    has_high : bool
        Whether both bounds were given; else the first is the upper one.
    endpoint : bool
        Whether `high` itself may come.
    """
    name = np.dtype(dtype).name
    lowest, highest = (0, 1) if dtype is np.bool_ else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
    wide = np.uint64 if dtype is np.uint64 else np.int64
    lowtext, high_text = f"low is out of bounds for {name}", f"high is out of bounds for {name}"
    order_text = (
        f"low {'>' if endpoint else '>='} high" if has_high else f"high {'<' if endpoint else '<='} 0"
    )

    def find(low, high):
        if low < lowest:
            raise ValueError(lowtext)
        if high > highest and (endpoint or np.uint64(high) - np.uint64(1) > np.uint64(highest)):
            raise ValueError(high_text)
        if low > high or (low == high and not endpoint):
            raise ValueError(order_text)
        first = wide(low)
        last = wide(high) if endpoint else wide(high) - wide(1)  # uint64 less an int64 would be a float64
        return np.int64(first), np.int64(last - first)

    return find


def check_bounds(low, high, what):
    """Raise TypingError unless both are integers."""
    for t, name in ((low, "low"), (high, "high")):
        if not (
            kinds.is_integer(t)
            or kinds.is_none(t)
            or isinstance(kinds.plain(t), types.Boolean)
            or isinstance(t, bool)
        ):
            raise TypingError(
                f"{what}: Argument {name} is not one of the expected type(s): an integer, but of type {t}"
            )


@overload(np.random.randint)
def randint(low, high=None, size=None, dtype=int):
    """`numpy.random.randint`: by masks and rejection."""
    return integers_of(high, size, integer_type(dtype, "np.random.randint"), True, False)


def integers_of(high, size, class_, masked, endpoint):
    """An implementation of np.random.randint."""
    find = bounds(class_, not kinds.is_none(high), endpoint)
    is_single = check_size(size, "np.random.randint")
    if kinds.is_none(high):

        def ends(low, high):
            return find(0, low)

    else:

        def ends(low, high):
            return find(low, high)

    if is_single:

        def randint(low, high=None, size=None, dtype=int):
            first, range_ = ends(low, high)
            return class_(first + raw.random_integer(raw.random_source(0), masked, range_, class_))

        return randint

    def randint_array(low, high=None, size=None, dtype=int):
        first, range_ = ends(low, high)
        out = np.empty(size, class_)
        raw.random_integers(raw.random_source(0), masked, first, range_, out)
        return out

    return randint_array


# ---- order and choice ----------------------------------------------------------------------------------------------------


def _interval(n):
    return raw.random_draw(raw.random_source(0), "interval", n)


def shuffler(x, below, what):
    """A function that shuffles x (its first axis) in place; `below(n)` gives a number of 0 .. n."""
    if kinds.is_array(x) and x.ndim > 1:

        def shuffle_rows(x):
            for i in range(len(x) - 1, 0, -1):
                j = below(i)
                if i != j:
                    row = x[i].copy()
                    x[i] = x[j]
                    x[j] = row

        return shuffle_rows
    if not kinds.is_array(x, 1) and not isinstance(x, types.List):
        raise TypingError(
            f"{what}: Argument x is not one of the expected type(s): an array or a list, but of type {x}"
        )

    def shuffle(x):
        for i in range(len(x) - 1, 0, -1):
            j = below(i)
            item = x[i]
            x[i] = x[j]
            x[j] = item

    return shuffle


@overload(np.random.shuffle)
def shuffle(x):
    """`numpy.random.shuffle`: Fisher and Yates, from the end."""
    return shuffler(x, _interval, "np.random.shuffle")


@overload(np.random.permutation)
def permutation(x):
    """`numpy.random.permutation`."""
    return permuter(x, _interval, "np.random.permutation")


def permuter(x, below, what):
    """A function that gives a shuffled copy of x, or of arange(x)."""
    if kinds.is_integer(x):
        order = shuffler(types.Array(types.int64, 1, "C"), below, what)

        def permute_integer(x):
            out = np.arange(x)
            order(out)
            return out

        return permute_integer
    if not kinds.is_array(x) or x.ndim == 0:
        raise TypingError(
            f"{what}: Argument x is not one of the expected type(s): an integer or array, but of type {x}"
        )
    if x.ndim > 1:
        order = shuffler(types.Array(types.int64, 1, "C"), below, what)

        def permute_rows(x):
            index = np.arange(len(x))
            order(index)
            return x[index]

        return permute_rows
    order = shuffler(x, below, what)

    def permute(x):
        out = x.copy()
        order(out)
        return out

    return permute


@overload(np.random.choice)
def choice(a, size=None, replace=True, p=None):
    """`numpy.random.choice`."""
    is_single = check_size(size, "np.random.choice")
    draw = _picker(p)
    if kinds.is_integer(a):

        def population(a, n):
            if a <= 0 and n > 0:
                raise ValueError("a must be greater than 0 unless no samples are taken")
            return a

        def pick(a, index):
            return index

    elif kinds.is_array(a, 1):

        def population(a, n):
            if len(a) == 0 and n > 0:
                raise ValueError("'a' cannot be empty unless no samples are taken")
            return len(a)

        def pick(a, index):
            return a[index]

    else:
        if kinds.is_array(a):
            raise TypingError("np.random.choice: a must be 1-dimensional")
        raise TypingError(f"np.random.choice: a must be an integer or an array, not {a}")

    def choice(a, size=None, replace=True, p=None):
        index = np.empty(size, np.int64)
        flat = index.reshape(-1)
        draw(population(a, flat.size), replace, p, flat)
        return pick(a, flat).reshape(index.shape)

    if not is_single:
        return choice

    def choice_of_one(a, size=None, replace=True, p=None):
        index = np.empty(1, np.int64)
        draw(population(a, 1), replace, p, index)
        return pick(a, index[0])

    return choice_of_one


def _picker(p):
    """A function that fills a run of indices."""
    if not kinds.is_none(p):
        return _pick_weighted
    order = shuffler(types.Array(types.int64, 1, "C"), _interval, "np.random.choice")

    def pick(n, replace, p, out):
        if replace:
            if out.size:
                raw.random_integers(raw.random_source(0), True, 0, n - 1, out)
        else:
            if out.size > n:
                raise ValueError("Cannot take a larger sample than population when 'replace=False'")
            index = np.arange(n)
            order(index)
            out[:] = index[: out.size]

    return pick


def checked_weights(n, p):
    """The probabilities as float64 numbers, tested as RandomState.choice does."""
    if len(p) != n:
        raise ValueError("'a' and 'p' must have same size")
    weight = np.empty(n, np.float64)
    total = lost = 0.0
    negative = False
    for i in range(n):
        x = np.float64(p[i])
        weight[i] = x
        negative = negative or x < 0
        y = x - lost
        t = total + y
        lost = (t - total) - y
        total = t
    if np.isnan(total):
        raise ValueError("probabilities contain NaN")
    if negative:
        raise ValueError("probabilities are not non-negative")
    if abs(total - 1.0) > 1.4901161193847656e-08:
        raise ValueError("probabilities do not sum to 1")
    return weight


def _distribution_of(weight):
    cdf = np.cumsum(weight)
    cdf /= cdf[-1]
    return cdf


def _pick_weighted(n, replace, p, out):
    weight = checked_weights(n, p)
    source = raw.random_source(0)
    if replace:
        x = np.empty(out.size, np.float64)
        raw.random_fill(source, "uniform01", x)
        out[:] = np.searchsorted(_distribution_of(weight), x, side="right")
        return
    if out.size > n:
        raise ValueError("Cannot take a larger sample than population when 'replace=False'")
    if np.count_nonzero(weight > 0) < out.size:
        raise ValueError("Fewer non-zero entries in p than size")
    done = 0
    while done < out.size:
        x = np.empty(out.size - done, np.float64)
        raw.random_fill(source, "uniform01", x)
        for i in range(done):
            weight[out[i]] = 0.0
        found = np.searchsorted(_distribution_of(weight), x, side="right")
        taken = np.zeros(n, np.bool_)
        for i in range(len(found)):
            if not taken[found[i]]:
                taken[found[i]] = True
                out[done] = found[i]
                done += 1


# ---- several numbers at once ---------------------------------------------------------------------------------------------


def _check_run(t, name, what):
    if not kinds.is_array(t, 1) and not isinstance(t, (types.BaseTuple, types.List)):
        raise TypingError(
            f"{what}: Argument {name} is not one of the expected type(s): an array, but of type {t}"
        )


def _rows_of(size, what):
    """A function that makes an array of rows, and whether there is one row only."""
    if check_size(size, what):
        return lambda size, n, zero: np.full(n, zero)
    if isinstance(size, (types.BaseTuple, tuple)):
        return lambda size, n, zero: np.full((*size, n), zero)
    return lambda size, n, zero: np.full((size, n), zero)


def _check_probabilities(pvals):
    """ValueError unless all are between 0 and 1 and those but the last one add up, with compensation, to at most 1."""
    total = lost = 0.0
    for i in range(len(pvals)):
        x = np.float64(pvals[i])
        if not 0.0 <= x <= 1.0:
            raise ValueError("pvals < 0, pvals > 1 or pvals contains NaNs")
        if i < len(pvals) - 1:
            y = x - lost
            t = total + y
            lost = (t - total) - y
            total = t
    if total > 1.0 + 1e-12:
        raise ValueError("sum(pvals[:-1]) > 1.0")


def _count_outcomes(source, n, pvals, rows):
    """Fill rows, which are zero, with how often n trials have each outcome: binomial numbers of the trials left."""
    d = len(pvals)
    for k in range(len(rows)):
        left, rest = np.int64(n), 1.0
        for i in range(d - 1):
            rows[k, i] = raw.random_draw(source, "binomial", left, np.float64(pvals[i]) / rest)
            left -= rows[k, i]
            if left <= 0:
                break
            rest -= np.float64(pvals[i])
        if left > 0:
            rows[k, d - 1] = left


@overload(np.random.multinomial)
def multinomial(n, pvals, size=None):
    """`numpy.random.multinomial`: a binomial number for each outcome but the last."""
    _check_run(pvals, "pvals", "np.random.multinomial")
    new = _rows_of(size, "np.random.multinomial")

    def multinomial(n, pvals, size=None):
        d = len(pvals)
        if n < 0:
            raise ValueError("n < 0")
        _check_probabilities(pvals)
        out = new(size, d, np.int64(0))
        _count_outcomes(raw.random_source(0), n, pvals, out.reshape(-1, d))
        return out

    return multinomial


@overload(np.random.dirichlet)
def dirichlet(alpha, size=None):
    """`numpy.random.dirichlet`: gamma numbers, scaled."""
    _check_run(alpha, "alpha", "np.random.dirichlet")
    new = _rows_of(size, "np.random.dirichlet")

    def dirichlet(alpha, size=None):
        n = len(alpha)
        for i in range(n):
            if not np.float64(alpha[i]) > 0.0:
                raise ValueError("alpha <= 0")
        out = new(size, n, 0.0)
        source = raw.random_source(0)
        rows = out.reshape(-1, n) if n else out.reshape(0, n)
        for k in range(len(rows)):
            total = 0.0
            for i in range(n):
                rows[k, i] = raw.random_draw(source, "legacy_standard_gamma", np.float64(alpha[i]))
                total += rows[k, i]
            scale = 1 / total
            for i in range(n):
                rows[k, i] *= scale
        return out

    return dirichlet
