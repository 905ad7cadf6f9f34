"""Numba's `numba.core.serialize`: objects as bytes, functions that no module has included."""

import marshal
import pickle
import types

__all__ = ["ReduceMixin", "dumps", "loads"]


def _restore(code, name, defaults, keyword_defaults, contents, values, module):
    import builtins

    scope = {"__name__": module, "__builtins__": builtins, **values}
    cells = tuple(types.CellType(x) for x in contents) or None
    function = types.FunctionType(marshal.loads(code), scope, name, defaults, cells)
    function.__kwdefaults__ = keyword_defaults
    return function


def _named(code):
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _named(constant)


class _Pickler(pickle.Pickler):
    """Pickles a function by its module's name for it; if it has none, by its code and what that refers to."""

    def reducer_override(self, obj):
        if isinstance(obj, types.ModuleType):
            import importlib

            return importlib.import_module, (obj.__name__,)
        if not isinstance(obj, types.FunctionType) or self._is_reachable(obj):
            return NotImplemented
        used = {n: obj.__globals__[n] for n in _named(obj.__code__) if n in obj.__globals__}
        contents = [cell.cell_contents for cell in obj.__closure__ or ()]
        code = marshal.dumps(obj.__code__)
        return _restore, (
            code, obj.__name__, obj.__defaults__, obj.__kwdefaults__, contents, used, obj.__module__,
        )  # fmt: skip

    @staticmethod
    def _is_reachable(function):
        import sys

        found = sys.modules.get(function.__module__)
        for part in function.__qualname__.split("."):
            found = getattr(found, part, None)
        return found is function and function.__module__ != "__main__"


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
