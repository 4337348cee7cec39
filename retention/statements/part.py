"""One table of a mapping, the target or a child: what keeps a row or a column of it, and what is left to treat."""

from dataclasses import dataclass

from sqlalchemy import Column, Table, false

from retention.ground import Work
from retention.mapping import ChildFate, ColumnMapping, Law, Treatment
from retention.statements.conditions import Condition, both, either, unless
from retention.statements.making import Maker
from retention.statements.over import columns_of_cover, is_free, still_keeps
from retention.statements.tables import Place, column_of
from retention.statements.treated import MADE, is_treated


@dataclass(frozen=True, slots=True)
class Part:
    """A table under the rule of a mapping. `covers` and `obeys_law` are of the target alone, or of a child."""

    table: Table
    columns: tuple[ColumnMapping, ...]
    law: Law | None
    work: Work
    place: Place
    is_target: bool = False
    obeys_law: bool = True  # an archive and limited access keep what the law orders to keep
    any_cover_keeps_the_row: bool = False

    @property
    def treated(self) -> tuple[ColumnMapping, ...]:
        """The columns that a treatment changes."""
        return tuple(each for each in self.columns if each.treatment is not Treatment.KEEP)

    @property
    def made(self) -> tuple[ColumnMapping, ...]:
        """The columns whose values Greffier makes."""
        return tuple(each for each in self.columns if each.treatment in MADE)

    def maker(self, mapping: ColumnMapping) -> Maker:
        return Maker(mapping, self.column(mapping), self.place, self.work.secret)

    def column(self, mapping: ColumnMapping) -> Column[object]:
        return column_of(self.table, mapping.name)

    def row_is_kept_by_law(self) -> Condition:
        """Rows that are themselves a document under a statutory minimum."""
        if self.law is None or not self.obeys_law:
            return false()
        return unless(is_free(self.table, self.law, self.work.law, self.place))

    def row_is_kept(self) -> Condition:
        """Rows in which nothing is touched: the law, or another rule, keeps them whole."""
        whole = [self.keeps(rule) for rule, columns in self._covers() if self.any_cover_keeps_the_row or not columns]
        return either(self.row_is_kept_by_law(), *whole)

    def _covers(self) -> list[tuple[int, frozenset[str]]]:
        return [(at, cover.columns) for at, cover in enumerate(self.work.covers)] if self.is_target else []

    def keeps(self, at: int) -> Condition:
        """Rows for which the cover at this place is not over."""
        return still_keeps(self.table, self.work.covers[at], self.work.law, self.place)

    def kept_by_law(self, mapping: ColumnMapping) -> Condition:
        """Rows in which this column holds what the law orders to keep."""
        if mapping.law is None or not self.obeys_law:
            return false()
        free = is_free(self.table, mapping.law, self.work.law, self.place)
        return both(self.column(mapping).is_not(None), unless(free))

    def column_is_kept(self, mapping: ColumnMapping) -> Condition:
        """Rows in which this column stays as it is: by law, by another rule, or because it dates what is kept."""
        dated = [self.kept_by_law(other) for other in self.columns if other.law and other.law.dated_by == mapping.name]
        covers = [
            self.keeps(at) for at, columns in self._covers()
            if columns and mapping.name in columns_of_cover(self.work.covers[at])
        ]  # fmt: skip
        return either(self.kept_by_law(mapping), *dated, *covers)

    def something_is_kept(self) -> Condition:
        """Rows that stay because a column of theirs does."""
        covers = [self.keeps(at) for at, columns in self._covers() if columns]
        return either(*[self.kept_by_law(each) for each in self.columns], *covers)

    def is_untreated(self) -> Condition:
        """Rows with a column that is to be treated, that nothing keeps, and that is not treated yet."""
        return either(
            *[
                both(unless(self.column_is_kept(each)), unless(is_treated(each, self.column(each), self.place)))
                for each in self.treated
            ]
        )


@dataclass(frozen=True, slots=True)
class Child:
    """A child table: which of its rows go, which are treated, which keep the parent."""

    part: Part
    fate: ChildFate
    foreign_key: tuple[str, ...]

    @property
    def goes(self) -> Condition:
        """Rows that go with their parent."""
        if self.fate is not ChildFate.ERASE:
            return false()
        return both(unless(self.part.row_is_kept()), unless(self.part.something_is_kept()))

    @property
    def is_untreated(self) -> Condition:
        """Rows that stay, with something in them left to treat."""
        if self.fate is ChildFate.KEEP:
            return false()
        left = both(unless(self.part.row_is_kept()), self.part.is_untreated())
        return left if self.fate is ChildFate.TREAT else both(left, self.part.something_is_kept())

    @property
    def touched(self) -> Condition:
        """Rows that the pass erases or treats."""
        return either(self.goes, self.is_untreated)

    @property
    def keeps_its_parent(self) -> Condition:
        """Rows that the law keeps, and that their parent therefore stays for."""
        if self.fate is ChildFate.KEEP:
            return false()
        return either(self.part.row_is_kept(), self.part.something_is_kept())
