"""cfuncs, functions of ctypes and cffi, and functions as values: called by C, from Python, from compiled code."""

import ctypes
import ctypes.util
import gc
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from naja import _core, carray, cfunc, errors, farray, njit, types
from naja.functions import from_ctypes, to_ctypes

libm = ctypes.CDLL(ctypes.util.find_library("m"))
c_sin, c_cos, c_pow = libm.sin, libm.cos, libm.pow
for _function in (c_sin, c_cos):
    _function.argtypes, _function.restype = [ctypes.c_double], ctypes.c_double
c_pow.argtypes, c_pow.restype = [ctypes.c_double, ctypes.c_double], ctypes.c_double
untyped = libm.exp

POINTER = ctypes.POINTER(ctypes.c_double)
UNARY = types.FunctionType(types.float64(types.float64))


class Refused(Exception):
    pass


@cfunc("float64(float64, float64)")
def add(a, b):
    return a + b


@cfunc("float64(int64, int64)")
def divide(a, b):
    return a / b


@njit
def double(x):
    if x < 0:
        raise Refused("negative", x)
    return 2 * x


@njit
def half(x):
    return x / 2


@njit
def apply(function, x):
    return function(x)


@njit(types.float64(UNARY, types.float64))
def apply_any(function, x):
    return function(x)


# ---- cfunc -------------------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_a_cfunc_is_called_by_c_python_and_compiled_code():
    @njit
    def use(x):
        return add(x, 1.0)

    assert add.ctypes(2.0, 3.5) == 5.5
    assert add(2, 3) == 5
    assert use(2.5) == 3.5
    assert ctypes.cast(add.ctypes, ctypes.c_void_p).value == add.address
    assert add.__name__ == "add" and add.__wrapped__(1, 2) == 3
    assert add.native_name in add.inspect_llvm()
    assert "fadd double" in add.inspect_llvm()


def test_exceptions_are_reported_for_c_and_raised_in_compiled_code(monkeypatch):
    @njit
    def use(a, b):
        return divide(a, b)

    ignored = []
    monkeypatch.setattr(sys, "unraisablehook", lambda event: ignored.append(event.exc_type))
    assert divide.ctypes(5, 2) == 2.5 and ignored == []
    assert divide.ctypes(5, 0) == 0.0 and ignored == [ZeroDivisionError]
    with pytest.raises(ZeroDivisionError) as raised:
        use(1, 0)
    assert [entry.name for entry in raised.traceback[-2:]] == ["use", "divide"]


SCALARS = [
    ("boolean", True), ("int8", -5), ("uint8", 200), ("int16", -300), ("uint16", 60000), ("int32", -(2**31)),
    ("uint32", 2**32 - 1), ("int64", -(2**63)), ("uint64", 2**64 - 1), ("float32", 1.5), ("float64", -0.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), SCALARS)
def test_numbers_of_every_width_pass_through_c(name, value):
    type_ = getattr(types, name)
    identity = cfunc(type_(types.int8, type_, types.float32))(lambda a, x, b: x)
    through_c = identity.ctypes

    @njit
    def use(x):
        return through_c(np.int8(-1), x, np.float32(2.5))

    assert through_c(-1, value, 2.5) == value
    got = use(np.dtype(name.replace("boolean", "bool")).type(value))
    assert got == value and math.copysign(1, got) == math.copysign(1, value)


class AtAddress(types.WrapperAddressProtocol):
    """A function that is known by its address only, so that it is called by C's convention."""

    def __init__(self, function, signature):
        self.function, self.sig = function, signature

    def __wrapper_address__(self):
        return self.function and ctypes.cast(self.function, ctypes.c_void_p).value

    def signature(self):
        return self.sig


@pytest.mark.parametrize(("name", "in_libm"), [("complex64", "cexpf"), ("complex128", "cexp")])
def test_complex_numbers_follow_c(name, in_libm):
    type_ = getattr(types, name)
    multiply = cfunc(type_(type_, types.int64, type_))(lambda a, i, b: a * b + 1j)
    by_address = AtAddress(ctypes.c_void_p(multiply.address), multiply.signature)
    exp = types.ExternalFunction(in_libm, type_(type_))

    @njit
    def use(f, a, b):
        return f(a, 3, b)

    @njit
    def use_exp(x):
        return exp(x)

    a, b = np.dtype(name).type(1 + 2j), np.dtype(name).type(3 - 1j)
    assert use(multiply, a, b) == a * b + 1j
    assert use(by_address, a, b) == a * b + 1j
    assert use_exp(a) == pytest.approx(np.exp(a), rel=1e-6)


