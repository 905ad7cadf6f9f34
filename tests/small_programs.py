"""Random programs that are small and of many kinds: numbers, text, containers, arrays, exceptions, inner functions.

`program` draws from a `random.Random` and gives the text of a module whose function ``f`` is to be called.  What a
program may contain is in the tables below.  A row is (weight, template); in a template ``$i`` stands for any
expression of the kind ``i``, ``$v_i`` for a variable of it, ``$new_i`` for a new variable of the blocks that follow,
``$set_i`` for one that is assigned, ``$block`` and ``$loop`` for statements, ``$h`` for an inner function, and the
words of CHOICES for one of theirs.  The letter of a variable's name tells its kind.  A program has some kinds only,
and of the rows those that need no other, so it is compiled in a few hundredths of a second.

What the rows must promise: integers stay small (compiled ones wrap), containers and strings stay short, no dict or set
is changed while a loop runs over one, the order of a set is not shown, and a number out of an array is made a Python
one (a NumPy scalar divides by zero in silence).
"""

import re

STEP = "    "

# Kind -> what the function is called with, one after the other; expressions in text.
ARGUMENTS = {
    "i": ["1", "-2", "12"],
    "x": ["0.5", "-0.0", "1e6"],
    "b": ["True", "False", "True"],
    "s": ["'naja'", "''", "'a,B \\u00eb'"],
    "c": ["1 + 2j", "complex(-0.0, 0.5)", "0j"],
    "y": ["b'naja'", "b''", "b'a,\\xff'"],
    "li": ["[1, 2, 3]", "[7]", "[5, -5, 0, 5]"],
    "lx": ["[0.5, -1.5]", "[0.0]", "[2.0, 1e3, -0.0]"],
    "ls": ["['a', 'naja']", "['']", "['b', 'a', 'b']"],
    "ll": ["[[1], [2, 3]]", "[[7]]", "[[0, 4], [5], [-1]]"],
    "lt": ["[(1, 'a'), (2, 'b')]", "[(0, '')]", "[(5, 'x'), (5, 'a'), (-1, 'x')]"],
    "di": ["{1: 2, 3: 4}", "{0: 1}", "{5: -1, -5: 0, 2: 7}"],
    "ds": ["{'a': 1, 'b': 2}", "{'naja': 5}", "{'': 0, 'a': 3}"],
    "e": ["{1, 2, 3}", "{0}", "{5, -5, 7, 12}"],
    "t": ["(1, 0.5, 'a')", "(0, -0.0, '')", "(-3, 2.5, 'naja')"],
    "u": ["(1, 2, 3)", "(0, 0, 0)", "(5, -1, 12)"],
    "a": ["np.array([0.5, 1.5, -2.0, 3.0])", "np.array([4.0])", "np.arange(12.0)[::-2]"],
    "n": ["np.array([3, 1, 2, 0])", "np.array([-5])", "np.arange(12)[::3]"],
    "m": ["np.arange(6.0).reshape(2, 3)", "np.array([[-1.0]])", "np.arange(12.0).reshape(3, 4).T"],
    "q": ["np.array([True, False, True, True])", "np.array([False])", "np.array([False, True, False, True])"],
}

# Kind -> the shortest expressions of it.
LEAVES = {
    "i": ["0", "1", "2", "-1", "3", "7", "-4"],
    "x": ["0.5", "-1.25", "3.0", "-0.0", "1e6", "0.1"],
    "b": ["True", "False"],
    "s": ["''", "'a'", "'naja'", "'x,Y,,z'", "' pad '", "'12'", "'\\u00eb\\u65e5'"],
    "c": ["1j", "(2 - 1j)", "complex(0.5, -0.0)"],
    "y": ["b''", "b'a'", "b'x,y'", "b'\\x00\\xfe'"],
    "li": ["[1, 2]", "[0, -3, 5, 5]", "[4]"],
    "lx": ["[0.5, 2.0]", "[-1.5]"],
    "ls": ["['a', 'bb']", "['']"],
    "ll": ["[[1], [2, 3]]", "[[0]]"],
    "lt": ["[(1, 'a')]", "[(2, 'b'), (1, 'c')]"],
    "di": ["{1: 2}", "{0: 3, 2: 1}"],
    "ds": ["{'a': 1}", "{'b': 2, 'a': 0}"],
    "e": ["{1, 2}", "{0, 5, 7}"],
    "t": ["(1, 0.5, 'a')"],
    "u": ["(1, 2, 3)", "(0, -1, 5)"],
    "a": ["np.array([0.5, 2.0])", "np.zeros(3)", "np.arange(4.0)", "np.ones(0)"],
    "n": ["np.arange(4)", "np.array([2, 0, 1])", "np.zeros(2, np.int64)"],
    "m": ["np.ones((2, 3))", "np.arange(6.0).reshape(3, 2)", "np.zeros((2, 2))"],
    "q": ["np.array([True, False, True, False])", "np.array([True])"],
}

