# make serve        set everything up, then serve this publication at http://127.0.0.1:8000/
# make test         set everything up, then test: some minutes
# make test-thorough  what takes longer: each engine, each width of a page, each kind of fault, the attack in its short form
# make attack       attack the endpoint with all that tests/faults/attack/ knows (some minutes)
# make fuzz         feed every reader of what strangers write with hostile inputs (SECONDS=3600: so long, all together)
# make audit        look up known vulnerabilities of what is pinned, and list its licences
# make faults       stop builds and switches at 200 moments, fill their disk, damage releases, take things from a server (an hour; SEED=7 draws the same moments again)
# make soak         a site under mixed traffic with new releases (MINUTES=10, 60 or 1), and what grew, failed or became slow
# make crawl        crawl the sites of the tests to their ends (`make test` follows 150 addresses of each, `make test-thorough` 700)
# make bench        measure fonds beside the Oxigraph server, and Virtuoso where it is installed (SIZE=2M: on two million triples)
# make bench-curves how it grows: 10,000 triples to MOST=1M (or 10M), and 1 to 64 connections, as tables and plots
# make bench-series build a made-up series of documents and serve it (DOCUMENTS=100000, half an hour)
# make dist         build the wheel and the source distribution into dist: the same bytes from the same commit
# make bench-switch make a release of a million triples of which a thousandth changed, and switch to it under load (TRIPLES=…)
# make docs         build the documents into build/docs
# make check        format, lint, types, floors
# make messages     bring the catalogues of translations up to date
# make lock         resolve the dependencies again (needs uv)
#
# Nothing is assumed but Python 3.11 or newer with venv and pip. Everything goes into .venv.

HOST ?= 127.0.0.1
PORT ?= 8000
BASE ?=
SIZE ?= 100k
DOCUMENTS ?= 100000
MOST ?= 1M
MINUTES ?= 10
TRIPLES ?= 1000000
TESTS ?=
SECONDS ?= 600
SEED ?=

# The first Python on the path that is new enough.
PYTHON ?= $(firstword $(foreach each,python3 python3.13 python3.12 python3.11 python3.14,$(shell \
	$(each) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(each))))
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UV ?= uv
# Written by npm itself when it is done.
EDITOR_OF_QUERIES := src/fonds/web/node_modules/.package-lock.json
OUTLINE_OF_LAND := src/fonds/drawing/outline/node_modules/.package-lock.json

.PHONY: serve test test-thorough attack fuzz audit faults soak crawl bench bench-curves bench-series bench-switch dist docs check messages lock clean
.DELETE_ON_ERROR:

serve: .venv/serve.stamp $(EDITOR_OF_QUERIES) $(OUTLINE_OF_LAND)
	$(BIN)/fonds serve . --host $(HOST) --port $(PORT) $(if $(BASE),--base $(BASE))

