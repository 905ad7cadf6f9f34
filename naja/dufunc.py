"""`vectorize` and `guvectorize`: NumPy ufuncs from Python functions.

Each loop of such a ufunc is a *kernel*: a small Python function made here as text, which reads operands from the
addresses that NumPy gives an inner loop, calls the user's function, and is compiled like any other.  NumPy's own
`ufunc` object, made of the kernels by ``src/boundary/vectorize.c``, does the rest: types, broadcasting, out=, where=,
reduce and its like.  `DUFunc` and `GUFunc` hold such an object and make it anew when a call brings types that no loop
serves.
"""

import functools
import marshal
import sys
import types as _python_types

import numpy as np

from naja import _core
from naja.ufuncs import parse_signature as parse_layout

__all__ = [
    "DUFunc",
    "GUFunc",
    "GUFuncBuilder",
    "GUVectorize",
    "PyUFunc_None",
    "PyUFunc_One",
    "PyUFunc_ReorderableNone",
    "PyUFunc_Zero",
    "Vectorize",
    "guvectorize",
    "vectorize",
]

# NumPy's numbers for the identity of a ufunc.
PyUFunc_Zero, PyUFunc_One, PyUFunc_None, PyUFunc_ReorderableNone = 0, 1, -1, -2
_IDENTITIES = {0: 0, 1: 1, None: -1, "reorderable": -2, -1: -1, -2: -2}

# Below this many elements a loop of target="parallel" is not worth dividing.
_PARALLEL_MINIMUM = 4096


# ---- options -------------------------------------------------------------------------------------------------------


def _identity_code(identity):
    try:
        return _IDENTITIES[identity]
    except (KeyError, TypeError):
        raise ValueError(f"invalid identity value {identity!r}: it is 0, 1, None or 'reorderable'") from None


def _check_target(target):
    if target not in ("cpu", "parallel"):
        raise ValueError(f"Unsupported target: {target!r}; the targets are 'cpu' and 'parallel'")


def _switches_of(options, parallel):
    from naja.decorators import _switches

    known = {k: v for k, v in options.items() if k not in ("writable_args", "forceobj", "nopython", "cache")}
    switches = _switches({**known, "cache": options.get("cache") or None, "parallel": parallel})
    # NumPy's loops neither stop for signals nor raise on division by zero.
    return {**switches, "polls": False, "nogil": False, "error_model_numpy": True, "own_error_model": True}


def _python_function(function):
    """Return the plain function that is decorated, and its dispatcher if it was compiled before."""
    if isinstance(function, _core.Dispatcher):
        return function.py_func
    if not isinstance(function, _python_types.FunctionType):
        raise TypeError(f"The decorated object is not a Python function (got type {type(function)}).")
    return function


# ---- kernels -------------------------------------------------------------------------------------------------------


def _names(prefix, n):
    return [f"{prefix}{i}" for i in range(n)]


def _steps(n):
    return [f"    s{i} = word(steps, {i})" for i in range(n)]


def _loop(head, body):
    return [f"        {line}" for line in (head, f"    {body}")]


def _elementwise_text(nin, sizes, parallel):
    """Text of the kernel of an elementwise function: contiguous operands, one of them a number, or anything."""
    nargs = nin + 1
    lines = ["def kernel(args, dimensions, steps):", "    n = word(dimensions, 0)", *_steps(nargs)]
    body = f"o[i] = f({', '.join(f'a{i}[i]' for i in range(nin))})"

    def views(kind, numbers=()):
        out = []
        for i in range(nargs):
            name = f"a{i}" if i < nin else "o"
            rest = (
                f"word(args, {i}), (n,), t{i}"
                if kind == "contiguous"
                else f"word(args, {i}), (n,), (s{i},), t{i}"
            )
            if i in numbers:
                out.append(f"        x{i} = contiguous(word(args, {i}), (1,), t{i})[0]")
            else:
                out.append(f"        {name} = {kind}({rest})")
        return out

    def condition(numbers=()):
        return " and ".join(f"s{i} == {0 if i in numbers else sizes[i]}" for i in range(nargs))

    cases = [()] + [(i,) for i in range(nin)] if nin > 1 else [()]
    if parallel:
        lines.append(f"    if n >= {_PARALLEL_MINIMUM}:")
        lines += views("strided") + _loop("for i in prange(n):", body)
        cases = [()]
    for k, numbers in enumerate(cases):
        call = body
        for i in numbers:
            call = call.replace(f"a{i}[i]", f"x{i}")
        lines.append(f"    {'elif' if k or parallel else 'if'} {condition(numbers)}:")
        lines += views("contiguous", numbers) + _loop("for i in range(n):", call)
    lines += ["    else:", *views("strided"), *_loop("for i in range(n):", body)]
    return "\n".join(lines)


