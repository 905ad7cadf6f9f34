"""The command line: ``python -m naja program.py``, ``naja build`` and ``naja cache``."""

import argparse
import os.path
import sys

__all__ = ["main"]


def _run(arguments):
    import runpy

    from naja.shim import install_as_numba

    install_as_numba()
    sys.argv = [arguments.program, *arguments.arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(arguments.program))
    runpy.run_path(arguments.program, run_name="__main__")


def _load(source):
    """Import a file under its own name, or a module; return it."""
    import importlib

    from naja.shim import install_as_numba

    install_as_numba()
    if not source.endswith(".py"):
        sys.path.insert(0, os.getcwd())
        return importlib.import_module(source)
    folder, file = os.path.split(os.path.abspath(source))
    sys.path.insert(0, folder)
    return importlib.import_module(file.removesuffix(".py"))


def _build(arguments):
    """Compile every `CC` that a source defines."""
    from naja.pycc import CC

    parser = argparse.ArgumentParser(
        prog="naja build",
        description="Compile the extension modules that Python files describe with naja.pycc.CC.",
    )
    parser.add_argument("source", nargs="+", help="a Python file, or the name of a module")
    parser.add_argument("-o", "--output-dir", help="where to put the modules; default: beside their source")
    parser.add_argument("--target-cpu", help="generic, host, x86-64-v3, ...; default: what the source says")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what is compiled")
    options = parser.parse_args(arguments)
    for source in options.source:
        found = {id(cc): cc for cc in vars(_load(source)).values() if isinstance(cc, CC)}
        if not found:
            parser.error(f"{source} defines no naja.pycc.CC")
        for cc in found.values():
            cc.output_dir = options.output_dir or cc.output_dir
            cc.target_cpu = options.target_cpu or cc.target_cpu
            cc.verbose |= options.verbose
            cc.compile()


def _cache(arguments):
    from naja import _core

    if arguments.action == "clear":
        _core.cache_clear()
    directory = _core.cache_directory()
    stats = _core.cache_stats()
    print(f"directory  {directory or 'none can be written: nothing is cached'}")
    print(f"entries    {stats['entries']}")
    print(f"size       {stats['nbytes'] / 1e6:.1f} MB")


def _sysinfo(arguments):
    import platform

    import numpy

    import naja
    from naja import config

    rows = {
        "naja": naja.__version__,
        "Python": sys.version.replace("\n", " "),
        "NumPy": numpy.__version__,
        "platform": platform.platform(),
        "threads": config.NUMBA_NUM_THREADS,
    }
    for name, value in rows.items():
        print(f"{name:10} {value}")
    _cache(argparse.Namespace(action="stats"))


def _parser():
    parser = argparse.ArgumentParser(
        prog="naja", description="Run a program with naja in the place of numba."
    )
    parser.add_argument("-s", "--sysinfo", action="store_true", help="say what this installation consists of")
    parser.add_argument("program", nargs="?", help="a Python file; or the word build or cache")
    parser.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        help="its arguments; for build: files that define extension modules; for cache: stats or clear",
    )
    return parser


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, optional
        Arguments; default: the process's.

    Returns
    -------
    int
        Exit status.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.sysinfo:
        _sysinfo(arguments)
    elif arguments.program == "build":
        _build(arguments.arguments)
    elif arguments.program == "cache":
        action = arguments.arguments[0] if arguments.arguments else "stats"
        if action not in ("stats", "clear"):
            parser.error(f"cache: unknown action {action!r}; use stats or clear")
        _cache(argparse.Namespace(action=action))
    elif arguments.program:
        _run(arguments)
    else:
        parser.print_help()
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
