"""The methods of numpy.random.Generator, drawing from the object's own bit generator.

Python and compiled code share the stream, and every number is drawn by NumPy's own function for it.  The lock of the bit
generator is not taken: in a function compiled with nogil, or in a parallel loop, each thread needs a Generator of its own.
"""

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.interpreter import interpreted
from naja.library import distributions, kinds
from naja.library import low as raw
from naja.library.distributions import check_number, check_size
from naja.library.dtypes import named_dtype
from naja.library.random_numpy import bounds, integer_type, integers_of_arrays

_RNG = types.NumPyRandomGeneratorType

for _row in distributions.TABLE + distributions.MODERN:
    _factory = distributions.factory(
        _row, _row.name, f"Generator.{_row.name}", __name__, "self", "source = raw.random_of(self)"
    )
    overload_method(_RNG, _row.name)(_factory)


# ---- new ones ----------------------------------------------------------------------------------------------------------------


def _put_words(seed, words, n):
    """Write a seed's 32-bit words behind `n` others, without zeros at the end; return how many there are then."""
    if seed < 0:
        raise ValueError("expected non-negative integer")
    words[n] = seed & 0xFFFFFFFF
    words[n + 1] = (seed >> 32) & 0xFFFFFFFF
    return n + 1 + (words[n + 1] != 0)


@overload(np.random.default_rng)
def default_rng(seed=None):
    """`numpy.random.default_rng`: PCG64, seeded by nothing, an integer or several; a Generator is given back."""
    if kinds.is_none(seed):
        return lambda seed=None: raw.random_new(None)
    if isinstance(seed, _RNG):
        return lambda seed=None: seed
    if not isinstance(kinds.scalar_type(kinds.first_item(seed)), (types.Integer, types.Boolean)):
        raise TypingError(f"SeedSequence expects int or sequence of ints for entropy, not {seed}")
    if kinds.is_number(seed):

        def of_integer(seed=None):
            words = np.empty(2, np.uint32)
            return raw.random_new(words[: _put_words(seed, words, 0)])

        return of_integer

    def of_several(seed=None):
        seeds = np.ravel(np.asarray(seed))
        words, n = np.empty(2 * len(seeds), np.uint32), 0
        for i in range(len(seeds)):
            n = _put_words(seeds[i], words, n)
        return raw.random_new(words[:n])

    return of_several


# ---- with a choice of float32 ------------------------------------------------------------------------------------------------


def _class_of(dtype, what):
    """np.float64 or np.float32, as a dtype argument says."""
    if isinstance(dtype, types.Literal) and isinstance(dtype.literal_value, str):
        dtype = types.DType(types.from_dtype(named_dtype(dtype, what)))
    t = dtype.dtype if isinstance(dtype, types.DType) else dtype
    if t is np.float64 or t == types.float64 or t is float or getattr(t, "object", None) is float:
        return np.float64
    if t == types.float32:
        return np.float32
    raise TypingError(
        f"{what}: Argument dtype is not one of the expected type(s): float32 or float64, but {dtype}"
    )


def _filled(draws, single, dtype, size, out, what):
    """An implementation of a method with size, dtype and out; `draws` names the draw of each class."""
    class_ = _class_of(dtype, what)
    draw = draws + ("_f" if class_ is np.float32 else "")
    if not kinds.is_none(out):
        if not kinds.is_array(out) or out.dtype != types.as_type(class_):
            raise TypingError(
                f"{what}: Argument out is not one of the expected type(s): an array of dtype, but {out}"
            )
        has_size = not check_size(size, what)

        def fill(rng, size, out):
            if has_size and out.shape != np.empty(size, np.bool_).shape:
                raise ValueError("size must match out.shape when used together")
            raw.random_fill(raw.random_of(rng), draw, out)
            return out

        return fill
    if check_size(size, what):

        def one(rng, size, out):
            return raw.random_draw(raw.random_of(rng), draw)

        return one

    def many(rng, size, out):
        new = np.empty(size, class_)
        raw.random_fill(raw.random_of(rng), draw, new)
        return new

    return many


