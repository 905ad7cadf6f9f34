"""Functions, attributes, types and constants whose code a program builds itself: `intrinsic`, models, boxing, lowering.

`naja.extending` has the public names.  `foreign` is what the compiler asks for the code of a call.
"""

import functools
import sys
import uuid
import weakref
from importlib import import_module

from naja import _core
from naja.errors import TypingError
from naja.lowering.registry import Implementations
from naja.types import Type
from naja.typing import Signature

# What lower_builtin, lower_cast, lower_constant, lower_getattr and lower_setattr were given.
_builtins, _casts, _constants, _getters, _setters = (Implementations() for _ in range(5))
# Functions of the argument types that type_callable was given, by function.
_typers = {}
# Boxing and unboxing code by class of types.
_boxers, _unboxers = Implementations(), Implementations()


class _Intrinsic:
    """A function whose code is built by the program; made by `intrinsic`."""

    _memo = weakref.WeakValueDictionary()

    def __init__(self, name, defn, prefer_literal=False, **options):
        self._name, self._defn, self._prefer_literal = name, defn, prefer_literal
        functools.update_wrapper(self, defn)
        self.__naja_content__ = (defn,)

    def __repr__(self):
        return f"<intrinsic {self._name}>"

    def __call__(self, *args, **kwargs):
        """Raise: there is no Python function behind it."""
        raise NotImplementedError(f"{self._name} is not usable in pure-python")

    def _register(self):
        """Accepted: what is named by compiled code is known."""

    @property
    def _uuid(self):
        uid = self.__dict__.get("_uid")
        if uid is None:
            uid = self._uid = str(uuid.uuid4())
            self._memo[uid] = self
        return uid

    def __reduce__(self):
        return _rebuild_intrinsic, (self._uuid, self._name, self._defn, self._prefer_literal)


def _rebuild_intrinsic(uid, name, defn, prefer_literal):
    known = _Intrinsic._memo.get(uid)
    if known is None:
        known = _Intrinsic(name, defn, prefer_literal)
        known._uid = uid
        _Intrinsic._memo[uid] = known
    return known


def intrinsic(*args, **options):
    """Make a function of compiled code whose LLVM IR the decorated function builds.

    The decorated function gets a typing context and the argument types.  It returns a signature and a function
    ``codegen(context, builder, signature, args)``, which appends code with `builder` and returns the result's value;
    or None: not for these types.

    Parameters
    ----------
    prefer_literal : bool
        Offer the types of constants as literals first.

    Returns
    -------
    callable
        What compiled code calls; or a decorator, when no function was given.

    Examples
    --------
    >>> @intrinsic
    ... def as_address(typingctx, number):
    ...     def codegen(context, builder, signature, args):
    ...         return builder.inttoptr(args[0], context.get_value_type(signature.return_type))
    ...
    ...     return types.voidptr(types.uintp), codegen
    """

    def decorate(function):
        return functools.wraps(function)(
            _Intrinsic(getattr(function, "__name__", str(function)), function, **options)
        )

    return decorate(args[0]) if args else decorate


def type_callable(func):
    """Say the result type of a function, whose code `lower_builtin` is given; a decorator.

    The decorated function gets a typing context and returns a function of the argument types, which gives the result's
    type, a signature, or None.

    Parameters
    ----------
    func : callable or str
        The function as compiled code names it.
    """

    def decorate(factory):
        _typers.setdefault(func, []).append(factory)
        return factory

    return decorate


def lower_builtin(func, *argtypes):
    """Register code of a function: ``codegen(context, builder, signature, args)``; a decorator.

    Parameters
    ----------
    func : callable or str
        The function, or the key of its template.
    *argtypes : Type or type
        Types, or classes of types, that the code is for.
    """

    def decorate(codegen):
        _builtins.add(func, argtypes, codegen)
        return codegen

    return decorate


def lower_getattr(ty, attr):
    """Register code of an attribute: ``codegen(context, builder, type, value)``; a decorator."""

    def decorate(codegen):
        _getters.add(
            attr, (ty,), lambda context, builder, type_, value, name: codegen(context, builder, type_, value)
        )
        return codegen

    return decorate


def lower_getattr_generic(ty):
    """Register code of all other attributes: ``codegen(context, builder, type, value, name)``; a decorator."""

    def decorate(codegen):
        _getters.add(None, (ty,), codegen)
        return codegen

    return decorate


def lower_setattr(ty, attr):
    """Register code of the assignment to an attribute: ``codegen(context, builder, signature, args)``; a decorator."""

    def decorate(codegen):
        _setters.add(
            attr, (ty,), lambda context, builder, sig, args, name: codegen(context, builder, sig, args)
        )
        return codegen

    return decorate