# One process more than there are cores: tests wait for servers and browsers.
WORKERS = $(shell $(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)')
ON_ALL_CORES = --numprocesses $(WORKERS) --dist loadfile

# Tests and benches start some hundred processes: each would compile the program for itself where nothing compiled is kept.
test test-thorough bench bench-curves bench-series bench-switch soak: export PYTHONDONTWRITEBYTECODE =

test: .venv/dev.stamp $(EDITOR_OF_QUERIES) $(OUTLINE_OF_LAND)
	$(BIN)/python -m pytest $(if $(TESTS),$(TESTS),$(ON_ALL_CORES) -m "not thorough")

# The attack and the soak have the cores for themselves, since they measure how others are answered meanwhile.
test-thorough: .venv/dev.stamp $(EDITOR_OF_QUERIES) $(OUTLINE_OF_LAND)
	$(BIN)/python -m pytest $(ON_ALL_CORES) -m thorough --ignore tests/faults/test_attack.py --ignore tests/soak
	$(BIN)/python -m pytest tests/faults/test_attack.py tests/soak

attack: .venv/dev.stamp
	FONDS_ATTACK=long $(BIN)/python -m pytest tests/faults/test_attack.py

# atheris is there for few systems; without it, inputs are made by chance alone.
fuzz: .venv/dev.stamp
	@$(PIP) install --require-hashes -r requirements-fuzz.lock || echo "atheris cannot be had here: inputs are made by chance alone."
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

# The audit has an environment of its own: what it needs is no part of the program.
audit: .venv/dev.stamp
	$(BIN)/python -m tests.audit

faults: .venv/dev.stamp
	FONDS_FAULTS=long FONDS_FAULTS_SEED=$(SEED) $(BIN)/python -m pytest tests/faults --ignore tests/faults/test_attack.py

soak: .venv/dev.stamp
	$(BIN)/python -m tests.soak --minutes $(MINUTES)

crawl: .venv/dev.stamp
	FONDS_CRAWL=long $(BIN)/python -m pytest tests/conformance/test_crawl.py

bench: .venv/dev.stamp
	$(BIN)/python -m tests.bench --size $(SIZE)

bench-curves: .venv/dev.stamp
	$(BIN)/python -m tests.bench.curves --most $(MOST)

bench-series: .venv/dev.stamp
	$(BIN)/python -m tests.bench --series $(DOCUMENTS)

# Nothing may be missing that npm fetches: whoever installs the wheel has no npm. The time in the archives is that of the commit.
dist: .venv/serve.stamp $(EDITOR_OF_QUERIES) $(OUTLINE_OF_LAND)
	@for each in $(EDITOR_OF_QUERIES) $(OUTLINE_OF_LAND); do test -e $$each || \
	{ echo "No wheel: $$(dirname $$each) is missing, since npm is not installed or could not fetch it." >&2; exit 1; }; done
	rm -rf dist
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} $(BIN)/python -m hatchling build -d dist

bench-switch: .venv/dev.stamp
	$(BIN)/python -m tests.bench.switching --triples $(TRIPLES)

docs: .venv/dev.stamp
	$(BIN)/sphinx-build -W --keep-going -q -b html docs build/docs
	@echo "build/docs/index.html"

check: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports

# A stamp says that the environment holds what its lock file says; a second run costs nothing.
.venv/python.stamp:
	@test -n "$(PYTHON)" || { echo "fonds needs Python 3.11 or newer; found none on the path. Say which: make PYTHON=/path/to/python3 …" >&2; exit 1; }
	@test -d .venv || echo "Setting up .venv with $$($(PYTHON) --version) …"
	$(PYTHON) -m venv .venv || { echo "No venv here; on Debian: apt-get install python3-venv" >&2; exit 1; }
	touch $@

.venv/serve.stamp: .venv/python.stamp requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev.stamp: .venv/serve.stamp requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

# What comes from npm, where there is npm, held to the hashes in its lock file; without it all else is the same.
from_npm = if ! command -v npm >/dev/null; then echo "$(2): npm, from which it comes, is not installed."; \
	else npm ci --prefix $(1) --ignore-scripts --no-audit --no-fund --fetch-retries=1 --silent || \
	echo "$(2): npm could not fetch it."; fi

$(EDITOR_OF_QUERIES): src/fonds/web/package-lock.json
	@$(call from_npm,src/fonds/web,The query page has a plain field and no editor)

$(OUTLINE_OF_LAND): src/fonds/drawing/outline/package-lock.json
	@$(call from_npm,src/fonds/drawing/outline,Maps have no outline of the land)

messages: .venv/dev.stamp
	$(BIN)/python -m fonds.translations

# One lock for every Python and system; a lock without addresses works with any package index. The second
# lock is held to the versions of the first.
LOCK := $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock" --quiet
lock:
	$(LOCK) --group build --output-file requirements.lock
	$(LOCK) --group build --group bench --group test --group check --group docs \
		--constraints requirements.lock --output-file requirements-dev.lock
	$(LOCK:pyproject.toml=) --group fuzz --output-file requirements-fuzz.lock
	$(LOCK:pyproject.toml=) --group audit --output-file requirements-audit.lock
	@! grep -nE '://' requirements*.lock

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
