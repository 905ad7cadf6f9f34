"""Calling compiled functions: binding, selecting a version by types, looking like a function, signatures, threads."""

import copy
import functools
import gc
import inspect
import threading
import weakref

import numpy as np
import pytest

import naja
from naja import njit, types

pytestmark = pytest.mark.core


@njit
def add(x, y=2):
    """Add two things."""
    return x + y


# ---- binding ---------------------------------------------------------------------------------------------------------


def test_positional_keyword_and_default():
    assert add(1) == 3
    assert add(1, 5) == 6
    assert add(x=1, y=5) == 6
    assert add(1, y=5) == 6
    assert add(y=1, x=5) == 6


@pytest.mark.parametrize(
    "args, kwargs, text",
    [
        ((), {}, "not enough arguments: expected at least 1, got 0"),
        ((1, 2, 3), {}, "too many arguments: expected 2, got 3"),
        ((1,), {"z": 3}, "some keyword arguments unexpected"),
        ((1,), {"x": 3}, "multiple values for argument 'x'"),
    ],
)
def test_wrong_calls(args, kwargs, text):
    with pytest.raises(TypeError, match=text):
        add(*args, **kwargs)


def test_varargs():
    @njit
    def total(first, *rest):
        s = first
        for x in rest:
            s += x
        return s

    assert total(1) == 1
    assert total(1, 2, 3) == 6
    assert total(1.5, 2.5) == 4.0


def test_keyword_only():
    @njit
    def f(a, *, b=10):
        return a - b

    assert f(1) == -9
    assert f(1, b=3) == -2
    with pytest.raises(TypeError):
        f(1, 3)


def test_bool_and_string_defaults_are_known_when_compiling():
    @njit
    def f(x, total=False, mode="twice", *, also=True):
        if total:
            return x.sum()
        if mode == "twice":
            return x * 2
        return x

    assert f(21) == 42  # an int has no sum
    assert len(f.signatures) == 1
    assert f._bind(1) == (1, False, "twice", True)


def test_converted_default():
    @njit("float64(float64, boolean)")
    def f(x, negative=True):
        return -x if negative else x

    assert f(2) == -2.0
    assert f(2, False) == 2.0


def test_positional_only():
    @njit
    def f(a, b=1, /):
        return a * b

    assert f(3, 4) == 12
    with pytest.raises(TypeError):
        f(a=3)


# ---- types select the version ----------------------------------------------------------------------------------------


def test_one_version_per_type():
    @njit
    def f(x):
        return x + x

    assert type(f(1)) is int and f(1) == 2
    assert type(f(1.5)) is float and f(1.5) == 3.0
    assert f(1j) == 2j
    assert f(True) == 2
    assert f(np.int8(3)) == 6
    assert f(np.float32(1.5)) == 3.0
    assert [s[0] for s in f.signatures][:3] == [types.int64, types.float64, types.complex128]


def test_numpy_float64_shares_the_version_of_float():
    @njit
    def f(x):
        return x * 2

    f(1.0)
    f(np.float64(1.0))
    f(np.int64(1))
    f(1)
    assert len(f.signatures) == 2


def test_alternating_types_keep_their_results():
    @njit
    def f(x):
        return x + 1

    for i in range(50):
        assert f(i) == i + 1
        assert f(float(i)) == i + 1.0
        assert f(np.int32(i)) == i + 1
    assert len(f.signatures) == 3


def test_array_attributes_make_versions():
    @njit
    def first(a):
        return a[0]

    a = np.arange(4.0)
    readonly = a.copy()
    readonly.flags.writeable = False
    for array in (a, a[::2], readonly, a.astype(np.float32), a.astype(np.int64)):
        assert first(array) == 0
        assert first(array) == 0
    assert len(first.signatures) == 5


def test_large_int_is_uint64():
    @njit
    def f(x):
        return x

    assert f(2**63) == 2**63
    assert f(-1) == -1
    assert f(2**64 - 1) == 2**64 - 1
    assert f(2**62) == 2**62
    assert f.signatures == [(types.uint64,), (types.int64,)]
    with pytest.raises(OverflowError):
        f(2**64)


def test_unsupported_argument_names_type_and_remedy():
    from naja.errors import TypingError

    with pytest.raises(TypingError, match=r"object.*pass numbers"):
        add(object(), 2)
    with pytest.raises(TypingError, match="byte order"):
        add(np.zeros(3, ">f8"))


def test_tuples_by_element_types():
    @njit
    def f(t):
        return t[0] + t[1]

    assert f((1, 2)) == 3
    assert f((1, 2.5)) == 3.5
    assert f((1.5, 2)) == 3.5
    assert f((1, 2, 3)) == 3
    assert len(f.signatures) == 4


def test_nested_tuples_are_told_apart():
    @njit
    def f(a, b):
        return 0

    f((1, 2), 3)
    f((1,), 3)
    f(((1, 2),), 3)
    f((1, (2, 3)), 4)
    assert len(f.signatures) == 4


# ---- given signatures ------------------------------------------------------------------------------------------------


