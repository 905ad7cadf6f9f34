"""numpy.linalg, over the LAPACK loops that NumPy brings (rung 3), with NumPy's checks and messages around them.

Stacks of matrices work as in NumPy.  The loops tell failure (a singular matrix, no convergence) by the floating-point
flag "invalid"; `bridge.fp_clear` and `bridge.fp_invalid` read it.

One difference: `eig` and `eigvals` of real matrices give real results, since the type of a result cannot depend on
values in compiled code; they raise ValueError when an eigenvalue is complex.
"""

import numpy as np

from naja import bridge, njit, types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds

_loops = np.linalg._umath_linalg
LinAlgError = np.linalg.LinAlgError

try:
    from numpy.linalg._linalg import EighResult, EigResult, QRResult, SlogdetResult, SVDResult
except ImportError:  # NumPy 1.x
    from numpy.linalg.linalg import EighResult, EigResult, QRResult, SlogdetResult, SVDResult

_SQUARE = "Last 2 dimensions of the array must be square."
_SINGULAR = "Singular matrix: Matrix is singular to machine precision."
_INFINITE = "Array must not contain infs or NaNs."


# ---- arguments -----------------------------------------------------------------------------------------------------


def _check_array(a, name, least=2, most=None):
    """Refuse what is no array of numbers with so many axes; False: not for this overload."""
    if not kinds.is_array(a):
        return False
    if a.ndim < least or (most and a.ndim > most):
        shown = (
            "2-D arrays" if least == 2 else "1 and 2-D arrays" if most == 2 else f"at least {least}-D arrays"
        )
        raise TypingError(
            f"{a.ndim}-dimensional array given. np.linalg.{name}() only supported on {shown}"
            + (": Array must be at least two-dimensional" if least == 2 and not most else "")
        )
    if a.dtype is types.float16:
        raise TypingError(
            f"array type float16 is unsupported in linalg: np.linalg.{name}() only supported on float "
            "and complex arrays of 32 bits and more"
        )
    return True


def _computing(*arrays):
    """The NumPy scalar type that arrays are computed in: at least float32, integers in float64."""
    names = {str(a.dtype) for a in arrays}
    is_complex = any(n.startswith("complex") for n in names)
    double = bool(names - {"float32", "complex64"})
    if is_complex:
        return np.complex128 if double else np.complex64
    return np.float64 if double else np.float32


def _real(dtype):
    return {np.complex64: np.float32, np.complex128: np.float64}.get(dtype, dtype)


def _wide(dtype):
    return np.complex128 if np.dtype(dtype).kind == "c" else np.float64


def _converter(a, dtype):
    """A compiled function that brings an array into the type that NumPy computes in: always of double precision."""
    dtype = _wide(dtype)
    if str(a.dtype) == np.dtype(dtype).name:
        return _same

    @njit
    def convert(a):
        return a.astype(dtype)

    return convert


def _narrower(dtype, is_number=False):
    """A compiled function that rounds a result to the type it has for the caller."""
    if dtype is _wide(dtype):
        return _same
    if is_number:
        return njit(lambda x: dtype(x))

    @njit
    def narrow(a):
        return a.astype(dtype)

    return narrow


@njit
def _same(a):
    return a


@njit
def _check_square(a):
    if a.shape[-1] != a.shape[-2]:
        raise LinAlgError(_SQUARE)


@njit
def _check_finite(a):
    if not np.isfinite(a).all():
        raise LinAlgError(_INFINITE)


@njit
def _check_invalid_singular():
    if bridge.fp_invalid():
        raise LinAlgError(_SINGULAR)


# ---- one matrix in, one result out ------------------------------------------------------------------------------------


@overload(np.linalg.inv, prefer_literal=True)
def inv_overload(a):
    """np.linalg.inv."""
    if not _check_array(a, "inv"):
        return None
    convert = _converter(a, _computing(a))
    loop, narrow = _loops.inv, _narrower(_computing(a))

    def inv(a):
        _check_square(a)
        bridge.fp_clear()
        result = loop(convert(a))
        _check_invalid_singular()
        return narrow(result)

    return inv


