# One verb per job; CI calls the same verbs. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export PYTHON ?= python3
ENV := $(or $(CLICKSTREAM_ENV),local)
comma := ,
# A company's proxy must not be used for the servers of the laptop cloud.
export NO_PROXY := localhost,127.0.0.1$(addprefix $(comma),$(NO_PROXY))
export no_proxy := $(NO_PROXY)
# Without bytecode every command would compile all its imports each time.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTHONDONTWRITEBYTECODE

# The end-to-end tests wait much: four workers fill two cores.
PYTEST := pytest --numprocesses 4 --junitxml
PAGES := docs/*.md docs/*/*.md

.PHONY: help setup demo up down test test-laptop faults drill exact changes chaos check synth nag diff deploy destroy ci-local licences sbom \
  audit bench docs lock clean

help: ## List the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: node_modules/.installed ## Install everything this project needs (no root, no account)

.venv/.installed: requirements-dev.txt requirements-node.txt package-lock.json pyproject.toml laptop/pyproject.toml
	@scripts/setup

node_modules/.installed: .venv/.installed
	@test -e $@ || scripts/setup

demo: setup ## Run the whole pipeline once on a separate laptop cloud; EVENTS=file.ndjson[.gz] or COUNT=n
	@clickstream demo $${EVENTS:+--events "$$EVENTS"} $${COUNT:+--count "$$COUNT"}

up: setup ## Start the laptop cloud, deploy the pipeline, leave both running
	@clickstream up

down: setup ## Stop the laptop cloud
	@clickstream down

test: setup ## All tests of the product
	@$(PYTEST) reports/test.xml

test-laptop: setup ## All tests of the laptop project; its page in Chromium, its servers with snow, aws and SQLAlchemy
	@scripts/chromium
	@scripts/clients
	@cd laptop && $(PYTEST) ../reports/test-laptop.xml --numprocesses 3 --dist loadfile --no-loadscope-reorder

faults: setup ## Inject every fault at every statement of every change to a Snowflake object; FLOW=name for some flows
	@python -m tests.faults $${FLOW:+"$$FLOW"}

drill: setup ## Break a running pipeline in every known way, and check which alarms go off; FLOW=name for some drills
	@python -m tests.drills $${FLOW:+"$$FLOW"}

exact: setup ## Send events of all shapes and compare every value with its row; COUNT=n FOREIGN=n SEED=n EVOLUTION=1
	@python -m tests.exactness $${COUNT:+--count "$$COUNT"} $${FOREIGN:+--foreign "$$FOREIGN"} $${SEED:+--seed "$$SEED"} \
		$${EVOLUTION:+--evolution}

chaos: setup ## Send good and bad events while everything fails at random, repair, and look for each; SEED=n COUNT=n RUNS=n SELFTEST=1
	@python -m tests.chaos $${SEED:+--seed "$$SEED"} $${COUNT:+--count "$$COUNT"} $${RUNS:+--runs "$$RUNS"} $${SELFTEST:+--selftest}

changes: setup ## Make every plain change of a deployed environment under traffic; FLOW=word for some, ENV=local-direct for Direct PUT
	@python -m tests.changes --env $(ENV) $${FLOW:+"$$FLOW"}

check: setup ## Lint, format, types, import contracts, generated tables, GitLab's schema, stale words
	@ruff check .
	@ruff format --check .
	@mypy
	@cd laptop && mypy
	@lint-imports
	@cog --verbosity 1 --check -I . $(PAGES)
	@check-jsonschema --builtin-schema vendor.gitlab-ci .gitlab-ci.yml
	@git grep -nIE -f scripts/stale-words.txt -- . ':!scripts/stale-words.txt' ':!CONTRIBUTING.md' && \
	  echo "reword the lines above in plain English, by the glossary in CONTRIBUTING.md; scripts/stale-words.txt has the patterns" >&2 && \
	  exit 1 || test $$? = 1

synth: setup ## Synthesize the templates of ENV (default local) into cdk.out/
	@cdk synth --quiet --context env="$(ENV)"
	@echo "templates of environment $(ENV) are in cdk.out/"

nag: setup ## Security review of every environment and option; PACKS=all adds general standards and more reviewers
	@PACKS=$(PACKS) $(PYTEST) reports/nag.xml tests/infrastructure/{test_review,full_review,test_exposure}.py
	@test "$(PACKS)" != all || scripts/reviewers

diff: setup ## Compare cdk.out/ with the deployed stacks; BASE=commit: with that commit's templates, and their cost of EVENTS_PER_SECOND=n BYTES=n
	@mkdir -p reports
	@python -m ci diff "$(ENV)" $${BASE:+--base "$$BASE"} $${EVENTS_PER_SECOND:+--events-per-second "$$EVENTS_PER_SECOND"} \
	  $${BYTES:+--bytes "$$BYTES"} 2>&1 | tee reports/cdk-diff.txt

deploy: setup ## Deploy cdk.out/ of ENV; first run `make synth` and read `make diff`
	@python -m ci deploy "$(ENV)"

destroy: setup ## Delete the stacks of ENV, never of a production environment
	@python -m ci destroy "$(ENV)"

ci-local: setup ## Run the pipeline's lint, test and security jobs on a clean clone of the last commit; ONLY=job for one
	@scripts/ci-local $${ONLY:-}

licences: setup ## Check the licence of every dependency against the allow lists
	@pip-licenses --summary
	@echo "npm packages with a licence that is not allowed:"
	@npm query ':not([license=MIT], [license=ISC], [license=0BSD], [license=Apache-2.0], [license=MPL-2.0])' --expect-result-count 0

sbom: setup ## Bills of materials (CycloneDX) into build/sbom/: of installed packages, and of the deployed ones
	@mkdir -p build/sbom
	@cyclonedx-py environment --pyproject pyproject.toml -o build/sbom/python.cdx.json
	@npm sbom --sbom-format cyclonedx > build/sbom/npm.cdx.json
	@for part in snowflake_setup producer event_gate; do cyclonedx-py requirements $$part/requirements.txt -o build/sbom/$$part.cdx.json; done

audit: setup ## Known vulnerabilities of every locked package; also fails if the databases cannot be queried
	@scripts/audit

bench: setup ## Measure speed, print it with its marks, keep it in bench/results.json; ONLY="synth help" for some, LIST=1 names them
	@python -m bench $${ONLY:-} $${LIST:+--list}

docs: setup ## Update the tables in the docs that are generated from code
	@cog --verbosity 1 -r -I . $(PAGES)

lock: setup ## Resolve the requirements again (after editing pyproject.toml or a *.in file)
	@scripts/lock

clean: ## Stop the laptop cloud and remove all output of the verbs, but not the installed packages
	@if test -x .venv/bin/clickstream; then clickstream down; fi
	@rm -rf cdk.out build .local reports .coverage .gitlab-ci-local .hypothesis .*_cache laptop/.*_cache
