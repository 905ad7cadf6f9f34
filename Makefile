# naja: one command for each thing one does here; `make help` lists them.
#
# Variables, all optional:
#   PYTHON=...     build for this interpreter instead of the default one (own .venv-cpXY and build directory)
#   BUILD=dir      another build directory; its package is then BUILD/site (PYTHONPATH=BUILD/site)
#   BUILDTYPE=...  release (default), debugoptimized, debug
#   OPTIONS=...    more Meson options, such as -Dllvm_config=llvm-config-20
#   CC=... CXX=... the compilers
#   TESTS=...      the files to test, such as tests/test_scripts.py
#   JOBS=...       processes that run tests side by side (default: one per processor)
#   PROGRAMS=...   how many random programs `make fuzz` runs (20000)
#   ARGS=...       more arguments for pytest (test), the benchmark driver (bench) or the demo

ifeq ($(origin PYTHON),undefined)
  VENV ?= .venv
  HOME_BUILD := build/dev
else
  TAG := $(shell $(PYTHON) -c 'import sys, sysconfig; print("cp%d%d" % sys.version_info[:2] + "t" * bool(sysconfig.get_config_var("Py_GIL_DISABLED")))')
  ifeq ($(TAG),)
    $(error PYTHON=$(PYTHON) does not run)
  endif
  VENV ?= .venv-$(TAG)
  HOME_BUILD := build/$(TAG)
endif
BUILD ?= $(HOME_BUILD)
SITE := $(if $(filter $(HOME_BUILD),$(BUILD)),.,$(BUILD)/site)
BUILDTYPE ?= release
OPTIONS ?=
GROUP ?= dev
PROGRAMS ?= 20000
TESTS ?= tests
JOBS ?= auto
ARGS ?=
# Run in SITE, so that children started with `python -c` import the same package.
WITH_SITE := cd $(SITE) && PYTHONPATH=$(abspath $(SITE))
PYTEST := $(abspath $(VENV))/bin/pytest -n $(JOBS) $(abspath $(TESTS))
RUN := $(WITH_SITE) $(abspath $(VENV))/bin/python

# The compilers reach Meson only when someone chose them.
CHOSEN := $(if $(filter-out default undefined,$(origin CC)),CC='$(CC)') $(if $(filter-out default undefined,$(origin CXX)),CXX='$(CXX)')

.PHONY: help setup build unit test core demo bench functions coverage suite fuzz lint format tidy wheel asan tsan clean
.DEFAULT_GOAL := help

help:  ## list the commands
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | expand -t 10
	@sed -n '/^# Variables/,/^$$/s/^# \{0,1\}//p' Makefile

setup:  ## install what is missing: Debian packages, and Python packages into .venv
	@scripts/setup.sh $(VENV) $(GROUP) $(PYTHON)

build: setup  ## compile _core and _compiler for use from the checkout
	@$(CHOSEN) scripts/build.sh $(VENV) $(BUILD) $(SITE) $(BUILDTYPE) $(OPTIONS)

unit: build  ## run the C unit tests
	@echo "unit: C unit tests in $(BUILD)"
	@flock $(BUILD)/.lock $(VENV)/bin/ninja -C $(BUILD) --quiet meson-test-prereq
	@PATH=$(abspath $(VENV))/bin:$$PATH meson test -C $(BUILD) --no-rebuild --quiet --print-errorlogs

test: unit  ## run all tests: C units, then pytest over tests/
	@echo "test: pytest tests/"
	@$(WITH_SITE) $(PYTEST) $(ARGS)

core: build  ## run the short suite (pytest -m core)
	@$(WITH_SITE) $(PYTEST) -m core -q $(ARGS)

demo: build  ## run bench/demo.py
	@$(RUN) $(CURDIR)/bench/demo.py $(ARGS)

bench: build  ## run the benchmarks
	@$(RUN) $(CURDIR)/bench/run.py $(ARGS)

functions: build  ## time NumPy's functions in compiled code, and write bench/functions.md
	@$(RUN) $(CURDIR)/bench/functions.py $(ARGS)

coverage: build  ## call all of NumPy from compiled code, and write docs/numpy-coverage.md
	@$(RUN) $(CURDIR)/tests/numpy_coverage.py --rows $(abspath $(BUILD))/numpy-coverage.jsonl \
	    --output $(CURDIR)/docs/numpy-coverage.md $(ARGS)

suite: build  ## run NumPy's own tests through compiled code, and write docs/numpy-tests.md
	@$(RUN) $(CURDIR)/tests/numpy_suite.py --output $(CURDIR)/docs/numpy-tests.md $(ARGS)

fuzz: build  ## run PROGRAMS=20000 random programs interpreted and compiled
	@$(RUN) $(CURDIR)/tests/fuzz.py --programs $(PROGRAMS) $(ARGS)

lint: setup  ## check style, the order of the stages, and sizes
	@scripts/lint.sh $(VENV)

format: setup  ## rewrite C and Python sources in the house style
	@scripts/lint.sh $(VENV) --fix

tidy: build  ## look for likely bugs in C with clang-tidy (slow)
	@command -v clang-tidy-19 >/dev/null || { echo "error: clang-tidy-19 is not installed (Debian: clang-tidy-19)" >&2; exit 1; }
	@clang-tidy-19 -p $(BUILD) --quiet $(wildcard src/*/*.c) 2>/dev/null

wheel: setup  ## build dist/naja-*.whl and try it in a clean environment
	@scripts/check_wheel.sh $(VENV)

CCACHE := $(shell command -v ccache)
# The sanitizers' own package directory keeps the normal build as it is.
asan: setup  ## build with AddressSanitizer and UBSan, and run the short suite under them
	@ASAN_OPTIONS=detect_leaks=0 $(MAKE) --no-print-directory unit VENV=$(VENV) BUILD=build/asan BUILDTYPE=debugoptimized \
	    OPTIONS="-Db_sanitize=address,undefined -Doptimization=1 $(OPTIONS)" CC="$(CCACHE) gcc" CXX="$(CCACHE) g++"
	@scripts/sanitized.sh $(PYTEST) -m core -q $(ARGS)

tsan: setup  ## run the tests of the thread pool under ThreadSanitizer
	@CC="$(CCACHE) gcc" CXX="$(CCACHE) g++" scripts/tsan.sh $(VENV) build/tsan

clean:  ## remove what was built (not .venv)
	rm -rf build dist naja/*.so
