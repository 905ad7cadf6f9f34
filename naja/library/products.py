"""Products of arrays: dot and matmul of any number of axes, vdot, outer, kron, cross, tensordot, einsum, multi_dot.

Everything comes down to products of matrices, which naja emits (BLAS for floats), except `einsum`, whose loops are
written out for the subscripts of the call.
"""

import operator

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library.kinds import is_array, is_number, is_sequence, value
from naja.library.shared import shared
from naja.library.sorting import common_dtype
from naja.library.written import written


def _write(text, **names):
    return written(__name__, text, **names)


def _both(a, b):
    """Whether at least one of two array-likes is no array, and both are array-likes."""
    return all(is_array(t) or is_number(t) or is_sequence(t) for t in (a, b)) and not (
        is_array(a) and is_array(b)
    )


# ---- dot -----------------------------------------------------------------------------------------------------------


def _extents(name, axes):
    return "".join(f"{name}.shape[{i}], " for i in axes)


def _dot_text(a, b, last):
    """Over the last axis of a and, of b, the last but one (`last`: the last), as a product of matrices."""
    if a.ndim == 0 or b.ndim == 0:
        return "    return np.multiply(a, b)\n"
    along = b.ndim - 1 if last or b.ndim == 1 else b.ndim - 2
    shape = _extents("a", range(a.ndim - 1)) + _extents("b", [i for i in range(b.ndim) if i != along])
    right = "b" if along == b.ndim - 1 else "np.swapaxes(b, -1, -2)"
    return (
        f"    n, m = a.shape[{a.ndim - 1}], b.shape[{along}]\n"
        f"    if n != m:\n"
        f"        raise ValueError('shapes not aligned: ' + str(n) + ' (dim {a.ndim - 1}) != ' + str(m) + ' (dim {along})')\n"
        f"    x = np.ascontiguousarray(a).reshape((rows(a), n))\n"
        f"    y = np.ascontiguousarray({right}).reshape((b.size // m if m else 0, m))\n"
        f"    return np.dot(x, y.T).reshape(({shape}))\n"
    )


@shared
def _rows(a):
    n = 1
    for extent in a.shape[:-1]:
        n *= extent
    return n


def _dot(function, last):
    def factory(a, b, out=None):
        if _both(a, b):
            if is_number(a) or is_number(b):
                return lambda a, b, out=None: np.multiply(a, b)
            return lambda a, b, out=None: function(np.asarray(a), np.asarray(b))
        if not is_array(a) or not is_array(b):
            return None
        if is_array(out):

            def into(a, b, out=None):
                result = function(a, b)
                if out.shape != result.shape:
                    raise ValueError("output array is not acceptable (must have the right datatype, number of "
                                     "dimensions, and be a C-Array)")  # fmt: skip
                out[...] = result
                return out

            return into
        if a.ndim in (1, 2) and b.ndim in (1, 2):
            return None
        return _write(f"def f(a, b, out=None):\n{_dot_text(a, b, last)}", rows=_rows)

    return factory


overload(np.dot)(_dot(np.dot, False))
overload_method(types.Array, "dot")(_dot(np.dot, False))


@overload(np.inner)
def inner(a, b):
    if _both(a, b):
        if is_number(a) or is_number(b):
            return lambda a, b: np.multiply(a, b)
        return lambda a, b: np.inner(np.asarray(a), np.asarray(b))
    if not is_array(a) or not is_array(b) or (a.ndim in (1, 2) and b.ndim in (1, 2)):
        return None
    return _write(f"def f(a, b):\n{_dot_text(a, b, True)}", rows=_rows)


# ---- matmul --------------------------------------------------------------------------------------------------------


