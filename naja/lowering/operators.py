"""Operators on numbers in the code of extensions: ``context.get_function(operator.add, signature)``."""

import operator

from naja import types
from naja.errors import LoweringError

__all__ = ["get_function"]

_ARITHMETIC = {operator.add: "add", operator.sub: "sub", operator.mul: "mul"}
_BITS = {operator.and_: "and_", operator.or_: "or_", operator.xor: "xor", operator.lshift: "shl"}
_COMPARE = {
    operator.eq: "==", operator.ne: "!=", operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">=",
}  # fmt: skip


def _common(context, sig):
    common = context.unify_types(*sig.args)
    if common is None or not isinstance(common, (types.Integer, types.Float, types.Boolean)):
        raise LoweringError(f"no operator for {sig}")
    return common


def _operands(context, builder, sig, args, to):
    return [context.cast(builder, arg, t, to) for arg, t in zip(args, sig.args, strict=True)]


def _number_operator(context, fn, sig):
    def call(builder, args):
        common = _common(context, sig)
        is_float = isinstance(common, types.Float)
        x, y = _operands(context, builder, sig, args, common)
        if fn in _COMPARE:
            sign = "signed" if getattr(common, "signed", False) else "unsigned"
            compare = builder.fcmp_ordered if is_float else getattr(builder, f"icmp_{sign}")
            if is_float and fn is operator.ne:
                compare = builder.fcmp_unordered
            return compare(_COMPARE[fn], x, y)
        if fn is operator.truediv:
            x, y = _operands(context, builder, sig, args, types.float64)
            return context.cast(builder, builder.fdiv(x, y), types.float64, sig.return_type)
        name = ("f" if is_float else "") + _ARITHMETIC[fn] if fn in _ARITHMETIC else _BITS[fn]
        return context.cast(builder, getattr(builder, name)(x, y), common, sig.return_type)

    return call


def get_function(context, fn, sig):
    """Return what appends a call of a function.

    Parameters
    ----------
    context : Context
    fn : callable or str
        An operator, or what `lower_builtin` was given.
    sig : Signature

    Returns
    -------
    callable
        ``call(builder, args)``; gives the result's value.
    """
    from naja.lowering.extension import _builtins

    registered = _builtins.find(sig.args, fn)
    if registered is not None:
        return lambda builder, args: registered(context, builder, sig, args)
    if fn in _ARITHMETIC or fn in _BITS or fn in _COMPARE or fn is operator.truediv:
        return _number_operator(context, fn, sig)
    raise LoweringError(f"no implementation of {fn} for {sig}")
