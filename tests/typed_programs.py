"""Random programs of the Python that surrounds array code: numbers, strings, containers, exceptions, functions.

`program` draws from a `random.Random` and gives the text of a module with functions `f` (the one to call) and `g0`,
`g1`, ... (called by it).  Variables have one type each, which the first letters of their names tell: i int, x float,
b bool, s str, li/lx/ls lists, ll a list of lists, di/ds dicts, dl a dict of lists, e set, t tuple.  h0, h1, ... are inner
functions, j0, ... generators, k0, ... functions of any keywords.  Integers are kept small, because compiled ones wrap;
strings and containers are kept short; and a container is not changed while it is iterated over.  Sets only show what
does not depend on their order.
"""

STEP = "    "
ELEMENT = {"li": "i", "lx": "x", "ls": "s", "ll": "li"}
KEY = {"di": "i", "ds": "s", "dl": "i"}
VALUE = {"di": "i", "ds": "i", "dl": "li"}
WORDS = ["", "a", "naja", "Zo\\u00eb", "x,y,,z", " pad ", "12", "\\u65e5\\u672c"]
ERRORS = ["ValueError", "KeyError", "IndexError", "ZeroDivisionError", "TypeError", "Oops"]


def pick(rng, forms):
    """One of (weight, maker); the maker is called."""
    return rng.choices([maker for _, maker in forms], [weight for weight, _ in forms])[0]()


