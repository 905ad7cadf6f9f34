"""Random programs against the interpreter: ``make fuzz PROGRAMS=20000 ARGS="--jobs 2 --family small"``.

Every program is run interpreted and compiled on the same arguments: result, arguments and exception must be the same,
and no memory block may stay behind.  Programs are run in batches by forked children, so one that crashes or does not
end costs itself only.  A program that fails is made smaller, printed with its family and seed, and ends the run.  What
was refused by the compiler is no failure; the reasons are counted at the end.
"""

import argparse
import collections
import os
import pickle
import random
import select
import shutil
import signal
import sys
import tempfile
import time
from typing import NamedTuple

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import lane_programs  # noqa: E402
import programs  # noqa: E402
import shrink  # noqa: E402
import small_programs  # noqa: E402
import test_bounds  # noqa: E402
import test_lanes  # noqa: E402
import test_refcount  # noqa: E402
import test_typed_programs  # noqa: E402
import typed_programs  # noqa: E402
from differential import Difference  # noqa: E402


class Family(NamedTuple):
    """A kind of programs: what writes one, what checks one, and how many there are of each hundred."""

    write: object
    check: object
    share: int


FAMILIES = {
    "small": Family(small_programs.program, test_typed_programs.check_small, 69),
    "calls": Family(small_programs.calling_program, test_typed_programs.check_small, 15),
    "loops": Family(programs.loop_nest, test_bounds.check_nest, 6),
    "lanes": Family(lambda rng: lane_programs.LaneProgram(rng).text(), test_lanes.check_lanes, 6),
    "arrays": Family(programs.array_juggler, test_refcount.check_juggler, 2),
    "typed": Family(typed_programs.program, test_typed_programs.check_typed, 2),
}
BATCH = 100  # programs per child
PATIENCE, STUCK = 60, 600  # seconds of the processor that one may take; seconds without a verdict


class Verdict(NamedTuple):
    """What became of a program: "same", "refused" or how it failed; and the details."""

    kind: str
    text: str


def judge(family, text):
    """Check a program in this process."""
    try:
        reason = FAMILIES[family].check(text)
    except Difference as difference:
        return Verdict(difference.kind, str(difference))
    except Exception as error:  # what the compiler must not raise, or a program that is none
        return Verdict(f"{type(error).__name__} out of the check", repr(error))
    return Verdict("refused", reason) if reason else Verdict("same", "")


class Child:
    """A process that checks programs in order, and tells the verdict on each through a pipe."""

    def __init__(self, tasks):
        self.tasks, self.done, self.data = tasks, 0, b""
        self.reading, writing = os.pipe()
        self.began = time.monotonic()
        sys.stdout.flush()
        self.process = os.fork()
        if self.process == 0:
            self.work(writing)
        os.close(writing)

    def work(self, writing):
        os.close(self.reading)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        for family, text in self.tasks:
            signal.setitimer(signal.ITIMER_PROF, PATIENCE)
            message = pickle.dumps(judge(family, text))
            os.write(writing, len(message).to_bytes(4, "little") + message)
        os._exit(0)

    def read(self):
        """The verdicts that have come; the last one is made up here if the child has ended too early."""
        data = os.read(self.reading, 1 << 20)
        if not data:
            return self.end()
        self.data += data
        verdicts = []
        while len(self.data) >= 4 and len(self.data) >= 4 + int.from_bytes(self.data[:4], "little"):
            length = int.from_bytes(self.data[:4], "little")
            verdicts.append(pickle.loads(self.data[4 : 4 + length]))
            self.data = self.data[4 + length :]
        self.done += len(verdicts)
        self.began = time.monotonic()
        return verdicts

    def end(self):
        _, status = os.waitpid(self.process, 0)
        os.close(self.reading)
        self.process = None
        if self.done == len(self.tasks):
            return []
        self.done += 1
        code = os.waitstatus_to_exitcode(status)
        what = "does not end" if code in (-signal.SIGKILL, -signal.SIGPROF) else f"crash: {code}"
        return [Verdict(what, f"the process ended with {code}")]

    def watch(self):
        """Kill a child that has been busy with one program for too long."""
        if time.monotonic() - self.began > STUCK:
            os.kill(self.process, signal.SIGKILL)


def run_one(family, text):
    """The verdict on one program, from a child."""
    child, verdicts = Child([(family, text)]), []
    while child.process:
        if select.select([child.reading], [], [], 1)[0]:
            verdicts += child.read()
        else:
            child.watch()
    return verdicts[0]


def write(family, seed):
    """The program of that seed."""
    return FAMILIES[family].write(random.Random(seed))


