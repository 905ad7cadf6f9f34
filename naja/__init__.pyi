"""The public names of naja, for type checkers.

Modules whose names are plain Python are read from their sources; stubs stand where names are made at run time (here) or
written in C (``_core.pyi``).  tests/test_stubs.py compares both with what is there.
"""

from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar, overload

from naja import config as config
from naja import errors as errors
from naja import experimental as experimental
from naja import extending as extending
from naja import np as np
from naja import shim as shim
from naja import threads as threads
from naja import typed as typed
from naja import types as types
from naja._core import Dispatcher, Type
from naja.ccallback import cfunc as cfunc
from naja.decorators import pndindex as pndindex
from naja.dufunc import guvectorize as guvectorize
from naja.dufunc import vectorize as vectorize
from naja.errors import ByteCodeSupportError as ByteCodeSupportError
from naja.errors import CompilerError as CompilerError
from naja.errors import ConstantInferenceError as ConstantInferenceError
from naja.errors import DeprecationError as DeprecationError
from naja.errors import ForbiddenConstruct as ForbiddenConstruct
from naja.errors import ForceLiteralArg as ForceLiteralArg
from naja.errors import InternalError as InternalError
from naja.errors import InternalTargetMismatchError as InternalTargetMismatchError
from naja.errors import IRError as IRError
from naja.errors import LiteralTypingError as LiteralTypingError
from naja.errors import LoweringError as LoweringError
from naja.errors import NonexistentTargetError as NonexistentTargetError
from naja.errors import NotDefinedError as NotDefinedError
from naja.errors import NumbaAssertionError as NumbaAssertionError
from naja.errors import NumbaAttributeError as NumbaAttributeError
from naja.errors import NumbaDebugInfoWarning as NumbaDebugInfoWarning
from naja.errors import NumbaDeprecationWarning as NumbaDeprecationWarning
from naja.errors import NumbaError as NumbaError
from naja.errors import NumbaExperimentalFeatureWarning as NumbaExperimentalFeatureWarning
from naja.errors import NumbaIndexError as NumbaIndexError
from naja.errors import NumbaInvalidConfigWarning as NumbaInvalidConfigWarning
from naja.errors import NumbaIRAssumptionWarning as NumbaIRAssumptionWarning
from naja.errors import NumbaKeyError as NumbaKeyError
from naja.errors import NumbaNotImplementedError as NumbaNotImplementedError
from naja.errors import NumbaParallelSafetyWarning as NumbaParallelSafetyWarning
from naja.errors import NumbaPedanticWarning as NumbaPedanticWarning
from naja.errors import NumbaPendingDeprecationWarning as NumbaPendingDeprecationWarning
from naja.errors import NumbaPerformanceWarning as NumbaPerformanceWarning
from naja.errors import NumbaRuntimeError as NumbaRuntimeError
from naja.errors import NumbaSystemWarning as NumbaSystemWarning
from naja.errors import NumbaTypeError as NumbaTypeError
from naja.errors import NumbaTypeSafetyWarning as NumbaTypeSafetyWarning
from naja.errors import NumbaValueError as NumbaValueError
from naja.errors import NumbaWarning as NumbaWarning
from naja.errors import RedefinedError as RedefinedError
from naja.errors import RequireLiteralValue as RequireLiteralValue
from naja.errors import TypingError as TypingError
from naja.errors import UnsupportedBytecodeError as UnsupportedBytecodeError
from naja.errors import UnsupportedError as UnsupportedError
from naja.errors import UnsupportedParforsError as UnsupportedParforsError
from naja.errors import UnsupportedRewriteError as UnsupportedRewriteError
from naja.errors import UntypedAttributeError as UntypedAttributeError
from naja.errors import VerificationError as VerificationError
from naja.pointers import carray as carray
from naja.pointers import farray as farray
from naja.shim import install_as_numba as install_as_numba
from naja.special import objmode as objmode
from naja.stencils import stencil as stencil
from naja.threads import get_num_threads as get_num_threads
from naja.threads import get_parallel_chunksize as get_parallel_chunksize
from naja.threads import get_thread_id as get_thread_id
from naja.threads import parallel_chunksize as parallel_chunksize
from naja.threads import set_num_threads as set_num_threads
from naja.threads import set_parallel_chunksize as set_parallel_chunksize
from naja.threads import threading_layer as threading_layer
from naja.types import deferred_type as deferred_type
from naja.types import from_dtype as from_dtype
from naja.types import optional as optional
from naja.types import typeof as typeof
from naja.typing import Signature

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_Signature = str | Signature | Type | tuple[Any, ...] | list[Any]

__version__: str

# Values of the options: see `naja.decorators.OPTIONS`.
@overload
def jit(signature_or_function: Callable[P, R], /) -> Dispatcher[P, R]: ...
@overload
def jit(
    signature_or_function: _Signature | None = None,
    locals: dict[str, Any] | None = None,
    cache: bool | None = None,
    pipeline_class: None = None,
    boundscheck: bool | None = None,
    *,
    nopython: bool = True,
    nogil: bool = False,
    parallel: bool | dict[str, bool] = False,
    fastmath: bool | Iterable[str] | dict[str, bool] = False,
    error_model: str = "python",
    inline: Any = "never",
    forceinline: bool = False,
    debug: bool = False,
    forceobj: bool = False,
    looplift: bool = True,
    bridge: str = "warn",
    target: str = "cpu",
    **options: Any,
) -> Callable[[Callable[P, R]], Dispatcher[P, R]]: ...
@overload
def njit(signature_or_function: Callable[P, R], /) -> Dispatcher[P, R]: ...
@overload
def njit(
    signature_or_function: _Signature | None = None,
    locals: dict[str, Any] | None = None,
    cache: bool | None = None,
    pipeline_class: None = None,
    boundscheck: bool | None = None,
    *,
    nogil: bool = False,
    parallel: bool | dict[str, bool] = False,
    fastmath: bool | Iterable[str] | dict[str, bool] = False,
    error_model: str = "python",
    inline: Any = "never",
    forceinline: bool = False,
    debug: bool = False,
    bridge: str = "warn",
    target: str = "cpu",
    **options: Any,
) -> Callable[[Callable[P, R]], Dispatcher[P, R]]: ...
def jit_module(**options: Any) -> None: ...
def literally(value: T) -> T: ...
def literal_unroll(container: T) -> T: ...

prange = range

# The types that Numba puts at the top level.
b1: Type
bool: Type
bool_: Type
boolean: Type
byte: Type
c16: Type
c8: Type
char: Type
complex128: Type
complex64: Type
double: Type
f4: Type
f8: Type
ffi: Type
ffi_forced_object: Type
float32: Type
float64: Type
i1: Type
i2: Type
i4: Type
i8: Type
int16: Type
int32: Type
int64: Type
int8: Type
int_: Type
intc: Type
intp: Type
long_: Type
longlong: Type
none: Type
short: Type
size_t: Type
ssize_t: Type
u1: Type
u2: Type
u4: Type
u8: Type
uchar: Type
uint: Type
uint16: Type
uint32: Type
uint64: Type
uint8: Type
uintc: Type
uintp: Type
ulong: Type
ulonglong: Type
ushort: Type
void: Type
