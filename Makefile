# `make demo` shows the provider at work, `make test` checks everything. Both set up what they need.
.DEFAULT_GOAL := help
.PHONY: help setup oldest demo test test-languages lint unit site docs engine soak record-state record-previews reliability-page live coverage mutants dist bench screenshots format clean
SHELL := /bin/bash

PYTHON ?= python3
TESTS ?= tests/e2e
UNIT_TESTS := tests/unit tests/emulator tests/plugin tests/fault_matrix tests/simulation tests/packaging tests/live examples
DOCS_TESTS := tests/documentation
# Packages that also run on Windows. There, the type checker does not know the functions of POSIX.
WINDOWS := $(addprefix provider/pulumi_sinch/,api callbacks cli emulator)
BIN := .venv/bin
ENGINE_PATH = $(CURDIR)/$(BIN):$$(tools/pulumi/install):$$(tools/pulumi-yaml/install):$$PATH
# Four at a time, also on two cores: the tests wait for the engine more than they compute.
ENGINE_OPTIONS := -n 4 --dist worksteal --durations=20
EXAMPLES := $(sort $(dir $(wildcard examples/*/*.py)))

help:  ## say what can be made
	@grep -hE '^[a-z-]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/: .*## /\t/' | expand -t 18

setup: .venv/.ready  ## make .venv with everything that developing needs

.venv/.ready: pyproject.toml uv.lock tools/setup provider/pulumi_sinch/version.py
	@tools/setup "$(PYTHON)"
	@touch $@

oldest: setup  ## an environment with the oldest dependencies that the package allows, for the tests that run in it
	@tools/oldest/install >/dev/null

demo: setup  ## the real Pulumi engine against a local Sinch, from nothing to destroy
	@$(BIN)/python tools/demo.py

test: setup oldest  ## everything a contributor must pass: lint, then the site and all tests of unit, docs and engine
	$(MAKE) --jobs=2 --output-sync=target lint site
	PATH="$(ENGINE_PATH)" $(BIN)/pytest $(ENGINE_OPTIONS) $(UNIT_TESTS) $(DOCS_TESTS) tests/e2e

lint: setup  ## format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --follow-imports=silent --cache-dir .mypy_cache/win32 $(WINDOWS)
	@set -e; for program in $(EXAMPLES); do MYPYPATH=$$program $(BIN)/mypy $$program; done
	PATH="$(CURDIR)/$(BIN):$$PATH" basedpyright
	PATH="$(CURDIR)/$(BIN):$$PATH" basedpyright --verifytypes pulumi_sinch --ignoreexternal
	$(BIN)/lint-imports

unit: setup oldest  ## unit, emulator, plugin, fault matrix, simulation and packaging tests, the live suite against the emulator, an example's own
	$(BIN)/pytest -n 2 $(COVERAGE) $(UNIT_TESTS)

site: setup  ## the site in site/, without a warning
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

docs: site  ## the site, each example of it tried, each table compared with the code
	$(BIN)/pytest -n 2 $(DOCS_TESTS)

engine: setup  ## the real CLI against the emulator; TESTS="tests/e2e/test_get.py -k missing" for some
	PATH="$(ENGINE_PATH)" $(BIN)/pytest $(ENGINE_OPTIONS) $(TESTS)

test-languages: setup  ## TypeScript and Go programs on generated SDKs, with receivers; needs Go, and Node.js for TypeScript
	@if ! command -v go >/dev/null; then echo "Skipped: programs and receivers in TypeScript and Go. Go 1.26 or newer is not installed."; exit; fi; \
	languages=$$(tools/languages/install) && PATH="$$languages:$(ENGINE_PATH)" $(BIN)/pytest -n 2 --durations=5 tests/languages

soak: setup  ## eight clients at the emulator for 30 s, the fault matrix behind a proxy, 10,000 random schedules of faults and kills
	$(BIN)/pytest tests/emulator/soak.py
	$(BIN)/pytest -n 2 tests/fault_matrix/soak.py
	SINCH_SCHEDULES=$${SINCH_SCHEDULES:-10000} SINCH_SEED=$${SINCH_SEED:-$$RANDOM} \
		$(BIN)/pytest -v -n 2 --timeout=3600 tests/simulation/test_schedules.py

record-state: setup  ## write down the state of this version, for the tests of later ones
	PATH="$(ENGINE_PATH)" $(BIN)/python tools/record_state.py

record-previews: setup  ## write down the previews of the installed Pulumi CLI, for the tests of the review comment; SCENARIOS="create taint" for some
	PATH="$(ENGINE_PATH)" $(BIN)/python tools/record_previews.py $(SCENARIOS)

reliability-page: setup  ## make the tables of docs/reliability.md from the fault matrix
	PYTHONPATH=tests $(BIN)/python -m fault_matrix.page

live: setup  ## ask a real Sinch project whether it behaves as documented; needs the SINCH_… variables
	SINCH_LIVE=1 $(BIN)/pytest tests/live

coverage: COVERAGE := --cov --cov-report=
coverage: unit  ## run the unit tests and require 95 % coverage per module
	@$(BIN)/python tools/module_coverage.py

mutants: setup  ## change the code and see that a test fails; MODULES="core/signing_secret.py core/diff.py", all by default: an hour
	$(BIN)/uv sync --locked --all-extras --group mutants --quiet
	$(BIN)/python tools/mutants.py $(MODULES)

dist: setup  ## build and check the wheel and the source distribution
	rm -rf dist
	$(BIN)/hatchling build
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents --toplevel pulumi_sinch dist/*.whl

bench: setup  ## how fast it is, against a provider that does nothing: about seventy minutes; PARTS="15@0 imports" for some
	$(BIN)/uv sync --locked --all-extras --group bench --compile-bytecode --quiet
	$(BIN)/python benchmarks/run.py $(PARTS) $(ARGS)

screenshots: setup  ## take the pictures of the emulator's page again; needs Chromium
	$(BIN)/python tools/screenshots.py

format: setup  ## fix what ruff can fix automatically
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## delete what was made here; the cached Pulumi CLI stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage dist site
