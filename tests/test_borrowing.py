"""Members that do not change are read once, and what others keep alive is not counted."""

import gc
import signal

import numpy as np
import pytest

from naja import _core, deferred_type, float64, int64, njit, optional, types
from naja.experimental import jitclass
from naja.typed import List

pytestmark = pytest.mark.usefixtures("no_leaks")


def counts(function):
    """Changes of reference counts in the machine code of every version, without those of error paths."""
    return sum(text.count("atomicrmw") for text in function.inspect_llvm().values())


def stats(function):
    (overload,) = function.overloads.values()
    return overload.stats


def make_node():
    node_type = deferred_type()

    @jitclass([("value", int64), ("next", optional(node_type))])
    class Node:
        def __init__(self, value, next):
            self.value = value
            self.next = next

    node_type.define(Node.class_type.instance_type)
    return Node


Node = make_node()


@jitclass([("x", float64[::1]), ("v", float64[::1]), ("n", int64), ("log", types.List(int64))])
class Particles:
    def __init__(self, n):
        self.n = n
        self.x = np.zeros(n)
        self.v = np.arange(n) * 1.0
        self.log = [0]

    def step(self, dt):
        for i in range(self.n):
            self.x[i] += self.v[i] * dt

    def grow(self):
        self.n += 1
        self.x = np.append(self.x, float(self.n))


@njit
def chain(n):
    head = None
    for i in range(n):
        head = Node(i, head)
    return head


@njit
def total(node):
    s = 0
    while node is not None:
        s += node.value
        node = node.next
    return s


# ---- members -----------------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_accesses_to_members_are_like_those_to_local_arrays():
    @njit
    def run(p, dt):
        for i in range(p.n):
            p.x[i] += p.v[i] * dt

    p = Particles(10)
    run(p, 2.0)
    assert list(p.x) == [2.0 * i for i in range(10)]
    assert (stats(run)["checks_left"], stats(run)["versioned_loops"]) == (0, 1)
    assert "<4 x double>" in "".join(run.inspect_llvm().values())


@pytest.mark.core
def test_a_member_that_is_assigned_in_the_loop_is_read_again():
    @njit
    def swap(p, n):
        s = 0.0
        for i in range(n):
            s = s * 3.0 + p.x[0]
            if i % 2 == 0:
                p.x = np.full(2, float(i))
        return s

    def expected(n):
        s, x = 0.0, 0.0
        for i in range(n):
            s = s * 3.0 + x
            x = float(i) if i % 2 == 0 else x
        return s

    for n in range(5):
        assert swap(Particles(2), n) == expected(n)


def test_a_member_that_a_call_assigns_is_read_again():
    @njit
    def run(p, n):
        sizes = 0
        for i in range(n):
            x = p.x
            p.grow()
            sizes = sizes * 10 + len(p.x) + len(x)
        return sizes

    assert run(Particles(1), 3) == (1 + 2) * 100 + (2 + 3) * 10 + 3 + 4


def test_another_name_for_the_same_instance():
    @njit
    def run(p, q):
        s = 0
        for _ in range(3):
            s = s * 10 + p.n
            q.n += 1
        return s

    p = Particles(1)
    assert run(p, p) == 123
    assert run(Particles(1), Particles(5)) == 111


def test_a_loop_that_makes_no_iteration_reads_no_unassigned_member():
    @jitclass([("items", types.List(int64)), ("n", int64)])
    class Lazy:
        def __init__(self, n):
            self.n = n

        def sum(self):
            s = 0
            for i in range(self.n):
                s += self.items[i]
            return s

    assert Lazy(0).sum() == 0
    with pytest.raises(AttributeError, match="items"):
        Lazy(1).sum()


def test_what_was_stored_is_read():
    @njit
    def run(p, a):
        p.x = a
        p.n = 7
        return p.x[1] + p.n

    a = np.array([1.0, 2.0])
    p = Particles(3)
    assert run(p, a) == 9.0
    assert p.x is a


# ---- values without a reference of their own --------------------------------------------------------------------------------


@pytest.mark.core
def test_a_chain_is_walked_without_counting():
    assert total(chain(1000)) == sum(range(1000))
    assert total(None) == 0
    assert counts(total) == 0


def test_methods_that_look_count_nothing():
    @jitclass([("x", float64[:])])
    class Box:
        def __init__(self, x):
            self.x = x

        def get(self, i):
            return self.x[i]

    @njit
    def run(b, n):
        s = 0.0
        for i in range(n):
            s += b.get(i)
        return s

    assert run(Box(np.arange(5.0)), 5) == 10.0
    assert counts(run) == 0


@pytest.mark.core
def test_a_chain_that_is_changed_while_it_is_walked():
    @njit
    def drop_odd(head):
        previous = head
        node = head.next
        while node is not None:
            if node.value % 2:
                previous.next = node.next
            else:
                previous = node
            node = node.next
        return head

    @njit
    def reverse(head):
        done = None
        node = head
        while node is not None:
            following = node.next
            node.next = done
            done = node
            node = following
        return done

    assert total(drop_odd(chain(100))) == sum(range(0, 100, 2)) + 99
    assert total(reverse(chain(100))) == sum(range(100))


