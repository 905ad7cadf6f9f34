"""The types of compiled values, under Numba's names.

A type is an interned object made by the compiler's core: equal types are the same object.  Classes here say what
kind a type is (``isinstance(t, types.Array)``) and construct types (``types.Array(types.float64, 2, "C")``).
``float64[:, ::1]`` is an array type, ``float64(int64)`` a signature.
"""

# ruff: noqa: F403, F405
from naja import _core
from naja.types.abstract import *
from naja.types.arrays import *
from naja.types.callables import *
from naja.types.classes import *
from naja.types.collections import *
from naja.types.conversion import *
from naja.types.numbers import *
from naja.types.storage import *
from naja.types.tuples import *
from naja.types.values import *

# The class of each kind of type, by the core's names of kinds (types/kinds.def and TYPE_CLASSES in boundary/state.h).
_CLASSES = {
    "BOOL": Boolean,
    "INT": Integer,
    "FLOAT": Float,
    "COMPLEX": Complex,
    "DATETIME": NPDatetime,
    "TIMEDELTA": NPTimedelta,
    "ENUM": EnumMember,
    "INT_ENUM": IntEnumMember,
    "NONE": NoneType,
    "LITERAL": Literal,
    "LITERAL_INT": IntegerLiteral,
    "LITERAL_BOOL": BooleanLiteral,
    "LITERAL_STR": StringLiteral,
    "STR": UnicodeType,
    "BYTES": Bytes,
    "BYTEARRAY": ByteArray,
    "TUPLE": Tuple,
    "UNITUPLE": UniTuple,
    "NAMEDTUPLE": NamedTuple,
    "NAMED_UNITUPLE": NamedUniTuple,
    "LITERAL_LIST": LiteralList,
    "STRDICT": LiteralStrKeyDict,
    "ARRAY": Array,
    "MEMORYVIEW": MemoryView,
    "PYARRAY": PyArray,
    "RECORD": Record,
    "NESTED": NestedArray,
    "CHARSEQ": CharSeq,
    "UNICODE_CHARSEQ": UnicodeCharSeq,
    "OPTIONAL": Optional,
    "LIST": List,
    "TYPED_LIST": ListType,
    "SET": Set,
    "TYPED_SET": SetType,
    "DICT": DictType,
    "VIEW": DictKeysIterableType,
    "DICT_VALUES": DictValuesIterableType,
    "DICT_ITEMS": DictItemsIterableType,
    "RANGE": RangeType,
    "SLICE": SliceType,
    "ELLIPSIS": EllipsisType,
    "ITER": IteratorType,
    "ZIP": ZipType,
    "ENUMERATE": EnumerateType,
    "DTYPE": DType,
    "OBJECT": Module,
    "FUNCTION": Function,
    "DISPATCHER": Dispatcher,
    "EXCEPTION_CLASS": ExceptionClass,
    "NAMEDTUPLE_CLASS": NamedTupleClass,
    "ENUM_CLASS": EnumClass,
    "INT_ENUM_CLASS": IntEnumClass,
    "JITCLASS": ClassType,
    "CLOSURE": Closure,
    "CHOICE": FunctionChoice,
    "METHOD": BoundFunction,
    "EXCEPTION": ExceptionInstance,
    "CAUGHT": ExceptionInstance,
    "OMITTED": Omitted,
    "FLAT": NumpyFlatType,
    "NDINDEX": NumpyNdIndexType,
    "FLAGS": ArrayFlags,
    "PYOBJECT": PyObject,
    "PTR": RawPointer,
    "CPOINTER": CPointer,
    "CFUNCTION": FunctionType,
    "CTYPES": ArrayCTypes,
    "USER": Type,
    "VECTOR": Type,
    "UNDEFINED": Phantom,
    "RNG": NumPyRandomGeneratorType,
    "RANDOM_STATE": NumPyRandomStateType,
    "GENERATOR": Generator,
    "INSTANCE": ClassInstanceType,
    "DEFERRED": DeferredType,
}
for _kind, _class in _CLASSES.items():
    _core.register_type_class(_kind, _class)

from naja.types.names import *  # noqa: E402  the instances have their classes now

# Numba's modules of types: each has all names here.
_NUMBA_MODULES = (
    "abstract",
    "common",
    "containers",
    "function_type",
    "functions",
    "iterators",
    "misc",
    "npytypes",
    "scalars",
)


def __getattr__(name):
    if name in _NUMBA_MODULES:
        import sys

        return sys.modules[__name__]
    raise AttributeError(f"module 'naja.types' has no attribute {name!r}")
