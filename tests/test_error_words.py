"""Numba's words for what its users search for, where they say it as well as ours."""

import warnings

import numpy as np
import pytest

from naja import cfunc, errors, njit, typeof, types
from naja.errors import TypingError
from naja.experimental import structref

numbers = [1, 2]


def f(x, y):
    return x + y


compiled_f = njit(f)


def unpack(x):
    a, b = x
    return a


def write_global():
    numbers[0] = 3


def unpack_into_tuple(x):
    return (*x,)


def question(x):
    if x > 4:
        z = 10
    else:
        z = "a"
    return isinstance(z, int)


def no_key(x):
    x[2.5] = 1


def two_returns(x):
    if x > 0:
        return ()
    return 1j


def mixed(x):
    a = [1, "a"] if x else [2]
    return a[0]


@pytest.mark.core
@pytest.mark.parametrize(
    "function, args, words",
    [
        (lambda x: compiled_f(x), (1,), r"f\(\) missing a required argument: 'y'"),
        (lambda x: enumerate(), (1,), r"enumerate\(\) missing a required argument: 'iterable'"),
        (unpack, (np.int32(1),), "failed to unpack int32"),
        (unpack_into_tuple, ([1, 2],), "No implementation of function builtins.tuple for "),
        (
            write_global,
            (),
            "The use of a .* in globals, is not supported as globals are considered compile-time",
        ),
        (mixed, (True,), r"Cannot unify LiteralList\("),
        (lambda x: compiled_f(x), (1,), "Cannot bind"),
        (question, (5,), r'isinstance\(\) cannot determine the type of variable "z" due to a branch'),
        (no_key, ({"a": 1},), "Cannot cast float64 to unicode_type"),
        (two_returns, (1,), r"from the following types: Tuple\(\), complex128"),
        (lambda s: s.center(2.5), ("a",), "The width must be an Integer, not float64"),
        (lambda s: s.zfill("2"), ("a",), "<width> must be an Integer"),
        (lambda s: s.count("a", 1.5), ("a",), "The slice indices must be an Integer or None"),
        (lambda s: s.replace("a", 1), ("a",), "The object must be a UnicodeType"),
        (
            lambda s: s.startswith((1, "a")),
            ("a",),
            "The arg 'prefix' should be a string or a tuple of strings",
        ),
        (
            lambda s: s.endswith("a", "b"),
            ("a",),
            "When specified, the arg 'start' must be an Integer or None",
        ),
        (lambda x: x | {"a"}, ({1},), "All Sets must be of the same type"),
        (lambda x: x.extend(1), ([1],), "extend argument must be iterable"),
        (lambda x: {[1]}, (1,), r"unhashable type: list\(int64\) as key is forbidden"),
        (
            lambda x: [i for i, _ in enumerate([1], x)],
            (2.5,),
            "Only integers supported as start value in enumerate",
        ),
    ],
)
def test_words(function, args, words):
    with pytest.raises(TypingError, match=words):
        njit(function)(*args)


def test_result_of_a_signature():
    with pytest.raises(
        TypingError, match=r"No conversion from UniTuple\(int32 x 2\) to UniTuple\(float32 x 1\)"
    ):
        njit(types.UniTuple(types.float32, 1)(types.UniTuple(types.int32, 2)))(lambda x: x)


def test_struct_without_a_field():
    @structref.register
    class PointType(types.StructRef):
        pass

    class Point(structref.StructRefProxy):
        def __new__(cls, x, y):
            return structref.StructRefProxy.__new__(cls, x)

    structref.define_proxy(Point, PointType, ["x", "y"])
    with pytest.raises(TypingError, match="missing a required argument: 'y'"):
        Point(1, 2)


def test_own_numba_type():
    class Pair:
        _numba_type_ = types.UniTuple(types.boolean, 2)

    assert typeof(Pair()) == types.UniTuple(types.boolean, 2)


def test_records_say_whether_fields_are_aligned():
    packed, aligned = [("m", np.int32), ("n", "S5")], np.dtype([("m", np.int32), ("n", "S5")], align=True)
    assert not typeof(np.empty(4, packed)).aligned and typeof(np.empty(4, aligned)).aligned
    assert typeof(np.empty(4)).aligned


def test_addresses_are_compared():
    signature = types.boolean(types.voidptr, types.voidptr)
    same, other = cfunc(signature)(lambda x, y: x is y), cfunc(signature)(lambda x, y: x is not y)
    assert same.ctypes(8, 8) and not same.ctypes(8, 16) and other.ctypes(8, 16) and not other.ctypes(16, 16)


def test_warnings_fixer():
    collected = errors.WarningsFixer(errors.NumbaWarning)
    with warnings.catch_warnings(record=True) as at_once:
        warnings.simplefilter("always")
        with collected.catch_warnings("a.py", 10):
            warnings.warn(errors.NumbaWarning("same"), stacklevel=1)
            warnings.warn(errors.NumbaWarning("same"), stacklevel=1)
            warnings.warn("another", UserWarning, stacklevel=1)
    assert [str(w.message) for w in at_once] == ["another"]
    with warnings.catch_warnings(record=True) as later:
        warnings.simplefilter("always")
        collected.flush()
        collected.flush()
    assert [(str(w.message), w.category, w.filename, w.lineno) for w in later] == [
        ("same", errors.NumbaWarning, "a.py", 10)
    ]


def test_deprecated():
    @errors.deprecated("g")
    def old(x):
        return x + 1

    with pytest.warns(DeprecationWarning, match='deprecated function "old"\n.*Use "g" instead'):
        assert old(1) == 2


def test_options_and_signatures_that_are_none():
    def add(x, y):
        return x + y

    for fastmath, words in (
        ({"spqr": False}, "Unrecognized fastmath flags"),
        (1337, "Expected fastmath option"),
    ):
        with pytest.raises(ValueError, match=words):
            njit(fastmath=fastmath)(add)
    with pytest.raises(
        TypeError, match="Signature mismatch: 1 argument types given, but function takes 2 arguments"
    ):
        njit("(intc,)")(add)
    with pytest.raises(TypeError, match="The decorated object is not a function"):
        njit(type("C", (), {}))


def test_no_versions_are_added_to_given_ones():
    f = njit(["(float32,)", "(int32,)"])(lambda x: x)
    f.compile("(int32,)")
    with pytest.raises(RuntimeError, match="compilation disabled"):
        f.compile("(complex64,)")
    assert len(f.signatures) == 2
