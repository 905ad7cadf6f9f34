"""Variables that inner functions share with the function around them, assigned before and after they were captured."""

import numpy as np
import pytest
from differential import outcome
from leaks import check_outcome as check

from naja import errors, njit, prange

# ---- nonlocal --------------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_an_inner_function_counts():
    def work(n):
        count = 0

        def add(k):
            nonlocal count
            count += k
            return count

        for i in range(n):
            if add(i) > 20:
                break
        return count

    assert check(work, 5) == 10
    assert check(work, 50) == 21


def test_two_inner_functions_share_a_variable():
    def work(n):
        total = 0.0

        def up(x):
            nonlocal total
            total += x

        def down(x):
            nonlocal total
            total -= x / 2

        for i in range(n):
            up(i)
            down(i)
        return total

    check(work, 7)


@pytest.mark.core
def test_through_two_levels():
    def work(n):
        x = n

        def outer(k):
            def inner():
                nonlocal x
                x *= 2
                return x

            return inner() + k

        first = outer(1)
        return first, outer(2), x

    check(work, 3)


def test_parameters():
    def work(x, y=3):
        def change():
            nonlocal x, y
            x, y = y, x

        change()
        return x, y

    check(work, 10)
    check(work, 10, 20)


def test_assigned_twice_inside():
    def work(flag):
        x = 0

        def bar():
            nonlocal x
            x = 1
            if flag:
                x = 2

        bar()
        return x

    check(work, False)
    check(work, True)


@pytest.mark.core
def test_arrays_strings_and_lists():
    def work(n):
        s = "a"
        a = np.arange(3.0)
        seen = [0]

        def change(k):
            nonlocal s, a, seen
            s += str(k)
            a = a * 2 + k
            seen = [*seen, k]

        for i in range(n):
            change(i)
        return s, a.sum(), seen

    check(work, 4)
    check(work, 0)


def test_no_value_yet_and_no_value_any_more():
    def early(n):
        def get():
            return x

        if n > 0:
            x = n
        result = get()
        x = 5
        return result

    def late(n):
        x = n

        def clear():
            nonlocal x
            del x

        if n > 0:
            clear()
        return x

    check(early, 3)
    check(late, 0)
    text = "cannot access free variable 'x' where it is not associated with a value in enclosing scope"
    assert check(early, 0) is NameError and outcome(njit(early), 0)[2] == text
    assert check(late, 1) is UnboundLocalError


def test_int_and_float_in_one_variable():
    def work(n):
        x = 1

        def half():
            nonlocal x
            x = x / 2

        before = x
        half()
        return before + n, x

    assert njit(work)(3) == (4, 0.5)


def test_a_generator_expression_that_assigns():
    def work(n):
        last = -1
        total = sum((last := i) for i in range(n))
        return total, last

    check(work, 5)


def test_a_recursive_inner_function_with_default_values():
    def work(n, m):
        base = m + 1

        def steps(k, low=2, step=m):
            if k < low:
                return base
            return steps(k - step) + steps(k - 1, low + 3, step=2)

        return steps(n), steps(n, 4)

    check(work, 9, 1)
    check(work, 6, 3)


# ---- assigned after it was captured ----------------------------------------------------------------------------------


@pytest.mark.core
def test_the_last_value_counts():
    def work(n):
        y = 1

        def get():
            return y

        first = get()
        y = n
        second = get()
        y += 10
        return first, second, get()

    check(work, 5)


def test_in_a_loop():
    def work(n):
        fs = []
        for i in range(n):
            fs.append(lambda: i)  # noqa: B023
        total = 0
        for f in fs:
            total = total * 10 + f()
        return total

    check(work, 4)


def test_before_the_capture_it_stays_a_value():
    def work(n):
        y = 1
        y = y + n

        def get():
            return y * 2

        return get()

    check(work, 5)


def test_captured_by_a_function_that_is_passed_on():
    @njit
    def twice(f, x):
        return f(f(x))

    def work(n):
        k = 1

        def add(x):
            return x + k

        first = twice(add, n)
        k = 100
        return first, twice(add, n)

    assert njit(work)(5) == (7, 205)


def test_generators():
    @njit
    def work(n):
        x = 0

        def step():
            nonlocal x
            x += n
            return x

        while x < 20:
            yield step()
        yield x

    assert list(work(7)) == [7, 14, 21, 21]


def test_handlers_see_the_last_value():
    def work(n):
        x = 0

        def change():
            nonlocal x
            x += 1
            if x == n:
                raise ValueError(x)

        try:
            for _ in range(10):
                change()
        except ValueError:
            return x
        return -x

    check(work, 4)
    check(work, 40)


def test_calls_in_handlers_see_the_last_value():
    def work(i, d):
        def h(v):
            return v + i

        i = i * 2
        try:
            d["x"] += 1
        except KeyError:
            i = h(0)
        return i

    def made_in_a_handler(i, d):
        try:
            d["x"] += 1
        except KeyError:

            def h(v):
                return v + i

            i = i * 5
            try:
                d["y"] += 1
            finally:
                i = h(1)
        return i

    for f in (work, made_in_a_handler):
        for d in ({"a": 1}, {"y": 1}, {"x": 1}):
            assert outcome(njit(f), 3, dict(d)) == outcome(f, 3, dict(d))


def test_an_empty_list_that_only_an_inner_function_fills():
    def work(n):
        seen = list()  # noqa: C408

        def add(x):
            seen.append(x)

        for i in range(n):
            add(i * 0.5)
        return seen, seen[0]

    check(work, 3)


# ---- what is refused -------------------------------------------------------------------------------------------------


