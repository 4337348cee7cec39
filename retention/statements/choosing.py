"""The rows of a batch, locked: what was read of them, and which of their columns another duty keeps."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Column, Connection, Row, Select, select

from retention.mapping import ColumnMapping, Key
from retention.statements.conditions import Condition, both, never
from retention.statements.keys import among, written
from retention.statements.looking import keys_where
from retention.statements.part import Part
from retention.statements.plan import Plan, conditional
from retention.statements.tables import columns_of

AnySelect = Select[*tuple[Any, ...]]
NONE_KEPT: Final[frozenset[str]] = frozenset()
NOTHING_READ: Final[Mapping[str, object]] = MappingProxyType({})  # shared by all rows of a batch


@dataclass(frozen=True, slots=True)
class Chosen:
    """A locked row: its key, the names of the columns that stay as they are, and the values to make others from."""

    key: Key
    kept: frozenset[str]
    values: Mapping[str, object]


def locking(statement: AnySelect, plan: Plan, *, skip_locked: bool) -> AnySelect:
    """Have a SELECT lock its rows; SQLite's transaction has locked the whole database by now."""
    if plan.place.dialect == "sqlite":
        return statement
    return statement.with_for_update(skip_locked=skip_locked)


def choose(
    connection: Connection,
    plan: Plan,
    part: Part,
    key: Sequence[Column[object]],
    condition: Condition,
    *,
    skip_locked: bool = False,
) -> list[Chosen]:
    """Lock the rows of a part that meet a condition, in the order of the key, and read what their treatment needs."""
    if never(condition):
        return []
    apart, made = conditional(part), part.made
    flags = [part.column_is_kept(each).label(f"kept_{at}") for at, each in enumerate(apart)]
    values = [part.maker(each).read_as.label(f"value_{at}") for at, each in enumerate(made)]
    statement = select(*key, *flags, *values).where(condition).order_by(*key)
    rows = connection.execute(locking(statement, plan, skip_locked=skip_locked)).all()
    if not apart and not made:
        return [Chosen(written(row), NONE_KEPT, NOTHING_READ) for row in rows]
    return [_chosen(row, len(key), apart, made) for row in rows]


def _chosen(
    row: Row[tuple[object, ...]], size: int, apart: Sequence[ColumnMapping], made: Sequence[ColumnMapping]
) -> Chosen:
    flags, values = row[size : size + len(apart)], row[size + len(apart) :]
    kept = frozenset(each.name for each, flag in zip(apart, flags, strict=True) if flag)
    return Chosen(written(row[:size]), kept, {each.name: value for each, value in zip(made, values, strict=True)})


def free_of_locks(connection: Connection, plan: Plan, keys: Sequence[Key]) -> set[Key]:
    """Return which of these locked rows have no child row that another session holds."""
    free = set(keys)
    for child in plan.children:
        columns = columns_of(child.part.table, child.foreign_key)
        touched = both(among(columns, sorted(free, key=repr), plan.place), child.touched)
        if never(touched):
            continue
        statement: AnySelect = select(*columns).where(touched)
        there = Counter(written(row) for row in connection.execute(statement))
        ours = Counter(written(row) for row in connection.execute(locking(statement, plan, skip_locked=True)))
        free -= set(there - ours)
    return free


def locked_by_others(connection: Connection, plan: Plan, keys: Sequence[Key], ours: set[Key]) -> tuple[Key, ...]:
    """Return the keys that are due and that we did not get."""
    return tuple(key for key in keys_where(connection, plan, keys, plan.due) if key not in ours)
