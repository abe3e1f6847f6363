# Inpaint Studio. `make run` starts the program, `make test` runs every test.
# Needs Python 3.11 or newer and, on Windows, a shell; everything else goes into .venv.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run demo app dev system test test-unit test-e2e lint format wheel package test-package bench clean

help:  ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: app  ## start the program; without a display, fill the sample photos into output/
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
		$(BIN)/inpaint-studio; \
	else \
		echo "There is no display here to open a window on."; \
		packaging/demo.sh $(BIN)/inpaint-studio output; \
	fi

demo: app  ## fill the sample photos with both networks into output/
	@packaging/demo.sh $(BIN)/inpaint-studio output

app: $(VENV)/.app  ## make .venv and install the program in it

dev: $(VENV)/.dev  ## also install what tests and checks need

system: $(VENV)/.system  ## install the system libraries that Qt and its tests need

$(VENV)/.app: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=..."; exit 1; }
	@echo "Installing into $(VENV): the first time this takes some minutes."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[gui]"
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.app
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

$(VENV)/.system: packaging/system-libraries.sh | $(VENV)/.app
	packaging/system-libraries.sh
	@touch $@

test: test-unit test-e2e  ## run every test, without a display

test-unit: dev system
	QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 \
		$(BIN)/python -m pytest -n $(WORKERS) -m "not e2e" $(PYTEST_ARGS)

test-e2e: dev system
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m e2e $(PYTEST_ARGS)

lint: dev  ## check style, types and the directions of dependency
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports

format: dev  ## lay the code out
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

wheel: dev  ## build the wheel into dist/ and check what it holds
	$(BIN)/python packaging/check_wheel.py dist

package: dev  ## build the program that needs no Python into dist/inpaint-studio/
	$(BIN)/python -m pip install --quiet --group package
	$(BIN)/pyinstaller --noconfirm --log-level WARN --distpath dist --workpath build packaging/inpaint-studio.spec
	packaging/install-desktop.sh dist/inpaint-studio
	packaging/check_package.sh dist/inpaint-studio

test-package: dev system  ## drive the built program's window end to end
	INPAINT_STUDIO_PROGRAM=$(CURDIR)/dist/inpaint-studio/inpaint-studio $(BIN)/python -m pytest -m e2e

bench: dev system  ## measure speed; prints ratios
	@for script in benchmarks/*.py; do echo "== $$script"; \
		xvfb-run --auto-servernum $(BIN)/python $$script || exit 1; done

clean:  ## remove what was built; the environment stays
	rm -rf build dist output .pytest_cache .ruff_cache .hypothesis .import_linter_cache
