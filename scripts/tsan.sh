#!/bin/sh
# Build the runtime with ThreadSanitizer and run the tests of its thread pool.
# usage: tsan.sh VENV BUILD
#
# Only the runtime and one test program are compiled, which takes seconds: the interpreter and LLVM, without
# instrumentation of their own, would drown its findings.
set -eu
venv=$1 build=$2
PATH=$(realpath "$venv")/bin:$PATH
mkdir -p "$build"
exec 9>"$build/.lock"
flock 9
if [ ! -f "$build/build.ninja" ]; then
    echo "tsan: configuring $build"
    meson setup "$build" -Dbuildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false >"$build/.setup.log" 2>&1 || {
        tail -n 15 "$build/.setup.log" >&2
        exit 1
    }
fi
echo "tsan: thread pool under ThreadSanitizer"
ninja -C "$build" --quiet tests/test_runtime
NAJA_TSAN=1 TSAN_OPTIONS="halt_on_error=1 ${TSAN_OPTIONS:-}" "$build/tests/test_runtime"
