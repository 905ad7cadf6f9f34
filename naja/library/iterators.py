"""`np.nditer` and `np.broadcast`: objects of compiled code that go through the elements of several arrays at once.

Both are dataclasses of views: every operand, broadcast to the common shape.  An nditer's views have their axes in the order of
the iteration, outermost first, and its state is a list with one number, how many items it has gone.  What the classes do for
any number of axes is written in `_walk` and its kin, whose text depends on that number.

Flags must be constants; `buffered` and `growinner` change how large the pieces of ``external_loop`` are in NumPy, not what lies
in them, so they are taken and nothing is copied.
"""

import operator
from dataclasses import dataclass

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import low
from naja.library.arrays import broadcasts
from naja.library.dtypes import named_dtype
from naja.library.kinds import (
    is_array,
    is_array_like,
    is_none,
    is_number,
    is_sequence,
    scalar_type,
    value,
)
from naja.library.shaping import is_tuple
from naja.library.written import written

_FLAGS = {
    *(
        "zerosize_ok",
        "refs_ok",
        "common_dtype",
        "delay_bufalloc",
        "buffered",
        "growinner",
        "reduce_ok",
        "ranged",
    ),
    *("copy_if_overlap", "multi_index", "c_index", "f_index", "external_loop"),
}
_OPERAND_FLAGS = {
    *(
        "readonly",
        "readwrite",
        "writeonly",
        "aligned",
        "contig",
        "nbo",
        "copy",
        "updateifcopy",
        "allocate",
        "no_broadcast",
    ),
    *("no_subtype", "arraymask", "writemasked", "overlap_assume_elementwise", "virtual"),
}


def _write(text, **names):
    return written(__name__, text, **names)


# ---- what depends on the number of axes --------------------------------------------------------------------------------


_walk = low.by_type("iterator_walk")
_walk_one = low.by_type("iterator_walk_one")
_coordinates = low.by_type("iterator_coordinates")
_element = low.by_type("iterator_element")
_pieces = low.by_type("iterator_pieces")
_piece = low.by_type("iterator_piece")
_inner_length = low.by_type("iterator_inner_length")


def _loops(n, extents):
    return "".join(f"{'    ' * (d + 1)}for i{d} in range({extents}[{d}]):\n" for d in range(n))


@overload(_walk)
def _walk_overload(views, state):
    """Yield the operands' elements, as arrays without axes, and count them in `state`."""
    return _walk_text(views, f"({''.join(f'{item}, ' for item in _items(views))})")


@overload(_walk_one)
def _walk_one_overload(views, state):
    """The same for one operand, whose elements are no tuples."""
    return _walk_text(views, _items(views)[0])


def _items(views):
    place = "".join(f"i{d}, " for d in range(views[0].ndim))
    return [f"v{k}[{place}...]" for k in range(len(views))]


def _walk_text(views, items):
    n = views[0].ndim
    inner = "    " * (n + 1)
    unpacked = "".join(f"v{k}, " for k in range(len(views)))
    return _write(
        f"def f(views, state):\n    extents, done = views[0].shape, 0\n    {unpacked} = views\n{_loops(n, 'extents')}"
        f"{inner}state[0] = done\n{inner}yield {items}\n{inner}done += 1\n    state[0] = done\n"
    )


@overload(_coordinates)
def _coordinates_overload(index, extents):
    """The index along each axis of the `index`-th element in C order."""
    n = len(extents)
    text = "def f(index, extents):\n"
    for d in reversed(range(n)):
        text += f"    i{d} = index % max(extents[{d}], 1)\n    index //= max(extents[{d}], 1)\n"
    return _write(f"{text}    return ({''.join(f'i{d}, ' for d in range(n))})\n")


@overload(_element)
def _element_overload(views, index):
    n = views[0].ndim
    items = "".join(f"views[{k}][{''.join(f'at[{d}], ' for d in range(n))}...], " for k in range(len(views)))
    return _write(
        f"def f(views, index):\n    at = coordinates(index, views[0].shape)\n    return ({items})\n",
        coordinates=_coordinates,
    )


