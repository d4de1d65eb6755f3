# AKIG's commands. Each is safe to repeat and quick the second time.
# Nothing but make, Python 3.11 or newer and the network is needed beforehand.

.DEFAULT_GOAL := help
.PHONY: help run test check bench fix setup setup-dev packages
PYTHON := .venv/bin/python
PIP := $(PYTHON) -m pip install --disable-pip-version-check --quiet
SIZE ?= agency

help:
	@echo "make run              the whole of AKIG on http://127.0.0.1:8000 (PORT=, HOST=, DEMO=0, AKIG_VAR=)"
	@echo "make test             the whole suite, from nothing (ARGS= for pytest)"
	@echo "make check            what must hold before a commit: style, known flaws, ladder, migrations, deployment, tests"
	@echo "make bench SIZE=agency|network   the measured budgets beside their limits"
	@echo "make fix              let ruff mend and format"

run: setup packages
	@AKIG_LOCAL=$${AKIG_LOCAL:-1} exec $(PYTHON) manage.py run

test: setup-dev packages
	@AKIG_LOCAL=1 exec $(PYTHON) -m pytest -n auto $(ARGS)

check: setup-dev packages
	@bash deploy/check.sh

bench: setup-dev packages
	@AKIG_LOCAL=1 exec $(PYTHON) -m tests.benchmarks $(SIZE)

fix: setup-dev
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

setup: .venv/requirements.stamp
setup-dev: .venv/requirements-dev.stamp

packages:
	@sh deploy/packages.sh run

$(PYTHON):
	@sh deploy/venv.sh

.venv/requirements.stamp: requirements.txt | $(PYTHON)
	@echo "Installing the packages of requirements.txt…"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/requirements-dev.stamp: requirements-dev.txt .venv/requirements.stamp
	@echo "Installing the packages of requirements-dev.txt…"
	@$(PIP) -r requirements-dev.txt
	@touch $@
