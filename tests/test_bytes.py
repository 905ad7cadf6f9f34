"""bytes, bytearray, memoryview and array.array as values of compiled code."""

import array
import mmap
import operator
import sys

import numpy as np
import pytest

from naja import _core, njit, typeof, types
from naja.errors import TypingError

SAMPLES = [b"", b"a", b"abc", b"abcabc", b"\x00\xff\x80", bytes(range(256)), b" x y "]


def both(function, *args):
    assert function(*args) == function.py_func(*args)
    assert type(function(*args)) is type(function.py_func(*args))


@pytest.mark.core
def test_operators():
    for name in ("eq", "ne", "lt", "le", "gt", "ge", "add"):
        f = njit(eval(f"lambda a, b: operator.{name}(a, b)", {"operator": operator}))
        for a in SAMPLES:
            for b in SAMPLES[:4]:
                both(f, a, b)


@pytest.mark.core
def test_items_and_slices():
    @njit
    def item(b, i):
        return int(b[i])

    @njit
    def part(b, start, stop, step):
        return b[start:stop:step]

    for b in SAMPLES:
        for i in range(-len(b), len(b)):
            both(item, b, i)
        with pytest.raises(IndexError, match="index out of range"):
            item(b, len(b))
        for bounds in ((0, 2, 1), (-2, 10, 1), (5, 0, -1), (0, 6, 2)):
            both(part, b, *bounds)
            both(part, bytearray(b), *bounds)


def test_length_iteration_membership_hash():
    @njit
    def look(b):
        total = 0
        for x in b:
            total += x
        return len(b), total, 97 in b, b"bc" in b, b"z" not in b, b * 2

    @njit
    def hashed(b):
        return hash(b)

    for b in SAMPLES:
        both(look, b)
        both(look, bytearray(b))
        both(hashed, b)


@pytest.mark.core
def test_methods():
    @njit
    def use(b, c):
        return b.find(c), b.rfind(c), b.count(c), b.startswith(c), b.endswith(c), b.replace(c, b"--"), b.hex()

    for b in SAMPLES:
        for c in (b"a", b"bc", b"zz"):
            both(use, b, c)


@pytest.mark.core
def test_encodings():
    @njit
    def codec(s):
        return s.encode(), s.encode("utf-8").decode("utf-8")

    @njit
    def latin(s):
        return s.encode("latin-1"), s.encode("latin-1").decode("latin-1")

    @njit
    def strict(b):
        return b.decode("ascii")

    @njit
    def decode(b):
        return b.decode()

    for s in ("", "abc", "Äpfel", "漢字", "😀", "a\x00b"):
        both(codec, s)
    both(latin, "Äpfel\xff")
    with pytest.raises(ValueError, match="'latin-1' codec can't encode character"):
        latin("漢")
    both(strict, b"abc")
    with pytest.raises(ValueError, match="'ascii' codec can't decode byte 0xff in position 1"):
        strict(b"a\xff")
    bad = [
        b"\xff",
        b"a\xc3",
        b"\xc3\x28",
        b"\xe2\x82",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc0\x80",
        b"\xe0\x80\x80",
    ]
    before = _core.block_count()
    for b in bad:
        with pytest.raises(ValueError, match="'utf-8' codec can't decode byte"):
            decode(b)
        with pytest.raises(UnicodeDecodeError):
            b.decode()
    assert _core.block_count() == before


def test_constants_and_results():
    @njit
    def give(x):
        return b"con\x00stant", x, x[1:]

    value = b"argument"
    result = give(value)
    assert result == (b"con\x00stant", value, value[1:])
    assert result[1] is value


def test_bytearray_is_written():
    @njit
    def write(b, i, x):
        b[i] = x

    b = bytearray(b"abc")
    write(b, -1, 255)
    assert b == b"ab\xff"
    with pytest.raises(ValueError, match=r"byte must be in range\(0, 256\)"):
        write(b, 0, 256)
    with pytest.raises(IndexError):
        write(b, 3, 0)
    with pytest.raises(TypingError, match="does not support item assignment"):
        write(b"abc", 0, 1)


def test_constructors():
    @njit
    def make(n):
        return bytes(n), bytearray(n), bytes(bytearray(n)), bytearray(b"ab")

    both(make, 4)
    with pytest.raises(ValueError, match="negative count"):
        make(-1)