@overload(_inner_length)
def _inner_length_overload(views):
    """How many elements lie one behind the other, with one stride, for all operands, counted along the innermost axes."""
    n, text = views[0].ndim, "def f(views):\n    shape, length = views[0].shape, 1\n"
    if n == 0:
        return lambda views: 1
    text += "".join(f"    step{k} = 0\n" for k in range(len(views)))
    for d in reversed(range(n)):
        follows = " and ".join(f"step{k} * length == views[{k}].strides[{d}]" for k in range(len(views)))
        starts = "".join(f"            step{k} = views[{k}].strides[{d}]\n" for k in range(len(views)))
        text += (
            f"    if shape[{d}] != 1:\n        if length == 1:\n{starts}            length = shape[{d}]\n"
            f"        elif {follows}:\n            length *= shape[{d}]\n        else:\n            return length\n"
        )
    return _write(f"{text}    return length\n")


@overload(_piece)
def _piece_overload(views, length, index):
    """The elements from the `index`-th on, `length` of them, as arrays of one axis."""
    n = views[0].ndim
    text = "def f(views, length, index):\n    shape = views[0].shape\n    at = coordinates(index, shape)\n"
    for k in range(len(views)):
        text += f"    step{k} = views[{k}].itemsize\n"
    for d in range(n):
        steps = "".join(f"        step{k} = views[{k}].strides[{d}]\n" for k in range(len(views)))
        text += f"    if shape[{d}] != 1:\n{steps}"
    items = "".join(
        f"as_strided(views[{k}][{''.join(f'at[{d}], ' for d in range(n))}...], (length, ), (step{k}, )), "
        for k in range(len(views))
    )
    return _write(
        f"{text}    return ({items})\n",
        coordinates=_coordinates,
        as_strided=np.lib.stride_tricks.as_strided,
    )


@overload(_pieces)
def _pieces_overload(views, length, state):
    def pieces(views, length, state):
        size = views[0].size
        for index in range(0, size, max(length, 1)):
            state[0] = index
            yield _piece(views, length, index)
        state[0] = size

    return pieces


# ---- the objects ----------------------------------------------------------------------------------------------------------


class _Steps:
    """What all kinds of nditer have.  Fields: operands, views, shape, place and flip (of each axis of the shape, where it is
    in the views and whether it is gone through backwards), index_steps (of each axis), kind (has multi_index, has index),
    state."""

    @property
    def iterindex(self):
        return self.state[0]

    @iterindex.setter
    def iterindex(self, index):
        if index < 0 or index >= self.itersize:
            raise ValueError("Iterator GotoIterIndex called with an iterindex outside the iteration range")
        self.state[0] = index

    @property
    def itersize(self):
        return self.views[0].size

    @property
    def iterrange(self):
        return (0, self.itersize)

    @property
    def finished(self):
        return self.state[0] >= self.itersize

    @property
    def nop(self):
        return len(self.views)

    @property
    def has_multi_index(self):
        return self.kind[0] != 0

    @property
    def has_index(self):
        return self.kind[1] != 0

    @property
    def has_delayed_bufalloc(self):
        return False

    @property
    def iterationneedsapi(self):
        return False

    @property
    def itviews(self):
        return self.views

    @property
    def multi_index(self):
        if self.kind[0] == 0:
            raise ValueError("Iterator is not tracking a multi-index")
        return _original(_coordinates(self.state[0], self.views[0].shape), self.shape, self.place, self.flip)

    @property
    def index(self):
        if self.kind[1] == 0:
            raise ValueError("Iterator does not have an index")
        at = _original(_coordinates(self.state[0], self.views[0].shape), self.shape, self.place, self.flip)
        return _flat_index(at, self.index_steps)

    def reset(self):
        self.state[0] = 0

    def close(self):
        pass

    def enable_external_loop(self):
        raise ValueError("give np.nditer the flag 'external_loop' in compiled code")

    def debug_print(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, cls, error, traceback):
        return None

    def __len__(self):
        return len(self.views)


class _ByElement(_Steps):
    def iternext(self):
        if self.state[0] < self.itersize:
            self.state[0] += 1
        return self.state[0] < self.itersize

    def _items(self):
        if self.finished:
            raise ValueError("Iterator is past the end")
        return _element(self.views, self.state[0])


class _ByPiece(_Steps):
    def iternext(self):
        if self.state[0] < self.itersize:
            self.state[0] += max(_inner_length(self.views), 1)
        return self.state[0] < self.itersize

    def _items(self):
        if self.finished:
            raise ValueError("Iterator is past the end")
        return _piece(self.views, _inner_length(self.views), self.state[0])


