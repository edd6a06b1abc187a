# make run    serve JAVUMBO on this machine
# make test   set up and run all tests
# make check  formatting, lint, types, import rules, of the client too
# make audit  known weaknesses of what is pinned; asks the registries' databases, so it needs the internet
# make format lay out the code, and write anew what is made from it
# make bench  measure everything, studying and packages beside real Anki; writes docs/performance.md,
#             docs/cost.md and benchmarks/results
# make fuzz   long random histories with faults, larger worlds of the protocol's model, weeks of use
# make lock   pin and hash all dependencies again after a change in pyproject.toml
# make deploy STAGE=prod   bring the service to AWS; more options: make deploy ARGS="--dry-run"
# make lint-infra          what cfn-lint and checkov say of the AWS templates
# make test-aws            deploy to an emulator of AWS on this machine, and use what is there
# make test-migration      move a thousand people from the earlier version, to this machine and to AWS's emulator
# make clean  remove what the other commands have installed
# make golden ask real Anki again for the files that the tests compare with (needs libfaketime)

-include .env
export
# Each server that a test starts would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
USABLE := import sys, sqlite3, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(USABLE)' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# The machine's own Node when it is new enough for the web client's tools, else one from PyPI.
NODE_IS_NEW := const [a, b] = process.versions.node.split('.'); process.exit(a > 20 || a == 20 && b >= 19 ? 0 : 1)
NODE ?= $(shell npm --version >/dev/null 2>&1 && node -e "$(NODE_IS_NEW)" 2>/dev/null && echo own)
WITH_NODE := PATH="$$PATH:$(CURDIR)/$(BIN)"
ifneq ($(NODE),own)
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
endif
NPM := cd client && $(WITH_NODE) npm
CLIENT := $(shell find client/src client/public -type f) $(wildcard client/*.ts client/*.json \
	client/.env.production) client/index.html

# What runs in Lambda is what packs it: 3.11's Lambda has too old a SQLite.
LAMBDA_USABLE := import sys, venv, ensurepip; sys.exit(not (3, 12) <= sys.version_info[:2] <= (3, 14))
LAMBDA_PYTHON ?= $(shell for p in python3.13 python3.12 python3.14 python3 \
	$(wildcard $(HOME)/.pyenv/versions/3.1[234].*/bin/python); do \
	$$p -c '$(LAMBDA_USABLE)' 2>/dev/null && echo $$p && break; done)
STAGE ?= dev

