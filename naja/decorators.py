"""`jit`, `njit`, and what belongs to them.

A decorator checks its options, turns them into the compiler's switches and makes a `Dispatcher`; everything else
happens at the first call.
"""

from naja import _core
from naja.dispatcher import compile_eagerly

__all__ = ["OPTIONS", "jit", "jit_module", "njit", "pndindex", "prange"]

# Bits of the fastmath option, as in src/ir/ir.h.
_FASTMATH = {"nnan": 1, "ninf": 2, "nsz": 4, "arcp": 8, "contract": 16, "afn": 32, "reassoc": 64, "fast": 127}

# What parallel={...} can switch off: names of Numba's, with bits of `serial` in src/ir/ir.h.  What has no bit is always
# done serially, or cannot be told apart.
_SERIAL = {
    "stencil": 1,
    "prange": 2,
    "numpy": 4,
    "reduction": 8,
    "setitem": 16,
    "inplace_binop": 32,
    "fusion": 64,
    "comprehension": 0,
}

# The option bridge, as BridgeOption in src/ir/ir.h.
_BRIDGE = {"warn": 0, "allow": 1, "error": 2}

# Options of jit() with what they do; those marked "accepted" have no effect because naja needs no such switch.
OPTIONS = {
    "nopython": "accepted: functions are always compiled whole",
    "nogil": "run without the GIL",
    "cache": "keep the compiled code on disk (default: yes)",
    "parallel": "run prange loops in parallel",
    "fastmath": "True or a set of flags: allow rewrites that change rounding",
    "error_model": "'python': dividing by zero raises; 'numpy': it gives inf or nan",
    "boundscheck": "False: an index out of range is undefined behaviour",
    "inline": "accepted: LLVM decides what to inline",
    "forceinline": "accepted: LLVM decides what to inline",
    "debug": "debug information and verified code",
    "locals": "types of local variables, by name: what is assigned to them is converted",
    "forceobj": "run in the interpreter: object mode",
    "looplift": "accepted: object mode runs loops in the interpreter, too",
    "no_cpython_wrapper": "accepted",
    "no_cfunc_wrapper": "accepted",
    "no_rewrites": "accepted",
    "pipeline_class": "refused: the compiler is not written in Python",
    "target": "'cpu' only",
    "bridge": "'warn', 'allow' (also in prange) or 'error': library calls that only the interpreter can do",
    "_nrt": "accepted",
    "_dbg_extend_lifetimes": "accepted",
    "_dbg_optnone": "accepted",
}


def _fastmath_bits(value):
    if isinstance(value, bool) or value is None:
        return _FASTMATH["fast"] if value else 0
    if not isinstance(value, (dict, set, frozenset, list, tuple)):
        raise ValueError(
            f"Expected fastmath option(s) to be a bool, or a set or dict of flags, not {value!r}"
        )
    unknown = set(value) - set(_FASTMATH)
    if unknown:
        raise ValueError(f"Unrecognized fastmath flags: {sorted(unknown)}; known: {', '.join(_FASTMATH)}")
    bits = 0
    for flag in value:
        if isinstance(value, dict) and not value[flag]:
            continue
        bits |= _FASTMATH[flag]
    return bits


def _configure_threads():
    """Choose the threading layer: by its name, or the first of the user's order that there is."""
    from naja import config

    layer, order = config.THREADING_LAYER, config.THREADING_LAYER_PRIORITY
    if layer == "default" and order != ["tbb", "omp", "workqueue"]:
        for name in order:
            try:
                return _core.configure_threads(config.NUM_THREADS, name)
            except ValueError:
                continue
    return _core.configure_threads(config.NUM_THREADS, layer)


def _serial_bits(parallel):
    """What a dict of parallel options switches off."""
    if not isinstance(parallel, dict):
        return 0
    unknown = sorted(set(parallel) - set(_SERIAL))
    if unknown:
        raise NameError(f"Unrecognized parallel options: {unknown}; known: {', '.join(_SERIAL)}")
    return sum(_SERIAL[name] for name, on in parallel.items() if not on)