@overload(np.linalg.det, prefer_literal=True)
def det_overload(a):
    """np.linalg.det."""
    if not _check_array(a, "det"):
        return None
    convert = _converter(a, _computing(a))
    loop, narrow = _loops.det, _narrower(_computing(a), a.ndim == 2)

    def det(a):
        _check_square(a)
        return narrow(loop(convert(a)))

    return det


@overload(np.linalg.slogdet, prefer_literal=True)
def slogdet_overload(a):
    """np.linalg.slogdet."""
    if not _check_array(a, "slogdet"):
        return None
    convert = _converter(a, _computing(a))
    loop, narrow = _loops.slogdet, _narrower(_computing(a), a.ndim == 2)
    narrow_real = _narrower(_real(_computing(a)), a.ndim == 2)

    def slogdet(a):
        _check_square(a)
        sign, logdet = loop(convert(a))
        return SlogdetResult(narrow(sign), narrow_real(logdet))

    return slogdet


@overload(np.linalg.cholesky, prefer_literal=True)
def cholesky_overload(a, upper=False):
    """np.linalg.cholesky."""
    if not _check_array(a, "cholesky"):
        return None
    convert = _converter(a, _computing(a))
    loop = _loops.cholesky_up if kinds.value(upper, "np.linalg.cholesky: upper") else _loops.cholesky_lo
    narrow = _narrower(_computing(a))

    def cholesky(a, upper=False):
        _check_square(a)
        bridge.fp_clear()
        result = loop(convert(a))
        if bridge.fp_invalid():
            raise LinAlgError("Matrix is not positive definite.")
        return narrow(result)

    return cholesky


@overload(np.linalg.solve, prefer_literal=True)
def solve_overload(a, b):
    """np.linalg.solve."""
    if not _check_array(a, "solve") or not _check_array(b, "solve", 1):
        return None
    dtype = _computing(a, b)
    convert_a, convert_b = _converter(a, dtype), _converter(b, dtype)
    loop, narrow = _loops.solve1 if b.ndim == 1 else _loops.solve, _narrower(dtype)
    axis = -1 if b.ndim == 1 else -2

    def solve(a, b):
        _check_square(a)
        if b.shape[axis] != a.shape[-1]:
            raise LinAlgError("Incompatible array sizes, system is not dimensionally valid.")
        bridge.fp_clear()
        result = loop(convert_a(a), convert_b(b))
        _check_invalid_singular()
        return narrow(result)

    return solve


# ---- eigenvalues -----------------------------------------------------------------------------------------------------


@njit
def _domain(values):
    if (values.imag != 0).any():
        raise ValueError("eig() argument must not cause a domain change.")


@njit
def _domain_of_values(values):
    if (values.imag != 0).any():
        raise ValueError("eigvals() argument must not cause a domain change.")


@overload(np.linalg.eig, prefer_literal=True)
def eig_overload(a):
    """np.linalg.eig."""
    if not _check_array(a, "eig"):
        return None
    dtype = _computing(a)
    convert, narrow = _converter(a, dtype), _narrower(dtype)
    loop = _loops.eig
    if np.dtype(dtype).kind == "c":

        def eig(a):
            _check_square(a)
            _check_finite(a)
            bridge.fp_clear()
            values, vectors = loop(convert(a))
            if bridge.fp_invalid():
                raise LinAlgError("Eigenvalues did not converge")
            return EigResult(narrow(values), narrow(vectors))

        return eig

    def eig_real(a):
        _check_square(a)
        _check_finite(a)
        bridge.fp_clear()
        values, vectors = loop(convert(a))
        if bridge.fp_invalid():
            raise LinAlgError("Eigenvalues did not converge")
        _domain(values)
        return EigResult(narrow(values.real.copy()), narrow(vectors.real.copy()))

    return eig_real


