"""finfo, iinfo, promotion and questions about dtypes in compiled code: constants, the same as NumPy's."""

import numpy as np
import pytest
from differential import check_arrays

from naja import njit
from naja.errors import TypingError

A = np.arange(6.0).reshape(2, 3)
H = A.astype(np.float16)


@pytest.mark.core
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64, np.complex128])
def test_finfo(dtype):
    got, want = njit(lambda: np.finfo(dtype))(), np.finfo(dtype)
    for name in got._fields:
        assert getattr(got, name) == getattr(want, name), name
    assert njit(lambda x: np.finfo(x.dtype).eps)(np.ones(1, dtype)) == want.eps


@pytest.mark.core
@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
def test_iinfo(dtype):
    got, want = njit(lambda x: np.iinfo(x.dtype))(np.ones(1, dtype)), np.iinfo(dtype)
    for name in got._fields:
        assert getattr(got, name) == getattr(want, name), name


CASES = {
    "limits": (lambda x: (np.finfo(x).max, np.iinfo(np.uint8).bits, np.finfo("f4").nmant), 1.5),
    "dtype": (
        lambda: (np.zeros(2, np.dtype("f4")), np.ones(2, np.dtype(np.int8)), np.zeros(1, np.dtype(float)))
    ),
    "promotion": (
        lambda a, h: (
            np.zeros(1, np.promote_types(np.float32, np.int64)),
            np.zeros(1, np.promote_types("i2", "f2")),
            np.zeros(1, np.result_type(h, 3)),
            np.zeros(1, np.result_type(a, h, np.complex64)),
            np.zeros(1, np.common_type(h, a)),
            np.zeros(1, np.min_scalar_type(300)),
        ),
        A,
        H,
    ),
    "questions": (
        lambda a: (
            np.issubdtype(a.dtype, np.floating),
            np.issubdtype(np.int32, np.inexact),
            np.can_cast(np.int32, np.int64),
            np.can_cast("f8", "i4"),
            np.can_cast("f8", "f4", "same_kind"),
            np.can_cast(a, np.float32),
            np.iterable(a),
            np.iterable(3),
            np.isfortran(a),
            np.isfortran(np.asfortranarray(a)),
            np.ndim(3),
            np.ndim([[1, 2]]),
            np.ndim(((1, 2), (3, 4))),
        ),
        A,
    ),
}


@pytest.mark.core
@pytest.mark.parametrize("name", CASES)
def test_like_numpy(name):
    case = CASES[name] if isinstance(CASES[name], tuple) else (CASES[name],)
    check_arrays(*case)


@pytest.mark.skipif(not hasattr(np, "isdtype"), reason="NumPy 1.x has no isdtype")
def test_isdtype():
    check_arrays(
        lambda a: (np.isdtype(a.dtype, "real floating"), np.isdtype(a.dtype, ("bool", "integral"))), A
    )


def test_branches_are_decided():
    @njit
    def root(a):
        if np.issubdtype(a.dtype, np.complexfloating):
            return a.imag
        return a.nothing_of_the_kind if np.iterable(a[0]) else a * 2

    assert root(np.ones(2)).tolist() == [2.0, 2.0]


def test_what_is_no_dtype():
    with pytest.raises(TypingError, match="If np.zeros dtype is a string it must be a string constant"):
        njit(lambda n, d: np.zeros(n, d))(3, "f4")
    with pytest.raises(TypingError, match="Invalid NumPy dtype specified: 'ABCDEF'"):
        njit(lambda n: np.full(n, 1, "ABCDEF"))(3)
    with pytest.raises(TypingError, match="If np.frombuffer dtype is a string it must be a string constant"):
        njit(lambda b, d: np.frombuffer(b, d))(b"abcd", "u1")
    with pytest.raises(TypingError, match="not inexact"):
        njit(lambda x: np.finfo(x))(np.int32(7))
    with pytest.raises(TypingError, match="Invalid integer data type"):
        njit(lambda x: np.iinfo(x))(7.0)


@pytest.mark.core
def test_structured_strings():
    for text in ("i4, (2,3)f8", "f4,i4"):
        got = njit(lambda n: np.zeros(n, text))(3)
        assert got.dtype == np.dtype(text) and not got.view("u1").any()


