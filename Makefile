# Every command installs what it needs by itself and works without internet from then on.
# Assumed: Python >= 3.11 and make. Installing talks on standard error alone.
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Another Python beside the first: make test VENV=.venv-3.13 PYTHON=python3.13
VENV ?= .venv
SAM_VENV ?= .venv-sam
PYTHON ?=
CASE ?= 2
FILE ?=
LANGUAGE ?=
STACK ?=
FORCE ?=
REAL ?=
LOCKED ?=
DO ?= show
TABLE ?=
WHAT ?=
JSON ?=
ARGS ?=
FOR ?= 60
export SAM_CLI_TELEMETRY := 0
# A tenth of a start is compiling our own modules; what is compiled is kept beside them, where git does not look.
export PYTHONDONTWRITEBYTECODE :=

PY := $(VENV)/bin/python
SAM := AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-west-3} $(SAM_VENV)/bin/sam

# $(call install,<python>,<requirements file>): pip, again when a download breaks off, with a line a package. The file is the
# whole closure, so nothing is left to resolve; `pip check` proves it for the Python at hand.
define install
	@all=$$(grep -c '^[a-zA-Z]' $(2)); echo "installing $$all packages of $(2)" >&2; \
	for try in 1 2 3; do \
	  { $(1) -m pip install --progress-bar off --no-color --disable-pip-version-check --no-deps --require-hashes -r $(2) 2>&1; \
	    echo "ended $$?"; } | awk -v all="$$all" '/^(Collecting|Processing|Requirement already)/ { \
	      name = $$1 == "Requirement" ? $$4 : $$2; sub(/.*\//, "", name); sub(/(==|-[0-9]).*/, "", name); printf "  %d of %d: %s\n", ++done, all, name; fflush() } \
	    /^Installing collected/ { print "  putting them in place"; fflush() } \
	    /ERROR|WARNING: Retrying/ { print; fflush() } \
	    $$1 == "ended" { status = $$2 } END { exit status }' >&2 \
	    && $(1) -m pip check -q >&2 && exit 0; \
	  echo "installing $(2) broke off (attempt $$try of 3)" >&2; sleep 2; \
	done; exit 1
endef

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# ── the desk ──
.PHONY: run rehearse
run: $(VENV)/.local ## the whole desk on this machine, with its console; PORT=8420 SPEED=1 ORGANISATION_FILE=
	@$(PY) -m tools.build_console || echo "make run: the desk starts without its console" >&2
	@exec $(PY) -m local.run --with-parent $(if $(PORT),--port $(PORT)) $(if $(SPEED),--speed $(SPEED))

.PHONY: nights notices-page
nights: $(VENV)/.local ## who is called at night, when and how often, in French and English
	@exec $(PY) -m local.nights

notices-page: $(VENV)/.local ## every notice of the rehearsals in both languages: build/notices.html
	@exec $(PY) -m local.notices_page

rehearse: $(VENV)/.local ## one crisis in virtual time; CASE=1|2|3|4|leak|enquiry or FILE=script; LANGUAGE=fr|en
	@exec $(PY) -m local.rehearse $(if $(FILE),--file "$(FILE)",--case "$(CASE)") $(if $(filter fr en,$(LANGUAGE)),--language $(LANGUAGE))

.PHONY: check-organisation upload-organisation
check-organisation: $(VENV)/.local ## who does what, or every fault of an organisation file; FILE=, LANGUAGE=fr|en
	@exec $(PY) -m tools.organisation check "$(FILE)" $(if $(filter fr en,$(LANGUAGE)),--language $(LANGUAGE))

upload-organisation: $(VENV)/.local ## check an organisation file and make it hold on AWS; FILE=, STACK=
	@exec $(PY) -m tools.organisation upload "$(FILE)" $(if $(STACK),--stack "$(STACK)") $(if $(FORCE),--force)

# ── its quality ──
.PHONY: test check bench eval-triage eval-charter
test: $(VENV)/.dev ## the whole test suite; ARGS= goes to pytest
	@$(PY) -m pytest -q -n 2 -m "not channel and not browser and not api and not timed" $(ARGS)

CHECKS := check-format check-lint check-types check-template check-machines
.PHONY: $(CHECKS)
.PHONY: test-channels test-browser
test-browser: $(VENV)/.browser console ## the console in a real browser (Debian's chromium, installed if it is missing); ARGS= goes to pytest
	@$(PY) -m pytest -q -m browser tests/browser $(ARGS)

.PHONY: test-hostile test-api
test-hostile: $(VENV)/.dev ## hostile texts, counted and timed: twice the text, at most about twice the work
	@$(PY) -m pytest -q -n 2 $(or $(ARGS),tests/hostile)