@overload(np.linalg.eigvals, prefer_literal=True)
def eigvals_overload(a):
    """np.linalg.eigvals."""
    if not _check_array(a, "eigvals"):
        return None
    dtype = _computing(a)
    convert, narrow = _converter(a, dtype), _narrower(dtype)
    loop = _loops.eigvals
    if np.dtype(dtype).kind == "c":

        def eigvals(a):
            _check_square(a)
            _check_finite(a)
            bridge.fp_clear()
            values = loop(convert(a))
            if bridge.fp_invalid():
                raise LinAlgError("Eigenvalues did not converge")
            return narrow(values)

        return eigvals

    def eigvals_real(a):
        _check_square(a)
        _check_finite(a)
        bridge.fp_clear()
        values = loop(convert(a))
        if bridge.fp_invalid():
            raise LinAlgError("Eigenvalues did not converge")
        _domain_of_values(values)
        return narrow(values.real.copy())

    return eigvals_real


def _is_upper(uplo, name):
    value = kinds.value(uplo, f"np.linalg.{name}: UPLO")
    if str(value).upper() not in ("L", "U"):
        raise TypingError("UPLO argument must be 'L' or 'U'")
    return value.upper() == "U"


@overload(np.linalg.eigh, prefer_literal=True)
def eigh_overload(a, UPLO="L"):
    """np.linalg.eigh."""
    if not _check_array(a, "eigh"):
        return None
    convert = _converter(a, _computing(a))
    loop = _loops.eigh_up if _is_upper(UPLO, "eigh") else _loops.eigh_lo
    narrow, narrow_real = _narrower(_computing(a)), _narrower(_real(_computing(a)))

    def eigh(a, UPLO="L"):
        _check_square(a)
        bridge.fp_clear()
        values, vectors = loop(convert(a))
        if bridge.fp_invalid():
            raise LinAlgError("Eigenvalues did not converge")
        return EighResult(narrow_real(values), narrow(vectors))

    return eigh


@overload(np.linalg.eigvalsh, prefer_literal=True)
def eigvalsh_overload(a, UPLO="L"):
    """np.linalg.eigvalsh."""
    if not _check_array(a, "eigvalsh"):
        return None
    convert = _converter(a, _computing(a))
    loop = _loops.eigvalsh_up if _is_upper(UPLO, "eigvalsh") else _loops.eigvalsh_lo
    narrow = _narrower(_real(_computing(a)))

    def eigvalsh(a, UPLO="L"):
        _check_square(a)
        bridge.fp_clear()
        values = loop(convert(a))
        if bridge.fp_invalid():
            raise LinAlgError("Eigenvalues did not converge")
        return narrow(values)

    return eigvalsh


# ---- singular values ---------------------------------------------------------------------------------------------------


def _singular_values(a):
    """A compiled function that gives the singular values of an array."""
    dtype = _computing(a)
    real, convert, loop, narrow = (
        _real(_wide(dtype)),
        _converter(a, dtype),
        _loops.svd,
        _narrower(_real(dtype)),
    )

    @njit
    def values(a):
        k = min(a.shape[-2], a.shape[-1])
        s = np.empty(a.shape[:-2] + (k,), real)
        bridge.fp_clear()
        bridge.run(loop, convert(a), s)
        if bridge.fp_invalid():
            raise LinAlgError("SVD did not converge")
        return narrow(s)

    return values


def _decomposition(a, full):
    """A compiled function that gives the singular value decomposition of an array."""
    dtype = _computing(a)
    wide, convert = _wide(dtype), _converter(a, dtype)
    real, narrow, narrow_real = _real(wide), _narrower(dtype), _narrower(_real(dtype))
    loop = _loops.svd_f if full else _loops.svd_s

    @njit
    def decompose(a):
        m, n = a.shape[-2], a.shape[-1]
        k = min(m, n)
        u = np.empty(a.shape[:-2] + (m, m if full else k), wide)
        s = np.empty(a.shape[:-2] + (k,), real)
        vh = np.empty(a.shape[:-2] + (n if full else k, n), wide)
        bridge.fp_clear()
        bridge.run(loop, convert(a), u, s, vh)
        if bridge.fp_invalid():
            raise LinAlgError("SVD did not converge")
        return narrow(u), narrow_real(s), narrow(vh)

    return decompose


