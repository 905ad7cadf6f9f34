"""The builder of instructions: text is appended to blocks; LLVM checks it when the code is taken in."""

import contextlib

from naja.llvm import types
from naja.llvm.values import Constant, Instruction, PhiInstr, SwitchInstr, Value

__all__ = ["IRBuilder"]

_BINARY = {
    "add": "add", "sub": "sub", "mul": "mul", "sdiv": "sdiv", "udiv": "udiv", "srem": "srem", "urem": "urem",
    "shl": "shl", "lshr": "lshr", "ashr": "ashr", "and_": "and", "or_": "or", "xor": "xor", "fadd": "fadd",
    "fsub": "fsub", "fmul": "fmul", "fdiv": "fdiv", "frem": "frem",
}  # fmt: skip
_CASTS = {
    "trunc": "trunc", "zext": "zext", "sext": "sext", "fptrunc": "fptrunc", "fpext": "fpext", "fptoui": "fptoui",
    "fptosi": "fptosi", "uitofp": "uitofp", "sitofp": "sitofp", "ptrtoint": "ptrtoint", "inttoptr": "inttoptr",
}  # fmt: skip
_SIGNED = {"==": "eq", "!=": "ne", "<": "slt", "<=": "sle", ">": "sgt", ">=": "sge"}
_UNSIGNED = {"==": "eq", "!=": "ne", "<": "ult", "<=": "ule", ">": "ugt", ">=": "uge"}
_ORDERED = {
    "==": "oeq",
    "!=": "one",
    "<": "olt",
    "<=": "ole",
    ">": "ogt",
    ">=": "oge",
    "ord": "ord",
    "uno": "uno",
}
_UNORDERED = {
    "==": "ueq",
    "!=": "une",
    "<": "ult",
    "<=": "ule",
    ">": "ugt",
    ">=": "uge",
    "ord": "ord",
    "uno": "uno",
}


def _binary(opcode):
    def method(self, lhs, rhs, name="", flags=()):
        words = "".join(f" {flag}" for flag in flags)
        return self._value(lhs.type, f"{opcode}{words} {lhs}, {rhs.get_reference()}", name)

    method.__doc__ = f"Append ``{opcode}``."
    return method


def _cast(opcode):
    def method(self, value, typ, name=""):
        return value if value.type == typ else self._value(typ, f"{opcode} {value} to {typ}", name)

    method.__doc__ = f"Append ``{opcode}``; nothing if the type is the value's own."
    return method


