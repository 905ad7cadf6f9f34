"""What can be called: functions, methods, classes, pointers to functions."""

import abc

from naja import _core
from naja.types.abstract import Callable, Dummy, Literal, Opaque, Phantom, Type, WeakType

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


class ExceptionClass(Callable, Phantom):
    """An exception class.

    Parameters
    ----------
    exc_class : type
    """

    def __new__(cls, exc_class):
        return _core.function_type(exc_class)

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


class ExceptionInstance(Phantom):
    """An exception about to be raised.

    Parameters
    ----------
    exc_class : type
    """

    def __new__(cls, exc_class):
        return _core.exception_type(exc_class)

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


# ---- functions of other languages, functions as values -------------------------------------------------------------------


class ExternalFunction(Function):
    """A function of native code, by its symbol.

    Parameters
    ----------
    symbol : str
    sig : Signature
    """

    def __init__(self, symbol, sig):
        self.symbol, self.sig = symbol, sig
        self.typing_key, self.templates = symbol, ()
        Type.__init__(self, f"ExternalFunction({symbol}, {sig})")

    @property
    def key(self):
        """Symbol and signature."""
        return self.symbol, self.sig


class ExternalFunctionPointer(BaseFunction):
    """A pointer to a function of native code.

    Parameters
    ----------
    sig : Signature
    get_pointer : callable or None
        Gives the address, for the Python object.
    cconv : str, optional
        Calling convention; None is C's.
    """

    def __init__(self, sig, get_pointer, cconv=None):
        self.sig, self.get_pointer, self.cconv = sig, get_pointer, cconv
        self.requires_gil = False
        super().__init__(f"ExternalFunctionPointer({sig}, {cconv})")

    @property
    def key(self):
        """Signature, convention and where the address comes from."""
        return self.sig, self.cconv, self.get_pointer


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


class FunctionType(Type):
    """A function as a value: what can be called with one signature.

    Parameters
    ----------
    signature : Signature
    """

    def __init__(self, signature):
        self.signature, self.nargs = signature, len(signature.args)
        self.ftype = FunctionPrototype(signature.return_type, signature.args)
        super().__init__(f"FunctionType[{signature}]")

    @property
    def key(self):
        """The signature."""
        return self.signature

    def get_signatures(self):
        """Return the one signature."""
        return (self.signature,)

    def has_signatures(self):
        """Return whether the signature is known."""
        return True

    def is_precise(self):
        """Return whether the type is fully known."""
        return True


class UndefinedFunctionType(FunctionType):
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

        super().__init__(Signature(Undefined(), (Undefined(),) * nargs))
        self.dispatchers = dispatchers

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


class CompileResultWAP(WrapperAddressProtocol):
    """One compiled version of a function as the address of a native function.

    Parameters
    ----------
    cres : Overload
        What ``dispatcher.overloads`` holds.
    """

    def __init__(self, cres):
        self.cres = cres

    def __wrapper_address__(self):
        return self.cres.native_address

    def signature(self):
        """Return the version's signature."""
        return self.cres.signature

    def __call__(self, *args, **kwargs):
        return self.cres.entry_point(*args, **kwargs)
