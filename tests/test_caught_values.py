"""What is done with a caught exception, variables without a value, and Ctrl-C in the body of a `try`."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from differential import outcome
from leaks import check_outcome as check

from naja import errors, njit, objmode


class Custom(Exception):
    def __init__(self, a, b=5):
        super().__init__(a)
        self.b = b

    def __str__(self):
        return f"custom {self.args[0]}, {self.b}"


# ---- str(e), repr(e) -------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_text_of_what_was_raised_here():
    def work(k):
        try:
            if k == 0:
                raise ValueError("abc")
            if k == 1:
                raise KeyError("abc")
            if k == 2:
                raise RuntimeError
            if k == 3:
                raise ValueError(1, 2.5)
            if k == 4:
                raise Custom(k)
        except Exception as e:
            return str(e), repr(e), f"<{e}>", "%s" % str(e)
        return "", "", "", ""

    for k in range(6):
        check(work, k)


def test_text_of_built_in_errors():
    def work(k, a):
        try:
            if k == 0:
                return str(a[10])
            if k == 1:
                return str(1 // (k - 1))
            if k == 2:
                return str(int("x1"))
            return str((1, 2).index(k))
        except (IndexError, ZeroDivisionError, ValueError) as e:
            return str(e)

    for k in range(4):
        check(work, k, np.zeros(3))


def test_print(capfd):
    @njit
    def work(x):
        try:
            raise ValueError(x, "why")
        except ValueError as e:
            print("caught:", e)

    work(3)
    sys.stdout.flush()
    assert capfd.readouterr().out == "caught: (3, 'why')\n"


def test_an_objmode_block_reads_it():
    @njit
    def work(x):
        try:
            raise ValueError(x, 2)
        except ValueError as e:
            with objmode(n="int64"):
                n = sum(e.args)
            return n

    assert work(40) == 42


# ---- variables without a value ---------------------------------------------------------------------------------------


@pytest.mark.core
def test_unassigned_on_the_path_that_is_taken():
    def work(n):
        if n > 0:
            return y + 1  # noqa: F821
        y = 1
        return y

    def loop(n):
        for i in range(n):
            x = i
        return x

    def deleted(n):
        x = n
        if n > 1:
            del x
        return x

    def always(n):
        print(z)  # noqa: F821
        z = n

    for function in (work, loop, deleted):
        check(function, -1)
        check(function, 1)
        check(function, 3)
    assert check(work, 1) is UnboundLocalError
    assert check(always, 1) is UnboundLocalError
    assert (
        outcome(njit(work), 1)[2]
        == "cannot access local variable 'y' where it is not associated with a value"
    )


def test_unassigned_in_code_that_never_runs():
    def work(a, b):
        if a:
            one = b
            return one
        if b:
            two = one  # noqa: F821
            return two * 2 + one
        return one.no_such_attribute

    check(work, 1, 2)
    check(work, 0, 2)
    check(work, 0, 0)


def test_unassigned_inside_a_try():
    def work(n):
        try:
            if n:
                x = n
            return x + 1
        except UnboundLocalError:
            return -1

    check(work, 0)
    check(work, 4)


def test_del_of_what_has_no_value():
    def work(n):
        if n:
            x = n
        del x
        return n

    check(work, 1)
    check(work, 0)


# ---- Ctrl-C ------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_ctrl_c_in_the_body_of_a_try():
    program = textwrap.dedent(
        """
        import os, signal, sys
        import numpy as np
        from naja import njit

        @njit
        def endless(out):
            try:
                i = 0
                while True:
                    i += 1
                    if i < 0:
                        break
            finally:
                out[0] = 1

        @njit
        def counted(out, n):
            try:
                for i in range(n):
                    out[1] += i
            except:
                out[0] = 2
                raise

        @njit
        def typed(out, n):
            try:
                for i in range(n):
                    out[1] += i
            except ValueError:
                out[0] = 3

        def stop(number, frame):
            raise KeyboardInterrupt

        out = np.zeros(2)
        signal.signal(signal.SIGALRM, stop)
        for function, args in ((endless, (out,)), (counted, (out, 10**15)), (typed, (out, 10**15))):
            out[:] = 0
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            try:
                function(*args)
            except KeyboardInterrupt:
                print(out[0])
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["1.0", "2.0", "0.0"], done.stderr


# ---- the truth of arrays -----------------------------------------------------------------------------------------------


@pytest.mark.core
def test_truth_of_arrays():
    def work(x):
        return (10 if x else 20), not x, bool(x)

    for a in (np.array(1), np.array(0), np.array([[[2.5]]]), np.array([[False]]), np.array([1, 2])):
        check(work, a)
    text = outcome(njit(work), np.array([1, 2]))[2]
    assert (
        text == "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
    )
    if tuple(map(int, np.__version__.split(".")[:2])) >= (2, 2):
        check(work, np.empty(0))


