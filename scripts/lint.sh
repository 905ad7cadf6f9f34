#!/bin/sh
# All style checks, each named as it runs; --fix formats instead.
# usage: lint.sh VENV [--fix]
set -u
venv=$1 fix=${2:-}
python_files=$(for d in naja tests bench scripts docs; do [ ! -d $d ] || echo $d; done)
c_files=$(find src tests/unit -name '*.c' 2>/dev/null | sort)  # headers are laid out by hand
clang_format=$(command -v clang-format-19 || command -v clang-format)

if [ "$fix" = --fix ]; then
    "$venv/bin/ruff" check --fix --quiet $python_files
    "$venv/bin/ruff" format $python_files
    [ -z "$c_files" ] || "$clang_format" -i $c_files
    exit 0
fi

passed=0 failed=0
check() {  # check NAME COMMAND...
    name=$1; shift
    echo "lint: $name"
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "lint: $name FAILED"; fi
}
check "ruff check" "$venv/bin/ruff" check --quiet --output-format=concise $python_files
check "ruff format" "$venv/bin/ruff" format --check --quiet $python_files
formatted() {  # names the files with the lines that `make format` would change
    for file in $c_files; do
        lines=$("$clang_format" --dry-run "$file" 2>&1 | sed -n "s|^$file:\([0-9]*\):.*warning.*|\1|p" | uniq | head -n 6)
        [ -z "$lines" ] || echo $file: $lines
    done | { ! grep .; }
}
[ -z "$c_files" ] || check "clang-format (lines that \`make format\` would change)" formatted
check "includes (check_includes.py)" "$venv/bin/python" scripts/check_includes.py
check "sizes (check_sizes.py)" "$venv/bin/python" scripts/check_sizes.py
check "sources listed (check_sources.py)" "$venv/bin/python" scripts/check_sources.py
check "shell scripts" sh -c 'for f in scripts/*.sh; do sh -n "$f" || exit 1; done; bash -n .ci/run'
echo "$passed passed, $failed failed"
[ $failed = 0 ]
