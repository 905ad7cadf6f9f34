"""Low-level operations that the library's own functions may use around calls of ufuncs.

They have a meaning in compiled code only.
"""

__all__ = ["fp_clear", "fp_invalid"]


def fp_clear():
    """Forget which floating-point errors have happened in this thread."""
    raise NotImplementedError("fp_clear() works in compiled code only")


def fp_invalid():
    """Whether an invalid floating-point operation has happened in this thread since `fp_clear`."""
    raise NotImplementedError("fp_invalid() works in compiled code only")
