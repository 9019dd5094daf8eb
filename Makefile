# Each target sets up what it needs; nothing but Python 3.11+ and a C compiler is expected.
PYTHON ?= python3
BIN := .venv/bin
export UV_NO_PROGRESS := 1
DEMO ?=  # options, such as --no-serve or --lang lv

LAB ?=  # options of JupyterLab, such as --port=9000 or --no-browser

# Pupils in the history that the lab makes up where there is none; fewer is faster, and shows less.
PUPILS ?= 8000

.PHONY: demo lab test lint bench setup lock mutants clean

demo: setup
	@$(BIN)/pumpurs demo $(DEMO)

# JupyterLab on the notebooks, with settings of its own; the address is printed, Ctrl-C stops it.
lab: setup demo/history.parquet
	@JUPYTER_CONFIG_PATH=notebooks/.jupyter $(BIN)/jupyter lab $(LAB)

demo/history.parquet: | setup
	@echo "Making up a history to work on, once: registers of $(PUPILS) pupils over six years..."
	@rm -rf demo/past
	@$(BIN)/pumpurs registers synth --pupils $(PUPILS) --years 6 --seed 1 --no-dirt --out demo/past > /dev/null
	@echo "... and what was known on each of ten days (with 8000 pupils about two minutes)..."
	@$(BIN)/pumpurs history demo/past --out $@
	@rm -rf demo/past

test: setup
	$(BIN)/python -m pytest -n auto

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pumpurs check

bench: setup
	for script in benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

# Slow: how much would the tests notice if the code were wrong?
mutants: setup
	HYPOTHESIS_PROFILE=quick $(BIN)/mutmut run --max-children 2
	$(BIN)/mutmut results

# Chooses new versions: hashes, and no addresses of package indexes.
lock: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links --upgrade \
		--extra lab --group dev pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv build dist mutants
