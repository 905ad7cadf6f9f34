"""Operations that only naja's library may use: placeholders for rows of the compiler (src/library/sorting.c, checks.c).

They test nothing; whoever calls them has done that.  Interpreted, they raise.
"""


def _only_compiled(*args):
    raise NotImplementedError("this operation exists in compiled code only")


def sort(a, stable):
    """Sort a contiguous array of one axis in place."""
    _only_compiled(a, stable)


def argsort(a, out, stable):
    """Put the indices that sort `a` into `out` (int64); both contiguous, of one axis and as long."""
    _only_compiled(a, out, stable)


def partition(a, kth):
    """Put every ``a[kth[i]]`` in its place; `kth` (int64) ascends and is in range."""
    _only_compiled(a, kth)


def argpartition(a, kth, out):
    """Put indices that partition `a` into `out`; `a` stays as it is."""
    _only_compiled(a, kth, out)


def value_error(message, i, j):
    """Raise ValueError; the constant `message` has a ``%d`` for each of i and j (``%g``: float64)."""
    _only_compiled(message, i, j)


def index_error(message, i, j):
    """Raise IndexError; the constant `message` has a ``%d`` for each of i and j (``%g``: float64)."""
    _only_compiled(message, i, j)


def checked_axis(axis, ndim):
    """Return an axis counted from the front; AxisError if an array of `ndim` axes has none such."""
    _only_compiled(axis, ndim)


def checked_index(index, n):
    """Return an index counted from the front; IndexError if it is not one of `n` elements."""
    _only_compiled(index, n)


def by_type(name):
    """Make a function that has no code of its own: overloads say what it does for which types.

    Parameters
    ----------
    name : str
        The function's name, which no other one has.

    Returns
    -------
    function
    """

    def function(*args):
        _only_compiled(*args)

    function.__name__ = function.__qualname__ = name
    return function
