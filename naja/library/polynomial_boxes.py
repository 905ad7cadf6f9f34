"""How a numpy.polynomial.Polynomial comes into compiled code and goes back: with the interface that extensions have.

Loaded when the first one is met, since it brings the builder of code.
"""

from numpy.polynomial import Polynomial

from naja import types
from naja.errors import TypingError
from naja.extending import (
    NativeValue,
    box,
    intrinsic,
    make_attribute_wrapper,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from naja.library.polynomial_objects import PolynomialType
from naja.lowering import cgutils

_FIELDS = ("coef", "domain", "window")


@typeof_impl.register(Polynomial)
def _typeof(value, context):
    if value.coef.dtype.char not in "fdFD":
        raise TypingError(
            f"a Polynomial with coefficients of dtype {value.coef.dtype} cannot be passed to compiled code"
        )
    return PolynomialType(types.as_type(value.coef.dtype))


@register_model(PolynomialType)
class _Model(models.StructModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, [(name, getattr(fe_type, name)) for name in _FIELDS])


for _name in _FIELDS:
    make_attribute_wrapper(PolynomialType, _name, _name)


@unbox(PolynomialType)
def _unbox(typ, obj, c):
    native = cgutils.create_struct_proxy(typ)(c.context, c.builder)
    for name in _FIELDS:
        value = c.pyapi.object_getattr_string(obj, name)
        setattr(native, name, c.unbox(getattr(typ, name), value).value)
        c.pyapi.decref(value)
    return NativeValue(native._getvalue(), is_error=c.pyapi.c_api_error())


@box(PolynomialType)
def _box(typ, value, c):
    native = cgutils.create_struct_proxy(typ)(c.context, c.builder, value=value)
    parts = [c.box(getattr(typ, name), getattr(native, name)) for name in _FIELDS]
    cls = c.pyapi.unserialize(c.pyapi.serialize_object(Polynomial))
    result = c.pyapi.call_function_objargs(cls, tuple(parts))
    for part in (*parts, cls):
        c.pyapi.decref(part)
    return result


@intrinsic
def made(typingctx, coef, domain, window):
    """A polynomial of three arrays, which it shares."""
    t = PolynomialType(coef.dtype)

    def codegen(context, builder, sig, args):
        native = cgutils.create_struct_proxy(t)(context, builder)
        for name, value, kind in zip(_FIELDS, args, sig.args, strict=True):
            setattr(native, name, value)
            context.nrt.incref(builder, kind, value)
        return native._getvalue()

    return t(t.coef, t.domain, t.window), codegen
