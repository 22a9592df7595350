# Needs make and Python 3.11 or newer with venv and pip; everything else goes into .venv.
#   make demo     train on the shipped digits         make lint    ruff and mypy
#   make test     the test suite                      make parity  compare with real torch and ignite
#   make bench    side by side with torch and ignite  make clean   remove what make made

PYTHON ?= python3
VENV ?= .venv
JOBS ?= auto
ARGS ?=

py := $(VENV)/bin/python
pip := $(py) -m pip install --quiet
# The one place that names the version is the parity extra.
torch = $(shell grep -o 'torch==[0-9.]*' pyproject.toml)

.PHONY: help demo test lint parity bench clean
.DELETE_ON_ERROR:

help:
	@sed -n '1,/^$$/s/^# *//p' Makefile

demo: $(VENV)/.has-demo
	$(py) examples/digits.py $(ARGS)

test: $(VENV)/.has-test
	OMP_NUM_THREADS=1 $(py) -m pytest -q -n $(JOBS) --dist worksteal $(ARGS)

lint: $(VENV)/.has-test
	$(py) -m ruff check .
	$(py) -m mypy

parity: $(VENV)/.has-parity
	OMP_NUM_THREADS=1 $(py) -m pytest -q -n $(JOBS) --dist worksteal tests/parity $(ARGS)

bench: $(VENV)/.has-parity
	$(py) -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each set of packages: a second call finds it and installs nothing, a change of pyproject.toml
# installs again. A stamp is written only after everything before it went well.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "make: Sparkle needs Python 3.11 or newer, '$(PYTHON)' is: $$($(PYTHON) --version 2>&1)"; \
	    echo "      Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { \
	    echo "make: '$(PYTHON) -m venv' failed; Debian and Ubuntu keep it in the package python3-venv"; exit 1; }
	@touch $@

$(VENV)/.has-demo: pyproject.toml $(VENV)/.created
	@echo "Installing sparkle with the extras fast and plot into $(VENV)"
	@$(pip) --editable '.[fast,plot]'
	@touch $@

$(VENV)/.has-test: pyproject.toml $(VENV)/.created
	@echo "Installing sparkle with the extras fast, plot, atari and dev into $(VENV)"
	@$(pip) --editable '.[fast,plot,atari,dev]'
	@touch $@

# torch goes first and alone, so that no other package's requirement chooses another build of it.
$(VENV)/.has-parity: $(VENV)/.has-test
	@echo "Installing $(torch), ignite, scikit-learn and scipy into $(VENV)"
	@$(pip) '$(torch)'
	@$(pip) --editable '.[parity]'
	@touch $@
