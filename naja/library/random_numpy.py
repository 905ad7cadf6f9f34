"""The functions of numpy.random, on a state of the running thread, and the methods of RandomState objects.

The streams are those of `numpy.random.RandomState` with the same seed, bit for bit (its source says which algorithms it
keeps: numpy/random/mtrand.pyx and NEP 19).  For the functions compiled code has states of its own: ``np.random.seed`` called
from Python does not reach them.  A RandomState object is another matter: Python and compiled code draw from the same state.
"""

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.interpreter import interpreted
from naja.library import distributions, kinds
from naja.library import low as raw
from naja.library.distributions import check_size
from naja.library.dtypes import named_dtype
from naja.library.written import written

_STATE = types.NumPyRandomStateType
_OF_SELF = ("self", "source = raw.random_of(self)")

for _row in distributions.TABLE + distributions.LEGACY:
    _factory = distributions.factory(_row, _row.legacy, f"np.random.{_row.name}", __name__)
    overload(getattr(np.random, _row.name))(_factory)
    _factory = distributions.factory(_row, _row.legacy, f"RandomState.{_row.name}", __name__, *_OF_SELF)
    overload_method(_STATE, _row.name)(_factory)

_BOTH = """
def factory({head}{parameters}):
    draw = implement({what!r}, {passed})
    if draw is None:
        return None

    def {name}({head}{parameters}):
        return draw({source}, {passed})

    return {name}
"""


def _factory_of(implement, name, parameters, what, head, source):
    passed = ", ".join(p.split("=")[0].strip(" *") for p in parameters.split(","))
    text = _BOTH.format(name=name, parameters=parameters, what=what, head=head, source=source, passed=passed)
    space = {"np": np, "raw": raw, "implement": implement, "__name__": __name__}
    exec(text, space)
    return space["factory"]


def _both(name, parameters, function=True):
    """Register what both a function of np.random and a method of RandomState do.

    Parameters
    ----------
    name : str
    parameters : str
        As in a ``def``.
    function : bool
        Whether np.random's function is made, too.

    Returns
    -------
    function
        A decorator of a function that gets the name for errors and the types of the arguments, and gives an implementation
        whose first parameter is the source of random bits.
    """

    def register(implement):
        if function:
            factory = _factory_of(
                implement, name, parameters, f"np.random.{name}", "", "raw.random_source(0)"
            )
            overload(getattr(np.random, name))(factory)
        factory = _factory_of(
            implement, name, parameters, f"RandomState.{name}", "self, ", "raw.random_of(self)"
        )
        overload_method(_STATE, name)(factory)
        return implement

    return register


# ---- seeds -----------------------------------------------------------------------------------------------------------


def _seed_words(seed):
    """An array of integers as the words that a Mersenne Twister is seeded by."""
    if len(seed) == 0:
        raise ValueError("Seed must be non-empty")
    words = np.empty(len(seed), np.uint32)
    for i in range(len(seed)):
        if seed[i] < 0 or seed[i] > 4294967295:
            raise ValueError("Seed values must be between 0 and 2**32 - 1")
        words[i] = seed[i]
    return words


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
            raw.random_seed_words(0, _seed_words(seed))

        return seed_by_array
    raise TypingError(
        f"np.random.seed: the seed must be an integer, an array of integers or None, not {seed}"
    )


# ---- uniform and normal numbers ------------------------------------------------------------------------------------------


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


def _filler(draw, is_single):
    """An implementation that draws one number, or an array of them."""
    if is_single:
        return lambda source, size: raw.random_draw(source, draw)

    def fill(source, size):
        out = np.empty(size, np.float64)
        raw.random_fill(source, draw, out)
        return out

    return fill


@_both("random", "size=None", function=False)
def _random(what, size):
    """`numpy.random.RandomState.random`."""
    return _filler("uniform01", check_size(size, what))


def _shaped(draw):
    """Of rand and randn, which take the extents one by one."""

    def implement(what, size):
        for extent in size:
            if not kinds.is_integer(extent):
                raise TypingError(f"{what}: extents must be integers, not {extent}")
        return _filler(draw, not size)

    return implement


_both("rand", "*size")(_shaped("uniform01"))
_both("randn", "*size")(_shaped("legacy_gauss"))


