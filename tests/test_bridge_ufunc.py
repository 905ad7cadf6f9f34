"""NumPy-ABI ufuncs in compiled code: their own inner loops, called without the GIL (rung 3)."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from naja import njit, prange
from naja.errors import TypingError

um = np.linalg._umath_linalg
special = pytest.importorskip("scipy.special")


def assert_same(got, want):
    if isinstance(want, tuple):
        assert len(got) == len(want)
        for g, w in zip(got, want, strict=True):
            assert_same(g, w)
        return
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape
    assert np.array_equal(got, want, equal_nan=want.dtype.kind in "fc")


@pytest.mark.core
def test_scalars_and_arrays():
    @njit
    def f(x):
        return special.erf(x)

    grid = np.linspace(-3, 3, 12).reshape(3, 4)
    for x in (
        0.5,
        3,
        np.nan,
        -np.inf,
        grid,
        grid.T,
        grid[::2, ::-1],
        np.arange(4),
        grid[:0],
        grid.astype("f4"),
    ):
        assert_same(f(x), special.erf(x))
    assert f(grid.astype("f4")).dtype == np.float32
    assert f(np.arange(3, dtype="i1")).dtype == special.erf(np.arange(3, dtype="i1")).dtype


@pytest.mark.parametrize(
    "name", ["jv", "beta", "gammainc", "xlogy", "binom", "hyp2f1", "betainc", "airy", "sici"]
)
def test_functions_of_special(name):
    ufunc = getattr(special, name)
    values = [np.linspace(0.1, 0.9, 5), np.linspace(0.2, 0.8, 3)[:, None], 0.25, np.full(5, 0.75)][
        : ufunc.nin
    ]
    if ufunc.nin == 1:

        @njit
        def f(a):
            return ufunc(a)
    elif ufunc.nin == 2:

        @njit
        def f(a, b):
            return ufunc(a, b)
    elif ufunc.nin == 3:

        @njit
        def f(a, b, c):
            return ufunc(a, b, c)
    else:

        @njit
        def f(a, b, c, d):
            return ufunc(a, b, c, d)

    assert_same(f(*values), ufunc(*values))


@pytest.mark.core
def test_broadcasting():
    @njit
    def f(a, b):
        return special.xlogy(a, b)

    rng = np.random.default_rng(1)
    for x, y in [((3, 1, 4), (2, 1)), ((5,), (3, 5)), ((1, 1), (2, 3)), ((0, 3), (1, 3)), ((2, 3, 4), (4,))]:
        a, b = rng.random(x), rng.random(y)
        assert_same(f(a, b), special.xlogy(a, b))
        assert_same(f(np.asfortranarray(a), b), special.xlogy(a, b))
    with pytest.raises(ValueError) as got:
        f(np.ones(3), np.ones(4))
    with pytest.raises(ValueError) as want:
        special.xlogy(np.ones(3), np.ones(4))
    assert str(got.value) == str(want.value)


def test_out():
    @njit
    def by_name(a, out):
        return special.erf(a, out=out)

    @njit
    def by_place(a, out):
        special.erf(a, out)

    a, out = np.linspace(0, 1, 7), np.zeros(7)
    assert by_name(a, out) is out
    assert_same(out, special.erf(a))
    out[:] = 0
    by_place(a, out)
    assert_same(out, special.erf(a))
    by_name(a[:-1], a[1:])  # overlapping: as if the input had been copied
    assert_same(a[1:], special.erf(np.linspace(0, 1, 7)[:-1]))
    with pytest.raises(TypingError, match="read-only"):
        frozen = np.zeros(7)
        frozen.flags.writeable = False
        by_name(a, frozen)


@pytest.mark.core
def test_core_dimensions():
    @njit
    def solve(a, b):
        return um.solve(a, b)

    rng = np.random.default_rng(2)
    a, b = rng.random((4, 3, 3)), rng.random((3, 2))
    assert_same(solve(a, b), um.solve(a, b))
    assert_same(solve(a[:, ::-1], b[::-1]), um.solve(a[:, ::-1], b[::-1]))
    for x, y in [(a, np.ones((4, 2))), (a[:, :2], b)]:
        with pytest.raises(ValueError) as got:
            solve(x, y)
        with pytest.raises(ValueError) as want:
            um.solve(x, y)
        assert str(got.value) == str(want.value)
    with pytest.raises(TypingError, match="does not have enough dimensions"):
        solve(a, 1.0)


def test_several_outputs():
    @njit
    def eig(a):
        values, vectors = um.eig(a)
        return values, vectors

    a = np.random.default_rng(3).random((2, 4, 4))
    assert_same(eig(a), um.eig(a))


def test_in_parallel_and_without_gil():
    @njit(parallel=True, nogil=True)
    def f(x):
        r = np.empty_like(x)
        for i in prange(len(x)):
            r[i] = special.gamma(x[i])
        return r

    x = np.linspace(0.1, 5, 1000)
    assert_same(f(x), special.gamma(x))


def test_ufunc_of_python_functions_is_refused():
    ufunc = np.frompyfunc(abs, 1, 1)

    @njit
    def f(x):
        return ufunc(x)

    with pytest.raises(TypingError, match="works on object for"):
        f(1.0)


def test_too_few_arguments():
    @njit
    def f(x):
        return special.jv(x)

    with pytest.raises(TypingError, match=r"jv\(\) takes 2 arguments, but 1 were given"):
        f(1.0)


def test_cached_code_finds_the_loop_again(tmp_path):
    program = textwrap.dedent("""
        import numpy as np, scipy.special as special
        from naja import njit, _core

        @njit
        def f(x):
            return special.erf(x)

        print(f(np.linspace(0, 1, 3)).tolist() == special.erf(np.linspace(0, 1, 3)).tolist())
        print(_core.compiler_is_loaded())
    """)
    path = tmp_path / "program.py"
    path.write_text(program)
    import os

    environment = {**os.environ, "NAJA_CACHE_DIR": str(tmp_path / "cache")}
    for loaded in ("True", "False"):
        output = subprocess.run(
            [sys.executable, str(path)], capture_output=True, text=True, env=environment, check=True
        ).stdout
        assert output.split() == ["True", loaded]
