"""@overload and its kin: parameters that differ, what one candidate refuses, class methods, literals asked for by name."""

import numpy as np
import pytest

from naja import njit, prange, types
from naja.errors import TypingError
from naja.extending import (
    NativeValue,
    SentryLiteralArgs,
    infer,
    intrinsic,
    lower_builtin,
    models,
    overload,
    overload_classmethod,
    overload_method,
    register_model,
    typeof_impl,
    unbox,
)
from naja.lowering.templates import ConcreteTemplate
from naja.typing import signature

# ---- parameters of an overload and of its implementation ---------------------------------------------------------------


def call_of(factory, strict=True):
    """Compiles a call of a function that has this overload, and gives its result."""

    def function(*args, **kwargs):
        raise NotImplementedError

    overload(function, strict=strict)(factory)
    return njit(lambda x: function(x))(1)


def make(parameters, own):
    scope = {"__name__": __name__, "nan": float("nan")}
    exec(f"def factory({parameters}):\n    def f({own}):\n        return x0\n    return f\n", scope)
    scope["x0"] = 7
    return scope["factory"]


@pytest.mark.core
@pytest.mark.parametrize(
    "parameters, own",
    [
        ("a", "a"),
        ("a, b=2", "a, b=2"),
        ("a, b=nan", "a, b=nan"),
        ("a, *, b=2", "a, *, b=2"),
        ("a, *rest", "a, *rest"),
        ("*rest", "*rest"),
    ],
)
def test_parameters_that_agree(parameters, own):
    assert call_of(make(parameters, own)) == 7


@pytest.mark.core
@pytest.mark.parametrize(
    "parameters, own, what, difference",
    [
        (
            "a, b=None",
            "a, b=12",
            "keyword argument default values",
            ['<Parameter "b=None">', '<Parameter "b=12">'],
        ),
        (
            "a, b=None",
            "a, c=None",
            "keyword argument names",
            ['<Parameter "b=None">', '<Parameter "c=None">'],
        ),
        ("a", "a, b=1", "keyword argument names", ['<Parameter "b=1">']),
        ("a, b=1", "a", "keyword argument names", ['<Parameter "b=1">']),
        ("a, b=1", "a, *rest", "keyword argument names", ['<Parameter "b=1">']),
        ("a", "z", "differ in argument names", ['<Parameter "a">', '<Parameter "z">']),
        ("a, b=1", "z, *rest, b=1", "differ in argument names", ["First difference: 'z'"]),
        ("a, *rest", "a, *more", "differ in argument names", ['<Parameter "*rest">', '<Parameter "*more">']),
        (
            "a, *rest",
            "a, b=1",
            "VAR_POSITIONAL (e.g. *args) argument kind (offending argument name is '*rest')",
            [],
        ),
        (
            "a, **rest",
            "a",
            "VAR_KEYWORD (e.g. **kwargs) is unsupported. (offending argument name is '**rest')",
            [],
        ),
        ("a, b=1", "a, **rest", "VAR_KEYWORD (e.g. **kwargs) is unsupported", []),
    ],
)
def test_parameters_that_differ_are_refused(parameters, own, what, difference):
    with pytest.raises(TypingError) as caught:
        call_of(make(parameters, own))
    text = str(caught.value)
    assert what in text and all(d in text for d in difference)
    assert f"def f({own})" not in text and "in <lambda>" not in text and len(text.splitlines()) <= 8


def test_strict_is_an_option_and_part_of_the_key():
    assert call_of(make("a, b=None", "a, b=12"), strict=False) == 7
    with pytest.raises(TypingError, match="default values"):
        call_of(make("a, b=None", "a, b=12"))


# ---- candidates --------------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_what_is_refused_as_a_literal_is_offered_plain():
    def pick(x):
        raise NotImplementedError

    @overload(pick, prefer_literal=True)
    def pick_overload(x):
        if not isinstance(x, types.IntegerLiteral):
            return lambda x: x * 100
        if x.literal_value == 1:
            return lambda x: -1
        raise TypingError("no such literal")

    assert njit(lambda x: (pick(1), pick(2), pick(x)))(3) == (-1, 200, 300)


def test_what_one_candidate_refuses_the_next_may_take():
    def pick(x):
        raise NotImplementedError

    @overload(pick)
    def for_integers(x):
        return (lambda x: x + 1) if isinstance(x, types.Integer) else None

    @overload(pick)
    def for_floats(x):
        if not isinstance(x, types.Float):
            raise TypingError("pick is for floats")
        return lambda x: x * 2

    assert njit(lambda: (pick(1), pick(1.5)))() == (2, 3.0)
    with pytest.raises(TypingError, match="pick is for floats"):
        njit(lambda: pick("a"))()


