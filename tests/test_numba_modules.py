"""Modules of Numba's inside that libraries import: array structs, LAPACK by addresses, the registry, pickling, leaks."""

import gc
import pickle
import subprocess
import sys
import weakref

import numpy as np
import pytest

from naja import errors, njit, types
from naja.extending import intrinsic, overload
from naja.lowering import cgutils
from naja.lowering.arrayobj import (
    basic_indexing,
    get_array_index_type,
    make_array,
    normalize_indices,
    populate_array,
)
from naja.np.linalg import _LAPACK, get_blas_kind
from naja.serialize import ReduceMixin
from naja.utils import get_nargs_range

NAMES = """
from numba import cuda, version_info
from numba.core.boxing import unbox_array
from numba.core.caching import CacheImpl, IndexDataCacheFile, NullCache
from numba.core import event
from numba.core.pythonapi import box
from numba.core.registry import CPUDispatcher, cpu_target
from numba.core.runtime import _nrt_python, rtsys
from numba.core.serialize import dumps
from numba.core.typing.asnumbatype import AsNumbaTypeRegistry, as_numba_type
from numba.core.typing import fold_arguments
from numba.core.typing.npydecl import parse_dtype
from numba.core.typing.templates import AbstractTemplate, fold_arguments
from numba.core.typing.typeof import typeof, typeof_impl
from numba.core.unsafe.nrt import NRT_get_api
from numba.core.utils import PYVERSION, pysignature
from numba.cpython.listobj import ListInstance
from numba.cpython.unsafe.tuple import tuple_setitem
from numba.cuda.cudadrv.error import CudaSupportError
from numba.np.arrayobj import make_array
from numba.extending import ReduceMixin
from numba.np.linalg import _LAPACK
from numba.np.unsafe.ndarray import to_fixed_tuple
from numba.parfors.parfor import ensure_parallel_support
import numba.cuda.cudadrv.devices
"""


