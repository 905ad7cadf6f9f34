"""Extensions that build their own code: intrinsics, data models, boxing, lower_builtin and what they build with."""

import operator
import os
import subprocess
import sys

import numpy as np
import pytest

from naja import _core, errors, njit, types
from naja.extending import (
    NativeValue,
    box,
    infer_getattr,
    infer_global,
    intrinsic,
    lower_builtin,
    lower_constant,
    lower_getattr,
    make_attribute_wrapper,
    models,
    overload_attribute,
    overload_method,
    register_model,
    type_callable,
    typeof_impl,
    unbox,
)
from naja.llvm import ir
from naja.lowering import cgutils
from naja.lowering.templates import AbstractTemplate, AttributeTemplate, bound_function, signature

# ---- intrinsics --------------------------------------------------------------------------------------------------------


@intrinsic
def count_bits(typingctx, x):
    """Return the number of bits that are set."""
    if not isinstance(x, types.Integer):
        return None

    def codegen(context, builder, sig, args):
        function = builder.module.declare_intrinsic("llvm.ctpop", [args[0].type])
        return builder.call(function, args)

    return x(x), codegen


@intrinsic
def float_of_bits(typingctx, x):
    def codegen(context, builder, sig, args):
        value = builder.bitcast(args[0], ir.FloatType())
        return context.cast(builder, value, types.float32, types.float64)

    return types.float64(types.int32), codegen


@pytest.mark.core
def test_an_intrinsic_is_inlined():
    @njit
    def use(x):
        return count_bits(x), float_of_bits(x)

    assert use(np.int32(0x40490FDB)) == (14, float(np.float32(np.pi)))
    text = next(iter(use.inspect_llvm().values()))
    assert "ctpop" in text and "foreign" not in text
    with pytest.raises(NotImplementedError, match="not usable in pure-python"):
        count_bits(3)
    assert count_bits.__doc__ == "Return the number of bits that are set."


def test_entry_points_take_the_numbers_that_signatures_take():
    @njit("f4(f4, i4)")
    def add(x, n):
        return x + n

    entry_point = add.overloads[types.float32, types.int32].entry_point
    assert entry_point(1.5, 2) == 3.5 and entry_point(np.float32(1.5), np.int64(2)) == 3.5
    with pytest.raises(TypeError):
        entry_point(1j, 2)


def test_an_intrinsic_declines_types():
    with pytest.raises(errors.TypingError, match="count_bits"):
        njit(lambda x: count_bits(x))(1.5)


@intrinsic
def total(typingctx, a):
    def codegen(context, builder, sig, args):
        array = context.make_array(sig.args[0])(context, builder, args[0])
        zero = context.get_constant(types.float64, 0)
        sum_ = cgutils.alloca_once_value(builder, zero)
        with cgutils.for_range(builder, array.nitems) as loop:
            item = builder.load(builder.gep(array.data, [loop.index]))
            builder.store(builder.fadd(builder.load(sum_), item), sum_)
        negative = builder.fcmp_ordered("<", builder.load(sum_), zero)
        with cgutils.if_unlikely(builder, negative):
            context.call_conv.return_user_exc(builder, ValueError, ("the sum is negative",))
        return builder.load(sum_)

    return types.float64(a), codegen


def test_arrays_loops_and_exceptions():
    @njit
    def use(a):
        return total(a)

    assert use(np.arange(5.0)) == 10.0
    assert use(np.empty(0)) == 0.0
    with pytest.raises(ValueError, match="the sum is negative"):
        use(-np.arange(5.0))

    @njit
    def caught(a):
        try:
            return total(a)
        except ValueError:
            return -1.0

    assert caught(-np.arange(5.0)) == -1.0


