"""`stencil`: array functions from a kernel that says how one element follows from its neighbors.

A kernel indexes its array arguments relative to the element at hand::

    @stencil
    def smooth(a):
        return 0.25 * (a[0, 1] + a[1, 0] + a[0, -1] + a[-1, 0])

    smooth(image)

`StencilFunc` is called from Python and from compiled code alike; ``naja/library/stencils.py`` writes its loops for the
types of a call, and in functions with ``parallel=True`` the outermost of them is a `prange`.
"""

import functools

from naja import _core
from naja.errors import NumbaValueError

__all__ = ["MODES", "StencilFunc", "stencil"]

# How elements near the border of the array are computed, by scipy.ndimage's names; but for "constant", the number that
# src/library/stencils.c knows the mode by.
MODES = {"constant": None, "nearest": 0, "wrap": 1, "reflect": 2, "mirror": 3}

OPTIONS = ("neighborhood", "cval", "standard_indexing", "index_offsets")


def check_options(mode, options):
    """Raise for a mode or an option that does not exist.

    Parameters
    ----------
    mode : str
    options : iterable of str

    Raises
    ------
    NumbaValueError
    """
    if mode not in MODES:
        raise NumbaValueError(f"Unsupported mode style {mode}; the modes are {', '.join(MODES)}")
    for name in options:
        if name not in OPTIONS:
            raise NumbaValueError(f"Unknown stencil option {name}; the options are {', '.join(OPTIONS)}")


def names_of(standard_indexing):
    """Return the names in the option `standard_indexing`, which may be one name or several.

    Parameters
    ----------
    standard_indexing : str or iterable of str or None

    Returns
    -------
    tuple of str
    """
    if isinstance(standard_indexing, str):
        return (standard_indexing,)
    return tuple(standard_indexing or ())


class StencilFunc:
    """An array function made by `stencil`.

    Parameters
    ----------
    kernel : callable
        The function that computes one element.
    mode : str
        A key of `MODES`.
    options : dict
        See `stencil`.
    """

    def __init__(self, kernel, mode="constant", options=None):
        options = dict(options or {})
        check_options(mode, options)
        if isinstance(kernel, _core.Dispatcher):
            kernel = kernel.py_func
        if not hasattr(kernel, "__code__"):
            raise TypeError(f"a stencil's kernel is a Python function, not {type(kernel).__name__}")
        functools.update_wrapper(self, kernel)
        del self.__wrapped__
        self.py_func = kernel
        self.mode = mode
        self.options = options
        neighborhood = options.get("neighborhood")
        self.neighborhood = None if neighborhood is None else tuple(map(tuple, neighborhood))
        self.kernel = _core.Dispatcher(kernel, _kernel_switches(), {})
        # What compiled code depends on, for the cache.
        self.__naja_content__ = (
            self.kernel,
            mode,
            self.neighborhood,
            options.get("cval"),
            names_of(options.get("standard_indexing")),
            tuple(options.get("index_offsets") or ()),
        )
        self._entry = None

    def _naja_candidates(self):
        from naja.library import stencils

        return [(functools.partial(stencils.of_object, self), False)]

    def __call__(self, *args, out=None):
        """Apply the kernel to every element.

        Parameters
        ----------
        *args : array or number
            What the kernel takes; the first one is an array.
        out : array, optional
            Where to put the results, of the first array's shape.  Elements that the kernel cannot compute, because it
            would look beyond the array, are left as they are, unless the stencil has a ``cval``.

        Returns
        -------
        numpy.ndarray
            `out`, or a new array.
        """
        if self._entry is None:
            from naja.decorators import njit

            me = self
            self._entry = njit(lambda args, out: me(*args, out=out))
        return self._entry(args, out)


def _kernel_switches():
    from naja.decorators import _switches

    return _switches({})


def stencil(func_or_mode="constant", **options):
    """Make an array function of a kernel that says how one element follows from its neighbors.

    Parameters
    ----------
    func_or_mode : callable or str, optional
        The kernel (``@stencil``), or what is done where it would look beyond the array:

        - ``"constant"``: those elements of the result are ``cval``
        - ``"nearest"``, ``"wrap"``, ``"reflect"``, ``"mirror"``: the array is continued, as by `scipy.ndimage`
    neighborhood : tuple of tuple of int, optional
        How far the kernel looks along each axis: ``((low, high), ...)``.  It is needed when an index is not a constant.
    cval : number, optional
        What elements near the border are with the mode "constant"; 0.
    standard_indexing : str or sequence of str, optional
        Arguments whose indices are not relative.
    index_offsets : tuple of int, optional
        Added to every relative index, per axis.

    Returns
    -------
    StencilFunc
        Or a decorator, when no function was given.

    Raises
    ------
    NumbaValueError
        For a mode or option that does not exist.

    Examples
    --------
    >>> import numpy as np
    >>> @stencil
    ... def difference(a):
    ...     return a[1] - a[0]
    >>> difference(np.array([1.0, 4.0, 9.0]))
    array([3., 5., 0.])
    """
    if callable(func_or_mode):
        return StencilFunc(func_or_mode, "constant", options)
    check_options(func_or_mode, options)
    return lambda function: StencilFunc(function, func_or_mode, options)
