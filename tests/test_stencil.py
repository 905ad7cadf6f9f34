"""`stencil`: against loops written out, from Python and from compiled code, serial and parallel."""

import itertools

import numpy as np
import pytest

import naja
from naja import _core, config, njit, stencil
from naja.errors import NumbaValueError, TypingError

ndimage = pytest.importorskip("scipy.ndimage")


def neighbors(a):
    return 0.25 * (a[0, 1] + a[1, 0] + a[0, -1] + a[-1, 0])


def far(a):
    return a[-2] - 2 * a[0] + a[3]


def forward(a):
    return a[1] - a[0]


def ahead(a):
    return a[1, 2]


def cube(a):
    return a[0, 0, 0] - a[-1, 0, 1] + a[1, -2, 0]


# Kernels with how far they look: (low, high) per axis.
KERNELS = [
    (neighbors, ((-1, 1), (-1, 1))),
    (far, ((-2, 3),)),
    (forward, ((0, 1),)),
    (ahead, ((0, 1), (0, 2))),
    (cube, ((-1, 1), (-2, 0), (0, 1))),
]
IDS = [kernel.__name__ for kernel, _ in KERNELS]


class Around:
    """An array seen from one element, as a kernel sees it when it is interpreted."""

    def __init__(self, array, at):
        self.array, self.at = array, at

    def __getitem__(self, index):
        index = index if isinstance(index, tuple) else (index,)
        return self.array[tuple(i + k for i, k in zip(self.at, index, strict=True))]


def expected(kernel, extent, a, cval=0, dtype=None, out=None):
    inside = [range(max(0, -low), n - max(0, high)) for (low, high), n in zip(extent, a.shape, strict=True)]
    if out is None:
        out = np.full(
            a.shape, cval, dtype or kernel(Around(np.ones([9] * a.ndim, a.dtype), [4] * a.ndim)).dtype
        )
    for at in itertools.product(*inside):
        out[at] = kernel(Around(a, at))
    return out


def callers(made):
    """The same stencil from Python, from compiled code, and from a parallel function."""

    def call(a):
        return made(a)

    return [made, njit(call), njit(call, parallel=True)]


def sample(ndim, dtype=float, size=7):
    shape = (size, size + 2, size - 1)[:ndim]
    return (np.random.default_rng(3).random(shape) * 50).astype(dtype)


@pytest.mark.core
@pytest.mark.parametrize("kernel, extent", KERNELS, ids=IDS)
def test_constant(kernel, extent):
    a = sample(len(extent))
    for call in callers(stencil(kernel)):
        np.testing.assert_array_equal(call(a), expected(kernel, extent, a))


@pytest.mark.parametrize("dtype", ["i4", "f4", "u1", "c16", "i8", "?"])
@pytest.mark.parametrize("order", ["C", "F", "strided", "reversed"])
def test_dtypes_and_layouts(dtype, order):
    def kernel(a):
        return a[0, 1] + a[-1, 0]

    a = sample(2, dtype)
    a = {"C": a, "F": np.asfortranarray(a), "strided": a[::2, ::3], "reversed": a[::-1, ::-1]}[order]
    got = stencil(kernel)(a)
    want = np.zeros(a.shape, got.dtype)
    want[1:, :-1] = a[1:, 1:].astype(got.dtype) + a[:-1, :-1].astype(got.dtype)
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (1, 1), (2, 5), (5, 2), (3, 3)])
def test_arrays_smaller_than_the_neighborhood(shape):
    a = np.arange(float(np.prod(shape))).reshape(shape)
    for call in callers(stencil(neighbors, cval=2.0)):
        np.testing.assert_array_equal(call(a), expected(neighbors, ((-1, 1), (-1, 1)), a, 2.0, float))


@pytest.mark.parametrize("cval", [7, 2.5, np.nan, -np.inf, True])
def test_cval(cval):
    a = sample(2)
    for call in callers(stencil(neighbors, cval=cval)):
        np.testing.assert_array_equal(call(a), expected(neighbors, ((-1, 1), (-1, 1)), a, cval))


