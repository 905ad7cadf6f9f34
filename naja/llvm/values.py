"""Values of LLVM: constants, instructions, globals, functions, blocks."""

import struct

from naja.llvm import types

__all__ = [
    "Argument",
    "Block",
    "Constant",
    "Function",
    "GlobalVariable",
    "Instruction",
    "Module",
    "PhiInstr",
    "SwitchInstr",
    "Undefined",
    "Value",
]

#: The value of a constant that may be anything.
Undefined = type("_Undefined", (), {"__repr__": lambda self: "undef"})()


def _quoted(name):
    return name if all(c.isalnum() or c in "._$-" for c in name) and not name[:1].isdigit() else f'"{name}"'


class Value:
    """Something with a type and a name.

    Attributes
    ----------
    type : Type
    """

    def __init__(self, type_, text):
        self.type, self._text = type_, text

    def get_reference(self):
        """Return the text that names the value."""
        return self._text

    def __str__(self):
        return f"{self.type} {self._text}"

    def __repr__(self):
        return f"<{type(self).__name__} {self}>"

    @property
    def name(self):
        """The name, without the sign in front of it."""
        return self._text.lstrip("%@").strip('"')


class Argument(Value):
    """A parameter of a function."""

    def add_attribute(self, attribute):
        """Accepted: the code is inlined, where attributes say nothing."""

    @property
    def name(self):
        """The name; it may be changed as long as it is unique."""
        return self._text.lstrip("%")

    @name.setter
    def name(self, value):
        pass


def _float_text(type_, value):
    value = float(value)
    if isinstance(type_, types.FloatType):
        value = struct.unpack("f", struct.pack("f", value))[0]
    if isinstance(type_, types.HalfType):
        return f"0xH{struct.unpack('<H', struct.pack('<e', value))[0]:04X}"
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


def _constant_text(type_, value):
    if value is None:
        return type_.zero()
    if value is Undefined:
        return "undef"
    if isinstance(value, Value):
        return value.get_reference()
    if isinstance(type_, types.IntType):
        return str(int(value) if type_.width > 1 else int(bool(value)))
    if isinstance(type_, (types.FloatType, types.DoubleType, types.HalfType)):
        return _float_text(type_, value)
    if isinstance(type_, types.ArrayType):
        if isinstance(value, (bytes, bytearray)):
            return 'c"' + "".join(f"\\{b:02x}" for b in value) + '"'
        return "[" + ", ".join(_element_text(type_.element, v) for v in value) + "]"
    if isinstance(type_, types.VectorType):
        return "<" + ", ".join(_element_text(type_.element, v) for v in value) + ">"
    if isinstance(type_, types.LiteralStructType):
        inner = ", ".join(_element_text(t, v) for t, v in zip(type_.elements, value, strict=True))
        return f"<{{{inner}}}>" if type_.packed else f"{{{inner}}}"
    if isinstance(type_, types.PointerType) and isinstance(value, int):
        return f"inttoptr (i64 {value} to {type_})"
    raise TypeError(f"no constant {value!r} of type {type_}")


def _element_text(type_, value):
    return str(value) if isinstance(value, Value) else f"{type_} {_constant_text(type_, value)}"


