"""Types of LLVM.  Pointers remember what they point to, for loads and address arithmetic; LLVM's own do not."""

__all__ = [
    "ArrayType",
    "DoubleType",
    "FloatType",
    "FunctionType",
    "HalfType",
    "IdentifiedStructType",
    "IntType",
    "LabelType",
    "LiteralStructType",
    "PointerType",
    "Type",
    "VectorType",
    "VoidType",
]


class Type:
    """A type.  Calling it with a Python value makes a constant."""

    is_pointer = False
    _text = None

    def __str__(self):
        return self._text

    def __repr__(self):
        return f"<{type(self).__name__} {self}>"

    def __eq__(self, other):
        return isinstance(other, Type) and self._key() == other._key()

    def __hash__(self):
        return hash(self._key())

    def _key(self):
        return type(self), str(self)

    def __call__(self, value):
        """Return a constant of this type."""
        from naja.llvm.values import Constant

        return Constant(self, value)

    def as_pointer(self, addrspace=0):
        """Return the type of addresses of values of this type."""
        return PointerType(self, addrspace)

    def zero(self):
        """Return the text of the null value."""
        return "zeroinitializer"


class _Named(Type):
    def _key(self):
        return (type(self),)


class VoidType(_Named):
    """No value."""

    _text = "void"


class LabelType(_Named):
    """A block."""

    _text = "label"


class IntType(Type):
    """Integers.

    Parameters
    ----------
    bits : int
        Width.
    """

    def __init__(self, bits):
        self.width = bits
        self._text = f"i{bits}"

    def zero(self):
        """Return the text of zero."""
        return "0"


class _Real(_Named):
    def zero(self):
        """Return the text of zero."""
        return "0.0"


class HalfType(_Real):
    """16-bit floats."""

    _text = "half"
    intrinsic_name = "f16"


class FloatType(_Real):
    """32-bit floats."""

    _text = "float"
    intrinsic_name = "f32"


class DoubleType(_Real):
    """64-bit floats."""

    _text = "double"
    intrinsic_name = "f64"


class PointerType(Type):
    """Addresses.

    Parameters
    ----------
    pointee : Type, optional
        What lies there.
    addrspace : int
        Address space.
    """

    is_pointer = True

    def __init__(self, pointee=None, addrspace=0):
        self.pointee, self.addrspace = pointee, addrspace
        self._text = f"ptr addrspace({addrspace})" if addrspace else "ptr"

    is_opaque = property(lambda self: self.pointee is None)
    intrinsic_name = "p0"

    def _key(self):
        return type(self), self.addrspace, self.pointee and self.pointee._key()

    def zero(self):
        """Return the text of the null pointer."""
        return "null"

    def gep(self, index):
        """Return the type that an address of this type leads to."""
        return self.pointee


class _Aggregate(Type):
    def gep(self, index):
        """Return the type of an element."""
        return self._element(index)


class ArrayType(_Aggregate):
    """A fixed number of values of one type.

    Parameters
    ----------
    element : Type
    count : int
    """

    def __init__(self, element, count):
        self.element, self.count = element, count
        self._text = f"[{count} x {element}]"

    def _key(self):
        return type(self), self.element._key(), self.count

    def _element(self, index):
        return self.element

    def __len__(self):
        return self.count

    @property
    def elements(self):
        """The type of each element."""
        return (self.element,) * self.count


class VectorType(_Aggregate):
    """Values of one type in one register.

    Parameters
    ----------
    element : Type
    count : int
    """

    def __init__(self, element, count):
        self.element, self.count = element, count
        self._text = f"<{count} x {element}>"

    def _element(self, index):
        return self.element

    def __len__(self):
        return self.count


class LiteralStructType(_Aggregate):
    """A struct.

    Parameters
    ----------
    elems : sequence of Type
        Types of the members.
    packed : bool
        Without gaps.
    """

    def __init__(self, elems, packed=False):
        self.elements, self.packed = tuple(elems), packed
        inner = ", ".join(map(str, self.elements))
        self._text = f"<{{{inner}}}>" if packed else f"{{{inner}}}"

    def _key(self):
        return type(self), self.packed, tuple(e._key() for e in self.elements)

    def _element(self, index):
        value = getattr(index, "constant", index)
        return self.elements[value]

    def __len__(self):
        return len(self.elements)


IdentifiedStructType = LiteralStructType


class FunctionType(Type):
    """Functions.

    Parameters
    ----------
    return_type : Type
    args : sequence of Type
    var_arg : bool
        More arguments may follow.
    """

    def __init__(self, return_type, args, var_arg=False):
        self.return_type, self.args, self.var_arg = return_type, tuple(args), var_arg
        inner = ", ".join([*map(str, self.args), *(["..."] if var_arg else [])])
        self._text = f"{return_type} ({inner})"

    def _key(self):
        return type(self), self.return_type._key(), tuple(a._key() for a in self.args), self.var_arg
