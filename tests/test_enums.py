"""Members of enum classes: as arguments, constants and results, against Python itself."""

from enum import Enum, IntEnum
from itertools import product

import numpy as np
import pytest

from naja import njit, typeof, types


class Color(Enum):
    red = 1
    green = "two"
    blue = 3.5
    crimson = 1  # noqa: PIE796 - an alias


class Shade(Enum):
    red = 1


class Shape(IntEnum):
    circle = 2
    square = 500
    minus = -1


class Size(IntEnum):
    small = 2


MEMBERS = [*Color, *Shade, *Shape, *Size]


@pytest.mark.core
def test_types():
    assert typeof(Color.red) is types.EnumMember(Color) and typeof(Color.red) is typeof(Color.blue)
    assert typeof(Color.red) is not typeof(Shade.red)
    assert isinstance(typeof(Shape.circle), types.IntEnumMember)
    assert not isinstance(typeof(Color.red), types.IntEnumMember)


@pytest.mark.core
def test_same_object_comes_back():
    identity = njit(lambda x: x)
    choice = njit(lambda a, b, first: a if first else b)
    for member in MEMBERS:
        assert identity(member) is member and identity((member, 1))[0] is member
    for first in (True, False):
        assert choice(Color.red, Color.blue, first) is (Color.red if first else Color.blue)
        assert choice(Shape.minus, Shape.square, first) is (Shape.minus if first else Shape.square)


def test_comparison():
    compare = njit(lambda a, b: (a == b, a != b, a is b, a is not b))
    for a, b in product(MEMBERS, repeat=2):
        assert compare(a, b) == (a == b, a != b, a is b, a is not b), (a, b)


@pytest.mark.core
def test_constants():
    def is_red(x):
        return x is Color.red, x == Color.crimson, x is Shade.red

    for member in Color:
        assert njit(is_red)(member) == is_red(member)
    assert njit(lambda: Color.green)() is Color.green
    assert njit(lambda: Shape.minus)() is Shape.minus


@pytest.mark.core
def test_ints():
    def compute(x):
        return x + Shape.circle, x > Shape.square, -Shape.minus, Shape.circle.value, int(Shape.square)

    for x in (3, 600, 2.5):
        assert njit(compute)(x) == compute(x)
    assert njit(lambda a, i: a[i])(np.arange(5), Shape.circle) == 2
    for member in Shape:
        assert njit(lambda x: hash(x))(member) == hash(member)


@pytest.mark.core
def test_is_of_numbers():
    same = njit(lambda a, b: (a is b, a is not b))
    assert same(5, 5) == (True, False) and same(5, 6) == (False, True) and same(True, True) == (True, False)


# ---- members known at run time ---------------------------------------------------------------------------------------


class Form(Enum):
    CIRCLE = "circle"
    SQUARE = "square"


class Instruction(IntEnum):
    PUSH = 3
    ADD = 7


def members_of_classes(word, k):
    names, total = [], 0
    for shape in Form:
        names.append(shape.name + ":" + shape.value)
    for code in list(Instruction):
        total += code.value * k + code
        names.append(code.name)
    found = Form(word)
    return (
        names,
        total,
        len(Form),
        found,
        Form["SQUARE"],
        found is Form.CIRCLE,
        Instruction(k),
        Instruction(k) == Instruction.ADD,
    )


def programs_of_members(program):
    stack = [1][:0]
    for code, argument in program:
        if code == Instruction.PUSH:
            stack.append(argument)
        else:
            stack.append(stack.pop() + stack.pop())
    kept = [code for code, _ in program]
    return stack, kept[0], kept[-1].name


def test_members_known_at_run_time():
    for word, k in (("circle", 7), ("square", 3)):
        assert njit(members_of_classes)(word, k) == members_of_classes(word, k)
    for word, k in (("oval", 7), ("circle", 8)):
        with pytest.raises(ValueError, match="is not a valid") as caught:
            njit(members_of_classes)(word, k)
        with pytest.raises(ValueError) as expected:
            members_of_classes(word, k)
        assert str(caught.value) == str(expected.value)


def test_members_in_lists_and_tuples():
    program = [(Instruction.PUSH, 2), (Instruction.PUSH, 5), (Instruction.ADD, 0)]
    got = njit(programs_of_members)(program)
    assert got == programs_of_members(program)
    assert type(got[1]) is Instruction
