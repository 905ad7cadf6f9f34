"""Names of `numba.core.compiler` that programs mention without meaning Numba's own passes.

naja's compiler is not written in Python, so there is no pipeline to assemble: `CompilerBase` and `Flags` exist so
that a module which defines a custom pipeline can be imported.  Passing one to `jit` is refused.
"""

__all__ = ["CompilerBase", "Flags"]


class Flags:
    """Compiler switches under Numba's names; attributes may be set and read, and have no effect."""

    def copy(self):
        """Return others with the same values."""
        made = Flags()
        made.__dict__.update(self.__dict__)
        return made


class CompilerBase:
    """What custom pipelines derive from.

    Raises
    ------
    NotImplementedError
        When one is made: naja has no pipeline in Python.
    """

    def __init__(self, *args, **kwargs):
        raise NotImplementedError(
            "pipeline_class: naja's compiler has no pipeline in Python to change; "
            "use @overload to give functions an implementation"
        )
