"""Sets, dicts and their views: what is written once for all types of keys, on the raw operations of `naja.library.low`.

A key is looked up by `_find`: linear probing over slots, each of which has the hash and the number of an entry
(src/runtime/table.c).  Compiled for one type of key, hash and comparison are a few instructions.
"""

import operator

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import low
from naja.library.written import written
from naja.typed import Dict, Set


def _is_set(t):
    return isinstance(t, types.BaseSet)


def _is_frozen(t):
    return _is_set(t) and t.kind == "SET" and t.frozen


def _refuse_frozen(t, name):
    if _is_frozen(t):
        raise TypingError(f"'frozenset' object has no attribute '{name}'")


def _is_dict(t):
    return isinstance(t, types.DictType)


@overload(low.table_same_key)
def same_key(t, entry, key):
    return lambda t, entry, key: low.table_get_key(t, entry) == key


@overload(low.table_hash)
def hash_of_object(key):
    return lambda key: low.table_hash(hash(key))


def _find(t, key, hash):
    """The entry of a key, or -1."""
    mask = low.table_mask(t)
    at = low.table_home(t, hash)
    while True:
        slot = low.table_slot(t, at)
        if slot == 0:
            return -1
        if slot >> 32 == hash:
            entry = (slot & 4294967295) - 1
            if low.table_same_key(t, entry, key):
                return entry
        at = (at + 1) & mask


def _entry(t, key):
    k = low.table_key(t, key)
    return _find(t, k, low.table_hash(k))


# ---- dicts: items ------------------------------------------------------------------------------------------------------


@overload(operator.getitem)
def dict_getitem(d, key):
    if not _is_dict(d):
        return None

    def getitem(d, key):
        entry = _entry(d, key)
        if entry < 0:
            raise KeyError(key)
        return low.table_get_value(d, entry)

    return getitem


@overload(operator.setitem)
def dict_setitem(d, key, value):
    if not _is_dict(d):
        return None

    def setitem(d, key, value):
        low.table_admit_item(d, key, value)
        k = low.table_key(d, key)
        hash = low.table_hash(k)
        entry = _find(d, k, hash)
        if entry < 0:
            low.table_push_item(d, hash, k, value)
        else:
            low.table_set_value(d, entry, value)

    return setitem


@overload(operator.delitem)
def dict_delitem(d, key):
    if not _is_dict(d):
        return None

    def delitem(d, key):
        entry = _entry(d, key)
        if entry < 0:
            raise KeyError(key)
        low.table_remove(d, entry)

    return delitem


@overload_method(types.DictType, "get")
def dict_get(d, key, default=None):
    if isinstance(default, (types.NoneType, types.Omitted)) or default is None:

        def get_or_none(d, key, default=None):
            entry = _entry(d, key)
            if entry < 0:
                return None
            return low.table_get_value(d, entry)

        return get_or_none

    def get(d, key, default=None):
        entry = _entry(d, key)
        if entry < 0:
            return default
        return low.table_get_value(d, entry)

    return get


@overload_method(types.DictType, "setdefault")
def dict_setdefault(d, key, default=None):
    def setdefault(d, key, default=None):
        low.table_admit_item(d, key, default)
        k = low.table_key(d, key)
        hash = low.table_hash(k)
        entry = _find(d, k, hash)
        if entry < 0:
            entry = low.table_used(d)
            low.table_push_item(d, hash, k, default)
            entry = low.table_used(d) - 1
        return low.table_get_value(d, entry)

    return setdefault


@overload_method(types.DictType, "pop")
def dict_pop(d, key, default=None):
    if default is None or isinstance(default, types.Omitted):

        def pop_or_raise(d, key, default=None):
            entry = _entry(d, key)
            if entry < 0:
                raise KeyError(key)
            value = low.table_get_value(d, entry)
            low.table_remove(d, entry)
            return value

        return pop_or_raise

    def pop(d, key, default=None):
        entry = _entry(d, key)
        if entry < 0:
            return default
        value = low.table_get_value(d, entry)
        low.table_remove(d, entry)
        return value

    return pop


