"""The slow side of a dispatcher: inspection, pickling, statistics.

`Dispatcher` is a C type (``src/boundary/dispatcher_type.c``); what a call needs is there.  The methods of this file
are put into that type when naja is imported.
"""

import sys
from collections import namedtuple

from naja import _core

__all__ = ["CPUDispatcher", "CallSite", "CodeLibrary", "Dispatcher", "Overload", "compile_eagerly"]

Dispatcher = CPUDispatcher = _core.Dispatcher
Overload = _core.Overload

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
    RuntimeError
        If it was decorated with signatures, or `disable_compile` was called, and this is none of its versions.
    """
    from naja.typing import parse_signature

    signature = parse_signature(sig)
    if not self._can_compile and not self._is_ahead and tuple(signature.args) not in self.overloads:
        raise RuntimeError("compilation disabled")
    return self._compile(signature.args, signature.return_type)


def _by_version(self, signature, tell):
    """Return what `tell` says of the argument types of one version, or of all by these types."""
    if signature is not None:
        from naja.typing import parse_signature

        return tell(tuple(parse_signature(signature).args))
    return {args: tell(args) for args in self.signatures}


def _texts(self, attribute, signature):
    """Return the text of one version, or of all by signature."""
    return _by_version(self, signature, lambda args: getattr(self._inspect(args), attribute))


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


def explain(self, signature=None):
    """Tell, line by line, what the compiler made of the function.

    Which array expressions became one loop, which loops run in parallel and which on vectors, which indices are checked
    and why, what is allocated and counted, and who does each call of the library.

    Parameters
    ----------
    signature : Signature or tuple of types, optional
        One version; default: all.

    Returns
    -------
    Explanation, or dict of them
        Prints as text, shows as a table in notebooks; by argument types, when there are several versions.
    """
    from naja.explain import explain as explain_version

    found = _by_version(self, signature, lambda args: explain_version(self, args))
    only_one = signature is None and len(found) == 1
    return next(iter(found.values())) if only_one else found


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
    return _by_version(self, signature, lambda args: _call_sites(self._inspect(args).calls_text))


def _call_sites(text):
    rows = (line.split("\t") for line in (text or "").splitlines())
    return sorted(CallSite(row[0], *map(int, row[1:6]), *row[6:]) for row in rows)


def _cache_counter(self, from_cache):
    """Return how many versions for each signature came from the cache, or did not."""
    from collections import Counter

    return Counter({args: 1 for args, version in self.overloads.items() if version.from_cache == from_cache})


def stats(self):
    """Cache statistics of the dispatcher (a property).

    Returns
    -------
    namedtuple
        ``cache_path``, ``cache_hits`` and ``cache_misses`` by argument types.
    """
    return CacheStats(_core.cache_directory(), _cache_counter(self, True), _cache_counter(self, False))


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


class ParallelDiagnostics:
    """What the compiler did about parallelism in one version of a function.

    Parameters
    ----------
    name : str
        The function's.
    signature : tuple of types
    stats : dict
        What the compiler counted.
    remarks : callable
        Gives what the compiler says of each line: the list of ``f.explain(signature).remarks``.
    """

    # What each level adds to the one before.
    _LINES = (
        "{parallel_loops} parallel loops (prange, stencils, long array expressions and reductions), "
        "{fused_loops} array expressions fused into others",
        "{checks_left} of {checks_total} index checks are left in loops, {versioned_loops} loops have a copy without any, "
        "{searches} search many elements at a time, {lanes} compute many iterations side by side",
        "signals are served {polled}",
        "{ms_total:.1f} ms to compile, {ms_llvm:.1f} of them in LLVM; {code_nbytes} bytes of code",
    )

    def __init__(self, name, signature, stats, remarks=list):
        self.name, self.signature, self.stats, self._remarks = name, signature, stats, remarks

    def count_parfors(self):
        """Return the number of parallel loops.

        Returns
        -------
        int
        """
        return self.stats["parallel_loops"]

    def dump(self, level=1):
        """Print it: counts, and what became of each loop over `prange`, by line.

        Parameters
        ----------
        level : int
            From 1 to 4: how much.  From 2 on array expressions are listed as well.

        Raises
        ------
        ValueError
            For another level.
        """
        if level not in (1, 2, 3, 4):
            raise ValueError(f"the level of parallel diagnostics is 1, 2, 3 or 4, not {level!r}")
        facts = {
            **self.stats,
            "polled": "between pieces of loops" if self.stats["has_polls"] else "at the end",
        }
        types = ", ".join(map(str, self.signature))
        print(f"{self.name}({types}): " + "\n    ".join(self._LINES[:level]).format(**facts))
        kinds = ("parallel",) if level == 1 else ("parallel", "fused")
        for remark in self._remarks():
            if remark.kind in kinds:
                print(f"    {remark.filename}:{remark.line}: {remark.kind}: {remark.text}")


def _diagnostics(self, args, version):
    return ParallelDiagnostics(self.__name__, args, version.stats, lambda: self.explain(args).remarks)


def get_metadata(self, signature=None):
    """Return what the compiler did: fused loops, checks, milliseconds; under "parfor_diagnostics" what is parallel.

    Parameters
    ----------
    signature : tuple of types, optional
        One version; default: all.

    Returns
    -------
    dict
    """

    def facts(args, version):
        return {**version.stats, "parfor_diagnostics": _diagnostics(self, args, version)}

    if signature is not None:
        return facts(signature, self.get_overload(signature))
    return {args: facts(args, version) for args, version in self.overloads.items()}


def get_call_template(self, args, kws):
    """Return what calling the function with these types needs, compiling a version if there is none.

    Parameters
    ----------
    args : tuple of types
    kws : dict of types
        By parameter name.

    Returns
    -------
    template : Dispatcher
        The function itself.
    pysig : inspect.Signature
    args : tuple of types
        By parameter; defaults are `Omitted`.
    kws : dict
        Empty.

    Raises
    ------
    TypeError
        If the call does not fit the parameters.
    """
    pysig, args = fold_argument_types(self, args, kws)
    if self._can_compile:
        self._compile(args)
    return self, pysig, args, {}


def fold_argument_types(self, args, kws):
    """Return the function's signature and one type per parameter, for a call with these types.

    Parameters
    ----------
    args : tuple of types
    kws : dict of types

    Returns
    -------
    pysig : inspect.Signature
    args : tuple of types
        Left-out arguments are `Omitted`, ``*args`` one tuple.

    Raises
    ------
    TypeError
        If the call does not fit the parameters.
    """
    import inspect

    from naja import types

    pysig = inspect.signature(self.py_func)
    bound = pysig.bind(*args, **kws)
    folded = []
    for name, parameter in pysig.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            folded.append(types.Tuple(bound.arguments.get(name, ())))
        elif name in bound.arguments:
            folded.append(bound.arguments[name])
        else:
            folded.append(types.Omitted(parameter.default))
    return pysig, tuple(folded)


def get_function_type(self):
    """Return the `FunctionType` of a function that has one version and takes no others, else None."""
    from naja import types

    signatures = self.nopython_signatures
    return types.FunctionType(signatures[0]) if not self._can_compile and len(signatures) == 1 else None


def inspect_cfg(self, signature=None, show_wrapper=None, **options):
    """Return the control flow of the compiled versions, as LLVM text.

    Parameters
    ----------
    signature : Signature or tuple of types, optional
        One version; default: all.
    show_wrapper, **options
        Accepted for compatibility.

    Returns
    -------
    str or dict of str
    """
    return _texts(self, "llvm_ir", signature)


def parallel_diagnostics(self, signature=None, level=1):
    """Print what the compiler did about parallel loops.

    Parameters
    ----------
    signature : tuple of types, optional
        One version; default: all.
    level : int
        From 1 to 4: how much.

    Raises
    ------
    ValueError
        If nothing is compiled, or for another level.
    """
    if not self.signatures:
        raise ValueError("No parfors diagnostic available, is the function compiled?")
    for args, version in self.overloads.items():
        if signature in (None, args):
            _diagnostics(self, args, version).dump(level)


def get_annotation_info(self, signature=None):
    """Return the types that inference gave, by file, line and types of the version.

    Parameters
    ----------
    signature : tuple of types, optional
        One version; default: all.

    Returns
    -------
    dict of str
    """
    code = self.py_func.__code__
    place = f"{code.co_filename}:{code.co_firstlineno}"
    chosen = self.signatures if signature is None else [signature]
    return {(place, args): _texts(self, "types_text", args) for args in chosen}


def dump(self, tab=""):
    """Print the function and its versions.

    Parameters
    ----------
    tab : str
        Put in front of each line.
    """
    print(f"{tab}{self!r}")
    for signature in self.nopython_signatures:
        print(f"{tab}  {signature}")


def _types_of(sig):
    from naja.typing import parse_signature

    return tuple(parse_signature(sig).args)


def typeof_pyval(self, value):
    """Return the type that an argument would have."""
    return _core.typeof(value)


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
    """Pickle by reference if the name leads back to the dispatcher, else with the function."""
    if _is_reachable(self):
        return _by_reference, (self.__module__, self.__qualname__)
    from naja import serialize

    return serialize.reduce_dispatcher(self)


def repr_(self):
    """Return ``CPUDispatcher(<function ...>)``, as Numba does."""
    return f"CPUDispatcher({self.py_func!r})"


# ---- compiled versions ---------------------------------------------------------------------------------------------------


class CodeLibrary:
    """The code of one compiled version.

    Parameters
    ----------
    version : Overload
    """

    def __init__(self, version):
        self._version = version
        self.name = version.dispatcher.__qualname__

    def _text(self, attribute):
        return getattr(self._version.dispatcher._inspect(self._version.args), attribute)

    def get_llvm_str(self):
        """Return the LLVM text."""
        return self._text("llvm_ir")

    def get_asm_str(self):
        """Return the assembly text."""
        return self._text("assembly")

    def get_function_cfg(self, name=None, **options):
        """Return the LLVM text, which shows the control flow."""
        return self._text("llvm_ir")

    @property
    def is_finalized(self):
        """Whether the code can run: always."""
        return True


def _signature_of(self):
    from naja.typing import Signature

    return Signature(self.result, self.args)


_OVERLOAD = {
    "signature": property(_signature_of, doc="Argument types and result type."),
    "entry_point": property(lambda self: self._call, doc="A callable that runs this version."),
    "library": property(CodeLibrary, doc="The code, as a `CodeLibrary`."),
    "metadata": property(lambda self: self.stats, doc="What the compiler did."),
    "type_annotation": property(
        lambda self: self.library._text("types_text"), doc="The types that inference gave, as text."
    ),
    "objectmode": False,
    "lifted": (),
    "typing_error": None,
    "reload_init": (),
    "reference_value": None,
}
for _name, _value in _OVERLOAD.items():
    setattr(Overload, _name, _value)


_METHODS = {
    "compile": compile_,
    "inspect_llvm": inspect_llvm,
    "inspect_asm": inspect_asm,
    "inspect_types": inspect_types,
    "explain": explain,
    "inspect_calls": inspect_calls,
    "stats": property(stats),
    "enable_caching": enable_caching,
    "recompile": recompile,
    "get_metadata": get_metadata,
    "typeof_pyval": typeof_pyval,
    "func_code": property(lambda self: self.py_func.__code__),
    "doc": property(lambda self: self.py_func.__doc__),
    "locals": property(lambda self: self.targetoptions.get("locals") or {}),
    "is_compiling": property(lambda self: False, doc="Compiling holds the lock: whoever can ask is not."),
    "_cache_hits": property(lambda self: _cache_counter(self, True)),
    "_cache_misses": property(lambda self: _cache_counter(self, False)),
    "get_compile_result": lambda self, sig, **options: self.get_overload(_types_of(sig)),
    "get_call_template": get_call_template,
    "fold_argument_types": fold_argument_types,
    "get_function_type": get_function_type,
    "get_annotation_info": get_annotation_info,
    "inspect_cfg": inspect_cfg,
    "parallel_diagnostics": parallel_diagnostics,
    "dump": dump,
    "__code__": property(lambda self: self.py_func.__code__),
    "__defaults__": property(lambda self: self.py_func.__defaults__),
    "__kwdefaults__": property(lambda self: self.py_func.__kwdefaults__),
    "__globals__": property(lambda self: self.py_func.__globals__),
    "__closure__": property(lambda self: self.py_func.__closure__),
    "__reduce__": reduce_,
    "__repr__": repr_,
}
for _name, _method in _METHODS.items():
    setattr(Dispatcher, _name, _method)
