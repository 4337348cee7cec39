"""What the engine asks of the place where rows stand: a business database, Greffier's own, or subject records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from retention.due import CutOff
from retention.mapping import Key, Law, TableMapping, TableName


@dataclass(frozen=True, slots=True)
class Cover:
    """Another active rule over rows of the same table: its columns are kept until it is over for the row too.

    `columns` empty: the whole row. `cut_off` None: the rule can execute nothing (open, undecided…), so it keeps.
    `law`: what the other mapping says is under a statutory minimum; then that alone decides how long.
    """

    rule: str
    columns: frozenset[str]
    cut_off: CutOff | None
    events: Mapping[str, str]
    state_column: str = ""
    state_values: tuple[str, ...] = ()
    law: Law | None = None


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that is held by other columns than the mapping's key, or in one of its child tables."""

    table: TableName
    columns: tuple[str, ...]
    key: Key = field(repr=False)


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What a hold or an open request keeps: rows by key, and people by the value of an identity column.

    `people` are (kind of identity, normalised value); a value is compared without case and outer white space.
    `unseen` names the holds and requests of people whom no column of the mapping can tell: never whom they concern.
    """

    keys: frozenset[Key] = frozenset()
    people: frozenset[tuple[str, str]] = frozenset()
    everything: bool = False  # a hold on the rule, or on one of its activities
    rows: frozenset[HeldRow] = frozenset()
    unseen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Work:
    """All that a pass over a target needs; pinned when the run is created, but for the exclusions.

    `law`: by statutory domain, the latest document day whose period is over; None: none is. `secret`: of the run, for
    keyed hashes and generated values; it never stands in a statement.
    """

    mapping: TableMapping
    cut_off: CutOff
    law: Mapping[str, date | None] = field(default_factory=dict)
    covers: tuple[Cover, ...] = ()
    exclusions: Exclusions = field(default_factory=Exclusions)
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a pass would do, in numbers: no key, no value of a person.

    `rows`: all of the table; `due`: those it would touch; `erased` of them rows that go, `treated` rows that stay with
    treated columns; `children` {table: (erased, treated)}; `kept_by_law` {domain: rows}; `kept_by_rules` {rule: rows};
    `held`; `without_events`: rows in the rule's state with none of its events (open); `oldest_on`: earliest event day
    among the due.
    """

    rows: int
    due: int
    erased: int
    treated: int
    children: Mapping[str, tuple[int, int]]
    kept_by_law: Mapping[str, int]
    kept_by_rules: Mapping[str, int]
    held: int
    without_events: int
    oldest_on: date | None


@dataclass(frozen=True, slots=True)
class Done:
    """What one transaction did: the keys whose rows were erased or treated, those locked by others, and child rows."""

    erased: tuple[Key, ...] = ()
    treated: tuple[Key, ...] = ()
    locked: tuple[Key, ...] = ()
    children: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def nothing_more() -> None:
    """What is asked before rows go, where nobody else could have taken them over."""


class Ground(Protocol):
    """A place where rows stand. Each method is one transaction or less; errors are `retention.errors.GroundError`."""

    def fingerprint(self) -> str:
        """Return a hash of what the mapping relies on: columns, types, keys, foreign keys, triggers."""

    def clock(self) -> datetime:
        """Return the time by the place's own clock, aware."""

    def refuse(self, work: Work) -> None:
        """Raise `MappingRefused` with every reason why this mapping may not run here."""

    def count(self, work: Work) -> Counts:
        """Count what a pass would do; nothing is written."""

    def next_keys(self, work: Work, *, after: Key | None, limit: int) -> list[Key]:
        """Return the next keys that are due, in the order of the key, after this one."""

    def carry_out(self, work: Work, keys: Sequence[Key], *, make_sure: Callable[[], None] = nothing_more) -> Done:
        """Erase or treat these rows, in one transaction, where the predicate still holds; rows locked are left.

        `make_sure` is called last in that transaction, with the rows in our hands: if it raises, nothing is kept.
        """

    def still_due(self, work: Work, keys: Sequence[Key]) -> list[Key]:
        """Return which of these keys would still be touched: after a whole pass, none but the locked."""

    def gone(self, work: Work, keys: Sequence[Key]) -> list[Key]:
        """Return which of these keys the promise is kept for: the row is absent, or all due treatment stands in it."""

    def close(self) -> None:
        """Let go of every connection."""