@overload_method(types.DictType, "popitem")
def dict_popitem(d):
    def popitem(d):
        if len(d) == 0:
            raise KeyError("popitem(): dictionary is empty")
        entry = low.table_used(d) - 1  # the last entry is never a hole
        key, value = low.table_get_key(d, entry), low.table_get_value(d, entry)
        low.table_remove(d, entry)
        return key, value

    return popitem


@overload_method(types.DictType, "update")
def dict_update(d, other):
    if isinstance(other, (types.DictType, types.LiteralStrKeyDict)):

        def update(d, other):
            for key, value in other.items():
                d[key] = value

        return update

    def update_pairs(d, other):
        for key, value in other:
            d[key] = value

    return update_pairs


@overload_method(types.DictType, "clear")
def dict_clear(d):
    return lambda d: low.table_clear(d)


@overload_method(types.DictType, "copy")
def dict_copy(d):
    return lambda d: low.table_copy(d)


@overload(Dict)
@overload(dict)
def dict_of(iterable=None, **items):
    if items:
        return _dict_of_keywords(iterable, items)
    if _is_dict(iterable):
        return lambda iterable=None: iterable.copy()
    if isinstance(iterable, types.LiteralStrKeyDict):
        return None

    def make(iterable=None):
        d = {}
        for key, value in iterable:
            d[key] = value
        return d

    return make


def _dict_of_keywords(iterable, items):
    """dict(a=1), dict(items, a=1)"""
    given = iterable is not None and not isinstance(iterable, types.Omitted)
    names = "".join(f", {name}=None" for name in items)
    lines = [f"def f(items_=None, /{names}):", f"    d = {'dict(items_)' if given else '{}'}"]
    lines += [f"    d[{name!r}] = {name}" for name in items]
    return written(__name__, "\n".join([*lines, "    return d"]))


@overload(dict.fromkeys)
def dict_fromkeys(iterable, value=None):
    def fromkeys(iterable, value=None):
        d = {}
        for key in iterable:
            d[key] = value
        return d

    return fromkeys


# ---- membership --------------------------------------------------------------------------------------------------------


@overload(operator.contains)
def table_contains(t, key):
    if isinstance(t, types.DictView):
        if t.what == "values":

            def contains_value(t, key):
                for x in t:
                    if x == key:
                        return True
                return False

            return contains_value
        if t.what == "keys":
            return lambda t, key: _entry(low.table_viewed(t), key) >= 0

        def contains_item(t, key):
            d = low.table_viewed(t)
            entry = _entry(d, key[0])
            if entry < 0:
                return False
            return low.table_get_value(d, entry) == key[1]

        return contains_item
    if _is_set(t) or _is_dict(t):
        return lambda t, key: _entry(t, key) >= 0
    return None


@overload_method(types.DictType, "not_contains")
def dict_not_contains(t, key):
    return lambda t, key: not operator.contains(t, key)


@overload_method(types.DictView, "not_contains")
def view_not_contains(t, key):
    return lambda t, key: not operator.contains(t, key)


@overload_method(types.BaseSet, "not_contains")
def set_not_contains(t, key):
    return lambda t, key: not operator.contains(t, key)


@overload_method(types.DictType, "__contains__")
def dict_contains(t, key):
    return lambda t, key: operator.contains(t, key)


@overload_method(types.BaseSet, "__contains__")
def set_contains(t, key):
    return lambda t, key: operator.contains(t, key)


# ---- sets: items -------------------------------------------------------------------------------------------------------


@overload_method(types.BaseSet, "add")
def set_add(s, item):
    _refuse_frozen(s, "add")

    def add(s, item):
        low.table_admit(s, item)
        k = low.table_key(s, item)
        hash = low.table_hash(k)
        if _find(s, k, hash) < 0:
            low.table_push(s, hash, k)

    return add


@overload_method(types.BaseSet, "discard")
def set_discard(s, item):
    _refuse_frozen(s, "discard")

    def discard(s, item):
        entry = _entry(s, item)
        if entry >= 0:
            low.table_remove(s, entry)

    return discard


@overload_method(types.BaseSet, "remove")
def set_remove(s, item):
    _refuse_frozen(s, "remove")

    def remove(s, item):
        entry = _entry(s, item)
        if entry < 0:
            raise KeyError(item)
        low.table_remove(s, entry)

    return remove