# ---- e.args, and attributes ------------------------------------------------------------------------------------------


class Located(Exception):
    severity = 3

    def __init__(self, code, where, *rest):
        super().__init__(code, where)
        self.where = where
        self.code = code
        self.kind = "located"


class Computing(Exception):
    def __init__(self, code):
        super().__init__(code * 2)
        self.half = code / 2


@pytest.mark.core
def test_arguments_of_what_was_raised_here():
    def work(k):
        try:
            if k == 0:
                raise ValueError("abc", k)
            if k == 1:
                raise KeyError(k + 0.5)
            if k == 2:
                raise RuntimeError
            if k == 3:
                raise Located(k, "here")
        except ValueError as e:
            return "value", e.args[0] + "!", e.args[1] + 1.0, len(e.args)
        except KeyError as e:
            return "key", str(e.args), e.args[0], len(e.args)
        except Located as e:
            return e.where, e.kind + str(e.args), e.code + 0.5, e.severity
        except Exception as e:
            return "other", str(e.args), 0.0, len(e.args)
        return "", "", 0.0, 0

    for k in range(5):
        check(work, k)


def test_arguments_of_what_callees_raise():
    def work(k):
        def checked(x):
            if x < 0:
                raise ValueError(x, "negative")
            return x

        try:
            checked(k)
            return -1, "", False
        except (ValueError, KeyError) as e:
            first, second = e.args
            return first, second, isinstance(e, ValueError) and not isinstance(e, (KeyError, TypeError))

    check(work, 1)
    check(work, -5)


def test_arguments_of_built_in_errors():
    def work(k, a):
        try:
            if k == 0:
                return str(a[10])
            return str(1 // (k - 1))
        except (IndexError, ZeroDivisionError) as e:
            return e.args[0]

    for k in range(2):
        check(work, k, [1])


def test_arguments_of_an_exception_that_was_not_raised():
    def work(k):
        e, f = ValueError(k, "x", 2.5), Located("c", k)
        return e.args, f.code, f.where, f.kind, f.severity

    check(work, 4)


def test_arrays_as_arguments():
    def work(a):
        try:
            raise ValueError(a, "x")
        except ValueError as e:
            return e.args[0].sum(), e.args[1]

    check(work, np.arange(4.0))


def test_attributes_in_loops():
    def work(n):
        s = 0.0
        for i in range(n):
            try:
                if i % 2:
                    raise Located(i, "w" * i)
                raise KeyError(i * 0.5)
            except Located as e:
                s += e.code + len(e.where)
            except KeyError as e:
                s += e.args[0]
        return s

    check(work, 6)


def test_attributes_that_cannot_be_known():
    @njit
    def mixed(k):
        try:
            if k:
                raise ValueError("a")
            raise ValueError(1, 2)
        except ValueError as e:
            return len(e.args)

    @njit
    def computed(k):
        try:
            raise Computing(k)
        except Computing as e:
            return e.half

    @njit
    def nowhere(k):
        try:
            raise ValueError(k)
        except ValueError as e:
            return e.no_such_name

    with pytest.raises(errors.TypingError, match="'args' of the exception depends on where it was raised"):
        mixed(1)
    for f in (computed, nowhere):
        with pytest.raises(errors.TypingError, match="Unknown attribute"):
            f(1)


def test_the_class_as_a_result():
    @njit
    def class_of(k):
        try:
            raise ValueError(k)
        except ValueError as e:
            return type(e)

    assert class_of(1) is ValueError


def test_an_argument_of_another_type_than_seen():
    @njit
    def work(k, items):
        try:
            if k:
                raise IndexError(k)
            return items[10]
        except IndexError as e:
            return e.args[0]

    assert work(5, [1]) == 5
    with pytest.raises(TypeError, match="getattr|returned|expected"):
        work(0, [1])


class Unusual(ValueError):
    pass


def raised(n):
    if n == 0:
        raise ValueError("v", 1)
    if n == 1:
        raise Unusual("u")
    if n == 2:
        raise KeyError
    return [1, 2][n]


@pytest.mark.parametrize("n", range(4))
def test_the_class_of_what_was_caught(n):
    raise_ = njit(raised)

    def asked(n):
        try:
            return raise_(n), "", "", False, False, False, True
        except Exception as e:
            exact = type(e) is ValueError
            other = type(e) is not Unusual
            return (
                0,
                type(e).__name__,
                f"{type(e).__name__}: {e}",
                exact,
                type(e) == KeyError,  # noqa: E721
                other,
                isinstance(e, ValueError),
            )

    assert njit(asked)(n) == asked(n)
