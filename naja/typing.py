"""Signatures: the argument types and result type that a function is compiled for."""

from naja import _core

__all__ = ["Signature", "fold_arguments", "parse_signature", "parse_type", "signature"]


class Signature:
    """Result type and argument types.

    Parameters
    ----------
    return_type : naja.types.Type or None
        None: whatever inference gives.
    args : tuple of naja.types.Type
        Argument types.
    recvr : naja.types.Type, optional
        Receiver of a method.
    """

    __slots__ = ("args", "pysig", "recvr", "return_type")

    def __init__(self, return_type, args, recvr=None, pysig=None):
        self.return_type = return_type
        self.args = tuple(args)
        self.recvr = recvr
        self.pysig = pysig

    def __repr__(self):
        return f"({', '.join(map(str, self.args))}) -> {self.return_type}"

    def __eq__(self, other):
        if not isinstance(other, Signature):
            return NotImplemented
        return (self.return_type, self.args, self.recvr) == (other.return_type, other.args, other.recvr)

    def __hash__(self):
        return hash((self.return_type, self.args))

    def __iter__(self):
        return iter(self.args)

    def __getstate__(self):
        return self.return_type, self.args, self.recvr

    def __setstate__(self, state):
        self.return_type, self.args, self.recvr = state
        self.pysig = None

    @property
    def is_method(self):
        """Whether the signature has a receiver."""
        return self.recvr is not None

    def as_type(self):
        """Return the type of all functions of this signature."""
        from naja.types import FunctionType

        return FunctionType(self)

    def as_method(self):
        """Return the signature of a method: without the first parameter, which becomes the receiver."""
        return Signature(self.return_type, self.args[1:], recvr=self.args[0])

    def as_function(self):
        """Return the signature of a function: with the receiver as first parameter."""
        return self if self.recvr is None else Signature(self.return_type, (self.recvr, *self.args))

    def replace(self, **changes):
        """Return a copy with other ``return_type`` or ``args``."""
        values = {
            "return_type": self.return_type,
            "args": self.args,
            "recvr": self.recvr,
            "pysig": self.pysig,
        }
        return Signature(**{**values, **changes})


def signature(return_type, *args, **keywords):
    """Return the signature ``return_type(*args)``.

    Parameters
    ----------
    return_type : naja.types.Type
        Result type.
    *args : naja.types.Type
        Argument types.

    Returns
    -------
    Signature
    """
    return Signature(return_type, args, recvr=keywords.get("recvr"))


def parse_signature(given):
    """Turn any accepted form of a signature into a `Signature`.

    Parameters
    ----------
    given : Signature, str, naja.types.Type, or tuple of types
        ``float64(int64)``, ``"f8(i8)"``, ``"(f8, i8)"``, ``(float64, int64)`` or a single type.

    Returns
    -------
    Signature
        Its ``return_type`` is None when the form does not give one.

    Raises
    ------
    TypeError
        If it is none of these forms.
    """
    if isinstance(given, str):
        from naja import types

        try:
            given = eval(given, {"__builtins__": {}}, _StringNames(types))
        except (SyntaxError, NameError) as error:
            raise TypeError(f"invalid signature string {given!r}: {error}") from None
    if isinstance(given, Signature):
        return given
    if isinstance(given, _core.Type):
        given = (given,)
    if isinstance(given, (tuple, list)):
        from naja.types import as_type

        return Signature(None, tuple(map(as_type, given)))
    raise TypeError(f"invalid signature: {given!r} (type: {type(given)!r}) evaluates to no signature")


def parse_type(text):
    """Return the type that a text says, such as ``"float64[:]"`` or ``"List(int64)"``.

    Parameters
    ----------
    text : str
        An expression of names of `naja.types`.

    Returns
    -------
    naja.types.Type

    Raises
    ------
    TypeError
        If it says no type.
    """
    given = parse_signature(text)
    if given.return_type is not None or len(given.args) != 1:
        raise TypeError(f"{text!r} says no type")
    return given.args[0]


def fold_arguments(pysig, args, kws, normal_handler, default_handler, stararg_handler):
    """Return one thing per parameter for a call, made by the handler of how the parameter gets its value.

    Parameters
    ----------
    pysig : inspect.Signature
    args : sequence
        What is given by position.
    kws : dict or sequence of pairs
        What is given by name.
    normal_handler, default_handler, stararg_handler : callable
        Called with the parameter's number, the `inspect.Parameter`, and what was given; the default of one that is left
        out; or all that ``*args`` collects, as a tuple.

    Returns
    -------
    tuple

    Raises
    ------
    TypeError
        If the call does not fit the parameters.
    """
    given = pysig.bind(*args, **dict(kws)).arguments
    folded = []
    for i, (name, parameter) in enumerate(pysig.parameters.items()):
        if parameter.kind is parameter.VAR_POSITIONAL:
            folded.append(stararg_handler(i, parameter, given.get(name, ())))
        elif name in given:
            folded.append(normal_handler(i, parameter, given[name]))
        elif parameter.kind is not parameter.VAR_KEYWORD:
            folded.append(default_handler(i, parameter, parameter.default))
    return tuple(folded)


class _StringNames(dict):
    """Names that a signature string may use: those of `naja.types`."""

    def __init__(self, types):
        self._types = types

    def __missing__(self, name):
        if name in ("None", "True", "False"):
            raise KeyError(name)
        try:
            return getattr(self._types, name)
        except AttributeError:
            raise NameError(f"no type is called {name!r}") from None
