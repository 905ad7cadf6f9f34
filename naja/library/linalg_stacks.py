"""numpy.linalg for stacks, axes and hermitian matrices, and its functions that are others by another name.

What `linalg` has for one matrix goes through LAPACK's loops there; these are put together of such results.
"""

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds
from naja.library.choices import constant_text
from naja.library.linalg import _check_array, _computing, _real, _to_inexact
from naja.library.written import written

LinAlgError = np.linalg.LinAlgError


def _write(text, **names):
    return written(__name__, text, **names)


# ---- norms along axes --------------------------------------------------------------------------------------------------

_ZERO_SIZE = "zero-size array to reduction operation maximum which has no identity"


def _along(order, axis, keep, real):
    """Statements that return the norm of vectors along an axis; `s` holds the sizes of elements."""
    where = f"axis={axis}, keepdims={keep}"
    tests = {
        "np.inf": f"np.max(s, {where})",
        "-np.inf": f"np.min(s, {where})",
        "0": f"np.sum((s != 0).astype(real), {where})",
        "1": f"np.sum(s, {where})",
        "2": f"np.sqrt(np.sum(s * s, {where}))",
    }
    if order is None:
        return f"    return {tests['2']}\n"
    text = "".join(f"    if ord == {number}:\n        return {found}\n" for number, found in tests.items())
    return f"{text}    return np.sum(s ** real(ord), {where}) ** real(1 / ord)\n"


def _along_two(order, rows, columns, n, keep):
    """Statements that return the norm of matrices in two axes."""
    both = f"axis={(rows, columns)}, keepdims={keep}"
    if order in (None, "fro", "f"):
        return f"    return np.sqrt(np.sum(s * s, {both}))\n"
    first, last = min(rows, columns), max(rows, columns)
    back = "v"
    if keep:
        back = "np.full((1, 1), v)" if n == 2 else f"np.expand_dims(np.expand_dims(v, {first}), {last})"
    moved = f"np.moveaxis(np.moveaxis(x, {rows}, -1), {columns - (columns > rows)}, -1)"
    values = f"np.linalg.svd({moved}, compute_uv=False)"
    if order == "nuc":
        return f"    v = np.sum({values}, axis=-1)\n    return {back}\n"

    def sums(axis, other):
        return f"np.sum(s, axis={axis})", other - (other > axis)

    by_rows, left = sums(rows, columns)
    by_columns, right = sums(columns, rows)
    tests = {
        "2": f"np.max({values}, axis=-1)",
        "-2": f"np.min({values}, axis=-1)",
        "1": f"np.max({by_rows}, axis={left})",
        "-1": f"np.min({by_rows}, axis={left})",
        "np.inf": f"np.max({by_columns}, axis={right})",
        "-np.inf": f"np.min({by_columns}, axis={right})",
    }
    text = "".join(
        f"    if ord == {number}:\n        v = {found}\n        return {back}\n"
        for number, found in tests.items()
    )
    return f"{text}    raise ValueError('Invalid norm order for matrices.')\n"


@overload(np.linalg.norm, prefer_literal=True)
def norm(x, ord=None, axis=None, keepdims=False):
    """np.linalg.norm along one axis or two, and of array-likes."""
    if not kinds.is_array(x):
        return (
            (lambda x, ord=None, axis=None, keepdims=False: np.linalg.norm(np.asarray(x), ord))
            if kinds.is_array_like(x)
            else None
        )
    keep, n = bool(kinds.value(keepdims, "np.linalg.norm: keepdims")), x.ndim
    order = kinds.value(ord, "") if kinds.is_known(ord) else ...
    head = "def f(x, ord=None, axis=None, keepdims=False):\n"
    if kinds.is_none(axis):
        if not keep or n == 0:
            return None
        given = "None" if order is None else repr(order) if isinstance(order, str) else "ord"
        return _write(f"{head}    return np.full(({'1, ' * n}), np.linalg.norm(x, {given}))\n")
    axes = list(axis) if isinstance(axis, (types.BaseTuple, tuple)) else [axis]
    places = [kinds.axis_of(t, n, "np.linalg.norm") for t in axes]
    real = _real(_computing(x))
    names = {"real": real, "convert": _to_inexact(x)}
    head += "    s = np.abs(convert(x))\n"
    if len(places) == 1:
        if isinstance(order, str):
            raise TypingError(f"Invalid norm order '{order}' for vectors")
        return _write(head + _along(order, places[0], keep, real), **names)
    if len(places) != 2:
        raise TypingError("Improper number of dimensions to norm.")
    if places[0] == places[1]:
        raise TypingError("Duplicate axes given.")
    if isinstance(order, str) and order not in ("fro", "f", "nuc"):
        raise TypingError(f"Invalid norm order '{order}' for matrices")
    return _write(head + _along_two(order, *places, n, keep), **names)


