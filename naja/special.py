"""Markers that mean something to the compiler and nothing to Python."""

__all__ = ["literal_unroll", "literally", "objmode"]


def literally(value):
    """Ask for an argument's value to be part of its type; in plain Python, return it."""
    return value


def literal_unroll(container):
    """Ask for a loop over a mixed tuple to be unrolled; in plain Python, return it."""
    return container


class _ObjectMode:
    """Have a block of a compiled function run by the interpreter: ``with objmode(y="float64[:]"):``.

    The keywords name the variables that the block gives back, and say their types: by text, or by a type that a
    global, a variable of an enclosing function, or an attribute of one of them names.  The block reads any variable
    of the function.  In plain Python this does nothing.

    Parameters
    ----------
    **outputs : str or naja.types.Type
        Type of each variable that the block assigns and that is used behind it.

    Raises
    ------
    TypeError
        When the block gives a value of another type.

    Examples
    --------
    >>> @njit
    ... def f(x):
    ...     with objmode(y="float64[:]"):
    ...         y = np.asarray(some_library.smooth(x))
    ...     return y.sum()
    """

    def __call__(self, *args, **outputs):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return None

    def __repr__(self):
        return "objmode"

    __naja_content__ = ("naja.objmode",)  # its part of a cache key


objmode = _ObjectMode()
