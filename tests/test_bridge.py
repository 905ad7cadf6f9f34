"""Rung 4: library functions that compiled code calls through the interpreter."""

import gc
import subprocess
import sys
import textwrap
import threading
import warnings

import numpy as np
import pytest
from numpy.polynomial.chebyshev import chebval

from naja import _core, errors, njit, prange
from naja.interpreter import result_type

A = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.25], [0.5, 0.25, 5.0]])
V = np.array([3.0, 1.0, 2.0, 5.0])

quiet = njit(bridge="allow")


def plain(x):
    return x


def same(got, expected):
    if isinstance(expected, tuple):
        assert len(got) == len(expected)
        for x, y in zip(got, expected, strict=True):
            same(x, y)
        return
    assert np.array_equal(got, expected)
    assert np.asarray(got).dtype == np.asarray(expected).dtype


# ---- results ---------------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_scalars_arrays_and_keywords():
    @quiet
    def f(a):
        return np.interp(2.5, a, a * 2, left=-1.0), np.corrcoef(a, a * a), np.gradient(a)

    same(f(V), f.py_func(V))


@pytest.mark.core
def test_namedtuples_and_their_fields():
    @quiet
    def f(m):
        w, v = np.linalg.eigh(m)
        both = np.linalg.slogdet(m)
        return w, v, both[1]

    same(f(A), f.py_func(A))


@pytest.mark.core
def test_layouts_and_views():
    @quiet
    def f(m):
        return np.kron(m[::2, 1:], m.T)

    for m in (A, np.asfortranarray(A), A[::-1, ::2]):
        same(f(m), f.py_func(m))


def test_methods():
    @quiet
    def f(a):
        return a.searchsorted(2.0, side="left")

    a = np.sort(V)
    same(f(a), f.py_func(a))


@pytest.mark.core
def test_argument_comes_back_itself_and_is_written_in_place():
    @quiet
    def f(a, index):
        np.put_along_axis(a, index, 7.0, 0)
        return a

    a = V.copy()
    assert f(a, np.array([1])) is a
    assert a[1] == 7.0


def test_a_view_of_an_argument_is_written_in_place():
    @quiet
    def f(m):
        np.put_along_axis(m[1], np.array([0]), 9.0, 0)

    m = A.copy()
    f(m)
    assert m[1, 0] == 9.0


@pytest.mark.core
def test_compiled_functions_as_arguments():
    scipy_integrate = pytest.importorskip("scipy.integrate")

    @njit
    def square(x):
        return x * x

    @quiet
    def f():
        return scipy_integrate.quad(square, 0.0, 3.0)

    assert f()[0] == pytest.approx(9.0)


@pytest.mark.core
def test_nothing_leaks():
    @quiet
    def f(m, n):
        total = 0.0
        for i in range(n):
            w, v = np.linalg.eigh(m + i)
            total += w[0] + np.kron(v, m)[0, 0]
        return total, np.kron(m, m)

    f(A, 1)
    gc.collect()
    before = _core.block_count()
    same(f(A, 10), f.py_func(A, 10))
    gc.collect()
    assert _core.block_count() == before
    count = sys.getrefcount(A)
    f(A, 10)
    assert sys.getrefcount(A) == count


# ---- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_exceptions_reach_the_caller():
    @quiet
    def f(m):
        return np.linalg.cholesky(m, upper=True)

    with pytest.raises(np.linalg.LinAlgError, match="not positive definite") as info:
        f(-A)
    assert "f" in [frame.name for frame in info.traceback]


@pytest.mark.core
def test_a_result_of_another_type_is_refused():
    @quiet
    def f(a):
        return np.emath.sqrt(a)

    same(f(V), np.sqrt(V))
    with pytest.raises(
        TypeError, match=r"sqrt gave a value of type array\(complex128, 1d, C\) where .*float64"
    ):
        f(-V)


@pytest.mark.core
def test_plain_python_functions_say_what_to_do():
    @njit
    def f(x):
        return plain(x)

    with pytest.raises(
        errors.TypingError, match=r"plain\(\) is a plain Python function[\s\S]*decorate.*@njit"
    ):
        f(1)