@overload(np.linalg.svd, prefer_literal=True)
def svd_overload(a, full_matrices=True, compute_uv=True, hermitian=False):
    """np.linalg.svd."""
    if not _check_array(a, "svd"):
        return None
    if kinds.value(hermitian, "np.linalg.svd: hermitian"):
        return None
    if not kinds.value(compute_uv, "np.linalg.svd: compute_uv"):
        values = _singular_values(a)

        def svd_values(a, full_matrices=True, compute_uv=True, hermitian=False):
            return values(a)

        return svd_values
    if kinds.is_known(full_matrices):
        decompose = _decomposition(a, bool(kinds.value(full_matrices, "")))

        def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
            u, s, vh = decompose(a)
            return SVDResult(u, s, vh)

        return svd
    whole, thin = _decomposition(a, True), _decomposition(a, False)

    def svd_either(a, full_matrices=True, compute_uv=True, hermitian=False):
        if full_matrices:
            u, s, vh = whole(a)
        else:
            u, s, vh = thin(a)
        return SVDResult(u, s, vh)

    return svd_either


def svdvals_overload(x):
    """np.linalg.svdvals."""
    if not _check_array(x, "svdvals"):
        return None
    values = _singular_values(x)

    def svdvals(x):
        return values(x)

    return svdvals


if hasattr(np.linalg, "svdvals"):
    overload(np.linalg.svdvals, prefer_literal=True)(svdvals_overload)


@overload(np.linalg.pinv, prefer_literal=True)
def pinv_overload(a, rcond=None, hermitian=False, rtol=None):
    """np.linalg.pinv, of one matrix."""
    if not _check_array(a, "pinv") or a.ndim > 2 or kinds.value(hermitian, "np.linalg.pinv: hermitian"):
        return None
    dtype = _computing(a)
    real = _real(dtype)
    to_result = _same if str(a.dtype) == np.dtype(dtype).name else njit(lambda a: a.astype(dtype))
    decompose = _decomposition(types.Array(types.as_type(dtype), 2, "C"), False)
    has_rcond, has_rtol = not kinds.is_none(rcond), not kinds.is_none(rtol)
    if has_rcond and has_rtol:
        raise TypingError("`rtol` and `rcond` can't be both set.")

    def pinv(a, rcond=None, hermitian=False, rtol=None):
        m, n = a.shape
        if m == 0 or n == 0:
            return np.empty((n, m), dtype)
        u, s, vh = decompose(np.conj(to_result(a)))
        if has_rcond:
            cutoff = real(rcond * s[0])
        elif has_rtol:
            cutoff = real(rtol * s[0])
        else:
            cutoff = real(1e-15 * s[0])
        for i in range(len(s)):
            s[i] = 1 / s[i] if s[i] > cutoff else 0
        for i in range(len(s)):
            for j in range(u.shape[0]):
                u[j, i] *= s[i]
        return np.dot(np.ascontiguousarray(vh.T), np.ascontiguousarray(u.T))

    return pinv


# ---- least squares ------------------------------------------------------------------------------------------------------


@overload(np.linalg.lstsq, prefer_literal=True)
def lstsq_overload(a, b, rcond=None):
    """np.linalg.lstsq."""
    if not _check_array(a, "lstsq", 2, 2) or not _check_array(b, "lstsq", 1, 2):
        return None
    dtype = _computing(a, b)
    wide, narrow, narrow_real = _wide(dtype), _narrower(dtype), _narrower(_real(dtype))
    real = _real(wide)
    convert_a, convert_b = _converter(a, dtype), _converter(b, dtype)
    loop = _loops.lstsq
    epsilon = float(np.finfo(dtype).eps)
    given = not kinds.is_none(rcond)
    vector = b.ndim == 1

    def lstsq(a, b, rcond=None):
        m, n = a.shape
        if b.shape[0] != m:
            raise LinAlgError(
                "Incompatible dimensions: Incompatible array sizes, system is not dimensionally valid."
            )
        columns = convert_b(b).reshape((m, 1)) if vector else convert_b(b)
        nrhs = columns.shape[1]
        tolerance = np.empty((), real)
        tolerance[()] = rcond if given else epsilon * max(m, n)
        x = np.zeros((n, max(nrhs, 1)), wide)
        right = np.zeros((m, max(nrhs, 1)), wide)
        right[:, :nrhs] = columns
        residuals = np.zeros(max(nrhs, 1), real)
        rank = np.zeros((), np.int32)
        s = np.zeros(min(m, n), real)
        bridge.fp_clear()
        bridge.run(loop, convert_a(a), right, tolerance, x, residuals, rank, s)
        if bridge.fp_invalid():
            raise LinAlgError("SVD did not converge in Linear Least Squares")
        known = rank.item() == n and m > n
        if m == 0:
            x[:] = 0
        kept = residuals[:nrhs].copy() if known else np.empty(0, real)
        return (
            narrow(_first_columns(x, nrhs, vector)),
            narrow_real(kept),
            np.int64(rank.item()),
            narrow_real(s),
        )

    if vector:

        @njit
        def _first_columns(x, nrhs, vector):
            return x[:, 0].copy()
    else:

        @njit
        def _first_columns(x, nrhs, vector):
            return np.ascontiguousarray(x[:, :nrhs])

    return lstsq


