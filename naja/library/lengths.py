"""tuple(x) of what is no tuple, where the number of items is known when the function is compiled; src/infer/lengths.c finds it."""

import dis
import functools

from naja.library.written import written


@functools.lru_cache(maxsize=None)
def iterated(code):
    """The arguments of a generator that gives one item for each of theirs.

    Parameters
    ----------
    code : code object
        Of a generator function.

    Returns
    -------
    int
        Number of the first one, all behind which count as well; -1 if it may give more items, or fewer.
    """
    jumps = [i for i in dis.get_instructions(code) if i.opcode in dis.hasjrel or i.opcode in dis.hasjabs]
    loops = [i for i in jumps if i.opname == "FOR_ITER"]
    yields = [i for i in dis.get_instructions(code) if i.opname == "YIELD_VALUE"]
    if len(loops) != 1 or len(yields) != 1:
        return -1
    back = [i for i in jumps if i.argval == loops[0].offset]
    plain = len(back) == 1 and back[0].opname.startswith("JUMP") and "IF" not in back[0].opname
    out = [i for i in jumps if i.argval > back[0].offset and i not in loops] if plain else []
    if not plain or out or any(i.opname == "SEND" for i in jumps):
        return -1
    if code.co_name == "<genexpr>":
        return 0
    return 1 if code.co_name in ("apply", "apply_several") and code.co_filename == _map_file() else -1


def _map_file():
    from naja.library import iterables

    return iterables.__file__


@functools.lru_cache(maxsize=None)
def taker(n, is_list):
    """Return a function that makes a tuple of the n items of an iterable.

    Parameters
    ----------
    n : int
    is_list : bool
        Whether it is a list, of which there may be another number after all.

    Returns
    -------
    function
    """
    if is_list:
        items = "".join(f"x[{i}], " for i in range(n))
        check = f"    if len(x) != {n}:\n        raise ValueError('tuple() expected {n} items')\n"
        return written(__name__, f"def f(x):\n{check}    return ({items})")
    items = "".join(f"i{i}, " for i in range(n))
    lines = "".join(f"    i{i} = next(g)\n" for i in range(n))
    return written(__name__, f"def f(x):\n    g = (item for item in x)\n{lines}    return ({items})")
