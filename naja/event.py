"""Numba's `numba.core.event`: listeners that are told when something begins and ends.

naja itself says ``numba:compile``, around the compilation of a function for new types, fresh or out of the cache; a
program may broadcast kinds of its own.
"""

import abc
import contextlib
import enum
import threading
import time
from collections import defaultdict

__all__ = [
    "Event",
    "EventStatus",
    "Listener",
    "RecordingListener",
    "TimingListener",
    "broadcast",
    "end_event",
    "install_listener",
    "install_recorder",
    "install_timer",
    "register",
    "start_event",
    "trigger_event",
    "unregister",
]

# The listeners of every kind of event.
_registered = defaultdict(list)
_lock = threading.Lock()


class EventStatus(enum.Enum):
    """Whether something begins or ends."""

    START = enum.auto()
    END = enum.auto()


class Event:
    """What a listener is told.

    Parameters
    ----------
    kind : str
        Such as ``"numba:compile"``.
    status : EventStatus
    data : object, optional
        What it is about; of ``numba:compile`` a dict of ``dispatcher``, ``args`` and ``return_type``.
    exc_details : tuple, optional
        As `sys.exc_info` gives, when it ends with an exception.
    """

    def __init__(self, kind, status, data=None, exc_details=None):
        self._kind, self._status, self._data, self._exc_details = kind, status, data, exc_details

    @property
    def kind(self):
        """What begins or ends."""
        return self._kind

    @property
    def status(self):
        """Whether it begins or ends."""
        return self._status

    @property
    def data(self):
        """What it is about."""
        return self._data

    @property
    def is_start(self):
        """Whether it begins."""
        return self._status is EventStatus.START

    @property
    def is_end(self):
        """Whether it ends."""
        return self._status is EventStatus.END

    @property
    def is_failed(self):
        """Whether it ends with an exception."""
        return bool(self._exc_details) and self._exc_details[0] is not None

    def __str__(self):
        about = type(self._data).__qualname__ if self._data is not None else "None"
        return f"Event({self._kind}, {self._status}, data: {about})"

    __repr__ = __str__


class Listener(abc.ABC):
    """Base of what is registered: a subclass defines `on_start` and `on_end`."""

    @abc.abstractmethod
    def on_start(self, event):
        """Something begins."""

    @abc.abstractmethod
    def on_end(self, event):
        """Something ends."""

    def notify(self, event):
        """Call the method of the event's status."""
        (self.on_start if event.is_start else self.on_end)(event)


class TimingListener(Listener):
    """Measures the time from the first beginning to the end that belongs to it."""

    def __init__(self):
        self._depth, self._began, self._duration = 0, None, None

    def on_start(self, event):
        """Begin, unless inside of another."""
        if self._depth == 0:
            self._began = time.perf_counter()
        self._depth += 1

    def on_end(self, event):
        """End what began first."""
        self._depth -= 1
        if self._depth == 0:
            self._duration = (self._duration or 0.0) + time.perf_counter() - self._began

    @property
    def done(self):
        """Whether something was measured."""
        return self._duration is not None

    @property
    def duration(self):
        """Seconds.

        Raises
        ------
        RuntimeError
            If nothing has ended yet.
        """
        if self._duration is None:
            raise RuntimeError("nothing was measured yet: no event that began has ended")
        return self._duration


class RecordingListener(Listener):
    """Keeps all events, with the time of each.

    Attributes
    ----------
    buffer : list of (float, Event)
    """

    def __init__(self):
        self.buffer = []

    def on_start(self, event):
        """Keep it."""
        self.buffer.append((time.time(), event))

    on_end = on_start


def register(kind, listener):
    """Tell a listener of events of this kind.

    Parameters
    ----------
    kind : str
    listener : Listener

    Raises
    ------
    TypeError
        If it is no `Listener`.
    """
    if not isinstance(listener, Listener):
        raise TypeError(f"register needs a Listener, got {listener!r} of type {type(listener).__name__}")
    with _lock:
        _registered[kind].append(listener)


def unregister(kind, listener):
    """Tell a listener of events of this kind no more.

    Raises
    ------
    ValueError
        If it is not registered for them.
    """
    with _lock:
        listeners = _registered.get(kind, [])
        if listener not in listeners:
            raise ValueError(f"{listener!r} is not registered for events of kind {kind!r}")
        listeners.remove(listener)
        if not listeners:
            del _registered[kind]


def broadcast(event):
    """Tell an event to all listeners of its kind."""
    for listener in tuple(_registered.get(event.kind, ())):
        listener.notify(event)


def start_event(kind, data=None):
    """Tell that something begins."""
    broadcast(Event(kind, EventStatus.START, data))


def end_event(kind, data=None, exc_details=None):
    """Tell that something ends."""
    broadcast(Event(kind, EventStatus.END, data, exc_details))


@contextlib.contextmanager
def trigger_event(kind, data=None):
    """Tell that something begins and, after the block of the ``with``, that it ends."""
    start_event(kind, data)
    try:
        yield
    except BaseException as error:
        end_event(kind, data, (type(error), error, error.__traceback__))
        raise
    end_event(kind, data, (None, None, None))


@contextlib.contextmanager
def install_listener(kind, listener):
    """Tell a listener of events of this kind, in the block of the ``with``; gives the listener."""
    register(kind, listener)
    try:
        yield listener
    finally:
        unregister(kind, listener)


@contextlib.contextmanager
def install_timer(kind, callback):
    """Measure what happens in the block of the ``with``, and call `callback` with the seconds; gives the listener."""
    with install_listener(kind, TimingListener()) as timer:
        yield timer
    if timer.done:
        callback(timer.duration)


@contextlib.contextmanager
def install_recorder(kind):
    """Keep the events of the block of the ``with``; gives the `RecordingListener`."""
    with install_listener(kind, RecordingListener()) as recorder:
        yield recorder


def compiling(what, dispatcher, args, return_type, error):
    """Tell that a compilation begins or ends; the dispatcher calls it.

    Parameters
    ----------
    what : {'start', 'end'}
    dispatcher : Dispatcher
    args : tuple of types
    return_type : Type or None
    error : BaseException or None
        What it failed with.
    """
    data = {"dispatcher": dispatcher, "args": args, "return_type": return_type}
    if what == "start":
        start_event("numba:compile", data)
    else:
        end_event("numba:compile", data, error and (type(error), error, error.__traceback__))
