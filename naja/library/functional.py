"""The functions of `operator` that are no operators, functools.partial, and iterators of itertools.

The iterators are generators, as `map` and `filter` are.
"""

import dataclasses
import functools
import itertools
import operator

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds, low, mutables
from naja.library.written import written

# ---- operator ----------------------------------------------------------------------------------------------------------


@overload(operator.concat)
def _concat(a, b):
    return lambda a, b: a + b


@overload(operator.iconcat)
def _iconcat(a, b):
    def iconcat(a, b):
        a += b
        return a

    return iconcat


@overload(operator.countOf)
def _count_of(a, b):
    def count_of(a, b):
        n = 0
        for x in a:
            if x == b:
                n += 1
        return n

    return count_of


@overload(operator.indexOf)
def _index_of(a, b):
    def index_of(a, b):
        i = 0
        for x in a:
            if x == b:
                return i
            i += 1
        raise ValueError("sequence.index(x): x not in sequence")

    return index_of


@overload(operator.length_hint)
def _length_hint(obj, default=0):
    return lambda obj, default=0: len(obj)


@overload(operator.inv)
def _inv(a):
    return lambda a: ~a


_MUTABLE = (types.MutableSequence, types.Array, types.BaseSet, types.DictType)


def _in_place(function, plain):
    """The function of an in-place operator: of values that do not change in place, the operator itself."""

    @overload(function)
    def in_place(a, b):
        return None if isinstance(a, _MUTABLE) else lambda a, b: plain(a, b)


for _name in "add sub mul truediv floordiv mod pow lshift rshift and_ or_ xor".split():
    _in_place(getattr(operator, "i" + _name.rstrip("_")), getattr(operator, _name))


def _constant(t):
    return t.literal_value if isinstance(t, types.Literal) else None


@overload(operator.itemgetter, prefer_literal=True)
def _itemgetter(item, *items):
    constants = [_constant(t) for t in (item, *items)]
    known = None not in constants
    if not items:
        index = constants[0]
        if known:
            return lambda item: lambda obj: obj[index]
        return lambda item: lambda obj: obj[item]
    if not known:
        return None
    if len(constants) == 2:
        i, j = constants
        return lambda item, *items: lambda obj: (obj[i], obj[j])
    if len(constants) == 3:
        i, j, k = constants
        return lambda item, *items: lambda obj: (obj[i], obj[j], obj[k])
    return None


@overload(operator.attrgetter, prefer_literal=True)
def _attrgetter(attr):
    name = _constant(attr)
    return (lambda attr: lambda obj: getattr(obj, name)) if isinstance(name, str) else None


@overload(operator.methodcaller, prefer_literal=True)
def _methodcaller(name, *args):
    method = _constant(name)
    if not isinstance(method, str):
        return None
    return lambda name, *args: lambda obj: getattr(obj, method)(*args)


# ---- a function chosen at run time -------------------------------------------------------------------------------------


@overload(low.call_choice)
def _call_choice(choice, *args, **keywords):
    given = "".join(f", {name}=None" for name in keywords)
    passed = "".join(f", {name}={name}" for name in keywords)
    lines = [f"def made(choice, *args{given}):", "    number = choice_index(choice)"]
    for k in range(choice.nalternatives - 1):
        lines.append(f"    if number == {k}:\n        return choice_item(choice, {k})(*args{passed})")
    lines.append(f"    return choice_item(choice, {choice.nalternatives - 1})(*args{passed})")
    return _function("\n".join(lines), choice_index=low.choice_index, choice_item=low.choice_item)


# ---- functools ---------------------------------------------------------------------------------------------------------


@overload(functools.partial)
def _partial(func, *args, **keywords):
    if not keywords:

        def partial(func, *args):
            def call(*more, **named):
                return func(*args, *more, **named)

            return call

        return partial
    given = ", ".join(keywords)
    passed = ", ".join(f"{k}={k}" for k in keywords)
    return _function(
        f"def made(func, *args, {given}):\n"
        f"    return lambda *more, {passed}, **named: func(*args, *more, {passed}, **named)"
    )


# ---- itertools ---------------------------------------------------------------------------------------------------------


