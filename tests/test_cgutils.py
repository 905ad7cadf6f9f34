"""What extensions build code with: each helper against what Python computes."""

import contextlib
import math

import numpy as np
import pytest

from naja import _core, njit, types
from naja.extending import intrinsic
from naja.llvm import ir
from naja.lowering import cgutils

INTS = (-7, -3, -1, 0, 1, 3, 8, 2**62)
FLOATS = (-2.5, -0.0, 0.0, 3.0, math.inf, math.nan)


def unary(build, result=types.boolean):
    """Return a compiled function of one number that calls `build` of builder and value."""

    @intrinsic
    def built(typingctx, x):
        def codegen(context, builder, sig, args):
            out = build(builder, args[0])
            if result is types.boolean and out.type == ir.IntType(1):
                out = context.cast(builder, builder.zext(out, ir.IntType(8)), types.int8, types.int64)
            return out

        return (types.int64 if result is types.boolean else result)(x), codegen

    @njit
    def run(x):
        return built(x)

    return run


@pytest.mark.core
@pytest.mark.parametrize(
    "name, want",
    [
        ("is_scalar_zero", lambda x: x == 0),
        ("is_not_scalar_zero", lambda x: x != 0),
        ("is_scalar_zero_or_nan", lambda x: x == 0 or x != x),
        ("is_scalar_neg", lambda x: x < 0),
    ],
)
def test_predicates(name, want):
    run = unary(getattr(cgutils, name))
    for x in INTS + FLOATS:
        assert run(x) == want(x), x


def test_is_neg_int():
    run = unary(cgutils.is_neg_int)
    assert [run(x) for x in INTS] == [x < 0 for x in INTS]


def test_predicates_of_types():
    assert cgutils.is_nonelike(types.none) and cgutils.is_nonelike(None)
    assert not cgutils.is_nonelike(types.int64)
    assert cgutils.is_empty_tuple(types.Tuple(())) and not cgutils.is_empty_tuple(
        types.UniTuple(types.int64, 2)
    )
    assert cgutils.is_pointer(cgutils.voidptr_t) and not cgutils.is_pointer(cgutils.int8_t)


@pytest.mark.parametrize("divisor", [1, 2, 7, 64])
def test_divmod_by_constant_rounds_as_python(divisor):
    quotient = unary(lambda b, x: cgutils.divmod_by_constant(b, x, divisor)[0], types.int64)
    remainder = unary(lambda b, x: cgutils.divmod_by_constant(b, x, divisor)[1], types.int64)
    for x in INTS:
        assert (quotient(x), remainder(x)) == divmod(x, divisor)


def test_muladd_says_when_it_overflows():
    def build(builder, x):
        factor, more = (ir.Constant(x.type, n) for n in (2, 2**62))
        return cgutils.muladd_with_overflow(builder, x, factor, more)

    value, bit = unary(lambda b, x: build(b, x)[0], types.int64), unary(lambda b, x: build(b, x)[1])
    for x in INTS:
        exact = 2 * x + 2**62
        assert bit(x) == (not -(2**63) <= exact < 2**63)
        if not bit(x):
            assert value(x) == exact


@intrinsic
def classify(typingctx, x):
    """Return what the first condition that holds says: three exits, one after the other."""

    def codegen(context, builder, sig, args):
        out = cgutils.alloca_once_value(builder, ir.Constant(args[0].type, 0))
        with contextlib.ExitStack() as stack:
            for result, limit in ((1, 10), (2, 100), (3, 1000)):
                small = builder.icmp_signed("<", args[0], ir.Constant(args[0].type, limit))
                with cgutils.early_exit_if(builder, stack, small):
                    builder.store(ir.Constant(args[0].type, result), out)
            builder.store(args[0], out)
        return builder.load(out)

    return types.int64(types.int64), codegen


def test_early_exits_follow_one_another():
    @njit
    def run(x):
        return classify(x)

    assert [run(x) for x in (5, 50, 500, 5000)] == [1, 2, 3, 5000]


@intrinsic
def walk(typingctx, a, order):
    """Return ``sum(k * a[i, j])`` where k counts the indices in the order of the loops."""
    which = order.literal_value

    def codegen(context, builder, sig, args):
        array = context.make_array(sig.args[0])(context, builder, args[0])
        shape = cgutils.unpack_tuple(builder, array.shape)
        one = ir.Constant(cgutils.intp_t, 1)
        total = cgutils.alloca_once_value(builder, ir.Constant(cgutils.intp_t, 0))
        count = cgutils.alloca_once_value(builder, ir.Constant(cgutils.intp_t, 0))
        with cgutils.loop_nest(builder, shape, cgutils.intp_t, order=which) as (i, j):
            at = builder.add(builder.mul(i, shape[1]), j)
            item = builder.load(cgutils.gep(builder, array.data, at))
            k = builder.load(count)
            builder.store(builder.add(builder.load(total), builder.mul(k, item)), total)
            builder.store(builder.add(k, one), count)
        return builder.load(total)

    return types.int64(a, order), codegen


