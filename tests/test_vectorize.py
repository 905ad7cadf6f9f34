"""`vectorize` and `guvectorize`: ufuncs of compiled functions."""

import pickle

import numpy as np
import pytest

from naja import guvectorize, njit, vectorize
from naja.errors import TypingError
from naja.np.ufunc import DUFunc, GUFunc


def add(a, b):
    """Sum of two numbers."""
    return a + b


def root(x):
    if x < 0:
        raise ValueError("negative")
    return x**0.5


def running(x, out):
    total = 0
    for i in range(x.shape[0]):
        total += x[i]
        out[i] = total


def product(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            c[i, j] = 0
            for k in range(a.shape[1]):
                c[i, j] += a[i, k] * b[k, j]


@pytest.mark.core
@pytest.mark.parametrize("target", ["cpu", "parallel"])
def test_loops_are_added_as_types_come(target):
    f = vectorize(target=target)(add)
    assert (f.nin, f.nout, f.nargs, f.ntypes, f.types, f.identity, f.signature) == (
        2,
        1,
        3,
        0,
        [],
        None,
        None,
    )
    assert f(1, 2) == 3 and f.types == ["ll->l"]
    x = np.linspace(0, 1, 10_000)
    assert np.array_equal(f(x, x), x + x)
    assert f.ntypes == 2
    for a, b in [
        (x, 2.0),
        (2.0, x),
        (x[::2], x[1::2]),
        (x[:0], x[:0]),
        (x[:6].reshape(2, 3), x[:3]),
        (x[::-1], x),
    ]:
        assert np.array_equal(f(a, b), np.add(a, b))
    assert f(np.float32(1), np.float32(2)).dtype == np.float64  # an existing loop serves by a safe cast
    assert f.__name__ == "add" and f.__doc__ == "Sum of two numbers."


@pytest.mark.parametrize("dtype", ["?", "b", "B", "h", "H", "i", "I", "l", "L", "f", "d", "F", "D"])
def test_every_type(dtype):
    f = vectorize(add)
    a = np.array([1, 0, 1, 1], dtype=dtype)
    got = f(a, a[::-1])
    assert np.array_equal(got, [njit(add)(p, q) for p, q in zip(a, a[::-1], strict=True)])


@pytest.mark.core
def test_given_signatures():
    f = vectorize(["i4(i4, i4)", "f8(f8, f8)"])(add)
    assert f.types == ["ii->i", "dd->d"]
    a = np.arange(5, dtype="i4")
    assert f(a, a).dtype == np.int32 and f(a, 1.5).dtype == np.float64
    with pytest.raises(TypeError, match="not supported for the input types"):
        f(a * 1j, a)
    with pytest.raises(ValueError, match="cannot be opened again"):
        f._frozen = False


def test_methods_of_ufuncs():
    f = vectorize(identity=0)(add)
    a = np.arange(12.0).reshape(3, 4)
    assert np.array_equal(f.reduce(a), np.add.reduce(a))
    assert np.array_equal(f.reduce(a, axis=1, keepdims=True), np.add.reduce(a, axis=1, keepdims=True))
    assert np.array_equal(f.accumulate(a, axis=1), np.add.accumulate(a, axis=1))
    assert np.array_equal(f.reduceat(a, [0, 2]), np.add.reduceat(a, [0, 2]))
    assert np.array_equal(f.outer(a[0], a[1]), np.add.outer(a[0], a[1]))
    assert f.reduce(np.zeros(0)) == 0 and f.identity == 0
    b = a.copy()
    f.at(b, ([0, 0, 1], 1), 10.0)
    want = a.copy()
    np.add.at(want, ([0, 0, 1], 1), 10.0)
    assert np.array_equal(b, want)


def test_keywords_of_calls():
    f = vectorize(add)
    a, out = np.arange(4.0), np.zeros(4)
    assert f(a, a, out=out) is out and np.array_equal(out, a + a)
    assert np.array_equal(f(a, a, where=a > 1, out=np.zeros(4)), [0, 0, 4, 6])
    assert f(a, a, dtype="f8").dtype == np.float64
    with pytest.raises(TypeError):
        f(a, a, unknown=1)
    with pytest.raises(TypeError):
        f(a)


@pytest.mark.parametrize("bad", ["none", 2, 0.5j])
def test_identity_is_checked(bad):
    with pytest.raises(ValueError, match="identity"):
        vectorize(identity=bad)(add)


@pytest.mark.core
def test_errors_leave_the_other_elements():
    f = vectorize(["f8(f8)"])(root)
    x, out = np.array([1, 4, -2, 9, -1, 16.0]), np.zeros(6)
    with pytest.raises(ValueError, match="negative") as error:
        f(x, out)
    assert out.tolist() == [1, 2, 0, 3, 0, 4]
    assert error.traceback[-1].name == "root"
    assert f(x[:2]).tolist() == [1, 2]  # nothing is left of the error


def test_division_follows_numpy():
    f = vectorize(lambda a, b: a / b)
    with np.errstate(all="ignore"):
        got = f(np.array([1.0, 0.0]), np.array([0.0, 0.0]))
    assert got[0] == np.inf and np.isnan(got[1])


def test_more_than_one_result_is_refused():
    with pytest.raises(TypingError, match="returns one number"):
        vectorize(lambda a: (a, a))(1.0)


@pytest.mark.core
def test_called_from_compiled_code():
    f = vectorize(add)

    @njit
    def call(a, b):
        return f(a, b)

    @njit
    def fill(a, b, out):
        f(a, b, out)

    a = np.arange(6.0).reshape(2, 3)
    assert call(1.0, 2.0) == 3.0
    assert np.array_equal(call(a, a[0]), a + a[0])
    out = np.zeros((2, 3))
    fill(a, 1.0, out)
    assert np.array_equal(out, a + 1)

    g = vectorize(["f8(f8)"])(root)

    @njit
    def fails(a):
        return g(a)

    with pytest.raises(ValueError, match="negative"):
        fails(-a)


@pytest.mark.core
@pytest.mark.parametrize("target", ["cpu", "parallel"])
def test_generalized(target):
    f = guvectorize(["void(f8[:], f8[:])", "void(i8[:], i8[:])"], "(n)->(n)", target=target)(running)
    assert isinstance(f, GUFunc) and f.signature == "(n)->(n)"
    x = np.random.default_rng(0).random((4, 5, 6))
    for a in (x, x[::2, ::-1], x.transpose(2, 0, 1), x[:0], np.arange(6)):
        assert np.array_equal(f(a), np.cumsum(a, axis=-1))
    assert np.array_equal(f(x, axis=0), np.cumsum(x, axis=0))
    g = guvectorize(["void(f4[:,:], f4[:,:], f4[:,:])"], "(m,n),(n,p)->(m,p)", target=target)(product)
    a, b = np.arange(24, dtype="f4").reshape(4, 2, 3), np.arange(15, dtype="f4").reshape(3, 5)
    assert np.array_equal(g(a, b), a @ b)
    with pytest.raises(ValueError, match="mismatch in its core dimension 0"):
        g(a, b[:2])


def test_generalized_scalars():
    @guvectorize(["void(i8[:], i8, i8[:])"], "(n),()->(n)")
    def shifted(x, by, out):
        for i in range(x.shape[0]):
            out[i] = x[i] + by

    @guvectorize(["void(f8[:], f8[:])"], "(n)->()")
    def total(x, out):
        out[0] = 0
        for v in x:
            out[0] += v

    a = np.arange(12).reshape(3, 4)
    assert np.array_equal(shifted(a, [1, 2, 3]), a + np.array([[1], [2], [3]]))
    assert np.array_equal(total(a), a.sum(1)) and total(a[0]) == 6


def test_generalized_dynamic():
    f = guvectorize("(n)->(n)")(running)
    assert f.is_dynamic
    out = np.zeros(4)
    f(np.arange(4.0), out)
    assert out.tolist() == [0, 1, 3, 6] and f.types == ["d->d"]
    with pytest.raises(TypeError, match="Too few arguments for function 'running'"):
        f(np.arange(4.0))


def test_generalized_from_compiled_code():
    f = guvectorize(["void(f8[:], f8[:])"], "(n)->(n)")(running)

    @njit
    def call(a):
        return f(a)

    a = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(call(a), np.cumsum(a, axis=1))


def test_several_outputs_and_writable_inputs():
    @guvectorize(["void(f8[:], f8[:], f8[:])"], "(n)->(),()")
    def extent(x, low, high):
        low[0], high[0] = x.min(), x.max()

    low, high = extent(np.array([[3.0, 1.0], [5.0, 9.0]]))
    assert low.tolist() == [1, 5] and high.tolist() == [3, 9]

    @guvectorize(["void(f8[:])"], "(n)", writable_args=(0,))
    def double(x):
        for i in range(x.shape[0]):
            x[i] *= 2

    a = np.arange(3.0)
    double(a)
    assert a.tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    ("signature", "layout", "error", "text"),
    [
        ("void(i4[:], i4[:])", ")-:", ValueError, "bad token in signature"),
        ("void(i4[:], i4[:])", "(x)->(x,z)", NameError, "undefined output symbols: z"),
        ("void(i4[:], i4[:])", "(x)->", ValueError, "arrow but no outputs"),
        ("void(i4, i4[:])", "(n)->(n)", TypeError, "scalar type int32 given for non scalar argument #1"),
        ("void(i4[:], i4[:])", "(m,n)->(n)", TypeError, "type and shape signature mismatch for arg #1"),
        ("i4(i4[:], i4[:])", "(n)->(n)", TypeError, "cannot return values"),
    ],
)
def test_layouts_are_checked(signature, layout, error, text):
    with pytest.raises(error, match=text):
        guvectorize([signature], layout)(running)


