# `make demo` and `make test` are all that is needed. Nothing outside this folder is changed, except that `make test`, run as root
# on Debian or Ubuntu, installs PostgreSQL, Chromium, Poppler and ZBar for the tests where they are missing.

PYTHON ?= python3
PORT ?= 8000
DIR ?= var/demo
GRADUATES ?=
JOBS ?= 2
TESTS ?=
NAMES ?=

venv := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench screenshots translations dev clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: ## A whole season on http://127.0.0.1:8000 (PORT=, DIR=, GRADUATES=)
	@$(PYTHON) tools/prepare.py runtime
	@$(venv)/clearance demo --dir "$(DIR)" --port "$(PORT)" $(if $(GRADUATES),--graduates "$(GRADUATES)")

test: dev ## Every check and test, on SQLite, PostgreSQL and in a browser (TESTS=tests/db, JOBS=2)
	@failed=0; $(MAKE) --no-print-directory lint || failed=1; \
	$(venv)/python -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder $(TESTS) || failed=1; exit $$failed

lint: dev ## Style and types
	@failed=0; $(venv)/python -m ruff check . || failed=1; $(venv)/python -m mypy || failed=1; exit $$failed

bench: dev ## What it costs, beside the floor of this machine (NAMES="ledger")
	@$(venv)/python -m bench $(NAMES)

screenshots: dev ## Renew the pictures in docs/pictures from the running product
	@$(venv)/python -m tools.screenshots

translations: dev ## Find new sentences for the Chinese catalogue, and say which lack Chinese
	@$(venv)/python -m web.i18n update

dev:
	@$(PYTHON) tools/prepare.py dev

clean: ## Remove the environment and caches (not var/)
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
