"""Numba's `numba.core.registry`: what compiles for the CPU, and the contexts that extensions ask."""

import functools

from naja.dispatcher import CPUDispatcher

__all__ = ["CPUDispatcher", "cpu_target", "dispatcher_registry"]


class _CPUTarget:
    """The CPU, with the contexts of code that extensions build."""

    @functools.cached_property
    def typing_context(self):
        """What typing functions ask."""
        from naja.lowering.context import TypingContext

        return TypingContext()

    @functools.cached_property
    def target_context(self):
        """What tells how values look in LLVM."""
        from naja.llvm import ir
        from naja.lowering.context import Context

        module = ir.Module("target")
        function = ir.Function(module, ir.FunctionType(ir.VoidType(), []), "target")
        return Context(ir.IRBuilder(function.append_basic_block("entry")))


cpu_target = _CPUTarget()

#: What compiles for a target, by its name.
dispatcher_registry = {"cpu": CPUDispatcher}
