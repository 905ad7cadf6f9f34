#!/bin/sh
# Build one self-contained wheel into dist/ and try it where no LLVM is: in a clean environment that
# has nothing but NumPy, from an empty directory, without the checkout on any path.
# usage: check_wheel.sh VENV
set -eu
venv=$(realpath "$1")
root=$(pwd)
clean=$root/build/wheel-check
fail() { echo "error: $*" >&2; exit 1; }
passed=0
ok() { passed=$((passed + 1)); echo "wheel: $*"; }

echo "wheel: building"
mkdir -p build dist
rm -f dist/naja-*.whl
PATH=$venv/bin:$PATH "$venv/bin/python" -m pip wheel . --no-deps --no-build-isolation --wheel-dir dist \
    -Cbuild-dir=build/wheel -Csetup-args=-Dwerror=true >build/wheel.log 2>&1 || { tail -n 20 build/wheel.log >&2; fail "the wheel did not build"; }
wheel=$(ls dist/naja-*.whl)
ok "built $wheel ($(($(wc -c <"$wheel") / 1000000)) MB)"

echo "wheel: installing into a clean environment"
[ -x "$clean/bin/python" ] || "$venv/bin/python" -m venv "$clean"
"$clean/bin/python" -c 'import numpy' 2>/dev/null || "$clean/bin/python" -m pip install --quiet 'numpy>=2.0'
"$clean/bin/python" -m pip install --quiet --force-reinstall --no-deps "$wheel"

empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
cd "$empty"
package=$(env -i "$clean/bin/python" -c 'import naja, os; print(os.path.dirname(naja.__file__))') ||
    fail "the installed package does not import"
case $package in "$clean"/*) ok "installed in its environment" ;; *) fail "imported from $package" ;; esac

# Nothing but libc and GCC's unwinder (it must be the process's own: code is registered with it), and one
# visible symbol per module beside those where GDB looks for compiled code.
for module in "$package"/_core.*.so "$package"/_compiler.*.so; do
    name=$(basename "$module")
    foreign=$(readelf -d "$module" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
        grep -Ev '^(libc|libm|libgcc_s|libdl|libpthread|librt|ld-linux.*)\.so' || true)
    [ -z "$foreign" ] || fail "$name needs" $foreign
    exported=$(nm -D --defined-only "$module" | grep -Evc ' (PyInit_|__jit_debug_)' || true)
    [ "$exported" = 0 ] || fail "$name exports $exported symbols beside PyInit"
    ok "$name needs the C library only and hides its symbols ($(($(wc -c <"$module") / 1000)) kB)"
done
env -i LD_BIND_NOW=1 "$clean/bin/python" -c 'import naja._core, naja._compiler' || fail "a symbol is missing"
ok "every symbol is there"

if [ -f "$root/bench/demo.py" ]; then
    cp "$root/bench/demo.py" .
    env -i HOME="$empty" PATH=/usr/bin:/bin "$clean/bin/python" demo.py || fail "the demo failed"
    ok "the demo ran"
fi
echo "$passed passed, 0 failed"
