"""The floors: an app imports only from floors below it; pure modules import no Django and read no clock."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "clocks": 0,
    "foundation": 1,
    "register": 2,
    "processors": 3,
    "retention": 4,
    "subjects": 5,
    "editions": 6,
    "documents": 7,
    "examples": 7,
    "office": 8,
    "config": 9,
}
PURE_IN_RETENTION = (
    "assessing", "contacts", "coverage", "due", "ground", "made_values", "mapping", "names", "readings", "records",
    "rivals", "statutory", "steps", "treatments", "wording",
)  # fmt: skip
PURE = [
    *sorted((ROOT / "clocks").glob("*.py")),
    ROOT / "register" / "quotes.py",
    *(
        ROOT / "retention" / f"{name}.py"
        for name in (
            "due",
            "readings",
            "rivals",
            "records",
            "assessing",
            "statutory",
            "contacts",
            "coverage",
            "steps",
            "made_values",
            "mapping",
            "names",
            "treatments",
            "wording",
        )
    ),
    *(ROOT / "retention" / "sources" / f"{name}.py" for name in ("dialects", "names", "proposals", "tables")),
]
PURE_NAMES = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in PURE}
ASKING_THE_TIME = {"now", "utcnow", "today", "time_ns", "monotonic", "fromtimestamp", "localdate"}


def modules(app: str) -> list[Path]:
    return [path for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


@pytest.mark.parametrize("app", FLOORS)
def test_an_app_imports_only_from_floors_below(app):
    above = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(app)
        for name in imports(path)
        if name.split(".")[0] in FLOORS and name.split(".")[0] != app and FLOORS[name.split(".")[0]] >= FLOORS[app]
    }
    assert not above


def test_every_app_stands_on_a_floor():
    apps = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert apps == set(FLOORS)


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_pure_module_imports_neither_django_nor_an_app(path):
    foreign = {name for name in imports(path) if name.split(".")[0] in {"django", *FLOORS} - {"clocks"}}
    assert foreign <= PURE_NAMES


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_pure_module_never_asks_what_time_it_is(path):
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    assert not {node.attr for node in nodes if isinstance(node, ast.Attribute)} & ASKING_THE_TIME


def test_the_pure_modules_are_found():
    assert len(PURE) > 10
