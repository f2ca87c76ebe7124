# The interface for people: `make help`. Everything that is installed or written stays in this clone (and uv's cache).
# Works with GNU make 3.81 (macOS) and later.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# Every command runs in an environment of its own, NAME=VALUE before it being added to it.
CLEAN := sh packaging/clean-environment.sh
VENV := .venv
PYTHON := $(VENV)/bin/python
PY := $(CLEAN) $(PYTHON)

# What follows a target, as in `make up GATEWAY_URL=…`, is for the command; what a shell has set by that name is not.
OPTIONS := ARTIFACT BATCHES CREDENTIALS EVENT EVERY GATEWAY_URL ID JSON ONLY PAYMENTS PICTURE QUICK SECONDS SEED SIGNING STACK TEST TOLERANCE \
	VALIDATE VERSION
$(foreach name,$(OPTIONS),$(if $(filter environment,$(origin $(name))),$(eval $(name) :=)))

# How the function signs: with the private key in the secret, or with a key in KMS.
KMS := $(if $(filter kms,$(SIGNING)),--kms)
$(if $(filter-out kms,$(SIGNING)),$(error SIGNING is kms, or nothing))

# The first Python that runs and is recent enough. A pyenv shim obeys .python-version, which is for uv, and may
# name a Python that pyenv does not have: PYENV_VERSION takes it back to the system's.
HOST_PYTHON = $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do \
	$(CLEAN) PYENV_VERSION=system "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$python"; break; }; done)


.PHONY: help run up send report status doctor down test unit lint format setup build test-generators explore test-faults test-planted
.PHONY: test-runbook test-upgrade test-day test-edges test-clients test-sam-local test-environments mutate coverage bench cost simulate
.PHONY: lint-security audit sbom release clean

help: ## This list
	@awk -F ':.*## ' '/^##@ /{printf "\n%s\n", substr($$0, 5)} /^##\| /{printf "  %-22s %s\n", "", substr($$0, 5)} \
		/^[a-z-]+:.*## /{printf "  make %-17s %s\n", $$1, $$2}' Makefile

##@ What people need
run: build ## Every scenario, end to end, on the local stack (80 s)
	@$(PY) -m sandbox.run $(if $(JSON),--json) $(KMS) $(if $(PICTURE),--picture "$(PICTURE)")
##| JSON=1: its record on stdout, all else on stderr; SIGNING=kms; PICTURE=docs/run.svg: its end, drawn
test: lint build ## All that a commit needs (5 min)
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

unit: setup ## The rules alone, in seconds: the loop in which people work; TEST=file: that one
	@$(PY) -m pytest -q $(or $(TEST),tests/unit)

up: build ## Start the local stack and leave it running
	@$(PY) -m sandbox.stack up $(KMS) $(if $(GATEWAY_URL),--gateway-url "$(GATEWAY_URL)") $(if $(CREDENTIALS),--credentials "$(CREDENTIALS)")
##| GATEWAY_URL=https://… CREDENTIALS=secret.json: against that gateway; SIGNING=kms: with a key in KMS
send: setup ## Put one event on its bus: ID=UNKNOWN-2-a, perhaps EVENT=Closed
	@$(PY) -m sandbox.stack send '$(subst ','\'',$(ID))' --event "$(or $(EVENT),Expired)"

status: setup ## Where everything in it is
	@$(PY) -m sandbox.stack status

report: setup ## What has happened on it so far, as an HTML page
	@$(PY) -m sandbox.run.stack_report

down: setup ## Stop it
	@$(PY) -m sandbox.stack down

doctor: setup ## Is a deployment set up as it must be? STACK=name; reads only
	@$(CLEAN) --aws PYTHONPATH=functions $(PYTHON) -m doctor "$(STACK)" $(if $(TOLERANCE),--tolerance "$(TOLERANCE)") $(if $(JSON),--json)
##| TOLERANCE=30: seconds by which clocks may differ; JSON=1; without STACK: that of make up
lint: setup ## Linters and types
	$(CLEAN) $(VENV)/bin/ruff check .
	$(CLEAN) $(VENV)/bin/ruff format --check .
	$(CLEAN) $(VENV)/bin/mypy --strict functions doctor docs/examples
	$(CLEAN) $(VENV)/bin/cfn-lint template.yaml
	$(PY) -m tests.template.lint

format: setup ## Let the linters correct what they can
	$(CLEAN) $(VENV)/bin/ruff check --fix .
	$(CLEAN) $(VENV)/bin/ruff format .

##@ The long proofs
explore: setup ## Every order of events, by the real handler and the real state machine (10 min)
	@$(CLEAN) PYTHONPATH=functions $(PYTHON) -m tests.explore $(if $(QUICK),--quick)

test-generators: setup ## What a gateway may answer, and when: SEED=1 BATCHES=2000
	@$(CLEAN) PYTHONPATH=functions $(PYTHON) -m tests.integration.generators --seed $(or $(SEED),1) --batches $(or $(BATCHES),2000)

