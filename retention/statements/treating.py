"""The treatment of locked rows: one UPDATE for all that treat the same columns, values made here joined to it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, CursorResult, bindparam, func, update
from sqlalchemy.sql import column as named_column

from retention.statements.choosing import Chosen
from retention.statements.conditions import both
from retention.statements.failures import Cause, failure
from retention.statements.keys import among, read_all
from retention.statements.making import Maker
from retention.statements.part import Part
from retention.statements.tables import DATED_BY_DATABASE, array_of
from retention.statements.treated import MADE, plain_value

Changes = dict[Column[Any], Any]


def treat(connection: Connection, part: Part, key: Sequence[Column[object]], rows: Sequence[Chosen]) -> None:
    """Give the columns of these rows what their treatment says, but for those that stay in a row."""
    groups: dict[frozenset[str], list[Chosen]] = defaultdict(list)
    for row in rows:
        groups[row.kept].append(row)
    for kept, alike in groups.items():
        changes = plain_changes(part, kept)
        makers = [part.maker(each) for each in part.made if each.name not in kept]
        if makers:
            _with_made_values(connection, part, key, alike, changes, makers)
        elif changes:
            chosen = among(key, [row.key for row in alike], part.place)
            all_of(connection.execute(update(part.table).values(changes).where(chosen)), len(alike))


def plain_changes(part: Part, kept: frozenset[str]) -> Changes:
    """Return the columns that get the same value in every row; what MySQL would date by itself stays as it was."""
    changes: Changes = {
        part.column(each): plain_value(each, part.column(each), part.place)
        for each in part.treated
        if each.name not in kept and each.treatment not in MADE
    }
    untouched = [each for each in part.table.c if DATED_BY_DATABASE in each.info and each not in changes]
    return {**changes, **{column: column for column in untouched}} if changes or part.made else changes


def _with_made_values(
    connection: Connection,
    part: Part,
    key: Sequence[Column[object]],
    rows: Sequence[Chosen],
    changes: Changes,
    makers: Sequence[Maker],
) -> None:
    made = [[maker.make(row.values[maker.mapping.name], row.key) for row in rows] for maker in makers]
    keys = [read_all([row.key[at] for row in rows], column, part.place) for at, column in enumerate(key)]
    if part.place.dialect == "postgresql":
        _joined(connection, part, key, keys, changes, makers, made)
        return
    link = both(*[column == bindparam(f"greffier_key_{at}") for at, column in enumerate(key)])
    values = {maker.column: bindparam(f"greffier_value_{at}", type_=maker.type) for at, maker in enumerate(makers)}
    names = [f"greffier_key_{at}" for at in range(len(key))] + [f"greffier_value_{at}" for at in range(len(makers))]
    lines = [dict(zip(names, line, strict=True)) for line in zip(*keys, *made, strict=True)]
    all_of(connection.execute(update(part.table).values({**changes, **values}).where(link), lines), len(rows))


def _joined(
    connection: Connection,
    part: Part,
    key: Sequence[Column[object]],
    keys: Sequence[Sequence[object]],
    changes: Changes,
    makers: Sequence[Maker],
    made: Sequence[Sequence[object]],
) -> None:
    """PostgreSQL takes keys and values as arrays, whatever their number."""
    arrays = [array_of(column, each, "keys") for column, each in zip(key, keys, strict=True)]
    arrays += [array_of(maker.column, each, "made") for maker, each in zip(makers, made, strict=True)]
    columns = [named_column(f"k{at}", each.type) for at, each in enumerate(key)]
    columns += [named_column(f"v{at}", maker.column.type) for at, maker in enumerate(makers)]
    listed = func.unnest(*arrays).table_valued(*columns, name="made").render_derived()
    values = {maker.column: listed.c[f"v{at}"] for at, maker in enumerate(makers)}
    link = both(*[column == listed.c[f"k{at}"] for at, column in enumerate(key)])
    all_of(connection.execute(update(part.table).values({**changes, **values}).where(link)), len(made[0]))


def all_of(result: CursorResult[Any], number: int) -> None:
    """Go on only where the statement met every row that it was meant for: a trigger may have let one out."""
    if result.rowcount != number:
        raise failure(Cause.CONSTRAINT)
