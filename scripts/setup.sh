#!/bin/sh
# Install what building and testing naja needs, and only what is missing:
# Debian packages, then a private virtual environment.
# usage: setup.sh VENV GROUP [PYTHON]   (GROUP: a dependency group of pyproject.toml)
set -eu
venv=$1 group=$2 python=${3:-}
log=$(mktemp); trap 'rm -f "$log"' EXIT
fail() { echo "error: $*" >&2; exit 1; }
quietly() { "$@" >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "'$*' failed"; }; }

# One setup at a time: two would write the same environment.
exec 9>"$venv.lock"
flock 9

# --- Debian packages --------------------------------------------------------------------
packages="gcc g++ make ccache pkg-config llvm-19-dev clang-19 lld-19 clang-format-19
    libclang-rt-19-dev libxxhash-dev libzstd-dev zlib1g-dev"
# A Python of one's own brings its headers; Debian's needs two more packages.
if [ ! -x "$venv/bin/python" ] && ! python=$(scripts/find_python.sh $python 2>/dev/null); then
    packages="$packages python3-dev python3-venv"
    python=/usr/bin/python3
elif [ "$python" = /usr/bin/python3 ]; then
    packages="$packages python3-dev python3-venv"
fi
if command -v dpkg-query >/dev/null; then
    missing=$(for p in $packages; do echo "$p"; done | sort | { dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
        $packages 2>/dev/null | sed -n 's/^installed //p' | sort -u >"$log"; comm -23 - "$log"; })
    if [ -n "$missing" ]; then
        echo "setup: installing" $missing
        sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
        export DEBIAN_FRONTEND=noninteractive
        quietly $sudo apt-get update
        quietly $sudo apt-get install -y --no-install-recommends $missing
    fi
else
    echo "setup: not a Debian system, so these are yours to install:" $packages
fi

# --- the virtual environment ------------------------------------------------------------
if [ ! -x "$venv/bin/python" ]; then
    python=$(scripts/find_python.sh "$python")
    echo "setup: creating $venv with $python"
    quietly "$python" -m venv "$venv"
fi
wanted=$("$venv/bin/python" scripts/dependency_group.py "$group")
if [ "$wanted" != "$(cat "$venv/.installed" 2>/dev/null)" ]; then
    echo "setup: installing into $venv:" $wanted
    quietly "$venv/bin/python" -m pip install --quiet --upgrade pip
    echo "$wanted" >"$log"
    "$venv/bin/python" -m pip install --quiet --requirement "$log" || fail "pip could not install: $wanted"
    # The environment's own interpreter finds the package in the checkout.
    pwd >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')/naja-checkout.pth"
    echo "$wanted" >"$venv/.installed"
fi