test-api: $(VENV)/.api ## the interface against its OpenAPI document, over HTTP on `make run`, as every role and as nobody; EXAMPLES=6 SEED=
	@$(PY) -m pytest -q -s -m api tests/api $(ARGS)

.PHONY: test-engine
test-engine: $(VENV)/.second-engine ## every story from report to close on a second, independent engine, beside the first; docs/second-engine.md
	@exec $(PY) -m tools.second_engine

.PHONY: test-jsonata
test-jsonata: $(VENV)/.local ## every expression of the state machines against JSONata's reference implementation; needs npm, or takes PyPI's
	@exec $(PY) -m tools.jsonata_reference

.PHONY: console-pictures
console-pictures: $(VENV)/.browser console ## the pictures of docs/console.md, anew from real pages
	@PICTURES=docs/console $(PY) -m pytest -q -m browser tests/browser/test_pictures.py $(ARGS)

test-channels: $(VENV)/.dev ## the channels against real servers and emulators, which it installs and starts; needs npm, and root for apt-get
	@$(PY) -m pytest -q -s -m channel tests/channels $(ARGS)

check: $(CHECKS) ## formatter, linter, types, lint of the template and of every state machine
check-format: $(VENV)/.dev
	@$(PY) -m ruff format --check --output-format concise .
check-lint: $(VENV)/.dev
	@$(PY) -m ruff check --output-format concise .
check-types: $(VENV)/.dev
	@$(PY) -m mypy
check-template: $(VENV)/.dev $(SAM_VENV)/.sam .venv-checkov/.made
	@$(VENV)/bin/cfn-lint template.yaml
	@$(PY) -m tools.check_checkov
	@$(SAM) validate --lint
check-machines: $(VENV)/.dev
	@$(PY) -m tools.lint_machines

.PHONY: roles
roles: $(VENV)/.dev ## every role against the AWS calls of real stories: missing, unused, and what has a written reason
	@$(PY) -m pytest -q -n 0 -s tests/template/test_roles.py $(ARGS) | grep -v '^{'

.PHONY: deploy-commands
deploy-commands: $(VENV)/.local ## the commands of docs/deploy.md: which are run here, which cannot be and why
	@exec $(PY) -m tools.deploy_commands

.PHONY: alarms
alarms: $(VENV)/.dev ## cause, alarm, runbook: every alarm made to ring
	@$(PY) -m pytest -q -n 0 -s tests/template/test_alarms.py $(ARGS) | grep -v '^{'

bench: $(VENV)/.dev ## benchmarks, one JSON object a line
	@exec $(PY) -m tools.bench

.PHONY: bench-many
bench-many: $(VENV)/.dev ## what grows with how much there is; WHAT=publications|leak|week|cases, or all
	@exec $(PY) -m tools.bench_many $(WHAT)

.PHONY: table-calls
soak: $(VENV)/.local ## the running desk under webhooks, reading and a running clock, with faulthandler; FOR=60 seconds
	@SECONDS_OF_SOAK=$(FOR) $(PY) -m tools.soak

table-calls: $(VENV)/.dev ## what a rehearsal asks of the table, act by act; CASE=2 or a script
	@exec $(PY) -m tools.table_calls "$(CASE)"

.PHONY: events
events: $(VENV)/.dev ## docs/events.md: the events of the bus with their schemas, from the code
	@exec $(PY) -m tools.events

.PHONY: bench-cost
bench-cost: $(VENV)/.local ## US dollars of fourteen days of each kind of crisis, of a month of nothing, of an open console; docs/cost.md
	@exec $(PY) -m tools.cost

.PHONY: triage train-triage learn
triage: $(VENV)/.local ## what triage says of every report in FILE= (JSON lines), as if received at 03:00
	@exec $(PY) -m tools.triage.judge "$(FILE)"

eval-triage: $(VENV)/.dev ## how well triage decides; FILE= labelled cases, REAL= a folder of real messages, LOCKED=1 once a release, JSON=1, ALL=1
	@exec $(PY) -m tools.triage.evaluate $(if $(FILE),--file "$(FILE)") $(if $(REAL),--real "$(REAL)") $(if $(LOCKED),--locked) $(if $(JSON),--json) $(if $(ALL),--seeds 5)

train-triage: $(VENV)/.dev ## make the model of triage anew; prints its hash
	@exec $(PY) -m tools.triage.train

learn: $(VENV)/.dev ## learning from use, never by itself: DO=gather|show|measure|retrain|erase TABLE=; see docs/triage.md
	@exec $(PY) -m tools.triage.learn $(DO) --table "$(TABLE)" $(ARGS)