# ---- stacks ----------------------------------------------------------------------------------------------------------


def _singular(hermitian):
    """The text of singular values (of `a`), largest first."""
    if hermitian:
        return "np.sort(np.abs(np.linalg.eigvalsh(a)), axis=-1)[..., ::-1]"
    return "np.linalg.svd(a, compute_uv=False)"


@overload(np.linalg.matrix_rank, prefer_literal=True)
def matrix_rank(A, tol=None, hermitian=False, rtol=None):
    """np.linalg.matrix_rank of stacks and hermitian matrices."""
    is_hermitian = bool(kinds.value(hermitian, "np.linalg.matrix_rank: hermitian"))
    if not _check_array(A, "matrix_rank", 1) or (A.ndim < 3 and not is_hermitian) or A.ndim < 2:
        return None
    if not kinds.is_none(tol) and not kinds.is_none(rtol):
        raise TypingError("`tol` and `rtol` can't be both set.")
    limit = "top * (max(a.shape[-2], a.shape[-1]) * epsilon)"
    if not kinds.is_none(tol):
        limit = "tol[..., None]" if kinds.is_array(tol) and tol.ndim else "tol"
    if not kinds.is_none(rtol):
        limit = "top * rtol[..., None]" if kinds.is_array(rtol) and rtol.ndim else "top * rtol"
    return _write(
        "def f(A, tol=None, hermitian=False, rtol=None):\n"
        f"    a = A\n    if a.shape[-1] == 0 or a.shape[-2] == 0:\n        raise LinAlgError('Arrays cannot be empty')\n"
        f"    s = {_singular(is_hermitian)}\n    top = np.max(s, axis=-1, keepdims=True)\n"
        f"    return np.count_nonzero(s > {limit}, axis=-1)\n",
        LinAlgError=LinAlgError,
        epsilon=float(np.finfo(_computing(A)).eps),
    )


@overload(np.linalg.svd, prefer_literal=True)
def svd_of_hermitian(a, full_matrices=True, compute_uv=True, hermitian=False):
    """np.linalg.svd of hermitian matrices, by their eigenvalues."""
    if not kinds.value(hermitian, "np.linalg.svd: hermitian") or not _check_array(a, "svd"):
        return None
    head = "def f(a, full_matrices=True, compute_uv=True, hermitian=False):\n"
    if not kinds.value(compute_uv, "np.linalg.svd: compute_uv"):
        return _write(f"{head}    return np.ascontiguousarray({_singular(True)})\n")
    return _write(
        f"{head}    w, v = np.linalg.eigh(a)\n"
        "    order = np.ascontiguousarray(np.argsort(np.abs(w), axis=-1)[..., ::-1])\n"
        "    sign, s = np.take_along_axis(np.sign(w), order, -1), np.take_along_axis(np.abs(w), order, -1)\n"
        "    u = np.take_along_axis(v, order[..., None, :], -1)\n"
        "    vh = np.ascontiguousarray(np.conj(np.swapaxes(u * sign[..., None, :], -1, -2)))\n"
        "    return SVDResult(u, s, vh)\n",
        SVDResult=type(np.linalg.svd(np.eye(1))),
    )


@overload(np.linalg.pinv, prefer_literal=True)
def pinv(a, rcond=None, hermitian=False, rtol=None):
    """np.linalg.pinv of stacks and hermitian matrices."""
    is_hermitian = bool(kinds.value(hermitian, "np.linalg.pinv: hermitian"))
    if not _check_array(a, "pinv") or (a.ndim == 2 and not is_hermitian):
        return None
    given = "rcond" if not kinds.is_none(rcond) else "rtol" if not kinds.is_none(rtol) else "1e-15"
    cutoff = {"rcond": rcond, "rtol": rtol}.get(given)
    if kinds.is_array(cutoff) and cutoff.ndim:
        given += "[..., None]"
    return _write(
        "def f(a, rcond=None, hermitian=False, rtol=None):\n"
        "    if a.shape[-1] == 0 or a.shape[-2] == 0:\n"
        f"        return np.empty(a.shape[:-2] + (a.shape[-1], a.shape[-2]), dtype)\n"
        f"    u, s, vh = np.linalg.svd(np.conj(a), full_matrices=False, hermitian={is_hermitian})\n"
        f"    kept = s > {given} * np.max(s, axis=-1, keepdims=True)\n"
        "    s = np.where(kept, 1 / np.where(kept, s, 1), 0).astype(real)\n"
        "    return np.matmul(np.swapaxes(vh, -1, -2), s[..., None] * np.swapaxes(u, -1, -2))\n",
        dtype=_computing(a),
        real=_real(_computing(a)),
    )