@intrinsic
def shape_and_strides(typingctx, a):
    axes = types.UniTuple(types.intp, a.ndim)

    def codegen(context, builder, sig, args):
        array = context.make_helper(builder, sig.args[0], value=args[0])
        itemsize = builder.trunc(array.itemsize, ir.IntType(32))
        return context.make_tuple(builder, sig.return_type, [array.shape, array.strides, itemsize])

    return types.Tuple((axes, axes, types.int32))(a), codegen


@intrinsic
def with_transposed(typingctx, a):
    def codegen(context, builder, sig, args):
        array = context.make_helper(builder, sig.args[0], value=args[0])
        swapped = context.make_helper(builder, sig.return_type, value=args[0])
        for name in ("shape", "strides"):
            swapped_axes = cgutils.unpack_tuple(builder, getattr(array, name))[::-1]
            setattr(swapped, name, cgutils.pack_array(builder, swapped_axes))
        swapped.parent = context.get_constant_null(types.voidptr)
        context.nrt.incref(builder, sig.return_type, swapped._getvalue())
        return swapped._getvalue()

    return a.copy(layout="A")(a), codegen


@pytest.mark.parametrize("order", ["C", "F", "A"])
def test_array_structs(order):
    a = np.zeros((3, 4), order="F" if order == "F" else "C")[:: 2 if order == "A" else 1]
    use = njit(lambda a: shape_and_strides(a))
    assert use(a) == (a.shape, a.strides, 8)

    @njit
    def turned(n):
        return with_transposed(np.arange(2.0 * n).reshape(2, n))

    before = _core.block_count()
    assert turned(3).tolist() == np.arange(6.0).reshape(2, 3).T.tolist()
    assert _core.block_count() == before


def multiply_add(a, b):
    if b == 7:
        raise RuntimeError("seven")
    return a + 2 * b


@intrinsic
def compiled(typingctx, a, b):
    def codegen(context, builder, sig, args):
        return context.compile_internal(builder, multiply_add, sig, args)

    return types.float64(types.float64, types.float64), codegen


def test_python_functions_inside():
    use = njit(lambda a, b: compiled(a, b))
    assert use(1, 2.5) == 6.0
    with pytest.raises(RuntimeError, match="seven") as raised:
        use(1.0, 7.0)
    assert raised.traceback[-1].name == "multiply_add"


def test_what_is_wrong_with_built_code_is_said():
    @intrinsic
    def nothing(typingctx, x):
        return x(x), lambda context, builder, sig, args: None

    @intrinsic
    def other(typingctx, x):
        return x(x), lambda context, builder, sig, args: context.get_constant(types.float64, 1)

    @intrinsic
    def foreign_value(typingctx, x):
        def codegen(context, builder, sig, args):
            return ir.Instruction(builder.block, ir.IntType(64), "%nowhere")

        return types.int64(types.int64), codegen

    with pytest.raises(errors.TypingError, match="gives no value"):
        njit(lambda x: nothing(x))(1)
    with pytest.raises(errors.TypingError, match="gives a value of type double"):
        njit(lambda x: other(x))(1)
    with pytest.raises(errors.NajaError, match="nowhere"):
        njit(lambda x: foreign_value(x))(1)


def test_control_flow_of_the_builder():
    @intrinsic
    def classify(typingctx, x):
        def codegen(context, builder, sig, args):
            (value,) = args
            out = cgutils.alloca_once(builder, value.type, zfill=True)
            with builder.if_else(builder.icmp_signed("<", value, value.type(0))) as (then, otherwise):
                with then:
                    builder.store(value.type(-1), out)
                with otherwise, builder.if_then(builder.icmp_signed(">", value, value.type(9))):
                    builder.store(value.type(2), out)
            default, end = builder.append_basic_block("default"), builder.append_basic_block("end")
            switch = builder.switch(value, default)
            five = builder.append_basic_block("five")
            switch.add_case(5, five)
            with builder.goto_block(five):
                builder.branch(end)
            with builder.goto_block(default):
                builder.branch(end)
            builder.position_at_end(end)
            phi = builder.phi(value.type)
            phi.add_incoming(value.type(50), five)
            phi.add_incoming(value.type(0), default)
            return builder.add(phi, builder.load(out))

        return types.int64(types.int64), codegen

    use = njit(lambda x: classify(x))
    assert [use(x) for x in (-3, 0, 5, 12)] == [-1, 0, 50, 2]


