"""Columns of dates and instants compared with a day of the register: the column stands bare, the day is a parameter."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Column, ColumnElement, String, extract, func, literal, not_, true, type_coerce

from retention.due import start_of_day
from retention.statements.conditions import Condition, both, either
from retention.statements.tables import Kind, Place, kind_of

ONE_DAY = timedelta(days=1)
# Below it stand no days of an event: MySQL's zero dates, PostgreSQL's "-infinity". They never make a row due.
FIRST = {"mysql": date(1000, 1, 1)}
ISO_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"
NO_MONTH, NO_DAY = "????-00-*", "????-??-00*"
NAMES_ITS_ZONE = "??????????*[+Zz-]*"  # "Z" or an offset, somewhere after the day
DATED = frozenset({Kind.DATE, Kind.NAIVE, Kind.AWARE})


def on_or_before(column: Column[object], day: date, place: Place) -> Condition:
    """Rows in which the column holds this day of the register or an earlier one; never unknown, NULL is not."""
    kind = kind_of(column, place.dialect)
    first = FIRST.get(place.dialect, date.min)
    if place.dialect == "sqlite":
        return _in_text(column, day, place, kind)
    if kind is Kind.DATE:
        lowest_day, last = literal(first, column.type), literal(day, column.type)
        return both(column.is_not(None), _is_whole(column, place), column >= lowest_day, column <= last)
    bound, lowest = _bound(day, place, kind), datetime.combine(first, time.min)
    if kind is Kind.AWARE and place.dialect == "postgresql":
        lowest = lowest.replace(tzinfo=UTC) + ONE_DAY
    elif kind is Kind.AWARE:
        bound = bound.replace(tzinfo=None)
    before = both(column >= literal(lowest, column.type), column < literal(bound, column.type))
    return both(column.is_not(None), _is_whole(column, place), before)


def _is_whole(column: Column[object], place: Place) -> Condition:
    """MySQL lets a date have no month or no day: what may lie later in the year is no day of an event."""
    if place.dialect != "mysql":
        return true()
    return both(extract("month", column) > 0, extract("day", column) > 0)


def next_day(day: date, place: Place) -> datetime:
    """Return the first instant of the day after, in the zone of the register, in UTC."""
    return start_of_day(day + ONE_DAY, place.zone)


def _bound(day: date, place: Place, kind: Kind) -> datetime:
    bound = next_day(day, place)
    return bound if kind is Kind.AWARE else bound.astimezone(place.wall).replace(tzinfo=None)


def _in_text(column: Column[object], day: date, place: Place, kind: Kind) -> Condition:
    """SQLite keeps dates as text: whatever does not begin with a day (a number sorts before every text) never matches.

    A bound at midnight is the bare day, which sorts before the same day with any time, however it is written.
    """
    plain = type_coerce(column, String())
    is_day = both(column.is_not(None), _like(plain, ISO_DAY), *[not_(_like(plain, odd)) for odd in (NO_MONTH, NO_DAY)])
    if kind is Kind.DATE:
        return both(is_day, plain < (day + ONE_DAY).isoformat())
    instant, zoned = _bound(day, place, kind), _like(plain, NAMES_ITS_ZONE)
    bound = instant.date().isoformat() if instant.time() == time.min else instant.isoformat(" ", "seconds")
    return both(is_day, either(both(not_(zoned), plain < bound), both(zoned, _is_before(plain, next_day(day, place)))))


def _like(plain: ColumnElement[str], pattern: str) -> Condition:
    return plain.bool_op("GLOB")(pattern)


def _is_before(plain: ColumnElement[str], instant: datetime) -> Condition:
    """Texts that name their zone, as SQLite reads them: in UTC; what it cannot read is before nothing."""
    in_utc: ColumnElement[str] = func.datetime(plain, type_=String())
    return both(in_utc.is_not(None), in_utc < instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds"))


def day_of(value: object, column: Column[object], place: Place) -> date | None:
    """Return the day, in the register's zone, of what stands in a column; None for what is no day."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        kind = kind_of(column, place.dialect)
        if kind is Kind.DATE:
            return value.date()
        if value.tzinfo is None:
            value = value.replace(tzinfo=UTC if kind is Kind.AWARE else place.wall)
        return value.astimezone(place.zone).date()
    return value if isinstance(value, date) else None