def _core_text(operands, scalar, sizes, parallel):
    """Text of the kernel of a generalized ufunc; `scalar[i]`: operand i is passed as a number."""
    nargs = len(operands)
    numbers = {}
    for names in operands:
        for name in names:
            numbers.setdefault(name, len(numbers))
    lines = ["def kernel(args, dimensions, steps):", "    n = word(dimensions, 0)", *_steps(nargs)]
    lines += [f"    p{i} = word(args, {i})" for i in range(nargs)]
    lines += [f"    d{k} = word(dimensions, {k + 1})" for k in numbers.values()]
    at, contiguous = nargs, []
    for i, names in enumerate(operands):
        for axis in range(len(names)):
            lines.append(f"    c{i}_{axis} = word(steps, {at})")
            at += 1
        extent = str(sizes[i])
        for axis in reversed(range(len(names))):
            contiguous.append(f"c{i}_{axis} == {extent}")
            extent += f" * d{numbers[names[axis]]}"

    def argument(i, dense):
        names = operands[i]
        address = f"p{i} + i * s{i}"
        if scalar[i]:
            return f"contiguous({address}, (1,), t{i})[0]"
        if not names:
            return f"contiguous({address}, (1,), t{i})"
        shape = "".join(f"d{numbers[name]}, " for name in names)
        strides = "".join(f"c{i}_{axis}, " for axis in range(len(names)))
        return (
            f"contiguous({address}, ({shape}), t{i})"
            if dense
            else f"strided({address}, ({shape}), ({strides}), t{i})"
        )

    def call(dense):
        return f"f({', '.join(argument(i, dense) for i in range(nargs))})"

    loop = "prange" if parallel else "range"
    if contiguous:
        lines += [
            f"    if {' and '.join(contiguous)}:",
            *_loop(f"for i in {loop}(n):", call(True)),
            "    else:",
        ]
    else:
        lines += ["    if True:"]
    lines += _loop(f"for i in {loop}(n):", call(False))
    return "\n".join(lines)


def _compile_kernel(text, function, dtypes, options, parallel):
    """Compile the kernel of this text; `function` is the dispatcher that it calls."""
    from naja import bridge, prange, types

    scope = {
        "f": function,
        "prange": prange,
        **{name: getattr(bridge, name) for name in ("word", "contiguous", "strided")},
        **{f"t{i}": dtype.type for i, dtype in enumerate(dtypes)},
    }
    exec(compile(text, f"<kernel of {function.__name__}>", "exec"), scope)
    dispatcher = _core.Dispatcher(scope["kernel"], _switches_of(options, parallel), {})
    return dispatcher._compile((types.int64,) * 3, types.none)


class _Memory:
    """An operand of an inner loop, for `numpy.asarray`."""

    def __init__(self, address, shape, strides, dtype):
        self.__array_interface__ = {
            "data": (address, False),
            "shape": shape,
            "strides": strides,
            "typestr": dtype.str,
            "version": 3,
        }


def _words(address, n):
    return np.asarray(_Memory(address, (n,), (8,), np.dtype("i8"))).tolist()