BINARY = [
    ("add", 12), ("sub", 6), ("mul", 27), ("sdiv", 3), ("srem", 0), ("shl", 72), ("lshr", 1), ("and_", 1), ("or_", 11),
    ("xor", 10),
]  # fmt: skip


@pytest.mark.parametrize(("name", "want"), BINARY)
def test_integer_operations_of_the_builder(name, want):
    @intrinsic
    def operation(typingctx, x, y):
        return types.int64(types.int64, types.int64), lambda context, builder, sig, args: getattr(
            builder, name
        )(*args)

    assert njit(lambda x, y: operation(x, y))(9, 3) == want


# ---- a type of our own ---------------------------------------------------------------------------------------------------


class Interval:
    def __init__(self, lo, hi):
        self.lo, self.hi = lo, hi

    def __eq__(self, other):
        return (self.lo, self.hi) == (other.lo, other.hi)


class IntervalType(types.Type):
    def __init__(self):
        super().__init__(name="Interval")


interval_type = IntervalType()
UNIT = Interval(0.0, 1.0)


@typeof_impl.register(Interval)
def _typeof_interval(value, context):
    return interval_type


@type_callable(Interval)
def _type_interval(context):
    def typer(lo, hi):
        return interval_type if isinstance(lo, types.Float) and isinstance(hi, types.Float) else None

    return typer


@register_model(IntervalType)
class _IntervalModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        models.StructModel.__init__(self, dmm, fe_type, [("lo", types.float64), ("hi", types.float64)])


make_attribute_wrapper(IntervalType, "lo", "lo")
make_attribute_wrapper(IntervalType, "hi", "hi")


@overload_attribute(IntervalType, "width")
def _width(interval):
    return lambda interval: interval.hi - interval.lo


@overload_method(IntervalType, "contains")
def _contains(interval, x):
    return lambda interval, x: interval.lo <= x < interval.hi


@lower_builtin(Interval, types.Float, types.Float)
def _interval(context, builder, sig, args):
    interval = cgutils.create_struct_proxy(sig.return_type)(context, builder)
    interval.lo, interval.hi = args
    return interval._getvalue()


@lower_constant(IntervalType)
def _interval_constant(context, builder, typ, value):
    ends = [context.get_constant(types.float64, x) for x in (value.lo, value.hi)]
    return cgutils.pack_struct(builder, ends)


@infer_global(operator.add)
class _AddIntervals(AbstractTemplate):
    def generic(self, args, kws):
        if not kws and args == (interval_type, interval_type):
            return signature(interval_type, *args)
        return None


@lower_builtin(operator.add, IntervalType, IntervalType)
def _add(context, builder, sig, args):
    x, y = (context.make_helper(builder, interval_type, value=arg) for arg in args)
    out = context.make_helper(builder, sig.return_type)
    out.lo, out.hi = builder.fadd(x.lo, y.lo), builder.fadd(x.hi, y.hi)
    return out._getvalue()


@infer_getattr
class _IntervalAttributes(AttributeTemplate):
    key = IntervalType

    def resolve_middle(self, typ):
        return types.float64

    @bound_function("interval.scaled")
    def resolve_scaled(self, typ, args, kws):
        return signature(typ, *args) if len(args) == 1 else None


@lower_getattr(IntervalType, "middle")
def _middle(context, builder, typ, value):
    interval = context.make_helper(builder, typ, value=value)
    both = builder.fadd(interval.lo, interval.hi)
    return builder.fmul(both, context.get_constant(types.float64, 0.5))


