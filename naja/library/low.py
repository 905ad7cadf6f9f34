"""Operations that only naja's library may use: placeholders for rows of the compiler (src/library/sorting.c, checks.c).

They test nothing; whoever calls them has done that.  Interpreted, they raise.
"""

from collections import namedtuple

# What a stencil's kernel gets for an array whose indices are relative; see src/library/stencils.c.
Relative = namedtuple("Relative", "data shape strides dtype at low high")
Neighborhood = namedtuple("Neighborhood", "data shape strides dtype at low high")
Bordered = namedtuple("Bordered", "data shape strides dtype at mode")


def _only_compiled(*args):
    raise NotImplementedError("this operation exists in compiled code only")


def sort(a, stable):
    """Sort a contiguous array of one axis in place."""
    _only_compiled(a, stable)


def argsort(a, out, stable):
    """Put the indices that sort `a` into `out` (int64); both contiguous, of one axis and as long."""
    _only_compiled(a, out, stable)


def partition(a, kth):
    """Put every ``a[kth[i]]`` in its place; `kth` (int64) ascends and is in range."""
    _only_compiled(a, kth)


def argpartition(a, kth, out):
    """Put indices that partition `a` into `out`; `a` stays as it is."""
    _only_compiled(a, kth, out)


def item_codes(a):
    """Return an array of records or strings as one of numbers: an axis more, of characters (U) or bytes; a view."""
    _only_compiled(a)


def items_of(codes, dtype):
    """Return an array of `dtype` whose elements are the last axis of the contiguous `codes`; the inverse of item_codes."""
    _only_compiled(codes, dtype)


def value_error(message, i, j):
    """Raise ValueError; the constant `message` has a ``%d`` for each of i and j (``%g``: float64)."""
    _only_compiled(message, i, j)


def index_error(message, i, j):
    """Raise IndexError; the constant `message` has a ``%d`` for each of i and j (``%g``: float64)."""
    _only_compiled(message, i, j)


def zip_rows(rows):
    """Do ``zip(*rows)`` of a list or array; what it gives are lists, since a tuple's length is known at compile time."""
    _only_compiled(rows)


def chain_rows(rows):
    """Do ``itertools.chain(*rows)`` of a list or array."""
    _only_compiled(rows)


def print_items(items, sep=None, end=None, file=None, flush=False):
    """Do ``print(*items)`` of an iterable."""
    _only_compiled(items, sep, end, file, flush)


def loop_result(state):
    """The result of the generator that the loop of a ``yield from`` went over; of anything else None."""


def strdict(*items):
    """Return the dict of the items ``key, value, key, value``, whose keys are constant strings."""
    _only_compiled(*items)


def is_sequence(value):
    """Whether a sequence pattern of ``match`` may match a value of this type."""
    _only_compiled(value)


def unpack_star(values, before, after):
    """Return ``(values[0], ..., [...], values[-1], ...)`` for ``a, *b, c = values``; ValueError if there are too few."""
    _only_compiled(values, before, after)


def checked_axis(axis, ndim):
    """Return an axis counted from the front; AxisError if an array of `ndim` axes has none such."""
    _only_compiled(axis, ndim)


def checked_index(index, n):
    """Return an index counted from the front; IndexError if it is not one of `n` elements."""
    _only_compiled(index, n)


def iterate(obj):
    """A generator of what an object that is no container gives by ``__iter__`` and ``__next__``."""
    _only_compiled(obj)


def make_fields(*values, **named):
    """A dataclass's instance, some of whose fields are made by functions."""
    _only_compiled(*values, **named)


def instance_new(type):
    """Return a new instance of a jitclass or structref type, all zeros."""
    _only_compiled(type)


def check_init(result):
    """Refuse to compile an ``__init__`` that returns something."""
    _only_compiled(result)


def choice_index(choice):
    """Number of the function that one of several functions is."""
    _only_compiled(choice)


def choice_item(choice, k):
    """Function number k (a constant) of several; undefined unless it is the one chosen."""
    _only_compiled(choice, k)


def generator_waits(generator):
    """Whether a generator waits inside of a ``try`` or ``with``."""
    _only_compiled(generator)


def generator_end(generator):
    """Make a generator give no more items."""
    _only_compiled(generator)


def generator_send(generator, value):
    """Give a generator that waits the value of its ``yield``; what it yields then."""
    _only_compiled(generator, value)


def generator_throw(generator, error):
    """Raise an exception where a generator waits, inside of a ``try``; what it yields then."""
    _only_compiled(generator, error)


def flag_bits(member):
    """The value of a flag: enum.Flag, enum.IntFlag."""
    _only_compiled(member)


def flag_of(cls, bits):
    """The flag of a class that has a value, which the caller has checked."""
    _only_compiled(cls, bits)


def set_frozen(s):
    """A set as a frozenset: the same memory, which nothing else may change."""
    _only_compiled(s)


def set_thawed(s):
    """A frozenset as a set, which is only read."""
    _only_compiled(s)


