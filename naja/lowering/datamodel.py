"""Data models: of what a value of a program's own type consists.

A model of a struct names its members and their types; naja makes of them a type whose leaves are those of the members.
"""

from naja import types

__all__ = [
    "OpaqueModel",
    "PointerModel",
    "PrimitiveModel",
    "StructModel",
    "default_manager",
    "model_of",
    "register_default",
]

# The model registered for a class of types.
_models = {}


class DataModel:
    """What all models have.

    Parameters
    ----------
    dmm : object
        The manager of models.
    fe_type : Type
        The type that the model is for.
    """

    is_struct = False

    def __init__(self, dmm, fe_type):
        self._dmm, self._fe_type = dmm, fe_type

    @property
    def fe_type(self):
        """The type that the model is for."""
        return self._fe_type

    def get_data_type(self):
        """Return LLVM's type of a value in memory."""
        return self.get_value_type()

    def get_argument_type(self):
        """Return LLVM's type of a value as an argument."""
        return self.get_value_type()

    def get_return_type(self):
        """Return LLVM's type of a value as a result."""
        return self.get_value_type()

    def traverse(self, builder):
        """Return members as pairs of a type and a function that takes one from a value."""
        return []


class PrimitiveModel(DataModel):
    """A value that is one machine scalar.

    Parameters
    ----------
    dmm : object
    fe_type : Type
    be_type : llvm Type
        The scalar.
    """

    def __init__(self, dmm, fe_type, be_type):
        super().__init__(dmm, fe_type)
        self.be_type = be_type

    def get_value_type(self):
        """Return LLVM's type of a value."""
        return self.be_type

    def scalar(self):
        """Return the type of compiled code that this scalar is."""
        from naja.llvm import ir

        if self.be_type.is_pointer:
            return types.voidptr
        if isinstance(self.be_type, ir.IntType):
            width = self.be_type.width
            return types.boolean if width == 1 else getattr(types, f"int{width}")
        return {"double": types.float64, "float": types.float32, "half": types.float16}[str(self.be_type)]


class OpaqueModel(PrimitiveModel):
    """A value that is an address nobody looks behind."""

    def __init__(self, dmm, fe_type):
        from naja.lowering.layout import VOID_POINTER

        super().__init__(dmm, fe_type, VOID_POINTER)


PointerModel = OpaqueModel


class StructModel(DataModel):
    """A value with members.

    Parameters
    ----------
    dmm : object
    fe_type : Type
    members : list of (str, Type)
        Names and types.
    """

    is_struct = True

    def __init__(self, dmm, fe_type, members):
        super().__init__(dmm, fe_type)
        self._fields = tuple(name for name, _ in members)
        self._members = tuple(type_ for _, type_ in members)

    @property
    def fields(self):
        """Names of the members."""
        return self._fields

    @property
    def fields_and_types(self):
        """Pairs of name and type."""
        return list(zip(self._fields, self._members, strict=True))

    @property
    def field_count(self):
        """Number of members."""
        return len(self._fields)

    def get_field_position(self, field):
        """Return the number of a member; KeyError if there is none."""
        try:
            return self._fields.index(field)
        except ValueError:
            raise KeyError(f"{self.fe_type} has no field named {field!r}") from None

    def get_type(self, pos):
        """Return the type of a member, by number or name."""
        return self._members[self.get_field_position(pos) if isinstance(pos, str) else pos]

    def get_value_type(self):
        """Return LLVM's type of a value."""
        from naja.llvm import ir
        from naja.lowering.layout import value_type

        return ir.LiteralStructType([value_type(t) for t in self._members])

    def get(self, builder, val, pos):
        """Append a member of a value, by number or name."""
        return builder.extract_value(val, self.get_field_position(pos) if isinstance(pos, str) else pos)

    def set(self, builder, stval, val, pos):
        """Append a value with another member, by number or name."""
        return builder.insert_value(stval, val, self.get_field_position(pos) if isinstance(pos, str) else pos)


class _Manager:
    """Finds models: ``default_manager[type]``."""

    def register(self, type_class, model):
        """Give a class of types a model."""
        _models[type_class] = model

    def lookup(self, type_):
        """Return the model of a type."""
        return model_of(type_)

    __getitem__ = lookup


default_manager = _Manager()


def register_default(type_class):
    """Give a class of types a model; a decorator.

    Parameters
    ----------
    type_class : type
        A subclass of `types.Type`.
    """

    def decorate(model):
        default_manager.register(type_class, model)
        return model

    return decorate


def _registered(type_):
    for cls in type(type_).__mro__:
        if cls in _models:
            return _models[cls]
    return (
        OpaqueModel
        if isinstance(type_, types.Opaque) and not type(type_).__module__.startswith("naja.")
        else None
    )


def model_of(type_):
    """Return the model of a program's own type; KeyError if its class has none."""
    made = type_.__dict__.get("_naja_model")
    if made is None:
        model = _registered(type_)
        if model is None:
            raise KeyError(f"no data model is registered for {type(type_).__qualname__}")
        made = type_._naja_model = model(default_manager, type_)
    return made


def _member_type(type_):
    # An extension's code stores the address of a Python object, and counts it itself; a pyobject of compiled code is a block.
    if type_ == types.pyobject:
        return types.voidptr
    return type_.dtype if isinstance(type_, types.EphemeralPointer) else type_


def member_types(type_):
    """Return the types of the members that values of a type have, or None: no model is registered for its class."""
    if _registered(type_) is None:
        return None
    model = model_of(type_)
    if not model.is_struct:
        return (model.scalar(),)
    return tuple(map(_member_type, model._members))