class IRBuilder:
    """Appends instructions to a block.

    Parameters
    ----------
    block : Block, optional
        Where to begin; see also `position_at_end`.
    """

    def __init__(self, block=None):
        self._block, self._anchor = block, len(block.lines) if block else 0
        self.debug_metadata = None

    for _name, _opcode in _BINARY.items():
        locals()[_name] = _binary(_opcode)
    for _name, _opcode in _CASTS.items():
        locals()[_name] = _cast(_opcode)

    # ---- where ---------------------------------------------------------------------------------------------------------

    @property
    def block(self):
        """The block that is appended to."""
        return self._block

    basic_block = block

    @property
    def function(self):
        """The function of the block."""
        return self._block.function

    @property
    def module(self):
        """The module of the function."""
        return self.function.module

    def position_at_end(self, block):
        """Go on at the end of a block."""
        self._block, self._anchor = block, len(block.lines) - block.is_terminated

    def position_at_start(self, block):
        """Go on at the beginning of a block."""
        self._block, self._anchor = block, 0

    def append_basic_block(self, name=""):
        """Add a block to the function."""
        return self.function.append_basic_block(name)

    @contextlib.contextmanager
    def goto_block(self, block):
        """Build in another block for a while: before its terminator."""
        old = self._block
        self.position_at_end(block)
        try:
            yield
        finally:
            self.position_at_end(old)

    def goto_entry_block(self):
        """Build in the function's first block for a while."""
        return self.goto_block(self.function.entry_basic_block)

    # ---- how -----------------------------------------------------------------------------------------------------------

    def _line(self, line):
        self._block.lines.insert(self._anchor, line)
        self._anchor += 1

    def _value(self, type_, text, name=""):
        result = f"%{self.function._unique(name or 'v')}"
        self._line(f"{result} = {text}")
        return Instruction(self._block, type_, result)

    def _terminate(self, line):
        if self._block.is_terminated:
            raise AssertionError("the block is terminated already")
        self._line(line)
        self._block.terminator = line
        return line

    # ---- integers and floats -----------------------------------------------------------------------------------------------

    def neg(self, value, name=""):
        """Append the negative of an integer."""
        return self.sub(Constant(value.type, 0), value, name)

    def not_(self, value, name=""):
        """Append the complement."""
        return self.xor(value, Constant(value.type, -1 if value.type.width > 1 else 1), name)

    def fneg(self, value, name="", flags=()):
        """Append the negative of a float."""
        return self._value(value.type, f"fneg {value}", name)

    def icmp_signed(self, cmpop, lhs, rhs, name=""):
        """Append a comparison of integers with signs, or of addresses."""
        return self._value(types.IntType(1), f"icmp {_SIGNED[cmpop]} {lhs}, {rhs.get_reference()}", name)

    def icmp_unsigned(self, cmpop, lhs, rhs, name=""):
        """Append a comparison of integers without signs, or of addresses."""
        return self._value(types.IntType(1), f"icmp {_UNSIGNED[cmpop]} {lhs}, {rhs.get_reference()}", name)

    def fcmp_ordered(self, cmpop, lhs, rhs, name="", flags=()):
        """Append a comparison of floats that is false for NaN."""
        return self._value(types.IntType(1), f"fcmp {_ORDERED[cmpop]} {lhs}, {rhs.get_reference()}", name)

    def fcmp_unordered(self, cmpop, lhs, rhs, name="", flags=()):
        """Append a comparison of floats that is true for NaN."""
        return self._value(types.IntType(1), f"fcmp {_UNORDERED[cmpop]} {lhs}, {rhs.get_reference()}", name)

    def select(self, cond, lhs, rhs, name="", flags=()):
        """Append a choice between two values."""
        return self._value(lhs.type, f"select {cond}, {lhs}, {rhs}", name)

    def bitcast(self, value, typ, name=""):
        """Append the same bits as another type."""
        if value.type == typ:
            return value
        if value.type.is_pointer and typ.is_pointer:
            return Instruction(self._block, typ, value.get_reference())  # LLVM's pointers have one type
        return self._value(typ, f"bitcast {value} to {typ}", name)

    def addrspacecast(self, value, typ, name=""):
        """Append an address in another address space."""
        return self._value(typ, f"addrspacecast {value} to {typ}", name)

    def _intrinsic(self, intrinsic, value, *more):
        return self.call(self.module.declare_intrinsic(*intrinsic), [value, *more])

    def ctpop(self, value):
        """Append the number of bits that are set."""
        return self._intrinsic(("llvm.ctpop", [value.type]), value)

    def _count_zeros(self, name, value, flag):
        type_ = types.FunctionType(value.type, [value.type, types.IntType(1)])
        return self._intrinsic((name, [value.type], type_), value, flag)

    def ctlz(self, value, flag):
        """Append the number of leading zeros."""
        return self._count_zeros("llvm.ctlz", value, flag)

    def cttz(self, value, flag):
        """Append the number of trailing zeros."""
        return self._count_zeros("llvm.cttz", value, flag)

    def bswap(self, value):
        """Append the bytes in the opposite order."""
        return self._intrinsic(("llvm.bswap", [value.type]), value)

    def bitreverse(self, value):
        """Append the bits in the opposite order."""
        return self._intrinsic(("llvm.bitreverse", [value.type]), value)

    def fma(self, a, b, c):
        """Append a * b + c, rounded once."""
        t = a.type
        return self._intrinsic(("llvm.fma", [t], types.FunctionType(t, [t, t, t])), a, b, c)

    def _overflow(self, name, lhs, rhs):
        t = lhs.type
        pair = types.LiteralStructType([t, types.IntType(1)])
        fn = self.module.declare_intrinsic(
            f"llvm.{name}.with.overflow", [t], types.FunctionType(pair, [t, t])
        )
        return self.call(fn, [lhs, rhs])

    def sadd_with_overflow(self, lhs, rhs, name=""):
        """Append the sum and whether it overflowed."""
        return self._overflow("sadd", lhs, rhs)

    def smul_with_overflow(self, lhs, rhs, name=""):
        """Append the product and whether it overflowed."""
        return self._overflow("smul", lhs, rhs)

    def ssub_with_overflow(self, lhs, rhs, name=""):
        """Append the difference and whether it overflowed."""
        return self._overflow("ssub", lhs, rhs)

    # ---- memory --------------------------------------------------------------------------------------------------------------

    def alloca(self, typ, size=None, name=""):
        """Append memory on the stack."""
        count = (
            ""
            if size is None
            else f", {size if isinstance(size, Value) else Constant(types.IntType(32), size)}"
        )
        return self._value(typ.as_pointer(), f"alloca {typ}{count}", name)

    def load(self, ptr, name="", align=None, typ=None):
        """Append what lies at an address."""
        type_ = typ or ptr.type.pointee
        if type_ is None:
            raise TypeError("load of an opaque pointer: give the type with typ=")
        return self._value(type_, f"load {type_}, {ptr}" + (f", align {align}" if align else ""), name)

    def store(self, value, ptr, align=None):
        """Append the writing of a value to an address."""
        pointee = getattr(ptr.type, "pointee", None)
        if not ptr.type.is_pointer:
            raise TypeError(f"cannot store to value of type {ptr.type}: {ptr}")
        if (
            pointee is not None
            and pointee != value.type
            and not (pointee.is_pointer and value.type.is_pointer)
        ):
            raise TypeError(f"cannot store {value.type} to {pointee}*: mismatching types")
        self._line(f"store {value}, {ptr}" + (f", align {align}" if align else ""))

    def load_atomic(self, ptr, ordering, align, name="", typ=None):
        """Append an atomic load."""
        type_ = typ or ptr.type.pointee
        return self._value(type_, f"load atomic {type_}, {ptr} {ordering}, align {align}", name)

    def store_atomic(self, value, ptr, ordering, align):
        """Append an atomic store."""
        self._line(f"store atomic {value}, {ptr} {ordering}, align {align}")

    def atomic_rmw(self, op, ptr, value, ordering, name=""):
        """Append an atomic operation; gives the old value."""
        return self._value(value.type, f"atomicrmw {op} {ptr}, {value} {ordering}", name)

    def cmpxchg(self, ptr, cmp, val, ordering, failordering=None, name=""):
        """Append an atomic compare and exchange; gives the old value and whether it was as expected."""
        pair = types.LiteralStructType([val.type, types.IntType(1)])
        return self._value(pair, f"cmpxchg {ptr}, {cmp}, {val} {ordering} {failordering or ordering}", name)

    def fence(self, ordering, targetscope=None, name=""):
        """Append a fence."""
        self._line(f"fence {ordering}")

    def gep(self, ptr, indices, inbounds=False, name="", source_etype=None):
        """Append the address of an element."""
        source = source_etype or ptr.type.pointee
        if source is None:
            raise TypeError("gep of an opaque pointer: give the type with source_etype=")
        target = source
        for index in indices[1:]:
            target = target.gep(index)
        where = ", ".join(map(str, [ptr, *indices]))
        text = f"getelementptr {'inbounds ' if inbounds else ''}{source}, {where}"
        return self._value(target.as_pointer(), text, name)

    def _element_path(self, value, indices):
        indices = [indices] if isinstance(indices, int) else list(indices)
        type_ = value.type
        for index in indices:
            type_ = type_.elements[index]
        return type_, ", ".join(map(str, indices))

    def extract_value(self, agg, idx, name=""):
        """Append a member of a struct or array."""
        type_, path = self._element_path(agg, idx)
        return self._value(type_, f"extractvalue {agg}, {path}", name)

    def insert_value(self, agg, value, idx, name=""):
        """Append a struct or array with another member."""
        type_, path = self._element_path(agg, idx)
        if type_ != value.type and not (type_.is_pointer and value.type.is_pointer):
            raise TypeError(f"Can only insert {type_} at {idx} in {agg.type}: got {value.type}")
        return self._value(agg.type, f"insertvalue {agg}, {value}, {path}", name)

    def extract_element(self, vector, idx, name=""):
        """Append a lane of a vector."""
        return self._value(vector.type.element, f"extractelement {vector}, {idx}", name)

    def insert_element(self, vector, value, idx, name=""):
        """Append a vector with another lane."""
        return self._value(vector.type, f"insertelement {vector}, {value}, {idx}", name)

    def shuffle_vector(self, vector1, vector2, mask, name=""):
        """Append a vector of lanes of two."""
        type_ = types.VectorType(vector1.type.element, mask.type.count)
        return self._value(type_, f"shufflevector {vector1}, {vector2}, {mask}", name)

    # ---- control ---------------------------------------------------------------------------------------------------------------

    def call(self, fn, args, name="", cconv=None, tail=False, fastmath=(), attrs=(), arg_attrs=None):
        """Append a call."""
        ftype = getattr(fn, "function_type", None) or fn.type.pointee
        if len(args) != len(ftype.args) and not ftype.var_arg:
            raise TypeError(f"call of {fn} with {len(args)} arguments instead of {len(ftype.args)}")
        for i, (want, arg) in enumerate(zip(ftype.args, args, strict=False)):
            if want != arg.type and not (want.is_pointer and arg.type.is_pointer):
                raise TypeError(f"Type of #{i + 1} arg mismatch: {want} != {arg.type}")
        called = str(ftype) if ftype.var_arg else str(ftype.return_type)
        text = f"call {called} {fn.get_reference()}({', '.join(map(str, args))})"
        if isinstance(ftype.return_type, types.VoidType):
            self._line(text)
            return Instruction(self._block, ftype.return_type, "")
        return self._value(ftype.return_type, text, name)

    def phi(self, typ, name=""):
        """Append a value that depends on the predecessor."""
        phi = PhiInstr(self._block, typ, f"%{self.function._unique(name or 'v')}", None)
        self._line(phi)
        return phi

    def branch(self, target):
        """End the block: go to another."""
        return self._terminate(f"br label %{target._label}")

    def cbranch(self, cond, truebr, falsebr):
        """End the block: go to one of two."""
        return self._terminate(f"br {cond}, label %{truebr._label}, label %{falsebr._label}")

    def switch(self, value, default):
        """End the block: go on by an integer's value."""
        instr = SwitchInstr(self._block, value, default)
        self._terminate(instr)
        return instr

    def ret(self, value):
        """End the block: return a value."""
        return self._terminate(f"ret {value}")

    def ret_void(self):
        """End the block: return."""
        return self._terminate("ret void")

    def unreachable(self):
        """End the block: control never comes here."""
        return self._terminate("unreachable")

    def assume(self, cond):
        """Append what LLVM may rely on."""
        fnty = types.FunctionType(types.VoidType(), [types.IntType(1)])
        return self.call(self.module.declare_intrinsic("llvm.assume", (), fnty), [cond])

    def comment(self, text):
        """Accepted: nothing is appended."""

    def _branch_out(self, target):
        if not self._block.is_terminated:
            self.branch(target)

    @contextlib.contextmanager
    def if_then(self, pred, likely=None):
        """Build what happens when a condition holds; gives the block behind it."""
        then, end = self.append_basic_block("if"), self.append_basic_block("endif")
        self.cbranch(pred, then, end)
        self.position_at_end(then)
        yield end
        self._branch_out(end)
        self.position_at_end(end)

    @contextlib.contextmanager
    def if_else(self, pred, likely=None):
        """Build what happens when a condition holds and when not; gives a context for each."""
        then, other = self.append_basic_block("if"), self.append_basic_block("else")
        end = self.append_basic_block("endif")
        self.cbranch(pred, then, other)
        yield self._arm(then, end), self._arm(other, end)
        self.position_at_end(end)

    @contextlib.contextmanager
    def _arm(self, block, end):
        self.position_at_end(block)
        yield block
        self._branch_out(end)