def test_signatures_that_c_does_not_have():
    @cfunc(types.float64(types.float64[:]))
    def total(a):
        return a.sum()

    @njit
    def use(a):
        return total(a)

    assert use(np.arange(4.0)) == 6.0
    with pytest.raises(errors.TypingError, match="C functions do not take"):
        _ = total.address
    with pytest.raises(NotImplementedError):
        cfunc("f8(f8)", forceobj=True)(math.sin)
    with pytest.raises(TypeError, match="type of the result"):
        cfunc((types.float64,))(lambda x: x)


def test_scipy_calls_a_cfunc():
    integrate = pytest.importorskip("scipy.integrate")
    from scipy import LowLevelCallable

    @cfunc("float64(intc, CPointer(float64))")
    def integrand(n, xx):
        return math.exp(-xx[0])

    value, _ = integrate.quad(LowLevelCallable(integrand.ctypes), 0, 10)
    assert value == pytest.approx(1 - math.exp(-10), abs=1e-12)


def test_a_cfunc_runs_in_threads_without_the_gil():
    import threading

    @cfunc("int64(int64)")
    def collatz(n):
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        return steps

    got, function = [], collatz.ctypes
    threads = [threading.Thread(target=lambda: got.append(function(27))) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert got == [111] * 4


# ---- ctypes and cffi ----------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_functions_of_ctypes():
    @njit
    def use(x):
        return c_sin(x) - c_cos(x) + c_pow(x, 2)  # an int argument converts

    assert use(1.5) == math.sin(1.5) - math.cos(1.5) + 2.25


def test_functions_of_ctypes_as_arguments_share_one_version():
    @njit
    def use(f, g, x):
        return f(x) if x > 0 else g(x)

    for f, g, x in [(c_sin, c_cos, 1.0), (c_sin, c_cos, -1.0), (c_cos, c_sin, 1.0)]:
        assert use(f, g, x) == use.py_func(f, g, x)
    assert len(use.overloads) == 1


def test_callbacks_into_python():
    seen = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_double)
    def callback(x):
        seen.append(x)
        return 7

    @njit(nogil=True)
    def use(n):
        total = 0
        for i in range(n):
            total += callback(i)
        return total

    assert use(3) == 21 and seen == [0.0, 1.0, 2.0]


def test_what_ctypes_functions_must_say():
    @njit
    def use(x):
        return untyped(x)

    with pytest.raises(errors.TypingError, match="ctypes function 'exp' doesn't define its argument types"):
        use(1.0)
    python_function = ctypes.PYFUNCTYPE(ctypes.c_double, ctypes.c_double)(math.sin)
    with pytest.raises(errors.TypingError, match="PYFUNCTYPE needs the interpreter"):
        njit(lambda x: python_function(x))(1.0)
    with pytest.raises(errors.TypingError, match="No implementation of function ExternalFunctionPointer"):
        njit(lambda x: c_sin(x, x))(1.0)
    with pytest.raises(errors.TypingError, match="takes no keyword arguments"):
        njit(lambda x: c_sin(x=x))(1.0)


def test_types_of_ctypes():
    pairs = [
        (ctypes.c_double, types.float64), (ctypes.c_int, types.intc), (ctypes.c_size_t, types.size_t),
        (ctypes.c_void_p, types.voidptr), (None, types.void), (POINTER, types.CPointer(types.float64)),
        (ctypes.POINTER(POINTER), types.CPointer(types.CPointer(types.float64))),
    ]  # fmt: skip
    for c_type, type_ in pairs:
        assert from_ctypes(c_type) is type_
        assert to_ctypes(type_) == c_type
    with pytest.raises(TypeError, match="Unsupported ctypes type"):
        from_ctypes(ctypes.c_wchar_p)
    with pytest.raises(TypeError, match="Cannot convert Numba type"):
        to_ctypes(types.ellipsis)


