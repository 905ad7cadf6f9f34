"""Arrays of records and of strings as wholes: picked by arrays of indices, compared, joined, sorted, and text functions.

An element that is no number is seen as an axis of characters or bytes (`low.item_codes`), so that picking elements is
indexing of numbers, and comparing strings is comparing runs of numbers.  Strings are padded with zeros, which do not
count.  What only the value of a string decides, such as the width of `np.char.replace`, is left to the interpreter.
"""

import operator

import numpy as np

from naja import types
from naja.extending import overload, overload_method
from naja.library import kinds, low
from naja.library.kinds import is_storage
from naja.library.shared import shared
from naja.library.written import written


def _write(text, **names):
    return written(__name__, text, low=low, **names)


def _is_strings(t):
    return is_storage(t) and not isinstance(t.dtype, types.Record)


def _is_unicode(t):
    """Whether a text is made of characters; None: it is no text."""
    if _is_strings(t):
        return isinstance(t.dtype, types.UnicodeCharSeq)
    plain = kinds.plain(t)
    if isinstance(plain, types.UnicodeType) or isinstance(t, str):
        return True
    return False if isinstance(plain, types.Bytes) or isinstance(t, bytes) else None


# ---- indices that are arrays -----------------------------------------------------------------------------------------


def _is_index_array(t):
    return kinds.is_array(t) and t.ndim and isinstance(t.dtype, types.Integer | types.Boolean)


def _axes_taken(t):
    """How many axes a part of an index stands for; an ellipsis and a new axis: none."""
    if kinds.is_array(t):
        return t.ndim if isinstance(t.dtype, types.Boolean) else 1
    return int(t.kind != "ELLIPSIS" and not kinds.is_none(t))


_CHECK = """\
    for k in {indices}:
        if np.int64(k) < -a.shape[{axis}] or np.int64(k) >= a.shape[{axis}]:
            low.index_error("index %d is out of bounds for axis {axis} with size %d", np.int64(k), a.shape[{axis}])
"""


def _index_texts(a, b):
    """Checks of an index (library code has none), and the index of elements as one of codes; None: no part is an array."""
    if isinstance(b, types.LiteralList):
        is_index = len(b) and all(kinds.is_integer(item) for item in b)
        return (_CHECK.format(indices="b", axis=0), "np.array(b)") if is_index else None
    is_tuple = isinstance(b, types.BaseTuple)
    parts = list(b) if is_tuple else [b]
    if not any(map(_is_index_array, parts)) or sum(map(_axes_taken, parts)) > a.ndim:
        return None
    checks, axis = "", 0
    for i, t in enumerate(parts):
        if t.kind == "ELLIPSIS":
            axis = a.ndim - sum(map(_axes_taken, parts[i + 1 :]))
            continue
        name = f"b[{i}]" if is_tuple else "b"
        if kinds.is_integer(t):
            checks += _CHECK.format(indices=f"({name},)", axis=axis)
        elif _is_index_array(t) and not isinstance(t.dtype, types.Boolean):
            checks += _CHECK.format(indices=f"np.ravel({name})", axis=axis)
        axis += _axes_taken(t)
    if not is_tuple:
        return checks, "b"
    rest = ", :" if any(t.kind == "ELLIPSIS" for t in parts) else ","
    return checks, ", ".join(f"b[{i}]" for i in range(len(parts))) + rest


@overload(operator.getitem)
def getitem(a, b):
    """``a[indices]``, ``a[mask]``, ``a[rows, columns]``: a new array."""
    texts = _index_texts(a, b) if is_storage(a) else None
    if texts is None:
        return None
    return _write(
        f"def f(a, b):\n{texts[0]}    return low.items_of(low.item_codes(a)[{texts[1]}], a.dtype)\n"
    )


@overload(operator.setitem)
def setitem(a, b, c):
    """Assign to elements picked by arrays, and strings of another length to any part."""
    if not is_storage(a) or a.readonly:
        return None
    texts = _index_texts(a, b)
    if _is_strings(c) and _is_strings(a) and c.dtype != a.dtype and _is_unicode(a) == _is_unicode(c):
        given = "low.item_codes(resized(c, a))"
        if texts is None:
            return _write("def f(a, b, c):\n    a[b] = resized(c, a)\n", resized=_resized)
    elif is_storage(c) and c.dtype != a.dtype:
        return None
    else:
        given = "low.item_codes(c)" if is_storage(c) else "low.item_codes(one)[0]"
    if texts is None:
        return None
    one = "" if is_storage(c) else "    one = np.empty(1, a.dtype)\n    one[0] = c\n"
    return _write(
        f"def f(a, b, c):\n{texts[0]}{one}    low.item_codes(a)[{texts[1]}] = {given}\n", resized=_resized
    )


