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
OPTIONS := ARTIFACT BATCHES CREDENTIALS EVENT GATEWAY_URL ID JSON PAYMENTS PICTURE PICTURES QUICK SECONDS SEED SIGNING STACK TOLERANCE \
	VALIDATE
$(foreach name,$(OPTIONS),$(if $(filter environment,$(origin $(name))),$(eval $(name) :=)))

# How the function signs: with the private key in the secret, or with a key in KMS.
KMS := $(if $(filter kms,$(SIGNING)),--kms)

# The first Python that runs and is recent enough. A pyenv shim obeys .python-version, which is for uv, and may
# name a Python that pyenv does not have: PYENV_VERSION takes it back to the system's.
HOST_PYTHON = $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do \
	$(CLEAN) PYENV_VERSION=system "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$python"; break; }; done)

.PHONY: bench cost explore simulate doctor help setup build run up down send status report test unit test-runbook test-faults test-planted audit test-day test-upgrade test-sam-local test-environments sbom lint lint-security format fuzz mutate coverage clean

help: ## This list
	@echo 'make run                  build, start the local stack, run every scenario, take it down'
	@echo '  JSON=1                  … its record on stdout, and all else on stderr; PICTURES=docs: draw it there'
	@echo '  SIGNING=kms             … signed with a key in KMS instead of the one in the secret (make up, too)'
	@echo 'make unit                 the rules alone, in seconds: decision, window, message, signature, answers, secret'
	@echo 'make test                 lint, types, template and all tests'
	@echo 'make explore              every order of events, up to two faults; what breaks a promise is printed'
	@echo '  QUICK=1                 … a smaller bound, in seconds'
	@echo 'make test-faults          2,000 payments while everything around the function fails, and 100 kills (20 min)'
	@echo '  SEED=1 PAYMENTS=2000    … another seed, another load'
	@echo 'make test-planted         that it finds faults which are planted into the code (15 min)'
	@echo 'make test-runbook         every recovery procedure of docs/runbook.md, by its own commands (5 min)'
	@echo 'make test-upgrade         the version before replaced by this one with payments in flight, then removed (2 min)'
	@echo 'make test-sam-local       sam local invoke with every event, in a container engine where there is one (2 min)'
	@echo 'make test-environments    make run with other projects'"'"' variables, locale, proxy, path, CRLF … around it (30 min)'
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
	@echo '  ARTIFACT=directory      … another build beside this one'
	@echo 'make cost                 docs/cost.md, from one table of prices'
	@echo 'make simulate             docs/scale.md: a billion events a month, outages, quotas (1 min)'
	@echo '  VALIDATE=1              … the same payments in the model and on the local stack instead (5 min)'
	@echo
	@echo 'make setup                the development environment, in .venv'
	@echo 'make build                sam build for this host, in .sandbox/build (plain `sam build`: for arm64, in .aws-sam)'
	@echo 'make lint                 linters and types only; make format: let them correct what they can'
	@echo 'make coverage             branch coverage of the function; make mutate: mutants that no test notices'
	@echo 'make fuzz SECONDS=20      fuzz everything that reads bytes from outside, so long per reader'
	@echo 'make clean                remove everything that was made here'

setup: $(VENV)/.synced ## The development environment

# Made again where the Python is gone with which it was made.
$(VENV)/.synced: uv.lock pyproject.toml .python-version sandbox/bootstrap.py $(if $(wildcard $(PYTHON)),,again)
	@if [ -z "$(HOST_PYTHON)" ]; then echo 'Python 3.11 or later is needed to begin with' >&2; exit 1; fi
	@rm -f $@
	$(if $(JSON),@)$(CLEAN) PYENV_VERSION=system "$(HOST_PYTHON)" sandbox/bootstrap.py $(if $(JSON),>&2)
	@touch $@

.PHONY: again
again:

build: setup ## sam build for this host, unless nothing that goes in has changed
	@$(PY) -m sandbox.build

run: build ## Every scenario, end to end, on the local stack
	@$(PY) -m sandbox.run $(if $(JSON),--json) $(KMS) $(if $(PICTURES),--pictures "$(PICTURES)")

up: build ## Start the local stack and leave it running
	@$(PY) -m sandbox.stack up $(KMS) $(if $(GATEWAY_URL),--gateway-url "$(GATEWAY_URL)") $(if $(CREDENTIALS),--credentials "$(CREDENTIALS)")

down: setup ## Stop it
	@$(PY) -m sandbox.stack down

send: setup ## Put one event on its bus
	@$(PY) -m sandbox.stack send "$(ID)" --event "$(or $(EVENT),Expired)"

