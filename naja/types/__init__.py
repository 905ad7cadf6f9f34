"""The types of compiled values, under Numba's names.

A type is an interned object made by the compiler's core: equal types are the same object.  Classes here say what
kind a type is (``isinstance(t, types.Array)``) and construct types (``types.Array(types.float64, 2, "C")``).
``float64[:, ::1]`` is an array type, ``float64(int64)`` a signature.
"""

# ruff: noqa: F403, F405
from naja import _core
from naja.types.abstract import *
from naja.types.arrays import *
from naja.types.arrays import _BytesLike
from naja.types.callables import *
from naja.types.classes import *
from naja.types.collections import *
from naja.types.conversion import *
from naja.types.names import *
from naja.types.numbers import *
from naja.types.storage import *
from naja.types.storage import _FixedString
from naja.types.tuples import *
from naja.types.values import *

# The class of each kind of type, by the core's names of kinds (types/kinds.def and TYPE_CLASSES in boundary/state.h).
_CLASSES = {
    "RECORD": Record,
    "NESTED": NestedArray,
    "CHARSEQ": _FixedString,
    "BYTES": _BytesLike,
    "BOOL": Boolean,
    "INT": Integer,
    "FLOAT": Float,
    "COMPLEX": Complex,
    "DATETIME": NPDatetime,
    "TIMEDELTA": NPTimedelta,
    "ENUM": EnumMember,
    "NONE": NoneType,
    "LITERAL": Literal,
    "STR": UnicodeType,
    "TUPLE": Tuple,
    "NAMEDTUPLE": NamedTuple,
    "ARRAY": Array,
    "OPTIONAL": Optional,
    "LIST": List,
    "TYPED_LIST": ListType,
    "LITERAL_INT": IntegerLiteral,
    "LITERAL_BOOL": BooleanLiteral,
    "LITERAL_STR": StringLiteral,
    "SET": Set,
    "DICT": DictType,
    "VIEW": DictView,
    "RANGE": RangeType,
    "SLICE": SliceType,
    "ELLIPSIS": EllipsisType,
    "ITER": IteratorType,
    "ZIP": ZipType,
    "DTYPE": DType,
    "OBJECT": Module,
    "FUNCTION": Function,
    "CLOSURE": Closure,
    "CHOICE": FunctionChoice,
    "METHOD": BoundFunction,
    "EXCEPTION": ExceptionInstance,
    "OMITTED": Omitted,
    "FLAT": NumpyFlatType,
    "FLAGS": ArrayFlags,
    "PYOBJECT": PyObject,
    "PTR": RawPointer,
    "RNG": NumPyRandomGeneratorType,
    "GENERATOR": Generator,
    "INSTANCE": ClassInstanceType,
    "DEFERRED": DeferredType,
}
for _kind, _class in _CLASSES.items():
    _core.register_type_class(_kind, _class)
