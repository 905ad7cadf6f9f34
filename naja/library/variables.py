"""Cells: variables that inner functions share, and assign or see assigned.

A cell is a list with no item, or one: the value.  The front end makes one where the bytecode makes Python's
(``src/frontend/closures.c``), and calls these functions for what is done with the variable.
"""

from naja.library import low

cell = low.cell


def assign(cell, value):
    """Give the variable a value."""
    if len(cell):
        cell[0] = value
    else:
        cell.append(value)


def read(cell, message):
    """Value of a local variable."""
    if len(cell) == 0:
        raise UnboundLocalError(message)
    return cell[0]


def read_free(cell, message):
    """Value of a variable of the function around."""
    if len(cell) == 0:
        raise NameError(message)
    return cell[0]


def delete(cell, message):
    """Take the value away."""
    if len(cell) == 0:
        raise UnboundLocalError(message)
    cell.clear()


def use(value):
    """Do nothing: the variable must have a value where it is deleted, or read and nothing else."""
