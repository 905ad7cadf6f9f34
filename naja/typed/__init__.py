"""Containers of one type, shared by Python and compiled code without copying.

Python works on the very memory that compiled code works on; no operation is compiled for it.
"""

from collections.abc import MutableSequence

from naja._core import List

MutableSequence.register(List)

__all__ = ["List"]