@overload_method(_RNG, "random", prefer_literal=True)
def random(self, size=None, dtype=np.float64, out=None):
    """`numpy.random.Generator.random`."""
    draw = _filled("uniform01", True, dtype, size, out, "Generator.random")

    def random(self, size=None, dtype=np.float64, out=None):
        return draw(self, size, out)

    return random


@overload_method(_RNG, "standard_normal", prefer_literal=True)
def standard_normal(self, size=None, dtype=np.float64, out=None):
    """`numpy.random.Generator.standard_normal`."""
    draw = _filled("standard_normal", True, dtype, size, out, "Generator.standard_normal")

    def standard_normal(self, size=None, dtype=np.float64, out=None):
        return draw(self, size, out)

    return standard_normal


@overload_method(_RNG, "standard_exponential", prefer_literal=True)
def standard_exponential(self, size=None, dtype=np.float64, method="zig", out=None):
    """`numpy.random.Generator.standard_exponential`."""
    name = kinds.value(method, "Generator.standard_exponential: method")
    draws = "standard_exponential" if name == "zig" else "standard_exponential_inv"
    draw = _filled(draws, True, dtype, size, out, "Generator.standard_exponential")

    def standard_exponential(self, size=None, dtype=np.float64, method="zig", out=None):
        return draw(self, size, out)

    return standard_exponential


@overload_method(_RNG, "standard_gamma", prefer_literal=True)
def standard_gamma(self, shape, size=None, dtype=np.float64):
    """`numpy.random.Generator.standard_gamma`."""
    check_number(shape, "shape", "Generator.standard_gamma")
    class_ = _class_of(dtype, "Generator.standard_gamma")
    draw = "standard_gamma_f" if class_ is np.float32 else "standard_gamma"
    if check_size(size, "Generator.standard_gamma"):

        def standard_gamma(self, shape, size=None, dtype=np.float64):
            if np.signbit(np.float64(shape)) and shape == shape:
                raise ValueError("shape < 0")
            return raw.random_draw(raw.random_of(self), draw, shape)

        return standard_gamma

    def standard_gamma_array(self, shape, size=None, dtype=np.float64):
        if np.signbit(np.float64(shape)) and shape == shape:
            raise ValueError("shape < 0")
        out = np.empty(size, class_)
        raw.random_fill(raw.random_of(self), draw, out, shape)
        return out

    return standard_gamma_array


# ---- integers and order ------------------------------------------------------------------------------------------------------


@overload_method(_RNG, "integers", prefer_literal=True)
def integers(self, low, high=None, size=None, dtype=np.int64, endpoint=False):
    """`numpy.random.Generator.integers`: by Lemire's method."""
    what = "Generator.integers"
    if kinds.is_known(endpoint) or isinstance(endpoint, bool):
        class_ = integer_type(dtype, what)
        closed = bool(kinds.value(endpoint, what))
        of_arrays = integers_of_arrays(low, high, class_, False, closed, size, what)
        if of_arrays:
            return lambda self, low, high=None, size=None, dtype=np.int64, endpoint=False: of_arrays(
                raw.random_of(self), low, high, size
            )
    for t, name in ((low, "low"), (high, "high")):
        if not kinds.is_none(t) and not isinstance(kinds.plain(t), (types.Integer, types.Boolean)):
            raise TypingError(
                f"{what}: Argument {name} is not one of the expected type(s): an integer, but of type {t}"
            )
    class_ = integer_type(dtype, what)
    has_high = not kinds.is_none(high)
    if isinstance(endpoint, types.Type) and not isinstance(kinds.plain(endpoint), types.Boolean):
        raise TypingError(
            f"{what}: Argument endpoint is not one of the expected type(s): a bool, but of type {endpoint}"
        )
    if kinds.is_known(endpoint):
        find = bounds(class_, has_high, bool(kinds.value(endpoint, what)))

        def ends(low, high, endpoint):
            return find(low, high)

    else:
        open_, closed = bounds(class_, has_high, False), bounds(class_, has_high, True)

        def ends(low, high, endpoint):
            return closed(low, high) if endpoint else open_(low, high)

    if has_high:

        def range_of(low, high, endpoint):
            return ends(low, high, endpoint)

    else:

        def range_of(low, high, endpoint):
            return ends(0, low, endpoint)

    if check_size(size, what):

        def integers(self, low, high=None, size=None, dtype=np.int64, endpoint=False):
            first, width = range_of(low, high, endpoint)
            return class_(first + raw.random_integer(raw.random_of(self), False, width, class_))

        return integers

    def integers_array(self, low, high=None, size=None, dtype=np.int64, endpoint=False):
        first, width = range_of(low, high, endpoint)
        out = np.empty(size, class_)
        raw.random_integers(raw.random_of(self), False, first, width, out)
        return out

    return integers_array


