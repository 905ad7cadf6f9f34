"""`numba.cuda` on a machine without a device: naja compiles for the CPU only.

Libraries import this module, decorate kernels and then ask `is_available`; all of that works.  What needs a device
raises `CudaSupportError`, and what only kernels may use, `NotImplementedError`.
"""

import functools
import os
import warnings

from naja import types
from naja.errors import NumbaWarning

__all__ = ["CudaSupportError", "gpus", "is_available", "jit"]


class CudaDriverError(Exception):
    """Raised by Numba for failures of the driver."""


class CudaRuntimeError(Exception):
    """Raised by Numba for failures of the run-time library."""


class CudaSupportError(ImportError):
    """CUDA was asked for something that needs a device."""


class KernelRuntimeError(RuntimeError):
    """Raised by Numba for failures of a kernel."""


class NvvmError(Exception):
    """Raised by Numba for failures of NVVM."""


class NvvmSupportError(ImportError):
    """Raised by Numba when NVVM is not there."""


class NvvmWarning(NumbaWarning):
    """Given by Numba for what NVVM warns of."""


class NvrtcError(Exception):
    """Raised by Numba for failures of NVRTC."""


class NvrtcCompilationError(NvrtcError):
    """Raised by Numba for sources that NVRTC refuses."""


class NvrtcSupportError(ImportError):
    """Raised by Numba when NVRTC is not there."""


def _no_device(what):
    return CudaSupportError(
        f"{what} needs a CUDA device: naja compiles for the CPU only. "
        "Test numba.cuda.is_available() before using one."
    )


def is_available():
    """Whether there is a CUDA device that naja compiles for: never.

    Returns
    -------
    bool
    """
    return False


is_supported_version = is_float16_supported = is_available


def is_cuda_array(obj):
    """Whether an object has ``__cuda_array_interface__``.

    Parameters
    ----------
    obj : object

    Returns
    -------
    bool
    """
    return hasattr(obj, "__cuda_array_interface__")


# ---- kernels -----------------------------------------------------------------------------------------------------------


class CUDADispatcher:
    """A kernel or device function, which nothing runs; made by `jit`.

    Parameters
    ----------
    py_func : callable
    targetoptions : dict
        What the decorator was given.
    """

    def __init__(self, py_func, targetoptions):
        functools.update_wrapper(self, py_func)
        self.py_func, self.targetoptions = py_func, targetoptions
        self.overloads = {}

    def __repr__(self):
        return f"CUDADispatcher({self.py_func})"

    def __reduce__(self):
        return self.__qualname__  # of its module: the function itself is not to be had by that name

    def __getitem__(self, configuration):
        """Return the kernel with a grid and blocks; calling that needs a device."""
        if not isinstance(configuration, (tuple, list)) or not 2 <= len(configuration) <= 4:
            raise ValueError("must specify at least the griddim and blockdim")
        return functools.partial(self._launch)

    def _launch(self, *args):
        raise _no_device(f"launching the kernel {self.py_func.__name__}")

    def configure(self, griddim, blockdim, stream=0, sharedmem=0):
        """Return the kernel with a grid and blocks; calling that needs a device."""
        return self[griddim, blockdim, stream, sharedmem]

    def __call__(self, *args):
        """Raise: a kernel is launched, a device function called by kernels."""
        raise ValueError(
            "Kernel launch configuration was not specified. Use the syntax: "
            f"{self.py_func.__name__}[blockspergrid, threadsperblock](arguments)"
        )

    def compile(self, sig):
        """Raise: nothing compiles for devices."""
        raise _no_device(f"compiling {self.py_func.__name__}")

    specialize = forall = compile_device = compile


def jit(func_or_sig=None, device=False, **options):
    """Mark a kernel or a device function; nothing is compiled.

    Parameters
    ----------
    func_or_sig : callable, str, Signature or list of these, optional
    device : bool
        Whether kernels call it.

    Returns
    -------
    CUDADispatcher
        Or a decorator that gives one, when no function was given.
    """
    options["device"] = device
    if isinstance(func_or_sig, CUDADispatcher):
        return func_or_sig
    if callable(func_or_sig) and not isinstance(func_or_sig, types.Type) and not _is_signature(func_or_sig):
        return CUDADispatcher(getattr(func_or_sig, "py_func", func_or_sig), options)
    return lambda function: CUDADispatcher(getattr(function, "py_func", function), options)


