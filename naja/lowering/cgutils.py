"""What extensions build code with, beside the builder's own methods."""

import contextlib
import functools

from naja.llvm import ir

__all__ = [
    "add_global_variable",
    "alloca_once",
    "alloca_once_value",
    "as_bool_bit",
    "as_bool_byte",
    "cbranch_or_continue",
    "copy_struct",
    "create_constant_array",
    "create_struct_proxy",
    "divmod_by_constant",
    "early_exit_if",
    "early_exit_if_null",
    "false_bit",
    "false_byte",
    "for_range",
    "for_range_slice",
    "for_range_slice_generic",
    "gep",
    "gep_inbounds",
    "get_null_value",
    "get_or_insert_function",
    "get_record_member",
    "global_constant",
    "guard_memory_error",
    "guard_null",
    "guard_zero",
    "if_likely",
    "if_unlikely",
    "if_zero",
    "ifnot",
    "increment_index",
    "is_empty_tuple",
    "is_false",
    "is_neg_int",
    "is_nonelike",
    "is_not_null",
    "is_not_scalar_zero",
    "is_null",
    "is_pointer",
    "is_scalar_neg",
    "is_scalar_zero",
    "is_scalar_zero_or_nan",
    "is_true",
    "loop_nest",
    "make_anonymous_struct",
    "make_bytearray",
    "memcpy",
    "memset",
    "muladd_with_overflow",
    "pack_array",
    "pack_struct",
    "pointer_add",
    "printf",
    "raw_memcpy",
    "raw_memmove",
    "sizeof",
    "snprintf",
    "snprintf_stackbuffer",
    "terminate",
    "true_bit",
    "true_byte",
    "unpack_tuple",
    "while_loop",
]

bool_t = ir.IntType(1)
int8_t = ir.IntType(8)
int32_t = ir.IntType(32)
int64_t = intp_t = ir.IntType(64)
voidptr_t = int8_t.as_pointer()

true_bit, false_bit = bool_t(1), bool_t(0)
true_byte, false_byte = int8_t(1), int8_t(0)

OPTIONAL_NONE = None


# ---- structs as objects ------------------------------------------------------------------------------------------------


class _Proxy:
    """A struct in memory whose members are attributes: reading one appends a load, assigning a store."""

    _fe_type = None
    _as_data = False

    def __init__(self, context, builder, value=None, ref=None, outer_ref=None):
        from naja.lowering import layout

        object.__setattr__(self, "_context", context)
        object.__setattr__(self, "_builder", builder)
        fields = layout.members(self._fe_type)
        if fields is None:
            raise TypeError(f"{self._fe_type} has no members")
        object.__setattr__(self, "_fields", fields)
        if ref is not None:
            if not ref.type.is_pointer:
                raise TypeError(f"expected the address of a struct, got a value of type {ref.type}")
            memory = builder.bitcast(ref, self._struct_type().as_pointer())
        else:
            memory = alloca_once(builder, self._struct_type(), zfill=True)
            if value is not None:
                builder.store(value, memory)
        object.__setattr__(self, "_memory", memory)

    def _struct_type(self):
        from naja.lowering import layout

        return layout.value_type(self._fe_type)

    def _position(self, name):
        for i, (field, _) in enumerate(self._fields):
            if field == name:
                return i
        raise AttributeError(f"{self._fe_type} has no member {name!r}")

    def _address(self, position):
        return gep_inbounds(self._builder, self._memory, 0, position)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self._builder.load(self._address(self._position(name)))

    def __setattr__(self, name, value):
        address = self._address(self._position(name))
        wanted = address.type.pointee
        if value.type != wanted and not (value.type.is_pointer and wanted.is_pointer):
            raise AssertionError(f"cannot assign a {value.type} to the member {name!r}, a {wanted}")
        self._builder.store(self._builder.bitcast(value, wanted) if wanted.is_pointer else value, address)

    def __getitem__(self, index):
        return self._builder.load(self._address(index))

    def __setitem__(self, index, value):
        self._builder.store(value, self._address(index))

    def __len__(self):
        return len(self._fields)

    def _getpointer(self):
        """Return the address of the struct."""
        return self._memory

    def _getvalue(self):
        """Return the struct as a value."""
        return self._builder.load(self._memory)

    def _setvalue(self, value):
        """Store a value of the struct."""
        self._builder.store(value, self._memory)

    def _get_ptr_by_name(self, name):
        """Return the address of a member."""
        return self._address(self._position(name))

    def _get_ptr_by_index(self, index):
        """Return the address of a member."""
        return self._address(index)

    @property
    def _datamodel(self):
        return self._context.data_model_manager[self._fe_type]