# ---- integers ------------------------------------------------------------------------------------------------------------


def integer_type(dtype, what):
    """The NumPy class of integers that a dtype argument names."""
    if dtype is int or kinds.is_none(dtype):
        return np.int64
    if isinstance(dtype, types.Literal) and isinstance(dtype.literal_value, str):
        dtype = types.DType(types.from_dtype(named_dtype(dtype, what)))
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
        last = wide(high) if endpoint else wide(high) - wide(1)  # uint64 less an int64 would be an int64
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


def _is_bound_array(t):
    """An array-like of integers that is no number."""
    return not kinds.is_number(t) and kinds.is_array_like(t) and kinds.is_integer(kinds.scalar_type(t))


def integers_of_arrays(low, high, class_, masked, endpoint, size, what):
    """A function that draws an integer for every pair of bounds, which broadcast; None: both are numbers.

    Integers of 8 and 16 bits share 32 random bits in NumPy, from one to the next; they are refused.
    """
    if not _is_bound_array(low) and (kinds.is_none(high) or not _is_bound_array(high)):
        return None
    if np.dtype(class_).itemsize < 4:
        raise TypingError(
            f"{what}: bounds that are arrays are for dtypes of 32 and 64 bits in compiled code: convert with astype()"
        )
    has_high = not kinds.is_none(high)
    find = bounds(class_, has_high, endpoint)
    is_single = check_size(size, what)
    return written(
        __name__,
        "def f(source, low, high, size):\n"
        f"    first, last = {'np.asarray(low), np.asarray(high)' if has_high else 'np.zeros((), np.int64), np.asarray(low)'}\n"
        f"    extents = {'np.broadcast_shapes(first.shape, last.shape)' if is_single else 'np.empty(size, np.bool_).shape'}\n"
        "    lows, highs = np.ravel(np.broadcast_to(first, extents)), np.ravel(np.broadcast_to(last, extents))\n"
        "    out = np.empty(extents, kind)\n"
        "    flat, starts, widths = out.reshape(out.size), np.empty(out.size, np.int64), np.empty(out.size, np.int64)\n"
        "    for i in range(out.size):\n        starts[i], widths[i] = find(lows[i], highs[i])\n"
        "    for i in range(out.size):\n"
        f"        flat[i] = kind(starts[i] + raw.random_integer(source, {masked}, widths[i], kind))\n"
        "    return out\n",
        kind=class_,
        find=find,
        raw=raw,
    )


@_both("randint", "low, high=None, size=None, dtype=int")
def _randint(what, low, high, size, dtype):
    """`numpy.random.randint`: by masks and rejection."""
    class_ = integer_type(dtype, what)
    of_arrays = integers_of_arrays(low, high, class_, True, False, size, what)
    if of_arrays:
        return lambda source, low, high, size, dtype: of_arrays(source, low, high, size)
    find = bounds(class_, not kinds.is_none(high), False)
    if kinds.is_none(high):

        def ends(low, high):
            return find(0, low)

    else:

        def ends(low, high):
            return find(low, high)

    if check_size(size, what):

        def randint(source, low, high, size, dtype):
            first, range_ = ends(low, high)
            return class_(first + raw.random_integer(source, True, range_, class_))

        return randint

    def randint_array(source, low, high, size, dtype):
        first, range_ = ends(low, high)
        out = np.empty(size, class_)
        raw.random_integers(source, True, first, range_, out)
        return out

    return randint_array


@_both("random_integers", "low, high=None, size=None")
def _random_integers(what, low, high, size):
    """`numpy.random.random_integers`, which NumPy has deprecated: with the upper bound."""
    draw = _randint(what, types.int64, types.int64, size, int)
    if kinds.is_none(high):
        return lambda source, low, high, size: draw(source, 1, low + 1, size, None)
    return lambda source, low, high, size: draw(source, low, high + 1, size, None)


@_both("tomaxint", "size=None", function=False)
def _tomaxint(what, size):
    """`numpy.random.RandomState.tomaxint`: the upper 63 of 64 bits."""
    if check_size(size, what):
        return lambda source, size: raw.random_draw(source, "positive")

    def tomaxint(source, size):
        out = np.empty(size, np.int64)
        raw.random_fill(source, "positive", out)
        return out

    return tomaxint


