"""Random programs for differential tests: loop nests that index arrays, and functions that make and drop arrays.

Each generator draws from a `random.Random` and returns the text of a function; the same seed gives the same text.
"""

EXTENTS = ["n", "m", "a.shape[0]", "b.shape[1]", "b.shape[0]", "len(a)", "a.size - 1", "n + 1", "min(n, m)"]
STEP = "    "


def _index(rng, variables):
    variable, other = rng.choice(variables), rng.choice(variables)
    forms = [
        (35, variable),
        (25, f"{variable} {rng.choice('+-')} {rng.randint(0, 2)}"),
        (10, f"n - 1 - {variable}"),
        (8, f"{variable} * {rng.randint(-1, 2)} + {other}"),
        (6, f"{variable} * m + {other}"),
        (6, str(rng.randint(-2, 3))),
        (5, f"index[{variable} % 3]"),
        (5, f"-{variable}"),
        (12, "last"),
        (4, f"last {rng.choice('+-')} 1"),
    ]
    return rng.choices([text for _, text in forms], [weight for weight, _ in forms])[0]


def _range(rng, outer):
    extent, variable = rng.choice(EXTENTS), rng.choice(outer or ["1"])
    forms = [
        (55, f"range({extent})"),
        (20, f"range({rng.randint(-1, 2)}, {extent})"),
        (10, f"range({variable}, {extent})"),
        (5, f"range({variable} + 1)"),
        (5, f"range({extent} - 1, -1, -1)"),
        (5, f"range(0, {extent}, {rng.randint(2, 3)})"),
    ]
    return rng.choices([text for _, text in forms], [weight for weight, _ in forms])[0]


def _access(rng, variables):
    def index():
        return _index(rng, variables)

    forms = [
        (30, [f"s += a[{index()}]"]),
        (20, [f"s += b[{index()}, {index()}]"]),
        (15, [f"a[{index()}] = s * 0.5"]),
        (10, [f"b[{index()}, {index()}] += {rng.randint(1, 3)}"]),
        (7, [f"r = b[{index()}]", f"s += r[{index()}]"]),
        (8, [f"if {rng.choice(variables)} + {rng.randint(0, 2)} < n:", f"{STEP}s += a[{index()}]"]),
        (5, [f"if s > {rng.randint(50, 500)}.0:", f"{STEP}break"]),
        (5, [f"last = {rng.choice(variables)}{rng.choice(['', '', ' + 1', ' - 1'])}"]),
        (8, [f"if s > {rng.randint(-5, 50)}.0:", f"{STEP}last = {rng.choice(variables)}"]),
    ]
    return rng.choices([lines for _, lines in forms], [weight for weight, _ in forms])[0]


def _loop(rng, depth, outer):
    variable = "ijk"[depth]
    body = [STEP + line for line in _block(rng, depth + 1, [*outer, variable])]
    kind = rng.random()
    more = rng.choice(["", "", " and s < 90.0"])
    if kind < 0.1:
        return [
            f"{variable} = {rng.choice(['n', 'm - 1', 'a.shape[0] - 1', '4', *outer])}",
            f"while {variable} {rng.choice(['>= 0', '> 0', '>= -1', '> m', '>= 1'])}{more}:",
            *body,
            f"{STEP}{variable} -= {rng.randint(1, 2)}",
        ]
    if kind < 0.25:
        stop = f"{rng.choice(['<', '<', '<='])} {rng.choice(['n', 'm', 'a.shape[0]', 'b.shape[0] - 1'])}"
        start = rng.choice(["0", "1", "n", "-1", *outer])
        return [
            f"{variable} = {start}",
            f"while {variable} {stop}{more}:",
            *body,
            f"{STEP}{variable} += {rng.randint(1, 2)}",
        ]
    if kind < 0.4:
        return [f"for {variable}, x in enumerate(a{rng.choice(['', ', 1', '[1:]'])}):", *body]
    return [f"for {variable} in {_range(rng, outer)}:", *body]


def _block(rng, depth, variables):
    lines = []
    for _ in range(rng.randint(1, 3)):
        lines += _loop(rng, depth, variables) if depth < 3 and rng.random() < 0.4 else _access(rng, variables)
    return lines


def loop_nest(rng):
    """A function f(a, b, index, n, m) of a 1-d, a 2-d and an index array, and two integers."""
    lines = ["s = 0.0", f"last = {rng.choice(['0', '0', '1', '-1', 'n'])}"]
    if rng.random() < 0.2:
        lines.append("a = np.ones(n)")
    for _ in range(rng.randint(1, 2)):
        lines += _loop(rng, 0, [])
    return "\n".join(
        ["def f(a, b, index, n, m):", *(STEP + line for line in lines), f"{STEP}return s, last\n"]
    )


# ---- arrays that come and go --------------------------------------------------------------------------------------

ARRAYS = ["x", "y", "z"]


def _array(rng):
    one, other = rng.choice(ARRAYS), rng.choice(ARRAYS)
    return rng.choice([
        f"{one} + 1.0", f"{one}[1:]", f"{one}[::-1]", "np.zeros(4)", f"{one}.copy()", one, f"same({one})", f"fresh({one})",
        f"pick({one}, {other}, k)", f"fail({one}, k)", f"({one}, {other})[{rng.randint(0, 1)}]", f"b[{rng.randint(0, 3)}]",
        f"b.T[{rng.randint(0, 3)}]",
    ])  # fmt: skip


def _simple(rng, inside_loop):
    one, other = rng.sample(ARRAYS, 2)
    forms = [
        (40, [f"{one} = {_array(rng)}"]),
        (7, [f"{one}, {other} = {other}, {one}"]),
        (7, [f"s += {one}.sum() + k"]),
        (6, [f"s += {one}[{rng.randint(0, 4)}]"]),
        (4, [f"{one}[0] = s * 0.01"]),
        (2, ["if s > 70.0:", f"{STEP}return {one}"]),
        (2, ["if s > 75.0:", f"{STEP}raise ValueError('x')"]),
        (3, [f"t = ({one}, s, {other})", "s += t[0][0]"]),
        (
            4 if inside_loop else 0,
            [f"if s > {rng.randint(5, 80)}.0:", f"{STEP}{rng.choice(['break', 'continue'])}"],
        ),
    ]
    return rng.choices([lines for _, lines in forms], [weight for weight, _ in forms])[0]


def _nested(rng, depth, inside_loop):
    def body(loop):
        return [STEP + line for line in _statements(rng, depth + 1, loop)]

    if rng.random() < 0.5:
        return [f"if s > {rng.randint(0, 60)}.0:", *body(inside_loop), "else:", *body(inside_loop)]
    what = rng.choice(["range(3)", "range(k)", "x", "b", "zip(x, y)", "enumerate(z)"])
    return [f"for q in {what}:", *body(True)]


def _statements(rng, depth, inside_loop):
    lines = []
    for _ in range(rng.randint(1, 4)):
        nested = depth < 3 and rng.random() < 0.25
        lines += _nested(rng, depth, inside_loop) if nested else _simple(rng, inside_loop)
    return lines


def array_juggler(rng):
    """A function f(a, b, k) of a 1-d and a 2-d array of extent 4; it calls same, fresh, pick and fail."""
    lines = [
        "x = a",
        "y = a + 1.0",
        "z = b[1]",
        "s = 0.0",
        *_statements(rng, 0, False),
        f"return {rng.choice(ARRAYS)}",
    ]
    return "\n".join(["def f(a, b, k):", *(STEP + line for line in lines), ""])
