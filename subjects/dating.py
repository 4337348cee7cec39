"""Subject records in the words of the pure rule, and what it says of them on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import QuerySet

from foundation.accounts.models import Register
from retention.assessing import assess
from retention.due import Decisions, Rule
from retention.reading import decisions_of, rules_of
from retention.readings import Direction, Event, event_days
from retention.records import Assessment, Record
from subjects.models import SubjectRecord

BATCH: Final = 500


def events_of(record: SubjectRecord) -> tuple[Event, ...]:
    """Return what happened to a record, as the rule reads it."""
    return tuple(
        Event(event.kind, event.on, Direction(event.direction) if event.direction else None)
        for event in record.events.all()
    )


def days_of(record: SubjectRecord) -> dict[str, date]:
    """Return the last day of each event that starts a clock; what was sent to the person starts none."""
    return event_days(events_of(record))


@dataclass(frozen=True, slots=True)
class Dating:
    """The rules of a register and what was decided about them: read once for many records."""

    rules: tuple[Rule, ...]
    decisions: Decisions

    @classmethod
    def of(cls, register: Register) -> "Dating":
        return cls(rules_of(register), decisions_of(register))

    def assess(self, record: SubjectRecord, *, as_of: date) -> Assessment:
        """Return what becomes of a record on a day, by its state, its activity and its events."""
        facts = Record(
            state=record.state.ref if record.state else "",
            activities=frozenset({record.activity.ref}),
            events=events_of(record),
        )
        return assess(self.rules, facts, self.decisions, as_of=as_of)

    def due_on(self, record: SubjectRecord, *, as_of: date) -> date | None:
        """Return the last day on which the record may be kept, where one date is certain."""
        return last_day(self.assess(record, as_of=as_of))


def last_day(assessment: Assessment) -> date | None:
    """Return the last day of keeping of a record, whose data are one."""
    return assessment.data[0].due_on


def due_by(records: "QuerySet[SubjectRecord]", register: Register, day: date, *, as_of: date) -> Iterator[int]:
    """Yield the numbers of the records whose last day of keeping is `day` or before, in batches."""
    dating, after = Dating.of(register), 0
    facts = records.select_related("activity", "state").prefetch_related("events").order_by("pk")
    while True:
        batch = list(facts.filter(pk__gt=after)[:BATCH])
        for record in batch:
            last = dating.due_on(record, as_of=as_of)
            if last is not None and last <= day:
                yield record.pk
        if len(batch) < BATCH:
            return
        after = batch[-1].pk
