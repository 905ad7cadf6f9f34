"""Questions that are answered while compiling: isinstance, hasattr, getattr with a default.

The answers are constants, so branches on them are decided before the other side is looked at.  A compiled type is asked
about by the Python class of its values.  Two classes may share one type (``int`` and ``numpy.int64``): then both
answer yes.
"""

import operator
import types as python_types
from dataclasses import dataclass
from enum import Flag

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import _attributes, _methods, overload, overload_attribute
from naja.library import flags, kinds
from naja.library.written import written

# Classes of values, by kind of type.
_CLASSES = {
    "BOOL": (bool, np.bool_),
    "NONE": (type(None),),
    "STR": (str,),
    "ARRAY": (np.ndarray,),
    "LIST": (list,),
    "RANGE": (range,),
    "SLICE": (slice,),
    "ELLIPSIS": (type(...),),
    "SET": (set,),
    "DICT": (dict,),
    "STRDICT": (dict,),
    "BYTES": (bytes,),
    "GENERATOR": (python_types.GeneratorType,),
    "CLOSURE": (python_types.FunctionType,),
    "METHOD": (python_types.MethodType,),
    "FLAT": (np.flatiter,),
    "DATETIME": (np.datetime64,),
    "TIMEDELTA": (np.timedelta64,),
    "RECORD": (np.void,),
}
_PYTHON_NUMBERS = {types.int64: int, types.float64: float, types.complex128: complex}


def classes_of(t):
    """The Python classes that values of a type have; an empty tuple if that is not known."""
    t = kinds.plain(t)
    if isinstance(t, types.Number):
        scalar = _core.type_dtype(t).type
        return (_PYTHON_NUMBERS[t], scalar) if t in _PYTHON_NUMBERS else (scalar,)
    if t.kind == "NAMEDTUPLE":
        return (t.instance_class,)
    if t.kind == "TUPLE":
        return (tuple,)
    if t.kind in ("FUNCTION", "OBJECT"):
        return (type(t.object),)
    if isinstance(t, types.DType):
        return (np.dtype,)
    if t.kind == "INSTANCE":
        return (t._box_class or object,)
    if t.kind == "ENUM":
        return (t.instance_class,)
    if t.kind == "SET" and t.frozen:
        return (frozenset,)
    if t.kind == "EXCEPTION":
        return (t.exc_class,)
    if t.kind == "VIEW":
        return (type(getattr({}, t.what)()),)
    return _CLASSES.get(t.kind, ())


def _is_a(t, classes, asked):
    if isinstance(asked, types.BaseTuple):
        return any(_is_a(t, classes, one) for one in asked)  # as in Python, up to the first that it is
    if isinstance(asked, types.DType):
        same_kind = (
            asked.dtype.kind in ("DATETIME", "TIMEDELTA") and not asked.dtype.unit
        )  # the class: any unit
        return t.kind == asked.dtype.kind if same_kind else kinds.plain(t) == asked.dtype
    if isinstance(asked, types.NoneType) or getattr(asked, "kind", "") not in ("FUNCTION", "OBJECT"):
        raise TypingError(f"Cannot infer Numba type of Python type {asked}: isinstance() takes classes")
    cls = asked.object
    if isinstance(cls, python_types.UnionType):  # int | str | None
        return any(issubclass(c, cls) for c in classes)
    if isinstance(cls, types.Type):
        return t == cls
    if not isinstance(cls, type):
        raise TypingError(f"Cannot infer Numba type of Python type {cls!r}: isinstance() takes classes")
    if issubclass(cls, types.Type):
        raise TypingError(
            f"Numba type classes such as {cls.__name__} are not supported by isinstance() in compiled code; "
            "use a Python class"
        )
    typed = getattr(t, "typed", False)
    if cls.__module__.startswith("naja.typed"):
        return typed and cls.__name__.lower() == t.kind.lower()
    typed = typed and t.kind != "DICT"  # every dict is a typed one, and a dict, too
    return not typed and any(issubclass(c, cls) for c in classes)


@overload(isinstance, prefer_literal=True)
def _isinstance(obj, class_or_tuple):
    if isinstance(obj, types.Optional):
        if _is_a(types.none, classes_of(types.none), class_or_tuple):
            always = bool(_is_a(obj.type, classes_of(obj.type), class_or_tuple))
            return kinds.Known(True) if always else lambda obj, class_or_tuple: obj is None
        if _is_a(obj.type, classes_of(obj.type), class_or_tuple):
            return lambda obj, class_or_tuple: obj is not None
        return kinds.Known(False)
    classes = classes_of(obj)
    if not classes:
        raise TypingError(f'isinstance() does not support variables of type "{obj}".')
    return kinds.Known(_is_a(obj, classes, class_or_tuple))


def _class_of(t):
    """The class that type() gives; of a number whose type two classes share, Python's own."""
    t = kinds.plain(t)
    if isinstance(t, types.Boolean):
        return bool
    if t.kind == "ENUM":
        return t.instance_class
    if isinstance(t, types.ExceptionInstance):
        return t.exc_class
    classes = classes_of(t)
    return classes[0] if classes else None


@dataclass(frozen=True)
class CaughtClass:
    """What ``type(error)`` is of a caught exception: it has a name, and can be compared with classes."""

    error: object
    _naja_is = True  # `is` is asked of naja/library/instances.py, too

    def _name(self):
        return repr(self.error).partition("(")[0]

    __name__ = property(_name)
    __qualname__ = "CaughtClass"

    @staticmethod
    def _to_python(error):
        return type(error)

    def __eq__(self, cls):
        return isinstance(self.error, cls) and repr(self.error).partition("(")[0] == cls.__name__


