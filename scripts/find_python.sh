#!/bin/sh
# Print the first interpreter that runs, is CPython 3.11 or newer and has its C headers.
# Candidates: the arguments, else a list by preference.  Fails with one line when there is none.
# Running it is the only test that counts: version managers put shims on PATH that fail.
[ $# -gt 0 ] || set -- python3.12 python3.13 python3.11 python3
for candidate; do
    "$candidate" - 2>/dev/null <<'PY' && exit 0
import os, sys, sysconfig

header = os.path.join(sysconfig.get_paths()["include"], "Python.h")
if sys.version_info < (3, 11) or sys.implementation.name != "cpython" or not os.path.exists(header):
    sys.exit(1)
print(sys.executable)
PY
done
echo "error: none of '$*' is a CPython >= 3.11 with headers (Debian: python3-dev python3-venv)" >&2
exit 1
