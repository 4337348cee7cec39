"""What taking over a file of records would do, row by row: nothing is written here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from foundation.accounts.models import Register
from register.models import ProcessingActivity, RelationshipState
from subjects import personal
from subjects.actions import Given, Happened, Outcome
from subjects.importing.columns import Column, Part, known
from subjects.importing.reading import Row, rows_of
from subjects.models import EventKind, SubjectRecord
from subjects.models.records import KEY

FRENCH_DAY: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
KEYS_AT_ONCE: Final = 1000
WELL_FORMED: Final = re.compile(KEY)
Cells = Mapping[Column, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken over; the sentence repeats no value of it."""

    row: int
    reason: str

    def __str__(self) -> str:
        return _("Row %(row)d: %(reason)s") % {"row": self.row, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Planned:
    """What one row means: the record it stands for, the events that are not known yet."""

    row: int
    given: Given
    events: tuple[Happened, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking over the file would do; with faults, nothing."""

    planned: tuple[Planned, ...]
    faults: tuple[Fault, ...]

    def rows(self, outcome: Outcome) -> list[Planned]:
        return [one for one in self.planned if one.outcome is outcome]

    @property
    def added(self) -> list[Planned]:
        return self.rows(Outcome.ADDED)

    @property
    def changed(self) -> list[Planned]:
        return self.rows(Outcome.CHANGED)

    @property
    def unchanged(self) -> list[Planned]:
        return self.rows(Outcome.UNCHANGED)


@dataclass(slots=True)
class _World:
    """What rows are read against: the register's entries, and its records of the file's keys."""

    today: date
    columns: list[Column | None]
    activities: dict[str, ProcessingActivity]
    states: dict[str, RelationshipState]
    records: dict[str, SubjectRecord] = field(default_factory=dict)


class _Unreadable(Exception):
    """A row that cannot be taken over, with the sentence that says why."""


@sensitive_variables()
def plan(register: Register, content: bytes, *, today: date) -> Plan:
    """Return what taking over this file would do on `today`; refuses what is no table of records."""
    head, *rows = rows_of(content)
    world = _World(
        today,
        [],
        {entry.ref: entry for entry in ProcessingActivity.objects.filter(register=register)},
        {entry.ref: entry for entry in RelationshipState.objects.filter(register=register)},
    )
    faults = list(_read_head(head, world))
    if faults:
        return Plan((), tuple(faults))
    _find_records(register, rows, world)
    planned, seen = [], dict[str, int]()
    for row in rows:
        try:
            one = _read(row, world)
            if one.given.key in seen:
                raise _Unreadable(_("its key stands in row %d already: keep one.") % seen[one.given.key])
        except _Unreadable as refusal:
            faults.append(Fault(row.number, str(refusal)))
        else:
            seen[one.given.key] = row.number
            planned.append(one)
    return Plan(tuple(planned), tuple(faults))


def _read_head(head: Row, world: _World) -> Iterator[Fault]:
    names = known()
    for place, name in enumerate(head.cells, start=1):
        column = names.get(name.casefold())
        if name and column is None:
            yield Fault(head.number, _("there is no column called as number %d is: see the documentation.") % place)
        elif column is not None and column in world.columns:
            yield Fault(head.number, _("column number %d says what another says: keep one.") % place)
        world.columns.append(column)
    for part in (Part.KEY, Part.ACTIVITY):
        if Column(part) not in world.columns:
            yield Fault(head.number, _("the column “%s” is missing.") % part)


def _find_records(register: Register, rows: Sequence[Row], world: _World) -> None:
    place = world.columns.index(Column(Part.KEY))
    keys = [row.cells[place] for row in rows if len(row.cells) > place]
    for start in range(0, len(keys), KEYS_AT_ONCE):
        part = keys[start : start + KEYS_AT_ONCE]
        for record in SubjectRecord.objects.filter(register=register, key__in=part).with_facts():
            world.records[record.key] = record


def _read(row: Row, world: _World) -> Planned:
    if len(row.cells) > len(world.columns) and any(row.cells[len(world.columns) :]):
        raise _Unreadable(_("it has more cells than the first row has names."))
    cells = {column: cell for column, cell in zip(world.columns, row.cells, strict=False) if column and cell}
    key = cells.get(Column(Part.KEY), "")
    if not WELL_FORMED.fullmatch(key):
        raise _Unreadable(
            _("its key is missing or is none: letters, digits and . _ : - only, never an address or a name.")
        )
    record = world.records.get(key)
    given = Given(
        key,
        _activity(cells, world),
        _state(cells, world, record),
        _since(cells, world, record),
        "import",
        _personal(cells, record),
    )
    events = tuple(_events(cells, world.today, record))
    return Planned(row.number, given, events, _outcome(given, events, record))


def _outcome(given: Given, events: Sequence[Happened], record: SubjectRecord | None) -> Outcome:
    if record is None:
        return Outcome.ADDED
    says_the_same = (
        record.activity_id == given.activity.pk
        and record.state_id == (given.state.pk if given.state else None)
        and given.personal is None
        and not events
    )
    return Outcome.UNCHANGED if says_the_same else Outcome.CHANGED


def _activity(cells: Cells, world: _World) -> ProcessingActivity:
    activity = world.activities.get(cells.get(Column(Part.ACTIVITY), ""))
    if activity is None:
        raise _Unreadable(_("its activity is none of the register: give a reference such as A1."))
    return activity


def _state(cells: Cells, world: _World, record: SubjectRecord | None) -> RelationshipState | None:
    """Return the state that the row says; where it says nothing, the one that is known."""
    ref = cells.get(Column(Part.STATE), "")
    if not ref:
        return record.state if record else None
    state = world.states.get(ref)
    if state is None:
        raise _Unreadable(_("its state is none of the register: give a reference."))
    return state


def _since(cells: Cells, world: _World, record: SubjectRecord | None) -> date | None:
    text = cells.get(Column(Part.SINCE), "")
    if not text:
        return None
    since = day_of(text, world.today)
    last = list(record.state_changes.all())[-1:] if record else []
    if last and since < last[0].on:
        raise _Unreadable(_("its state changed later already: a change cannot lie before the last one."))
    return since


def _personal(cells: Cells, record: SubjectRecord | None) -> dict[str, str] | None:
    """Return what names the person, with what is known and not said again; None where nothing is new."""
    said = {column.name: cell for column, cell in cells.items() if column.part is Part.PERSONAL}
    if any(len(cell) > personal.LONGEST_VALUE for cell in said.values()):
        raise _Unreadable(_("a value that names the person is too long."))
    if not said:
        return None
    before = personal.opened(record) if record else {}
    return {**before, **said} if {**before, **said} != before else None


def _events(cells: Cells, today: date, record: SubjectRecord | None) -> Iterator[Happened]:
    """Yield the events that the row says and the record does not know."""
    stand = {(event.kind, event.direction, event.on) for event in record.events.all()} if record else set()
    for column, cell in cells.items():
        if column.part is Part.EVENT:
            on = day_of(cell, today)
            if (column.name, column.direction, on) not in stand:
                yield Happened(EventKind(column.name), on, column.direction, source="import")


def day_of(text: str, today: date) -> date:
    """Return the day that a cell says, as 2026-03-31 or 31/03/2026; one that has not come is refused."""
    french = FRENCH_DAY.fullmatch(text)
    try:
        if french:
            day = date(int(french[3]), int(french[2]), int(french[1]))
        else:
            day = date.fromisoformat(text[:10] if text[10:] in {"", "T00:00:00", " 00:00:00"} else text)
    except ValueError:
        raise _Unreadable(_("a date is none: write 2026-03-31 or 31/03/2026.")) from None
    if day > today:
        raise _Unreadable(_("a date has not come yet: record what has happened."))
    return day
