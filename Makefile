# What one does with this project. `make` alone lists it; only Python from 3.11 on, make and git have to be there.

PYTHON ?=
PORT ?= 8000
WORKERS ?= 2
ARGS ?=

BIN := .venv/bin
WINGS := procurement bids
DEMO := var/demo
DEMO_KEYS := var/demo-keys

# A stamp carries the checksum of what was installed, so that another branch's pins are installed and the same are not.
checksum = $(shell cat $(1) | cksum | cut -d ' ' -f 1)
RUNTIME := .venv/.runtime-$(call checksum,requirements.txt)
TOOLS := .venv/.tools-$(call checksum,requirements-dev.txt)
PAGES := node_modules/.stamp-$(call checksum,package-lock.json)
MESSAGES := $(patsubst %.po,%.mo,$(wildcard $(WINGS:%=%/locale/*/LC_MESSAGES/*.po)))

# The demo runs as in production but without HTTPS, on data of its own; its keys lie apart from them.
DEMO_ENV = ASSAY_VAR=$(DEMO) DATABASE_URL=sqlite:///$(DEMO)/assay.sqlite3 ASSAY_HTTPS=0 ASSAY_DEBUG=0 \
	ASSAY_SECRET_KEY="$$(cat $(DEMO_KEYS)/secret-key)" \
	ASSAY_SYSTEM_KEY=$(DEMO_KEYS)/system.key ASSAY_SIGNING_KEY=$(DEMO_KEYS)/signing.key
# Memory that is given back is overwritten at once (GNU C library), so that nothing of a bid stays behind in it.
OVERWRITING := PYTHONMALLOC=malloc GLIBC_TUNABLES=glibc.malloc.perturb=165:glibc.malloc.tcache_count=0
# Checks need no data; a long random key stands for the one of a real site.
CHECK_ENV = DATABASE_URL=sqlite://:memory: ASSAY_DEBUG=0 ASSAY_HTTPS=1 \
	ASSAY_SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')"

.PHONY: help
help:  ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

# --- for everybody ------------------------------------------------------------------------------------------------
.PHONY: install demo demo-reset
install: $(RUNTIME) $(PAGES) $(MESSAGES)  ## everything that the site runs on, into .venv and node_modules

demo: install $(DEMO)/story  ## the site with its story on 127.0.0.1, PORT=8000
	@$(DEMO_ENV) $(BIN)/python manage.py migrate --verbosity 0
	@$(DEMO_ENV) $(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@cat $(DEMO)/story
	@echo && echo "Assay listens on http://127.0.0.1:$(PORT)/ (Ctrl-C ends it; make demo-reset starts the story over)"
	@$(DEMO_ENV) $(OVERWRITING) exec $(BIN)/gunicorn procurement.wsgi --bind 127.0.0.1:$(PORT) --workers 2 --threads 1 \
		--no-control-socket --log-level warning

demo-reset:  ## throw the demo's data away
	rm -rf $(DEMO) $(DEMO_KEYS)

$(DEMO)/story: | install
	@rm -rf $(DEMO) $(DEMO_KEYS) && umask 077 && mkdir -p $(DEMO) $(DEMO_KEYS)
	@$(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))' > $(DEMO_KEYS)/secret-key
	@$(DEMO_ENV) $(BIN)/python manage.py migrate --verbosity 0
	@$(DEMO_ENV) $(BIN)/python manage.py make_signing_key > $(DEMO)/signing-key.pub
	@$(DEMO_ENV) $(BIN)/python manage.py make_system_key > $(DEMO)/system-key.id
	@$(DEMO_ENV) $(BIN)/python manage.py loadstory > $(DEMO)/story.new
	@mv $(DEMO)/story.new $@

# --- for those who change it --------------------------------------------------------------------------------------
.PHONY: develop test journeys check style types contracts migrations production house bench faults format messages pins clean
develop: $(TOOLS) $(PAGES) $(MESSAGES)  ## what tests and checks need on top

test: develop  ## the whole suite; ARGS="-k ranking" narrows it, ARGS=--cov shows what no test reached
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadgroup $(ARGS)

journeys: develop  ## only the walks in the browser
	$(BIN)/python -m pytest tests/journeys $(ARGS)

check: style types contracts migrations production house  ## everything that can be seen without the suite

style: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: develop
	$(BIN)/mypy

contracts: develop
	$(BIN)/lint-imports --no-logo

migrations: develop
	$(CHECK_ENV) $(BIN)/python manage.py makemigrations --check --dry-run

production: develop
	$(CHECK_ENV) $(BIN)/python -W error manage.py check --deploy --fail-level WARNING

house: develop
	$(BIN)/python -m pytest --quiet tests/test_house.py tests/test_texts.py

bench: develop  ## how long things take, and whether that is as promised; ARGS="--strict trail" for one of them
	$(BIN)/python -m tests.benches $(ARGS)

FAULTS := var/faults.jsonl
faults: develop  ## the long forms of what happens to sites: killed, full, locked; ends with a line of figures
	@mkdir -p var && rm -f $(FAULTS)
	ASSAY_MACHINE_EXAMPLES=10000 $(BIN)/python -m pytest tests/invariants --numprocesses $(WORKERS) --dist worksteal --quiet \
		-o faulthandler_timeout=0
	@ASSAY_FAULT_ROUNDS=100 ASSAY_FAULT_SECONDS=30 ASSAY_FAULT_FIGURES=$(FAULTS) $(BIN)/python -m tests.faults || true
	@$(BIN)/python -m tests.faults.summary $(FAULTS)

format: $(TOOLS)  ## style, mended where it can be
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(RUNTIME)  ## collect the texts to be translated (needs GNU gettext), then compile
	for wing in $(WINGS); do (cd $$wing && mkdir -p locale && ../$(BIN)/django-admin makemessages \
		--locale zh_Hant --no-obsolete --add-location file --verbosity 0) || exit 1; done
	$(MAKE) install

pins: $(TOOLS)  ## pin the newest versions that the .in files allow
	$(BIN)/python -m pip install --quiet uv
	for name in requirements requirements-dev requirements-node; do $(BIN)/uv pip compile --quiet --upgrade \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make pins" $$name.in --output-file $$name.txt || exit 1; done
	.ci/npm install --package-lock-only
	$(BIN)/python .ci/strip_lock.py

clean:  ## remove what was installed; data in var/ stays
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache htmlcov
	find $(WINGS) tests \( -name __pycache__ -o -name '*.mo' \) -prune -exec rm -rf {} +

# --- what is made -------------------------------------------------------------------------------------------------
$(BIN)/pip:
	@python="$$(.ci/find-python $(PYTHON))" && "$$python" -m venv --clear .venv
	@$(BIN)/python --version

$(RUNTIME): | $(BIN)/pip
	@rm -f .venv/.runtime-*
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(TOOLS): | $(RUNTIME)
	@rm -f .venv/.tools-*
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(PAGES): | $(BIN)/pip
	.ci/npm ci --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

%.mo: %.po | $(RUNTIME)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
