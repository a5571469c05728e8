# make demo | test | test-fast | check | test-long | bench | mutants | lock. The README says what each is for.
PYTHON ?= python3
PORT ?= 8000
VENV = .venv
BIN = $(VENV)/bin
DEMO = HUMANICITE_DEMO=1
MANAGE = $(DEMO) $(BIN)/python manage.py
PYTEST = $(BIN)/pytest
FAST = tests/test_house.py tests/lib/test_dates.py tests/lib/test_inbound.py tests/governance/test_scoping.py \
	$(addprefix tests/mediation/,activities history routing situations worktime)

.PHONY: demo demo-data demo-reset test test-fast test-long check lint bench mutants lock clean

demo: demo-data
	@echo ""
	@echo "  Humanicité: http://127.0.0.1:$(PORT)/  (stop with Ctrl+C)"
	@echo ""
	@$(DEMO) SITE_URL=http://127.0.0.1:$(PORT) $(BIN)/gunicorn --no-control-socket --workers 2 --threads 2 --log-level warning --bind 127.0.0.1:$(PORT) humanicite.wsgi

demo-data: $(VENV)/.ready
	@.ci/system pango
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) createcachetable
	@$(MANAGE) load_demo

demo-reset: $(VENV)/.ready
	@$(MANAGE) remove_demo
	@$(MAKE) demo-data

# In parallel; browsers come last, on cores that are free.
test: $(VENV)/.ready-test
	@.ci/system pango chromium driver dovecot
	$(PYTEST) -n auto

# While one writes: the rules and the pages that change most, without browsers, servers and walks; under a minute.
test-fast: $(VENV)/.ready-test
	$(PYTEST) -n auto $(FAST)

test-long: $(VENV)/.ready-test
	@.ci/system pango chromium driver dovecot
	HUMANICITE_LONG=1 $(PYTEST) -n auto

check:
	@.ci/run

lint: $(VENV)/.ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/bandit --quiet --severity-level medium --recursive humanicite governance mediation reporting
	$(DEMO) $(BIN)/python manage.py makemigrations --check --dry-run
	SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(64))") ALLOWED_HOSTS=example.org BEHIND_PROXY=1 $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(VENV)/.ready-test
	@.ci/system pango
	$(BIN)/python -m tests.benchmarks

# Small faults that no test sees; for as long as one likes: make mutants MUTANTS="--most 20 --only rights"
mutants: $(VENV)/.ready-test
	@.ci/system pango dovecot
	$(BIN)/python -m tests.mutants $(MUTANTS)

# Writes the locks again from pyproject.toml; needs uv.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade -o requirements.lock
	uv pip compile pyproject.toml --group test --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade -o requirements-test.lock

clean:
	rm -rf $(VENV) var staticfiles

$(VENV)/bin/pip:
	@.ci/system venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.lock | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.ready-test: requirements-test.lock | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@ $(VENV)/.ready
