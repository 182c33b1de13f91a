# FirstRead: every target is one line of `make help`. Plain sh and no GNU extras beyond make's
# own, so that `make demo` needs nothing but make and a Python.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VENV ?= .venv
# Passed to every `pip install`; README says what it is good for.
PIP_ARGS ?=
# The first Python that is new enough; `make ... PYTHON=python3.12` takes another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$name && break; done)

PIP := $(VENV)/bin/pip
PIP_INSTALL = $(PIP) install --disable-pip-version-check -c constraints.txt $(PIP_ARGS)
PYTEST = $(VENV)/bin/pytest
# Tests wait much of their time, for processes to begin and peers to answer.
TESTERS ?= $(shell echo $$(( ($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2 )))

.PHONY: help demo test check conformance verify peers judges format lock clean

help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.all ## Install into .venv, then send eight phantom films through the whole loop.
	$(VENV)/bin/firstread demo

test: $(VENV)/.dev peers check ## Bring what the tests need, then check and test (under 15 minutes).
	$(PYTEST) -m "not slow" -n $(TESTERS) --dist worksteal

check: $(VENV)/.dev ## Lint, formatting, types and import contracts.
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports

conformance: $(VENV)/.dev judges ## Odd readings and films, every kind of object, every validator.
	$(PYTEST) tests/conformance -n auto

verify: $(VENV)/.dev judges check ## All of test, and the long suites too.
	$(PYTEST)

peers: ## Bring the programs that tests talk to (Redis, PostgreSQL, Orthanc, dcmtk, dicom3tools).
	@sh tests/peers/install.sh

judges: ## Bring what the long suites ask beyond that (PixelMed's validator, DICOMscope).
	@sh tests/peers/install.sh judges

format: $(VENV)/.dev ## Format, and mend what the linter can mend by itself.
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

lock: ## Resolve every dependency anew in a fresh environment, and write constraints.txt.
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --disable-pip-version-check $(PIP_ARGS) -e ".[dev]"
	build/lock/bin/pip freeze --all --exclude pip --exclude-editable > build/lock/frozen
	{ echo "# Written by make lock: every version that the tests run with. A local tag, such as"; \
	  echo "# torch's +cpu, is left off, so that each machine takes the wheel that fits it."; \
	  sed 's/+.*//' build/lock/frozen; } > constraints.txt

clean: ## Remove what building and testing left; .venv and data folders stay.
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -rf .import_linter_cache
	find . -name __pycache__ -not -path "./$(VENV)/*" -prune -exec rm -rf {} +

$(PIP):
	@if [ -z "$(PYTHON)" ]; then \
		echo "FirstRead needs Python 3.11 or newer, and none was found;" \
		"name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "FirstRead needs Python 3.11 or newer; this is $$($(PYTHON) --version 2>&1)." >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.all: pyproject.toml constraints.txt | $(PIP)
	$(PIP_INSTALL) -e ".[all]"
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(PIP)
	$(PIP_INSTALL) -e ".[dev]"
	@touch $(VENV)/.all $@