def _swap_rows(x, i, j):
    row = x[i].copy()
    x[i] = x[j]
    x[j] = row


def _swap_items(x, i, j):
    item = x[i]
    x[i] = x[j]
    x[j] = item


def _orderer(x, what):
    """A function that shuffles the first axis of x with a Generator: Fisher and Yates, from the end."""
    if not (kinds.is_array(x) and x.ndim) and not isinstance(x, types.List):
        raise TypingError(
            f"{what}: Argument x is not one of the expected type(s): an array or a list, but of type {x}"
        )
    swap = _swap_rows if kinds.is_array(x) and x.ndim > 1 else _swap_items

    def order(rng, x):
        source = raw.random_of(rng)
        for i in range(len(x) - 1, 0, -1):
            j = raw.random_draw(source, "interval", i)
            if i != j:
                swap(x, i, j)

    return order


@overload_method(_RNG, "shuffle", prefer_literal=True)
def shuffle(self, x, axis=0):
    """`numpy.random.Generator.shuffle`."""
    axis_ = kinds.axis_of(axis, x.ndim, "Generator.shuffle") if kinds.is_array(x) else 0
    order = _orderer(x, "Generator.shuffle")
    if axis_ == 0:

        def shuffle(self, x, axis=0):
            order(self, x)

        return shuffle

    def shuffle_axis(self, x, axis=0):
        order(self, np.swapaxes(x, 0, axis_))

    return shuffle_axis


@overload_method(_RNG, "permutation", prefer_literal=True)
def permutation(self, x, axis=0):
    """`numpy.random.Generator.permutation`."""
    if kinds.is_sequence(x):
        return lambda self, x, axis=0: self.permutation(np.asarray(x), axis)
    if kinds.is_integer(x):
        order = _orderer(types.Array(types.int64, 1, "C"), "Generator.permutation")

        def permute_integer(self, x, axis=0):
            out = np.arange(x)
            order(self, out)
            return out

        return permute_integer
    if not kinds.is_array(x) or x.ndim == 0:
        raise TypingError(
            f"Generator.permutation: Argument x is not one of the expected type(s): an integer or array, but of type {x}"
        )
    axis_ = kinds.axis_of(axis, x.ndim, "Generator.permutation")
    order = _orderer(types.Array(types.int64, 1, "C"), "Generator.permutation")
    if x.ndim == 1:
        order = _orderer(x, "Generator.permutation")

        def permute(self, x, axis=0):
            out = x.copy()
            order(self, out)
            return out

        return permute

    def permute_rows(self, x, axis=0):
        index = np.arange(x.shape[axis_])
        order(self, index)
        return np.take(x, index, axis_)

    return permute_rows


@overload_method(_RNG, "bytes")
def random_bytes(self, length):
    """`numpy.random.Generator.bytes`: words of 32 bits, the lowest byte first."""
    if not kinds.is_integer(length):
        raise TypingError(
            f"Generator.bytes: Argument length is not one of the expected type(s): an integer, but {length}"
        )

    def random_bytes(self, length):
        n = (length + 3) // 4 if length > 0 else 1 - (1 - length) // 4  # C's division: one word for no bytes
        words = np.empty(n, np.uint32)
        raw.random_integers(raw.random_of(self), False, 0, 0xFFFFFFFF, words)
        return words.tobytes()[:length]

    return random_bytes


@interpreted(lambda rng, n: types.List(types.npy_rng), "numpy.random.Generator.spawn")
def _spawned(rng, n):
    return rng.spawn(n)


@overload_method(_RNG, "spawn")
def spawn(self, n_children):
    """`numpy.random.Generator.spawn`, done by the object."""
    return lambda self, n_children: _spawned(self, n_children)
