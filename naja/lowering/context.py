"""The contexts that code of extensions is given: of typing, and of building code."""

import numpy as np

from naja import _core, types
from naja.errors import LoweringError
from naja.llvm import ir
from naja.lowering import cgutils, layout
from naja.lowering.datamodel import default_manager

__all__ = ["Context", "TypingContext"]

_I32 = ir.IntType(32)

# What constants of compiled code lie in.
_constant_arrays = []


class TypingContext:
    """Answers what typing functions ask: the types of values, of calls, and how types convert."""

    def resolve_value_type(self, value):
        """Return the type of a Python value as a constant of compiled code."""
        return _core.typeof(value)

    def resolve_argument_type(self, value):
        """Return the type of a Python value as an argument."""
        return _core.typeof(value)

    def unify_types(self, *given):
        """Return the type that holds values of all these types, or None."""
        result = given[0]
        for type_ in given[1:]:
            result = result and _core.type_unify(result, type_)
        return result

    def unify_pairs(self, first, second):
        """Return the type that holds values of both types, or None."""
        return _core.type_unify(first, second)

    def can_convert(self, fromty, toty):
        """Return how well values of a type convert to another, or None."""
        return _core.type_can_convert(fromty, toty)

    def refresh(self):
        """Accepted: what is registered counts at once."""


class _CallConvention:
    """How a function returns."""

    def __init__(self, context):
        self._context = context

    def return_user_exc(self, builder, exc, exc_args=None, loc=None, func_name=None):
        """End the block: raise an exception whose arguments are known now."""
        builder.ret(ir.Constant(_I32, self._context.add_raise(exc, exc_args or ())))

    def return_value(self, builder, value):
        """End the block: return a value."""
        raise LoweringError("codegen() gives the result's value: return it from there")

    def return_status_propagate(self, builder, status):
        """End the block: a callee has failed."""
        builder.ret(status)


class _Memory:
    """Reference counts (``context.nrt``)."""

    def __init__(self, context):
        self._context = context

    def _each_owner(self, builder, type_, value, name):
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), [layout.VOID_POINTER]), name
        )
        leaves = layout.unpack(builder, type_, value) if type_.owners else ()
        for leaf in type_.owners:
            builder.call(function, [leaves[leaf]])

    def incref(self, builder, typ, value):
        """Append: one more owner of a value."""
        self._each_owner(builder, typ, value, "naja_block_incref")

    def decref(self, builder, typ, value):
        """Append: one owner less."""
        self._each_owner(builder, typ, value, "naja_block_decref")

    def meminfo_alloc(self, builder, size):
        """Append new memory; gives its block, null if memory is short."""
        fnty = ir.FunctionType(layout.VOID_POINTER, [ir.IntType(64)])
        return builder.call(cgutils.get_or_insert_function(builder.module, fnty, "naja_block_new"), [size])

    def meminfo_data(self, builder, meminfo):
        """Append the address of what a block manages."""
        fnty = ir.FunctionType(layout.VOID_POINTER, [layout.VOID_POINTER])
        return builder.call(cgutils.get_or_insert_function(builder.module, fnty, "naja_nrt_data"), [meminfo])