@overload(type)
def _type(object):
    if object.kind == "CAUGHT":
        return lambda object: CaughtClass(object)
    cls = _class_of(object)
    if cls is None:
        raise TypingError(f'type() does not support values of type "{object}"')
    return kinds.Known(cls)


@overload(operator.or_)
def _union(a, b):
    """``int | str``: an argument of isinstance."""
    classes = [type(None) if isinstance(t, types.NoneType) else getattr(t, "object", None) for t in (a, b)]
    if any(not isinstance(c, type | python_types.UnionType) for c in classes):
        return None
    return kinds.Known(classes[0] | classes[1])


def _both_known(a, b):
    return all(t.kind == "FUNCTION" for t in (a, b))


@overload(operator.eq)
def _equal(a, b):
    return kinds.Known(a.object == b.object) if _both_known(a, b) else None


@overload(operator.ne)
def _different(a, b):
    return kinds.Known(a.object != b.object) if _both_known(a, b) else None


@overload(issubclass, prefer_literal=True)
def _issubclass(cls, class_or_tuple):
    def named(t):
        if isinstance(t, types.DType):
            return _core.type_dtype(t.dtype).type
        if getattr(t, "kind", "") not in ("FUNCTION", "OBJECT") or not isinstance(t.object, type):
            raise TypingError(f"issubclass() takes classes known at compile time, not a value of type {t}")
        return t.object

    asked = class_or_tuple if isinstance(class_or_tuple, types.BaseTuple) else (class_or_tuple,)
    return kinds.Known(issubclass(named(cls), tuple(map(named, asked))))


def _has(t, name):
    tables = (_methods.get(name, ()), _attributes.get(name, ()))
    entries = [entry for table in tables for entry in table if not getattr(entry[0], "is_removed", False)]
    if any(isinstance(t, entry[2]) for entry in entries):
        return True
    if t.kind in ("FUNCTION", "OBJECT"):
        return hasattr(t.object, name)
    return any(hasattr(cls, name) for cls in classes_of(t)[:1])


@overload(hasattr, prefer_literal=True)
def _hasattr(obj, name):
    return kinds.Known(_has(obj, kinds.value(name, "hasattr(): argument 'name'")))


@overload(getattr, prefer_literal=True)
def _getattr(obj, name, default=NotImplemented):
    """Reached when compiled values have no such attribute."""
    name = kinds.value(name, "getattr(): argument 'name'")
    if default is not NotImplemented:
        return lambda obj, name, default: default
    message = f"'{kinds.plain(obj)}' has no attribute '{name}'"

    def missing(obj, name):
        raise AttributeError(message)

    return missing


# ---- enums -------------------------------------------------------------------------------------------------------------


def _of_members(cls, header, test, otherwise):
    """A function that goes through the members of an enum class: `test` gives the condition and the result of each."""
    members = {f"member{i}": member for i, member in enumerate(cls)}
    lines = [f"def f({header}):"]
    for name, member in members.items():
        condition, result = test(name, member)
        lines += [f"    if {condition}:", f"        return {result}"]
    values = {f"value_{name}": member.value for name, member in members.items()}
    return written(__name__, "\n".join([*lines, f"    {otherwise}", ""]), **members, **values)


@overload_attribute(types.EnumMember, "name")
def enum_name(self):
    if flags.flag_class(self):
        return flags.name_of(self.instance_class)
    return _of_members(
        self.instance_class,
        "self",
        lambda name, member: (f"self == {name}", repr(member.name)),
        "raise ValueError('not a member of its class')",
    )


@overload_attribute(types.EnumMember, "value")
def enum_value(self):
    if len({type(member.value) for member in self.instance_class}) != 1:
        return None  # a value known at run time has one type
    return _of_members(
        self.instance_class,
        "self",
        lambda name, member: (f"self == {name}", f"value_{name}"),
        "raise ValueError('not a member of its class')",
    )


def enum_class(operation, cls):
    """What is done to an enum class: a loop, ``len``, ``list``, a member by its name or by its value.

    Parameters
    ----------
    operation : str
        Dotted name of the operation; ``"call"``: a member by its value.
    cls : type
        The class.

    Returns
    -------
    function or None
    """
    members = {f"member{i}": member for i, member in enumerate(cls)}
    names = "".join(f"{name}, " for name in members)
    if operation == "naja.library.low.iterate":
        return written(
            __name__, f"def f(cls):\n    for member in ({names}):\n        yield member\n", **members
        )
    if operation == "builtins.list":
        return written(__name__, f"def f(cls):\n    return [{names}]\n", **members)
    if operation == "builtins.len":
        return written(__name__, f"def f(cls):\n    return {len(members)}\n")
    if operation == "operator.getitem":
        return _of_members(
            cls,
            "cls, name",
            lambda name, member: (f"name == {member.name!r}", name),
            "raise KeyError(name)",
        )
    if operation == "call" and issubclass(cls, Flag) and flags.checked(cls):
        return flags.checked(cls)
    if operation == "call":
        return _of_members(
            cls,
            "value",
            lambda name, member: (f"value == {name} or value == value_{name}", name),
            f"raise ValueError(f'{{value!r}} is not a valid {cls.__qualname__}')",
        )
    return None