@lower_builtin("interval.scaled", IntervalType, types.Float)
def _scaled(context, builder, sig, args):
    interval = context.make_helper(builder, sig.args[0], value=args[0])
    interval.lo, interval.hi = builder.fmul(interval.lo, args[1]), builder.fmul(interval.hi, args[1])
    return interval._getvalue()


@unbox(IntervalType)
def _unbox(typ, obj, c):
    interval = cgutils.create_struct_proxy(typ)(c.context, c.builder)
    lo, hi = (c.pyapi.object_getattr_string(obj, name) for name in ("lo", "hi"))
    with cgutils.ifnot(c.builder, c.pyapi.c_api_error()):
        interval.lo, interval.hi = c.pyapi.float_as_double(lo), c.pyapi.float_as_double(hi)
    c.pyapi.decref(lo)
    c.pyapi.decref(hi)
    failed = cgutils.is_not_null(c.builder, c.pyapi.err_occurred())
    return NativeValue(interval._getvalue(), is_error=failed)


@box(IntervalType)
def _box(typ, value, c):
    interval = cgutils.create_struct_proxy(typ)(c.context, c.builder, value=value)
    ends = [c.pyapi.float_from_double(x) for x in (interval.lo, interval.hi)]
    cls = c.pyapi.unserialize(c.pyapi.serialize_object(Interval))
    result = c.pyapi.call_function_objargs(cls, ends)
    for obj in (*ends, cls):
        c.pyapi.decref(obj)
    return result


@pytest.mark.core
def test_values_of_a_type_of_our_own():
    @njit
    def use(interval, x):
        return interval.lo, interval.width, interval.contains(x), interval.middle

    @njit
    def split(interval, x):
        return Interval(interval.lo, x), Interval(x, interval.hi)

    assert use(Interval(1.0, 5.0), 2.0) == (1.0, 4.0, True, 3.0)
    assert split(Interval(1.0, 5.0), 2.5) == (Interval(1.0, 2.5), Interval(2.5, 5.0))
    assert len(use.overloads) == 1


def test_operators_methods_and_constants_of_our_own():
    @njit
    def use(interval):
        return (interval + UNIT).scaled(2.0)

    assert use(Interval(1.0, 5.0)) == Interval(2.0, 12.0)


def test_values_of_our_own_in_tuples_loops_and_branches():
    @njit
    def widest(intervals):
        best = intervals[0]
        for interval in intervals:
            if interval.width > best.width:
                best = interval
        return best

    assert widest((Interval(0.0, 1.0), Interval(2.0, 9.0), Interval(3.0, 4.0))) == Interval(2.0, 9.0)


def test_errors_of_unboxing_code():
    use = njit(lambda interval: interval.lo)
    with pytest.raises(TypeError, match="must be real number, not str"):
        use(Interval(1.0, "a"))


class Labelled:
    """Holds an array and a number; the array is made anew at every look."""

    def __init__(self, data, count):
        self._data, self.count = data, count

    @property
    def data(self):
        return self._data + 0.0


class LabelledType(types.Type):
    def __init__(self, dtype):
        self.dtype = dtype
        self.data = types.Array(dtype, 1, "C")
        super().__init__(f"Labelled({dtype})")


@typeof_impl.register(Labelled)
def _typeof_labelled(value, context):
    return LabelledType(typeof_impl(value._data, context).dtype)


@register_model(LabelledType)
class _LabelledModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        members = [("data", fe_type.data), ("count", types.int64)]
        super().__init__(dmm, fe_type, members)


make_attribute_wrapper(LabelledType, "data", "data")
make_attribute_wrapper(LabelledType, "count", "count")


@unbox(LabelledType)
def _unbox_labelled(typ, obj, c):
    native = cgutils.create_struct_proxy(typ)(c.context, c.builder)
    data = c.pyapi.object_getattr_string(obj, "data")
    count = c.pyapi.object_getattr_string(obj, "count")
    native.data = c.unbox(typ.data, data).value
    native.count = c.pyapi.number_as_ssize_t(count)
    c.pyapi.decref(data)
    c.pyapi.decref(count)
    return NativeValue(native._getvalue(), is_error=c.pyapi.c_api_error())


