#!/bin/sh
# Configure when needed, compile, and put the modules where Python finds them.
# usage: build.sh VENV BUILD SITE BUILDTYPE [meson option]...
#
# SITE is the directory to put on PYTHONPATH.  For "." the modules are linked into naja/ (their
# names carry the interpreter's version, so several interpreters share it).  Any other SITE becomes
# a mirror of the package made of links, so that a sanitizer build does not replace the normal one.
set -eu
venv=$1 build=$2 site=$3 buildtype=$4; shift 4
fail() { echo "error: $*" >&2; exit 1; }
PATH=$(realpath "$venv")/bin:$PATH  # Meson and this script must use the same Ninja
mkdir -p "$build"
exec 9>"$build/.lock"  # Ninja does not guard against a second Ninja in the same directory
flock 9

# --- configure: once, and again from scratch when the choices differ ---------------------
choices="$(readlink -f "$venv/bin/python") ${CC:-} ${CXX:-} $buildtype $*"
if [ ! -f "$build/build.ninja" ] || [ "$choices" != "$(cat "$build/.choices" 2>/dev/null)" ]; then
    echo "build: configuring $build ($buildtype)"
    rm -f "$build/.choices"
    wipe=; [ ! -d "$build/meson-private" ] || wipe=--wipe
    meson setup $wipe "$build" -Dbuildtype="$buildtype" -Dwerror=true "$@" \
        >"$build/.setup.log" 2>&1 || { tail -n 15 "$build/.setup.log" >&2; fail "meson setup $build failed"; }
    echo "$choices" >"$build/.choices"
fi

# --- compile -----------------------------------------------------------------------------
echo "build: compiling in $build"
if [ -t 1 ]; then
    ninja -C "$build" || fail "the build in $build failed"
else
    ninja -C "$build" --quiet >"$build/.ninja.log" 2>&1 || {
        # What Meson says when it runs again is of interest only if it was Meson that failed.
        sed -n '/^FAILED/,$p' "$build/.ninja.log" | grep . || tail -n 20 "$build/.ninja.log"
        fail "the build in $build failed"
    }
fi

# --- place: links, so nothing is left to do after the next compilation --------------------
link() {  # link TARGET NAME, unless it is there; atomically, as someone may be importing it
    [ "$(readlink "$2" 2>/dev/null)" = "$1" ] || { ln -sfn "$1" "$2.new.$$" && mv -Tf "$2.new.$$" "$2"; }
}
mkdir -p "$site/naja"
root=$(pwd)
if [ "$site" != . ]; then
    for file in naja/*; do
        case $file in *.so | */__pycache__) ;; *) link "$root/$file" "$site/$file" ;; esac
    done
fi
for module in "$build"/_*.so; do
    link "$(realpath "$module")" "$site/naja/$(basename "$module")"
done
