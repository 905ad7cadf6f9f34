"""The threads of parallel loops: how many, which one, which kind."""

from naja import _core

__all__ = [
    "ensure_parallel_support",
    "get_num_threads",
    "get_parallel_chunksize",
    "get_thread_id",
    "parallel_chunksize",
    "set_num_threads",
    "set_parallel_chunksize",
    "threading_layer",
]


def ensure_parallel_support():
    """Accepted: loops run on several threads on every machine that naja runs on."""


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


def get_parallel_chunksize():
    """Return how many iterations a thread takes at a time in loops that this thread starts.

    Returns
    -------
    int
        0 if the pool chooses.
    """
    return _core.get_chunksize()


def set_parallel_chunksize(n):
    """Set how many iterations of a `prange` loop a thread takes at a time.

    Loops with reductions keep their own blocks, so that results stay the same for every setting.  Loops inside a
    parallel loop start from 0 again.

    Parameters
    ----------
    n : int
        Iterations; 0 lets the pool choose.

    Returns
    -------
    int
        The setting before.

    Raises
    ------
    TypeError
        If `n` is not an integer.
    ValueError
        If `n` is negative.
    """
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise TypeError("The parallel chunksize must be an integer")
    if n < 0:
        raise ValueError("chunksize must be greater than or equal to zero")
    return _core.set_chunksize(n.__index__())


class parallel_chunksize:
    """Set the chunk size for the loops of a ``with`` block.

    Parameters
    ----------
    n : int
        As for `set_parallel_chunksize`.
    """

    def __init__(self, n):
        self.n = n

    def __enter__(self):
        self.before = set_parallel_chunksize(self.n)
        return self.before

    def __exit__(self, *exception):
        set_parallel_chunksize(self.before)


def threading_layer():
    """Return the threading layer in use.

    Returns
    -------
    str
        ``"omp"``; ``"native"``, the pool of naja; or the name of Numba's (``"workqueue"``, ``"tbb"``) that was asked for
        and that the pool stands in for.

    Raises
    ------
    ValueError
        If no function with ``parallel=True`` has been compiled yet.
    """
    layer = _core.threading_layer()
    if layer is None:
        raise ValueError("Threading layer is not initialized.")
    return layer
