"""The instances: ``int64``, ``none``, ``unicode_type`` and all other types that have a name of their own."""

from naja import _core
from naja.types.values import Optional

none = void = _core.simple_type("none")
boolean = bool_ = b1 = bool = _core.simple_type("boolean")
int8 = i1 = char = _core.simple_type("int8")
int16 = i2 = short = _core.simple_type("int16")
int32 = i4 = intc = _core.simple_type("int32")
int64 = i8 = intp = int_ = long_ = longlong = ssize_t = _core.simple_type("int64")
uint8 = u1 = byte = uchar = _core.simple_type("uint8")
uint16 = u2 = ushort = _core.simple_type("uint16")
uint32 = u4 = uintc = _core.simple_type("uint32")
uint64 = u8 = uintp = uint = ulong = ulonglong = size_t = _core.simple_type("uint64")
float16 = f2 = _core.simple_type("float16")
float32 = f4 = _core.simple_type("float32")
float64 = f8 = double = float_ = _core.simple_type("float64")
complex64 = c8 = _core.simple_type("complex64")
complex128 = c16 = _core.simple_type("complex128")
unicode_type = string = _core.simple_type("unicode_type")
ellipsis = _core.simple_type("ellipsis")
voidptr = _core.simple_type("voidptr")
npy_rng = _core.simple_type("NumPyRandomGeneratorType")
pyobject = _core.simple_type("pyobject")
bytes_ = bytes_type = _core.simple_type("bytes")
undefined = _core.simple_type("undefined")
Any = undefined
slice2_type = _core.slice_type(False)
slice3_type = _core.slice_type(True)

optional = Optional

signed_domain = frozenset([int8, int16, int32, int64])
unsigned_domain = frozenset([uint8, uint16, uint32, uint64])
integer_domain = signed_domain | unsigned_domain
real_domain = frozenset([float32, float64])
complex_domain = frozenset([complex64, complex128])
number_domain = real_domain | integer_domain | complex_domain
