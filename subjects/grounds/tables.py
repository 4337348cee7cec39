"""Greffier's own tables in which rules may bite: a short list, declared by the apps; what is not in it never goes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q

from foundation.accounts.models import Register
from retention.due import start_of_day
from retention.mapping import Step

ONE_DAY: Final = timedelta(days=1)
Until = Callable[[Register, date], Q]  # the rows whose day, in this column, is this one or an earlier one
People = frozenset[tuple[str, str]]  # kind of identity, normalised value
Act = Callable[[Register, Sequence[int], datetime], None]


def day_column(name: str) -> Until:
    """Return how a column of days is compared."""
    return lambda _register, day: Q(**{f"{name}__lte": day})


def time_column(name: str) -> Until:
    """Return how a column of moments is compared: before the first instant of the next day in the register's zone."""
    return lambda register, day: Q(**{f"{name}__lt": start_of_day(day + ONE_DAY, ZoneInfo(register.time_zone))})


@dataclass(frozen=True, slots=True)
class OwnTable:
    """One table: which of its rows a register has and may let go, what dates them, what their end means.

    `rows` leaves out what must not go whatever its age (guards). `act` runs in the transaction that holds the rows.
    `gone` are the rows for which the promise is kept although they still stand; None: they are deleted.
    """

    name: str
    step: Step
    rows: Callable[[Register], "models.QuerySet[Any]"]
    act: Act
    columns: Mapping[str, Until]
    dates: Mapping[str, str] = field(default_factory=dict)  # columns from which the oldest day is told
    people: Callable[[Register, People], Q] | None = None  # the rows that speak of these people
    kept: "Callable[[Sequence[int]], models.QuerySet[Any]] | None" = None  # of those numbers, the rows not treated yet


_tables: Final[dict[str, OwnTable]] = {}


def declare(table: OwnTable) -> None:
    """Have rules bite in this table; called once, in the app's `ready()`."""
    _tables[table.name] = table


def table_named(name: str) -> OwnTable | None:
    return _tables.get(name)


def names() -> list[str]:
    """Return the names of the tables, in order."""
    return sorted(_tables)
