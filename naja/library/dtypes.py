"""Questions about dtypes, answered while compiling: finfo, iinfo, promote_types, result_type, can_cast, issubdtype ..."""

import operator
from collections import namedtuple

import numpy as np

from naja import _core, types
from naja.errors import TypingError
from naja.extending import overload, overload_attribute, overload_method
from naja.library import kinds, low
from naja.library.kinds import Known

_PYTHON = {bool: np.bool_, int: np.int64, float: np.float64, complex: np.complex128}


def named_dtype(t, what):
    """The dtype that an argument names, as `numpy.dtype` would understand it, or None.

    Parameters
    ----------
    t : Type
        A dtype, a class such as ``float``, or a constant string.
    what : str
        The function, for messages.

    Raises
    ------
    TypingError
        For a string that is no dtype, or that is not known at compile time.
    """
    if isinstance(t, types.DType):
        return _core.type_dtype(t.elements[0])
    if t.kind == "FUNCTION" and isinstance(t.object, type):
        return np.dtype(_PYTHON[t.object]) if t.object in _PYTHON else None
    if t.kind == "STR":
        raise TypingError(f"If {what} dtype is a string it must be a string constant.")
    if isinstance(t, types.Literal) and isinstance(t.literal_value, str):
        try:
            return np.dtype(t.literal_value)
        except TypeError:
            raise TypingError(f"Invalid NumPy dtype specified: {t.literal_value!r}") from None
    return None


def _constant(dtype, parameters):
    """A function of these parameters that gives a dtype."""
    try:
        types.from_dtype(dtype)
    except Exception:
        raise TypingError(f"{dtype} is not a dtype that compiled code can use") from None
    scope = {"__name__": __name__, "found": dtype}
    exec(f"def f({parameters}):\n    return found\n", scope)
    return scope["f"]


# ---- limits of number types ------------------------------------------------------------------------------------------

_FLOAT_FIELDS = (
    "bits eps epsneg iexp machep max maxexp min minexp negep nexp nmant precision resolution tiny "
    "smallest_normal smallest_subnormal dtype"
)
FloatLimits = namedtuple("finfo", _FLOAT_FIELDS)
IntegerLimits = namedtuple("iinfo", "min max bits kind dtype")


def _element_dtype(t, what):
    named = named_dtype(t, what)
    return named if named is not None else _core.type_dtype(kinds.scalar_type(t))


@overload(np.finfo, prefer_literal=True)
def finfo(dtype):
    """`numpy.finfo`: a named tuple with the same attributes."""
    found = _element_dtype(dtype, "np.finfo")
    if found.kind not in "fc":
        raise TypingError(f"data type {found} not inexact: np.finfo is about floating and complex numbers")
    info = np.finfo(found)
    scalar = info.dtype.type
    values = {}
    for name in _FLOAT_FIELDS.split():
        x = getattr(info, name)
        values[name] = x if isinstance(x, (int, np.dtype)) else scalar(x)
    limits = FloatLimits(**values)
    return lambda dtype: limits


@overload(np.iinfo, prefer_literal=True)
def iinfo(int_type):
    """`numpy.iinfo`: a named tuple with the same attributes."""
    found = _element_dtype(int_type, "np.iinfo")
    if found.kind not in "iu":
        raise TypingError(f"Invalid integer data type {found.kind!r}: np.iinfo is about integers")
    info = np.iinfo(found)
    whole = np.uint64 if found == np.uint64 else int
    limits = IntegerLimits(whole(info.min), whole(info.max), info.bits, info.kind, found)
    return lambda int_type: limits


# ---- one dtype from others ---------------------------------------------------------------------------------------------


@overload(np.dtype, prefer_literal=True)
def dtype(dtype):
    """`numpy.dtype` of something that names one."""
    found = named_dtype(dtype, "np.dtype")
    return None if found is None else _constant(found, "dtype")


@overload(np.promote_types, prefer_literal=True)
def promote_types(type1, type2):
    """`numpy.promote_types`."""
    first, second = named_dtype(type1, "np.promote_types"), named_dtype(type2, "np.promote_types")
    if first is None or second is None:
        return None
    return _constant(np.promote_types(first, second), "type1, type2")


def operand_of(t, what):
    """What `numpy.result_type` is to see of an argument: a dtype, or a Python number, which gives way."""
    named = named_dtype(t, what)
    if named is not None:
        return named
    if kinds.is_array(t):
        return _core.type_dtype(t.dtype)
    if isinstance(t, types.Literal):
        return t.literal_value
    weak = {types.int64: 0, types.float64: 0.0, types.complex128: 0j}
    return weak[t] if t in weak else _core.type_dtype(t) if kinds.is_number(t) else None