def test_the_names_are_there():
    code = f"import naja\nnaja.install_as_numba()\n{NAMES}\nensure_parallel_support()\nprint(version_info >= (0, 55), version_info.short)"
    code += (
        "\nimport numba\nassert numba.np.numpy_support.from_dtype and numba.core.cgutils and numba.cuda.jit"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True (0, 68)"


def test_numbers_of_arguments():
    assert get_nargs_range(lambda a, b, c=1, d=2: 0) == (2, 4) and get_nargs_range(lambda: 0) == (0, 0)


# ---- arrays in code that extensions build ------------------------------------------------------------------------------


@intrinsic
def atomic_add(typingctx, array, index, value):
    """Add to an element, and give what it was."""
    found = get_array_index_type(array, index)
    if found is None or found.result != array.dtype:
        return None

    def codegen(context, builder, sig, args):
        array_type, index_type, value_type = sig.args
        struct = make_array(array_type)(context, builder, args[0])
        if isinstance(index_type, types.BaseTuple):
            given, indices = index_type.types, cgutils.unpack_tuple(builder, args[1])
        else:
            given, indices = (index_type,), (args[1],)
        given, indices = normalize_indices(context, builder, given, indices)
        address, shape, strides = basic_indexing(context, builder, array_type, struct, given, indices)
        assert not shape and not strides
        number = context.cast(builder, args[2], value_type, array_type.dtype)
        return builder.atomic_rmw("add", address, number, "monotonic")

    return array.dtype(array, index, value), codegen


@pytest.mark.core
@pytest.mark.parametrize("view", [np.s_[:], np.s_[::-1], np.s_[::2]])
def test_an_element_by_its_index(view):
    add = njit(lambda a, i, x: atomic_add(a, i, x))
    a = np.arange(12, dtype=np.int32)[view]
    expected = a.copy()
    for i in (0, 2, -1):
        was = expected[i]
        expected[i] += 5
        assert add(a, i, 5) == was
    assert np.array_equal(a, expected)
    for i in (len(a), -len(a) - 1):
        with pytest.raises(IndexError, match="out of bounds for axis 0"):
            add(a, i, 5)
    table = np.zeros((3, 4), np.int64).T
    assert add(table, (3, -1), 7) == 0 and table[3, 2] == 7


def test_slices_have_no_address():
    assert get_array_index_type(types.Array(types.int64, 1, "C"), types.slice2_type) is None
    with pytest.raises(errors.NumbaNotImplementedError, match="only integers are"):
        basic_indexing(None, None, types.Array(types.int64, 1, "C"), None, (types.slice2_type,), (None,))


@intrinsic
def rows_of(typingctx, array):
    """A view of the array with its first row only, made part by part."""

    def codegen(context, builder, sig, args):
        given = make_array(array)(context, builder, args[0])
        out = make_array(array)(context, builder)
        shape = cgutils.unpack_tuple(builder, given.shape, 2)
        one = [shape[0].type(1), shape[1]]
        populate_array(out, given.data, one, given.strides, given.itemsize, given.meminfo, given.parent)
        context.nrt.incref(builder, array, out._getvalue())
        return out._getvalue()

    return array(array), codegen


def test_arrays_made_of_parts():
    got = njit(lambda a: rows_of(a + 1))(np.arange(6.0).reshape(2, 3))
    assert np.array_equal(got, [[1.0, 2.0, 3.0]])


# ---- LAPACK ------------------------------------------------------------------------------------------------------------


def solve(a, b):
    """Solve in place."""


@overload(solve)
def solve_overload(a, b):
    gesv, kind = _LAPACK().numba_xgesv(a.dtype), ord(get_blas_kind(a.dtype))

    def implementation(a, b):
        n = a.shape[0]
        pivots = np.empty(n, np.int32)
        return gesv(kind, n, 1 if b.ndim == 1 else b.shape[-1], a.ctypes, n, pivots.ctypes, b.ctypes, n)

    return implementation


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16"])
def test_lapack_by_addresses(dtype):
    pytest.importorskip("scipy")
    rng = np.random.default_rng(1)
    a = np.asfortranarray(rng.random((5, 5)) + (1j if dtype[0] == "c" else 0), dtype=dtype)
    b = rng.random(5).astype(dtype)
    expected = np.linalg.solve(a, b)
    assert njit(lambda a, b: solve(a, b))(a.copy("F"), b) == 0
    assert np.allclose(b, expected, rtol=1e-3 if dtype in ("f4", "c8") else 1e-9)
    assert njit(lambda a, b: solve(a, b))(np.zeros((5, 5), dtype), b) == 1  # LAPACK: the first pivot is zero


def test_lapack_has_four_kinds():
    with pytest.raises(errors.TypingError, match=r"unsupported dtype for gesv\(\): int64"):
        get_blas_kind(types.int64, "gesv")


# ---- the rest ----------------------------------------------------------------------------------------------------------


def test_functions_without_a_name_are_pickled():
    from naja.serialize import dumps, loads

    def maker(k):
        @njit
        def scaled(x, n=2):
            return np.sqrt(x) * k * n

        return scaled

    got = loads(dumps(maker(3.0)))
    assert got(4.0) == 12.0 and got.py_func(4.0, 1) == 6.0
    assert loads(dumps(np.sum)) is np.sum


_IN_ANOTHER_PROCESS = """
import pickle, sys
scaled, factorial, both = pickle.load(sys.stdin.buffer)
assert scaled(2) == 6 and factorial(5) == 120 and both(3) == 15, (scaled(2), factorial(5), both(3))
assert scaled.targetoptions["fastmath"] and scaled.__qualname__.endswith("<locals>.scaled")
assert factorial.py_func.__closure__[0].cell_contents is factorial
assert any(cell.cell_contents is scaled for cell in both.py_func.__closure__)
"""


def test_local_functions_go_to_another_process():
    def maker(k):
        @njit(fastmath=True)
        def scaled(x):
            return x * k

        @njit
        def factorial(n):
            return 1 if n <= 1 else n * factorial(n - 1)

        @njit
        def both(n):
            return scaled(n) + factorial(n)

        return scaled, factorial, both

    data = pickle.dumps(maker(3))
    subprocess.run([sys.executable, "-c", _IN_ANOTHER_PROCESS], input=data, check=True)


def test_functions_come_back_to_their_process_as_they_are():
    def maker(k):
        return njit(lambda x: x + k)

    first, second = maker(1), maker(2)
    assert pickle.loads(pickle.dumps([first, second, first])) == [first, second, first]
    reference = weakref.ref(first)
    data = pickle.dumps(first)
    del first
    gc.collect()
    assert reference() is None  # a pickle keeps nothing alive
    assert pickle.loads(data)(1) == 2


def test_what_cannot_be_pickled_is_left_to_cleverer_picklers():
    class Local:
        n = 3

    function, arguments = njit(lambda x: x + Local.n).__reduce__()
    assert Local in [
        cell.cell_contents for part in arguments for cell in getattr(part, "__closure__", None) or ()
    ]
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps(njit(lambda x: x + Local.n))


class Reduced(ReduceMixin):
    def __init__(self, n):
        self.n = n

    def _reduce_states(self):
        return {"n": self.n}

    @classmethod
    def _rebuild(cls, n):
        return cls(n + 1)


def test_objects_say_how_they_are_pickled():
    assert pickle.loads(pickle.dumps(Reduced(3))).n == 4


def test_blocks_are_counted():
    from naja.nrt import rtsys

    def alive():
        stats = rtsys.get_allocation_stats()
        return stats.alloc - stats.free

    before = alive()
    kept = njit(lambda n: [np.zeros(n)[1:] for _ in range(3)])(4)
    assert alive() > before and len(kept) == 3
    del kept
    assert alive() == before


def test_the_contexts_of_the_target():
    from naja.registry import cpu_target

    assert cpu_target.typing_context.resolve_value_type(1.5) == types.float64
    assert str(cpu_target.target_context.get_value_type(types.int32)) == "i32"


def test_parts_of_lists():
    from naja.lowering.listobj import ListInstance

    @intrinsic
    def parts(typingctx, items, i):
        def codegen(context, builder, signature, args):
            made = ListInstance(context, builder, signature.args[0], args[0])
            result = [made.size, made.getitem(args[1])]
            made.setitem(args[1], made.getitem(builder.sub(made.size, args[1].type(1))))
            return context.make_tuple(builder, signature.return_type, result)

        return types.Tuple((types.intp, items.dtype))(items, types.intp), codegen

    @njit
    def f(items):
        return parts(items, 1), items

    for items in ([1, 2, 3], [1.5, 2.5], [True, False, True], [1j, 2j, 3j]):
        wanted = [items[0], items[-1], *items[2:]]
        assert f(list(items)) == ((len(items), items[1]), wanted)
    with pytest.raises(errors.NumbaError, match="side by side"):
        f(["a", "b"])


def test_fold_arguments():
    import inspect

    from naja.typing import fold_arguments

    def fold(function, args, kws):
        def handler(word):
            return lambda i, parameter, given: (word, i, parameter.name, given)

        signature = inspect.signature(function)
        return fold_arguments(signature, args, kws, *map(handler, ("given", "default", "star")))

    def f(a, b, c=3, *rest, d=4):
        pass

    wanted = (
        ("given", 0, "a", 1),
        ("given", 1, "b", 2),
        ("default", 2, "c", 3),
        ("star", 3, "rest", ()),
        ("given", 4, "d", 5),
    )
    assert fold(f, [1], {"b": 2, "d": 5}) == fold(f, [1], [("d", 5), ("b", 2)]) == wanted
    assert fold(f, (1, 2, 3, 4, 5), {})[2:] == (
        ("given", 2, "c", 3),
        ("star", 3, "rest", (4, 5)),
        ("default", 4, "d", 4),
    )
    with pytest.raises(TypeError, match="missing a required argument: 'b'"):
        fold(f, [1], {})


def test_memory_for_c_libraries():
    import ctypes

    from naja.nrt import NRT_get_api, _nrt_python, rtsys

    address, size = ctypes.c_void_p, ctypes.c_size_t
    table = ctypes.CFUNCTYPE(address)(_nrt_python.c_helpers["get_api"])()
    assert njit(lambda: NRT_get_api())() == table
    slots = ctypes.cast(table, ctypes.POINTER(address))
    destructor = ctypes.CFUNCTYPE(None, address)
    allocate = ctypes.CFUNCTYPE(address, size)(slots[0])
    external = ctypes.CFUNCTYPE(address, size, address)(slots[1])
    manage = ctypes.CFUNCTYPE(address, address, destructor)(slots[2])
    acquire, release = (ctypes.CFUNCTYPE(None, address)(slots[i]) for i in (3, 4))
    data = ctypes.CFUNCTYPE(address, address)(slots[5])

    @intrinsic
    def data_of(typingctx, block):
        def codegen(context, builder, signature, args):
            block = builder.inttoptr(args[0], context.get_value_type(types.voidptr))
            return builder.ptrtoint(context.nrt.meminfo_data(builder, block), args[0].type)

        return types.intp(types.intp), codegen

    compiled = njit(lambda block: data_of(block))
    compiled(allocated := allocate(8))
    release(allocated)
    before = rtsys.get_allocation_stats().mi_alloc

    block = allocate(1000)
    assert compiled(block) == data(block) and data(block) % 16 == 0
    ctypes.memset(data(block), 1, 1000)
    gone = []
    keep = destructor(gone.append)
    managed = manage(0x1234, keep)
    assert data(managed) == compiled(managed) == 0x1234
    acquire(managed)
    release(managed)
    assert gone == []
    release(managed)
    release(block)
    assert gone == [0x1234]

    room = ctypes.create_string_buffer(256)
    here = ctypes.addressof(room)
    take = ctypes.CFUNCTYPE(address, size, address)(
        lambda n, opaque: here if n <= 256 and opaque == 7 else None
    )
    grow = ctypes.CFUNCTYPE(address, address, size, address)(lambda data, n, opaque: None)
    give = ctypes.CFUNCTYPE(None, address, address)(lambda data, opaque: gone.append((data, opaque)))
    allocator = (address * 4)(*(ctypes.cast(f, address) for f in (take, grow, give)), 7)
    block = external(100, ctypes.addressof(allocator))
    assert data(block) == here
    release(block)
    assert gone[1:] == [(here, 7)]
    assert not external(1000, ctypes.addressof(allocator))
    assert rtsys.get_allocation_stats().mi_alloc == before
