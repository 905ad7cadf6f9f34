"""Rung 4 at compile time: what type a library function gives, and the warning that it runs in the interpreter.

The compiler asks `result_type` for a call that it cannot compile.  If the callable belongs to an installed library, it
is called here once, on tiny arguments of the right types, and the type of what it gives becomes the type of the call;
compiled code checks it at every call.  The arguments are always the same, so the answer is, too.

Functions of the caller's own package are not called: they are to be decorated.  Nor is what writes files, or the
standard library, where a trial call may do anything.

Objects of NumPy's and SciPy's classes that have no type of their own (`scipy.spatial.cKDTree`, what `scipy.optimize.minimize`
gives) are passed on as they are.  Their type says the class, and a *sample* of it is kept, on a copy of which their
attributes, methods and operators are tried.
"""

import copy
import operator
import sys
import types as _python_types
import warnings
import weakref
from functools import reduce
from importlib import import_module

from naja import _core

__all__ = ["Interpreted", "interpreted", "named", "result_type", "warn"]

# Extents of trial arrays, tried in turn: of the first axis and the others.  Two and three make matrices with an inverse; long
# ones serve filters; tall ones are points in a plane and in space.
_EXTENTS = ((2, 2), (3, 3), (1, 1), (16, 16), (12, 2), (12, 3))

# A trial call of these would leave something behind, or wait for something.
_EFFECTS = frozenset(
    "save savez savez_compressed savetxt savemat mmwrite tofile dump fromfile memmap loadtxt genfromtxt "
    "load loadmat seed set_state set_printoptions seterr seterrcall setbufsize shuffle resize".split()
)

_answers = {}
_warned = set()


def _module_of(callable_):
    """Name of the module that a callable belongs to, or None."""
    name = getattr(callable_, "__module__", None)
    if not isinstance(name, str):
        owner = getattr(callable_, "__objclass__", None) or type(getattr(callable_, "__self__", None))
        name = owner.__module__
    if name == "builtins" and type(callable_).__module__ != "builtins":
        name = type(callable_).__module__  # ufuncs
    return name


def _makes_objects(cls, top):
    """Whether a class is one of NumPy's or SciPy's whose objects are passed on."""
    import numpy as np

    return top in ("numpy", "scipy") and not issubclass(
        cls, (np.ndarray, np.generic, np.dtype, BaseException)
    )


def _is_library(callable_, caller):
    """Whether the callable is of an installed library that is not the caller's own package."""
    module = _module_of(callable_)
    if not module or getattr(callable_, "__name__", "") in _EFFECTS:
        return False
    top = module.partition(".")[0]
    if isinstance(callable_, type):
        return _makes_objects(callable_, top)
    own = (getattr(caller, "__module__", None) or "").partition(".")[0]
    if top in ("naja", "numba", "__main__", "builtins", own) or top in sys.stdlib_module_names:
        return False
    path = getattr(sys.modules.get(top), "__file__", None) or ""
    return "site-packages" in path or "dist-packages" in path


# ---- what naja's own library leaves to the interpreter -------------------------------------------------------------------


class Interpreted:
    """A function of naja's library that the interpreter runs for compiled code.

    Its result type is known without a trial call, and code that calls it can be cached: it goes by its name.

    Parameters
    ----------
    function : function
        Of a module of naja/library/, under its own name.
    result : str, Type or callable
        The result's type, or what gives it for the types of the arguments.
    shown : str
        What the call is in the program, for warnings and errors: ``"numpy.random.RandomState.seed"``.
    """

    def __init__(self, function, result, shown):
        self.function, self.result = function, result
        self._naja_name_ = f"bridge:{function.__module__}:{function.__qualname__}"
        self.__module__, self.__name__ = shown.split(".", 1)
        self.__doc__ = function.__doc__

    def __call__(self, *args):
        """Do what the function does."""
        return self.function(*args)

    def __repr__(self):
        return f"{self.__module__}.{self.__name__}"

    def result_type(self, types):
        """The type of a call's result, for the types of its arguments."""
        from naja.typing import parse_type

        answer = self.result
        if not isinstance(answer, (str, _core.Type)):
            answer = answer(*types)
        return parse_type(answer) if isinstance(answer, str) else answer


