"""What may be told of a failure: where it happened and of what kind it is, never the values it happened with."""

import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

ROOT = Path(__file__).resolve().parent.parent.parent
FRAMES = 40  # of each exception, the innermost
NAMES_ONLY = (ImproperlyConfigured, ImportError, NameError)  # their messages are made of names in code and settings

SERVER_GOES_OR_COMES: Final = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03"})
CONNECTION, RESOURCES, ROLLED_BACK = "08", "53", "40"  # classes of SQLSTATE
LOCK_NOT_AVAILABLE = "55P03"


def chain(exception: BaseException | None) -> Iterator[BaseException]:
    """Yield the exception and, from the nearest, those that led to it."""
    seen: set[int] = set()
    while exception is not None and id(exception) not in seen:
        yield exception
        seen.add(id(exception))
        hidden = exception.__suppress_context__
        exception = exception.__cause__ or (None if hidden else exception.__context__)


def told(exception: BaseException) -> dict[str, Any]:
    """Return what a log may hold of an exception: kinds, places in code, and PostgreSQL's own words for it."""
    facts: dict[str, Any] = {
        "exception": [_kind(one) for one in chain(exception)],
        "trace": [place for one in chain(exception) for place in _places(one.__traceback__)],
    }
    for one in chain(exception):
        if isinstance(one, NAMES_ONLY):
            facts.setdefault("because", str(one))
        if isinstance(one, OSError) and one.errno is not None:
            facts.setdefault("because", one.strerror)
        if isinstance(one, psycopg.Error) and one.sqlstate:
            facts |= {"sqlstate": one.sqlstate, "table": one.diag.table_name, "constraint": one.diag.constraint_name}
    return {name: value for name, value in facts.items() if value}


def _kind(exception: BaseException) -> str:
    kind = type(exception)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _places(trace: TracebackType | None) -> list[str]:
    frames = list(traceback.walk_tb(trace))[-FRAMES:]
    return [f"{_file(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}" for frame, line in frames]


def _file(name: str) -> str:
    """Return the file as this repository or its library knows it, not where this machine keeps it."""
    path = Path(name)
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def is_passing(exception: BaseException | None) -> bool:
    """Return whether the same request is worth sending again: the database went, is full, or took another's side.

    Serialization failures and deadlocks belong here: PostgreSQL rolled all back, and nothing in the request is wrong.
    """
    return any(_is_passing(one) for one in chain(exception))


def _is_passing(exception: BaseException) -> bool:
    if isinstance(exception, InterfaceError | psycopg.InterfaceError):
        return True  # the connection was closed under us
    if isinstance(exception, OperationalError) and exception.__cause__ is not None:
        return False  # Django's name for the one that caused it: that one decides
    if not isinstance(exception, OperationalError | psycopg.OperationalError):
        return False
    state = getattr(exception, "sqlstate", None) or ""
    # without a state no server answered
    return (
        not state
        or state[:2] in {CONNECTION, RESOURCES, ROLLED_BACK}
        or state in SERVER_GOES_OR_COMES
        or state == LOCK_NOT_AVAILABLE
    )
