"""Dataclasses whose fields compiled code assigns: what stands for their instances there, and how they are made.

An instance of a dataclass is a value of its fields, as long as nobody assigns them.  Once compiled code does, or a method of
the class says that it will, instances are *shared*: a list with one item, the fields, in a value of another class, the
companion, which has the methods of the program's class.  So whoever has the instance sees the change, and the types of fields
become known as those of a list's items do.  ``src/library/mutables.c`` reads and writes the fields.
"""

import dataclasses
import dis
import functools
import types

from naja.errors import TypingError
from naja.library.instances import is_written

_MISSING = dataclasses.MISSING
_NAME = "_naja_shared"
nshared = 0  # how many classes have a companion; the dispatcher looks whether there are more after compiling


class _Quiet:
    """First base of companions, so that the program's __init_subclass__ is not told of them."""

    __slots__ = ()

    def __init_subclass__(cls, **options):
        pass


class _Maker:
    """Stands for making the value of a dataclass's fields, without ``__init__`` and ``__post_init__``."""

    def __init__(self, cls):
        self._naja_fields_of = cls

    def __call__(self, *values):
        raise NotImplementedError("this operation exists in compiled code only")


@dataclasses.dataclass
class _Cell:
    _naja_fields: list


def companion(cls):
    """Return the class of shared instances of a dataclass; None as long as its instances are values.

    Parameters
    ----------
    cls : type

    Returns
    -------
    type or None
    """
    found = cls.__dict__.get(_NAME)
    if found is None and _NAME not in cls.__dict__:
        return share(cls) if not is_frozen(cls) and _assigns(cls) else _settle(cls)
    return found


def _settle(cls):
    """Remember that methods of the class assign nothing."""
    setattr(cls, _NAME, None)
    return None


def share(cls):
    """Make the instances of a dataclass shared from now on.

    Parameters
    ----------
    cls : type
        A dataclass.

    Returns
    -------
    type or None
        Its companion; None: the class is frozen.
    """
    global nshared
    found = cls.__dict__.get(_NAME)
    if found is not None or is_frozen(cls):
        return found
    made = _make_companion(cls)
    setattr(cls, _NAME, made)
    nshared += 1
    return made


@functools.lru_cache(maxsize=None)
def _companion_while_made(cls):
    """The class of a frozen dataclass's instance in its ``__post_init__``, which sets fields by ``object.__setattr__``."""
    return _make_companion(cls)


def _make_companion(cls):
    body = {
        "__dataclass_fields__": _Cell.__dataclass_fields__,
        "__slots__": (),
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "_naja_of": cls,
        "_naja_declared": tuple(_declared(cls, field) for field in dataclasses.fields(cls)),
    }
    return types.new_class(cls.__name__, (_Quiet, cls), exec_body=lambda namespace: namespace.update(body))


def foresee(objects):
    """Share the instances of dataclasses whose fields functions assign, before these are compiled.

    Parameters
    ----------
    objects : list
        Functions and classes among what a compiled function depends on.
    """
    classes = [
        o for o in objects if isinstance(o, type) and _NAME in o.__dict__ and o.__dict__[_NAME] is None
    ]
    stored = set()
    for o in objects:
        code = getattr(getattr(o, "py_func", o), "__code__", None)
        if isinstance(code, types.CodeType):
            _add_stored(code, stored)
    for cls in classes:
        if not stored.isdisjoint(field.name for field in dataclasses.fields(cls)):
            share(cls)


def facts(cls):
    """Return what compiled code depends on of a dataclass, but for its methods: for the cache's key.

    Parameters
    ----------
    cls : type

    Returns
    -------
    tuple
    """
    plain = (int, float, complex, str, bytes, tuple)
    names = tuple(f"{base.__module__}.{base.__qualname__}" for base in cls.__mro__)
    values = tuple(
        (name, value)
        for base in cls.__mro__
        for name, value in sorted(base.__dict__.items())
        if isinstance(value, plain) and not name.startswith(("__", "_naja"))
    )
    return (
        names,
        values,
        *(
            (
                f"{f.name} {f._field_type.name} {f.init} {f.repr} {f.compare} {f.hash} {f.kw_only} {f.type}",
                None if f.default is _MISSING else (f.default,),
                None if f.default_factory is _MISSING else f.default_factory,
            )
            for f in cls.__dataclass_fields__.values()
        ),
    )


