# Two commands do everything: `make run` starts the app, `make test` runs all tests.
# Each line also works by hand, with `python -m venv`, `python -m pip` and `python -m` (see the README for Windows).
PYTHON ?= python3
VENV ?= .venv
ifeq ($(OS),Windows_NT)
BIN = $(VENV)/Scripts
else
BIN = $(VENV)/bin
endif

.PHONY: run test install lint web clean

run: install
	$(BIN)/python -m workbench

test: install
	$(BIN)/python tests/prepare.py
	$(BIN)/python tests/audit.py
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest -n 2 --dist loadscope

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e ".[all]"
	$(BIN)/python -c "open('$(VENV)/.installed', 'w').close()"

web: install
	$(BIN)/python tests/prepare.py --rebuild

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis workbench/web/node_modules
