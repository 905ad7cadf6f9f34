"""numpy.fft in compiled code: the same bits as NumPy, over its own loops, without the interpreter."""

import numpy as np
import pytest
from arrays import check, layouts, same_array, values

from naja import njit, prange
from naja.errors import TypingError

ONE_AXIS = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]
SEVERAL = ["fftn", "ifftn", "rfftn", "irfftn", "fft2", "ifft2", "rfft2", "irfft2"]
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
REAL_ONLY = {"rfft", "ihfft", "rfftn", "rfft2"}
DTYPES = [np.float64, np.complex128, np.float32, np.complex64, np.float16, np.int64, np.int8, np.bool_]


def made(name, arguments, parameters="a"):
    """Compile ``lambda a: np.fft.name(a, arguments)``."""
    function = eval(
        f"lambda {parameters}: np.fft.{name}(a{', ' if arguments else ''}{arguments})", {"np": np}
    )
    return function, njit(bridge="error")(function)


def inputs(name, ndim, dtypes=DTYPES):
    """Arrays of these dtypes, C-contiguous ones and others in turn: each pair of dtype and layout is compiled once."""
    for k, dtype in enumerate(dtypes):
        if np.dtype(dtype).kind == "c" and name in REAL_ONLY:
            continue
        for extents in [(8, 6, 5), (1, 7, 2), (9, 4, 3)]:
            found = [a for _, a in layouts(values(extents[-ndim:], dtype))]
            yield found[0]
            if k % 3 == 0:
                yield from found[1:3]


@pytest.mark.core
@pytest.mark.parametrize("name", ONE_AXIS)
def test_one_axis(name):
    function, compiled = made(name, "")
    for ndim in (1, 2):
        for a in inputs(name, ndim):
            if a.shape[-1] > 1:  # irfft of one point has none
                check(function, a, compiled=compiled)


@pytest.mark.parametrize("norm", [None, "backward", "ortho", "forward"])
@pytest.mark.parametrize("name", ONE_AXIS)
def test_norm_axis_and_count(name, norm):
    for axis, n in [(0, 4), (1, 12), (-2, 7), (-1, 1)]:
        function, compiled = made(name, f"n={n}, axis={axis}, norm={norm!r}")
        for a in inputs(name, 2, [np.float32, np.complex64, np.float16][: 2 if n == 4 else 1]):
            check(function, a, compiled=compiled)


@pytest.mark.core
def test_values_known_when_it_runs_only():
    function, compiled = made("fft", "n, axis", "a, n, axis")
    a = values((3, 4, 5), np.complex128)
    for n in (1, 4, 9):
        for axis in (-3, -1, 0, 1):
            check(function, a, n, axis, compiled=compiled)
    with pytest.raises(np.exceptions.AxisError, match="axis 3 is out of bounds for array of dimension 3"):
        compiled(a, 4, 3)


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize(
    "arguments",
    ["", "axes=(0, -1)", "(4, 5), (1, 0)", "(-1, 7), (0, 1), 'ortho'", "axes=(1,), norm='forward'"],
)
def test_several_axes(name, arguments):
    function, compiled = made(name, arguments)
    for ndim in (2, 3):
        for a in inputs(name, ndim, [np.complex64, np.float64][2 - ndim :]):
            check(function, a, compiled=compiled)


def test_axes_known_when_it_runs_only():
    function, compiled = made("fftn", "s, axes", "a, s, axes")
    a = values((3, 4, 5), np.float64)
    check(function, a, (2, 6), (0, 2), compiled=compiled)
    check(function, a, (-1, 2), (-1, 1), compiled=compiled)
    check(function, a, (2, 6), (1, 1), compiled=compiled)


@pytest.mark.core
def test_out():
    function, compiled = made("fft", "out=out", "a, out")
    a = values((4, 6), np.float64)
    for out in (np.zeros((4, 6), complex), np.zeros((6, 4), complex).T, np.zeros((4, 6), "F")):
        want, got = out.copy(), out.copy()
        function(a, want)
        assert compiled(a, got) is got
        assert same_array(got, want)
    in_place = a.astype(complex)
    compiled(in_place, in_place)
    assert same_array(in_place, np.fft.fft(a))
    for wrong in (np.zeros((4, 5), complex), np.zeros(6, complex)):
        with pytest.raises(ValueError, match="output array has wrong shape"):
            compiled(a, wrong)
    with pytest.raises(TypingError, match="Cannot cast ufunc output"):
        compiled(a, np.zeros((4, 6)))


@pytest.mark.core
def test_errors():
    _, compiled = made("fft", "n", "a, n")
    with pytest.raises(ValueError, match=r"Invalid number of FFT data points \(0\) specified"):
        compiled(np.ones(4), 0)
    with pytest.raises(ValueError, match=r"Invalid number of FFT data points \(0\) specified"):
        made("fft", "")[1](np.ones(0))
    with pytest.raises(ValueError, match='Invalid norm value big; should be "backward"'):
        made("fft", "norm='big'")[1](np.ones(4))
    with pytest.raises(ValueError, match="Shape and axes have different lengths"):
        made("fftn", "(2, 3), (0,)")[1](np.ones((4, 4)))
    with pytest.raises(TypingError, match="n must be an integer or None"):
        compiled(np.ones(4), 2.0)
    with pytest.raises(TypingError, match="np.fft.rfft"):
        made("rfft", "")[1](np.ones(4, complex))


@pytest.mark.parametrize("name", ["fftfreq", "rfftfreq"])
def test_frequencies(name):
    function = eval(f"lambda n, d: np.fft.{name}(n, d)", {"np": np})
    short = eval(f"lambda n: np.fft.{name}(n)", {"np": np})
    compiled, compiled_short = njit(bridge="error")(function), njit(bridge="error")(short)
    for n in (1, 2, 3, 8, 9):
        check(short, n, compiled=compiled_short)
        for d in (0.1, 2, -3.0):
            check(function, n, d, compiled=compiled)


@pytest.mark.parametrize("name", ["fftshift", "ifftshift"])
@pytest.mark.parametrize("arguments", ["", "0", "axes=-1", "axes=(0, -1)"])
def test_shifts(name, arguments):
    function, compiled = made(name, arguments)
    for shape in [(1,), (5,), (4, 3), (3, 4, 5), (0, 3)]:
        for dtype in (np.float64, np.int16, np.complex64):
            for _, a in layouts(values(shape, dtype)):
                check(function, a, compiled=compiled)


def test_sequences():
    function, compiled = made("fft", "", "a")
    check(function, (1.0, 2, 4), compiled=compiled)

    @njit(bridge="error")
    def of_list():
        return np.fft.rfft([1.0, 2.0, 5.0])

    assert same_array(of_list(), np.fft.rfft([1.0, 2.0, 5.0]))


def test_in_parallel_and_without_gil():
    @njit(parallel=True, nogil=True, bridge="error")
    def f(a):
        out = np.empty(a.shape, np.complex128)
        for i in prange(len(a)):
            out[i] = np.fft.fft(a[i])
        return out

    a = values((20, 33), np.float64)
    assert same_array(f(a), np.fft.fft(a))


def test_it_is_a_ufunc_loop():
    _, compiled = made("fft", "")
    compiled(np.ones(4))
    (site,) = (s for s in compiled.inspect_calls(compiled.signatures[0]) if s.name == "numpy.fft.fft")
    assert site.rung == 3