def is_frozen(cls):
    """Whether a dataclass is frozen.

    Parameters
    ----------
    cls : type

    Returns
    -------
    bool
    """
    return cls.__dataclass_params__.frozen


def _assigns(cls):
    """Whether a method of the class assigns a field of its first parameter."""
    names, stored = {field.name for field in dataclasses.fields(cls)}, set()
    for base in cls.__mro__:
        for member in list(base.__dict__.values()):
            for function in (member, *(getattr(member, part, None) for part in ("fget", "fset", "__func__"))):
                function = getattr(function, "py_func", function)
                code = getattr(function, "__code__", None)
                if isinstance(code, types.CodeType) and code.co_filename != "<string>":
                    _add_stored(code, stored)
    return not stored.isdisjoint(names)


def _add_stored(code, names):
    names.update(i.argval for i in dis.get_instructions(code) if i.opname == "STORE_ATTR")
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            _add_stored(inner, names)


def _declared(cls, field):
    """The type that an annotation gives a field which an instance may have as another one: a float that is 0, an Optional
    that is None.  None: it is the type of its value."""
    hint = field.type
    try:
        if isinstance(hint, str):
            hint = eval(hint, vars(__import__("sys").modules[_owner(cls, field).__module__]))
        from naja.types import as_numba_type

        declared = as_numba_type(hint)
    except Exception:
        return None
    return declared if declared.kind in ("FLOAT", "COMPLEX", "OPTIONAL") else None


def _owner(cls, field):
    return next(c for c in cls.__mro__ if field.name in c.__dict__.get("__annotations__", ()))


def class_of(cls):
    """Return the program's class.

    Parameters
    ----------
    cls : type
        A class, or the companion of one.

    Returns
    -------
    type
    """
    return cls.__dict__.get("_naja_of", cls)


def fields_of(t, shown=False):
    """Names and types of the fields of a namedtuple's or of a dataclass's instance.

    Parameters
    ----------
    t : NamedTuple
    shown : bool, optional
        Whether those that ``repr`` leaves out are left out.

    Returns
    -------
    list of tuple
    """
    cls = class_of(t.instance_class)
    if not dataclasses.is_dataclass(cls):
        return list(zip(t.fields, t.types, strict=True))
    types_ = t.types if cls is t.instance_class else t.types[0].dtype.types
    pairs = zip(dataclasses.fields(cls), types_, strict=True)
    return [(field.name, type_) for field, type_ in pairs if field.repr or not shown]


# ---- making them -------------------------------------------------------------------------------------------------------


def _unset(cls, field):
    """Text of what a field is before ``__post_init__`` assigns it."""
    try:
        hint = (
            field.type if not isinstance(field.type, str) else eval(field.type, vars(__import__("builtins")))
        )
    except Exception:
        hint = None
    plain = {int: "0", float: "0.0", bool: "False", complex: "0j", str: "''"}
    origin = getattr(hint, "__origin__", hint)
    containers = {list: "[]", dict: "{}", set: "set()"}
    return plain.get(hint) or containers.get(origin) or "None"


def _parameters(cls):
    """The parameters of ``__init__`` in order, with the name of the default's value or of the function that makes it."""
    plain, keyword, values, found = [], [], {}, {}
    for field in cls.__dataclass_fields__.values():
        kind = field._field_type.name
        if kind == "_FIELD_CLASSVAR":
            continue
        default = f"default_{field.name}"
        made = field.default_factory is not _MISSING
        if made or field.default is not _MISSING:
            values[default] = field.default_factory if made else field.default
        found[field.name] = (field, kind, default if default in values else None, made)
        if field.init:
            (keyword if field.kw_only else plain).append(field.name)
    return plain, keyword, values, found


