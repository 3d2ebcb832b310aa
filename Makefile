# Sales performance workbench. `make help` lists what there is.
PYTHON ?= python3
BIN := .venv/bin
CPUS := $(shell nproc 2>/dev/null || echo 2)
# tests that wait for a browser leave a core idle: two processes more, where memory allows (3 GB each)
WORKERS := $(shell awk -v n=$(CPUS) '/^MemTotal/{big = $$2 > 3000000 * (n + 3)} END{print big ? n + 2 : n}' /proc/meminfo 2>/dev/null || echo $(CPUS))
PROPERTIES := $(shell grep -lr "examples import examples" tests --include=test_*.py)
WORKSPACE ?= data/sample/spm.toml

.DEFAULT_GOAL := help
.PHONY: help setup check types notebooks test report dashboard lab docs golden validate bench lock clean

help: ## explain the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  WORKSPACE=path/to/spm.toml points report and dashboard at another client."

setup: .venv/.ok ## set up the Python environment in .venv (locked versions, hashes checked)

.venv/.ok: requirements-lock.txt pyproject.toml
	@echo "Setting up .venv (once, one to three minutes) ..."
	@# twice quiet: errors only, without a line for every package that one of several mirrors lacks
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Python 3.11 or newer is needed: set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-lock.txt
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

report: setup ## make the three reports of the sample company and print where to open them
	@$(BIN)/spm report funnel forecast reps --workspace $(WORKSPACE)

dashboard: setup ## serve the dashboards and print their address
	@$(BIN)/spm dashboard --workspace $(WORKSPACE)

lab: setup ## open JupyterLab on the notebooks
	@$(BIN)/jupyter lab --ServerApp.root_dir=notebooks

# small matrices: a second thread of BLAS waits more than it computes
check test notebooks golden validate: export OPENBLAS_NUM_THREADS = 1

check: setup ## the quick half: format, lint, types, rooms, unit tests (under 2 minutes)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --level error
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q -n $(CPUS) -m "not slow and not proof"

test: setup ## everything: unit, property, notebook, browser, documentation (under 10 minutes on 2 cores)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tests/browser/chromium.py
	$(BIN)/python -m tests.engines
	@$(MAKE) --no-print-directory --jobs=2 types notebooks
	@# threads of polars wait for each other where processes are more than cores: to a quarter of the work;
	@# the notebooks, `check`, `golden` and `validate` keep them, and test_same_bytes.py in each run
	POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile -m "not proof"

# the checker knows one core: meanwhile the other compiles the tests, which each process would do for itself,
# and runs the notebooks
types:
	$(BIN)/basedpyright --level error

notebooks:
	@$(BIN)/python -m pytest -qqq --collect-only -m "not proof" > /dev/null || true
	$(BIN)/python -m pytest -q -n $(CPUS) --dist loadfile -p no:randomly --nbval-lax --nbval-kernel-name spm notebooks/reports
	$(BIN)/python -m pytest -q -n $(CPUS) --dist loadfile -p no:randomly --nbval notebooks/tour

golden: setup ## rewrite golden files and generated documentation (then read the diff)
	$(BIN)/python -m pytest -q --golden

docs: golden ## regenerate the generated pages of docs/

validate: setup ## the heavy proofs (kills, many seeds); regenerates the tables of docs/validation.md
	$(BIN)/python -m pytest -q -n $(CPUS) --dist loadfile -m proof
	SPM_EXAMPLES=10 $(BIN)/python -m pytest -q -n $(CPUS) $(PROPERTIES)
	@# every metric of DuckDB over a PostgreSQL that it attaches, which asks for a DuckDB before ours
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade --target .venv/attached -r requirements-attached.txt
	PYTHONPATH=.venv/attached $(BIN)/python -m pytest -q -m proof tests/metrics/test_on_attached_postgres.py
	$(BIN)/python -m benchmarks.validation

bench: setup ## the measurements side by side; regenerates docs/performance.md
	$(BIN)/python -m benchmarks.performance
	$(BIN)/python -m benchmarks.ahead
	@# printed only: docs/scale.md and the gate of pay are measured at ten times this size
	$(BIN)/python -m benchmarks.size --small 100000 --large 1000000 --rounds 1 --print
	$(BIN)/python -m benchmarks.pay_speed 100000 1

lock: ## make requirements-lock.txt anew from requirements.in (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-package rfc3987-syntax --no-emit-package lark requirements.in -o requirements-lock.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes requirements-engines.in -o requirements-engines.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes requirements-attached.in -o requirements-attached.txt

clean: ## remove the environment and everything generated
	rm -rf .venv reports/*/ .pytest_cache .ruff_cache .hypothesis build *.egg-info
