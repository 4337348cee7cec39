"""Keys of rows: as plain scalars for whoever keeps them, as typed parameters for the database."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Column, any_, false, func, literal, select, tuple_

from retention.mapping import Key
from retention.statements.conditions import Condition, both, either
from retention.statements.tables import Kind, Place, array_of, kind_of

READERS: dict[Kind, Callable[[str], object]] = {
    Kind.UUID: uuid.UUID,
    Kind.DATE: date.fromisoformat,
    Kind.NAIVE: datetime.fromisoformat,
    Kind.AWARE: datetime.fromisoformat,
    Kind.NUMBER: Decimal,
    Kind.BINARY: bytes.fromhex,
}


def written(values: Iterable[object]) -> Key:
    """Return the values of key columns as whole numbers and texts."""
    return tuple(_scalar(value) for value in values)


def _scalar(value: object) -> int | str:
    if isinstance(value, int | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else str(value)


def read(value: int | str, column: Column[object], place: Place) -> object:
    """Return what the database compares with the column."""
    return read_all([value], column, place)[0]


def read_all(values: Iterable[int | str], column: Column[object], place: Place) -> list[object]:
    """Return what the database compares with the column, for each of these values."""
    reader = READERS.get(kind_of(column, place.dialect))
    if reader is None or (reader is uuid.UUID and not getattr(column.type, "as_uuid", True)):
        return list(values)
    return [reader(value) if isinstance(value, str) else value for value in values]


def among(columns: Sequence[Column[object]], keys: Sequence[Key], place: Place) -> Condition:
    """Rows whose columns hold one of these keys; on PostgreSQL as arrays, however many there are."""
    if not keys:
        return false()
    values = [read_all([key[at] for key in keys], column, place) for at, column in enumerate(columns)]
    if place.dialect != "postgresql":
        if len(columns) == 1:
            return columns[0].in_(values[0])
        return tuple_(*columns).in_(list(zip(*values, strict=True)))
    arrays = [array_of(column, each, "keys") for column, each in zip(columns, values, strict=True)]
    if len(columns) == 1:
        return columns[0] == any_(arrays[0])  # type: ignore[arg-type]
    listed = func.unnest(*arrays).table_valued(*[f"k{at}" for at in range(len(columns))]).render_derived()
    return tuple_(*columns).in_(select(*listed.c))


def beyond(columns: Sequence[Column[object]], after: Key, place: Place) -> Condition:
    """Rows that come after this key in the order of the key, so that its index is walked from there."""
    values = [literal(read(value, column, place), column.type) for value, column in zip(after, columns, strict=True)]
    if len(columns) == 1:
        return columns[0] > values[0]
    if place.dialect != "mysql":
        return tuple_(*columns) > tuple_(*values)
    # MySQL walks no index for a comparison of rows: say it column by column.
    steps = [
        both(*[column == value for column, value in zip(columns[:at], values[:at], strict=True)], columns[at] > value)
        for at, value in enumerate(values)
    ]
    return both(columns[0] >= values[0], either(*steps))
