"""Helpers of the differential tests: the same function interpreted and compiled must give the same answer."""

import cmath
import contextlib
import gc
import math
import struct

import numpy as np
from arrays import clone

import naja
from naja import _core

# Words that later versions of CPython changed; compiled code has those of 3.12.
WORDS = {
    "float modulo by zero": "float modulo",
    "max() arg is an empty sequence": "max() iterable argument is empty",
    "min() arg is an empty sequence": "min() iterable argument is empty",
}


class Difference(AssertionError):
    """Interpreted and compiled code did not do the same; `kind` says how they differ, whatever the values."""

    def __init__(self, kind, text):
        super().__init__(f"{kind}\n{text}")
        self.kind = kind


def kind_of(want, got):
    """How two outcomes differ, in a few words."""
    names = ["value" if one[0] == "value" else one[1].__name__ for one in (want, got)]
    if names[0] == names[1]:
        return f"another {'value' if want[0] == 'value' else 'text of ' + names[0]}"
    return f"{names[0]} became {names[1]}"


def outcome(function, *args):
    """What a call gives: ("value", result) or ("raises", class, text)."""
    try:
        return ("value", function(*args))
    except Exception as error:
        return ("raises", type(error), WORDS.get(str(error), str(error)))


def wrap(n, bits=64, signed=True):
    """A Python int as the machine integer that has its low bits."""
    n &= (1 << bits) - 1
    return n - (1 << bits) if signed and n >> (bits - 1) else n


def bits_of(x):
    return struct.pack("d", x)


def same_float(x, y, ulps=0):
    """Equal to the bit (any nan is a nan), or within so many units of the last place."""
    x, y = float(x), float(y)
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    if bits_of(x) == bits_of(y):
        return True
    return (
        bool(ulps)
        and math.isfinite(x)
        and math.isfinite(y)
        and abs(x - y) <= ulps * max(math.ulp(x), math.ulp(y))
    )


def same(x, y, ulps=0):
    """The same value: type, sign of zero and nan included."""
    if isinstance(x, tuple) or isinstance(y, tuple):
        return type(x) is type(y) and len(x) == len(y) and all(same(a, b, ulps) for a, b in zip(x, y))
    if isinstance(x, complex) or isinstance(y, complex):
        return (
            isinstance(x, complex)
            and isinstance(y, complex)
            and same_float(x.real, y.real, ulps)
            and same_float(x.imag, y.imag, ulps)
        )
    if isinstance(x, float) or isinstance(y, float):
        return isinstance(x, float) and isinstance(y, float) and same_float(x, y, ulps)
    return type(x) is type(y) and x == y


def close_complex(x, y, relative=1e-13):
    """Equal up to rounding of the parts together; infinities and nans must agree."""
    if any(map(cmath.isnan, (x, y))) or any(map(cmath.isinf, (x, y))):
        return same_float(x.real, y.real) and same_float(x.imag, y.imag)
    return abs(x - y) <= relative * max(abs(x), abs(y), 1e-300)


def assert_same(function, compiled, *args, ulps=0, expected=None):
    """The compiled function does on these arguments what the interpreted one does."""
    want = expected if expected is not None else outcome(function, *args)
    got = outcome(compiled, *args)
    if want[0] == "raises":
        assert got == want, (args, got, want)
    else:
        assert got[0] == "value" and same(got[1], want[1], ulps), (args, got, want)


def same_arrays(x, y):
    """The same arrays, numbers or tuples and lists of them: dtype, shape and (nearly) the values."""
    if isinstance(x, (tuple, list)):
        return isinstance(y, type(x)) and len(x) == len(y) and all(map(same_arrays, x, y))
    is_array = isinstance(x, np.ndarray) and isinstance(
        y, np.ndarray
    )  # scalars of compiled code are Python's
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape or (x.dtype != y.dtype if is_array else x.dtype.kind != y.dtype.kind):
        return False
    if x.dtype.kind not in "fc":
        return np.array_equal(x, y)
    digits = 1e-3 if x.dtype.char == "e" else 2e-6 if x.dtype.char in "fF" else 1e-12
    return np.allclose(x, y, rtol=digits, atol=digits, equal_nan=True)


@contextlib.contextmanager
def no_block_left():
    """What the body makes is gone at its end.  Rubbish of other tests, which has blocks, too, is not collected in between."""
    gc.disable()
    try:
        blocks = _core.block_count()
        yield
        assert _core.block_count() == blocks
    finally:
        gc.enable()


def check_arrays(function, *args):
    """Compiled, a function must give and do to its arguments what it does interpreted, without the interpreter's help,
    and no block of memory may stay behind."""
    mine, theirs = clone(args), clone(args)
    want = function(*mine)
    compiled = naja.njit(bridge="error")(function)
    with no_block_left():
        got = compiled(*theirs)
        assert same_arrays(want, got), (want, got)
        assert same_arrays(mine, theirs)
        del got
