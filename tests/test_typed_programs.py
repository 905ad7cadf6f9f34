"""Random programs over numbers, strings, containers and exceptions do the same interpreted and compiled."""

import random

import pytest
import small_programs
import typed_programs
from program_checks import NAMES, check_calls

ARGUMENTS = [
    (3, 0.5, "naja", [1, 2, 3], {"a": 1, "b": 2}),
    (-2, -0.0, "", [7], {"naja": 5}),
    (12, 1e6, "a,b", [5, -5, 0, 5], {"": 0}),
]


def check_typed(text):
    """Check a program of `typed_programs`."""
    return check_calls(text, [lambda a=a: (*a[:3], list(a[3]), dict(a[4])) for a in ARGUMENTS])


def check_small(text):
    """Check a program of `small_programs`, whose parameters' names tell the kinds of the arguments."""
    parameters = text.split("def f(")[1].split(")")[0].split(", ")
    rows = [small_programs.ARGUMENTS[name.rstrip("0123456789")] for name in parameters]

    def make(number):
        return [eval(row[number], dict(NAMES)) for row in rows]

    return check_calls(text, [lambda number=number: make(number) for number in range(3)])


@pytest.mark.parametrize("seed", range(4))
def test_random_programs(seed):
    rng = random.Random(seed)
    refused = [check_typed(typed_programs.program(rng)) for _ in range(2)]
    assert sum(reason is not None for reason in refused) <= 1, refused


@pytest.mark.parametrize("write", [small_programs.program, small_programs.calling_program])
@pytest.mark.parametrize("seed", range(3))
def test_small_programs(seed, write):
    rng = random.Random(seed)
    refused = [check_small(write(rng)) for _ in range(30)]
    assert refused.count(None) >= 28, refused