def lower_setattr_generic(ty):
    """Register code of all other assignments: ``codegen(context, builder, signature, args, name)``; a decorator."""

    def decorate(codegen):
        _setters.add(None, (ty,), codegen)
        return codegen

    return decorate


def lower_cast(fromty, toty):
    """Register code of a conversion: ``codegen(context, builder, fromty, toty, value)``; a decorator."""

    def decorate(codegen):
        _casts.add(None, (fromty, toty), codegen)
        return codegen

    return decorate


def lower_constant(ty):
    """Register code of constants of a type: ``codegen(context, builder, type, object)``; a decorator."""

    def decorate(codegen):
        _constants.add(None, (ty,), codegen)
        return codegen

    return decorate


# ---- types of a program's own --------------------------------------------------------------------------------------------


class _TypeofImpl:
    """Says which type objects of a class have: ``typeof_impl.register(cls)`` decorates ``typer(object, context)``."""

    def __init__(self):
        self._dispatch = functools.singledispatch(lambda obj, context: None)

    def register(self, cls, function=None):
        """Register the typer of a class; a decorator."""
        return self._dispatch.register(cls, function) if function else self._dispatch.register(cls)

    def __call__(self, obj, context=None):
        """Return the type of an object, or None."""
        return self.find(obj) or _core.typeof(obj)

    def find(self, obj):
        """Return the type that a registered typer gives an object, or None."""
        return self._dispatch(obj, _TypeofContext)


class _TypeofContext:
    purpose = None


typeof_impl = _TypeofImpl()


class _Models:
    """The module of data models, when somebody asks for it."""

    def __getattr__(self, name):
        return getattr(import_module("naja.lowering.datamodel"), name)


models = _Models()


def register_model(type_class):
    """Give a class of types its data model, which says of what a value consists; a decorator.

    Parameters
    ----------
    type_class : type
        A subclass of `types.Type`.
    """
    return models.register_default(type_class)


def make_attribute_wrapper(typeclass, struct_attr, python_attr):
    """Make a member of a data model an attribute in compiled code.

    Parameters
    ----------
    typeclass : type
        A subclass of `types.Type`.
    struct_attr : str
        Name of the member.
    python_attr : str
        Name of the attribute.

    Raises
    ------
    TypeError
        If `typeclass` is no class of types.
    """
    if not (isinstance(typeclass, type) and issubclass(typeclass, Type)):
        raise TypeError(f"typeclass should be a Type subclass, got {typeclass}")
    _wrappers.setdefault(python_attr, []).append((typeclass, struct_attr))


_wrappers = {}


class NativeValue:
    """What unboxing code gives: the value, and whether an exception is set.

    Parameters
    ----------
    value : llvm Value
    is_error : llvm Value, optional
        A bit.
    cleanup : callable, optional
        Appends what is to be done when the value is no longer needed.
    """

    def __init__(self, value, is_error=None, cleanup=None):
        self.value, self.is_error, self.cleanup = value, is_error, cleanup


def box(typeclass):
    """Register code that makes a Python object of a value: ``codegen(type, value, c)``; a decorator."""

    def decorate(codegen):
        _boxers.add(None, (typeclass,), codegen)
        return codegen

    return decorate


def unbox(typeclass):
    """Register code that takes a value out of a Python object: ``codegen(type, object, c)``; a decorator.

    It returns a `NativeValue`.
    """

    def decorate(codegen):
        _unboxers.add(None, (typeclass,), codegen)
        return codegen

    return decorate


def reflect(typeclass):
    """Accepted: values of a program's own types are not written back."""
    return lambda codegen: codegen


def get_cython_function_address(module_name, function_name):
    """Return the address of a ``cdef`` function that a Cython module exports.

    Parameters
    ----------
    module_name, function_name : str

    Returns
    -------
    int

    Raises
    ------
    ImportError
        If there is no such module.
    ValueError
        If it exports no such function.
    """
    import ctypes

    module = import_module(module_name)
    capsule = module.__pyx_capi__.get(function_name)
    if capsule is None:
        raise ValueError(f"No function '{function_name}' found in __pyx_capi__ of '{module_name}'")
    name_of, pointer_of = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    name_of.restype, name_of.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return pointer_of(capsule, name_of(capsule))


# ---- what the compiler asks ------------------------------------------------------------------------------------------------


def _make(signature, codegen, name):
    return import_module("naja.lowering.foreign").make(signature, codegen, name)


