"""What a run pins when it is created, as JSON in its row, and the work that follows from it."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from clocks.readings import Combination
from retention.due import CutOff
from retention.ground import Counts, Exclusions, Work
from retention.mapping import ChildFate, ChildMapping, ColumnMapping, Law, Step, TableMapping, TableName, Treatment
from retention.models import Run

MAPPING = "mapping"  # beside the cut-off: what was planned is looked for as it was planned, whatever changed since


def cut_off_json(cut_off: CutOff) -> dict[str, Any]:
    """Return a cut-off as rows keep it."""
    day = cut_off.day.isoformat() if cut_off.day else None
    return {"rule": cut_off.rule, "events": list(cut_off.events), "combination": str(cut_off.combination), "day": day}


def pinned(work: Work) -> dict[str, Any]:
    """Return the cut-off of a run, with the mapping that it holds for."""
    said: dict[str, Any] = json.loads(json.dumps({**cut_off_json(work.cut_off), MAPPING: asdict(work.mapping)}))
    return said


def free_days_json(work: Work) -> dict[str, str | None]:
    """Return the days up to which documents are free, by domain, as rows keep them."""
    return {domain: day.isoformat() if day else None for domain, day in work.law.items()}


def counts_json(counts: Counts) -> dict[str, Any]:
    """Return counts as rows keep them."""
    found = asdict(counts)
    found["oldest_on"] = counts.oldest_on.isoformat() if counts.oldest_on else None
    found["children"] = {table: list(numbers) for table, numbers in counts.children.items()}
    return found


def is_as_pinned(run: Run, work: Work) -> bool:
    """Whether the work of now compares what the run was created with."""
    return bool(run.cut_off == pinned(work) and run.free_days == free_days_json(work))


def pinned_work(run: Run, *, exclusions: Exclusions) -> Work:
    """Return the work of a run as it was created: enough to look whether its promise is kept, not to act on."""
    said = run.cut_off
    day = said["day"]
    return Work(
        mapping=mapping_from(said[MAPPING]),
        cut_off=CutOff(
            rule=said["rule"],
            events=tuple(said["events"]),
            combination=Combination(said["combination"]),
            day=date.fromisoformat(day) if day else None,
        ),
        law={domain: date.fromisoformat(free) if free else None for domain, free in run.free_days.items()},
        exclusions=exclusions,
    )


def mapping_from(said: dict[str, Any]) -> TableMapping:
    """Return the mapping that `asdict` made this of."""
    return TableMapping(
        **{
            **said,
            "table": TableName(**said["table"]),
            "key": tuple(said["key"]),
            "step": Step(said["step"]),
            "columns": tuple(_column(each) for each in said["columns"]),
            "children": tuple(_child(each) for each in said["children"]),
            "state_values": tuple(said["state_values"]),
            "law": Law(**said["law"]) if said["law"] else None,
            "archive": TableName(**said["archive"]) if said["archive"] else None,
        }
    )


def _child(said: dict[str, Any]) -> ChildMapping:
    return ChildMapping(
        table=TableName(**said["table"]),
        foreign_key=tuple(said["foreign_key"]),
        fate=ChildFate(said["fate"]),
        columns=tuple(_column(each) for each in said["columns"]),
        law=Law(**said["law"]) if said["law"] else None,
    )


def _column(said: dict[str, Any]) -> ColumnMapping:
    law = Law(**said["law"]) if said["law"] else None
    return ColumnMapping(**{**said, "treatment": Treatment(said["treatment"]), "law": law})
