"""How values look to code that extensions build: the structs that Numba's data models have.

naja passes values as *leaves*, machine scalars in a row.  `pack` makes of a value's leaves what the extension's code
expects, `unpack` takes that apart again; LLVM sees through both.
"""

from naja import _core, types
from naja.llvm import ir

__all__ = ["data_type", "leaf_types", "members", "pack", "unpack", "value_type"]

VOID_POINTER = ir.IntType(8).as_pointer()
_LETTERS = {
    "b": ir.IntType(1), "B": ir.IntType(8), "H": ir.IntType(16), "I": ir.IntType(32), "L": ir.IntType(64),
    "e": ir.HalfType(), "f": ir.FloatType(), "d": ir.DoubleType(), "p": VOID_POINTER,
}  # fmt: skip
_INTP = ir.IntType(64)


def leaf_types(type_):
    """Return LLVM's types of the leaves of a value."""
    return [_LETTERS[letter] for letter in type_.leaves]


def _kind(type_):
    """The kind of a type; one of the program's own has it from when the compiler first sees it."""
    if type_.kind == "UNDEFINED":
        _core.type_unify(type_, type_)
    return type_.kind


def members(type_):
    """Return names and types of the members of a composite type, in order; None: it has none."""
    kind = _kind(type_)
    if kind == "USER":
        from naja.lowering.datamodel import model_of

        model = model_of(type_)
        return list(model.fields_and_types) if model.is_struct else None
    if kind == "ARRAY":
        axes = types.UniTuple(types.intp, type_.ndim)
        return [
            ("meminfo", types.voidptr),
            ("parent", types.voidptr),
            ("nitems", types.intp),
            ("itemsize", types.intp),
            ("data", types.CPointer(type_.dtype)),
            ("shape", axes),
            ("strides", axes),
        ]
    if kind == "COMPLEX":
        return [("real", type_.underlying_float), ("imag", type_.underlying_float)]
    if kind == "OPTIONAL":
        return [("data", type_.type), ("valid", types.boolean)]
    if kind == "STR":
        return [
            ("data", types.voidptr),
            ("length", types.intp),
            ("kind", types.int32),
            ("is_ascii", types.uint32),
            ("hash", types.intp),
            ("meminfo", types.voidptr),
            ("parent", types.voidptr),
        ]
    if kind == "SLICE":
        return [("start", types.intp), ("stop", types.intp), ("step", types.intp)]
    if kind == "NAMEDTUPLE":
        return list(zip(type_.fields, type_.types, strict=True))
    return None


def value_type(type_):
    """Return LLVM's type of a value in a register."""
    if isinstance(type_, types.CPointer):
        return data_type(type_.dtype).as_pointer()
    kind = _kind(type_)
    if kind == "USER":
        from naja.lowering.datamodel import model_of

        return model_of(type_).get_value_type()
    if kind in ("TUPLE", "NAMEDTUPLE"):
        elements = [value_type(t) for t in type_.types]
        if len(set(type_.types)) <= 1:
            return ir.ArrayType(elements[0] if elements else ir.IntType(8), len(elements))
        return ir.LiteralStructType(elements)
    if kind == "ARRAY" and type_.ndim == 0:
        pass
    fields = members(type_)
    if fields is not None:
        return ir.LiteralStructType([value_type(t) for _, t in fields])
    leaves = leaf_types(type_)
    if len(leaves) == 1:
        return leaves[0]
    return ir.LiteralStructType(leaves) if leaves else VOID_POINTER


def data_type(type_):
    """Return LLVM's type of a value in memory: a bool is a byte."""
    if type_.kind == "BOOL":
        return ir.IntType(8)
    if type_.kind == "RECORD":
        return ir.ArrayType(ir.IntType(8), type_.size)
    if type_.kind == "NONE":
        return ir.IntType(8)
    return value_type(type_)


def _array_size(builder, shape):
    size = ir.Constant(_INTP, 1)
    for extent in shape:
        size = builder.mul(size, extent)
    return size


def _struct(builder, type_, values):
    out = ir.Constant(type_, ir.Undefined)
    for i, value in enumerate(values):
        out = builder.insert_value(out, value, i)
    return out


