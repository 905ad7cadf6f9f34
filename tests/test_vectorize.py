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


# ---- calls from compiled code: the function is a part of the expression --------------------------------------------------


@vectorize
def square_more(x):
    return x * x + 1


@vectorize
def larger(x, y):
    return x if x > y else y


@vectorize
def ratio(x, y):
    return x / y


@vectorize
def of_four(a, b, c, d):
    return a * b - c / d


def fused_sum(a, b):
    return np.sum(square_more(a) + b)


def fused_store(a, b):
    out = np.zeros(a.shape)
    out[...] = larger(a, b) * 2
    out += square_more(b)
    return out


def nested(a, b):
    return larger(square_more(a), square_more(b) - a)


def broadcast(a, b):
    return larger(a.reshape(-1, 1), b), larger(a, 2), larger(3.0, b), ratio(a, 0.0)


def four(a, b):
    return of_four(a, b, 2.0, b + 1)


def scalars(a, b):
    return square_more(a[0]), larger(1, 2.5), ratio(1.0, 0.0)


@pytest.mark.core
@pytest.mark.parametrize("function", [fused_sum, fused_store, nested, broadcast, four, scalars])
def test_calls_from_compiled_code(function):
    a, b = np.linspace(-2, 3, 50), np.linspace(4, -1, 50)
    for x, y in ((a, b), (a[::2], b[::-2]), (a.astype("f4"), b), (np.arange(5), np.arange(5) - 2)):
        with np.errstate(all="ignore"):
            want = function(x, y)
        got = njit(function)(x, y)
        pairs = zip(got, want, strict=True) if type(want) is tuple else [(got, want)]
        for p, q in pairs:
            np.testing.assert_allclose(p, q)
            assert np.asarray(p).dtype == np.asarray(q).dtype


def test_calls_from_compiled_code_fuse():
    before = fused_sum(np.arange(4.0), np.ones(4))
    compiled = njit(fused_sum)
    assert compiled(np.arange(4.0), np.ones(4)) == before
    written_out = njit(lambda a, b: np.sum(a * a + 1 + b))
    assert written_out(np.arange(4.0), np.ones(4)) == before
    code, model = (f.inspect_llvm(f.signatures[0]) for f in (compiled, written_out))
    for text in ("block_new", " x double>", "fadd"):  # as many arrays, vectors and sums
        assert code.count(text) == model.count(text)
    assert "naja_ufunc" not in code  # no call of a loop


def test_errors_from_compiled_code():
    @vectorize
    def positive(x):
        if x < 0:
            raise ValueError("negative")
        return x

    @njit
    def call(a):
        return positive(a) + 1

    assert call(np.ones(3)).tolist() == [2, 2, 2]
    with pytest.raises(ValueError, match="negative"):
        call(np.array([1.0, -1.0]))


def test_plain_calls_and_dynamic_gufuncs():
    f = vectorize(lambda x: x + 1)
    assert f(1.5) == 2.5 and f(2) == 3
    with pytest.raises(TypeError):
        f(1, 2, 3)

    @guvectorize("(n) -> (n)")
    def copy(x, out):
        out[:] = x

    for dtype in ("f8", "i4", "f4"):
        out = np.zeros(3, dtype)
        copy(np.arange(3, dtype=dtype), out)
        assert out.tolist() == [0, 1, 2]
    assert copy.ntypes == 3


def test_many_operands_and_object_mode_take_the_loop():
    @vectorize
    def nine(a, b, c, d, e, f, g, h, i):
        return a + b + c + d + e + f + g + h + i

    @vectorize(["f8(f8)"], forceobj=True)
    def slow(x):
        return float(str(x)) + 1

    @njit
    def call(a):
        return nine(a, a, a, a, a, a, a, a, a), slow(a)

    nines, slows = call(np.arange(3.0))
    assert nines.tolist() == [0, 9, 18]
    assert slows.tolist() == [1, 2, 3]


# ---- methods in compiled code ----------------------------------------------------------------------------------------------


@vectorize
def plus(x, y):
    return x + y


@vectorize
def negated(x):
    return -x


INDICES = [
    np.array([0, 2, 0, -1]),
    np.array([[1, 1], [2, 3]], np.int16),
    [0, 0, 3],
    (1, 1, 4),
    slice(1, 4),
    slice(None, None, -2),
    np.array([True, False, True, True, False]),
    2,
    Ellipsis,
]


@pytest.mark.core
@pytest.mark.parametrize("index", INDICES, ids=[str(i) for i in range(len(INDICES))])
@pytest.mark.parametrize("dtype", ["f8", "i4"])
def test_at(index, dtype):
    index = np.asarray(index) if isinstance(index, tuple) else index

    @njit
    def at(a, index, b):
        plus.at(a, index, b)

    @njit
    def at_one(a, index):
        negated.at(a, index)

    start = np.arange(5).astype(dtype)
    values = [3, start[index] * 2 if np.size(start[index]) else 1]
    for b in values:
        want, got = start.copy(), start.copy()
        np.add.at(want, index, b)
        at(got, index, b)
        assert got.tolist() == want.tolist()
    want, got = start.copy(), start.copy()
    np.negative.at(want, index)
    at_one(got, index)
    assert got.tolist() == want.tolist()


