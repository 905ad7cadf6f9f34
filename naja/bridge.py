"""Low-level operations that the library's own code may use around ufuncs and their inner loops.

They have a meaning in compiled code only.
"""

__all__ = ["contiguous", "fp_clear", "fp_invalid", "run", "strided", "word"]


def fp_clear():
    """Forget which floating-point errors have happened in this thread."""
    raise NotImplementedError("fp_clear() works in compiled code only")


def fp_invalid():
    """Whether an invalid floating-point operation has happened in this thread since `fp_clear`."""
    raise NotImplementedError("fp_invalid() works in compiled code only")


def word(address, i):
    """Return the 64-bit integer at `address` + 8 `i`."""
    raise NotImplementedError("word() works in compiled code only")


def contiguous(address, shape, dtype):
    """Return the array of this shape, in C order, that lies at an address."""
    raise NotImplementedError("contiguous() works in compiled code only")


def strided(address, shape, strides, dtype):
    """Return the array of this shape and these strides (in bytes) that lies at an address."""
    raise NotImplementedError("strided() works in compiled code only")


def run(ufunc, *operands):
    """Run a ufunc's inner loop; all outputs are given, have the loop's types, and overlap no input."""
    raise NotImplementedError("run() works in compiled code only")
