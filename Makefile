# Every target sets up what it needs: a machine with Python, pip and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DO_NOT_TRACK := 1

.PHONY: demo test test-slow test-paper bench bench-list check setup lock serve bundle clean
.DEFAULT_GOAL := help

help:
	@echo "make demo       the demo county, five years, end to end (synthetic data)"
	@echo "make test       all tests but the slow ones and the lints of the house"
	@echo "make test-slow  the slow ones"
	@echo "make test-paper those that need LibreOffice or Chromium"
	@echo "make bench-list a list of 200,000 rows against the bare reader; figures to tests/bench/list_speed.md"
	@echo "make bench      against bare DuckDB, pandas and polars; BENCH='province:1:3 nation:1' chooses"
	@echo "make check      ruff, ty, sqlfluff, the house: directions of imports, portable SQL"
	@echo "make serve      Prefect server and runner on this machine, deployments annual, backfill, intake"
	@echo "make bundle     dist/junheng-…-offline.zip: wheels for Linux and Windows, installers"
	@echo "make lock       compile requirements.lock anew from pyproject.toml"

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@begun=$$(date +%s); \
	$(PYTHON) -m venv $(VENV) && \
	$(BIN)/pip install --quiet --disable-pip-version-check uv && \
	VIRTUAL_ENV=$(CURDIR)/$(VENV) UV_COMPILE_BYTECODE=1 $(BIN)/uv pip sync --quiet --require-hashes requirements.lock && \
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable . && \
	$(BIN)/python -m compileall -q contracts flows transforms warehouse && \
	touch $@ && echo "set-up took $$(( $$(date +%s) - begun )) s"

demo: setup
	@begun=$$(date +%s); $(BIN)/junheng demo; status=$$?; \
	echo "make demo took $$(( $$(date +%s) - begun )) s after set-up"; exit $$status

# Two halves at once, each on a core; a new folder under tests/ is in one of them by its first letter. The house has
# lints alone and belongs to `make check`.
MIDDLE := $(wildcard tests/[i-r]*/)
test: setup
	@begun=$$(date +%s); mkdir -p build; \
	$(BIN)/python -m pytest -q -p no:cacheprovider $(MIDDLE) > build/tests-i-r.log 2>&1 & other=$$!; \
	$(BIN)/python -m pytest -q $(filter-out $(MIDDLE) tests/house/,$(wildcard tests/[a-z]*/)); mine=$$?; \
	wait $$other; theirs=$$?; cat build/tests-i-r.log; \
	echo "make test took $$(( $$(date +%s) - begun )) s after set-up"; test $$mine -eq 0 -a $$theirs -eq 0

test-slow: setup
	$(BIN)/python -m pytest -q -m slow

test-paper: setup
	$(BIN)/python -m pytest -q -m paper

bench-list: setup
	$(BIN)/python -m tests.bench.list_speed -o tests/bench/list_speed.md

bench: setup
	$(BIN)/python -m tests.bench.race $(BENCH)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/ty check
	$(BIN)/sqlfluff lint sql
	$(BIN)/python -m pytest -q tests/house

serve: setup
	$(BIN)/python -m flows.deploy.serve

bundle: setup
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/python -m flows.deploy.bundle

lock: setup
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --universal \
	    --python-version 3.11 --no-header --no-annotate --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis
