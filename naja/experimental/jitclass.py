"""`jitclass`: classes whose instances live in memory of compiled code.

The class that the decorator returns derives from the decorated one.  Its methods, static methods and the functions of
its properties are dispatchers, which compile when they are first called, from Python or from compiled code; members are
read and written in place.  The constructor is one more function, which makes an instance and calls ``__init__``.
"""

import inspect
import typing
from collections import Counter, OrderedDict
from types import FunctionType, SimpleNamespace

from naja import _core, types
from naja.errors import UnsupportedError
from naja.library import low

__all__ = ["JitClassType", "jitclass"]

#: Special methods that operators, calls and built-in functions of compiled code, or Python, use.
_SPECIAL = frozenset(
    f"__{name}__"
    for name in (
        "abs bool complex contains enter exit float getitem hash index init int invert len setitem delitem str neg pos "
        "eq ne ge gt le lt add sub mul matmul truediv floordiv mod pow lshift rshift and or xor "
        "iadd isub imul imatmul itruediv ifloordiv imod ipow ilshift irshift iand ior ixor "
        "radd rsub rmul rmatmul rtruediv rfloordiv rmod rpow rlshift rrshift rand ror rxor "
        "call divmod rdivmod round repr iter next reversed enter exit"
    ).split()
)

# What a class statement puts into a class besides its members.
_PLAIN = frozenset(
    "__module__ __qualname__ __doc__ __dict__ __weakref__ __annotations__ __annotate__ __annotate_func__ "
    "__annotations_cache__ __conditional_annotations__ __firstlineno__ __static_attributes__ __slots__ "
    "__orig_bases__ __parameters__ __type_params__".split()
)


class JitClassType(type):
    """The class of the classes that `jitclass` makes."""

    def __new__(metacls, name, bases, namespace):
        """Make a class, but none that derives from a compiled one."""
        if any(isinstance(base, JitClassType) for base in bases):
            raise TypeError("cannot subclass from a jitclass")
        return super().__new__(metacls, name, bases, namespace)

    def __call__(cls, *args, **kwargs):
        """Return a new instance."""
        return cls._constructor(*args, **kwargs)


class ClassType:
    """What `jitclass` knows of a class: its members, methods and properties.

    Attributes
    ----------
    class_name, class_doc : str
        Name and docstring.
    struct : OrderedDict
        Types of the members, by name.
    methods, static_methods : dict
        The Python functions.
    jit_methods, jit_static_methods : dict
        Their dispatchers.  A class method is a static method that knows its class.
    constants : dict
        Plain values in the class.
    jit_props : dict
        For each property a dict with ``"get"`` and ``"set"``.
    instance_type : Type
        Type of the instances in compiled code.
    """

    def __init__(self, cls, struct, parts, instance_type):
        self.class_name = cls.__name__
        self.class_doc = cls.__doc__
        self.struct = struct
        self.methods = {name: d.py_func for name, d in parts.methods.items()}
        self.static_methods = {name: d.py_func for name, d in parts.static.items()}
        self.jit_methods = dict(parts.methods)
        self.jit_static_methods = dict(parts.static)
        self.constants = dict(parts.constants)
        self.jit_props = {
            name: {key: f for key, f in (("get", p.fget), ("set", p.fset)) if f}
            for name, p in parts.properties.items()
        }
        self.instance_type = instance_type

    def __repr__(self):
        return f"jitclass.{self.class_name}"


# ---- the specification -------------------------------------------------------------------------------------------------


def _mangled(class_name, name):
    """Return the name that the attribute has outside the class."""
    private = name.startswith("__") and not name.endswith("__")
    return f"_{class_name.lstrip('_')}{name}" if private else name


def _members_of(cls, spec):
    """Return the types of the members by name: what `spec` says, then what annotations say."""
    struct = OrderedDict(() if spec is None else spec)
    for name, value in struct.items():
        if not isinstance(name, str):
            raise TypeError(f"spec keys should be strings, got {name!r}")
        if not isinstance(value, types.Type):
            raise TypeError(f"spec values should be Numba type instances, got {value!r}")
    struct = OrderedDict((_mangled(cls.__name__, name), value) for name, value in struct.items())
    for name, hint in typing.get_type_hints(cls).items():
        if name not in struct:
            struct[name] = types.as_numba_type(hint)
    return struct


# ---- the parts of a class ----------------------------------------------------------------------------------------------


