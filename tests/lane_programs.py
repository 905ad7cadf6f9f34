"""Random programs of loops whose iterations may be computed side by side: an outer loop, inner ones, and what is done with them.

``LaneProgram(rng).text()`` is a function ``f(n, m, a, b, g, o, s)`` of the text that :mod:`test_lanes` and ``make fuzz``
run interpreted and compiled.
"""


class LaneProgram:
    """One random function, made of lines."""

    def __init__(self, rng):
        self.rng, self.loops, self.lines = rng, 0, []

    def add(self, depth, line):
        self.lines.append("    " * depth + line)

    def constant(self):
        return self.rng.choice(["0.5", "1.25", "0.9", "-0.75", "2.0", "3.5", "0.1"])

    def atom(self, counters):
        """Return a float: of this lane, the same for all lanes, or read from an array."""
        atoms = ["x", "y", "float(i)", "float(k)", self.constant(), "a[i]", "s[0]"]
        for j in counters:
            atoms += [f"float({j})", f"b[{j}]", f"g[{j}, i]"]
        return self.rng.choice(atoms)

    def number(self, counters, depth=2):
        kind = self.rng.randrange(9) if depth else 8
        if kind < 4:
            operator = self.rng.choice("+-*")
            return f"{self.number(counters, depth - 1)} {operator} {self.atom(counters)}"
        if kind == 4:
            return f"math.sqrt(abs({self.number(counters, depth - 1)}))"
        if kind == 5:
            return f"min({self.atom(counters)}, {self.atom(counters)})"
        if kind == 6:
            return f"-({self.number(counters, depth - 1)})"
        if kind == 7:
            return self.function().format(self.number(counters, depth - 1))
        return self.atom(counters)

    def function(self):
        """A function that there is one of several numbers for; some raise for some numbers."""
        return self.rng.choice(
            [
                "math.exp(-abs({}))",
                "math.exp({})",
                "math.log(abs({}) + 0.1)",
                "math.log(abs({}))",
                "math.cos({})",
                "math.sin({})",
                "abs({}) ** 1.5",
            ]
        )

    def condition(self, counters):
        kind = self.rng.randrange(6)
        if kind < 3:
            comparison = self.rng.choice(["<", ">", "<=", ">=", "!="])
            return f"{self.atom(counters)} {comparison} {self.atom(counters)}"
        if kind == 3:
            return f"k & {self.rng.choice([1, 2, 3, 4])} == 0"
        if kind == 4 and counters:
            return f"{counters[-1]} {self.rng.choice(['<', '>', '=='])} {self.rng.choice(['i', '3', 'k'])}"
        return f"(i + k) % {self.rng.choice([2, 3, 4])} == 1"

    def statement(self, depth, counters, loop, level):
        rng, kind = self.rng, self.rng.randrange(12)
        if kind < 3:
            self.add(depth, f"x = x * {self.constant()} + {self.atom(counters)}")
        elif kind < 5:
            self.add(depth, f"y = {self.number(counters)}")
        elif kind == 5:
            self.add(depth, f"y += {self.number(counters)}")
        elif kind == 6:
            self.add(depth, f"k = (k * {rng.choice([1, 3, 5])} + {rng.choice(['1', 'i', *counters])}) & 63")
        elif kind == 7 and level < 3:
            self.add(depth, f"if {self.condition(counters)}:")
            self.block(depth + 1, counters, loop, level + 1)
            if rng.random() < 0.5:
                self.add(depth, "else:")
                self.block(depth + 1, counters, loop, level + 1)
        elif (kind == 8 and loop) or (kind == 9 and loop == "for"):
            self.add(depth, f"if {self.condition(counters)}:")
            self.add(depth + 1, "break" if kind == 8 else "continue")
        elif kind == 10 and level < 2 and self.loops < 4:
            self.loop(depth, counters, level + 1)
        elif kind == 11 and rng.random() < 0.15:
            self.add(depth, f"if {self.condition(counters)}:")
            self.add(depth + 1, rng.choice(["return x, i", "raise ValueError(i)"]))
        else:
            self.add(depth, f"x, y = y, x + {self.constant()}")

    def block(self, depth, counters, loop, level):
        for _ in range(self.rng.randrange(1, 4)):
            self.statement(depth, counters, loop, level)

    def loop(self, depth, counters, level):
        rng = self.rng
        self.loops += 1
        j = f"j{self.loops}"
        if rng.random() < 0.6:
            limits = [
                "m",
                "m",
                "5",
                "i",
                "k",
                "min(i, m)",
                "2, m",
                "m, 0, -1",
                "0, m, 2",
                "m + 20000 * (i == 5)",
            ]
            self.add(depth, f"for {j} in range({rng.choice(limits[: 10 if level == 1 else 9])}):")
            if rng.random() < 0.5:
                self.add(depth + 1, f"x = x * {self.constant()} + {self.atom([*counters, j])}")
            self.block(depth + 1, [*counters, j], "for", level)
            if rng.random() < 0.25:
                self.add(depth, "else:")
                self.block(depth + 1, counters, None, level + 1)
            return
        self.add(depth, f"{j} = 0")
        condition = f" and {self.condition(counters)}" if rng.random() < 0.6 else ""
        self.add(depth, f"while {j} < {rng.choice(['m', '6', 'i'])}{condition}:")
        self.block(depth + 1, [*counters, j], "while", level)
        self.add(depth + 1, f"{j} += 1")

    def rest(self):
        """What is done with the results of an iteration."""
        rng = self.rng
        for _ in range(rng.randrange(1, 4)):
            kind = rng.randrange(8)
            if kind < 2:
                self.add(2, "t += x")
            elif kind == 2:
                self.add(2, "c += k")
            elif kind == 3:
                self.add(2, f"{rng.choice('ooa')}[i] = {rng.choice('xy')}")
            elif kind == 4:
                self.add(2, f"if x > {self.constant()}:")
                self.add(3, "c += i")
            elif kind == 5:
                self.add(2, "c = c * 3 + k & 1023")
            elif kind == 6 and rng.random() < 0.3:
                self.add(2, "if y > 40.0:")
                self.add(3, rng.choice(["return t, c", "break", "raise KeyError(i)"]))
            else:
                self.add(2, "t = t * 0.5 + y")

    def text(self):
        rng = self.rng
        self.add(0, "def f(n, m, a, b, g, o, s):")
        self.add(1, "t, c, k = 0.0, 0, 0")
        self.add(1, f"for i in range({rng.choice(['n', 'n', '1, n', 'n - 1, -1, -1', '0, n, 2'])}):")
        self.add(2, f"x = {rng.choice(['0.0', 'a[i]', 'float(i)', 'a[i] * 2.0'])}")
        self.add(2, f"y = {rng.choice(['1.0', 'a[i]', 's[0]'])}")
        self.add(2, f"k = {rng.choice(['i', '0', 'i & 7'])}")
        if rng.random() < 0.25:  # no inner loop, but a function
            self.add(2, f"x = {self.function().format(self.number([]))}")
            self.block(2, [], None, 2)
        else:
            for _ in range(rng.randrange(1, 3)):
                self.loop(2, [], 1)
        if rng.random() < 0.3:
            self.statement(2, [], None, 1)
        self.rest()
        self.add(1, "return t, c")
        return "\n".join(self.lines) + "\n"