def test_signature_converts_arguments():
    @njit("float64(float64)")
    def half(x):
        return x / 2

    assert half(3) == 1.5
    assert half(3.0) == 1.5
    assert half(np.float32(3)) == 1.5
    assert half(True) == 0.5
    assert half.signatures == [(types.float64,)]
    with pytest.raises(TypeError, match=r"No matching definition for argument type\(s\) complex128"):
        half(1j)


def test_best_signature_wins():
    @njit(["int64(int64)", "float64(float64)"])
    def f(x):
        return x + x

    assert type(f(2)) is int
    assert type(f(2.0)) is float
    assert type(f(np.int32(2))) is int
    assert type(f(np.float32(2))) is float


def test_unsafe_conversions_are_the_last_resort():
    @njit("int8(int8)")
    def f(x):
        return x

    assert f(np.int8(5)) == 5
    assert f(300) == 44  # high bits are dropped, as Numba does
    assert f(2.75) == 2

    @njit("int64(int64)")
    def g(x):
        return x

    assert g(2.75) == 2
    assert g(np.float32(-2.75)) == -2


def test_ambiguous_signatures():
    @njit(["float64(float32, float64)", "float64(float64, float32)"])
    def f(x, y):
        return x + y

    assert f(np.float32(1), 2.0) == 3.0
    with pytest.raises(TypeError, match=r"Ambiguous overloading for .*\(float64, float64\)"):
        f(1.0, 2.0)


def test_compile_and_disable_compile():
    @njit
    def f(x):
        return x + 1

    f.compile((types.int64,))
    assert f.signatures == [(types.int64,)]
    f.disable_compile()
    assert f(1) == 2
    with pytest.raises(TypeError, match="No matching definition"):
        f("a")
    f.disable_compile(False)
    assert f(1j) == 1 + 1j


def test_overloads_and_nopython_signatures():
    @njit
    def f(x):
        return x + 1

    f(1)
    assert list(f.overloads) == [(types.int64,)]
    assert f.nopython_signatures[0].return_type is types.int64
    assert f.nopython_signatures[0].args == (types.int64,)


def test_recompile_sees_new_globals():
    scope = {"njit": njit, "K": 1}
    exec("@njit\ndef f(x):\n    return x + K\n", scope)
    f = scope["f"]
    assert f(1) == 2
    scope["K"] = 10
    assert f(1) == 2  # globals are constants
    f.recompile()
    assert f(1) == 11
    assert len(f.signatures) == 1


# ---- looks like a function -------------------------------------------------------------------------------------------


def test_metadata():
    assert add.__name__ == "add"
    assert add.__doc__ == "Add two things."
    assert add.__module__ == __name__
    assert add.__wrapped__ is add.py_func
    assert add.py_func(1, 2) == 3
    assert list(inspect.signature(add).parameters) == ["x", "y"]
    assert "return x + y" in inspect.getsource(add)


def test_methods():
    class C:
        k = 3

        @njit
        def ignore_self(self, x):
            return x * 2

        @staticmethod
        @njit
        def static(x):
            return x + 1

    assert C.static(1) == 2
    assert C().static(1) == 2
    with pytest.raises(Exception):
        C().ignore_self(1)  # self has no type


def test_copy_and_partial():
    assert functools.partial(add, 1)(2) == 3
    assert copy.copy(add)(1) == 3


def test_dropped_dispatchers_are_freed():
    def make():
        @njit
        def f(x):
            return x + 1

        assert f(1) == 2
        return weakref.ref(f), weakref.ref(f.py_func)

    refs = make()
    gc.collect()
    assert refs[0]() is None
    assert refs[1]() is None


def test_recursive_dispatcher_in_a_closure_is_freed():
    def make():
        @njit
        def fact(n):
            if n <= 1:
                return 1
            return n * fact(n - 1)

        assert fact(5) == 120
        return weakref.ref(fact)

    ref = make()
    gc.collect()
    assert ref() is None


def test_arguments_and_results_do_not_leak():
    import sys

    @njit
    def f(a, t, x):
        return x

    a, t, x = np.zeros(3), (1.5, 2), 12345.75
    f(a, t, x)
    before = [sys.getrefcount(o) for o in (a, t, x)]
    for _ in range(100):
        f(a, t, x)
    assert [sys.getrefcount(o) for o in (a, t, x)] == before


# ---- threads ---------------------------------------------------------------------------------------------------------


def test_first_calls_from_many_threads_compile_once():
    @njit
    def f(x):
        s = x
        for i in range(10):
            s += x
        return s

    results = []
    barrier = threading.Barrier(8)

    def work(k):
        barrier.wait()
        for i in range(20):
            results.append(f(i) == 11 * i and f(i + 0.5) == 11 * (i + 0.5))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(results) and len(results) == 160
    assert len(f.signatures) == 2