@overload(itertools.count)
def _count(start=0, step=1):
    def count(start=0, step=1):
        x = start + step - step
        while True:
            yield x
            x += step

    return count


@overload(itertools.repeat)
def _repeat(object, times=None):
    if kinds.is_none(times):

        def forever(object, times=None):
            while True:
                yield object

        return forever

    def repeat(object, times=None):
        for _ in range(times):
            yield object

    return repeat


@overload(itertools.chain)
def _chain(*iterables):
    def chain(*iterables):
        for iterable in iterables:
            for x in iterable:
                yield x

    return chain


@overload(itertools.chain.from_iterable)
def _chain_from_iterable(iterable):
    def from_iterable(iterable):
        for items in iterable:
            for x in items:
                yield x

    return from_iterable


@overload(itertools.groupby)
def _groupby(iterable, key=None):
    """The groups are lists."""
    key_of = "x" if kinds.is_none(key) else "key(x)"
    return written(
        __name__,
        f"""def f(iterable, key=None):
    begun = False
    for x in iterable:
        k = {key_of}
        if begun and k == current:
            group.append(x)
        else:
            if begun:
                yield current, group
            begun, current, group = True, k, [x]
    if begun:
        yield current, group""",
    )


@overload(itertools.cycle)
def _cycle(iterable):
    def cycle(iterable):
        seen = []
        for x in iterable:
            seen.append(x)
            yield x
        while len(seen) > 0:
            for x in seen:
                yield x

    return cycle


@overload(itertools.islice)
def _islice(iterable, first, *bounds):
    def check(value):
        if value < 0:
            raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")

    if not bounds:
        if kinds.is_none(first):
            return lambda iterable, first: iter(iterable)

        def head(iterable, first):
            if first < 0:
                raise ValueError(
                    "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize."
                )
            i = 0
            if i < first:
                for x in iterable:
                    yield x
                    i += 1
                    if i >= first:
                        break

        return head
    from_start, to_end = kinds.is_none(first), kinds.is_none(bounds[0])
    stepped = len(bounds) > 1 and not kinds.is_none(bounds[1])

    def part(iterable, first, *bounds):
        start, stop, step = 0, 9223372036854775807, 1
        if not from_start:
            start = first
        if not to_end:
            stop = bounds[0]
        if stepped:
            step = bounds[1]
        check(start)
        check(stop)
        if step < 1:
            raise ValueError("Step for islice() must be a positive integer or None.")
        i, wanted = 0, start
        if wanted < stop:
            for x in iterable:
                if i == wanted:
                    yield x
                    wanted += step
                i += 1
                if i >= stop or wanted >= stop:
                    break

    return part


@overload(itertools.accumulate)
def _accumulate(iterable, func=None, initial=None):
    plain, fresh = kinds.is_none(func), kinds.is_none(initial)

    def accumulate(iterable, func=None, initial=None):
        rest = iter(iterable)
        if fresh:
            started = False
            for x in rest:
                total = x
                started = True
                break
        else:
            total = initial
            started = True
        if started:
            yield total
            for x in rest:
                if plain:
                    total = total + x
                else:
                    total = func(total, x)
                yield total

    return accumulate


@overload(itertools.takewhile)
def _takewhile(predicate, iterable):
    def takewhile(predicate, iterable):
        for x in iterable:
            if not predicate(x):
                break
            yield x

    return takewhile


@overload(itertools.dropwhile)
def _dropwhile(predicate, iterable):
    def dropwhile(predicate, iterable):
        dropping = True
        for x in iterable:
            if dropping:
                dropping = predicate(x)
            if not dropping:
                yield x

    return dropwhile


@overload(itertools.filterfalse)
def _filterfalse(function, iterable):
    if kinds.is_none(function):

        def falses(function, iterable):
            for x in iterable:
                if not x:
                    yield x

        return falses

    def filterfalse(function, iterable):
        for x in iterable:
            if not function(x):
                yield x

    return filterfalse


@overload(itertools.compress)
def _compress(data, selectors):
    def compress(data, selectors):
        for x, wanted in zip(data, selectors):  # noqa: B905
            if wanted:
                yield x

    return compress