eval-charter: $(VENV)/.dev ## what the charter finds, and finds falsely, in labelled texts; FILE= texts of one's own
	@exec $(PY) -m tools.eval_charter $(if $(FILE),--file "$(FILE)")

.PHONY: lazy-person
lazy-person: $(VENV)/.dev ## how far somebody gets who writes "x" into every box; exit 1 where a case closes or a text leaves
	@exec $(PY) -m tools.lazy_person

.PHONY: duties
duties: $(VENV)/.dev ## every obligation of the desk, where it lives, and whether a test lives it; exit 1 while one has none
	@exec $(PY) -m tools.duties $(ARGS)

# ── what ships ──
.PHONY: build lock clean console
console: $(VENV)/.local ## the console's files, from console/ (make run and make build do it by themselves)
	@$(PY) -m tools.build_console

build: $(VENV)/.dev $(SAM_VENV)/.sam console ## sam build, without Docker; needs python3.13 on the path
	@$(SAM) build
	@$(PY) -m tools.check_build

.PHONY: sbom licences audit
sbom: $(VENV)/.local .venv-supply/.made ## what ships, as a CycloneDX document: build/sbom.json
	@$(PY) -m tools.supply sbom

licences: $(VENV)/.local ## the licence of everything that ships, against the list of tools/licences.yaml
	@$(PY) -m tools.supply licences

audit: .venv-supply/.made $(VENV)/.local ## known vulnerabilities of what ships (asks PyPI's service); exit 1 for one, 3 where it cannot be asked
	@$(PY) -m tools.supply audit

# pip-compile reads pyproject.toml; the locks are made on the oldest Python and installed on every one.
# No place from which a package was downloaded goes into them.
LOCK = $(PY) -m piptools compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock: $(VENV)/.dev ## make the pinned requirements anew from pyproject.toml
	@$(LOCK) -o requirements/runtime.txt pyproject.toml
	@$(LOCK) -c requirements/runtime.txt --extra local -o requirements/local.txt pyproject.toml
	@$(LOCK) -c requirements/runtime.txt --extra local --extra dev -o requirements/dev.txt pyproject.toml
	@$(LOCK) --extra sam -o requirements/sam.txt pyproject.toml
	@$(LOCK) -c requirements/dev.txt --extra browser -o requirements/browser.txt pyproject.toml
	@$(LOCK) -c requirements/dev.txt --extra api -o requirements/api.txt pyproject.toml
	@$(PY) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["node"], sep="\n")' \
	  | $(LOCK) -o requirements/node.txt -
	@for extra in supply checkov; do \
	  $(PY) -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['$$extra'], sep='\n')" \
	    | $(LOCK) -o requirements/$$extra.txt - || exit 1; \
	done
	@cp requirements/runtime.txt shared/requirements.txt

clean: ## away with environments, builds and caches
	@rm -rf .venv .venv-* .aws-sam .cache/machines .cache/definitions .cache/sources .cache/templates console/node_modules functions/console/files .hypothesis .mypy_cache .pytest_cache .ruff_cache

# ── environments ──
$(VENV)/.made:
	@sh tools/make_venv.sh "$(VENV)" $(PYTHON) >&2
	@$(PY) -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "sangfroid.pth").write_text("$(CURDIR)/shared\n")'
	@touch $@

$(VENV)/.local: requirements/local.txt | $(VENV)/.made
	$(call install,$(PY),requirements/local.txt)
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/.made
	$(call install,$(PY),requirements/dev.txt)
	@touch $@ $(VENV)/.local

$(VENV)/.browser: requirements/browser.txt | $(VENV)/.dev
	$(call install,$(PY),requirements/browser.txt)
	@touch $@

$(VENV)/.api: requirements/api.txt | $(VENV)/.dev
	$(call install,$(PY),requirements/api.txt)
	@touch $@

$(VENV)/.second-engine: requirements/engine.txt | $(VENV)/.local
	@rm -rf $(VENV)/second-engine
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps --require-hashes --target $(VENV)/second-engine -r requirements/engine.txt >&2
	@touch $@

# Tools that look at what is here from outside, each in an environment of its own: their pins are at odds with ours.
.venv-supply/.made .venv-checkov/.made: .venv-%/.made: requirements/%.txt
	@test -x $(@D)/bin/python || sh tools/make_venv.sh "$(@D)" $(PYTHON) >&2
	$(call install,$(@D)/bin/python,requirements/$*.txt)
	@touch $@

$(SAM_VENV)/.sam: requirements/sam.txt
	@test -x $(SAM_VENV)/bin/python || sh tools/make_venv.sh "$(SAM_VENV)" $(PYTHON) >&2
	$(call install,$(SAM_VENV)/bin/python,requirements/sam.txt)
	@touch $@
