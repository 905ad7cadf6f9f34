"""From Python objects to values of a program's own types and back: what `box` and `unbox` registered, compiled."""

from naja.errors import LoweringError
from naja.llvm import ir
from naja.lowering import cgutils, layout
from naja.lowering.context import Context
from naja.lowering.extension import NativeValue, box, reflect, unbox
from naja.lowering.pyapi import PythonAPI

__all__ = ["NativeValue", "box", "box_array", "functions", "reflect", "unbox", "unbox_array"]

_SLOT = ir.IntType(64).as_pointer()
_I32 = ir.IntType(32)


class _Boundary:
    """What boxing and unboxing code is given.

    Attributes
    ----------
    context : Context
    builder : IRBuilder
    pyapi : PythonAPI
    """

    env_manager = None

    def __init__(self, builder):
        self.builder, self.context = builder, Context(builder)
        self.pyapi = PythonAPI(self.context, builder)

    def unbox(self, typ, obj):
        """Append taking a value of a type out of an object; gives a `NativeValue`."""
        return self.pyapi.to_native_value(typ, obj)

    def box(self, typ, val):
        """Append making an object of a value."""
        return self.pyapi.from_native_value(typ, val, self.env_manager)


def unbox_array(typ, obj, c):
    """Append taking an array out of an object; gives a `NativeValue`."""
    return c.unbox(typ, obj)


def box_array(typ, val, c):
    """Append making an object of an array, whose reference it takes over."""
    return c.box(typ, val)


# Every type crosses in one way.
unbox_bool = unbox_integer = unbox_float = unbox_complex = unbox_tuple = unbox_array
box_bool = box_integer = box_float = box_complex = box_tuple = box_array


def store_leaves(builder, type_, value, slots):
    """Append the storing of a value's leaves, each in a slot of 8 bytes."""
    for k, leaf in enumerate(layout.unpack(builder, type_, value)):
        if leaf.type == ir.IntType(1):
            leaf = builder.zext(leaf, ir.IntType(8))
        where = builder.gep(slots, [ir.Constant(_I32, k)])
        builder.store(leaf, builder.bitcast(where, leaf.type.as_pointer()))


def load_leaves(builder, type_, slots):
    """Append a value whose leaves lie in slots."""
    leaves = []
    for k, leaf in enumerate(layout.leaf_types(type_)):
        memory = ir.IntType(8) if leaf == ir.IntType(1) else leaf
        where = builder.bitcast(builder.gep(slots, [ir.Constant(_I32, k)]), memory.as_pointer())
        value = builder.load(where)
        leaves.append(builder.trunc(value, leaf) if leaf != memory else value)
    return layout.pack(builder, type_, leaves)


def _build_unbox(module, type_, codegen):
    fnty = ir.FunctionType(_I32, [layout.VOID_POINTER, _SLOT])
    function = ir.Function(module, fnty, "unbox")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    obj, slots = function.args
    native = codegen(type_, obj, _Boundary(builder))
    wanted = layout.value_type(type_)
    if native.value.type != wanted and not (native.value.type.is_pointer and wanted.is_pointer):
        raise LoweringError(
            f"unboxing a {type_} gives a value of type {native.value.type} instead of {wanted}"
        )
    store_leaves(builder, type_, native.value, slots)
    if callable(native.cleanup):
        native.cleanup()
    failed = cgutils.false_bit if native.is_error is None else native.is_error
    builder.ret(builder.select(failed, ir.Constant(_I32, -1), ir.Constant(_I32, 0)))


def _build_box(module, type_, codegen):
    function = ir.Function(module, ir.FunctionType(layout.VOID_POINTER, [_SLOT]), "box")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    result = codegen(type_, load_leaves(builder, type_, function.args[0]), _Boundary(builder))
    builder.ret(builder.bitcast(result, layout.VOID_POINTER))


def _build_box_if_it_can(module, type_, codegen, alone):
    """Whether there is boxing code: one that refuses, because values stay in compiled code, leaves unboxing as it is."""
    apart = ir.Module("trial")
    try:
        _build_box(apart, type_, codegen)
    except (TypeError, NotImplementedError):
        if alone:
            raise
        return False
    _build_box(module, type_, codegen)
    return True


def functions(type_):
    """Compile boxing and unboxing code of a type.

    Parameters
    ----------
    type_ : Type
        A type of the program's own.

    Returns
    -------
    tuple of (int, int)
        The addresses of the functions that unbox and box; 0 where nothing is registered.
    """
    from naja import _compiler, _core
    from naja.lowering.extension import _boxers, _unboxers

    module = ir.Module(f"boxing {type_}")
    unbox, box = _unboxers.find((type_,)), _boxers.find((type_,))
    if unbox:
        _build_unbox(module, type_, unbox)
    if box:
        box = _build_box_if_it_can(module, type_, box, alone=not unbox)
    if not (unbox or box):
        return 0, 0
    return _core.load_codec(_compiler.compile_llvm(module.text()))
