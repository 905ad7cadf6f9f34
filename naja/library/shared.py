"""Functions of the library that other functions of it call."""

from naja.extending import overload


def shared(function):
    """Have calls of a function compiled as the library's own, and, if it is large, once for all that call it.

    Parameters
    ----------
    function : function
        Its name stands in the index of the package, as those of other implementations do.

    Returns
    -------
    function
        The same.
    """

    def factory(*arguments):
        return function

    factory.__module__ = function.__module__  # which is where the index has it
    overload(function)(factory)
    return function
