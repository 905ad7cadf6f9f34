"""The contexts that compiled functions know, under the names of `numba.core.withcontexts`."""

from naja.special import objmode
from naja.threads import parallel_chunksize

__all__ = ["objmode_context", "parallel_chunksize"]

objmode_context = objmode
