"""Entry points of the group numba_extensions: loaded when something unknown is met, and survived when they fail."""

import os
import subprocess
import sys

import pytest

PROGRAM = """if True:
    import warnings
    import naja
    {shim}
    from naja import njit
    from my_package.things import Thing

    @njit
    def use(x):
        return 2 * x

    assert use(3) == 6
    import sys
    print("my_package.extension" in sys.modules)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            print(njit(lambda thing: thing.value)(Thing(7)))
        except Exception as error:
            print(type(error).__name__)
    print([str(w.message) for w in seen])
"""

EXTENSION = """
from numba import types
from numba.extending import (
    NativeValue, make_attribute_wrapper, models, register_model, typeof_impl, unbox
)
from numba.core import cgutils
from my_package.things import Thing

class ThingType(types.Type):
    def __init__(self):
        super().__init__(name="Thing")

def init():
    typeof_impl.register(Thing, lambda value, context: ThingType())

@register_model(ThingType)
class ThingModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, [("value", types.intp)])

make_attribute_wrapper(ThingType, "value", "value")

@unbox(ThingType)
def unbox_thing(typ, obj, c):
    value = c.pyapi.object_getattr_string(obj, "value")
    thing = cgutils.create_struct_proxy(typ)(c.context, c.builder)
    thing.value = c.pyapi.number_as_ssize_t(value)
    c.pyapi.decref(value)
    return NativeValue(thing._getvalue())
"""


def _install(folder, entry_point):
    package, info = folder / "my_package", folder / "my_package-1.0.dist-info"
    package.mkdir()
    info.mkdir()
    (package / "__init__.py").write_text("")
    (package / "things.py").write_text(
        "class Thing:\n    def __init__(self, value):\n        self.value = value\n"
    )
    (package / "extension.py").write_text(EXTENSION)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[numba_extensions]\ninit = {entry_point}\n")


def _run(folder, shim):
    (folder / "program.py").write_text(PROGRAM.format(shim=shim))
    path = ":".join([str(folder), *sys.path])
    env = {**os.environ, "PYTHONPATH": path, "NAJA_CACHE_DIR": str(folder / "cache")}
    run = [sys.executable, str(folder / "program.py")]
    return subprocess.run(run, capture_output=True, text=True, check=True, env=env).stdout.splitlines()


@pytest.mark.core
def test_an_extension_is_loaded_when_its_objects_come(tmp_path):
    _install(tmp_path, "my_package.extension:init")
    assert _run(tmp_path, "naja.install_as_numba()") == ["False", "7", "[]"]


def test_an_extension_that_fails_is_left_out(tmp_path):
    _install(tmp_path, "my_package.nowhere:init")
    loaded, error, warned = _run(tmp_path, "naja.install_as_numba()")
    assert (loaded, error) == ("False", "TypingError")
    assert "Numba extension module 'my_package.nowhere' failed to load due to 'ModuleNotFoundError" in warned


def test_extensions_are_left_alone_without_the_shim(tmp_path):
    _install(tmp_path, "my_package.extension:init")
    assert _run(tmp_path, "") == ["False", "TypingError", "[]"]