def _object_loop(function, operands, scalar, dtypes, nin, elementwise):
    """An inner loop in the interpreter, for forceobj=True."""
    numbers = {}
    for names in operands:
        for name in names:
            numbers.setdefault(name, len(numbers))
    ncore = sum(map(len, operands))

    def loop(args, dimensions, steps):
        nargs = len(operands)
        pointers, step = _words(args, nargs), _words(steps, nargs + ncore)
        n, *extents = _words(dimensions, 1 + len(numbers))
        error = None
        for k in range(n):
            values, at = [], nargs
            for i, names in enumerate(operands):
                shape = tuple(extents[numbers[name]] for name in names)
                strides = tuple(step[at : at + len(names)])
                at += len(names)
                if not names and not scalar[i]:
                    shape, strides = (1,), (dtypes[i].itemsize,)
                values.append(np.asarray(_Memory(pointers[i] + k * step[i], shape, strides, dtypes[i])))
            given = [v[()].item() if scalar[i] else v for i, v in enumerate(values)]
            try:
                if elementwise:
                    values[-1][()] = function(*given[:nin])
                else:
                    function(*given)
            except Exception as e:
                error = error or e
                if not elementwise:
                    break
        if error:
            raise error

    return loop


# ---- pickling ------------------------------------------------------------------------------------------------------


def _function_state(function):
    """A function by value: its code, and where its global variables are."""
    closure = [cell.cell_contents for cell in function.__closure__ or ()]
    own = {}
    if function.__module__ == "__main__" or function.__module__ not in sys.modules:
        used = set(function.__code__.co_names)
        own = {
            k: v
            for k, v in function.__globals__.items()
            if k in used and not isinstance(v, _python_types.ModuleType)
        }
    return (
        marshal.dumps(function.__code__),
        function.__module__,
        function.__name__,
        function.__qualname__,
        function.__doc__,
        function.__defaults__,
        closure,
        own,
    )


def _function_from_state(state):
    import importlib

    code, module, name, qualname, doc, defaults, closure, own = state
    try:
        scope = vars(importlib.import_module(module))
    except ImportError:
        scope = {"__builtins__": __builtins__}
    if own:
        scope = {**scope, **own}
    cells = tuple(map(_python_types.CellType, closure))
    function = _python_types.FunctionType(marshal.loads(code), scope, name, defaults, cells)
    function.__qualname__, function.__module__, function.__doc__ = qualname, module, doc
    return function


def _rebuild(cls, state, arguments, signatures, frozen):
    made = cls(_function_from_state(state), **arguments)
    for signature in signatures:
        made.add(signature)
    if frozen:
        made.disable_compile()
    return made


# ---- the ufunc objects ---------------------------------------------------------------------------------------------


class _Version:
    """What `add` returns: one loop."""

    lifted = ()

    def __init__(self, signature, code, objectmode):
        self.signature, self.code, self.objectmode = signature, code, objectmode