@overload_method(types.BaseSet, "pop")
def set_pop(s):
    _refuse_frozen(s, "pop")

    def pop(s):
        if len(s) == 0:
            raise KeyError("pop from an empty set")
        entry = low.table_used(s) - 1  # the last entry is never a hole
        item = low.table_get_key(s, entry)
        low.table_remove(s, entry)
        return item

    return pop


@overload_method(types.BaseSet, "clear")
def set_clear(s):
    _refuse_frozen(s, "clear")
    return lambda s: low.table_clear(s)


@overload_method(types.BaseSet, "copy")
def set_copy(s):
    return (lambda s: s) if _is_frozen(s) else lambda s: low.table_copy(s)


@overload(Set)
def typed_set_of(iterable=None):
    def make(iterable=None):
        s = Set()
        for x in iterable:
            s.add(x)
        return s

    return make


@overload(set)
def set_of(iterable=None):
    if _is_set(iterable):
        return lambda iterable=None: low.table_copy(iterable)

    def make(iterable=None):
        s = set()
        for x in iterable:
            s.add(x)
        return s

    return make


@overload(frozenset)
def frozenset_of(iterable=None):
    if _is_frozen(iterable):
        return lambda iterable=None: iterable
    if iterable is None or isinstance(iterable, types.Omitted):
        return lambda iterable=None: low.set_frozen(set())
    return lambda iterable=None: low.set_frozen(set(iterable))


# ---- sets: of several --------------------------------------------------------------------------------------------------


# A set of the items: a set itself, whatever else there is to iterate over put into one.
as_set = low.by_type("as_set")


@overload(as_set)
def set_of_any(items):
    return (lambda items: items) if _is_set(items) else (lambda items: set(items))


def _unite(s, items):
    for x in items:
        s.add(x)


# How much tables grow at once: a table for so much less than is expected is moved once, and seldom too large.
_GROWTH = 4


def _united(s, other):
    r = low.table_copy(s, len(s) + len(other))
    _unite(r, other)
    return r


def _keep(s, other):
    """Remove what is not in the other set."""
    entry = low.table_next(s, 0)
    while entry < low.table_used(s):
        if low.table_get_key(s, entry) not in other:
            low.table_remove(s, entry)
        entry = low.table_next(s, entry + 1)


def _drop(s, other):
    """Remove what is in the other set, which may be the same."""
    if len(other) < len(s):
        for x in other:
            s.discard(x)
        return
    entry = low.table_next(s, 0)
    while entry < low.table_used(s):
        if low.table_get_key(s, entry) in other:
            low.table_remove(s, entry)
        entry = low.table_next(s, entry + 1)


def _toggle(s, other):
    for x in low.table_copy(other):
        if x in s:
            s.remove(x)
        else:
            s.add(x)


def _for_each(name, step):
    """Define a method that does `step(set, items)` for each of its arguments, one after the other."""

    @overload_method(types.BaseSet, name)
    def method(s, *others):
        _refuse_frozen(s, name)
        if len(others) == 0:
            return lambda s, *others: None
        if len(others) == 1:
            return lambda s, *others: step(s, others[0])
        if len(others) == 2:

            def two(s, *others):
                step(s, others[0])
                step(s, others[1])

            return two
        if len(others) == 3:

            def three(s, *others):
                step(s, others[0])
                step(s, others[1])
                step(s, others[2])

            return three

        def several(s, *others):
            for items in others:
                step(s, items)

        return several

    return method


def _keep_any(s, items):
    _keep(s, as_set(items))


def _drop_any(s, items):
    _drop(s, as_set(items))


def _toggle_any(s, items):
    _toggle(s, as_set(items))


set_update = _for_each("update", _unite)
set_intersection_update = _for_each("intersection_update", _keep_any)
set_difference_update = _for_each("difference_update", _drop_any)


@overload_method(types.BaseSet, "symmetric_difference_update")
def set_symmetric_difference_update(s, other):
    _refuse_frozen(s, "symmetric_difference_update")
    return lambda s, other: _toggle_any(s, other)