class Writer:
    """Writes one function: keeps what is in scope, and which containers are being iterated over."""

    def __init__(self, rng, functions):
        self.rng, self.functions = rng, functions
        self.scope, self.locked, self.depth, self.loops, self.count = {}, set(), 0, 0, 0
        self.inner = {"h": [], "j": [], "k": []}  # functions defined in this one

    # ---- expressions, by type ------------------------------------------------------------------------------------

    def variable(self, kind):
        names = [name for name, its in self.scope.items() if its == kind]
        return self.rng.choice(names) if names else None

    def fresh(self, kind):
        self.count += 1
        return f"{kind}{self.count}"

    def expression(self, kind, depth=0):
        name = self.variable(kind)
        if name and (depth > 2 or self.rng.random() < 0.35):
            return name
        return getattr(self, f"make_{kind}")(min(depth + 1, 4))

    def make_i(self, d):
        rng, e = self.rng, self.expression
        if d > 3:
            return str(rng.randint(-3, 9))
        return pick(rng, [
            (5, lambda: str(rng.randint(-3, 12))),
            (8, lambda: f"({e('i', d)} {rng.choice(['+', '-', '*', '//', '%', '&', '|', '^'])} {e('i', d)}) % 1009"),
            (2, lambda: f"min({e('i', d)}, {e('i', d)})"),
            (2, lambda: f"abs({e('i', d)})"),
            (3, lambda: f"len({e(rng.choice(['s', 'li', 'lx', 'ls', 'di', 'ds', 'e']), d)})"),
            (3, lambda: f"({e('i', d)} if {e('b', d)} else {e('i', d)})"),
            (4, lambda: f"{e('li', d)}[{e('i', d)}]"),
            (2, lambda: f"{e('di', d)}[{e('i', d)}]"),
            (3, lambda: f"{e('di', d)}.get({e('i', d)}, {rng.randint(0, 5)})"),
            (2, lambda: f"{e('ds', d)}.get({e('s', d)}, {rng.randint(0, 5)})"),
            (2, lambda: f"sum({e('li', d)})"),
            (1, lambda: f"sum([v * 2 for v in {e('li', d)} if v > {rng.randint(-2, 5)}])"),
            (1, lambda: f"sum(v + 1 for v in {e('li', d)})"),
            (1, lambda: f"max({e('li', d)})"),
            (1, lambda: f"{e('li', d)}.index({e('i', d)})"),
            (1, lambda: f"{e('li', d)}.count({e('i', d)})"),
            (1, lambda: f"{e('s', d)}.find({e('s', d)})"),
            (1, lambda: f"ord(({e('s', d)} + 'q')[0]) % 1009"),
            (1, lambda: f"int({e('s', d)})"),
            (1, lambda: f"int({e('x', d)})"),
            (1, lambda: f"{e('t', d)}[0]"),
            (1, lambda: f"hash({e(rng.choice(['i', 'x', 's']), d)}) % 97"),
            (3 if self.functions else 0, lambda: self.call(d)),
            (4 if self.inner["h"] else 0, lambda: f"{rng.choice(self.inner['h'])}({e('i', d)})"),
            (2 if self.inner["j"] else 0, lambda: f"sum({rng.choice(self.inner['j'])}({e('i', d)}))"),
            (2 if self.inner["k"] else 0, lambda: self.call_with_keywords(d)),
            (1, lambda: f"{e('ll', d)}[{e('i', d)}][{e('i', d)}]"),
            (1, lambda: f"len({e(rng.choice(['ll', 'dl']), d)})"),
            (1, lambda: f"len({e('dl', d)}.get({e('i', d)}, []))"),
            (1, lambda: f"sum([len(v) for v in {e('ll', d)}])"),
            (1, lambda: f"min({e('li', d)}, key=lambda v: -v)"),
            (1, lambda: f"max({e('li', d)}, default={rng.randint(-3, 3)})"),
        ])  # fmt: skip

    def call_with_keywords(self, d):
        names = self.rng.sample(["a", "bb", "ccc"], self.rng.randint(0, 3))
        keywords = ", ".join(f"{name}={self.expression('i', d)}" for name in names)
        return f"{self.rng.choice(self.inner['k'])}({keywords})"

    def call(self, d):
        name = self.rng.choice(self.functions)
        return f"{name}({self.expression('i', d)}, {self.expression('s', d)}, {self.expression('li', d)})"

    def make_x(self, d):
        rng, e = self.rng, self.expression
        if d > 3:
            return rng.choice(["0.5", "-1.25", "3.0", "-0.0", "1e6"])
        return pick(rng, [
            (4, lambda: rng.choice(["0.5", "-1.25", "3.0", "-0.0", "1e6", "0.1"])),
            (8, lambda: f"({e('x', d)} {rng.choice('+-*/')} {e('x', d)})"),
            (2, lambda: f"{e('i', d)} / {e('i', d)}"),
            (2, lambda: f"float({e('i', d)})"),
            (2, lambda: f"{e('lx', d)}[{e('i', d)}]"),
            (1, lambda: f"math.sqrt(abs({e('x', d)}))"),
            (1, lambda: f"round({e('x', d)}, {rng.randint(0, 3)})"),
            (1, lambda: f"max({e('x', d)}, {e('x', d)})"),
            (1, lambda: f"({e('x', d)} % {e('x', d)})"),
            (1, lambda: f"{e('t', d)}[1]"),
            (1, lambda: f"float({rng.choice(['str(2.5)', repr('1e3'), e('s', d)])})"),
        ])  # fmt: skip

    def make_b(self, d):
        rng, e = self.rng, self.expression
        if d > 3:
            return rng.choice(["True", "False"])
        compare = rng.choice(["<", "<=", "==", "!=", ">", ">="])
        return pick(rng, [
            (6, lambda: f"{e('i', d)} {compare} {e('i', d)}"),
            (3, lambda: f"{e('x', d)} {compare} {e('x', d)}"),
            (2, lambda: f"{e('s', d)} {compare} {e('s', d)}"),
            (1, lambda: f"{e('li', d)} {compare} {e('li', d)}"),
            (1, lambda: f"{e('t', d)} {compare} {e('t', d)}"),
            (2, lambda: f"{e('i', d)} in {e(rng.choice(['li', 'di', 'e']), d)}"),
            (2, lambda: f"{e('s', d)} in {e(rng.choice(['s', 'ls', 'ds']), d)}"),
            (2, lambda: f"({e('b', d)} {rng.choice(['and', 'or'])} {e('b', d)})"),
            (1, lambda: f"(not {e('b', d)})"),
            (1, lambda: f"{rng.randint(-2, 2)} < {e('i', d)} <= {e('i', d)}"),
            (1, lambda: f"bool({e(rng.choice(['i', 'x', 's', 'li', 'di', 'e']), d)})"),
            (1, lambda: f"{e('s', d)}.{rng.choice(['isdigit', 'isalpha', 'isupper', 'isspace'])}()"),
            (1, lambda: f"{rng.choice(['any', 'all'])}([v > 1 for v in {e('li', d)}])"),
        ])  # fmt: skip

    def make_s(self, d):
        rng, e = self.rng, self.expression
        if d > 3:
            return f'"{rng.choice(WORDS)}"'
        return pick(rng, [
            (5, lambda: f'"{rng.choice(WORDS)}"'),
            (4, lambda: f"({e('s', d)} + {e('s', d)})[:24]"),
            (2, lambda: f"{e('s', d)}[{e('i', d)}]"),
            (2, lambda: f"{e('s', d)}[{self.bound(d)}:{self.bound(d)}]"),
            (2, lambda: f"str({e(rng.choice(['i', 'x', 'b']), d)})"),
            (2, lambda: f"f'{{{e('i', 4)}:{rng.choice(['4d', 'x', '+', '<5'])}}}{{{e('x', 4)}:.2f}}{{{e('b', 4)}}}'"),
            (2, lambda: f"{e('s', d)}.{rng.choice(['upper', 'lower', 'strip', 'title', 'swapcase'])}()"),
            (1, lambda: f"{e('s', d)}.replace({e('s', d)}, 'r')[:24]"),
            (1, lambda: f"','.join({e('ls', d)})[:24]"),
            (1, lambda: f"({e('s', d)} * {rng.randint(0, 3)})[:24]"),
            (1, lambda: f"{e('ls', d)}[{e('i', d)}]"),
            (1, lambda: f"('%d-%s' % ({e('i', d)}, {e('s', d)}))"),
            (1, lambda: f"{e('t', d)}[2]"),
        ])  # fmt: skip

    def bound(self, d):
        return self.rng.choice(["", self.expression("i", d)])

    def make_list(self, kind, d):
        rng, e, item = self.rng, self.expression, ELEMENT[kind]
        if d > 3:
            return f"[{e(item, d)}, {e(item, d)}]"
        return pick(rng, [
            (4, lambda: f"[{', '.join(e(item, d) for _ in range(rng.randint(1, 4)))}]"),
            (2, lambda: f"({e(kind, d)} + {e(kind, d)})[:12]"),
            (2, lambda: f"{e(kind, d)}[{self.bound(d)}:{self.bound(d)}]"),
            (1, lambda: f"{e(kind, d)}[::{rng.choice([-1, 2, -2])}]"),
            (1, lambda: f"{e(kind, d)}[{self.bound(d)}:{self.bound(d)}:{rng.choice([-1, -3, 2])}]"),
            (1, lambda: f"{e(kind, d)}.copy()"),
            (1, lambda: f"({e(kind, d)} * {rng.randint(0, 2)})[:12]"),
            (2, lambda: f"sorted({e(kind, d)}{rng.choice(['', ', reverse=True'])})"),
            *self.comprehensions(kind, d),
        ])  # fmt: skip

    def comprehensions(self, kind, d):
        rng, e = self.rng, self.expression
        if kind == "li":
            return [
                (2, lambda: f"[(v * {rng.randint(1, 4)} + u) % 1009 for u, v in enumerate({e('li', d)})]"),
                (1, lambda: f"[len(v) for v in {e('ls', d)}]"),
                (1, lambda: f"[u * v for u in range({rng.randint(0, 3)}) for v in range(u)]"),
                (1, lambda: f"list({e('di', d)}.{rng.choice(['keys', 'values'])}())"),
                (1, lambda: f"sorted({e('e', d)})"),
                (1, lambda: f"list(map(lambda v: v + {rng.randint(0, 3)}, {e('li', d)}))"),
                (1, lambda: f"[w for v in {e('ll', d)} for w in v][:12]"),
                (1, lambda: f"{e('ll', d)}[{e('i', d)}][:12]"),
                (1, lambda: f"{e('dl', d)}[{e('i', d)}][:12]"),
                (2 if self.inner["j"] else 0, lambda: f"list({rng.choice(self.inner['j'])}({e('i', d)}))"),
                (1, lambda: f"sorted({e('li', d)}, key=lambda v: v % {rng.randint(2, 5)})"),
            ]
        if kind == "lx":
            return [(2, lambda: f"[v * 0.5 for v in {e(rng.choice(['li', 'lx']), d)}]")]
        return [
            (1, lambda: f"{e('s', d)}.split({rng.choice(['', repr(','), repr('a')])})[:12]"),
            (1, lambda: f"[v for v in {e('s', d)}][:12]"),
            (1, lambda: f"[str(v) for v in {e('li', d)}]"),
        ]

    def make_li(self, d):
        return self.make_list("li", d)

    def make_lx(self, d):
        return self.make_list("lx", d)

    def make_ls(self, d):
        return self.make_list("ls", d)

    def make_ll(self, d):
        rng, e = self.rng, self.expression
        return pick(rng, [
            (4, lambda: f"[{', '.join(e('li', max(d, 3)) for _ in range(rng.randint(1, 3)))}]"),
            (1 if d < 3 else 0, lambda: f"[{e('ll', d)}[{e('i', d)}]]"),
            (1 if d < 3 else 0, lambda: f"{e('ll', d)}[{self.bound(d)}:{self.bound(d)}]"),
            (1 if d < 3 else 0, lambda: f"{e('ll', d)}[::-1]"),
            (1 if d < 3 else 0, lambda: f"[[u + v for u in {e('li', 3)}] for v in range({rng.randint(1, 3)})]"),
        ])  # fmt: skip

    def make_dl(self, d):
        return self.make_dict("dl", d)

    def make_dict(self, kind, d):
        rng, e, key = self.rng, self.expression, KEY[kind]
        if kind == "dl":
            pairs = ", ".join(f"{e('i', 3)}: {e('li', 3)}" for _ in range(rng.randint(1, 2)))
            return f"{{{pairs}}}"
        items = ", ".join(f"{e(key, max(d, 2))}: {e('i', max(d, 2))}" for _ in range(rng.randint(1, 4)))
        source = "li" if kind == "di" else "ls"
        return pick(rng, [
            (4, lambda: f"{{{items}}}"),
            (1 if d < 3 else 0, lambda: f"{{v: u for u, v in enumerate({e(source, d)})}}"),
            (1 if d < 3 else 0, lambda: f"{e(kind, d)}.copy()"),
        ])  # fmt: skip

    def make_di(self, d):
        return self.make_dict("di", d)

    def make_ds(self, d):
        return self.make_dict("ds", d)

    def make_e(self, d):
        rng, e = self.rng, self.expression
        items = ", ".join(e("i", max(d, 2)) for _ in range(rng.randint(1, 4)))
        return pick(rng, [
            (4, lambda: f"{{{items}}}"),
            (2 if d < 3 else 0, lambda: f"({e('e', d)} {rng.choice('|&-^')} {e('e', d)})"),
            (1 if d < 3 else 0, lambda: f"set({e('li', d)})"),
            (1 if d < 3 else 0, lambda: f"{{v % 5 for v in {e('li', d)}}}"),
        ])  # fmt: skip

    def make_t(self, d):
        e = self.expression
        return f"({e('i', d)}, {e('x', d)}, {e('s', d)})"

    # ---- statements ----------------------------------------------------------------------------------------------

    def assign(self):
        kinds = ["i", "i", "x", "b", "s", "li", "li", "lx", "ls", "di", "ds", "e", "t", "ll", "dl"]
        kind = self.rng.choice(kinds)
        old = self.variable(kind) if self.rng.random() < 0.6 else None
        text = self.expression(kind)
        if old is None and self.depth == 0:
            old = self.fresh(kind)
            self.scope[old] = kind
        if old is None or old in self.locked:
            return ["pass"]
        return [f"{old} = {text}"]

    def change(self):
        """A statement that changes a container in place."""
        rng, e = self.rng, self.expression
        names = [n for n, k in self.scope.items() if k in ELEMENT or k in KEY or k == "e"]
        names = [n for n in names if n not in self.locked]
        if not names:
            return self.assign()
        name = rng.choice(names)
        kind = self.scope[name]
        if kind == "e":
            return rng.choice([
                [f"{name}.{rng.choice(['add', 'discard', 'remove'])}({e('i')})"],
                [f"{name} {rng.choice(['|=', '&=', '-=', '^='])} {e('e')}"],
            ])  # fmt: skip
        if kind == "dl":
            return rng.choice([
                [f"{name}[{e('i')}] = {e('li')}"], [f"{name}[{e('i')}].sort()"], [f"del {name}[{e('i')}]"],
                [f"{name}.setdefault({e('i')}, {e('li')}).reverse()"], [f"{name}[{e('i')}][{e('i')}] += 1"],
                [f"{name}.pop({e('i')})"],
            ])  # fmt: skip
        if kind in KEY:
            key = e(KEY[kind])
            return rng.choice([
                [f"{name}[{key}] = {e('i')}"], [f"{name}[{key}] = {name}.get({key}, 0) + 1"],
                [f"{name}.pop({key}, 0)"], [f"del {name}[{key}]"], [f"{name}.setdefault({key}, {e('i')})"],
                [f"{name}.update({e(kind)})"], [f"{name}.clear()"], [f"{name}[{key}] += {rng.randint(1, 3)}"],
                [f"{name} |= {e(kind)}"],
            ])  # fmt: skip
        if kind == "ll":
            return rng.choice([
                [f"{name}[{e('i')}].reverse()"], [f"{name}[{e('i')}] = {e('li')}"], [f"{name}.reverse()"],
                [f"if len({name}) < 6:", f"{STEP}{name}.append({e('li')})"], [f"{name}[{e('i')}][{e('i')}] -= 1"],
                [f"{name}.pop()"], [f"{name}.insert({e('i')}, {e('li')})", f"del {name}[6:]"], [f"{name}.sort()"],
            ])  # fmt: skip
        item = e(ELEMENT[kind])
        return rng.choice([
            [f"if len({name}) < 12:", f"{STEP}{name}.append({item})"], [f"{name}[{e('i')}] = {item}"],
            [f"{name}.pop()"], [f"{name}.pop({e('i')})"], [f"{name}.insert({e('i')}, {item})", f"del {name}[12:]"],
            [f"{name}.remove({item})"], [f"{name}.reverse()"], [f"{name}.sort()"], [f"del {name}[{e('i')}]"],
            [f"{name}[1:3] = {e(kind)}", f"del {name}[12:]"], [f"{name}.extend({e(kind)})", f"del {name}[12:]"],
            [f"{name} += {e(kind)}", f"del {name}[12:]"], [f"{name}[{e('i')}] += {item}"] if kind != "ls" else ["pass"],
            [f"{name}[::{rng.choice([-1, 2])}] = {e(kind)}"], [f"del {name}[::{rng.choice([-2, 2, 3])}]"],
        ])  # fmt: skip

    def block(self, loop=False):
        self.depth += 1
        self.loops += loop
        lines = [STEP + line for line in self.statements()]
        self.loops -= loop
        self.depth -= 1
        return lines

    def branch(self):
        lines = [f"if {self.expression('b')}:", *self.block()]
        if self.rng.random() < 0.4:
            lines += [f"elif {self.expression('b')}:", *self.block()]
        return lines + (["else:", *self.block()] if self.rng.random() < 0.5 else [])

    def loop(self):
        """A loop; its variable is in scope in the body, and what it iterates over is not changed there."""
        rng = self.rng
        head, variables, locked = pick(rng, [
            (4, lambda: (f"for i in range({rng.randint(0, 4)})", {"i": "i"}, None)),
            (1, lambda: (f"for i in range({self.expression('i')}, -2, -7)", {"i": "i"}, None)),
            (3, lambda: self.iterate("li", "i", "i")),
            (1, lambda: self.iterate("ls", "s", "s")),
            (1, lambda: self.iterate("s", "s", "s")),
            (1, lambda: self.iterate("di", "i", "i")),
            (2, lambda: self.iterate("ds", "s, i", "si", ".items()")),
            (1, lambda: self.iterate("ll", "li", ["li"])),
            (1, lambda: self.iterate("dl", "i, li", ["i", "li"], ".items()")),
            (1, lambda: self.iterate("li", "i", "i", "", "reversed({})")),
            (1 if self.inner["j"] else 0, lambda: (
                f"for i in {rng.choice(self.inner['j'])}({rng.randint(0, 5)})", {"i": "i"}, None)),
            (1, lambda: self.iterate("lx", "i, x", "ix", "", "enumerate({})")),
            (1, lambda: self.iterate("li", "i, x", "ix", "", "zip({}, [0.5, 1.5, -2.0])")),
        ])  # fmt: skip
        renamed = {old: self.fresh(kind) for old, kind in variables.items()}
        target, rest = head[4:].split(" in ", 1)
        target = ", ".join(renamed[part] for part in target.split(", "))
        outer = dict(self.scope)
        self.scope.update({renamed[old]: kind for old, kind in variables.items()})
        if locked is not None:
            self.locked.add(locked)
        body = self.block(loop=True)
        self.scope = outer
        self.locked.discard(locked)
        return [
            f"for {target} in {rest}:",
            *body,
            *(["else:", *self.block()] if rng.random() < 0.15 else []),
        ]

    def iterate(self, kind, target, kinds, suffix="", form="{}"):
        name = self.variable(kind)
        if name is None or name in self.locked:
            return f"for i in range({self.rng.randint(0, 3)})", {"i": "i"}, None
        return f"for {target} in {form.format(name + suffix)}", {k: k for k in kinds}, name

    def handle(self):
        rng = self.rng
        lines = ["try:", *self.block()]
        if rng.random() < 0.3:
            return [*lines, "finally:", *self.block()]
        for _ in range(rng.randint(1, 2)):
            what = rng.choice([*ERRORS, "Exception", "(KeyError, IndexError)"])
            bound = rng.choice(["", " as error"])
            again = [STEP + "raise"] if rng.random() < 0.15 else []
            asked = [f"{STEP}if isinstance(error, LookupError):", f"{STEP}{STEP}raise Oops(len(repr(error)))"]
            lines += [
                f"except {what}{bound}:",
                *self.block(),
                *again,
                *(asked if bound and rng.random() < 0.2 else []),
            ]
        lines += ["else:", *self.block()] if rng.random() < 0.25 else []
        return lines + (["finally:", *self.block()] if rng.random() < 0.2 else [])

    def stop(self):
        rng, e = self.rng, self.expression
        return pick(rng, [
            (3, lambda: [f"if {e('b')}:", f"{STEP}raise {rng.choice(ERRORS)}({rng.choice([e('s'), e('i')])})"]),
            (2, lambda: [f"assert {e('b')}, {e('s')}"]),
            (3 if self.loops else 0, lambda: [f"if {e('b')}:", STEP + rng.choice(["break", "continue"])]),
            (1, lambda: [f"if {e('b')}:", f"{STEP}{self.result()}"]),
        ])  # fmt: skip

    def leave(self):
        """A `try` whose `finally` runs when the block is left by return, break or continue."""
        rng = self.rng
        leaving = [self.result(), *(["break", "continue"] if self.loops else [])]
        return ["try:", *self.block(), f"{STEP}if {self.expression('b')}:", f"{STEP}{STEP}{rng.choice(leaving)}",
                "finally:", *self.block()]  # fmt: skip

    def while_loop(self):
        """A loop that ends, whatever its body does: the counter is a variable of its own."""
        counter = self.fresh("w")
        return [f"{counter} = {self.rng.randint(0, 4)}", f"while {counter} > 0 and {self.expression('b')}:",
                f"{STEP}{counter} -= 1", *self.block(loop=True)]  # fmt: skip

    def match(self):
        rng, e = self.rng, self.expression
        if rng.random() < 0.3:
            i, x, s = self.fresh("i"), self.fresh("x"), self.fresh("s")
            outer = dict(self.scope)
            self.scope.update({i: "i", x: "x", s: "s"})
            bound = [STEP + STEP + line for line in [f"{i} += 1", *self.statements()]]
            self.scope = outer
            return [f"match {e('t')}:", f"{STEP}case ({rng.randint(-1, 3)}, _, _):", *self.case(),
                    f"{STEP}case ({i}, {x}, {s}):", *bound]  # fmt: skip
        if rng.random() < 0.4:
            return [f"match {e('s')}:", f'{STEP}case "a" | "":', *self.case(), f'{STEP}case "naja":', *self.case(),
                    *([f"{STEP}case _:", *self.case()] if rng.random() < 0.6 else [])]  # fmt: skip
        return [f"match {e('i')} % 5:", f"{STEP}case 0:", *self.case(), f"{STEP}case 1 | 2:", *self.case(),
                f"{STEP}case v if v > {rng.randint(2, 4)} and {e('b')}:", *self.case(),
                *([f"{STEP}case _:", *self.case()] if rng.random() < 0.6 else [])]  # fmt: skip

    def case(self):
        return [STEP + line for line in self.block()]

    def define(self):
        """An inner function, which may assign a variable of the outer one; a generator; one of any keywords."""
        rng, e = self.rng, self.expression
        kind = rng.choice("hhjk") if self.depth == 0 else None
        if kind is None:
            return self.assign()
        name = self.fresh(kind)
        if kind == "k":
            lines = [f"def {name}(**options):", f"{STEP}total = {e('i')}", f"{STEP}for name, value in options.items():",
                     f"{STEP}{STEP}total += len(name) * value", f"{STEP}return total % 1009"]  # fmt: skip
        elif kind == "j":
            lines = [f"def {name}(n):", f"{STEP}for v in range(n % 5):", f"{STEP}{STEP}if v == {e('i')}:",
                     f"{STEP}{STEP}{STEP}continue", f"{STEP}{STEP}yield (v * {e('i')}) % 1009"]  # fmt: skip
        else:
            lines = [f"def {name}(v):"]
            shared = self.variable("i")
            if shared and shared not in self.locked and rng.random() < 0.5:
                lines += [f"{STEP}nonlocal {shared}", f"{STEP}{shared} = ({shared} + v) % 1009"]
            lines += [f"{STEP}return (v + {e('i')}) % 1009"]
        self.inner[kind].append(name)
        return lines

    def unpack(self):
        a, b = self.variable("i"), self.variable("x")
        if not (a and b):
            return self.assign()
        rest = self.variable("li")
        return self.rng.choice([
            [f"{a}, {b}, _ = {self.expression('t')}"],
            [f"{a} += {self.rng.randint(1, 3)}", f"{b} -= {self.expression('x')}"],
            [f"{a}, *_ = {self.expression('li')}"],
            [f"{a}, *{rest} = {self.expression('li')}"] if rest and rest not in self.locked else ["pass"],
            [f"if (v := {self.expression('i')}) > {a}:", f"{STEP}{a} = v"],
        ])  # fmt: skip

    def statements(self):
        lines = []
        for _ in range(self.rng.randint(1, 3 if self.depth else 6)):
            nested = 1 if self.depth < 3 else 0
            lines += pick(self.rng, [
                (10, self.assign), (8, self.change), (2, self.unpack), (3, self.stop),
                (4 * nested, self.branch), (4 * nested, self.loop), (3 * nested, self.handle),
                (1 * nested, self.leave), (1 * nested, self.while_loop), (1 * nested, self.match), (2, self.define),
            ])  # fmt: skip
        return lines

    def result(self):
        return f"return {self.expression('i', 3)}"

    def function(self, name, parameters):
        self.scope = dict(parameters)
        start = []
        for kind in ["i", "x", "s", "li", "lx", "ls", "di", "ds", "e", "t", "ll", "dl"]:
            fresh = self.fresh(kind)
            start.append(f"{fresh} = {getattr(self, 'make_' + kind)(4)}")
            self.scope[fresh] = kind
        self.shown = dict(self.scope)  # what every return of the function that is called from Python gives
        lines = [*start, *self.statements(), *self.statements(), self.result()]
        return [f"def {name}({', '.join(parameters)}):", *(STEP + line for line in lines), ""]


class Entry(Writer):
    """Writes the function that is called from Python, which shows everything it has."""

    def result(self):
        shown = [f"sorted({n})" if k == "e" else n for n, k in self.shown.items() if k != "t"]
        return f"return ({', '.join(shown)})"


def program(rng):
    """The text of a module: `f(i, x, s, li, ds)` and the functions it calls."""
    lines, functions = [], []
    for number in range(rng.randint(0, 2)):
        lines += Writer(rng, list(functions)).function(f"g{number}", {"i": "i", "s": "s", "li": "li"})
        functions.append(f"g{number}")
    lines += Entry(rng, functions).function("f", {"i": "i", "x": "x", "s": "s", "li": "li", "ds": "ds"})
    return "\n".join(lines)
