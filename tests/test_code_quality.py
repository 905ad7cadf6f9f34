"""What the generated code looks like: counts of instructions, never times."""

import re

import numpy as np
import pytest

from naja import njit

pytestmark = pytest.mark.core


def text_of(function, name):
    """The LLVM text of one function of the only version."""
    (text,) = function.inspect_llvm().values()
    return re.search(rf"^define [^\n]*@{name}\(.*?^}}", text, re.MULTILINE | re.DOTALL).group()


# ---- the entry ---------------------------------------------------------------------------------------------------------


def test_the_entry_reads_only_what_the_function_uses():
    @njit(cache=False)
    def first(a, b, c):
        return a[0] + b[0] + c[0]

    a = np.arange(3.0)
    assert first(a, a[1:], a[2:]) == 3.0
    (passed,) = re.findall(r"call i32 @naja_native\((.*)\)", text_of(first, "naja_entry"))
    # of each array neither the owner, nor the Python object, nor the stride
    assert passed.count("undef") == 3 * 3
    with pytest.raises(IndexError):
        first(a, a, a[3:])


def test_what_is_used_is_passed():
    @njit(cache=False)
    def everything(a, b, flag):
        if flag:
            return b
        a[0, 0] = len(b)
        return a[1:]

    a, b = np.zeros((3, 2)), np.ones((4, 1))
    assert everything(a, b, True) is b
    assert (everything(a.T, b, False) == a.T[1:]).all() and a[0, 0] == 4
    assert (everything(a[::-1, ::-1], b, False) == a[::-1, ::-1][1:]).all() and a[2, 1] == 4


# ---- statements as vectors ----------------------------------------------------------------------------------------


def test_two_coordinates_stay_scalar():
    """A vector that is read from where numbers were just stored one by one has to wait for them."""

    @njit(cache=False)
    def step(x, v, n, dt):
        for i in range(n):
            for j in range(i + 1, n):
                dx = x[i, 0] - x[j, 0]
                dy = x[i, 1] - x[j, 1]
                dz = x[i, 2] - x[j, 2]
                d2 = dx * dx + dy * dy + dz * dz
                v[i, 0] -= dx * d2
                v[i, 1] -= dy * d2
                v[i, 2] -= dz * d2
            x[i, 0] += dt * v[i, 0]
            x[i, 1] += dt * v[i, 1]
            x[i, 2] += dt * v[i, 2]

    x, v = np.random.default_rng(0).random((2, 5, 3))
    y, w = x.copy(), v.copy()
    step(x, v, 5, 0.1)
    step.py_func(y, w, 5, 0.1)
    assert (x == y).all() and (v == w).all()
    assert "x double>" not in text_of(step, "naja_native")


def test_products_of_quaternions_are_vectors():
    @njit(cache=False)
    def product(a, b, c):
        for i in range(a.shape[0]):
            w, x, y, z = a[i, 0], a[i, 1], a[i, 2], a[i, 3]
            p, q, r, s = b[i, 0], b[i, 1], b[i, 2], b[i, 3]
            c[i, 0] = w * p - x * q - y * r - z * s
            c[i, 1] = w * q + x * p + y * s - z * r
            c[i, 2] = w * r - x * s + y * p + z * q
            c[i, 3] = w * s + x * r - y * q + z * p

    a, b, c = np.random.default_rng(0).random((3, 7, 4))
    expected = c.copy()
    product(a, b, c)
    product.py_func(a, b, expected)
    assert (c == expected).all()
    assert "fmul <4 x double>" in text_of(product, "naja_native")


# ---- checks ------------------------------------------------------------------------------------------------------------


def test_an_int_that_was_checked_is_converted_by_one_instruction():
    @njit(cache=False)
    def histogram(a, scale, counts):
        n = counts.shape[0]
        for x in a:
            k = int(x * scale)
            if 0 <= k < n:
                counts[k] += 1

    a, counts = np.array([0.0, 0.5, 0.99, -3.0, 7.0, -(2.0**63)]), np.zeros(4, np.int64)
    histogram(a, 1.0, np.zeros(4, np.int64))
    histogram(a[:5], 4.0, counts)
    assert counts.tolist() == [1, 0, 1, 1]
    for bad, error in [(np.nan, ValueError), (np.inf, OverflowError), (2.0**63, OverflowError)]:
        with pytest.raises(error):
            histogram(np.array([bad]), 1.0, counts)
    text = text_of(histogram, "naja_native")
    assert "fptosi.sat" not in text and text.count("= fptosi double") == 1
    assert text.count("icmp ult i64") == 1  # 0 <= k < n, and no check of counts[k] but this


def test_sums_of_small_integers_are_small():
    @njit(cache=False)
    def product(a, x, y):
        for i in range(a.shape[0]):
            s = np.int32(0)
            for j in range(a.shape[1]):
                s += a[i, j] * x[j]
            y[i] = s

    rng = np.random.default_rng(0)
    a, x = (rng.integers(-(2**31), 2**31, shape).astype(np.int32) for shape in ((7, 50), 50))
    y = np.zeros(7, np.int32)
    product(a, x, y)
    assert (y == (a * x).sum(axis=1, dtype=np.int32)).all()  # modulo 2**32
    assert "mul <8 x i32>" in text_of(product, "naja_native")


# ---- loops -------------------------------------------------------------------------------------------------------------


def edges_into_header(function, args, monkeypatch, capfd):
    """How many edges lead into the innermost loop over a range."""
    monkeypatch.setenv("NAJA_DUMP", "latches")
    capfd.readouterr()
    function(*args)
    monkeypatch.delenv("NAJA_DUMP")
    first, *_ = re.findall(
        r"^b\d+: <- (.*) depth 2\n *%\d+: iter\(range", capfd.readouterr().err, re.MULTILINE
    )
    return first.count(",") + 1