# Two stacks side by side: the time is spent waiting.
test-faults: build ## Nothing lost, nothing invented, whatever fails: SEED=1 PAYMENTS=2000 (20 min, Linux)
	$(PY) -m tests.faults.run --seed $(or $(SEED),1) --payments $(or $(PAYMENTS),2000)
	$(PY) -m tests.faults.run --seed $(or $(SEED),1) --payments 700 --kills 100

test-planted: build ## That it finds faults planted into the code (15 min)
	$(PY) -m tests.faults.planted --seed $(or $(SEED),1)

test-runbook: build ## Every procedure of docs/runbook.md, by its own commands (5 min)
	$(PY) -m pytest tests/runbook -m 'runbook or not runbook' -n 2 --dist loadfile

test-upgrade: build ## The version before replaced by this one with payments in flight (2 min)
	$(PY) -m pytest tests/upgrade -m 'upgrade or not upgrade'

test-day: build ## A whole day of the local stack in two minutes: PICTURE=docs/virtual-day.png draws it
	@$(CLEAN) MPLCONFIGDIR=.sandbox/matplotlib PICTURE="$(PICTURE)" $(PYTHON) -m pytest tests/day -m day -q
	@echo "every attempt of it is drawn in $(or $(PICTURE),.sandbox/virtual-day.png)"

# 77: they could not be had, and it has said so.
test-edges: build ## nginx and haproxy between the function and the stand-in, and what they do wrong (2 min)
	@$(CLEAN) PYTHONPATH=.sandbox/build/CancelPaymentFunction $(PYTHON) -m tests.edges --only "$(ONLY)" || [ $$? -eq 77 ]
##| ONLY=reload: the rows that match that

test-clients: build ## Our contracts by ajv, by a consumer in Node and by the official SDK (1 min)
	$(PY) -m pytest tests/clients -m clients

test-sam-local: build ## sam local invoke with every event, where there is a container engine (2 min)
	@$(PY) -m tests.sam_local.run

test-environments: setup ## make run in checkouts that were not made for it (15 min)
	$(PY) -m tests.environments.run

mutate: setup ## Mutate the function; what no test notices is printed
	$(PY) -m tests.mutation.run $(if $(EVERY),--every "$(EVERY)")
##| EVERY=10: every tenth mutant

coverage: setup ## Branch coverage of the function, without the deployed stack
	$(PY) -m pytest tests/unit tests/integration --cov=cancel_payment --cov-branch \
		--cov-report=term-missing --cov-fail-under=98

##@ Figures
bench: build ## Speed and size against the official SDK and a floor; fails where a target is missed (10 min)
	@$(PY) -m benchmarks $(if $(QUICK),--quick) $(if $(ARTIFACT),--artifact "$(ARTIFACT)")
##| QUICK=1: 2 min; ARTIFACT=directory: another build beside this one
cost: setup ## docs/cost.md, from one table of prices
	@$(CLEAN) PYTHONPATH=functions $(PYTHON) -m benchmarks.cost

simulate: $(if $(VALIDATE),build,setup) ## docs/scale.md: a billion events a month, outages, quotas (1 min)
	@$(CLEAN) MPLCONFIGDIR=.sandbox/matplotlib PYTHONPATH=functions $(PYTHON) -m benchmarks.scale$(if $(VALIDATE),.validation)
##| VALIDATE=1: the same payments in the model and on the local stack (5 min)
##@ Around it
setup: $(VENV)/.synced ## The development environment

# Made again where the Python is gone with which it was made, or the clone was moved: its scripts name the place.
PLACE := $(shell cat $(VENV)/.synced 2>/dev/null)
MOVED := $(subst x$(CURDIR)x,,x$(PLACE)x)
$(VENV)/.synced: uv.lock pyproject.toml .python-version sandbox/bootstrap.py $(if $(wildcard $(PYTHON)),,again) $(if $(MOVED),again)
	@if [ -z "$(HOST_PYTHON)" ]; then echo 'Python 3.11 or later is needed to begin with' >&2; exit 1; fi
	@rm -rf $@ $(if $(and $(PLACE),$(MOVED)),.venv)
	$(if $(JSON),@)$(CLEAN) PYENV_VERSION=system "$(HOST_PYTHON)" sandbox/bootstrap.py $(if $(JSON),>&2)
	@pwd -P >$@

.PHONY: again
again:

build: setup ## sam build for this host, in .sandbox/build (plain sam build: for arm64, in .aws-sam)
	@$(PY) -m sandbox.stack.build

# Apart from `lint` because it installs checkov, and needs half a minute.
lint-security: setup ## checkov, less what tests/template/checkov.yaml leaves out with its reasons
	$(PY) -m tests.template.lint security

audit: setup ## Known vulnerabilities of what the function ships with
	@$(PY) -m tests.security.audit

sbom: build ## Bill of materials and licences of the artifact
	@$(CLEAN) sh packaging/sbom.sh

release: setup ## VERSION=2.0.0: write it where it stands, commit, tag; pushes nothing
	@$(PY) packaging/release.py "$(VERSION)"

clean: ## Remove everything that was made here
	@if [ -x $(PYTHON) ]; then $(PY) -m sandbox.stack down --all; fi
	rm -rf .sandbox .venv .uv .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	rm -rf tests/statemachine/asl_lint/node_modules tests/template/policies/node_modules
	rm -rf tests/clients/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
