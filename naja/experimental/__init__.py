"""Classes of compiled objects: `jitclass`, and the lower-level `structref`."""

from naja.experimental.jitclass import jitclass

__all__ = ["jitclass", "structref"]


def __getattr__(name):
    if name == "structref":
        import importlib

        return importlib.import_module("naja.experimental.structref")
    raise AttributeError(f"module 'naja.experimental' has no attribute {name!r}")