def warn_of_nopython_false(options, depth):
    """Warn that ``nopython=False`` does nothing, as Numba does; `depth` is that of the decorated line's frame."""
    if options.get("nopython") is False:
        import warnings

        from naja.errors import NumbaDeprecationWarning

        message = (
            "The keyword argument 'nopython=False' was supplied. It has no effect: functions are compiled, or, with "
            "forceobj=True, run by the interpreter."
        )
        warnings.warn(message, NumbaDeprecationWarning, stacklevel=depth)


def _switches(options):
    """Turn user options into the compiler's switches; raise for what makes no sense."""
    from naja import config

    unknown = set(options) - set(OPTIONS)
    if unknown:
        raise KeyError(f"Unrecognized options: {sorted(unknown)}. Known options are {sorted(OPTIONS)}")
    if options.get("forceobj") and options.get("nopython"):
        raise ValueError("Only one of 'nopython' or 'forceobj' can be True.")
    if options.get("target", "cpu") != "cpu":
        raise ValueError(f"target={options['target']!r} is not available; the only target is 'cpu'")
    if options.get("error_model", "python") not in ("python", "numpy"):
        raise ValueError(f"error_model={options['error_model']!r} is neither 'python' nor 'numpy'")
    if options.get("bridge", "warn") not in _BRIDGE:
        raise ValueError(f"bridge={options['bridge']!r} is none of 'warn', 'allow' and 'error'")
    if options.get("parallel"):
        _configure_threads()
    config.apply_cache_dir()
    boundscheck = config.BOUNDSCHECK if config.BOUNDSCHECK is not None else options.get("boundscheck")
    return {
        "fastmath": _fastmath_bits(options.get("fastmath", False)),
        "error_model_numpy": options.get("error_model", "python") == "numpy",
        "boundscheck": boundscheck is not False,
        "own_error_model": "error_model" in options,
        "own_boundscheck": boundscheck is not None,
        "parallel": bool(options.get("parallel", False)),
        "serial": _serial_bits(options.get("parallel", False)),
        "nogil": bool(options.get("nogil", False)),
        "debug": bool(options.get("debug", config.DEBUGINFO_DEFAULT)),
        "polls": config.POLLS,
        "cache": config.CACHE and options.get("cache") is not False,
        "bridge": _BRIDGE[options.get("bridge", "warn")],
        "object_mode": bool(options.get("forceobj", False)),
    }


def _declare(function, declared):
    """Return a copy of the function that says which types its variables have: the front end looks there."""
    import functools
    import types

    from naja.types import as_type

    if not isinstance(declared, dict):
        raise TypeError(f"locals= is a dict of types by name of variable, not {declared!r}")
    copied = types.FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copied.__kwdefaults__ = function.__kwdefaults__
    functools.update_wrapper(copied, function)
    copied.__naja_locals__ = {str(name): as_type(type_) for name, type_ in declared.items()}
    return copied


def _check_function(function):
    if isinstance(function, _core.Dispatcher):
        raise TypeError(
            f"A jit decorator was called on an already jitted function {function.py_func!r}.  "
            "If trying to get access to the original python function, use the .py_func attribute instead."
        )
    if isinstance(function, type):
        raise TypeError(
            f"The decorated object is not a function (got type {type(function)}).  A class was given to a jit decorator; "
            "use naja.experimental.jitclass, or decorate its methods"
        )
    if not hasattr(function, "__code__"):
        raise TypeError(f"The decorated object is not a function (got type {type(function)}).")


def _make(function, options, signatures):
    from naja import config

    if config.DISABLE_JIT:
        return function
    _check_function(function)
    if options.get("forceobj"):
        from naja.objectmode import make_interpreted

        return make_interpreted(function, _switches(options), dict(options), signatures)
    if options.get("locals"):
        function = _declare(function, options["locals"])
    dispatcher = _core.Dispatcher(function, _switches(options), dict(options))
    if signatures:
        compile_eagerly(dispatcher, signatures)
    return dispatcher