@pytest.mark.core
def test_frombuffer():
    @njit
    def view(buffer):
        return np.frombuffer(buffer, dtype=np.int16)

    @njit
    def part(buffer, count, offset):
        return np.frombuffer(buffer, np.uint8, count, offset)

    data = bytes(range(16))
    for buffer in (data, bytearray(data), memoryview(data), array.array("i", range(5)), np.arange(6.0)):
        result = view(buffer)
        assert result.tolist() == np.frombuffer(buffer, np.int16).tolist()
        assert np.shares_memory(result, np.frombuffer(buffer, np.uint8))
    assert not view(data).flags.writeable
    assert part(data, 3, 2).tolist() == [2, 3, 4]
    assert part(data, -1, 14).tolist() == [14, 15]
    with pytest.raises(ValueError, match="buffer size must be a multiple of element size"):
        view(b"abc")
    with pytest.raises(ValueError, match="buffer is smaller than requested size"):
        part(data, 17, 0)
    with pytest.raises(ValueError, match="offset must be"):
        part(data, 1, 17)


def test_buffers_are_arrays():
    @njit
    def change(b):
        b[0] = 7
        return b.sum(), b[1:]

    for code in "bBhHiIlLqQfd":
        a = array.array(code, [1, 2, 3])
        total, rest = change(a)
        assert (total, list(a), rest.tolist()) == (12, [7, 2, 3], [2, 3])
    m = memoryview(bytearray(b"\x01\x02\x03"))
    assert change(m)[0] == 12
    assert m[0] == 7
    strided = memoryview(bytearray(range(10)))[::3]
    assert change(strided)[0] == 7 + 3 + 6 + 9

    @njit
    def look(b):
        return (
            b.itemsize,
            b.ndim,
            b.shape,
            b.strides,
            b.nbytes,
            b.contiguous,
            b.c_contiguous,
            b.f_contiguous,
            b.readonly,
        )

    for m in (memoryview(b"abcd"), memoryview(array.array("d", [1, 2])), memoryview(np.ones((2, 3)))):
        both(look, m)