@overload(np.result_type, prefer_literal=True)
def result_type(*arrays_and_dtypes):
    """`numpy.result_type`; int64, float64 and complex128 scalars are taken for Python's numbers."""
    operands = [operand_of(t, "np.result_type") for t in arrays_and_dtypes]
    if not operands or any(x is None for x in operands):
        return None
    return _constant(np.result_type(*operands), ", ".join(f"x{i}" for i in range(len(operands))))


@overload(np.common_type)
def common_type(*arrays):
    """`numpy.common_type` of arrays."""
    if not arrays or not all(kinds.is_array(t) for t in arrays):
        return None
    if any(isinstance(t.dtype, types.Boolean) for t in arrays):
        raise TypingError("can't get common type for non-numeric array")
    examples = [np.empty((), _core.type_dtype(t.dtype)) for t in arrays]
    found = np.dtype(np.common_type(*examples))
    return _constant(found, ", ".join(f"x{i}" for i in range(len(arrays))))


@overload(np.min_scalar_type, prefer_literal=True)
def min_scalar_type(a):
    """`numpy.min_scalar_type` of a constant or an array; of other scalars it depends on the value."""
    if kinds.is_array(a) and a.ndim:
        return _constant(_core.type_dtype(a.dtype), "a")
    if isinstance(a, types.Literal) and not isinstance(a.literal_value, str):
        return _constant(np.min_scalar_type(a.literal_value), "a")
    return None


# ---- what a dtype says of itself ---------------------------------------------------------------------------------------

# Attributes whose values are constants of compiled code.
_ATTRIBUTES = (
    "type kind char str name num itemsize alignment byteorder isnative names hasobject ndim shape isbuiltin isalignedstruct "
    "flags descr base subdtype"
)


def _attribute(name):
    def factory(dtype):
        return Known(getattr(named_dtype(dtype, "dtype"), name))

    factory.__doc__ = f"`numpy.dtype.{name}`."
    overload_attribute(types.DType, name)(factory)


for _name in _ATTRIBUTES.split():
    _attribute(_name)


@overload_attribute(types.DType, "fields")
def _fields(dtype):
    """`numpy.dtype.fields`: a mapping for a structured dtype, whose keys and values are constants; None otherwise."""
    if named_dtype(dtype, "dtype").fields is not None:
        raise TypingError(
            "dtype.fields is not available in compiled code: use dtype.names, and dtype[name] for a field's dtype"
        )
    return Known(None)


@overload(operator.getitem, prefer_literal=True)
def _field(a, b):
    """The dtype of a field, by its name or number."""
    if not isinstance(a, types.DType):
        return None
    found, key = named_dtype(a, "dtype"), kinds.value(b, "dtype[name]: name")
    if found.names is None:
        raise TypingError(f"There are no fields in dtype {found}.")
    if isinstance(key, str) and key not in found.names:
        raise TypingError(f"Field named '{key}' not found: the fields are {', '.join(found.names)}")
    if isinstance(key, int) and not -len(found.names) <= key < len(found.names):
        raise TypingError(f"Field index {key} out of range: the dtype has {len(found.names)} fields")
    return _constant(found[key], "a, b")


@overload(len)
def _number_of_fields(obj):
    """How many fields a structured dtype has; 0 of any other."""
    return Known(len(named_dtype(obj, "dtype"))) if isinstance(obj, types.DType) else None


@overload_method(types.DType, "newbyteorder", prefer_literal=True)
def _newbyteorder(self, new_order="S"):
    """`numpy.dtype.newbyteorder`: compiled code has numbers in the machine's order only."""
    return _constant(
        named_dtype(self, "dtype").newbyteorder(kinds.value(new_order, "newbyteorder: order")),
        "self, new_order='S'",
    )


def _compare_dtypes(function):
    @overload(function, prefer_literal=True)
    def compared(a, b):
        """A dtype and what names one: another, a class such as ``float``, a constant string, None (float64)."""
        if not isinstance(a, types.DType) and not isinstance(b, types.DType):
            return None
        first, second = (_compared(t) for t in (a, b))
        return Known(function(first, second))


def _compared(t):
    if kinds.is_none(t):
        return np.dtype(np.float64)
    try:
        return named_dtype(t, "comparison of dtypes:")
    except TypingError:
        if isinstance(t, types.Literal):  # a string that names no dtype differs from all of them
            return t.literal_value
        raise


