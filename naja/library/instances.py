"""Operators, built-in functions and loops on instances of jitclasses and dataclasses: calls of their special methods, as
Python makes them.

`find` is asked by `naja.extending` before overloads are.  The methods that a dataclass writes itself (``__eq__``, those of
``order=True``, ``__hash__``) compare tuples of its fields.
"""

import dataclasses
import types
from functools import lru_cache

from naja.errors import TypingError
from naja.library.low import instance_address, iterate  # noqa: F401  (of the functions that are made here)

_BINARY = frozenset(
    "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor getitem lt le gt ge".split()
)
_UNARY = frozenset("neg pos invert abs len str repr iter next reversed round".split())
_REFLECTED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq"}

# What converts, by the built-in function: special methods in the order in which they are tried.
_CONVERSIONS = {
    "int": ("int", "index"),
    "float": ("float", "index"),
    "complex": ("complex", "float", "index"),
    "hash": ("hash",),
}


def _present(type_):
    return type_.type if type_.kind == "OPTIONAL" else type_


def _plain_class(type_):
    """The class of a dataclass's instance or of a namedtuple; None of anything else."""
    type_ = _present(type_)
    return type_.instance_class if type_.kind == "NAMEDTUPLE" and type_.instance_class is not list else None


def _class_of(type_):
    type_ = _present(type_)
    return getattr(type_, "class_type", None) if type_.kind == "INSTANCE" else _plain_class(type_)


def is_written(function):
    """Whether a method was written by the program: dataclasses and namedtuples have some of their own."""
    if isinstance(function, types.FunctionType):
        function = getattr(function, "__wrapped__", function)  # __repr__, which may meet itself
        own = function.__globals__.get("__name__") not in ("collections", "dataclasses", "enum", "typing")
        return own and function.__code__.co_filename != "<string>"
    return hasattr(function, "py_func")


def _has(type_, name):
    cls = _plain_class(type_)
    if cls is not None:
        return is_written(getattr(cls, f"__{name}__", None))
    class_type = _class_of(type_)
    return class_type is not None and f"__{name}__" in class_type.jit_methods


def _parameters_of(type_):
    """What a dataclass was decorated with; None of anything else."""
    return getattr(_plain_class(type_), "__dataclass_params__", None)


def _fields(type_, value):
    cls = _plain_class(type_)
    names = [field.name for field in dataclasses.fields(cls.__dict__.get("_naja_of", cls)) if field.compare]
    return "(" + "".join(f"{value}.{name}, " for name in names) + ")"


@lru_cache(maxsize=None)
def _function(parameters, text):
    return eval(f"lambda {parameters}: {text}", globals())


def _binary(op, a, b):
    if _has(a, op):
        return _function("a, b", f"a.__{op}__(b)")
    reflected = _REFLECTED.get(op, f"r{op}")
    if _has(b, reflected):
        return _function("a, b", f"b.__{reflected}__(a)")
    return None


def _compared(op, a, b):
    """A comparison that a dataclass writes itself."""
    parameters = _parameters_of(a) or _parameters_of(b)
    if parameters is None or not (parameters.order if op in _REFLECTED and op != "eq" else parameters.eq):
        return None
    same = _plain_class(a) is _plain_class(b) and a.kind == b.kind
    if not same:
        return _function("a, b", "False" if op == "eq" else "True") if op in ("eq", "ne") else None
    sign = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}[op]
    return _function("a, b", f"{_fields(a, 'a')} {sign} {_fields(b, 'b')}")


def _hash(a):
    """The hash of an object whose class does not say it: of a dataclass's fields, or of the object itself."""
    parameters = _parameters_of(a)
    if _has(a, "hash"):
        return None
    if parameters is None and _plain_class(a):
        return None  # a namedtuple's
    if parameters is None or not (parameters.eq or parameters.unsafe_hash):
        if _has(a, "eq"):
            raise TypingError(f"unhashable type: '{_present(a)}', which has __eq__ and no __hash__")
        return _function("a", "hash(instance_address(a))") if _class_of(a) else None
    if not (parameters.unsafe_hash or (parameters.eq and parameters.frozen)):
        raise TypingError(f"unhashable type: '{_plain_class(a).__name__}'")
    return _function("a", f"hash({_fields(a, 'a')})")


def _equal(op, a, b):
    if op == "ne":
        if _has(a, "ne"):
            return _function("a, b", "a.__ne__(b)")
        return _function("a, b", "not a == b") if _equal("eq", a, b) else None
    made = _binary("eq", a, b)
    made = made or _compared(op, a, b)
    plain = [cls for cls in (_plain_class(a), _plain_class(b)) if cls and "_naja_of" not in cls.__dict__]
    same = not plain and _class_of(a) and _class_of(b)
    return made or (_function("a, b", "a is b") if same else None)


