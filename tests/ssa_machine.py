"""Runs the text of untyped SSA, as `naja._compiler.dump_ssa` prints it.

Untyped SSA says what Python says, so executing it op by op with Python's own operators must give what the
function itself gives.  That tests decoding, control flow, phis, closures and calls on every version of CPython
without the rest of the compiler.
"""

import ast
import builtins
import importlib
import operator
import re

OPERATORS = {
    "ADD": operator.add, "SUB": operator.sub, "MUL": operator.mul, "TRUEDIV": operator.truediv,
    "FLOORDIV": operator.floordiv, "MOD": operator.mod, "POW": operator.pow, "MATMUL": operator.matmul,
    "LSHIFT": operator.lshift, "RSHIFT": operator.rshift, "AND": operator.and_, "OR": operator.or_,
    "XOR": operator.xor, "LT": operator.lt, "LE": operator.le, "EQ": operator.eq, "NE": operator.ne,
    "GT": operator.gt, "GE": operator.ge, "IS": operator.is_, "IS_NOT": operator.is_not,
    "IN": lambda x, y: x in y, "NOT_IN": lambda x, y: x not in y, "NEG": operator.neg, "POS": operator.pos,
    "INVERT": operator.invert, "NOT": operator.not_, "TRUTH": bool,
}  # fmt: skip
INPLACE = {"ADD": operator.iadd, "SUB": operator.isub, "MUL": operator.imul, "OR": operator.ior}


class Undefined:
    """An unassigned local variable."""


class State:
    """The state of a for loop: an iterator, and the item that it has given last."""

    def __init__(self, iterator):
        self.iterator = iterator
        self.item = next(iterator, Undefined)


class Instruction:
    LINE = re.compile(r"\s*(?:%(\d+)(?:: (.*?))? = )?(\w+) ?(.*)")

    def __init__(self, text):
        # The margin (the source position) begins behind the widest text; strings do not occur in operands.
        value, self.type, self.op, rest = self.LINE.fullmatch(re.sub(r"\s+; \S+:\d+$", "", text)).groups()
        self.value = int(value) if value is not None else None
        self.keywords = []
        if match := re.search(r" kw\((.*)\)", rest):
            self.keywords = match[1].split(", ")
            rest = rest[: match.start()]
        self.star = bool(re.search(r" star\b", rest))
        self.rest = re.sub(r" star\b", "", rest)
        self.args = [int(n) for n in re.findall(r"%(\d+)", rest)]
        self.blocks = re.findall(r"\bb(\d+)\b", rest)
        words = rest.split()
        self.word = words[0] if words else ""


class Function:
    def __init__(self, lines):
        self.name = lines[0].split()[1]
        self.blocks, block = {}, None
        for line in lines[1:]:
            if match := re.match(r"b(\d+):", line):
                block = self.blocks.setdefault(match[1], [])
            elif line.strip() and line != "}":
                block.append(Instruction(line))


class Machine:
    def __init__(self, text, functions=()):
        """`functions`: the Python functions that the text refers to by name, if they are not in modules."""
        bodies = re.findall(r"^func .*?^}$", text, re.MULTILINE | re.DOTALL)
        self.functions = [Function(body.splitlines()) for body in bodies]
        self.known = {f"{f.__module__}.{f.__qualname__}": f for f in functions}
        self.names = dict(re.findall(r"^# (\d+): (.*)$", text, re.MULTILINE))

    def object(self, handle):
        name = self.names[handle]
        if name in self.known:
            return self.known[name]
        if name.startswith("module "):
            return importlib.import_module(name.removeprefix("module "))
        if re.fullmatch(r"[A-Za-z_]\w*(\.\w+)+", name):
            module, _, attribute = name.rpartition(".")
            return getattr(builtins if module == "builtins" else importlib.import_module(module), attribute)
        return ... if name == "Ellipsis" else ast.literal_eval(name)

    def closure(self, handle, values, ndefaults):
        name = self.names[handle].removeprefix("code of ")
        function = next(f for f in self.functions if f.name == name)
        captured, defaults = values[: len(values) - ndefaults], values[len(values) - ndefaults :]
        nparams = sum(i.op == "param" for i in function.blocks["0"]) - len(captured)

        def call(*args):
            missing = nparams - len(args)
            return self.run(
                function, [*captured, *args, *(defaults[len(defaults) - missing :] if missing else ())]
            )

        return call

    def __call__(self, *args):
        return self.run(self.functions[0], args)

    def run(self, function, args):
        values, block, previous = {}, "0", None
        predecessors = self.predecessors(function)
        while True:
            code = function.blocks[block]
            phis = [i for i in code if i.op == "phi"]
            operand = predecessors[block].index(previous) if phis else 0
            values |= {i.value: values.get(i.args[operand], Undefined) for i in phis}
            for i in code[len(phis) :]:
                if i.op == "ret":
                    return values[i.args[0]]
                if i.op == "raise":
                    raise values[i.args[0]]
                if i.op in ("br", "condbr"):
                    target = i.blocks[0] if i.op == "br" or values[i.args[0]] else i.blocks[1]
                    block, previous = target, block
                    break
                values[i.value] = self.step(i, [values[v] for v in i.args], args)

    @staticmethod
    def predecessors(function):
        preds = {name: [] for name in function.blocks}
        for name, code in function.blocks.items():
            for i in code:
                if i.op == "phi":
                    preds[name] = i.blocks
        return preds

    def step(self, i, x, args):
        assert Undefined not in x, f"{i.op} of an unassigned variable"
        match i.op:
            case "param":
                return args[int(i.word)]
            case "const_int":
                n = int(i.word)
                return (
                    bool(n) if i.type.startswith("Literal[bool]") else n % 2**64 if i.type == "uint64" else n
                )
            case "const_float":
                return float(i.word)
            case "none":
                return None
            case "undef":
                return Undefined
            case "const_object":
                return self.object(i.word.lstrip("@"))
            case "binary" | "unary":
                return OPERATORS[i.word](*x)
            case "inplace":
                return INPLACE.get(i.word, OPERATORS[i.word])(*x)
            case "getattr":
                return getattr(x[0], i.word.strip('"'))
            case "getitem":
                return x[0][x[1]]
            case "setitem":
                x[0][x[1]] = x[2]
            case "tuple":
                return tuple(x)
            case "list":
                return list(x)
            case "list_append":
                x[0].append(x[1])
            case "slice":
                return slice(*x)
            case "unpack":
                items = tuple(x[0])
                assert int(i.word) in (len(items), -1)
                return items
            case "item":
                return x[0][int(i.word)]
            case "iter":
                return State(iter(x[0]))
            case "iter_valid":
                return x[0].item is not Undefined
            case "iter_value":
                return x[0].item
            case "iter_next":
                return State(x[0].iterator)
            case "closure":
                defaults = re.search(r"defaults\((\d+)\)", i.rest)
                return self.closure(i.word.lstrip("@"), x, int(defaults[1]) if defaults else 0)
            case "format":
                return "".join(map(str, x))
            case "call":
                positional = x[1 : len(x) - len(i.keywords)]
                positional = [*positional[0], *positional[1:]] if i.star else positional
                return x[0](*positional, **dict(zip(i.keywords, x[len(x) - len(i.keywords) :])))
            case _:
                raise AssertionError(f"unknown op {i.op}")