@shared
def _resized(c, a):
    """The strings `c` in the width of those of `a`: cut, or filled up with zeros."""
    new = np.zeros(c.shape, a.dtype)
    codes, given = low.item_codes(new), low.item_codes(c)
    n = min(codes.shape[-1], given.shape[-1])
    codes[..., :n] = given[..., :n]
    return new


@overload_method(types.Array, "fill")
def fill(self, value):
    """`numpy.ndarray.fill`."""
    if not is_storage(self):
        return None

    def fill(self, value):
        self[...] = value

    return fill


@overload(np.asarray)
def asarray(a, dtype=None):
    """`numpy.asarray`: the array itself."""
    return (lambda a, dtype=None: a) if is_storage(a) and kinds.is_none(dtype) else None


def _where(condition, x, y):
    """Elements of one of two arrays of the same dtype."""
    is_mask = kinds.is_array(condition) and isinstance(condition.dtype, types.Boolean) and condition.ndim
    if not is_mask or not is_storage(x) or not is_storage(y) or x.dtype != y.dtype:
        return None

    def where(condition, x, y):
        mask = np.expand_dims(condition, -1)
        return low.items_of(np.where(mask, low.item_codes(x), low.item_codes(y)), x.dtype)

    return where


overload(np.where)(_where)


# ---- comparisons -----------------------------------------------------------------------------------------------------


@shared
def _codes_of_text(text):
    codes = np.empty(len(text), np.uint32)
    for i in range(len(text)):
        codes[i] = ord(text[i])
    return codes


@shared
def _codes_of_bytes(text):
    codes = np.empty(len(text), np.uint8)
    for i in range(len(text)):
        codes[i] = text[i]
    return codes


def _ndim(t):
    return t.ndim if kinds.is_array(t) else 0


def _codes_expression(name, t):
    if _is_strings(t):
        return f"low.item_codes({name})"
    return f"of_text({name})" if _is_unicode(t) else f"of_bytes({name})"


_COMPARE = """\
def f(a, b):
    x, y = {x}, {y}
    n, m = x.shape[{nx}], y.shape[{ny}]
    shape = np.broadcast_shapes(x.shape[:-1], y.shape[:-1])
    x, y = np.broadcast_to(x, shape + (n,)), np.broadcast_to(y, shape + (m,))
    out = np.empty(shape, np.bool_)
{loops}{i}order = 0
{i}for k in range(min(n, m)):
{i}    if x[{at}k] != y[{at}k]:
{i}        order = 1 if x[{at}k] > y[{at}k] else -1
{i}        break
{i}if order == 0:
{i}    for k in range(n, m):
{i}        if y[{at}k] != 0:
{i}            order = -1
{i}    for k in range(m, n):
{i}        if x[{at}k] != 0:
{i}            order = 1
{i}out[{out}] = order {sign} 0
    return out{end}
"""


def _comparison(sign):
    def factory(a, b):
        if (
            not (_is_strings(a) or _is_strings(b))
            or _is_unicode(a) is None
            or _is_unicode(a) != _is_unicode(b)
        ):
            return None
        n = max(_ndim(a), _ndim(b))
        loops = "".join(f"{'    ' * (k + 1)}for i{k} in range(shape[{k}]):\n" for k in range(n))
        text = _COMPARE.format(
            x=_codes_expression("a", a),
            y=_codes_expression("b", b),
            nx=_ndim(a),
            ny=_ndim(b),
            loops=loops,
            i="    " * (n + 1),
            at="".join(f"i{k}, " for k in range(n)),
            out="".join(f"i{k}, " for k in range(n)) or "()",
            sign=sign,
            end="" if n else "[()]",
        )
        return _write(text, of_text=_codes_of_text, of_bytes=_codes_of_bytes)

    return factory


def _of_ufunc(factory):
    """The same with a ufunc's names of parameters."""

    def of_ufunc(x1, x2):
        implementation = factory(x1, x2)
        return implementation and (lambda x1, x2: implementation(x1, x2))

    return of_ufunc


_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_UFUNCS = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
for _name, _sign in _SIGNS.items():
    overload(getattr(operator, _name))(_comparison(_sign))
    overload(_UFUNCS[_name])(_of_ufunc(_comparison(_sign)))