_compare_dtypes(operator.eq)
_compare_dtypes(operator.ne)


@overload(operator.contains, prefer_literal=True)
def _is_one_of(a, b):
    """``a.dtype in (np.float32, np.float64)``."""
    if not isinstance(b, types.DType) or not isinstance(a, types.BaseTuple):
        return None
    dtype = named_dtype(b, "dtype")
    return Known(any(_compared(t) == dtype for t in a))


@overload_method(types.BaseTuple, "not_contains")
def _is_none_of(self, item):
    found = _is_one_of(self, item)
    return found and Known(not found.known_value)


# ---- flags -----------------------------------------------------------------------------------------------------------------

# What a.flags[key] calls the attributes.
_FLAG_NAMES = {
    **dict.fromkeys(("C", "CONTIGUOUS", "C_CONTIGUOUS"), "c_contiguous"),
    **dict.fromkeys(("F", "FORTRAN", "F_CONTIGUOUS"), "f_contiguous"),
    **dict.fromkeys(("A", "ALIGNED"), "aligned"),
    **dict.fromkeys(("W", "WRITEABLE"), "writeable"),
    **dict.fromkeys(("B", "BEHAVED"), "behaved"),
    "FNC": "fnc",
    "FORC": "forc",
    "CA": "carray",
    "CARRAY": "carray",
    "FA": "farray",
    "FARRAY": "farray",
}
# The others, in terms of those that an array's type says.
_COMBINED_FLAGS = {
    "forc": "f.c_contiguous or f.f_contiguous",
    "fnc": "f.f_contiguous and not f.c_contiguous",
    "behaved": "f.aligned and f.writeable",
    "carray": "f.aligned and f.writeable and f.c_contiguous",
    "farray": "f.aligned and f.writeable and f.f_contiguous and not f.c_contiguous",
    "writebackifcopy": "False",
}


def _combined_flag(name, text):
    scope = {"__name__": __name__}
    exec(f"def flag(f):\n    return {text}\n", scope)
    overload_attribute(types.ArrayFlags, name)(lambda flags: scope["flag"])


for _name, _text in _COMBINED_FLAGS.items():
    _combined_flag(_name, _text)


@overload(operator.getitem, prefer_literal=True)
def _flag(a, b):
    """``a.flags["C_CONTIGUOUS"]``."""
    if not isinstance(a, types.ArrayFlags):
        return None
    key = kinds.value(b, "a.flags[name]: name")
    if key not in _FLAG_NAMES:
        raise TypingError(f"Unknown flag {key!r}: {', '.join(_FLAG_NAMES)}")
    scope = {"__name__": __name__}
    exec(f"def flag(a, b):\n    return a.{_FLAG_NAMES[key]}\n", scope)
    return scope["flag"]


# ---- attributes of arrays that compiled code cannot have ---------------------------------------------------------------------

_ABSENT = {
    "base": "an array of compiled code does not know whose memory it shares: ask np.shares_memory(a, b)",
    "data": "compiled code has no memoryview of an array: use the array itself, or a.ctypes.data for its address",
    "itemset": "NumPy 2 has no ndarray.itemset(): assign a[index] = value",
    "newbyteorder": "NumPy 2 has no ndarray.newbyteorder(): use a.byteswap()",
    "ptp": "NumPy 2 has no ndarray.ptp(): use np.ptp(a)",
    "tostring": "NumPy 2 has no ndarray.tostring(): use a.tobytes()",
    "resize": "an array of compiled code keeps its size: use np.resize(a, shape)",
}


def _absent(name, message):
    def refuse(array):
        raise TypingError(message)

    refuse.is_removed = not hasattr(np.ndarray, name)  # hasattr() of compiled code agrees
    overload_attribute(types.Array, name)(refuse)


for _name, _text in _ABSENT.items():
    _absent(_name, _text)


_FIXED = {
    low.set_shape: "the number of axes is part of an array's type: assign a = a.reshape(shape)",
    low.set_strides: "an array's strides cannot be changed: assign a = np.lib.stride_tricks.as_strided(a, shape, strides)",
    low.set_dtype: "the dtype is part of an array's type: assign a = a.view(dtype)",
}


def _fixed(function, message):
    @overload(function)
    def refuse(a, value):
        raise TypingError(message)


for _function, _text in _FIXED.items():
    _fixed(_function, _text)