# ---- QR -----------------------------------------------------------------------------------------------------------------


@overload(np.linalg.qr, prefer_literal=True)
def qr_overload(a, mode="reduced"):
    """np.linalg.qr."""
    if not _check_array(a, "qr"):
        return None
    name = kinds.value(mode, "np.linalg.qr: mode")
    if name not in ("reduced", "complete", "r", "raw"):
        raise TypingError(f"np.linalg.qr: Unrecognized mode '{name}': it is reduced, complete, r or raw")
    dtype = _computing(a)
    wide = np.complex128 if np.dtype(dtype).kind == "c" else np.float64
    raw, build, build_complete = _loops.qr_r_raw, _loops.qr_reduced, _loops.qr_complete
    complete, only_r = name == "complete", name == "r"

    @njit
    def factor(a):
        work = a.astype(wide)
        m, n = a.shape[-2], a.shape[-1]
        tau = np.empty(a.shape[:-2] + (min(m, n),), wide)
        bridge.fp_clear()
        bridge.run(raw, work, tau)
        if bridge.fp_invalid():
            raise LinAlgError("Incorrect argument found while performing QR factorization")
        return work, tau

    @njit
    def upper(work, k):
        r = work[..., :k, :].astype(dtype)
        rows = r.reshape((-1, k, r.shape[-1])) if r.size else r.reshape((0, k, r.shape[-1]))
        for matrix in rows:
            for i in range(1, k):
                for j in range(min(i, matrix.shape[1])):
                    matrix[i, j] = 0
        return rows.reshape(r.shape)

    if name == "raw":

        def qr_raw(a, mode="reduced"):
            work, tau = factor(a)
            return np.swapaxes(work, -1, -2).astype(dtype), tau.astype(dtype)

        return qr_raw
    if only_r:

        def qr_r(a, mode="reduced"):
            work, tau = factor(a)
            return upper(work, min(a.shape[-2], a.shape[-1]))

        return qr_r

    def qr(a, mode="reduced"):
        work, tau = factor(a)
        m, n = a.shape[-2], a.shape[-1]
        k = m if complete and m > n else min(m, n)
        q = np.empty(a.shape[:-2] + (m, k), wide)
        if complete and m > n:
            bridge.run(build_complete, work, tau, q)
        else:
            bridge.run(build, work, tau, q)
        if bridge.fp_invalid():
            raise LinAlgError("Incorrect argument found while performing QR factorization")
        return QRResult(q.astype(dtype), upper(work, k))

    return qr


# ---- norms and what is made of them --------------------------------------------------------------------------------------


def _norm_dtype(x):
    dtype = _computing(x)
    return _real(dtype)


def _to_inexact(x):
    """A compiled function that turns integers into floats, and leaves other numbers as they are."""
    if isinstance(x.dtype, (types.Float, types.Complex)):
        return _same
    return njit(lambda a: a.astype(np.float64))


def _flat_norm(x, real):
    """A function of (x, ord) for the root of the sum of squares, as NumPy computes it: by a dot product."""
    convert = _to_inexact(x)
    if isinstance(x.dtype, types.Complex):

        @njit
        def norm(x, ord):
            flat = x.ravel()
            return np.sqrt(np.dot(flat.real, flat.real) + np.dot(flat.imag, flat.imag))

        return norm

    @njit
    def norm(x, ord):
        flat = convert(x).ravel()
        return np.sqrt(np.dot(flat, flat))

    return norm


