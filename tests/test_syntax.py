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