@overload_attribute(types.Array, "device")
def _device(array):
    """Where NumPy's arrays are."""
    return Known("cpu")


# ---- yes or no ---------------------------------------------------------------------------------------------------------


def _class_or_dtype(t, what):
    """What `numpy.issubdtype` may be given: an abstract class such as np.floating, or a dtype."""
    if t.kind == "FUNCTION" and isinstance(t.object, type) and t.object not in _PYTHON:
        return t.object if issubclass(t.object, np.generic) else None
    return named_dtype(t, what)


@overload(np.issubdtype, prefer_literal=True)
def issubdtype(arg1, arg2):
    """`numpy.issubdtype`."""
    first, second = (_class_or_dtype(t, "np.issubdtype") for t in (arg1, arg2))
    if first is None or second is None:
        return None
    return Known(bool(np.issubdtype(first, second)))


@overload(np.can_cast, prefer_literal=True)
def can_cast(from_, to, casting="safe"):
    """`numpy.can_cast` from a dtype or an array."""
    source = _core.type_dtype(from_.dtype) if kinds.is_array(from_) else named_dtype(from_, "np.can_cast")
    target = named_dtype(to, "np.can_cast")
    if source is None or target is None:
        return None
    rule = kinds.value(casting, "np.can_cast: casting")
    if rule not in ("no", "equiv", "safe", "same_kind", "unsafe"):
        raise TypingError(
            f"casting must be one of 'no', 'equiv', 'safe', 'same_kind', or 'unsafe' (got {rule!r})"
        )
    return Known(bool(np.can_cast(source, target, rule)))


@overload(np.typename, prefer_literal=True)
def typename(char):
    """`numpy.typename` of a constant."""
    return Known(np.typename(kinds.value(char, "np.typename: char")))


@overload(np.mintypecode, prefer_literal=True)
def mintypecode(typechars, typeset="GDFgdf", default="d"):
    """`numpy.mintypecode` of constants."""
    items = list(typechars) if isinstance(typechars, types.BaseTuple) else [typechars]
    if not all(kinds.is_array(t) or kinds.is_known(t) for t in items):
        return None
    codes = [_core.type_dtype(t.dtype).char if kinds.is_array(t) else kinds.value(t, "") for t in items]
    chosen = (kinds.value(t, "np.mintypecode: typeset, default") for t in (typeset, default))
    return Known(str(np.mintypecode("".join(codes), *chosen)))


def _kind_of(t):
    """A constant that `numpy.isdtype` takes for a kind: a string, a dtype, or a tuple of them."""
    if isinstance(t, types.BaseTuple):
        kinds_ = tuple(_kind_of(item) for item in t)
        return None if None in kinds_ else kinds_
    return t.literal_value if isinstance(t, types.Literal) else _class_or_dtype(t, "np.isdtype")


if hasattr(np, "isdtype"):

    @overload(np.isdtype, prefer_literal=True)
    def isdtype(dtype, kind):
        """`numpy.isdtype`."""
        found, asked = named_dtype(dtype, "np.isdtype"), _kind_of(kind)
        if found is None or asked is None:
            return None
        try:
            return Known(bool(np.isdtype(found, asked)))
        except (TypeError, ValueError) as error:
            raise TypingError(str(error)) from None


_ITERABLE = ("TUPLE", "NAMEDTUPLE", "LIST", "SET", "DICT", "STR", "BYTES", "RANGE", "GENERATOR")


@overload(np.iterable)
def iterable(y):
    """`numpy.iterable`."""
    return Known(y.ndim > 0 if kinds.is_array(y) else y.kind in _ITERABLE)


@overload(np.isfortran)
def isfortran(a):
    """`numpy.isfortran`: in F order and not in C order as well."""
    if not kinds.is_array(a):
        return None
    return lambda a: a.flags.f_contiguous and not a.flags.c_contiguous


def _depth(t):
    """The number of axes of the array that NumPy would make of an array-like; None: it is none."""
    if kinds.is_array(t):
        return t.ndim
    if isinstance(t, (types.List, types.BaseTuple)):
        items = [t.dtype] if isinstance(t, types.List) else list(t)
        inner = {_depth(item) for item in items}
        return None if len(inner) > 1 or None in inner else 1 + (inner.pop() if inner else 0)
    return 0 if kinds.is_number(t) else None


@overload(np.ndim)
def ndim(a):
    """`numpy.ndim` of what is no array."""
    depth = _depth(a)
    return None if depth is None else Known(depth)
