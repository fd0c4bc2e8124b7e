# Every target sets itself up. `make demo` and `make test` need only Python 3.11 or newer, git and make.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
MEMBERS := -e core[sandbox,raster,table,keyring,geoparquet,postgres,s3] -e plugins/capella -e plugins/cecil[zarr] -e plugins/planet -e plugins/sedas
PROJECTS := pyproject.toml core/pyproject.toml $(wildcard plugins/*/pyproject.toml)
# One more than there are cores: tests wait for servers, clocks and processes a third of their time.
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1)))
# The tests start hundreds of processes; without kept bytecode each of them compiles all libraries again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-lowest lint format types docs peers bench bench-faults filters promises soak clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 20

# --- set-up -----------------------------------------------------------------------------------------------------------

.tools/bin/uv:
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet uv

$(VENV)/bin/python: | $(if $(findstring .tools,$(UV)),.tools/bin/uv)
	$(UV) venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV)

$(VENV)/.run: $(PROJECTS) | $(VENV)/bin/python
	$(UV) pip install --quiet --python $(BIN)/python $(MEMBERS)
	@touch $@

$(VENV)/.dev: $(PROJECTS) | $(VENV)/bin/python
	$(UV) pip install --quiet --python $(BIN)/python $(MEMBERS) --group dev
	@touch $@ $(VENV)/.run

# --- what users run -----------------------------------------------------------------------------------------------------

demo: $(VENV)/.run ## Run the whole life cycle on every provider against the sandbox
	$(BIN)/swath demo

test: $(VENV)/.dev peers ## Run all tests
	$(BIN)/pytest -n $(JOBS) --dist worksteal

# --- what developers run ------------------------------------------------------------------------------------------------

test-lowest: $(VENV)/bin/python ## Run the tests with the lowest versions that the metadata allows
	$(UV) venv --quiet --allow-existing --python $(BIN)/python .venvs/lowest
	$(UV) pip install --quiet --python .venvs/lowest/bin/python --resolution lowest-direct $(MEMBERS)
	$(UV) pip install --quiet --python .venvs/lowest/bin/python --group test
	.venvs/lowest/bin/pytest -n $(JOBS) --dist worksteal -m "not peers"

lint: $(VENV)/.dev ## Check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy core/src plugins/capella/src plugins/cecil/src plugins/planet/src plugins/sedas/src core/tests/typing_api.py
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Bring the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.dev ## Build the documentation site into docs/_build/html
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

peers: .venvs/peers-planet/.done .venvs/peers-sedas/.done .venvs/peers-capella/.done .venvs/peers-cecil/.done .venvs/peers-loaders-lowest/.done .venvs/peers-loaders-newest/.done ## Install each provider's official SDK, and the usual loaders, in environments of their own

.venvs/peers-%/.done: tests/peers/requirements-%.txt | $(VENV)/bin/python
	$(UV) venv --quiet --allow-existing --python $(BIN)/python .venvs/peers-$*
	$(UV) pip install --quiet --python .venvs/peers-$*/bin/python -r $<
	@touch $@

.venvs/bench-%/.done: tests/bench/requirements-%.txt | $(VENV)/bin/python
	$(UV) venv --quiet --allow-existing --python $(BIN)/python .venvs/bench-$*
	$(UV) pip install --quiet --python .venvs/bench-$*/bin/python -r $<
	@touch $@

bench: $(VENV)/.dev .venvs/bench-clients/.done .venvs/peers-planet/.done .venvs/peers-capella/.done ## Measure beside the peers (ROWS=large,tls REPEATS=5 SLOW=1), write docs/benchmarks.md
	$(BIN)/python tests/bench/run.py --rows "$(ROWS)" --repeats $(or $(REPEATS),5) $(if $(SLOW),--slow)

bench-faults: $(VENV)/.dev .venvs/peers-planet/.done ## Drive the official planet SDK and swath through the same faults
	$(BIN)/python tests/bench/faults.py

FILTERS ?= 2000

filters: $(VENV)/.dev ## Ask every provider for 2,000 random filters; each must equal filtering everything locally
	SWATH_FILTERS=$(FILTERS) $(BIN)/pytest -n $(JOBS) plugins -k drawn_at_random

soak: $(VENV)/.dev ## Kill the life cycle 500 times at random, in 15 minutes at most
	$(BIN)/python tests/soak.py --kills 500 --minutes 15
	SWATH_SOAK=1 $(BIN)/pytest -q tests/test_memory.py

promises: $(VENV)/.dev ## Run the tests of each promise; write docs/promises.md
	$(BIN)/python tests/promises.py --run --write --jobs $(JOBS)

clean: ## Remove everything that was made here
	rm -rf $(VENV) .venvs .tools swath-demo docs/_build .mypy_cache .pytest_cache .ruff_cache .hypothesis