def interpreted(result, shown):
    """Decorate a function of naja's library that the interpreter is to run: `Interpreted`."""
    return lambda function: Interpreted(function, result, shown)


def named(name):
    """Return the `Interpreted` that is called so in a cached unit: ``"module:name"``."""
    module, _, attribute = name.partition(":")
    return reduce(getattr, attribute.split("."), import_module(module))


# ---- objects that only the interpreter knows -----------------------------------------------------------------------------


class Sort:
    """What is known of objects of one class: the class, and a sample.

    Parameters
    ----------
    value : object
        The first such object.
    keep : bool
        Whether the sample is to live on; else it may die with its last user.
    """

    def __init__(self, value, keep):
        self.cls, self._is_ours = type(value), keep
        try:
            self._sample = (lambda: value) if keep else weakref.ref(value)
        except TypeError:
            self._sample = lambda: value

    def renew(self, value, keep):
        """Take another sample if the one at hand is gone."""
        if self._sample() is None:
            self.__init__(value, keep)

    def sample(self):
        """Return a copy of the sample, with which a trial may do what it likes."""
        value = self._sample()
        if value is None:
            raise TypeError(f"there is no {self.cls.__name__} to try this with")
        try:
            return copy.deepcopy(value)
        except Exception:
            if self._is_ours:
                return value
            raise


_sorts = {}


def is_object(value):
    """Whether a value is an object of a class of NumPy's or SciPy's that the interpreter may pass on."""
    cls = type(value)
    top = cls.__module__.partition(".")[0]
    if top not in ("numpy", "scipy") or cls.__module__.startswith("numpy.random"):
        return False
    if isinstance(value, (type, BaseException, _python_types.ModuleType)) or cls.__name__ == "ufunc":
        return False
    import numpy as np

    return not isinstance(value, (tuple, np.ndarray, np.generic, np.dtype))


def object_type(value, keep=False):
    """Return the type of an object of NumPy's or SciPy's that has no other one, or None.

    Parameters
    ----------
    value : object
    keep : bool
        Whether nobody else will keep the object while its type is in use.
    """
    if not is_object(value):
        return None
    cls = type(value)
    key = (
        cls,
        tuple(sorted(map(str, value))) if isinstance(value, dict) else (),
    )  # a result has its items as attributes
    sort = _sorts.get(key)
    if sort is None:
        sort = _sorts[key] = Sort(value, keep)
    sort.renew(value, keep)
    return _core.pyobject_type(sort, f"{cls.__module__}.{cls.__qualname__}")


def type_of_object(value, keep=False):
    """Return the type of an object of NumPy's or SciPy's, or None: a mirror, if compiled code reads its numbers.

    Parameters
    ----------
    value : object
    keep : bool
        As of `object_type`.
    """
    if type(value).__module__.startswith(("scipy.interpolate.", "scipy.sparse.")):
        from naja.library import mirrors

        found = mirrors.type_of(value, keep)
        if found is not None:
            return found
    return object_type(value, keep)


class _Use:
    """Something that is done with an object: what is called for it, and how its result type is found."""

    def __init__(self, space, name, function):
        self._naja_name_ = f"bridge:naja.interpreter:{space}.{name}"
        self.__module__, self.__name__ = "object", name
        self._function = function
        self._is_attribute = space == "attributes"

    def __call__(self, *args, **kwargs):
        """Do it."""
        return self._function(*args, **kwargs)

    def result_type(self, types, keyword_names=()):
        """The result's type; a text that says why there is none; None: it is a method, which its call shows."""
        if self._is_attribute and callable(self._function(_value(types[0], _EXTENTS[0]))):
            return None
        key = self, types, keyword_names
        if key not in _answers:
            _answers[key] = _quietly(_try_call, self, types, keyword_names)
        return _answers[key]


