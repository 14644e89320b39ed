# Two commands matter: `make run` and `make test`. All of it works with Python 3.11+ alone on the machine;
# without make, run the same lines by hand.
PYTHON ?= python3
VENV_PYTHON = .venv/bin/python

.PHONY: kompose soak helm run install check test test-node test-written bench format types clean

run: ## KubeOrch with its embedded MongoDB and sandbox cluster (PORT, DATA_DIR)
	@exec $(PYTHON) deploy/bootstrap.py run

install: ## everything that developing needs, into .venv and frontend/node_modules
	@$(PYTHON) deploy/bootstrap.py dev

check: install ## the fast half: lint, format, types, import contracts, unit tests
	@$(VENV_PYTHON) tests/run.py check

test: install ## everything this machine can test; says loudly what it cannot
	@$(VENV_PYTHON) tests/run.py test

test-node: install ## on real containers: as root on Linux, with containerd (CONTRIBUTING.md says what it needs)
	@$(VENV_PYTHON) tests/run.py node

test-written: install ## Dockerfiles that we write, built and run for real: as root on Linux, with the network and mmdebstrap
	@$(VENV_PYTHON) tests/run.py written

bench: install ## the figures: one JSON object a line
	@$(VENV_PYTHON) tests/run.py bench

format: install
	@.venv/bin/ruff check --fix-only -q . ; .venv/bin/ruff format -q .
	@cd frontend && npm run -s format

SEARCHES = $$(grep -rlE "^from (hypothesis|tests.support.seeds) import" tests --include="test_*.py")
soak: install ## random searches with further seeds, FROM to TO, and all their examples
	@for seed in $$(seq $${FROM:-2} $${TO:-20}); do echo "seed $$seed"; \
	  TEST_SEED=$$seed $(VENV_PYTHON) -m pytest -q --timeout=3600 --hypothesis-seed=$$seed $(SEARCHES) || exit 1; done

helm: install ## helm, which renders imported charts: found, downloaded or built into the cache
	@$(VENV_PYTHON) -m clusters.sandbox helm

kompose: install ## converts kompose's own fixtures with both and compares (CONTRIBUTING.md says what it needs)
	@PYTHONPATH=. $(VENV_PYTHON) -m tests.oracles.kompose.oracle
	@KOMPOSE_FIXTURES=$$(PYTHONPATH=. $(VENV_PYTHON) -m tests.oracles.kompose.program) \
	  $(VENV_PYTHON) -m pytest -q -s tests/cluster/test_converted_fixtures.py

types: install ## the page's API types, from our own OpenAPI schema
	@mkdir -p frontend/node_modules/.cache
	@$(VENV_PYTHON) manage.py spectacular --file frontend/node_modules/.cache/openapi.json --format openapi-json
	@cd frontend && npm run -s types

clean: ## removes what was built; data in .data stays
	rm -rf frontend/dist frontend/node_modules .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
