"""Arguments of NumPy functions beyond the common ones: axes, modes, outputs, several indices, NaN that equals NaN."""

import numpy as np
import pytest
from differential import check_arrays

from naja import njit
from naja.errors import TypingError
from naja.typed import List

A = np.arange(12.0).reshape(3, 4)
V = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 1.0])
T = np.random.default_rng(0).random((2, 3, 4))
I = np.array([3, 1, 2, 0, 1])
N = np.where(A == 6, np.nan, A)
Z = np.array(3.5)


def put(v):
    np.put(v, [9, -9], 7.0, mode="wrap")
    v.put((20, 1), 3.0, mode="clip")
    np.take(v, [0, 1], out=v[4:])


CASES = {
    "equal": (lambda n, a: (np.array_equal(n, n), np.array_equal(n, n, equal_nan=True), np.array_equiv(a, a[0]),
                            np.array_equiv(a, a[:2]), np.array_equiv(a[:1], np.stack((a[0], a[0])))), N, A),
    "isclose": (lambda n, z: (np.isclose(z, n), np.isclose(n, n, equal_nan=True), np.allclose(z, z), np.isclose(z, 3.5),
                              np.allclose(n, n), np.isclose([1.0, np.inf], [1.0, np.inf]), np.isclose(1, 2)), N, Z),
    "spaces": (lambda: (np.logspace(0, 1, 5, endpoint=False), np.logspace(0, 1, 5, base=3.0, dtype=np.float32),
                        np.geomspace(1, 100, 5, endpoint=False), np.geomspace(1, 100, 5))),
    "rot90": (lambda a, t, k: (np.rot90(a, k), np.rot90(t, -k, axes=(1, 2)), np.rot90(t, 2, (2, 0))), A, T, 1),
    "delete": (lambda a, k: (np.delete(a, 1, axis=0), np.delete(a, [0, 2], axis=1), np.delete(a, slice(0, 2), 1),
                             np.delete(a, 1, axis=k), np.delete(a, a[0] > 1, axis=1)), A, -1),
    "delete_flat": (lambda v: (np.delete(v, [1, -1]), np.delete(v, (0,)), np.delete(v, v > 2), np.delete([1, 2], 0)), V),
    "insert": (lambda a: (np.insert(a, [0, 2], [1.0, 2.0], axis=1), np.insert(a, [0, 2], 5, axis=1),
                          np.insert(a, [1], [[1], [2], [3]], axis=1), np.insert(a, 1, [1, 2, 3], axis=1),
                          np.insert(a, slice(0, 2), 3.0, axis=1), np.insert(a, 1, a[:2], axis=0)), A),
    "insert_flat": (lambda v: (np.insert(v, [1], [7.0, 8.0]), np.insert(v, slice(0, 2), 3.0), np.insert(v, [-1, 0, 0], v[:3]),
                               np.insert(v[:0], [0], 1.0)), V),
    "average": (lambda a: (np.average(a, axis=1, weights=a), np.average(a, axis=1, weights=a[0]), np.average(a, axis=0),
                           np.average(a, weights=a, returned=True), np.average(a, axis=1, weights=a[0], returned=True),
                           np.average(a, axis=0, keepdims=True), np.average(a, axis=0, returned=True)), A),
    "cross": (lambda a: np.cross(a[:, :3], a[::-1, 1:]), A),
    "unwrap": (lambda a, t: (np.unwrap(a, axis=0), np.unwrap(t * 9, axis=1), np.unwrap(a * 2, 1.0)), A, T),
    "take": (lambda a, v, i: (np.take(a, i, axis=1, mode="clip"), a.take(i * 7, mode="wrap"), np.take(v, 9, mode="wrap"),
                              np.take(a, i, out=np.empty(5))), A, V, I),
    "put": (put, V),
    "choose": (lambda v, i: (np.choose(i, (1, 2), mode="clip"), np.choose(i, [v[:5], v[1:], v[:5] * 2, v[1:] * 3]),
                             np.choose(i, (v[:5], v[1:]), mode="wrap"), np.choose(i % 2, (v[:5], 1.5))), V, I),
    "joins": (lambda a: (np.concatenate((a, a), dtype=np.float32), np.stack((a, a), axis=2, out=np.empty((3, 4, 2))),
                         np.concatenate((a, a), axis=1, out=np.empty((3, 8))), np.hstack((a, a), dtype=np.float32),
                         np.vstack([a, a], dtype=np.float32), np.concatenate((a, a), axis=None, dtype="f4")), A),
    "indices": (lambda: (np.indices((2, 3), dtype=np.int32), np.indices((2, 3), sparse=True))),
    "trapezoid": (lambda a: (np.trapezoid(a, axis=0), np.trapezoid(a, x=a, axis=0), np.trapezoid(a, x=a[0])), A),
    "partition": (lambda v: np.partition(v, (1, 3))[1:4:2], V),
    "diff": (lambda a, x: (np.diff(a, prepend=x), np.diff(a, axis=0, append=x), np.diff(a, 2, 0, a, a[:1]), np.diff(a > x, append=True),
                           np.diff(a, 0, prepend=x), np.diff(a[0], prepend=[1, 2], append=x)), A**2, 3.0),
    "round": (lambda c, k: (np.round(c, 1), c.round(k), np.around(c), np.round(c.T, 2)), (A + T[0] * 1j) / 7, -1),
    "linspace": (lambda a, v: (np.linspace(v, v * 2, 4), np.linspace(a, 1, 3, endpoint=False, axis=-1), np.linspace(0, a[0], 3, dtype=int),
                               np.linspace(v, v + 1, 2, retstep=True), np.linspace((1, 2), (3.5, 7), 3), np.linspace(a, a, 0),
                               np.linspace(v.astype(np.float32), 9, 3)), A, V),
    "lexsort": (lambda t: (np.lexsort(t), np.lexsort(t, axis=0), np.lexsort(t[:, ::-1, :0])), np.round(T * 2)),
    "digits": (lambda n: (np.binary_repr(n), np.binary_repr(-n), np.binary_repr(-n, 8), np.binary_repr(n, width=9), np.binary_repr(0, 0),
                          np.binary_repr(-8, 4), np.base_repr(n, 3), np.base_repr(-n, 16), np.base_repr(n, 36, 2), np.base_repr(0, 5)), 77),
    "select": (lambda v: (np.select([v > 2, v < 2], [v, -v], 1j), np.select([v > 2], [v.astype(np.int64)], 2.5),
                          np.select((v > 2,), (v.astype(np.int64),), 1j)), V),
    "unique_axis": (lambda n: (np.unique(n[1], axis=0), np.unique(n[1], axis=-1, return_counts=True)), np.where(A % 3 == 0, np.nan, A)),
    "cov": (lambda a: (np.cov(a[:1], rowvar=False, ddof=0), np.cov(a, rowvar=False)), A),
    "put_along": (lambda t, k: np.put_along_axis(t, k, 20, axis=1), np.ones((3, 4, 1)), np.arange(10).reshape(1, 2, 5) % 4),
    "einsum": (lambda i: (np.einsum("i,i,i,i->", i, i, i, i), np.einsum("i,i->", i * 50, i)), I.astype(np.int8)),
    "interp": (lambda v, c: (np.interp(v, np.arange(5.0), c), np.interp(2.5, np.arange(5.0), c)), V - 0.5,
               np.array([1 + 1j, complex(np.inf, 2), complex(3, -np.inf), 4, complex(np.nan, 1)])),
    "overlap": (lambda m: np.putmask(m[1:], m[:3], np.array([True, False, True])), np.array([True, False, True, False])),
    "names": (lambda: (np.typename("d"), np.typename("F"), np.mintypecode("fF"), np.mintypecode(("f", "d")))),
}  # fmt: skip


