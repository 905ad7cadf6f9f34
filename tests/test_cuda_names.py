"""numba.cuda without a device: libraries import it, decorate kernels, and are told when they ask for a device."""

import pickle

import numpy as np
import pytest

from naja import cuda, njit


@cuda.jit
def kernel(a):
    a[cuda.grid(1)] = cuda.threadIdx.x


@cuda.jit("float32(float32)", device=True)
def twice(x):
    return 2 * x


def test_there_is_no_device():
    assert not cuda.is_available()
    assert not cuda.is_cuda_array(np.ones(3))


@pytest.mark.core
def test_kernels_are_decorated():
    assert type(kernel) is type(twice)
    assert kernel.__name__ == "kernel" and twice.py_func(4) == 8
    assert cuda.jit(njit(lambda x: x)).py_func(3) == 3
    assert pickle.loads(pickle.dumps(kernel)) is kernel


@pytest.mark.core
@pytest.mark.parametrize(
    "use",
    [
        lambda: kernel[1, 32](np.zeros(3)),
        lambda: kernel.configure(1, 32)(np.zeros(3)),
        lambda: kernel.compile("void(f8[:])"),
        lambda: cuda.to_device(np.zeros(3)),
        lambda: cuda.synchronize(),
        lambda: cuda.get_current_device(),
        lambda: len(cuda.gpus),
        lambda: list(cuda.list_devices()),
        lambda: cuda.gpus.current,
        lambda: cuda.reduce(lambda a, b: a + b)(np.ones(3)),
    ],
)
def test_what_needs_a_device_says_so(use):
    with pytest.raises(cuda.CudaSupportError, match=r"needs a CUDA device: naja compiles for the CPU only"):
        use()


def test_misuse():
    with pytest.raises(ValueError, match=r"kernel\[blockspergrid, threadsperblock\]"):
        kernel(np.zeros(3))
    with pytest.raises(ValueError, match="griddim and blockdim"):
        kernel[1]
    with pytest.raises(NotImplementedError, match=r"cuda\.atomic\.add is for kernels"):
        cuda.atomic.add(np.zeros(1), 0, 1)
    with pytest.raises(AttributeError, match="no_such_name"):
        cuda.no_such_name
