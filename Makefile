PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help

help:            ## print this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 16

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"slotwise needs Python 3.11 to 3.13, {sys.executable} is {v[0]}.{v[1]}: set PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

install: $(INSTALLED)  ## make .venv with the slotwise command in it

serve: install   ## serve the ready bundle on http://127.0.0.1:8000
	@$(BIN)/slotwise serve

test: install    ## run the tests
	@$(BIN)/python -m pytest

chaos: install   ## all that goes wrong, done to the real service (3 minutes)
	@$(BIN)/python -m tests.chaos.chaos

test-ray:        ## jobs on a real Ray cluster, killed meanwhile (needs root; 10 minutes on busy cores, and a .venv-ray of 1.7 GB)
	@test -x .venv-ray/bin/ray || { $(PYTHON) -m venv .venv-ray && .venv-ray/bin/python -m pip install --quiet \
	--disable-pip-version-check --constraint constraints.txt --editable '.[dev,ray]'; }
	@.venv-ray/bin/python -m pytest tests/ray -p no:cacheprovider -rs

test-retraining: install  ## from a correction to a better model, killed on the way, MLflow and TensorBoard (5 minutes)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[browser,mlflow,tensorboard]'
	@$(BIN)/python -m pytest tests/retraining tests/model/test_registry.py

check-deploy: install  ## the files of deploy/ by the checkers of their kinds (nginx and promtool where they are installed)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[deploy]'
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m pytest tests/deploy/test_checkers.py tests/deploy/test_files.py -rs

test-deploy: install  ## nginx and Prometheus, of the system, in front of replicas that are killed and exchanged (12 minutes on busy cores)
	@$(BIN)/python -m pytest tests/deploy/test_story.py tests/deploy/test_names.py tests/deploy/test_read_only.py -s -rs

test-browser: install  ## the playground in a real Chromium, on the PATH or named by CHROMIUM (3 minutes)
	@command -v "$${CHROMIUM:-chromium}" > /dev/null || { echo "no Chromium: install it, or set CHROMIUM" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[browser]'
	@$(BIN)/python -m pytest tests/browser

test-cuda: install  ## CPU and GPU say the same, service, jobs and training on a GPU; skipped without one
	@$(BIN)/python -m pytest tests/cuda -rs

test-release: install  ## the wheel in an empty environment, one version, permissive licences (3 minutes)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[release]'
	@$(BIN)/python -m pytest tests/release

licences: install  ## write docs/licences.md: what each extra brings along (5 minutes)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[release]'
	@$(BIN)/python -m tests.release.licences

audit: install   ## known weaknesses of what is installed; fails where PyPI's database cannot be reached
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[release]'
	@$(BIN)/python -m pip freeze --exclude-editable | sed 's/+.*//' | \
	$(BIN)/python -m pip_audit --requirement /dev/stdin --no-deps --disable-pip --strict

test-docs: install  ## every command of the documents, the worked example, a generated client (10 minutes)
	@test -x .venv-clients/bin/openapi-python-client || { $(PYTHON) -m venv .venv-clients && .venv-clients/bin/python -m pip install \
	--quiet --disable-pip-version-check openapi-python-client; }
	@$(BIN)/python -m pytest tests/docs -rs

docs: install    ## write the HTTP and the command reference
	@$(BIN)/python -m tests.docs.references

fuzz: install    ## ten minutes of any text through the values
	@FUZZ_EXAMPLES=30000 $(BIN)/python -m pytest tests/model/values/test_values_properties.py

format: install  ## format the code
	@$(BIN)/python -m ruff format .
	@$(BIN)/python -m ruff check --fix .

lint: install    ## check format and lint
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m ruff check .

types: install   ## check types
	@$(BIN)/python -m mypy

check: lint types test  ## everything that CI runs

clean:           ## remove the virtual environment and caches
	rm -rf $(VENV) .venv-ray .venv-clients .mypy_cache .pytest_cache .ruff_cache dist

.PHONY: help install serve test docs test-docs test-cuda test-release licences audit check-deploy test-deploy test-retraining test-ray test-browser chaos fuzz format lint types check clean
