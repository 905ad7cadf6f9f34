"""Settings, from the environment and at run time.

Each row of `SETTINGS` is one setting: its name, the environment variables that set it (first one found wins;
``NUMBA_*`` names are read so that existing set-ups keep working), how the text becomes a value, the default, and
what it means.  ``naja.config.NAME = value`` changes a setting for functions decorated afterwards.
"""

import os

__all__ = ["SETTINGS", "reload_config"]


def _flag(text):
    return text.strip().lower() not in ("", "0", "false", "no", "off")


def _optional_flag(text):
    return _flag(text)


def _layers(text):
    return text.split()


# name, environment variables, conversion, default, meaning
SETTINGS = (
    ("DISABLE_JIT", ("NAJA_DISABLE_JIT", "NUMBA_DISABLE_JIT"), _flag, False, "decorators return the plain Python function"),
    ("BOUNDSCHECK", ("NAJA_BOUNDSCHECK", "NUMBA_BOUNDSCHECK"), _optional_flag, None, "override the boundscheck option everywhere"),
    ("CACHE", ("NAJA_CACHE",), _flag, True, "keep compiled code on disk"),
    ("CACHE_DIR", ("NAJA_CACHE_DIR", "NUMBA_CACHE_DIR"), str, "", "directory of the cache"),
    ("NUM_THREADS", ("NAJA_NUM_THREADS", "NUMBA_NUM_THREADS"), int, 0, "threads of parallel loops; 0: all processors"),
    ("THREADING_LAYER", ("NAJA_THREADING_LAYER", "NUMBA_THREADING_LAYER"), str, "default", "native or omp; Numba's names are understood"),
    ("THREADING_LAYER_PRIORITY", ("NUMBA_THREADING_LAYER_PRIORITY",), _layers, ["native", "omp"], "kept for compatibility; not used"),
    ("POLLS", ("NAJA_POLLS",), _flag, True, "Ctrl-C stops compiled loops"),
    ("DEBUG", ("NUMBA_DEBUG",), _flag, False, "kept for compatibility; use NAJA_DUMP"),
    ("DEVELOPER_MODE", ("NUMBA_DEVELOPER_MODE",), _flag, False, "kept for compatibility"),
    ("FULL_TRACEBACKS", ("NUMBA_FULL_TRACEBACKS",), _flag, False, "kept for compatibility"),
    ("DISABLE_PERFORMANCE_WARNINGS", ("NUMBA_DISABLE_PERFORMANCE_WARNINGS",), _flag, False, "no NajaPerformanceWarning"),
    ("OPT", ("NUMBA_OPT",), str, "3", "kept for compatibility; there is one optimising pipeline"),
    ("ENABLE_CUDASIM", ("NUMBA_ENABLE_CUDASIM",), _flag, False, "kept for compatibility"),
    ("DISABLE_CUDA", ("NUMBA_DISABLE_CUDA",), _flag, True, "kept for compatibility"),
)  # fmt: skip


def _value(row):
    _, variables, convert, default, _ = row
    for variable in variables:
        text = os.environ.get(variable)
        if text is not None:
            try:
                return convert(text)
            except ValueError:
                raise ValueError(f"environment variable {variable}={text!r} is not understood") from None
    return default


def reload_config():
    """Read all settings from the environment again."""
    for row in SETTINGS:
        globals()[row[0]] = _value(row)


reload_config()
NUMBA_NUM_THREADS = NUMBA_DEFAULT_NUM_THREADS = (
    NUM_THREADS  # noqa: F821
    or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
)
