"""The threads of parallel loops: how many, which one, which kind."""

from naja import _core

__all__ = ["get_num_threads", "get_thread_id", "set_num_threads", "threading_layer"]


def set_num_threads(n):
    """Limit the threads that parallel loops started by this thread may use.

    Parameters
    ----------
    n : int
        From 1 to ``naja.config.NUMBA_NUM_THREADS``.

    Raises
    ------
    TypeError
        If `n` is not an integer.
    ValueError
        If `n` is out of range.
    """
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise TypeError("The number of threads specified must be an integer")
    _core.set_num_threads(n.__index__())


def get_num_threads():
    """Return how many threads a parallel loop started by this thread may use.

    Returns
    -------
    int
    """
    return _core.get_num_threads()


def get_thread_id():
    """Return the number of this thread within its parallel loop; outside of one, 0.

    Returns
    -------
    int
    """
    return 0


def threading_layer():
    """Return the threading layer in use.

    Returns
    -------
    str
        ``"native"`` or ``"omp"``.

    Raises
    ------
    ValueError
        If no parallel loop has run yet.
    """
    layer = _core.threading_layer()
    if layer is None:
        raise ValueError("Threading layer is not initialized.")
    return layer