class Constant(Value):
    """A value known when the code is built.

    Parameters
    ----------
    typ : Type
    constant : object
        A number, None for zero, `Undefined`, a sequence of these, or bytes for an array of them.
    """

    def __init__(self, typ, constant):
        if isinstance(typ, types.ArrayType) and isinstance(constant, (bytes, bytearray)):
            constant = bytes(constant)
        super().__init__(typ, _constant_text(typ, constant))
        self.constant = constant

    @classmethod
    def literal_array(cls, elems):
        """Return the array of these constants."""
        return cls(types.ArrayType(elems[0].type, len(elems)), elems)

    @classmethod
    def literal_struct(cls, elems, packed=False):
        """Return the struct of these constants."""
        return cls(types.LiteralStructType([e.type for e in elems], packed), elems)

    def _expression(self, type_, text):
        value = Constant(type_, Undefined)
        value._text, value.constant = text, None
        return value

    def bitcast(self, typ):
        """Return the constant with another type."""
        if typ.is_pointer and self.type.is_pointer:
            return self._expression(typ, self._text)
        return self._expression(typ, f"bitcast ({self} to {typ})")

    def inttoptr(self, typ):
        """Return the integer as an address."""
        return self._expression(typ, f"inttoptr ({self} to {typ})")

    def ptrtoint(self, typ):
        """Return the address as an integer."""
        return self._expression(typ, f"ptrtoint ({self} to {typ})")

    def gep(self, indices):
        """Return the address of an element."""
        source = self.type.pointee
        target = source
        for index in indices[1:]:
            target = target.gep(index)
        inner = ", ".join(map(str, [self, *indices]))
        return self._expression(types.PointerType(target), f"getelementptr ({source}, {inner})")


class Instruction(Value):
    """The result of an instruction."""

    def __init__(self, block, type_, text):
        super().__init__(type_, text)
        self.block = self.parent = block

    @property
    def function(self):
        """The function that contains the instruction."""
        return self.block.function

    def set_metadata(self, name, node):
        """Accepted: nothing depends on it."""


class PhiInstr(Instruction):
    """A value that depends on where control comes from; operands are added by `add_incoming`."""

    def __init__(self, block, type_, text, line):
        super().__init__(block, type_, text)
        self._line, self.incomings = line, []

    def add_incoming(self, value, block):
        """Add the value for one predecessor."""
        self.incomings.append((value, block))

    def __format__(self, spec):
        return str(self)

    def line(self):
        """The text of the instruction."""
        pairs = ", ".join(f"[{v.get_reference()}, %{b._label}]" for v, b in self.incomings)
        return f"{self._text} = phi {self.type} {pairs}"


class SwitchInstr(Instruction):
    """A branch by an integer's value; cases are added by `add_case`."""

    def __init__(self, block, value, default):
        super().__init__(block, types.VoidType(), "")
        self.value, self.default, self.cases = value, default, []

    def add_case(self, value, block):
        """Add a case: an integer or a constant, and where it goes."""
        self.cases.append((value if isinstance(value, Value) else Constant(self.value.type, value), block))

    def line(self):
        """The text of the instruction."""
        cases = " ".join(f"{v}, label %{b._label}" for v, b in self.cases)
        return f"switch {self.value}, label %{self.default._label} [{cases}]"


class Block(Value):
    """A basic block.

    Parameters
    ----------
    parent : Function
    name : str
    """

    def __init__(self, parent, name=""):
        self.function = self.parent = parent
        self._label = parent._unique(name or "block")
        self.lines, self.terminator = [], None
        super().__init__(types.LabelType(), f"%{self._label}")

    @property
    def is_terminated(self):
        """Whether the block ends in a branch or return."""
        return self.terminator is not None

    @property
    def instructions(self):
        """The instructions, as texts."""
        return self.lines

    def text(self):
        """Return the block as text."""
        lines = [line if isinstance(line, str) else line.line() for line in self.lines]
        if not self.is_terminated:
            lines.append("unreachable")
        return "\n".join([f"{self._label}:", *(f"  {line}" for line in lines)])


class _Attributes(set):
    def add(self, name):
        """Add an attribute by its name."""
        super().add(name)


