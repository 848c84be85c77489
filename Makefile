# `make demo` shows the provider at work, `make test` checks everything. Both set up what they need.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint unit engine live bench format clean
SHELL := /bin/bash

PYTHON ?= python3
BIN := .venv/bin
EXAMPLES := $(sort $(dir $(wildcard examples/*/*.py)))

help:  ## say what can be made
	@grep -hE '^[a-z]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/: .*## /\t/' | expand -t 10

setup: .venv/.ready  ## make .venv with everything that developing needs

.venv/.ready: pyproject.toml uv.lock tools/setup
	@tools/setup "$(PYTHON)"
	@touch $@

demo: setup  ## the real Pulumi engine against a local Sinch, from nothing to destroy
	@$(BIN)/python tools/demo.py

test: lint unit engine  ## everything a contributor must pass

lint: setup  ## format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@set -e; for program in $(EXAMPLES); do MYPYPATH=$$program $(BIN)/mypy $$program; done
	$(BIN)/lint-imports

unit: setup  ## unit, emulator and plugin tests, the live suite against the emulator, an example's own
	$(BIN)/pytest -n 2 tests/unit tests/emulator tests/plugin tests/live examples

engine: setup  ## the real CLI against the emulator
	PATH="$(CURDIR)/$(BIN):$$(tools/pulumi/install):$$PATH" $(BIN)/pytest -n 2 tests/e2e

live: setup  ## ask a real Sinch project whether it behaves as documented; needs the SINCH_… variables
	SINCH_LIVE=1 $(BIN)/pytest tests/live

bench: setup  ## how fast it is, against a provider that does nothing: about half an hour; PARTS="15@0 imports" for some
	$(BIN)/python benchmarks/run.py $(PARTS) $(ARGS)

format: setup  ## mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## delete what was made here; the cached Pulumi CLI stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
