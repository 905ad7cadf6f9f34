"""Ctrl-C and other signals stop compiled loops, with the GIL held or not, in the main process and in a child."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from naja import njit

pytestmark = [
    pytest.mark.core,
    pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX timers"),
]


class TimeUp(Exception):
    pass


def alarm_after(seconds):
    def handler(number, frame):
        raise TimeUp

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)


@pytest.fixture(autouse=True)
def _no_timer_left():
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def spin_forever(n):
    s = 0
    i = 0
    while i < n:
        s = (s * 1103515245 + 12345) % 2147483648
        if s >= 0:
            i += 1
    return s


def nested(n):
    s = 0
    for i in range(n):
        for j in range(n):
            s ^= i * j + (s << 1)
    return s


def long_inside(n):
    """The inner loop is the long one, and no array ends it."""
    s = 0
    for i in range(3):
        for j in range(n):
            s = (s ^ i * j + (s << 1)) & 0xFFFFFF
    return s


def long_inside_down(n):
    s = 0
    for i in range(3):
        for j in range(n, 0, -2):
            s = (s ^ i * j + (s << 1)) & 0xFFFFFF
    return s


def condition_with_a_counter(n):
    """The loop's limit is moved on at every checkpoint."""
    s = 0
    for i in range(3):
        j = 0
        while j < n and s >= 0:
            s = (s * 1103515245 + i + 12345) % 2147483648
            j += 3
    return s


def below_the_item(n):
    """The end of the counter is the item of the loop around."""
    s = 0
    for i in range(0, n, max(n - 1, 1)):
        j = 0
        while j < i:
            s = (s * 1103515245 + 12345) % 2147483648
            j += 1
    return s


def side_by_side(n):
    """Many iterations of the outer loop are computed together."""
    s = 0.0
    for i in range(16):
        x, j = 1.0 + i, 0
        while x > 0.5 and j < n:
            x = x * 0.5 + 0.6
            j += 1
        s += x
    return s


@pytest.mark.parametrize(
    "function, n",
    [
        (spin_forever, 2**40),
        (nested, 2**21),
        (long_inside, 2**40),
        (long_inside_down, 2**40),
        (condition_with_a_counter, 2**40),
        (below_the_item, 2**40),
        (side_by_side, 2**40),
    ],
)
@pytest.mark.parametrize("nogil", [False, True])
def test_a_signal_handler_stops_the_loop(function, n, nogil):
    f = njit(nogil=nogil)(function)
    f(3)
    alarm_after(0.1)
    start = time.monotonic()
    with pytest.raises(TimeUp):
        f(n)
    assert time.monotonic() - start < 5


def test_handler_that_returns_lets_the_loop_finish():
    f = njit(spin_forever)
    expected = f(3_000_000)
    hits = []
    signal.signal(signal.SIGALRM, lambda *_: hits.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    deadline = time.monotonic() + 10
    while not hits and time.monotonic() < deadline:
        assert f(3_000_000) == expected
    assert hits


LOOP = """
import signal
from naja import njit

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs start with it ignored

@njit
def spin(n):
    s = 0
    i = 0
    while i < n:
        s = (s * 1103515245 + 12345) % 2147483648
        if s >= 0:
            i += 1
    return s

spin(3)
print("ready", flush=True)
try:
    spin(2**40)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_sigint_is_keyboard_interrupt():
    child = subprocess.Popen([sys.executable, "-c", LOOP], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        assert child.communicate(timeout=20)[0] == "interrupted\n"
    finally:
        child.kill()
        child.wait()


def test_forked_child_is_interruptible():
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    f = njit(spin_forever)
    f(100_000_000 // 50)
    pid = os.fork()
    if pid == 0:
        try:
            alarm_after(0.1)
            f(2**40)
        except TimeUp:
            os._exit(7)
        os._exit(1)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 7
            return
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    pytest.fail("the child was not interrupted")


@pytest.mark.parametrize(
    "function",
    [spin_forever, long_inside, long_inside_down, condition_with_a_counter, below_the_item, side_by_side],
)
@pytest.mark.parametrize("n", [-1, 0, 1, 2, 16383, 16384, 16385, 16386, 49153])
def test_checkpoints_change_no_result(function, n):
    assert njit(function)(n) == function(n)


def test_where_loops_have_checkpoints():
    def walk(a, n):
        s = 0.0
        for i in range(n):
            for j in range(a.shape[0]):
                s += a[j]
        return s

    def search(a, n):
        found = 0
        for i in range(n):
            j = 0
            while j < a.shape[0] and a[j] < i:
                j += 1
            found += j
        return found

    def count(a, n):
        s = 0
        for i in range(n):
            for j in range(n):
                s ^= j + a.shape[0]
        return s

    a = np.arange(5.0)
    for function, wanted in ((walk, 1), (search, 1), (count, 2)):
        compiled = njit(function)
        assert compiled(a, 4) == function(a, 4)
        (text,) = compiled.inspect_llvm().values()
        assert text.count("call i32 @naja_poll(") == wanted