def test_cval_is_converted_to_the_result():
    def kernel(a):
        return a[1]

    got = stencil(kernel, cval=2.7)(np.arange(3))
    assert got.dtype == np.int64
    assert got.tolist() == [1, 2, 2]
    with pytest.raises(NumbaValueError, match="cval type does not match stencil return type"):
        stencil(kernel, cval=1j)(np.arange(3))


def test_out():
    def kernel(a):
        return a[1] + a[0]

    def fill(a, out):
        return made(a, out=out)

    a = np.arange(5.0)
    for made, last in ((stencil(kernel), -1.0), (stencil(kernel, cval=9.0), 9.0)):
        for call in (made, njit(fill), njit(fill, parallel=True)):
            out = np.full(5, -1.0)
            result = call(a, out=out) if call is made else call(a, out)
            assert result is out
            assert out.tolist() == [1.0, 3.0, 5.0, 7.0, last]
    out = np.full(5, -1)
    assert stencil(kernel)(a, out=out).dtype == np.int64
    assert out.tolist() == [1, 3, 5, 7, -1]
    with pytest.raises(ValueError, match="out= of a stencil has some dimension smaller"):
        stencil(kernel)(a, out=np.zeros(4))
    with pytest.raises(NumbaValueError, match="must be an array of 1 dimensions"):
        stencil(kernel)(a, out=np.zeros((5, 5)))


def test_several_arrays_and_numbers():
    def kernel(a, b, w):
        return w * (a[0, 1] - b[-1, 0])

    a, b = sample(2), sample(2) + 1

    def call(a, b, w):
        return made(a, b, w)

    made = stencil(kernel)
    want = np.zeros(a.shape)
    want[1:, :-1] = 2.0 * (a[1:, 1:] - b[:-1, :-1])
    for f in (made, njit(call), njit(call, parallel=True)):
        np.testing.assert_array_equal(f(a, b, 2.0), want)
    larger = np.zeros((20, 20))
    larger[:7, :9] = b
    np.testing.assert_array_equal(made(a, larger, 2.0), want)
    with pytest.raises(ValueError, match="Secondary stencil array has some dimension smaller"):
        made(a, b[1:], 2.0)
    with pytest.raises(NumbaValueError, match="does not have same number of dimensions"):
        made(a, b[0], 2.0)


def test_standard_indexing():
    def kernel(a, weights, k):
        return a[-1] * weights[0] + a[0] * weights[k]

    a, w = np.arange(6.0), np.array([3.0, 7.0])
    want = np.zeros(6)
    want[1:] = a[:-1] * 3 + a[1:] * 7
    for names in ("weights", ("weights",), ["weights"]):
        np.testing.assert_array_equal(stencil(kernel, standard_indexing=names)(a, w, 1), want)
    with pytest.raises(IndexError):
        stencil(kernel, standard_indexing="weights")(a, w, 2)


@pytest.mark.core
def test_neighborhood_and_indices_at_run_time():
    @stencil(neighborhood=((-3, 0),))
    def mean(a):
        total = 0.0
        for k in range(-3, 1):
            total += a[k]
        return total / 4

    @stencil(neighborhood=((-3, 0),))
    def mean_of_slice(a):
        return np.sum(a[-3:1]) / 4

    a = np.arange(20.0) ** 2
    want = np.zeros(20)
    want[3:] = [a[k - 3 : k + 1].sum() / 4 for k in range(3, 20)]
    for made in (mean, mean_of_slice):
        for call in callers(made):
            np.testing.assert_array_equal(call(a), want)


def test_slices_of_several_axes():
    @stencil(neighborhood=((-1, 1), (0, 2)))
    def window(a):
        return a[-1:2, :].sum() + a[0, 1:3].sum() + a[1, 0]

    a = sample(2)
    want = np.zeros(a.shape)
    for i, j in itertools.product(range(1, a.shape[0] - 1), range(a.shape[1] - 2)):
        want[i, j] = a[i - 1 : i + 2, j : j + 3].sum() + a[i, j + 1 : j + 3].sum() + a[i + 1, j]
    np.testing.assert_allclose(window(a), want)


