"""Rows that a hold or an open request keeps, by key or by a person's identifier: part of every condition."""

from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, String, Table, exists, false, func, true

from retention.ground import Exclusions
from retention.mapping import ColumnMapping, Key, TableMapping, TableName
from retention.statements.conditions import Condition, both, either, never
from retention.statements.keys import among
from retention.statements.tables import Kind, Place, Tables, column_of, columns_of, kind_of

BLANKS = " \t\n\r\f\v"
OUTER_BLANKS = "^[[:space:]]+|[[:space:]]+$"
PLAIN = "greffier_plain"  # a function that `transactions` gives to each connection of SQLite


def plain(value: str) -> str:
    """Return a value as values of an identity column are compared."""
    return value.strip().lower()


def held(tables: Tables, mapping: TableMapping, exclusions: Exclusions, place: Place) -> Condition:
    """Rows that stay as they are: of a held key or person, and those on which a row of a held person hangs."""
    if exclusions.everything:
        return true()
    key, people = columns_of(tables.target, mapping.key), exclusions.people
    return either(
        among(key, sorted(exclusions.keys, key=repr), place),
        _of_people(tables.target, mapping.columns, people, place),
        _of_rows(tables.target, mapping.table, exclusions, place),
        *[
            some_child(
                table,
                child.foreign_key,
                key,
                either(
                    _of_people(table, child.columns, people, place), _of_rows(table, child.table, exclusions, place)
                ),
            )
            for table, child in zip(tables.children, mapping.children, strict=True)
        ],
    )


def some_child(
    table: Table, foreign_key: Sequence[str], key: Sequence[Column[object]], condition: Condition
) -> Condition:
    """Rows of the target on which a row of the child table hangs that meets the condition."""
    if never(condition):
        return false()
    link = [column == other for column, other in zip(columns_of(table, foreign_key), key, strict=True)]
    return exists().where(both(*link, condition)).correlate(key[0].table)


def _of_rows(table: Table, name: TableName, exclusions: Exclusions, place: Place) -> Condition:
    """Rows that are held by columns of their own."""
    keys: dict[tuple[str, ...], set[Key]] = {}
    for row in exclusions.rows:
        if row.table == name:
            keys.setdefault(row.columns, set()).add(row.key)
    return either(*[among(columns_of(table, each), sorted(keys[each], key=repr), place) for each in sorted(keys)])


def _of_people(
    table: Table, columns: Sequence[ColumnMapping], people: frozenset[tuple[str, str]], place: Place
) -> Condition:
    conditions = []
    for mapping in columns:
        values = sorted({plain(value) for kind, value in people if kind == mapping.identity})
        if mapping.identity and values:
            column = column_of(table, mapping.name)
            conditions.append(both(column.is_not(None), compared(column, place).in_(values)))
    return either(*conditions)


def compared(column: Column[object], place: Place) -> ColumnElement[str]:
    """Return a column without case and outer blanks, accents and all, whatever the locale of the database."""
    if place.dialect == "sqlite":
        same: ColumnElement[str] = getattr(func, PLAIN)(column, type_=String())
        return same
    if kind_of(column, place.dialect) is not Kind.TEXT:
        return func.lower(func.concat(column, ""))
    if place.dialect == "mysql":
        return func.lower(func.regexp_replace(column, OUTER_BLANKS, ""))
    bare = func.btrim(column, BLANKS)
    return func.lower(bare.collate(place.collation) if place.collation else bare)
