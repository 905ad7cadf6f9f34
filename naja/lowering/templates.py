"""Typing by classes: what kind of call has which signature, what an attribute is.

A template is asked for a signature; the code for it is registered by `lower_builtin` under the template's key.
"""

from naja.typing import Signature, fold_arguments, signature

__all__ = [
    "AbstractTemplate",
    "AttributeTemplate",
    "CallableTemplate",
    "ConcreteTemplate",
    "Registry",
    "bound_function",
    "fold_arguments",
    "infer",
    "infer_getattr",
    "infer_global",
    "make_callable_template",
    "signature",
]

# Templates of functions by their key; of attributes as pairs of the type (or its class) and the template.
_functions = {}
_attributes = []


class _Template:
    def __init__(self, context=None):
        from naja.lowering.context import TypingContext

        self.context = context or TypingContext()


class AbstractTemplate(_Template):
    """Signatures of a function from `generic`, which a subclass defines.

    Attributes
    ----------
    key : object
        The function, or what `lower_builtin` is given for it.
    """

    def generic(self, args, kws):
        """Return the signature for these argument types, or None."""

    def apply(self, args, kws):
        """Return the signature for these argument types, or None."""
        found = self.generic(args, kws)
        if callable(found) and not isinstance(found, Signature):
            result = found(*args, **kws)
            found = result if isinstance(result, Signature) or result is None else Signature(result, args)
        return found


class CallableTemplate(AbstractTemplate):
    """Signatures from a function of the argument types, which `generic` returns."""

    def apply(self, args, kws):
        """Return the signature for these argument types, or None."""
        import inspect

        typer = self.generic()
        bound = inspect.signature(typer).bind(*args, **kws)
        result = typer(*args, **kws)
        if result is None or isinstance(result, Signature):
            return result
        given = [bound.arguments[name] for name in bound.signature.parameters if name in bound.arguments]
        return Signature(result, given)


class ConcreteTemplate(_Template):
    """One of several signatures.

    Attributes
    ----------
    cases : list of Signature
    """

    cases = ()

    def apply(self, args, kws):
        """Return the first signature that these argument types convert to, or None."""
        from naja import _core

        for case in self.cases:
            pairs = list(zip(args, case.args, strict=False))
            fits = all(a == b or _core.type_can_convert(a, b) for a, b in pairs)
            if fits and not kws and len(case.args) == len(args):
                return case
        return None


class AttributeTemplate(_Template):
    """Types of attributes: from ``resolve_NAME(self, type)``, or `generic_resolve`.

    Attributes
    ----------
    key : type or Type
        What has the attributes.
    """

    key = None

    def resolve(self, value, attr):
        """Return the type of an attribute, or None."""
        method = getattr(self, f"resolve_{attr}", None)
        return method(value) if method else self.generic_resolve(value, attr)

    def generic_resolve(self, value, attr):
        """Return the type of an attribute without a method of its own, or None."""


def bound_function(template_key):
    """Make ``resolve_NAME(self, type, args, kws)`` say the signatures of a method; a decorator.

    Parameters
    ----------
    template_key : str
        What `lower_builtin` is given for the method.
    """

    def decorate(method):
        def resolve(self, type_):
            return None

        resolve.bound_key, resolve.signature_of = template_key, method
        return resolve

    return decorate


def infer(template):
    """Register a template under its key; a decorator."""
    _functions.setdefault(template.key, []).append(template)
    return template


def infer_getattr(template):
    """Register a template of attributes under its key; a decorator."""
    _attributes.append((template.key, template))
    return template


def infer_global(value, typ=None, **kwargs):
    """Register the template of a function; a decorator.

    Parameters
    ----------
    value : object
        The function as compiled code names it.
    typ : types.Function, optional
        Its type, instead of decorating a template.
    """
    if typ is not None:
        _functions.setdefault(value, []).extend(getattr(typ, "templates", ()))
        return None

    def decorate(template):
        if getattr(template, "key", None) is None:
            template.key = value
        _functions.setdefault(value, []).append(template)
        return template

    return decorate


def make_callable_template(key, typer, recvr=None):
    """Return a template whose signatures come from a function of the argument types."""
    return type(
        f"Template({key})", (CallableTemplate,), {"key": key, "generic": lambda self: typer, "recvr": recvr}
    )


def find_signature(key, args, kws):
    """Return the key of the code and the signature that the templates of a function give, or None."""
    try:
        templates = _functions.get(key, ())
    except TypeError:  # not hashable: nothing is registered for it
        return None
    for template in reversed(templates):
        found = template().apply(args, kws)
        if found is not None:
            return getattr(template, "key", key), found
    return None


def _of_type(type_):
    for key, template in reversed(_attributes):
        if isinstance(type_, key) if isinstance(key, type) else key == type_:
            yield template


def find_attribute(type_, name):
    """Return the type that the templates give an attribute, or None."""
    for template in _of_type(type_):
        found = template().resolve(type_, name)
        if found is not None:
            return found
    return None


def find_method(type_, name, args, kws):
    """Return the key of the code and the signature, receiver first, that the templates give a method; or None."""
    for template in _of_type(type_):
        method = getattr(template, f"resolve_{name}", None)
        if hasattr(method, "bound_key"):
            found = method.signature_of(template(), type_, args, kws)
            if found is not None:
                receiver = found.recvr if found.recvr is not None else type_
                return method.bound_key, Signature(found.return_type, (receiver, *found.args))
    return None


class Registry:
    """A set of templates; what is put in counts at once."""

    register = staticmethod(infer)
    register_attr = staticmethod(infer_getattr)
    register_global = staticmethod(infer_global)
