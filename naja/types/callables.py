"""What can be called: functions, methods, classes, pointers to functions."""

import abc

from naja import _core
from naja.types.abstract import Callable, Dummy, Literal, Opaque, Phantom, Type, WeakType, _Made

__all__ = [
    "BaseFunction",
    "BoundFunction",
    "Closure",
    "CompileResultWAP",
    "ContextManager",
    "Dispatcher",
    "ExceptionClass",
    "ExceptionInstance",
    "ExternalFunction",
    "ExternalFunctionPointer",
    "Function",
    "FunctionChoice",
    "FunctionPrototype",
    "FunctionType",
    "MakeFunctionLiteral",
    "ObjModeDispatcher",
    "RecursiveCall",
    "UndefinedFunctionType",
    "WrapperAddressProtocol",
    "argsnkwargs_to_str",
]


def argsnkwargs_to_str(args, kwargs):
    """Return the types of a call's arguments, for messages."""
    return ", ".join([*map(str, args), *(f"{name}={type_}" for name, type_ in sorted(kwargs))])


class BaseFunction(Callable):
    """Functions known at compile time."""


class Function(BaseFunction, Opaque):
    """A function known at compile time: built-in or of a library.

    Parameters
    ----------
    template : object
        What stands for the function; of several their keys must agree.
    """

    def __init__(self, template):
        self.templates = tuple(template) if isinstance(template, (tuple, list)) else (template,)
        keys = {getattr(t, "key", t) for t in self.templates}
        if len(keys) != 1:
            raise ValueError(f"incompatible templates: keys = {keys}")
        self.typing_key = keys.pop()
        super().__init__(f"Function({self.typing_key})")

    @property
    def key(self):
        """The function, or what stands for it."""
        return (self.typing_key, self.templates) if self.is_own else self.object


class Dispatcher(WeakType, Callable, Dummy):
    """A function of the program's that is compiled.

    Parameters
    ----------
    dispatcher : object
        What the decorator gave.
    """

    def __new__(cls, dispatcher):
        if isinstance(dispatcher, _core.Dispatcher):
            return _core.function_type(dispatcher)
        return super().__new__(cls, dispatcher)

    def __init__(self, dispatcher):
        if self.is_own:
            self._store_object(dispatcher)
            super().__init__(f"type({dispatcher})")

    @property
    def dispatcher(self):
        """What the decorator gave."""
        return self._get_object() if self.is_own else self.object

    @property
    def key(self):
        """The dispatcher, by identity."""
        return super().key if self.is_own else self.object


class ObjModeDispatcher(Dispatcher):
    """A block of code that the interpreter runs."""


class BoundFunction(Callable, Opaque):
    """A method with its receiver.

    Parameters
    ----------
    template : object
        What stands for the method.
    this : Type
        The receiver's type.
    """

    def __init__(self, template, this):
        self.template, self._this = template, this
        super().__init__(f"BoundFunction({getattr(template, 'key', template)} for {this})")

    @property
    def this(self):
        """The receiver's type."""
        return self._this if self.is_own else self.elements[0]

    @property
    def key(self):
        """The method and the receiver's type."""
        return (getattr(self.template, "key", self.template), self.this) if self.is_own else self.name


class Closure(Callable):
    """An inner function with its captured values."""


class FunctionChoice(Callable):
    """One of several functions, chosen at run time."""


class MakeFunctionLiteral(Literal, Opaque):
    """An inner function as a value."""


class RecursiveCall(Opaque):
    """A function that calls itself while it is compiled.

    Parameters
    ----------
    dispatcher_type : Dispatcher
    """

    def __init__(self, dispatcher_type):
        self.dispatcher_type = dispatcher_type
        super().__init__(f"recursive({dispatcher_type})")


class ContextManager(Callable, Phantom):
    """A context manager known at compile time.

    Parameters
    ----------
    cm : object
    """

    def __init__(self, cm):
        self.cm = cm
        super().__init__(f"ContextManager({cm})")


# ---- exceptions --------------------------------------------------------------------------------------------------------


class _OfExceptionClass(Phantom):
    """What types have that are known by an exception class."""

    def __init__(self, exc_class):
        pass

    @property
    def exc_class(self):
        """The class."""
        return self.object

    @property
    def key(self):
        """The class."""
        return self.object


class ExceptionClass(Callable, _OfExceptionClass):
    """An exception class.

    Parameters
    ----------
    exc_class : type
    """

    def __new__(cls, exc_class):
        return _core.function_type(exc_class)


class ExceptionInstance(_OfExceptionClass):
    """An exception about to be raised.

    Parameters
    ----------
    exc_class : type
    """

    def __new__(cls, exc_class):
        return _core.exception_type(exc_class)


# ---- functions of other languages, functions as values -------------------------------------------------------------------


