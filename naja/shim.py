"""Running programs that import `numba` on naja.

`install_as_numba` puts a finder in front of the import system: ``import numba`` and ``from numba.core import types``
then give naja's modules, whether Numba is installed or not.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types as _types
from collections import namedtuple

__all__ = ["COMPATIBLE_VERSION", "install_as_numba"]

#: What ``numba.__version__`` says under the shim: the release whose behaviour naja follows.
COMPATIBLE_VERSION = "0.68.1"

_VersionInfo = namedtuple("version_info", "major minor patch short full string tuple git_revision")


def _version_info():
    parts = COMPATIBLE_VERSION.split(".")
    major, minor, patch = full = tuple(map(int, parts))
    return _VersionInfo(major, minor, patch, full[:2], full, COMPATIBLE_VERSION, tuple(parts), None)


# numba's module -> naja's module, or None for a package that only holds others.
_MODULES = {
    "numba": "naja",
    "numba.types": "naja.types",
    "numba.errors": "naja.errors",
    "numba.extending": "naja.extending",
    "numba.core": None,
    "numba.cuda": "naja.cuda",
    "numba.cuda.cudadrv": "naja.cuda",
    "numba.cuda.cudadrv.devicearray": "naja.cuda",
    "numba.cuda.cudadrv.devices": "naja.cuda",
    "numba.cuda.cudadrv.driver": "naja.cuda",
    "numba.cuda.cudadrv.error": "naja.cuda",
    "numba.cuda.random": "naja.cuda",
    "numba.experimental": "naja.experimental",
    "numba.experimental.jitclass": "naja.experimental.jitclass",
    "numba.experimental.jitclass.base": "naja.experimental.jitclass",
    "numba.experimental.jitclass._box": "naja.experimental.box",
    "numba.experimental.structref": "naja.experimental.structref",
    "numba.core.compiler": "naja.compiler",
    "numba.core.config": "naja.config",
    "numba.core.decorators": "naja.decorators",
    "numba.core.dispatcher": "naja.dispatcher",
    "numba.core.errors": "naja.errors",
    "numba.core.extending": "naja.extending",
    "numba.core.types": "naja.types",
    "numba.core.types.abstract": "naja.types",
    "numba.core.types.common": "naja.types",
    "numba.core.types.containers": "naja.types",
    "numba.core.types.function_type": "naja.types",
    "numba.core.types.functions": "naja.types",
    "numba.core.types.iterators": "naja.types",
    "numba.core.types.misc": "naja.types",
    "numba.core.types.npytypes": "naja.types",
    "numba.core.types.scalars": "naja.types",
    "numba.core.typing": "naja.typing",
    "llvmlite": "naja.llvm",
    "llvmlite.binding": "naja.llvm.binding",
    "llvmlite.ir": "naja.llvm.ir",
    "llvmlite.ir.builder": "naja.llvm.builder",
    "llvmlite.ir.types": "naja.llvm.types",
    "llvmlite.ir.values": "naja.llvm.values",
    "numba.core.base": "naja.lowering.context",
    "numba.core.boxing": "naja.lowering.boxing",
    "numba.core.caching": "naja.caching",
    "numba.core.cgutils": "naja.lowering.cgutils",
    "numba.core.datamodel": "naja.lowering.datamodel",
    "numba.core.datamodel.models": "naja.lowering.datamodel",
    "numba.core.imputils": "naja.lowering.imputils",
    "numba.core.datamodel.registry": "naja.lowering.datamodel",
    "numba.core.pythonapi": "naja.lowering.boxing",
    "numba.core.registry": "naja.registry",
    "numba.core.runtime": "naja.nrt",
    "numba.core.runtime.nrt": "naja.nrt",
    "numba.core.serialize": "naja.serialize",
    "numba.core.typing.asnumbatype": "naja.types.conversion",
    "numba.core.typing.arraydecl": "naja.lowering.arrayobj",
    "numba.core.typing.npydecl": "naja.np.numpy_support",
    "numba.core.typing.templates": "naja.lowering.templates",
    "numba.core.entrypoints": "naja.entrypoints",
    "numba.core.event": "naja.event",
    "numba.core.ccallback": "naja.ccallback",
    "numba.core.function": "naja.functions",
    "numba.core.typing.ctypes_utils": "naja.functions",
    "numba.core.typing.cffi_utils": "naja.cffi_utils",
    "numba.core.typing.typeof": "naja.extending",
    "numba.core.withcontexts": "naja.withcontexts",
    "numba.cpython": None,
    "numba.cpython.listobj": "naja.lowering.listobj",
    "numba.cpython.charseq": "naja.unicode",
    "numba.cpython.unicode": "naja.unicode",
    "numba.cpython.unsafe": None,
    "numba.cpython.unsafe.numbers": "naja.unsafe",
    "numba.cpython.unsafe.tuple": "naja.unsafe",
    "numba.misc": None,
    "numba.misc.special": "naja",
    "numba.np": None,
    "numba.np.arrayobj": "naja.lowering.arrayobj",
    "numba.np.extensions": "naja.np.extensions",
    "numba.np.linalg": "naja.np.linalg",
    "numba.np.npdatetime_helpers": "naja.np.npdatetime_helpers",
    "numba.np.numpy_support": "naja.np.numpy_support",
    "numba.np.types": "naja.np.types",
    "numba.np.ufunc": "naja.dufunc",
    "numba.np.ufunc.dufunc": "naja.dufunc",
    "numba.np.ufunc.gufunc": "naja.dufunc",
    "numba.np.ufunc.ufuncbuilder": "naja.dufunc",
    "numba.np.ufunc.decorators": "naja.dufunc",
    "numba.np.ufunc.parallel": "naja.threads",
    "numba.np.unsafe": None,
    "numba.np.unsafe.ndarray": "naja.unsafe",
    "numba.core.unsafe": None,
    "numba.core.unsafe.nrt": "naja.nrt",
    "numba.core.utils": "naja.utils",
    "numba.parfors": None,
    "numba.parfors.parfor": "naja.threads",
    "numba.pycc": "naja.pycc",
    "numba.pycc.cc": "naja.pycc",
    "numba.typed": "naja.typed",
    "numba.typed.typeddict": "naja.typed",
    "numba.typed.typedlist": "naja.typed",
    "numba.typed.typedset": "naja.typed",
}


class _Alias(_types.ModuleType):
    """A module with another name for naja's; it reads and writes the original's attributes."""

    def __getattr__(self, name):
        target = self.__dict__.get("_target")
        full = f"{self.__name__}.{name}"
        is_package = full in _MODULES and (_MODULES[full] is None or not hasattr(target, name))
        if target is not None and not is_package:
            return getattr(target, name)
        if name.startswith("__"):  # asked for while the module is being made
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        try:
            return importlib.import_module(full)
        except ModuleNotFoundError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None

    def __setattr__(self, name, value):
        target = self.__dict__.get("_target")
        if isinstance(value, _Alias) and callable(getattr(target, name, None)):
            return  # a submodule that was imported, where the package has a function of that name
        if target is None or name.startswith("__"):
            super().__setattr__(name, value)
        else:
            setattr(target, name, value)

    def __dir__(self):
        return dir(self.__dict__.get("_target") or object)


class _Loader(importlib.abc.Loader):
    def create_module(self, spec):
        module = _Alias(spec.name)
        target = _MODULES[spec.name]
        module.__dict__["_target"] = importlib.import_module(target) if target else None
        return module

    def exec_module(self, module):
        if module.__name__ == "numba":
            module.__dict__["__version__"] = COMPATIBLE_VERSION
            module.__dict__["version_info"] = _version_info()
        if module.__dict__["_target"] is not None:
            module.__dict__["__all__"] = getattr(module._target, "__all__", None) or [
                name for name in dir(module._target) if not name.startswith("_")
            ]


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        if fullname not in _MODULES:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, _Loader(), origin="naja", is_package=True)
        spec.submodule_search_locations = []
        return spec


def install_as_numba():
    """Make ``import numba`` import naja, in this process.

    Call it before anything imports numba.  Calling it again does nothing.

    Raises
    ------
    ImportError
        If the real numba is imported already.
    """
    loaded = sys.modules.get("numba")
    if isinstance(loaded, _Alias):
        return
    if loaded is not None:
        raise ImportError(
            "numba is imported already; call naja.install_as_numba() before the first import of numba"
        )
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    spec = finder.find_spec("numba")
    sys.modules["numba"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