def test_orders_and_half_precision():
    check_arrays(
        lambda a: (
            np.zeros_like(a, order="F").flags.f_contiguous,
            np.ones_like(a.T).flags.f_contiguous,
            np.full_like(a.T, 3, order="C").flags.c_contiguous,
            np.eye(3, 4, 1, np.int32, "F").flags.f_contiguous,
            np.zeros(3, np.float16),
            np.arange(5, dtype=np.float16),
            np.full((2, 2), 2.5, np.float16),
            np.eye(2, dtype=np.float16),
            np.eye(2, dtype=np.complex64),
        ),
        A,
    )


@pytest.mark.core
def test_base_of_results():
    whole = njit(lambda n: np.zeros(n))(4)
    assert whole.base is None and whole.flags.owndata
    part = njit(lambda n: np.zeros(n)[1:])(4)
    other = njit(lambda n: (np.zeros(n)[1:],) * 2)(4)
    assert part.base.refcount == 1 and [x.base.refcount for x in other] == [2, 2]


# ---- what a dtype says of itself ---------------------------------------------------------------------------------------

ATTRIBUTES = "kind char str name num itemsize alignment byteorder isnative names hasobject ndim shape".split()


@pytest.mark.parametrize("dtype", ["?", "i1", "u4", "i8", "f2", "f4", "f8", "c8", "c16"])
def test_attributes_of_dtypes(dtype):
    a = np.zeros(2, dtype)
    for name in ATTRIBUTES:
        scope = {}
        exec(f"def f(a):\n    return a.dtype.{name}\n", scope)
        assert njit(scope["f"])(a) == getattr(a.dtype, name), name


@pytest.mark.core
@pytest.mark.parametrize("dtype", ["i4", "u1", "f4", "f8", "c16"])
def test_the_class_of_a_dtype_makes_scalars(dtype):
    def total(a):
        s = a.dtype.type(0)
        for x in a:
            s += x
        if a.dtype.kind == "f":  # decided while compiling: the other branch has no type for floats
            return s * a.dtype.type(2)
        return s

    a = np.arange(5).astype(dtype)
    assert njit(bridge="error")(total)(a) == total(a)


RECORDS = np.zeros(2, [("x", "i4"), ("y", "f8")])
QUESTIONS = {
    "equal": (
        lambda a, h: (
            a.dtype == np.float64,
            a.dtype == float,
            a.dtype == "float64",
            a.dtype == h.dtype,
            a.dtype != np.float32,
            np.float16 == h.dtype,
            a.dtype == "no such dtype",
            np.dtype("f4") != "f4",
        )
    ),
    "one_of": (
        lambda a, h: (
            a.dtype in (np.float32, np.float64),
            h.dtype in (np.float32, float),
            h.dtype not in ("f2", "f4"),
        )
    ),
    "flags": (
        lambda a, h: (
            a.flags["C_CONTIGUOUS"],
            a.T.flags["F"],
            a.flags.forc,
            a.T.flags.fnc,
            a.flags.behaved,
            a.flags.carray,
            a.T.flags.farray,
            a.flags["WRITEABLE"],
            a.flags.writebackifcopy,
        )
    ),
    "device": (lambda a, h: (a.device, hasattr(a, "itemset"), hasattr(a, "device"))),
    "native": (
        lambda a, h: (
            a.dtype.fields is None,
            len(a.dtype),
            a.dtype.isbuiltin,
            a.dtype.flags,
            a.dtype.newbyteorder("=") == h.dtype,
        )
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_about_dtypes_and_flags(name):
    assert njit(QUESTIONS[name])(A, H) == QUESTIONS[name](A, H)


def test_fields_of_structured_dtypes():
    def ask(r):
        return len(r.dtype), r.dtype["x"] == np.int32, r.dtype[-1], r.dtype.descr, r.dtype == "f8"

    assert njit(ask)(RECORDS) == ask(RECORDS)
    with pytest.raises(TypingError, match="Field named 'z' not found: the fields are x, y"):
        njit(lambda r: r.dtype["z"])(RECORDS)
    with pytest.raises(TypingError, match="There are no fields"):
        njit(lambda r: r.dtype["x"])(A)


@pytest.mark.parametrize("name", ["base", "data", "itemset", "newbyteorder", "ptp", "tostring", "resize"])
def test_attributes_that_arrays_do_not_have_say_what_to_use(name):
    scope = {}
    exec(f"def f(a):\n    return a.{name}\n", scope)
    with pytest.raises(TypingError, match="NumPy 2 has no|of compiled code|compiled code has no"):
        njit(scope["f"])(A)