@pytest.mark.core
def test_arrays_over_a_buffer_keep_it_as_it_is(tmp_path):
    tail = njit(lambda b: np.frombuffer(b, np.uint8)[1:])
    lender = bytearray(b"abc" * 10)
    view = tail(lender)
    with pytest.raises(BufferError):
        lender.extend(b"x" * 10000)
    assert bytes(view) == (b"abc" * 10)[1:]
    del view
    lender.extend(b"x")
    path = tmp_path / "file"
    path.write_bytes(b"asdf" * 2000)
    with open(path, "r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0)
        view = tail(mapped)
        with pytest.raises(BufferError):
            mapped.close()
        assert view[0] == ord("s")
        del view
        mapped.close()
    numbers = array.array("d", [1, 2])
    view = njit(lambda b: b[1:])(numbers)
    with pytest.raises(BufferError):
        numbers.append(3)
    assert view[0] == 2


def test_asarray_of_a_buffer_is_an_array():
    for lender in (memoryview(b"abc"), memoryview(bytearray(b"abcd")).cast("H"), array.array("d", [1, 2])):
        before = sys.getrefcount(lender)
        got = njit(lambda b: np.asarray(b))(lender)
        assert type(got) is np.ndarray and np.array_equal(got, np.asarray(lender))
        assert got.flags.writeable == np.asarray(lender).flags.writeable and np.shares_memory(
            got, np.asarray(lender)
        )
        del got
        assert sys.getrefcount(lender) == before


def test_types():
    assert isinstance(typeof(b""), types.Bytes)
    assert isinstance(typeof(bytearray()), types.ByteArray)
    assert isinstance(typeof(memoryview(b"")), types.MemoryView)
    assert isinstance(typeof(array.array("i")), types.PyArray)
    assert not isinstance(typeof(np.zeros(1)), (types.MemoryView, types.PyArray))


def test_str_is_not_bytes():
    f = njit(lambda a, b: (a == b, a != b))
    assert f(b"a", "a") == (False, True)


def test_no_leak():
    @njit
    def work(b, n):
        result = b""
        for i in range(n):
            result += b[i : i + 2]
        return result

    before = _core.block_count()
    both(work, b"abcdef", 5)
    assert _core.block_count() == before


@pytest.mark.core
def test_methods_that_give_bytes():
    @njit
    def use(b, c):
        return b.strip(), b.lstrip(), b.rstrip(c), b.removeprefix(c), b.removesuffix(c), b.upper(), b.lower()

    @njit
    def pad(b, n, fill):
        return b.ljust(n), b.rjust(n, fill), b.center(n), b.zfill(n)

    @njit
    def ask(b):
        return b.isalpha(), b.isdigit(), b.isalnum(), b.isspace(), b.islower(), b.isupper(), bool(b)

    for b in [*SAMPLES, b" \x85\xa0\x1c", b"\t\n", b"ABC", b"12", b"aB1", b"a\xc3", b"+1"]:
        both(use, b, b"a")
        both(pad, b, 9, b"*")
        both(ask, b)
        assert use(bytearray(b), b"a") == use.py_func(bytearray(b), b"a")


@pytest.mark.parametrize(
    "source",
    [
        [1, 2, 255],
        (0, 7),
        range(3),
        np.array([1, 2], np.uint8),
        np.arange(4).reshape(2, 2),
        np.arange(6)[::2],
    ],
)
def test_made_of_numbers(source):
    @njit
    def f(source):
        return bytes(source), bytearray(source)

    assert f(source) == f.py_func(source)


def test_made_of_numbers_out_of_range():
    @njit
    def f(source):
        return bytes(source)

    for source in ([256], [-1], (1, 300)):
        with pytest.raises(ValueError, match="bytes must be in range"):
            f(source)


@pytest.mark.core
def test_split():
    @njit
    def words(s, n):
        return s.split(maxsplit=n)

    @njit
    def parts(s, sep, n):
        return s.split(sep, n)

    for s in (b"", b" a b  c ", b"abc", b"\ta\x0bb\n", b"a,b,,c,", b",,"):
        for n in (-1, 0, 1, 2):
            assert words(s, n) == s.split(maxsplit=n)
            for sep in (b",", b",,", b" "):
                assert parts(s, sep, n) == s.split(sep, n)
    with pytest.raises(ValueError, match="empty separator"):
        parts(b"a", b"", 1)
    before = _core.block_count()
    words(b"a b c d", -1)
    assert _core.block_count() == before


def test_join():
    def joined(a, b):
        return b"-".join([a, b]), b"".join([a]), b", ".join([x for x in (a, b, a)]), b" ".join(a.split(b","))

    assert njit(joined)(b"a,b", b"cd") == joined(b"a,b", b"cd")
    assert njit(lambda x, i: x[i].join([x[0], x[1]]))(np.array([b"a", b"bb", b"c"]), 2) == b"acbb"
    with pytest.raises(TypingError, match=r"bytes\.join takes bytes"):
        njit(lambda a: a.join([1]))(b"a")


@pytest.mark.parametrize("data", [b"a\xff", bytearray(b"a\xff")])
def test_items_are_ints(data):
    """And no uint8, which would wrap."""

    def work(b):
        total = 0
        for v in b:
            total -= v
        return (
            ~b[0],
            isinstance(b[0], int),
            b[0] - b[1],
            b[1] * b[1],
            total,
            [~v for v in b],
            sorted(b),
            min(b, key=lambda v: -v),
        )

    assert njit(work)(data) == work(data)


def test_slices_of_a_bytearray_are_assigned():
    def primes(limit):
        sieve = bytearray([1]) * (limit + 1)
        for i in range(2, int(limit**0.5) + 1):
            if sieve[i]:
                sieve[i * i :: i] = bytes(len(range(i * i, limit + 1, i)))
        return [i for i in range(2, limit + 1) if sieve[i]]

    def put(a, value):
        a[-2::-1] = value
        a[1:3] = a[0:2]
        return a

    assert njit(primes)(50) == primes(50)
    assert njit(put)(bytearray(b"abcd"), b"xyz") == put(bytearray(b"abcd"), b"xyz")
    with pytest.raises(ValueError, match="attempt to assign bytes of size 2 to extended slice of size 3"):
        njit(put)(bytearray(b"abcd"), b"xy")
