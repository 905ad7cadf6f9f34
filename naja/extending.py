"""Teaching the compiler new functions: `overload` and what goes with it.

An overload is a Python function that is called when compiled code calls some function for which the compiler has
no implementation of its own.  It gets the argument *types* and returns a Python function that does the work, which
is compiled like the user's own code::

    @overload(np.trapezoid)
    def trapezoid_overload(y, dx=1.0):
        def trapezoid(y, dx=1.0):
            ...
        return trapezoid

Returning None means: not for these types.
"""

import functools
import sys
from collections import namedtuple
from dataclasses import is_dataclass
from enum import EnumMeta
from importlib import import_module

from naja import _core, entrypoints, interpreter, library
from naja.errors import ForceLiteralArg, TypingError
from naja.types import BaseTuple, EnumClass, MutableSequence, as_numba_type, typeof

__all__ = [
    "as_numba_type",
    "is_jitted",
    "overload",
    "overload_attribute",
    "overload_classmethod",
    "overload_method",
    "register_jitable",
    "typeof",
]

# What was registered: functions by `_identity`, methods and attributes by name.  `strict`: factory and implementation
# must have the same parameters.
_Entry = namedtuple("_Entry", "factory prefer_literal type_class strict")
_functions = {}
_methods = {}
_attributes = {}


# The factories of users, each followed by its options, by the callable's `_identity`, by the name of a method or
# attribute, or, for what syntax calls without naming it, by "": part of the cache's key.
user_factories = {}
_IMPLICIT = ("_operator", "builtins")


def _is_own(factory):
    return (factory.__module__ or "").startswith("naja.library.")


def _add(entries, entry, key, func=None):
    """Add an entry in the order in which they are asked: as registered, those of naja's library behind all others."""
    is_own = _is_own(entry.factory)
    nusers = sum(not _is_own(known.factory) for known in entries)
    entries.insert(len(entries) if is_own else nusers, entry)
    if not is_own:
        content = entry.factory, (entry.prefer_literal, entry.strict)
        key = "" if getattr(func, "__module__", None) in _IMPLICIT else key
        user_factories.setdefault(key, []).extend(content)
        if isinstance(key, tuple):  # dict.fromkeys: bytecode has its name
            user_factories.setdefault(key[1], []).extend(content)


def _identity(function):
    """What tells a function from others: a class makes a new object at every look at a method such as dict.fromkeys."""
    owner = getattr(function, "__self__", None)
    return (owner, function.__name__) if isinstance(owner, type) else id(function)


def overload(func, jit_options=None, strict=True, inline="never", prefer_literal=False, **options):
    """Give a function an implementation for compiled code.

    Parameters
    ----------
    func : callable
        The function, as compiled code names it.
    jit_options : dict, optional
        Options for compiling the implementation.
    prefer_literal : bool
        Offer the types of constants as literals first, and plain types if that gives nothing; else the other way
        round.
    strict : bool
        Refuse an implementation whose parameters differ from the overload's in name or default value.
    inline
        Accepted for compatibility.

    Returns
    -------
    callable
        A decorator; it returns the decorated function unchanged.
    """

    def decorate(factory):
        key = _identity(func)
        entry = _Entry(factory, prefer_literal, None, strict)
        _add(_functions.setdefault(key, (func, []))[1], entry, key, func)
        return factory

    return decorate


def overload_method(type_class, name, **options):
    """Give values of a class of types a method.

    Parameters
    ----------
    type_class : type
        A class of `naja.types`, such as ``types.Array``.
    name : str
        The method's name.

    Returns
    -------
    callable
        A decorator.
    """

    def decorate(factory):
        entry = _Entry(factory, options.get("prefer_literal", False), type_class, options.get("strict", True))
        _add(_methods.setdefault(name, []), entry, name)
        return factory

    return decorate


def overload_attribute(type_class, name, **options):
    """Give values of a class of types a read-only attribute.

    Parameters
    ----------
    type_class : type
        A class of `naja.types`.
    name : str
        The attribute's name.

    Returns
    -------
    callable
        A decorator.
    """

    def decorate(factory):
        entry = _Entry(factory, False, type_class, options.get("strict", True))
        _add(_attributes.setdefault(name, []), entry, name)
        return factory

    return decorate


