"""What becomes of a column: the value it gets, and the expression that tells a treated value from any other."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from sqlalchemy import Column, ColumnElement, String, extract, func, literal, type_coerce, types
from sqlalchemy import cast as sql_cast

from retention import made_values
from retention.mapping import ColumnMapping, Treatment
from retention.statements.conditions import Condition, both, either
from retention.statements.tables import Kind, Place, kind_of

MADE = frozenset({
    Treatment.YEAR_ONLY, Treatment.TRUNCATED_POSTCODE, Treatment.KEYED_HASH, Treatment.FILLER,
})  # fmt: skip
YEARS_OF_TIMESTAMP = range(1970, 2107)
TRUE, FALSE = frozenset({"true", "t", "1", "yes"}), frozenset({"false", "f", "0", "no"})


def length_of(column: Column[object]) -> int | None:
    """Return how many characters a column takes; None where there is no limit."""
    return getattr(column.type, "length", None)


def is_mail(mapping: ColumnMapping) -> bool:
    return mapping.identity in {"email", "e-mail", "mail"}


def constant(text: str, column: Column[object], place: Place) -> object:
    """Return the value of a column that a mapping writes as a text; ValueError where it is none."""
    kind = kind_of(column, place.dialect)
    if isinstance(column.type, types.Enum) and text not in column.type.enums:
        raise ValueError
    if kind is Kind.BOOLEAN:
        if text.lower() not in TRUE | FALSE:
            raise ValueError
        return text.lower() in TRUE
    reader = _CONSTANTS.get(kind)
    if reader is None:
        raise ValueError
    return reader(text, column)


def _number(text: str, column: Column[object]) -> object:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError from None
    scale = getattr(column.type, "scale", None) or 0
    precision = getattr(column.type, "precision", None)
    is_exact = isinstance(column.type, types.Numeric) and not isinstance(column.type, types.Float)
    if not number.is_finite() or number != round(number, scale if is_exact else 0):
        raise ValueError
    if is_exact and precision is not None and abs(number) >= Decimal(10) ** (precision - scale):
        raise ValueError
    return number if is_exact else float(number)


def _text(text: str, column: Column[object]) -> object:
    limit = length_of(column)
    if limit is not None and len(text) > limit:
        raise ValueError
    return text


def _instant(text: str, column: Column[object]) -> object:
    known = datetime.fromisoformat(text)
    if known.microsecond or (known.tzinfo is None) == bool(getattr(column.type, "timezone", False)):
        raise ValueError
    return known


_CONSTANTS: dict[Kind, Callable[[str, Column[object]], object]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: lambda text, column: int(text),
    Kind.NUMBER: _number,
    Kind.DATE: lambda text, column: date.fromisoformat(text),
    Kind.NAIVE: _instant,
    Kind.AWARE: _instant,
    Kind.UUID: lambda text, column: UUID(text) if getattr(column.type, "as_uuid", True) else str(UUID(text)),
}


def is_treated(mapping: ColumnMapping, column: Column[object], place: Place) -> Condition:
    """Rows in which the treatment of this column stands already; never unknown."""
    treatment = mapping.treatment
    if treatment is Treatment.NULL:
        return column.is_(None)
    if treatment is Treatment.CONSTANT:
        value = literal(constant(mapping.constant, column, place), column.type)
        return both(column.is_not(None), column == value)
    return either(column.is_(None), both(column.is_not(None), _is_made(mapping, column, place)))


def _is_made(mapping: ColumnMapping, column: Column[object], place: Place) -> Condition:
    if mapping.treatment is Treatment.YEAR_ONLY:
        return _is_first_of_year(column, place)
    if mapping.treatment is Treatment.TRUNCATED_POSTCODE:
        text = sql_cast(column, types.Text()) if place.dialect == "postgresql" else column
        return func.replace(func.substr(text, made_values.POSTCODE_DIGITS + 1), "0", "") == ""
    return column.regexp_match(pattern(mapping, column))


def pattern(mapping: ColumnMapping, column: Column[object]) -> str:
    """Return the expression that a made text matches; `refuse` has seen to it that the column is long enough."""
    if mapping.treatment is Treatment.KEYED_HASH:
        return made_values.hash_pattern(made_values.hash_digits(length_of(column)) or 0)
    mail = is_mail(mapping)
    return made_values.filler_pattern(made_values.filler_digits(length_of(column), is_mail=mail) or 0, is_mail=mail)


def _is_first_of_year(column: Column[object], place: Place) -> Condition:
    kind = kind_of(column, place.dialect)
    if place.dialect == "sqlite":
        text = type_coerce(column, String())
        return either(text.like("____-01-01"), text.like("____-01-01 00:00:00%"))
    if kind is Kind.AWARE and place.dialect == "mysql":
        return column.in_([first_instant(year, place) for year in YEARS_OF_TIMESTAMP])
    shown: ColumnElement[object] = func.timezone(place.zone.key, column) if kind is Kind.AWARE else column
    parts = ["month", "day"] if kind is Kind.DATE else ["month", "day", "hour", "minute", "second"]
    return both(*[extract(part, shown) == (1 if part in {"month", "day"} else 0) for part in parts])


def first_instant(year: int, place: Place) -> datetime:
    """The beginning of a year as MySQL's TIMESTAMP can hold it."""
    begin = datetime(year, 1, 1, tzinfo=place.zone).astimezone(UTC).replace(tzinfo=None)
    return max(begin, datetime(1970, 1, 1, 0, 0, 1))  # noqa: DTZ001 - the driver sends the wall clock of UTC


def plain_value(mapping: ColumnMapping, column: Column[object], place: Place) -> ColumnElement[object]:
    """Return the value of a column that gets the same one in every row."""
    if mapping.treatment is Treatment.NULL:
        return literal(None, column.type)
    return literal(constant(mapping.constant, column, place), column.type)