def _check_signature(function):
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise UnsupportedError(f"{parameter.kind.name} argument type unsupported")


class _Parts:
    """The functions of a class and of its bases, each behind a dispatcher, and the plain values there."""

    def __init__(self, cls):
        from naja.decorators import njit

        self.methods, self.static, self.properties, self.constants = {}, {}, {}, {}
        self.of_class = []  # class methods: functions whose global `_naja_class` is still to be set
        for name, value in self._collect(cls).items():
            if isinstance(value, FunctionType):
                self._check_method(name)
                self.methods[name] = njit(value)
            elif isinstance(value, staticmethod):
                self.static[name] = njit(value.__func__)
            elif isinstance(value, classmethod):
                function = _bound_to_class(value.__func__)
                self.of_class.append(function)
                self.static[name] = njit(function)
            elif not isinstance(value, property):
                self.constants[name] = value
            else:
                self.properties[name] = property(
                    *(f and njit(f) for f in (value.fget, value.fset)), doc=value.__doc__
                )

    @staticmethod
    def _collect(cls):
        members = {}
        for base in reversed(cls.__mro__[:-1]):
            members.update(vars(base))
        others = []
        for name, value in list(members.items()):
            if name in _PLAIN or (name == "__hash__" and value is None):
                del members[name]
            elif isinstance(value, property):
                if value.fdel is not None:
                    raise TypeError(f"deleter is not supported: {name}")
            elif not isinstance(value, (FunctionType, staticmethod, classmethod)) and not _is_constant(value):
                others.append(name)
        if others:
            raise TypeError(f"class members are not yet supported: {', '.join(others)}")
        return members

    @staticmethod
    def _check_method(name):
        if name.startswith("__") and name.endswith("__") and name not in _SPECIAL:
            raise TypeError(f"Method '{name}' is not supported.")

    def check_names(self, struct):
        """Raise for a member that has the name of a method or property."""
        taken = (*self.methods, *self.static, *self.properties, *self.constants)
        shadowed = sorted(struct.keys() & set(taken))
        if shadowed:
            raise NameError(f"name shadowing: {', '.join(shadowed)}")

    def namespace(self):
        """Return what the class has of these, by name."""
        static = {name: staticmethod(d) for name, d in self.static.items()}
        return {**self.methods, **static, **self.properties}

    def content(self):
        """Return what compiled code depends on, for the cache."""
        functions = tuple(sorted((*self.methods.items(), *self.static.items())))
        properties = ((name, p.fget, p.fset) for name, p in sorted(self.properties.items()))
        return functions, tuple(self.static), tuple(properties), tuple(sorted(self.constants.items()))


def _is_constant(value):
    """Whether compiled code can have the value as a constant."""
    if isinstance(value, (type, FunctionType)) or callable(value):
        return False
    try:
        return types.typeof(value).kind not in ("LIST", "SET", "DICT", "INSTANCE")
    except ValueError:
        return False


def _bound_to_class(function):
    """Return a class method's function without the parameter for the class."""
    from naja.decorators import njit

    _check_signature(function)
    shown, passed = _parameters(function)
    names = {"__name__": function.__module__, "_naja_function": njit(function)}
    text = f"def bound({', '.join(shown)}):\n return _naja_function({', '.join(['_naja_class', *passed])})\n"
    exec(compile(text, f"<class method {function.__qualname__}>", "exec"), names)
    bound = names["bound"]
    bound.__name__, bound.__qualname__, bound.__doc__ = (
        function.__name__,
        function.__qualname__,
        function.__doc__,
    )
    bound.__defaults__, bound.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    return bound


# ---- the constructor ---------------------------------------------------------------------------------------------------


def _no_init(self):
    pass