def overload_classmethod(type_class, name, **options):
    """Give a class of types a method that compiled code calls on the class itself.

    Parameters
    ----------
    type_class : type
        A class of `naja.types`, or one derived from it.
    name : str
        The method's name.

    Returns
    -------
    callable
        A decorator.  The decorated function gets the type of the class first, as does its implementation the class.

    Examples
    --------
    >>> @overload_classmethod(types.Array, "counting")
    ... def counting_overload(cls, n):
    ...     return lambda cls, n: np.arange(n)
    >>> njit(lambda: types.Array.counting(3))()
    array([0, 1, 2])
    """

    def decorate(factory):
        def method(*args, **kwargs):
            raise NotImplementedError(f"{type_class.__name__}.{name} is for compiled code")

        @overload(method, strict=False, prefer_literal=options.get("prefer_literal", False))
        def bound(*args, **kwargs):
            implementation = factory(_core.typeof(type_class), *args, **kwargs)
            if implementation is None:
                return None
            from naja import signatures

            signatures.check(factory, implementation)
            return signatures.bind_first(implementation, type_class)

        user_factories.setdefault(name, []).append(factory)
        setattr(type_class, name, staticmethod(method))
        return factory

    return decorate


def register_jitable(*args, **options):
    """Mark a plain Python function as usable from compiled code.

    The function itself stays a Python function.

    Returns
    -------
    callable
        The function, or a decorator.
    """

    def decorate(function):
        @overload(function, strict=False)
        def implementation(*types, **keyword_types):
            return function

        return function

    return decorate(args[0]) if args else decorate


def is_jitted(function):
    """Whether a function was made by one of the jit decorators.

    Parameters
    ----------
    function : object

    Returns
    -------
    bool
    """
    return isinstance(function, _core.Dispatcher)


def _candidates(name, callable_, receiver):
    ufunc = getattr(callable_, "__self__", None)
    if type(ufunc).__name__ == "ufunc" or getattr(
        type(ufunc), "_is_naja_ufunc", False
    ):  # np.add.reduce is another object at every look
        return import_module("naja.library.ufunc_methods").candidates(ufunc, callable_.__name__)
    own = getattr(type(callable_), "_naja_candidates", None)  # a stencil, an object of vectorize
    if own is not None:
        return own(callable_)
    if (
        type(callable_).__name__ in ("method", "builtin_function_or_method")
        and type(ufunc).__name__ != "module"
    ):
        bound = _bound_candidates(ufunc, callable_)
        if bound:
            return bound
    library.load(name or library.name_of(callable_))
    if isinstance(callable_, getattr(sys.modules.get("ctypes"), "_CFuncPtr", ())):
        import_module("naja.functions")._signature_of(callable_)  # says what it lacks to have a type
    if callable_ is None and name.startswith("naja.library.low."):
        callable_ = getattr(import_module("naja.library.low"), name.rsplit(".", 1)[1])
    if callable_ is not None:
        entries = _functions.get(_identity(callable_), (None, []))[1]
        if type(callable_).__name__ == "ufunc":
            return [*entries, *import_module("naja.library.ufunc_methods").call_candidates(callable_)]
        return entries
    table = _attributes if name.endswith("@") else _methods
    attribute = name.rsplit(".", 1)[-1].rstrip("@")
    return _by_class(
        [entry for entry in table.get(attribute, ()) if isinstance(receiver, entry.type_class)], receiver
    )


def _by_class(entries, receiver):
    """Users' methods by how close their class of types is to the receiver's, as Python finds methods."""
    order = type(receiver).__mro__
    users = [entry for entry in entries if not _is_own(entry.factory)]
    users.sort(key=lambda entry: order.index(entry.type_class) if entry.type_class in order else len(order))
    return [*users, *entries[len(users) :]]


def _members(type_):
    """Return the types of the members that values of a program's own type have, or None: no model is registered."""
    datamodel = sys.modules.get("naja.lowering.datamodel")
    return datamodel and datamodel.member_types(type_)


def _typeof_registered(obj, is_constant):
    """Return the type that a registered `typeof_impl`, or the object's own `_numba_type_`, gives it, or None."""
    if type(obj).__module__ == "numpy.polynomial.polynomial":
        import_module("naja.library.polynomial_boxes")
    extension = sys.modules.get("naja.lowering.extension")
    found = extension and extension.typeof_impl.find(obj)
    if found is None and entrypoints.init_all():
        return _typeof_registered(obj, is_constant)
    if found is None and not isinstance(obj, type):
        own = getattr(obj, "_numba_type_", None)
        found = own if isinstance(own, _core.Type) else None
    if found is None and not is_constant:
        found = interpreter.type_of_object(obj)
    return found