def by_type(name):
    """Make a function that has no code of its own: overloads say what it does for which types.

    Parameters
    ----------
    name : str
        The function's name, which no other one has.

    Returns
    -------
    function
    """

    def function(*args):
        _only_compiled(*args)

    function.__name__ = function.__qualname__ = name
    return function


# ---- times --------------------------------------------------------------------------------------------------------------


def ticks(a):
    """The int64 behind an array of times: a view."""
    _only_compiled(a)


def times(a, dtype):
    """An array of int64 seen as times of a dtype, or one integer as such a time."""
    _only_compiled(a, dtype)


# ---- lists: cells of a list, without checks and (where said) without counting references -------------------------------


def list_like(a, capacity):
    """An empty list of the type of `a` with room for `capacity` items."""
    _only_compiled(a, capacity)


def context_enter(manager):
    """Enter a context: `naja.library.contexts`."""
    _only_compiled(manager)


def set_flat(a, values):
    """``a.flat = values``: `naja.library.flats`."""
    _only_compiled(a, values)


def set_shape(a, shape):
    """``a.shape = shape``, and so on: refused, with what to do instead, by `naja.library.dtypes`."""
    _only_compiled(a, shape)


def set_strides(a, strides):
    """``a.strides = strides``."""
    _only_compiled(a, strides)


def set_dtype(a, dtype):
    """``a.dtype = dtype``."""
    _only_compiled(a, dtype)


def match_class(subject, cls, n, names):
    """Attributes of a class pattern, or None: `naja.library.patterns`."""
    _only_compiled(subject, cls, n, names)


def match_keys(subject, keys):
    """Values of a mapping pattern, or None: `naja.library.patterns`."""
    _only_compiled(subject, keys)


def is_mapping(subject):
    """Whether a mapping pattern may match: `naja.library.patterns`."""
    _only_compiled(subject)


def cell():
    """An empty list, for a variable: `naja.library.variables`."""
    return []


def owned(value):
    """The value with an owner, as if it were stored: for what is cut into pieces that are stored."""
    _only_compiled(value)


def list_get(a, index):
    """Item of a list."""
    _only_compiled(a, index)


def list_take(a, index):
    """Item of a list, moved out: the cell's reference goes with it."""
    _only_compiled(a, index)


def list_put(a, index, value):
    """Write a cell that holds no reference."""
    _only_compiled(a, index, value)


def list_set_length(a, n):
    """Set the length; the cells are the caller's business."""
    _only_compiled(a, n)


def list_reserve(a, n):
    """Make room for n items."""
    _only_compiled(a, n)


def list_change(a):
    """ValueError if the list may not change."""
    _only_compiled(a)


def list_shrink(a):
    """Give memory back when less than half of it is in use."""
    _only_compiled(a)


def list_sort(a, stable):
    """Sort a list of numbers, ascending."""
    _only_compiled(a, stable)


list_has_negative_zero = by_type("list_has_negative_zero")
list_order = by_type("list_order")  # the indices that sort a list, keeping the order of equal items


list_shape = by_type("list_shape")  # lengths of nested lists, as their first items have them
list_fill = by_type("list_fill")  # copies the items of nested lists into an array


def list_move(a, to, source, n):
    """Move the bits of n cells within a list."""
    _only_compiled(a, to, source, n)


def list_copy(a, to, source, start, n):
    """Copy the bits of n cells of another list of the same type."""
    _only_compiled(a, to, source, start, n)


def list_retain(a, begin, end):
    """One more owner of everything in these cells."""
    _only_compiled(a, begin, end)


def list_release(a, begin, end):
    """One owner less; the cells keep their bits."""
    _only_compiled(a, begin, end)


# ---- random numbers: a source is the address of a bit generator (src/library/random.c) ------------------------------


def random_source(which):
    """The running thread's bit generator: 0 that of np.random, 1 that of Python's module random."""
    _only_compiled(which)


def random_new(words):
    """A new Generator, seeded by the words of an array of uint32; None: by the operating system."""
    _only_compiled(words)


def random_state_new(seed):
    """A new RandomState, seeded by 32 bits, by the words of an array of uint32, or (None) by the operating system."""
    _only_compiled(seed)


def random_of(rng):
    """The bit generator of a numpy.random.Generator or RandomState."""
    _only_compiled(rng)


def random_double(which):
    """A float64 of [0, 1) of the running thread's bit generator."""
    _only_compiled(which)


def random_seed(which, seed):
    """Seed a bit generator of the running thread with 32 bits."""
    _only_compiled(which, seed)


def random_seed_system(which):
    """Seed a bit generator of the running thread from the operating system."""
    _only_compiled(which)


def random_seed_words(which, words):
    """Seed a bit generator of the running thread with a run of uint32, of which there is one at least."""
    _only_compiled(which, words)


def random_draw(source, name, a=None, b=None, c=None):
    """Draw from the distribution that a constant names: a row of src/runtime/random.def."""
    _only_compiled(source, name, a, b, c)