def _is_signature(obj):
    from naja.typing import Signature

    return isinstance(obj, Signature)


def declare_device(name, sig):
    """Name a device function from elsewhere; only kernels may call it."""
    return _Stub(name)


class Reduce:
    """A reduction on a device.

    Parameters
    ----------
    functor : callable
        Of two elements.
    """

    def __init__(self, functor):
        self._functor = functor

    def __call__(self, *args, **kwargs):
        """Raise: this needs a device."""
        raise _no_device("a reduction")


reduce = Reduce


# ---- what only kernels use ---------------------------------------------------------------------------------------------


class _Stub:
    """A name of kernels; its members are such names as well."""

    def __init__(self, name):
        self.__name__ = name

    def __repr__(self):
        return f"<cuda.{self.__name__}>"

    def __call__(self, *args, **kwargs):
        raise NotImplementedError(f"cuda.{self.__name__} is for kernels and cannot be called from host code")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Stub(f"{self.__name__}.{name}")


_KERNEL_NAMES = (
    "activemask all_sync any_sync atomic ballot_sync blockDim blockIdx brev cbrt cg clz const eq_sync ffs fma fp16 grid gridDim "
    "gridsize laneid lanemask_lt libdevice local match_all_sync match_any_sync nanosleep popc selp shared shfl_down_sync shfl_sync "
    "shfl_up_sync shfl_xor_sync syncthreads syncthreads_and syncthreads_count syncthreads_or syncwarp threadIdx threadfence "
    "threadfence_block threadfence_system warpsize xoroshiro128p_next xoroshiro128p_uniform_float32 "
    "xoroshiro128p_uniform_float64 xoroshiro128p_normal_float32 xoroshiro128p_normal_float64"
).split()

# What needs a device when it is called.
_HOST_NAMES = (
    "as_cuda_array close compile compile_for_current_device compile_ptx compile_ptx_for_current_device current_context "
    "default_stream defer_cleanup detect device_array device_array_like event event_elapsed_time external_stream "
    "from_cuda_array_interface get_current_device legacy_default_stream managed_array mapped mapped_array mapped_array_like "
    "open_ipc_array per_thread_default_stream pinned pinned_array pinned_array_like profile_start profile_stop profiling "
    "create_xoroshiro128p_states init_xoroshiro128p_states require_context select_device set_memory_manager stream synchronize to_device"
).split()


def _host_function(name):
    def needs_device(*args, **kwargs):
        raise _no_device(f"cuda.{name}")

    needs_device.__name__ = needs_device.__qualname__ = name
    return needs_device


class DeviceNDArray:
    """An array on a device, for `isinstance`: there are none."""

    def __init__(self, *args, **kwargs):
        raise _no_device("an array on a device")


def _raise_driver_not_found():
    raise _no_device("CUDA's driver")


class _Devices:
    """The list of devices: asking for one, or how many there are, says that CUDA is not there."""

    def __len__(self):
        raise _no_device("cuda.gpus")

    def __getitem__(self, index):
        raise _no_device("cuda.gpus")

    @property
    def current(self):
        raise _no_device("cuda.gpus.current")

    @property
    def lst(self):
        raise _no_device("cuda.gpus.lst")


gpus = _Devices()


def list_devices():
    """Return the list of devices."""
    return gpus


def __getattr__(name):
    if name in _KERNEL_NAMES:
        value = _Stub(name)
    elif name in _HOST_NAMES:
        value = _host_function(name)
    elif name in (
        "cudadrv",
        "driver",
        "devices",
        "devicearray",
        "error",
        "runtime",
        "api",
        "random",
        "types",
    ):
        import sys

        return sys.modules[__name__]
    else:
        raise AttributeError(f"module 'naja.cuda' has no attribute {name!r}")
    globals()[name] = value
    return value


if os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0"):
    warnings.warn(
        NumbaWarning("NUMBA_ENABLE_CUDASIM has no effect: naja has no simulator of devices"), stacklevel=2
    )