@pytest.mark.parametrize("order", ["C", "F"])
def test_at_of_several_axes(order):
    @njit
    def at(a, index, b):
        plus.at(a, index, b)

    rows = np.array([0, 1, 0])
    start = np.asarray(np.arange(12.0).reshape(3, 4), order=order)
    for index in (
        (rows, rows + 1),
        (slice(None), rows),
        (rows, slice(1, 3)),
        (2, rows),
        rows,
        (1,),
        (slice(0, 2),),
    ):
        want, got = start.copy("K"), start.copy("K")
        np.add.at(want, index, 10)
        at(got, index, 10)
        np.testing.assert_array_equal(got, want)


def test_at_errors():
    @njit
    def at(a, index, b):
        plus.at(a, index, b)

    with pytest.raises(IndexError, match="out of bounds"):
        at(np.zeros(3), np.array([3]), 1.0)
    with pytest.raises(ValueError, match="could not be broadcast together"):
        at(np.zeros(5), np.array([0, 1]), np.ones(3))
    with pytest.raises(TypingError, match="second operand needed for ufunc"):
        njit(lambda a: plus.at(a, 0))(np.zeros(3))
    with pytest.raises(TypingError, match="too many indices"):
        at(np.zeros(()), 0, 1.0)


def test_reduceat():
    @njit
    def reduceat(a, indices, axis, out):
        return plus.reduceat(a, indices, axis, None, out)

    @njit
    def plain(a, indices):
        return plus.reduceat(a, indices)

    v, m = np.arange(8.0), np.arange(24.0).reshape(4, 6)
    for indices in (np.array([0, 4, 1, 5]), [0, 3, 1, 2, 0], (1, 2)):
        assert (
            plain(v, np.asarray(indices) if isinstance(indices, tuple) else indices).tolist()
            == np.add.reduceat(v, indices).tolist()
        )
    for axis in (0, 1, -1):
        np.testing.assert_array_equal(
            reduceat(m, [0, 3, 1, 2], axis, None), np.add.reduceat(m, [0, 3, 1, 2], axis)
        )
    out = np.zeros(2)
    assert reduceat(v, [0, 5], 0, out).tolist() == out.tolist() == [10, 18]
    assert plain(v[:0], np.zeros(0, np.int32)).shape == (0,)
    with pytest.raises(ValueError, match="wrong shape"):
        reduceat(v, [0, 5], 0, np.zeros(3))
    with pytest.raises(IndexError, match="out-of-bounds"):
        plain(v, [9])
    with pytest.raises(ValueError, match="axis 2 is out of bounds"):
        reduceat(m, [0], 2, None)
    with pytest.raises(TypingError, match="have at most 1 dimension"):
        plain(v, np.zeros((2, 2), int))
    with pytest.raises(TypingError, match='"indices" must be array-like'):
        plain(v, "abc")
    with pytest.raises(TypingError, match="reduceat only supported for binary functions"):
        njit(lambda a: negated.reduceat(a, [0]))(v)


def test_reduce_accumulate_outer():
    @njit
    def call(a, m):
        return larger.reduce(a), larger.reduce(m, 1), plus.accumulate(a), plus.outer(a, m[0])

    a, m = np.array([1.0, 5.0, 2.0]), np.arange(6.0).reshape(2, 3)
    want = (5.0, np.max(m, 1), np.cumsum(a), np.add.outer(a, m[0]))
    for x, y in zip(call(a, m), want, strict=True):
        np.testing.assert_array_equal(x, y)


# ---- generalized ufuncs in compiled code -----------------------------------------------------------------------------------


def test_shapes_of_gufuncs_that_do_not_fit():
    @guvectorize("(n),(n) -> ()")
    def dot(x, y, out):
        out[0] = 0
        for i in range(x.shape[0]):
            out[0] += x[i] * y[i]

    @guvectorize("(n) -> (n)")
    def copy(x, out):
        out[:] = x

    @njit
    def call(x, y, out):
        dot(x, y, out)

    @njit
    def call_copy(x, out):
        copy(x, out)

    with pytest.raises(
        ValueError, match=r"with gufunc signature \(n\),\(n\) -> \(\) \(size 3 is different from 2\)"
    ):
        dot(np.ones(2), np.ones(3), np.ones(()))
    with pytest.raises(ValueError, match="Operand has a mismatch in one of its core dimensions"):
        call(np.ones((5, 2)), np.ones(3), np.ones(5))
    with pytest.raises(
        ValueError, match="Operand has a mismatch in one of its core dimensions: copy: Output operand 0"
    ):
        call_copy(np.ones((5, 2)), np.ones((5, 3)))
    with pytest.raises(ValueError, match="Loop and array shapes are incompatible"):
        call(np.ones((4, 2)), np.ones(2), np.ones(3))
    with pytest.raises(
        ValueError, match="Loop and array shapes are incompatible: output 0 of copy has 1 axes"
    ):
        call_copy(np.ones((1, 5)), np.ones(5))
    with pytest.raises(TypingError, match="does not have enough dimensions"):
        call(1.0, np.ones(2), np.ones(()))
    with pytest.raises(TypingError, match="copy: Output operand 0 does not have enough dimensions"):
        call_copy(np.ones(5), np.ones(()))


def test_outputs_that_are_written_in_part():
    @guvectorize(["void(f8[:], u1[:])"], "(n)->(n)")
    def mark(x, out):
        for i in range(0, len(x), 4):
            out[i] = 1

    out = np.full((10, 5), 7, np.int8)
    mark(np.ones((10, 5)), out)
    assert (out == [1, 7, 7, 7, 1]).all()
    assert mark(np.ones(5)).dtype == np.uint8
