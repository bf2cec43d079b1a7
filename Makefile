# One verb per job; CI calls the same verbs. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export PYTHON ?= python3
ENV := $(or $(CLICKSTREAM_ENV),local)
comma := ,
# A company's proxy is for the world outside, not for the servers of the laptop cloud.
export NO_PROXY := localhost,127.0.0.1$(addprefix $(comma),$(NO_PROXY))
export no_proxy := $(NO_PROXY)
# Without bytecode every command here would compile all that it imports, again and again.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTHONDONTWRITEBYTECODE

PYTEST := pytest --numprocesses 3 --junitxml
PAGES := docs/*.md docs/*/*.md

.PHONY: help setup demo up down test test-laptop faults drill check synth nag diff deploy destroy ci-local licences sbom \
  audit bench docs lock clean

help: ## List the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: node_modules/.installed ## Install everything this project needs (no root, no account)

.venv/.installed: requirements-dev.txt requirements-node.txt package-lock.json pyproject.toml laptop/pyproject.toml
	@scripts/setup

node_modules/.installed: .venv/.installed
	@test -e $@ || scripts/setup

demo: setup ## The main job on a laptop cloud of its own: EVENTS=file.ndjson[.gz] sends that file, COUNT=n makes n events
	@clickstream demo $${EVENTS:+--events "$$EVENTS"} $${COUNT:+--count "$$COUNT"}

up: setup ## The laptop cloud, kept running, with the pipeline deployed
	@clickstream up

down: setup ## Stop it
	@clickstream down

test: setup ## Every test of the product
	@$(PYTEST) reports/test.xml

test-laptop: setup ## Every test of the laptop project, those of its page in Chromium
	@scripts/chromium
	@cd laptop && $(PYTEST) ../reports/test-laptop.xml --dist loadfile --no-loadscope-reorder

faults: setup ## Every fault at every statement of every change to a Snowflake object; FLOW=name tries only those flows
	@python -m tests.faults $${FLOW:+"$$FLOW"}

drill: setup ## Break the running pipeline in every known way, and see which alarm tells; FLOW=name tries only those drills
	@python -m tests.drills $${FLOW:+"$$FLOW"}

check: setup ## Lint, format, types, import contracts, generated tables, the pipeline file against GitLab's schema
	@ruff check .
	@ruff format --check .
	@mypy
	@cd laptop && mypy
	@lint-imports
	@cog --verbosity 1 --check -I . $(PAGES)
	@check-jsonschema --builtin-schema vendor.gitlab-ci .gitlab-ci.yml

synth: setup ## Templates of ENV (default local) into cdk.out/
	@cdk synth --quiet --context env="$(ENV)"
	@echo "templates of environment $(ENV) are in cdk.out/"

nag: setup ## The security review of every environment and option; PACKS=all adds general standards and further reviewers
	@PACKS=$(PACKS) $(PYTEST) reports/nag.xml tests/infrastructure/{test_review,full_review,test_exposure}.py
	@test "$(PACKS)" != all || scripts/reviewers

diff: setup ## What deploying cdk.out/ would change of what is deployed; BASE=commit: of that commit's templates
	@mkdir -p reports
	@python -m ci diff "$(ENV)" $${BASE:+--base "$$BASE"} 2>&1 | tee reports/cdk-diff.txt

deploy: setup ## Deploy cdk.out/ of ENV as it is: first `make synth`, then read `make diff`
	@python -m ci deploy "$(ENV)"

destroy: setup ## Delete the stacks of ENV, never of a production environment
	@python -m ci destroy "$(ENV)"

ci-local: setup ## The pipeline's lint, test and security jobs, on a clean clone of what is committed; ONLY=job for one
	@scripts/ci-local $${ONLY:-}

licences: setup ## Check the licence of every dependency against the allow lists
	@pip-licenses --summary
	@echo "npm packages under other licences than the allowed:"
	@npm query ':not([license=MIT], [license=ISC], [license=0BSD], [license=Apache-2.0], [license=MPL-2.0])' --expect-result-count 0

sbom: setup ## Bills of materials (CycloneDX) into build/sbom/: of all that is installed, and of what each Lambda deploys
	@mkdir -p build/sbom
	@cyclonedx-py environment --pyproject pyproject.toml -o build/sbom/python.cdx.json
	@npm sbom --sbom-format cyclonedx > build/sbom/npm.cdx.json
	@for part in snowflake_setup producer; do cyclonedx-py requirements $$part/requirements.txt -o build/sbom/$$part.cdx.json; done

audit: setup ## Known vulnerabilities of every locked package; fails, too, when the databases cannot be asked
	@scripts/audit

bench: setup ## Benchmarks, as ratios measured in one run
	@python -m bench

docs: setup ## Write the tables in the docs that follow from code
	@cog --verbosity 1 -r -I . $(PAGES)

lock: setup ## Resolve the requirements again (after editing pyproject.toml or a *.in file)
	@scripts/lock

clean: ## Stop the laptop cloud and remove what the verbs made, but not the installed packages
	@if test -x .venv/bin/clickstream; then clickstream down; fi
	@rm -rf cdk.out build .local reports .coverage .gitlab-ci-local .hypothesis .*_cache laptop/.*_cache
