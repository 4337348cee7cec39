"""The values that Greffier makes for the rows of a batch, from what was read of them and the secret of the run."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cached_property

from sqlalchemy import Column, ColumnElement, String, type_coerce, types

from retention import made_values
from retention.mapping import ColumnMapping, Key, Treatment
from retention.statements.days import day_of
from retention.statements.tables import Kind, Place, kind_of
from retention.statements.treated import first_instant, is_mail, length_of, pattern


@dataclass(frozen=True)
class Maker:
    """Makes the values of one column from those that were read."""

    mapping: ColumnMapping
    column: Column[object]
    place: Place
    secret: bytes

    @property
    def read_as(self) -> ColumnElement[object]:
        """What is read: on SQLite dates are texts, in whatever form an application wrote them."""
        if self.place.dialect == "sqlite" and self.mapping.treatment is Treatment.YEAR_ONLY:
            return type_coerce(self.column, String())
        return self.column

    @property
    def type(self) -> types.TypeEngine[object]:
        return self.read_as.type

    def make(self, value: object, key: Key) -> object:
        """Return what the column holds afterwards."""
        if value is None:
            return None
        if self.mapping.treatment is Treatment.YEAR_ONLY:
            return self._first_of_year(value)
        text = str(value)
        if self.mapping.treatment is Treatment.TRUNCATED_POSTCODE:
            return made_values.truncated_postcode(text)
        if re.match(self._pattern, text):
            return value
        if self.mapping.treatment is Treatment.KEYED_HASH:
            return made_values.keyed_hash(text, secret=self.secret, digits=self._digits)
        return made_values.filler(
            self._name, key, secret=self.secret, digits=self._digits, is_mail=is_mail(self.mapping)
        )

    @cached_property
    def _pattern(self) -> str:
        return pattern(self.mapping, self.column)

    @cached_property
    def _digits(self) -> int:
        length = length_of(self.column)
        if self.mapping.treatment is Treatment.KEYED_HASH:
            return made_values.hash_digits(length) or 0
        return made_values.filler_digits(length, is_mail=is_mail(self.mapping)) or 0

    @cached_property
    def _name(self) -> str:
        return f"{self.column.table.fullname}.{self.column.name}"

    def _first_of_year(self, value: object) -> object:
        kind = kind_of(self.column, self.place.dialect)
        shown = replace(self.place, zone=self.place.wall) if kind is Kind.NAIVE else self.place
        on = day_of(value, self.column, shown)
        if on is None:
            return None  # what is no date has no year
        first = made_values.first_of_year(on)
        if self.place.dialect == "sqlite":
            return first.isoformat() + ("" if kind is Kind.DATE else " 00:00:00")
        if kind is Kind.DATE:
            return first
        if kind is Kind.NAIVE:
            return datetime.combine(first, time.min)
        if self.place.dialect == "mysql":
            return first_instant(first.year, self.place)
        return datetime.combine(first, time.min, self.place.zone)
