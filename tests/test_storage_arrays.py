"""Arrays of records and strings as wholes: indices that are arrays, comparisons, sorting, np.strings."""

import numpy as np
import pytest

from naja import _core, njit
from naja.errors import TypingError

pytestmark = pytest.mark.filterwarnings("ignore::naja.errors.NajaPerformanceWarning")

TEXTS = np.array(["abc", "De ", "xyz", "", "Äß", "abc", "ab", "a b"])
BYTES = np.array([b"abc", b"De ", b"", b"a\xff", b"ab", b"abc", b"1", b"AB"])
RECORDS = np.array(
    [(i, i / 2, "xyz"[: i % 4]) for i in range(8)], dtype=[("a", "i2"), ("b", "f8"), ("c", "U3")]
)
LAYOUTS = [
    lambda a: a,
    lambda a: a[::-2],
    lambda a: a[:0],
    lambda a: a.reshape(2, 4),
    lambda a: a.reshape(2, 4).T,
]


def check(text, *arguments, names="s i m t".split()):
    """Compare an expression, interpreted and compiled, and say which rung did it."""
    used = names[: len(arguments)]
    function = eval(f"lambda {', '.join(used)}: {text}", {"np": np})
    compiled = njit(function)
    want, got = function(*arguments), compiled(*arguments)
    assert type(got) is type(want) or np.isscalar(want), text
    assert np.asarray(got).dtype == np.asarray(want).dtype, text
    assert np.shape(got) == np.shape(want), text
    assert np.array_equal(got, want), (text, got, want)
    return max((site.rung for site in compiled.inspect_calls(compiled.signatures[0])), default=1)


PICKED = (
    "s[i]; s[m]; s.take(i); np.take(s, i, axis=0); s[..., i]; s[i, None]; s.T; s.reshape(-1, 1); s.ravel(); "
    "np.concatenate((s, s)); np.tile(s, 2); np.roll(s, 1); np.repeat(s, 2, axis=0); np.append(s, s); np.flip(s); "
    "np.stack((s, s)); np.atleast_2d(s); np.ascontiguousarray(s); np.asarray(s)"
)


@pytest.mark.core
@pytest.mark.parametrize("array", [TEXTS, BYTES, RECORDS], ids=["U", "S", "record"])
def test_picked_elements(array):
    for layout in LAYOUTS:
        s = layout(array)
        n = len(s)
        i = np.array([n - 1, 0, -1]) if n > 1 and s.shape[-1] > 1 else np.zeros(0, np.int64)
        i = np.minimum(i, min(s.shape) - 1) if s.size else i
        m = np.arange(n) % 2 == 0
        for text in PICKED.split("; "):
            if "None" in text and s.ndim > 1:
                continue
            assert check(text, s, i, m) < 4, text


def test_lists_as_indices():
    for s in (TEXTS, BYTES, RECORDS):
        assert check("s[[2, 0, -1]]", s) < 4


def test_indices_out_of_bounds():
    @njit
    def pick(s, i, value):
        return s[i]

    @njit
    def put(s, i, value):
        s[i] = value

    square = TEXTS.reshape(2, 4)
    for use in (pick, put):
        for s, i in (
            (TEXTS, np.array([1, 8])),
            (TEXTS, np.array([-9])),
            (RECORDS, np.array([2**63 + 5], np.uint64)),
            (square, (np.array([0]), np.array([4]))),
            (square, (2, np.array([0]))),
            (square, (Ellipsis, np.array([4]))),
            (TEXTS, np.ones(5, np.bool_)),
            (RECORDS, np.ones(9, np.bool_)),
            (TEXTS[:0], np.array([0])),
        ):
            with pytest.raises(IndexError):
                use(s.copy(), i, s.ravel()[:1].copy())
    with pytest.raises(IndexError, match="index 8 is out of bounds for axis 0 with size 8"):
        njit(lambda s: s[[0, 8]])(TEXTS)


@pytest.mark.core
def test_where():
    m = np.arange(8) % 3 == 0
    for s in (TEXTS, BYTES, RECORDS):
        assert check("np.where(m, s, s[::-1])", s, None, m) < 4


@pytest.mark.core
@pytest.mark.parametrize("array", [TEXTS, BYTES, RECORDS], ids=["U", "S", "record"])
def test_assignment(array):
    @njit
    def assign(s, i, m, one):
        s[i] = one
        s[m] = s[::-1][m]
        s[1:4] = s[:1]
        s[5:] = s[2:5]
        s[-1] = s[:1].reshape(())

    i, m = np.array([2, -1]), np.arange(8) % 2 == 1
    ours, theirs = array.copy(), array.copy()
    assign(ours, i, m, array[1])
    assign.py_func(theirs, i, m, array[1])
    assert ours.tobytes() == theirs.tobytes()
    with pytest.raises(ValueError, match="could not broadcast"):
        put(array.copy())


@njit
def put(s):
    s[:3] = s[:2]


