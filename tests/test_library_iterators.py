"""np.nditer and np.broadcast: what they go through, in which order, and what they say of themselves, compared with NumPy."""

import warnings
from dataclasses import dataclass

import numpy as np
import pytest

from naja import _core, njit
from naja.errors import NajaPerformanceWarning, TypingError

CUBE = np.arange(24).reshape(2, 3, 4)
LAYOUTS = {
    "c": CUBE,
    "f": np.asfortranarray(CUBE),
    "reversed": CUBE[::-1, :, ::-1],
    "mixed": CUBE.transpose(1, 2, 0)[::-1],
    "strided": CUBE[:, ::2, 1::2],
    "flat": np.arange(5.0)[::-1],
    "point": np.array(3.5),
    "one": CUBE[:1, :, :1],
}


def compiled(text, *names):
    scope = {"np": np}
    exec(f"def f({', '.join(names)}):\n" + "".join(f"    {line}\n" for line in text.split("\n")), scope)
    return scope["f"], njit(scope["f"])


def check(text, **arguments):
    """The same from the interpreter and from compiled code, which asks nobody and leaves nothing behind."""
    plain, fast = compiled(text, *arguments)
    want = plain(*(x.copy() if isinstance(x, np.ndarray) else x for x in arguments.values()))
    with warnings.catch_warnings():
        warnings.simplefilter("error", NajaPerformanceWarning)
        got = fast(*(x.copy() if isinstance(x, np.ndarray) else x for x in arguments.values()))
    assert same(got, want), (got, want)


def same(x, y):
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return np.array_equal(x, y) and np.asarray(x).dtype == np.asarray(y).dtype
    if isinstance(x, (list, tuple)):
        return len(x) == len(y) and all(map(same, x, y))
    return x == y


@pytest.mark.parametrize("order", "CFKA")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_orders(layout, order):
    a = LAYOUTS[layout]
    plain, fast = compiled(
        f"it = np.nditer(a, flags=['multi_index'], order={order!r})\nreturn [(x.item(), it.multi_index) for x in it]",
        "a",
    )
    assert fast(a) == plain(a)
    plain, fast = compiled(f"return [x.item() for x in np.nditer(a, order={order!r})]", "a")
    assert fast(a) == plain(a)
    plain, fast = compiled(
        f"return [x.copy() for x in np.nditer(a, ['external_loop'], order={order!r})]", "a"
    )
    assert same(fast(a), plain(a))


@pytest.mark.parametrize("flag", ["c_index", "f_index"])
@pytest.mark.parametrize("layout", ["c", "f", "reversed", "mixed", "point"])
def test_indices(layout, flag):
    plain, fast = compiled(
        f"it = np.nditer(a, flags=[{flag!r}, 'multi_index'])\n"
        "seen = []\nwhile not it.finished:\n    seen.append((it[0].item(), it.value.item(), it.index, it.multi_index, it.iterindex))\n"
        "    it.iternext()\nit.reset()\nreturn seen, it.index, it.has_index, it.has_multi_index, it.itersize, it.nop",
        "a",
    )
    assert fast(LAYOUTS[layout]) == plain(LAYOUTS[layout])


