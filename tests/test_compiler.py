"""The compiler module: its messages, LLVM text from lowered IR, and errors of LLVM as exceptions."""

import re
import textwrap

import numpy as np
import pytest

from naja import _compiler, errors, njit

pytestmark = pytest.mark.core

SUM = """
func total lowered -> float64 {
b0:
  %0: array(float64, 1d, C) = param 0
  %1: voidptr = field .0 %0
  %2: int64 = field .3 %0
  %3: int64 = const_int 0
  %4: int64 = const_int 1
  %5: int64 = const_int 8
  %6: float64 = const_float 0.0
  br b1
b1:
  %7: int64 = phi b0 %3, b2 %12
  %8: float64 = phi b0 %6, b2 %13
  %9: boolean = icmp lt %7, %2
  condbr %9, b2, b3
b2:
  %10: int64 = imul %7, %5
  %11: voidptr = ptr_add %1, %10
  %14: float64 = load %11
  %13: float64 = fadd %8, %14 ATTRIBUTES
  %12: int64 = iadd %7, %4 !nsw
  br b1
b3:
  ret %8
}
"""


def test_reassociated_sum_is_vectorised():
    strict = _compiler.emit_ir(SUM.replace("ATTRIBUTES", ""))
    assert " x double>" not in strict
    assert " x double>" in _compiler.emit_ir(SUM.replace("ATTRIBUTES", "!reassoc"))


def test_object_is_elf():
    assert _compiler.emit_object(SUM.replace("ATTRIBUTES", "")).startswith(b"\x7fELF")


def test_strict_mathematics_is_not_replaced():
    text = """
    func f lowered -> float64 {
    b0:
      %0: float64 = param 0
      %1: float64 = const_float 2.0
      %2: float64 = native pow %1, %0 ATTRIBUTES
      ret %2
    }
    """
    text = textwrap.dedent(text)
    assert re.search(r"call .*@(vecmath_)?pow(_d1)?\(", _compiler.emit_ir(text.replace("ATTRIBUTES", "")))
    assert not re.search(r"call .*@pow\(", _compiler.emit_ir(text.replace("ATTRIBUTES", "!fast(32)")))


@pytest.mark.parametrize(
    ("text", "passes", "message"),
    [
        ("func f lowered {\nb0:\n  nonsense\n}\n", None, "line 3"),
        (SUM.replace("ATTRIBUTES", ""), "no-such-pass", "unknown pass name"),
        ("func f typed {\nb0:\n  ret\n}\n", None, "not lowered"),
    ],
)
def test_failures_are_exceptions(text, passes, message):
    with pytest.raises(ValueError, match=message):
        _compiler.emit_ir(text, passes)


def test_host():
    cpu, features = _compiler.host()
    assert cpu and "+" in features and re.match(r"\d+\.\d+", _compiler.llvm_version)


# --- messages -----------------------------------------------------------------------------------------------


def message(function, *args):
    with pytest.raises(errors.NajaError) as caught:
        function(*args)
    lines = str(caught.value).split("\n")
    assert len(lines) <= 8
    return lines


def test_message_marks_the_operator():
    @njit
    def multiply(x, name):
        y = (x + 1) * name
        return y

    what, where, source, carets, *rest = message(multiply, 1.0, "abc")
    assert what == "cannot multiply float64 and unicode_type"
    assert re.fullmatch(r'  File ".*test_compiler\.py", line \d+, in .*multiply', where)
    assert source == "    y = (x + 1) * name"
    assert carets == "        ~~~~~~~~^~~~~~"
    assert rest[-1].startswith("Hint: ")


def test_message_counts_characters():
    @njit
    def accents(a):
        é = "ü"
        return undefined_name(a, é)  # noqa: E702, F821

    lines = message(accents, 1)
    assert lines[3].index("^") == lines[2].index("undefined_name")


def test_message_of_a_span_over_lines():
    @njit
    def long_call(a):
        return a.missing(
            1,
            2,
        )

    lines = message(long_call, np.ones(3))
    assert "Unknown attribute 'missing'" in lines[0]
    assert lines[3].strip(" ^") == ""


def test_dump_and_times(capfd, monkeypatch):
    monkeypatch.setenv("NAJA_DUMP", "ssa,typed,lowered,llvm0,llvm,asm")
    monkeypatch.setenv("NAJA_TIME", "1")

    @njit(cache=False)
    def dumped(x):
        return x * 3.25

    assert dumped(2.0) == 6.5
    text = capfd.readouterr().err
    for word in (
        "--- ssa: ",
        "--- llvm: ",
        "--- llvm0: ",
        "--- asm: ",
        "naja_native",
        "lowered",
        "LLVM: start",
    ):
        assert word in text


def test_debug_information(capfd, monkeypatch):
    monkeypatch.setenv("NAJA_DUMP", "llvm")

    @njit(debug=True, cache=False)
    def inner(a, i):
        return a[i] * 2.0

    @njit(debug=True, cache=False)
    def outer(a, n):
        s = 0.0
        for i in range(n):
            s += inner(a, i)
        return s

    assert outer(np.ones(4), 4) == 8.0
    text = capfd.readouterr().err
    assert text.count("!DISubprogram(") == 2 and "test_compiler.py" in text
    with pytest.raises(IndexError, match="index 3 is out of bounds"):
        outer(np.ones(3), 4)
