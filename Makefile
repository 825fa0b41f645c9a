# Everything is set up by the targets themselves: Python 3.11+, make and a package index are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
NAVIGATEUR := tests/web/test_theme.py tests/web/test_navigateur.py tests/evidence/test_page_navigateur.py
# Where the environment forbids it, each command would compile the whole program again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test test-web check bench tamper format lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## / : /' | sort

demo: $(STAMP) ## record the sample dossiers, show what the ledger says of them, open the site
	@$(BIN)/constat demo

test: $(STAMP) ## the whole test suite, on a real PostgreSQL
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test-web: $(STAMP) ## the pages in a real browser, which it installs where there is none
	@$(BIN)/python -c 'from tests.evidence.navigateurs import chromium_path; raise SystemExit(chromium_path() is None)' \
		|| $(BIN)/python -m playwright install chromium || apt-get install --yes chromium \
		|| { echo "Chromium cannot be installed from here: install it, or name it in CONSTAT_CHROMIUM" >&2; exit 1; }
	$(BIN)/python -m pytest -n 2 --dist loadfile $(NAVIGATEUR)

check: $(STAMP) ## lint, format, types, import contracts, documentation of the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate --quiet tests
	$(BIN)/python -m ledger.glossary --check

bench: $(STAMP) ## figures against peers, as ratios in one run on this machine
	$(BIN)/python -m bench

tamper: $(STAMP) ## what a hostile administrator can do to the ledger, and who notices
	$(BIN)/python -m bench.tamper

format: $(STAMP) ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP) ## resolve the dependencies again, with the digest of every file
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links --extra embedded --extra dev --output-file requirements.lock pyproject.toml

clean: ## remove what the targets made here (the ledger's data is elsewhere and stays)
	rm -rf $(VENV) *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# pip checks every file against its digest in the lock. The stamp comes last: a set-up that was cut off starts again.
# A Python without ensurepip (Debian's, bare) lends its own pip to the environment.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) 2>/dev/null || $(PYTHON) -m venv --clear --without-pip $(VENV)
	@echo "Setting up $(VENV) (once, about half a minute)" >&2
	@if $(BIN)/python -m pip --version >/dev/null 2>&1; then pip="$(BIN)/python -m pip"; else pip="$(PYTHON) -m pip --python $(BIN)/python"; fi; \
		$$pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
		$$pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)
