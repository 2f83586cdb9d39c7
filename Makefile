# The front door: every command that a person needs, each with one line of help.

.DEFAULT_GOAL := help
.PHONY: help run demo test check bench requirements docs texts lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

run: ## install what is needed and start Jitney on its embedded database
	@scripts/install
	@.venv/bin/jitney serve

demo: ## start Jitney with a fake identity provider, a sample application and a mail catcher
	@scripts/install --demo
	@.venv/bin/python -m jitney.testing.demo

test: ## install what the tests need and run them all
	@scripts/install --dev
	@scripts/install-test-servers
	@.venv/bin/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(TESTS)

check: ## lint, types and the import contract
	@scripts/install --dev
	@.venv/bin/ruff format --check src tests benchmarks
	@.venv/bin/ruff check src tests benchmarks
	@.venv/bin/pyright
	@.venv/bin/lint-imports

bench: ## measure whole federated sign-ins and the floor beneath them
	@scripts/install --dev
	@scripts/install-test-servers
	@.venv/bin/python -m benchmarks $(BENCH)

requirements: ## list every requirement with the tests that name it
	@scripts/install --dev
	@.venv/bin/python scripts/list-requirements

docs: ## write the generated reference pages again
	@scripts/install --dev
	@.venv/bin/python scripts/write-docs

texts: ## collect the texts of the pages into the catalogues, and name what is not translated
	@scripts/install --dev
	@.venv/bin/python scripts/write-texts

lock: ## resolve pyproject.toml into the lock files (needs uv)
	@uv pip compile -q pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url -o requirements-dev.lock
	@uv pip compile -q pyproject.toml --extra demo --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url -c requirements-dev.lock -o requirements-demo.lock
	@uv pip compile -q pyproject.toml --extra ldap --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url -c requirements-dev.lock -o requirements-ldap.lock
	@uv pip compile -q pyproject.toml --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url -c requirements-dev.lock -o requirements.lock

clean: ## remove the environment and what was built
	@rm -rf .venv build .pytest_cache .ruff_cache
