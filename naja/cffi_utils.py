"""Functions and types of cffi in compiled code.

Functions of libraries opened by ``ffi.dlopen`` need no preparation.  A module that cffi compiled (out-of-line API
mode) has its functions as built-in functions without a signature: `register_module` looks them up.
"""

from types import BuiltinFunctionType

from naja import types
from naja.typing import Signature

__all__ = [
    "get_pointer",
    "is_cffi_func",
    "is_ffi_instance",
    "make_function_type",
    "map_type",
    "register_module",
    "register_type",
]

# Functions of registered modules: their type and address.
_functions = {}
# Types given by register_type, by cffi's type.
_registered = {}

_PRIMITIVE = {
    "_Bool": types.boolean,
    "float": types.float32,
    "double": types.float64,
    "float _Complex": types.complex64,
    "double _Complex": types.complex128,
}
_SIGNED = (
    "char", "signed char", "short", "int", "long", "long long", "ssize_t", "ptrdiff_t", "intptr_t", "int8_t",
    "int16_t", "int32_t", "int64_t", "int_fast8_t", "int_fast16_t", "int_fast32_t", "int_fast64_t", "int_least8_t",
    "int_least16_t", "int_least32_t", "int_least64_t", "intmax_t",
)  # fmt: skip
_UNSIGNED = (
    "unsigned char", "unsigned short", "unsigned int", "unsigned long", "unsigned long long", "size_t", "uintptr_t",
    "uint8_t", "uint16_t", "uint32_t", "uint64_t", "uint_fast8_t", "uint_fast16_t", "uint_fast32_t", "uint_fast64_t",
    "uint_least8_t", "uint_least16_t", "uint_least32_t", "uint_least64_t", "uintmax_t",
)  # fmt: skip


def _backend():
    import _cffi_backend

    return _cffi_backend


def _integer(name, sign):
    size = _backend().sizeof(_backend().new_primitive_type(name))
    return getattr(types, f"{sign}int{8 * size}")


def _record(ctype):
    """The record type of a C struct: fields where the C compiler placed them."""
    fields = []
    for name, field in ctype.fields:
        if field.bitshift not in (-1, None):
            raise ValueError(f"field {name!r} has bitshift, this is not supported")
        if field.flags != 0:
            raise ValueError(f"field {name!r} has flags, this is not supported")
        fields.append((name, {"type": map_type(field.type, use_record_dtype=True), "offset": field.offset}))
    size, aligned = _backend().sizeof(ctype), True
    return types.Record(fields, size, aligned)


def map_type(ctype, use_record_dtype=False):
    """Return the type of compiled code for a type of cffi.

    Parameters
    ----------
    ctype : CType
        As ``ffi.typeof`` gives it.
    use_record_dtype : bool
        Take structs as records; else only those that `register_type` named are known.

    Returns
    -------
    Type or Signature
        A `Signature` for a function type.

    Raises
    ------
    TypeError
        If there is none.
    """
    if ctype in _registered:
        return _registered[ctype]
    kind = ctype.kind
    if kind == "primitive" and ctype.cname in _PRIMITIVE:
        return _PRIMITIVE[ctype.cname]
    if kind == "primitive" and ctype.cname in _SIGNED + _UNSIGNED:
        return _integer(ctype.cname, "" if ctype.cname in _SIGNED else "u")
    if kind == "void":
        return types.void
    if kind == "function":
        if ctype.ellipsis:
            raise TypeError("vararg function is not supported")
        result = _value_type(ctype.result, use_record_dtype)
        return Signature(result, [_value_type(arg, use_record_dtype) for arg in ctype.args])
    if kind == "pointer":
        pointee = ctype.item
        if pointee.kind == "void":
            return types.voidptr
        return types.CPointer(_value_type(pointee, use_record_dtype))
    if kind == "array":
        dtype, shape = ctype.item, [ctype.length]
        while dtype.kind == "array":
            shape.append(dtype.length)
            dtype = dtype.item
        return types.NestedArray(dtype=map_type(dtype, use_record_dtype), shape=tuple(shape))
    if kind == "struct" and use_record_dtype:
        return _record(ctype)
    if kind == "enum":
        return types.int32
    raise TypeError(f"{ctype}: {kind}")


def _value_type(ctype, use_record_dtype):
    mapped = map_type(ctype, use_record_dtype)
    return types.FunctionType(mapped) if isinstance(mapped, Signature) else mapped


def is_builtin(function):
    """Whether a built-in function belongs to a module that `register_module` was given."""
    return function in _functions


def is_ffi_instance(obj):
    """Whether an object is an ``FFI``, of cffi itself or of a compiled module."""
    try:
        import cffi
    except ImportError:
        return False
    return isinstance(obj, (cffi.FFI, _backend().FFI))


def is_cffi_func(obj):
    """Whether an object is a C function as cffi has it."""
    if isinstance(obj, BuiltinFunctionType):
        return obj in _functions
    try:
        return _backend().typeof(obj).kind == "function"
    except TypeError:
        return False


def get_pointer(function):
    """Return the address of a C function, an int."""
    if isinstance(function, BuiltinFunctionType):
        return _functions[function][1]
    return int(_backend().FFI().cast("uintptr_t", function))


def signature_of(function):
    """Return the `Signature` of a C function."""
    ctype = (
        _functions[function][0] if isinstance(function, BuiltinFunctionType) else _backend().typeof(function)
    )
    return map_type(ctype)


def make_function_type(function, use_record_dtype=False):
    """Return the type that a C function of cffi has in compiled code.

    Parameters
    ----------
    function : cffi function
    use_record_dtype : bool
        Take structs as records.

    Returns
    -------
    FunctionType
    """
    ctype = (
        _functions[function][0] if isinstance(function, BuiltinFunctionType) else _backend().typeof(function)
    )
    return types.FunctionType(map_type(ctype, use_record_dtype))


def register_module(mod):
    """Make the functions of a module that cffi compiled usable in compiled code.

    Parameters
    ----------
    mod : module
        With the attributes ``ffi`` and ``lib``.
    """
    for name in dir(mod.lib):
        function = getattr(mod.lib, name)
        if not isinstance(function, BuiltinFunctionType):
            continue
        pointer = mod.ffi.addressof(mod.lib, name)
        _functions[function] = mod.ffi.typeof(function), int(mod.ffi.cast("uintptr_t", pointer))


def register_type(cffi_type, numba_type):
    """Say which type of compiled code a type of cffi is.

    Parameters
    ----------
    cffi_type : CType
        As ``ffi.typeof`` gives it.
    numba_type : Type
    """
    _registered[cffi_type] = numba_type