@functools.cache
def create_struct_proxy(fe_type, kind="value"):
    """Return the class of structs of a type: called with context, builder and a value or an address.

    Parameters
    ----------
    fe_type : Type
        A type with members: of a `StructModel`, an array, a complex number, an Optional, a str, ...
    kind : {'value', 'data'}
        Accepted: both look alike.

    Returns
    -------
    type
    """
    return type(f"StructProxy({fe_type})", (_Proxy,), {"_fe_type": fe_type, "_as_data": kind == "data"})


# ---- memory ------------------------------------------------------------------------------------------------------------


def get_null_value(ltype):
    """Return zero of a type."""
    return ltype(None)


def alloca_once(builder, ty, size=None, name="", zfill=False):
    """Append memory on the stack, in the function's first block.

    Parameters
    ----------
    builder : IRBuilder
    ty : llvm Type
        What it holds.
    size : int or value, optional
        How many of them.
    zfill : bool
        Zeroed, where the builder stands.

    Returns
    -------
    value
        The address.
    """
    if builder.function.entry_basic_block is builder.block:
        memory = builder.alloca(ty, size, name)
    else:
        with builder.goto_entry_block():
            memory = builder.alloca(ty, size, name)
    if zfill:
        builder.store(ty(None), memory)
    return memory


def alloca_once_value(builder, value, name="", zfill=False):
    """Append memory on the stack that holds a value; return its address."""
    memory = alloca_once(builder, value.type, name=name)
    builder.store(value, memory)
    return memory


def sizeof(builder, ptr_type):
    """Return the number of bytes of what a pointer type points to, as an integer of 64 bits."""
    null = ir.Constant(ptr_type, None)
    return null.gep([int32_t(1)]).ptrtoint(intp_t) if ptr_type.pointee else intp_t(8)


def gep(builder, ptr, *inds, name="", inbounds=False):
    """Append the address of an element; indices are integers or values."""
    indices = [ir.Constant(int32_t, i) if isinstance(i, int) else i for i in inds]
    return builder.gep(ptr, indices, inbounds=inbounds, name=name)


def gep_inbounds(builder, ptr, *inds, name=""):
    """Append the address of an element that is there."""
    return gep(builder, ptr, *inds, name=name, inbounds=True)


def pointer_add(builder, ptr, offset, return_type=None):
    """Append an address plus a number of bytes."""
    offset = ir.Constant(intp_t, offset) if isinstance(offset, int) else offset
    at = builder.gep(builder.bitcast(ptr, voidptr_t), [offset])
    return builder.bitcast(at, return_type or ptr.type)


def _memory_call(builder, name, types_, args):
    fnty = ir.FunctionType(ir.VoidType(), types_)
    return builder.call(builder.module.declare_intrinsic(name, (), fnty), args)


def memset(builder, ptr, size, value):
    """Append the filling of memory with a byte."""
    value = int8_t(value) if isinstance(value, int) else value
    args = [builder.bitcast(ptr, voidptr_t), value, size, false_bit]
    _memory_call(builder, f"llvm.memset.p0.{size.type}", [voidptr_t, int8_t, size.type, bool_t], args)


def _raw_copy(name, builder, dst, src, count, itemsize, align):
    size = builder.mul(
        count, itemsize if not isinstance(itemsize, int) else ir.Constant(count.type, itemsize)
    )
    args = [builder.bitcast(dst, voidptr_t), builder.bitcast(src, voidptr_t), size, false_bit]
    _memory_call(builder, f"llvm.{name}.p0.p0.{size.type}", [voidptr_t, voidptr_t, size.type, bool_t], args)


def raw_memcpy(builder, dst, src, count, itemsize, align=1):
    """Append the copying of `count` items to memory that does not overlap."""
    _raw_copy("memcpy", builder, dst, src, count, itemsize, align)


def raw_memmove(builder, dst, src, count, itemsize, align=1):
    """Append the copying of `count` items."""
    _raw_copy("memmove", builder, dst, src, count, itemsize, align)


def memcpy(builder, dst, src, count):
    """Append the copying of `count` elements of the pointers' type."""
    if dst.type != src.type:
        raise TypeError(f"cannot copy from a {src.type} to a {dst.type}")
    count = builder.sext(count, intp_t) if count.type != intp_t else count
    raw_memcpy(builder, dst, src, count, sizeof(builder, dst.type))


def add_global_variable(module, ty, name, addrspace=0):
    """Return a new variable of the module; its name is made unlike any other."""
    return ir.GlobalVariable(module, ty, module.get_unique_name(name), addrspace)