@pytest.mark.core
def test_a_wrong_call_says_what_the_trial_said():
    @njit
    def f(a):
        return chebval(a)

    with pytest.raises(
        errors.TypingError, match=r"No implementation of function chebval.*trial call of it raised TypeError"
    ):
        f(V)


def test_standard_library_is_not_tried():
    import os

    @njit
    def f():
        return os.getcwd()

    with pytest.raises(errors.TypingError):
        f()
    assert result_type(np.save, plain, (), ()) is None
    assert result_type(plain, plain, (), ()) is None


# ---- options and warnings --------------------------------------------------------------------------------------------


@pytest.mark.core
def test_one_warning_names_function_and_line():
    @njit(cache=False)
    def f(a):
        return chebval(1.5, a)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        f(V)
        f(V.astype(np.float32))
    seen = [w for w in seen if issubclass(w.category, errors.NajaPerformanceWarning)]
    assert len(seen) == 1
    line = f.py_func.__code__.co_firstlineno + 2
    assert seen[0].lineno == line
    assert "chebval()" in str(seen[0].message) and f"line {line}" in str(seen[0].message)


@pytest.mark.core
def test_error_refuses():
    @njit(bridge="error")
    def f(a):
        return chebval(1.5, a)

    with pytest.raises(errors.TypingError, match="only be called through the interpreter"):
        f(V)
    with pytest.raises(ValueError, match="none of 'warn', 'allow' and 'error'"):
        njit(bridge="maybe")(plain)


def sum_in_parallel(m, n):
    total = 0.0
    for i in prange(n):
        total += chebval(i, m[0])
    return total


@pytest.mark.core
def test_refused_in_parallel_loops():
    with (
        pytest.warns(errors.NajaPerformanceWarning),
        pytest.raises(errors.UnsupportedError, match=r'prange[\s\S]*bridge="allow"'),
    ):
        njit(sum_in_parallel, parallel=True, cache=False)(A, 3)


@pytest.mark.core
def test_allowed_in_parallel_loops():
    f = njit(sum_in_parallel, parallel=True, bridge="allow")
    m = np.sort(A)
    assert f(m, 200) == pytest.approx(sum_in_parallel(m, 200))


def test_exceptions_of_workers():
    @njit(parallel=True, bridge="allow")
    def f(m, n):
        out = np.zeros(n)
        for i in prange(n):
            out[i] = np.linalg.cholesky(m - i, upper=True)[0, 0]
        return out

    for _ in range(20):
        with pytest.raises(np.linalg.LinAlgError):
            f(A, 64)


def test_without_the_gil_and_from_threads():
    @njit(nogil=True, bridge="allow")
    def f(m, n):
        total = 0.0
        for i in range(n):
            total += np.kron(m, m)[0, 0]
        return total

    f(A, 1)
    results = []
    threads = [threading.Thread(target=lambda: results.append(f(A, 200))) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [16.0 * 200] * 4


@pytest.mark.core
def test_cached(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import numpy as np
            from numpy.polynomial.chebyshev import chebval
            from naja import njit, _core

            @njit(bridge="allow")
            def f(a):
                return chebval(1.5, a)

            print(f(np.arange(4.0)), _core.compiler_is_loaded())
            """
        )
    )
    import os

    import naja

    root = os.path.dirname(os.path.dirname(naja.__file__))
    environment = {
        **os.environ,
        "NAJA_CACHE_DIR": str(tmp_path / "cache"),
        "PYTHONPATH": root,
        "NAJA_CACHE": "1",
    }
    outputs = [
        subprocess.run(
            [sys.executable, str(script)], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert outputs == ["35.5 True\n", "35.5 False\n"]


@pytest.mark.parametrize(
    "value", [np.int8(3), np.uint64(2**63), np.float32(0.1), np.float16(0.5), np.complex64(1 + 2j)]
)
def test_numbers_keep_their_width(value):
    getdata = np.ma.getdata  # gives an array without axes, of the number's own type

    @quiet
    def f(x):
        return getdata(x)

    got = f(value)
    assert got.dtype == value.dtype and got == value