class Function(Constant):
    """A function: a declaration until it has blocks.

    Parameters
    ----------
    module : Module
    ftype : FunctionType
    name : str
    """

    def __init__(self, module, ftype, name):
        Value.__init__(self, ftype.as_pointer(), f"@{_quoted(name)}")
        self.constant = None
        self.module = self.parent = module
        self.ftype = self.function_type = ftype
        self.return_value = Argument(ftype.return_type, "")
        self._used = {}
        self.args = tuple(Argument(t, f"%{self._unique('arg')}") for t in ftype.args)
        self.blocks = self.basic_blocks = []
        self.attributes = _Attributes()
        self.linkage, self.calling_convention = "", ""
        module._add(self)

    @property
    def is_declaration(self):
        """Whether the function has no body here."""
        return not self.blocks

    @property
    def entry_basic_block(self):
        """The first block."""
        return self.blocks[0]

    def _unique(self, name):
        name = "".join(c if c.isalnum() or c in "._" else "." for c in name) or "v"
        count = self._used[name] = self._used.get(name, 0) + 1
        return f"{name}.{count}"

    def append_basic_block(self, name=""):
        """Add a block at the end."""
        block = Block(self, name)
        self.blocks.append(block)
        return block

    insert_basic_block = append_basic_block

    def text(self):
        """Return the function as text."""
        attributes = " ".join(sorted(self.attributes))
        args = ", ".join([*map(str, self.args), *(["..."] if self.ftype.var_arg else [])])
        result = self.ftype.return_type
        if self.is_declaration:
            types_ = ", ".join([*map(str, self.ftype.args), *(["..."] if self.ftype.var_arg else [])])
            return f"declare {result} {self._text}({types_}) {attributes}"
        linkage = f"{self.linkage} " if self.linkage else ""
        body = "\n".join(block.text() for block in self.blocks)
        return f"define {linkage}{result} {self._text}({args}) {attributes} {{\n{body}\n}}"


class GlobalVariable(Constant):
    """A variable of the module.

    Parameters
    ----------
    module : Module
    typ : Type
    name : str
    """

    def __init__(self, module, typ, name, addrspace=0):
        Value.__init__(self, typ.as_pointer(addrspace), f"@{_quoted(name)}")
        self.constant = None
        self.value_type = typ
        self.initializer, self.linkage, self.global_constant = None, "", False
        self.unnamed_addr, self.align = False, None
        module._add(self)

    def text(self):
        """Return the variable as text."""
        kind = "constant" if self.global_constant else "global"
        if self.initializer is None:
            return f"{self._text} = external {kind} {self.value_type}"
        linkage = f"{self.linkage} " if self.linkage else ""
        align = f", align {self.align}" if self.align else ""
        return f"{self._text} = {linkage}{kind} {self.initializer}{align}"


class Module:
    """Functions and variables that belong together.

    Parameters
    ----------
    name : str
    context : object
        Ignored.
    """

    def __init__(self, name="", context=None):
        self.name, self.globals = name, {}
        self.triple = self.data_layout = ""

    def _add(self, value):
        if value.name in self.globals:
            raise ValueError(f"a global called {value.name!r} exists already")
        self.globals[value.name] = value

    def get_global(self, name):
        """Return a function or variable; KeyError if there is none."""
        return self.globals[name]

    def get_unique_name(self, name=""):
        """Return a name that is not taken."""
        count, unique = 1, name
        while unique in self.globals:
            unique, count = f"{name}.{count}", count + 1
        return unique

    @property
    def functions(self):
        """The functions."""
        return [v for v in self.globals.values() if isinstance(v, Function)]

    @property
    def global_values(self):
        """Functions and variables."""
        return list(self.globals.values())

    def declare_intrinsic(self, intrinsic, tys=(), fnty=None):
        """Return the declaration of an intrinsic of LLVM.

        Parameters
        ----------
        intrinsic : str
            ``"llvm.ctpop"``
        tys : sequence of Type
            What it is overloaded on.
        fnty : FunctionType, optional
            Its type; by default a function of `tys` that gives the first of them.
        """
        suffix = "".join(f".{getattr(t, 'intrinsic_name', t)}" for t in tys)
        name = intrinsic + suffix
        if name in self.globals:
            return self.globals[name]
        if fnty is None:
            fnty = types.FunctionType(tys[0], tys)
        return Function(self, fnty, name)

    def text(self):
        """Return the module as text."""
        return "\n\n".join(value.text() for value in self.globals.values())

    __repr__ = __str__ = text
