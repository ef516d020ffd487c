# textseq: `make` lists what there is.
PYTHON ?= python3
# Handed to every pip install. The CPU-only build of PyTorch is a smaller download on Linux:
#   make demo PIP_ARGS="--extra-index-url https://download.pytorch.org/whl/cpu"
PIP_ARGS ?=
# The corpora of `make bench`: benchmarks/README.md tells what is in them.
DATA ?= ../shared/data

# Compiled on installing, if there is a C compiler.
KERNELS := $(wildcard textseq/kernels/*.[ch])

VENV := .venv
BIN := $(VENV)/bin
# Without R's headers: rpy2 then finds R when it is called, not when it is installed.
PIP := RPY2_CFFI_MODE=ABI $(BIN)/python -m pip install -qq --disable-pip-version-check $(PIP_ARGS) -c constraints.txt
# textseq's peers, for `make bench-speed`, have an environment of their own.
PEERS := .venv-peers
# So has statsforecast, which needs pandas 2: what reads frames is tested with it too.
STATS := .venv-stats
STATS_TESTS := $(foreach name,panel frequency metrics baselines forecasts statistical,tests/series/test_$(name).py)
APT := apt-get -o Dpkg::Use-Pty=0 -qq

.DEFAULT_GOAL := help
.PHONY: help demo test lint browser r reliability bench bench-speed format clean

help:
	@echo "make demo         compare encoders on a shipped sample (needs Python 3.11+ and make; a C compiler makes it faster)"
	@echo "make test         install what the tests need, then run all that CI runs"
	@echo "make lint         ruff and mypy alone"
	@echo "make reliability  the long tests: damage, interruption, random input"
	@echo "make bench        textseq beside its peers on the benchmark corpora"
	@echo "make bench-speed  the last part of it: speed and memory beside other libraries"
	@echo "make format       put the code into ruff's form"
	@echo "make clean        remove caches and built files (environments stay)"
	@echo "Set PYTHON=python3.12 to choose the interpreter, PIP_ARGS for pip's options."

demo: $(VENV)/.installed
	@$(BIN)/textseq compare data/sms_spam.csv.gz --encoders mean,lstm,bilstm \
		--vectors glove.6B.50d.top20k --seeds 2 --epochs 12 --out demo-sms_spam.html

test: browser r lint $(STATS)/.installed
	@$(BIN)/python -m pytest
	@$(STATS)/bin/python -m pytest -m "not slow" $(STATS_TESTS)

lint: $(VENV)/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

reliability: browser $(VENV)/.installed-dev
	@$(BIN)/python -m pytest -m slow

bench: $(VENV)/.installed-dev
	@$(BIN)/python benchmarks/cells.py
	@$(BIN)/python benchmarks/remember.py
	@$(BIN)/python benchmarks/accuracy.py --data $(DATA)
	@$(BIN)/python benchmarks/series/classification.py --data $(DATA)
	@$(BIN)/python benchmarks/series/forecasting.py --data $(DATA)
	@$(BIN)/python benchmarks/sequences/language.py --data $(DATA)
	@$(BIN)/python benchmarks/sequences/translation.py --data $(DATA)
	@$(BIN)/python benchmarks/sequences/transfer.py --data $(DATA)
	@$(BIN)/python benchmarks/sequences/tagging.py
	@$(BIN)/python benchmarks/sequences/toys.py
	@$(MAKE) --no-print-directory bench-speed

# make bench-speed SPEED_ARGS="--rows training --contests bilstm" runs a part of it.
bench-speed: $(VENV)/.installed-dev $(PEERS)/.installed
	@$(BIN)/python benchmarks/speed/run.py --data $(DATA) --peers $(PEERS)/bin/python $(SPEED_ARGS)

format: $(VENV)/.installed-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis demo-*.html
	@find . -name __pycache__ -not -path './.venv*/*' -prune -exec rm -rf {} +

# A stamp file each, so that pip runs again only when what it installs has changed.
$(VENV)/.installed: pyproject.toml constraints.txt $(KERNELS) | $(BIN)/python
	@echo "Installing textseq into $(VENV) ..."
	@$(PIP) -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt $(KERNELS) | $(BIN)/python
	@echo "Installing textseq and its tests' tools into $(VENV) ..."
	@$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.installed

$(PEERS)/.installed: benchmarks/peers.txt
	@echo "Installing textseq's peers into $(PEERS) ..."
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install -qq --disable-pip-version-check $(PIP_ARGS) -r $<
	@touch $@

$(STATS)/.installed: tests/statsforecast.txt
	@echo "Installing statsforecast and pandas 2 into $(STATS) ..."
	@test -x $(STATS)/bin/python || $(PYTHON) -m venv $(STATS)
	@$(STATS)/bin/python -m pip install -qq --disable-pip-version-check $(PIP_ARGS) -r $<
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"textseq needs Python 3.11 or newer, this is " + sys.version.split()[0] + \
		"; name another: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)

# The HTML page is looked at in a real browser.
browser:
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing chromium and chromium-driver ..."; \
		$(APT) update && DEBIAN_FRONTEND=noninteractive $(APT) install -y --no-install-recommends \
			chromium chromium-driver >/dev/null; \
	else \
		echo "chromium and chromedriver are missing, so the tests of the HTML page are skipped;"; \
		echo "on Debian: sudo apt-get install chromium chromium-driver"; \
	fi

# The models of R's forecast package are compared with R itself.
r:
	@if Rscript -e 'loadNamespace("forecast")' >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing R and its package forecast ..."; \
		$(APT) update && DEBIAN_FRONTEND=noninteractive $(APT) install -y --no-install-recommends \
			r-base-core r-cran-forecast >/dev/null; \
	else \
		echo "R or its package forecast is missing, so the tests of R's models will fail;"; \
		echo "on Debian: sudo apt-get install r-base-core r-cran-forecast"; \
	fi
