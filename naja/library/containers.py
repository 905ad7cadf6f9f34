"""collections.deque, Counter, defaultdict, OrderedDict and ChainMap of compiled code: dataclasses whose fields are lists and dicts.

Compiled code has a dataclass's instance by value, and lists and dicts by reference, so a copy of one of these values is the
same container.  Given to Python it becomes an object of `collections` (``_to_python``); an argument of one of these classes is
taken in before a call (`take_in`) and changed behind it (`give_back`).  Nothing here checks an index on
its own (see `naja.library`), so what comes from the caller is checked first.
"""

import collections
import operator
from dataclasses import dataclass

from naja import typed, types
from naja.errors import TypingError
from naja.extending import overload
from naja.library import low
from naja.types import typeof

# ---- deque -------------------------------------------------------------------------------------------------------------


def _move_half(source, target):
    """Give the other stack the half of a stack's items that lies deepest, so that the next ones are there in time."""
    n = (len(source) + 1) // 2
    for i in range(n):
        target.append(source[n - 1 - i])
    del source[:n]


@dataclass(eq=False)
class Deque:
    """Two stacks, which are mostly amortised: the first item is the last one of `front`, or the first one of `back`.

    `state` has the maximal length (-1: none) and the number of changes.
    """

    front: list
    back: list
    state: list

    @staticmethod
    def _to_python(front, back, state):
        return collections.deque([*front[::-1], *back], None if state[0] < 0 else state[0])

    @property
    def maxlen(self):
        return self.state[0] if self.state[0] >= 0 else None

    def __len__(self):
        return len(self.front) + len(self.back)

    def append(self, x):
        if self.state[0] == 0:
            return
        if len(self) == self.state[0]:
            self.popleft()
        self.state[1] += 1
        self.back.append(x)

    def appendleft(self, x):
        if self.state[0] == 0:
            return
        if len(self) == self.state[0]:
            self.pop()
        self.state[1] += 1
        self.front.append(x)

    def popleft(self):
        if len(self.front) == 0:
            if len(self.back) == 0:
                raise IndexError("pop from an empty deque")
            _move_half(self.back, self.front)
        self.state[1] += 1
        return self.front.pop()

    def pop(self):
        if len(self.back) == 0:
            if len(self.front) == 0:
                raise IndexError("pop from an empty deque")
            _move_half(self.front, self.back)
        self.state[1] += 1
        return self.back.pop()

    def extend(self, iterable):
        for x in iterable:
            self.append(x)

    def extendleft(self, iterable):
        for x in iterable:
            self.appendleft(x)

    def clear(self):
        self.state[1] += 1
        self.front.clear()
        self.back.clear()

    def copy(self):
        return Deque(self.front.copy(), self.back.copy(), [self.state[0], 0])

    def _place(self, i):
        n = len(self)
        if i < 0:
            i += n
        if i < 0 or i >= n:
            raise IndexError("deque index out of range")
        return i

    def _get(self, i):
        n = len(self.front)
        return self.front[n - 1 - i] if i < n else self.back[i - n]

    def _set(self, i, x):
        n = len(self.front)
        if i < n:
            self.front[n - 1 - i] = x
        else:
            self.back[i - n] = x

    def __getitem__(self, i):
        return self._get(self._place(operator.index(i)))

    def __setitem__(self, i, x):
        self._set(self._place(operator.index(i)), x)

    def __delitem__(self, i):
        i = self._place(operator.index(i))
        n = len(self.front)
        self.state[1] += 1
        if i < n:
            self.front.pop(n - 1 - i)
        else:
            self.back.pop(i - n)

    def __iter__(self):
        changes = self.state[1]
        for i in range(len(self)):
            if self.state[1] != changes:
                raise RuntimeError("deque mutated during iteration")
            yield self._get(i)
        if self.state[1] != changes:
            raise RuntimeError("deque mutated during iteration")

    def __reversed__(self):
        changes = self.state[1]
        for i in range(len(self) - 1, -1, -1):
            if self.state[1] != changes:
                raise RuntimeError("deque mutated during iteration")
            yield self._get(i)

    def __contains__(self, x):
        for i in range(len(self)):
            if self._get(i) == x:
                return True
        return False

    def count(self, x):
        n = 0
        for i in range(len(self)):
            if self._get(i) == x:
                n += 1
        return n

    def index(self, x, start=0, stop=9223372036854775807):
        n = len(self)
        if start < 0:
            start = max(start + n, 0)
        if stop < 0:
            stop = max(stop + n, 0)
        for i in range(start, min(stop, n)):
            if self._get(i) == x:
                return i
        raise ValueError("value is not in deque")

    def insert(self, i, x):
        n = len(self)
        if n == self.state[0]:
            raise IndexError("deque already at its maximum size")
        i = max(i + n, 0) if i < 0 else min(i, n)
        self.state[1] += 1
        if i <= len(self.front):
            self.front.insert(len(self.front) - i, x)
        else:
            self.back.insert(i - len(self.front), x)

    def remove(self, x):
        for i in range(len(self)):
            if self._get(i) == x:
                del self[i]
                return
        raise ValueError("deque.remove(x): x not in deque")

    def reverse(self):
        n = len(self)
        self.state[1] += 1
        for i in range(n // 2):
            x = self._get(i)
            self._set(i, self._get(n - 1 - i))
            self._set(n - 1 - i, x)

    def rotate(self, n=1):
        size = len(self)
        if size < 2:
            return
        n %= size
        if n <= size // 2:
            for _ in range(n):
                self.appendleft(self.pop())
        else:
            for _ in range(size - n):
                self.append(self.popleft())

    def __add__(self, other):
        made = self.copy()
        made.extend(other)
        return made

    def __iadd__(self, other):
        self.extend(other.copy())
        return self

    def __mul__(self, n):
        made = Deque(self.front[:0], self.back[:0], [self.state[0], 0])
        for _ in range(n):
            made.extend(self)
        return made

    def __eq__(self, other):
        if len(self) != len(other):
            return False
        for i in range(len(self)):
            if self._get(i) != other._get(i):
                return False
        return True

    def __lt__(self, other):
        return list(self) < list(other)

    def __le__(self, other):
        return list(self) <= list(other)

    def __gt__(self, other):
        return list(self) > list(other)

    def __ge__(self, other):
        return list(self) >= list(other)

    def __repr__(self):
        if self.state[0] < 0:
            return f"deque({list(self)!r})"
        return f"deque({list(self)!r}, maxlen={self.state[0]})"


def _is_none(t):
    return t is None or isinstance(t, (types.NoneType, types.Omitted))


@overload(collections.deque)
def _deque(iterable=None, maxlen=None):
    bounded = not _is_none(maxlen)
    if bounded and not isinstance(maxlen, types.Integer):
        raise TypingError(f"an integer is required for maxlen, not {maxlen}")

    def limit(maxlen):
        if maxlen < 0:
            raise ValueError("maxlen must be non-negative")
        return maxlen

    def unlimited(maxlen):
        return -1

    bound = limit if bounded else unlimited
    if _is_none(iterable):
        return lambda iterable=None, maxlen=None: Deque([], [], [bound(maxlen), 0])

    def filled(iterable=None, maxlen=None):
        made = Deque([], [], [bound(maxlen), 0])
        made.extend(iterable)
        return made

    return filled


# ---- dicts with something for what is missing --------------------------------------------------------------------------


def _plain(value):
    """Lists and dicts of compiled code as Python's own."""
    if isinstance(value, typed.List):
        return [_plain(x) for x in value]
    if isinstance(value, typed.Dict):
        return {key: _plain(x) for key, x in value.items()}
    if isinstance(value, typed.Set):
        return set(value)
    return value


class _Mapping:
    """What a Counter and a defaultdict share with the dict that is their field `data`."""

    def __len__(self):
        return len(self.data)

    def __iter__(self):
        yield from self.data

    def __contains__(self, key):
        return key in self.data

    def __setitem__(self, key, value):
        self.data[key] = value

    def __delitem__(self, key):
        del self.data[key]

    def get(self, key, default=None):
        return self.data.get(key, default)

    def keys(self):
        return self.data.keys()

    def values(self):
        return self.data.values()

    def items(self):
        return self.data.items()

    def pop(self, key, *default):
        return self.data.pop(key, *default)

    def popitem(self):
        return self.data.popitem()

    def setdefault(self, key, default):
        return self.data.setdefault(key, default)

    def clear(self):
        self.data.clear()


@dataclass(eq=False)
class DefaultDict(_Mapping):
    """A dict, and a function that makes what is missing."""

    data: dict
    default_factory: object

    @staticmethod
    def _to_python(data, default_factory):
        factory = getattr(default_factory, "py_func", default_factory)
        return collections.defaultdict(factory, _plain(data))

    def __getitem__(self, key):
        if key not in self.data:
            self.data[key] = self.default_factory()
        return self.data[key]

    def copy(self):
        return DefaultDict(self.data.copy(), self.default_factory)

    def update(self, other):
        self.data.update(_dict_of(other))

    def __eq__(self, other):
        return self.data == _dict_of(other)


@dataclass(eq=False)
class Counter(_Mapping):
    """A dict of numbers; what is missing is 0."""

    data: dict

    @staticmethod
    def _to_python(data):
        return collections.Counter(_plain(data))

    def __getitem__(self, key):
        return self.data.get(key, 0)

    def __delitem__(self, key):
        if key in self.data:
            del self.data[key]

    def copy(self):
        return Counter(self.data.copy())

    def update(self, iterable):
        _count(self.data, iterable, 1)

    def subtract(self, iterable):
        _count(self.data, iterable, -1)

    def total(self):
        return sum(self.data.values())

    def elements(self):
        for key, n in self.data.items():
            for _ in range(n):
                yield key

    def most_common(self, n=None):
        items = sorted(self.data.items(), key=lambda item: item[1], reverse=True)
        return items if n is None else items[: max(n, 0)]

    def __add__(self, other):
        return _combined(self, other, lambda a, b: a + b)

    def __sub__(self, other):
        return _combined(self, other, lambda a, b: a - b)

    def __or__(self, other):
        return _combined(self, other, lambda a, b: max(a, b))

    def __and__(self, other):
        return _combined(self, other, lambda a, b: min(a, b))

    def __pos__(self):
        return _combined(self, Counter(self.data), lambda a, b: a)

    def __neg__(self):
        return _combined(self, Counter(self.data), lambda a, b: -a)

    def __iadd__(self, other):
        return _replaced(self, self + other)

    def __isub__(self, other):
        return _replaced(self, self - other)

    def __ior__(self, other):
        return _replaced(self, self | other)

    def __iand__(self, other):
        return _replaced(self, self & other)

    def __eq__(self, other):
        return _all_counts(self, other, lambda a, b: a == b)

    def __le__(self, other):
        return _all_counts(self, other, lambda a, b: a <= b)

    def __ge__(self, other):
        return _all_counts(self, other, lambda a, b: a >= b)

    def __lt__(self, other):
        return self <= other and not self == other

    def __gt__(self, other):
        return self >= other and not self == other


@dataclass(eq=False)
class OrderedDict(_Mapping):
    """A dict, whose keys can be moved to either end; equal to another one with the same order only."""

    data: dict

    @staticmethod
    def _to_python(data):
        return collections.OrderedDict(_plain(data))

    def __getitem__(self, key):
        return self.data[key]

    def __reversed__(self):
        return reversed(self.data)

    def copy(self):
        return OrderedDict(self.data.copy())

    def update(self, other):
        self.data.update(_dict_of(other))

    def move_to_end(self, key, last=True):
        value = self.data.pop(key)
        if last:
            self.data[key] = value
        else:
            others = self.data.copy()
            self.data.clear()
            self.data[key] = value
            self.data.update(others)

    def popitem(self, last=True):
        if len(self.data) == 0:
            raise KeyError("dictionary is empty")
        if last:
            return self.data.popitem()
        for key in self.data:
            break
        return key, self.data.pop(key)

    def __or__(self, other):
        made = self.copy()
        made.update(other)
        return made

    def __ior__(self, other):
        self.update(other)
        return self

    def __eq__(self, other):
        return _same_order(self.data, other)

    def __repr__(self):
        if len(self.data) == 0:
            return "OrderedDict()"
        if _SHOWN_AS_DICT:
            return f"OrderedDict({self.data!r})"
        return f"OrderedDict({list(self.data.items())!r})"


_SHOWN_AS_DICT = repr(collections.OrderedDict(a=1)) == "OrderedDict({'a': 1})"


@dataclass(eq=False)
class ChainMap:
    """Several dicts of one type, looked through in turn; what is set goes into the first."""

    maps: list

    @staticmethod
    def _to_python(maps):
        return collections.ChainMap(*(_plain(m) for m in maps))

    def __getitem__(self, key):
        for m in self.maps:
            if key in m:
                return m[key]
        raise KeyError(key)

    def get(self, key, default=None):
        for m in self.maps:
            if key in m:
                return m[key]
        return default

    def __contains__(self, key):
        for m in self.maps:
            if key in m:
                return True
        return False

    def _merged(self):
        merged = self.maps[len(self.maps) - 1].copy()
        for i in range(len(self.maps) - 2, -1, -1):
            merged.update(self.maps[i])
        return merged

    def __len__(self):
        return len(self._merged())

    def __iter__(self):
        yield from self._merged()

    def keys(self):
        return self._merged().keys()

    def values(self):
        return self._merged().values()

    def items(self):
        return self._merged().items()

    def __setitem__(self, key, value):
        self.maps[0][key] = value

    def __delitem__(self, key):
        if key not in self.maps[0]:
            raise KeyError(key)
        del self.maps[0][key]

    def new_child(self):
        first = self.maps[0].copy()
        first.clear()
        return ChainMap([first, *self.maps])

    @property
    def parents(self):
        return ChainMap(self.maps[1:])


def _combined(a, b, combine):
    """The positive ones of the counts that two counters give together."""
    made = {}
    for key, n in a.data.items():
        count = combine(n, b[key])
        if count > 0:
            made[key] = count
    for key, n in b.data.items():
        if key not in a.data:
            count = combine(0, n)
            if count > 0:
                made[key] = count
    return Counter(made)


def _replaced(counter, other):
    counter.data.clear()
    counter.data.update(other.data)
    return counter


def _all_counts(a, b, compare):
    for key in a.data:
        if not compare(a[key], b[key]):
            return False
    for key in b.data:
        if not compare(a[key], b[key]):
            return False
    return True


def _class_of(t):
    return getattr(t, "instance_class", None)


_dict_of = low.by_type("dict_of")


@overload(_dict_of)
def _dict_of_any(items):
    if _class_of(items) in (Counter, DefaultDict, OrderedDict):
        return lambda items: items.data
    return (lambda items: items) if isinstance(items, types.DictType) else (lambda items: dict(items))


_same_order = low.by_type("same_order")


@overload(_same_order)
def _same_order_as(data, other):
    if _class_of(other) is not OrderedDict:
        return lambda data, other: data == _dict_of(other)

    def same_order(data, other):
        return data == other.data and list(data) == list(other.data)

    return same_order


_count = low.by_type("count_into")


@overload(_count)
def _count_of(data, iterable, sign):
    if isinstance(iterable, types.DictType) or _class_of(iterable) is Counter:

        def count_items(data, iterable, sign):
            for key, n in iterable.items():
                data[key] = data.get(key, 0) + sign * n

        return count_items

    def count(data, iterable, sign):
        for key in iterable:
            data[key] = data.get(key, 0) + sign

    return count


@overload(collections.Counter)
def _counter(iterable=None):
    if _is_none(iterable):
        return lambda iterable=None: Counter({})

    def counter(iterable=None):
        made = Counter({})
        made.update(iterable)
        return made

    return counter


@overload(collections.defaultdict)
def _defaultdict(default_factory=None, items=None):
    if _is_none(default_factory):
        raise TypingError("a defaultdict of compiled code needs a function that makes its values: use a dict")
    if _is_none(items):
        return lambda default_factory=None, items=None: DefaultDict({}, default_factory)
    return lambda default_factory=None, items=None: DefaultDict(dict(items), default_factory)


@overload(collections.OrderedDict)
def _ordered_dict(items=None):
    if _is_none(items):
        return lambda items=None: OrderedDict({})
    return lambda items=None: OrderedDict(dict(_dict_of(items)))


@overload(collections.ChainMap)
def _chain_map(*maps):
    if not maps:
        raise TypingError("a ChainMap of compiled code needs a dict to begin with")
    if not all(isinstance(m, types.DictType) for m in maps):
        raise TypingError("a ChainMap of compiled code is one of dicts")

    def chain_map(*maps):
        return ChainMap([*maps])

    return chain_map


# ---- arguments -----------------------------------------------------------------------------------------------------------


def _take_deque(d):
    """Return a Deque of typed lists, which have an element type when they are empty, too."""
    item = typeof(list(d)).dtype if d else None
    if item is None:
        raise TypingError(
            "cannot determine the type of an empty deque: its items have no type; make it in compiled code"
        )
    back = typed.List.empty_list(item)
    back.extend(list(d))
    return Deque(typed.List.empty_list(item), back, [-1 if d.maxlen is None else d.maxlen, 0])


def take_in(obj):
    """Return what stands in compiled code for a deque, Counter, defaultdict or OrderedDict that is passed as an argument."""
    if isinstance(obj, collections.deque):
        return _take_deque(obj)
    if isinstance(obj, collections.Counter):
        return Counter(dict(obj))
    if isinstance(obj, collections.OrderedDict):
        return OrderedDict(dict(obj))
    return DefaultDict(dict(obj), obj.default_factory)


_IMMUTABLE = (bool, int, float, complex, str, bytes, tuple)


def _is_same(old, new):
    return old is new or (type(old) is type(new) and isinstance(old, _IMMUTABLE) and old == new)


def give_back(obj, taken):
    """Change an argument to what compiled code has made of it; items that are the same stay the same objects.

    Parameters
    ----------
    obj : deque, Counter, defaultdict or OrderedDict
    taken : Deque, Counter, DefaultDict or OrderedDict
        What `take_in` returned for it.
    """
    if isinstance(obj, collections.deque):
        old, new = list(obj), [*taken.front[::-1], *taken.back]
        if len(old) == len(new):
            new = [a if _is_same(a, b) else _plain(b) for a, b in zip(old, new, strict=True)]
        if len(old) != len(new) or any(a is not b for a, b in zip(old, new, strict=True)):
            obj.clear()
            obj.extend(new)
        return
    old, new = list(obj.items()), list(taken.data.items())
    if len(old) != len(new) or not all(_is_same(*pair) for pair in zip(old, new, strict=True)):
        obj.clear()
        base = collections.OrderedDict if isinstance(obj, collections.OrderedDict) else dict
        base.update(obj, {key: _plain(value) for key, value in new})