def test_functions_of_cffi():
    cffi = pytest.importorskip("cffi")
    ffi = cffi.FFI()
    ffi.cdef("double sin(double); double fabs(double);")
    lib = ffi.dlopen(ctypes.util.find_library("m"))
    sin, fabs = lib.sin, lib.fabs

    @njit
    def use(x):
        return fabs(sin(x))

    @njit
    def first(a):
        p = ffi.from_buffer(a)
        return reads(p)

    @cfunc("float64(CPointer(float64))")
    def reads(p):
        return p[0]

    assert use(-1.5) == abs(math.sin(-1.5))
    assert first(np.array([3.5, 1.0])) == 3.5
    assert cffi.FFI().cast("uintptr_t", add.cffi) == add.address


def test_functions_are_cached_by_their_name(tmp_path):
    code = """if True:
        import ctypes, ctypes.util, sys
        from naja import cfunc, njit
        libm = ctypes.CDLL(ctypes.util.find_library("m"))
        sin = libm.sin
        sin.argtypes, sin.restype = [ctypes.c_double], ctypes.c_double
        @cfunc("float64(float64)")
        def twice(x):
            return 2 * x
        @njit
        def use(x):
            return twice(sin(x))
        print(use(1.0), twice.cache_hits, len(use.stats.cache_hits), "naja._compiler" in sys.modules)
    """
    (tmp_path / "script.py").write_text(code)
    run = [sys.executable, str(tmp_path / "script.py")]
    path = ":".join(sys.path)
    env = {**os.environ, "NAJA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": path}
    fresh = subprocess.run(run, capture_output=True, text=True, env=env, check=True).stdout.split()
    again = subprocess.run(run, capture_output=True, text=True, env=env, check=True).stdout.split()
    assert fresh == [str(2 * math.sin(1.0)), "0", "0", "True"]
    assert again == [str(2 * math.sin(1.0)), "1", "1", "False"]


# ---- pointers -----------------------------------------------------------------------------------------------------------


def fill(p, n):
    a = carray(p, (n, 2))
    for i in range(n):
        a[i, 0], a[i, 1] = i, -i
    p[1] = p[0] + 0.5


def test_arrays_at_addresses():
    c_fill = cfunc(types.void(types.CPointer(types.float64), types.intp))(fill)
    a = np.zeros((3, 2))
    c_fill.ctypes(a.ctypes.data_as(POINTER), 3)
    assert a.tolist() == [[0, 0.5], [1, -1], [2, -2]]
    pointer = a.ctypes.data_as(POINTER)
    assert carray(pointer, (3, 2)).tolist() == a.tolist()
    assert farray(pointer, (2, 3)).tolist() == a.T.tolist()
    assert farray(pointer, (2, 3)).flags.f_contiguous

    @njit
    def use(a):
        c_fill(a.ctypes, a.shape[0])  # the array lives as long as the call
        return a.ctypes.data == a.ctypes.data

    assert use(a)

    @njit
    def temporary(n):
        b = np.zeros((n, 2))
        q = b.ctypes
        c_fill(q, n)
        return b

    before = _core.block_count()
    assert temporary(3).tolist() == a.tolist()
    assert _core.block_count() == before


@pytest.mark.parametrize("make", [carray, farray])
def test_strides_of_arrays_at_addresses(make):
    @cfunc("void(voidptr, CPointer(int64), int32, uint8)")
    def describe(p, out, m, n):
        a = make(p, (m, n), np.float32)
        o = carray(out, 4)
        o[0], o[1] = a.strides
        o[2], o[3] = a.flags.c_contiguous, a.flags.f_contiguous

    out = np.zeros(4, np.int64)
    memory = np.zeros(6, np.float32)
    describe.ctypes(memory.ctypes.data, out.ctypes.data_as(ctypes.POINTER(ctypes.c_int64)), 2, 3)
    want = np.zeros((2, 3), np.float32, order="C" if make is carray else "F")
    assert out.tolist() == [*want.strides, want.flags.c_contiguous, want.flags.f_contiguous]