def jit(
    signature_or_function=None, locals=None, cache=None, pipeline_class=None, boundscheck=None, **options
):
    """Compile a Python function to native code.

    Parameters
    ----------
    signature_or_function : callable, str, Signature, tuple of types, or list of these, optional
        The function itself (``@jit``), or the argument types to compile for at once, such as ``"f8(f8[:], i8)"``.
        Without signatures the function is compiled for the types of each call.
    locals : dict, optional
        Types of local variables and parameters, by name.  What is assigned to one is converted to its type; if that is
        not possible, the function does not compile.
    cache : bool, optional
        Keep compiled code on disk.  This is the default; False turns it off for this function.
    boundscheck : bool, optional
        False turns index checks off: an index out of range is then undefined behaviour.
    **options
        See `OPTIONS`: ``nogil``, ``parallel``, ``fastmath``, ``error_model``, ...

    Returns
    -------
    Dispatcher
        A callable that behaves as the function; or a decorator, when no function was given.

    Raises
    ------
    KeyError
        For an option that does not exist.
    TypeError
        If what is decorated is not a Python function, or is compiled already.
    """
    if pipeline_class is not None:
        raise ValueError("pipeline_class is not supported: the compiler is not written in Python")
    for name, value in (("cache", cache), ("boundscheck", boundscheck), ("locals", locals)):
        if value is not None:
            options[name] = value
    if "argtypes" in options or "restype" in options:
        from naja.errors import NumbaDeprecationWarning

        raise NumbaDeprecationWarning(
            "argtypes= and restype= are gone: give a signature as the first argument"
        )
    if options.get("forceobj") and options.get("nopython"):
        raise ValueError("Only one of 'nopython' or 'forceobj' can be True.")
    warn_of_nopython_false(options, 3)
    if signature_or_function is None:
        return lambda function: _make(function, options, None)
    if callable(signature_or_function) and not _is_signature(signature_or_function):
        return _make(signature_or_function, options, None)
    signatures = signature_or_function if isinstance(signature_or_function, list) else [signature_or_function]
    return lambda function: _make(function, options, signatures)


def _is_signature(value):
    return isinstance(value, _core.Type) or type(value).__name__ == "Signature"


def njit(*args, **options):
    """Compile a Python function to native code; the same as `jit`.

    ``nopython`` and ``forceobj`` are ignored with a warning, as in Numba.

    Returns
    -------
    Dispatcher
    """
    for name in ("nopython", "forceobj"):
        if name in options:
            import warnings

            warnings.warn(f"{name} is set for njit and is ignored", RuntimeWarning, stacklevel=2)
            del options[name]
    return jit(*args, nopython=True, **options)


def jit_module(**options):
    """Put `jit` on every function defined so far in the calling module.

    Functions that are imported, or decorated already, are left alone.

    Parameters
    ----------
    **options
        As for `jit`.
    """
    import inspect

    frame = inspect.stack()[1].frame
    module = inspect.getmodule(frame)
    for name, value in list(vars(module).items()):
        if inspect.isfunction(value) and inspect.getmodule(value) is module:
            setattr(module, name, jit(value, **options))


class prange:
    """A range whose iterations may run in parallel.

    In a function compiled with ``parallel=True``, ``for i in prange(n)`` runs its iterations on several threads;
    elsewhere, and in plain Python, it is `range`.

    Parameters
    ----------
    start, stop, step : int
        As for `range`.
    """

    def __new__(cls, *args):
        return range(*args)


def pndindex(*shape):
    """Iterate over the indices of an array, in parallel where `prange` would.

    Parameters
    ----------
    *shape : int or tuple of int
        The array's shape.

    Returns
    -------
    numpy.ndindex
    """
    import numpy as np

    return np.ndindex(*shape)