def test_inner_functions_that_call_each_other():
    def parity(n):
        def even(k):
            return True if k == 0 else odd(k - 1)

        def odd(k):
            return False if k == 0 else even(k - 1)

        return even(n), odd(n), (even, odd)[n % 2](3)

    def three(n):
        k, m = 3, 2.0

        def a(x):
            return x * k if x <= 0 else b(x - 1) + 1

        def b(x):
            return x * m if x <= 0 else c(x - 1) + a(x - 2)

        def c(x):
            return 1.0 if x <= 0 else a(x - 1) * 2 + b(x - 2) + c(x - 3)

        return a(n), b(n), c(n)

    def counted(n):
        count = 0

        def a(k, step=1):
            nonlocal count
            count += 1
            return 0 if k <= 0 else b(k - step) + 1

        def b(k):
            nonlocal count
            count += 10
            return 0 if k <= 0 else a(k - 1) + 2

        return a(n), count

    for f in (parity, three, counted):
        check(f, 6)


def test_functions_that_are_defined_later():
    def helpers(n):
        def work(x):
            return scale(x) + shift(x)

        def scale(x):
            return x * n

        k = n + 1

        def shift(x):
            return x + k

        return work(3), [f(2) for f in (work, scale)]

    def in_loops(n):
        s = 0
        for i in range(n):

            def a(x):
                return b(x - 1) + i if x > 0 else 0

            def b(x):
                return a(x - 1) * 2 if x > 0 else 1

            s += a(5)
        return s

    def generators(n):
        def walk(k):
            yield k
            for x in inner(k - 1):
                yield x

        def inner(k):
            for i in range(k):
                yield i * n

        return list(walk(n))

    def hanoi(n):
        moves = []

        def move(k, source, target):
            if k:
                move(k - 1, source, 3 - source - target)
                step(source, target)
                move(k - 1, 3 - source - target, target)

        def step(source, target):
            moves.append((source, target))

        move(n, 0, 1)
        return moves

    for f in (helpers, in_loops, generators, hanoi):
        check(f, 4)


def test_a_later_function_with_default_values():
    @njit
    def f(n):
        def a(x):
            return b(x)

        def b(x, y=n):
            return a(x - 1) + y if x > 0 else 0

        return a(n)

    with pytest.raises(
        errors.UnsupportedError, match="'b' is assigned after the inner function 'a' took its value"
    ):
        f(3)


def test_a_variable_of_the_python_function_around():
    count = 0

    @njit
    def work(n):
        nonlocal count
        count += n
        return count

    with pytest.raises(errors.UnsupportedError, match="assigns 'count' of the Python function around it"):
        work(4)


@pytest.mark.core
def test_parallel_loops():
    @njit(parallel=True)
    def shared(n):
        count = 0

        def add(k):
            nonlocal count
            count += k

        for i in prange(n):
            add(i)
        return count

    @njit(parallel=True)
    def through_another(n):
        count = 0

        def add(k):
            nonlocal count
            count += k

        def twice(k):
            add(k)
            add(k)

        for i in prange(n):
            twice(i)
        return count

    @njit
    def own(n):
        count = 0

        def add(k):
            nonlocal count
            count += k

        for i in range(n):
            add(i)
        return count

    @njit(parallel=True)
    def each_its_own(n):
        total = 0
        for i in prange(n):
            total += own(i)
        return total

    @njit(parallel=True)
    def only_read(n):
        k = 1

        def add(x):
            return x + k

        k = n
        total = 0
        for i in prange(n):
            total += add(i)
        return total

    for function in (shared, through_another):
        with pytest.raises(errors.ParallelSafetyError, match="an inner function assigns a variable that"):
            function(100)
    assert each_its_own(50) == sum(i * (i - 1) // 2 for i in range(50))
    assert only_read(50) == sum(i + 50 for i in range(50))


# ---- keywords from dicts ---------------------------------------------------------------------------------------------


@njit
def combine(a, b=2, *, c=3, d=4):
    return ((a * 10 + b) * 10 + c) * 10 + d


@pytest.mark.core
def test_dict_displays_as_keywords():
    def work(n):
        options = {"b": n, "d": 7}
        return (
            combine(1, **options),
            combine(**{"a": 1, "c": n}),  # noqa: PIE804
            combine(*(1, 2), **dict(c=5)),
            combine(1, **{"b": n}, d=8),  # noqa: PIE804
            combine(1, **options, c=9),
            options["b"],
        )

    check(work, 6)


def test_more_keywords_than_the_stack_takes():
    names = [f"x{i}" for i in range(40)]
    source = f"def many({', '.join(names)}):\n    return {' - '.join(names)}\n"
    calls = ", ".join(f"{name}={name} if {name} > 3 else -{name}" for name in names)
    source += f"def work({', '.join(names)}):\n    return compiled({calls})\n"
    namespace = {}
    exec(source, namespace)  # noqa: S102
    namespace["compiled"] = njit(namespace["many"])
    work = namespace["work"]
    assert njit(work)(*range(40)) == work(*range(40))


def test_dicts_that_are_no_keywords():
    @njit
    def changed(n):
        options = {"b": n}
        options["c"] = n
        return combine(1, **options)

    @njit
    def unknown(options):
        return combine(1, **options)

    @njit
    def twice(n):
        return combine(1, **{"b": n}, **{"b": n})  # noqa: PIE804

    with pytest.raises(errors.TypingError, match="Cannot mutate a literal dictionary"):
        changed(1)
    with pytest.raises(
        errors.TypingError, match=r"after \*\* must be a dict whose keys are constant strings"
    ):
        unknown({"b": 1})
    with pytest.raises(errors.TypingError, match="multiple values for keyword argument 'b'"):
        twice(1)