def _vector_norm(x, order, real):
    """A function of (x, ord) for the norm of a vector."""
    convert, flat = _to_inexact(x), _flat_norm(x, real)

    @njit
    def norm(x, ord):
        if ord == 2:
            return real(flat(x, ord))
        if ord == 0:
            return real(np.sum(x != 0))
        size = np.abs(convert(x))
        if ord == np.inf or ord == -np.inf:
            if len(x) == 0:
                raise ValueError("zero-size array to reduction operation maximum which has no identity")
            return np.max(size) if ord > 0 else np.min(size)
        if ord == 1:
            return np.sum(size)
        return real(np.sum(size ** real(ord)) ** real(1 / ord))

    return norm


def _matrix_norm(x, order, real):
    """A function of (x, ord) for the norm of a matrix; order "nuc" is known when it is compiled."""
    values, convert = _singular_values(x), _to_inexact(x)
    if order == "nuc":

        @njit
        def nuclear_norm(x, ord):
            return np.sum(values(x))

        return nuclear_norm

    @njit
    def norm(x, ord):
        m, n = x.shape
        if ord == 2 or ord == -2:
            if m == 0 or n == 0:
                raise ValueError("zero-size array to reduction operation maximum which has no identity")
            s = values(x)
            return s[0] if ord > 0 else s[-1]
        if ord == 1 or ord == -1:
            if n == 0:
                raise ValueError("zero-size array to reduction operation maximum which has no identity")
            columns = np.sum(np.abs(convert(x)), axis=0)
            return np.max(columns) if ord > 0 else np.min(columns)
        if ord == np.inf or ord == -np.inf:
            if m == 0:
                raise ValueError("zero-size array to reduction operation maximum which has no identity")
            rows = np.sum(np.abs(convert(x)), axis=1)
            return np.max(rows) if ord > 0 else np.min(rows)
        raise ValueError("Invalid norm order for matrices.")

    return norm


@overload(np.linalg.norm, prefer_literal=True)
def norm_overload(x, ord=None, axis=None, keepdims=False):
    """np.linalg.norm of one vector or matrix."""
    if not kinds.is_array(x) or not kinds.is_none(axis):
        return None
    _check_array(x, "norm", 1)
    if kinds.value(keepdims, "np.linalg.norm: keepdims"):
        return None
    real = _norm_dtype(x)
    if kinds.is_none(ord) or (x.ndim == 2 and kinds.is_known(ord) and kinds.value(ord, "") in ("fro", "f")):
        flat = _flat_norm(x, real)

        def norm_flat(x, ord=None, axis=None, keepdims=False):
            return flat(x, ord)

        return norm_flat
    if x.ndim > 2:
        raise TypingError("np.linalg.norm() only supported on 1 and 2-D arrays when ord is given")
    order = kinds.value(ord, "") if kinds.is_known(ord) else ...
    if isinstance(order, str) and (x.ndim == 1 or order != "nuc"):
        raise TypingError(f"Invalid norm order '{order}' for {'vectors' if x.ndim == 1 else 'matrices'}")
    one = (_vector_norm if x.ndim == 1 else _matrix_norm)(x, order, real)

    def norm(x, ord=None, axis=None, keepdims=False):
        return one(x, ord)

    return norm


