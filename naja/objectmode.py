"""Object mode: functions that run in the interpreter, behind the interface of compiled ones.

``@jit(forceobj=True)`` says that a function is to behave exactly as Python has it, for any arguments.  The dispatcher
then calls the function itself (``dispatcher_interpret`` in ``src/boundary/dispatcher.c``), so results, exceptions
and tracebacks are Python's by construction.  What is asked about its versions is answered here: there is one, whose
arguments and result are ``pyobject``.
"""

import sys
import types
import warnings

from naja import _core
from naja.errors import NajaWarning
from naja.typing import Signature, parse_signature

__all__ = ["ObjectModeDispatcher", "ObjectModeVersion", "make_interpreted"]

_PYOBJECT = _core.simple_type("pyobject")


def _nparams(function):
    code = function.__code__
    variable = bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return code.co_argcount + code.co_kwonlyargcount + variable


class ObjectModeVersion:
    """The one version of a function in object mode, in the place of a compiled `Overload`.

    Attributes
    ----------
    signature : Signature
        ``pyobject`` for each parameter and for the result.
    objectmode : bool
        True.
    lifted : tuple
        Loops that were compiled apart: none.
    """

    objectmode = True
    lifted = ()
    from_cache = False
    stats = types.MappingProxyType({})
    llvm_ir = assembly = ""

    def __init__(self, function):
        self.signature = Signature(_PYOBJECT, (_PYOBJECT,) * _nparams(function))
        self.entry_point = function

    @property
    def args(self):
        """Argument types."""
        return self.signature.args

    @property
    def result(self):
        """Result type."""
        return self.signature.return_type

    @property
    def types_text(self):
        """What ``inspect_types`` prints: every name is a Python object."""
        code = self.entry_point.__code__
        return "\n".join(f"{name} :: pyobject" for name in code.co_varnames)


class ObjectModeDispatcher(_core.Dispatcher):
    """A function in object mode.  It accepts any arguments, and has a version from the first call on."""

    _version = None

    @property
    def overloads(self):
        """The version by its argument types; empty before the first call."""
        if self._version is None and self._was_called:
            self._version = ObjectModeVersion(self.py_func)
        return {} if self._version is None else {self._version.args: self._version}

    @property
    def signatures(self):
        """Argument types of the version, as a list of tuples."""
        return list(self.overloads)

    @property
    def nopython_signatures(self):
        """Always empty: nothing is compiled."""
        return []

    def compile(self, sig):
        """Accept a signature.

        Parameters
        ----------
        sig : Signature, str, or tuple of types
            ``()``, or a type for each parameter.

        Returns
        -------
        ObjectModeVersion

        Raises
        ------
        TypeError
            If the number of types is neither zero nor that of the parameters.
        """
        given, wanted = len(parse_signature(sig).args), _nparams(self.py_func)
        if given not in (0, wanted):
            raise TypeError(
                f"Signature mismatch: {given} argument types given, but function takes {wanted} arguments"
            )
        if self.targetoptions.get("nogil"):
            warnings.warn(
                NajaWarning("Code running in object mode won't allow parallel execution despite nogil=True."),
                stacklevel=4,
            )
        self._version = self._version or ObjectModeVersion(self.py_func)
        return self._version

    def get_overload(self, sig):
        """Return the version; KeyError before the first call."""
        for version in self.overloads.values():
            return version
        raise KeyError(f"{self.__name__}() has no version yet")

    def recompile(self):
        """Do nothing: the interpreter reads the globals of now at each call."""

    def inspect_llvm(self, signature=None):
        """Return an empty text: there is no code."""
        return "" if signature is not None else dict.fromkeys(self.overloads, "")

    def inspect_asm(self, signature=None):
        """Return an empty text: there is no code."""
        return self.inspect_llvm(signature)

    def inspect_types(self, file=None, signature=None, pretty=False, style="default", **options):
        """Print the names of the function's variables, which are Python objects."""
        for args, version in self.overloads.items():
            print(
                f"{self.__name__} {args}",
                "-" * 80,
                version.types_text,
                "=" * 80,
                sep="\n",
                file=file or sys.stdout,
            )


def make_interpreted(function, switches, options, signatures=None):
    """Make the dispatcher of ``@jit(forceobj=True)``.

    Parameters
    ----------
    function : function
        What calls run.
    switches, options : dict
        As for `Dispatcher`.
    signatures : list, optional
        Checked for their number of types, and otherwise without effect.

    Returns
    -------
    ObjectModeDispatcher
    """
    dispatcher = ObjectModeDispatcher(function, switches, options)
    for given in signatures or ():
        dispatcher.compile(given)
    return dispatcher
