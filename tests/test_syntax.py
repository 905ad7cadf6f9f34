"""Statements and displays beyond the plain ones: stars, sequence patterns, imports; interpreted against compiled."""

import numpy as np
import pytest
from differential import outcome

from naja import njit

pytestmark = pytest.mark.core


def same(function, *args):
    assert outcome(njit(function), *args) == outcome(function, *args)


# ---- stars in displays ----------------------------------------------------------------------------------------------


def test_stars_in_lists():
    def displays(t, x):
        a = [*t]
        b = [x, *t, x + 1, *t]
        c = [*t, *(x, x)]
        return a, b, c, len(b)

    same(displays, (1, 2, 3), 7)
    same(displays, (1.5,), 7.0)


def test_stars_in_lists_of_lists_and_arrays():
    def displays(values):
        grown = [0.5, *values]
        grown.append(2.5)
        return [*grown, *grown]

    same(displays, [1.0, 2.0])
    assert njit(displays)(np.array([1.0, 2.0])) == displays(np.array([1.0, 2.0]))


def test_stars_in_tuples():
    def displays(t, x):
        return (*t, x), (x, *t, *t)

    same(displays, (1, 2.5), 3)


def test_star_in_a_list_in_a_loop():
    def grow(n):
        a = [0]
        for i in range(n):
            a = [*a, i, *a]
        return a

    same(grow, 4)


# ---- unpacking with a star --------------------------------------------------------------------------------------------


def first(t):
    a, *b = t
    return a, b


def last(t):
    *a, b = t
    return a, b


def ends(t):
    a, *b, c, d = t
    return a, b, c, d


@pytest.mark.parametrize("function", [first, last, ends])
@pytest.mark.parametrize("values", [(1, 2, 3, 4), (1.5, 2.5, 3.5), [1, 2, 3, 4, 5], [1, 2, 3]])
def test_unpacking_with_a_star(function, values):
    same(function, values)


def test_unpacking_too_few():
    same(ends, [1, 2])
    same(ends, (1, 2))


def test_unpacking_an_array():
    a, b = njit(first)(np.arange(4.0))
    assert (a, b) == (0.0, [1.0, 2.0, 3.0])


def test_unpacking_in_a_for_loop():
    def rows(n):
        total = 0
        for a, *b in ((1, 2, 3), (4, 5, 6)):
            total += a * len(b) + b[-1] * n
        return total

    same(rows, 3)


# ---- patterns ---------------------------------------------------------------------------------------------------------


def test_match_on_values():
    def kind(x):
        match x:
            case 0:
                return 10
            case 1 | 2:
                return 20
            case n if n < 0:
                return -n
            case _:
                return 30

    for x in (0, 1, 2, 3, -5):
        same(kind, x)


def test_match_on_sequences():
    def measure(p):
        match p:
            case (x,):
                return x
            case (x, y):
                return x * y
            case (x, y, z):
                return x * y + z
        return -1.0

    for p in ((2.0,), (2.0, 3.0), (2.0, 3.0, 4.0), (1.0, 2.0, 3.0, 4.0)):
        same(measure, p)


def test_a_sequence_pattern_does_not_match_a_number():
    def measure(p):
        match p:
            case (x, y):
                return 1
        return 0

    same(measure, 3)
    same(measure, (3, 4))


# ---- imports --------------------------------------------------------------------------------------------------------------


def test_imports():
    def area(r):
        import math
        from math import sqrt as root

        import numpy.linalg

        return math.pi * r * r, root(r), numpy.zeros(2).size

    same(area, 2.0)


def test_import_of_what_does_not_exist():
    @njit
    def missing():
        import no_such_module_at_all

        return no_such_module_at_all.x

    @njit
    def name():
        from math import no_such_name

        return no_such_name(1)

    with pytest.raises(ImportError, match="no_such_module_at_all"):
        missing()
    with pytest.raises(ImportError, match="cannot import name 'no_such_name' from 'math'"):
        name()


def test_a_function_that_imports_is_not_cached():
    @njit
    def root(x):
        import math

        return math.sqrt(x)

    assert root(4.0) == 2.0
    assert sum(root.stats.cache_hits.values()) == 0


def test_generator_expressions_in_one_another_see_the_loops_around_them():
    def texts(n):
        return ["".join(str(sum(i + j + a for a in (1, 2))) for j in range(2)) for i in range(n)]

    def sums(n):
        return [sum(sum(i + a for a in (1, 2)) for _ in range(2)) for i in range(n)]

    def life(grid):
        h, w = len(grid), len(grid[0])
        return [
            "".join(
                "#"
                if (n := sum(grid[(i + a) % h][(j + b) % w] == "#" for a in (-1, 0, 1) for b in (-1, 0, 1)))
                == 3
                or n == 4
                else "."
                for j in range(w)
            )
            for i in range(h)
        ]

    for f, arg in ((texts, 3), (sums, 3), (life, ["....", ".##.", "..#.", "...."])):
        assert njit(f)(arg) == f(arg)


def test_loops_over_lists_that_get_their_type_later():
    def means(points, centres, n):
        for _ in range(n):
            groups = [[] for _ in centres]
            for p in points:
                groups[min(range(len(centres)), key=lambda i: abs(p - centres[i]))].append(p)
            centres = [sum(x for x in g) / len(g) if g else c for g, c in zip(groups, centres)]
        return centres

    args = [0.0, 1.0, 9.0], [0.0, 8.0], 3
    assert njit(means)(*args) == means(*args)