@overload(itertools.starmap)
def _starmap(function, iterable):
    def starmap(function, iterable):
        for args in iterable:
            yield function(*args)

    return starmap


@overload(itertools.pairwise)
def _pairwise(iterable):
    def pairwise(iterable):
        rest = iter(iterable)
        started = False
        for x in rest:
            last = x
            started = True
            break
        if started:
            for x in rest:
                yield last, x
                last = x

    return pairwise


def _function(text, **scope):
    """A function from its text, for what depends on a number of arguments that no syntax spells."""
    scope["__name__"] = __name__
    exec(text, scope)
    return scope["made"]


def _nested(signature, pools, loops, item):
    """A generator of nested loops over lists: `loops` are the texts of their ranges."""
    lines = [f"def made({signature}):", *(f"    p{i} = list({pool})" for i, pool in enumerate(pools))]
    for depth, loop in enumerate(loops):
        lines.append("    " * (depth + 1) + loop)
    lines.append("    " * (len(loops) + 1) + f"yield ({item},)")
    return _function("\n".join(lines))


@overload(itertools.product, prefer_literal=True)
def _product(first, *others, repeat=1):
    times = kinds.value(repeat, "itertools.product: repeat")
    n = (1 + len(others)) * times
    pools = ["first", *(f"others[{i}]" for i in range(len(others)))]
    loops = [f"for x{i} in p{i % len(pools)}:" for i in range(n)]
    return _nested("first, *others, repeat=1", pools, loops, ", ".join(f"x{i}" for i in range(n)))


# Loops that Python's own compiler puts into one another.
_MAX_NESTED = 15


def _choices(function, bounds, lists):
    """Register a function that chooses r items; `bounds` gives the text of loop i, from the loops around it.

    Tuples have a length that is known at compile time.  Where it is not, each choice is a list: what `lists` makes.
    """

    @overload(function, prefer_literal=True)
    def choose(iterable, r=None):
        if not kinds.is_none(r) and not isinstance(r, types.Literal):
            return lists
        if isinstance(r, types.Literal):
            n = r.literal_value
        elif isinstance(iterable, types.BaseTuple):
            n = len(iterable)
        else:
            return lists
        if n < 0 or n > _MAX_NESTED:
            return lists
        items = ", ".join(f"p0[i{k}]" for k in range(n))
        return _nested("iterable, r=None", ["iterable"], [bounds(k) for k in range(n)], items)


def _ascending(k):
    return f"for i{k} in range({f'i{k - 1} + 1' if k else '0'}, len(p0)):"


def _ascending_or_same(k):
    return f"for i{k} in range({f'i{k - 1}' if k else '0'}, len(p0)):"


def _other(k):
    taken = " or ".join(f"i{k} == i{j}" for j in range(k))
    return f"for i{k} in range(len(p0)):" + (f"\n{'    ' * (k + 2)}if {taken}: continue" if k else "")


def _length(r):
    if r < 0:
        raise ValueError("r must be non-negative")
    return r


def _lists_ascending(iterable, r=None):
    pool = list(iterable)
    n = len(pool)
    size = _length(r)
    at = list(range(size))
    while size <= n:
        yield [pool[i] for i in at]
        k = size - 1
        while k >= 0 and at[k] == n - size + k:
            k -= 1
        if k < 0:
            return
        at[k] += 1
        for j in range(k + 1, size):
            at[j] = at[j - 1] + 1


def _lists_ascending_or_same(iterable, r=None):
    pool = list(iterable)
    n = len(pool)
    size = _length(r)
    at = [0] * size
    while n > 0 or size == 0:
        yield [pool[i] for i in at]
        k = size - 1
        while k >= 0 and at[k] == n - 1:
            k -= 1
        if k < 0:
            return
        first = at[k] + 1
        for j in range(k, size):
            at[j] = first