@dataclass(eq=False)
class ElementIterator(_ByElement):
    """One operand: items are arrays without axes."""

    operands: tuple
    views: tuple
    shape: tuple
    place: tuple
    flip: tuple
    index_steps: tuple
    kind: tuple
    state: list

    @property
    def value(self):
        return self._items()[0]

    def __iter__(self):
        return _walk_one(self.views, self.state)


@dataclass(eq=False)
class ElementsIterator(_ByElement):
    """Several operands: items are tuples."""

    operands: tuple
    views: tuple
    shape: tuple
    place: tuple
    flip: tuple
    index_steps: tuple
    kind: tuple
    state: list

    @property
    def value(self):
        return self._items()

    def __iter__(self):
        return _walk(self.views, self.state)


@dataclass(eq=False)
class PieceIterator(_ByPiece):
    """One operand, external_loop: items are arrays of one axis."""

    operands: tuple
    views: tuple
    shape: tuple
    place: tuple
    flip: tuple
    index_steps: tuple
    kind: tuple
    state: list

    @property
    def value(self):
        return self._items()[0]

    def __iter__(self):
        for (item,) in _pieces(self.views, _inner_length(self.views), self.state):
            yield item


@dataclass(eq=False)
class PiecesIterator(_ByPiece):
    """Several operands, external_loop."""

    operands: tuple
    views: tuple
    shape: tuple
    place: tuple
    flip: tuple
    index_steps: tuple
    kind: tuple
    state: list

    @property
    def value(self):
        return self._items()

    def __iter__(self):
        yield from _pieces(self.views, _inner_length(self.views), self.state)


_flat_index = low.by_type("iterator_flat_index")
_original = low.by_type("iterator_original")


@overload(_flat_index)
def _flat_index_overload(at, steps):
    products = "".join(f" + at[{d}] * steps[{d}]" for d in range(len(at)))
    return _write(f"def f(at, steps):\n    return 0{products}\n")


@overload(_original)
def _original_overload(at, shape, place, flip):
    """Coordinates in the arrays of those in the iteration."""
    parts = "".join(
        f"shape[{d}] - 1 - at[place[{d}]] if flip[{d}] else at[place[{d}]], " for d in range(len(shape))
    )
    return _write(f"def f(at, shape, place, flip):\n    return ({parts})\n")


def _is_nditer(t):
    return t.kind == "NAMEDTUPLE" and issubclass(t.instance_class, _Steps)


@overload(operator.getitem, prefer_literal=True)
def _operand(a, b):
    """``it[k]``: the k-th operand's element."""
    if not _is_nditer(a):
        return None
    place = str(b.literal_value) if isinstance(b, types.Literal) else "b"
    return _write(f"def f(a, b):\n    return a._items()[{place}]\n")


@overload(operator.setitem, prefer_literal=True)
def _set_operand(a, b, c):
    """``it[k] = x``: into the k-th operand."""
    if not _is_nditer(a):
        return None
    place = str(b.literal_value) if isinstance(b, types.Literal) else "b"
    return _write(f"def f(a, b, c):\n    a._items()[{place}][...] = c\n")


# ---- np.nditer --------------------------------------------------------------------------------------------------------------


def _words(t, what, known):
    """The constant words of an argument, and whether they are known while compiling."""
    if is_none(t):
        return set()
    if isinstance(t, types.Literal):
        words = {t.literal_value}
    elif is_tuple(t):
        words = set().union(*(_words(item, what, known) for item in t))
    elif isinstance(t, types.List) and isinstance(t.dtype, types.UnicodeType):
        if t.initial_value is None:
            raise TypingError(f"np.nditer: {what} must be constants: write them into the call")
        words = set(t.initial_value)
    elif is_sequence(t):  # op_flags, a list for each operand: only whether they are known words would matter
        return set()
    else:
        raise TypingError(f"np.nditer: {what} must be constant strings, not {t}")
    if not words <= known:
        raise TypingError(
            f"np.nditer: unexpected word in {what}: {', '.join(map(repr, sorted(words - known)))}"
        )
    return words