def test_indices_outside_of_the_neighborhood():
    @stencil(neighborhood=((-1, 1),))
    def look(a, k):
        return a[k]

    @stencil(neighborhood=((-1, 1),))
    def cut(a, k):
        return a[0:k].sum()

    a = np.arange(8.0)
    assert look(a, 1).tolist() == [0, 2, 3, 4, 5, 6, 7, 0]
    for k in (2, -2, 10**12):
        with pytest.raises(IndexError, match="outside of the neighborhood"):
            look(a, k)
    with pytest.raises(IndexError, match="outside of the neighborhood"):
        cut(a, 3)


def test_what_a_kernel_may_ask():
    @stencil
    def kernel(a):
        return a[0, 1] * 0 + a.shape[0] * 100 + a.shape[1] * 10 + a.ndim + len(a) + a.size

    a = np.zeros((2, 3))
    assert kernel(a)[0, 0] == 200 + 30 + 2 + 2 + 6


def test_helper_functions_and_constants():
    step = 2

    @njit
    def half(x):
        return x / 2

    @stencil
    def kernel(a):
        k = -step
        return half(a[k]) + a[k + 3]

    a = np.arange(9.0)
    want = np.zeros(9)
    want[2:-1] = a[:-3] / 2 + a[3:]
    for call in callers(kernel):
        np.testing.assert_array_equal(call(a), want)


@pytest.mark.parametrize("kernel, extent", KERNELS, ids=IDS)
@pytest.mark.parametrize("mode", ["nearest", "wrap", "reflect", "mirror"])
def test_modes_of_scipy(kernel, extent, mode):
    a = sample(len(extent))
    pad = 4
    padded = np.pad(
        a, pad, {"nearest": "edge", "wrap": "wrap", "reflect": "symmetric", "mirror": "reflect"}[mode]
    )
    want = np.empty(a.shape)
    for at in np.ndindex(a.shape):
        want[at] = kernel(Around(padded, [i + pad for i in at]))
    for call in callers(stencil(mode)(kernel)):
        np.testing.assert_array_equal(call(a), want)


@pytest.mark.parametrize("mode", ["nearest", "wrap", "reflect", "mirror"])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_modes_on_short_arrays(mode, n):
    @stencil(mode)
    def kernel(a):
        return a[-3] + 10 * a[0] + 100 * a[2]

    a = np.arange(1.0, n + 1)
    np.testing.assert_allclose(kernel(a), ndimage.correlate1d(a, [1, 0, 0, 10, 0, 100, 0], mode=mode))


def test_made_in_compiled_code():
    def plain(a):
        return stencil(lambda x: x[-1] + x[1])(a)

    def into(a):
        out = np.ones(len(a))
        stencil(lambda x: x[-1] + x[1])(a, out=out)
        return out

    def decorated(a):
        @stencil
        def kernel(x):
            c = 2
            return x[-c + 1]

        return kernel(a)

    def with_width(a, w):
        def kernel(x, w):
            total = x[-w]
            for k in range(-w + 1, w + 1):
                total += x[k]
            return 0.5 * total

        return stencil(kernel, neighborhood=((-w, w),), cval=4)(a, w)

    def options(a):
        @stencil("wrap", standard_indexing=("w",))
        def kernel(x, w):
            return x[-1] * w[0]

        return kernel(a, np.full(2, 3.0))

    a = np.arange(9.0)
    inner = np.zeros(9)
    inner[1:-1] = a[:-2] + a[2:]
    kept = np.where(inner == 0, 1, inner)
    kept[1:-1] = inner[1:-1]
    wide = np.full(9, 4.0)
    wide[2:-2] = [a[k - 2 : k + 3].sum() * 0.5 for k in range(2, 7)]
    for parallel in (False, True):
        np.testing.assert_array_equal(njit(plain, parallel=parallel)(a), inner)
        np.testing.assert_array_equal(njit(into, parallel=parallel)(a), kept)
        np.testing.assert_array_equal(njit(decorated, parallel=parallel)(a), [0, *a[:-1]])
        np.testing.assert_array_equal(njit(with_width, parallel=parallel)(a, 2), wide)
        np.testing.assert_array_equal(njit(options, parallel=parallel)(a), np.roll(a, 1) * 3)


