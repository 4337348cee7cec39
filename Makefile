# The two commands: `make run` (try it out) and `make test` (prove it). Everything they need is set up by ./setup.
PYTHON := .venv/bin/python
PYTEST_ARGS ?= -n 2 --dist loadscope --no-loadscope-reorder

.PHONY: run demo test check torture lock messages clean

PORT ?= 8000
ROUNDS ?= 20
TEXTS ?= $(POLICY_TEXTS)

run: ; @./setup && exec $(PYTHON) manage.py tryout --port $(PORT) $(if $(TEXTS),--texts "$(TEXTS)")
demo: ; @./setup && exec $(PYTHON) manage.py tryout --no-serve $(if $(TEXTS),--texts "$(TEXTS)")
test: ; @./setup --dev && exec $(PYTHON) -m pytest $(PYTEST_ARGS)
check: ; @./setup --dev && exec ./check
torture: ; @./setup --dev && exec $(PYTHON) -m benchmarks.torture --rounds $(ROUNDS)

# Versions and hashes only: no index address is ever written.
lock:
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements/base.in -o requirements/base.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements/dev.in -c requirements/base.txt -o requirements/dev.txt

messages:
	$(PYTHON) manage.py makemessages -l fr --no-location --ignore 'var/*' --ignore '.venv/*' --ignore 'tests/*'

clean:
	rm -rf var .venv