def global_constant(builder_or_module, name, value, linkage="internal"):
    """Return a constant of the module with this value."""
    module = getattr(builder_or_module, "module", builder_or_module)
    data = ir.GlobalVariable(module, value.type, module.get_unique_name(name))
    data.linkage, data.global_constant, data.initializer = linkage, True, value
    return data


def make_bytearray(buf):
    """Return bytes as a constant array."""
    return ir.Constant(ir.ArrayType(int8_t, len(buf)), bytearray(buf))


def get_or_insert_function(module, fnty, name):
    """Return the function of this name, declared if need be."""
    return module.globals.get(name) or ir.Function(module, fnty, name)


def get_record_member(builder, record, offset, typ):
    """Append the address of a record's member, `offset` bytes from its start."""
    return pointer_add(builder, record, offset, typ.as_pointer())


insert_pure_function = get_or_insert_function


# ---- C's output --------------------------------------------------------------------------------------------------------


def _c_string(builder, text):
    data = global_constant(builder, "text", make_bytearray(text.encode() + b"\0"))
    return builder.bitcast(data, voidptr_t)


def printf(builder, format, *args):
    """Append a call of C's `printf`; the values are what the format says, which nobody checks."""
    fnty = ir.FunctionType(int32_t, [voidptr_t], var_arg=True)
    fn = get_or_insert_function(builder.module, fnty, "printf")
    return builder.call(fn, [_c_string(builder, format), *args])


def snprintf(builder, buffer, bufsz, format, *args):
    """Append a call of C's `snprintf`, which writes at most `bufsz` bytes into `buffer`."""
    fnty = ir.FunctionType(int32_t, [voidptr_t, intp_t, voidptr_t], var_arg=True)
    fn = get_or_insert_function(builder.module, fnty, "snprintf")
    return builder.call(fn, [buffer, bufsz, _c_string(builder, format), *args])


def snprintf_stackbuffer(builder, bufsz, format, *args):
    """Append a call of C's `snprintf` into memory on the stack of `bufsz` bytes; return its address."""
    buffer = builder.bitcast(alloca_once(builder, ir.ArrayType(int8_t, bufsz)), voidptr_t)
    snprintf(builder, buffer, intp_t(bufsz), format, *args)
    return buffer


# ---- conditions --------------------------------------------------------------------------------------------------------


def is_null(builder, val):
    """Append whether a value is zero or a null pointer."""
    return builder.icmp_unsigned("==", ir.Constant(val.type, None), val)


def is_not_null(builder, val):
    """Append whether a value is neither zero nor a null pointer."""
    return builder.icmp_unsigned("!=", ir.Constant(val.type, None), val)


is_true, is_false = is_not_null, is_null


def as_bool_bit(builder, value):
    """Append whether a value is not zero, as one bit."""
    return is_not_null(builder, value)


def as_bool_byte(builder, value):
    """Append a bit as a byte."""
    return builder.zext(value, int8_t)


def if_likely(builder, pred):
    """Build what happens when a condition holds, as it mostly does."""
    return builder.if_then(pred, likely=True)


def if_unlikely(builder, pred):
    """Build what happens when a condition holds, which is rare."""
    return builder.if_then(pred, likely=False)


def ifnot(builder, pred):
    """Build what happens when a condition does not hold."""
    return builder.if_then(builder.not_(pred))


def if_zero(builder, value, likely=False):
    """Build what happens when a value is zero."""
    return builder.if_then(is_null(builder, value), likely=likely)


def is_scalar_zero(builder, value):
    """Append whether a number is zero."""
    return _compare(builder, value, "==")


def is_not_scalar_zero(builder, value):
    """Append whether a number is not zero; a NaN is not."""
    return _compare(builder, value, "!=", ordered=False)


def is_scalar_zero_or_nan(builder, value):
    """Append whether a number is zero or a NaN."""
    return _compare(builder, value, "==", ordered=False)


def is_scalar_neg(builder, value):
    """Append whether a signed number is below zero."""
    return _compare(builder, value, "<")


is_neg_int = is_scalar_neg


def _compare(builder, value, operator, ordered=True):
    """Append how a number compares with zero."""
    zero = ir.Constant(value.type, None)
    if isinstance(value.type, (ir.FloatType, ir.DoubleType)):
        compare = builder.fcmp_ordered if ordered else builder.fcmp_unordered
        return compare(operator, value, ir.Constant(value.type, 0.0))
    return builder.icmp_signed(operator, value, zero)


