"""The Python side: forms of the decorators, options, settings, the shim, the command line, overloads."""

import copy
import gc
import inspect
import os
import pickle
import subprocess
import sys
import textwrap
import weakref

import numpy as np
import pytest

import naja
from naja import errors, guvectorize, jit, njit, types, vectorize
from naja.extending import is_jitted, overload, overload_attribute, overload_method, register_jitable


def run_python(*arguments, cwd=None, **environment):
    """Run an interpreter in a process of its own; return the finished process."""
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        env={**os.environ, **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
    )


def add(a, b):
    """Sum of two things."""
    return a + b


@njit
def module_level(x):
    """Twice x."""
    return 2 * x


# ---- decorators --------------------------------------------------------------------------------------------------


@pytest.mark.core
@pytest.mark.parametrize(
    "decorate",
    [
        jit,
        njit,
        jit(nopython=True),
        njit(nogil=True, fastmath=True),
        jit("float64(float64, float64)"),
        jit("(float64, float64)"),
        jit(types.float64(types.float64, types.float64)),
        jit((types.f8, types.f8)),
        njit(["f8(f8, f8)", "i8(i8, i8)"]),
    ],
)
def test_forms_of_jit(decorate):
    f = decorate(add)
    assert is_jitted(f)
    assert f(1.5, 2.5) == 4.0
    assert f.py_func is add
    assert (f.__name__, f.__doc__, f.__wrapped__) == ("add", add.__doc__, add)
    assert inspect.signature(f) == inspect.signature(add)


def test_eager_signatures_convert_and_refuse():
    f = njit("float64(float64, int64)")(add)
    assert f.signatures == [(types.float64, types.int64)]
    assert f(1, 2) == 3.0 and isinstance(f(1, 2), float)
    with pytest.raises(TypeError, match="No matching definition"):
        f("a", 1)


@pytest.mark.parametrize("flags", [True, {"nnan"}, {"reassoc", "contract"}, {"fast": True}])
def test_fastmath_forms(flags):
    assert njit(fastmath=flags)(add)(1.0, 2.0) == 3.0


@pytest.mark.parametrize(
    ("error", "options"),
    [
        (KeyError, {"nonsense": 1}),
        (ValueError, {"fastmath": {"faster"}}),
        (ValueError, {"error_model": "c"}),
        (ValueError, {"forceobj": True, "nopython": True}),
        (ValueError, {"pipeline_class": object}),
        (ValueError, {"target": "cuda"}),
    ],
)
def test_bad_options(error, options):
    with pytest.raises(error):
        jit(**options)(add)


def test_what_cannot_be_decorated():
    with pytest.raises(TypeError, match="already jitted"):
        njit(module_level)
    with pytest.raises(TypeError):
        njit(len)
    with pytest.raises(TypeError, match="class"):
        njit(type("C", (), {}))


def test_locals_convert():
    assert njit(locals={"a": types.float32})(add)(1.5, 2) == 3.5
    assert njit(add)(1j, 2) == 1j + 2  # the function itself is as before


def test_nopython_false_warns():
    for make in (
        lambda: jit(nopython=False),
        lambda: jit(add, forceobj=True, nopython=False),
        lambda: vectorize("float64(float64, float64)", target="parallel", nopython=False),
        lambda: guvectorize("(n)->(n)", nopython=False),
    ):
        with pytest.warns(errors.NumbaDeprecationWarning, match="'nopython=False' was supplied") as seen:
            make()
        assert len(seen) == 1 and seen[0].filename == __file__


def test_njit_ignores_nopython_with_a_warning():
    with pytest.warns(RuntimeWarning):
        assert njit(nopython=True)(add)(1, 2) == 3


def test_error_model_and_boundscheck():
    divide = lambda a, b: a / b  # noqa: E731
    with pytest.raises(ZeroDivisionError):
        njit(divide)(1.0, 0.0)
    assert njit(error_model="numpy")(divide)(1.0, 0.0) == np.inf


# ---- a dispatcher as an object --------------------------------------------------------------------------------------


def test_pickle_and_copy():
    assert pickle.loads(pickle.dumps(module_level)) is module_level
    assert copy.copy(module_level)(4) == 8
    local = njit(lambda x: x + 1, fastmath=True)
    again = pickle.loads(pickle.dumps(local))
    assert again is local and again(4) == 5


def test_a_dropped_dispatcher_is_freed():
    f = njit(cache=False)(lambda x: x + 1)
    assert f(1) == 2
    reference = weakref.ref(f)
    del f
    gc.collect()
    assert reference() is None


def test_inspection(capsys):
    f = njit(cache=False)(add)
    f(1, 2)
    f(1.0, 2.0)
    assert len(f.signatures) == len(f.overloads) == len(f.nopython_signatures) == 2
    assert all("define" in text for text in f.inspect_llvm().values())
    assert "ret" in f.inspect_asm((types.int64, types.int64))
    f.inspect_types()
    assert "binary ADD" in capsys.readouterr().out
    assert f.stats.cache_hits == {}
    f.disable_compile()
    with pytest.raises(TypeError):
        f(1j, 2j)
    f.disable_compile(False)
    assert f(1j, 2j) == 3j
    f.recompile()
    assert f(1, 2) == 3


