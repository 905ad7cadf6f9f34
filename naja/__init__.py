"""naja: a just-in-time compiler for numerical Python.

Put `njit` on a function and it runs as native code, specialised to the types it is called with::

    from naja import njit

    @njit
    def total(a):
        s = 0.0
        for x in a:
            s += x
        return s

The public names are Numba's.  Importing this module loads the dispatcher and the object loader only; the compiler
(with LLVM) is loaded at the first compilation that the cache cannot serve.  All other submodules load on use.
"""

from naja.decorators import jit, jit_module, njit, prange

__version__ = "0.1.0"

# Errors and warnings that Numba has at its top level.
_ERRORS = (
    "ByteCodeSupportError CompilerError ConstantInferenceError DeprecationError ForbiddenConstruct ForceLiteralArg IRError "
    "InternalError InternalTargetMismatchError LiteralTypingError LoweringError NonexistentTargetError NotDefinedError "
    "NumbaAssertionError NumbaAttributeError NumbaDebugInfoWarning NumbaDeprecationWarning NumbaError "
    "NumbaExperimentalFeatureWarning NumbaIRAssumptionWarning NumbaIndexError NumbaInvalidConfigWarning NumbaKeyError "
    "NumbaNotImplementedError NumbaParallelSafetyWarning NumbaPedanticWarning NumbaPendingDeprecationWarning "
    "NumbaPerformanceWarning NumbaRuntimeError NumbaSystemWarning NumbaTypeError NumbaTypeSafetyWarning NumbaValueError "
    "NumbaWarning RedefinedError RequireLiteralValue TypingError UnsupportedBytecodeError UnsupportedError "
    "UnsupportedParforsError UnsupportedRewriteError UntypedAttributeError VerificationError"
).split()

# Where each public name lives; imported on first use.
_HOME = {
    "pndindex": "naja.decorators",
    **dict.fromkeys(_ERRORS, "naja.errors"),
    "literally": "naja.special",
    "literal_unroll": "naja.special",
    "objmode": "naja.special",
    "typeof": "naja.types",
    "from_dtype": "naja.types",
    "optional": "naja.types",
    "deferred_type": "naja.types",
    "set_num_threads": "naja.threads",
    "get_num_threads": "naja.threads",
    "get_thread_id": "naja.threads",
    "get_parallel_chunksize": "naja.threads",
    "set_parallel_chunksize": "naja.threads",
    "parallel_chunksize": "naja.threads",
    "threading_layer": "naja.threads",
    "stencil": "naja.stencils",
    "cfunc": "naja.ccallback",
    "carray": "naja.pointers",
    "farray": "naja.pointers",
    "vectorize": "naja.dufunc",
    "guvectorize": "naja.dufunc",
    "install_as_numba": "naja.shim",
    "generated_jit": None,
}
_SUBMODULES = (
    "config",
    "cuda",
    "errors",
    "experimental",
    "extending",
    "np",
    "shim",
    "threads",
    "typed",
    "types",
)

# Types that Numba puts at its top level.
_TYPES = (
    "b1 bool bool_ boolean byte c16 c8 char complex128 complex64 double f4 f8 ffi ffi_forced_object float32 float64 i1 i2 i4 i8 int16 int32 "
    "int64 int8 int_ intc intp long_ longlong none short size_t ssize_t u1 u2 u4 u8 uchar uint uint16 uint32 uint64 "
    "uint8 uintc uintp ulong ulonglong ushort void"
).split()

__all__ = [
    "jit",
    "jit_module",
    "njit",
    "prange",
    *(n for n, home in _HOME.items() if home),
    *_TYPES,
    "errors",
    "types",
]


def __getattr__(name):
    import importlib

    if _HOME.get(name):
        value = getattr(importlib.import_module(_HOME[name]), name)
    elif name in _SUBMODULES:
        return importlib.import_module(f"naja.{name}")
    elif name in _TYPES:
        value = getattr(importlib.import_module("naja.types"), name)
    else:
        raise AttributeError(f"module 'naja' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__, *_SUBMODULES})