def _call_of_intrinsic(function, types_):
    context = import_module("naja.lowering.context").TypingContext()
    found = function._defn(context, *types_)
    if found is None:
        return None
    signature, codegen = found
    if len(signature.args) != len(types_):
        raise TypingError(f"{function._name}: the signature {signature} is not for {len(types_)} arguments")
    return _make(signature, codegen, function._name)


def _typed(func, args, kws):
    """The key of the code and the signature of a function that type_callable or a template knows, or None."""
    context = import_module("naja.lowering.context").TypingContext()
    for factory in reversed(_typers.get(func, ())):
        result = factory(context)(*args, **kws)
        if isinstance(result, Signature):
            return func, result
        if result is not None:
            return func, Signature(result, (*args, *kws.values()))
    return import_module("naja.lowering.templates").find_signature(func, args, kws)


def _has_typing(func):
    templates = sys.modules.get("naja.lowering.templates")
    try:
        return func in _typers or (templates is not None and func in templates._functions)
    except TypeError:
        return False


def _foreign_call(func, plain, keyword_names):
    """The code of a call that is typed by type_callable or a template, or None."""
    if not _has_typing(func):
        return None
    args = plain[: len(plain) - len(keyword_names)]
    kws = dict(zip(keyword_names, plain[len(args) :], strict=True))
    found = _typed(func, args, kws)
    codegen = found and _builtins.find(found[1].args, found[0])
    return codegen and _make(found[1], codegen, getattr(func, "__name__", str(func)))


def prints(type_):
    """Whether an extension has code that prints values of a type, under the key ``print_item``."""
    return _has_typing("print_item") and _typed("print_item", (type_,), {}) is not None


def _print_item(context, type_):
    found = _typed("print_item", (type_,), {})
    codegen = found and _builtins.find(found[1].args, found[0])
    return codegen and (found[1], codegen)


print_item = _Intrinsic("print_item", _print_item)


def _member(receiver, name):
    """The code of an attribute that is a member of a data model, or None."""
    for typeclass, struct_attr in _wrappers.get(name, ()):
        if not isinstance(receiver, typeclass):
            continue
        model = models.model_of(receiver)

        def codegen(context, builder, signature, args, struct_attr=struct_attr, model=model):
            value = model.get(builder, args[0], struct_attr)
            context.nrt.incref(builder, signature.return_type, value)
            return value

        return _make(Signature(model.get_type(struct_attr), (receiver,)), codegen, name)
    return None


def _foreign_attribute(receiver, name):
    """The code of an attribute, or None."""
    member = _member(receiver, name)
    if member is not None:
        return member
    templates = sys.modules.get("naja.lowering.templates")
    result = templates and templates.find_attribute(receiver, name)
    getter = result and (_getters.find((receiver,), name) or _getters.find((receiver,)))
    if not getter:
        return None

    def codegen(context, builder, signature, args):
        return getter(context, builder, receiver, args[0], name)

    return _make(Signature(result, (receiver,)), codegen, name)


def _foreign_method(name, plain, keyword_names):
    templates = sys.modules.get("naja.lowering.templates")
    if templates is None or not plain:
        return None
    args = plain[1 : len(plain) - len(keyword_names)]
    kws = dict(zip(keyword_names, plain[1 + len(args) :], strict=True))
    found = templates.find_method(plain[0], name, args, kws)
    codegen = found and _builtins.find(found[1].args, found[0])
    return codegen and _make(found[1], codegen, name)


def _constant(obj, type_):
    lower = _constants.find((type_,))
    if lower is None and isinstance(models.model_of(type_), models.OpaqueModel):
        return _make(Signature(type_, ()), lambda context, *rest: context.get_dummy_value(), "constant")

    def codegen(context, builder, signature, args):
        return lower(context, builder, type_, obj)

    return lower and _make(Signature(type_, ()), codegen, "constant")


def foreign(name, callable_, plain, exact, keyword_names):
    """The code that an extension builds for a call or attribute, or None."""
    if name == "naja.constant":
        return _constant(callable_, plain[0])
    if name == "naja.library.low.iterate":
        return import_module("naja.lowering.iteration").find(plain[0])
    if isinstance(callable_, _Intrinsic):
        orders = (exact, plain) if callable_._prefer_literal else (plain, exact)
        for given in orders[: 1 + (plain != exact)]:
            made = _call_of_intrinsic(callable_, given)
            if made is not None:
                return made
        return None
    if callable_ is not None:
        return _foreign_call(callable_, plain, keyword_names)
    attribute = name.rsplit(".", 1)[-1]
    if attribute.endswith("@"):
        return _foreign_attribute(plain[0], attribute[:-1])
    return _foreign_method(attribute, plain, keyword_names)