def _order_text(n, count):
    """Text that sets `order`, the axes from the innermost outwards, by the strides of all operands (`count`).

    An insertion sort: an axis moves inwards past those whose strides are larger, wherever the operands agree; if they do not,
    C order stays.
    """
    text = f"    order, strides = np.arange({n - 1}, -1, -1), np.empty(({n}, {count}), np.int64)\n"
    for d in range(n):
        text += "".join(f"    strides[{d}, {k}] = abs(v{k}.strides[{d}])\n" for k in range(count))
    return text + (
        f"    for i in range(1, {n}):\n"
        "        axis, to, j = order[i], i, i - 1\n"
        "        while j >= 0:\n"
        "            unclear, swap = True, False\n"
        f"            for k in range({count}):\n"
        "                x, y = strides[axis, k], strides[order[j], k]\n"
        "                if x != 0 and y != 0:\n"
        "                    if y <= x:\n"
        "                        swap = False\n"
        "                    elif unclear:\n"
        "                        swap = True\n"
        "                    unclear = False\n"
        "            if not unclear:\n"
        "                if not swap:\n"
        "                    break\n"
        "                to = j\n"
        "            j -= 1\n"
        "        for j in range(i, to, -1):\n"
        "            order[j] = order[j - 1]\n"
        "        order[to] = axis\n"
    )


def _make_text(operands, single, order, words, converted):
    """The text that makes an iterator: broadcast the operands, choose the order of the axes, turn the views."""
    given = [k for k, t in enumerate(operands) if not is_none(t)]
    n = max(operands[k].ndim if is_array(operands[k]) else 0 for k in given)
    text = ""
    for k in given:
        source = "op" if single else f"op[{k}]"
        text += f"    x{k} = {source if is_array(operands[k]) else f'np.asarray({source})'}\n"
    text += converted
    arrays = [k for k in given if is_array(operands[k]) and operands[k].ndim]
    for i, k in enumerate(arrays[1:]):
        shown = " + ' ' + ".join(f"str(x{j}.shape).replace(' ', '')" for j in arrays)
        earlier = " and ".join(f"broadcasts(x{j}.shape, x{k}.shape)" for j in arrays[: i + 1])
        text += f"    if not ({earlier}):\n        raise ValueError(message + {shown} + ' ')\n"
    shapes = "".join(f"x{k}.shape, " for k in arrays)
    text += f"    shape = np.broadcast_shapes({shapes})\n" if arrays else "    shape = ()\n"
    all_fortran = n > 1 and all(
        is_array(operands[k]) and operands[k].layout == "F" and operands[k].ndim == n for k in arrays
    )
    for k, t in enumerate(operands):
        if is_none(t):  # allocated, in the common dtype
            extents = "shape[::-1]" if all_fortran else "shape"
            text += f"    x{k} = np.empty({extents}, kind){'.T' if all_fortran else ''}\n"
        elif n and (len(arrays) > 1 or k not in arrays):  # not np.broadcast_to, whose result is read-only
            first = n - (t.ndim if is_array(t) else 0)
            steps = "0, " * first + "".join(
                f"0 if x{k}.shape[{d}] == 1 else x{k}.strides[{d}], " for d in range(n - first)
            )
            text += f"    v{k} = as_strided(x{k}, shape, ({steps}))\n"
            continue
        text += f"    v{k} = x{k}\n"
    count = len(operands)
    if n == 0:
        views = "".join(f"v{k}, " for k in range(count))
        return text + f"    views, place, flip, index_steps = ({views}), (), (), ()\n"
    if order == "K":
        text += _order_text(n, count)
    elif order == "F" or (order == "A" and all_fortran):
        text += f"    order = np.arange({n})\n"
    else:
        text += f"    order = np.arange({n - 1}, -1, -1)\n"
    for d in range(n):
        backwards = "False"
        if order == "K":
            some = " or ".join(f"v{k}.strides[{d}] < 0" for k in range(count))
            backwards = f"({some}) and " + " and ".join(f"v{k}.strides[{d}] <= 0" for k in range(count))
        text += f"    flip{d} = {backwards}\n    place{d} = 0\n"
        text += "".join(f"    if order[{n - 1 - at}] == {d}:\n        place{d} = {at}\n" for at in range(n))
    for k in range(count):
        if order == "K":
            for d in range(n):
                index = ", ".join("::-1" if i == d else ":" for i in range(n))
                text += f"    if flip{d}:\n        v{k} = v{k}[{index}]\n"
        steps = "".join(f"v{k}.strides[order[{n - 1 - at}]], " for at in range(n))
        extents = "".join(f"shape[order[{n - 1 - at}]], " for at in range(n))
        text += f"    v{k} = as_strided(v{k}, ({extents}), ({steps}))\n"
    backwards = "c_index" in words
    index = {}
    step = "1"
    for d in reversed(range(n)) if backwards else range(n):
        index[d] = step
        step = f"{step} * shape[{d}]"
    return text + (
        f"    views = ({''.join(f'v{k}, ' for k in range(count))})\n"
        f"    place, flip = ({''.join(f'place{d}, ' for d in range(n))}), ({''.join(f'flip{d}, ' for d in range(n))})\n"
        f"    index_steps = ({''.join(f'{index[d]}, ' for d in range(n))})\n"
    )