class _Uses:
    """All uses of a kind, by name."""

    def __init__(self, space, function_of):
        self._space, self._function_of = space, function_of

    def __getattr__(self, name):
        use = _Use(self._space, name, self._function_of(name))
        setattr(self, name, use)
        return use


def _method_caller(name):
    return lambda value, *args, **kwargs: getattr(value, name)(*args, **kwargs)


methods = _Uses("methods", _method_caller)
attributes = _Uses("attributes", operator.attrgetter)
operators = _Uses("operators", lambda name: getattr(operator, name))
calls = _Uses("calls", lambda name: lambda value, *args, **kwargs: value(*args, **kwargs))


# ---- trial values ----------------------------------------------------------------------------------------------------


def _array(t, extent):
    import numpy as np

    dtype = _core.type_dtype(t.dtype)
    first, others = extent
    shape = (first, *(others,) * (t.ndim - 1))[: t.ndim]
    values = np.arange(1, np.prod(shape, dtype=int) + 1, dtype=np.float64).reshape(shape)
    if dtype.kind in "iu":
        values = (values - 1) % others  # valid as indices
    elif t.ndim == 2 and first == others:
        values = values + values.T + 8 * np.eye(first)  # symmetric and positive definite
    elif t.ndim == 2:
        values = 0.36 + 0.28 * (
            values * 0.6180339887498949 % 1
        )  # well spread, inside of a range of small arrays
    elif dtype.kind in "fc":
        values = values / (values.size + 1)
    values = np.asarray(values, dtype)
    if t.layout == "F":
        values = np.asfortranarray(values)
    elif t.layout == "A" and t.ndim:
        wide = np.zeros(tuple(2 * n for n in shape), dtype)
        view = wide[(slice(None, None, 2),) * t.ndim]
        view[...] = values
        values = view
    values.flags.writeable = not t.readonly
    return values


def _number(t):
    dtype = _core.type_dtype(t)
    native = {"b": True, "i": 1, "u": 1, "f": 0.5, "c": 0.5 + 0.25j}[dtype.kind]
    return native if dtype.name in ("bool", "int64", "float64", "complex128") else dtype.type(native)


def _value(t, extent):
    """A value of a type; TypeError if none can be made up."""
    kind = t.kind
    if kind in ("BOOL", "INT", "FLOAT", "COMPLEX"):
        return _number(t)
    if kind == "ARRAY":
        return _array(t, extent)
    if kind in ("DATETIME", "TIMEDELTA"):
        return _core.type_dtype(t).type(1, t.unit or "generic")
    if kind == "LITERAL":
        return t.literal_value
    if kind == "TUPLE":
        return tuple(_value(e, extent) for e in t.elements)
    if kind == "NAMEDTUPLE":
        values = [_value(e, extent) for e in t.elements]
        return values if t.object is list else t.object(*values)
    if kind == "OPTIONAL":
        return _value(t.elements[0], extent)
    if kind == "DTYPE":
        return _core.type_dtype(t.elements[0])
    if kind in ("FUNCTION", "OBJECT", "OMITTED"):
        return t.object
    if kind == "PYOBJECT" and t.object is not None:
        return t.object.sample()
    if kind == "USER" and hasattr(t, "held"):
        return t.held.object.sample()
    if kind == "CLOSURE":
        return _function_of(t, extent)
    if kind == "LIST":
        return [_value(t.dtype, extent) for _ in range(extent[0])]
    simple = {"NONE": None, "STR": "a", "ELLIPSIS": ..., "SLICE": slice(None)}
    if kind in simple:
        return simple[kind]
    raise TypeError(f"no trial value of type {t}")


