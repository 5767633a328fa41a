# Two commands set everything up: `make report` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# What stands in .venv: first what a report needs; sliders and clusters, and what only tests need, on demand.
STAMP := .venv/.ready
EXTRAS := .venv/.ready-extras
TESTS := .venv/.ready-tests
# One worker a core: threads of linear algebra inside of each would only wait for each other.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal
COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"
CALIBRATION := benchmarks/calibration/requirements
PEERS := benchmarks/peers/requirements
unexport PYTHONDONTWRITEBYTECODE
# Offices behind a certificate of their own: trust what the system trusts.
export UV_SYSTEM_CERTS := 1

.PHONY: report final test test-all check bench calibration reproduce lab explore build examples lock clean help

report: $(STAMP)  ## the mid-term report of the real plan
	$(BIN)/gdplan report midterm --force

final: $(STAMP)  ## the final report of the 13th plan
	$(BIN)/gdplan report final --force

test: $(TESTS)  ## the tests of a working day, a few minutes
	$(PYTEST) -m "not slow"

test-all: $(TESTS)  ## every test with many examples and coverage, then two fresh environments
	$(PYTEST) --hypothesis-profile=thorough --cov=gdplan --cov-report=term
	$(BIN)/python -m benchmarks.reproduce

check: $(TESTS)  ## style, types, and processed data against raw
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/gdplan build --check

bench: $(TESTS) .peers/.ready  ## speed and memory as ratios; rewrites docs/performance.md
	$(BIN)/python -m benchmarks

calibration: .venv-calibration/.ready  ## how often the outlook is right; rewrites docs/method/calibration.md
	OMP_NUM_THREADS=1 .venv-calibration/bin/python -m benchmarks.calibration

reproduce: $(TESTS)  ## the same bytes from two fresh environments, locales, time zones
	$(BIN)/python -m benchmarks.reproduce

lab: $(STAMP)  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

explore: $(EXTRAS)  ## what-if sliders in a browser, this machine only
	$(BIN)/gdplan explore

build: $(STAMP)  ## rebuild data/processed from data/raw
	$(BIN)/gdplan build

examples: $(STAMP)  ## rewrite the simulated year set and report on it
	$(BIN)/python examples/simulate.py
	$(BIN)/python examples/simulate_ledger.py
	$(BIN)/gdplan report midterm --observations examples/observations --force

lock: $(TESTS)  ## resolve the dependencies anew
	$(COMPILE) --all-extras pyproject.toml -o requirements-test.lock
	$(COMPILE) -c requirements-test.lock --extra explore --extra cluster pyproject.toml \
		-o requirements-extras.lock
	$(COMPILE) -c requirements-test.lock pyproject.toml -o requirements.lock
	$(COMPILE) $(CALIBRATION).in -o $(CALIBRATION).lock
	$(COMPILE) -c requirements.lock $(PEERS).in -o $(PEERS).lock

clean:  ## remove the environment and the caches, keep reports
	rm -rf .venv .venv-calibration .peers .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

# The installer stays outside of the environment; byte code is written when a module is first used.
define install
	@echo "Installing the packages of $(1) ..."
	@tool=$$(mktemp -d) && trap 'rm -rf "$$tool"' EXIT && \
	if $(BIN)/python -m pip install --quiet --disable-pip-version-check --target "$$tool" uv \
		&& "$$tool/bin/uv" pip install --python $(BIN)/python --require-hashes -r $(1) \
		&& "$$tool/bin/uv" pip install --python $(BIN)/python --no-deps -e .; then :; \
	else echo "uv did not succeed, going on with pip (slower) ..." \
		&& $(BIN)/python -m pip install --disable-pip-version-check --no-compile --require-hashes -r $(1) \
		&& $(BIN)/python -m pip install --disable-pip-version-check --no-deps -e .; fi
	@touch $@
endef

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "gdplan needs Python 3.11 or newer; found $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(call install,requirements.lock)

$(EXTRAS): requirements-extras.lock $(STAMP)
	$(call install,requirements-extras.lock)

$(TESTS): requirements-test.lock $(STAMP)
	$(call install,requirements-test.lock)

# Of its own: a peer of the outlook needs an older pandas than the project.
.venv-calibration/.ready: $(CALIBRATION).lock
	@test -x .venv-calibration/bin/python || $(PYTHON) -m venv .venv-calibration
	@.venv-calibration/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r $(CALIBRATION).lock
	@touch $@

# Beside the environment, not in it: only the benchmark of batches puts it on its path.
.peers/.ready: $(PEERS).lock $(TESTS)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade \
		--require-hashes --target .peers -r $(PEERS).lock
	@touch $@