@overload(np.linalg.cond, prefer_literal=True)
def cond_overload(x, p=None):
    """np.linalg.cond of one matrix."""
    if not _check_array(x, "cond") or x.ndim > 2:
        return None
    real = _norm_dtype(x)
    dtype = _computing(x)
    convert, values = _converter(x, dtype), _singular_values(x)
    order = kinds.value(p, "") if kinds.is_known(p) else ...
    if order is None:

        def cond_svd(x, p=None):
            if x.size == 0:
                raise LinAlgError("cond is not defined on empty arrays: Arrays cannot be empty")
            s = values(x)
            return _ratio(s[0], s[-1])

        return cond_svd
    flat = _flat_norm(x, real)
    one = flat if order in ("fro", "f") else _matrix_norm(x, order, real)
    loop, narrow = _loops.inv, _narrower(dtype)

    def cond(x, p=None):
        if x.size == 0:
            raise LinAlgError("cond is not defined on empty arrays: Arrays cannot be empty")
        if _is_two(p):
            s = values(x)
            return _ratio(s[0], s[-1]) if _is_positive(p) else _ratio(s[-1], s[0])
        _check_square(x)
        bridge.fp_clear()
        inverse = loop(convert(x))
        if bridge.fp_invalid():
            return real(np.inf)
        return one(x, p) * one(narrow(inverse), p)

    if isinstance(order, str):

        @njit
        def _is_two(p):
            return False

        @njit
        def _is_positive(p):
            return True
    else:

        @njit
        def _is_two(p):
            return p == 2 or p == -2

        @njit
        def _is_positive(p):
            return p > 0

    return cond


@njit
def _ratio(x, y):
    if x == 0 and y == 0:  # a matrix of zeros is as badly conditioned as can be
        return np.inf
    return x / y


@overload(np.linalg.matrix_rank, prefer_literal=True)
def matrix_rank_overload(A, tol=None, hermitian=False, rtol=None):
    """np.linalg.matrix_rank of one matrix, or of a vector."""
    if not _check_array(A, "matrix_rank", 1) or A.ndim > 2:
        return None
    if kinds.value(hermitian, "np.linalg.matrix_rank: hermitian") and A.ndim == 2:
        return None
    if A.ndim == 1:

        def rank_of_vector(A, tol=None, hermitian=False, rtol=None):
            for x in A:
                if x != 0:
                    return 1
            return 0

        return rank_of_vector
    values = _singular_values(A)
    epsilon = float(np.finfo(_computing(A)).eps)
    absolute, relative = not kinds.is_none(tol), not kinds.is_none(rtol)
    if absolute and relative:
        raise TypingError("`tol` and `rtol` can't be both set.")

    def matrix_rank(A, tol=None, hermitian=False, rtol=None):
        if A.size == 0:
            raise LinAlgError("Arrays cannot be empty")
        s = values(A)
        if absolute:
            limit = tol
        elif relative:
            limit = s[0] * rtol
        else:
            limit = s[0] * max(A.shape) * epsilon
        rank = 0
        for x in s:
            if x > limit:
                rank += 1
        return rank

    return matrix_rank


def _power_of_matrix(base, power):
    """Products in numpy.linalg.matrix_power's order; without a product with 1, which makes nan of what is infinite."""
    if power == 0:
        return np.eye(base.shape[0], dtype=base.dtype)
    if power == 3:
        return np.dot(np.dot(base, base), base)
    while power & 1 == 0:
        base = np.dot(base, base)
        power >>= 1
    result = base
    power >>= 1
    while power > 0:
        base = np.dot(base, base)
        if power & 1:
            result = np.dot(result, base)
        power >>= 1
    return result


@overload(np.linalg.matrix_power, prefer_literal=True)
def matrix_power_overload(a, n):
    """np.linalg.matrix_power of one matrix."""
    if not _check_array(a, "matrix_power") or a.ndim > 2:
        return None
    if not kinds.is_integer(types.unliteral(n) if isinstance(n, types.Type) else n):
        raise TypingError("Exponent must be an integer.")
    is_integer = isinstance(a.dtype, types.Integer | types.Boolean)
    if is_integer and kinds.is_known(n) and kinds.value(n, "") < 0:
        return None
    inverse = np.linalg.inv

    def matrix_power(a, n):
        if a.shape[0] != a.shape[1]:
            raise ValueError("input must be a square array: " + _SQUARE)
        base = np.ascontiguousarray(a).copy()
        return _power_of_matrix(inverse(base) if n < 0 else base, abs(n))

    def matrix_power_of_integers(a, n):
        if a.shape[0] != a.shape[1]:
            raise ValueError("input must be a square array: " + _SQUARE)
        if n < 0:
            raise TypeError("a matrix of integers has no inverse of integers: convert it to float64")
        return _power_of_matrix(np.ascontiguousarray(a).copy(), n)

    return matrix_power_of_integers if is_integer else matrix_power
