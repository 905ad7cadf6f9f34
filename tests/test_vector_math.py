"""Vector mathematics: the bits of libm at any place of any loop, or with fastmath those of libmvec."""

import ctypes
import ctypes.util
import math
import platform
import re

import numpy as np
import pytest

from naja import _core, njit, types

pytestmark = pytest.mark.core


def exp_loop(a, out):
    for i in range(a.shape[0]):
        out[i] = math.exp(a[i]) + math.sin(a[i])


def pow_loop(a, out):
    for i in range(a.shape[0]):
        out[i] = a[i] ** 1.7


@pytest.mark.parametrize("function", [exp_loop, pow_loop])
@pytest.mark.parametrize("n", [0, 1, 3, 17, 1000])
def test_close_to_libm(function, n):
    a, out, want = np.linspace(0.1, 5.0, n), np.zeros(n), np.zeros(n)
    njit(fastmath=True)(function)(a, out)
    function(a, want)
    np.testing.assert_allclose(out, want, rtol=1e-14)


def test_only_fastmath_calls_libmvec(capfd, monkeypatch):
    monkeypatch.setenv("NAJA_DUMP", "llvm")
    a, out = np.linspace(0.1, 5.0, 100), np.zeros(100)
    njit(cache=False)(exp_loop)(a, out)
    assert not re.search("_ZGV[bde]", capfd.readouterr().err)
    want = [math.exp(x) + math.sin(x) for x in a]
    assert out.tolist() == want
    njit(cache=False, fastmath=True)(exp_loop)(a, out)
    text = capfd.readouterr().err
    if not re.search("_ZGV[bde]", text):
        pytest.skip("this system has no vector mathematics library")
    assert "4v_exp(<4 x double>" in text or "2v_exp(<2 x double>" in text or "8v_exp(<8 x double>" in text


# ---- kernels -----------------------------------------------------------------------------------------------------------

# name: an interval that is worth a closer look, beside all numbers there are.
ONE = {"exp": (-5, 5), "exp2": (-5, 5), "log": (0.4, 2.5), "log2": (0.4, 2.5), "sin": (-9, 9), "cos": (-9, 9)}
TWO = {"power": ((0, 3), (-9, 9))}
# Those whose values are not libm's, but nearer.
OWN = {"expm1": (-2, 2), "log1p": (-0.9, 3), "log10": (0.4, 2.5), "sinh": (-4, 4), "cosh": (-4, 4), "tanh": (-4, 4),
       "arctan": (-4, 4), "arcsin": (-1.1, 1.1), "arccos": (-1.1, 1.1), "tan": (-9, 9), "cbrt": (-9, 9)}  # fmt: skip
OWN_OF_TWO = {"arctan2": ((-4, 4), (-4, 4))}
LIBM = {"power": "pow", "arctan": "atan", "arctan2": "atan2", "arcsin": "asin", "arccos": "acos"}
SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1e-45, 1e-310, 2.0**-126, 2.0**-1022, 88.0,
           88.8, -103.9, -104.0, 512.0, 709.7, 709.8, -745.1, -745.2, 119.9, 120.0, 1e5, 105414349.0, 105414351.0, 1e22,
           3.4e38, 1.7e308, np.pi, np.pi / 2, np.pi / 4, 0.126, 0.855469, 2.426265, 0.9375, 1.0645]  # fmt: skip


def features():
    try:
        with open("/proc/cpuinfo") as file:
            return set(re.search("^flags.*", file.read(), re.M).group().split())
    except (OSError, AttributeError):
        return set()


NEEDS = {
    "x86-64-v3": {"avx2", "fma"},
    "x86-64-v4": {"avx2", "fma", "avx512f", "avx512dq", "avx512vl"},
}
on_avx2 = pytest.mark.skipif(
    platform.machine() != "x86_64" or not NEEDS["x86-64-v3"] <= features(), reason="no AVX2"
)


