"""Conversions between types in the code of extensions."""

from naja import types
from naja.errors import LoweringError
from naja.llvm import ir
from naja.lowering import layout

__all__ = ["cast"]


def _is_signed(type_):
    return isinstance(type_, types.Integer) and type_.signed


def _to_float(builder, val, fromty, toty):
    wanted = layout.value_type(toty)
    if isinstance(fromty, types.Float):
        return (builder.fpext if toty.bitwidth > fromty.bitwidth else builder.fptrunc)(val, wanted)
    return (builder.sitofp if _is_signed(fromty) else builder.uitofp)(val, wanted)


def _to_integer(builder, val, fromty, toty):
    wanted = layout.value_type(toty)
    if isinstance(fromty, types.Float):
        return (builder.fptosi if _is_signed(toty) else builder.fptoui)(val, wanted)
    if isinstance(fromty, types.Boolean) or fromty.bitwidth < toty.bitwidth:
        return (builder.sext if _is_signed(fromty) else builder.zext)(val, wanted)
    return builder.trunc(val, wanted)


def _to_complex(context, builder, val, fromty, toty):
    part = toty.underlying_float
    out = context.make_helper(builder, toty)
    if isinstance(fromty, types.Complex):
        source = context.make_helper(builder, fromty, value=val)
        out.real = cast(context, builder, source.real, fromty.underlying_float, part)
        out.imag = cast(context, builder, source.imag, fromty.underlying_float, part)
    else:
        out.real = cast(context, builder, val, fromty, part)
        out.imag = context.get_constant(part, 0)
    return out._getvalue()


def cast(context, builder, val, fromty, toty):
    """Append a value converted to another type.

    Parameters
    ----------
    context : Context
    builder : IRBuilder
    val : llvm Value
    fromty, toty : Type

    Returns
    -------
    llvm Value

    Raises
    ------
    LoweringError
        If there is no such conversion.
    """
    if fromty == toty:
        return val
    if isinstance(fromty, types.Literal):
        return context.get_constant(toty, fromty.literal_value)
    number = (types.Number, types.Boolean)
    if isinstance(toty, types.Boolean) and isinstance(fromty, number):
        return context.is_true(builder, fromty, val)
    if isinstance(toty, types.Complex) and isinstance(fromty, number):
        return _to_complex(context, builder, val, fromty, toty)
    if isinstance(toty, types.Float) and isinstance(fromty, (types.Integer, types.Float, types.Boolean)):
        return _to_float(builder, val, fromty, toty)
    if isinstance(toty, types.Integer) and isinstance(fromty, (types.Integer, types.Float, types.Boolean)):
        return _to_integer(builder, val, fromty, toty)
    if isinstance(toty, types.Optional) and not isinstance(fromty, types.Optional):
        if fromty == types.none:
            return context.make_optional_none(builder, toty.type)
        return context.make_optional_value(builder, toty.type, cast(context, builder, val, fromty, toty.type))
    if isinstance(toty, types.BaseTuple) and isinstance(fromty, types.BaseTuple) and len(toty) == len(fromty):
        items = [
            cast(context, builder, builder.extract_value(val, i), a, b)
            for i, (a, b) in enumerate(zip(fromty.types, toty.types, strict=True))
        ]
        return context.make_tuple(builder, toty, items)
    if val.type.is_pointer and layout.value_type(toty).is_pointer:
        return builder.bitcast(val, layout.value_type(toty))
    if val.type.is_pointer and isinstance(toty, types.Integer):
        return builder.ptrtoint(val, layout.value_type(toty))
    if isinstance(val.type, ir.IntType) and layout.value_type(toty).is_pointer:
        return builder.inttoptr(val, layout.value_type(toty))
    from naja.lowering.extension import _casts

    registered = _casts.find((fromty, toty))
    if registered is not None:
        return registered(context, builder, fromty, toty, val)
    raise LoweringError(f"cannot cast {fromty} to {toty}")