def _pack_array(builder, type_, leaves):
    data, owner, parent, *axes = leaves
    shape, strides = axes[: type_.ndim], axes[type_.ndim :]
    axes_type = ir.ArrayType(_INTP, type_.ndim)
    itemsize = ir.Constant(_INTP, _core.type_dtype(type_.dtype).itemsize)
    values = [
        owner,
        parent,
        _array_size(builder, shape),
        itemsize,
        builder.bitcast(data, data_type(type_.dtype).as_pointer()),
        _struct(builder, axes_type, shape),
        _struct(builder, axes_type, strides),
    ]
    return _struct(builder, value_type(type_), values)


def _unpack_array(builder, type_, value):
    axes = [builder.extract_value(value, (field, axis)) for field in (5, 6) for axis in range(type_.ndim)]
    data, owner, parent = (builder.extract_value(value, i) for i in (4, 0, 1))
    return [builder.bitcast(data, VOID_POINTER), owner, parent, *axes]


def _parts(type_):
    """The types whose leaves are those of the value, in the order of the leaves; None: it has no such parts."""
    if type_.kind in ("TUPLE", "NAMEDTUPLE"):
        return list(type_.types)
    if _kind(type_) == "USER":
        fields = members(type_)
        return None if fields is None else [t for _, t in fields]
    return None


def _point_at(builder, pointer, leaves):
    """A pointer for one call to a value that is kept by its leaves."""
    value = pack(builder, pointer.dtype, leaves)
    if pointer.dtype == types.boolean:
        value = builder.zext(value, ir.IntType(8))
    with builder.goto_entry_block():
        slot = builder.alloca(data_type(pointer.dtype))
    builder.store(value, slot)
    return slot


def _pointed_at(builder, pointer, slot):
    value = builder.load(slot)
    if pointer.dtype == types.boolean:
        value = builder.trunc(value, ir.IntType(1))
    return unpack(builder, pointer.dtype, value)


def pack(builder, type_, leaves):
    """Return a value as extensions see it, from its leaves."""
    kind, parts = type_.kind, _parts(type_)
    if parts is not None:
        values = []
        for part in parts:
            is_kept = isinstance(part, types.EphemeralPointer)
            count = len((part.dtype if is_kept else part).leaves)
            values.append((_point_at if is_kept else pack)(builder, part, leaves[:count]))
            leaves = leaves[count:]
        return _struct(builder, value_type(type_), values)
    if kind == "ARRAY":
        return _pack_array(builder, type_, leaves)
    if kind == "OPTIONAL":
        value = pack(builder, type_.type, leaves[1:])
        return _struct(builder, value_type(type_), [value, leaves[0]])
    if kind == "STR":
        data, length, kind_, parent, owner = leaves
        unknown = ir.Constant(ir.IntType(32), 0), ir.Constant(_INTP, -1)
        return _struct(builder, value_type(type_), [data, length, kind_, *unknown, owner, parent])
    if kind == "SLICE":
        return _struct(builder, value_type(type_), leaves[:3])
    wanted = value_type(type_)
    if not leaves:
        return ir.Constant(wanted, None)
    if len(leaves) == 1:
        return builder.bitcast(leaves[0], wanted) if wanted.is_pointer else leaves[0]
    return _struct(builder, wanted, leaves)


def unpack(builder, type_, value):
    """Return the leaves of a value."""
    kind, parts = type_.kind, _parts(type_)
    if parts is not None:
        return [
            leaf
            for i, part in enumerate(parts)
            for leaf in (_pointed_at if isinstance(part, types.EphemeralPointer) else unpack)(
                builder, part, builder.extract_value(value, i)
            )
        ]
    if kind == "ARRAY":
        return _unpack_array(builder, type_, value)
    if kind == "OPTIONAL":
        inner = unpack(builder, type_.type, builder.extract_value(value, 0))
        return [builder.extract_value(value, 1), *inner]
    if kind == "STR":
        return [builder.extract_value(value, i) for i in (0, 1, 2, 6, 5)]
    if kind == "SLICE":
        given = ir.Constant(_INTP, 7)
        return [*(builder.extract_value(value, i) for i in range(3)), given]
    count = len(type_.leaves)
    if count == 0:
        return []
    if count == 1:
        return [builder.bitcast(value, VOID_POINTER) if value.type.is_pointer else value]
    return [builder.extract_value(value, i) for i in range(count)]