def is_nonelike(ty):
    """Return whether a type is that of None, as itself or as the dtype of an array's argument."""
    from naja import types

    return ty is None or ty == types.none or (isinstance(ty, types.Omitted) and ty.value is None)


def is_empty_tuple(ty):
    """Return whether a type is that of ``()``."""
    from naja import types

    return isinstance(ty, types.BaseTuple) and len(ty) == 0


def is_pointer(ltyp):
    """Return whether an LLVM type is that of an address."""
    return ltyp.is_pointer


def cbranch_or_continue(builder, cond, bbtrue):
    """Append a branch to `bbtrue` when a condition holds; go on in a new block, which is returned."""
    following = builder.append_basic_block(".continue")
    builder.cbranch(cond, bbtrue, following)
    builder.position_at_end(following)
    return following


def terminate(builder, bbend):
    """Append a branch to `bbend` where the block has no end yet."""
    if not builder.block.is_terminated:
        builder.branch(bbend)


@contextlib.contextmanager
def early_exit_if(builder, stack, cond):
    """Build what happens when a condition holds; all that follows, until the stack is left, is built for the other case.

    Parameters
    ----------
    builder : IRBuilder
    stack : contextlib.ExitStack
        Leaving it joins both cases.
    cond : value
        One bit.
    """
    then, otherwise = stack.enter_context(builder.if_else(cond, likely=False))
    with then:
        yield
    stack.enter_context(otherwise)


def early_exit_if_null(builder, stack, obj):
    """Build what happens when an address is null, as C functions of Python say that they failed; see `early_exit_if`."""
    return early_exit_if(builder, stack, is_null(builder, obj))


def guard_zero(context, builder, value, exc_tuple):
    """Append: raise if a number is zero.  `exc_tuple` is the class, followed by its arguments."""
    with if_unlikely(builder, is_scalar_zero(builder, value)):
        context.call_conv.return_user_exc(builder, exc_tuple[0], exc_tuple[1:])


def guard_memory_error(context, builder, pointer, msg=None):
    """Append: raise MemoryError if an address is null."""
    guard_null(context, builder, pointer, (MemoryError, msg) if msg else (MemoryError,))


def guard_null(context, builder, value, exc_tuple):
    """Append: raise if a value is zero.  `exc_tuple` is the class, followed by its arguments."""
    with if_unlikely(builder, is_null(builder, value)):
        context.call_conv.return_user_exc(builder, exc_tuple[0], exc_tuple[1:])


# ---- loops -------------------------------------------------------------------------------------------------------------


class _Loop:
    def __init__(self, index, do_break):
        self.index, self.do_break = index, do_break

    def __iter__(self):
        return iter((self.index, self.do_break))


@contextlib.contextmanager
def for_range_slice(builder, start, stop, step, intp=None, inc=True):
    """Build the body of a loop from `start` to `stop` by `step`; gives the index and the number of the iteration."""
    intp = intp or start.type
    entry, head = builder.block, builder.append_basic_block("for")
    body, end = builder.append_basic_block("body"), builder.append_basic_block("done")
    builder.branch(head)
    builder.position_at_end(head)
    index, count = builder.phi(intp, "index"), builder.phi(intp, "count")
    going = builder.icmp_signed("<" if inc else ">", index, stop)
    builder.cbranch(going, body, end)
    builder.position_at_end(body)
    yield index, count
    after = builder.block
    following, counted = builder.add(index, step), builder.add(count, ir.Constant(intp, 1))
    if not after.is_terminated:
        builder.branch(head)
    for phi, first, later in ((index, start, following), (count, ir.Constant(intp, 0), counted)):
        phi.add_incoming(first, entry)
        phi.add_incoming(later, after)
    builder.position_at_end(end)


@contextlib.contextmanager
def for_range_slice_generic(builder, start, stop, step):
    """Build a loop whose step has either sign: gives what `for_range_slice` gives, for steps upwards and downwards."""
    down = is_neg_int(builder, step)

    def arm(block, inc):
        @contextlib.contextmanager
        def loop():
            with block, for_range_slice(builder, start, stop, step, start.type, inc=inc) as counters:
                yield counters

        return loop()

    with builder.if_else(down, likely=False) as (downwards, upwards):
        yield arm(upwards, True), arm(downwards, False)