class Context:
    """What the code of one function is built with.

    Parameters
    ----------
    builder : IRBuilder
        At the beginning of the function.
    """

    is32bit = False
    enable_nrt = True
    strict_alignment = False
    environment = None
    enable_boundscheck = True
    data_model_manager = default_manager

    def __init__(self, builder):
        self.module = builder.module
        self.raises, self.internals, self.lasting = [], [], True
        self.call_conv, self.nrt = _CallConvention(self), _Memory(self)
        self.typing_context = TypingContext()

    def add_raise(self, exc, args):
        """Return the status that stands for an exception."""
        entry = exc, tuple(args)
        if entry not in self.raises:
            self.raises.append(entry)
        return 1 + self.raises.index(entry)

    # ---- types -----------------------------------------------------------------------------------------------------------

    def get_value_type(self, ty):
        """Return LLVM's type of a value."""
        return layout.value_type(ty)

    get_argument_type = get_return_type = get_value_type

    def get_data_type(self, ty):
        """Return LLVM's type of a value in memory."""
        return layout.data_type(ty)

    def get_function_pointer_type(self, typ):
        """Return LLVM's type of the address of a C function.

        Parameters
        ----------
        typ : FunctionType
        """
        result, given = typ.return_type, typ.argument_types
        returned = ir.VoidType() if result == types.none else self.get_data_type(result)
        return ir.FunctionType(returned, [self.get_data_type(t) for t in given]).as_pointer()

    def get_dummy_type(self):
        """Return LLVM's type of values that are nothing."""
        return layout.VOID_POINTER

    def get_abi_sizeof(self, ty):
        """Return the number of bytes of an LLVM type."""
        return _core_sizeof(ty)

    def get_abi_alignment(self, ty):
        """Return the alignment of an LLVM type."""
        return min(8, _core_sizeof(ty)) or 1

    def unify_types(self, *given):
        """Return the type that holds values of all these types, or None."""
        return self.typing_context.unify_types(*given)

    # ---- constants -------------------------------------------------------------------------------------------------------

    def get_dummy_value(self):
        """Return the value of what is nothing."""
        return ir.Constant(layout.VOID_POINTER, None)

    def get_constant(self, ty, val):
        """Return a number as a constant."""
        if isinstance(ty, types.Complex):
            part = layout.value_type(ty.underlying_float)
            return ir.Constant(layout.value_type(ty), (part(val.real), part(val.imag)))
        return ir.Constant(layout.value_type(ty), val)

    def get_constant_null(self, ty):
        """Return zero of a type."""
        return ir.Constant(layout.value_type(ty), None)

    def get_constant_undef(self, ty):
        """Return a value of a type that may be anything."""
        return ir.Constant(layout.value_type(ty), ir.Undefined)

    def get_constant_generic(self, builder, ty, val):
        """Return a Python value as a constant: a number, tuple, None, or what `lower_constant` is registered for."""
        if isinstance(ty, types.BaseTuple):
            items = [self.get_constant_generic(builder, t, v) for t, v in zip(ty.types, val, strict=True)]
            return self.make_tuple(builder, ty, items)
        if isinstance(ty, (types.Number, types.Boolean)):
            return self.get_constant(ty, val)
        if not ty.leaves:
            return self.get_dummy_value()
        if isinstance(ty, types.Array):
            return self.make_constant_array(builder, ty, val)
        from naja.lowering.extension import _constants

        lower = _constants.find((ty,))
        if lower is None:
            raise LoweringError(f"no constants of type {ty}: register lower_constant")
        return lower(self, builder, ty, val)

    def make_constant_array(self, builder, ty, ary):
        """Append an array that is a constant: a read-only copy, which lives as long as the process."""
        from naja.lowering.arrayobj import make_array, populate_array

        frozen = np.array(ary, order="K", copy=True)
        frozen.flags.writeable = False
        _constant_arrays.append(frozen)
        word = ir.IntType(64)
        out = make_array(ty)(self, builder)
        data = self.add_dynamic_addr(builder, frozen.ctypes.data, "data of a constant")
        parent = self.add_dynamic_addr(builder, id(frozen), "a constant")
        axes = ([word(n) for n in sizes] for sizes in (frozen.shape, frozen.strides))
        populate_array(
            out,
            builder.bitcast(data, layout.data_type(ty.dtype).as_pointer()),
            *axes,
            word(frozen.itemsize),
            self.get_dummy_value(),
            parent,
        )
        return out._getvalue()

    def insert_const_string(self, mod, string):
        """Return the address of a text, which ends in a zero byte."""
        data = cgutils.make_bytearray(string.encode() + b"\0")
        return cgutils.global_constant(mod, ".const", data).bitcast(layout.VOID_POINTER)

    insert_const_bytes = None

    def add_dynamic_addr(self, builder, intaddr, info):
        """Return an address of this process as a pointer."""
        self.lasting = False
        return ir.Constant(ir.IntType(64), intaddr).inttoptr(layout.VOID_POINTER)

    # ---- values ----------------------------------------------------------------------------------------------------------

    def make_helper(self, builder, typ, value=None, ref=None):
        """Return a value as an object whose attributes are its members."""
        return cgutils.create_struct_proxy(typ)(self, builder, value=value, ref=ref)

    make_optional = make_complex = make_helper

    def get_value_as_data(self, builder, ty, val):
        """Append a value as it lies in memory: a bool is a byte."""
        return builder.zext(val, self.get_data_type(ty)) if isinstance(ty, types.Boolean) else val

    get_value_as_argument = get_value_as_data

    def make_array(self, typ):
        """Return the class of arrays of a type, as `cgutils.create_struct_proxy` does."""
        return cgutils.create_struct_proxy(typ)

    def make_tuple(self, builder, typ, values):
        """Append a tuple of values."""
        out = self.get_constant_undef(typ)
        for i, value in enumerate(values):
            out = builder.insert_value(out, value, i)
        return out

    def make_optional_none(self, builder, valtype):
        """Return an Optional without a value."""
        return self.get_constant_null(types.Optional(valtype))

    def make_optional_value(self, builder, valtype, value):
        """Append an Optional with a value."""
        out = self.make_helper(builder, types.Optional(valtype))
        out.data, out.valid = value, cgutils.true_bit
        return out._getvalue()

    def cast(self, builder, val, fromty, toty):
        """Append a value converted to another type."""
        from naja.lowering.casts import cast

        return cast(self, builder, val, fromty, toty)

    def is_true(self, builder, typ, val):
        """Append the truth of a number."""
        if isinstance(typ, types.Float):
            return builder.fcmp_unordered("!=", val, ir.Constant(val.type, 0.0))
        return cgutils.is_not_null(builder, val)

    # ---- calls -----------------------------------------------------------------------------------------------------------

    def call_function_pointer(self, builder, funcptr, args, cconv=None):
        """Append a call of a function by its address."""
        return builder.call(funcptr, args)

    def compile_internal(self, builder, impl, sig, args, locals=None):
        """Append a call of a Python function, which is compiled for these types; gives its result."""
        self.internals.append((impl, tuple(sig.args), sig.return_type))
        leaves = [
            leaf for t, arg in zip(sig.args, args, strict=True) for leaf in layout.unpack(builder, t, arg)
        ]
        function = builder.function
        pointer = layout.VOID_POINTER
        fnty = ir.FunctionType(_I32, [pointer, pointer, *(leaf.type for leaf in leaves)])
        count = max(1, len(sig.return_type.leaves))
        slots = cgutils.alloca_once(builder, ir.ArrayType(ir.IntType(64), count))
        address = builder.bitcast(function.args[-1], fnty.as_pointer())
        status = builder.call(address, [function.args[0], builder.bitcast(slots, pointer), *leaves])
        with cgutils.if_unlikely(builder, cgutils.is_not_null(builder, status)):
            # A bit that no status has tells it from the exceptions of this function (library/foreign.c).
            builder.ret(builder.xor(status, ir.Constant(_I32, 0x20000000)))
        return self._load_slots(builder, sig.return_type, slots)

    def _load_slots(self, builder, type_, slots):
        leaves = []
        for k, leaf in enumerate(layout.leaf_types(type_)):
            memory = ir.IntType(8) if leaf == ir.IntType(1) else leaf
            where = builder.bitcast(cgutils.gep_inbounds(builder, slots, 0, k), memory.as_pointer())
            value = builder.load(where)
            leaves.append(builder.trunc(value, leaf) if leaf != memory else value)
        return layout.pack(builder, type_, leaves)

    def get_function(self, fn, sig, _firstcall=True):
        """Return what appends a call of a function: the code registered by `lower_builtin`, or an operator on numbers."""
        from naja.lowering.operators import get_function

        return get_function(self, fn, sig)

    def add_linking_libs(self, builder, libs):
        """Accepted: there are no separate libraries."""

    def get_python_api(self, builder):
        """Return what code calls Python with."""
        from naja.lowering.pyapi import PythonAPI

        return PythonAPI(self, builder)

    def debug_print(self, builder, text):
        """Accepted: nothing is printed."""


BaseContext = Context


def _core_sizeof(ty):
    if isinstance(ty, ir.IntType):
        return max(1, ty.width // 8)
    if isinstance(ty, ir.PointerType):
        return 8
    if isinstance(ty, ir.ArrayType):
        return ty.count * _core_sizeof(ty.element)
    if isinstance(ty, ir.LiteralStructType):
        offset = largest = 1
        offset = 0
        for element in ty.elements:
            align = 1 if ty.packed else _alignment(element)
            offset = -(-offset // align) * align + _core_sizeof(element)
            largest = max(largest, align)
        return -(-offset // largest) * largest
    return {"float": 4, "double": 8, "half": 2}[str(ty)]


def _alignment(ty):
    if isinstance(ty, ir.ArrayType):
        return _alignment(ty.element)
    if isinstance(ty, ir.LiteralStructType):
        return max(map(_alignment, ty.elements), default=1)
    return min(8, _core_sizeof(ty))
