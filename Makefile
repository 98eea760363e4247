# Everything a reader of this repository types. Needs git, make and Python 3.11-3.13; the rest is installed
# into .venv. `make run` is the way in.

SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -q
# Any Python 3 will do to start with: tools/bootstrap.py looks for a suitable one.
ANY_PYTHON := $(shell for p in $$PYTHON python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 6))' >/dev/null 2>&1 && echo "$$p" && break; done)

.PHONY: help setup dev run test-fast test test-unit test-system test-browser bench check screenshots lock

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

setup: ## install everything into .venv and build the front end
	@$(if $(ANY_PYTHON),,echo "setup: Frontline needs Python 3.11, 3.12 or 3.13: install one, or name it: PYTHON=/path/to/python3.12 make run" >&2; exit 1)
	@"$(ANY_PYTHON)" tools/bootstrap.py runtime front
	@$(BIN)/python tools/frontend.py

dev: setup
	@"$(ANY_PYTHON)" tools/bootstrap.py dev

run: setup ## start Frontline on http://127.0.0.1:8000 (PORT, FRONTLINE_DATA)
	@exec $(BIN)/frontline run

test-fast: dev ## unit and flow tests on SQLite, two minutes at most
	@$(PYTEST) tests/unit tests/flows

test: test-unit test-system test-browser ## everything, in three steps

test-unit: dev
	$(PYTEST) tests/unit tests/flows

test-system: dev
	$(PYTEST) tests/contract tests/architecture tests/integration
	$(PYTEST) tests/flows --database postgresql

test-browser: dev
	$(PYTEST) tests/browser

bench: dev ## benchmarks
	$(BIN)/python -m benchmarks.webhook

check: dev ## lint, types, layers, dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

screenshots: dev ## take the README's screenshots again
	$(BIN)/python tools/screenshots.py

lock: dev ## write requirements/*.txt again from pyproject.toml
	$(BIN)/python tools/lock.py
