"""Loops over values of a program's own types: what it registers as ``getiter`` and ``iternext``.

Such a loop is one over a generator (`find`).  Code that extensions build gets an iterator by value and gives it back
changed: a member that is an `EphemeralPointer` holds what it points to between two calls (`layout.pack`).
"""

from enum import Enum
from functools import wraps

from naja import types
from naja.errors import LoweringError
from naja.llvm import ir
from naja.lowering import extension, layout
from naja.typing import Signature

__all__ = ["RefType", "call_getiter", "call_iternext", "find", "iternext_impl"]


class RefType(Enum):
    """Who owns an item that an iterator gives.

    Attributes
    ----------
    BORROWED
        Somebody else, too.
    NEW
        Whoever gets it.
    UNTRACKED
        Items are no references.
    """

    BORROWED = 1
    NEW = 2
    UNTRACKED = 3


class _Result:
    """The last argument of a function that `iternext_impl` decorates: is there an item, and which."""

    def __init__(self, builder, item_type, pair=None):
        self._builder, self._item_type = builder, item_type
        self._slots = [self._slot(builder, t) for t in (item_type, types.boolean)]
        if pair is not None:
            for i, slot in enumerate(self._slots):
                builder.store(builder.extract_value(pair, i), slot)

    @staticmethod
    def _slot(builder, type_):
        with builder.goto_entry_block():
            wanted = layout.value_type(type_)
            slot = builder.alloca(wanted)
            builder.store(ir.Constant(wanted, None), slot)
        return slot

    def set_exhausted(self):
        """There is no item."""
        self.set_valid(False)

    def set_valid(self, is_valid=True):
        """Say whether there is an item: a bool, or a bit."""
        if is_valid in (True, False):
            is_valid = ir.Constant(ir.IntType(1), int(is_valid))
        self._builder.store(is_valid, self._slots[1])

    def yield_(self, value):
        """Give the item; the iterator is valid by that no more than before."""
        self._builder.store(value, self._slots[0])

    def is_valid(self):
        """Return the bit."""
        return self._builder.load(self._slots[1])

    def yielded_value(self):
        """Return the item."""
        return self._builder.load(self._slots[0])

    def pair(self):
        """Return item and bit as one value."""
        out = ir.Constant(layout.value_type(_pair(self._item_type)), ir.Undefined)
        out = self._builder.insert_value(out, self.yielded_value(), 0)
        return self._builder.insert_value(out, self.is_valid(), 1)


def _pair(item_type):
    return types.Tuple((item_type, types.boolean))


def iternext_impl(ref_type=None):
    """Make ``code(context, builder, signature, args, result)`` what ``lower_builtin("iternext", ...)`` takes; a decorator.

    Parameters
    ----------
    ref_type : RefType
        Who owns the items.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not isinstance(ref_type, RefType):
        raise ValueError("ref_type must be an enum member of imputils.RefType")

    def decorate(code):
        @wraps(code)
        def codegen(context, builder, signature, args):
            result = _Result(builder, signature.args[0].yield_type)
            code(context, builder, signature, args, result)
            return result.pair()

        codegen.ref_type = ref_type
        return codegen

    return decorate


def _begin(type_):
    """Signature and code of the iterator of a value; None: it has none."""
    found = extension._typed("getiter", (type_,), {})
    if found is None and isinstance(type_, types.IteratorType):

        def itself(context, builder, signature, args):
            context.nrt.incref(builder, type_, args[0])
            return args[0]

        return Signature(type_, (type_,)), itself
    iterator = found[1].return_type if found else getattr(type_, "iterator_type", None)
    codegen = iterator and extension._builtins.find((type_,), "getiter")
    return codegen and (Signature(iterator, (type_,)), codegen)


def _advance(iterator):
    """Signature and code of the step of an iterator: item, whether there is one, and the iterator after it."""
    code = extension._builtins.find((iterator,), "iternext")
    item_type = getattr(iterator, "yield_type", None)
    if code is None or item_type is None:
        raise LoweringError(f"no code is registered that advances {iterator}: lower_builtin('iternext', ...)")

    def codegen(context, builder, signature, args):
        pair = code(context, builder, Signature(_pair(item_type), (iterator,)), args)
        item = builder.extract_value(pair, 0)
        if getattr(code, "ref_type", None) is RefType.BORROWED:
            context.nrt.incref(builder, item_type, item)
        context.nrt.incref(builder, iterator, args[0])
        out = ir.Constant(layout.value_type(signature.return_type), ir.Undefined)
        for i, value in enumerate((item, builder.extract_value(pair, 1), args[0])):
            out = builder.insert_value(out, value, i)
        return out

    return Signature(types.Tuple((item_type, types.boolean, iterator)), (iterator,)), codegen


def call_getiter(context, builder, iterable_type, val):
    """Append the making of a value's iterator; return it."""
    signature, codegen = _begin(iterable_type)
    return codegen(context, builder, signature, (val,))


def call_iternext(context, builder, iterator_type, val):
    """Append a step of an iterator; return its result, with ``is_valid()`` and ``yielded_value()``."""
    item_type = iterator_type.yield_type
    code = extension._builtins.find((iterator_type,), "iternext")
    pair = code(context, builder, Signature(_pair(item_type), (iterator_type,)), (val,))
    return _Result(builder, item_type, pair)


def find(type_):
    """Return a generator function of what a value gives in a loop, or None: it is not iterable."""
    made = _begin(type_)
    if made is None:
        return None
    iterator_type = made[0].return_type
    begin = extension._Intrinsic("getiter", lambda context, iterable: made)
    advance = extension._Intrinsic("iternext", lambda context, iterator: _advance(iterator_type))
    begin.__naja_content__ = (made[1],)  # what the cache's key has of them
    advance.__naja_content__ = (extension._builtins.find((iterator_type,), "iternext"),)

    def items(obj):
        iterator = begin(obj)
        while True:
            item, is_valid, iterator = advance(iterator)
            if not is_valid:
                break
            yield item

    return items
