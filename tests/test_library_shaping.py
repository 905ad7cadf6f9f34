"""Repeating, padding, splitting, joining, broadcasting, inserting and putting in compiled code, against NumPy."""

import numpy as np
import pytest

from naja import _core, njit

A = np.arange(24.0).reshape(2, 3, 4)
B = np.arange(12).reshape(3, 4)
V = np.linspace(-2, 3, 6)
I = np.array([0, 2, 1])
J = np.array([1, 1, 3])
M = V > 0

CASES = {
    "tile": lambda: (
        np.tile(V, 2),
        np.tile(V, (2, 1)),
        np.tile(B, (2, 2)),
        np.tile(B, 2),
        np.tile(B, (2, 1, 2)),
        np.tile(V, 0),
    ),
    "tile_other": lambda: (np.tile(3, 4), np.tile((1, 2), (2, 2)), np.tile(B.T, (1, 2))),
    "resize": lambda: (np.resize(V, (2, 5)), np.resize(V, 3), np.resize(V[:0], 2), np.resize(B, (5, 4))),
    "pad": lambda: (
        np.pad(V, 2),
        np.pad(V, (1, 2)),
        np.pad(B, ((1, 0), (0, 2)), mode="constant", constant_values=7),
    ),
    "pad_pairs": lambda: np.pad(B, ((1, 2), (3, 4)), "constant", constant_values=((5, 6), (7, 8))),
    "pad_edge": lambda: (np.pad(V, 3, mode="edge"), np.pad(B, (1, 2), "edge")),
    "pad_reflect": lambda: (
        np.pad(V, 9, mode="reflect"),
        np.pad(B, ((0, 1), (5, 0)), "reflect"),
        np.pad(V[:1], 2, "reflect"),
    ),
    "pad_symmetric": lambda: (np.pad(V, 9, mode="symmetric"), np.pad(A, 1, "symmetric")),
    "pad_wrap": lambda: (np.pad(V, 9, mode="wrap"), np.pad(B, (2, 1), "wrap")),
    "split": lambda: (
        np.split(V, 3),
        np.split(V, (2, 3)),
        np.split(V, J),
        np.split(B, 3),
        np.split(A, 2, axis=2),
    ),
    "array_split": lambda: (
        np.array_split(V, 4),
        np.array_split(B, 2, axis=1),
        np.array_split(V, (1, 9)),
        np.array_split(V, 9),
    ),
    "hsplit": lambda: (np.hsplit(B, 2), np.vsplit(B, 3), np.dsplit(A, (1, 2)), np.hsplit(V, 2)),
    "dstack": lambda: (np.dstack((B, B)), np.dstack((V, V)), np.dstack((A, A))),
    "concatenate_flat": lambda: np.concatenate((B, V), axis=None),
    "array_of_arrays": lambda: (np.array((V, V)), np.array([V, V]), np.array([B, B])),
    "array_options": lambda: (
        np.array(V, copy=True),
        np.array(V, ndmin=3),
        np.array(B, order="F"),
        np.array(B, dtype=np.float32),
    ),
    "broadcast": lambda: (
        np.broadcast_to(3.0, (2, 2)),
        np.broadcast_arrays(V, B[:, :1]),
        np.broadcast_shapes((2, 1), (3,), 1),
    ),
    "meshgrid": lambda: (
        np.meshgrid(V, I),
        np.meshgrid(V, I, indexing="ij"),
        np.meshgrid(V, I, J),
        np.meshgrid(V),
    ),
    "meshgrid_sparse": lambda: np.meshgrid(V, I, sparse=True),
    "indices": lambda: (np.indices((2, 3)), np.indices((4,)), np.ix_(I, J), B[np.ix_(I, J)], np.ix_(M, I)),
    "at_least": lambda: (
        np.atleast_2d(V),
        np.atleast_3d(V),
        np.atleast_2d(3.0),
        np.atleast_2d(V, I),
        np.atleast_3d(B),
    ),
    "axes": lambda: (
        np.rollaxis(A, 2),
        np.rollaxis(A, 1, 3),
        np.moveaxis(A, (0, 1), (2, 0)),
        np.expand_dims(V, (0, 2)),
        A.mT,
    ),
    "extents": lambda: (np.size(A, 1), np.size(A), np.shape(3.0)),
    "insert": lambda: (
        np.insert(V, 2, 9.0),
        np.insert(V, -1, V[:2]),
        np.insert(V, I, 9.0),
        np.insert(V, J, V[:3]),
        np.insert(B, 1, 7),
    ),
    "insert_axis": lambda: (
        np.insert(B, 1, 7, axis=0),
        np.insert(B, -1, I, axis=1),
        np.insert(V, (1, 2), (5, 6)),
    ),
    "choose": lambda: (np.choose(I, (V[:3], V[3:], V[1:4])), np.choose(I, (10, 20, 30))),
    "select": lambda: (np.select((V > 1, V < 0), (V, V * 2)), np.select([V > 1, V < 0], [V, V * 2], 7.0)),
    "tolist": lambda: (V.tolist(), A.tolist()),
    "list_index": lambda: (V[[0, 2]], B[[1, 1, 0]]),
}


def same(x, y):
    if isinstance(x, (tuple, list)):
        return type(x) is type(y) and len(x) == len(y) and all(map(same, x, y))
    return np.asarray(x).dtype == np.asarray(y).dtype and np.shape(x) == np.shape(y) and np.array_equal(x, y)


@pytest.mark.core
@pytest.mark.parametrize("name", CASES)
def test_like_numpy(name):
    function = CASES[name]
    blocks = _core.block_count()
    want, got = function(), njit(function)()
    assert same(want, got)
    del got
    assert _core.block_count() == blocks


@pytest.mark.core
def test_lists_of_arrays():
    def join(a, n):
        parts, rows = [], []
        for i in range(n):
            parts.append(a[i:] * i)
            rows.append(a + i)
        return (
            np.concatenate(parts), np.stack(rows), np.stack(rows, axis=1), np.vstack(rows), np.hstack(rows),
            np.column_stack(rows), np.array(rows), np.concatenate([x.reshape(2, 3) for x in rows], axis=1),
        )  # fmt: skip

    assert same(join(V, 3), njit(join)(V, 3))
    with pytest.raises(ValueError, match="need at least one array"):
        njit(join)(V, 0)


def put(a, b, m, i, v):
    np.put(a, i, v[3:])
    np.put(a, (4, -1), 7.5)
    a.put(i, 1.5)
    np.putmask(a, m, 7.0)
    np.putmask(a, ~m, v[:2])
    np.place(a, a > 2, v[:2])
    np.copyto(b, 3)
    np.copyto(b, v, where=m)
    b[[0, 2]] = 11
    b[[1, 3]] = v[:2]


@pytest.mark.core
def test_put():
    want, got = (V.copy(), V.copy()), (V.copy(), V.copy())
    put(*want, M, I, V)
    njit(put)(*got, M, I, V)
    assert same(want, got)


def test_errors_are_numpys():
    cases = (
        (lambda: np.split(V, 4), ()),
        (lambda: np.array_split(V, 0), ()),
        (lambda: np.insert(V, 9, 1.0), ()),
        (lambda: np.put(V.copy(), 9, 1.0), ()),
        (lambda: np.choose(J + 2, (1, 2)), ()),
        (lambda: np.pad(V, -1), ()),
    )
    for function, args in cases:
        with pytest.raises((ValueError, IndexError)) as want:
            function(*args)
        with pytest.raises(type(want.value)) as got:
            njit(function)(*args)
        assert str(got.value) == str(want.value)