def _truth(a):
    there = "a is not None and " if a.kind == "OPTIONAL" else ""
    if _has(a, "bool"):
        return _function("a", f"{there}a.__bool__()")
    if _has(a, "len"):
        return _function("a", f"{there}a.__len__() != 0")
    return _function("a", f"{there}True")


def _of_one(op, a):
    if op in ("truth", "bool"):
        return _truth(a)
    if op == "not":
        return _function("a", "False if a else True")
    if op == "hash" and _hash(a):
        return _hash(a)
    if op in _CONVERSIONS:
        for method in _CONVERSIONS[op]:
            if _has(a, method):
                call = f"a.__{method}__()"
                return _function("a", call if op in (method, "hash") else f"{op}({call})")
        return None
    if op in _UNARY and _has(a, op):
        return _function("a", f"a.__{op}__()")
    if op == "str" and _has(a, "repr"):
        return _function("a", "a.__repr__()")
    return None


def _of_two(op, a, b):
    if op in ("is", "is_not"):  # of the class of a caught exception
        one, other = ("a", "b") if getattr(_plain_class(a), "_naja_is", False) else ("b", "a")
        return _function("a, b", f"{'not ' if op == 'is_not' else ''}{one}.__eq__({other})")
    if op in ("eq", "ne"):
        return _equal(op, a, b)
    if op in ("contains", "not_contains") and _has(a, "contains"):
        return _function("a, b", f"{'' if op == 'contains' else 'not '}bool(a.__contains__(b))")
    if op in ("delitem", "round") and _has(a, op):
        return _function("a, b", f"a.__{op}__(b)")
    if op[0] == "i" and op[1:] in _BINARY and _has(a, op):
        return _function("a, b", f"a.__{op}__(b)")
    if op in ("lt", "le", "gt", "ge"):
        return _binary(op, a, b) or _compared(op, a, b)
    return _binary(op, a, b) if op in _BINARY else None


# ---- loops -------------------------------------------------------------------------------------------------------------


def _items_of_iterator(obj):
    while True:
        try:
            item = obj.__next__()
        except StopIteration:
            break
        yield item


def _items_of_iterable(obj):
    for item in obj.__iter__():
        yield item


def _items_of_sequence(obj):
    i = 0
    while True:
        try:
            item = obj.__getitem__(i)
        except IndexError:
            break
        i += 1
        yield item


_TAKE_ITERABLES = "list tuple set frozenset dict sum min max sorted enumerate any all zip".split()


def _of_iterables(op, operands):
    """A built-in function that takes iterables, of generators of what the objects among its operands give."""
    if op in ("min", "max") and len(operands) > 1:
        return None  # these are compared
    of = operands if op == "zip" else operands[:1]  # the others are a start, or options
    if op not in _TAKE_ITERABLES or not any(map(is_iterable, of)):
        return None
    if op == "dict" and len(operands) == 1 and _is_mapping(operands[0]):
        return _function("a", "{key: a[key] for key in a.keys()}")
    names = "abcdefgh"[: len(operands)]
    passed = [
        f"iterate({name})" if k < len(of) and is_iterable(t) else name
        for k, (name, t) in enumerate(zip(names, operands, strict=True))
    ]
    return _function(", ".join(names), f"{op}({', '.join(passed)})")


def _is_mapping(a):
    """Whether it has the method by which dict() tells mappings from iterables of pairs."""
    cls = _plain_class(a)
    return hasattr(cls, "keys") if cls is not None else "keys" in _class_of(a).jit_methods


def is_iterable(a):
    """Whether a loop can go over an instance.

    Parameters
    ----------
    a : Type

    Returns
    -------
    bool
    """
    return bool(_class_of(a) and _iterate(a))


def _iterate(a):
    if _has(a, "next"):
        return _items_of_iterator
    if _has(a, "iter"):
        return _items_of_iterable
    return _items_of_sequence if _has(a, "getitem") else None


# ---- finding them ------------------------------------------------------------------------------------------------------


def find(name, types):
    """Return a function that does an operation on instances, or None.

    Parameters
    ----------
    name : str
        Dotted name of the operator or built-in function, such as ``"operator.add"``.
    types : tuple of Type
        Types of the operands.

    Returns
    -------
    function or None
    """
    if name == "naja.library.low.iterate":
        return _iterate(types[0])
    module, _, op = name.rpartition(".")
    op = op.rstrip("_")
    if module not in ("operator", "builtins") or not any(map(_class_of, types)):
        return None
    if module == "builtins" and len(types) <= 8 and _of_iterables(op, types):
        return _of_iterables(op, types)
    if len(types) == 1:
        return _of_one(op, types[0])
    if len(types) == 2:
        return _of_two(op, *types)
    if op == "setitem" and _has(types[0], op):
        return _function("a, b, c", "a.__setitem__(b, c)")
    return None
