"""Blocks of ``with objmode(...)``: a function made of a piece of another one's bytecode.

The compiler takes the body of such a block out of the function (``src/frontend/with.c``) and says where it stands.  Here
the body becomes a function of its own, for the interpreter:

- its code is a prologue, the original bytecode from the body's first instruction on, and an epilogue that returns the
  results; at the body's end stands a jump to the epilogue.  Jumps in CPython's bytecode are relative, so nothing else in
  it changes;
- all local variables of the function are its parameters, so that they keep their slots; those without a value are deleted
  in the prologue.  Cells that belong to the function are passed as a closure, which has the same slots;
- the prologue pushes what the body finds on the stack (loops that it stands in), since handlers in it unwind to a depth;
- the tables of lines and of exception handlers are shifted; the handler of the `with` itself goes.
"""

import opcode
import types

from naja import _core

__all__ = ["Region"]

_GENERIC_FLAGS = (
    0x04 | 0x08 | 0x20 | 0x80 | 0x100 | 0x200
)  # *args, **kwargs, generators and coroutines of all kinds
_MAX_ENTRY = 8  # code units that one entry of the table of lines covers at most


def _instruction(name, argument=0):
    """An instruction with its prefixes; `name` may list alternatives, the first of which exists is taken."""
    number = next(opcode.opmap[n] for n in name.split("|") if n in opcode.opmap)
    code = bytearray()
    for shift in (24, 16, 8):
        if argument >> shift:
            code += bytes((opcode.opmap["EXTENDED_ARG"], argument >> shift & 0xFF))
    return bytes(code) + bytes((number, argument & 0xFF))


# ---- CPython's tables: Objects/exception_handling_notes.txt, Objects/locations.md ----------------------------------------


def _read_handlers(table):
    """Entries (begin, end, target, depth and flag) of an exception table, in code units."""
    numbers, value = [], None
    for byte in table:
        value = byte & 0x3F if value is None else value << 6 | byte & 0x3F
        if not byte & 0x40:
            numbers.append(value)
            value = None
    return [
        (start, start + size, target, depth)
        for start, size, target, depth in zip(*(iter(numbers),) * 4, strict=True)
    ]


def _big_endian(value, first):
    chunks = [value & 0x3F]
    while value := value >> 6:
        chunks.append(value & 0x3F | 0x40)
    chunks.reverse()
    chunks[0] |= first
    return bytes(chunks)


def _write_handlers(entries):
    return b"".join(
        _big_endian(begin, 0x80)
        + _big_endian(end - begin, 0)
        + _big_endian(target, 0)
        + _big_endian(depth, 0)
        for begin, end, target, depth in entries
    )


def _little_endian(value):
    chunks = bytearray()
    while value > 0x3F:
        chunks.append(value & 0x3F | 0x40)
        value >>= 6
    return bytes((*chunks, value))


def _write_lines(first_line, positions):
    """The location table for the position of every code unit."""
    table, line, i = bytearray(), first_line, 0
    while i < len(positions):
        here, n = positions[i], 1
        while n < _MAX_ENTRY and i + n < len(positions) and positions[i + n] == here:
            n += 1
        i += n
        if here[0] is None:
            table.append(0x80 | 15 << 3 | n - 1)
            continue
        start, end, column, end_column = here
        delta = start - line
        table.append(0x80 | 14 << 3 | n - 1)
        table += _little_endian(delta << 1 if delta >= 0 else -delta << 1 | 1)
        table += _little_endian((end or start) - start)
        table += _little_endian(0 if column is None else column + 1)
        table += _little_endian(0 if end_column is None else end_column + 1)
        line = start
    return bytes(table)


# ---- the code ------------------------------------------------------------------------------------------------------------


class _Slots:
    """Where variables live: parameters that are all local variables, then free variables."""

    def __init__(self, code):
        self.local = code.co_varnames
        self.cells = tuple(name for name in code.co_cellvars if name in code.co_varnames)
        self.free = (
            tuple(name for name in code.co_cellvars if name not in code.co_varnames) + code.co_freevars
        )

    def __getitem__(self, name):
        return self.local.index(name) if name in self.local else len(self.local) + self.free.index(name)

    def is_cell(self, name):
        return name in self.free or name in self.cells


def _prologue(code, slots, depth, given):
    parts = []
    if slots.free:
        parts.append(_instruction("COPY_FREE_VARS", len(slots.free)))
    parts += [_instruction("MAKE_CELL", slots[name]) for name in slots.cells]
    parts.append(_instruction("RESUME"))
    parts += [_instruction("LOAD_CONST", len(code.co_consts))] * depth
    for name in slots.local:
        if name not in given:
            parts.append(_instruction("DELETE_DEREF" if slots.is_cell(name) else "DELETE_FAST", slots[name]))
    return b"".join(parts)


def _epilogue(slots, results):
    parts = [
        _instruction("LOAD_DEREF" if slots.is_cell(name) else "LOAD_FAST_CHECK|LOAD_FAST", slots[name])
        for name in results
    ]
    return b"".join((*parts, _instruction("BUILD_TUPLE", len(results)), _instruction("RETURN_VALUE")))


