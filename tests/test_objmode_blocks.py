"""`with objmode(...)`: blocks of compiled functions that the interpreter runs."""

import subprocess
import sys
import textwrap
import traceback

import numpy as np
import pytest
from leaks import left_behind

import naja
from naja import errors, njit, objmode, prange, types, withcontexts
from naja.typed import List

FLOATS = types.float64[:]
LOG = []


def reciprocal(x):
    LOG.append(x)
    return 1 / x


# ---- what a block takes and gives ------------------------------------------------------------------------------------


@pytest.mark.core
def test_outputs_by_text_by_type_and_by_attribute():
    captured = types.int64

    @njit
    def work(a):
        with objmode(y="float64[:]", n=captured, z=naja.types.float64, w=FLOATS):
            y = np.asarray([reciprocal(x) for x in a])
            n = len(LOG)
            z = y[0]
            w = y[::-1]
        return y, n, z, w

    LOG.clear()
    y, n, z, w = work(np.array([2.0, 4.0]))
    assert y.tolist() == [0.5, 0.25] and w.tolist() == [0.25, 0.5]
    assert (n, z) == (2, 0.5) and LOG == [2.0, 4.0]
    assert left_behind(work, np.array([2.0, 4.0])) == 0


@pytest.mark.core
def test_in_plain_python_it_does_nothing():
    @njit
    def work(x):
        with objmode(y="float64"):
            y = reciprocal(x)
        return y

    assert work.py_func(4.0) == work(4.0) == 0.25
    assert naja.objmode is withcontexts.objmode_context


@pytest.mark.core
def test_blocks_without_outputs_and_without_parentheses():
    @njit
    def work(x):
        with objmode():
            LOG.append(x)
        with objmode:
            LOG.append(str(x))
        return x

    LOG.clear()
    assert work(3) == 3
    assert LOG == [3, "3"]


@pytest.mark.core
def test_numbers_are_converted_and_anything_else_must_be_of_the_type():
    @njit
    def number(x):
        with objmode(n="int64", f="float32", c="complex128", b="boolean"):
            n = x + 0.75
            f = x
            c = x
            b = x
        return n, f, c, b

    assert number(2) == (2, 2.0, 2 + 0j, True)

    @njit
    def array(x):
        with objmode(y="float64[:]"):
            y = x + 1j
        return y

    with pytest.raises(TypeError, match="can't unbox array.*the objmode block gives 'y' as array.complex128"):
        array(np.ones(3))

    @njit
    def overflow(x):
        with objmode(y="int8"):
            y = x
        return y

    with pytest.raises(TypeError, match="gives 'y' as int64, but declares int8"):
        overflow(1000)


def test_strings_tuples_optionals_bytes():
    pair = types.Tuple((types.int64, types.unicode_type))

    @njit
    def work(x):
        with objmode(s="unicode_type", t=pair, o="optional(float64)", p="optional(float64)"):
            s = f"<{x}>" * 2
            t = (x, s[1:])
            o = None
            p = 2.5
        return s + "!", t, o, p

    assert work(7) == ("<7><7>!", (7, "7><7>"), None, 2.5)
    assert left_behind(work, 7) == 0


@pytest.mark.core
def test_lists_sets_and_dicts_that_a_block_makes():
    numbers = types.List(types.int64)

    @njit
    def work(n):
        with objmode(a=numbers, s="Set(int64)", nested="List(List(float64))"):
            a = [3, 1, 2]
            s = {1, 2}
            nested = [[1.0], [2.0, 3.0]]
        a.append(n)
        s.add(n)
        nested[0].append(9.0)
        return a, s, nested

    assert work(5) == ([3, 1, 2, 5], {1, 2, 5}, [[1.0, 9.0], [2.0, 3.0]])
    assert left_behind(work, 5) == 0


def test_a_typed_list_that_a_block_makes():
    kind = types.ListType(types.int64)

    @njit
    def work(n):
        with objmode(a=kind):
            a = List([1, 2, n])
        a.append(n)
        return a

    assert list(work(5)) == [1, 2, 5, 5]
    assert left_behind(work, 5) == 0

    @njit
    def wrong(n):
        with objmode(a=kind):
            a = [1, n]
        return a

    with pytest.raises(TypeError, match="can't unbox a <class 'list'>"):
        wrong(1)


