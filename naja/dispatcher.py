"""The slow side of a dispatcher: inspection, pickling, statistics.

`Dispatcher` is a C type (``src/boundary/dispatcher_type.c``); what a call needs is there.  The methods of this file
are put into that type when naja is imported.
"""

import sys
from collections import namedtuple

from naja import _core

__all__ = ["CPUDispatcher", "CallSite", "Dispatcher", "compile_eagerly"]

Dispatcher = CPUDispatcher = _core.Dispatcher

CacheStats = namedtuple("_CacheStats", ("cache_path", "cache_hits", "cache_misses"))

CallSite = namedtuple("CallSite", "function line column end_line end_column rung name type")
CallSite.__doc__ = """One operation of a compiled function, and what does it.

Attributes
----------
function : str
    Qualified name of the function, of the program's own, that contains the site.
line, column, end_line, end_column : int
    Where it stands; columns count bytes of UTF-8 from 0, -1: not known.
rung : int
    1: emitted by the compiler; 2: a library function that is compiled; 3: the inner loop of a NumPy-ABI ufunc; 4: a call of
    the interpreter; 0: a compiled function of the program's own.  Of several kinds behind a call the highest.
name : str
    What is called: ``"numpy.sum"``, ``"ndarray.sum"``, ``"operator.add"``.
type : str
    The type of the result.
"""


def compile_eagerly(dispatcher, signatures):
    """Compile for these signatures now, and for no others later.

    Parameters
    ----------
    dispatcher : Dispatcher
    signatures : list of Signature, str, or tuple of types
    """
    for given in signatures:
        compile_(dispatcher, given)
    dispatcher.disable_compile()


def compile_(self, sig):
    """Compile the function for one signature.

    Parameters
    ----------
    sig : Signature, str, or tuple of types
        Argument types, and the result type if it is given.

    Returns
    -------
    Overload
        The compiled version.

    Raises
    ------
    naja.errors.TypingError
        If the function does not fit these types.
    """
    from naja.typing import parse_signature

    signature = parse_signature(sig)
    return self._compile(signature.args, signature.return_type)


def _texts(self, attribute, signature):
    """Return the text of one version, or of all by signature."""
    if signature is not None:
        from naja.typing import parse_signature

        return getattr(self._inspect(tuple(parse_signature(signature).args)), attribute)
    return {args: getattr(self._inspect(args), attribute) for args in self.signatures}


def inspect_llvm(self, signature=None):
    """Return the LLVM text of the compiled versions.

    Parameters
    ----------
    signature : Signature or tuple of types, optional
        One version; default: all.

    Returns
    -------
    str or dict of str
        By argument types, when no signature is given.
    """
    return _texts(self, "llvm_ir", signature)


def inspect_asm(self, signature=None):
    """Return the assembly of the compiled versions.

    Parameters
    ----------
    signature : Signature or tuple of types, optional
        One version; default: all.

    Returns
    -------
    str or dict of str
        By argument types, when no signature is given.
    """
    return _texts(self, "assembly", signature)


def inspect_types(self, file=None, signature=None, pretty=False, style="default", **options):
    """Print the types that inference gave to every value, with the source lines.

    Parameters
    ----------
    file : file, optional
        Where to print; default: standard output.
    signature : Signature or tuple of types, optional
        One version; default: all.
    pretty, style
        Accepted for compatibility; `pretty` must be false.
    """
    if pretty:
        raise ValueError("`pretty` output is not available; use the default")
    texts = _texts(self, "types_text", signature)
    for args, text in texts.items() if isinstance(texts, dict) else [(signature, texts)]:
        print(f"{self.__name__} {args}", "-" * 80, text, "=" * 80, sep="\n", file=file or sys.stdout)


def inspect_calls(self, signature=None):
    """Tell for every operation of the compiled versions which rung of the library does it.

    Parameters
    ----------
    signature : Signature or tuple of types, optional
        One version; default: all.

    Returns
    -------
    list of CallSite, or dict of such lists
        In the order of the source for each function; by argument types, when no signature is given.
    """
    texts = _texts(self, "calls_text", signature)
    if isinstance(texts, dict):
        return {args: _call_sites(text) for args, text in texts.items()}
    return _call_sites(texts)


def _call_sites(text):
    rows = (line.split("\t") for line in (text or "").splitlines())
    return sorted(CallSite(row[0], *map(int, row[1:6]), *row[6:]) for row in rows)


def stats(self):
    """Cache statistics of the dispatcher (a property).

    Returns
    -------
    namedtuple
        ``cache_path``, ``cache_hits`` and ``cache_misses`` by argument types.
    """
    hits, misses = {}, {}
    for args, version in self.overloads.items():
        (hits if version.from_cache else misses)[args] = 1
    return CacheStats(_core.cache_directory(), hits, misses)


def enable_caching(self):
    """Keep compiled code on disk, also if ``cache=False`` was given."""
    self._set_switches({**_switches_of(self), "cache": True})


def _switches_of(self):
    from naja.decorators import _switches

    return _switches(self.targetoptions)


_compiled_recompile = Dispatcher.recompile


def recompile(self):
    """Compile all versions again, with the globals and ``targetoptions`` of now."""
    self._set_switches(_switches_of(self))
    _compiled_recompile(self)


def get_metadata(self, signature=None):
    """Return what the compiler did: fused loops, checks, milliseconds.

    Parameters
    ----------
    signature : tuple of types, optional
        One version; default: all.

    Returns
    -------
    dict
    """
    if signature is not None:
        return self.get_overload(signature).stats
    return {args: version.stats for args, version in self.overloads.items()}


def typeof_pyval(self, value):
    """Return the type that an argument would have."""
    return _core.typeof(value)


def _rebuild(function, options):
    from naja.decorators import jit

    return jit(**options)(function)


def _by_reference(module, qualname):
    value = sys.modules.get(module) or __import__(module, fromlist=["_"])
    for part in qualname.split("."):
        value = getattr(value, part)
    return value


def _is_reachable(self):
    if self.__module__ == "__main__":
        return False
    try:
        return _by_reference(self.__module__, self.__qualname__) is self
    except (AttributeError, ImportError):
        return False


def reduce_(self):
    """Pickle by reference if the name leads back to the dispatcher, else the function with its options."""
    if _is_reachable(self):
        return _by_reference, (self.__module__, self.__qualname__)
    return _rebuild, (self.py_func, dict(self.targetoptions))


def repr_(self):
    """Return ``CPUDispatcher(<function ...>)``, as Numba does."""
    return f"CPUDispatcher({self.py_func!r})"


_METHODS = {
    "compile": compile_,
    "inspect_llvm": inspect_llvm,
    "inspect_asm": inspect_asm,
    "inspect_types": inspect_types,
    "inspect_calls": inspect_calls,
    "stats": property(stats),
    "enable_caching": enable_caching,
    "recompile": recompile,
    "get_metadata": get_metadata,
    "typeof_pyval": typeof_pyval,
    "func_code": property(lambda self: self.py_func.__code__),
    "doc": property(lambda self: self.py_func.__doc__),
    "__reduce__": reduce_,
    "__repr__": repr_,
}
for _name, _method in _METHODS.items():
    setattr(Dispatcher, _name, _method)