def test_loop_nests_run_in_their_order():
    @njit
    def by_rows(a):
        return walk(a, "C")

    @njit
    def by_columns(a):
        return walk(a, "F")

    for shape in ((3, 4), (1, 5), (0, 3), (2, 0)):
        a = np.random.default_rng(1).integers(0, 9, shape)
        k = np.arange(a.size)
        assert by_rows(a) == (a.ravel() * k).sum()
        assert by_columns(a) == (a.T.ravel() * k).sum()


@intrinsic
def sum_of_range(typingctx, start, stop, step):
    def codegen(context, builder, sig, args):
        total = cgutils.alloca_once_value(builder, ir.Constant(cgutils.intp_t, 0))
        with cgutils.for_range_slice_generic(builder, *args) as ranges:
            for one in ranges:
                with one as (index, count):
                    term = builder.mul(index, builder.add(count, ir.Constant(cgutils.intp_t, 1)))
                    builder.store(builder.add(builder.load(total), term), total)
        return builder.load(total)

    return types.int64(types.int64, types.int64, types.int64), codegen


@pytest.mark.core
def test_slices_run_in_both_directions():
    @njit
    def run(start, stop, step):
        return sum_of_range(start, stop, step)

    for start, stop, step in (
        (0, 10, 1),
        (0, 10, 3),
        (10, 0, -1),
        (9, -1, -4),
        (5, 5, 1),
        (0, 10, -1),
        (10, 0, 2),
    ):
        want = sum(i * (k + 1) for k, i in enumerate(range(start, stop, step)))
        assert run(start, stop, step) == want


@intrinsic
def formatted(typingctx, x):
    """Return the length of the text of a number and its first byte."""

    def codegen(context, builder, sig, args):
        buffer = cgutils.snprintf_stackbuffer(builder, 32, "%lld|", args[0])
        size = cgutils.snprintf(builder, buffer, ir.Constant(cgutils.intp_t, 32), "%lld!", args[0])
        first = builder.zext(builder.load(buffer), cgutils.intp_t)
        return context.make_tuple(builder, sig.return_type, [builder.sext(size, cgutils.intp_t), first])

    return types.UniTuple(types.int64, 2)(types.int64), codegen


def test_text_of_c():
    @njit
    def run(x):
        return formatted(x)

    assert run(-123) == (5, ord("-")) and run(7) == (2, ord("7"))


@intrinsic
def copied(typingctx, x, y):
    """Copy two numbers through memory, an array of constants and a struct with one member replaced."""

    def codegen(context, builder, sig, args):
        pair = types.complex128
        source = cgutils.create_struct_proxy(pair)(context, builder)
        source.real, source.imag = args
        target = cgutils.create_struct_proxy(pair)(context, builder)
        cgutils.copy_struct(target, source, {"imag": args[0]})
        other = cgutils.alloca_once(builder, target._getpointer().type.pointee)
        cgutils.memcpy(builder, other, target._getpointer(), ir.Constant(ir.IntType(32), 1))
        return builder.load(other)

    return types.complex128(types.float64, types.float64), codegen


def test_structs_are_copied_with_replacements():
    @njit
    def run(x, y):
        return copied(x, y)

    assert run(1.5, 2.5) == complex(1.5, 1.5)


@intrinsic
def guarded(typingctx, x):
    def codegen(context, builder, sig, args):
        cgutils.guard_zero(context, builder, args[0], (ZeroDivisionError, "nothing to divide by"))
        null = builder.inttoptr(builder.sub(args[0], ir.Constant(cgutils.intp_t, 1)), cgutils.voidptr_t)
        cgutils.guard_memory_error(context, builder, null, "no room")
        table = cgutils.create_constant_array(cgutils.intp_t, (10, 20, 30))
        data = cgutils.global_constant(builder, "table", table)
        index = builder.srem(args[0], ir.Constant(cgutils.intp_t, 3))
        return builder.load(builder.gep(data, [ir.Constant(cgutils.intp_t, 0), index]))

    return types.int64(types.int64), codegen


def test_guards_raise():
    @njit
    def run(x):
        return guarded(x)

    blocks = _core.block_count()
    assert run(2) == 30 and run(4) == 20
    with pytest.raises(ZeroDivisionError, match="nothing to divide by"):
        run(0)
    with pytest.raises(MemoryError, match="no room"):
        run(1)
    assert _core.block_count() == blocks