class _Ufunc(_core.UfuncCaller):
    """What `DUFunc` and `GUFunc` share: loops by type, and the NumPy ufunc made of them.

    Parameters
    ----------
    function : callable
        The Python function.
    nin, nout : int
        Number of inputs and outputs.
    identity : 0, 1, None or "reorderable"
        Start of reductions.
    layout : str or None
        Signature of a generalized ufunc.
    target : "cpu" or "parallel"
        Whether long loops run on several threads.
    options : dict
        As for `naja.jit`.
    """

    _is_naja_ufunc = True

    def __init__(self, function, nin, nout, identity, layout, target, options):
        _check_target(target)
        self._function = _python_function(function)
        self._identity_code = _identity_code(identity)
        self._given_identity = identity
        self._target = target
        self.targetoptions = dict(options)
        self._nin, self._nout, self._layout = nin, nout, layout
        self._loops, self._versions, self._sigs = [], {}, []
        self._closed = False
        self._made = None
        self._direct = True
        functools.update_wrapper(self, self._function)
        self._dispatcher = _core.Dispatcher(self._function, _switches_of(options, False), {})

    # loops

    @property
    def _objectmode(self):
        return bool(self.targetoptions.get("forceobj"))

    def _writable(self):
        return ()

    def _add_loop(self, dtypes, code, signature):
        self._loops.append((tuple(dtype.num for dtype in dtypes), code))
        self._versions[tuple(dtypes[: self._nin])] = version = _Version(signature, code, self._objectmode)
        self._sigs.append(signature)
        self._made = None
        return version

    @property
    def ufunc(self):
        """The `numpy.ufunc` of the loops that there are."""
        if self._made is None:
            self._made = _core.ufunc_make(
                self.__name__,
                self.__doc__,
                tuple(self._loops),
                self._nin,
                self._nout,
                self._identity_code,
                self._layout,
                self._writable(),
            )
        return self._made

    def build_ufunc(self):
        """Refuse further types; return self."""
        self.disable_compile()
        return self

    def disable_compile(self):
        """Compile for no further types."""
        self._frozen = True

    @property
    def _frozen(self):
        return self._closed

    @_frozen.setter
    def _frozen(self, value):
        if self._closed and not value:
            raise ValueError("expected _frozen to stay true: a ufunc that was closed cannot be opened again")
        self._closed = bool(value)

    @property
    def __naja_content__(self):
        """What compiled code depends on that calls this object, for the cache."""
        return (
            self._dispatcher,
            type(self).__name__,
            self._layout,
            self._identity_code,
            self._target,
            self._frozen,
            self._objectmode,
            tuple(map(str, self._sigs)),
        )

    @property
    def is_reorderable(self):
        """Whether reductions may go through several axes in any order."""
        return self._identity_code != PyUFunc_None

    @property
    def _fused_kernel(self):
        """The dispatcher that calls from compiled code may take for one element, or None."""
        return None if self._objectmode or self._layout else self._dispatcher

    # what a numpy.ufunc has

    nin = property(lambda self: self._nin, doc="Number of inputs.")
    nout = property(lambda self: self._nout, doc="Number of outputs.")
    nargs = property(lambda self: self._nin + self._nout, doc="Number of operands.")
    ntypes = property(lambda self: len(self._loops), doc="Number of loops.")
    types = property(lambda self: self.ufunc.types if self._loops else [], doc="The loops, as ``'dd->d'``.")
    identity = property(
        lambda self: {0: 0, 1: 1}.get(self._identity_code), doc="What reductions start from, or None."
    )
    py_func = property(lambda self: self._function, doc="The Python function.")

    @property
    def signature(self):
        """Signature of a generalized ufunc; None for an elementwise one."""
        if not self._layout or not any(parse_layout(self._layout)[0]):
            return None
        return self._layout

    def _call(self, callable_, args, kwargs):
        return _core.ufunc_call(callable_, args, kwargs)

    def _no_loop(self, error):
        text = str(error)
        return not self._frozen and (
            "not supported for the input types" in text
            or "did not contain a loop" in text
            or "Cannot cast" in text
        )

    def _foreign(self, args, kwargs):
        for value in args:
            if _is_foreign(value) and value.__array_ufunc__ is not None:
                result = value.__array_ufunc__(self, "__call__", *args, **kwargs)
                if result is not NotImplemented:
                    return result
        names = ", ".join(type(a).__name__ for a in args)
        raise TypeError(
            f"operand type(s) all returned NotImplemented from __array_ufunc__({self!r}, '__call__'): {names}"
        )

    def reduce(self, array, *args, **kwargs):
        """Reduce along axes; see `numpy.ufunc.reduce`."""
        return self._method("reduce", (array,), array, args, kwargs)

    def accumulate(self, array, *args, **kwargs):
        """Give all partial results along an axis; see `numpy.ufunc.accumulate`."""
        return self._method("accumulate", (array,), array, args, kwargs)

    def reduceat(self, array, indices, *args, **kwargs):
        """Reduce slices along an axis; see `numpy.ufunc.reduceat`."""
        return self._method("reduceat", (array, indices), array, args, kwargs)

    def outer(self, a, b, **kwargs):
        """Apply to all pairs; see `numpy.ufunc.outer`."""
        return self._method("outer", (a, b), None, (), kwargs)

    def at(self, a, indices, *b):
        """Apply in place to elements, also repeated ones; see `numpy.ufunc.at`."""
        return self._method("at", (a, indices, *b), a, (), {})

    def _method(self, name, operands, of, args, kwargs):
        if self.signature is None and not self._frozen:
            dtypes = (
                [np.asarray(of).dtype] * self._nin
                if of is not None
                else [np.asarray(x).dtype for x in operands]
            )
            if name == "at" and len(operands) > 2:
                dtypes[1:] = [np.asarray(operands[2]).dtype]
            if not self._serves(dtypes):
                self._compile_for_dtypes(dtypes)
        return self._call(getattr(self.ufunc, name), (*operands, *args), kwargs)

    def _serves(self, dtypes):
        """Whether there is a loop that these operands can be cast to safely."""
        wanted = [tuple(versions) for versions in self._versions]
        return any(all(map(np.can_cast, dtypes, versions)) for versions in wanted)

    def __repr__(self):
        return f"<naja._{type(self).__name__} '{self.__name__}'>"

    def __hash__(self):
        return id(self)

    def __eq__(self, other):
        return self is other


