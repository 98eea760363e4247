# Everything a reader of this repository types. Needs git, make and Python 3.11-3.13; the rest is installed
# into .venv. `make run` is the way in.

SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -q
BOTH_CORES := -n 2 --dist worksteal # each with a Redis and a PostgreSQL of its own
# Any Python 3 will do to start with: tools/bootstrap.py looks for a suitable one.
ANY_PYTHON := $(shell for p in $$PYTHON python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 6))' >/dev/null 2>&1 && echo "$$p" && break; done)

.PHONY: help setup dev run test-fast test test-unit test-system test-postgresql test-procfile test-crash test-browser test-rasa bench crash rasa check screenshots embeddings lock

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
	@$(PYTEST) $(BOTH_CORES) tests/unit tests/flows

test: test-unit test-system test-rasa test-postgresql test-procfile test-crash test-browser ## everything, in seven steps

test-unit: dev
	$(PYTEST) $(BOTH_CORES) tests/unit tests/flows

test-system: dev
	$(PYTEST) $(BOTH_CORES) tests/contract tests/architecture tests/integration --ignore tests/integration/test_crash.py --ignore tests/integration/test_rasa.py --ignore tests/integration/test_rasa_releases.py

test-rasa: dev ## Rasa understands: in the flow tests that this matters to, then the real server, 2 GB the first time
	$(PYTEST) $(BOTH_CORES) tests/flows -m both_engines --engine rasa --database postgresql
	@$(BIN)/python -m tools.rasa install
	$(PYTEST) tests/integration/test_rasa.py tests/integration/test_rasa_releases.py

test-postgresql: dev
	$(PYTEST) $(BOTH_CORES) tests/flows --database postgresql

test-procfile: dev
	$(PYTEST) tests/flows --topology procfile

test-crash: dev
	$(PYTEST) tests/integration/test_crash.py

test-browser: dev
	$(PYTEST) -n 2 --dist loadfile tests/browser # a demo a file

bench: dev ## benchmarks of docs/performance.md, a quarter of an hour and 8 GB of disk for as long
	$(BIN)/python -m benchmarks ack
	$(BIN)/python -m benchmarks latency
	$(BIN)/python -m benchmarks rate --view characters
	$(BIN)/python -m benchmarks rate --view embedding --first 30
	$(BIN)/python -m benchmarks memory
	$(BIN)/python -m benchmarks growth

crash: dev ## the crash test with five seeds on both databases, half an hour
	$(PYTEST) tests/integration/test_crash.py --seeds 5

rasa: setup ## a Rasa server beside it: install, train, serve on loopback; prints the settings for `make run`
	@exec $(BIN)/python -m tools.rasa

check: dev ## lint, types, layers, dependencies, and the algorithm on Rasa's Python
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m tools.both_homes

screenshots: dev ## take the screenshots of README and docs/story.md again
	$(BIN)/python tools/screenshots.py
	$(PYTEST) tests/browser/test_personas.py --pictures docs/screenshots/story

embeddings: dev ## embed the training sentences that were changed (nlu_data/embeddings.npz)
	$(BIN)/python -m tools.embeddings

lock: dev ## write requirements/*.txt and Rasa's lock again from both pyproject.toml
	$(BIN)/python tools/lock.py