# ---- sorting ---------------------------------------------------------------------------------------------------------


@shared
def _order_of(codes):
    """The order that sorts rows of codes, in which equal ones stay as they are: merge sort from the bottom up."""
    n, width = codes.shape
    order, other = np.arange(n), np.empty(n, np.int64)
    run = 1
    while run < n:
        for low_end in range(0, n, 2 * run):
            i, middle = low_end, min(low_end + run, n)
            j, end = middle, min(low_end + 2 * run, n)
            for at in range(low_end, end):
                take_second = i >= middle
                if not take_second and j < end:
                    x, y = order[i], order[j]
                    for k in range(width):
                        if codes[x, k] != codes[y, k]:
                            take_second = codes[y, k] < codes[x, k]
                            break
                if take_second:
                    other[at] = order[j]
                    j += 1
                else:
                    other[at] = order[i]
                    i += 1
        order, other = other, order
        run *= 2
    return order


def _sorts_flat(a, axis, order):
    is_flat = kinds.is_none(axis) or (
        a.ndim == 1 and kinds.is_known(axis) and kinds.value(axis, "axis") in (0, -1)
    )
    return _is_strings(a) and a.ndim and is_flat and kinds.is_none(order)


@shared
def _sorted(a):
    flat = low.item_codes(np.ascontiguousarray(a).reshape(-1))
    return low.items_of(flat[_order_of(flat)], a.dtype)


@overload(np.sort, prefer_literal=True)
def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    if not _sorts_flat(a, axis, order):
        return None
    return lambda a, axis=-1, kind=None, order=None, *, stable=None: _sorted(a)


@overload(np.argsort, prefer_literal=True)
def argsort(a, axis=-1, kind=None, order=None, *, stable=None):
    if not _sorts_flat(a, axis, order):
        return None

    def argsort(a, axis=-1, kind=None, order=None, *, stable=None):
        return _order_of(low.item_codes(np.ascontiguousarray(a).reshape(-1)))

    return argsort


@overload_method(types.Array, "sort", prefer_literal=True)
def array_sort(a, axis=-1, kind=None, order=None, *, stable=None):
    if not _sorts_flat(a, axis, order) or a.ndim > 1:
        return None

    def array_sort(a, axis=-1, kind=None, order=None, *, stable=None):
        a[...] = _sorted(a)

    return array_sort


@overload_method(types.Array, "argsort", prefer_literal=True)
def array_argsort(a, axis=-1, kind=None, order=None, *, stable=None):
    return argsort(a, axis, kind, order, stable=stable)


@shared
def _unique_parts(a):
    """The different elements, the first place of each, where each element went, and how many there are of each."""
    codes = low.item_codes(np.ascontiguousarray(a).reshape(-1))
    order = _order_of(codes)
    first, inverse = np.empty_like(order), np.empty_like(order)
    counts = np.zeros_like(order)
    n = 0
    for i in range(len(order)):
        is_new = i == 0
        if not is_new:
            for k in range(codes.shape[1]):
                if codes[order[i], k] != codes[order[i - 1], k]:
                    is_new = True
                    break
        if is_new:
            first[n] = order[i]
            n += 1
        inverse[order[i]] = n - 1
        counts[n - 1] += 1
    first = first[:n].copy()
    return low.items_of(codes[first], a.dtype), first, inverse, counts[:n].copy()


@overload(np.unique, prefer_literal=True)
def unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, equal_nan=True):
    """`numpy.unique` of strings."""
    if not _is_strings(ar) or ar.ndim != 1 or not kinds.is_none(axis):
        return None
    flags = [kinds.value(flag, "np.unique") for flag in (return_index, return_inverse, return_counts)]
    wanted = "".join(f", parts[{k + 1}]" for k in range(3) if flags[k])
    result = f"(parts[0]{wanted})" if wanted else "parts[0]"
    signature = "ar, return_index=False, return_inverse=False, return_counts=False, axis=None, equal_nan=True"
    return _write(f"def f({signature}):\n    parts = run(ar)\n    return {result}\n", run=_unique_parts)


# ---- functions of each text ------------------------------------------------------------------------------------------

# What methods of bytes compiled code lacks.
_NOT_OF_BYTES = frozenset("capitalize title swapcase istitle isdecimal isnumeric".split())