_PLAIN = {np.ndarray, float, int, bool, complex, np.float64, np.float32, np.int64, np.int32, list, tuple}


def _is_foreign(value):
    """Whether an operand wants to handle the ufunc itself (NEP 13)."""
    if type(value) in _PLAIN:
        return False
    override = getattr(type(value), "__array_ufunc__", None)
    return override is not None and override is not np.ndarray.__array_ufunc__


def _dtype_of(value):
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype
    return np.asarray(value).dtype


class DUFunc(_Ufunc):
    """An elementwise ufunc that compiles loops for the types it meets.

    Parameters
    ----------
    py_func : callable
        Function of numbers that returns a number.
    identity : 0, 1, None or "reorderable", optional
        Start of reductions.
    cache : bool, optional
        Keep compiled code on disk.
    targetoptions : dict, optional
        Options of `naja.jit`.
    target : "cpu" or "parallel", optional
        Whether long loops run on several threads.
    """

    def __init__(self, py_func, identity=None, cache=False, targetoptions=None, target="cpu", **options):
        options = {**(targetoptions or {}), **options}
        if cache:
            options["cache"] = True
        nin = _python_function(py_func).__code__.co_argcount
        super().__init__(py_func, nin, 1, identity, None, target, options)

    def add(self, sig):
        """Compile a loop for these types.

        Parameters
        ----------
        sig : Signature, str or tuple of types
            Types of the inputs, and of the result if it is given.

        Returns
        -------
        object
            The loop; its ``signature`` and ``objectmode`` can be looked at.
        """
        from naja.typing import Signature, parse_signature

        signature = parse_signature(sig)
        args = signature.args
        if len(args) != self._nin:
            raise TypeError(
                f"{self.__name__}() takes {self._nin} arguments, the signature {sig} has {len(args)}"
            )
        inputs = [_core.type_dtype(t) for t in args]
        result = signature.return_type
        if result is None:
            result = self._result_type(args)
        dtypes = [*inputs, _core.type_dtype(result)]
        if self._objectmode:
            code = _object_loop(
                self._function, [()] * self.nargs, [True] * self.nargs, dtypes, self._nin, True
            )
        else:
            sizes = [dtype.itemsize for dtype in dtypes]
            parallel = self._target == "parallel"
            text = _elementwise_text(self._nin, sizes, parallel)
            code = _compile_kernel(text, self._dispatcher, dtypes, self.targetoptions, parallel)
        return self._add_loop(dtypes, code, Signature(result, args))

    def _result_type(self, args):
        from naja import types
        from naja.errors import TypingError

        if self._objectmode:
            return args[0]
        result = self._dispatcher._compile(tuple(args), None).result
        if isinstance(result, types.Optional):
            result = result.type
        if not isinstance(result, (types.Number, types.Boolean)):
            raise TypingError(
                f"{self.__name__}() returns {result}: a function for vectorize returns one number; "
                "use guvectorize for several results or arrays"
            )
        return result

    def _compile_for_dtypes(self, dtypes):
        return self.add(tuple(map(_core.from_dtype, dtypes)))

    def _compile_for_argtys(self, argtys, return_type=None):
        from naja import types

        return self.add(tuple(t.dtype if isinstance(t, types.Array) else t for t in argtys))

    def _compile_for_args(self, *args, **kwargs):
        return self._compile_for_dtypes([_dtype_of(a) for a in args[: self._nin]])

    def _ufunc_for(self, types):
        """The NumPy ufunc, with a loop for these operands; for `naja.ufuncs`."""
        from naja import types as all_types

        if len(types) < self._nin:
            raise TypeError(f"{self.__name__}() takes {self._nin} arguments, but {len(types)} were given")
        args = tuple(t.dtype if isinstance(t, all_types.Array) else t for t in types[: self._nin])
        if not self._frozen and not self._serves([_core.type_dtype(t) for t in args]):
            self.add(args)
        return self.ufunc

    def _call_slowly(self, *args, **kwargs):
        """Apply to arrays and numbers; keywords as for any `numpy.ufunc`.  Plain calls do not come here."""
        for value in args:
            if type(value) not in _PLAIN and _is_foreign(value):
                return self._foreign(args, kwargs)
        if not self._loops:
            if self._frozen:
                raise TypeError(f"{self.__name__}() has no loops, and compiling is disabled")
            if len(args) >= self._nin:
                self._compile_for_args(*args)
        try:
            return self._call(self.ufunc, args, kwargs)
        except TypeError as error:
            if len(args) < self._nin or not self._no_loop(error):
                raise
            dtypes = [_dtype_of(a) for a in args[: self._nin]]
            if self._serves(dtypes):
                raise
        self._compile_for_dtypes(dtypes)
        return self._call(self.ufunc, args, kwargs)

    def __reduce__(self):
        arguments = {
            "identity": self._given_identity,
            "targetoptions": self.targetoptions,
            "target": self._target,
        }
        state = _function_state(self._function)
        return _rebuild, (type(self), state, arguments, list(self._sigs), self._frozen)


