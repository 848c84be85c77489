# `make demo` shows the provider at work. `make test` runs all checks. Both install their own dependencies.
.DEFAULT_GOAL := help
.PHONY: help setup oldest demo test test-languages lint unit site docs engine soak record-state record-previews reliability-page live coverage mutants dist bench screenshots format clean
SHELL := /bin/bash

PYTHON ?= python3
TESTS ?= tests/e2e
UNIT_TESTS := tests/unit tests/emulator tests/plugin tests/fault_matrix tests/simulation tests/packaging tests/live examples
DOCS_TESTS := tests/documentation
# Packages that also run on Windows, where the type checker does not know POSIX functions.
WINDOWS := $(addprefix provider/pulumi_sinch/,api callbacks cli emulator)
BIN := .venv/bin
ENGINE_PATH = $(CURDIR)/$(BIN):$$(tools/pulumi/install):$$(tools/pulumi-yaml/install):$$PATH
# Six workers, also on two cores: the tests often wait for the engine or for a retry.
ENGINE_OPTIONS := -n 6 --dist worksteal --durations=20
EXAMPLES := $(sort $(dir $(wildcard examples/*/*.py)))

help:  ## list all targets
	@grep -hE '^[a-z-]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/: .*## /\t/' | expand -t 18

setup: .venv/.ready  ## create .venv with all development tools

.venv/.ready: pyproject.toml uv.lock tools/setup provider/pulumi_sinch/version.py
	@tools/setup "$(PYTHON)"
	@touch $@

oldest: setup  ## create an environment with the oldest allowed dependencies, for some tests
	@tools/oldest/install >/dev/null

demo: setup  ## show a webhook's whole life on the real Pulumi engine, with a local Sinch
	@$(BIN)/python tools/demo.py

test: setup oldest  ## run everything that must pass: lint, and the tests of unit, docs and engine
	$(MAKE) --jobs=2 --output-sync=target lint site
	PATH="$(ENGINE_PATH)" $(BIN)/pytest $(ENGINE_OPTIONS) $(UNIT_TESTS) $(DOCS_TESTS) tests/e2e

lint: setup  ## check format, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --follow-imports=silent --cache-dir .mypy_cache/win32 $(WINDOWS)
	@set -e; for program in $(EXAMPLES); do MYPYPATH=$$program $(BIN)/mypy $$program; done
	PATH="$(CURDIR)/$(BIN):$$PATH" basedpyright
	PATH="$(CURDIR)/$(BIN):$$PATH" basedpyright --verifytypes pulumi_sinch --ignoreexternal
	$(BIN)/lint-imports

unit: setup oldest  ## run all tests that need neither the Pulumi CLI nor the site
	$(BIN)/pytest -n 2 $(COVERAGE) $(UNIT_TESTS)

site: setup  ## build the site in site/ without warnings
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

docs: site  ## build the site, test its examples, compare its tables with the code
	$(BIN)/pytest -n 2 $(DOCS_TESTS)

engine: setup  ## test the real CLI with the emulator; TESTS="tests/e2e/test_get.py -k missing" for some
	PATH="$(ENGINE_PATH)" $(BIN)/pytest $(ENGINE_OPTIONS) $(TESTS)

test-languages: setup  ## test TypeScript and Go programs with generated SDKs; needs Go, and Node.js for TypeScript
	@if ! command -v go >/dev/null; then echo "Skipped: programs and receivers in TypeScript and Go. Go 1.26 or newer is not installed."; exit; fi; \
	languages=$$(tools/languages/install) && PATH="$$languages:$(ENGINE_PATH)" $(BIN)/pytest -n 2 --durations=5 tests/languages

soak: setup  ## run long tests: eight clients for 30 s, the fault matrix behind a proxy, 10,000 random schedules
	$(BIN)/pytest tests/emulator/soak.py
	$(BIN)/pytest -n 2 tests/fault_matrix/soak.py
	SINCH_SCHEDULES=$${SINCH_SCHEDULES:-10000} SINCH_SEED=$${SINCH_SEED:-$$RANDOM} \
		$(BIN)/pytest -v -n 2 --timeout=3600 tests/simulation/test_schedules.py

record-state: setup  ## record the state of this version for the tests of later versions
	PATH="$(ENGINE_PATH)" $(BIN)/python tools/record_state.py

record-previews: setup  ## record previews of the installed Pulumi CLI for tests; SCENARIOS="create taint" for some
	PATH="$(ENGINE_PATH)" $(BIN)/python tools/record_previews.py $(SCENARIOS)

reliability-page: setup  ## generate the tables of docs/reliability.md from the fault matrix
	PYTHONPATH=tests $(BIN)/python -m fault_matrix.page

live: setup  ## compare a real Sinch project with docs/CONTRACT.md, in a table; needs the SINCH_… variables
	PYTHONPATH=tools $(BIN)/python -m live_conformance

coverage: COVERAGE := --cov --cov-report=
coverage: unit  ## run the unit tests and require 95 % coverage per module
	@$(BIN)/python tools/module_coverage.py

mutants: setup  ## run mutation tests; MODULES="core/signing_secret.py core/diff.py" for some, all take an hour
	$(BIN)/uv sync --locked --all-extras --group mutants --quiet
	$(BIN)/python tools/mutants.py $(MODULES)

dist: setup  ## build and check the wheel and the source distribution
	rm -rf dist
	$(BIN)/hatchling build
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents --toplevel pulumi_sinch dist/*.whl

bench: setup  ## run the benchmarks, about seventy minutes; PARTS="15@0 imports" for some
	$(BIN)/uv sync --locked --all-extras --group bench --compile-bytecode --quiet
	$(BIN)/python benchmarks/run.py $(PARTS) $(ARGS)

screenshots: setup  ## take the screenshots of the emulator's page; needs Chromium
	$(BIN)/python tools/screenshots.py

format: setup  ## fix what ruff can fix automatically
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## delete all generated files, except the cached Pulumi CLI
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage dist site