@overload(np.linalg.cond, prefer_literal=True)
def cond(x, p=None):
    """np.linalg.cond of stacks."""
    if not _check_array(x, "cond") or x.ndim == 2:
        return None
    order = kinds.value(p, "") if kinds.is_known(p) else ...
    size = f"np.linalg.norm({{}}, {repr(order) if isinstance(order, str) else 'p'}, axis=(-2, -1))"
    values, product = (
        "np.linalg.svd(x, compute_uv=False)",
        f"{size.format('x')} * {size.format('np.linalg.inv(x)')}",
    )
    if order is None:
        text = f"    s = {values}\n    found = s[..., 0] / s[..., -1]\n"
    elif isinstance(order, str):
        text = f"    found = {product}\n"
    else:
        text = (
            f"    if p == 2 or p == -2:\n        s = {values}\n"
            "        found = s[..., 0] / s[..., -1] if p > 0 else s[..., -1] / s[..., 0]\n"
            f"    else:\n        found = {product}\n"
        )
    return _write(
        "def f(x, p=None):\n"
        "    if x.shape[-1] == 0 or x.shape[-2] == 0:\n"
        "        raise LinAlgError('cond is not defined on empty arrays: Arrays cannot be empty')\n"
        f"{text}    return np.where(np.isnan(found) & ~np.isnan(x).any(axis=(-2, -1)), real(np.inf), found)\n",
        LinAlgError=LinAlgError,
        real=_real(_computing(x)),
    )


@overload(np.linalg.matrix_power, prefer_literal=True)
def matrix_power(a, n):
    """np.linalg.matrix_power of stacks, and inverses of matrices of integers by a constant power."""
    if not _check_array(a, "matrix_power") or not kinds.is_integer(n):
        return None
    known = kinds.value(n, "") if kinds.is_known(n) else 0
    if known < 0 and isinstance(a.dtype, (types.Integer, types.Boolean)):
        return lambda a, n: np.linalg.matrix_power(np.linalg.inv(a), -n)
    if a.ndim == 2:
        return None
    inverse = "    if n < 0:\n        base, n = np.linalg.inv(base), -n\n"
    if isinstance(a.dtype, (types.Integer, types.Boolean)):
        inverse = "    if n < 0:\n        raise TypeError('a matrix of integers has no inverse of integers: convert it to float64')\n"
    return _write(
        "def f(a, n):\n"
        "    if a.shape[-1] != a.shape[-2]:\n"
        "        raise LinAlgError('Last 2 dimensions of the array must be square')\n"
        f"    base = a.copy()\n{inverse}"
        "    result = np.empty(a.shape, base.dtype)\n"
        "    result[...] = np.eye(a.shape[-1], dtype=base.dtype)\n"
        "    while n > 0:\n"
        "        if n & 1:\n            result = np.matmul(result, base)\n"
        "        n >>= 1\n"
        "        if n:\n            base = np.matmul(base, base)\n"
        "    return result\n",
        LinAlgError=LinAlgError,
    )


# ---- equations of tensors ----------------------------------------------------------------------------------------------


@overload(np.linalg.tensorinv, prefer_literal=True)
def tensorinv(a, ind=2):
    """np.linalg.tensorinv."""
    k = kinds.value(ind, "np.linalg.tensorinv: ind")
    if not kinds.is_array(a):
        return None
    if not 0 < k < a.ndim:
        raise TypingError("Invalid ind argument.")
    back = "".join(f"a.shape[{i}], " for i in [*range(k, a.ndim), *range(k)])
    rest = "*".join(f"a.shape[{i}]" for i in range(k, a.ndim))
    return _write(
        "def f(a, ind=2):\n"
        f"    n = {rest}\n"
        f"    return np.linalg.inv(np.ascontiguousarray(a).reshape((-1, n))).reshape(({back}))\n"
    )


@overload(np.linalg.tensorsolve, prefer_literal=True)
def tensorsolve(a, b, axes=None):
    """np.linalg.tensorsolve."""
    if not kinds.is_array(a) or not kinds.is_array(b) or not kinds.is_none(axes) or a.ndim <= b.ndim:
        return None
    back = "".join(f"a.shape[{i}], " for i in range(b.ndim, a.ndim))
    return _write(
        "def f(a, b, axes=None):\n"
        "    n = b.size\n"
        f"    if a.size != n * n:\n"
        "        raise LinAlgError('Input arrays must satisfy the requirement prod(a.shape[b.ndim:]) == prod(a.shape[:b.ndim])')\n"
        f"    x = np.linalg.solve(np.ascontiguousarray(a).reshape((n, n)), np.ascontiguousarray(b).reshape(n))\n"
        f"    return x.reshape(({back}))\n",
        LinAlgError=LinAlgError,
    )