def random_fill(source, name, out, a=None, b=None, c=None):
    """Fill a contiguous array with draws from a distribution."""
    _only_compiled(source, name, out, a, b, c)


def random_integers(source, masked, low, range, out):
    """Fill a contiguous array with integers of low .. low + range, in NumPy's way for its dtype."""
    _only_compiled(source, masked, low, range, out)


def random_integer(source, masked, range, dtype):
    """An int64 with the bits of one integer of 0 .. range, in NumPy's way for `dtype`."""
    _only_compiled(source, masked, range, dtype)


call_value = by_type("call_value")  # calls a value that `stencil` made
call_choice = by_type("call_choice")  # calls one of several functions with the other arguments


def unwrap(optional):
    """The value of an Optional; TypeError if it is None."""
    _only_compiled(optional)


fstring_join = by_type("fstring_join")  # the texts of all arguments, one behind the other: an f-string

# ---- sets and dicts: entries and slots of their table (runtime/table.c), without checks ----------------------------------


def table_admit(table, key):
    """Say that such a key is going to be put into a set: its element type may follow from that."""
    _only_compiled(table, key)


def table_admit_item(table, key, value):
    """Say that such an item is going to be put into a dict."""
    _only_compiled(table, key, value)


def table_key(table, key):
    """The key, of the type of the table's keys."""
    _only_compiled(table, key)


def declared(value, type, name):
    """A value that is assigned to the variable `name`, converted to the type that ``locals=`` gives it."""
    _only_compiled(value, type, name)


def instance_address(instance):
    """A number that no other instance has while this one lives."""
    _only_compiled(instance)


def table_hash(key):
    """The hash under which tables keep a key: 31 bits."""
    _only_compiled(key)


def table_mask(table):
    """Number of slots, a power of two, less one."""
    _only_compiled(table)


def table_home(table, hash):
    """The slot where the search for a hash begins."""
    _only_compiled(table, hash)


def table_used(table):
    """Number of entries, with the holes that removed ones left."""
    _only_compiled(table)


def table_slot(table, slot):
    """A slot: 0, or hash << 32 | (number of the entry + 1)."""
    _only_compiled(table, slot)


def table_next(table, entry):
    """The first entry from here on that is no hole, or the number of them."""
    _only_compiled(table, entry)


def text_join(separator, parts):
    """The strings of a list with a separator between them."""
    _only_compiled(separator, parts)


# Whether the key of an entry is this one, which has the type of the table's keys.
table_same_key = by_type("table_same_key")


def table_get_key(table, entry):
    """Key of an entry."""
    _only_compiled(table, entry)


def table_get_value(table, entry):
    """Value of an entry."""
    _only_compiled(table, entry)


def table_set_value(table, entry, value):
    """Replace the value of an entry."""
    _only_compiled(table, entry, value)


def table_push(table, hash, key):
    """Add a key that is not in the set."""
    _only_compiled(table, hash, key)


def table_push_item(table, hash, key, value):
    """Add a key that is not in the dict."""
    _only_compiled(table, hash, key, value)


def table_remove(table, entry):
    """Remove an entry."""
    _only_compiled(table, entry)


def table_clear(table):
    """Remove all entries."""
    _only_compiled(table)


def table_copy(table, capacity=0):
    """A table with the same entries, and memory for at least so many."""
    _only_compiled(table, capacity)


def table_like(table, capacity):
    """An empty table of the same type."""
    _only_compiled(table, capacity)


def table_viewed(view):
    """The dict that a view is of."""
    _only_compiled(view)


# ---- stencils -----------------------------------------------------------------------------------------------------------


def relative(array, at, low, high):
    """An element of an array for a kernel whose relative indices are constants."""
    _only_compiled(array, at, low, high)


def within(array, at, low, high):
    """An element of an array for a kernel whose relative indices are anything between low and high."""
    _only_compiled(array, at, low, high)


def bordered(array, at, mode):
    """An element of an array for a kernel whose relative indices may lead out of it."""
    _only_compiled(array, at, mode)


def place_address(place):
    """The address of the element that `relative`, `within` or `bordered` stands for."""
    _only_compiled(place)


def stencil_new(kernel, array, *args):
    """A new array of the shape of `array` for results of ``kernel(*args)``."""
    _only_compiled(kernel, array, *args)


def stencil_extent(kernel, *args):
    """How far a kernel looks: a flat tuple of low and high per axis, low <= 0 <= high."""
    _only_compiled(kernel, *args)


def stencil_put(out, at, value):
    """``out[at] = value`` for an index that is known to be good."""
    _only_compiled(out, at, value)


def stencil_cval(out, value):
    """`value` as an element of `out`."""
    _only_compiled(out, value)


# ``a, b = obj`` of an object with __iter__, by the number of variables: naja/library/unpacking.py.
for _n in range(1, 10):
    globals()[f"unpack_object_{_n}"] = by_type(f"unpack_object_{_n}")
