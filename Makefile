# The interface for people: `make help`. Everything that is installed or written stays in this clone.
# Works with GNU make 3.81 (macOS) and later.

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
SAM := SAM_CLI_TELEMETRY=0 $(VENV)/bin/sam

# The first Python that runs and is recent enough. A pyenv shim obeys .python-version, which is for uv, and may
# name a Python that pyenv does not have: PYENV_VERSION takes it back to the system's.
HOST_PYTHON = $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do \
	PYENV_VERSION=system "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$python"; break; }; done)

# This host's architecture, by Lambda's names.
ARCHITECTURE := $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)
# The commands below start the same tools again and again: without bytecode each start takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: bench cost explore simulate doctor help setup build build-local run up down send status report test test-runbook test-faults test-planted audit test-day test-upgrade test-sam-local sbom lint lint-security format fuzz mutate coverage clean

help: ## This list
	@echo 'make run                  build, start the local stack, run every scenario, take it down'
	@echo '  JSON=1                  … its record on stdout, and all else on stderr; PICTURES=docs: draw it there'
	@echo 'make test                 lint, types, template and all tests'
	@echo 'make explore              every order of events, up to two faults; what breaks a promise is printed'
	@echo '  QUICK=1                 … a smaller bound, in seconds'
	@echo 'make test-faults          2,000 payments while everything around the function fails, and 100 kills (20 min)'
	@echo '  SEED=1 PAYMENTS=2000    … another seed, another load'
	@echo 'make test-planted         that it finds faults which are planted into the code (15 min)'
	@echo 'make test-runbook         every recovery procedure of docs/runbook.md, by its own commands (5 min)'
	@echo 'make test-upgrade         the version before replaced by this one with payments in flight, then removed (2 min)'
	@echo 'make test-sam-local       sam local invoke with every event, in a container engine where there is one (2 min)'
	@echo 'make lint-security        checkov on the template; make sbom: what the artifact holds, and its licences'
	@echo 'make audit                known vulnerabilities of what the function ships with'
	@echo 'make test-day             a whole day of the stack in two minutes, on a clock that leaps'
	@echo '  PICTURE=docs/virtual-day.svg  … and draw it there'
	@echo
	@echo 'make up                   start the local stack and leave it running, to play with'
	@echo '  GATEWAY_URL=https://… CREDENTIALS=secret.json   … against that gateway instead of the stand-in'
	@echo 'make send ID=UNKNOWN-2-a  put one Payment Expired event on its bus (EVENT=Closed for Payment Closed)'
	@echo 'make status               where everything in it is'
	@echo 'make report               what has happened on it so far, as an HTML page'
	@echo 'make down                 stop it'
	@echo
	@echo 'make doctor STACK=name    whether a deployment is set up as it must be; sends no cancel, changes nothing'
	@echo '  TOLERANCE=30 JSON=1     … seconds by which clocks may differ; for machines. Without STACK: that of make up'
	@echo
	@echo 'make bench                speed and size against the official SDK and a floor (10 min; QUICK=1: 2 min)'
	@echo 'make cost                 docs/cost.md, from one table of prices'
	@echo 'make simulate             docs/scale.md: a billion events a month, outages, quotas (1 min)'
	@echo '  VALIDATE=1              … the same payments in the simulation and on the local stack instead (6 min)'
	@echo
	@echo 'make setup                the development environment, in .venv'
	@echo 'make build                sam build for this machine (plain `sam build`: for arm64)'
	@echo 'make lint                 linters and types only; make format: let them correct what they can'
	@echo 'make coverage             branch coverage of the function; make mutate: mutants that no test notices'
	@echo 'make fuzz SECONDS=20      fuzz everything that reads bytes from outside, so long per reader'
	@echo 'make clean                remove everything that was made here'

setup: $(VENV)/.synced ## The development environment

$(VENV)/.synced: uv.lock pyproject.toml .python-version sandbox/bootstrap.py
	@if [ -z "$(HOST_PYTHON)" ]; then echo 'Python 3.11 or later is needed to begin with' >&2; exit 1; fi
	$(if $(JSON),@)PYENV_VERSION=system "$(HOST_PYTHON)" sandbox/bootstrap.py $(if $(JSON),>&2)
	@touch $@

# Always built anew: it takes seconds, and an artifact that is older than its source costs an hour.
build: setup ## sam build for this machine's architecture
	@$(SAM) build --parameter-overrides Architecture=$(ARCHITECTURE)

# The same, unless nothing that goes in has changed.
build-local: setup
	@$(PY) -m sandbox.build

run: build-local ## Every scenario, end to end, on the local stack
	@$(PY) -m sandbox.run $(if $(JSON),--json) $(if $(PICTURES),--pictures "$(PICTURES)")