CHOICES = {
    "arith": ["+", "-", "*", "//", "%", "&", "|", "^"],
    "farith": ["+", "-", "*", "/"],
    "plus": ["+", "-", "*"],
    "compare": ["<", "<=", "==", "!=", ">", ">="],
    "equal": ["==", "!="],
    "logic": ["and", "or"],
    "bits": ["|", "&", "-", "^"],
    "mask": ["|", "&", "^"],
    "small": ["0", "1", "2", "3", "4"],
    "digit": ["-3", "-1", "0", "1", "2", "5", "9"],
    "step": ["-1", "2", "-2", "-3", "3"],
    "cases": ["upper", "lower", "strip", "title", "swapcase", "capitalize", "casefold", "lstrip", "rstrip"],
    "asks": ["isdigit", "isalpha", "isupper", "isspace", "islower", "isalnum", "isidentifier"],
    "ispec": ["4d", "x", "+", "<5", "^7", "05", "b", ">6", ",", "o", "#x", " "],
    "xspec": [".2f", "8.3f", "e", "+.1f", "g", ".0f", "<9", "%", "010.2f"],
    "sspec": ["8", ">6", "^5", ".2", "*<4"],
    "least": ["min", "max"],
    "some": ["any", "all"],
    "error": ["ValueError", "KeyError", "IndexError", "ZeroDivisionError", "TypeError", "Oops"],
    "caught": ["ValueError", "KeyError", "IndexError", "ZeroDivisionError", "LookupError", "Exception",
               "(KeyError, Oops)", "(ValueError, ArithmeticError)"],
    "leave": ["break", "continue"],
    "reduce": ["sum", "max", "min", "prod"],
    "ireduce": ["sum", "max", "min", "argmax", "argmin"],
    "key": ["-v", "v % 3", "(v % 2, v)", "abs(v)"],
}  # fmt: skip

