"""Modules that were compiled ahead of time: what they contain, and making functions of it when they are imported.

`naja.pycc` makes such modules.  What they carry is a *bundle*: a line of JSON that says what it was made for and with,
then a pickle.  This file has both ends of that format, so that nothing of the compiler is loaded with a module.
"""

import json
import marshal
import pickle
import sys
import types
import zlib

from naja import _core

__all__ = ["dumps", "fill", "signature"]


# ---- what a bundle depends on ----------------------------------------------------------------------------------------


def signature():
    """Return what a module and the process that imports it must have in common.

    Returns
    -------
    dict of str
        The version of naja, the name of its binary interface, and that of Python's.
    """
    import sysconfig

    import naja

    return {
        "naja": naja.__version__,
        "interface": _core.abi(),
        "python": sysconfig.get_config_var("SOABI"),
    }


# What a difference in the signature means, by its first item that differs.
_DIFFERENCES = {
    "naja": "it was compiled with naja {theirs} and this is naja {ours}",
    "interface": "it was compiled with another build of naja {naja}: interface {theirs}, not {ours}",
    "python": "it was compiled for Python's interface {theirs} and this is {ours}",
}


def _check(name, header):
    ours = signature()
    for key, text in _DIFFERENCES.items():
        if header[key] != ours[key]:
            what = text.format(theirs=header[key], ours=ours[key], naja=ours["naja"])
            raise ImportError(f"module {name!r} cannot be used here: {what}; compile it again", name=name)
    lacks = [feature for feature in header["cpu_features"] if not _core.cpu_has(feature)]
    if lacks:
        raise ImportError(
            f"module {name!r} was compiled for the CPU {header['cpu']!r}, and this machine's has no "
            f"{', '.join(lacks)}; compile it again with target_cpu = 'generic'",
            name=name,
        )


# ---- objects -----------------------------------------------------------------------------------------------------------


def _module_name(obj):
    """Name an object's module as other processes import it: the main program goes by its file."""
    module = obj.__module__
    if module != "__main__":
        return module
    import os.path

    main = sys.modules["__main__"]
    spec = getattr(main, "__spec__", None)
    return spec.name if spec else os.path.splitext(os.path.basename(main.__file__))[0]


def _find(module, qualname):
    __import__(module)
    found = sys.modules[module]
    for part in qualname.split("."):
        found = getattr(found, part)
    return found


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj):
        if isinstance(obj, types.CodeType):
            return marshal.loads, (
                marshal.dumps(obj, 2),
            )  # 2: without references, which counts of them decide on
        if isinstance(obj, types.ModuleType):
            return __import__("importlib").import_module, (obj.__name__,)
        if not isinstance(obj, type | types.FunctionType):
            return NotImplemented
        if "<locals>" in obj.__qualname__:
            raise pickle.PicklingError(
                f"{obj.__qualname__} is made by a function, where no other process can find it; define it in a module"
            )
        return (
            (_find, (_module_name(obj), obj.__qualname__)) if obj.__module__ == "__main__" else NotImplemented
        )


def dumps(functions, cpu, cpu_features):
    """Return a bundle.

    Parameters
    ----------
    functions : list of dict
        Of each its ``name``, ``code``, ``defaults``, ``kwdefaults``, ``doc`` and ``versions``, which
        `_core.export_version` gave.
    cpu : str
        What it was compiled for.
    cpu_features : list of str
        What that CPU must have.

    Returns
    -------
    bytes

    Raises
    ------
    pickle.PicklingError
        If the code names an object that other processes cannot find.
    """
    import io

    out = io.BytesIO()
    imports = {}
    for function in functions:
        for version in function["versions"]:
            imports.update(version["imports"])
            version["imports"] = [key for key, image in version["imports"]]
    _Pickler(out, protocol=4).dump((functions, imports))
    body = out.getvalue()
    header = {**signature(), "cpu": cpu, "cpu_features": cpu_features, "crc32": zlib.crc32(body)}
    return json.dumps(header).encode() + b"\n" + body


# ---- importing ---------------------------------------------------------------------------------------------------------


def _read(name, bundle):
    """Return what a bundle contains, if it was made for this process."""
    line, _, body = bytes(bundle).partition(b"\n")
    try:
        header = json.loads(line)
    except ValueError:
        header = None
    if not isinstance(header, dict) or header.get("crc32") != zlib.crc32(body):
        raise ImportError(f"module {name!r} is damaged; compile it again", name=name)
    _check(name, header)
    return pickle.loads(body)


def _function(description, module):
    """Make the Python function that a dispatcher is named after; its globals are not those it was written with."""
    code = description["code"]
    cells = tuple(types.CellType() for _ in code.co_freevars) or None
    scope = {"__name__": module, "__builtins__": __builtins__}
    function = types.FunctionType(code, scope, description["name"], description["defaults"], cells)
    function.__kwdefaults__ = description["kwdefaults"]
    function.__qualname__ = description["name"]
    function.__doc__ = description["doc"]
    return function


def _dispatcher(description, imports, module):
    switches = {**description["switches"], "ahead": True}
    dispatcher = _core.Dispatcher(_function(description, module), switches, {})
    dispatcher.disable_compile()
    for version in description["versions"]:
        callees = [(key, imports[key]) for key in version["imports"]]
        _core.add_version(dispatcher, version["image"], version["objects"], callees)
    return dispatcher


def fill(module, bundle):
    """Give a module the functions that it was compiled with.  The module's own initialisation calls it.

    Parameters
    ----------
    module : module
        It is empty.
    bundle : buffer

    Raises
    ------
    ImportError
        If the bundle was made for another naja, Python or CPU, or is damaged.
    """
    name = module.__name__
    functions, imports = _read(name, bundle)
    for description in functions:
        setattr(module, description["name"], _dispatcher(description, imports, name))
    module.__all__ = [description["name"] for description in functions]


# ---- calls of other compiled functions -----------------------------------------------------------------------------------


def _named_types(dispatcher, types, keyword_names):
    from naja.dispatcher import fold_argument_types

    npositional = len(types) - len(keyword_names)
    keywords = dict(zip(keyword_names, types[npositional:], strict=True))
    return fold_argument_types(dispatcher, types[:npositional], keywords)[1]


def implementation(dispatcher, types, keyword_names):
    """Return what compiled code runs for a call of a function of such a module: a call of one version by its address.

    Parameters
    ----------
    dispatcher : Dispatcher
    types : tuple of types
        Of the positional arguments, then of the keywords.
    keyword_names : tuple of str

    Returns
    -------
    function

    Raises
    ------
    naja.errors.TypingError
        If no version takes such arguments.
    """
    from naja.errors import TypingError
    from naja.types.callables import Version

    try:
        chosen = _core.version_for(dispatcher, _named_types(dispatcher, types, keyword_names))
    except TypeError as error:
        raise TypingError(str(error)) from None
    if chosen is None:
        given = ", ".join(map(str, types))
        raise TypingError(
            f"No matching definition for argument type(s) {given}: {dispatcher.__name__}() was compiled ahead of time "
            f"for {', '.join(map(str, dispatcher.nopython_signatures))}"
        )
    names = dispatcher.__code__.co_varnames[: len(chosen)]
    scope = {"version": Version(dispatcher.overloads[chosen])}
    exec(f"def call({', '.join(names)}):\n    return version({', '.join(names)})\n", scope)
    call = scope["call"]
    call.__defaults__ = dispatcher.__defaults__
    return call
