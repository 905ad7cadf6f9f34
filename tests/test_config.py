"""naja.config: every setting of Numba's is there, read from the environment, with Numba's default."""

import json
import os
import subprocess
import sys

import pytest

from naja import config, njit

# Numba 0.68's names with their defaults, where they do not depend on the machine.
DEFAULTS = {
    **dict.fromkeys(
        "ALWAYS_WARN_UNINIT_VAR ANNOTATE CUDA_DEBUGINFO_DEFAULT CUDA_ENABLE_MINOR_VERSION_COMPATIBILITY "
        "CUDA_LOG_API_ARGS CUDA_PER_THREAD_DEFAULT_STREAM CUDA_USE_NVIDIA_BINDING DEBUG DEBUGINFO_DEFAULT DEBUG_ARRAY_OPT "
        "DEBUG_ARRAY_OPT_RUNTIME DEBUG_ARRAY_OPT_STATS DEBUG_CACHE DEBUG_FRONTEND DEBUG_INLINE_CLOSURE DEBUG_JIT "
        "DEBUG_NRT DEBUG_NRT_STACK_LIMIT DEBUG_TYPEINFER DEVELOPER_MODE DIFF_IR DISABLE_CUDA DISABLE_INTEL_SVML "
        "DISABLE_JIT DISABLE_PERFORMANCE_WARNINGS DISABLE_TYPEINFER_FAIL_CACHE DUMP_ASSEMBLY DUMP_BYTECODE DUMP_CFG "
        "DUMP_FUNC_OPT DUMP_IR DUMP_LLVM DUMP_OPTIMIZED DUMP_SSA ENABLE_CUDASIM ENABLE_PROFILING ENABLE_SYS_MONITORING "
        "EXTEND_VARIABLE_LIFETIMES FULL_TRACEBACKS HIGHLIGHT_DUMPS IS_32BITS JIT_COVERAGE LLVM_PASS_TIMINGS NRT_STATS "
        "PARALLEL_DIAGNOSTICS RUNNING_UNDER_PROFILER SHOW_HELP SLP_VECTORIZE TRACE USING_SVML".split(),
        0,
    ),
    **dict.fromkeys(
        "CUDA_ARRAY_INTERFACE_SYNC CUDA_LOW_OCCUPANCY_WARNINGS CUDA_VERBOSE_JIT_LOG CUDA_WARN_ON_IMPLICIT_COPY "
        "ENABLE_AVX LLVM_REFPRUNE_PASS LOOP_VECTORIZE".split(),
        1,
    ),
    **dict.fromkeys("CACHE_LOCATOR_CLASSES CHROME_TRACE CUDA_DRIVER CUDA_LOG_LEVEL".split(), ""),
    **dict.fromkeys(
        "BOUNDSCHECK CPU_FEATURES CPU_NAME FORCE_CUDA_CC HTML USE_LLVMLITE_MEMORY_MANAGER".split()
    ),
    **dict.fromkeys("DEBUG_PRINT_AFTER DEBUG_PRINT_BEFORE DEBUG_PRINT_WRAP".split(), "none"),
    "COLOR_SCHEME": "no_color",
    "CUDA_DEALLOCS_COUNT": 10,
    "CUDA_DEALLOCS_RATIO": 0.2,
    "CUDA_DEFAULT_PTX_CC": [5, 0],
    "CUDA_INCLUDE_PATH": "/usr/local/cuda/include",
    "CUDA_LOG_SIZE": 1024,
    "CUDA_MEMORY_MANAGER": "default",
    "FUNCTION_CACHE_SIZE": 128,
    "GDB_BINARY": "gdb",
    "LLVM_REFPRUNE_FLAGS": "all",
    "MACHINE_BITS": 64,
    "OPT": 3,
    "PARFOR_MAX_TUPLE_SIZE": 100,
    "PYVERSION": list(sys.version_info[:2]),
    "THREADING_LAYER": "default",
    "THREADING_LAYER_PRIORITY": ["tbb", "omp", "workqueue"],
}
SCRIPT = "import json, sys; from naja import config; print(json.dumps({n: getattr(config, n) for n in sys.argv[1:]}))"


def read(names, **environment):
    """Settings as a new process sees them, with no others of ours in its environment."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("NAJA_", "NUMBA_"))}
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, *names], env={**plain, **environment}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_names_and_defaults():
    assert read(DEFAULTS) == DEFAULTS
    for name in ("CACHE_DIR", "NUMBA_NUM_THREADS", "NUMBA_DEFAULT_NUM_THREADS", "IS_WIN32", "IS_OSX"):
        assert hasattr(config, name)


@pytest.mark.core
@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("NUMBA_BOUNDSCHECK", "", "BOUNDSCHECK", None),  # set to nothing: unset
        ("NUMBA_BOUNDSCHECK", "1", "BOUNDSCHECK", True),
        ("NUMBA_BOUNDSCHECK", "0", "BOUNDSCHECK", False),
        ("NUMBA_OPT", "max", "OPT", 3),
        ("NUMBA_OPT", "1", "OPT", 1),
        ("NUMBA_DEBUGINFO", "1", "DEBUGINFO_DEFAULT", True),
        ("NUMBA_DUMP_HTML", "x.html", "HTML", "x.html"),
        ("NUMBA_CUDA_MAX_PENDING_DEALLOCS_COUNT", "5", "CUDA_DEALLOCS_COUNT", 5),
        ("NUMBA_THREADING_LAYER_PRIORITY", "omp tbb", "THREADING_LAYER_PRIORITY", ["omp", "tbb"]),
        ("NUMBA_NUM_THREADS", "3", "NUMBA_NUM_THREADS", 3),
    ],
)
def test_environment(variable, text, name, value):
    assert read([name], **{variable: text}) == {name: value}


def test_what_is_not_understood():
    with pytest.raises(AssertionError, match="NUMBA_OPT='fast' is not understood"):
        read(["OPT"], NUMBA_OPT="fast")


def test_boundscheck_wins_over_the_option(monkeypatch):
    import numpy as np

    def get(a, i):
        return a[i]

    monkeypatch.setattr(config, "BOUNDSCHECK", True)
    with pytest.raises(IndexError):
        njit(boundscheck=False)(get)(np.zeros(2), 7)


def test_reload(monkeypatch):
    monkeypatch.setenv("NUMBA_OPT", "2")
    config.reload_config()
    assert config.OPT == 2
    monkeypatch.delenv("NUMBA_OPT")
    config.reload_config()
    assert config.OPT == 3