A, B = np.arange(6.0).reshape(2, 3), np.arange(3)
PROGRAMS = [
    "for x in np.nditer(a, op_flags=['readwrite']):\n    x[...] = 2 * x\nreturn a",
    "for x in np.nditer(a, op_flags=[['readwrite']]):\n    x[...] = 2 * x\nreturn a",
    "with np.nditer(a, op_flags=['readwrite']) as it:\n    for x in it:\n        x[...] = x + 1\nreturn a",
    "it = np.nditer((a, b, None))\nfor x, y, z in it:\n    z[...] = x * y\nreturn it.operands[2]",
    "it = np.nditer((a.T, None))\nfor x, z in it:\n    z[...] = x + 1\nreturn it.operands[1]",
    "return [(x.item(), y.item()) for x, y in np.nditer((a.T, a[::-1].T))]",
    "return [(x.item(), y.item()) for x, y in np.nditer((a, 2.5))]",
    "return [x.sum() for x in np.nditer(a[:, ::2], flags=['external_loop'])]",
    "return [(x * y).sum() for x, y in np.nditer((a, b), flags=['external_loop'])]",
    "for x in np.nditer(a[:, ::2], flags=['external_loop'], op_flags=['readwrite']):\n    x[...] = -x\nreturn a",
    "total = np.zeros(())\nfor x, y in np.nditer((a, total), flags=['reduce_ok'], op_flags=[['readonly'], ['readwrite']]):\n"
    "    y[...] += x\nreturn total",
    "return [x.item() for x in np.nditer(b, flags=['buffered'], op_dtypes=['float64'])]",
    "return [x.item() for x in np.nditer(b, flags=['buffered'], op_dtypes=np.complex128)]",
    "it = np.nditer((a, b))\nreturn it[0].item(), it[1].item(), len(it), it.itersize, it.finished, it.operands[0].sum()",
    "it = np.nditer(a, flags=['c_index'])\nit.iterindex = 4\nreturn it.index, it[0].item()",
    "it = np.nditer(a)\nmore = True\nn = 0\nwhile more:\n    n += 1\n    more = it.iternext()\nreturn n, it.finished",
    "return [x.item() for x in np.nditer(a[:0], flags=['zerosize_ok'])]",
    "return np.broadcast(a, b).shape, np.broadcast(a, b).ndim, np.broadcast(a, b).nd, np.broadcast(a, b, 1).numiter",
    "return np.broadcast(a, [1, 2, 3]).size, np.broadcast(2.0, 3).shape, np.broadcast(a[:, :1], (1, 2)).shape",
    "return [x * y for x, y in np.broadcast(a[:, :1], b)]",
    "it = np.broadcast(a, b)\nfirst = next(it)\nrest = [x + y for x, y in it]\nreturn first, rest, it.index",
    "it = np.broadcast(a, b)\nnext(it)\nnext(it)\nn = it.index\nit.reset()\nreturn n, it.index, next(it)",
    "return [x for x in np.broadcast(a[:, :1], b).iters[0]]",
    "out = np.empty((2, 3))\nout.flat = [x + y for x, y in np.broadcast(a, b)]\nreturn out",
    "return [x for (x,) in np.broadcast(np.array(4.0))]",
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs(program):
    check(program, a=A, b=B)


FLATS = [
    "return a.flat[[0, -1]], a.T.flat[np.array([1, 2])], a.T.flat[()], a.flat[...]",
    "a.T.flat[[1, 4]] = 9\nreturn a",
    "a.flat[[1, 4]] = [7, 8]\nreturn a",
    "a.flat[a.ravel() > 2] = 0.5\nreturn a",
    "a.T.flat = [1, 2]\nreturn a",
    "a.flat = b\nreturn a",
    "a.T.flat = a[::-1]\nreturn a",
    "a.flat = (3.5, 4)\nreturn a",
    "a.flat = 3\nreturn a",
    "return np.array(a.T.flat), np.asarray(a.flat, dtype=np.float32), np.sum(a.flat), np.sort(a.T.flat)",
    "return a.T.flat == a.ravel(), a.flat != 2.0, a.flat < a.flat, 1.0 >= a.T.flat",
    "return np.add(a.T.flat, 1), a.ravel() + a.T.flat, np.cumsum(a.T.flat)",
]


@pytest.mark.parametrize("program", FLATS)
def test_flat(program):
    check(program, a=A, b=B)


@pytest.mark.parametrize("name, value", [("shape", "(3, 2)"), ("strides", "(8, 16)"), ("dtype", "np.int64")])
def test_what_an_array_is_cannot_be_assigned(name, value):
    _, fast = compiled(f"a.{name} = {value}", "a")
    with pytest.raises(TypingError, match="assign a = "):
        fast(A)


@dataclass
class Section:
    log: list

    def __enter__(self):
        self.log.append(1)
        return len(self.log)

    def __exit__(self, cls, error, traceback):
        self.log.append(2)
        return cls is not None


def test_dataclasses_as_contexts():
    def run(x):
        log = [0]
        with Section(log) as n:
            log.append(n)
        with Section(log):
            if x > 0:
                raise ValueError("swallowed")
            log.append(5)
        return log

    for x in (0, 1):
        assert njit(run)(x) == run(x)


def test_nothing_is_left_behind():
    _, fast = compiled(
        "it = np.nditer((a, None))\nfor x, y in it:\n    y[...] = x\nreturn it.operands[1]", "a"
    )
    fast(A)
    blocks = _core.block_count()
    fast(A)
    assert _core.block_count() == blocks


def test_objects_for_python():
    it = njit(lambda a, b: np.broadcast(a, b))(A, B)
    assert isinstance(it, np.broadcast) and it.shape == (2, 3)


REFUSED = {
    "np.nditer(a, flags=['no_such'])": "unexpected word in flags: 'no_such'",
    "np.nditer(a, op_flags=['readwrit'])": "unexpected word in op_flags",
    "np.nditer(a, flags=words)": "flags must be constants",
    "np.nditer([a, a])": "give several operands as a tuple",
    "np.nditer(a, order='X')": "order must be one of",
    "np.nditer(a, flags=['external_loop', 'multi_index'])": "external_loop cannot be used",
    "np.nditer((None,))": "at least one operand",
    "np.nditer(a, op_flags=['readwrite'], op_dtypes=['float32'])": "keep their dtypes",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused(text):
    _, fast = compiled(f"words = ['multi_index'] * len(a)\nfor x in {text}:\n    pass", "a")
    with pytest.raises(TypingError, match=REFUSED[text]):
        fast(A)


def test_errors_when_it_runs():
    for text, message in (
        ("np.nditer((a, b[:2]))", "could not be broadcast"),
        ("np.nditer(a).multi_index", "not tracking a multi-index"),
        ("np.nditer(a).index", "does not have an index"),
        ("np.broadcast(a, b[:2]).shape", "shape mismatch"),
    ):
        plain, fast = compiled(f"return {text}", "a", "b")
        with pytest.raises(ValueError, match=message):
            plain(A, B)
        with pytest.raises(ValueError, match=message):
            fast(A, B)
