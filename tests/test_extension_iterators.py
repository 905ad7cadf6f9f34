"""Loops over values of a program's own types, whose iterators an extension builds: getiter, iternext, RefType."""

import numpy as np
import pytest
from leaks import left_behind

from naja import errors, njit, types
from naja.extending import NativeValue, intrinsic, lower_builtin, models, register_model, typeof_impl, unbox
from naja.lowering import cgutils
from naja.lowering.imputils import RefType, call_getiter, call_iternext, iternext_impl
from naja.lowering.templates import AbstractTemplate, infer

pytestmark = pytest.mark.core


class Rows:
    """The rows of an array from the last one on."""

    def __init__(self, array):
        self.array = array


class RowsType(types.Type):
    def __init__(self, array):
        self.array = array
        super().__init__(f"Rows({array})")


class RowsIterator(types.SimpleIteratorType):
    def __init__(self, rows):
        self.rows = rows
        super().__init__(f"iterator({rows})", rows.array)


@typeof_impl.register(Rows)
def _typeof(obj, context):
    return RowsType(typeof_impl(obj.array, context))


@register_model(RowsType)
class RowsModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, [("array", fe_type.array)])


@register_model(RowsIterator)
class RowsIteratorModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        members = [("rows", fe_type.rows), ("left", types.EphemeralPointer(types.intp))]
        super().__init__(dmm, fe_type, members)


@unbox(RowsType)
def _unbox(type_, obj, c):
    array = c.pyapi.object_getattr_string(obj, "array")
    rows = cgutils.create_struct_proxy(type_)(c.context, c.builder)
    rows.array = c.unbox(type_.array, array).value
    c.pyapi.decref(array)
    return NativeValue(rows._getvalue())


@infer
class GetIter(AbstractTemplate):
    key = "getiter"

    def generic(self, args, kws):
        if isinstance(args[0], RowsType):
            return RowsIterator(args[0])(args[0])
        return None


@lower_builtin("getiter", RowsType)
def _getiter(context, builder, sig, args):
    rows = cgutils.create_struct_proxy(sig.args[0])(context, builder, args[0])
    array = cgutils.create_struct_proxy(sig.args[0].array)(context, builder, rows.array)
    iterator = cgutils.create_struct_proxy(sig.return_type)(context, builder)
    iterator.rows = args[0]
    iterator.left = cgutils.alloca_once_value(builder, array.nitems)
    context.nrt.incref(builder, sig.args[0], args[0])
    return iterator._getvalue()


@lower_builtin("iternext", RowsIterator)
@iternext_impl(RefType.BORROWED)
def _iternext(context, builder, sig, args, result):
    iterator = cgutils.create_struct_proxy(sig.args[0])(context, builder, args[0])
    left = builder.load(iterator.left)
    is_valid = builder.icmp_signed(">", left, context.get_constant(types.intp, 0))
    result.set_valid(is_valid)
    with builder.if_then(is_valid):
        builder.store(builder.sub(left, context.get_constant(types.intp, 1)), iterator.left)
        rows = cgutils.create_struct_proxy(sig.args[0].rows)(context, builder, iterator.rows)
        result.yield_(rows.array)


@njit
def total(rows):
    s = 0.0
    n = 0
    for row in rows:
        s += row.sum()
        n += 1
    return s, n


def test_a_loop_asks_the_registered_iterator():
    assert total(Rows(np.arange(4.0))) == (24.0, 4)
    assert total(Rows(np.empty(0))) == (0.0, 0)


def test_loops_are_nested_and_left():
    @njit
    def pairs(rows):
        n = 0
        for a in rows:
            for b in rows:
                if n > 100:
                    return -1
                n += len(a) * len(b)
        return n

    assert pairs(Rows(np.arange(3))) == 81 and pairs(Rows(np.arange(11))) == -1


def test_items_own_what_they_refer_to():
    @njit
    def last(rows):
        kept = [np.zeros(1)]
        for row in rows:
            kept.append(row)
        return kept[-1]

    rows = Rows(np.arange(3.0))
    assert last(rows).tolist() == [0.0, 1.0, 2.0]
    assert left_behind(last, rows) == left_behind(total, rows) == 0


def test_an_extension_steps_an_iterator_itself():
    @intrinsic
    def first_length(typingctx, rows):
        def codegen(context, builder, sig, args):
            iterator = call_getiter(context, builder, rows, args[0])
            step = call_iternext(context, builder, RowsIterator(rows), iterator)
            array = cgutils.create_struct_proxy(rows.array)(context, builder, step.yielded_value())
            length = builder.select(step.is_valid(), array.nitems, context.get_constant(types.intp, -1))
            context.nrt.decref(builder, RowsIterator(rows), iterator)
            return length

        return types.intp(rows), codegen

    function = njit(lambda rows: first_length(rows))
    assert function(Rows(np.ones(5))) == 5 and function(Rows(np.ones(0))) == -1
    assert left_behind(function, Rows(np.ones(5))) == 0


def test_what_is_not_iterable():
    class PlainType(types.Type):
        def __init__(self):
            super().__init__("Plain")

    @register_model(PlainType)
    class PlainModel(models.StructModel):
        def __init__(self, dmm, fe_type):
            super().__init__(dmm, fe_type, [("n", types.intp)])

    class Plain:
        pass

    typeof_impl.register(Plain)(lambda obj, context: PlainType())

    @njit
    def walk(obj):
        for _ in obj:
            pass

    with pytest.raises(errors.TypingError, match="'Plain' object is not iterable"):
        walk(Plain())
    with pytest.raises(ValueError, match="ref_type must be an enum member of imputils.RefType"):
        iternext_impl()
