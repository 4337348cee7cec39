"""What is known of a record, and what the rules say of it, as values (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from retention.due import Rule, Status
from retention.readings import Event, Reading


@dataclass(frozen=True, slots=True)
class Hold:
    """What stops an erasure: a legal hold, or an open request. Empty scopes mean: all of the record."""

    opened_on: date
    released_on: date | None = None
    rules: frozenset[str] = frozenset()
    activities: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Document:
    """Data that a law orders to keep (`retention.statutory`); `on` None: undated, so never free by the clock."""

    domain: str
    on: date | None
    data: str = ""  # the datum that it is; empty: the whole record


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one record. `data` maps each datum to the activities that use it, where they are told apart.

    An activity or datum that is not known may fall under any rule: nothing goes early for want of knowledge.
    """

    state: str = ""
    activities: frozenset[str] = frozenset()
    data: Mapping[str, frozenset[str]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    holds: tuple[Hold, ...] = ()
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Law:
    """A statutory minimum that keeps a document: until when (None: the document has no day), and by which text."""

    domain: str
    until: date | None
    reference: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one datum, or of it in one activity: the rules that decide, the dates, what keeps it.

    `due_on` is the last day of keeping and `goes_on` the first day gone, all counted; None where no date is certain.
    """

    data: str
    status: Status
    rules: tuple[str, ...] = ()
    due_on: date | None = None
    goes_on: date | None = None
    kept_by: tuple[str, ...] = ()
    law: tuple[Law, ...] = ()
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of the record: its dates with their readings, what it waits for, whom it contradicts."""

    rule: Rule
    status: Status
    readings: tuple[Reading, ...] = ()
    awaits: tuple[str, ...] = ()
    why_undated: str = ""
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """What becomes of a record: datum by datum, and what every rule says. A rule that decides nothing stands beside."""

    as_of: date
    status: Status
    data: tuple[Fate, ...]
    rules: tuple[Verdict, ...]

    @property
    def goes(self) -> tuple[Fate, ...]:
        return tuple(fate for fate in self.data if fate.status is Status.DUE)

    @property
    def stays(self) -> tuple[Fate, ...]:
        return tuple(fate for fate in self.data if fate.status is not Status.DUE)

    @property
    def is_overdue(self) -> bool:
        """Whether something should have gone before this day."""
        return any(fate.goes_on is not None and fate.goes_on < self.as_of for fate in self.goes)