def _make_code(code, begin, end, given, results):
    """The code object of the block whose body is [begin, end) in the function's code, in bytes."""
    handlers, units = _read_handlers(code.co_exceptiontable), begin // 2
    own = next(entry for entry in handlers if entry[0] <= units - 1 < entry[1])  # of the `with` itself
    depth = own[3] >> 1
    slots = _Slots(code)
    prologue, epilogue = _prologue(code, slots, depth, given), _epilogue(slots, results)
    body = bytearray(code.co_code[begin:])
    distance = (len(body) - (end - begin)) // 2  # in code units, from the end of the body to the epilogue
    for size in (1, 2, 3):
        jump = _instruction("JUMP_FORWARD", distance - size)
        if len(jump) == 2 * size:
            break
    body[end - begin : end - begin + len(jump)] = jump
    shift = len(prologue) // 2 - units
    positions = list(code.co_positions())
    return code.replace(
        co_code=prologue + bytes(body) + epilogue,
        co_argcount=len(slots.local),
        co_posonlyargcount=0,
        co_kwonlyargcount=0,
        co_nlocals=len(slots.local),
        co_flags=code.co_flags & ~_GENERIC_FLAGS,
        co_cellvars=slots.cells,
        co_freevars=slots.free,
        co_consts=(*code.co_consts, None),
        co_stacksize=code.co_stacksize + depth + len(results),
        co_exceptiontable=_write_handlers(
            (max(start, units) + shift, stop + shift, target + shift, level)
            for start, stop, target, level in handlers
            if stop > units and target >= units and target != own[2]
        ),
        co_linetable=_write_lines(
            code.co_firstlineno,
            [positions[units]] * (len(prologue) // 2)
            + positions[units:]
            + [positions[end // 2]] * (len(epilogue) // 2),
        ),
    )


# ---- what compiled code calls --------------------------------------------------------------------------------------------


def _refuse(name, wanted, value):
    try:
        got = str(_core.typeof(value))
    except TypeError:
        got = str(type(value))
    what = (
        "can't unbox array from PyObject into native value.  The object maybe of a different type"
        if wanted.kind == "ARRAY"
        else f"can't unbox a {type(value)} as a {wanted}"
    )
    raise TypeError(f"{what}: the objmode block gives {name!r} as {got}, but declares {wanted}")


_NUMBERS = {"INT": int, "FLOAT": float, "BOOL": bool}


def _fit(name, wanted, value):
    """A block's result as compiled code gets it: numbers are converted, anything else must be of the type."""
    convert = _NUMBERS.get(wanted.kind)
    if convert and type(value) is not convert and not isinstance(value, complex):
        try:
            value = convert(value)
        except TypeError:
            _refuse(name, wanted, value)
    if not _core.type_accepts(wanted, value):
        _refuse(name, wanted, value)
    return value


def _fitter(name, wanted):
    """`_fit` for one result; a Python float is a float64 as it is."""
    exact = float if wanted == _core.float_type(64) else None

    def fit(value):
        return value if type(value) is exact else _fit(name, wanted, value)

    return fit


class Region:
    """A block of ``with objmode(...)``, to be called with the values of the variables that it reads.

    Parameters
    ----------
    function : function
        The Python function whose globals the block sees.
    code : code
        The code object that the block stands in: the function's own, or that of an inner function.
    where : str
        Begin and end of the body in bytes of the code, names that it reads, and names that it gives back.
    wanted : tuple of Type
        Types of what it gives back.
    """

    def __init__(self, function, code, where, wanted):
        begin, end, given, results = where.split(" ")
        self.given = () if given == "-" else tuple(given.split(","))
        self.results = () if results == "-" else tuple(results.split(","))
        self._fit = [_fitter(*output) for output in zip(self.results, wanted, strict=True)]
        self.function = function
        self.__name__ = code.co_name
        self.code = _make_code(code, int(begin), int(end), self.given, self.results)
        cells = function.__closure__ or () if function.__code__ is code else ()
        self._cells = dict(zip(code.co_freevars, cells, strict=False))  # none of an inner function
        # by parameter: which of the values it gets; the one behind the last stands for none
        order = {name: i for i, name in enumerate(self.given)}
        self._order = [order.get(name, len(order)) for name in self.code.co_varnames]
        own_cells = [name for name in self.code.co_freevars if name not in self._cells]
        self._block = None if own_cells else self._new_block({})

    def _new_block(self, value_of):
        """The block's function: with cells of its own for the variables that it shares with functions inside."""
        closure = tuple(
            types.CellType(value_of[name]) if name in value_of else self._cells.get(name) or types.CellType()
            for name in self.code.co_freevars
        )
        return types.FunctionType(self.code, self.function.__globals__, self.__name__, None, closure)

    def __call__(self, *values):
        """Run the block with the variables' values; give the tuple of its results."""
        block = self._block or self._new_block(dict(zip(self.given, values, strict=True)))
        results = block(*map((*values, None).__getitem__, self._order))
        return tuple([fit(value) for fit, value in zip(self._fit, results)])  # noqa: B905