def _bound_candidates(owner, method):
    """What serves a method of an object that compiled code names: ``ffi.from_buffer``."""
    if method.__name__ == "from_buffer" and type(owner).__name__ in ("FFI", "CompiledFFI"):
        return import_module("naja.library.foreign").candidates(owner)
    if type(owner).__module__.startswith("scipy.stats."):
        return import_module("naja.library.probabilities").candidates(owner, method.__name__)
    return []


def _ask(factory, types, keyword_names):
    """Return a factory's answer; None if its parameters do not take this call."""
    positional = types[: len(types) - len(keyword_names)]
    keywords = dict(zip(keyword_names, types[len(positional) :], strict=True))
    try:
        return factory(*positional, **keywords)
    except TypeError as error:
        if error.__traceback__.tb_next is None:  # raised by the call itself, not inside of the factory
            return None
        raise


def _with_arrays(name, callable_, types, keyword_names, arrays_too):
    """A call with arrays in place of lists, if there are lists and NumPy would do so."""
    sequences = (MutableSequence, BaseTuple) if arrays_too else MutableSequence
    if callable_ is None or not any(isinstance(t, sequences) for t in types):
        return None
    from naja.library import arraylikes

    name = name or library.name_of(callable_)
    return arraylikes.implementation(name, callable_, types, keyword_names, arrays_too)


def _check_arrays(name, callable_, types, keyword_names):
    """TypingError if NumPy is given text, or None, where it takes arrays."""
    if callable_ is not None and any(
        t.kind not in ("ARRAY", "INT", "FLOAT", "COMPLEX", "BOOL") for t in types
    ):
        from naja.library import arraylikes

        positional = types[: len(types) - len(keyword_names)]
        arraylikes.check(name or library.name_of(callable_), callable_, positional)


def _with_halves(name, callable_, types, keyword_names):
    """A call that computes in float32 for float16 arrays, or None."""
    if not any(t.kind == "ARRAY" and t.dtype.name == "float16" for t in types):
        return None
    from naja.library import halves

    return halves.implementation(name or library.name_of(callable_), callable_, types, keyword_names)


def _by_value(name, callable_, types, keyword_names):
    """A call with a constant in place of an axis, mode or the like that is known at run time only, or None."""
    if all(t.kind not in ("STR", "INT", "BOOL") for t in types):
        return None
    from naja.library import choices

    return choices.implementation(name or library.name_of(callable_), callable_, types, keyword_names)


def _check_call(candidates, types, keyword_names):
    """TypingError if there are users' factories only, and none of them takes a call with so many arguments."""
    import inspect

    why = None
    for factory, *_ in candidates:
        if _is_own(factory):
            return
        positional = types[: len(types) - len(keyword_names)]
        keywords = dict(zip(keyword_names, types[len(positional) :], strict=True))
        try:
            inspect.signature(factory).bind(*positional, **keywords)
        except TypeError as error:
            why = error
        else:
            return
    if why is not None:
        raise TypingError(str(why))


def _first_answer(candidates, plain, exact, keyword_names):
    """The first implementation that a candidate offers, asked in their order, or None.

    All are asked in the form that they prefer before any is asked in the other one: constants are lost in that, and a
    candidate that needs one would complain before the next one had a chance.  What a user's candidate refuses in one form
    it may take in the other, or the next candidate may.
    """
    wanted = refused = None
    for preferred in (True, False)[: 1 + (plain != exact)]:
        for factory, prefer_literal, *rest in candidates:
            try:
                implementation = _ask(factory, exact if prefer_literal == preferred else plain, keyword_names)
            except ForceLiteralArg as asked:
                wanted = asked
                continue
            except TypingError as error:
                if _is_own(factory):
                    raise
                refused = refused or error
                continue
            if implementation is None:
                continue
            if rest and rest[-1] and not _is_own(factory):
                import_module("naja.signatures").check(factory, implementation)
            return implementation
    if wanted is not None:
        return import_module("naja.library.kinds").LiteralsWanted(wanted.requested_args)
    if refused is not None:
        raise refused
    _check_call(candidates, plain, keyword_names)
    return None


def _answer(name, callable_, candidates, plain, exact, keyword_names):
    """The first implementation that a candidate offers for these types, or for the values of the Optionals among them."""
    if all(t.kind != "OPTIONAL" for t in plain):
        return _first_answer(candidates, plain, exact, keyword_names)
    refused = None
    try:
        found = _first_answer(candidates, plain, exact, keyword_names)
    except TypingError as error:
        found, refused = None, error
    if found is not None:
        return found
    from naja.library import optionals

    values = tuple(optionals.value_type(t) for t in plain)
    others = _candidates(optionals.name_for(name, values), callable_, values[0])
    if others and _first_answer(others, values, values, keyword_names) is not None:
        return optionals.implementation(name, callable_, plain, keyword_names)
    if refused is not None:
        raise refused
    return None