def _checked(op_flags):
    """Text that refuses unknown words in a list of lists, which are known when it runs."""
    if not is_sequence(op_flags) or not is_sequence(op_flags.dtype):
        return ""
    return (
        "    for words in op_flags:\n        for word in words:\n"
        f"            if word not in {tuple(sorted(_OPERAND_FLAGS))!r}:\n"
        "                raise ValueError('np.nditer: unexpected word in op_flags: ' + word)\n"
    )


def _with_dtypes(operands, single, op_dtypes, writes):
    """Text that converts the operands to the dtypes that they are to have, and those dtypes."""
    asked = list(op_dtypes) if is_tuple(op_dtypes) else [op_dtypes]
    if isinstance(op_dtypes, types.LiteralList):
        asked = list(op_dtypes)
    elif is_sequence(op_dtypes):
        asked = (
            [op_dtypes.dtype]
            if op_dtypes.initial_value is None
            else list(map(types.literal, op_dtypes.initial_value))
        )
    if len(asked) == 1:
        asked = asked * len(operands)
    if len(asked) != len(operands):
        raise TypingError("np.nditer: op_dtypes must have a dtype for each operand")
    found = [None if is_none(t) else named_dtype(t, "np.nditer: op_dtypes") for t in asked]
    if writes:
        raise TypingError(
            "np.nditer: operands that are written to keep their dtypes in compiled code: leave out op_dtypes"
        )
    lines, names = "", {}
    for k, dtype in enumerate(found):
        if dtype is not None and not is_none(operands[k]):
            names[f"dtype{k}"] = dtype
            lines += f"    x{k} = x{k}.astype(dtype{k})\n"
    return lines, names, found


@overload(np.nditer, prefer_literal=True)
def nditer(op, flags=None, op_flags=None, op_dtypes=None, order="K", casting="safe"):
    """Of arrays, numbers and None (an operand to allocate), in memory order by default."""
    words, operand_words = _words(flags, "flags", _FLAGS), _words(op_flags, "op_flags", _OPERAND_FLAGS)
    single = not is_tuple(op)
    if single and isinstance(op, types.List):
        raise TypingError("np.nditer: give several operands as a tuple: np.nditer((a, b))")
    operands = [op] if single else list(op)
    if not operands or not all(is_array(t) or is_number(t) or is_none(t) for t in operands):
        return None
    if all(is_none(t) for t in operands):
        raise TypingError("np.nditer: at least one operand must be an array or a number")
    chosen = value(order, "np.nditer: order")
    if chosen not in ("K", "C", "F", "A"):
        raise TypingError(f"np.nditer: order must be one of 'C', 'F', 'A', or 'K' (got {chosen!r})")
    external = "external_loop" in words
    if external and words & {"multi_index", "c_index", "f_index"}:
        raise TypingError(
            "np.nditer: the flag external_loop cannot be used if an index or multi-index is being tracked"
        )
    converted, names, dtypes = "", {}, [None] * len(operands)
    if not is_none(op_dtypes):
        writes = operand_words & {"readwrite", "writeonly"} or is_sequence(getattr(op_flags, "dtype", None))
        converted, names, dtypes = _with_dtypes(operands, single, op_dtypes, writes)
    common = [_core.type_dtype(scalar_type(t)) for t in operands if not is_none(t)]
    kind = next(
        (d for d, t in zip(dtypes, operands, strict=True) if d is not None and is_none(t)),
        np.result_type(*common),
    )
    cls = (
        (PieceIterator if external else ElementIterator)
        if single
        else (PiecesIterator if external else ElementsIterator)
    )
    kinds_of_index = (int("multi_index" in words), int(bool(words & {"c_index", "f_index"})))
    text = _make_text(operands, single, chosen, words, converted)
    kept = "".join(f"x{k}, " for k in range(len(operands)))
    return _write(
        "def f(op, flags=None, op_flags=None, op_dtypes=None, order='K', casting='safe'):\n"
        f"{_checked(op_flags)}{text}"
        f"    return made(({kept}), views, shape, place, flip, index_steps, {kinds_of_index}, [0])\n",
        made=cls,
        kind=kind,
        broadcasts=broadcasts,
        as_strided=np.lib.stride_tricks.as_strided,
        message="operands could not be broadcast together with shapes ",
        **names,
    )


