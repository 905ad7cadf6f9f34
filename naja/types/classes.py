"""Instances of compiled classes: jitclasses and structrefs; types that are named before they exist."""

from naja import _core
from naja.types.abstract import Callable, Opaque, Type, _Made

__all__ = [
    "ClassDataType",
    "ClassInstanceType",
    "ClassType",
    "DeferredType",
    "StructRef",
    "StructRefPayload",
    "deferred_type",
]


class DeferredType(Type):
    """A type that is named before it exists."""

    def define(self, type_):
        """Say what the type stands for, once."""
        _core.deferred_define(self, type_)

    def get(self):
        """Return what the type stands for."""
        resolved = _core.type_resolve(self)
        if resolved is None:
            raise RuntimeError("deferred type not defined")
        return resolved


def deferred_type():
    """Return a new type that gets its meaning later, by ``define()``: for members of a class's own type.

    Returns
    -------
    DeferredType
    """
    return _core.deferred_type(object())


# Types of jitclasses by id: pickling one finds it again in the same process only, as its class lives nowhere else.
_instance_types = {}


def _find_instance_type(process, number):
    import os

    if process != os.getpid() or number not in _instance_types:
        raise TypeError("the type of a jitclass can be unpickled in the process that made the class only")
    return _instance_types[number]


class ClassInstanceType(Type):
    """Instances of a jitclass."""

    def __reduce__(self):
        import os

        _instance_types[self.id] = self
        return _find_instance_type, (os.getpid(), self.id)

    @property
    def struct(self):
        """Types of the members, by name."""
        return self.class_type.struct

    @property
    def classname(self):
        """Name of the class."""
        return self.class_type.class_name

    @property
    def methods(self):
        """The Python functions of the methods, by name."""
        return self.class_type.methods

    @property
    def jit_methods(self):
        """The methods, by name."""
        return self.class_type.jit_methods

    @property
    def jit_props(self):
        """The properties' functions, by name."""
        return self.class_type.jit_props


class ClassType(Callable, Opaque):
    """A jitclass as a callable."""

    @property
    def instance_type(self):
        """Type of the instances."""
        return self.object.class_type.instance_type

    @property
    def class_name(self):
        """Name of the class."""
        return self.object.__name__


class ClassDataType(Type):
    """The members of a jitclass as a struct.

    Parameters
    ----------
    classtyp : ClassInstanceType
    """

    def __init__(self, classtyp):
        self.class_type = classtyp
        super().__init__(f"data.{classtyp.name}")


class StructRefPayload(Type):
    """The fields of a structref as a struct.

    Parameters
    ----------
    typename : str
    fields : sequence of (str, Type)
    """

    mutable = True

    def __init__(self, typename, fields):
        self._typename, self._fields = typename, tuple(fields)
        super().__init__(f"numba.{typename}{self._fields}.payload")

    @property
    def field_dict(self):
        """Types of the fields, by name."""
        return dict(self._fields)


class _StructDescriptor:
    """What tells a struct type from others: its class and its fields."""

    def __init__(self, cls, fields):
        self.__naja_content__ = (cls.__module__, cls.__qualname__, *fields)


# Struct types by class and fields.
_struct_types = {}


class StructRef(_Made, Type):
    """Structs passed by reference; subclasses are kinds of structs (`naja.experimental.structref`).

    Parameters
    ----------
    fields : sequence of (str, Type)
        Names and types.
    """

    _box_class = None

    def __new__(cls, fields):
        fields = tuple((name, type_) for name, type_ in fields)
        for name, type_ in fields:
            if not isinstance(name, str):
                raise ValueError("expecting a str for field name")
            if not isinstance(type_, Type):
                raise ValueError("expecting a Numba Type for field type")
        self = _struct_types.get((cls, fields))
        if self is None:
            self = cls._define(fields)
        return self

    @classmethod
    def _define(cls, fields):
        descriptor = _StructDescriptor(cls, fields)
        self = _core.instance_type(descriptor, f"numba.{cls.__name__}{fields}")
        self.__class__ = cls
        self._descriptor = descriptor
        self._fields = fields
        _struct_types[cls, fields] = self
        try:
            self._fields = tuple(self.preprocess_fields(fields))
            _core.instance_define(self, *(tuple(zip(*self._fields, strict=True)) or ((), ())))
        except BaseException:
            del _struct_types[cls, fields]
            raise
        descriptor.__naja_content__ += self._fields
        return self

    @property
    def name(self):
        """The name, as printed."""
        return self.__dict__.get("_name") or Type.name.__get__(self)

    @name.setter
    def name(self, value):
        self._name = value

    @property
    def field_dict(self):
        """Types of the fields, by name."""
        return dict(self._fields)

    def preprocess_fields(self, fields):
        """Return the fields that a struct made with these has; subclasses may change them."""
        return fields