EXPRESSIONS = {
    "i": [
        (9, "($i $arith $i) % 1009"), (2, "$least($i, $i)"), (2, "abs($i)"), (3, "($i if $b else $i)"), (2, "-$i"), (1, "~$i"),
        (1, "($i << ($i & 7)) % 1009"), (1, "($i >> ($i & 3))"), (1, "$least($i, $i, $digit)"), (1, "int($x % 1000.0)"),
        (1, "($i and $i)"), (1, "($i or $i)"), (1, "(abs($i) % 5) ** $small"), (1, "divmod($i, $i)[0]"), (1, "int($b)"),
        (1, "hash($i) % 97"), (1, "hash($i / 8) % 97"), (1, "($i).bit_length()"), (1, "math.gcd($i, $i)"), (1, "round($x % 99.0)"),
        (1, "sum(v for v in range($small))"), (1, "len(range($i, $digit, $step))"), (1, "math.floor($x % 1e3)"),
        (2, "len($s)"), (1, "$s.find($s)"), (1, "$s.count($s)"), (1, "ord(($s + 'q')[0]) % 1009"), (1, "int($s)"),
        (1, "hash($s) % 97"), (1, "$s.index($s)"), (1, "$s.rfind($s)"), (1, "int(str($i))"), (1, "len($s.encode())"),
        (1, "len($y)"), (2, "$y[$i]"), (1, "$y.find($y)"), (1, "sum($y)"), (1, "max($y)"), (1, "$y.count($y)"),
        (1, "~$y[$i]"), (1, "($y[$i] $plus $y[$i]) % 1009"), (1, "sum([v * 2 for v in $y])"),
        (4, "$li[$i]"), (2, "len($li)"), (2, "sum($li)"), (1, "sum([v * 2 for v in $li if v > $digit])"),
        (1, "sum(v + 1 for v in $li)"), (1, "$least($li)"), (1, "$li.index($i)"), (1, "$li.count($i)"),
        (1, "$least($li, key=lambda v: $key)"), (1, "$least($li, default=$digit)"), (1, "next(v for v in $li if v > $digit)"),
        (1, "sum([u * v for u, v in zip($li, $li)]) % 1009"), (1, "len({v for v in $li})"),
        (1, "len($lx)"), (1, "len($ls)"), (1, "sum([len(v) for v in $ls])"),
        (1, "len($ll)"), (1, "$ll[$i][$i]"), (1, "sum([len(v) for v in $ll])"), (1, "sum([w for v in $ll for w in v])"),
        (1, "$lt[$i][0]"), (1, "len($lt)"), (1, "sum([v[0] for v in $lt])"), (1, "sum([u for u, v in $lt if v > 'a'])"),
        (2, "$di[$i]"), (3, "$di.get($i, $digit)"), (1, "sum($di.values())"), (1, "len($di)"), (1, "$least($di)"),
        (1, "sum([u * v for u, v in $di.items()]) % 1009"),
        (2, "$ds.get($s, $digit)"), (1, "$ds[$s]"), (1, "sum($ds.values())"), (1, "len($ds)"),
        (1, "len($e)"), (1, "sum($e)"), (1, "$least($e)"), (1, "len($e | $e)"),
        (2, "$t[0]"), (2, "$u[$i % 3]"), (1, "sum($u)"), (1, "$least($u)"), (1, "len($u)"), (1, "$u.count($i)"), (1, "$u.index($i)"),
        (2, "len($a)"), (1, "$a.size"), (1, "int($a.$ireduce()) % 1009"), (2, "int($n[$i])"), (1, "int($n.$ireduce()) % 1009"),
        (1, "len($n)"), (1, "$m.shape[$small & 1]"), (1, "int(np.count_nonzero($q))"), (1, "int($q.sum())"),
        (1, "int(np.searchsorted(np.sort($n), $i))"), (1, "$m.ndim"), (1, "int((($n) * ($n)).sum()) % 1009"),
        (1, "int($c.real % 9.0)"),
        (3, "$h($i)"), (2, "sum($j($i))"), (2, "$g"), (1, "next($j($i))"),
    ],
    "x": [
        (9, "($x $farith $x)"), (2, "$i / $i"), (2, "float($i)"), (1, "math.sqrt(abs($x))"), (1, "round($x, $small)"),
        (1, "$least($x, $x)"), (1, "($x % $x)"), (1, "($x if $b else $x)"), (1, "abs($x)"), (1, "-$x"), (1, "($x // $x)"),
        (1, "math.copysign($x, $x)"), (1, "float(math.floor($x % 77.0))"), (1, "math.fmod($x, $x)"), (1, "divmod($x, $x)[1]"), (1, "$i * $x"),
        (1, "math.hypot(3.0, 4.0)"), (1, "($x + $i)"), (1, "(float('inf') if $b else $x)"), (1, "(($x % 1000.0) ** 2)"),
        (2, "$lx[$i]"), (1, "sum($lx, 0.0)"), (1, "$least($lx)"), (1, "sum([v * 0.5 for v in $lx], 0.0)"),
        (2, "$t[1]"), (1, "float($s)"), (1, "$c.real"), (1, "$c.imag"), (1, "abs(complex(3.0, -4.0))"),
        (3, "float($a[$i])"), (2, "float($a.$reduce())"), (1, "float($a.mean())"), (2, "float($m[$i, $i])"),
        (1, "float($m.$reduce())"), (1, "float(($a * 2.0)[$i])"), (1, "float($n[$i] / 2)"), (1, "float($a[$a > $x].sum())"),
    ],
    "b": [
        (6, "$i $compare $i"), (3, "$x $compare $x"), (2, "($b $logic $b)"), (1, "(not $b)"), (1, "$digit < $i <= $i"),
        (1, "bool($i)"), (1, "bool($x)"), (1, "($b $mask $b)"), (1, "$b $equal $b"), (1, "isinstance($i, int)"),
        (1, "math.isinf($x)"), (1, "$i $compare $x"), (1, "$x $compare $i"), (1, "($i $compare $i $compare $i)"),
        (2, "$s $compare $s"), (1, "$s in $s"), (1, "bool($s)"), (1, "$s.$asks()"), (1, "$s.startswith($s)"), (1, "$s.endswith($s)"),
        (1, "$s not in $s"), (1, "$y $compare $y"), (1, "$y.startswith($y)"), (1, "isinstance($y[0], int)"), (1, "$i in $y"),
        (1, "$li $compare $li"), (2, "$i in $li"), (1, "bool($li)"), (1, "$some([v > 1 for v in $li])"),
        (1, "$some(v > $digit for v in $li)"), (1, "$s in $ls"), (1, "$x in $lx"), (1, "$ll $equal $ll"), (1, "$lt $compare $lt"),
        (1, "$i in $di"), (1, "$di $equal $di"), (1, "$s in $ds"), (1, "$s not in $ds"), (1, "bool($ds)"),
        (1, "$i in $e"), (1, "$e $compare $e"), (1, "$e.issubset($e)"), (1, "$e.isdisjoint($e)"),
        (1, "$t $compare $t"), (1, "$u $compare $u"), (1, "$i in $u"), (1, "$c $equal $c"), (1, "bool($c)"),
        (2, "bool($q[$i])"), (1, "bool($q.$some())"), (1, "bool(($a > $x).$some())"), (1, "bool(np.array_equal($n, $n))"),
        (1, "bool(($m > $x).$some())"), (1, "bool($some(v > $x for v in $a))"),
    ],
    "s": [
        (4, "($s + $s)[:24]"), (2, "$s[$i]"), (2, "$s[$i:$i]"), (1, "$s[$i:]"), (1, "$s[:$i]"), (1, "$s[::$step]"),
        (1, "$s[$i:$i:$step]"), (1, "str($i)"), (1, "str($x)"), (1, "str($b)"), (2, "$s.$cases()"), (1, "$s.replace($s, 'r')[:24]"),
        (1, "($s * $small)[:24]"), (1, "('%d-%s' % ($i, $s))[:24]"), (2, "f'{$v_i:$ispec}'"), (2, "f'{$v_x:$xspec}|{$v_i}'"),
        (1, "f'{$v_s:$sspec}'[:24]"), (1, "f'{$v_s!r}{$v_b}'[:24]"), (1, "'%.3f %5d' % ($x, $i)"), (1, "repr($s)[:24]"), (1, "repr($x)"),
        (1, "$s.center(9, '*')[:24]"), (1, "$s.zfill(5)"), (1, "$s.rjust($i)[:24]"), (1, "chr(97 + $i % 26)"), (1, "hex($i)"), (1, "bin($i)"),
        (1, "'{}:{:>4}'.format($i, $s)[:24]"), (1, "$s.partition(',')[0]"), (1, "''.join(reversed($s))"), (1, "$s.removeprefix($s)"),
        (1, "($s if $b else $s)"), (1, "''.join([v for v in $s if v != 'a'])"), (1, "$least($s, $s)"), (1, "$s.expandtabs(3)[:24]"),
        (1, "','.join($ls)[:24]"), (1, "$ls[$i]"), (1, "','.join([str(v) for v in $li])[:24]"), (1, "str($li)[:24]"), (1, "$least($ls)"),
        (1, "$lt[$i][1]"), (1, "$t[2]"), (1, "$y.decode('latin-1')"), (1, "str($y)[:24]"), (1, "$y.hex()"), (1, "str($t)[:24]"),
        (1, "min($ds)"), (1, "str($di)[:24]"), (1, "''.join(sorted($s))"), (1, "str($c)[:24]"), (1, "str($u)[:24]"), (1, "str($ll)[:24]"),
    ],
    "c": [
        (6, "($c $plus $c)"), (2, "complex($x, $x)"), (1, "$c.conjugate()"), (1, "($c * $x)"), (1, "-$c"), (1, "($c if $b else $c)"),
        (1, "($c + $i)"), (1, "complex($i)"), (1, "($x - $c)"),
    ],
    "y": [
        (4, "($y + $y)[:12]"), (2, "$y[$i:$i]"), (1, "$y[::$step]"), (1, "($y * $small)[:12]"), (1, "$y.upper()"), (1, "$y.strip()"),
        (1, "$y.replace($y, b'r')[:12]"), (1, "bytes([v % 256 for v in $li])"), (1, "$s.encode()[:12]"), (1, "$y.split(b',')[0]"),
        (1, "bytes($small)"), (1, "b','.join([$y, $y])[:12]"), (1, "($y if $b else $y)"), (1, "($i).to_bytes(2, 'little', signed=True)"),
    ],
    "li": [
        (3, "[$i, $i]"), (2, "[$i]"), (2, "($li + $li)[:12]"), (2, "$li[$i:$i]"), (1, "$li[::$step]"), (1, "$li[$i:$i:$step]"),
        (1, "$li.copy()"), (1, "($li * $small)[:12]"), (2, "sorted($li)"), (1, "sorted($li, reverse=True)"), (1, "sorted($li, key=lambda v: $key)"),
        (2, "[(v * $digit + u) % 1009 for u, v in enumerate($li)]"), (1, "[u * v for u in range($small) for v in range(u)]"),
        (1, "list(map(lambda v: v + $digit, $li))"), (1, "list(filter(lambda v: v > $digit, $li))"), (1, "list(reversed($li))"),
        (1, "list(range($i, $digit, $step))[:12]"), (1, "[v for v in $li if v % 2 == 0]"), (1, "[*$li, $i][:12]"), (1, "[v if v > 0 else $i for v in $li]"),
        (1, "[min(u, v) for u, v in zip($li, $li)]"), (1, "[len(v) for v in $ls]"), (1, "[int(v) for v in $lx if abs(v) < 1000.0]"),
        (1, "[w for v in $ll for w in v][:12]"), (1, "$ll[$i][:12]"), (1, "[v[0] for v in $lt]"), (1, "[u for u, v in sorted($lt)]"),
        (1, "list($di.keys())"), (1, "list($di.values())"), (1, "sorted($di)"), (1, "list($ds.values())"), (1, "[u + v for u, v in $di.items()]"),
        (1, "sorted($e)"), (1, "list($u)"), (1, "[v for v in $y][:12]"), (1, "[ord(v) for v in $s][:12]"), (1, "list($y)[:12]"),
        (1, "[int(v) for v in $n]"), (1, "$n.tolist()"), (2, "list($j($i))"), (1, "[$h(v) for v in $li]"),
    ],
    "lx": [
        (3, "[$x, $x]"), (1, "[v * 0.5 for v in $lx]"), (1, "[v * 0.5 for v in $li]"), (1, "($lx + $lx)[:12]"), (1, "$lx[$i:$i]"),
        (1, "sorted($lx)"), (1, "$lx[::$step]"), (1, "[float(v) for v in $a][:12]"), (1, "$a.tolist()[:12]"),
    ],
    "ls": [
        (3, "[$s, $s]"), (2, "$s.split()[:12]"), (1, "$s.split(',')[:12]"), (1, "$s.split('a')[:12]"), (1, "[v for v in $s][:12]"),
        (1, "[str(v) for v in $li]"), (1, "sorted($ls)"), (1, "$ls[::$step]"), (1, "[v.upper() for v in $ls]"), (1, "list($ds)"),
        (1, "[v + str(u) for u, v in enumerate($ls)]"), (1, "$s.splitlines()"), (1, "$s.rsplit(',', 1)"), (1, "[v for u, v in $lt]"),
        (1, "sorted($ls, key=len)"), (1, "[f'{v:3d}' for v in $li]"), (1, "list($s)[:12]"),
    ],
    "ll": [
        (3, "[$li, $li]"), (1, "[$li]"), (1, "$ll[$i:$i]"), (1, "$ll[::$step]"), (1, "[[u + v for u in $li] for v in range($small)]"),
        (1, "sorted($ll)"), (1, "[v[::-1] for v in $ll]"), (1, "[list(v) for v in $ll]"),
    ],
    "lt": [
        (3, "[($i, $s)]"), (2, "[($i, $s), ($i, $s)]"), (1, "sorted($lt)"), (1, "list(enumerate($ls))"), (1, "list(zip($li, $ls))"),
        (1, "$lt[$i:$i]"), (1, "($lt + $lt)[:8]"), (1, "[(len(v), v) for v in $ls]"), (1, "sorted($lt, key=lambda v: v[1])"),
        (1, "[(v, u) for u, v in $ds.items()]"),
    ],
    "di": [
        (3, "{$i: $i}"), (2, "{$i: $i, $i: $i}"), (1, "{v: u for u, v in enumerate($li)}"), (1, "$di.copy()"), (1, "{**$di, $i: $i}"),
        (1, "dict(zip($li, $li))"), (1, "($di | $di)"), (1, "{v: w for w, v in $di.items()}"), (1, "{u: len(v) for u, v in $lt}"),
        (1, "dict($di)"),
    ],
    "ds": [
        (3, "{$s: $i}"), (2, "{$s: $i, $s: $i}"), (1, "{v: u for u, v in enumerate($ls)}"), (1, "$ds.copy()"), (1, "{v: $s.count(v) for v in $s}"),
        (1, "{v: u for u, v in $lt}"), (1, "($ds | $ds)"),
    ],
    "e": [
        (3, "{$i, $i}"), (2, "($e $bits $e)"), (1, "set($li)"), (1, "{v % 5 for v in $li}"), (1, "{v for v in $e if v > $digit}"),
        (1, "$e.union($e)"), (1, "set($di)"), (1, "set($u)"), (1, "$e.copy()"), (1, "$e.difference($li)"),
    ],
    "t": [(3, "($i, $x, $s)"), (1, "($t if $b else $t)"), (1, "($i, *$t[1:])")],
    "u": [(3, "($i, $i, $i)"), (1, "$u[::-1]"), (1, "($u if $b else $u)"), (1, "$u[1:] + ($i,)"), (1, "(*$u[:2], $i)")],
    "a": [
        (3, "($a $plus $x)"), (2, "($a[:1] $plus $a)"), (1, "($x $farith ($a + 7.5))"), (2, "$a[$i:$i]"), (1, "$a[::$step]"), (1, "$a.copy()"),
        (1, "np.sqrt(np.abs($a))"), (1, "np.where($a > $x, $a, $x)"), (1, "$a[$a > $x]"), (1, "np.maximum($a, $x)"), (1, "-$a"),
        (1, "np.sort($a)"), (1, "np.full($small, $x)"), (1, "$m[$i]"), (1, "$m[:, $i]"), (1, "$m.ravel()[:12]"), (1, "$m.sum(axis=$small & 1)"),
        (1, "($n * 0.5)"), (1, "np.array($lx)"), (1, "np.concatenate(($a, $a))[:12]"), (1, "$a[$i:$i:$step]"), (1, "np.cumsum($a)"),
        (1, "$n.astype(np.float64)"), (1, "np.zeros($small)"), (1, "np.floor($a)"), (1, "np.clip($a, -2.0, $x)"), (1, "($a + $n)"),
        (1, "np.flip($a)"), (1, "$m.diagonal().copy()"), (1, "np.where($q, 1.5, $x)"), (1, "$a[$n % 2]"), (1, "np.linspace(0.0, 2.0, 5)"),
        (1, "np.array([v * 2.0 for v in $lx])"), (1, "$m.max(axis=0)"), (1, "np.diff($a)"), (1, "np.roll($a, $small)"), (1, "$a[$q]"),
    ],
    "n": [
        (3, "($n $plus $n) % 1009"), (2, "($n $plus $digit)"), (1, "$n[$i:$i]"), (1, "$n[::$step]"), (1, "np.argsort($a, kind='stable')"),
        (1, "np.arange($small)"), (1, "np.array($li)"), (1, "$n[$n > $digit]"), (1, "np.where($n > $digit, $n, 0)"), (1, "np.sort($n)"),
        (1, "np.cumsum($n) % 1009"), (1, "np.unique($n)"), (1, "np.abs($n)"), (1, "-$n"), (1, "np.nonzero($q)[0]"), (1, "($n // 3)"),
        (1, "($n $mask $n)"), (1, "$q.astype(np.int64)"), (1, "np.minimum($n, $digit)"), (1, "($n % 7)"), (1, "np.repeat($n, 2)[:12]"),
        (1, "np.bincount(np.abs($n % 5))"), (1, "~$n"), (1, "$n.copy()"),
    ],
    "m": [
        (3, "($m $plus $x)"), (2, "($m $plus $m[:1])"), (1, "$m.T"), (1, "$m[$i:]"), (1, "$m[:, ::$step]"), (1, "($m * $a[:1])"),
        (1, "np.zeros((2, $small))"), (1, "np.where($m > $x, $m, 0.0)"), (1, "$m[::-1, 1:]"), (1, "np.ones((2, 3)) * $x"), (1, "$m.copy()"),
        (1, "np.outer($a, $a)[:4, :4]"), (1, "$a.reshape(-1, 1)[:6]"), (1, "($a[:2, None] - $a[None, :3])"), (1, "np.vstack(($a, $a))[:4]"),
        (1, "np.transpose($m)"), (1, "np.dot($m, $m.T)[:4, :4]"),
    ],
    "q": [
        (3, "($a $compare $x)"), (2, "($q $mask $q)"), (1, "~$q"), (1, "($n $compare $i)"), (1, "($n % 2 == 0)"), (1, "$q[::-1]"), (1, "$q[$i:$i]"),
        (1, "np.isnan($a)"), (1, "np.logical_and($q, $q)"), (1, "($a > $x) | ($a < -1.0)"), (1, "np.zeros(4, np.bool_)"),
    ],
}  # fmt: skip

