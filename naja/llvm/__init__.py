"""LLVM as extensions see it: the part of llvmlite's interface that they build code with.

Under the shim ``import llvmlite`` gives this package.
"""

__version__ = "0.50.0"
__all__ = ["binding", "ir"]
