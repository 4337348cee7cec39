"""A business database's schema as values: what mappings, proposals and fingerprints speak of (pure)."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from retention.mapping import TableMapping, TableName


def digest(text: str) -> str:
    """Return the SHA-256 (hex) of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class ColumnKind(StrEnum):
    """What a column can hold, as far as the engine cares; the values are stable, never shown."""

    DATE = "date"
    NAIVE_TIMESTAMP = "naive_timestamp"  # a wall clock, read in the mapping's zone
    AWARE_TIMESTAMP = "aware_timestamp"  # an instant: MySQL's TIMESTAMP too, read and written in UTC
    TEXT = "text"
    CHOICE = "choice"  # an enumeration of the database
    INTEGER = "integer"
    BOOLEAN = "boolean"
    UUID = "uuid"
    OTHER = "other"


TIMES = frozenset({ColumnKind.DATE, ColumnKind.NAIVE_TIMESTAMP, ColumnKind.AWARE_TIMESTAMP})


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is how the database spells it; `length` counts characters, None: no limit, or not a text."""

    name: str
    kind: ColumnKind
    type: str
    length: int | None = None
    is_nullable: bool = True
    is_generated: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of `table` point at `target_columns` of `target`; `on_delete` is the database's own action."""

    table: TableName
    columns: tuple[str, ...]
    target: TableName
    target_columns: tuple[str, ...]
    on_delete: str = "NO ACTION"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger or a rule: its definition only as a digest."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Index:
    columns: tuple[str, ...]  # expressions are left out
    is_unique: bool


@dataclass(frozen=True, slots=True)
class Table:
    """`foreign_keys` point from here elsewhere, `incoming` ones from elsewhere to here (or from here to itself)."""

    name: TableName
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    incoming: tuple[ForeignKey, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    checks: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables that the login can see, by name; those of the database's default schema have none in theirs."""

    tables: Mapping[TableName, Table]

    def fingerprint(self, concerned: Collection[TableName]) -> str:
        """Return a SHA-256 (hex) of what a mapping over these tables relies on.

        It changes with their columns, types, nullability, keys, foreign keys from and to them, ON DELETE, checks and
        triggers, and where one of them disappears; other tables and indexes leave it as it is.
        """
        parts = [self._part(name) for name in sorted(set(concerned), key=str)]
        return digest(json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":")))

    def _part(self, name: TableName) -> dict[str, object]:
        table = self.tables.get(name)
        if table is None:
            return {"name": asdict(name), "absent": True}
        part = asdict(table)
        del part["indexes"]
        for several in ("columns", "unique", "foreign_keys", "incoming", "triggers", "checks"):
            part[several] = sorted(part[several], key=lambda value: json.dumps(value, sort_keys=True))
        return part


def concerned(mapping: TableMapping) -> tuple[TableName, ...]:
    """Return the tables that a mapping touches: those whose fingerprint it relies on."""
    children = (child.table for child in mapping.children)
    return (mapping.table, *children, *([mapping.archive] if mapping.archive else []))
