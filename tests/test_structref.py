"""Mutable structs whose types are defined in Python: naja.experimental.structref."""

import numpy as np
import pytest

from naja import errors, njit, typeof, types
from naja.experimental import structref
from naja.extending import overload_attribute, overload_method

pytestmark = [pytest.mark.core, pytest.mark.usefixtures("no_leaks")]


@structref.register
class PairType(types.StructRef):
    def preprocess_fields(self, fields):
        return tuple((name, types.unliteral(t)) for name, t in fields)


class Pair(structref.StructRefProxy):
    def __new__(cls, values, counter):
        return structref.StructRefProxy.__new__(cls, values, counter)

    @property
    def values(self):
        return get_values(self)

    @property
    def counter(self):
        return get_counter(self)


structref.define_proxy(Pair, PairType, ["values", "counter"])


@njit
def get_values(pair):
    return pair.values


@njit
def get_counter(pair):
    return pair.counter


@overload_method(PairType, "scaled")
def pair_scaled(self, by):
    def scaled(self, by):
        return self.values * by + self.counter

    return scaled


@overload_attribute(PairType, "both")
def pair_both(self):
    def both(self):
        return self.values, self.counter

    return both


@structref.register
class TreeType(types.StructRef):
    def preprocess_fields(self, fields):
        return (("value", types.Optional(types.int64)), ("parent", types.Optional(self)))


class Tree(structref.StructRefProxy):
    pass


structref.define_proxy(Tree, TreeType, ["value", "parent"])


def test_made_in_python():
    a = np.arange(3.0)
    p = Pair(a, counter=2)
    assert isinstance(p, Pair)
    assert p.values is a
    assert p.counter == 2
    assert isinstance(typeof(p), PairType)
    assert str(typeof(p)) == "numba.PairType(('values', array(float64, 1d, C)), ('counter', int64))"


def test_made_in_compiled_code():
    @njit
    def make(x, y, m, n):
        return Pair(x, y), Pair(m, counter=n)

    a, b = make(1, 2.5, 3j, (4,))
    assert (a.values, a.counter, b.values, b.counter) == (1, 2.5, 3j, (4,))


def test_fields_change_by_reference():
    @njit
    def change(p):
        p.counter += 10
        p.values = p.values + 1

    p = Pair(np.zeros(2), 1)
    change(p)
    assert p.counter == 11
    assert p.values.tolist() == [1, 1]


def test_methods_and_attributes():
    @njit
    def work():
        p = Pair(np.arange(3.0), 1)
        return p.scaled(2), p.both

    scaled, (values, counter) = work()
    assert scaled.tolist() == [1, 3, 5]
    assert values.tolist() == [0, 1, 2] and counter == 1


def test_identity():
    @njit
    def work():
        a, b = Pair(1, 2), Pair(1, 2)
        return a is a, a is b, a is not b

    assert work() == (True, False, True)


def test_fields_of_its_own_type():
    @njit
    def work(x):
        child, parent = Tree(None, None), Tree(None, None)
        child.parent = parent
        parent.value = x
        return child.parent.value

    assert work(11) == 11


def test_new_and_default_proxy():
    @structref.register
    class LowType(types.StructRef):
        pass

    structref.define_boxing(LowType, structref.StructRefProxy)
    low_type = LowType([("n", types.int64)])
    assert low_type is LowType([("n", types.int64)])

    @njit
    def make(n):
        s = structref.new(low_type)
        s.n = n
        return s

    made = make(4)
    assert type(made) is structref.StructRefProxy
    assert njit(lambda s: s.n)(made) == 4
    with pytest.raises(AttributeError):
        made.n  # noqa: B018


def test_types():
    t = types.StructRef([("a", types.int64), ("b", types.float64)])
    assert t.field_dict == {"a": types.int64, "b": types.float64}
    with pytest.raises(ValueError, match="expecting a str for field name"):
        types.StructRef([(1, types.int64)])
    with pytest.raises(ValueError, match="expecting a Numba Type for field type"):
        types.StructRef([("a", 3)])
    with pytest.raises(ValueError, match="cannot register"):
        structref.register(types.StructRef)
    with pytest.raises(ValueError, match="cannot register"):
        structref.define_boxing(types.StructRef, Pair)


def test_wrong_field_type():
    @njit
    def work(p):
        p.counter = "x"

    with pytest.raises(
        errors.TypingError, match=r"Cannot cast unicode_type to int64: attribute 'counter' of numba\.Pair"
    ):
        work(Pair(1, 2))


def test_properties_of_a_proxy_can_be_set():
    @structref.register
    class BoxType(types.StructRef):
        pass

    class Box(structref.StructRefProxy):
        @property
        def value(self):
            return get_value(self)

        @value.setter
        def value(self, x):
            set_value(self, x)

    structref.define_proxy(Box, BoxType, ["value"])

    @njit
    def get_value(box):
        return box.value

    @njit
    def set_value(box, x):
        box.value = x

    box = Box(1.5)
    box.value += 2
    box.label = "mine"
    assert (box.value, box.label) == (3.5, "mine")
    with pytest.raises(AttributeError):
        box.nothing
