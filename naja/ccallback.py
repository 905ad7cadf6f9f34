"""`cfunc`: compiled functions that C can call."""

from naja import _core

__all__ = ["CFunc", "cfunc", "export"]

# Versions whose address was asked for.  Whoever has an address cannot say when it is done with, so their code stays.
_given_away = {}


class CFunc:
    """A compiled function that follows C's calling convention; made by `cfunc`.

    Calling it from Python runs the Python function; compiled code calls the compiled one.  C has no exceptions: one
    that the function raises is printed as ignored, and the function gives zero.

    Attributes
    ----------
    address : int
        Of the machine code.  It raises TypingError if the signature has types that C functions do not take, such as
        arrays; compiled code may call the function nevertheless.
    ctypes : ctypes function
        The same function, as ctypes has it.
    cffi : cffi pointer
        The same function, as a ``void *`` of cffi.
    native_name : str
        Its name in `inspect_llvm`.
    signature : Signature
        Types of the result and the parameters.
    """

    def __init__(self, function, signature, options):
        self.signature = self._sig = signature
        self._pyfunc = self.__wrapped__ = function
        self.__name__, self.__qualname__ = function.__name__, function.__qualname__
        self.__module__, self.__doc__ = function.__module__, function.__doc__
        self._dispatcher = _exported(function, options)
        self._version = self._dispatcher._compile(signature.args, signature.return_type)
        self.__naja_content__ = (self._dispatcher, signature.return_type, signature.args)

    def __repr__(self):
        return f"<Numba C callback {self.__qualname__!r}>"

    def __call__(self, *args, **kwargs):
        """Run the Python function."""
        return self._pyfunc(*args, **kwargs)

    @property
    def address(self):
        """The address of the machine code, an int."""
        if not self._version.c_address:
            raise _refusal(self._pyfunc, self.signature)
        _given_away[id(self._version)] = self._version
        return self._version.c_address

    _wrapper_address = address

    @property
    def native_name(self):
        """The function's name in `inspect_llvm`."""
        return f"cfunc.{self.__qualname__}"

    _wrapper_name = native_name

    @property
    def symbolic(self):
        """The function as a `types.ExternalFunction`."""
        from naja import types

        return types.ExternalFunction(self.native_name, self.signature)

    @property
    def ctypes(self):
        """The function as ctypes has it; it keeps this object alive."""
        from naja.functions import make_ctypes_function

        function = make_ctypes_function(self.signature)(self.address)
        function._naja_cfunc = self
        return function

    @property
    def cffi(self):
        """The function as a ``void *`` of cffi."""
        import cffi

        return cffi.FFI().cast("void *", self.address)

    @property
    def cache_hits(self):
        """1 if the code came from the cache, else 0."""
        return int(self._version.from_cache)

    def enable_caching(self):
        """Accepted for compatibility: compiled code is kept on disk unless ``cache=False`` was given."""

    def inspect_llvm(self):
        """Return the LLVM text of the function.

        Returns
        -------
        str
        """
        args = tuple(self.signature.args)
        text = self._dispatcher._inspect(args, self.signature.return_type).llvm_ir
        return text.replace("@naja_c(", f'@"{self.native_name}"(')


def _exported(function, options):
    """A dispatcher whose versions C and other units can call."""
    from naja.decorators import _check_function, _switches

    _check_function(function)
    switches = {**_switches(options), "exports": True, "polls": False, "nogil": False}
    return _core.Dispatcher(function, switches, dict(options))


def _refusal(function, signature):
    from naja.errors import TypingError

    return TypingError(
        f"{function.__qualname__}: {signature} has types that C functions do not take: pass arrays as pointers "
        "(types.CPointer, carray) and their sizes"
    )


def cfunc(sig, locals=None, cache=False, pipeline_class=None, **options):
    """Compile a Python function as a C function.

    Parameters
    ----------
    sig : str or Signature
        Types of the result and the parameters, such as ``"float64(float64, intc)"``.
    locals : dict, optional
        Types of local variables, by name.
    cache : bool, optional
        Accepted for compatibility: compiled code is kept on disk by default.
    **options
        As for `jit`.

    Returns
    -------
    callable
        A decorator that makes a `CFunc` of a function.

    Raises
    ------
    NotImplementedError
        For ``forceobj=True``: C cannot run the interpreter's code.
    TypeError
        If the signature lacks the type of the result.
    """
    from naja.typing import parse_signature

    if options.get("forceobj"):
        raise NotImplementedError("object mode is not supported in cfunc")
    if pipeline_class is not None:
        raise ValueError("pipeline_class is not supported: the compiler is not written in Python")
    if locals:
        options["locals"] = locals
    signature = parse_signature(sig)
    if signature.return_type is None:
        raise TypeError(f"cfunc needs the type of the result, such as float64({signature.args})")
    return lambda function: CFunc(function, signature, options)


def export(function, signature):
    """Return the version of a dispatcher, or cfunc, that other units and C can call with these types.

    Parameters
    ----------
    function : Dispatcher or CFunc
    signature : Signature

    Returns
    -------
    Overload
    """
    dispatcher = getattr(function, "_dispatcher", function)
    exported = _exported(dispatcher.py_func, dispatcher.targetoptions)
    return exported._compile(signature.args, signature.return_type)
