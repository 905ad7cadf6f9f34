"""The exceptions and warnings that naja raises, with Numba's class names.

A compile-time error is one message of at most eight lines: what is wrong, the source line with a caret, why,
and what to do.  Every such message has a stable code (``NJ2001``), kept in `NajaError.code`; the codes are the
rows of ``src/base/diag.def``.
"""

import contextlib
import functools
import warnings

__all__ = [
    "ByteCodeSupportError",
    "CompilerError",
    "ConstantInferenceError",
    "DeprecationError",
    "ForbiddenConstruct",
    "ForceLiteralArg",
    "IRError",
    "InternalError",
    "InternalTargetMismatchError",
    "LiteralTypingError",
    "LoweringError",
    "NajaError",
    "NajaPerformanceWarning",
    "NajaWarning",
    "NonexistentTargetError",
    "NotDefinedError",
    "NumbaAssertionError",
    "NumbaAttributeError",
    "NumbaDebugInfoWarning",
    "NumbaDeprecationWarning",
    "NumbaError",
    "NumbaExperimentalFeatureWarning",
    "NumbaIRAssumptionWarning",
    "NumbaIndexError",
    "NumbaInvalidConfigWarning",
    "NumbaKeyError",
    "NumbaNotImplementedError",
    "NumbaParallelSafetyWarning",
    "NumbaPedanticWarning",
    "NumbaPendingDeprecationWarning",
    "NumbaPerformanceWarning",
    "NumbaRuntimeError",
    "NumbaSystemWarning",
    "NumbaTypeError",
    "NumbaTypeSafetyWarning",
    "NumbaValueError",
    "NumbaWarning",
    "ParallelSafetyError",
    "RedefinedError",
    "RequireLiteralValue",
    "TypingError",
    "UndeclaredTargetError",
    "UnsupportedBytecodeError",
    "UnsupportedError",
    "UnsupportedParforsError",
    "UnsupportedRewriteError",
    "UntypedAttributeError",
    "VerificationError",
    "WarningsFixer",
    "deprecated",
]


class NajaError(Exception):
    """Base of all compile-time errors.

    Parameters
    ----------
    msg : str
        What is wrong, where and why; at most eight lines.
    loc : object, optional
        Accepted for compatibility with Numba; not used.

    Attributes
    ----------
    msg : str
        The message.
    code : str or None
        The message's stable code, such as ``"NJ2001"``; None for errors raised by library code.
    """

    code = None

    def __init__(self, msg="", loc=None, highlighting=True):
        self.msg = msg
        self.loc = loc
        super().__init__(msg)

    def add_context(self, msg):
        """Append a line that says where the error was met."""
        self.msg = f"{self.msg}\n{msg}"
        self.args = (self.msg,)
        return self

    @property
    def contexts(self):
        """Lines added by `add_context`; always empty here, they are part of the message."""
        return []


NumbaError = NajaError


class UnsupportedError(NajaError):
    """The code uses something that naja does not compile."""


class UnsupportedBytecodeError(NajaError):
    """The function contains a bytecode instruction that naja does not compile."""


class UnsupportedRewriteError(UnsupportedError):
    """A construct of a parallel loop that cannot be run in parallel."""


class UnsupportedParforsError(UnsupportedError):
    """Parallel loops are not available on this platform."""


class ParallelSafetyError(UnsupportedError):
    """A parallel loop whose iterations depend on each other."""


class IRError(NajaError):
    """An inconsistency in the intermediate representation."""


class RedefinedError(IRError):
    """A name is defined twice."""


class NotDefinedError(IRError):
    """A name is used before it is defined."""

    def __init__(self, name="", loc=None):
        self.name = name
        super().__init__(
            f"The compiler failed to analyze the bytecode. Variable '{name}' is not defined.", loc
        )


class VerificationError(IRError):
    """A verifier found broken IR."""


class TypingError(NajaError):
    """Types do not fit: an operation, call or attribute has no meaning for them."""


class UntypedAttributeError(TypingError):
    """A value has no such attribute."""

    def __init__(self, value="", attr="", loc=None):
        super().__init__(f"Unknown attribute '{attr}' of type {value}", loc)


class LiteralTypingError(TypingError):
    """A value cannot be made part of its type."""


class DeprecationError(NajaError):
    """Something that is gone was used."""


class NumbaTypeError(TypingError):
    """A `TypeError` met while compiling."""


class NumbaAttributeError(TypingError):
    """An `AttributeError` met while compiling."""


class NumbaAssertionError(TypingError):
    """An `AssertionError` met while compiling."""


class NumbaNotImplementedError(TypingError):
    """A `NotImplementedError` met while compiling."""