def _lists_of_others(iterable, r=None):
    pool = list(iterable)
    n = len(pool)
    size = _size(r, n)
    order = list(range(n))
    cycles = list(range(n, n - size, -1))
    while size <= n:
        yield [pool[i] for i in order[:size]]
        k = size - 1
        while k >= 0:
            cycles[k] -= 1
            if cycles[k] > 0:
                j = n - cycles[k]
                order[k], order[j] = order[j], order[k]
                break
            first = order[k]
            for j in range(k, n - 1):
                order[j] = order[j + 1]
            order[n - 1] = first
            cycles[k] = n - k
            k -= 1
        if k < 0:
            return


_size = low.by_type("permutation_size")


@overload(_size)
def _permutation_size(r, n):
    if kinds.is_none(r):
        return lambda r, n: n
    return lambda r, n: _length(r)


_choices(itertools.combinations, _ascending, _lists_ascending)
_choices(itertools.combinations_with_replacement, _ascending_or_same, _lists_ascending_or_same)
_choices(itertools.permutations, _other, _lists_of_others)


@overload(itertools.zip_longest)
def _zip_longest(first, *others, fillvalue=None):
    n = 1 + len(others)
    pools = ["first", *(f"others[{i}]" for i in range(n - 1))]
    longest = f"max({', '.join(f'len(p{i})' for i in range(n))}, 0)"
    items = ", ".join(f"p{i}[k] if k < len(p{i}) else fillvalue" for i in range(n))
    return _nested("first, *others, fillvalue=None", pools, [f"for k in range({longest}):"], items)


def _zip_in_order(n):
    """zip() that takes each item before it asks for the next: some of the iterables may be one generator."""
    names = [f"x{i}" for i in range(n)]
    lines = ["def made(first, *others, strict=False):"]
    lines += [f"    i{i} = iter(others[{i - 1}])" for i in range(1, n)]
    lines += ["    for x0 in first:", "        try:"]
    lines += [f"            x{i} = next(i{i})" for i in range(1, n)]
    lines += ["        except StopIteration:", "            return", f"        yield ({', '.join(names)},)"]
    return _function("\n".join(lines))


@overload(zip, prefer_literal=True)
def _zip(first, *others, strict=False):
    n = 1 + len(others)
    alike = [t for t in (first, *others) if t.kind == "GENERATOR"]
    if not kinds.value(strict, "zip: strict") and len(set(alike)) < len(alike):
        return _zip_in_order(n)
    if not kinds.value(strict, "zip: strict"):
        return lambda first, *others, strict=False: zip(first, *others)  # noqa: B905
    lines = ["def made(first, *others, strict=False):", "    p0 = list(first)"]
    lines += [f"    p{i} = list(others[{i - 1}])" for i in range(1, n)]
    lines.append(f"    for k in range(min({', '.join(f'len(p{i})' for i in range(n))}, {2**62})):")
    lines.append(f"        yield ({', '.join(f'p{i}[k]' for i in range(n))},)")
    for i in range(1, n):
        before = "argument 1" if i == 1 else f"arguments 1-{i}"
        for sign, word in (("<", "shorter"), (">", "longer")):
            message = f"zip() argument {i + 1} is {word} than {before}"
            lines.append(f"    if len(p{i}) {sign} len(p0):\n        raise ValueError({message!r})")
    return _function("\n".join(lines))


# ---- namedtuples -------------------------------------------------------------------------------------------------------


@overload_method(types.NamedTuple, "_replace")
def _replace(t, **fields):
    names = t.instance_class._fields
    unknown = [name for name in fields if name not in names]
    if unknown:
        raise TypingError(f"Got unexpected field names: {unknown!r}")
    given = "".join(f", {name}=None" for name in fields)
    items = ", ".join(name if name in fields else f"self.{name}" for name in names)
    return _function(f"def made(self{given}):\n    return cls({items})", cls=t.instance_class)


@overload_method(types.NamedTuple, "_asdict")
def _asdict(t):
    if not hasattr(t.instance_class, "_fields"):
        return None
    items = ", ".join(f"{name!r}: self.{name}" for name in t.instance_class._fields)
    return _function(f"def made(self):\n    return {{{items}}}")


# ---- dataclasses -------------------------------------------------------------------------------------------------------