def _function_of(t, extent):
    """An inner function with trial values for what it has captured."""
    code, lender = t.object, t.lender
    captured = [_python_types.CellType(_value(e, extent)) for e in t.elements]
    if len(captured) != len(code.co_freevars):
        raise TypeError(f"no trial value of type {t}")
    return _python_types.FunctionType(code, lender.__globals__, code.co_name, None, tuple(captured))


# ---- trial calls -----------------------------------------------------------------------------------------------------


def _call(callable_, types, keyword_names, extent):
    values = [_value(t, extent) for t in types]
    n = len(values) - len(keyword_names)
    result = callable_(*values[:n], **dict(zip(keyword_names, values[n:], strict=True)))
    return type_of_object(result, keep=True) or _core.typeof(result)


def _try_call(callable_, types, keyword_names):
    """The type that two sizes of arguments agree on, or a text that says why there is none."""
    found, failure = [], None
    for extent in _EXTENTS:
        try:
            found.append(_call(callable_, types, keyword_names, extent))
        except Exception as error:
            failure = failure or error
            if not any("array" in str(t) for t in types):
                break
        if len(found) == 2:
            break
    if not found:
        return f"a trial call of it raised {type(failure).__name__}: {failure}"[:300]
    joined = found[0] if len(found) == 1 else _core.type_unify(*found)
    return joined or f"it gives {found[0]} or {found[1]}, depending on the values"


def _quietly(function, *args):
    """Call without warnings, and leave NumPy's global random stream as it was."""
    import numpy as np

    state = np.random.get_state()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return function(*args)
    finally:
        np.random.set_state(state)


def result_type(callable_, caller, types, keyword_names):
    """Find the type of a call that the interpreter is to do.

    Parameters
    ----------
    callable_ : callable
        What is called.
    caller : function or None
        The Python function that is being compiled.
    types : tuple of Type
        Types of all operands, keywords last.
    keyword_names : tuple of str
        Names of the last operands.

    Returns
    -------
    Type, str or None
        The result's type; a text that says why the call fails; or None, if the callable is of no installed library.
    """
    if isinstance(callable_, Interpreted):
        return callable_.result_type(types)
    if isinstance(callable_, _Use):
        return callable_.result_type(types, keyword_names)
    if not _is_library(callable_, caller):
        return None
    key = id(callable_), types, keyword_names
    if key not in _answers:
        answer = _quietly(_try_call, callable_, types, keyword_names)
        _answers[key] = callable_, answer  # kept alive, so that the id stays its own
    return _answers[key][1]


def warn(callable_, caller, filename, line):
    """Tell once per call site that the interpreter does a call.

    Parameters
    ----------
    callable_ : callable
        What is called.
    caller : function or None
        The Python function that is being compiled.
    filename : str
    line : int
        Where the call is.
    """
    name = getattr(callable_, "__name__", repr(callable_))
    module = (_module_of(callable_) or "").partition(".")[0]
    site = filename, line, name
    if site in _warned or getattr(callable_, "_is_attribute", False):
        return
    _warned.add(site)
    text = (
        f"{module}.{name}() has no compiled implementation: {getattr(caller, '__name__', 'compiled code')}() calls it "
        f"through the interpreter, with the GIL, at line {line}; bridge='allow' silences this, bridge='error' refuses"
    )
    warn_at(caller, filename, line, text)


def warn_at(function, filename, line, text):
    """Give a warning about the speed of a line of a compiled function.

    Parameters
    ----------
    function : function or None
        The Python function that is being compiled.
    filename : str
    line : int
    text : str
    """
    from naja import config
    from naja.errors import NajaPerformanceWarning

    if config.DISABLE_PERFORMANCE_WARNINGS:
        return
    registry = getattr(function, "__globals__", {}).setdefault("__warningregistry__", {})
    warnings.warn_explicit(NajaPerformanceWarning(text), None, filename, line, registry=registry)
