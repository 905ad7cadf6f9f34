"""Listeners of events: compilations that begin and end, kinds of a program's own, recorders and timers."""

import pytest

from naja import errors, event, njit, types


class Kept(event.Listener):
    def __init__(self):
        self.seen = []

    def on_start(self, event):
        self.seen.append(("start", event.kind, dict(event.data), event.data["args"] in overloads(event)))

    def on_end(self, event):
        self.seen.append(("end", event.kind, dict(event.data), event.data["args"] in overloads(event)))


def overloads(event):
    return event.data["dispatcher"].overloads


def test_a_compilation_is_told_once():
    @njit
    def double(x):
        return x + x

    kept = Kept()
    with event.install_listener("numba:compile", kept) as given:
        assert double(2) == 4 and double(3) == 6
    assert given is kept
    double(1.5)
    data = {"dispatcher": double, "args": (types.int64,), "return_type": None}
    assert kept.seen == [
        ("start", "numba:compile", data, False),
        ("end", "numba:compile", data, True),
    ]


def test_a_failed_compilation_ends_as_failed():
    @njit
    def bad(x):
        return x.nothing_of_the_kind

    with event.install_recorder("numba:compile") as rec, pytest.raises(errors.TypingError):
        bad(1)
    assert [told.is_failed for _, told in rec.buffer] == [False, True]


def test_an_exception_of_a_listener_reaches_the_caller():
    class Loud(Kept):
        def on_end(self, event):
            raise ArithmeticError("loud")

    @njit
    def half(x):
        return x / 2

    with event.install_listener("numba:compile", Loud()), pytest.raises(ArithmeticError, match="loud"):
        half(3)
    assert half(3) == 1.5


def test_kinds_of_a_programs_own():
    spent = []
    with event.install_recorder("mine") as rec, event.install_timer("mine", spent.append) as timer:
        with event.trigger_event("mine", data=[1]):
            with event.trigger_event("mine"):
                pass
        with pytest.raises(KeyError), event.trigger_event("mine"):
            raise KeyError(1)
        event.start_event("other")
    told = [e for _, e in rec.buffer]
    assert [e.is_start for e in told] == [True, True, False, False, True, False]
    assert [e.is_failed for e in told] == [False] * 5 + [True]
    assert told[0].data == [1] and told[0].status is event.EventStatus.START and not told[0].is_end
    assert timer.done and spent == [timer.duration] and spent[0] >= 0
    assert "mine" not in event._registered


def test_misuse():
    with pytest.raises(TypeError, match="needs a Listener"):
        event.register("numba:compile", print)
    with pytest.raises(ValueError, match="not registered"):
        event.unregister("numba:compile", Kept())
    with pytest.raises(RuntimeError, match="nothing was measured"):
        event.TimingListener().duration  # noqa: B018