def _parameters(function):
    """Return the parameters behind the first, as a signature shows them and as a call passes them."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    shown, passed = [], []
    for i, parameter in enumerate(parameters):
        keyword_only = parameter.kind is parameter.KEYWORD_ONLY
        if keyword_only and "*" not in shown:
            shown.append("*")
        shown.append(parameter.name)
        passed.append(f"{parameter.name}={parameter.name}" if keyword_only else parameter.name)
        if parameter.kind is parameter.POSITIONAL_ONLY and (
            i + 1 == len(parameters) or parameters[i + 1].kind is not parameter.POSITIONAL_ONLY
        ):
            shown.append("/")
    return shown, passed


def _constructor(name, init, instance_type):
    """Return a function with the parameters of ``__init__`` that makes an instance."""
    _check_signature(init)
    shown, passed = _parameters(init)
    text = (
        f"def constructor({', '.join(shown)}):\n"
        " _naja_self = _naja_new(_naja_type)\n"
        f" _naja_check(_naja_init({', '.join(['_naja_self', *passed])}))\n"
        " return _naja_self\n"
    )
    names = {
        "__name__": init.__module__,
        "_naja_new": low.instance_new,
        "_naja_check": low.check_init,
        "_naja_type": instance_type,
    }
    exec(compile(text, f"<constructor of {name}>", "exec"), names)
    function = names["constructor"]
    function.__name__ = function.__qualname__ = name
    function.__defaults__, function.__kwdefaults__ = init.__defaults__, init.__kwdefaults__
    return function


def _blank(instance_type):
    """Return a function that makes an instance without members."""
    names = {"__name__": __name__, "_naja_new": low.instance_new, "_naja_type": instance_type}
    exec("def blank():\n return _naja_new(_naja_type)\n", names)
    return names["blank"]


def _restore(cls, state):
    """Return an instance with the members in `state`: what a pickle calls."""
    instance = cls._blank()
    for name, value in state.items():
        setattr(instance, name, value)
    return instance


def _reduce(self):
    """Return how to make an equal instance.  A member that was not assigned has no part in it."""
    cls = type(self)
    return _restore, (
        cls,
        {name: getattr(self, name) for name in cls.class_type.struct if hasattr(self, name)},
    )


_counts = Counter()  # of classes, by module and qualified name


def _type_name(cls, struct):
    """Name a type; of classes with one name by their order, since an address would differ in the next process's cache."""
    place = cls.__module__, cls.__qualname__
    _counts[place] += 1
    members = ",".join(f"{n}:{t}" for n, t in struct.items())
    return f"instance.jitclass.{cls.__name__}#{_counts[place]:x}<{members}>"


def _make_class(cls, spec):
    from naja.decorators import njit

    struct = _members_of(cls, spec)
    parts = _Parts(cls)
    parts.check_names(struct)
    init = parts.methods.setdefault("__init__", None) or njit(_no_init)
    parts.methods["__init__"] = init
    namespace = {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
        "__slots__": (),
        "__setattr__": _core.Instance.__setattr__,
        "__reduce__": _reduce,
        "_naja_constants": SimpleNamespace(**parts.constants),
        **parts.namespace(),
        "__init__": init.py_func,
    }
    made = JitClassType(cls.__name__, (cls, _core.Instance), namespace)
    instance_type = _core.instance_type(made, _type_name(cls, struct))
    instance_type._box_class = made
    _core.instance_define(instance_type, tuple(struct), tuple(struct.values()))
    for i, name in enumerate(struct):
        setattr(made, name, _core.instance_member(instance_type, i, name))
    constructor = _constructor(cls.__name__, init.py_func, instance_type)
    constructor.__globals__["_naja_init"] = init
    made._constructor = staticmethod(njit(constructor))
    made.__naja_content__ = (tuple(struct), tuple(struct.values()), *parts.content(), constructor)
    made._blank = staticmethod(njit(_blank(instance_type)))
    for function in parts.of_class:
        function.__globals__["_naja_class"] = made
    made.class_type = instance_type.class_type = ClassType(cls, struct, parts, instance_type)
    return made


def jitclass(cls_or_spec=None, spec=None):
    """Compile a class: its instances have members of fixed types, and methods in native code.

    Parameters
    ----------
    cls_or_spec : type, or as `spec`
        The class, or (``@jitclass(spec)``) the specification.
    spec : dict, list of pairs or None
        Types of the members, by name.  Members that it does not name come from the class's annotations: Python and
        Naja types, ``typing.List[float]``, ...

    Returns
    -------
    JitClassType
        A class that derives from the given one; or a decorator.

    Raises
    ------
    TypeError
        For names that are no strings or types that are none, values in the class that compiled code cannot have as
        constants, a deleter of a property, a special method that nothing calls.
    NameError
        If a member has the name of a method or property.
    """
    if cls_or_spec is not None and spec is None and not isinstance(cls_or_spec, type):
        cls_or_spec, spec = None, cls_or_spec

    def decorate(cls):
        from naja import config

        return cls if config.DISABLE_JIT else _make_class(cls, spec)

    return decorate if cls_or_spec is None else decorate(cls_or_spec)