# ---- np.broadcast ---------------------------------------------------------------------------------------------------------------

_scalars = low.by_type("iterator_scalars")
_all_scalars = low.by_type("iterator_all_scalars")
_flats = low.by_type("iterator_flats")


@overload(_scalars)
def _scalars_overload(views, index):
    n = views[0].ndim
    place = "".join(f"at[{d}], " for d in range(n)) if n else "()"
    items = "".join(f"views[{k}][{place}], " for k in range(len(views)))
    return _write(
        f"def f(views, index):\n    at = coordinates(index, views[0].shape)\n    return ({items})\n",
        coordinates=_coordinates,
    )


@overload(_all_scalars)
def _all_scalars_overload(views, state):
    n = views[0].ndim
    place = "".join(f"i{d}, " for d in range(n)) if n else "()"
    items = "".join(f"views[{k}][{place}], " for k in range(len(views)))
    inner = "    " * (n + 1)
    return _write(
        f"def f(views, state):\n    extents, done = views[0].shape, 0\n{_loops(n, 'extents')}"
        f"{inner}done += 1\n{inner}state[0] = done\n{inner}yield ({items})\n"
    )


@overload(_flats)
def _flats_overload(views):
    return _write(f"def f(views):\n    return ({''.join(f'views[{k}].flat, ' for k in range(len(views)))})\n")


@dataclass(eq=False)
class Broadcast:
    """`numpy.broadcast`: the operands as views of the common shape, and how many items have been taken."""

    views: tuple
    state: list

    @staticmethod
    def _to_python(views, state):
        made = np.broadcast(*views)
        for _ in range(state[0]):
            next(made)
        return made

    @property
    def shape(self):
        return self.views[0].shape

    @property
    def ndim(self):
        return self.views[0].ndim

    @property
    def nd(self):
        return self.views[0].ndim

    @property
    def size(self):
        return self.views[0].size

    @property
    def numiter(self):
        return len(self.views)

    @property
    def index(self):
        return self.state[0]

    @property
    def iters(self):
        return _flats(self.views)

    def reset(self):
        self.state[0] = 0

    def __next__(self):
        if self.state[0] >= self.size:
            raise StopIteration
        self.state[0] += 1
        return _scalars(self.views, self.state[0] - 1)

    def __iter__(self):
        if self.state[0] == 0:
            yield from _all_scalars(self.views, self.state)
        else:
            while self.state[0] < self.size:
                self.state[0] += 1
                yield _scalars(self.views, self.state[0] - 1)


@overload(np.broadcast)
def broadcast(*args):
    """Of array-likes."""
    if not all(is_array_like(t) for t in args):
        return None
    names = ", ".join(f"x{k}" for k in range(len(args)))
    if not args:
        return lambda *args: Broadcast((np.zeros(()),), [0])
    text = f"def f({names}):\n" + "".join(f"    a{k} = np.asarray(x{k})\n" for k in range(len(args)))
    shapes = ", ".join(f"a{k}.shape" for k in range(len(args)))
    views = "".join(f"broadcast(a{k}, shape), " for k in range(len(args)))
    return _write(
        f"{text}    shape = np.broadcast_shapes({shapes})\n    return made(({views}), [0])\n",
        made=Broadcast,
        broadcast=np.broadcast_to,
    )