def tasks_of(options):
    """(family, seed) without end: in every hundred as many of a family as its share."""
    names = [options.family] if options.family else list(FAMILIES)
    order = [name for name in names for _ in range(FAMILIES[name].share)]
    random.Random(0).shuffle(order)
    seed = options.first
    while True:
        for name in order:
            yield name, seed
            seed += 1


def report(family, seed, verdict, options):
    """Print a program that failed, made smaller if that is asked for."""
    text = write(family, seed)
    print(f"fuzz: {family}, --family {family} --seed {seed}: {verdict.kind}", flush=True)
    if not options.full:
        text = shrink.shrink(
            text, lambda smaller: run_one(family, smaller).kind == verdict.kind, options.seconds
        )
        verdict = run_one(family, text)
    print(f"{verdict.text}\n{text}", flush=True)


class Run:
    """The state of a run: children at work, and what has been found."""

    def __init__(self, options):
        self.options, self.tasks = options, tasks_of(options)
        self.started, self.count, self.failures = 0, 0, []
        self.reasons = collections.Counter()
        self.children = {}  # reading end -> (child, its (family, seed)s)
        self.end = time.monotonic() + options.minutes * 60 if options.minutes else None

    def more(self):
        """The seeds of the next batch."""
        if self.end and time.monotonic() > self.end or (self.failures and not self.options.keep_going):
            return []
        size = BATCH if self.end else min(BATCH, self.options.programs - self.started)
        batch = [next(self.tasks) for _ in range(size)]
        self.started += len(batch)
        return batch

    def start(self, batch):
        child = Child([(family, write(family, seed)) for family, seed in batch])
        self.children[child.reading] = child, batch

    def take(self, child, batch):
        first = child.done
        verdicts, reading = child.read(), child.reading
        for (family, seed), verdict in zip(batch[first:], verdicts):
            self.count += 1
            if verdict.kind == "refused":
                self.reasons[f"{family}: {verdict.text.strip().splitlines()[0]}"] += 1
            elif verdict.kind != "same":
                self.failures.append((family, seed, verdict))
                report(family, seed, verdict, self.options)
        if child.process is None:
            del self.children[reading]
            rest = batch[child.done :]
            if rest and (self.options.keep_going or not self.failures):
                self.start(rest)

    def whole(self):
        """Run all; return the exit status."""
        while True:
            while len(self.children) < self.options.jobs:
                batch = self.more()
                if not batch:
                    break
                self.start(batch)
            if not self.children:
                break
            for reading in select.select(list(self.children), [], [], 1)[0]:
                self.take(*self.children[reading])
            for child, _ in self.children.values():
                child.watch()
        for reason, count in self.reasons.most_common(self.options.reasons):
            print(f"refused {count}: {reason}")
        found = f"{len(self.failures)} differences" if self.failures else "no difference"
        print(f"fuzz: {self.count} programs, {sum(self.reasons.values())} of them refused, {found}")
        return 1 if self.failures else 0


def parse():
    parser = argparse.ArgumentParser(description="random programs against the interpreter")
    parser.add_argument("--programs", type=int, default=20000, help="how many programs (20000)")
    parser.add_argument("--minutes", type=float, help="how long instead")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    parser.add_argument("--family", choices=FAMILIES, help="only programs of this family")
    parser.add_argument("--first", type=int, help="the first seed (a random one)")
    parser.add_argument("--seed", type=int, help="run the program of this seed and stop")
    parser.add_argument(
        "--full", action="store_true", help="print failing programs as they are, not made smaller"
    )
    parser.add_argument(
        "--seconds", type=float, default=60, help="how long a failing program is made smaller (60)"
    )
    parser.add_argument("--keep-going", action="store_true", help="do not stop at the first failure")
    parser.add_argument("--reasons", type=int, default=10, help="how many reasons of refusals are told (10)")
    return parser.parse_args()


def main():
    """Run what is asked for; return the exit status."""
    options = parse()
    if options.seed is not None:
        options.first, options.minutes = options.seed, None
        options.programs = 1 if options.family else len(FAMILIES)
    elif options.first is None:
        options.first = random.SystemRandom().randrange(2**32)
    if options.seed is not None and not options.family:
        statuses = []
        for options.family in FAMILIES:
            options.programs = 1
            statuses.append(Run(options).whole())
        return max(statuses)
    return Run(options).whole()


if __name__ == "__main__":
    # A cache of the run's own: functions of the library are compiled once, not for every program.
    cache = tempfile.mkdtemp(prefix="naja-fuzz-")
    os.environ.update(NAJA_CACHE_DIR=cache, NAJA_CACHE_SIZE="256M")
    try:
        status = main()
    finally:
        shutil.rmtree(cache, ignore_errors=True)
    sys.exit(status)
