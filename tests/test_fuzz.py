"""What `make fuzz` is made of: the driver tells what fails and goes on, and failing programs are made smaller."""

import ast
import os
import random
import signal
import subprocess
import sys

import fuzz
import pytest
import small_programs
from differential import Difference
from shrink import shrink

FAILING = """
def g(x):
    return x + 1

def f(x):
    total = 0
    for i in range(3):
        if x > 2:
            total += g(i) * 7
        else:
            total -= i
    with open("x") as file:
        total += 1
    return total, [x, 2, 3]
"""


def test_shrinking_keeps_what_fails():
    small = shrink(FAILING, lambda text: "* 7" in text)
    assert small.count("\n") <= 2
    assert "* 7" in small
    small = shrink(FAILING, lambda text: "for" in text and "else" in text)
    assert len(ast.parse(small).body) == 1
    assert "with" not in small and "g(" not in small


def test_shrinking_gives_only_programs():
    tried = []
    shrink(FAILING, lambda text: tried.append(text) or random.Random(len(tried)).random() < 0.1, seconds=5)
    assert len(tried) > 20
    for text in tried:
        compile(text, "shrunk", "exec")


def check(text):
    """What the programs of the family below do: the number says which."""
    number = int(text)
    if number == 3:
        os.kill(os.getpid(), signal.SIGTERM)
    if number == 5:
        raise Difference("another value", "this is it")
    return "not supported" if number == 7 else None


def test_a_crash_costs_one_program(monkeypatch, capsys):
    family = fuzz.Family(lambda rng: str(rng.seed_number), check, 1)
    monkeypatch.setattr(fuzz, "FAMILIES", {"numbers": family})
    monkeypatch.setattr(fuzz, "write", lambda family, seed: str(seed))
    monkeypatch.setattr(
        sys, "argv", "fuzz --programs 10 --first 0 --jobs 1 --keep-going --full --family numbers".split()
    )
    assert fuzz.main() == 1
    told = capsys.readouterr().out
    assert "--family numbers --seed 3: crash: -15" in told
    assert "--family numbers --seed 5: another value" in told
    assert "refused 1: numbers: not supported" in told
    assert "fuzz: 10 programs, 1 of them refused, 2 differences" in told


@pytest.mark.parametrize("write", [small_programs.program, small_programs.calling_program])
def test_small_programs_are_the_same_for_a_seed(write):
    for seed in range(50):
        text = write(random.Random(seed))
        compile(text, "program", "exec")
        assert text == write(random.Random(seed))


def test_fuzzing_runs_all_families():
    path = os.path.join(os.path.dirname(__file__), "fuzz.py")
    told = subprocess.run([sys.executable, path, "--seed", "11"], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.count("no difference") == len(fuzz.FAMILIES)
