"""The retention rules of the five example registers, as the engine reads them, straight from their files."""

from functools import cache
from typing import Any

import yaml

from clocks.durations import Duration
from clocks.kinds import Kind
from clocks.readings import Combination
from clocks.terms import Term
from retention.due import Rule
from tests.conftest import example_text


@cache
def register_file(slug: str) -> dict[str, Any]:
    return yaml.load(example_text(slug), Loader=yaml.CSafeLoader)


@cache
def rules_in(slug: str) -> dict[str, Rule]:
    return {row["ref"]: rule(row) for row in register_file(slug)["retention_rules"]}


def rule(row: dict[str, Any]) -> Rule:
    kind = Kind(row["kind"])
    duration = Duration.parse(row["duration"]) if "duration" in row else None
    count = 1 if kind is Kind.COUNT else None  # the registers say counts in words
    return Rule(
        ref=row["ref"],
        term=Term(kind, duration=duration, event=row.get("until_event"), count=count),
        starts=tuple(start["event"] for start in row.get("start_events", [])),
        combination=Combination(row["combination"]) if "combination" in row else None,
        is_within_or_after=row.get("is_within_or_after", False),
        state=row.get("state", ""),
        activities=frozenset(row.get("activities", [])),
        data=frozenset(row.get("data_items", [])),
        purposes=frozenset(row.get("purposes", [])),
        action=row.get("action", ""),
    )