@_both("bytes", "length")
def _bytes(what, length):
    """`numpy.random.bytes`: words of 32 bits, the lowest byte first."""
    if not kinds.is_integer(length):
        raise TypingError(
            f"{what}: Argument length is not one of the expected type(s): an integer, but {length}"
        )

    def random_bytes(source, length):
        n = (length + 3) // 4 if length > 0 else 1 - (1 - length) // 4  # C's division: one word for no bytes
        words = np.empty(n, np.uint32)
        raw.random_integers(source, True, 0, 0xFFFFFFFF, words)
        return words.tobytes()[:length]

    return random_bytes


# ---- order and choice ----------------------------------------------------------------------------------------------------


@_both("shuffle", "x")
def _shuffle(what, x):
    """`numpy.random.shuffle` of the first axis: Fisher and Yates, from the end."""
    if kinds.is_array(x) and x.ndim > 1:

        def shuffle_rows(source, x):
            for i in range(len(x) - 1, 0, -1):
                j = raw.random_draw(source, "interval", i)
                if i != j:
                    row = x[i].copy()
                    x[i] = x[j]
                    x[j] = row

        return shuffle_rows
    if not kinds.is_array(x, 1) and not isinstance(x, types.List):
        raise TypingError(
            f"{what}: Argument x is not one of the expected type(s): an array or a list, but of type {x}"
        )

    def shuffle(source, x):
        for i in range(len(x) - 1, 0, -1):
            j = raw.random_draw(source, "interval", i)
            item = x[i]
            x[i] = x[j]
            x[j] = item

    return shuffle


_INDICES = types.Array(types.int64, 1, "C")


@_both("permutation", "x")
def _permutation(what, x):
    """`numpy.random.permutation`: a shuffled copy of x, or of arange(x)."""
    if kinds.is_integer(x):
        order = _shuffle(what, _INDICES)

        def permute_integer(source, x):
            out = np.arange(x)
            order(source, out)
            return out

        return permute_integer
    if not kinds.is_array(x) or x.ndim == 0:
        raise TypingError(
            f"{what}: Argument x is not one of the expected type(s): an integer or array, but of type {x}"
        )
    if x.ndim > 1:
        order = _shuffle(what, _INDICES)

        def permute_rows(source, x):
            index = np.arange(len(x))
            order(source, index)
            return x[index]

        return permute_rows
    order = _shuffle(what, x)

    def permute(source, x):
        out = x.copy()
        order(source, out)
        return out

    return permute


@_both("choice", "a, size=None, replace=True, p=None")
def _choice(what, a, size, replace, p):
    """`numpy.random.choice`."""
    is_single = check_size(size, what)
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
            raise TypingError(f"{what}: a must be 1-dimensional")
        raise TypingError(f"{what}: a must be an integer or an array, not {a}")

    def choice(source, a, size, replace, p):
        index = np.empty(size, np.int64)
        flat = index.reshape(-1)
        draw(source, population(a, flat.size), replace, p, flat)
        return pick(a, flat).reshape(index.shape)

    if not is_single:
        return choice

    def choice_of_one(source, a, size, replace, p):
        index = np.empty(1, np.int64)
        draw(source, population(a, 1), replace, p, index)
        return pick(a, index[0])

    return choice_of_one


def _picker(p):
    """A function that fills a run of indices."""
    if not kinds.is_none(p):
        return _pick_weighted
    order = _shuffle("choice", _INDICES)

    def pick(source, n, replace, p, out):
        if replace:
            if out.size:
                raw.random_integers(source, True, 0, n - 1, out)
        else:
            if out.size > n:
                raise ValueError("Cannot take a larger sample than population when 'replace=False'")
            index = np.arange(n)
            order(source, index)
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


def _pick_weighted(source, n, replace, p, out):
    weight = checked_weights(n, p)
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


