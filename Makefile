# naja: one command for each thing one does here; `make help` lists them.
#
# Variables, all optional:
#   PYTHON=...     build for this interpreter instead of the default one (own .venv-cpXY and build directory)
#   BUILD=dir      another build directory; its package is then BUILD/site (PYTHONPATH=BUILD/site)
#   BUILDTYPE=...  release (default), debugoptimized, debug
#   OPTIONS=...    more Meson options, such as -Dllvm_config=llvm-config-20
#   CC=... CXX=... the compilers
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
MINUTES ?= 5
ARGS ?=
RUN := PYTHONPATH=$(SITE) $(VENV)/bin/python
C_FILES = $(wildcard src/*/*.c src/*/*.h tests/unit/*.c tests/unit/*.h)
PYTHON_FILES = naja tests bench scripts docs

# The compilers reach Meson only when someone chose them.
CHOSEN := $(if $(filter-out default undefined,$(origin CC)),CC='$(CC)') $(if $(filter-out default undefined,$(origin CXX)),CXX='$(CXX)')

.PHONY: help setup build test unit core demo bench fuzz lint format tidy wheel asan clean
.DEFAULT_GOAL := help

help:  ## list the commands
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | expand -t 10
	@sed -n '/^# Variables/,/^$$/s/^# \{0,1\}//p' Makefile

setup:  ## install what is missing: Debian packages, and Python packages into .venv
	@scripts/setup.sh $(VENV) $(GROUP) $(PYTHON)

build: setup  ## compile _core and _compiler for use from the checkout
	@$(CHOSEN) scripts/build.sh $(VENV) $(BUILD) $(SITE) $(BUILDTYPE) $(OPTIONS)
