"""Members of enum.Flag and enum.IntFlag classes: their operators, loops over them, and what they are called.

A flag is its value, whether it is a member of its class or several of them together.
"""

from enum import CONFORM, EJECT, KEEP, STRICT, Flag, IntFlag

from naja.library import low
from naja.library.written import written

_SIGNS = {"or": "|", "and": "&", "xor": "^", "ior": "|", "iand": "&", "ixor": "^"}


def flag_class(t):
    """The class of a flag's type; None of anything else."""
    cls = t.instance_class if t.kind == "ENUM" else None
    return cls if cls is not None and issubclass(cls, Flag) else None


def _all_bits(cls):
    bits = 0
    for member in cls.__members__.values():
        bits |= member.value
    return 2 ** bits.bit_length() - 1


def _function(cls, header, *lines):
    members = {f"member{i}": member for i, member in enumerate(cls)}
    text = f"def f({header}):\n    " + "\n    ".join(lines) + "\n"
    return written(__name__, text, cls=cls, low=low, **members)


def _inverted(cls):
    mask = _all_bits(cls) if cls._boundary_ is KEEP else getattr(cls, "_singles_mask_", cls._flag_mask_)
    lines = [f"mask = {mask}", "bits = low.flag_bits(a)"]
    if cls._boundary_ is KEEP:
        lines += ["while bits & ~mask:", "    mask = mask * 2 + 1"]
    if cls._boundary_ is EJECT:
        return _function(cls, "a", "return ~low.flag_bits(a)")
    return _function(cls, "a", *lines, "return low.flag_of(cls, mask & ~bits)")


def _binary(op, types):
    classes = [flag_class(t) for t in types]
    cls = classes[0] or classes[1]
    if op in ("contains", "not_contains"):
        if classes[0] is None or classes[0] is not classes[1]:
            return None
        negation = "not " if op == "not_contains" else ""
        return _function(
            cls, "a, b", "bits = low.flag_bits(b)", f"return {negation}low.flag_bits(a) & bits == bits"
        )
    if op not in _SIGNS:
        return None
    bits = []
    for name, t, of in zip("ab", types, classes, strict=True):
        if of is cls:
            bits.append(f"low.flag_bits({name})")
        elif issubclass(cls, IntFlag) and of is None and t.kind in ("INT", "BOOL", "LITERAL"):
            bits.append(f"int({name})")
        else:
            return None
    return _function(cls, "a, b", f"return low.flag_of(cls, {bits[0]} {_SIGNS[op]} {bits[1]})")


def _unary(op, cls):
    if op == "invert":
        return _inverted(cls)
    if op in ("truth", "bool"):
        return _function(cls, "a", "return low.flag_bits(a) != 0")
    if op == "not":
        return _function(cls, "a", "return low.flag_bits(a) == 0")
    singles = [f"member{i}" for i, _ in enumerate(cls)]
    if op == "len":
        lines = [f"n += low.flag_bits({m}) & bits != 0" for m in singles]
        return _function(cls, "a", "n = 0", "bits = low.flag_bits(a)", *lines, "return n")
    if op in ("iterate", "list"):
        items = "".join(f"{m}, " for m in singles)
        lines = [f"for m in ({items}):", "    if low.flag_bits(m) & bits:", "        yield m"]
        if op == "list":
            lines = [f"return [m for m in ({items}) if low.flag_bits(m) & bits]"]
        return _function(cls, "a", "bits = low.flag_bits(a)", *lines)
    return None


def find(name, types):
    """Return a function that does an operation on flags, or None.

    Parameters
    ----------
    name : str
        Dotted name of the operator or built-in function, such as ``"operator.or_"``.
    types : tuple of Type
        Types of the operands.

    Returns
    -------
    function or None
    """
    op = name.rpartition(".")[2].rstrip("_")
    if len(types) == 1 and flag_class(types[0]):
        return _unary(op, flag_class(types[0]))
    return _binary(op, types) if len(types) == 2 and any(map(flag_class, types)) else None


def checked(cls):
    """Return a function that makes a flag of a number, as a call of the class does.

    Parameters
    ----------
    cls : type

    Returns
    -------
    function or None
        None: only the interpreter knows what the class does.
    """
    if cls._boundary_ is KEEP:
        return _function(cls, "value", "return low.flag_of(cls, value)")
    if cls._boundary_ not in (STRICT, CONFORM):
        return None
    known = f"value & {cls._flag_mask_}"
    if cls._boundary_ is CONFORM:
        return _function(cls, "value", f"return low.flag_of(cls, {known})")
    mask = cls._flag_mask_
    lines = [
        f"if value != {known}:",
        "    given = bin(value)[2:]",
        f"    allowed = {bin(mask)[2:]!r}",
        "    n = max(len(given), len(allowed))",
        f"    text = \"{cls!r} invalid value \" + str(value) + '\\n    given 0b0 ' + given.zfill(n)",
        "    raise ValueError(text + '\\n  allowed 0b0 ' + allowed.zfill(n))",
    ]
    return _function(cls, "value", *lines, "return low.flag_of(cls, value)")


def name_of(cls):
    """Return a function that gives the name of a flag, of several ones joined by ``|``; None as a name is ``''``."""
    lines = ["bits = low.flag_bits(a)"]
    for name, member in cls.__members__.items():
        lines += [f"if bits == {member.value}:", f"    return {member.name!r}"] if member.name == name else []
    lines.append("text = ''")
    for member in cls:
        lines += [f"if bits & {member.value}:", f"    text += ('|' if text else '') + {member.name!r}"]
    return _function(cls, "a", *lines, "return text")