@_both("multinomial", "n, pvals, size=None")
def _multinomial(what, n, pvals, size):
    """`numpy.random.multinomial`: a binomial number for each outcome but the last."""
    _check_run(pvals, "pvals", what)
    new = _rows_of(size, what)

    def multinomial(source, n, pvals, size):
        d = len(pvals)
        if n < 0:
            raise ValueError("n < 0")
        _check_probabilities(pvals)
        out = new(size, d, np.int64(0))
        _count_outcomes(source, n, pvals, out.reshape(-1, d))
        return out

    return multinomial


@_both("dirichlet", "alpha, size=None")
def _dirichlet(what, alpha, size):
    """`numpy.random.dirichlet`: gamma numbers, scaled."""
    _check_run(alpha, "alpha", what)
    new = _rows_of(size, what)

    def dirichlet(source, alpha, size):
        n = len(alpha)
        for i in range(n):
            if not np.float64(alpha[i]) > 0.0:
                raise ValueError("alpha <= 0")
        out = new(size, n, 0.0)
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


@_both("multivariate_normal", "mean, cov, size=None, check_valid='warn', tol=1e-8")
def _multivariate_normal(what, mean, cov, size, check_valid, tol):
    """`numpy.random.multivariate_normal`, by singular values; it does not warn of matrices that are no covariances."""
    _check_run(mean, "mean", what)
    new, check = _rows_of(size, what), kinds.value(check_valid, f"{what}: check_valid")
    if check not in ("warn", "raise", "ignore"):
        raise TypingError("check_valid must equal 'warn', 'raise', or 'ignore'")
    must_fit = check == "raise"

    def multivariate_normal(source, mean, cov, size, check_valid, tol):
        center, matrix = np.asarray(mean) + 0.0, np.asarray(cov) + 0.0
        n = len(center)
        if matrix.shape[0] != matrix.shape[1]:
            raise ValueError("cov must be 2 dimensional and square")
        if n != matrix.shape[0]:
            raise ValueError("mean and cov must have same length")
        out = new(size, n, 0.0)
        rows = out.reshape(-1, n)
        raw.random_fill(source, "legacy_gauss", rows)
        u, s, v = np.linalg.svd(matrix)
        if must_fit and not np.allclose(np.dot(v.T * s, v), matrix, rtol=tol, atol=tol):
            raise ValueError("covariance is not symmetric positive-semidefinite.")
        rows[:] = np.dot(rows, np.sqrt(s).reshape(n, 1) * v) + center
        return out

    return multivariate_normal


# ---- RandomState objects ---------------------------------------------------------------------------------------------------


@overload(np.random.RandomState)
def random_state(seed=None):
    """`numpy.random.RandomState`: a Mersenne Twister, seeded by nothing, an integer or several."""
    if kinds.is_none(seed):
        return lambda seed=None: raw.random_state_new(None)
    if kinds.is_integer(seed):

        def of_integer(seed=None):
            if seed < 0 or seed > 4294967295:
                raise ValueError("Seed must be between 0 and 2**32 - 1")
            return raw.random_state_new(np.int64(seed))

        return of_integer
    if kinds.is_array(seed, 1) and kinds.is_integer(seed.dtype):
        return lambda seed=None: raw.random_state_new(_seed_words(seed))
    raise TypingError(
        f"np.random.RandomState: the seed must be an integer, an array of integers or None, not {seed}"
    )


@interpreted("none", "numpy.random.RandomState.seed")
def _seed_object(state, seed):
    state.seed(seed)


@interpreted("none", "numpy.random.RandomState.set_state")
def _set_object(state, words):
    state.set_state(words)


@interpreted(
    "Tuple((unicode_type, uint32[::1], int64, int64, float64))", "numpy.random.RandomState.get_state"
)
def _state_of_object(state):
    return state.get_state()


@overload_method(_STATE, "seed")
def state_seed(self, seed=None):
    """`numpy.random.RandomState.seed`, done by the object."""
    return lambda self, seed=None: _seed_object(self, seed)


@overload_method(_STATE, "set_state")
def set_state(self, state):
    """`numpy.random.RandomState.set_state`, done by the object."""
    return lambda self, state: _set_object(self, state)


@overload_method(_STATE, "get_state")
def get_state(self):
    """`numpy.random.RandomState.get_state` of a Mersenne Twister as a tuple, asked of the object."""
    return lambda self: _state_of_object(self)