@pytest.mark.core
def test_a_block_sees_what_was_done_to_a_list_and_what_it_does_is_seen():
    @njit
    def work(a, z):
        a[2] = z
        with objmode():
            LOG.append(list(a))
            a[2] = 2 * z
            a.append(7)
        return a, len(a), a[2]

    LOG.clear()
    a = [1, 2, 3]
    result = work(a, 15)
    assert LOG == [[1, 2, 15]]
    assert result == ([1, 2, 30, 7], 4, 30) and result[0] is a

    @njit
    def own(n):
        a = [1, 2]
        s = {1}
        d = {1: 2.0}
        with objmode():
            a[0] = n
            s.add(n)
            d[n] = 5.0
        return a, s, d

    assert own(9) == ([9, 2], {1, 9}, {1: 2.0, 9: 5.0})
    assert left_behind(own, 9) == 0
    assert left_behind(work, [1, 2, 3], 4) == 0


def test_what_a_block_reads_keeps_its_identity():
    seen = []

    @njit
    def work(a):
        with objmode():
            seen.append(a)
        return a.sum()

    a = np.arange(3.0)
    assert work(a) == 3.0
    assert seen[0] is a


# ---- control flow ----------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_handlers_loops_and_functions_inside_a_block():
    @njit
    def work(n, x):
        total = 0
        for i in range(n):
            with objmode(k="int64"):
                k = 0
                try:
                    for j in range(10):
                        if j == i:
                            break
                        k += j
                    if i == 1:
                        raise ValueError(x)
                except ValueError as e:
                    k = 100 + e.args[0]
                finally:
                    k += 1
                double = lambda: 2 * k  # noqa: E731
                k = double() + sum(y for y in range(3))
                with open("/dev/null") as f:
                    k += len(f.read())
            total += k
        return total

    assert work(4, 5) == work.py_func(4, 5)


@pytest.mark.core
def test_an_exception_arrives_with_its_class_and_lines():
    class Mine(Exception):
        pass

    @njit
    def work(x, catch):
        try:
            with objmode():
                raise_if = x > 1
                if raise_if:
                    raise Mine("told", x)
                {}["key"]
        except KeyError:
            if catch:
                return -1
            raise
        return 0

    assert work(0, True) == -1
    with pytest.raises(KeyError, match="key"):
        work(0, False)
    with pytest.raises(Mine) as raised:
        work(2, True)
    assert raised.value.args == ("told", 2)
    text = "".join(traceback.format_exception(raised.value))
    assert 'raise Mine("told", x)' in text
    assert left_behind(work, 2, True) == 0


def test_inside_a_try_a_loop_and_an_inner_function():
    @njit
    def work(n):
        def inner(k):
            with objmode(r="int64"):
                r = int(f"{n}{k}")
            return r

        total = 0
        for i in range(3):
            try:
                if i == 1:
                    raise IndexError
                total += inner(i)
            except IndexError:
                with objmode(total="int64"):
                    total += 1000
        return total

    assert work(4) == work.py_func(4) == 40 + 42 + 1000


@pytest.mark.core
def test_generators():
    @njit
    def work(n):
        for i in range(n):
            with objmode(s="unicode_type"):
                s = f"<{i}>"
            yield s

    assert list(work(3)) == ["<0>", "<1>", "<2>"]
    assert left_behind(lambda: list(work(3))) == 0


@pytest.mark.core
def test_parallel_loops():
    @njit(parallel=True)
    def work(n):
        total = 0.0
        out = np.zeros(n)
        for i in prange(n):
            with objmode(y="float64"):
                y = float(str(i))
            total += y
            out[i] = y
        return total, out

    total, out = work(500)
    assert total == 124750.0 and (out == np.arange(500)).all()


def test_parameters_of_all_kinds():
    @njit
    def work(n, *rest, k=3):
        with objmode(r="int64"):
            r = sum(rest) + k + n
        return r

    assert work(3, 4, 5, k=10) == 22
    assert work(3) == 6


def test_a_variable_that_only_the_block_uses():
    @njit
    def work(n):
        total = 0
        for i in range(n):
            with objmode(k="int64"):
                if i % 2:
                    temporary = {"a": i}
                else:
                    temporary = {"a": -i}
                k = temporary["a"]
            total += k
        return total

    assert work(5) == work.py_func(5)


