"""Functions whose untyped SSA is written down in ssa_examples.txt; test_frontend.py compares them.

Only code that every version of CPython lays out alike.
"""


def straight(a, b):
    c = a + b * 2
    a -= c
    return a, -c, a < b, a is None, a not in b


def branch(a):
    if a > 1:
        b = 1
    else:
        b = 2.5
    c = b * a
    return c + b, c - b


def maybe_unassigned(a):
    if a:
        b = 1
    return b


def loop(n):
    total = 0
    for i in range(n):
        total += i
    return total


def nested(a):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            a[i, j] = i - j


def calls(f, x, t):
    f()
    f(x, 1, key=x)
    f(*t)
    return f(x, *t, key=None)


def method(a):
    return a.sum().real


def slices(a, i):
    a[1:i] = a[::2]
    return a[i, ..., None]


def unpack(t):
    a, (b, c) = t
    a, b = b, a
    return a, b, c


def closure(x):
    def inner(y, z=3):
        return x + y + z

    return inner(1)


def recursive(x):
    def inner(n):
        return n and inner(n - x)

    return inner(10)


def checks(x):
    if x < 0:
        raise ValueError("negative", x)
    return f"{x}!"