def test_literals_by_the_names_of_parameters():
    def take(a, axis=0):
        raise NotImplementedError

    @overload(take, prefer_literal=True)
    def take_overload(a, axis=0):
        SentryLiteralArgs(["axis"]).for_function(take_overload).bind(a, axis)
        known = axis if isinstance(axis, int) else axis.literal_value
        return lambda a, axis=0: known * 10

    use = njit(lambda a, n: take(a, n))
    assert use(1.0, 3) == 30 and use(1.0, 4) == 40
    assert njit(lambda a: take(a))(1.0) == 0 and njit(lambda a: take(a, axis=2))(1.0) == 20


# ---- methods of classes ------------------------------------------------------------------------------------------------


class Special(types.Array):
    pass


@overload_classmethod(Special, "filled")
def filled_overload(cls, n, value=1.5, *, times=1):
    if not isinstance(n, types.Integer):
        return None
    return lambda cls, n, value=1.5, *, times=1: np.full(n, value * times)


@pytest.mark.core
def test_methods_of_classes():
    def use(n):
        return (
            Special.filled(n).sum(),
            Special.filled(n, 2.0).sum(),
            Special.filled(value=3.0, n=2, times=2).sum(),
        )

    assert njit(use)(4) == (6.0, 8.0, 12.0)
    with pytest.raises(TypingError, match="Unknown attribute 'filled' of"):
        njit(lambda n: types.Array.filled(n))(3)
    with pytest.raises(NotImplementedError, match=r"Special\.filled is for compiled code"):
        Special.filled(3)


def test_a_method_of_a_class_that_declines():
    with pytest.raises(TypingError, match="filled"):
        njit(lambda: Special.filled("a"))()


# ---- a type of the program's own that prints itself ------------------------------------------------------------------------


class Thing:
    pass


class ThingType(types.Type):
    def __init__(self):
        super().__init__(name="Thing")


thing_type = ThingType()
register_model(ThingType)(models.OpaqueModel)


@typeof_impl.register(Thing)
def typeof_thing(value, context):
    return thing_type


@unbox(ThingType)
def unbox_thing(typ, obj, c):
    return NativeValue(c.context.get_dummy_value())


@infer
class PrintThing(ConcreteTemplate):
    key = "print_item"
    cases = [signature(types.none, thing_type)]  # noqa: RUF012 - as Numba's templates have them


@lower_builtin("print_item", ThingType)
def print_thing(context, builder, sig, args):
    pyapi = context.get_python_api(builder)
    text = pyapi.unserialize(pyapi.serialize_object("a thing"))
    pyapi.print_object(text)
    pyapi.decref(text)
    return context.get_dummy_value()


def test_code_that_prints_an_item(capsys):
    @njit
    def show(x, n):
        print(x)
        print(n, x, "end", sep=", ", end="!\n")
        print(x, x)

    show(Thing(), 3)
    assert capsys.readouterr().out == "a thing\n3, a thing, end!\na thing a thing\n"


# ---- intrinsics in parallel loops --------------------------------------------------------------------------------------


@intrinsic
def plus_two(typingctx, x):
    def codegen(context, builder, sig, args):
        return builder.add(args[0], args[0].type(2))

    return x(x), codegen


@pytest.mark.core
def test_intrinsics_in_a_parallel_loop():
    @njit(parallel=True)
    def fill(n):
        out = np.empty(n, np.int64)
        for i in prange(n):
            out[i] = plus_two(np.int64(i))
        return out

    assert np.array_equal(fill(1000), np.arange(1000) + 2)
    sites = fill.inspect_calls()
    assert all(site.rung < 4 for site in (sites if isinstance(sites, list) else next(iter(sites.values()))))


def test_overloaded_methods_in_a_loop_over_instances():
    @overload_method(ThingType, "twice")
    def twice(thing, n=1):
        return lambda thing, n=1: 2 * n

    assert njit(lambda t: (t.twice(), t.twice(5), t.twice(n=6)))(Thing()) == (2, 10, 12)


def test_overloads_are_asked_in_the_order_of_registration():
    """Those of the closest class of types first, for methods."""

    def chosen(x):
        raise NotImplementedError

    @overload(chosen)
    def first(x):
        return (lambda x: "number") if isinstance(x, types.Number) else None

    @overload(chosen)
    def second(x):
        return lambda x: "anything"

    @overload_method(types.Number, "order_of_overloads")
    def general(x):
        return lambda x: "number"

    @overload_method(types.Integer, "order_of_overloads")
    def special(x):
        return lambda x: "integer"

    assert njit(lambda x, y: (chosen(x), chosen(y)))(1, "a") == ("number", "anything")
    assert njit(lambda x, y: (x.order_of_overloads(), y.order_of_overloads()))(1, 1.5) == (
        "integer",
        "number",
    )


def test_what_users_write_goes_before_the_library():
    @overload(np.median)
    def own(a):
        return (lambda a: -1.0) if a.ndim == 7 else None

    assert njit(lambda a: np.median(a))(np.zeros((1,) * 7)) == -1
    assert njit(lambda a: np.median(a))(np.array([1.0, 5.0, 2.0])) == 2