def _find(name, callable_, plain, exact, keyword_names):
    """Return the implementation for these argument types, or None.  Called by the compiler.

    `exact` are the types with the constants among the arguments as literals, `plain` without.
    """
    if isinstance(callable_, _core.Dispatcher) and callable_._is_ahead:
        return import_module("naja.extensions").implementation(callable_, plain, keyword_names)
    special = _special_method(name, callable_, plain, keyword_names)
    if special is not None:
        return special
    if isinstance(callable_, functools.partial):
        return import_module("naja.library.functional").partial_call(callable_, keyword_names)
    candidates = _candidates(name, callable_, plain[0] if plain else None)
    if all(_is_own(factory) for factory, *_ in candidates):
        _check_arrays(name, callable_, exact, keyword_names)
        implementation = _with_arrays(name, callable_, exact, keyword_names, False)
        implementation = implementation or _by_value(name, callable_, exact, keyword_names)
        if implementation is not None:
            return implementation
    implementation = _answer(name, callable_, candidates, plain, exact, keyword_names)
    if implementation is not None:
        return implementation
    extension = sys.modules.get("naja.lowering.extension")
    foreign = extension and extension.foreign(name, callable_, plain, exact, keyword_names)
    if foreign:
        return foreign
    mirrors = sys.modules.get("naja.library.mirrors")
    if mirrors and any(isinstance(t, mirrors.Mirror) for t in plain):
        return mirrors.implementation(name, callable_, plain, keyword_names)
    if entrypoints.init_all():
        return _find(name, callable_, plain, exact, keyword_names)
    return _with_halves(name, callable_, exact, keyword_names) or _with_arrays(
        name, callable_, exact, keyword_names, True
    )


def _special_method(name, callable_, types, keyword_names):
    """Return a function that calls the special method of an object among the operands, or None."""
    if isinstance(callable_, EnumMeta) and len(types) == 1 and not keyword_names:
        return import_module("naja.library.introspection").enum_class("call", callable_)
    if types and types[0].kind == "FUNCTION" and isinstance(types[0], EnumClass):
        operation = name or library.name_of(callable_)
        return import_module("naja.library.introspection").enum_class(operation, types[0].instance_class)
    if types and any(t.kind == "ENUM" for t in types[:2]) and not keyword_names:
        made = import_module("naja.library.flags").find(name or library.name_of(callable_), types)
        if made:
            return made
    makes_fields = name == "naja.library.low.make_fields"
    has_objects = any(t.kind in ("INSTANCE", "OPTIONAL", "NAMEDTUPLE") for t in types)
    if not makes_fields and (keyword_names or not has_objects):
        return None
    from naja.library import instances

    if makes_fields and is_dataclass(callable_):
        from naja.library import mutables

        return mutables.constructor(callable_, len(types) - len(keyword_names), keyword_names)
    if makes_fields:
        return None
    return instances.find(name or library.name_of(callable_), types)


# What extensions that build code themselves use: loaded when it is asked for.
_LOW_LEVEL = (
    "NativeValue",
    "_Intrinsic",
    "box",
    "get_cython_function_address",
    "intrinsic",
    "lower_builtin",
    "lower_cast",
    "lower_constant",
    "lower_getattr",
    "lower_getattr_generic",
    "lower_setattr",
    "lower_setattr_generic",
    "make_attribute_wrapper",
    "models",
    "reflect",
    "register_model",
    "type_callable",
    "typeof_impl",
    "unbox",
)
_TEMPLATES = ("infer", "infer_getattr", "infer_global")
_SENTRIES = ("BoundLiteralArgs", "SentryLiteralArgs", "sentry_literal_args")
__all__ += [name for name in (*_LOW_LEVEL, *_TEMPLATES, *_SENTRIES) if not name.startswith("_")]


def __getattr__(name):
    if name in _LOW_LEVEL:
        return getattr(import_module("naja.lowering.extension"), name)
    if name == "ReduceMixin":
        return import_module("naja.serialize").ReduceMixin
    if name == "utils":
        return import_module("naja.utils")
    if name in _SENTRIES:
        return getattr(import_module("naja.sentries"), name)
    if name in _TEMPLATES:
        return getattr(import_module("naja.lowering.templates"), name)
    raise AttributeError(f"module 'naja.extending' has no attribute {name!r}")
