"""Compiling ahead of time: extension modules of functions whose signatures are given.

A module that `CC` makes contains machine code and runs without LLVM and without the source it was made from.  It needs
naja, the one it was compiled with, whose runtime and loader it uses.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile

from naja import _core, extensions

__all__ = ["CC"]

# PyInit function and bundle.  It is compiled without headers, and finds all else in naja._core (src/boundary/extension.c).
_SOURCE = """\
/* Made by naja %(version)s. */
typedef __SIZE_TYPE__ size_t;
typedef void *Initialise(const char *, const void *, size_t, void **);
void *PyCapsule_Import(const char *, int);
void *PyImport_ImportModule(const char *);

extern __attribute__((visibility("hidden"))) const unsigned char naja_bundle[], naja_bundle_end[];
__asm__(".section .rodata\\n.balign 16\\n"
        ".hidden naja_bundle\\n.globl naja_bundle\\nnaja_bundle:\\n.incbin \\"bundle\\"\\n"
        ".hidden naja_bundle_end\\n.globl naja_bundle_end\\nnaja_bundle_end:\\n.previous\\n"
        ".section .note.GNU-stack,\\"\\",%%progbits\\n.previous\\n");

static void *state;

__attribute__((visibility("default"))) void *%(symbol)s(void) {
    if (!PyImport_ImportModule("naja._core")) return 0;
    Initialise *const *table = PyCapsule_Import("naja._core._extension", 0);
    return table ? table[0]("%(name)s", naja_bundle, (size_t)(naja_bundle_end - naja_bundle), &state) : 0;
}
"""

# What the levels of x86-64's psABI promise, in LLVM's names.
_V2 = ["cx16", "popcnt", "sahf", "sse3", "sse4.1", "sse4.2", "ssse3"]
_V3 = [*_V2, "avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"]
_V4 = [*_V3, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]
_LEVELS = {"x86-64": [], "x86-64-v2": _V2, "x86-64-v3": _V3, "x86-64-v4": _V4}


def _host_features():
    """Name what this machine's CPU has of which a module can be asked whether another has it, too."""
    if os.uname().machine != "x86_64":
        import ctypes

        getauxval = ctypes.CDLL(None).getauxval
        getauxval.argtypes, getauxval.restype = [ctypes.c_ulong], ctypes.c_ulong
        return [f"hwcap:{getauxval(16):x}"]  # AT_HWCAP
    from naja import _compiler

    names = (name[1:] for name in _compiler.host()[1].split(",") if name.startswith("+"))
    return [name for name in names if _core.cpu_has(name)]


# ---- the compiler of the system ----------------------------------------------------------------------------------------


def _c_compiler():
    import sysconfig

    given = os.environ.get("CC")
    for command in [given] if given else [sysconfig.get_config_var("CC"), "cc", "gcc", "clang"]:
        words = shlex.split(command or "")
        if words and shutil.which(words[0]):
            return words
    raise RuntimeError(
        f"a C compiler is needed to make an extension module, and there is no {given or 'cc, gcc or clang'}; "
        "install one, or name it in the environment variable CC"
    )


def _symbol(name):
    if name.isascii():
        return f"PyInit_{name}"
    return "PyInitU_" + name.encode("punycode").decode().replace("-", "_")


