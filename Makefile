# Every target makes .venv and installs what it needs from the hashed lock files by itself.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: help demo playground run test crash soak check sbom licences bench lock clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/runtime: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/runtime requirements-dev.lock
	$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

demo: .venv/runtime  ## the whole line on sample feeds, offline, no token
	@$(BIN)/guetteur demo

playground: .venv/runtime  ## the bot in your browser on sample feeds, offline, no token
	@$(BIN)/guetteur playground

run: .venv/runtime  ## the bot (needs GUETTEUR_BOT_TOKEN, in the environment or in .env)
	@$(BIN)/guetteur run

test: .venv/dev  ## the whole test suite, on SQLite and PostgreSQL
	$(BIN)/python -m pytest -m "not alone" --numprocesses auto --maxprocesses 4 --dist worksteal
	$(BIN)/python -m pytest -m alone

crash: .venv/dev  ## a hundred kill -9 while the bot works: nothing missing, nothing doubled but what is excused
	CRASH_KILLS=100 $(BIN)/python -m pytest tests/crash -s

check: .venv/dev  ## lint, types, Dockerfile, config files, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/guetteur check
	$(BIN)/python tests/audit.py

soak: .venv/dev  ## the bot among faults for SOAK_MINUTES (20): exact, and flat in memory and open files
	$(BIN)/python -m tests.soak.soak

sbom: .venv/dev  ## what the bot runs on, as CycloneDX JSON, in sbom.json
	$(BIN)/python tests/supply.py sbom > sbom.json

licences: .venv/dev  ## renew docs/licences.md (after make lock)
	$(BIN)/python tests/supply.py licences > docs/licences.md

bench: .venv/dev  ## every figure quoted in docs/
	@for f in benchmarks/bench_*.py; do echo "== $$f"; $(BIN)/python $$f || exit 1; done

lock:  ## renew the lock files (needs uv: pip install uv)
	uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --quiet --extra build --output-file requirements.lock pyproject.toml
	uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --quiet --extra build --extra charts --constraint requirements.lock --output-file requirements-charts.lock pyproject.toml
	uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --quiet --extra build --extra dev --constraint requirements-charts.lock --output-file requirements-dev.lock pyproject.toml

clean:  ## remove what make made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