@box(LabelledType)
def _box_labelled(typ, value, c):
    native = cgutils.create_struct_proxy(typ)(c.context, c.builder, value=value)
    data = c.box(typ.data, native.data)
    count = c.pyapi.long_from_ssize_t(native.count)
    cls = c.pyapi.unserialize(c.pyapi.serialize_object(Labelled))
    result = c.pyapi.call_function_objargs(cls, (data, count))
    for obj in (data, count, cls):
        c.pyapi.decref(obj)
    return result


def test_arrays_inside_values_of_our_own_live_long_enough():
    @njit
    def total_of(labelled):
        return labelled.data.sum() * labelled.count

    @njit
    def same(labelled):
        return labelled

    data = np.arange(1000.0)
    references = sys.getrefcount(data)
    before = _core.block_count()
    for _ in range(20):
        assert total_of(Labelled(data, 2)) == 2 * data.sum()
        assert same(Labelled(data, 2)).data.tolist() == data.tolist()
    assert _core.block_count() == before
    assert sys.getrefcount(data) == references
    assert LabelledType(types.float64) is LabelledType(types.float64)
    assert total_of.signatures == [(LabelledType(types.float64),)]


def test_types_without_code_say_so():
    class Mute:
        pass

    class MuteType(types.Opaque):
        pass

    typeof_impl.register(Mute, lambda value, context: MuteType("mute"))
    register_model(MuteType)(models.OpaqueModel)
    with pytest.raises(TypeError, match="register @unbox"):
        njit(lambda x: 1)(Mute())
    with pytest.raises(TypeError, match="Type subclass"):
        make_attribute_wrapper(Mute, "a", "a")


def test_the_shim_has_the_names():
    code = """if True:
        import naja
        naja.install_as_numba()
        from llvmlite import binding, ir
        from numba.core import cgutils, imputils
        from numba.core.datamodel import models
        from numba.core.typing.templates import AbstractTemplate, infer_global, signature
        from numba.extending import box, intrinsic, lower_builtin, models, unbox
        print(ir.__name__, ir.IntType(8).as_pointer(), cgutils.voidptr_t, binding.address_of_symbol("malloc") > 0)
    """
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["llvmlite.ir", "ptr", "ptr", "True"]


def test_the_processor_has_a_name():
    from naja.llvm import binding

    assert isinstance(binding.get_host_cpu_name(), str) and binding.get_host_cpu_name()


# ---- values that cross one way, and types that are met in code first -------------------------------------------------------


class Counter:
    count = 41


class CounterType(types.Type):
    def __init__(self):
        super().__init__(name="Counter")


@register_model(CounterType)
class CounterModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, [("count", types.int64)])


@typeof_impl.register(Counter)
def typeof_counter(value, context):
    return CounterType()


@unbox(CounterType)
def unbox_counter(typ, obj, c):
    number = c.pyapi.object_getattr_string(obj, "count")
    counter = cgutils.create_struct_proxy(typ)(c.context, c.builder)
    counter.count = c.pyapi.number_as_ssize_t(number)
    c.pyapi.decref(number)
    return NativeValue(counter._getvalue())


@box(CounterType)
def box_counter(typ, val, c):
    raise TypeError("counters stay in compiled code")


make_attribute_wrapper(CounterType, "count", "count")


def test_a_type_whose_boxing_refuses():
    assert njit(lambda counter: counter.count + 1)(Counter()) == 42
    with pytest.raises(TypeError, match="cannot be given to Python"):
        njit(lambda counter: counter)(Counter())


def counter_of(n):
    raise NotImplementedError


@type_callable(counter_of)
def type_counter_of(context):
    return lambda n: CounterType()


