"""What a mapping of a table could be, guessed from names and types: shown to a person, never applied alone (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import retention.sources.names as names
from retention.mapping import ChildFate, ChildMapping, ColumnMapping, Law, TableName, Treatment
from retention.sources.tables import TIMES, Column, ColumnKind, ForeignKey, Schema, Table

ERASED = "(effacé)"  # what stands in a text that must not be null: the register's language
SHORT = "-"


class Doubt(StrEnum):
    """What a person has to look at before the proposal is of use; the values are stable, never shown."""

    NO_KEY = "no_key"  # neither a primary key nor a unique constraint without NULL
    NO_EVENT = "no_event"  # no column looks like the date of an event
    SEVERAL_EVENTS = "several_events"  # several columns could be the date of the same event
    GENERATED = "generated"  # an identifying column that the database computes: it cannot be treated
    NO_TREATMENT = "no_treatment"  # an identifying column of a type for which none is known
    NOT_LOOKED_AT = "not_looked_at"  # a column whose name tells nothing: is a person in it?
    ITSELF = "itself"  # rows of the table point at others of it
    DEEP = "deep"  # rows of a further table hang on a child's rows: erase those with a target of their own, first
    OTHER_KEY = "other_key"  # a table points at other columns than the key
    TWICE = "twice"  # a table points at this one by several foreign keys
    UNDATED_DOCUMENT = "undated_document"  # the law keeps these documents, and no column dates them
    TRIGGERS = "triggers"  # triggers or rules run when rows change


@dataclass(frozen=True, slots=True)
class Remark:
    """A doubt, and what it is about: a column, an event or a table."""

    doubt: Doubt
    about: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Parts of a `TableMapping`, and what to look at."""

    table: TableName
    key: tuple[str, ...]
    events: dict[str, str]
    columns: tuple[ColumnMapping, ...]
    children: tuple[ChildMapping, ...]
    law: Law | None
    remarks: tuple[Remark, ...]


def propose(schema: Schema, name: TableName) -> Proposal:
    """Return what a mapping of this table could be; KeyError where the login sees no such table."""
    table, remarks = schema.tables[name], []
    key = key_of(table)
    if not key:
        remarks.append(Remark(Doubt.NO_KEY))
    events = _events(table, remarks)
    pointing = {column for foreign in table.foreign_keys for column in foreign.columns}
    left = [column for column in table.columns if column.name not in {*key, *pointing, *events.values()}]
    columns = _columns(table, left, remarks)
    children = _children(schema, table, key, remarks)
    if table.triggers:
        remarks.append(Remark(Doubt.TRIGGERS, str(name)))
    return Proposal(name, key, events, columns, children, _law(table, remarks), tuple(remarks))


def key_of(table: Table) -> tuple[str, ...]:
    """Return the primary key, or else the shortest unique constraint that admits no NULL."""
    needed = {column.name for column in table.columns if not column.is_nullable}
    others = sorted((unique for unique in table.unique if unique and needed.issuperset(unique)), key=len)
    return table.primary_key or (others[0] if others else ())