def _matmul(a, b):
    """The product of stacks of matrices."""
    left, right = max(a.ndim - 2, 0), max(b.ndim - 2, 0)
    n = max(left, right)
    lead = f"np.broadcast_shapes(({_extents('a', range(left))}), ({_extents('b', range(right))}))"
    rows = f"a.shape[{a.ndim - 2}], " if a.ndim > 1 else ""
    columns = f"b.shape[{b.ndim - 1}], " if b.ndim > 1 else ""
    whole_a = f"({'lead[{}], ' * n}a.shape[{a.ndim - 2}], a.shape[{a.ndim - 1}])".format(*range(n))
    whole_b = f"({'lead[{}], ' * n}b.shape[{b.ndim - 2}], b.shape[{b.ndim - 1}])".format(*range(n))
    shape = f"({'lead[{}], ' * n}{rows}{columns})".format(*range(n))
    x = "a" if a.ndim == 1 else f"np.broadcast_to(a, {whole_a})"
    y = "b" if b.ndim == 1 else f"np.broadcast_to(b, {whole_b})"
    index = "".join(f"i{k}, " for k in range(n))
    text = f"    lead = {lead}\n    out = np.empty({shape}, kind)\n    x, y = {x}, {y}\n"
    indent = "    "
    for k in range(n):
        text += f"{indent}for i{k} in range(lead[{k}]):\n"
        indent += "    "
    left_part, right_part = ("x" if a.ndim == 1 else f"x[{index}]"), ("y" if b.ndim == 1 else f"y[{index}]")
    text += f"{indent}out[{index}] = np.matmul({left_part}, {right_part})\n    return out\n"
    return text


def _stacks(a, b):
    return is_array(a) and is_array(b) and a.ndim and b.ndim and (a.ndim > 2 or b.ndim > 2)


@overload(np.matmul)
def matmul(x1, x2, out=None):
    if _both(x1, x2):
        if is_number(x1) or is_number(x2):
            raise ValueError("matmul: Input operand does not have enough dimensions: use `*` for numbers")
        return lambda x1, x2, out=None: np.matmul(np.asarray(x1), np.asarray(x2))
    if is_array(out):

        def into(x1, x2, out=None):
            out[...] = np.matmul(x1, x2)
            return out

        return into
    if not _stacks(x1, x2):
        return None
    kind = common_dtype(x1, x2)
    return _write(f"def f(a, b, out=None):\n{_matmul(x1, x2)}", kind=kind)


@overload(operator.matmul)
def operator_matmul(a, b):
    return (lambda a, b: np.matmul(a, b)) if _stacks(a, b) else None


# ---- other products --------------------------------------------------------------------------------------------------


@overload(np.vdot)
def vdot(a, b):
    if _both(a, b):
        return lambda a, b: np.vdot(np.asarray(a), np.asarray(b))
    if not is_array(a) or not is_array(b):
        return None
    if isinstance(a.dtype, types.Complex):
        return lambda a, b: np.dot(np.conj(np.ravel(a)), np.ravel(b))
    return lambda a, b: np.dot(np.ravel(a), np.ravel(b))


@overload(np.outer)
def outer(a, b, out=None):
    if is_array(out):

        def into(a, b, out=None):
            out[...] = np.outer(a, b)
            return out

        return into
    if is_array(a, 1) and is_array(b, 1):
        return None
    if not all(is_array(t) or is_number(t) or is_sequence(t) for t in (a, b)):
        return None
    return lambda a, b, out=None: np.outer(np.ravel(np.asarray(a)), np.ravel(np.asarray(b)))


@overload(np.kron)
def kron(a, b):
    if _both(a, b):
        return lambda a, b: np.kron(np.asarray(a), np.asarray(b))
    if not is_array(a) or not is_array(b):
        return None
    n = max(a.ndim, b.ndim)
    if n == 0:
        return lambda a, b: a * b
    x = ["1"] * (n - a.ndim) + [f"a.shape[{i}]" for i in range(a.ndim)]
    y = ["1"] * (n - b.ndim) + [f"b.shape[{i}]" for i in range(b.ndim)]
    left, right = "".join(f"{e}, 1, " for e in x), "".join(f"1, {e}, " for e in y)
    whole = "".join(f"{e} * {d}, " for e, d in zip(x, y, strict=True))
    return _write(
        f"def f(a, b):\n"
        f"    c = np.ascontiguousarray(a).reshape(({left})) * np.ascontiguousarray(b).reshape(({right}))\n"
        f"    return np.ascontiguousarray(c).reshape(({whole}))\n"
    )


