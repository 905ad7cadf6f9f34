"""Names of `numba.core.caching` that programs derive from or mention.

naja's cache is not written in Python: an entry is one file that is replaced as a whole, its key is what the code depends on,
and where it cannot be written nothing is written.  So there are no locators to choose from, and what is put in place of
these classes is not asked.
"""

__all__ = ["CacheImpl", "FunctionCache", "IndexDataCacheFile", "NullCache", "_Cache", "_CacheLocator"]


class _Cache:
    """What dispatchers of Numba keep their cache in."""

    cache_path = None

    def load_overload(self, sig, target_context):
        """Return None: nothing is kept here."""

    def save_overload(self, sig, data):
        """Accepted: naja saves what it compiles itself."""

    def enable(self):
        """Accepted."""

    def disable(self):
        """Accepted."""

    def flush(self):
        """Accepted."""


class NullCache(_Cache):
    """The cache of functions that are not cached."""


class FunctionCache(_Cache):
    """The cache of a function.

    Parameters
    ----------
    py_func : callable
    """

    def __init__(self, py_func):
        self._py_func = py_func


class CacheImpl:
    """How Numba finds a place for a function's cache."""

    _locator_classes = []  # noqa: RUF012 - programs put their own in front


class _CacheLocator:
    """A place for a function's cache."""

    def ensure_cache_path(self):
        """Accepted."""

    def get_cache_path(self):
        """Return the folder."""
        raise NotImplementedError

    @classmethod
    def from_function(cls, py_func, py_file):
        """Return a locator for a function, or None."""


class IndexDataCacheFile:
    """Numba's files for one function: an index, and data.

    Parameters
    ----------
    cache_path, filename_base : str
    source_stamp : object
    """

    def __init__(self, cache_path, filename_base, source_stamp):
        self._cache_path, self._source_stamp = cache_path, source_stamp
        self._index_name = f"{filename_base}.nbi"

    def load(self, key):
        """Return None: nothing is kept here."""

    def save(self, key, data):
        """Accepted."""

    def flush(self):
        """Accepted."""

    def _load_index(self):
        return {}
