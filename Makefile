# Needs python3 (3.11, with venv) and make; brings the rest. `make` alone lists what it can do.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PY     := $(BIN)/python
JS_DIR := src/callroom/pulse/static/pulse/js
JS_IN  := $(addprefix browser/,checkin.js council.js device.js sw.js words-en.js words-es.js)
JS_OUT := $(patsubst browser/%,$(JS_DIR)/%,$(JS_IN))
ESBUILD = node_modules/@esbuild/$$(uname -s | tr A-Z a-z)-$$(uname -m | sed 's/x86_64/x64/;s/aarch64/arm64/')/bin/esbuild
WITH_NODE = PATH="$$PATH:$(CURDIR)/$(BIN)"
PYTEST := $(PY) -m pytest -p no:cacheprovider
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# With this variable set no process would keep its bytecode, and each start would take 0.6 s longer.
unexport PYTHONDONTWRITEBYTECODE

# install FILE: with uv when it can be had (five times faster), else with pip. Both check every hash.
define install
	$(PY) -m pip install -q --require-hashes -r requirements/uv.txt \
	  && VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install -q --require-hashes -r $(1) \
	  || $(PY) -m pip install -q --require-hashes -r $(1)
	@echo "$(CURDIR)/src" > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/callroom.pth"
	@printf '#!/bin/sh\nexec "%s/$(PY)" -m callroom "$$@"\n' "$(CURDIR)" > $(BIN)/callroom && chmod +x $(BIN)/callroom
endef

.DEFAULT_GOAL := help
.PHONY: help run production test check lint types imports migrations unit stories postgres journeys browser-unit docs \
  screenshots bench lab lock inventory clean assets translations

help: ## what make can do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(VENV)/.base assets translations ## the demo hospital: set up what is missing, then serve it
	@$(PY) -m callroom demo

production: $(VENV)/.base assets translations ## what a server needs, without the tools for tests

test: ready ## everything: style, types, browser code, PostgreSQL, then all tests on SQLite
	@$(MAKE) --no-print-directory -j 2 --output-sync=target lint migrations browser-unit
	@$(MAKE) --no-print-directory postgres
	@$(PYTEST) -n 2 --dist loadgroup --no-loadscope-reorder

check: ready lint migrations unit ## the quick half of `make test`

lint: $(VENV)/.dev types imports ## style, types, import contracts, templates
	@$(BIN)/ruff check . && $(BIN)/ruff format --check -q . && $(BIN)/djlint src --lint --quiet

types: $(VENV)/.dev ## strict types
	@$(BIN)/mypy

imports: $(VENV)/.dev ## the order of packages
	@$(BIN)/lint-imports --no-cache > build-imports.log 2>&1 || (cat build-imports.log; rm -f build-imports.log; exit 1)
	@rm -f build-imports.log

migrations: $(VENV)/.dev ## models and migrations in step
	@CALLROOM_DATA=$$(mktemp -d) $(PY) -m callroom makemigrations --check --dry-run

unit: ready ## core, unit and rules
	@$(PYTEST) -n 2 tests/core tests/unit tests/rules

stories: ready ## through actions, queries and views, with a database
	@$(PYTEST) -n 2 tests/stories

postgres: ready ## stories on PostgreSQL (units know no database)
	@tools/with-postgres.sh $(PYTEST) -n 2 -q -m "not one_store" tests/stories

journeys: ready ## a browser walks the product
	@$(PYTEST) tests/journeys

browser-unit: node_modules/.done ## the browser code by itself
	@$(WITH_NODE) node --test browser/test/*.test.js

inventory: $(VENV)/.dev ## what it stands on, where it computes with keys, the bill of materials (CycloneDX)
	@$(PY) tools/inventory.py

docs: $(VENV)/.dev inventory ## write the generated reference pages anew
	@CALLROOM_DATA=$$(mktemp -d) $(PY) -m callroom reference --write docs/reference

screenshots: ready ## main pages and states: phone and desktop, light and dark, both languages
	@$(PY) tools/screenshots.py screenshots

bench: ready ## performance beside a baseline of the same run
	@$(PY) -m benches

.PHONY: ready
ready: $(VENV)/.dev $(VENV)/.system assets translations ## bring everything that the other recipes need

assets: $(JS_OUT) ## bundle the browser code

translations: $(VENV)/.base ## compile the catalogues
	@$(PY) -m callroom.site.translations

$(PY):
	@tools/system.sh venv
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements/base.txt requirements/uv.txt | $(PY)
	@$(call install,requirements/base.txt)
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/uv.txt | $(PY)
	@$(call install,requirements/dev.txt)
	@touch $@ $(VENV)/.base

$(VENV)/.system: tools/system.sh | $(PY)
	@tools/system.sh tests
	@touch $@

# esbuild itself is one native file and needs no Node: only `npm ci` does.
node_modules/.done: package.json package-lock.json | $(PY)
	@command -v npm >/dev/null || $(PY) -m pip install -q --require-hashes -r requirements/node.txt
	@$(WITH_NODE) npm ci --ignore-scripts --silent
	@touch $@

$(JS_DIR)/%.js: browser/%.js node_modules/.done $(wildcard browser/*.js)
	@mkdir -p $(@D)
	@$(ESBUILD) $< --bundle --minify --format=esm --target=es2022 --charset=utf8 --log-level=warning --outfile=$@

lab: ready ## attack a whole simulated institution, let a year pass: an hour and a half at most (LAB="--short": minutes)
	@$(PY) -m lab $(LAB)

bench-signals: ready ## how soon signals see a decline, beside textbook charts and a bound (hours; ARGS="headline --quick" for a look)
	@$(PY) -m benches.signals $(ARGS)

lock: $(VENV)/.dev ## newer versions of what we stand on
	@cd requirements && for f in uv node base dev; do ../$(BIN)/uv pip compile -q -U --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header $$f.in -o $$f.txt || exit 1; done
	@! grep -nE 'https?://' requirements/*.txt package-lock.json

clean: ## forget everything that was made here
	@rm -rf $(VENV) node_modules var $(JS_DIR) build-imports.log