def constructor(cls, npositional, names):
    """Return a function that makes an instance as ``__init__`` does, for a call with these arguments.

    Parameters
    ----------
    cls : type
        A dataclass.
    npositional : int
        How many arguments are given by position.
    names : tuple of str
        The names of the others.

    Returns
    -------
    function or None
        None: the fields are the arguments, and nothing else is to be done.
    """
    if "_naja_of" in cls.__dict__:
        return None
    shared = companion(cls)
    post = getattr(cls, "__post_init__", None)
    if is_written(cls.__init__):
        raise TypingError(f"a {cls.__name__} cannot be made in compiled code: its __init__() is plain Python")
    if (
        post is not None
        and is_frozen(cls)
        and "__setattr__" in getattr(post, "py_func", post).__code__.co_names
    ):
        shared = _companion_while_made(cls)
    plain, keyword, values, found = _parameters(cls)
    simple = all(kind == "_FIELD" and field.init and not made for field, kind, _, made in found.values())
    if shared is None and post is None and simple and not keyword:
        return None
    given = plain[:npositional] + list(names)
    missing = [name for name in plain + keyword if name not in given and found[name][2] is None]
    unknown = [name for name in names if name not in plain + keyword]
    twice = [name for name in names if name in plain[:npositional]]
    if npositional > len(plain) or unknown or twice or missing:
        raise TypingError(_complaint(cls, npositional, plain, unknown, twice, missing))
    return _written_constructor(cls, shared, post, given[:npositional], list(names), values, found)


def _complaint(cls, npositional, plain, unknown, twice, missing):
    if unknown:
        return f"{cls.__name__}.__init__() got an unexpected keyword argument '{unknown[0]}'"
    if twice:
        return f"{cls.__name__}.__init__() got multiple values for argument '{twice[0]}'"
    if missing:
        listed = " and ".join(map(repr, missing))
        return f"{cls.__name__}.__init__() missing {len(missing)} required arguments: {listed}"
    return f"{cls.__name__}.__init__() takes {len(plain)} arguments, but {npositional} were given"


def _written_constructor(cls, shared, post, positional, named, values, found):
    lines, fields, passed = [], [], []
    for name, (field, kind, default, made) in found.items():
        if name not in positional + named:
            value = default + "()" * made if default else _unset(cls, field)
            lines.append(f"{name} = {value}")
        (fields if kind == "_FIELD" else passed).append(name)
    made = f"fields({', '.join(fields)})"
    lines.append(f"self = shared([{made}])" if shared else f"self = {made}")
    if post is not None:
        lines.append(f"self.__post_init__({', '.join(passed)})")
    passes = shared is not None and is_frozen(
        cls
    )  # a value again, once __post_init__ has assigned its fields
    lines.append("return self._naja_fields[0]" if passes else "return self")
    parameters = ", ".join([*positional, *(f"{name}=None" for name in named)])
    text = f"def make({parameters}):\n    " + "\n    ".join(lines)
    namespace = {"__name__": __name__, "fields": _Maker(cls), "shared": shared, **values}
    exec(text, namespace)
    return namespace["make"]


# ---- frozen ones -------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=None)
def _refusal(name):
    def refuse(self, value):
        raise dataclasses.FrozenInstanceError(message)

    message = f"cannot assign to field '{name}'"
    return refuse


def refusal(cls, name):
    """Return what setting an attribute of a frozen dataclass's instance calls.

    Parameters
    ----------
    cls : type
        A dataclass.
    name : str
        Name of the attribute.

    Returns
    -------
    function or None
        A function of the instance and the value that raises; None: the class is not frozen.
    """
    return _refusal(name) if is_frozen(class_of(cls)) else None