class GUFunc(_Ufunc):
    """A generalized ufunc: the function gets whole sub-arrays and writes its results into its last arguments.

    Parameters
    ----------
    py_func : callable
        Function of all inputs and outputs that returns nothing.
    signature : str
        Layout such as ``"(m,n),(n)->(m)"``.
    identity, cache, targetoptions, target
        As for `DUFunc`.
    is_dynamic : bool, optional
        Whether loops are compiled for the types of calls; outputs must then be passed.
    writable_args : tuple of int or str, optional
        Inputs that the function writes to.
    """

    def __init__(
        self,
        py_func,
        signature,
        identity=None,
        cache=False,
        targetoptions=None,
        target="cpu",
        is_dynamic=False,
        writable_args=(),
        **options,
    ):
        options = {**(targetoptions or {}), **options}
        writable_args = options.pop("writable_args", None) or writable_args
        if cache:
            options["cache"] = True
        self.is_dynamic = is_dynamic
        self._operands, nin = _check_layout(signature)
        self._given_layout = signature
        self._writable_args = tuple(writable_args)
        super().__init__(py_func, nin, len(self._operands) - nin, identity, signature, target, options)
        self._direct = not is_dynamic  # a dynamic one compiles for the very types of a call

    @property
    def gufunc_builder(self):
        """The object itself: what knows the signatures."""
        return self

    def _writable(self):
        names = self._function.__code__.co_varnames
        return tuple(names.index(a) if isinstance(a, str) else int(a) for a in self._writable_args)

    def add(self, sig):
        """Compile a loop for these types.

        Parameters
        ----------
        sig : Signature, str or tuple of types
            Types of all inputs and outputs, such as ``"void(f8[:,:], f8[:], f8[:])"``.

        Returns
        -------
        object
            The loop.
        """
        from naja import types
        from naja.typing import Signature, parse_signature

        signature = parse_signature(sig)
        args = signature.args
        if signature.return_type not in (None, types.none):
            raise TypeError(f"guvectorized functions cannot return values: signature {signature}")
        if len(args) != self.nargs:
            raise TypeError(
                f"the layout {self._given_layout} has {self.nargs} operands, the signature {len(args)}"
            )
        scalar = []
        for i, t in enumerate(args):
            is_array = isinstance(t, types.Array)
            if not is_array and self._operands[i]:
                raise TypeError(f"scalar type {t} given for non scalar argument #{i + 1}")
            if is_array and t.ndim != max(1, len(self._operands[i])):
                raise TypeError(f"type and shape signature mismatch for arg #{i + 1}")
            scalar.append(not is_array)
        dtypes = [_core.type_dtype(t.dtype if isinstance(t, types.Array) else t) for t in args]
        if self._objectmode:
            code = _object_loop(self._function, self._operands, scalar, dtypes, self._nin, False)
        else:
            sizes = [dtype.itemsize for dtype in dtypes]
            parallel = self._target == "parallel"
            text = _core_text(self._operands, scalar, sizes, parallel)
            code = _compile_kernel(text, self._dispatcher, dtypes, self.targetoptions, parallel)
        return self._add_loop(dtypes, code, Signature(types.none, args))

    def _types_for(self, dtypes):
        """Types of the operands of a loop for these element types."""
        from naja import types

        out = []
        for i, dtype in enumerate(dtypes):
            element, ndim = _core.from_dtype(dtype), len(self._operands[i])
            if not ndim and i < self._nin:
                out.append(element)
            else:
                out.append(types.Array(element, max(1, ndim), "A"))
        return tuple(out)

    def _compile_for_dtypes(self, dtypes):
        """Compile for a reduction: all operands alike."""
        dtypes = [*dtypes, *[dtypes[0]] * (self.nargs - len(dtypes))]
        return self.add(self._types_for(dtypes))

    def _all_operands(self, args, kwargs):
        out = kwargs.get("out", ())
        return (*args, *(out if isinstance(out, tuple) else (out,)))

    def _ufunc_for(self, types):
        from naja import types as all_types

        dtypes = [_core.type_dtype(t.dtype if isinstance(t, all_types.Array) else t) for t in types]
        if self.is_dynamic and not self._frozen and not self._serves(dtypes[: self._nin]):
            if len(dtypes) < self.nargs:
                raise TypeError(
                    f"Too few arguments for function '{self.__name__}'. A dynamic generalized ufunc needs its outputs"
                )
            self.add(self._types_for(dtypes))
        return self.ufunc

    def _call_slowly(self, *args, **kwargs):
        """Apply to arrays and numbers; keywords as for any `numpy.ufunc`.  Plain calls do not come here."""
        for value in args:
            if type(value) not in _PLAIN and _is_foreign(value):
                return self._foreign(args, kwargs)
        if self.is_dynamic or not self._loops:
            given = self._all_operands(args, kwargs)
            if len(given) < self.nargs:
                outputs = f"{self._nout} output{'s' if self._nout > 1 else ''}"
                raise TypeError(
                    f"Too few arguments for function '{self.__name__}'. Note that the pattern `out = "
                    f"gufunc(Arg1, Arg2, ..., ArgN)` is not allowed: pass {outputs} too. Use `gufunc(Arg1, Arg2, ..., "
                    "ArgN, out) instead."
                )
            if len(given) > self.nargs:
                raise TypeError(
                    f"Too many arguments for function '{self.__name__}': it has {self.nargs} operands"
                )
            dtypes = [_dtype_of(a) for a in given]
            if not self._frozen and tuple(dtypes[: self._nin]) not in self._versions:
                self.add(self._types_for(dtypes))
        return self._call(self.ufunc, args, kwargs)

    def __reduce__(self):
        arguments = {
            "signature": self._given_layout,
            "identity": self._given_identity,
            "targetoptions": self.targetoptions,
            "target": self._target,
            "is_dynamic": self.is_dynamic,
            "writable_args": self._writable_args,
        }
        state = _function_state(self._function)
        return _rebuild, (type(self), state, arguments, list(self._sigs), self._frozen)


