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
PAGES := $(wildcard tests/*/test_page.py tests/*/*/test_page.py)
COMMANDS := tests/cli tests/r tests/playground tests/docs $(PAGES) tests/test_readme.py tests/test_package.py
# The R package, and what R needs for it; the names of Debian's packages follow from R's.
R_NEEDS := callr cli dplyr forecast generics ggplot2 glmnet knitr reticulate rlang rmarkdown roxygen2 testthat tibble
R_DEBIAN = r-base-core qpdf pandoc $(R_NEEDS:%=r-cran-%)
R_SOURCES := $(wildcard r/DESCRIPTION r/NAMESPACE r/NEWS.md r/R/*.R r/man/*.Rd r/tests/testthat/*.R vignettes/*.Rmd) \
	$(wildcard textseq/r/*)
R_BUILT := build/textseq_0.1.0.tar.gz
# The same without the lessons whose code is that of a lesson in English (tests/test_vignettes.py).
R_CHECKED := build/checked/textseq_0.1.0.tar.gz
SAME_CODE := $(wildcard vignettes/licao[4-9]-*.Rmd vignettes/licao1[0-9]-*.Rmd)
R_ENV := LC_ALL=C.UTF-8 CI=true TEXTSEQ_PYTHON=$(CURDIR)/$(BIN)/python \
	RETICULATE_PYTHON=$(CURDIR)/$(BIN)/python \
	TORCHINDUCTOR_CACHE_DIR=$(CURDIR)/build/torch _R_CHECK_CRAN_INCOMING_=FALSE _R_CHECK_SYSTEM_CLOCK_=0 _R_CHECK_ELAPSED_TIMEOUT_=1800
# Two targets may install at once.
APT := apt-get -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 -qq

.DEFAULT_GOAL := help
.PHONY: help demo test test-r test-commands test-others test-processors lint packages browser r r-check r-docs vignettes docs reliability bench bench-speed bench-scale format clean

help:
	@echo "make demo         compare encoders on a shipped sample (needs Python 3.11+ and make; a C compiler makes it faster)"
	@echo "make test         install what the tests need, then run all that CI runs"
	@echo "make lint         ruff, clang-format and mypy alone"
	@echo "make vignettes    render the R package's vignettes to HTML, into build/vignettes"
	@echo "make docs         the site that explains it all, into build/site: guides, lessons, references, gallery"
	@echo "make r-check      R CMD check of the R package: its tests, examples, documentation"
	@echo "make r-docs       write its help pages anew from the comments"
	@echo "make reliability  the long tests: damage, interruption, random input, other processors"
	@echo "make test-processors  the tests that compute, as other processors and thread counts would"
	@echo "make bench        textseq beside its peers on the benchmark corpora"
	@echo "make bench-speed  the last part of it: speed and memory beside other libraries"
	@echo "make bench-scale  memory and time of fits to millions of texts and rows of series (two hours, 10 GB of disk)"
	@echo "make format       put the code into the form of ruff and clang-format"
	@echo "make clean        remove caches and built files (environments stay)"
	@echo "Set PYTHON=python3.12 to choose the interpreter, PIP_ARGS for pip's options."

demo: $(VENV)/.installed
	@$(BIN)/textseq compare data/sms_spam.csv.gz --encoders mean,lstm,bilstm \
		--vectors glove.6B.50d.top20k --seeds 2 --epochs 12 --out demo-sms_spam.html

# Two jobs side by side, for two cores: what is installed, then what is run, the longest first.
test:
	@$(MAKE) --no-print-directory -j2 packages $(VENV)/.installed-dev $(STATS)/.installed
	@$(MAKE) --no-print-directory -j2 test-r test-commands test-others lint

# One after the other: there is one apt.
packages:
	@$(MAKE) --no-print-directory r
	@$(MAKE) --no-print-directory browser

# One job from the building of the package on, which else would wait for its turn a second time.
test-r:
	@$(MAKE) --no-print-directory r-check

# Python's tests in two parts: those that start R, a browser or commands, and all others.
test-commands: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest --durations=15 $(COMMANDS)

test-others: $(VENV)/.installed-dev $(STATS)/.installed
	@$(BIN)/python -m pytest --durations=25 $(COMMANDS:%=--ignore=%)
	@$(STATS)/bin/python -m pytest -m "not slow" $(STATS_TESTS)

lint: $(VENV)/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/clang-format --dry-run --Werror $(KERNELS)
	@$(BIN)/mypy

reliability: browser test-processors
	@$(BIN)/python -m pytest -m slow -o faulthandler_timeout=7200

test-processors: $(VENV)/.installed-dev
	@$(BIN)/python tests/processors.py

bench-scale: $(VENV)/.installed-dev
	@$(BIN)/python benchmarks/scale.py --data $(DATA) --folder build/scale --rows 2000000 --encoders mean,gru --epochs 1 --kinds parquet,csv --in-memory
	@$(BIN)/python benchmarks/scale.py --data $(DATA) --folder build/scale --rows 2000000,20000000
	@$(BIN)/python benchmarks/scale.py --folder build/scale --series 2000,10000 --in-memory
	@$(BIN)/python benchmarks/workers.py --data $(DATA) --ray
	@$(BIN)/python benchmarks/attention_memory.py

bench: r $(VENV)/.installed-dev
	@$(BIN)/python benchmarks/cells.py
	@$(BIN)/python benchmarks/remember.py
	@$(BIN)/python benchmarks/accuracy.py --data $(DATA)
	@$(BIN)/python benchmarks/plain_recipe.py --data $(DATA)
	@$(BIN)/python benchmarks/series/classification.py --data $(DATA)
	@$(BIN)/python benchmarks/series/forecasting.py --data $(DATA)
	@$(BIN)/python benchmarks/sequences/language.py --data $(DATA)
	@$(BIN)/python benchmarks/sequences/translation.py --data $(DATA)
	@$(BIN)/python benchmarks/sequences/transfer.py --data $(DATA)
	@$(BIN)/python benchmarks/sequences/tagging.py
	@$(BIN)/python benchmarks/sequences/entities.py --data $(DATA)
	@$(BIN)/python benchmarks/sequences/toys.py
	@$(BIN)/python benchmarks/sequences/speech.py --data $(DATA)
	@$(BIN)/python benchmarks/sequences/captions.py
	@$(BIN)/python benchmarks/sequences/answering.py
	@mkdir -p build/library && R CMD INSTALL --no-docs --library=build/library r >/dev/null 2>&1
	@$(R_ENV) R_LIBS=build/library Rscript benchmarks/r/crossing.R
	@$(MAKE) --no-print-directory bench-speed

# make bench-speed SPEED_ARGS="--rows training --contests bilstm" runs a part of it.
bench-speed: $(VENV)/.installed-dev $(PEERS)/.installed
	@$(BIN)/python benchmarks/speed/run.py --data $(DATA) --peers $(PEERS)/bin/python $(SPEED_ARGS)

format: $(VENV)/.installed-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/clang-format -i $(KERNELS)

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

$(VENV)/.installed-docs: pyproject.toml constraints.txt $(VENV)/.installed-dev
	@echo "Installing the site's tools into $(VENV) ..."
	@$(PIP) -e '.[docs]'
	@touch $@

$(PEERS)/.installed: benchmarks/peers.txt
	@echo "Installing textseq's peers into $(PEERS) ..."
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS) || { rm -rf $(PEERS); exit 1; }
	@$(PEERS)/bin/python -m pip install -qq --disable-pip-version-check $(PIP_ARGS) -r $<
	@touch $@

$(STATS)/.installed: tests/statsforecast.txt
	@echo "Installing statsforecast and pandas 2 into $(STATS) ..."
	@test -x $(STATS)/bin/python || $(PYTHON) -m venv $(STATS) || { rm -rf $(STATS); exit 1; }
	@$(STATS)/bin/python -m pip install -qq --disable-pip-version-check $(PIP_ARGS) -r $<
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"textseq needs Python 3.11 or newer, this is " + sys.version.split()[0] + \
		"; name another: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

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

# R with what its package textseq needs, and with what it is compared to.
r:
	@if Rscript -e 'invisible(lapply(commandArgs(TRUE), loadNamespace))' $(R_NEEDS) >/dev/null 2>&1 \
		&& command -v qpdf >/dev/null && command -v pandoc >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing R and its packages ..."; \
		$(APT) update && DEBIAN_FRONTEND=noninteractive $(APT) install -y --no-install-recommends \
			$(R_DEBIAN) >/dev/null; \
	else \
		echo "R or some of its packages are missing, so the tests of R will fail;"; \
		echo "on Debian: sudo apt-get install $(R_DEBIAN)"; \
		echo "elsewhere: R 4.1 or newer, pandoc, qpdf, and the R packages $(R_NEEDS)"; \
	fi

# Examples, tests and rendered vignettes of the R package, as CRAN checks them.
r-check: r $(R_CHECKED)
	@mkdir -p build/torch
	@cd build && $(R_ENV) R CMD check --as-cran --no-manual --no-vignettes --no-build-vignettes \
		$(R_CHECKED:build/%=%) >r-check.log 2>&1; status=$$?; \
		grep -E "^(Status|\* checking (tests|examples|tests/testthat))|\.\.\. (NOTE|WARNING|ERROR)" r-check.log || true; \
		if [ $$status != 0 ] || ! grep -q "^Status: OK" r-check.log; then \
			cat r-check.log textseq.Rcheck/tests/testthat.Rout.fail 2>/dev/null; exit 1; fi

# Rendered on building the package: R Markdown, with what R and Python answer at that moment.
vignettes: r $(R_BUILT)
	@rm -rf build/vignettes && mkdir -p build/vignettes
	@tar -xzf $(R_BUILT) -C build/vignettes --strip-components=3 textseq/inst/doc
	@cd build/vignettes && rm -f *.R *.Rmd && ls *.html

# The whole site. It fails on a link that leads nowhere, and on a page that asks another server.
docs: R_NEEDS += pkgdown
docs: browser r vignettes $(VENV)/.installed-docs
	@echo "Building the site ..."
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python docs/generate/build_site.py
	@$(BIN)/python -m pytest --doctest-modules -m site tests/docs
	@$(BIN)/python -m pytest --doctest-modules docs/generate

$(R_BUILT): $(R_SOURCES) $(VENV)/.installed
	@mkdir -p build/torch
	@echo "Building the R package and rendering its vignettes ..."
	@cd build && $(R_ENV) R CMD build ../r >r-build.log 2>&1 || { cat r-build.log; exit 1; }

$(R_CHECKED): $(R_SOURCES) $(VENV)/.installed
	@rm -rf build/checked && mkdir -p build/torch build/checked && cp -RL r build/checked/r
	@cd build/checked/r && rm $(SAME_CODE)
	@echo "Building the R package and rendering its vignettes ..."
	@cd build/checked && $(R_ENV) R CMD build r >r-build.log 2>&1 || { cat r-build.log; exit 1; }

# NAMESPACE and the help pages, from the comments beside the functions.
r-docs: r
	@$(R_ENV) Rscript -e 'roxygen2::roxygenise("r")'
