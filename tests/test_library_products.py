"""Products of arrays of any number of axes, einsum, and elements by other ways than indices, against NumPy."""

import numpy as np
import pytest

from naja import _core, njit

A = np.arange(24.0).reshape(2, 3, 4)
B = np.arange(12).reshape(3, 4)
V = np.linspace(-2, 3, 6)
C = A * (1 + 2j)
I = np.array([0, 2, 1])

CASES = {
    "matmul": lambda: (
        np.matmul(A, A.transpose(0, 2, 1)),
        A @ V[:4],
        V[:3] @ A,
        np.matmul(A, B.T),
        A[:, None] @ A.transpose(0, 2, 1),
    ),
    "dot": lambda: (
        np.dot(A, V[:4]),
        np.dot(A, B.T),
        np.dot(3.0, V),
        np.dot(V, 2),
        np.dot(B, A.transpose(0, 2, 1)),
        A.dot(B.T),
    ),
    "inner": lambda: (np.inner(A, B), np.inner(B, A), np.inner(2, V), np.inner((1, 2), (3, 4))),
    "vdot": lambda: (np.vdot(V, V), np.vdot(C, C), np.vdot(B, B)),
    "outer": lambda: (np.outer(B, V), np.outer(2, V), np.outer((1, 2), I)),
    "kron": lambda: (np.kron(B, B), np.kron(V, I), np.kron(B, V), np.kron(A, B)),
    "cross": lambda: (np.cross(V[:3], V[3:]), np.cross(B[:, :3], B[:, 1:]), np.cross(B[:, :3], V[:3])),
    "tensordot": lambda: (
        np.tensordot(B, B, axes=((0,), (0,))),
        np.tensordot(A, B.T * 1.0, axes=1),
        np.tensordot(A, A, axes=((0, 1), (0, 1))),
    ),
    "tensordot_all": lambda: np.tensordot(A, A, axes=3),
    "einsum": lambda: (
        np.einsum("ij,kj->ik", B, B),
        np.einsum("ij->i", B),
        np.einsum("ijk,jk->i", A, B),
        np.einsum("i,j->ij", V, I),
    ),
    "einsum_scalar": lambda: (np.einsum("ii", B[:, :3]), np.einsum("i,i", V, V), np.einsum("ij->", B)),
    "einsum_other": lambda: (
        np.einsum("ii->i", B[:, :3]),
        np.einsum("ba", B),
        np.einsum("...j,j->...", A, V[:4]),
        np.einsum("ijk->kij", A),
    ),
    "multi_dot": lambda: np.linalg.multi_dot((B * 1.0, B.T * 1.0, B * 1.0)),
    "trace": lambda: (np.trace(B), np.trace(A), np.trace(A, 0, 1, 2), np.trace(B, -1), A.trace(1)),
    "diagonal": lambda: (np.diagonal(A), np.diagonal(B, 1), np.diagonal(A, 0, 1, 2), A.diagonal(-1, 2, 0)),
    "diff": lambda: (
        np.diff(V),
        np.diff(B, axis=0),
        np.diff(B, n=2, axis=1),
        np.diff(V, prepend=0.0),
        np.diff(A, axis=1),
        np.diff(V > 0),
    ),
    "gradient": lambda: (np.gradient(V), np.gradient(I, 2.0)),
    "along_axis": lambda: (
        np.take_along_axis(B, np.argsort(-B, axis=1), axis=1),
        np.take_along_axis(A, np.array([[[1]]]), 1),
    ),
    "round": lambda: (np.round(V, 1), V.round(), np.round(B, -1), np.round(V * 100, -1)),
    "clip": lambda: (np.clip(V, None, 1), V.clip(0, 1), V.clip(min=0), np.clip((1, 5), 2, 3)),
    "geomspace": lambda: (np.geomspace(1.0, 100.0, 5), np.geomspace(-1, -8, 4)),
    "kinds": lambda: (
        np.iscomplexobj(C),
        np.isrealobj(C),
        np.isreal(C),
        np.iscomplex(C),
        np.isscalar(3),
        np.angle(C),
        np.angle(C, deg=True),
    ),
    "positions": lambda: (np.unravel_index(5, (2, 3)), np.ravel_multi_index((1, 2), (2, 3))),
    "single": lambda: (bool(V[:1] > 5), int(np.array(3.7)), float(np.array(2))),
}


def same(x, y):
    if isinstance(x, tuple):
        return len(x) == len(y) and all(map(same, x, y))
    return (
        np.asarray(x).dtype == np.asarray(y).dtype
        and np.shape(x) == np.shape(y)
        and np.allclose(x, y, rtol=1e-14)
    )


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
def test_nditer():
    def visit(a, b):
        seen = []
        for x in np.nditer(a):
            seen.append(x.item() + 0.0)
        for x, y in np.nditer((a, b)):
            seen.append(x.item() * y.item())
        return seen

    for a, b in ((A, B[0]), (np.asfortranarray(A), 2), (A[:, ::2], A[:1, ::2]), (V, V)):
        assert njit(visit)(a, b) == visit(a, b)


@pytest.mark.core
def test_nditer_of_any_layout_and_its_flags():
    cube = np.arange(24.0).reshape(2, 3, 4)
    for order in "KC":
        run = eval(f"lambda a: [x.item() for x in np.nditer(a, order={order!r})]", {"np": np})
        compiled = njit(run)
        for a in (cube, cube[::-1], cube.T[::2], cube[:, ::-1, ::2], cube.transpose(1, 2, 0), cube[:1, ::-1]):
            assert compiled(a) == run(a)

    def double(a):
        for x in np.nditer(a, op_flags=["readwrite"]):
            x[...] = 2 * x
        for x in np.nditer(a, flags=("zerosize_ok",), op_flags=("readwrite",)):
            x[...] = x + 1
        return a

    for a in (cube, cube[::-1].T, cube[0, 0, ::-2]):
        assert same(double(a.copy()), njit(double)(a.copy()))


@pytest.mark.core
def test_out():
    def fill(x, y, z):
        np.dot(B, B.T, out=x)
        np.matmul(B * 1.0, B.T * 1.0, out=y)
        np.clip(V, 0, 1, out=z)
        np.round(V, 1, z[:0] if len(x) == 0 else z)

    want, got = [(np.zeros((3, 3), np.int64), np.zeros((3, 3)), np.zeros(6)) for _ in range(2)]
    fill(*want)
    njit(fill)(*got)
    assert same(want, got)


def test_errors():
    for function in (
        lambda: np.matmul(A, B),
        lambda: np.tensordot(A, B, axes=1),
        lambda: np.take_along_axis(V, I + 5, 0),
        lambda: bool(V > 5),
        lambda: np.geomspace(0, 1),
        lambda: np.ravel_multi_index((2, 2), (2, 3)),
    ):
        with pytest.raises((ValueError, IndexError)) as want:
            function()
        with pytest.raises(type(want.value)):
            njit(function)()


@pytest.mark.core
def test_parts_are_assigned():
    def assign(c, r, z):
        c.real = 3
        c.imag = r
        c.T.imag += 1
        r.real = r * 2
        z.flat = 7

    want, got = [(C.copy(), A.copy(), np.zeros((2, 2), np.int64)) for _ in range(2)]
    assign(*want)
    njit(assign)(*got)
    assert same(want, got)
