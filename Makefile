# Clientele: every command sets up what it needs. `make` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python
UV := .venv/bin/uv
WINDOW := $(if $(FROM),--from $(FROM)) $(if $(TO),--to $(TO))
SAMPLE := $(if $(CUSTOMERS),--customers $(CUSTOMERS)) $(if $(SEED),--seed $(SEED)) $(WINDOW)
CHAOS := $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED)) \
  $(if $(TRIAL),--trial $(TRIAL)) $(if $(REPORT),--report $(REPORT))

.PHONY: help run serve refresh check archive rollback sample test chaos lint bench docs lock env env-dev env-superset browser

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: env env-superset ## sample bank, refresh, dashboards and Dagster's UI; Ctrl-C stops
	@$(PY) -m orchestration.serve --sample --refresh

serve: env env-superset ## only the servers, on the published release
	@$(PY) -m orchestration.serve

refresh: env ## only the refresh: [FROM=YYYY-MM-DD] [TO=YYYY-MM-DD]; see the exit code
	@$(PY) -m orchestration.refresh $(WINDOW)

check: env ## only check seeds/policy; problems come with file, line and column
	@$(PY) -m orchestration.check

archive: env ## move loaded deliveries out of landing: BEFORE=YYYY-MM-DD
	@$(PY) -m orchestration.archive --before "$(BEFORE)"

rollback: env ## go back to the previous release
	@$(PY) -m orchestration.rollback

sample: env ## deliver a sample bank: [CUSTOMERS=] [FROM=] [TO=] [SEED=]
	@$(PY) -m seeds.sample_bank $(SAMPLE)

test: env-dev env-superset browser ## everything the tests need, then all tests
	@$(PY) -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadgroup --no-loadscope-reorder $(TESTS)

chaos: env-dev env-superset ## kill at every step and check that it converges: [KILLS=] [SEED=] [TRIAL=] [REPORT=]
	@$(PY) -m tests.chaos $(CHAOS)

lint: env-dev ## ruff, mypy, sqlfluff
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && scripts/lint-sql

bench: env ## measure: [WHICH=bank|million]; see benchmarks/README.md
	@$(PY) -m benchmarks.run $(WHICH)

docs: env ## regenerate table and delivery references, dbt sources and dashboard labels
	@$(PY) -m docs.generate

lock: env-dev ## compile the locks from pyproject.toml again
	@scripts/lock

env: .venv/.pipeline
env-dev: .venv/.dev
env-superset: .venv-superset/.superset

.venv/bin/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Clientele needs Python 3.11 or newer; set PYTHON=")'
	@$(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/.pipeline: requirements/pipeline.txt | .venv/bin/uv
	@echo "installing requirements/pipeline.txt"
	@$(UV) pip install --quiet --compile-bytecode --python $(PY) --require-hashes -r $<
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/bin/uv
	@echo "installing requirements/dev.txt"
	@$(UV) pip install --quiet --compile-bytecode --python $(PY) --require-hashes -r $<
	@touch $@ .venv/.pipeline

.venv-superset/.superset: requirements/superset.txt | .venv/bin/uv
	@echo "installing requirements/superset.txt"
	@$(UV) venv --quiet --clear --python $(PY) .venv-superset
	@$(UV) pip install --quiet --compile-bytecode --python .venv-superset/bin/python --require-hashes -r $<
	@touch $@

browser: ## Chromium and a Chinese font, for the dashboard tests
	@if ! command -v chromium >/dev/null || ! fc-list :lang=zh | grep -q .; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing chromium and fonts-noto-cjk"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fontconfig >/dev/null; \
	  else \
	    echo "The dashboard tests need Chromium and a Chinese font. Install them first:"; \
	    echo "  sudo apt-get install chromium fonts-noto-cjk fontconfig"; exit 1; \
	  fi; \
	fi
