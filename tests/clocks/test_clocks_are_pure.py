"""The library imports only what computes, and never asks what time it is."""

import ast
from pathlib import Path

import pytest

import clocks

MODULES = sorted(Path(clocks.__file__).parent.glob("*.py"))
ALLOWED = {
    "calendar", "clocks", "collections", "dataclasses", "datetime", "dateutil", "enum", "functools", "holidays",
    "itertools", "re", "typing", "zoneinfo",
}  # fmt: skip
ASKING_THE_TIME = {"now", "utcnow", "today", "time_ns", "monotonic", "fromtimestamp"}


@pytest.mark.parametrize("module", [pytest.param(path, id=path.stem) for path in MODULES])
def test_a_module_imports_nothing_but_what_computes(module):
    imported = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported <= ALLOWED


@pytest.mark.parametrize("module", [pytest.param(path, id=path.stem) for path in MODULES])
def test_a_module_never_asks_what_time_it_is(module):
    names = {
        node.attr for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
    }
    assert not names & ASKING_THE_TIME
