"""Every date that a rule gives a record, each with the reading that gave it (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from clocks.outcomes import Bound, DueOn
from clocks.readings import Start, starts
from retention.due import Decisions, Moment, Rule, combination_of, due, first_day_gone, moment_of, why_undated

CONTACT = "contact"
LAST_INBOUND_CONTACT = "last_inbound_contact"


class Direction(StrEnum):
    """Who wrote to whom; the values are stable and stored, never shown."""

    INBOUND = "inbound"  # from the person
    OUTBOUND = "outbound"  # to the person


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a record on a day of the register's zone; contacts have a direction.

    `kind` is a start event of the rules, or `CONTACT`.
    """

    kind: str
    on: date
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One date of a rule: the last day of keeping, the first day gone, the event and the reading that gave them."""

    due_on: date
    goes_on: date
    start: Start
    bound: Bound
    moment: Moment | None = None


def event_days(events: Iterable[Event]) -> dict[str, date]:
    """Return the last day of each kind of event. A contact counts if the person made it: mailings start no clock."""
    found: dict[str, date] = {}
    for event in events:
        if event.direction is Direction.OUTBOUND or (event.kind == CONTACT and event.direction is None):
            continue
        kind = LAST_INBOUND_CONTACT if event.kind == CONTACT else event.kind
        found[kind] = max(found.get(kind, event.on), event.on)
    return found


def readings(rule: Rule, days: Mapping[str, date], decisions: Decisions) -> tuple[Reading, ...]:
    """Return the dates of a rule, one for each reading that the text allows and nobody has ruled out.

    There is none where the rule gives no date, or where none of its events is recorded: the period is open.
    """
    if why_undated(rule):
        return ()
    begins = starts({name: days.get(name) for name in rule.events}, combination=combination_of(rule, decisions))
    decided = moment_of(rule, decisions)
    both: tuple[Moment | None, ...] = (Moment.WITHIN, Moment.AFTER)
    moments = both if rule.is_within_or_after and decided is None else (decided,)
    return tuple(_reading(rule, start, moment) for start in begins for moment in moments)


def _reading(rule: Rule, start: Start, moment: Moment | None) -> Reading:
    outcome = due(rule.term, start.on, moment)
    assert isinstance(outcome, DueOn)
    return Reading(outcome.on, first_day_gone(outcome), start, outcome.bound, moment)
