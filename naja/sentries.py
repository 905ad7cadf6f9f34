"""Asking for arguments as literals, by their names: `SentryLiteralArgs`."""

import inspect
from collections import namedtuple

from naja.errors import ForceLiteralArg
from naja.types import Literal, Omitted, Type

__all__ = ["BoundLiteralArgs", "SentryLiteralArgs", "sentry_literal_args"]


class SentryLiteralArgs(namedtuple("SentryLiteralArgs", "literal_args")):
    """Names of parameters whose arguments have to be literals.

    Parameters
    ----------
    literal_args : sequence of str

    Examples
    --------
    >>> @overload(take)
    ... def take_overload(a, axis):
    ...     SentryLiteralArgs(["axis"]).for_function(take_overload).bind(a, axis)
    ...     ...
    """

    __slots__ = ()

    def for_function(self, func):
        """Return the sentry for the parameters of a function."""
        return self.for_pysig(inspect.signature(func))

    def for_pysig(self, pysig):
        """Return the sentry for the parameters of a signature."""
        return BoundLiteralArgs(pysig, self.literal_args)


class BoundLiteralArgs(namedtuple("BoundLiteralArgs", "pysig literal_args")):
    """Names of parameters whose arguments have to be literals, and their function's signature.

    Parameters
    ----------
    pysig : inspect.Signature
    literal_args : sequence of str
    """

    __slots__ = ()

    def bind(self, *args, **kwargs):
        """Ask for literals, if some of these argument types are none.

        Raises
        ------
        ForceLiteralArg
            The compiler types the call again, with literals.
        """
        return sentry_literal_args(self.pysig, self.literal_args, args, kwargs)


def sentry_literal_args(pysig, literal_args, args, kwargs):
    """Ask for literals, if some of the argument types of this call are none.

    Parameters
    ----------
    pysig : inspect.Signature
    literal_args : sequence of str
        Names of the parameters.
    args, kwargs : tuple and dict of Type
        The argument types.

    Raises
    ------
    ForceLiteralArg
        The compiler types the call again, with literals.
    """
    bound = pysig.bind(*args, **kwargs).arguments
    names = list(pysig.parameters)
    known = Literal, Omitted
    given = [n for n in literal_args if isinstance(bound.get(n), Type)]  # a default value is no type
    wanted = [n for n in given if not isinstance(bound[n], known)]
    if wanted:
        raise ForceLiteralArg({names.index(n) for n in wanted})
