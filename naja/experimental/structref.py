"""Mutable structs passed by reference, whose types are defined in Python.

A subclass of `naja.types.StructRef` says what kind of struct it is; the class called with field names and types gives
the type.  `define_proxy` ties a Python class to it, which makes such structs from Python and from compiled code.
Methods and attributes in compiled code are given by `naja.extending.overload_method` and `overload_attribute`.
"""

from naja import _core, types
from naja.extending import overload
from naja.library.low import instance_new as new

__all__ = [
    "StructRefProxy",
    "define_attributes",
    "define_boxing",
    "define_constructor",
    "define_proxy",
    "new",
    "register",
]


def _check_class(struct_type):
    if struct_type is types.StructRef:
        raise ValueError(f"cannot register {types.StructRef}")
    if not (isinstance(struct_type, type) and issubclass(struct_type, types.StructRef)):
        raise TypeError(f"expected a subclass of types.StructRef, got {struct_type!r}")


def register(struct_type):
    """Make a subclass of `types.StructRef` usable in compiled code; a decorator.

    Parameters
    ----------
    struct_type : type
        The subclass.

    Returns
    -------
    type
        The same class.
    """
    _check_class(struct_type)
    return struct_type


def define_attributes(struct_typeclass):
    """Give structs of a class of types their fields as attributes.  They have them already.

    Parameters
    ----------
    struct_typeclass : type
        A subclass of `types.StructRef`.
    """
    _check_class(struct_typeclass)


def define_boxing(struct_type, obj_class):
    """Say which Python class structs get that compiled code returns.

    Parameters
    ----------
    struct_type : type
        A subclass of `types.StructRef`.
    obj_class : type
        A subclass of `StructRefProxy`.
    """
    _check_class(struct_type)
    if not (isinstance(obj_class, type) and issubclass(obj_class, StructRefProxy)):
        raise TypeError(f"expected a subclass of StructRefProxy, got {obj_class!r}")
    struct_type._box_class = obj_class


def define_constructor(py_class, struct_typeclass, fields):
    """Make ``py_class(*values)`` in compiled code a struct with these fields.

    Parameters
    ----------
    py_class : type
        The class that compiled code calls.
    struct_typeclass : type
        A subclass of `types.StructRef`; the types of the values make it a type.
    fields : sequence of str
        Names of the fields, in the order of the arguments.
    """
    names = ", ".join(fields)
    assignments = "".join(f"  _naja_self.{name} = {name}\n" for name in fields)
    text = (
        f"def factory({names}):\n"
        f" _naja_type = _naja_class(list(zip(_naja_fields, [{names}])))\n"
        f" def constructor({names}):\n"
        "  _naja_self = _naja_new(_naja_type)\n"
        f"{assignments}"
        "  return _naja_self\n"
        " return constructor\n"
    )
    namespace = {
        "__name__": py_class.__module__,
        "_naja_class": struct_typeclass,
        "_naja_fields": tuple(fields),
        "_naja_new": new,
    }
    exec(compile(text, f"<constructor of {py_class.__name__}>", "exec"), namespace)
    overload(py_class)(namespace["factory"])


def define_proxy(py_class, struct_typeclass, fields):
    """Tie a Python class to a class of struct types: `define_constructor` and `define_boxing`.

    Parameters
    ----------
    py_class : type
        A subclass of `StructRefProxy`.
    struct_typeclass : type
        A subclass of `types.StructRef`.
    fields : sequence of str
        Names of the fields.
    """
    define_constructor(py_class, struct_typeclass, fields)
    define_boxing(struct_typeclass, py_class)


class StructRefProxy(_core.Instance):
    """A struct of compiled code, as Python sees it.

    A subclass may define ``__new__`` for keyword arguments; it must call this one with all values in order.  Fields are
    not attributes by themselves: write properties that call compiled functions.
    """

    __slots__ = ()

    def __setattr__(self, name, value):
        """Set a property, or, in a class without ``__slots__``, an attribute of the Python object."""
        is_descriptor = hasattr(type(getattr(type(self), name, None)), "__set__")
        if is_descriptor or not hasattr(self, "__dict__"):
            _core.Instance.__setattr__(self, name, value)
        else:
            self.__dict__[name] = value

    def __new__(cls, *args):
        """Return a new struct with these values, in the order of the fields."""
        make = cls.__dict__.get("_naja_make")
        if make is None:
            make = cls._naja_make = _maker(cls)
        return make(*args)

    @property
    def _type(self):
        """Type of the struct in compiled code."""
        return self._numba_type_


def _maker(cls):
    from naja.decorators import njit

    @njit
    def make(*args):
        return cls(*args)

    return make
