"""Containers of one type, shared by Python and compiled code without copying.

Python works on the very memory that compiled code works on; no operation is compiled for it.
"""

from collections.abc import MutableMapping, MutableSequence, MutableSet

from naja._core import Dict, List, Set

MutableSequence.register(List)
MutableMapping.register(Dict)
MutableSet.register(Set)

__all__ = ["Dict", "List", "Set"]