up: build-local ## Start the local stack and leave it running
	@$(PY) -m sandbox.stack up $(if $(GATEWAY_URL),--gateway-url "$(GATEWAY_URL)") $(if $(CREDENTIALS),--credentials "$(CREDENTIALS)")

down: setup ## Stop it
	@$(PY) -m sandbox.stack down

send: setup ## Put one event on its bus
	@$(PY) -m sandbox.stack send "$(ID)" --event "$(or $(EVENT),Expired)"

status: setup ## Where everything in it is
	@$(PY) -m sandbox.stack status

doctor: setup ## Is a deployment set up as it must be?
	@PYTHONPATH=functions $(PY) -m doctor "$(STACK)" $(if $(TOLERANCE),--tolerance "$(TOLERANCE)") $(if $(JSON),--json)

report: setup ## What has happened on it so far
	@$(PY) -m sandbox.report_stack

lint: setup ## Linters and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy --strict functions doctor docs/examples
	$(VENV)/bin/cfn-lint template.yaml
	$(PY) -m tests.template.lint
	$(SAM) validate --lint

# Apart from `lint` because it installs checkov, and needs half a minute.
lint-security: setup ## checkov, less what tests/template/checkov.yaml leaves out with its reasons
	$(PY) -m tests.template.lint security

format: setup
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

test: lint build-local ## Lint, then all tests
	$(PY) -m pytest -n 2 --dist loadfile

test-day: build-local ## A whole day of the local stack, on a clock that leaps
	@MPLCONFIGDIR=.sandbox/matplotlib PICTURE="$(PICTURE)" $(PY) -m pytest tests/day -m day -q
	@echo "every attempt of it is drawn in $(or $(PICTURE),.sandbox/virtual-day.svg)"

mutate: setup ## Mutate the pure modules; what no test notices is printed
	$(PY) -m tests.mutation.run

coverage: setup ## Branch coverage of the function, without the deployed stack
	$(PY) -m pytest tests/unit tests/wire tests/handler tests/rules --cov=cancel_payment --cov-branch \
		--cov-report=term-missing --cov-fail-under=98

SECONDS ?= 20
fuzz: setup ## Fuzz everything that reads bytes from outside
	$(PY) -m tests.fuzz.run --seconds $(SECONDS)

explore: setup ## Every order of events, with the real handler and the real state machine
	@PYTHONPATH=functions $(PY) -m tests.explore $(if $(QUICK),--quick)

# Two stacks side by side: the time is spent waiting.
test-faults: build-local ## Nothing lost, nothing invented, whatever fails (Linux)
	$(PY) -m tests.faults.run --seed $(or $(SEED),1) --payments $(or $(PAYMENTS),2000)
	$(PY) -m tests.faults.run --seed $(or $(SEED),1) --payments 700 --kills 100
	SEED=$(or $(SEED),1) VARIANTS=10000 $(PY) -m pytest -q tests/abuse/test_poison.py -k generated
	PYTHONPATH=functions $(PY) -m tests.faults.backpressure --emulator 3000

test-planted: build-local ## What the fault suite must find
	$(PY) -m tests.faults.planted --seed $(or $(SEED),1)

test-runbook: build-local ## Recovery procedures
	$(PY) -m pytest tests/runbook -m 'runbook or not runbook' -n 2 --dist loadfile

test-upgrade: build-local ## The version before replaced by this one
	$(PY) -m pytest tests/upgrade -m 'upgrade or not upgrade'

test-sam-local: build-local ## Every event in a container
	@$(PY) -m tests.sam_local.run

sbom: build-local ## Bill of materials and licences of the artifact
	@sh packaging/sbom.sh

audit: setup ## Known vulnerabilities of what the function ships with
	@$(PY) -m tests.security.audit

bench: build-local ## Speed and size, measured against the peer and the limit
	@MPLCONFIGDIR=.sandbox/matplotlib $(PY) -m benchmarks $(if $(QUICK),--quick)

cost: setup ## What a million and a billion events cost
	@PYTHONPATH=functions $(PY) -m benchmarks.cost

simulate: $(if $(VALIDATE),build-local,setup) ## A billion events a month, simulated
	@MPLCONFIGDIR=.sandbox/matplotlib PYTHONPATH=functions $(PY) -m benchmarks.scale $(if $(VALIDATE),--validate)

clean: ## Remove everything that was made here
	@if [ -x $(PY) ]; then $(PY) -m sandbox.stack down --all; fi
	rm -rf .sandbox .aws-sam .venv .uv .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	rm -rf tests/fuzz/.work tests/statemachine/asl_lint/node_modules tests/docs/mermaid/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
