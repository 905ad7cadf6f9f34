"""Object mode: functions that run in the interpreter behind a dispatcher."""

import pickle
import traceback
import warnings

import numpy as np
import pytest

from naja import _core, errors, jit, njit, types

pytestmark = pytest.mark.core


def keep(x):
    return x


@jit(forceobj=True)
def module_level(x, y=2):
    """Add two things."""
    return x + y


def mixed(a, b=1, *rest, c=3, **named):
    return a, b, rest, c, named


# ---- forceobj: behaves as the function -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [1, 1 << 100, "text", None, [1, 2], {"a": 1}, {1, 2}, b"x", object(), 2j, print]
)
def test_anything_goes_through_unchanged(value):
    assert jit(forceobj=True)(keep)(value) is value


def test_object_arrays():
    a = np.array([object()] * 3)
    assert jit(forceobj=True)(keep)(a) is a


@pytest.mark.parametrize("looplift", [True, False])
def test_statements_that_are_not_compiled(looplift):
    @jit(forceobj=True, looplift=looplift)
    def f(n):
        import math

        with np.errstate(all="ignore"):
            total = {str(i): [j for j in range(i)] for i in range(n)}
        del total["0"]
        return total, math.floor(1.5), f"{n!r}"

    assert f(3) == f.py_func(3)


def test_generators_and_binding():
    @jit(forceobj=True)
    def count(n):
        yield from range(n)

    assert list(count(3)) == [0, 1, 2]
    f = jit(forceobj=True)(mixed)
    assert f(1, 2, 3, 4, c=5, d=6) == mixed(1, 2, 3, 4, c=5, d=6)
    assert f(1) == mixed(1)
    with pytest.raises(TypeError):
        f()
    with pytest.raises(TypeError, match="y"):
        module_level(1, y=2, z=3)


def test_method():
    class C:
        scale = 3

        @jit(forceobj=True)
        def times(self, x):
            return self.scale * x

    assert C().times("ab") == "ababab"


def test_traceback_has_the_function_and_nothing_else():
    @jit(forceobj=True)
    def fails(x):
        return x["key"]

    with pytest.raises(TypeError) as info:
        fails(1)
    assert [frame.name for frame in traceback.extract_tb(info.value.__traceback__)] == [
        "test_traceback_has_the_function_and_nothing_else",
        "fails",
    ]


# ---- forceobj: what a dispatcher says about itself -------------------------------------------------------------------


def test_versions(capsys):
    f = jit(forceobj=True)(module_level.py_func)
    assert isinstance(f, _core.Dispatcher)
    assert f.signatures == [] and f.overloads == {}
    assert f("a", "b") == "ab"
    assert f.signatures == [(types.pyobject, types.pyobject)]
    assert f.nopython_signatures == []
    version = f.overloads[f.signatures[0]]
    assert version.objectmode and version.signature.return_type is types.pyobject
    f.inspect_types()
    assert "y :: pyobject" in capsys.readouterr().out
    assert f.inspect_llvm() == {f.signatures[0]: ""}
    assert f.inspect_asm(f.signatures[0]) == ""
    f.recompile()
    assert f.__name__ == "module_level" and f.__doc__ == "Add two things."


def test_signatures_are_checked_for_their_number_only():
    assert jit("()", forceobj=True)(module_level.py_func)("a", "b") == "ab"
    assert jit("(i8, i8)", forceobj=True)(module_level.py_func)("a", "b") == "ab"
    with pytest.raises(
        TypeError, match="Signature mismatch: 1 argument types given, but function takes 2 arguments"
    ):
        jit("(i8,)", forceobj=True)(module_level.py_func)


def test_pickle():
    assert pickle.loads(pickle.dumps(module_level)) is module_level


def test_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert jit(keep, forceobj=True)([]) == []
    with pytest.warns(errors.NumbaWarning, match="won't allow parallel execution despite nogil=True"):
        jit("(i8,)", forceobj=True, nogil=True)(keep)
    with pytest.raises(ValueError, match="Only one of"):
        jit(forceobj=True, nopython=True)(keep)
    with pytest.warns(RuntimeWarning, match="forceobj is set for njit and is ignored"):
        assert njit(forceobj=True)(keep)(1) == 1


def test_pyobject_type():
    assert str(types.pyobject) == "pyobject"
    assert isinstance(types.pyobject, types.PyObject)
    assert types.pyobject.managed
    assert pickle.loads(pickle.dumps(types.pyobject)) is types.pyobject