# A test often waits for a server of its own.
WORKERS := $(shell echo $$(( ($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2 )))

.PHONY: run test check check-python check-client audit format bench fuzz lock golden clean deploy \
	lint-infra test-aws test-migration lambda-python

run: $(VENV)/.run client/dist/index.html
	@exec $(BIN)/javumbo serve

test: $(VENV)/.dev client/dist/index.html
	$(WITH_NODE) $(BIN)/pytest -n $(WORKERS) --dist worksteal
	@# The browser waits more than it works: the client's other tests run beside it.
	$(NPM) run --silent test & others=$$!; $(NPM) run --silent e2e && wait $$others

check: check-python check-client
	@echo "Not asked here, for it needs the internet: known weaknesses of what is pinned (make audit)"

check-python: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m benchmarks.import_budget

check-client: $(VENV)/.dev client/dist/index.html
	$(BIN)/javumbo openapi > client/openapi.json
	$(NPM) run --silent api-types -- --check
	$(NPM) run --silent lint
	$(NPM) run --silent types
	$(NPM) run --silent budget

audit: $(VENV)/.audit client/node_modules/.installed
	$(VENV)/audit/bin/pip-audit --strict --require-hashes --disable-pip -r requirements/run.txt
	$(VENV)/audit/bin/pip-audit --strict --require-hashes --disable-pip -r requirements/dev.txt
	$(NPM) audit

format: $(VENV)/.dev client/node_modules/.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python -m javumbo.route_table
	$(BIN)/javumbo openapi > client/openapi.json
	$(NPM) run --silent api-types
	$(NPM) run --silent format

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.study
	$(BIN)/python -m benchmarks.packages
	$(BIN)/python -m benchmarks.storage
	$(BIN)/python -m benchmarks.operations
	$(BIN)/python -m benchmarks.login
	$(BIN)/python -m benchmarks.cold_start
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.warming
	$(BIN)/python -m benchmarks.cost

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.storage.fuzz_world --operations 10000 --seed 1
	$(BIN)/python -m tests.storage.test_protocol_model
	$(BIN)/python -m tests.e2e.test_random_operations
	$(BIN)/python -m tests.api.fuzz_logins
	$(BIN)/python -m tests.e2e.schemathesis_run --examples 20000 --seed 1
	$(BIN)/python -m tests.e2e.test_round_trips --count 1000
	$(BIN)/python -m tests.e2e.hostile --count 2000 --seed 1

deploy: $(VENV)/.aws $(VENV)/.pack
	@$(BIN)/javumbo deploy --stage $(STAGE) --python $(VENV)/pack/bin/python $(ARGS)

# The app's template is what Chalice makes of it; that needs no package index.
lint-infra: $(VENV)/.dev $(VENV)/.infra
	@$(BIN)/python -m tests.infra.packed build/infra
	$(VENV)/infra/bin/cfn-lint infra/data.yaml infra/site.yaml infra/watch.yaml build/infra/*.json
	LOG_LEVEL=CRITICAL $(VENV)/infra/bin/checkov --config-file infra/checkov.yaml \
		--file infra/data.yaml infra/site.yaml infra/watch.yaml build/infra/*.json

test-aws: $(VENV)/.dev $(VENV)/.ministack
	JAVUMBO_TEST_AWS=$(VENV)/ministack $(BIN)/pytest tests/aws

test-migration: $(VENV)/.dev
	$(BIN)/python -m tests.migrations.thousand
	$(BIN)/python -m tests.migrations.thousand --stage aws

golden: $(VENV)/.dev
	$(BIN)/python tests/oracle/make_golden.py
	$(BIN)/python -m tests.oracle_rendering.make_golden
	$(BIN)/python -m tests.oracle_cards.make_golden

lock: $(VENV)/.dev
	$(PIP) install uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra dev -c requirements/run.txt pyproject.toml \
		-o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 requirements/node.in -o requirements/node.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 requirements/audit.in -o requirements/audit.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra aws -c requirements/run.txt pyproject.toml \
		-o requirements/aws.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 requirements/infra.in -o requirements/infra.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.12 requirements/ministack.in requirements.txt \
		-o requirements/ministack.txt

clean:
	rm -rf $(VENV) client/node_modules client/dist

client/dist/index.html: client/node_modules/.installed $(CLIENT)
	@echo "Building the web client"
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@

client/node_modules/.installed: client/package-lock.json $(if $(filter own,$(NODE)),,$(VENV)/.node)
	@echo "Installing what builds the web client, once"
	@$(NPM) ci --silent --no-audit --no-fund
	@touch $@

# In an environment of its own: what it needs is nobody else's business.
$(VENV)/.audit: requirements/audit.txt $(BIN)/python
	@$(BIN)/python -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip --quiet install --require-hashes -r requirements/audit.txt
	@touch $@

$(VENV)/.infra: requirements/infra.txt $(BIN)/python
	@echo "Installing what checks the AWS templates, once"
	@$(BIN)/python -m venv $(VENV)/infra
	@$(VENV)/infra/bin/python -m pip --quiet install --require-hashes -r requirements/infra.txt
	@touch $@

# An emulator of AWS that runs the functions with its own Python, which therefore packs them too.
$(VENV)/.ministack: requirements/ministack.txt $(BIN)/python
	$(need-lambda-python)
	@echo "Installing the emulator of AWS, once"
	@$(LAMBDA_PYTHON) -m venv $(VENV)/ministack
	@$(VENV)/ministack/bin/python -m pip --quiet install --require-hashes -r requirements/ministack.txt
	@touch $@

# What packs the functions, where the service itself may run with another Python.
$(VENV)/.pack: requirements/run.txt $(BIN)/python
	$(need-lambda-python)
	@$(LAMBDA_PYTHON) -m venv $(VENV)/pack
	@$(VENV)/pack/bin/python -m pip --quiet install --require-hashes -r requirements/run.txt
	@touch $@

# Nothing where there is none.
lambda-python:
	@echo $(LAMBDA_PYTHON)

define need-lambda-python
	@test -n "$(LAMBDA_PYTHON)" || { echo "This needs Python 3.12, 3.13 or 3.14 with venv:" \
		"give one with LAMBDA_PYTHON=/path/to/python3.13."; exit 1; }
endef

$(VENV)/.node: requirements/node.txt $(BIN)/python
	@$(PIP) install --require-hashes -r requirements/node.txt
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "JAVUMBO needs Python 3.11 or newer with venv" \
		"(Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@echo "Making the environment in $(VENV), once"
	@$(PYTHON) -m venv $(VENV)

# One environment: what serves, and with it what tests.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.aws: requirements/aws.txt $(VENV)/.run
	@$(PIP) install --require-hashes -r requirements/aws.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
