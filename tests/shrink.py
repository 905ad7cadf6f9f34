"""Makes a failing program smaller: first it loses statements, then its expressions become simpler.

`shrink(text, fails)` walks the syntax tree again and again, and keeps a change after which `fails(text)` still holds.
Big pieces are tried first, so most of a program goes with few trials.
"""

import ast
import copy
import itertools
import time
import warnings


def bodies(tree):
    """Every list of statements in the tree, outer ones first."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block:
                yield node, field


def without_statements(tree):
    """Copies of the tree that lack statements: runs of a list, halves first."""
    for place, (node, field) in enumerate(bodies(tree)):
        length = len(getattr(node, field))
        size = length
        while size:
            for start in range(0, length, size):
                if size == length == 1 and isinstance(getattr(node, field)[0], (ast.Pass, ast.Return)):
                    continue
                yield place, start, size
            size //= 2


def drop(tree, place, start, size):
    """Take statements out of a list; a list that has to have one gets `pass`."""
    node, field = next(itertools.islice(bodies(tree), place, None))
    block = getattr(node, field)
    del block[start : start + size]
    if not block and field == "body" and not isinstance(node, ast.Module):
        block.append(ast.Pass())


def lift(tree, place):
    """Put what a compound statement contains in its place."""
    for node, field in bodies(tree):
        block = getattr(node, field)
        for position, statement in enumerate(block):
            inner = getattr(statement, "body", None)
            if not isinstance(inner, list) or isinstance(
                statement, (ast.FunctionDef, ast.ExceptHandler, ast.match_case)
            ):
                continue
            parts = [inner, *(getattr(statement, name, []) for name in ("orelse", "finalbody"))]
            parts += [part.body for part in getattr(statement, "handlers", [])]
            for part in parts:
                if part and place == 0:
                    block[position : position + 1] = part
                    return True
                place -= bool(part)
    return False


def simpler(node):
    """Expressions to try in the place of one: what it is made of, then constants."""
    parts = [
        child
        for child in ast.iter_child_nodes(node)
        if isinstance(child, ast.expr) and not isinstance(child, ast.Starred)
    ]
    kinds = {int: [0, 1], float: [0.5], str: ["", "a"], bytes: [b""]}
    if isinstance(node, ast.Constant):
        return [
            ast.Constant(value)
            for value in kinds.get(type(node.value), [])
            if len(repr(value)) < len(repr(node.value))
        ]
    if isinstance(node, (ast.Name, ast.Attribute)):
        return []
    items = []
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)) and isinstance(
        getattr(node, "ctx", ast.Load()), ast.Load
    ):
        items = [
            type(node)(**{**vars(node), "elts": node.elts[:i] + node.elts[i + 1 :]})
            for i in range(len(node.elts))
        ]
    constants = [ast.Constant(value) for value in (0, True, 0.5, "")]
    return parts + items + constants


def replace(tree, place):
    """Put the simpler expression of that number into the tree; False: there are not so many."""
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            for position, child in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(child, ast.expr) or isinstance(
                    getattr(child, "ctx", None), (ast.Store, ast.Del)
                ):
                    continue
                if isinstance(node, ast.JoinedStr | ast.FormattedValue) and isinstance(
                    child, (ast.JoinedStr, ast.Constant)
                ):
                    continue
                choices = simpler(child)
                if place < len(choices):
                    if isinstance(value, list):
                        value[position] = choices[place]
                    else:
                        setattr(node, field, choices[place])
                    return True
                place -= len(choices)
    return False


def changed(tree, change, *where):
    """The text of the tree after a change, or None if that is no program."""
    tree = copy.deepcopy(tree)
    if change(tree, *where) is False:
        return None
    try:
        text = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
        with warnings.catch_warnings(action="ignore"):  # 0[i] is worth a try
            compile(text, "shrunk", "exec")
    except (SyntaxError, ValueError, RecursionError):
        return ""
    return text


def candidates(text):
    """Smaller programs, one after the other; those that are likely to be much smaller come first."""
    tree = ast.parse(text)
    for where in without_statements(tree):
        yield changed(tree, drop, *where)
    for change in (lift, replace):
        for place in itertools.count():
            smaller = changed(tree, change, place)
            if smaller is None:
                break
            yield smaller


def shrink(text, fails, seconds=60):
    """The smallest program that is found in so many seconds for which `fails` holds, as it does for `text`."""
    end, tried = time.monotonic() + seconds, {text}
    again = True
    while again and time.monotonic() < end:
        again = False
        for smaller in candidates(text):
            if smaller and smaller not in tried and time.monotonic() < end:
                tried.add(smaller)
                if fails(smaller):
                    text, again = smaller, True
                    break
    return text
