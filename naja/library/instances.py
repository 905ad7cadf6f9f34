"""Operators and built-in functions on instances of jitclasses: calls of their special methods, as Python makes them.

`find` is asked by `naja.extending` before overloads are.
"""

from functools import lru_cache

_BINARY = frozenset(
    "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor getitem lt le gt ge".split()
)
_UNARY = frozenset("neg pos invert abs len str repr iter next reversed round".split())
_REFLECTED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq"}

# What converts, by the built-in function: special methods in the order in which they are tried.
_CONVERSIONS = {
    "int": ("int", "index"),
    "float": ("float", "index"),
    "complex": ("complex", "float", "index"),
    "hash": ("hash",),
}


def _class_of(type_):
    type_ = type_.type if type_.kind == "OPTIONAL" else type_
    return getattr(type_, "class_type", None) if type_.kind == "INSTANCE" else None


def _has(type_, name):
    class_type = _class_of(type_)
    return class_type is not None and f"__{name}__" in class_type.jit_methods


@lru_cache(maxsize=None)
def _function(parameters, text):
    return eval(f"lambda {parameters}: {text}", globals())


def _binary(op, a, b):
    if _has(a, op):
        return _function("a, b", f"a.__{op}__(b)")
    reflected = _REFLECTED.get(op, f"r{op}")
    if _has(b, reflected):
        return _function("a, b", f"b.__{reflected}__(a)")
    return None


def _equal(op, a, b):
    if op == "ne":
        if _has(a, "ne"):
            return _function("a, b", "a.__ne__(b)")
        return _function("a, b", "not a == b") if _equal("eq", a, b) else None
    made = _binary("eq", a, b)
    same = _class_of(a) and _class_of(b)
    return made or (_function("a, b", "a is b") if same else None)


def _truth(a):
    there = "a is not None and " if a.kind == "OPTIONAL" else ""
    if _has(a, "bool"):
        return _function("a", f"{there}a.__bool__()")
    if _has(a, "len"):
        return _function("a", f"{there}a.__len__() != 0")
    return _function("a", f"{there}True")


def _of_one(op, a):
    if op in ("truth", "bool"):
        return _truth(a)
    if op == "not":
        return _function("a", "False if a else True")
    if op in _CONVERSIONS:
        for method in _CONVERSIONS[op]:
            if _has(a, method):
                call = f"a.__{method}__()"
                return _function("a", call if op in (method, "hash") else f"{op}({call})")
        return None
    if op in _UNARY and _has(a, op):
        return _function("a", f"a.__{op}__()")
    if op == "str" and _has(a, "repr"):
        return _function("a", "a.__repr__()")
    return None


def _of_two(op, a, b):
    if op in ("eq", "ne"):
        return _equal(op, a, b)
    if op in ("contains", "not_contains") and _has(a, "contains"):
        return _function("a, b", f"{'' if op == 'contains' else 'not '}bool(a.__contains__(b))")
    if op in ("delitem", "round") and _has(a, op):
        return _function("a, b", f"a.__{op}__(b)")
    if op[0] == "i" and op[1:] in _BINARY and _has(a, op):
        return _function("a, b", f"a.__{op}__(b)")
    return _binary(op, a, b) if op in _BINARY else None


def find(name, types):
    """Return a function that does an operation on instances, or None.

    Parameters
    ----------
    name : str
        Dotted name of the operator or built-in function, such as ``"operator.add"``.
    types : tuple of Type
        Types of the operands.

    Returns
    -------
    function or None
    """
    module, _, op = name.rpartition(".")
    op = op.rstrip("_")
    if module not in ("operator", "builtins") or not any(map(_class_of, types)):
        return None
    if len(types) == 1:
        return _of_one(op, types[0])
    if len(types) == 2:
        return _of_two(op, *types)
    if op == "setitem" and _has(types[0], op):
        return _function("a, b, c", "a.__setitem__(b, c)")
    return None
