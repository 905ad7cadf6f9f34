"""Extensions that packages announce: entry points of the group ``numba_extensions``.

Such a package registers types and overloads when its function ``init`` is called.  Numba calls all of them at the
first compilation; naja when it first meets an object or a function that it does not know, so that programs which need
none do not import what happens to be installed.  They are written for ``numba``, so they are left alone unless
naja stands in for it (`naja.install_as_numba`).
"""

import sys

__all__ = ["init_all", "reset"]

_done = False


def _announced():
    from importlib.metadata import entry_points

    found = entry_points(group="numba_extensions", name="init")
    return found.get("numba_extensions", ()) if isinstance(found, dict) else found


def _stands_in():
    numba = sys.modules.get("numba")
    return type(numba).__module__ == "naja.shim"


def reset():
    """Forget that the extensions were loaded."""
    global _done
    _done = False


def init_all():
    """Load what is announced, once.  An extension that fails is left out, with a warning.

    Returns
    -------
    bool
        Whether an extension was loaded now, so that it is worth while to look again.
    """
    global _done
    if _done or not _stands_in():
        return False
    _done = True
    loaded = False
    for entry in _announced():
        try:
            entry.load()()
            loaded = True
        except Exception as error:
            import warnings

            text = f"{type(error).__name__}({error})"
            warnings.warn(
                f"Numba extension module '{entry.module}' failed to load due to '{text}'.", stacklevel=2
            )
    return loaded