def test_same_bits_for_any_number_of_threads():
    @stencil
    def kernel(a):
        return (a[0, 0] * 0.1 + a[1, 1]) / a[0, 2]

    @njit(parallel=True)
    def call(a):
        return kernel(a)

    a = np.random.default_rng(0).random((200, 50)) + 1
    before = naja.get_num_threads()
    results = []
    for n in {1, before}:
        naja.set_num_threads(n)
        results.append(call(a))
    naja.set_num_threads(before)
    for result in results:
        np.testing.assert_array_equal(result, kernel(a))


ERRORS = [
    (lambda a: 1.0, "Stencil kernel with no accesses to relatively indexed arrays"),
    (lambda a: a[0], "Stencil index does not match array dimensionality"),
    (lambda a: a[0, 1.5], "a stencil index is an integer or a slice, not float64"),
    (lambda a: (a[0, 0], 1), "Stencil kernel must return a scalar"),
    (lambda a: a[0, int(np.cos(0))], "stencil kernel index is not constant, 'neighborhood' option required"),
    (lambda a: a[0, 0:1].sum(), "stencil kernel index is not constant, 'neighborhood' option required"),
]


@pytest.mark.parametrize("kernel, message", ERRORS, ids=range(len(ERRORS)))
def test_errors(kernel, message):
    for call in callers(stencil(kernel)):
        with pytest.raises(NumbaValueError, match=message) as error:
            call(np.ones((3, 4)))
        assert len(str(error.value).splitlines()) <= 8


def test_assignment_is_refused():
    @stencil
    def kernel(a):
        a[0, 1] = 12
        return a[0, 1]

    with pytest.raises(
        NumbaValueError, match="Assignments to arrays passed to stencil kernels is not allowed"
    ):
        kernel(np.ones((3, 4)))


def test_wrong_options_and_arguments():
    def kernel(a):
        return a[0, 0]

    a = np.ones((3, 4))
    for make, message in (
        (lambda: stencil("periodic"), "Unsupported mode style periodic"),
        (lambda: stencil(kernel, bad=1), "Unknown stencil option bad"),
        (lambda: stencil(kernel, neighborhood=((-1, 1),))(a), "1 dimensional neighborhood specified for 2"),
        (lambda: stencil(kernel, standard_indexing="b")(a), "array name not present in the stencil kernel"),
        (
            lambda: stencil(kernel, standard_indexing="a")(a),
            "first argument to a stencil kernel must use relative",
        ),
        (lambda: stencil(lambda a, out: a[0, 0])(a, 1.0), "Cannot use the reserved word 'out'"),
    ):
        with pytest.raises(NumbaValueError, match=message):
            make()
    with pytest.raises(TypingError, match="takes 1 arguments, but 2 were given"):
        stencil(kernel)(a, 1)
    with pytest.raises(TypingError, match="first argument to a stencil kernel must be an array"):
        stencil(kernel)(1.0)
    with pytest.raises(TypeError, match="kernel is a Python function"):
        naja.stencils.StencilFunc(len)


def test_errors_inside_of_a_kernel_leave_nothing_behind():
    @stencil
    def kernel(a):
        if a[1] > 5:
            raise ValueError("too much")
        return a[1]

    a = np.arange(10.0)
    for call in callers(kernel):
        with pytest.raises(ValueError, match="too much"):
            call(a)
    before = _core.block_count()
    for call in callers(kernel):
        with pytest.raises(ValueError, match="too much"):
            call(a)
    assert _core.block_count() == before


@pytest.mark.skipif(config.DISABLE_JIT, reason="looks at compiled code")
def test_loops_vectorise():
    made = stencil(neighbors)

    @njit
    def call(a, out):
        made(a, out=out)

    a = np.ones((9, 9))
    call(a, np.zeros((9, 9)))
    assert " x double>" in call.inspect_llvm(call.signatures[0])