STATEMENTS = [
    (3, "$set_i = $i"), (2, "$set_x = $x"), (1, "$set_b = $b"), (3, "$set_s = $s"), (2, "$set_c = $c"), (2, "$set_y = $y"), (3, "$set_li = $li"),
    (2, "$set_lx = $lx"), (2, "$set_ls = $ls"), (2, "$set_ll = $ll"), (2, "$set_lt = $lt"), (2, "$set_di = $di"), (2, "$set_ds = $ds"),
    (2, "$set_e = $e"), (2, "$set_t = $t"), (2, "$set_u = $u"), (3, "$set_a = $a"), (3, "$set_n = $n"), (2, "$set_m = $m"), (2, "$set_q = $q"),
    # numbers
    (2, "$v_i = ($v_i * $digit + $i) % 1009"), (1, "$v_x += $x"), (1, "$v_x *= 0.5"), (1, "$v_i, $v_x = $i, $x"), (1, "$v_i -= $i\n$v_i %= 1009"),
    (1, "if ($v_i := $i) > $i:\n    $block"), (1, "$v_s += $s\n$v_s = $v_s[:24]"), (1, "$v_c += $c"), (1, "$v_i //= $i"), (1, "$v_x = ($v_x % 1000.0) ** 2"),
    # containers
    (2, "if len($v_li) < 12:\n    $v_li.append($i)"), (1, "$v_li[$i] = $i"), (1, "$v_li.pop()"), (1, "$v_li.pop($i)"), (1, "$v_li.sort()"),
    (1, "$v_li.insert($i, $i)\ndel $v_li[12:]"), (1, "$v_li.remove($i)"), (1, "$v_li.reverse()"), (1, "del $v_li[$i]"), (1, "$v_li[$i] += $i"),
    (1, "$v_li[1:3] = $li\ndel $v_li[12:]"), (1, "$v_li.extend($li)\ndel $v_li[12:]"), (1, "$v_li += $li\ndel $v_li[12:]"),
    (1, "$v_li[::$step] = $li"), (1, "del $v_li[::$step]"), (1, "$v_li.clear()"), (1, "$v_i, *$v_li = $li"), (1, "*$v_li, $v_i = $li"),
    (1, "$v_i, $v_i = $v_li"), (1, "$v_li[$i], $v_li[$i] = $v_li[$i], $v_li[$i]"), (1, "$v_li.sort(key=lambda v: $key)"),
    (1, "if len($v_lx) < 12:\n    $v_lx.append($x)"), (1, "$v_lx[$i] = $x"), (1, "$v_ls[$i] = $s"), (1, "$v_ls.sort()"),
    (1, "if len($v_ls) < 12:\n    $v_ls.append($s)"), (1, "if len($v_ll) < 6:\n    $v_ll.append($li)"), (1, "$v_ll[$i][$i] -= 1"),
    (1, "$v_ll[$i].reverse()"), (1, "$v_ll.sort()"), (1, "if len($v_lt) < 8:\n    $v_lt.append(($i, $s))"), (1, "$v_lt.sort()"), (1, "$v_lt[$i] = ($i, $s)"),
    (2, "$in_di[$i] = $i"), (1, "$in_di[$i] = $v_di.get($i, 0) + 1"), (1, "$in_di.pop($i, 0)"), (1, "del $in_di[$i]"), (1, "$in_di.setdefault($i, $i)"),
    (1, "$in_di.update($di)"), (1, "$in_di[$i] += $digit"), (1, "$v_i = $in_di.pop($i)"), (1, "$in_di.clear()"), (1, "$in_di |= $di"),
    (2, "$in_ds[$s] = $i"), (1, "$in_ds.pop($s, 0)"), (1, "del $in_ds[$s]"), (1, "$in_ds[$s] += 1"), (1, "$in_ds.setdefault($s, $i)"),
    (1, "$v_s, $v_i = $in_ds.popitem()"), (2, "$in_e.add($i)"), (1, "$in_e.discard($i)"), (1, "$in_e.remove($i)"), (1, "$in_e |= $e"), (1, "$in_e &= $e"),
    (1, "$in_e.update($li)"), (1, "$in_e ^= $e"), (1, "$v_i, $v_x, _ = $t"), (1, "$v_i, $v_i, $v_i = $u"), (1, "$v_i, *_ = $u"),
    # arrays
    (2, "$v_a[$i] = $x"), (1, "$v_a[$i:$i] = $x"), (1, "$v_a += $x"), (1, "$v_a *= $v_a[::-1]"), (1, "$v_a[$v_a > $x] = $x"), (1, "$v_a[::$step] = $x"),
    (1, "$v_a[1:] -= $v_a[:-1]"), (1, "$v_m[$i, $i] = $x"), (1, "$v_m[$i] = $x"), (1, "$v_m[:, $i] += $x"), (1, "$v_n[$i] += $i"), (1, "$v_n[$v_n > $digit] = 0"),
    (1, "$v_q[$i] = $b"), (1, "$v_m += $v_m[0]"), (1, "$v_a[$i] *= $x"), (1, "$v_a.sort()"), (1, "$v_a[$n * 0] = $x"), (1, "$v_n[:] = $i"), (1, "$v_m.fill($x)"),
    # branches and loops
    (4, "if $b:\n    $block"), (2, "if $b:\n    $block\nelse:\n    $block"), (1, "if $b:\n    $block\nelif $b:\n    $block\nelse:\n    $block"),
    (3, "for $new_i in range($small):\n    $loop"), (1, "for $new_i in range($i, $digit, $step):\n    $loop\n    if $v_i > 9:\n        break"),
    (1, "for $new_i in range($small):\n    $loop\nelse:\n    $block"), (2, "for $new_i in $li:\n    $loop"), (1, "for $new_i, $new_x in enumerate($lx):\n    $loop"),
    (1, "for $new_i in reversed($li):\n    $loop"), (1, "for $new_i, $new_i in zip($li, $li):\n    $loop"), (1, "for $new_s in $s:\n    $loop"),
    (1, "for $new_s in $ls:\n    $loop"), (1, "for $new_li in $ll:\n    $loop"), (1, "for $new_i, $new_s in $lt:\n    $loop"), (1, "for $new_i in $y:\n    $loop"),
    (1, "for $new_i in $lock_di:\n    $loop"), (1, "for $new_s, $new_i in $lock_ds.items():\n    $loop"), (1, "for $new_i, $new_i in $lock_di.items():\n    $loop"),
    (1, "for $new_i in sorted($e):\n    $loop"), (1, "for $new_i in $u:\n    $loop"), (1, "for $new_i in range(len($a)):\n    $loop"),
    (1, "for $new_a in $m:\n    $loop"), (1, "for v in $a:\n    $v_x += float(v)"), (1, "for $new_i in $j($i):\n    $loop"), (1, "for $new_x in $lx:\n    $loop"),
    (1, "$new_w = $small\nwhile $v_w > 0 and $b:\n    $v_w -= 1\n    $loop"), (1, "for $new_i in range($m.shape[0]):\n    for $new_i in range($m.shape[1]):\n        $loop"),
    # exceptions
    (2, "try:\n    $block\nexcept $caught:\n    $block"), (1, "try:\n    $block\nexcept $caught as error:\n    $v_s = str(error)[:24]"),
    (1, "try:\n    $block\nexcept $caught:\n    $block\nelse:\n    $block"), (1, "try:\n    $block\nfinally:\n    $block"),
    (1, "try:\n    $block\nexcept $caught:\n    $block\nfinally:\n    $block"), (1, "try:\n    $block\n    if $b:\n        return $shown\nfinally:\n    $block"),
    (1, "try:\n    $block\nexcept $caught:\n    $block\n    raise"), (1, "try:\n    $block\nexcept $caught:\n    $block\nexcept Exception:\n    $block"),
    (1, "for $new_i in range($small):\n    try:\n        $loop\n        if $b:\n            $leave\n    finally:\n        $block"),
    (1, "for $new_i in range($small):\n    try:\n        $loop\n    except $caught:\n        $leave"),
    (2, "if $b:\n    raise $error($s)"), (1, "if $b:\n    raise $error($i)"), (1, "assert $b, $i"), (1, "if $b:\n    return $shown"),
    # match, functions
    (1, "match $i % 4:\n    case 0:\n        $block\n    case 1 | 2:\n        $block\n    case _:\n        $block"),
    (1, "match $s:\n    case 'a' | '':\n        $block\n    case 'naja':\n        $block"), (1, "match $i:\n    case v if v > $i:\n        $block\n    case _:\n        $block"),
    (1, "match $u:\n    case (0, _, _):\n        $block\n    case ($new_i, $new_i, 3):\n        $block"),
    (1, "match $li:\n    case []:\n        $block\n    case [$new_i]:\n        $block\n    case [$new_i, *_]:\n        $block"),
]  # fmt: skip

