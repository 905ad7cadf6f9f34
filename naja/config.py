"""Settings, from the environment and at run time.

Each row of `SETTINGS` is one setting: its name, the environment variables that set it (first one found wins;
``NUMBA_*`` names are read so that existing set-ups keep working), how the text becomes a value, the default, and
what it means.  ``naja.config.NAME = value`` changes a setting for functions decorated afterwards.  `KEPT` has the
settings of Numba that naja has no use for: they can be read and set, and do nothing.

A variable that is set to nothing counts as unset.  A file ``.numba_config.yaml`` in the working directory is read like
the environment, which goes before it, if PyYAML is installed.
"""

import os
import sys

__all__ = ["KEPT", "SETTINGS", "reload_config"]


def _flag(text):
    return text.strip().lower() not in ("", "0", "false", "no", "off")


def _words(text):
    return text.split()


# name, environment variables, conversion, default, meaning
SETTINGS = (
    ("DISABLE_JIT", ("NAJA_DISABLE_JIT", "NUMBA_DISABLE_JIT"), _flag, False, "decorators return the plain Python function"),
    ("BOUNDSCHECK", ("NAJA_BOUNDSCHECK", "NUMBA_BOUNDSCHECK"), _flag, None, "override the boundscheck option everywhere"),
    ("CACHE", ("NAJA_CACHE",), _flag, True, "keep compiled code on disk"),
    ("CACHE_DIR", ("NAJA_CACHE_DIR", "NUMBA_CACHE_DIR"), str, "", "directory of the cache"),
    ("NUM_THREADS", ("NAJA_NUM_THREADS", "NUMBA_NUM_THREADS"), int, 0, "threads of parallel loops; 0: all processors"),
    ("THREADING_LAYER", ("NAJA_THREADING_LAYER", "NUMBA_THREADING_LAYER"), str, "default", "native or omp; Numba's names are understood"),
    ("POLLS", ("NAJA_POLLS",), _flag, True, "Ctrl-C stops compiled loops"),
    ("DISABLE_PERFORMANCE_WARNINGS", ("NUMBA_DISABLE_PERFORMANCE_WARNINGS",), _flag, False, "no NajaPerformanceWarning"),
    ("DEBUGINFO_DEFAULT", ("NUMBA_DEBUGINFO",), _flag, False, "the default of the option debug"),
)  # fmt: skip