def _events(table: Table, remarks: list[Remark]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in table.columns:
        event = names.meaning(column.name, names.EVENTS) if column.kind in TIMES else ""
        if event and event in found:
            remarks.append(Remark(Doubt.SEVERAL_EVENTS, column.name))
        elif event:
            found[event] = column.name
    if not found:
        remarks.append(Remark(Doubt.NO_EVENT))
    return found


def _columns(table: Table, left: Iterable[Column], remarks: list[Remark]) -> tuple[ColumnMapping, ...]:
    found = []
    for column in left:
        identity = identity_of(column)
        if not identity:
            if column.kind in {ColumnKind.TEXT, ColumnKind.OTHER}:
                remarks.append(Remark(Doubt.NOT_LOOKED_AT, column.name))
            continue
        if column.is_generated:
            remarks.append(Remark(Doubt.GENERATED, column.name))
            continue
        treated = treatment_of(column, identity, is_unique=any(column.name in unique for unique in table.unique))
        if treated is None:
            remarks.append(Remark(Doubt.NO_TREATMENT, column.name))
        else:
            found.append(treated)
    return tuple(found)


def identity_of(column: Column) -> str:
    """Return which identifier of a person a column seems to hold, or ""."""
    if column.kind in {ColumnKind.BOOLEAN, ColumnKind.CHOICE} or names.words(column.name) & names.NOT_OF_A_PERSON:
        return ""
    return names.meaning(column.name, names.IDENTITIES)


def treatment_of(column: Column, identity: str, *, is_unique: bool) -> ColumnMapping | None:
    """Return what could become of an identifying column: NULL where the database admits it, else a value of ours."""
    if column.is_nullable:
        return ColumnMapping(column.name, Treatment.NULL, identity=identity)
    if column.kind in TIMES:
        return ColumnMapping(column.name, Treatment.YEAR_ONLY, identity=identity)
    if column.kind is ColumnKind.TEXT and names.says(column.name, names.POSTCODES):
        return ColumnMapping(column.name, Treatment.TRUNCATED_POSTCODE, identity=identity)
    if column.kind is ColumnKind.TEXT and (is_unique or identity == "email"):
        return ColumnMapping(column.name, Treatment.FILLER, identity=identity)
    if column.kind is ColumnKind.TEXT:
        constant = ERASED if column.length is None or column.length >= len(ERASED) else SHORT
        return ColumnMapping(column.name, Treatment.CONSTANT, constant=constant, identity=identity)
    if column.kind is ColumnKind.INTEGER and not is_unique:
        return ColumnMapping(column.name, Treatment.CONSTANT, constant="0", identity=identity)
    return None


def _children(schema: Schema, table: Table, key: Sequence[str], remarks: list[Remark]) -> tuple[ChildMapping, ...]:
    """Return the tables whose rows hang on this one's, those that point at other children first."""
    by_table: dict[TableName, ForeignKey] = {}
    for foreign in table.incoming:
        if foreign.table == table.name:
            remarks.append(Remark(Doubt.ITSELF, str(table.name)))
        elif set(foreign.target_columns) != set(key):
            remarks.append(Remark(Doubt.OTHER_KEY, str(foreign.table)))
        elif foreign.table in by_table:
            remarks.append(Remark(Doubt.TWICE, str(foreign.table)))
        else:
            by_table[foreign.table] = foreign
    for name in by_table:
        further = schema.tables[name].incoming if name in schema.tables else ()
        remarks += [Remark(Doubt.DEEP, str(deep.table)) for deep in further if deep.table not in {*by_table, name}]
    return tuple(_child(schema, by_table[name], key, remarks) for name in _in_order(schema, by_table))


def _in_order(schema: Schema, children: Iterable[TableName]) -> list[TableName]:
    """Put a child before those that it points at: it is erased first."""
    waiting, ordered = list(children), []
    while waiting:
        free = [
            name
            for name in waiting
            if not any(
                foreign.table in waiting and foreign.table != name
                for foreign in (schema.tables[name].incoming if name in schema.tables else ())
            )
        ]
        chosen = free or waiting[:1]  # a circle: the database will have to defer it
        ordered += chosen
        waiting = [name for name in waiting if name not in chosen]
    return ordered


def _child(schema: Schema, foreign: ForeignKey, key: Sequence[str], remarks: list[Remark]) -> ChildMapping:
    pointing = dict(zip(foreign.target_columns, foreign.columns, strict=True))
    child = schema.tables.get(foreign.table)
    law = _law(child, remarks) if child else None
    if child and child.triggers:
        remarks.append(Remark(Doubt.TRIGGERS, str(child.name)))
    return ChildMapping(foreign.table, tuple(pointing[column] for column in key), ChildFate.ERASE, law=law)


def _law(table: Table, remarks: list[Remark]) -> Law | None:
    domain = names.meaning(table.name.name, names.DOMAINS)
    if not domain:
        return None
    dates = [column.name for column in table.columns if column.kind in TIMES]
    dated_by = next((name for name in dates if names.says(name, names.DOCUMENT_DATES)), "")
    if not dated_by:
        remarks.append(Remark(Doubt.UNDATED_DOCUMENT, str(table.name)))
    return Law(domain, dated_by)