# Inner functions: their letter tells how they are called.
DEFINITIONS = [
    (2, "h", "def $name(v):\n    return (v + $i) % 1009"), (1, "h", "def $name(v):\n    if v > $digit:\n        return $i\n    return v"),
    (1, "h", "def $name(v):\n    nonlocal $v_i\n    $v_i = ($v_i + v) % 1009\n    return $v_i"), (1, "h", "$name = lambda v: $least(v, $i)"),
    (1, "h", "def $name(v, w=$digit, *more):\n    return (v + w + len(more)) % 1009"),
    (1, "h", "def $name(v):\n    def inner(w):\n        return w + v + $i\n    return inner($digit) % 1009"),
    (1, "h", "def $name(v):\n    if v <= 0:\n        return $i\n    return ($name(min(v, 5) - 1) + 1) % 1009"),
    (1, "h", "def $name(v):\n    try:\n        return $i\n    except $caught:\n        return v"),
    (2, "j", "def $name(n):\n    for v in range(n % 5):\n        yield (v * $i) % 1009"),
    (1, "j", "def $name(n):\n    yield n\n    if n > $digit:\n        yield $i"),
    (1, "j", "def $name(n):\n    v = 0\n    while v < n % 4:\n        v += 1\n        if v == $digit:\n            continue\n        yield v"),
    (1, "j", "def $name(n):\n    try:\n        yield $i\n        yield $i\n    finally:\n        n = 0"),
    (1, "j", "def $name(n):\n    yield from range(n % 4)\n    yield $i"),
]  # fmt: skip