class NumbaValueError(TypingError, ValueError):
    """A `ValueError` met while compiling."""


class NumbaIndexError(TypingError):
    """An `IndexError` met while compiling."""


class NumbaKeyError(TypingError):
    """A `KeyError` met while compiling."""


class NumbaRuntimeError(TypingError):
    """A `RuntimeError` met while compiling."""


class RequireLiteralValue(TypingError):
    """An argument must be known when the function is compiled."""


class ForceLiteralArg(NajaError):
    """An overload asks for arguments as literals.

    Parameters
    ----------
    arg_indices : iterable of int
        Positions of the arguments.
    """

    def __init__(self, arg_indices=(), fold_arguments=None, loc=None):
        super().__init__("Pseudo-exception to force literal arguments in the dispatcher", loc)
        self.requested_args = frozenset(arg_indices)
        self.fold_arguments = fold_arguments


class ConstantInferenceError(NajaError):
    """A value that must be a constant is not."""


class ForbiddenConstruct(NajaError):
    """A construct that is not allowed at this place."""


class LoweringError(NajaError):
    """Code generation failed."""


class CompilerError(NajaError):
    """Compilation failed for another reason."""


class InternalError(NajaError):
    """A bug in naja."""

    def __init__(self, exception="", loc=None):
        super().__init__(str(exception), loc)
        self.old_exception = exception


class ByteCodeSupportError(NajaError):
    """The bytecode cannot be analysed."""


class UndeclaredTargetError(NajaError):
    """A target name that nobody declared."""


class NonexistentTargetError(NajaError):
    """A target that does not exist."""


class InternalTargetMismatchError(InternalError):
    """Function and call belong to different targets."""


class NajaWarning(Warning):
    """Base of all warnings."""

    def __init__(self, msg="", loc=None, highlighting=True):
        self.msg = msg
        self.loc = loc
        super().__init__(msg)


NumbaWarning = NajaWarning


class NajaPerformanceWarning(NajaWarning):
    """Code that works, but slower than its author may expect."""


NumbaPerformanceWarning = NajaPerformanceWarning


class NumbaDeprecationWarning(NajaWarning, DeprecationWarning):
    """A feature that will go."""


class NumbaPendingDeprecationWarning(NajaWarning, PendingDeprecationWarning):
    """A feature that will be deprecated."""


class NumbaParallelSafetyWarning(NajaWarning):
    """A parallel loop that may not be safe."""


class NumbaTypeSafetyWarning(NajaWarning):
    """A conversion that may lose information."""


class NumbaExperimentalFeatureWarning(NajaWarning):
    """A feature that may change."""


class NumbaInvalidConfigWarning(NajaWarning):
    """A setting that makes no sense."""


class NumbaPedanticWarning(NajaWarning):
    """A matter of style."""


class NumbaIRAssumptionWarning(NumbaPedanticWarning):
    """An assumption about the IR that does not hold."""


class NumbaDebugInfoWarning(NajaWarning):
    """Debug information is missing."""


class NumbaSystemWarning(NajaWarning):
    """Something about the machine that naja cannot work with."""


class WarningsFixer:
    """Collect warnings, to give each of them once, at the place that it is about.

    Parameters
    ----------
    category : type
        Class of the warnings that are collected; others are given at once.
    """

    def __init__(self, category):
        self._category = category
        self._collected = {}

    @contextlib.contextmanager
    def catch_warnings(self, filename=None, lineno=None):
        """Collect the warnings of a block of code.

        Parameters
        ----------
        filename : str, optional
        lineno : int, optional
            Where they will seem to come from; default: where they are given.
        """
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
        for w in caught:
            if issubclass(w.category, self._category):
                place = filename or w.filename, lineno or w.lineno, w.category
                self._collected.setdefault(place, set()).add(str(w.message))
            else:
                warnings.warn_explicit(w.message, w.category, w.filename, w.lineno)

    def flush(self):
        """Give what was collected, in order of place and class."""
        for (filename, lineno, category), messages in sorted(self._collected.items(), key=str):
            for message in sorted(messages):
                warnings.warn_explicit(message, category, filename, lineno)
        self._collected.clear()


def deprecated(arg):
    """Make calls of a function give a DeprecationWarning.

    Parameters
    ----------
    arg : str
        What to use instead.

    Returns
    -------
    callable
        A decorator.
    """

    def decorate(function):
        @functools.wraps(function)
        def call(*args, **kwargs):
            text = f'Call to deprecated function "{function.__name__}"\n  Use "{arg}" instead'
            warnings.warn(text, category=DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        return call

    return decorate