class ExternalFunction:
    """A function of a library that the process has loaded, by its symbol: compiled code may call it.

    Parameters
    ----------
    symbol : str
        Its name in the library.
    sig : Signature
        Types of the result and the parameters.
    """

    def __init__(self, symbol, sig):
        from naja.typing import parse_signature

        self.symbol, self.sig = symbol, parse_signature(sig)
        self.__naja_content__ = (symbol, self.sig.return_type, self.sig.args)

    def __call__(self, *args):
        """Call the function from Python, by ctypes."""
        from naja.functions import external_address, make_ctypes_function

        return make_ctypes_function(self.sig)(external_address(self.symbol))(*args)

    def __repr__(self):
        return f"ExternalFunction({self.symbol}, {self.sig})"

    @property
    def key(self):
        """Symbol and signature."""
        return self.symbol, self.sig


class FunctionPrototype(Type):
    """Result type and argument types of a function that is a value.

    Parameters
    ----------
    rtype : Type
    atypes : sequence of Type
    """

    cconv = None

    def __init__(self, rtype, atypes):
        self.rtype, self.atypes = rtype, tuple(atypes)
        super().__init__(f"FunctionPrototype({rtype}({', '.join(map(str, atypes))}))")

    @property
    def key(self):
        """The name."""
        return self.name


class FunctionType(_Made, Callable):
    """Any function of one signature, also of C: its values are passed, stored and chosen at run time.

    Parameters
    ----------
    signature : Signature or str
        ``float64(int64)``.
    get_pointer : optional
        Ignored: the address is that of the value.
    cconv : None
        The calling convention is the platform's for C.

    Raises
    ------
    ValueError
        For another calling convention.
    """

    cconv = None

    def __new__(cls, signature, get_pointer=None, cconv=None):
        from naja.typing import parse_signature

        if cconv is not None:
            raise ValueError(f"there are no functions with the calling convention {cconv!r}")
        signature = parse_signature(signature)
        if signature.return_type is None:
            raise TypeError(f"a function type needs the type of the result: {signature}")
        return _core.cfunction_type(signature.return_type, tuple(signature.args))

    @property
    def signature(self):
        """Types of the result and the parameters."""
        from naja.typing import Signature

        return Signature(self.return_type, self.argument_types)

    sig = signature

    @property
    def key(self):
        """The signature."""
        return self.signature

    @property
    def nargs(self):
        """Number of parameters."""
        return len(self.argument_types)

    @property
    def ftype(self):
        """The signature as a type."""
        return FunctionPrototype(self.return_type, self.argument_types)

    def get_pointer(self, function):
        """Return the address that a function of this type has for C, an int."""
        from naja.functions import addresses

        return addresses(function, self)[0]

    def get_signatures(self):
        """Return the one signature."""
        return (self.signature,)

    def get_call_signatures(self):
        """Return the signatures that a call may have, and whether there can be others."""
        return [self.signature], False

    def has_signatures(self):
        """Return whether the signature is known."""
        return True

    def is_precise(self):
        """Return whether the type is fully known."""
        return True


ExternalFunctionPointer = FunctionType


class UndefinedFunctionType(Type):
    """A function as a value whose types are not known yet.

    Parameters
    ----------
    nargs : int
        Number of arguments.
    dispatchers : set of Dispatcher
        What it may be.
    """

    def __init__(self, nargs, dispatchers):
        from naja.types.abstract import Undefined
        from naja.typing import Signature

        self.signature, self.nargs = Signature(Undefined(), (Undefined(),) * nargs), nargs
        self.dispatchers = dispatchers
        super().__init__(f"FunctionType[{self.signature}]")

    def is_precise(self):
        """Return whether the type is fully known: it is not."""
        return False


class WrapperAddressProtocol(abc.ABC):
    """What gives the address of a native function and its signature, and so can be called by compiled code."""

    @abc.abstractmethod
    def __wrapper_address__(self):
        """Return the address of the function, an int."""

    @abc.abstractmethod
    def signature(self):
        """Return the signature."""


class Version(WrapperAddressProtocol):
    """A compiled version that other units may call, as a function.

    Parameters
    ----------
    version : Overload
        Compiled with the switch ``exports``.
    """

    def __init__(self, version):
        self._version, self._signature = version, version.signature

    def __wrapper_address__(self):
        return self._version.c_address

    def signature(self):
        """Return the `Signature`."""
        return self._signature


class CompileResultWAP(Version):
    """A compiled version of a dispatcher as a function of its one signature.

    Parameters
    ----------
    cres : Overload
        A value of ``dispatcher.overloads``.
    """

    def __init__(self, cres):
        from naja.ccallback import export

        self.cres = cres
        super().__init__(export(cres.dispatcher, cres.signature))
        self.__naja_content__ = (cres.dispatcher, self._signature.return_type, self._signature.args)

    def __call__(self, *args, **kwargs):
        """Call the dispatcher."""
        return self.cres.entry_point(*args, **kwargs)
