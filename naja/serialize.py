"""Numba's `numba.core.serialize`: objects as bytes, functions that no module has included."""

import marshal
import pickle
import types
import uuid
import weakref

from naja import _core

__all__ = ["ReduceMixin", "dumps", "loads"]


def _function(code, name, module, ncells):
    """Make a function whose cells and globals `_fill` sets: they may lead back to the function."""
    import builtins

    scope = {"__name__": module, "__builtins__": builtins}
    cells = tuple(types.CellType() for _ in range(ncells)) or None
    return types.FunctionType(marshal.loads(code), scope, name, None, cells)


def _fill(function, state):
    values, contents, attributes = state
    function.__globals__.update(values)
    for cell, content in zip(function.__closure__ or (), contents, strict=True):
        if content:
            cell.cell_contents = content[0]
    for name, value in attributes.items():
        setattr(function, name, value)


def _content(cell):
    try:
        return (cell.cell_contents,)
    except ValueError:  # nothing has been assigned yet
        return ()


def _named(code):
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _named(constant)


# What a function has beside its code.
_ATTRIBUTES = ("__defaults__", "__kwdefaults__", "__qualname__", "__doc__")


class _Pickler(pickle.Pickler):
    """Pickles a function by its module's name for it; if it has none, by its code and what that refers to."""

    def reducer_override(self, obj):
        if isinstance(obj, types.ModuleType):
            import importlib

            return importlib.import_module, (obj.__name__,)
        if isinstance(obj, _core.Dispatcher):
            return NotImplemented if self._is_reachable(obj) else _parts(obj)
        if not isinstance(obj, types.FunctionType) or self._is_reachable(obj):
            return NotImplemented
        used = {n: obj.__globals__[n] for n in _named(obj.__code__) if n in obj.__globals__}
        contents = [_content(cell) for cell in obj.__closure__ or ()]
        made_of = marshal.dumps(obj.__code__), obj.__name__, obj.__module__, len(contents)
        state = used, contents, {name: getattr(obj, name) for name in _ATTRIBUTES}
        return _function, made_of, state, None, None, _fill

    @staticmethod
    def _is_reachable(function):
        import sys

        found = sys.modules.get(function.__module__)
        for part in function.__qualname__.split("."):
            found = getattr(found, part, None)
        return found is function and function.__module__ != "__main__"


# Dispatchers by what their pickles call them: one that comes back to its own process is the same.
_dispatchers = weakref.WeakValueDictionary()
_names = weakref.WeakKeyDictionary()


def _parts(dispatcher):
    name = _names.setdefault(dispatcher, str(uuid.uuid4()))
    _dispatchers[name] = dispatcher
    return _rebuild_dispatcher, (name, dispatcher.py_func, dict(dispatcher.targetoptions))


def _rebuild_dispatcher(name, function, options):
    known = _dispatchers.get(name)
    if known is None:
        from naja.decorators import jit

        known = _dispatchers[name] = jit(**options)(function)
        _names[known] = name
    return known


def reduce_dispatcher(dispatcher):
    """Return what pickles a dispatcher that no module has: its bytes, since `pickle` takes no such function.

    If there is something in it that only a cleverer pickler takes, the parts are left to that one.

    Parameters
    ----------
    dispatcher : Dispatcher

    Returns
    -------
    tuple
        A function and its arguments.
    """
    try:
        return loads, (dumps(dispatcher),)
    except (AttributeError, TypeError, pickle.PicklingError):
        return _parts(dispatcher)


class ReduceMixin:
    """Pickles an object by what `_reduce_states` gives, as keywords of its class's `_rebuild`."""

    def _reduce_states(self):
        raise NotImplementedError

    @classmethod
    def _rebuild(cls, **state):
        raise NotImplementedError

    def _reduce_class(self):
        return type(self)

    def __reduce__(self):
        return _rebuild_reduced, (self._reduce_class(), self._reduce_states())


def _rebuild_reduced(cls, state):
    return cls._rebuild(**state)


def dumps(obj):
    """Return an object as bytes that `loads` reads, in another process as well.

    Parameters
    ----------
    obj : object
        What pickle takes; functions and dispatchers that no module has are taken apart.

    Returns
    -------
    bytes
    """
    import io

    out = io.BytesIO()
    _Pickler(out, pickle.HIGHEST_PROTOCOL).dump(obj)
    return out.getvalue()


loads = pickle.loads