def test_use_as_a_static_method():
    class Holder:
        twice = staticmethod(module_level)

    assert Holder.twice(3) == Holder().twice(3) == 6


def test_compile_gives_an_overload():
    f = njit(add)
    version = f.compile("i8(i8, i8)")
    assert version.result == types.int64
    assert f.get_overload((types.int64, types.int64)).args == (types.int64, types.int64)


# ---- types -----------------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_type_expressions():
    assert types.f8[:, ::1] is types.Array(types.float64, 2, "C")
    assert types.f8[::1, :] is types.Array(types.float64, 2, "F")
    assert types.i4[:] is types.Array(types.int32, 1, "A")
    assert str(types.UniTuple(types.int64, 2)) == "UniTuple(int64 x 2)"
    assert types.Tuple((types.int64, types.float64)).types == (types.int64, types.float64)
    assert isinstance(types.int64, types.Integer) and not isinstance(types.float64, types.Integer)
    assert types.unliteral(types.literal(3)) is types.int64
    assert types.float64(3) == 3.0
    assert naja.typeof(np.zeros((2, 2), np.float32)) is types.float32[:, ::1]
    assert naja.from_dtype(np.dtype("int16")) is types.int16
    assert pickle.loads(pickle.dumps(types.f8[:])) is types.f8[:]
    with pytest.raises(ValueError):
        naja.typeof(object())
    with pytest.raises(KeyError, match="Can only index numba types with slices"):
        types.f8[1:2]


# ---- extending -------------------------------------------------------------------------------------------------------


def test_overload():
    def triple(x):
        raise NotImplementedError

    @overload(triple)
    def triple_overload(x):
        if isinstance(x, types.Integer):
            return lambda x: x * 3
        if isinstance(x, types.Array):
            return lambda x: x[0] * 3
        return None

    @njit
    def f(x):
        return triple(x)

    assert f(5) == 15
    assert f(np.array([1.5])) == 4.5
    with pytest.raises(errors.TypingError):
        f(1.5)


def test_overload_method_and_attribute():
    @overload_method(types.Array, "first_of_mine")
    def first(a, scale=1):
        return lambda a, scale=1: a[0] * scale

    @overload_attribute(types.Array, "length_of_mine")
    def length(a):
        return lambda a: len(a)

    @njit
    def f(a):
        return a.first_of_mine(10) + a.length_of_mine

    assert f(np.array([2.0, 3.0])) == 22.0


def test_register_jitable():
    @register_jitable
    def helper(x):
        return x + 0.5

    assert helper(1) == 1.5
    assert njit(lambda x: helper(x) * 2)(1) == 3.0


# ---- settings, shim, command line --------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["NAJA_DISABLE_JIT", "NUMBA_DISABLE_JIT"])
def test_disable_jit(variable):
    code = "from naja import njit; f = njit(lambda x: x); print(type(f).__name__)"
    assert run_python("-c", code, **{variable: "1"}).stdout.strip() == "function"


PROGRAM = """
    import sys
    import numba
    from numba import njit, prange, types, float64
    from numba.core import types as core_types
    from numba.core.errors import TypingError
    from numba.extending import overload

    @njit
    def f(x):
        return x * 2

    assert core_types.float64 is types.float64 is float64
    print(f(21), numba.__version__, sys.argv[1:])
"""


@pytest.mark.core
def test_programs_that_import_numba(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    done = run_python("-m", "naja", str(program), "a", "b")
    assert done.stdout.strip() == "42 0.68.1 ['a', 'b']", done.stderr
    code = f"import naja; naja.install_as_numba(); exec(open({str(program)!r}).read())"
    assert run_python("-c", code).stdout.startswith("42 0.68.1")


def test_cache_command(tmp_path):
    environment = {"NAJA_CACHE_DIR": str(tmp_path / "cache")}
    (tmp_path / "m.py").write_text("from naja import njit\n@njit\ndef f(x):\n    return x + 1\nprint(f(1))\n")
    assert run_python(str(tmp_path / "m.py"), **environment).stdout.strip() == "2"
    shown = run_python("-m", "naja", "cache", **environment).stdout
    assert str(tmp_path) in shown and "entries    1" in shown
    assert "entries    0" in run_python("-m", "naja", "cache", "clear", **environment).stdout
    assert run_python("-m", "naja", "cache", "nonsense", **environment).returncode == 2
    assert "NumPy" in run_python("-m", "naja", "-s", **environment).stdout


def test_import_is_lazy():
    code = """
        import sys, numpy
        import naja
        print([m for m in ("naja.types", "naja.extending", "naja._compiler") if m in sys.modules])
    """
    assert run_python("-c", textwrap.dedent(code)).stdout.strip() == "[]"


def test_jit_module(tmp_path):
    (tmp_path / "many.py").write_text(
        "from math import sqrt\nfrom naja import jit_module\ndef f(x):\n    return sqrt(x)\njit_module(nogil=True)\n"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import many; print(many.f(4.0), type(many.f).__name__)"
    assert run_python("-c", code).stdout.split() == ["2.0", "Dispatcher"]