# ---- others by another name --------------------------------------------------------------------------------------------


@overload(np.linalg.diagonal, prefer_literal=True)
def diagonal(x, *, offset=0):
    """np.linalg.diagonal, of the last two axes."""
    return lambda x, *, offset=0: np.diagonal(x, offset, -2, -1)


@overload(np.linalg.trace, prefer_literal=True)
def trace(x, *, offset=0):
    """np.linalg.trace, of the last two axes."""
    return lambda x, *, offset=0: np.trace(x, offset, -2, -1)


@overload(np.linalg.matmul)
def matmul(x1, x2):
    """np.linalg.matmul."""
    return lambda x1, x2: np.matmul(x1, x2)


@overload(np.linalg.matrix_transpose)
def matrix_transpose(x):
    """np.linalg.matrix_transpose."""
    return lambda x: np.swapaxes(x, -1, -2)


overload(np.matrix_transpose)(matrix_transpose)


@overload(np.linalg.outer)
def outer(x1, x2):
    """np.linalg.outer of two vectors."""
    return (lambda x1, x2: np.outer(x1, x2)) if kinds.is_array(x1, 1) and kinds.is_array(x2, 1) else None


@overload(np.linalg.multi_dot)
def multi_dot(arrays):
    """np.linalg.multi_dot of a list, from left to right."""
    if not isinstance(arrays, types.List) or not kinds.is_array(arrays.dtype, 2):
        return None

    def multiply(arrays):
        if len(arrays) < 2:
            raise ValueError("Expecting at least two arrays.")
        product = np.dot(arrays[0], arrays[1])
        for i in range(2, len(arrays)):
            product = np.dot(product, arrays[i])
        return product

    return multiply


@overload(np.linalg.cross, prefer_literal=True)
def cross(x1, x2, *, axis=-1):
    """np.linalg.cross along the last axis."""
    if kinds.value(axis, "np.linalg.cross: axis") != -1:
        return None
    return lambda x1, x2, *, axis=-1: np.cross(x1, x2)


@overload(np.linalg.tensordot, prefer_literal=True)
def tensordot(x1, x2, *, axes=2):
    """np.linalg.tensordot."""
    given = constant_text(axes) if isinstance(axes, types.Type) else repr(axes)
    return given and _write(f"def f(x1, x2, *, axes=2):\n    return np.tensordot(x1, x2, {given})\n")


@overload(np.linalg.vecdot, prefer_literal=True)
def vecdot(x1, x2, *, axis=-1):
    """np.linalg.vecdot along the last axis."""
    if kinds.value(axis, "np.linalg.vecdot: axis") != -1:
        return None
    return lambda x1, x2, *, axis=-1: np.vecdot(x1, x2)


@overload(np.linalg.matrix_norm, prefer_literal=True)
def matrix_norm(x, *, keepdims=False, ord="fro"):
    """np.linalg.matrix_norm."""
    keep = bool(kinds.value(keepdims, "np.linalg.matrix_norm: keepdims"))
    order = kinds.value(ord, "") if kinds.is_known(ord) else ...
    given = repr(order) if isinstance(order, str) else "ord"
    return _write(
        'def f(x, *, keepdims=False, ord="fro"):\n'
        f"    return np.linalg.norm(x, {given}, axis=(-2, -1), keepdims={keep})\n"
    )


@overload(np.linalg.vector_norm, prefer_literal=True)
def vector_norm(x, *, axis=None, keepdims=False, ord=2):
    """np.linalg.vector_norm along one axis, or of all elements."""
    if not kinds.is_array(x) or isinstance(axis, types.BaseTuple):
        return None
    keep = bool(kinds.value(keepdims, "np.linalg.vector_norm: keepdims"))
    head = "def f(x, *, axis=None, keepdims=False, ord=2):\n"
    if kinds.is_none(axis):
        norm = "np.linalg.norm(np.ravel(x), ord)"
        return _write(
            f"{head}    return {f'np.full(({{}}), {norm})'.format('1, ' * x.ndim) if keep else norm}\n"
        )
    place = kinds.axis_of(axis, x.ndim, "np.linalg.vector_norm")
    return _write(f"{head}    return np.linalg.norm(x, ord, axis={place}, keepdims={keep})\n")