@pytest.mark.core
@pytest.mark.parametrize("name", CASES)
def test_like_numpy(name):
    case = CASES[name] if isinstance(CASES[name], tuple) else (CASES[name],)
    check_arrays(*case)


@pytest.mark.core
def test_rot90_is_a_view():
    a = A.copy()
    njit(lambda a, k: np.rot90(a, k))(a, 1)[0, 0] = 99
    assert a[0, 3] == 99


ERRORS = {
    "Incompatible dimensions for cross product": (lambda v: np.cross(v, v), V),
    "Dimensions for both inputs is 2": (lambda v: np.cross(v[:2], v[:2]), V),
    "kth must be scalar or 1-D": (lambda v: np.partition(v, np.ones((2, 2), np.int64)), V),
    "invalid entry in choice array": (lambda i: np.choose(i, (1, 2)), I),
    "Output array is the wrong shape": (lambda a: np.concatenate((a, a), out=np.empty((2, 2))), A),
    "cannot be normalized|can't be normalized": (lambda a: np.average(a, weights=a * 0), A),
    "out of bounds for": (lambda v: np.insert(v, [99], 1.0), V),
}


@pytest.mark.parametrize("message", ERRORS)
def test_errors(message):
    function, argument = ERRORS[message]
    with pytest.raises((ValueError, IndexError, ZeroDivisionError), match=message):
        njit(function)(argument)


