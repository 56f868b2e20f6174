# The doors: make run, make test, make test-all, make bench.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
PDF_LIBRARIES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
PYTEST := $(BIN)/pytest -q -n 2

# the demo's own database, apart from any real one
DEMO := $(CURDIR)/instance/demo
DEMO_FLASK := CLINIC_INSTANCE="$(DEMO)" CLINIC_DATABASE_URL="sqlite:///$(DEMO)/demo.sqlite3" $(BIN)/flask --app wsgi

help:  ## what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name words; do printf '%-18s %s\n' "$$name" "$$words"; done

run: $(VENV)/app pdf-libraries  ## set everything up, load the demo clinic once, and serve it on http://127.0.0.1:8000
	@$(DEMO_FLASK) clinic demo load
	@$(DEMO_FLASK) clinic serve

test: $(VENV)/dev pdf-libraries browser lint  ## linters, types, layers, then every test (SQLite; PostgreSQL where it matters)
	$(PYTEST)

test-all: $(VENV)/dev pdf-libraries browser lint  ## everything on both databases, every page in every language, faults, mutation, audit of packages
	$(PYTEST) --everything-on-both --heavy
	$(BIN)/mutmut run
	$(BIN)/pip-audit --disable-pip --require-hashes -r requirements.lock

bench: $(VENV)/dev  ## what the acts of an evening cost with years in the database, on both engines; JSON to $$BENCH_OUT
	$(BIN)/python -m tests.bench

lint: $(VENV)/dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet clinic/templates

catalog: $(VENV)/app  ## gather the words of the sources into the catalogues and say what is to be translated
	$(BIN)/python -m clinic.kernel.catalogues

lock:  ## write the lock files anew from pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --extra dev pyproject.toml -o requirements-dev.lock

# ---- set-up ----

$(VENV)/app: requirements.lock
	@$(MAKE) --no-print-directory install LOCK=$<
	@touch $@

$(VENV)/dev: requirements-dev.lock
	@$(MAKE) --no-print-directory install LOCK=$<
	@touch $@ $(VENV)/app

install:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed: $(PYTHON) is $$($(PYTHON) --version 2>&1)"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The venv module is missing. Run: sudo apt-get install python3-venv"; exit 1; }
	@echo "Installing what $(LOCK) names into $(VENV) …"
	@$(BIN)/pip install -q --disable-pip-version-check --no-input --require-hashes -r $(LOCK)

# Three system libraries draw the PDFs; without them everything else works, and a PDF says that it cannot be made.
pdf-libraries: $(VENV)/app
	@$(BIN)/python -c 'import weasyprint' 2>/dev/null || $(call apt,$(PDF_LIBRARIES),PDFs cannot be made)

# What the tests look with: a browser, what Playwright's driver stands on, and a second reader of PDFs.
browser: $(VENV)/dev
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null && command -v pdftotext >/dev/null \
		&& $(BIN)/playwright --version >/dev/null 2>&1 \
		|| $(call apt,chromium libatomic1 poppler-utils,the tests in a browser are left out)

# $(call apt,packages,what is lost without them): install with the right to, else say the line and go on
apt = { \
	if [ "$$(id -u)" = 0 ]; then sudo=""; elif sudo -n true 2>/dev/null; then sudo=sudo; else sudo=no; fi; \
	if [ "$$sudo" = no ] || ! command -v apt-get >/dev/null; then echo "Until this is run, $(2):  sudo apt-get install -y $(1)"; exit 0; fi; \
	echo "Installing $(1) …"; \
	{ $$sudo apt-get update -q && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -q --no-install-recommends $(1); } >$(VENV)/apt.log 2>&1 || { tail -n 5 $(VENV)/apt.log; echo "Until this is run, $(2):  sudo apt-get install -y $(1)"; }; \
}

.PHONY: bench browser catalog help install lint lock pdf-libraries run test test-all