def test_assignment_of_other_widths():
    @njit
    def assign(s, text):
        s[0] = text[0]
        s[1:3] = text
        s[3] = text[1:].reshape(())
        s[np.array([5, 6])] = text

    for array, text in ((TEXTS, np.array(["longer", "q"])), (BYTES, np.array([b"longer", b"q"]))):
        ours, theirs = array.copy(), array.copy()
        assign(ours, text)
        assign.py_func(theirs, text)
        assert ours.tobytes() == theirs.tobytes()


def test_records_join_their_like_only():
    with pytest.raises(TypingError, match="input arrays must have compatible dtypes"):
        njit(lambda a, b: np.concatenate((a, b)))(np.arange(3), RECORDS)


def test_fill():
    for array, value in ((TEXTS, "zz"), (BYTES, b"zz"), (RECORDS, RECORDS[3])):
        ours = array.copy()
        njit(lambda s, v: s.fill(v))(ours, value)
        assert np.all(ours == np.full(8, value, array.dtype))


COMPARED = "s == s[::-1]; s == 'abc'; s < s[::-1]; 'ab' < s; s != ''; s[s == 'abc']"
MORE = (
    "s <= s[::-1]; s <= 'abcd'; s > s[::-1]; s >= s[::-1]; s >= 'ab'; np.equal(s, s[::-1]); np.less(s, 'abc'); "
    "np.count_nonzero(s == 'abc'); np.where(s == 'abc', 1, 0)"
)


@pytest.mark.core
def test_comparisons():
    for text in COMPARED.split("; "):
        for layout in LAYOUTS:
            assert check(text, layout(TEXTS)) < 4, text
    for text in [*COMPARED.split("; "), *MORE.split("; ")]:
        assert check(text, TEXTS) < 4, text
        assert check(text.replace("'a", "b'a").replace("''", "b''"), BYTES) < 4, text
    assert check("s == i", TEXTS, np.array(["abc", "De longer"] * 4)) < 4
    assert check("s < i", TEXTS.reshape(8, 1), np.array(["abc", "De longer"])) < 4
    with pytest.raises(ValueError, match="broadcast"):
        njit(lambda s: s[:3] == s[:2])(TEXTS)


@pytest.mark.core
def test_sorting():
    rng = np.random.default_rng(5)
    many = np.array(["".join(rng.choice(list("abÄ漢"), rng.integers(0, 5))) for _ in range(200)])
    for s in (TEXTS, BYTES, many, many[::-1], many[:0], many[:1]):
        for text in (
            "np.sort(s); np.argsort(s, kind='stable'); np.unique(s); s.argsort(kind='stable')"
        ).split("; "):
            assert check(text, s) < 4, text
        ours = s.copy()
        njit(lambda s: s.sort())(ours)
        assert np.array_equal(ours, np.sort(s))
    assert check("np.sort(s, axis=None)", many.reshape(10, 20)) < 4
    for text in ("np.unique(s, True)", "np.unique(s, return_inverse=True)", "np.unique(s, True, True, True)"):
        for ours, theirs in zip(
            njit(eval(f"lambda s: {text}", {"np": np}))(many), eval(text, {"np": np, "s": many})
        ):
            assert np.array_equal(ours, theirs)


def test_what_the_interpreter_sorts():
    assert check("np.sort(s)", TEXTS.reshape(2, 4)) == 4
    assert check("np.isin(s, i)", TEXTS, TEXTS[:2]) == 4
    assert check("np.sort(s, order='b')", RECORDS[::-1].copy()) == 4


ONE = "upper lower capitalize title swapcase isalpha isdigit isspace isupper islower isalnum istitle strip lstrip rstrip"
FORMS = (
    "np.strings.str_len(s); np.strings.strip(s, 'a'); np.char.lstrip(s, 'a'); np.strings.find(s, 'b'); "
    "np.strings.rfind(s, 'b', 1); np.strings.count(s, 'b', 0, 2); np.strings.startswith(s, 'a'); "
    "np.strings.endswith(s, 'c'); np.strings.startswith(s, s[:1]); s + s; np.strings.add(s, s)"
)


@pytest.mark.core
def test_text_functions():
    lacking = "capitalize title swapcase istitle".split()  # of bytes
    for name in ONE.split():
        assert check(f"np.strings.{name}(s)", TEXTS) < 4, name
        assert check(f"np.char.{name}(s)", BYTES) < 4 or name in lacking, name
    for text in FORMS.split("; "):
        assert check(text, TEXTS) < 4, text
        assert check(text.replace("'", "b'", 1), BYTES) < 4, text
    for layout in LAYOUTS:
        for text in ("np.strings.upper(s)", "np.strings.str_len(s)", "np.strings.find(s, 'b')", "s + s"):
            assert check(text, layout(TEXTS)) < 4, text
    assert check("s + '??'", TEXTS) < 4
    assert check("'??' + s", TEXTS) < 4


def test_no_leak():
    @njit
    def use(s, r, i, m):
        a = s[i]
        b = r[m]
        c = np.strings.upper(s) == "ABC"
        s[m] = "q"
        return len(np.unique(a)) + len(b) + c.sum() + len(np.sort(s))

    i, m = np.array([1, 2]), np.arange(8) > 3
    use(TEXTS.copy(), RECORDS, i, m)
    before = _core.block_count()
    use(TEXTS.copy(), RECORDS, i, m)
    assert _core.block_count() == before