TYPING_ERRORS = {
    "obj should be of Integer dtype": lambda v: np.delete(v, 3.14),
    "repeats argument must be an integer": lambda v: np.repeat(v, 1.5),
    "must be at least 1-D": lambda v: np.partition(np.array(1), 0),
    "Calling nonzero on 0d arrays": lambda v: np.nonzero(np.array(1)),
    "condlist must be a List or a Tuple": lambda v: np.select(v > 1, (v,)),
    "condlist arrays must contain booleans": lambda v: np.select([v], [v]),
    "must be a tuple of integers": lambda v: np.indices(1.5),
    "only supported on 2-D arrays": lambda v: np.trace(v),
}


@pytest.mark.parametrize("message", TYPING_ERRORS)
def test_typing_errors(message):
    with pytest.raises(TypingError, match=message):
        njit(TYPING_ERRORS[message])(V)


H = A.astype(np.float16)


@pytest.mark.core
def test_half_precision():
    check_arrays(
        lambda h, k: (
            h.max(), np.min(h, axis=k), h.argmax(), np.argmin(h, axis=1), np.any(h), h.all(), np.ptp(h), np.var(h),
            np.std(h, axis=0), h @ h.T, np.dot(h[0], h[1]), np.cumsum(h[0]), np.median(h), np.sort(h), h.sum(), h.mean(),
        ),
        H,
        0,
    )  # fmt: skip


@pytest.mark.core
def test_array_likes():
    def f(t, nested, lists, n):
        return (
            np.sqrt(t), np.add(nested, 1), np.add(n, lists), np.array(lists), np.asarray(lists), np.fliplr(nested),
            np.flipud(lists), np.median(t), np.size(nested), np.size(n), np.maximum(lists, nested), np.where(t, 1, 0),
        )  # fmt: skip

    check_arrays(f, (1.0, 2.0), ((1.0, 2.0), (3.0, 4.0)), ([1.0, 2.0], [3.0, 4.0]), 3)


NO_ARRAYS = {
    "a": lambda s: np.diff(s),
    "c1": lambda s: np.polynomial.polynomial.polyadd(s, s),
    "p": lambda s: np.unwrap(s),
    "ar1": lambda s: np.intersect1d(s, s),
    "m": lambda s: np.cov(s),
}


@pytest.mark.parametrize("name", NO_ARRAYS)
def test_what_is_no_array(name):
    for nothing in ("abc", None):
        with pytest.raises(TypingError, match=f'The argument "{name}" must be array-like, not'):
            njit(NO_ARRAYS[name])(nothing)


def test_joined_arrays_have_as_many_axes():
    a = np.ones((2, 3))
    with pytest.raises(TypingError, match="all the input arrays must have same number of dimensions"):
        njit(lambda a: np.concatenate((a, a[0])))(a)
    records = np.zeros(3, "f8,i4")
    with pytest.raises(TypingError, match="input arrays must have compatible dtypes"):
        njit(lambda a, r: np.concatenate((a, r)))(a[0], records)


@pytest.mark.core
def test_reshape_in_other_orders():
    def f(a, n):
        return (
            np.reshape(a, (4, 3), order="F"), a.reshape((2, -1), order="F"), a.reshape(n, -1, order="F"), a.reshape(-1, order="F"),
            np.reshape(a.T, (4, 3), "A"), np.reshape(a, (2, 6), "C"), np.reshape([1, 2, 3, 4], (2, 2)),
        )  # fmt: skip

    check_arrays(f, A, 6)
    with pytest.raises(TypingError, match="order must be one of 'C', 'F', or 'A'"):
        njit(lambda a: a.reshape((4, 3), order="X"))(A)