def _check_layout(layout):
    """Parse the layout of a generalized ufunc; the operands' dimensions and the number of inputs."""
    import re

    bad = re.search(r"[^\s\w(),>?-]|-(?!>)|(?<!-)>", layout)
    if bad:
        raise ValueError(f"bad token in signature {layout!r}: {bad.group()!r} at {bad.start()}")
    left, arrow, right = layout.partition("->")
    if arrow and not right.strip():
        raise ValueError(f"the layout {layout!r} has an arrow but no outputs")
    operands, nin = parse_layout(layout if arrow else f"{left}->")
    if not operands:
        raise ValueError(f"bad token in signature {layout!r}: no operand in parentheses")
    known = {name for names in operands[:nin] for name in names}
    unknown = sorted({n for names in operands[nin:] for n in names if not n.isdigit()} - known)
    if unknown:
        raise NameError(f"undefined output symbols: {','.join(unknown)}")
    return operands, nin


# ---- decorators ----------------------------------------------------------------------------------------------------


def _signature_list(given):
    from naja.typing import Signature

    is_one = isinstance(given, (str, Signature)) or (
        isinstance(given, tuple) and given and all(isinstance(t, _core.Type) for t in given)
    )
    return [given] if is_one else list(given)


def vectorize(ftylist_or_function=(), target="cpu", identity=None, **options):
    """Make a NumPy ufunc of a function of numbers.

    Parameters
    ----------
    ftylist_or_function : callable or list of signatures, optional
        The function (``@vectorize``), or the types to compile for at once, such as ``["f8(f8, f8)"]``.  Without
        signatures loops are compiled for the types that calls bring.
    target : "cpu" or "parallel", optional
        With "parallel" long loops run on several threads; it needs no signatures.
    identity : 0, 1, None or "reorderable", optional
        What reductions start from.
    **options
        As for `naja.jit`: ``fastmath``, ``boundscheck``, ``cache``, ``forceobj``, ...

    Returns
    -------
    DUFunc
        Or a decorator, when no function was given.

    Examples
    --------
    >>> @vectorize
    ... def clipped(x, limit):
    ...     return x if x < limit else limit
    >>> clipped([1.0, 5.0], 3.0)
    array([1., 3.])
    """
    from naja.decorators import warn_of_nopython_false

    warn_of_nopython_false(options, 3)
    if callable(ftylist_or_function) and not _is_signature(ftylist_or_function):
        return DUFunc(ftylist_or_function, identity=identity, target=target, targetoptions=options)
    signatures = _signature_list(ftylist_or_function)

    def decorate(function):
        made = DUFunc(function, identity=identity, target=target, targetoptions=options)
        for signature in signatures:
            made.add(signature)
        if signatures:
            made.disable_compile()
        return made

    return decorate


