"""How code of extensions gives its results, and what registers it."""

from naja.lowering.extension import (
    lower_builtin,
    lower_cast,
    lower_constant,
    lower_getattr,
    lower_getattr_generic,
    lower_setattr,
    lower_setattr_generic,
)
from naja.lowering.iteration import RefType, call_getiter, call_iternext, iternext_impl

__all__ = [
    "RefType",
    "Registry",
    "call_getiter",
    "call_iternext",
    "impl_ret_borrowed",
    "impl_ret_new_ref",
    "impl_ret_untracked",
    "iternext_impl",
    "lower_builtin",
    "lower_cast",
    "lower_constant",
    "lower_getattr",
    "lower_getattr_generic",
    "lower_setattr",
    "lower_setattr_generic",
]


def impl_ret_new_ref(ctx, builder, retty, ret):
    """Return a result that is a new reference."""
    return ret


impl_ret_untracked = impl_ret_new_ref


def impl_ret_borrowed(ctx, builder, retty, ret):
    """Return a result that somebody else owns, too."""
    ctx.nrt.incref(builder, retty, ret)
    return ret


class Registry:
    """A set of implementations; what is put in counts at once.

    Parameters
    ----------
    name : str, optional
    """

    def __init__(self, name="unspecified"):
        self.name = name

    lower = staticmethod(lower_builtin)
    lower_builtin = staticmethod(lower_builtin)
    lower_cast = staticmethod(lower_cast)
    lower_constant = staticmethod(lower_constant)
    lower_getattr = staticmethod(lower_getattr)
    lower_getattr_generic = staticmethod(lower_getattr_generic)
    lower_setattr = staticmethod(lower_setattr)
    lower_setattr_generic = staticmethod(lower_setattr_generic)
