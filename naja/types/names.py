"""The instances: ``int64``, ``none``, ``unicode_type`` and all other types that have a name of their own."""

from naja import _core
from naja.types.abstract import Dummy, Opaque, Phantom, Undefined
from naja.types.arrays import NumPyRandomBitGeneratorType
from naja.types.values import Optional, RangeIteratorType

none = void = _core.simple_type("none")
boolean = bool_ = b1 = bool = py_bool = np_bool_ = c_bool = _core.simple_type("boolean")

# Several names for each number: by width, as C calls it, and the synonyms that begin with c_, np_ and py_.
int8 = i1 = char = np_char = np_int8 = c_int8 = _core.simple_type("int8")
int16 = i2 = short = np_short = np_int16 = c_int16 = _core.simple_type("int16")
int32 = i4 = intc = np_intc = np_int32 = c_int32 = _core.simple_type("int32")
int64 = i8 = intp = int_ = long_ = longlong = ssize_t = _core.simple_type("int64")
np_int64 = np_intp = np_int_ = np_long = np_longlong = c_int64 = c_intp = py_int = int64
uint8 = u1 = byte = uchar = np_uchar = np_uint8 = c_uint8 = _core.simple_type("uint8")
uint16 = u2 = ushort = np_ushort = np_uint16 = c_uint16 = _core.simple_type("uint16")
uint32 = u4 = uintc = np_uintc = np_uint32 = c_uint32 = _core.simple_type("uint32")
uint64 = u8 = uintp = uint = ulong = ulonglong = size_t = _core.simple_type("uint64")
np_uint64 = np_uintp = np_uint = np_ulong = np_ulonglong = c_uint64 = c_uintp = uint64
float16 = f2 = np_float16 = c_float16 = _core.simple_type("float16")
float32 = f4 = np_float32 = np_float_ = c_float32 = _core.simple_type("float32")
float64 = f8 = double = np_float64 = np_double = c_float64 = py_float = _core.simple_type("float64")
complex64 = c8 = np_complex64 = _core.simple_type("complex64")
complex128 = c16 = np_complex128 = py_complex = _core.simple_type("complex128")

unicode_type = string = _core.simple_type("unicode_type")
bytes_ = bytes_type = _core.simple_type("bytes")
ellipsis = _core.simple_type("ellipsis")
voidptr = _core.simple_type("voidptr")
pyobject = _core.simple_type("pyobject")
slice2_type = _core.slice_type(False)
slice3_type = _core.slice_type(True)
npy_rng = _core.simple_type("NumPyRandomGeneratorType")
npy_random_state = _core.simple_type("NumPyRandomStateType")
npy_bitgen = NumPyRandomBitGeneratorType("NumPyRandomBitGeneratorType")

range_state32_type = _core.range_type(int32)
range_state64_type = _core.range_type(int64)
unsigned_range_state64_type = _core.range_type(uint64)
range_iter32_type = RangeIteratorType(int32)
range_iter64_type = RangeIteratorType(int64)
unsigned_range_iter64_type = RangeIteratorType(uint64)

undefined = Undefined()
unknown = Dummy("unknown")
code_type = Opaque("code")
pyfunc_type = Opaque("pyfunc")
ffi = Opaque("ffi")
ffi_forced_object = Opaque("ffi_forced_object")
Any = Phantom("any")

optional = Optional

signed_domain = py_signed_domain = np_signed_domain = frozenset([int8, int16, int32, int64])
unsigned_domain = np_unsigned_domain = frozenset([uint8, uint16, uint32, uint64])
integer_domain = py_integer_domain = np_integer_domain = signed_domain | unsigned_domain
real_domain = py_real_domain = np_real_domain = frozenset([float32, float64])
complex_domain = py_complex_domain = np_complex_domain = frozenset([complex64, complex128])
number_domain = py_number_domain = np_number_domain = real_domain | integer_domain | complex_domain