@lower_builtin(counter_of, types.Integer)
def lower_counter_of(context, builder, sig, args):
    counter = cgutils.create_struct_proxy(sig.return_type)(context, builder)
    counter.count = context.cast(builder, args[0], sig.args[0], types.int64)
    return counter._getvalue()


def test_code_makes_a_value_of_a_new_type():
    assert njit(lambda n: counter_of(n).count)(7) == 7


class Table:
    def __init__(self, rows):
        self.rows = rows


class TableType(types.Type):
    rows = types.Array(types.float64, 2, "C")

    def __init__(self):
        super().__init__(name="Table")


@register_model(TableType)
class TableModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, [("rows", fe_type.rows)])


typeof_impl.register(Table)(lambda value, context: TableType())
make_attribute_wrapper(TableType, "rows", "rows")


@lower_constant(TableType)
def constant_table(context, builder, ty, value):
    table = cgutils.create_struct_proxy(ty)(context, builder)
    table.rows = context.get_constant_generic(builder, ty.rows, value.rows)
    return table._getvalue()


def test_constants_with_arrays():
    table = Table(np.arange(6.0).reshape(2, 3))
    rows = njit(lambda: table.rows)
    first = rows()
    table.rows[0, 0] = 100.0
    assert np.array_equal(first, np.arange(6.0).reshape(2, 3)) and not first.flags.writeable
    assert njit(lambda i: table.rows[i].sum())(1) == 12.0
    with pytest.raises(IndexError):
        njit(lambda i: table.rows[i].sum())(2)


class Named:
    def __init__(self, number=0, **keywords):
        self.all = {"number": number, **keywords}


class NamedType(types.Type):
    def __init__(self):
        super().__init__(name="Named")


register_model(NamedType)(models.OpaqueModel)
typeof_impl.register(Named)(lambda value, context: NamedType())
unbox(NamedType)(lambda typ, obj, c: NativeValue(c.context.get_dummy_value()))


@box(NamedType)
def box_named(typ, val, c):
    number, other = (
        c.pyapi.long_from_ssize_t(ir.IntType(64)(3)),
        c.pyapi.float_from_double(ir.DoubleType()(2.5)),
    )
    keywords = c.pyapi.dict_pack([("number", number), ("other", other)])
    cls = c.pyapi.unserialize(c.pyapi.serialize_object(Named))
    made = c.pyapi.call(cls, c.pyapi.tuple_pack([]), keywords)
    for value in (number, other, keywords, cls):
        c.pyapi.decref(value)
    return made


def test_boxing_by_keywords():
    assert njit(lambda x: x)(Named()).all == {"number": 3, "other": 2.5}


# ---- the cache ---------------------------------------------------------------------------------------------------------

CACHED = """
import ctypes
from naja import njit, types
from naja.extending import intrinsic
from naja.llvm import ir

number = ctypes.c_int64({number})

@intrinsic
def {name}(typingctx, x):
    def codegen(context, builder, sig, args):
        {body}
    return x(x), codegen

@njit
def f(x):
    return {name}(x)

print(f(1), next(iter(f.overloads.values())).from_cache)
"""


def from_cache(tmp_path, name, body, number=5):
    source = CACHED.format(name=name, body=body, number=number)
    path = {**os.environ, "NAJA_CACHE_DIR": str(tmp_path)}
    out = subprocess.run([sys.executable, "-c", source], env=path, capture_output=True, text=True, check=True)
    return out.stdout.split()


def test_intrinsics_are_cached_with_their_definition_in_the_key(tmp_path):
    body = "return builder.add(args[0], args[0].type({}))"
    assert from_cache(tmp_path, "plus", body.format(2)) == ["3", "False"]
    assert from_cache(tmp_path, "plus", body.format(2)) == ["3", "True"]
    assert from_cache(tmp_path, "plus", body.format(4)) == ["5", "False"]