status: setup ## Where everything in it is
	@$(PY) -m sandbox.stack status

doctor: setup ## Is a deployment set up as it must be?
	@$(CLEAN) --aws PYTHONPATH=functions $(PYTHON) -m doctor "$(STACK)" $(if $(TOLERANCE),--tolerance "$(TOLERANCE)") $(if $(JSON),--json)

report: setup ## What has happened on it so far
	@$(PY) -m sandbox.report_stack

lint: setup ## Linters and types
	$(CLEAN) $(VENV)/bin/ruff check .
	$(CLEAN) $(VENV)/bin/ruff format --check .
	$(CLEAN) $(VENV)/bin/mypy --strict functions doctor docs/examples
	$(CLEAN) $(VENV)/bin/cfn-lint template.yaml
	$(PY) -m tests.template.lint
	$(CLEAN) $(VENV)/bin/sam validate --lint

# Apart from `lint` because it installs checkov, and needs half a minute.
lint-security: setup ## checkov, less what tests/template/checkov.yaml leaves out with its reasons
	$(PY) -m tests.template.lint security

format: setup
	$(CLEAN) $(VENV)/bin/ruff check --fix .
	$(CLEAN) $(VENV)/bin/ruff format .

test: lint build ## Lint, then all tests
	$(PY) -m pytest -n 2 --dist loadfile

unit: setup ## The rules alone, in seconds: the loop in which people work
	@$(PY) -m pytest -q tests/unit

test-day: build ## A whole day of the local stack, on a clock that leaps
	@$(CLEAN) MPLCONFIGDIR=.sandbox/matplotlib PICTURE="$(PICTURE)" $(PYTHON) -m pytest tests/day -m day -q
	@echo "every attempt of it is drawn in $(or $(PICTURE),.sandbox/virtual-day.svg)"

mutate: setup ## Mutate the function; what no test notices is printed
	$(PY) -m tests.mutation.run

coverage: setup ## Branch coverage of the function, without the deployed stack
	$(PY) -m pytest tests/unit tests/integration --cov=cancel_payment --cov-branch \
		--cov-report=term-missing --cov-fail-under=98

fuzz: setup ## Fuzz everything that reads bytes from outside
	$(PY) -m tests.fuzz.run --seconds $(or $(SECONDS),20)

explore: setup ## Every order of events, with the real handler and the real state machine
	@PYTHONPATH=functions $(PY) -m tests.explore $(if $(QUICK),--quick)

# Two stacks side by side: the time is spent waiting.
test-faults: build ## Nothing lost, nothing invented, whatever fails (Linux)
	$(PY) -m tests.faults.run --seed $(or $(SEED),1) --payments $(or $(PAYMENTS),2000)
	$(PY) -m tests.faults.run --seed $(or $(SEED),1) --payments 700 --kills 100

test-planted: build ## What the fault suite must find
	$(PY) -m tests.faults.planted --seed $(or $(SEED),1)

test-runbook: build ## Recovery procedures
	$(PY) -m pytest tests/runbook -m 'runbook or not runbook' -n 2 --dist loadfile

test-upgrade: build ## The version before replaced by this one
	$(PY) -m pytest tests/upgrade -m 'upgrade or not upgrade'

test-sam-local: build ## Every event in a container
	@$(PY) -m tests.sam_local.run

test-environments: setup ## Shells and checkouts that were not made for it
	$(PY) -m tests.environments.run

sbom: build ## Bill of materials and licences of the artifact
	@$(CLEAN) sh packaging/sbom.sh

audit: setup ## Known vulnerabilities of what the function ships with
	@$(PY) -m tests.security.audit

bench: build ## Speed and size, measured against the peer and the limit
	@$(PY) -m benchmarks $(if $(QUICK),--quick) $(if $(ARTIFACT),--artifact "$(ARTIFACT)")

cost: setup ## What a million and a billion events cost
	@$(CLEAN) PYTHONPATH=functions $(PYTHON) -m benchmarks.cost

simulate: $(if $(VALIDATE),build,setup) ## A billion events a month, simulated
	@$(CLEAN) MPLCONFIGDIR=.sandbox/matplotlib PYTHONPATH=functions $(PYTHON) -m benchmarks.scale$(if $(VALIDATE),.validation)

clean: ## Remove everything that was made here
	@if [ -x $(PYTHON) ]; then $(PY) -m sandbox.stack down --all; fi
	rm -rf .sandbox .venv .uv .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	rm -rf tests/fuzz/.work tests/statemachine/asl_lint/node_modules tests/docs/mermaid/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
