"""Markers that mean something to the compiler and nothing to Python."""

__all__ = ["literal_unroll", "literally"]


def literally(value):
    """Ask for an argument's value to be part of its type; in plain Python, return it."""
    return value


def literal_unroll(container):
    """Ask for a loop over a mixed tuple to be unrolled; in plain Python, return it."""
    return container