def numbers(dtype, interval, seed):
    """Of the interval, of all patterns of bits, and the special ones, in no order; an odd number of them."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 256, 4000 * dtype().itemsize, np.uint8).view(dtype)
    with np.errstate(over="ignore"):
        special = np.array(SPECIAL + [np.nextafter(x, 0) for x in SPECIAL]).astype(dtype)
    return rng.permutation(np.concatenate([rng.uniform(*interval, 4001).astype(dtype), bits, special]))


def inputs(name, dtype):
    intervals = {**TWO, **OWN_OF_TWO}.get(name) or ({**ONE, **OWN}[name],)
    return [numbers(dtype, interval, seed) for seed, interval in enumerate(intervals)]


def mapped(name):
    """The ufunc over whole arrays, as a function to compile."""
    space, args = {"np": np}, "x, y" if name in TWO or name in OWN_OF_TWO else "x"
    exec(f"def whole({args}):\n    return np.{name}({args})\n", space)
    return space["whole"]


def same_bits(x, y):
    """Nothing but the bits of nan may differ."""
    return np.array_equal(x, y, equal_nan=True) and np.array_equal(
        np.signbit(x)[~np.isnan(x)], np.signbit(y)[~np.isnan(y)]
    )


def libm(name, arrays):
    """What the C library gives for each number."""
    single = arrays[0].dtype == np.float32
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    f = getattr(library, LIBM.get(name, name) + "f" * single)
    f.restype = ctypes.c_float if single else ctypes.c_double
    f.argtypes = [f.restype] * len(arrays)
    return np.array([f(*x) for x in zip(*(a.tolist() for a in arrays))], arrays[0].dtype)


@on_avx2
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_kernels_give_libm_bits(name, dtype):
    arrays = inputs(name, dtype)
    got, want = njit(mapped(name))(*arrays), libm(name, arrays)
    if name in ("exp2", "log2") and dtype is np.float64 and not same_bits(got, want):
        # The glibc before 2.39 does not fuse the products of these two.
        with np.errstate(invalid="ignore"):
            np.testing.assert_array_max_ulp(got, want, 1)
        return
    assert same_bits(got, want)


def long_double(name, arrays):
    """What the C library gives with 64 bits of precision."""
    return getattr(np, name)(*(a.astype(np.longdouble) for a in arrays))


@on_avx2
@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="long double is double")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", [*OWN, *OWN_OF_TWO])
def test_kernels_are_nearer_than_one_unit(name, dtype):
    arrays = inputs(name, dtype)
    got = njit(mapped(name))(*arrays)
    with np.errstate(all="ignore"):
        want = long_double(name, arrays)
        nearest = want.astype(dtype)
        assert np.array_equal(np.isnan(got), np.isnan(nearest))
        finite = np.isfinite(nearest)
        assert np.array_equal(got[~finite], nearest[~finite], equal_nan=True)
        assert np.array_equal(np.signbit(got[finite]), np.signbit(nearest[finite]))
        unit = np.spacing(np.abs(nearest[finite])).astype(np.longdouble)
        off = np.abs(got[finite].astype(np.longdouble) - want[finite]) / unit
    assert off.max() < 0.85, (off.max(), [a[finite][off.argmax()] for a in arrays])


@on_avx2
@pytest.mark.parametrize("cpu", NEEDS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", [*ONE, *TWO, *OWN, *OWN_OF_TWO])
def test_value_does_not_depend_on_its_place(name, dtype, cpu):
    if not NEEDS[cpu] <= features():
        pytest.skip(f"this processor is no {cpu}")
    arrays = inputs(name, dtype)
    whole = _core.Dispatcher(mapped(name), {"target": cpu}, {})
    want = np.concatenate([whole(*(a[i : i + 1] for a in arrays)) for i in range(len(arrays[0]))])
    for first in (0, 1, 3):
        for last in (8, 9, 23, len(want)):
            assert same_bits(whole(*(a[first:last] for a in arrays)), want[first:last])


@on_avx2
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", [*ONE, *TWO, *OWN, *OWN_OF_TWO])
def test_loops_call_kernels(name, dtype):
    whole = mapped(name)
    array = types.Array(types.float32 if dtype is np.float32 else types.float64, 1, "C")
    signature = (array,) * len(inputs(name, dtype))
    called = LIBM.get(name, name) + "f" * (dtype is np.float32)
    of_256_bits = 8 if dtype is np.float32 else 4
    for cpu, variant in (("x86-64-v3", f"d{of_256_bits}"), ("x86-64-v4", f"e{2 * of_256_bits}")):
        text = _core.Dispatcher(whole, {"target": cpu}, {})._inspect(signature).assembly
        assert f"vecmath_{called}_{variant}" in text
    assert "vecmath" not in _core.Dispatcher(whole, {"target": "generic"}, {})._inspect(signature).assembly
