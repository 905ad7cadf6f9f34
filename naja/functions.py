"""Functions as values: what type an object has in compiled code, and where its machine code lies.

The core asks here about objects that it does not know: cfuncs, dispatchers with one signature, functions of ctypes and
cffi, and whatever follows the wrapper address protocol or has a registered ``typeof_impl``.
"""

import ctypes
import os
import sys

from naja import _core, types
from naja.typing import Signature

__all__ = [
    "addresses",
    "content",
    "external_address",
    "get_pointer",
    "is_ctypes_funcptr",
    "make_ctypes_function",
    "make_function_type",
    "pointer_address",
    "typeof_other",
]


# ---- ctypes ------------------------------------------------------------------------------------------------------------

_INTEGERS = {
    (size, signed): getattr(types, f"{'' if signed else 'u'}int{8 * size}")
    for size in (1, 2, 4, 8)
    for signed in (True, False)
}
_CTYPES = {
    None: types.none,
    ctypes.c_bool: types.boolean,
    ctypes.c_float: types.float32,
    ctypes.c_double: types.float64,
    ctypes.c_void_p: types.voidptr,
    ctypes.py_object: types.pyobject,
}
for _name in ("byte", "short", "int", "long", "longlong", "ssize_t", "int8", "int16", "int32", "int64"):
    _class = getattr(ctypes, f"c_{_name}")
    _CTYPES[_class] = _INTEGERS[ctypes.sizeof(_class), True]
for _name in (
    "ubyte",
    "ushort",
    "uint",
    "ulong",
    "ulonglong",
    "size_t",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
):
    _class = getattr(ctypes, f"c_{_name}")
    _CTYPES[_class] = _INTEGERS[ctypes.sizeof(_class), False]
_FROM_TYPE = {
    types.none: None,
    types.boolean: ctypes.c_bool,
    types.float32: ctypes.c_float,
    types.float64: ctypes.c_double,
    types.voidptr: ctypes.c_void_p,
    types.pyobject: ctypes.py_object,
    **{
        _INTEGERS[size, signed]: getattr(ctypes, f"c_{'' if signed else 'u'}int{8 * size}")
        for size in (1, 2, 4, 8)
        for signed in (True, False)
    },
}
_FUNC_FLAG_PYTHONAPI = 4  # of a function type that keeps the GIL and looks for a Python exception


def from_ctypes(cls):
    """Return the type of compiled code that a class of ctypes stands for.

    Parameters
    ----------
    cls : type or None
        ``ctypes.c_double``, ``ctypes.POINTER(...)``, a function type, ...; None is no result.

    Returns
    -------
    Type

    Raises
    ------
    TypeError
        If there is none.
    """
    known = _CTYPES.get(cls) if cls is None or isinstance(cls, type) else None
    if known is not None:
        return known
    if isinstance(cls, type) and issubclass(cls, ctypes._Pointer):
        return types.CPointer(from_ctypes(cls._type_))
    if isinstance(cls, type) and issubclass(cls, ctypes._CFuncPtr) and hasattr(cls, "_argtypes_"):
        return types.FunctionType(Signature(from_ctypes(cls._restype_), map(from_ctypes, cls._argtypes_)))
    raise TypeError(f"Unsupported ctypes type: {cls}")


def to_ctypes(type_):
    """Return the class of ctypes for a type of compiled code.

    Parameters
    ----------
    type_ : Type

    Returns
    -------
    type or None

    Raises
    ------
    TypeError
        If there is none.
    """
    if type_ in _FROM_TYPE:
        return _FROM_TYPE[type_]
    if isinstance(type_, types.CPointer):
        return ctypes.POINTER(to_ctypes(type_.dtype))
    if isinstance(type_, types.FunctionType):
        return make_ctypes_function(type_.signature)
    shown = "..." if type_ is types.ellipsis else type_
    raise TypeError(f"Cannot convert Numba type '{shown}' to ctypes type")


def is_ctypes_funcptr(value):
    """Whether an object is a function of ctypes."""
    return isinstance(value, ctypes._CFuncPtr)


def get_pointer(function):
    """Return the address of a function of ctypes, as an int."""
    return ctypes.cast(function, ctypes.c_void_p).value


def make_ctypes_function(signature):
    """Return the function type of ctypes for a signature.  Pointers to what ctypes does not know are ``void *``."""

    def passed(type_):
        try:
            return to_ctypes(type_)
        except TypeError:
            if isinstance(type_, types.RawPointer):
                return ctypes.c_void_p
            raise

    return ctypes.CFUNCTYPE(passed(signature.return_type), *map(passed, signature.args))


def _ctypes_signature(function):
    flags = function._flags_
    if flags & _FUNC_FLAG_PYTHONAPI and not isinstance(function, _pythonapi_class()):
        raise TypeError(
            "a function made by PYFUNCTYPE needs the interpreter: declare it with CFUNCTYPE, or call it in objmode"
        )
    if function.argtypes is None:
        name = getattr(function, "__name__", "?")
        raise TypeError(
            f"ctypes function {name!r} doesn't define its argument types; consider setting the `argtypes` attribute"
        )
    return Signature(from_ctypes(function.restype), map(from_ctypes, function.argtypes))


