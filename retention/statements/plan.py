"""A pass over a target, as conditions: which rows are due, which of them go, what is left to treat in the others."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Column, Table, false
from sqlalchemy.sql.visitors import iterate

from retention.ground import Work
from retention.mapping import ColumnMapping, Step, Treatment
from retention.statements.conditions import Condition, always, both, either, never, unless
from retention.statements.held import held, some_child
from retention.statements.over import in_state, is_over
from retention.statements.part import Child, Part
from retention.statements.tables import Kind, Place, Tables, column_of, columns_of, kind_of

ERASING = frozenset({Step.ERASE, Step.RETURN_THEN_DESTROY})
REMOVING = ERASING | {Step.ARCHIVE}
SETTING_ASIDE = frozenset({Step.LIMIT_ACCESS, Step.ARCHIVE})  # nothing is erased: the law is kept anyway


@dataclass(frozen=True)
class Plan:
    """What a mapping, the cut-off, the law, other rules and the holds amount to in these tables."""

    work: Work
    tables: Tables
    place: Place

    @property
    def target(self) -> Table:
        return self.tables.target

    @property
    def step(self) -> Step:
        return self.work.mapping.step

    @cached_property
    def key(self) -> tuple[Column[object], ...]:
        return columns_of(self.target, self.work.mapping.key)

    @cached_property
    def part(self) -> Part:
        """The target as a part: its columns as this step treats them."""
        mapping, aside = self.work.mapping, self.step in SETTING_ASIDE
        columns: tuple[ColumnMapping, ...] = mapping.columns
        if self.step is Step.LIMIT_ACCESS:
            access = ColumnMapping(mapping.access_column, Treatment.CONSTANT, constant=mapping.access_value)
            columns = (access,) if mapping.access_column else ()
        return Part(
            self.target,
            columns,
            mapping.law,
            self.work,
            self.place,
            is_target=True,
            obeys_law=not aside,
            any_cover_keeps_the_row=aside,
        )

    @cached_property
    def children(self) -> tuple[Child, ...]:
        aside = self.step in SETTING_ASIDE
        return tuple(
            Child(
                Part(table, child.columns, child.law, self.work, self.place, obeys_law=not aside),
                child.fate,
                child.foreign_key,
            )
            for table, child in zip(self.tables.children, self.work.mapping.children, strict=True)
        )

    def with_child(self, child: Child, condition: Condition) -> Condition:
        """Rows of the target on which a row of this child hangs that meets the condition."""
        return some_child(child.part.table, child.foreign_key, self.key, condition)

    @cached_property
    def in_state(self) -> Condition:
        mapping = self.work.mapping
        return in_state(self.target, mapping.state_column, mapping.state_values, self.place)

    @cached_property
    def is_over(self) -> Condition:
        """Rows for which the rule has come to its end, and that were handed back where they have to be."""
        ended = is_over(self.target, self.work.cut_off, self.work.mapping.events, self.place)
        return both(self.in_state, ended, self._is_returned())

    def _is_returned(self) -> Condition:
        if self.step is not Step.RETURN_THEN_DESTROY:
            return both()
        if not self.work.mapping.returned_column:
            return false()
        returned = column_of(self.target, self.work.mapping.returned_column)
        if kind_of(returned, self.place.dialect) is Kind.BOOLEAN:
            return both(returned.is_not(None), returned.is_(True))
        return returned.is_not(None)

    @cached_property
    def held(self) -> Condition:
        return held(self.tables, self.work.mapping, self.work.exclusions, self.place)

    @cached_property
    def row_is_kept(self) -> Condition:
        return self.part.row_is_kept()

    @cached_property
    def goes(self) -> Condition:
        """Rows that leave the table, among those that are over and touched: nothing of them has to stay."""
        if self.step not in REMOVING:
            return false()
        keeping = [self.with_child(child, child.keeps_its_parent) for child in self.children]
        return both(*[unless(each) for each in (self.row_is_kept, self.part.something_is_kept(), *keeping)])

    @cached_property
    def is_untreated(self) -> Condition:
        """Rows that stay, with something left to do in them or in a child row."""
        own = false() if self.step is Step.ARCHIVE else self.part.is_untreated()
        return either(own, self.has_child_work)

    @cached_property
    def has_child_work(self) -> Condition:
        return either(*[self.with_child(child, child.touched) for child in self.children])

    @cached_property
    def has_work(self) -> Condition:
        """Rows that the pass would touch if the rule is over for them and no hold keeps them."""
        return both(unless(self.row_is_kept), either(self.goes, self.is_untreated))

    @cached_property
    def due(self) -> Condition:
        """Rows that the pass touches."""
        return both(self.is_over, unless(self.held), self.has_work)

    # -- how it can be carried out ------------------------------------------------------------------------------------

    @property
    def all_go(self) -> bool:
        """Whether every row that is due goes, by the very form of the conditions."""
        return always(self.goes)

    @property
    def none_goes(self) -> bool:
        return never(self.goes)

    @cached_property
    def kept_apart(self) -> tuple[ColumnMapping, ...]:
        """The columns that stay in some rows and are treated in others."""
        return conditional(self.part)

    @cached_property
    def goes_with_children(self) -> bool:
        """Whether every row that is due goes with all that hangs on it, and is told to be due without looking there."""
        if not self.children or not self.all_go or self.step is Step.ARCHIVE:
            return False
        return all(always(child.goes) for child in self.children) and not self._due_asks_children()

    def _due_asks_children(self) -> bool:
        """Whether it depends on child rows which rows are due: a hold may name a person by a child row."""
        asked = {id(getattr(each, "table", each)) for each in iterate(self.due)}
        return any(id(child.part.table) in asked for child in self.children)

    @property
    def is_one_statement(self) -> bool:
        """Whether one DELETE or one UPDATE says it all."""
        if self.children or self.step is Step.ARCHIVE:
            return False
        return self.all_go or (self.none_goes and not self.kept_apart and not self.part.made)


def conditional(part: Part) -> tuple[ColumnMapping, ...]:
    """Return the treated columns of a part that are kept in some rows."""
    return tuple(each for each in part.treated if not never(part.column_is_kept(each)))