@overload(dataclasses.replace)
def _dataclass_replace(obj, **changes):
    cls = getattr(obj, "instance_class", None)
    if not dataclasses.is_dataclass(cls):
        raise TypingError("replace() should be called on dataclass instances")
    cls = mutables.class_of(cls)
    fields = cls.__dataclass_fields__.values()
    names = [field.name for field in fields if field.init and field._field_type.name != "_FIELD_CLASSVAR"]
    unknown = [name for name in changes if name not in names]
    if unknown:
        raise TypingError(f"{cls.__name__} got unexpected field names: {unknown!r}")
    given = "".join(f", {name}=None" for name in changes)
    kept = {field.name for field in dataclasses.fields(cls)}
    items = ", ".join(
        f"{name}={name}" if name in changes else f"{name}=obj.{name}"
        for name in names
        if name in changes or name in kept
    )
    return _function(f"def made(obj{given}):\n    return cls({items})", cls=cls)


def _converted(value, t, function):
    """Text of a field's value where a dataclass in it is converted, too."""
    return f"{function}({value})" if dataclasses.is_dataclass(getattr(t, "instance_class", None)) else value


def _dataclass_items(obj, function):
    cls = getattr(obj, "instance_class", None)
    if not dataclasses.is_dataclass(cls):
        raise TypingError(f"{function}() should be called on dataclass instances")
    return [(name, _converted(f"obj.{name}", t, function)) for name, t in mutables.fields_of(obj)]


@overload(dataclasses.astuple)
def _astuple(obj):
    items = "".join(f"{value}, " for _, value in _dataclass_items(obj, "astuple"))
    return _function(f"def made(obj):\n    return ({items})", astuple=dataclasses.astuple)


@overload(dataclasses.asdict)
def _asdict_of_dataclass(obj):
    items = ", ".join(f"{name!r}: {value}" for name, value in _dataclass_items(obj, "asdict"))
    return _function(f"def made(obj):\n    return {{{items}}}", asdict=dataclasses.asdict)


# ---- functools.partial objects that the program names ------------------------------------------------------------------


def partial_call(bound, keyword_names):
    """Implementation of a call of a partial object.

    Parameters
    ----------
    bound : functools.partial
        Its function must be one that compiled code can call; the arguments are constants.
    keyword_names : tuple of str
        Keywords of the call, which replace the object's own.

    Returns
    -------
    function
    """
    names = {"func": bound.func}
    first = [f"first{i}" for i in range(len(bound.args))]
    names.update(zip(first, bound.args, strict=True))
    own = [name for name in bound.keywords if name not in keyword_names]
    names.update({f"own_{name}": bound.keywords[name] for name in own})
    parameters = ", ".join(["*more", *keyword_names])
    passed = [f"{name}={name}" for name in keyword_names] + [f"{name}=own_{name}" for name in own]
    return _function(
        f"def made({parameters}):\n    return func({', '.join([*first, '*more', *passed])})", **names
    )


@overload(low.zip_rows)
def _zip_rows(rows):
    row = getattr(rows, "dtype", None)
    if isinstance(row, types.BaseTuple) and len(row):
        # One list per column, which may be of different types; that there are columns is known before there are rows.
        columns = "".join(f"[row[{i}] for row in rows], " for i in range(len(row)))
        lines = [
            "def made(rows):",
            "    if len(rows) == 0:",
            f'        raise ValueError("not enough values to unpack (expected {len(row)}, got 0)")',
            f"    return ({columns})",
        ]
        return _function("\n".join(lines))

    def columns(rows):
        n = len(rows[0]) if len(rows) else 0
        for row in rows:
            n = min(n, len(row))
        for k in range(n):
            yield [row[k] for row in rows]

    return columns


@overload(low.chain_rows)
def _chain_rows(rows):
    def items(rows):
        for row in rows:
            for x in row:
                yield x

    return items


def _replayed(kept):
    for x in kept:
        yield x


@overload(itertools.tee, prefer_literal=True)
def _tee(iterable, n=2):
    """Iterators over one list: what is read ahead for one of them is kept for the others all the same."""
    count = kinds.value(n, "itertools.tee: n")
    made = "replayed(kept), " * count
    text = f"def made(iterable, n=2):\n    kept = list(iterable)\n    return ({made})"
    return _function(text, replayed=_replayed)