@overload(np.cross)
def cross(a, b):
    if _both(a, b):
        return lambda a, b: np.cross(np.asarray(a), np.asarray(b))
    if not is_array(a) or not is_array(b) or not a.ndim or not b.ndim:
        return None
    kind, n = common_dtype(a, b), max(a.ndim, b.ndim)
    message = "Incompatible dimensions for cross product\n(dimension must be 2 or 3)"
    both = (
        "Dimensions for both inputs is 2. The number of axes of the result would depend on that: "
        "use np.cross of vectors of 3, or x[0] * y[1] - x[1] * y[0]."
    )
    lead_a, lead_b = _extents("a", range(a.ndim - 1)), _extents("b", range(b.ndim - 1))
    lead = f"np.broadcast_shapes(({lead_a}), ({lead_b}))" if n > 1 else "()"
    shape = "".join(f"lead[{i}], " for i in range(n - 1))
    return _write(
        f"def f(a, b):\n"
        f"    n, m = a.shape[{a.ndim - 1}], b.shape[{b.ndim - 1}]\n"
        f"    if n < 2 or n > 3 or m < 2 or m > 3:\n"
        f"        raise ValueError(message)\n"
        f"    if n == 2 and m == 2:\n"
        f"        raise ValueError(both)\n"
        f"    lead = {lead}\n"
        f"    out = np.empty(({shape}3, ), kind)\n"
        f"    for k in range(3):\n"
        f"        i, j = (k + 1) % 3, (k + 2) % 3\n"
        f"        if i < n and j < m:\n"
        f"            out[..., k] = a[..., i] * b[..., j]\n"
        f"        else:\n"
        f"            out[..., k] = 0\n"
        f"        if j < n and i < m:\n"
        f"            out[..., k] -= a[..., j] * b[..., i]\n"
        f"    return out\n",
        both=both,
        message=message,
        kind=kind,
    )


@overload(np.linalg.multi_dot)
def multi_dot(arrays):
    """From left to right for two; for more in the order that costs least, found for every call."""
    if not isinstance(arrays, types.BaseTuple) or len(arrays) < 2 or not all(is_array(t) for t in arrays):
        return None
    n = len(arrays)
    if n > 3:
        product = "arrays[0]"
        for i in range(1, n):
            product = f"np.dot({product}, arrays[{i}])"
        return _write(f"def f(arrays):\n    return {product}\n")
    if n == 2:
        return lambda arrays: np.dot(arrays[0], arrays[1])
    if any(t.ndim != 2 for t in arrays):
        return lambda arrays: np.dot(np.dot(arrays[0], arrays[1]), arrays[2])

    def three(arrays):
        a, b, c = arrays
        k, m = a.shape[1], b.shape[1]
        if (
            a.shape[0] * k * m + a.shape[0] * m * c.shape[1]
            < k * m * c.shape[1] + a.shape[0] * k * c.shape[1]
        ):
            return np.dot(np.dot(a, b), c)
        return np.dot(a, np.dot(b, c))

    return three


# ---- tensordot -----------------------------------------------------------------------------------------------------


def _contracted(axes, a, b):
    """The axes of a and of b that go, counted from the front; None: not known."""
    if isinstance(axes, types.BaseTuple):
        if len(axes) != 2:
            return None
        lists = [
            [value(t, "np.tensordot: axes") for t in (x if isinstance(x, types.BaseTuple) else [x])]
            for x in axes
        ]
    else:
        n = value(axes, "np.tensordot: axes")
        lists = [list(range(a.ndim - n, a.ndim)), list(range(n))]
    return [k % a.ndim for k in lists[0]], [k % b.ndim for k in lists[1]]