def test_code_that_holds_an_address_of_its_process_is_not_cached(tmp_path):
    body = (
        "at = context.add_dynamic_addr(builder, ctypes.addressof(number), 'number'); "
        "return builder.load(builder.bitcast(at, ir.IntType(64).as_pointer()))"
    )
    assert from_cache(tmp_path, "number_of", body, 5) == ["5", "False"]
    assert from_cache(tmp_path, "number_of", body, 5) == ["5", "False"]


# ---- Python objects and C functions in such code ---------------------------------------------------------------------------


class Holder:
    def __init__(self, held):
        self.held = held


class HolderType(types.Type):
    def __init__(self):
        super().__init__(name="Holder")


@register_model(HolderType)
class HolderModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, [("number", types.int64), ("held", types.pyobject)])


typeof_impl.register(Holder)(lambda value, context: HolderType())


@unbox(HolderType)
def unbox_holder(typ, obj, c):
    holder = cgutils.create_struct_proxy(typ)(c.context, c.builder)
    holder.held = c.pyapi.object_getattr_string(obj, "held")
    c.pyapi.decref(holder.held)  # the object that is passed keeps it
    return NativeValue(holder._getvalue())


@box(HolderType)
def box_holder(typ, val, c):
    holder = cgutils.create_struct_proxy(typ)(c.context, c.builder, value=val)
    c.pyapi.incref(holder.held)
    return holder.held


@overload_method(HolderType, "passed_on")
def holder_passed_on(holder):
    return lambda holder: _passed_on(holder)


@intrinsic
def _passed_on(typingctx, holder):
    return holder(holder), lambda context, builder, sig, args: args[0]


def test_addresses_of_python_objects_are_not_counted():
    held = ["held"]
    holder = Holder(held)

    @njit
    def pass_on(holder, n):
        kept = [holder.passed_on() for _ in range(n)]
        for _ in range(n):
            holder = holder.passed_on()
        return kept[-1].passed_on()

    before = sys.getrefcount(held)
    assert pass_on(holder, 100) is held
    assert pass_on(holder, 100) is held
    assert sys.getrefcount(held) == before


@intrinsic
def _power(typingctx, x, y):
    import ctypes

    from naja.functions import get_pointer, is_ctypes_funcptr, make_function_type

    power = ctypes.CDLL(None).pow
    power.restype, power.argtypes = ctypes.c_double, (ctypes.c_double, ctypes.c_double)
    function_type = make_function_type(power)
    assert is_ctypes_funcptr(power) and function_type.sig == types.float64(types.float64, types.float64)
    assert function_type.get_pointer(power) == get_pointer(power)

    def codegen(context, builder, sig, args):
        address = context.add_dynamic_addr(builder, function_type.get_pointer(power), info="pow")
        address = builder.bitcast(address, context.get_function_pointer_type(function_type))
        return context.call_function_pointer(builder, address, args)

    return types.float64(types.float64, types.float64), codegen


def test_functions_of_ctypes_by_their_address():
    assert njit(lambda x, y: _power(x, y))(2.0, 10.0) == 1024.0


def test_types_of_c_functions_are_declared():
    import ctypes

    from naja.functions import make_function_type

    undeclared = ctypes.CDLL(None).abs
    with pytest.raises(TypeError, match="argtypes"):
        make_function_type(undeclared)


def test_the_builders_modules_have_llvmlites_names():
    source = """
import naja
naja.install_as_numba()
import llvmlite.ir.types, llvmlite.ir.values, llvmlite.ir.builder
from numba.core.typing.ctypes_utils import get_pointer, is_ctypes_funcptr, make_function_type
assert llvmlite.ir.types.IntType is llvmlite.ir.IntType
assert llvmlite.ir.values.Constant is llvmlite.ir.Constant
assert llvmlite.ir.builder.IRBuilder is llvmlite.ir.IRBuilder
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, env={**os.environ})
    assert done.returncode == 0, done.stderr