def _build(name, bundle, output, *options):
    """Make an object file or shared object of a bundle."""
    import naja

    compiler = _c_compiler()
    with tempfile.TemporaryDirectory(prefix="naja-") as folder:
        with open(os.path.join(folder, "bundle"), "wb") as file:
            file.write(bundle)
        with open(os.path.join(folder, "module.c"), "w") as file:
            module_name = name if name.isascii() else ""  # the import system knows it
            file.write(_SOURCE % {"version": naja.__version__, "symbol": _symbol(name), "name": module_name})
        command = [*compiler, "-O1", "-fPIC", *options, "-o", "result", "module.c"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{shlex.join(command)} failed:\n{done.stderr.strip()}")
        _replace(os.path.join(folder, "result"), output)


def _replace(source, target):
    """Move a file to where an older one may be in use."""
    beside = f"{target}.{os.getpid()}"
    shutil.copyfile(source, beside)
    shutil.copymode(source, beside)
    os.replace(beside, target)


# ---- exported functions ------------------------------------------------------------------------------------------------


class _Export:
    """One name of the module: a function and the signatures that it is compiled for."""

    def __init__(self, name, function, signatures):
        self.name, self.signatures = name, signatures
        is_compiled = isinstance(function, _core.Dispatcher)
        self.function = function.py_func if is_compiled else function
        self.options = dict(function.targetoptions) if is_compiled else {}

    def _dispatcher(self, target):
        from naja.decorators import _switches

        self.switches = _switches(self.options)
        more = {"exports": True} if target is None else {"exports": True, "target": target}
        return _core.Dispatcher(self.function, {**self.switches, **more}, {})

    def _version(self, dispatcher, signature):
        image, objects, imports = _core.export_version(
            dispatcher, tuple(signature.args), signature.return_type
        )
        return {"image": image, "objects": objects, "imports": imports}

    def describe(self, target):
        """Compile it; return what the bundle says of it."""
        dispatcher = self._dispatcher(target)
        return {
            "name": self.name,
            "code": self.function.__code__,
            "defaults": self.function.__defaults__,
            "kwdefaults": self.function.__kwdefaults__,
            "doc": self.function.__doc__,
            "switches": self.switches,
            "versions": [self._version(dispatcher, signature) for signature in self.signatures],
        }


def _signatures(given):
    from naja.typing import parse_signature

    return [parse_signature(one) for one in (given if isinstance(given, list) else [given])]


class CC:
    """An extension module in the making.

    Parameters
    ----------
    extension_name : str
        The module's name, without a package.
    source_module : module or str, optional
        Where the functions are from; default: the module that calls.  The result is put into its directory, and, by
        `distutils_extension`, into its package.

    Raises
    ------
    ValueError
        If the name is no identifier.

    Notes
    -----
    The module is imported like any other.  It loads neither LLVM nor the source of its functions, as long as these
    neither raise nor take classes that the source defines, nor run Python code; it does load naja, and refuses to be
    imported by another version of it, another Python, or on a CPU that it was not compiled for.

    Each exported function takes arguments of its signatures, and those that convert to them, like a function that is
    decorated with signatures.  What `np.random` draws is what other compiled functions draw.
    """

    def __init__(self, extension_name, source_module=None):
        if not isinstance(extension_name, str) or not extension_name.isidentifier():
            raise ValueError(
                f"basename should be a simple module name, not qualified name: {extension_name!r}"
            )
        if isinstance(source_module, str):
            source_module = sys.modules[source_module]
        scope = vars(source_module) if source_module else sys._getframe(1).f_globals
        self._name = extension_name
        self._package = scope.get("__package__") or ""
        self._source = scope.get("__file__")
        self._exports = {}
        self._output_dir = os.path.dirname(os.path.abspath(self._source)) if self._source else os.getcwd()
        self._output_file = extension_name + _suffix()
        self._target_cpu = "generic"
        self.verbose = False
        self.use_nrt = True

    @property
    def name(self):
        """The module's name."""
        return self._name

    @property
    def output_file(self):
        """The file that `compile` makes, without its directory."""
        return self._output_file

    @output_file.setter
    def output_file(self, value):
        self._output_file = os.fspath(value)

    @property
    def output_dir(self):
        """Where `compile` puts it; at first the directory of the source."""
        return self._output_dir

    @output_dir.setter
    def output_dir(self, value):
        self._output_dir = os.fspath(value)

    @property
    def target_cpu(self):
        """The CPU to compile for.

        "generic" (at first): every CPU of this architecture.  "host": this machine's, with all it can do.  On x86-64
        also "x86-64-v2", "x86-64-v3" and "x86-64-v4".  Importing the module where the CPU lacks what it was compiled for
        is an `ImportError`.  Any other name goes to LLVM, and is not checked at import.
        """
        return self._target_cpu

    @target_cpu.setter
    def target_cpu(self, value):
        if not isinstance(value, str):
            raise TypeError(f"target_cpu is the name of a CPU, not {value!r}")
        self._target_cpu = value

    def export(self, exported_name, sig):
        """Compile the decorated function for a signature, and make it known under a name.

        Parameters
        ----------
        exported_name : str
            Its name in the module.
        sig : str, Signature, tuple of types, or list of them
            Types of arguments and, perhaps, of the result.  With a list the function has a version for each.

        Returns
        -------
        callable
            A decorator that returns its argument, which may be a Python function or a compiled one; the latter's
            options hold.

        Raises
        ------
        KeyError
            If the name is taken.
        """
        if not isinstance(exported_name, str) or not exported_name.isidentifier():
            raise ValueError(f"the name of an exported function is an identifier, not {exported_name!r}")
        signatures = _signatures(sig)

        def decorator(function):
            if not callable(getattr(function, "py_func", function)) or not hasattr(function, "__code__"):
                raise TypeError(f"only Python functions can be exported, not {function!r}")
            if exported_name in self._exports:
                raise KeyError(f"duplicated export symbol {exported_name}")
            self._exports[exported_name] = _Export(exported_name, function, signatures)
            return function

        return decorator

    @property
    def _export_names(self):
        return list(self._exports)

    def _say(self, text):
        if self.verbose:
            print(text)

    def _bundle(self):
        import naja.errors

        host = self._target_cpu == "host"
        described = []
        for export in self._exports.values():
            self._say(f"compiling {export.name}: " + ", ".join(map(str, export.signatures)))
            described.append(export.describe(None if host else self._target_cpu))
        features = _host_features() if host else _LEVELS.get(self._target_cpu, [])
        try:
            return extensions.dumps(described, self._target_cpu, features)
        except Exception as error:
            raise naja.errors.UnsupportedError(
                f"module {self._name!r} cannot be compiled ahead of time: {error}"
            ) from error

    def compile(self):
        """Compile the exported functions and write the module.

        Raises
        ------
        RuntimeError
            If there is no C compiler, or it fails.
        UnsupportedError
            If the code needs what only this process has, such as an address or a class that a function defines.
        """
        output = os.path.join(self._output_dir, self._output_file)
        bundle = self._bundle()
        self._say(f"writing {output}")
        _build(self._name, bundle, output, "-shared", "-Wl,-s")

    def distutils_extension(self, **kwargs):
        """Return an object that setuptools builds the module from, for ``setup(ext_modules=[...])``.

        The functions are compiled when the module is built, and again when their source has changed.

        Parameters
        ----------
        **kwargs
            Passed on to ``setuptools.Extension``.

        Returns
        -------
        setuptools.Extension
        """
        return _extension_class()(self, kwargs)


def _suffix():
    import sysconfig

    return sysconfig.get_config_var("EXT_SUFFIX")


def _extension_class():
    from setuptools import Extension

    class CCExtension(Extension):
        """An extension without C sources: its object file is made when the linker asks for it."""

        def __init__(self, cc, options):
            self._cc, self._folder, self._more = cc, None, []
            name = f"{cc._package}.{cc.name}" if cc._package else cc.name
            depends = [*options.pop("depends", []), *([cc._source] if cc._source else [])]
            super().__init__(name, options.pop("sources", []), depends=depends, **options)

        @property
        def extra_objects(self):
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="naja-")
                _build(self._cc.name, self._cc._bundle(), self._object(), "-c")
            return [*self._more, self._object()]

        @extra_objects.setter
        def extra_objects(self, value):
            self._more = list(value)

        def _object(self):
            return os.path.join(self._folder.name, "module.o")

    return CCExtension
