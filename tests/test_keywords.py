# ruff: noqa: PIE800, PIE804
"""`**keywords`: parameters that collect keywords, calls that spread dicts, and dicts whose keys are known."""

import pickle

import numpy as np
import pytest
from leaks import check_outcome

from naja import errors, literal_unroll, njit, types

pytestmark = pytest.mark.usefixtures("no_leaks")


def total(a, *rest, b=2, **more):
    s = a + b + len(rest)
    for name, value in more.items():
        s += len(name) * value
    return s


compiled_total = njit(total)


# ---- parameters -------------------------------------------------------------------------------------------------------


@pytest.mark.core
@pytest.mark.parametrize(
    "args, keywords",
    [
        ((1,), {}),
        ((1, 2, 3), {"b": 5}),
        ((1,), {"x": 1, "yy": 2.5}),
        ((1, 2), {"x": 1, "b": 0, "zzz": True}),
        ((), {"a": 7, "q": -1}),
    ],
)
def test_keywords_from_python(args, keywords):
    assert compiled_total(*args, **keywords) == total(*args, **keywords)


def test_versions_are_told_apart_by_names_and_types():
    @njit
    def given(**options):
        return options

    for keywords in ({"a": 1}, {"b": 1}, {"a": 2}, {"a": 1.5}, {"a": 3, "b": 4}, {"b": 3, "a": 4}, {}):
        got = given(**keywords)
        assert got == keywords and list(got) == list(keywords)
    assert len(given.signatures) == 6


def test_arrays_and_strings_as_keywords():
    @njit
    def work(**options):
        return options["x"].sum() + len(options["mode"]) + options.get("shift", 1)

    x = np.arange(4.0)
    assert work(x=x, mode="abc") == 6 + 3 + 1
    assert work(mode="", x=x, shift=5) == 6 + 5

    @njit
    def same(**options):
        return options["x"]

    assert same(x=x) is x


def test_wrong_calls():
    @njit
    def no_names(a, **options):
        return a

    with pytest.raises(TypeError, match="not enough arguments"):
        no_names()
    with pytest.raises(TypeError, match="too many arguments|expected 1"):
        no_names(1, 2)
    with pytest.raises(TypeError, match="multiple values for argument 'a'"):
        no_names(1, a=2)


def test_positional_only_names_are_free():
    def f(a, /, **options):
        return a, options["a"]

    assert njit(f)(1, a=2) == f(1, a=2)


def test_generators_collect_keywords():
    def scaled(n, **options):
        for i in range(n):
            yield i * options["by"]

    assert list(njit(scaled)(3, by=2.5)) == list(scaled(3, by=2.5))

    @njit
    def add(n):
        s = 0.0
        for x in compiled(n, by=1.5):
            s += x
        return s

    compiled = njit(scaled)
    assert add(4) == 9.0


def test_inner_functions_collect_keywords():
    def work(n):
        def lengths(**names):
            s = 0
            for name in names:
                s += len(name)
            return s

        def passed_on(x, **options):
            return lengths(x=x, **options), len(options), "b" in options, "z" in options

        return passed_on(n), passed_on(n, b=3, cc=4), lengths(), lengths(**{"abc": n})

    check_outcome(work, 3)


def test_defaults_and_keyword_only_beside_keywords():
    def work(n):
        k = n * 2

        def f(a, b=2, *, c, d=k, e=n + 1, **more):
            return a, b, c, d, e, len(more), sorted(more.keys())

        def g(a=1, *rest, last=5):
            return a + last + len(rest)

        return (
            f(n, c=1),
            f(n, c=n, z=5),
            f(n, z=1, b=7, c=4, y=2, e=0),
            f(1, 2, c=3, d=4),
            g(),
            g(1, 2, last=n),
        )

    check_outcome(work, 1)


# ---- calls that spread dicts -------------------------------------------------------------------------------------------


def test_spread_dicts():
    def work(n):
        def f(a, b=2, c=3):
            return a * 100 + b * 10 + c

        options = {"b": n, "c": 5}
        other = dict(a=1, c=n)
        return f(1, **options), f(**other), f(1, b=4, **{"c": n}), options["b"], len(options)

    @njit
    def put_together(n, more):
        options = {"a": n, **more}
        return compiled_total(**options)

    check_outcome(work, 7)
    with pytest.raises(errors.TypingError, match="must be a dict whose keys are constant strings"):
        put_together(7, {"b": 1})


def test_spread_dicts_with_values_of_different_types():
    def work(n):
        def describe(x, name="?", scale=1.0, tags=(1,)):
            return name, x * scale, len(tags)

        options = {"name": "n", "scale": 0.5, "tags": (n, 2)}
        return describe(n, **options), describe(n, **{"scale": n}), options["name"]

    check_outcome(work, 3)


def test_spread_at_a_dispatcher_and_a_library_function():
    @njit
    def call(a):
        options = {"axis": 0, "keepdims": True}
        return compiled_total(1, **{"b": 3, "x": 4}), np.sum(a, **options)

    count, sums = call(np.ones((2, 3)))
    assert count == 8
    np.testing.assert_array_equal(sums, [[2.0, 2.0, 2.0]])


def test_names_given_twice():
    @njit
    def twice(n):
        options = {"b": n}
        return compiled_total(1, b=2, **options)

    with pytest.raises(errors.TypingError, match="multiple values for keyword argument 'b'"):
        twice(1)