def _is_signature(value):
    return isinstance(value, _core.Type) or type(value).__name__ == "Signature"


def guvectorize(*args, target="cpu", identity=None, writable_args=(), **options):
    """Make a generalized NumPy ufunc of a function of arrays.

    The function gets sub-arrays of its inputs and outputs, and writes its results into the outputs.

    Parameters
    ----------
    signatures : list of signatures, optional
        Types of all operands, such as ``["void(f8[:], f8[:])"]``.  Without them loops are compiled for the types
        that calls bring, and calls must pass the outputs.
    layout : str
        Dimensions of all operands, such as ``"(m,n),(n)->(m)"``.
    target : "cpu" or "parallel", optional
        With "parallel" the outer loop runs on several threads.
    identity : 0, 1, None or "reorderable", optional
        What reductions start from.
    writable_args : tuple of int or str, optional
        Inputs that the function writes to.
    **options
        As for `naja.jit`.

    Returns
    -------
    callable
        A decorator that returns a `GUFunc`.
    """
    if len(args) == 1:
        signatures, layout = [], args[0]
    elif len(args) == 2:
        signatures, layout = _signature_list(args[0]), args[1]
    else:
        raise TypeError("guvectorize() takes one or two positional arguments: signatures and a layout")
    if not isinstance(layout, str):
        raise TypeError(f"the layout must be a str such as '(n),()->(n)', not {type(layout).__name__}")

    from naja.decorators import warn_of_nopython_false

    warn_of_nopython_false(options, 3)

    def decorate(function):
        made = GUFunc(
            function,
            layout,
            identity=identity,
            target=target,
            targetoptions=options,
            is_dynamic=not signatures,
            writable_args=writable_args,
        )
        for signature in signatures:
            made.add(signature)
        if signatures:
            made.disable_compile()
        return made

    return decorate


def Vectorize(func, identity=None, cache=False, target="cpu", targetoptions=None, **options):
    """Return an elementwise ufunc without loops, to be filled with ``add`` and closed with ``build_ufunc``."""
    return DUFunc(
        func,
        identity=identity,
        cache=cache,
        target=target,
        targetoptions={**(targetoptions or {}), **options},
    )


def GUVectorize(func, signature, identity=None, cache=False, target="cpu", targetoptions=None, **options):
    """Return a generalized ufunc without loops, to be filled with ``add`` and closed with ``build_ufunc``."""
    return GUFunc(
        func, signature, identity=identity, cache=cache, target=target, targetoptions=targetoptions, **options
    )


GUFuncBuilder = GUFunc
