"""datetime64 and timedelta64: every operation against NumPy's own, with NaT, all units, scalars and arrays."""

import itertools
import operator
import warnings

import numpy as np
import pytest

from naja import _core, njit, prange, typeof, types
from naja.errors import TypingError

D, T = np.datetime64, np.timedelta64
UNITS = ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as")


@pytest.fixture(autouse=True)
def quiet():
    """NumPy warns of NaT, of zero divisors and of overflow; the values are what counts here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def same(want, got):
    """Whether both have one type and the same bits; nan equals nan."""
    if isinstance(want, tuple):
        return len(want) == len(got) and all(map(same, want, got))
    want, got = np.asarray(want), np.asarray(got)
    if want.dtype.kind in "mM":
        return want.dtype == got.dtype and np.array_equal(want.view("i8"), got.view("i8"))
    return want.dtype.kind == got.dtype.kind and np.array_equal(want, got, equal_nan=want.dtype.kind == "f")


def check(function, *args):
    want, got = function(*args), njit(function)(*args)
    assert same(want, got), f"NumPy gives {want!r}, compiled code {got!r}"


# ---- boundary ---------------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_types():
    assert typeof(T(3, "ns")) is types.NPTimedelta("ns")
    assert typeof(np.zeros((2, 3), "M8[D]")) is types.Array(types.NPDatetime("D"), 2, "C")
    assert str(types.NPDatetime("us")) == "datetime64[us]"
    assert types.NPTimedelta("D").unit == "D"
    assert types.NPDatetime("s") is not types.NPDatetime("ms")
    with pytest.raises(ValueError, match="fortnight is not a unit of time"):
        types.NPDatetime("fortnight")


@pytest.mark.core
@pytest.mark.parametrize("unit", UNITS)
def test_round_trip(unit):
    identity = njit(lambda x: x)
    for cls, n in itertools.product((D, T), (0, 1, -7, 2**40, -(2**63))):
        value = cls(n, unit) if n != -(2**63) else cls("NaT", unit)
        assert same(value, identity(value)) and type(identity(value)) is cls
    array = np.array([1, 2, -3]).astype(f"M8[{unit}]")
    assert same(array[::-1], njit(lambda a: a[::-1])(array))


@pytest.mark.core
def test_units_are_told_apart():
    """One unit's compiled code is never taken for another's, nor from the cache."""
    hours = njit(lambda x: x / np.timedelta64(1, "h"))
    assert hours(T(2, "D")) == 48.0 and hours(T(7200, "s")) == 2.0
    assert hours(np.array([7200], "m8[s]"))[0] == 2.0 and hours(np.array([2], "m8[D]"))[0] == 48.0
    week, day = D("2020-01-02", "W"), D("2020-01-02", "D")

    def adder(constant):
        return njit(lambda x: x + constant)

    assert same(adder(week)(T(1, "W")), week + T(1, "W")) and same(adder(day)(T(1, "D")), day + T(1, "D"))


def test_units_with_a_multiple_are_refused():
    with pytest.raises(TypingError):
        njit(lambda x: x + 1)(np.array("2010", "M8[10Y]"))


def test_explicit_signature_converts():
    f = njit("NPDatetime('us')(NPDatetime('ms'), NPTimedelta('us'))")(lambda x, y: x + y)
    assert same(f(D(1, "ms"), T(2, "us")), D(1002, "us"))


# ---- operators ---------------------------------------------------------------------------------------------------------

SPANS = [T(3, "s"), T(-7, "ms"), T("NaT", "s"), T(0, "s"), T(3, "Y"), T(7)]
MOMENTS = [D("2020-02-29"), D("1969-12-31", "D"), D("2021-03", "M"), D("NaT", "ns")]
NUMBERS = [2, -3, 0, 1.5, float("nan"), 1e300]
ARRAY_VALUES = [SPANS[0], SPANS[3], MOMENTS[0]]
OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
}


def agree(want, compiled, a, b):
    try:
        expected = want(a, b)
    except (TypeError, ValueError):
        with pytest.raises((TypeError, TypingError)):
            compiled(a, b)
        return
    got = compiled(a, b)
    assert same(expected, got), f"{a!r}, {b!r}: NumPy gives {expected!r}, compiled code {got!r}"


@pytest.mark.parametrize("symbol", OPERATORS)
def test_operators(symbol):
    compiled = njit(eval(f"lambda a, b: a {symbol} b"))
    values = SPANS + MOMENTS
    for a, b in itertools.chain(
        itertools.product(values, values),
        itertools.product(values, NUMBERS),
        itertools.product(NUMBERS, SPANS),
    ):
        # Of arrays NumPy gives arrays of False; compiled code refuses to compare.
        is_equality_of_kinds = symbol in ("==", "!=") and type(a) is not type(b)
        agree(OPERATORS[symbol], compiled, a, b)
        if not is_equality_of_kinds and any(a is v for v in ARRAY_VALUES):
            agree(OPERATORS[symbol], compiled, np.array([a, a], getattr(a, "dtype", None)), b)


@pytest.mark.parametrize("name", ["minimum", "maximum", "fmin", "fmax"])
def test_choices(name):
    function = getattr(np, name)
    compiled = njit(lambda a, b: function(a, b))
    for a, b in itertools.product(SPANS + MOMENTS, repeat=2):
        agree(function, compiled, a, b)


@pytest.mark.core
def test_unary():
    spans = np.array([5, -3, 0, "NaT"], "m8[s]")
    moments = np.array([5, -3, 0, "NaT"], "M8[s]")
    for x in (spans, spans[1], spans[3]):
        for f in (lambda x: -x, lambda x: +x, lambda x: abs(x)):
            check(f, x)
        if np.lib.NumpyVersion(np.__version__) < "2.5.0":  # since then the sign of a span is a float
            check(lambda x: np.sign(x), x)
    for x in (spans, moments, moments[3]):
        for f in (
            lambda x: np.isnat(x),
            lambda x: np.isfinite(x),
            lambda x: np.isnan(x),
            lambda x: np.isinf(x),
        ):
            check(f, x)
    assert njit(lambda x: bool(x))(T(0, "s")) is False and njit(lambda x: bool(x))(T(4, "s")) is True
    assert njit(lambda x: int(x))(T(5, "s")) == 5
    assert same(njit(lambda x, y: divmod(x, y))(T(-7, "s"), T(2, "s")), divmod(T(-7, "s"), T(2, "s")))


def test_min_and_max_of_two():
    values = [D(0, "s"), D(1, "s"), D("NaT", "s")]
    smaller, greater = njit(lambda x, y: min(x, y)), njit(lambda x, y: max(x, y))
    for x, y in itertools.product(values, repeat=2):
        assert same(min(x, y), smaller(x, y)) and same(max(x, y), greater(x, y))


@pytest.mark.core
def test_message_of_units_that_do_not_meet():
    words = r"ufunc 'add' is not supported between datetime64\[ns\] and timedelta64\[M\]"
    with pytest.raises(TypingError, match=words):
        njit(lambda a, b: a + b)(D(0, "ns"), T(1, "M"))
    with pytest.raises(TypingError, match=words):
        njit(lambda a, b: np.add(a, b))(np.zeros(2, "M8[ns]"), T(1, "M"))


# ---- conversion -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["Y", "M", "W", "D", "h", "ms"])
def test_calendar(source):
    """Two thousand years both ways, leap years and the ends of months among them."""
    limit = {"Y": 1000, "M": 12000, "W": 52000, "D": 365000, "h": 365000 * 24, "ms": 10**13}[source]
    moments = np.append(np.linspace(-limit, limit, 3001).astype("i8"), -(2**63)).astype(f"M8[{source}]")
    for target in ("Y", "M", "W", "D", "s"):
        dtype = np.dtype(f"M8[{target}]")
        check(lambda x: x.astype(dtype), moments)
        check(lambda x: x.astype(dtype), moments[7])


def test_spans_convert_by_averages():
    spans = np.array([-5000, -7, 0, 7, 5000, "NaT"], "m8[D]")
    check(lambda x: x.astype("m8[Y]"), spans)
    check(lambda x: x.astype("m8[W]"), spans)
    check(lambda x: x.astype("m8[ns]"), spans)
    check(lambda x: x.astype("m8[D]"), spans.view("m8[M]"))


def test_numbers_convert():
    check(lambda x: x.astype(np.int64), np.array([3, "NaT"], "M8[M]"))
    check(lambda x: x.astype("m8[s]"), np.array([3, -4]))
    check(lambda x: x.astype("m8[s]"), np.array([3.7, -4.7, np.nan, 1e30]))
    check(lambda x: x.astype(np.float64), np.array([3, "NaT"], "m8[s]"))


@pytest.mark.core
def test_constructors():
    check(lambda: np.datetime64("2020-02-29"))
    check(lambda: np.datetime64("2020-02-29T12:00", "ns"))
    check(lambda: np.timedelta64("NaT", "s"))
    check(lambda n: np.timedelta64(n, "h"), 7)
    check(lambda n: np.timedelta64(n), 7)
    check(lambda x: np.datetime64(x, "D"), D("2020-02-29T12:00"))
    with pytest.raises(TypingError, match="Error parsing datetime string"):
        njit(lambda: np.datetime64("soon"))()
    with pytest.raises(TypingError, match="the unit of a time must be one of"):
        njit(lambda n: np.timedelta64(n, "fortnight"))(3)


# ---- arrays ---------------------------------------------------------------------------------------------------------


def arrays():
    rng = np.random.default_rng(5)
    spans, moments = (rng.integers(-9999, 9999, (3, 4)).astype(t) for t in ("m8[s]", "M8[D]"))
    with_nat, first_nat = spans.copy(), moments.copy()
    with_nat[1, 2], first_nat[0, 0] = "NaT", "NaT"
    return [spans, moments, with_nat, first_nat, with_nat.T, first_nat[::2, ::-1]]


REDUCTIONS = ["np.min(a)", "np.min(a, axis=1)", "np.min(a, 0, None, True)", "a.min()"]
REDUCTIONS += [text.replace("min", "max") for text in REDUCTIONS]
REDUCTIONS += ["np.sum(a)", "a.sum()", "np.sum(a, axis=1)", "np.mean(a)", "a.mean()", "np.mean(a, axis=0)"]
REDUCTIONS += ["np.nanmin(a)", "np.nanmax(a, axis=1)", "np.median(a)"]
REDUCTIONS += ["np.argmin(a)", "np.argmax(a)", "np.argmin(a, axis=1)", "a.argmax()"]
REDUCTIONS += ["np.sort(a)", "np.sort(a, axis=0)", "np.argsort(a)", "np.diff(a)", "np.diff(a, 2)"]


@pytest.mark.parametrize("text", REDUCTIONS)
def test_reductions(text):
    function = eval(f"lambda a: {text}")
    for a in arrays():
        if a.dtype.kind == "M" and any(word in text for word in ("sum", "mean", "median")):
            with pytest.raises(TypingError):
                njit(function)(a)
        else:
            check(function, a)


def test_elements_and_expressions():
    spans, moments, with_nat = arrays()[:3]
    check(lambda a: (a - a[0, 0]) / np.timedelta64(1, "h"), moments)
    check(lambda a, b: np.where(a > b, a, b), spans, spans[::-1].copy())
    check(lambda a, b: np.concatenate((a, b)), spans, with_nat)
    check(lambda n: np.zeros(n, "M8[s]"), 3)
    check(lambda n: np.full(n, np.timedelta64(3, "s")), 3)
    check(lambda a: np.empty_like(a).shape[0], spans)
    for side in ("left", "right"):
        check(lambda a, v: np.searchsorted(a, v, side), np.sort(with_nat.ravel()), with_nat.ravel()[3:9])


RANGES = [
    (D("2020-01-01"), D("2020-01-04")),
    (D("2020-01-01"), D("2020-01-09"), T(3, "D")),
    (D("2020-01-01"), 5),
]
RANGES += [(D("2020-01-01"), T(3, "D"), T(12, "h")), (T(3, "D"),), (T(1, "D"), 30, T(6, "h"))]
RANGES += [(D("2020-02"), D("2019-11"), -1), (T(3, "s"), T(1, "s"))]


@pytest.mark.core
@pytest.mark.parametrize("arguments", RANGES)
def test_ranges(arguments):
    check(
        eval(f"lambda {', '.join('abc'[: len(arguments)])}: np.arange({', '.join('abc'[: len(arguments)])})"),
        *arguments,
    )


def test_ranges_of_another_unit_and_words_of_errors():
    day, later = D("2020-01-01"), D("2020-01-03")
    check(lambda a, b: np.arange(a, b, dtype="M8[h]"), day, later)
    with pytest.raises(ValueError, match="NaT"):
        njit(lambda a, b: np.arange(a, b))(day, D("NaT", "D"))
    with pytest.raises(ValueError, match="step cannot be zero"):
        njit(lambda a, b: np.arange(a, b, 0))(day, later)
    with pytest.raises(TypingError, match="both a start and a stop"):
        njit(lambda a: np.arange(a))(day)


@pytest.mark.core
def test_questions():
    for value in (T(3, "D"), D("2020-01-01"), D("NaT", "s")):
        check(
            lambda x: (isinstance(x, np.timedelta64), isinstance(x, np.datetime64), isinstance(x, int)), value
        )
        assert njit(lambda x: hash(x))(value) == value.astype(np.int64)
    with pytest.raises(ValueError, match="Can't hash generic timedelta64"):
        njit(lambda x: hash(x))(T(3))


def test_business_days():
    first, days = D("2020-01-01"), np.arange(20).astype("M8[D]")
    check(lambda a, b: np.busday_count(a, b), first, first + T(9, "D"))
    check(lambda a: np.is_busday(a), days)
    check(lambda a: np.busday_offset(a, 1, roll="forward"), days)


@pytest.mark.core
def test_loops():
    def shift(a, b):
        out = np.empty(len(a), "m8[D]")
        for i in range(len(a)):
            a[i] = a[i] + b
            out[i] = a[i] - a[0]
            if a[i] > np.datetime64("1970-01-06"):
                out[i] = np.timedelta64("NaT")
        return out

    want, got = (np.arange(5).astype("M8[D]") for _ in range(2))
    assert same(shift(want, T(3, "D")), njit(shift)(got, T(3, "D"))) and same(want, got)

    @njit(parallel=True)
    def parallel(a):
        out = np.empty(len(a), "m8[s]")
        for i in prange(len(a)):
            out[i] = a[i] - a[0]
        return out

    moments = np.arange(1000).astype("M8[D]")
    assert same(parallel(moments), (moments - moments[0]).astype("m8[s]"))


def test_nothing_is_leaked():
    f = njit(lambda a: np.max(np.sort(a + np.timedelta64(1, "s"))))
    a = np.arange(9).astype("m8[s]")
    f(a)
    before = _core.block_count()
    for _ in range(10):
        f(a)
    assert _core.block_count() == before