_EACH = """\
def f({parameters}):
    shape = np.broadcast_shapes({shapes})
    out = np.empty(shape, {dtype})
    flat = out.reshape(-1)
{lines}    for i in range(flat.size):
        flat[i] = {value}
    return out
"""


def _serves(name, a, others):
    if not _is_strings(a) or not a.ndim or (name in _NOT_OF_BYTES and not _is_unicode(a)):
        return False
    return all(_is_unicode(t) is _is_unicode(a) for t in others)


def _each(parameters, texts, value, dtype):
    """Text of a loop over all elements; `texts`: types of the parameters that are texts, by name."""
    arrays = [name for name, t in texts.items() if kinds.is_array(t)]
    lines = "".join(f"    {name}_ = np.broadcast_to({name}, shape).ravel()\n" for name in arrays)
    for name in texts:
        value = value.replace("{" + name + "}", f"{name}_[i]" if name in arrays else name)
    shapes = ", ".join(f"{name}.shape" for name in arrays)
    return _write(_EACH.format(parameters=parameters, shapes=shapes, dtype=dtype, lines=lines, value=value))


def _named(parameters, passed, factory):
    """A factory with the parameters that NumPy's function has."""
    return written(__name__, f"def f({parameters}):\n    return factory({passed})\n", factory=factory)


def _of_one(function, name, dtype, parameter="a"):
    """Methods without arguments: the result has the width of the text, or is no text."""

    def factory(a):
        return (
            _each(parameter, {parameter: a}, f"{{{parameter}}}.{name}()", dtype)
            if _serves(name, a, ())
            else None
        )

    overload(function)(_named(parameter, parameter, factory))


for _name in "upper lower capitalize title swapcase".split():
    _of_one(getattr(np.strings, _name), _name, "a.dtype")
for _name in "isalpha isdigit isspace isupper islower isalnum istitle isdecimal isnumeric".split():
    _of_one(getattr(np.strings, _name), _name, "np.bool_", "x")


@shared
def _lengths(codes, out):
    for i in range(len(out)):
        n = codes.shape[1]
        while n > 0 and codes[i, n - 1] == 0:
            n -= 1
        out[i] = n


@overload(np.strings.str_len)
def str_len(x):
    """`numpy.strings.str_len`: zeros at the end do not count."""
    if not _serves("", x, ()):
        return None

    def str_len(x):
        out = np.empty(x.shape, np.int64)
        _lengths(low.item_codes(x.ravel()), out.reshape(-1))
        return out

    return str_len


def _strip(name):
    def factory(a, chars=None):
        if kinds.is_none(chars):
            return (
                _each("a, chars=None", {"a": a}, f"{{a}}.{name}()", "a.dtype") if _serves("", a, ()) else None
            )
        if not _serves("", a, (chars,)):
            return None
        return _each("a, chars=None", {"a": a, "chars": chars}, f"{{a}}.{name}({{chars}})", "a.dtype")

    overload(getattr(np.strings, name))(factory)


for _name in ("strip", "lstrip", "rstrip"):
    _strip(_name)


def _search(name, method, parameter, dtype):
    parameters = f"a, {parameter}, start=0, end=None"

    def factory(a, sub, start=0, end=None):
        if (
            not _serves("", a, (sub,))
            or not kinds.is_integer(start)
            or not (kinds.is_none(end) or kinds.is_integer(end))
        ):
            return None
        stop = "" if kinds.is_none(end) else ", end"
        return _each(
            parameters, {"a": a, parameter: sub}, f"{{a}}.{method}({{{parameter}}}, start{stop})", dtype
        )

    passed = f"a, {parameter}, start, end"
    overload(getattr(np.strings, name))(_named(parameters, passed, factory))


for _name in ("find", "rfind", "count"):
    _search(_name, _name, "sub", "np.int64")
_search("startswith", "startswith", "prefix", "np.bool_")
_search("endswith", "endswith", "suffix", "np.bool_")


def _add(a, b):
    """Joined texts: as wide as both together."""
    if not _serves("", a, (b,)) and not _serves("", b, (a,)):
        return None
    widths = [
        t.dtype.count if _is_strings(t) else kinds.is_known(t) and len(kinds.value(t, "text")) for t in (a, b)
    ]
    if False in widths:
        return None
    dtype = f"'{'U' if _is_unicode(a) else 'S'}{sum(widths) or 1}'"
    return _each("a, b", {"a": a, "b": b}, "{a} + {b}", dtype)


overload(operator.add, prefer_literal=True)(_add)
overload(np.add, prefer_literal=True)(_of_ufunc(_add))
