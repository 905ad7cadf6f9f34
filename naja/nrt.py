"""Numba's `numba.core.runtime`: how much memory compiled code holds, and memory for C libraries."""

from collections import namedtuple
from types import SimpleNamespace

from naja import _core, types
from naja.extending import intrinsic
from naja.llvm import ir
from naja.lowering import cgutils, layout

__all__ = ["NRT_get_api", "rtsys"]

_Statistics = namedtuple("nrt_mstats", "alloc free mi_alloc mi_free")


class _Runtime:
    """The runtime, as Numba's tests ask it for leaks."""

    def get_allocation_stats(self):
        """Return counts of blocks of memory, of which the difference of made and freed ones is true.

        Returns
        -------
        namedtuple
            Numbers ``alloc``, ``free``, ``mi_alloc`` and ``mi_free``.
        """
        alive = _core.block_count()
        return _Statistics(alive, 0, alive, 0)

    def initialize(self, ctx=None):
        """Accepted: the runtime is there."""


rtsys = _Runtime()

# A C library calls this function and gets the table of functions by which it makes, keeps and releases memory.
_nrt_python = SimpleNamespace(c_helpers={"get_api": _core.nrt_api()})


@intrinsic
def NRT_get_api(typingctx):
    """Return the address of the table of functions by which C libraries make, keep and release memory."""

    def codegen(context, builder, signature, args):
        fnty = ir.FunctionType(layout.VOID_POINTER, [])
        return builder.call(cgutils.get_or_insert_function(builder.module, fnty, "naja_nrt_api"), [])

    return types.voidptr(), codegen
