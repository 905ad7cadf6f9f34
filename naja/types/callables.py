"""What can be called."""

from naja.types.abstract import Callable


class Function(Callable):
    """A function known at compile time: built-in, of a library, or compiled."""


Dispatcher = Function


class BoundFunction(Callable):
    """A method with its receiver."""


class Closure(Callable):
    """An inner function with its captured values."""


class FunctionChoice(Callable):
    """One of several functions, chosen at run time."""
