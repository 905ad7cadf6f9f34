"""Arguments that lend an array: __array_interface__, DLPack, __array__, the buffer protocol; pandas, pyarrow, PyTorch."""

import array
import gc
import sys
import weakref

import numpy as np
import pytest

from naja import njit, typeof
from naja.errors import TypingError


class Interface:
    def __init__(self, a):
        self.a = a

    @property
    def __array_interface__(self):
        return self.a.__array_interface__


class Struct:
    def __init__(self, a):
        self.a = a

    @property
    def __array_struct__(self):
        return self.a.__array_struct__


class DLPack:
    def __init__(self, a):
        self.a = a

    def __dlpack__(self, **options):
        return self.a.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.a.__dlpack_device__()


class Array:
    def __init__(self, a):
        self.a = a

    def __array__(self, dtype=None, copy=None):
        return self.a


LENDERS = [Interface, Struct, DLPack, Array]


@njit
def total(a):
    return a.sum()


@njit
def write(a, i, x):
    a[i] = x


@pytest.mark.core
@pytest.mark.parametrize("lender", LENDERS)
def test_the_memory_is_shared(lender):
    a = np.arange(6.0)
    for _ in range(3):  # the first call learns the class
        assert total(lender(a)) == a.sum()
        write(lender(a), 2, 10.5)
        assert a[2] == 10.5
        a[2] = 2


@pytest.mark.parametrize("lender", LENDERS)
def test_layouts_dtypes_and_no_elements(lender):
    base = np.arange(24, dtype=np.int32).reshape(4, 6)
    for a in (base, base.T, base[::2, ::3], base[:0], base.astype("c16"), base.astype("?"), np.array(3.0)):
        assert total(lender(a)) == a.sum()
    assert {str(args[0]) for args in total.signatures} >= {"array(int32, 2d, F)", "array(int32, 2d, A)"}


def test_read_only_memory_is_read_only():
    a = np.arange(3.0)
    a.flags.writeable = False
    assert total(Interface(a)) == 3
    with pytest.raises(TypingError, match="read-only"):
        write(Interface(a), 0, 1.0)


@pytest.mark.core
def test_what_comes_back_is_an_array_that_keeps_the_memory():
    @njit
    def same(a):
        return a

    got = same(Interface(np.arange(4.0)))
    gc.collect()
    assert type(got) is np.ndarray and got.tolist() == [0, 1, 2, 3]


def test_mixed_with_other_arguments_keywords_and_varargs():
    @njit
    def f(a, b=2.0, *rest):
        return a[0] + b + rest[0][1]

    a = np.array([1.0, 5.0])
    assert f(Interface(a), 3.0, Array(a)) == 9
    assert f(a, 3.0, (1.0, 7.0)) == 11


def test_given_signatures():
    @njit("float64(float64[::1])")
    def f(a):
        return a[1]

    assert f(Interface(np.array([1.0, 2.5]))) == 2.5


@pytest.mark.core
def test_nothing_leaks():
    a = np.arange(5.0)
    lender = Array(a)
    total(lender)
    gone = weakref.ref(lender)
    del lender
    assert gone() is None
    before = sys.getrefcount(a)
    for _ in range(50):
        total(Interface(a))
        with pytest.raises(TypingError):
            total(Array(np.array([object()])))
    assert sys.getrefcount(a) == before


def test_errors_of_the_object_arrive():
    class Broken:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("no memory on this device")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="no memory on this device"):
            total(Broken())


@pytest.mark.core
def test_others_are_refused_as_before():
    class Nothing:
        pass

    for value in (Nothing(), np.array([object()]), np.array(["a"])[0:1].astype(object)):
        with pytest.raises(TypingError):
            total(value)
    assert total(np.ones(3)) == 3


def test_many_classes():
    a = np.arange(3.0)
    for k in range(40):  # more than are remembered
        cls = type(f"Lender{k}", (Interface,), {})
        assert total(cls(a)) == 3
        assert total(cls(a)) == 3


def test_typeof():
    assert str(typeof(Interface(np.ones(3)))) == "array(float64, 1d, C)"


def test_buffers():
    for value in (
        array.array("d", [1.0, 2.0]),
        memoryview(np.array([1.0, 2.0])),
        memoryview(np.arange(6.0))[::2][:2],
    ):
        assert total(value) == sum(value)


# ---- libraries -----------------------------------------------------------------------------------------------------------


def test_pandas():
    pandas = pytest.importorskip("pandas")
    series = pandas.Series([1.0, 2.0, 4.0])
    for value in (series, series.values, series.to_numpy(), series[::2], series.astype("int32"), series > 1):
        assert total(value) == np.asarray(value).sum()
    frame = pandas.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]})
    assert total(frame["y"]) == 7
    assert total(frame) == 10


def test_pyarrow():
    pyarrow = pytest.importorskip("pyarrow")
    numbers = pyarrow.array([1, 2, 4])
    assert total(numbers) == 7
    with pytest.raises(TypingError, match="read-only"):
        write(numbers, 0, 1)
    missing = pyarrow.array([1.0, None, 2.0])
    assert np.isnan(total(missing))


def test_torch():
    torch = pytest.importorskip("torch")
    tensor = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    assert total(tensor) == 15
    write(tensor.view(-1), 1, 11.0)
    assert tensor[0, 1] == 11
    assert total(tensor.T) == 25