WORD = re.compile(r"\$(?:(v|new|set|in|lock)_)?([a-z]+)")
EXTRA = [["s"], ["c"], ["y", "s"], ["li"], ["li", "lx"], ["ls", "s"], ["ll", "li"], ["lt", "ls", "s"], ["di"], ["ds", "s"], ["e"],
         ["t", "s"], ["u"], ["a"], ["n"], ["m", "a"], ["q", "a", "n"], ["a", "n"]]  # fmt: skip


def needs(template):
    """The kinds that a template needs, and the letters of inner functions."""
    return {word for _, word in WORD.findall(template) if word in LEAVES or word in ("h", "j", "g")}


EXPRESSIONS = {kind: [(w, t, needs(t)) for w, t in rows] for kind, rows in EXPRESSIONS.items()}
STATEMENTS = [(w, t, needs(t)) for w, t in STATEMENTS]


def is_open(text):
    """Whether an operator of an expression is outside all brackets, so that it needs some around it as an operand."""
    depth = 0
    for character in re.sub(r"'[^']*'", "s", text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and character in " -~*":
            return True
    return False


class Writer:
    """Writes one function of the given kinds; knows what is in scope."""

    def __init__(self, rng, kinds, functions=()):
        self.rng, self.kinds, self.functions = rng, kinds, functions
        self.scope = []  # names of variables
        self.count = 0
        self.inner = {"h": [], "j": []}
        self.depth, self.locked, self.shown = 0, [], ""

    # ---- names ---------------------------------------------------------------------------------------------------

    def fresh(self, kind):
        self.count += 1
        return f"{kind}{self.count}"

    def variables(self, kind):
        return [name for name in self.scope if name.rstrip("0123456789") == kind]

    def variable(self, kind):
        return self.variables(kind)[-1] if kind == "w" else self.rng.choice(self.variables(kind))

    # ---- templates -----------------------------------------------------------------------------------------------

    def usable(self, needed):
        """Whether what a row needs is there."""
        have = self.kinds | {letter for letter, names in self.inner.items() if names}
        return needed <= (have | {"g"} if self.functions else have)

    def draw(self, rows):
        rows = [row for row in rows if self.usable(row[-1])]
        return self.rng.choices(rows, [row[0] for row in rows])[0][1] if rows else None

    def expression(self, kind, depth=0):
        chance = self.rng.random()
        if self.variables(kind) and (depth > 3 or chance < 0.2 + 0.15 * depth):
            return self.variable(kind)
        template = self.draw(EXPRESSIONS[kind])
        if depth > 3 or chance > 0.93 or template is None:
            return self.rng.choice(LEAVES[kind])
        text = self.expand(template, depth + 1)
        return f"({text})" if depth and is_open(text) else text

    def expand(self, template, depth=1, new=None):
        """A template's line with its words replaced; new variables are put into `new`."""

        def word(match):
            role, name = match.groups()
            if role == "new":
                new.append(self.fresh(name))
                return new[-1]
            if role == "set":
                return self.target(name, new)
            if role == "lock":
                self.locked.append(name)
            if role:
                return self.variable(name)
            return self.plain(name, depth)

        return WORD.sub(word, template)

    def plain(self, name, depth):
        if name == "shown":
            return self.shown
        if name == "g":
            function, parameters = self.rng.choice(self.functions)
            return f"{function}({', '.join(self.expression(kind, max(depth, 3)) for kind in parameters)})"
        if name in CHOICES:
            return self.rng.choice(CHOICES[name])
        if name in self.inner:
            return self.rng.choice(self.inner[name])
        return self.expression(name, depth)

    def target(self, kind, new):
        """A variable to assign: at the top a new one, too, which is in scope behind the statement."""
        if self.variables(kind) and (self.depth or self.rng.random() < 0.6):
            return self.variable(kind)
        new.append(self.fresh(kind))
        return new[-1]

    # ---- statements ----------------------------------------------------------------------------------------------

    def statement(self):
        if self.depth == 0 and self.rng.random() < 0.08:
            return self.definition()
        template = self.draw(self.fitting())
        outer, locked = list(self.scope), list(self.locked)
        lines, new = [], []
        for line in template.split("\n"):
            indent = line[: len(line) - len(line.lstrip())]
            if line.strip() in ("$block", "$loop"):
                self.scope += new
                new = []
                lines += [indent + text for text in self.block()]
            else:
                if line.strip().startswith(("$v_", "while")):
                    self.scope += new
                    new = []
                lines.append(indent + self.expand(line.strip(), 1, new))
        assigned = [name for name in new if self.depth == 0 and "$set_" in template]
        self.scope, self.locked = outer + assigned, locked
        return lines

    def fitting(self):
        """The rows for this place: no deep nesting, and no change of a kind of container that is iterated over."""
        rows = (
            STATEMENTS
            if self.depth < 2
            else [row for row in STATEMENTS if "$loop" not in row[1] and "$block" not in row[1]]
        )
        return [row for row in rows if not any(f"$in_{kind}" in row[1] for kind in self.locked)]

    def block(self):
        self.depth += 1
        lines = [line for _ in range(self.rng.choice((1, 1, 2))) for line in self.statement()]
        self.depth -= 1
        return lines

    def definition(self):
        rows = [(w, (letter, text), needs(text)) for w, letter, text in DEFINITIONS]
        letter, template = self.draw(rows)
        name = self.fresh(letter)
        lines = [self.expand(line.replace("$name", name), 1) for line in template.split("\n")]
        self.inner[letter].append(name)
        return lines

    def function(self, name, size, result=None):
        """The lines of a function with a parameter of each kind; it gives them all, or that of the kind `result`."""
        parameters = sorted(self.kinds)
        self.scope = [self.fresh(kind) for kind in parameters]
        head = f"def {name}({', '.join(self.scope)}):"
        shown = [v for v in self.scope if result in (None, v.rstrip("0123456789"))]
        self.shown = ", ".join(f"sorted({v})" if v.startswith("e") else v for v in shown)
        body = [line for _ in range(size) for line in self.statement()]
        return [head, *(STEP + line for line in body), f"{STEP}return {self.shown}", ""]


def kinds_of(rng):
    """The kinds of one function: numbers, and a few more."""
    kinds = {"i", "x", "b"}
    for extra in rng.sample(EXTRA, rng.choice((1, 1, 2, 2, 3))):
        kinds.update(extra)
    return kinds


def program(rng, helpers=0):
    """The text of a module: a function ``f`` with a parameter of each of its kinds, and those that it calls."""
    lines, functions, kinds = [], [], kinds_of(rng)
    for number in range(helpers):
        own = {"i", "x", "b", *rng.sample(sorted(kinds), 2)}
        name = f"g{number}"
        writer = Writer(rng, own, list(functions))
        lines += writer.function(name, rng.randint(2, 4), "i")
        functions.append((name, sorted(own)))
    lines += Writer(rng, kinds, functions).function("f", rng.randint(3, 7))
    return "\n".join(lines)


def calling_program(rng):
    """The text of a module: several functions, and one that calls them."""
    return program(rng, rng.randint(2, 4))