# ---- dicts whose keys are known ----------------------------------------------------------------------------------------


@pytest.mark.core
def test_mixed_dicts():
    def work(n):
        d = {"a": n, "b": 2.5, "c": "xyz"}
        e = dict(c="xyz", b=2.5, a=n)
        f = {"a": n, "b": 2.5, "d": ""}
        shown = str(d), repr(d), f"{d}"
        asked = "a" in d, "z" in d, "z" not in d, len(d), bool(d), isinstance(d, dict)
        return (
            d["a"] + d["b"],
            d["c"],
            shown,
            asked,
            d == e,
            d != e,
            d == f,
            d.get("c"),
            d.get("z", n),
            d,
            d.copy(),
        )

    check_outcome(work, 4)


def test_iteration_over_mixed_dicts():
    def keys(n):
        d = {"a": n, "bb": "x"}
        return [k for k in d], list(d.keys()), [len(k) for k in d.keys()]

    def unrolled(n):
        d = {"a": n, "bb": "xyz", "c": 2.5}
        s = 0.0
        for k, v in literal_unroll(d.items()):
            if isinstance(v, str):
                s += len(v)
            else:
                s += v * len(k)
        for v in d.values():
            s += 1
        return s

    check_outcome(keys, 1)
    check_outcome(unrolled, 2)


def test_keys_known_at_run_time_only():
    def work(key):
        def find(**d):
            return d[key], d.get(key, -1), key in d, key not in d

        return find(a=1, b=2)

    check_outcome(work, "a")
    check_outcome(work, "b")
    check_outcome(work, "z")


def test_mixed_dicts_in_loops_lists_and_branches():
    def work(n):
        records = [{"id": i, "name": "abc"} for i in range(n)]
        d = {"id": 0, "name": "first"} if n % 2 else {"id": 1, "name": "other"}
        count = 0
        for r in records:
            if r["id"] % 2:
                count += len(r["name"])
        return count, d["name"], records

    check_outcome(work, 5)
    check_outcome(work, 4)


def test_containers_inside_mixed_dicts():
    def work(n):
        d = {"seen": [], "name": "x", "inner": {"p": n, "q": "y"}}
        for i in range(n):
            d["seen"].append(i * 0.5)
        return d["seen"], d["inner"]["q"], d

    check_outcome(work, 3)


def test_a_dict_of_keywords_that_can_be_changed():
    @njit
    def work(**options):
        d = dict(options)
        d["more"] = 5
        d.update({"x": 1})
        d.update(options)
        return d

    assert dict(work(a=1, b=2)) == {"a": 1, "b": 2, "more": 5, "x": 1}


def test_mixed_dicts_are_not_changed():
    @njit
    def assigned():
        d = {"a": 1, "b": "x"}
        d["a"] = 2
        return d["a"]

    @njit
    def popped():
        d = {"a": 1, "b": "x"}
        return d.pop("a")

    @njit
    def missing():
        d = {"a": 1, "b": "x"}
        return d["z"]

    @njit
    def run_time(key):
        d = {"a": 1, "b": "x"}
        return d[key]

    for f in (assigned, popped):
        with pytest.raises(errors.TypingError, match="Cannot mutate a literal dictionary"):
            f()
    with pytest.raises(errors.TypingError, match="there is no key 'z' in"):
        missing()
    with pytest.raises(errors.TypingError):
        run_time("a")


def test_the_type():
    t = types.LiteralStrKeyDict({types.literal("a"): types.int64, types.literal("b"): types.unicode_type})
    assert t is types.LiteralStrKeyDict(t.literal_value) is pickle.loads(pickle.dumps(t))
    assert t.types == (types.int64, types.unicode_type) and len(t) == t.count == 2
    assert t.value_index == {types.literal("a"): 0, types.literal("b"): 1}
    assert not t.mutable and str(t) == "LiteralStrKey[Dict]({a: int64, b: unicode_type})"


def test_an_overload_sees_the_constants():
    from naja.extending import overload

    def specialize(x):
        raise NotImplementedError

    @overload(specialize)
    def _specialize(x):
        shown = tuple(
            k.literal_value * v.literal_value if isinstance(v, types.IntegerLiteral) else str(v)
            for k, v in x.literal_value.items()
        )
        return lambda x: shown

    @njit
    def ask():
        d = {"a": 1, "b": 2, "c": "cat", "d": np.ones(5)}
        return specialize(d)

    assert ask() == ("a", "bb", "Literal[str](cat)", "array(float64, 1d, C)")


def _large_display(extra):
    """Displays of more than 15 items are put together one by one."""
    items = ", ".join(f"'k{i}': {i if i % 2 else repr('v' + str(i))}" for i in range(40))
    scope = {}
    exec(
        f"def f(x):\n    d = {{{items}{extra}}}\n    return d['k1'], d['k2'], len(d), d['k39'], [k for k in d]",
        scope,
    )
    return scope["f"]


def test_large_dicts_of_values_of_different_types():
    for extra in ("", ", 'z': x", ", 'k2': x, 'k39': 'last'"):
        check_outcome(_large_display(extra), 2.5)


def test_a_key_that_is_given_twice_keeps_its_place():
    def f():
        d = {"a": 1, "b": 2j, "c": "d", "a": "aaaa"}  # noqa: F601
        return d["a"], d["b"], d["c"], len(d), [k for k in d]

    check_outcome(f)