def _of_thawed(name):
    """The method of a frozenset: what a set gives, frozen."""
    return written(
        __name__, f"def f(s, *others):\n    return set_frozen(set_thawed(s).{name}(*others))\n", **_FREEZING
    )


_FREEZING = {"set_frozen": low.set_frozen, "set_thawed": low.set_thawed}


@overload_method(types.BaseSet, "union")
def set_union(s, *others):
    if _is_frozen(s):
        return _of_thawed("union")
    if len(others) == 1 and _is_set(others[0]):
        return lambda s, *others: _united(s, others[0])
    if len(others) == 1:

        def one(s, *others):
            r = low.table_copy(s)
            _unite(r, others[0])
            return r

        return one
    if len(others) == 2:

        def two(s, *others):
            r = low.table_copy(s)
            _unite(r, others[0])
            _unite(r, others[1])
            return r

        return two

    def several(s, *others):
        r = low.table_copy(s)
        for items in others:
            _unite(r, items)
        return r

    return several


def _common(s, other):
    """The items of the one set that are in the other one as well."""
    r = low.table_like(s, min(len(s), len(other)) // _GROWTH)
    if len(other) < len(s):
        for x in other:
            if x in s:
                r.add(x)
    else:
        for x in s:
            if x in other:
                low.table_push(r, low.table_hash(x), x)
    return r


def _without(s, other):
    r = low.table_like(s, len(s) // _GROWTH)
    for x in s:
        if x not in other:
            low.table_push(r, low.table_hash(x), x)
    return r


def _made(name, make, update):
    """Define a method whose result is made of the set and the first argument; the other arguments change it."""

    @overload_method(types.BaseSet, name)
    def method(s, *others):
        if _is_frozen(s):
            return _of_thawed(name)
        if len(others) == 0:
            return lambda s, *others: low.table_copy(s)
        if len(others) == 1:
            return lambda s, *others: make(s, as_set(others[0]))

        if len(others) == 2:

            def two(s, *others):
                r = make(s, as_set(others[0]))
                update(r, others[1])
                return r

            return two

        def several(s, *others):
            r = low.table_copy(s)
            for items in others:
                update(r, items)
            return r

        return several

    return method


set_intersection = _made("intersection", _common, _keep_any)
set_difference = _made("difference", _without, _drop_any)


def _exactly_one(s, other):
    """The items that one of two sets has and the other has not."""
    r = _without(s, other)
    for x in other:
        if x not in s:
            r.add(x)
    return r


@overload_method(types.BaseSet, "symmetric_difference")
def set_symmetric_difference(s, other):
    if _is_set(other):
        _check_sets(s, other)
    if _is_frozen(s):
        return lambda s, other: low.set_frozen(low.set_thawed(s).symmetric_difference(other))
    return lambda s, other: _exactly_one(s, as_set(other))


# ---- sets: comparison --------------------------------------------------------------------------------------------------


def _subset(a, b):
    if len(a) > len(b):
        return False
    for x in a:
        if x not in b:
            return False
    return True


def _disjoint(a, b):
    if len(a) > len(b):
        return _disjoint_from(b, a)
    return _disjoint_from(a, b)


def _disjoint_from(a, b):
    for x in a:
        if x in b:
            return False
    return True


@overload_method(types.BaseSet, "issubset")
def set_issubset(s, other):
    return lambda s, other: _subset(s, as_set(other))


@overload_method(types.BaseSet, "issuperset")
def set_issuperset(s, other):
    return lambda s, other: _subset(as_set(other), s)


@overload_method(types.BaseSet, "isdisjoint")
def set_isdisjoint(s, other):
    return lambda s, other: _disjoint(s, as_set(other))


def _equal_dicts(a, b):
    if len(a) != len(b):
        return False
    for key, value in a.items():
        entry = _entry(b, key)
        if entry < 0 or low.table_get_value(b, entry) != value:
            return False
    return True


def _is_set_view(t):
    return isinstance(t, types.DictView) and t.what != "values"


def _check_sets(a, b):
    """Whether two operands are sets; TypingError if one is and the other cannot be combined with it."""
    if not (_is_set(a) or _is_set(b)):
        return False
    if not (_is_set(a) and _is_set(b)):
        raise TypingError(f"All arguments must be Sets, got ({a}, {b})")
    if a.dtype is not b.dtype and not (
        (isinstance(a.dtype, types.Number) and isinstance(b.dtype, types.Number))
        or _is_open(a)
        or _is_open(b)
    ):
        raise TypingError(f"All Sets must be of the same type, got ({a}, {b})")
    return True


def _is_open(t):
    return t.dtype is types.undefined or t.dtype.kind == "TUPLE"


def _with_views(a, b):
    """Whether one operand is a set-like view, and the other can be made a set."""
    return (_is_set_view(a) and (_is_set(b) or _is_set_view(b))) or (_is_set(a) and _is_set_view(b))


@overload(operator.eq)
def table_eq(a, b):
    if _is_set(a) and _is_set(b):
        return lambda a, b: len(a) == len(b) and _subset(a, b)
    if _is_dict(a) and _is_dict(b):
        return lambda a, b: _equal_dicts(a, b)
    if _with_views(a, b):
        return lambda a, b: as_set(a) == as_set(b)
    if _is_set(a) or _is_dict(a) or _is_set(b) or _is_dict(b):
        return lambda a, b: False
    return None


@overload(operator.ne)
def table_ne(a, b):
    return (lambda a, b: not a == b) if table_eq(a, b) else None


def _comparison(function, compare):
    @overload(function)
    def method(a, b):
        if _with_views(a, b):
            return lambda a, b: function(as_set(a), as_set(b))
        return (lambda a, b: compare(a, b)) if _check_sets(a, b) else None

    return method


set_le = _comparison(operator.le, lambda a, b: _subset(a, b))
set_lt = _comparison(operator.lt, lambda a, b: len(a) < len(b) and _subset(a, b))
set_ge = _comparison(operator.ge, lambda a, b: _subset(b, a))
set_gt = _comparison(operator.gt, lambda a, b: len(a) > len(b) and _subset(b, a))


@overload_method(types.DictView, "isdisjoint")
def view_isdisjoint(view, other):
    return (lambda view, other: _disjoint(as_set(view), as_set(other))) if _is_set_view(view) else None


# ---- operators ---------------------------------------------------------------------------------------------------------


@overload(operator.or_)
def dict_or(a, b):
    if not (_is_dict(a) and _is_dict(b)):
        return None

    def merge(a, b):
        d = low.table_copy(a)
        d.update(b)
        return d

    return merge


def _operator(function, combine):
    @overload(function)
    def method(a, b):
        if _with_views(a, b):
            return lambda a, b: function(as_set(a), as_set(b))
        if not _check_sets(a, b):
            return None
        if _is_frozen(a):
            return lambda a, b: low.set_frozen(combine(low.set_thawed(a), low.set_thawed(b)))
        if _is_frozen(b):
            return lambda a, b: combine(a, low.set_thawed(b))
        return lambda a, b: combine(a, b)

    return method


set_or = _operator(operator.or_, lambda a, b: _united(a, b))
set_and = _operator(operator.and_, lambda a, b: _common(a, b))
set_sub = _operator(operator.sub, lambda a, b: _without(a, b))
set_xor = _operator(operator.xor, lambda a, b: _exactly_one(a, b))


def _in_place(operation, change, accepts, plain):
    @overload(operation)
    def method(a, b):
        if not accepts(a, b):
            return None
        if _is_frozen(a):
            return lambda a, b: plain(a, b)

        def implementation(a, b):
            change(a, b)
            return a

        return implementation

    return method


def _set_or_decline(a, b):
    return _is_set(a) and _check_sets(a, b)


def _update(a, b):
    a.update(b)


table_ior = _in_place(operator.ior, _update, lambda a, b: _is_dict(a) or _set_or_decline(a, b), operator.or_)
set_iand = _in_place(operator.iand, _keep, _set_or_decline, operator.and_)
set_isub = _in_place(operator.isub, _drop, _set_or_decline, operator.sub)
set_ixor = _in_place(operator.ixor, _toggle, _set_or_decline, operator.xor)