def test_nogil_lets_other_threads_run():
    @njit(nogil=True)
    def spin(n):
        s = 0
        for i in range(n):
            s = (s * 3 + i) % 1000003
        return s

    spin(10)
    ticks = []
    done = threading.Event()

    def count():
        while not done.wait(0.002):
            ticks.append(1)

    t = threading.Thread(target=count)
    t.start()
    spin(60_000_000)
    n = len(ticks)
    done.set()
    t.join()
    assert n > 3


# ---- versions as objects ---------------------------------------------------------------------------------------------


def test_version_surface():
    @njit
    def f(x, y):
        return x * y

    f(2, 3)
    f(2.5, 3)
    for args, version in f.overloads.items():
        assert version.signature.args == args == version.args
        assert version.signature.return_type is version.result
        assert version.dispatcher is f and not version.objectmode and version.lifted == ()
    version = f.get_overload((naja.float64, naja.int64))
    assert version.entry_point(2.5, 4) == 10.0 and version.entry_point(2, 4) == 8.0
    with pytest.raises(TypeError, match="this version takes 2 arguments, not 1"):
        version.entry_point(1.0)
    with pytest.raises(TypeError, match="argument 2 of this version is int64, not unicode_type"):
        version.entry_point(1.0, "a")
    assert "define" in version.library.get_llvm_str() and ".text" in version.library.get_asm_str()
    assert (
        version.type_annotation
        == f.get_annotation_info(version.args)[
            (f"{f.__code__.co_filename}:{f.__code__.co_firstlineno}", version.args)
        ]
    )
    assert f.get_compile_result("f8(f8, i8)").result is naja.float64


def test_looks_like_its_function():
    def g(x, y=2, *, z=3):
        """Say what g does."""
        return x + y + z

    f = njit(g)
    assert f.__code__ is g.__code__ is f.func_code and f.__defaults__ == (2,) and f.__kwdefaults__ == {"z": 3}
    assert f.__globals__ is g.__globals__ and f.__closure__ is None and f.doc == g.__doc__ == f.__doc__
    assert f.locals == {} and not f.is_compiling


def test_call_template_and_folding():
    from naja import types

    @njit
    def f(x, y=2, *rest):
        return x + y

    template, pysig, args, kws = f.get_call_template((types.int64,), {"y": types.float64})
    assert template is f and str(pysig) == "(x, y=2, *rest)" and kws == {}
    assert args == (types.int64, types.float64, types.Tuple(()))
    assert f.signatures == [args]
    _, args = f.fold_argument_types((types.int64,), {})
    assert args[1].value == 2 and isinstance(args[1], types.Omitted)
    with pytest.raises(TypeError, match="missing a required argument"):
        f.fold_argument_types((), {})


def test_function_type():
    @njit("f8(f8)")
    def frozen(x):
        return x

    @njit
    def free(x):
        return x

    assert frozen.get_function_type().signature.return_type is naja.float64
    assert free.get_function_type() is None


def test_reports(capsys):
    @njit(parallel=True)
    def f(a):
        for i in naja.prange(len(a)):
            a[i] += 1

    with pytest.raises(ValueError, match="No parfors diagnostic available"):
        f.parallel_diagnostics()
    f(np.zeros(4))
    f.parallel_diagnostics()
    assert "1 parallel loops" in capsys.readouterr().out
    f.dump(tab="> ")
    assert capsys.readouterr().out.startswith("> CPUDispatcher(")
    assert all("define" in text for text in f.inspect_cfg().values())


def test_too_many_arguments_by_keyword():
    @njit
    def f(x, y=2, z=3):
        return x + y + z

    with pytest.raises(TypeError, match="too many arguments: expected 3, got 4"):
        f(3, 4, y=6, z=7)
    with pytest.raises(
        TypeError, match="some keyword arguments unexpected.*multiple values for argument 'y'"
    ):
        f(3, 4, y=6)

    @njit
    def g(x, y=2, *rest):
        return x + y

    with pytest.raises(TypeError, match="some keyword arguments unexpected"):
        g(3, 4, 5, y=6)


def test_failing_overload_is_asked_once():
    from naja.errors import TypingError
    from naja.extending import overload

    asked = []

    def trigger(x):
        pass

    @overload(trigger)
    def trigger_overload(x):
        asked.append(x)
        raise TypingError("it always fails")

    @njit
    def f(x):
        trigger(x)
        trigger(x)
        return trigger(x)

    with pytest.raises(TypingError, match="it always fails"):
        f(1)
    assert len(asked) <= 2


def test_not_enough_arguments():
    @njit
    def f(x, y=2):
        return x + y

    with pytest.raises(TypeError, match="not enough arguments: expected at least 1, got 0"):
        f()

    @njit
    def g(x, y):
        return x + y

    with pytest.raises(TypeError, match="not enough arguments: expected 2, got 1"):
        g(1)


@pytest.mark.parametrize("kind", ["uint8", "uint32", "uint64"])
def test_negative_numbers_are_no_unsigned_arguments(kind):
    f = njit([f"{kind}({kind})"])(lambda x: x)
    assert f(5) == 5 and f(2.5) == 2
    for value in (-1, np.int8(-3)):
        with pytest.raises(OverflowError, match="can't convert negative int to unsigned"):
            f(value)