def test_a_value_that_outlives_what_it_was_taken_from():
    @njit
    def second_of_new(n):
        node = chain(n)
        for _ in range(n - 2):
            node = node.next
        return node

    @njit
    def cut(n):
        head = chain(n)
        rest = head.next
        head.next = None
        return rest.value + total(rest)

    assert second_of_new(10).value == 1
    assert cut(4) == 2 + 2 + 1


def test_a_borrowed_value_where_ways_meet():
    @njit
    def pick(p, q, first, n):
        best = p.x
        for i in range(n):
            if (i % 2 == 0) == first:
                best = q.x
            else:
                best = np.full(1, float(i))
        return best[0]

    p, q = Particles(1), Particles(2)
    q.x[0] = 5.0
    for first in (True, False):
        for n in range(4):
            i = n - 1
            want = 0.0 if n == 0 else 5.0 if (i % 2 == 0) == first else float(i)
            assert pick(p, q, first, n) == want


@pytest.mark.core
def test_items_of_lists():
    @njit
    def table(rows):
        s = 0.0
        for i in range(len(rows)):
            for j in range(len(rows[i])):
                s += rows[i][j]
        return s

    @njit
    def replace(rows):
        first = rows[0]
        rows[0] = np.zeros(1)
        rows.clear()
        return first.sum()

    rows = List([np.arange(3.0), np.arange(4.0)])
    assert table(rows) == 9.0
    assert counts(table) == 0
    assert replace(rows) == 3.0


def test_loops_over_lists_and_rows():
    @njit
    def total(rows):
        s = 0.0
        for row in rows:
            for x in row:
                s += x
        return s

    @njit
    def drop(rows):
        kept = np.zeros(1)
        for row in rows:
            kept = row
            rows[0] = np.ones(2)
            rows.pop()
            break
        return kept.sum()

    @njit
    def pairs(rows):
        s = 0.0
        for i, row in enumerate(rows):
            s += i * row[0]
        return s

    rows = List([np.arange(3.0) + 1, np.arange(4.0) + 1])
    assert total(rows) == 16.0
    assert total(np.arange(6.0).reshape(2, 3)) == 15.0
    assert counts(total) == 0
    assert pairs(rows) == 1.0

    @njit
    def letters(words):
        n = 0
        for word in words:
            n += len(word)
        return n

    assert letters(np.array(["ab", "cde"])) == 5
    assert drop(rows) == 6.0


def test_rows_of_an_array_made_here():
    @njit
    def run(n):
        a = np.arange(float(n * n)).reshape(n, n)
        s = 0.0
        for i in range(n):
            row = a[i]
            for j in range(n):
                s += row[j]
        return s

    @njit
    def last(n):
        row = np.zeros(0)
        for i in range(n):
            row = np.full((2, 2), float(i))[1]
        return row

    assert run(5) == sum(range(25))
    assert list(last(3)) == [2.0, 2.0]


def test_a_borrowed_value_in_a_handler():
    @njit
    def run(p, k):
        x = p.x
        try:
            x[k] += 1.0
            p.x = np.zeros(1)
            if k == 1:
                raise ValueError("k")
            x = p.v
        except ValueError:
            return x[k]
        return x[0] + 100.0

    assert run(Particles(3), 1) == 1.0
    assert run(Particles(3), 0) == 100.0
    with pytest.raises(IndexError):
        run(Particles(3), 5)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX timers")
def test_a_signal_handler_may_take_away_what_is_borrowed():
    @njit
    def walk(head, times):
        s = 0
        for _ in range(times):
            node = head
            while node is not None:
                s += node.value
                node = node.next
        return s

    length = 100_000
    head = chain(length)
    walk(head, 1)
    done = []

    def handler(number, frame):
        head.next = chain(length) if len(done) < 3 else None
        done.append(number)
        signal.setitimer(signal.ITIMER_REAL, 0.02)

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        while len(done) < 4:
            assert walk(head, 20) >= 20 * head.value
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert head.next is None


def test_a_flag_that_someone_else_changes_ends_a_loop():
    @jitclass([("running", int64), ("limit", int64)])
    class Flag:
        def __init__(self):
            self.running = 1
            self.limit = 10**15

    @njit
    def wait(flag):
        n = 0
        while flag.running != 0:
            n += flag.limit & 1
        return n

    flag = Flag()
    flag.running = 0
    assert wait(flag) == 0
    flag.running = 1

    def handler(number, frame):
        flag.running = 0

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        assert wait(flag) == 0
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def test_pieces_of_one_argument_share_an_owner():
    @njit
    def words(text):
        return text.split(" ")

    @njit
    def first_rows(a, b):
        kept = [a[0]]
        kept.append(b[0])
        kept.append(a[1])
        return kept

    text = " ".join(str(i) for i in range(100))
    before = _core.block_count()
    kept = words(text)
    assert kept == text.split(" ")
    a, b = np.arange(6.0).reshape(3, 2), np.ones((2, 2))
    rows = first_rows(a, b)
    assert [list(row) for row in rows] == [[0.0, 1.0], [1.0, 1.0], [2.0, 3.0]]
    assert rows[0].base is not None and np.shares_memory(rows[2], a)
    assert _core.block_count() - before <= 3
    del rows, a, b
    gc.collect()
    assert _core.block_count() == before
