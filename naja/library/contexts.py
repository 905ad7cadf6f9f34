"""Context managers of compiled code: what ``with`` does.

`enter` gives the function to leave with, which takes what ``__exit__`` takes, and the value that ``as`` binds.  Of an
exception compiled code knows the class at run time only: ``__exit__`` gets the exception for its class as well, and no
traceback.

What is no value of compiled code, such as ``nullcontext()``, is a function that enters.
"""

import contextlib

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import kinds, low
from naja.threads import parallel_chunksize, set_parallel_chunksize


def enter(manager):
    """Enter a context; give the function to leave it with, and the value."""
    return low.context_enter(manager)


def _leave(cls, value, traceback):
    return None


def _refuse(manager, why):
    raise TypingError(
        f"`with` cannot enter {manager}: {why}; use a jitclass with __enter__ and __exit__, or put the block into "
        "`with objmode():`"
    )


@overload(low.context_enter, prefer_literal=True)
def _enter(manager):
    if manager.kind == "CLOSURE":
        return lambda manager: manager()
    if manager.kind == "INSTANCE" or kinds.is_instance(manager):
        cls = manager._box_class if manager.kind == "INSTANCE" else manager.instance_class
        missing = [name for name in ("__enter__", "__exit__") if not hasattr(cls, name)]
        if missing:
            _refuse(manager, f"it has no {missing[0]}()")

        def enter(manager):
            def leave(cls, value, traceback):
                return manager.__exit__(cls, value, traceback)

            return leave, manager.__enter__()

        return enter
    if manager.kind == "OBJECT" and isinstance(manager.object, contextlib.nullcontext):
        return lambda manager: (_leave, None)
    if manager.kind == "OBJECT" and isinstance(manager.object, np.errstate):
        return lambda manager: (_leave, None)
    if manager.kind in ("OBJECT", "FUNCTION"):
        _refuse(manager, "it is a plain Python object")
    _refuse(manager, "it is no context manager that compiled code knows")


@overload(contextlib.nullcontext)
def _nullcontext(enter_result=None):
    def nullcontext(enter_result=None):
        return lambda: (_leave, enter_result)

    return nullcontext


@overload(np.errstate, prefer_literal=True)
def _errstate(all=None, divide=None, over=None, under=None, invalid=None, call=None):
    """Compiled code gives no floating point warnings, so there is nothing to silence."""
    for name, given in (
        ("all", all),
        ("divide", divide),
        ("over", over),
        ("under", under),
        ("invalid", invalid),
    ):
        if kinds.is_none(given):
            continue
        if kinds.value(given, f"np.errstate: {name}") not in ("ignore", "warn"):
            raise TypingError(
                f"np.errstate({name}=...) can only be 'ignore' or 'warn' in compiled code, which gives no floating "
                "point warnings: test the values with np.isfinite, or use error_model='python'"
            )

    def errstate(all=None, divide=None, over=None, under=None, invalid=None, call=None):
        return lambda: (_leave, None)

    return errstate


@overload(parallel_chunksize)
def _parallel_chunksize(n):
    if not isinstance(kinds.plain(n), types.Integer):
        raise TypingError("The parallel chunksize must be an integer")

    def chunksize(n):
        def enter():
            before = set_parallel_chunksize(n)

            def leave(cls, value, traceback):
                set_parallel_chunksize(before)

            return leave, n

        return enter

    return chunksize