@contextlib.contextmanager
def loop_nest(builder, shape, intp, order="C"):
    """Build the body of loops over all indices of a shape, given as a tuple.

    Parameters
    ----------
    builder : IRBuilder
    shape : sequence of values
        Lengths, integers of type `intp`.
    intp : llvm Type
    order : {'C', 'F'}
        Whether the last or the first index runs fastest.
    """
    if order not in ("C", "F"):
        raise ValueError(f"order must be 'C' or 'F', not {order!r}")
    lengths = shape if order == "C" else shape[::-1]
    with contextlib.ExitStack() as stack:
        indices = [stack.enter_context(for_range(builder, n, intp=intp)).index for n in lengths]
        yield tuple(indices if order == "C" else reversed(indices))


@contextlib.contextmanager
def for_range(builder, count, start=None, intp=None):
    """Build the body of a loop from `start`, or 0, to `count`.

    Gives an object with the attributes ``index`` and ``do_break``, which appends leaving the loop.
    """
    intp = intp or count.type
    start = ir.Constant(intp, 0) if start is None else start
    entry, head = builder.block, builder.append_basic_block("for")
    body, end = builder.append_basic_block("body"), builder.append_basic_block("done")
    builder.branch(head)
    builder.position_at_end(head)
    index = builder.phi(intp, "index")
    builder.cbranch(builder.icmp_signed("<", index, count), body, end)
    builder.position_at_end(body)

    def do_break():
        builder.branch(end)

    yield _Loop(index, do_break)
    after = builder.block
    following = builder.add(index, ir.Constant(intp, 1)) if not after.is_terminated else None
    if following is not None:
        builder.branch(head)
        index.add_incoming(following, after)
    index.add_incoming(start, entry)
    builder.position_at_end(end)


@contextlib.contextmanager
def while_loop(builder, condition):
    """Build the body of a loop that goes on while ``condition()`` gives a bit that is set."""
    head, body, end = (builder.append_basic_block(name) for name in ("while", "body", "done"))
    builder.branch(head)
    builder.position_at_end(head)
    builder.cbranch(condition(), body, end)
    builder.position_at_end(body)
    yield end
    if not builder.block.is_terminated:
        builder.branch(head)
    builder.position_at_end(end)


def increment_index(builder, val):
    """Append an index plus one."""
    return builder.add(val, ir.Constant(val.type, 1), flags=["nsw"])


def muladd_with_overflow(builder, a, b, c):
    """Append ``a * b + c`` of signed integers; return the result and the bit that says that it did not fit."""
    product = builder.smul_with_overflow(a, b)
    total = builder.sadd_with_overflow(builder.extract_value(product, 0), c)
    bits = [builder.extract_value(pair, 1) for pair in (product, total)]
    return builder.extract_value(total, 0), builder.or_(*bits)


def divmod_by_constant(builder, val, divisor):
    """Append quotient and remainder, rounded as Python does, by a positive integer."""
    if divisor <= 0:
        raise ValueError("the divisor must be positive")
    by = ir.Constant(val.type, divisor)
    quotient, remainder = builder.sdiv(val, by), builder.srem(val, by)
    below = is_neg_int(builder, remainder)
    one_less = builder.sub(quotient, ir.Constant(val.type, 1))
    return builder.select(below, one_less, quotient), builder.select(
        below, builder.add(remainder, by), remainder
    )


# ---- aggregates ----------------------------------------------------------------------------------------------------------


def unpack_tuple(builder, tup, count=None):
    """Append the elements of a tuple, as a list of values."""
    count = len(tup.type.elements) if count is None else count
    return [builder.extract_value(tup, i) for i in range(count)]


def _pack(builder, type_, values):
    out = type_(ir.Undefined)
    for i, value in enumerate(values):
        out = builder.insert_value(out, value, i)
    return out


def pack_array(builder, values, ty=None):
    """Append an array of values of one type."""
    return _pack(builder, ir.ArrayType(ty or values[0].type, len(values)), values)


def pack_struct(builder, values):
    """Append a struct of values."""
    return _pack(builder, ir.LiteralStructType([v.type for v in values]), values)


def make_anonymous_struct(builder, values, struct_type=None):
    """Append a struct of values, of a type of one's own or of theirs."""
    if struct_type is None:
        return pack_struct(builder, values)
    return _pack(builder, struct_type, values)


def create_constant_array(ty, val):
    """Return a constant array of Python values of one LLVM type."""
    return ir.Constant(ir.ArrayType(ty, len(val)), [ir.Constant(ty, v) for v in val])


def copy_struct(dst, src, repl=None):
    """Copy all members from one struct proxy to another, those of `repl` from there; return `dst`."""
    repl = dict(repl or {})
    for name, _ in src._fields:
        setattr(dst, name, repl.pop(name) if name in repl else getattr(src, name))
    if repl:
        raise KeyError(f"no member {next(iter(repl))!r}")
    return dst
