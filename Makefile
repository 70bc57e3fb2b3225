# Two commands: `make demo` and `make test`. Both set up what they need in the checkout first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9

.PHONY: setup demo test check bench ablate regulations histories bundle clean lock

setup: $(VENV)/.complete

$(VENV)/.complete: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Zhixi needs Python 3.11 or later")'
	@echo "Setting up a virtual environment in $(VENV) (about 500 MB, a few minutes the first time)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip sync --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

bundle: setup
	@$(BIN)/python deploy/bundle

demo: bundle
	@$(BIN)/zhixi demo

check: setup
	@deploy/check

test: bundle
	@deploy/test

bench: setup
	@$(BIN)/python -m tests.bench --large-audience --many-items

regulations: setup
	@$(BIN)/python -m tests.registry

histories: setup
	@ZHIXI_HISTORIES=long $(BIN)/python -m pytest -q tests/properties/test_chronicle.py

ablate: setup
	@$(BIN)/python -m tests.ablation

lock:
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group dev --no-header --no-emit-index-url pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) .services .demo .zhixi api/static api/client/node_modules
