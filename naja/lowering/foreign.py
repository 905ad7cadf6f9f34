"""Functions whose code an extension builds, as compiled code calls them.

Such a function follows naja's convention (``runtime/abi.h``): context, address of the result, leaves of the arguments;
it returns 0, or the number of the exception it raises.  Behind the arguments come the addresses of Python functions
that it has compiled (`Context.compile_internal`).  The text of its module is linked into the unit that calls it.
"""

import itertools

from naja import types
from naja.errors import LoweringError
from naja.llvm import ir
from naja.lowering import layout
from naja.lowering.context import Context

__all__ = ["Foreign", "make"]

_numbers = itertools.count()
_I32 = ir.IntType(32)


class Foreign:
    """The code of one function, for one signature; made by `make`.

    Attributes
    ----------
    foreign_text : str
        The module.
    symbol : str
        The function's name in it.
    args : tuple of Type
    result : Type
    raises : tuple of (type, tuple)
        What the statuses 1, 2, ... stand for: exception classes and their arguments.
    lasting : bool
        Whether it holds no address of this process, so that it may be cached.
    internal : function or None
        The Python function whose address it wants, with `internal_args` and `internal_result`.
    """

    def __init__(self, symbol, signature, module, context):
        self.symbol, self.args, self.result = symbol, tuple(signature.args), signature.return_type
        self.foreign_text = module.text()
        self.raises, self.lasting = tuple(context.raises), context.lasting
        internals = context.internals
        if len(internals) > 1:
            raise LoweringError(
                "the code compiles more than one Python function: call one that calls the others"
            )
        self.internal, self.internal_args, self.internal_result = (
            internals[0] if internals else (None, (), None)
        )


def _store_result(context, builder, result_type, address, value):
    if value is None:
        if result_type != types.none:
            raise LoweringError(
                f"the code of a function of type {result_type} gives no value: codegen() returned None"
            )
        return
    wanted = layout.value_type(result_type)
    if value.type != wanted and not (value.type.is_pointer and wanted.is_pointer):
        raise LoweringError(f"the code gives a value of type {value.type} where {result_type} is {wanted}")
    for k, leaf in enumerate(layout.unpack(builder, result_type, value)):
        where = builder.gep(address, [ir.Constant(_I32, k)])
        if leaf.type == ir.IntType(1):
            leaf = builder.zext(leaf, ir.IntType(8))
        builder.store(leaf, builder.bitcast(where, leaf.type.as_pointer()))


def make(signature, codegen, name="foreign"):
    """Build the function for a signature.

    Parameters
    ----------
    signature : Signature
    codegen : callable
        ``codegen(context, builder, signature, args)``; gives the result's value.
    name : str
        For symbols.

    Returns
    -------
    Foreign

    Raises
    ------
    LoweringError
        If the code does not give a value of the result's type.
    """
    symbol = f"{''.join(c if c.isalnum() else '.' for c in name)}.{next(_numbers)}"
    module = ir.Module(symbol)
    leaves = [layout.leaf_types(t) for t in signature.args]
    slot = ir.IntType(64).as_pointer()
    params = [layout.VOID_POINTER, slot, *(t for types_ in leaves for t in types_), layout.VOID_POINTER]
    function = ir.Function(module, ir.FunctionType(_I32, params), symbol)
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    context = Context(builder)
    given, args = list(function.args[2:]), []
    for type_, types_ in zip(signature.args, leaves, strict=True):
        args.append(layout.pack(builder, type_, given[: len(types_)]))
        given = given[len(types_) :]
    value = codegen(context, builder, signature, args)
    if not builder.block.is_terminated:
        _store_result(context, builder, signature.return_type, function.args[1], value)
        builder.ret(ir.Constant(_I32, 0))
    return Foreign(symbol, signature, module, context)