def test_what_carray_refuses():
    with pytest.raises(errors.TypingError, match="mismatching dtype 'float32' for pointer type 'float64\\*'"):
        cfunc("void(CPointer(float64))")(lambda p: carray(p, 3, np.float32)[0])
    with pytest.raises(errors.TypingError, match="explicit dtype required"):
        cfunc("void(voidptr)")(lambda p: carray(p, 3)[0])
    with pytest.raises(TypeError, match="mismatching dtype 'int32'"):
        carray(np.zeros(3).ctypes.data_as(POINTER), 3, np.int32)
    with pytest.raises(TypeError, match="explicit dtype required"):
        carray(ctypes.c_void_p(0), 3)
    with pytest.raises(TypeError, match="expected a ctypes pointer"):
        carray(1234, 3)


# ---- functions as values ------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_one_version_serves_every_function_of_a_signature():
    for function, want in [(double, 6.0), (half, 1.5), (c_sin, math.sin(3.0)), (add_one, 4.0)]:
        assert apply_any(function, 3.0) == want
    assert len(apply_any.overloads) == 1


@cfunc("float64(float64)")
def add_one(x):
    return x + 1


def test_exceptions_pass_through_function_values():
    with pytest.raises(Refused) as raised:
        apply_any(double, -1.0)
    assert raised.value.args == ("negative", -1.0)
    assert [entry.name for entry in raised.traceback[-2:]] == ["apply_any", "double"]

    @njit(types.float64(UNARY, types.float64))
    def caught(function, x):
        try:
            return function(x)
        except Refused:
            return -7.0

    assert caught(double, -1.0) == -7.0 and caught(double, 1.0) == 2.0


def test_functions_in_tuples_and_lists():
    @njit
    def every(functions, x):
        total = x
        for f in functions:
            total = f(total)
        return total

    assert every((add_one, add_one), 1.0) == 3.0
    assert every([add_one, add_one], 1.0) == 3.0
    assert every((double, half, double), 1.0) == 2.0

    from naja.typed import List

    functions = List.empty_list(UNARY)
    for f in (double, add_one, c_sin):
        functions.append(f)
    assert every(functions, 1.0) == math.sin(3.0)
    assert list(functions) == [double, add_one, c_sin]


def test_functions_are_chosen_stored_and_returned():
    @njit(UNARY(types.boolean))
    def choose(wants_double):
        return double if wants_double else half

    assert choose(True) is double and choose(False) is half

    @njit
    def chosen(flag, f, g):
        return f if flag else g

    assert chosen(True, add_one, c_sin) is add_one
    assert chosen(False, add_one, c_sin) is c_sin


def test_the_wrapper_address_protocol():
    assert apply(AtAddress(libm.cos, types.float64(types.float64)), 0.0) == 1.0
    assert apply(AtAddress(libm.sinf, types.float32(types.float32)), np.float32(0)) == 0.0
    with pytest.raises(ValueError, match="wrapper address"):
        apply(AtAddress(None, types.float64(types.float64)), 0.0)


def test_a_compiled_version_as_a_function():
    @njit
    def plus(a, b):
        return a + b

    @njit
    def use(f, a, b):
        return f(a, b)

    assert (plus(1, 2), plus(1.5, 2.0)) == (3, 3.5)
    integers, floats = map(types.CompileResultWAP, plus.overloads.values())
    assert use(integers, 3, 4) == 7 and use(floats, 3.5, 4.5) == 8.0


def test_signatures_of_function_types():
    assert types.FunctionType("float64(float64)") is UNARY
    assert UNARY.signature.args == (types.float64,) and UNARY.nargs == 1
    assert str(UNARY) == "FunctionType[float64(float64)]"
    assert types.float64(types.float64).as_type() is UNARY
    with pytest.raises(TypeError, match="type of the result"):
        types.FunctionType((types.float64,))


def test_code_stays_where_only_its_address_is_kept():
    def address_of(k):
        return cfunc("int64(int64)")(lambda x: x + k).address

    places = [address_of(k) for k in range(3)]
    gc.collect()
    call = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)
    assert [call(place)(10) for place in places] == [10, 11, 12]