def make_function_type(cfnptr):
    """Return the type of a function of ctypes.

    Parameters
    ----------
    cfnptr : ctypes function
        With ``argtypes`` and ``restype``.

    Returns
    -------
    FunctionType

    Raises
    ------
    TypeError
        If its types are not declared, or compiled code has no such types.
    """
    return types.FunctionType(_ctypes_signature(cfnptr))


def _pythonapi_class():
    return ctypes.pythonapi._FuncPtr


# ---- what the core asks ------------------------------------------------------------------------------------------------


def _signature_of(obj):
    """The signature of an object that is a C function in one way or another, or None."""
    from naja.ccallback import CFunc

    if isinstance(obj, CFunc):
        return obj.signature
    if is_ctypes_funcptr(obj):
        return _ctypes_signature(obj)
    if isinstance(obj, types.ExternalFunction):
        return obj.sig
    if isinstance(obj, types.WrapperAddressProtocol) or (
        hasattr(type(obj), "__wrapper_address__") and hasattr(type(obj), "signature")
    ):
        return obj.signature()
    if "_cffi_backend" in sys.modules:
        from naja import cffi_utils

        if cffi_utils.is_cffi_func(obj):
            return cffi_utils.signature_of(obj)
    return None


def typeof_other(obj, is_constant):
    """Return the type of an object that the core does not know, or None.

    Parameters
    ----------
    obj : object
    is_constant : bool
        Whether compiled code names it, so that it is known when that is compiled.

    Returns
    -------
    Type or None

    Raises
    ------
    naja.errors.TypingError
        If it is a C function without a usable signature.
    """
    from naja.errors import TypingError

    try:
        signature = _signature_of(obj)
    except TypeError as error:
        raise TypingError(str(error)) from None
    if signature is not None:
        return types.FunctionType(signature)
    said = getattr(obj, "_numba_type_", None) if hasattr(type(obj), "_numba_type_") else None
    if isinstance(said, types.Type):
        return said
    from naja import extending

    return extending._typeof_registered(obj, is_constant)


def external_address(symbol):
    """Return the address of a symbol of the libraries that the process has loaded.

    Raises
    ------
    NameError
        If none of them has it.
    """
    try:
        return get_pointer(getattr(ctypes.CDLL(None), symbol))
    except AttributeError:
        raise NameError(
            f"no loaded library has a symbol {symbol!r}; load it with ctypes.CDLL(..., RTLD_GLOBAL)"
        ) from None


def _address_of(obj):
    """The address of a function that follows C's calling convention."""
    if is_ctypes_funcptr(obj):
        return get_pointer(obj)
    if isinstance(obj, types.ExternalFunction):
        return external_address(obj.symbol)
    if hasattr(type(obj), "__wrapper_address__"):
        return obj.__wrapper_address__()
    from naja import cffi_utils

    return cffi_utils.get_pointer(obj)


def addresses(obj, type_):
    """Return where the machine code of a function lies.

    Parameters
    ----------
    obj : object
        A cfunc, a dispatcher, a function of ctypes or cffi, ...
    type_ : FunctionType
        The signature it is called with.

    Returns
    -------
    tuple of (int, int, object)
        The address by C's convention or 0, the address by naja's or 0, and what must live as long as they are used.
    """
    from naja.ccallback import CFunc, export
    from naja.types.callables import Version

    if isinstance(obj, (CFunc, Version)) and _signature_of(obj) == type_.signature:
        version = obj._version
    elif isinstance(obj, (CFunc, _core.Dispatcher)):
        version = export(obj, type_.signature)
    else:
        address = _address_of(obj)
        if not address:
            raise ValueError(f"{obj!r} has no address: wrapper address must be non-null")
        return address, 0, obj
    return version.c_address, version.cross_address, version


def pointer_address(obj):
    """Return the address that a pointer of ctypes or cffi holds.

    Raises
    ------
    TypeError
        If the object is no pointer.
    """
    if isinstance(obj, (ctypes._Pointer, ctypes.c_void_p, ctypes._CFuncPtr, ctypes.Array)):
        return ctypes.cast(obj, ctypes.c_void_p).value or 0
    backend = sys.modules.get("_cffi_backend")
    if backend is not None:
        return int(backend.FFI().cast("uintptr_t", obj))
    if hasattr(obj, "ctypes"):
        return obj.ctypes.data
    raise TypeError(f"{obj!r} is no pointer")


class _DlInfo(ctypes.Structure):
    _fields_ = (
        ("path", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("symbol", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


def content(obj):
    """Return what tells a function of a shared library from others, in any process: its file, symbol and signature.

    Parameters
    ----------
    obj : object

    Returns
    -------
    tuple or None
        None if it is no such function, or its code was made at run time.
    """
    signature = _signature_of(obj)
    if signature is None:
        return None
    address, info = _address_of(obj), _DlInfo()
    dladdr = ctypes.CDLL(None).dladdr
    dladdr.argtypes = (ctypes.c_void_p, ctypes.POINTER(_DlInfo))
    if not dladdr(address, ctypes.byref(info)) or not info.path:
        return None
    name = getattr(obj, "__name__", None) if is_ctypes_funcptr(obj) else (info.symbol or b"").decode()
    try:
        # One that the loader chose for this CPU has another address than dladdr knows.
        if not name or get_pointer(getattr(ctypes.CDLL(os.fsdecode(info.path)), name)) != address:
            return None
    except (AttributeError, OSError):
        return None
    return os.fsdecode(info.path), name, signature.return_type, signature.args
