# Everything runs from `.venv` in the checkout; `make setup` makes it, and the others ask for it by themselves.

SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
PY := $(BIN)/python
CODE := models matcher jobs api console capweave service migrations bench tests tools

# The first Python of a version that the project supports, and that really starts (a shim may not).
FIND_PYTHON = for p in $(PYTHON) python3 python3.11 python3.12 python3.13 /usr/bin/python3; do \
	if "$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; \
	then echo "$$p"; exit 0; fi; done; \
	echo "Capweave needs Python 3.11, 3.12 or 3.13; none was found." >&2; exit 1

.PHONY: help setup run test check bench lock clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup:  ## Make .venv from the lock (nothing happens where it is up to date)
	@python="$$($(FIND_PYTHON))" && "$$python" tools/setup.py

run:  ## Start the service with the demonstration market; Ctrl-C stops it
	@python="$$($(FIND_PYTHON))" && "$$python" tools/setup.py --without-loops
	@exec $(BIN)/capweave serve --demo

# Bytecode is kept, whatever the machine says: tests begin dozens of processes, which would compile everything anew.
test: setup  ## Run all tests
	PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -n 2 --dist loadfile

check: setup  ## Formatting, lint, types, import contracts, migrations up, check and down
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(PY) -m mypy
	$(BIN)/lint-imports
	$(PY) -m service.migrate check

bench: setup  ## Run the benchmarks
	$(PY) -m bench

lock: setup  ## Solve the dependencies anew and write the locks, which name no host
	$(BIN)/uv --no-config pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade pyproject.toml -o requirements.txt
	$(BIN)/uv --no-config pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	@if grep -nE '://|^-i |--index-url|--find-links' requirements*.txt; then \
		echo "a lock names a host or a folder of this machine" >&2; exit 1; fi

clean:  ## Remove .venv and caches; the data in .capweave stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