def test_contiguous_arrays_have_an_axis():
    check_arrays(
        lambda z, n: (
            np.ascontiguousarray(z),
            np.asfortranarray(n),
            np.ascontiguousarray((1, 2), np.float32),
        ),
        Z,
        3,
    )


@pytest.mark.core
def test_sorted_arrays_are_contiguous():
    def f(a, b):
        return (
            np.sort(a, 0).flags.c_contiguous, np.argsort(a, 0).flags.c_contiguous, np.partition(a, 1, 0).flags.c_contiguous,
            np.sort(b).flags.f_contiguous, np.partition(b, 1).flags.f_contiguous, np.sort(b, 0), np.sort(a, 0),
        )  # fmt: skip

    check_arrays(f, A[::-1].copy(), np.asfortranarray(A))


def test_iteration_that_cannot_broadcast():
    with pytest.raises(
        ValueError, match=r"operands could not be broadcast together with shapes \(3,4\) \(6,\)"
    ):
        njit(lambda a, v: [x.item() for x, y in np.nditer((a, v))])(A, V)


@pytest.mark.core
def test_typed_lists_and_tuples_are_array_likes():
    numbers, nested = List([3.0, 1.0, 2.0]), ((1, 5, 2), (3, 0.5, 1))
    for function in (
        lambda a: np.array(a),
        lambda a: (np.sum(a), np.sort(a), np.sqrt(a), np.partition(a, 1)),
        lambda a: (np.intersect1d(a, a[:2]), np.isin(a, [1.0, 2.0]), np.ones(3) + a),
        lambda a: (np.convolve(a, a), np.cov(a), np.vander(a, 2), np.percentile(a, 30)),
    ):
        want, got = function([3.0, 1.0, 2.0]), njit(function)(numbers)
        for x, y in zip(*((t if isinstance(t, tuple) else (t,)) for t in (want, got)), strict=True):
            np.testing.assert_array_equal(x, y)
    np.testing.assert_array_equal(njit(lambda a: np.partition(a, (0, 1, 2)))(nested), np.sort(nested))
    assert njit(lambda a: np.partition(a, 0))(()).shape == (0,)


@pytest.mark.parametrize(
    "function, argument, words",
    [
        (lambda a: np.fliplr(a), "x", "Cannot np.fliplr on unicode_type type"),
        (lambda a: np.sort(a), None, 'Argument "a" must be array-like'),
        (lambda a: np.convolve(a, a), A, "only supported on 1D arrays"),
        (lambda a: np.unwrap(a, "x"), V, 'The argument "discont" must be a scalar'),
        (lambda a: np.rot90(a, "x"), A, 'The second argument "k" must be an integer'),
        (lambda a: np.cov(a), [[[1, 2]]], "m has more than 2 dimensions"),
        (lambda a: np.percentile(a, 3), V * 1j, "Not supported for complex dtype"),
        (
            lambda a: np.random.noncentral_chisquare(1, 1, a),
            "x",
            "size should be int or tuple of ints or None, got",
        ),
    ],
)
def test_words_that_users_of_numba_look_for(function, argument, words):
    with pytest.raises(TypingError, match=words):
        njit(function)(argument)


@pytest.mark.core
def test_joins_convert_as_casting_allows():
    check_arrays(
        lambda a: (
            np.concatenate((a, a), dtype=np.int32, casting="unsafe"),
            np.stack((a, a), dtype=np.float32),
            np.hstack((a, a), dtype=np.complex128, casting="safe"),
        ),
        A,
    )
    for function in (
        lambda a: np.concatenate((a, a), dtype=np.int32),
        lambda a: np.stack((a, a), dtype=np.float32, casting="safe"),
        lambda a: np.vstack((a, a), dtype=np.int64),
        lambda a: np.concatenate((a, a), out=np.zeros((6, 4), np.int64)),
    ):
        with pytest.raises(TypingError, match="Cannot cast array data from .* according to the rule"):
            njit(function)(A)


def test_arrays_without_axes_give_numbers():
    check_arrays(lambda z: (np.interp(z, [1.0, 4.0], [0.0, 6.0]), np.nan_to_num(z), np.percentile(V, z)), Z)
    check_arrays(lambda b: np.isclose(b, b, equal_nan=True), A > 3)
    check_arrays(lambda a: np.mean(a, where=a > 1), np.array([2**63 - 1, 2**63 - 1, 0]))
    check_arrays(lambda a, x: np.interp(x, a, a, left=0, right=1), np.array([-0.379, 2.5], np.float32), V)


POSITIONS = np.array([0.0, 1.0, 1.5, 3.5, 4.0, 6.0])


@pytest.mark.core
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_gradient(dtype):
    v = (np.array([3.0, 1.25, 7.5, 2.0, 9.0, 8.0]) * 7).astype(dtype)
    for a in (v[::-1],):
        check_arrays(
            lambda a, x: (
                np.gradient(a), np.gradient(a, 0.1), np.gradient(a, 2), np.gradient(a, x), np.gradient(a, x[:6] * 0 + [0, 1, 2, 3, 4, 5]),
                np.gradient(a, edge_order=2), np.gradient(a, 0.1, edge_order=2), np.gradient(a, x, edge_order=2),
            ),
            a,
            POSITIONS,
        )  # fmt: skip


@pytest.mark.core
def test_gradient_along_axes():
    def f(a, t, x, k):
        return (
            np.gradient(a), np.gradient(a, 0.5), np.gradient(a, 2.0, x), np.gradient(a, axis=0), np.gradient(t, axis=(2, 0)),
            np.gradient(t, axis=-1, edge_order=2), np.gradient(a, axis=k), np.gradient([1.0, 2.0, 4.0]),
        )  # fmt: skip

    for a in (A**2, np.asfortranarray(A), A[::-1]):
        want, got = f(a, T, POSITIONS[:4], 1), njit(f, bridge="error")(a, T, POSITIONS[:4], 1)
        for x, y in zip(want, got, strict=True):
            assert all(np.array_equal(g, h) for g, h in zip(x, y, strict=True))
    for arguments, words in (
        ((V[:1],), "Shape of array too small"),
        ((V, V[:3]), "distances must match the length"),
    ):
        with pytest.raises(ValueError, match=words):
            njit(lambda *a: np.gradient(*a))(*arguments)
    with pytest.raises(TypingError, match="invalid number of arguments"):
        njit(lambda a: np.gradient(a, 1.0, 2.0, 3.0))(A)


@pytest.mark.core
def test_places_in_shapes():
    check_arrays(
        lambda k, b: (
            np.unravel_index(k, (3, 4)), np.unravel_index(k.reshape(5, 1), (12,)), np.unravel_index(b, (3, 4)), np.unravel_index(7, (3, 4)),
            np.ravel_multi_index((k % 3, k % 4), (3, 4)), np.ravel_multi_index((b % 3, 2), (3, 4)), np.ravel_multi_index((1, 2), (3, 4)),
            np.ravel_multi_index(((k % 3)[:, None], k % 4), (3, 4)), np.ravel_multi_index((k,), (9,)),
        ),
        I,
        I.astype(np.uint8),
    )  # fmt: skip
    with pytest.raises(ValueError, match="index 12 is out of bounds for array with size 12"):
        njit(lambda k: np.unravel_index(k, (3, 4)))(I * 4)
    with pytest.raises(ValueError, match="invalid entry in coordinates array"):
        njit(lambda k: np.ravel_multi_index((k, k), (3, 4)))(I)


@pytest.mark.core
def test_places_by_columns_and_out_of_range():
    check_arrays(
        lambda k, order: (
            np.unravel_index(k, (3, 4), "F"), np.unravel_index(7, (3, 4), order="F"), np.unravel_index(k, (3, 4), order),
            np.ravel_multi_index((k % 3, k % 4), (3, 4), order="F"), np.ravel_multi_index((k, -k), (3, 2), mode="clip"),
            np.ravel_multi_index((k, -k), (3, 2), mode="wrap"), np.ravel_multi_index((k, k), (3, 2), ("clip", "wrap"), "F"),
            np.ravel_multi_index((5, -1), (3, 2), mode="clip"), np.ravel_multi_index(np.stack((k % 3, k % 2)), (3, 2)),
        ),
        I,
        "F",
    )  # fmt: skip
    with pytest.raises(ValueError, match="invalid entry in coordinates array"):
        njit(lambda k: np.ravel_multi_index((k, k), (3, 4), order="F"))(I)