# Numba's name -> (environment variable after NUMBA_, conversion, default); None: the same as the name, "": none.
KEPT = {
    **dict.fromkeys(
        "ALWAYS_WARN_UNINIT_VAR ANNOTATE DEBUG DEBUG_ARRAY_OPT DEBUG_ARRAY_OPT_RUNTIME DEBUG_ARRAY_OPT_STATS "
        "DEBUG_CACHE DEBUG_FRONTEND DEBUG_INLINE_CLOSURE DEBUG_JIT DEBUG_NRT DEBUG_NRT_STACK_LIMIT DEBUG_TYPEINFER "
        "DEVELOPER_MODE DIFF_IR DISABLE_CUDA DISABLE_INTEL_SVML DISABLE_TYPEINFER_FAIL_CACHE DUMP_ASSEMBLY "
        "DUMP_BYTECODE DUMP_CFG DUMP_FUNC_OPT DUMP_IR DUMP_LLVM DUMP_OPTIMIZED DUMP_SSA ENABLE_CUDASIM "
        "ENABLE_PROFILING ENABLE_SYS_MONITORING EXTEND_VARIABLE_LIFETIMES FULL_TRACEBACKS HIGHLIGHT_DUMPS JIT_COVERAGE "
        "LLVM_PASS_TIMINGS NRT_STATS PARALLEL_DIAGNOSTICS SHOW_HELP SLP_VECTORIZE TRACE "
        "CUDA_ENABLE_MINOR_VERSION_COMPATIBILITY CUDA_LOG_API_ARGS CUDA_PER_THREAD_DEFAULT_STREAM "
        "CUDA_USE_NVIDIA_BINDING".split(),
        (None, int, 0),
    ),
    **dict.fromkeys("CACHE_LOCATOR_CLASSES CHROME_TRACE CUDA_DRIVER CUDA_LOG_LEVEL".split(), (None, str, "")),
    **dict.fromkeys("DEBUG_PRINT_AFTER DEBUG_PRINT_BEFORE DEBUG_PRINT_WRAP".split(), (None, str, "none")),
    **dict.fromkeys("CPU_FEATURES CPU_NAME FORCE_CUDA_CC".split(), (None, str, None)),
    **dict.fromkeys(
        "LOOP_VECTORIZE LLVM_REFPRUNE_PASS CUDA_ARRAY_INTERFACE_SYNC CUDA_LOW_OCCUPANCY_WARNINGS "
        "CUDA_VERBOSE_JIT_LOG CUDA_WARN_ON_IMPLICIT_COPY".split(),
        (None, int, 1),
    ),
    "COLOR_SCHEME": (None, str, "no_color"),
    "CUDA_DEALLOCS_COUNT": ("CUDA_MAX_PENDING_DEALLOCS_COUNT", int, 10),
    "CUDA_DEALLOCS_RATIO": ("CUDA_MAX_PENDING_DEALLOCS_RATIO", float, 0.2),
    "CUDA_DEBUGINFO_DEFAULT": ("CUDA_DEBUGINFO", int, 0),
    "CUDA_DEFAULT_PTX_CC": ("", str, (5, 0)),
    "CUDA_INCLUDE_PATH": (None, str, "/usr/local/cuda/include"),
    "CUDA_LOG_SIZE": (None, int, 1024),
    "CUDA_MEMORY_MANAGER": (None, str, "default"),
    "ENABLE_AVX": (None, _flag, True),
    "FUNCTION_CACHE_SIZE": (None, int, 128),
    "GDB_BINARY": (None, str, "gdb"),
    "HTML": ("DUMP_HTML", str, None),
    "LLVM_REFPRUNE_FLAGS": (None, str, "all"),
    "OPT": (None, lambda text: 3 if text == "max" else int(text), 3),
    "PARFOR_MAX_TUPLE_SIZE": (None, int, 100),
    "RUNNING_UNDER_PROFILER": ("", _flag, False),
    "THREADING_LAYER_PRIORITY": (None, _words, ["tbb", "omp", "workqueue"]),
    "USE_LLVMLITE_MEMORY_MANAGER": (None, _flag, None),
    "USING_SVML": ("", _flag, False),
}

# Facts about the machine, under Numba's names.
MACHINE_BITS = 64 if sys.maxsize > 2**32 else 32
IS_32BITS = MACHINE_BITS == 32
IS_WIN32 = sys.platform.startswith("win32")
IS_OSX = sys.platform.startswith("darwin")
PYVERSION = sys.version_info[:2]


def _file_settings():
    """Return what ``.numba_config.yaml`` says, as texts by variable."""
    if not os.path.exists(".numba_config.yaml"):
        return {}
    try:
        import yaml
    except ImportError:
        return {}
    with open(".numba_config.yaml") as file:
        given = yaml.safe_load(file) or {}
    return {f"NUMBA_{key.upper()}": str(value) for key, value in given.items()}


def _value(variables, convert, default, environment):
    for variable in variables:
        text = environment.get(variable)
        if text:
            try:
                return convert(text)
            except ValueError:
                raise ValueError(f"environment variable {variable}={text!r} is not understood") from None
    return default


def reload_config():
    """Read all settings from the environment again."""
    environment = {**_file_settings(), **os.environ}
    for name, variables, convert, default, _ in SETTINGS:
        globals()[name] = _value(variables, convert, default, environment)
    for name, (variable, convert, default) in KEPT.items():
        variables = (f"NUMBA_{variable or name}",) if variable != "" else ()
        globals()[name] = _value(variables, convert, default, environment)
    processors = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    globals()["NUMBA_DEFAULT_NUM_THREADS"] = len(processors)
    globals()["NUMBA_NUM_THREADS"] = globals()["NUM_THREADS"] or len(processors)


reload_config()
_applied_cache_dir = CACHE_DIR  # noqa: F821  the core has read the environment, too


def apply_cache_dir():
    """Tell the core when ``CACHE_DIR`` was changed at run time; decorators do so."""
    global _applied_cache_dir
    if _applied_cache_dir != CACHE_DIR:  # noqa: F821
        from naja import _core

        _applied_cache_dir = CACHE_DIR  # noqa: F821
        _core.set_cache_directory(CACHE_DIR or _default_cache_dir())  # noqa: F821


def _default_cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "naja")
