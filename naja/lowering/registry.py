"""What extensions register: typing and code of functions, attributes, conversions and constants, by argument types."""

from naja import types

__all__ = ["Implementations", "matches"]


def _match(wanted, given):
    """How well a type fits what was registered: 2 exactly, 1 as an instance of a class, 0 not."""
    if isinstance(wanted, type):
        return int(isinstance(given, wanted))
    if wanted == given or wanted == getattr(given, "base", None):
        return 2
    return int(wanted == types.Any)


def matches(wanted, given):
    """Return how well argument types fit what was registered, 0 if they do not.

    Parameters
    ----------
    wanted : sequence of Type or type
        Types, or classes of types; the last may be a `types.VarArg`.
    given : sequence of Type

    Returns
    -------
    int
    """
    if wanted and isinstance(wanted[-1], types.VarArg):
        rest = wanted[-1].dtype
        wanted = [*wanted[:-1], *([rest] * (len(given) - len(wanted) + 1))]
    if len(wanted) != len(given):
        return 0
    scores = [_match(w, g) for w, g in zip(wanted, given, strict=True)]
    return 1 + sum(scores) if all(scores) else 0


class Implementations:
    """Implementations by key and argument types; of equally good ones the last counts."""

    def __init__(self):
        self._entries = {}

    def add(self, key, wanted, implementation):
        """Register an implementation."""
        self._entries.setdefault(key, []).append((tuple(wanted), implementation))

    def find(self, given, key=None):
        """Return the implementation that fits argument types best, or None."""
        best, found = 0, None
        for wanted, implementation in self._entries.get(key, ()):
            score = matches(wanted, tuple(given))
            if score and score >= best:
                best, found = score, implementation
        return found

    def has(self, key):
        """Whether something is registered under a key."""
        return key in self._entries