def test_branches_of_a_state_machine_meet_before_the_next_item(monkeypatch, capfd):
    @njit(cache=False)
    def numbers(text):
        total, value, inside = 0, 0, False
        for i in range(text.shape[0]):
            c = text[i]
            if 48 <= c <= 57:
                value = value * 10 + (c - 48)
                inside = True
            elif inside:
                total += value
                value, inside = 0, False
        return total + value

    text = np.frombuffer(b"12 x 3,45;600", np.uint8)
    assert edges_into_header(numbers, (text,), monkeypatch, capfd) == 2
    assert numbers(text) == 12 + 3 + 45 + 600


def test_continue_is_no_loop_of_its_own(monkeypatch, capfd):
    @njit(cache=False)
    def sums(a):
        positive, negative, zeros = 0.0, 0.0, 0
        for i in range(a.shape[0]):
            if a[i] > 0:
                positive += a[i]
                continue
            if a[i] < 0:
                negative += a[i]
                continue
            zeros += 1
        return positive, negative, zeros

    a = np.array([1.0, -5.0, 2.0, 0.0, -0.0])
    assert edges_into_header(sums, (a,), monkeypatch, capfd) == 2
    assert sums(a) == (3.0, -5.0, 2)


def test_what_only_grows_is_not_negative():
    """The index of a loop that gathers needs no wraparound."""

    def positive(a, out):
        n = 0
        for i in range(a.shape[0]):
            if a[i] > 0:
                out[n] = a[i]
                n += 1
            n += a[i] == 7
        return n

    def shrinking(a, out):
        n = 1
        for i in range(a.shape[0]):
            out[n] = a[i]
            n -= 1
        return n

    a = np.array([1.0, -2.0, 7.0, 0.0, 3.0])
    texts = []
    for function, values in ((positive, a), (shrinking, a[:3])):
        out, expected = np.zeros(4), np.zeros(4)
        compiled = njit(boundscheck=False, cache=False)(function)
        assert compiled(values, out) == function(values, expected)
        assert (out == expected).all()
        texts.append(text_of(compiled, "naja_native"))
    wraps = re.compile(r"ashr i64|icmp slt i64 %\S+, 0")
    assert not wraps.search(texts[0]) and wraps.search(texts[1])
    with pytest.raises(IndexError, match="index 3 is out of bounds for axis 0 with size 3"):
        njit(positive)(a, np.zeros(3))


# ---- loops that tell several numbers apart -------------------------------------------------------------------------------


def count_separators(a):
    n = 0
    for i in range(a.shape[0]):
        if a[i] == 5 or a[i] == 9 or a[i] == 44:
            n += 1
    return n


def rank(a):
    out = np.zeros(a.shape[0])
    for i in range(a.shape[0]):
        if a[i] == 5:
            out[i] = 2.5
        elif a[i] == 9:
            out[i] = 1.5
        elif a[i] == 44:
            out[i] = -1.0
        else:
            out[i] = 7.0
    return out


@pytest.mark.parametrize("function", [count_separators, rank])
def test_switches_do_not_keep_loops_from_vectors(function):
    a = np.random.default_rng(2).integers(0, 50, 1000)
    compiled = njit(cache=False)(function)
    np.testing.assert_array_equal(compiled(a), function(a))
    assert re.search(r"icmp eq <\d+ x i64>", text_of(compiled, "naja_native"))


def test_exceptions_that_are_caught_do_not_keep_loops_from_vectors():
    @njit
    def check(i):
        if i % 2:
            raise ValueError
        return i

    @njit(cache=False)
    def count(n):
        caught = 0
        for i in range(n):
            try:
                caught += check(i) & 1
            except Exception:
                caught += 1
        return caught

    assert count(1001) == 500
    assert re.search(r"add <\d+ x i64>", text_of(count, "naja_native"))


# ---- choices that cannot be guessed --------------------------------------------------------------------------------------


def lower_bound(a, x):
    low, high = 0, len(a)
    while low < high:
        middle = (low + high) >> 1
        if a[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


def last_below(a, x):
    found = 0
    for i in range(len(a)):
        if a[i] < x:
            found = i
    return found


def halved(a, x):
    base, n = 0, len(a)
    while n > 1:
        half = n >> 1
        base = base + half if a[base + half - 1] < x else base
        n -= half
    return base + 1 if n == 1 and a[base] < x else base


def test_searches_of_a_known_number_of_steps_have_no_branches():
    """What decides where the next element is read, but not when the search ends, stays a move."""
    for function, expected in ((halved, True), (lower_bound, False), (last_below, False)):
        compiled = njit(cache=False)(function)
        a = np.arange(0.0, 100.0)
        assert [compiled(a, x) for x in (-1.0, 40.5, 200.0)] == [function(a, x) for x in (-1.0, 40.5, 200.0)]
        text = "".join(compiled.inspect_llvm().values())
        assert ("!unpredictable" in text) == expected, function


def test_counting_truths_has_one_reader_for_all_lengths():
    @njit
    def count(a):
        return np.count_nonzero(a)

    rng = np.random.default_rng(1)
    for n in (0, 1, 31, 32, 33, 255 * 32 - 1, 255 * 32 + 33, 20000):
        a = rng.random(2 * n + 3) < 0.6
        for part in (a[:n], a[1 : n + 1], a[: 2 * n : 2], a[n - 1 :: -1] if n else a[:0]):
            assert count(part) == np.count_nonzero(part)
        odd = np.frombuffer(rng.integers(0, 3, n, np.uint8).tobytes(), np.bool_)  # bytes other than 0 and 1
        assert count(odd) == np.count_nonzero(odd)
    assert count(np.ones((7, 9), bool).T[::2]) == 35
