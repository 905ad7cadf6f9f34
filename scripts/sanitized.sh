#!/bin/sh
# Run a command with the sanitizer build of `make asan`, in its package directory.
# The interpreter itself is not instrumented, so the runtimes come first by LD_PRELOAD, and libstdc++ with
# them: the sanitizer looks up the functions that throw when it starts.  CPython keeps memory until it
# exits, hence no leak detection.  PYTHONMALLOC=malloc makes an overrun in a Python object visible.
set -eu
build=${BUILD:-build/asan}
preload=
for library in libasan.so libubsan.so libstdc++.so; do
    preload="$preload $(readlink -f "$(gcc -print-file-name=$library)")"
done
reports=$(realpath "$build")/report  # pytest captures standard error, so the reports go to files and are printed at the end
rm -f "$reports".*
common=log_path=$reports:abort_on_error=1:halt_on_error=1:print_stacktrace=1
export ASAN_OPTIONS="$common:detect_leaks=0:allocator_may_return_null=1:handle_segv=0:${ASAN_OPTIONS:-}"
export UBSAN_OPTIONS="$common:${UBSAN_OPTIONS:-}"
export PYTHONMALLOC="${PYTHONMALLOC:-malloc}"
cd "$build/site"  # not the checkout: children started with `python -c` import what is here
export PYTHONPATH="$PWD"
status=0
LD_PRELOAD="${preload# }" "$@" || status=$?
cat "$reports".* 2>/dev/null || true
exit $status
