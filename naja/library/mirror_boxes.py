"""How mirrors of SciPy's objects come into compiled code and go back: with the interface that extensions have.

Loaded when the first one is met, since it brings the builder of code.
"""

from naja.extending import NativeValue, box, make_attribute_wrapper, models, register_model, unbox
from naja.library.mirrors import Interp1dType, Mirror, PiecewiseType, SparseType
from naja.lowering import cgutils

_ATTRIBUTES = {
    PiecewiseType: ("c", "x", "extrapolate"),
    Interp1dType: ("x", "_y"),
    SparseType: ("data", "indices", "indptr", "shape"),
}


class _Model(models.StructModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, [("object", fe_type.held), *fe_type.parts])


@unbox(Mirror)
def _unbox(typ, obj, c):
    native = cgutils.create_struct_proxy(typ)(c.context, c.builder)
    native.object = c.unbox(typ.held, obj).value
    for name, type_ in typ.parts:
        value = c.pyapi.object_getattr_string(obj, name)
        setattr(native, name, c.unbox(type_, value).value)
        c.pyapi.decref(value)
    return NativeValue(native._getvalue(), is_error=c.pyapi.c_api_error())


@box(Mirror)
def _box(typ, value, c):
    native = cgutils.create_struct_proxy(typ)(c.context, c.builder, value=value)
    for name, type_ in typ.parts:
        c.context.nrt.decref(c.builder, type_, getattr(native, name))
    return c.box(typ.held, native.object)


for _type, _names in _ATTRIBUTES.items():
    register_model(_type)(_Model)
    make_attribute_wrapper(_type, "object", "_object")
    for _name in _names:
        make_attribute_wrapper(_type, _name, _name)