@overload(np.tensordot, prefer_literal=True)
def tensordot(a, b, axes=2):
    if not is_array(a) or not is_array(b):
        return None
    found = _contracted(axes, a, b)
    if found is None or len(found[0]) != len(found[1]):
        raise ValueError("shape-mismatch for sum")
    left, right = found
    free_a, free_b = ([i for i in range(t.ndim) if i not in gone] for t, gone in ((a, left), (b, right)))
    order_a, order_b = "".join(f"{i}, " for i in free_a + left), "".join(f"{i}, " for i in right + free_b)
    inner_extent = " * ".join([f"a.shape[{i}]" for i in left]) or "1"
    rows = " * ".join(f"a.shape[{i}]" for i in free_a) or "1"
    columns = " * ".join(f"b.shape[{i}]" for i in free_b) or "1"
    checks = "".join(
        f"    if a.shape[{i}] != b.shape[{j}]:\n        raise ValueError('shape-mismatch for sum')\n"
        for i, j in zip(left, right, strict=True)
    )
    shape = _extents("a", free_a) + _extents("b", free_b)
    product = f"np.dot(x, y).reshape(({shape}))" if shape else "np.dot(x, y).reshape(())"
    return _write(
        f"def f(a, b, axes=2):\n{checks}"
        f"    x = np.ascontiguousarray(np.transpose(a, ({order_a}))).reshape(({rows}, {inner_extent}))\n"
        f"    y = np.ascontiguousarray(np.transpose(b, ({order_b}))).reshape(({inner_extent}, {columns}))\n"
        f"    return {product}\n"
    )


# ---- einsum ----------------------------------------------------------------------------------------------------------


def _subscripts(text, operands):
    """The letters of each operand and of the result, an ellipsis given letters of its own."""
    text = text.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise TypingError(
            "more operands provided to einstein sum function than specified in the subscripts string"
        )
    spare = [c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBA" if c not in text]
    longest, out = 0, []
    for term, t in zip(terms, operands, strict=True):
        if "..." in term:
            longest = max(longest, t.ndim - len(term) + 3)
    dots = "".join(reversed(spare[:longest]))
    for term, t in zip(terms, operands, strict=True):
        if "..." in term:
            own = t.ndim - len(term) + 3
            term = term.replace("...", dots[longest - own :] if own else "")
        if len(term) != t.ndim:
            raise TypingError(
                f"einstein sum subscripts string has {len(term)} labels for an operand of {t.ndim} axes"
            )
        out.append(term)
    if arrow:
        return out, right.replace("...", dots)
    used = "".join(out)
    return out, dots + "".join(sorted(c for c in set(used) if used.count(c) == 1 and c not in dots))


@overload(np.einsum, prefer_literal=True)
def einsum(subscripts, *operands):
    if not operands or not all(is_array(t) for t in operands):
        return None
    terms, result = _subscripts(value(subscripts, "np.einsum: subscripts"), operands)
    letters = list(dict.fromkeys(result + "".join(terms)))
    if any(c not in "".join(terms) for c in result):
        raise TypingError(
            f"einstein sum subscripts string included output subscript '{result}' which never appeared in an input"
        )
    kind = common_dtype(*operands)
    names = [f"x{i}" for i in range(len(operands))]
    body = ""
    for c in letters:
        places = [f"x{i}.shape[{k}]" for i, term in enumerate(terms) for k, d in enumerate(term) if d == c]
        body += f"    n{c} = {places[0]}\n"
        for other in places[1:]:
            body += (
                f"    if {other} != n{c}:\n"
                "        raise ValueError('operands could not be broadcast together with remapped shapes')\n"
            )
    shape = "".join(f"n{c}, " for c in result)
    if result:
        body += f"    out = np.empty(({shape}), kind)\n"
    indent = "    "
    for c in result:
        body += f"{indent}for {c} in range(n{c}):\n"
        indent += "    "
    body += f"{indent}total = kind(0)\n"
    inner_indent = indent
    for c in letters[len(result) :]:
        body += f"{inner_indent}for {c} in range(n{c}):\n"
        inner_indent += "    "
    times, plus = (" & ", "|=") if kind is np.bool_ else (" * ", "+=")
    product = times.join(
        f"{x}[{', '.join(term)}]" if term else f"{x}[()]" for x, term in zip(names, terms, strict=True)
    )
    body += f"{inner_indent}total {plus} {product}\n"
    body += (
        f"{indent}out[{', '.join(result)}] = total\n    return out\n"
        if result
        else f"{indent}return kind(total)\n"
    )
    return _write(f"def f(subscripts, {', '.join(names)}):\n{body}", kind=kind)