def test_unstack_gives_a_list():
    got = njit(bridge="error")(
        lambda a, t: (np.unstack(a), np.unstack(t, axis=1), np.unstack(t[0], axis=-1))
    )(A, T)
    for parts, want in zip(got, (A, np.moveaxis(T, 1, 0), T[0].T), strict=True):
        assert type(parts) is list and len(parts) == len(want)
        assert all(np.array_equal(x, y) for x, y in zip(parts, want, strict=True))


def test_digits_that_do_not_fit():
    with pytest.raises(ValueError, match="Insufficient bit width=3 provided for binwidth=4"):
        njit(lambda n: np.binary_repr(n, 3))(9)
    with pytest.raises(ValueError, match="Bases greater than 36"):
        njit(lambda n: np.base_repr(n, 37))(9)


def test_arrays_that_share_elements():
    buffer = np.arange(40.0)
    table, words = buffer.reshape(5, 8), buffer.view("i4")
    views = [
        buffer, buffer[::2], buffer[1::2], buffer[3:7], buffer[7:9], buffer[::-1], table[:, :4], table[:, 4:], table[::2, ::3],
        words[1::2], words[::2], buffer[:0], buffer[5:6].reshape(()), buffer[6:7].reshape(()), np.ones(3), buffer.view("c16").imag,
        np.lib.stride_tricks.as_strided(buffer, (3,), (0,)),
    ]  # fmt: skip
    shares = njit(bridge="error")(lambda a, b: np.shares_memory(a, b))
    for a in views:
        for b in views:
            assert shares(a, b) == np.shares_memory(a, b)


LAYOUTS = [A, np.asfortranarray(A), V, Z, A[::2], A[:, ::-1]]
COPIES = [
    "copy=None", "copy=False", "copy=True", "ndmin=3", "copy=None, ndmin=3", "copy=None, order='C'", "copy=None, order='F'", "order='C'",
    "order='F'", "order='F', dtype=np.float32", "copy=None, dtype=np.float32", "copy=None, dtype=np.float64",
]  # fmt: skip


@pytest.mark.core
@pytest.mark.parametrize("how", COPIES)
def test_copies_of_arrays(how):
    f = eval(f"lambda a: np.array(a, {how})", {"np": np})
    compiled = njit(bridge="error")(f)
    for a in LAYOUTS:
        want, got = f(a), compiled(a)
        assert want.dtype == got.dtype and want.shape == got.shape and np.array_equal(want, got)
        assert np.shares_memory(want, a) == np.shares_memory(got, a)
        if "ndmin" not in how or a.flags.c_contiguous:
            assert (want.flags.c_contiguous, want.flags.f_contiguous) == (
                got.flags.c_contiguous,
                got.flags.f_contiguous,
            )


@pytest.mark.parametrize("how", ["order='F'", "order='C'", "ndmin=3", "order='F', dtype=np.float32"])
def test_arrays_of_sequences_in_an_order(how):
    f = eval(f"lambda a: np.array(a, {how})", {"np": np})
    for a in ([[1, 2], [3, 4]], (1, 2), ((1, 2), (3, 4))):
        want, got = f(a), njit(bridge="error")(f)(a)
        assert want.dtype == got.dtype and np.array_equal(want, got)
        assert (want.flags.c_contiguous, want.flags.f_contiguous) == (
            got.flags.c_contiguous,
            got.flags.f_contiguous,
        )


@pytest.mark.parametrize(
    "call, words",
    [
        ("np.choose(np.array([0, 1]), (a[0, :2], a[1, :2]), out=a[:, :2])", "invalid shape for output array"),
        ("np.lexsort((a[0], a[1]), axis=1)", "axis 1 is out of bounds"),
        ("np.std(a, ddof=1, correction=1)", "can't be provided simultaneously"),
        ("np.expand_dims(a, (0, 5))", "axis 5 is out of bounds"),
        ("np.unravel_index(np.array([0]), ())", "multiple indices are not supported for 0d array"),
        ("np.histogram(np.array([1.0, 1.0 + 1e-15]))", "Too many bins for data range"),
        ("np.put([1, 2], 0, 3)", "argument 1 must be numpy.ndarray"),
        ("np.copyto([1], [2])", "argument 1 must be numpy.ndarray"),
        ("np.fill_diagonal(((1, 2), (3, 4)), 5)", "argument 1 must be numpy.ndarray"),
    ],
)
def test_what_numpy_refuses(call, words):
    with pytest.raises(Exception, match=words):
        njit(eval(f"lambda a: {call}", {"np": np}))(A)