def test_object_mode():
    f = vectorize(["f8(f8)"], forceobj=True)(lambda x: float(str(x)) + 1)
    assert f(np.arange(3.0)).tolist() == [1, 2, 3]
    g = guvectorize(["void(f8[:], f8[:])"], "(n)->(n)", forceobj=True)(running)
    assert g(np.ones((2, 2))).tolist() == [[1, 2], [1, 2]]


def test_pickling():
    f = vectorize(identity=1)(lambda a, b: a * b)
    f(1.0, 2.0)
    g = pickle.loads(pickle.dumps(f))
    assert isinstance(g, DUFunc) and g.types == f.types and g.identity == 1 and g(3.0, 4.0) == 12
    h = pickle.loads(pickle.dumps(guvectorize(["void(f8[:], f8[:])"], "(n)->(n)")(running)))
    assert h(np.ones(3)).tolist() == [1, 2, 3] and h._frozen


def test_other_array_classes():
    class Boxed:
        def __init__(self, values):
            self.values = values

        def __array_ufunc__(self, ufunc, method, *args, **kwargs):
            return Boxed(ufunc(*[a.values if isinstance(a, Boxed) else a for a in args], **kwargs))

    f = vectorize(add)
    assert f(Boxed(np.arange(3)), 1).values.tolist() == [1, 2, 3]