def test_an_output_that_was_not_assigned():
    @njit
    def work(n):
        with objmode(k="int64"):
            if n > 0:
                k = n
        return k

    assert work(1) == 1
    with pytest.raises(UnboundLocalError, match="'k'"):
        work(0)


# ---- the cache -------------------------------------------------------------------------------------------------------


def test_blocks_are_cached(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            """
            import os
            from naja import njit, objmode

            free = 3

            def make(shift):
                @njit(cache=True)
                def work(x):
                    def inner(y):
                        with objmode(r="unicode_type"):
                            r = f"{y}:{os.sep}"
                        return r
                    with objmode(s="unicode_type"):
                        s = f"{x + shift + free}"
                    return s + inner(x)
                return work

            work = make(10)
            print(work(5), work.overloads[work.signatures[0]].from_cache)
            """
        )
    )

    def run():
        environment = {"NAJA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": ":".join(sys.path)}
        return subprocess.run(
            [sys.executable, program], env=environment, capture_output=True, text=True, check=True
        ).stdout.split()

    assert run() == ["185:/", "False"]
    assert run() == ["185:/", "True"]


# ---- what is refused -------------------------------------------------------------------------------------------------


def refusal(error, function, *args):
    with pytest.raises(error) as raised:
        njit(function)(*args)
    text = str(raised.value)
    assert len(text.splitlines()) <= 8 and "objmode" in text
    return text


@pytest.mark.core
def test_missing_and_needless_outputs():
    def missing(x):
        with objmode():
            t = {"a": x}
            u = 3
        return t, u

    def needless(x):
        with objmode(k="float64[:]"):
            print(x)
        return x

    text = refusal(errors.TypingError, missing, 1)
    assert "Missing type annotation on outgoing variable(s): ['t', 'u']" in text
    assert "Example code: with objmode(t='<add_type_as_string_here>')" in text
    assert "does not assign 'k'" in refusal(errors.TypingError, needless, 1)


@pytest.mark.core
def test_annotations_that_say_no_type():
    def number(x):
        with objmode(y=1 + 1):
            y = x
        return y

    def text(x):
        with objmode(y="no_such_type"):
            y = x
        return y

    def several(x):
        with objmode(y="(int64, int64)"):
            y = x
        return y

    for function in (number, text, several):
        assert "Error handling objmode argument 'y'. The value must be a compile-time constant" in refusal(
            errors.CompilerError, function, 1
        )


@pytest.mark.core
def test_control_that_leaves_the_block():
    def returns(x):
        with objmode():
            if x:
                return 1
        return 2

    def breaks(x):
        for i in range(x):
            with objmode():
                try:
                    1 / i
                except ZeroDivisionError:
                    break
        return 2

    def yields(x):
        with objmode():
            yield x

    def raises(x):
        with objmode():
            raise ValueError(x)

    def named(x):
        with objmode() as o:
            print(o)

    assert "`return` in an objmode block" in refusal(errors.CompilerError, returns, 1)
    assert "`break` or `continue` out of" in refusal(errors.CompilerError, breaks, 1)
    assert "`yield` in" in refusal(errors.CompilerError, yields, 1)
    assert "due to raise statements inside with block" in refusal(errors.CompilerError, raises, 1)
    assert "`as` with an objmode block" in refusal(errors.CompilerError, named, 1)


def test_an_inner_function_in_a_block():
    def work(x):
        def inner(y):
            return x + y

        with objmode(z="int64"):
            z = inner(2)
        return z

    assert njit(work)(1) == 3


def test_a_result_that_a_handler_never_gets():
    """What the block gives was released where it had failed."""

    def backwards(x):
        return np.asarray(list(reversed(x.tolist())))

    @njit
    def work(flag):
        x = np.arange(5)
        y = np.zeros_like(x)
        try:
            with objmode(y="intp[:]"):
                y = backwards(x) if flag else x[7]
        except Exception:
            pass
        return y

    assert work(True).tolist() == [4, 3, 2, 1, 0]
    assert work(False).tolist() == [0, 0, 0, 0, 0]
