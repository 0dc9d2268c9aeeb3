# make book   reads: the book in _build/html        make test   proves: every cell, number, exercise, page
# make help   lists the rest

.DEFAULT_GOAL := help
.SUFFIXES:

VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PORT   ?= 8000
URL    ?=

export PYTHONUTF8 := 1
# jupyter_core: the folders that its next major version uses; silences its notice.
export JUPYTER_PLATFORM_DIRS := 1

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml tools/setup.sh
	@PYTHON='$(PYTHON)' sh tools/setup.sh

.PHONY: setup
setup: $(READY) ## make .venv with everything the book needs

.PHONY: book
book: $(READY) ## run the changed notebooks and build the site into _build/html
	@echo "Notebooks"
	@$(BIN)/python tools/execute.py
	@echo "Pages"
	@$(MAKE) --no-print-directory site
	@echo "The book is built. Open _build/html/index.html in a browser, or run: make serve"

.PHONY: site
site: $(READY) ## build the pages only (notebooks run if their outputs are not kept)
	@# Sphinx does not repeat a warning about a page it keeps: after a failure it must read all anew.
	@$(BIN)/jupyter-book build --warningiserror --nitpick --keep-going --quiet . || \
		{ rm -rf _build/.doctrees; exit 1; }

.PHONY: slides
slides: $(READY) ## a deck of slides for each chapter, from the built pages, into _build/slides
	@$(BIN)/python tools/slides.py

.PHONY: zip
zip: $(READY) ## the whole site, and the slides if made, as one file: _build/video-understanding.zip
	@$(BIN)/python tools/pack.py

.PHONY: serve
serve: $(READY) ## serve _build/html on http://localhost:8000 (PORT=…)
	@$(BIN)/python tools/serve.py --port $(PORT)

# One part after the other; inside a part, as many tests at a time as there are cores.
.NOTPARALLEL:
PARTS := lint unit notebooks book browser
# Memory that a training frees is kept for its next step (glibc): see tools/execute.py.
KEEP_MEMORY = MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=4294967296
PYTEST = OMP_NUM_THREADS=1 $(KEEP_MEMORY) $(BIN)/python -m pytest -q -n auto --maxprocesses 4

.PHONY: test
test: $(READY) browser-ready ## prove every cell, number, exercise and page
	@for part in $(PARTS); do \
		start=$$(date +%s); \
		$(MAKE) --no-print-directory $$part || exit 1; \
		echo "  $$part: $$(($$(date +%s) - start)) s"; \
	done

.PHONY: browser-ready
browser-ready: $(READY) # what the browser tests need: found, installed or named, before any test
	@$(BIN)/python tools/chromium.py >/dev/null

# Scripts and style sheets, wherever they are; what git ignores is left out.
SCRIPTS := '**/*.js' '**/*.css'

.PHONY: lint
lint: $(READY) ## form and faults, of Python and notebooks (ruff), of scripts and style sheets (oxc)
	@echo "Lint"
	@$(BIN)/ruff format --check --quiet . || { echo "not formatted: run make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@files=$$($(BIN)/oxfmt --list-different $(SCRIPTS)) || \
		{ echo "not formatted: run make format"; echo "$$files"; exit 1; }
	@$(BIN)/oxlint --quiet

.PHONY: format
format: $(READY) ## let ruff and oxfmt format, and mend what they can
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/oxfmt $(SCRIPTS)
	@$(BIN)/oxlint --quiet --fix

.PHONY: unit
unit: $(READY) ## tests of the library and the tools
	@echo "Unit tests"
	@$(PYTEST) --dist loadfile tests --ignore=tests/site --ignore=tests/notebooks

.PHONY: notebooks
notebooks: $(READY) ## nbval: run every notebook, compare each stored output; try every exercise
	@echo "Notebooks: stored outputs against a new run (nbval), which the book then shows"
	@PYTHONPATH='$(CURDIR)/tools'"$${PYTHONPATH:+:$$PYTHONPATH}" \
		$(PYTEST) --dist loadfile --no-loadscope-reorder -p keep_nbval --nbval --nbval-kernel-name=python3 notebooks
	@echo "Notebooks: exercises, and a second run"
	@$(PYTEST) --dist loadgroup tests/notebooks

.PHONY: browser
browser: browser-ready ## tests in a real browser: every page, every explorer, JupyterLab
	@echo "Browser tests"
	@$(PYTEST) --dist loadgroup tests/site

FIREFOX ?= $(or $(shell command -v firefox-esr),$(shell command -v firefox))
.PHONY: firefox
firefox: $(READY) ## the explorers' contract in a second browser, Firefox (FIREFOX=path)
	@test -n '$(FIREFOX)' || { echo "Firefox: not found; install firefox-esr or set FIREFOX"; exit 1; }
	@FIREFOX='$(FIREFOX)' $(PYTEST) --dist loadgroup tests/site/explorers/test_contract.py

.PHONY: store
store: $(READY) ## run the changed notebooks and store their text outputs in them
	@$(BIN)/python tools/store_outputs.py

.PHONY: screenshots
screenshots: browser-ready ## every page, light and dark, wide and phone, into _build/screenshots
	@$(BIN)/python tools/screenshots.py _build/screenshots

.PHONY: lighthouse
lighthouse: browser-ready ## Lighthouse scores of every page (needs Node.js)
	@$(BIN)/python tools/lighthouse.py

.PHONY: bench
bench: $(READY) ## timings against the libraries a user would pick instead
	@for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

# Not with .venv, whose torch is the CPU's: with the Python whose torch knows the GPU.
.PHONY: gpu-check
gpu-check: ## run the notebooks on a GPU (WHEELS=folder, CHAPTERS="1 3", ALLOW_CPU=1)
	@$(or $(PYTHON),python3) tools/gpu_check.py $(if $(WHEELS),--wheels '$(WHEELS)') \
		$(if $(ALLOW_CPU),--allow-cpu) --chapters $(CHAPTERS)

.PHONY: lock
lock: $(READY) ## compile requirements.txt anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
		--all-extras --no-header --no-annotate pyproject.toml -o requirements.txt

.PHONY: set-repository
set-repository: $(READY) ## carry the repository's address everywhere: URL=https://github.com/owner/name
	@$(BIN)/python tools/set_repository.py '$(URL)'

.PHONY: clean
clean: ## remove what was built (not .venv)
	@rm -rf _build

.PHONY: links
links: $(READY) ## check every outside link of the book (needs the network)
	@$(BIN)/jupyter-book build --quiet --builder linkcheck .

# The notebooks in Colab's own versions of what lecturekit needs (Linux, Python 3.13).
.PHONY: colab-notebooks
colab-notebooks: $(READY) ## run the notebooks with Colab's package versions (needs Python 3.13)
	@sh tools/colab_notebooks.sh
