"""Which rows a rule has come to its end for: its state, its events, its cut-off; and what another rule still keeps."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Table, false, true

from clocks.readings import Combination
from retention.due import CutOff
from retention.ground import Cover
from retention.mapping import Law
from retention.statements.conditions import Condition, both, either, unless
from retention.statements.days import on_or_before
from retention.statements.tables import Place, column_of
from retention.statements.treated import constant


def in_state(table: Table, column: str, values: Sequence[str], place: Place) -> Condition:
    """Rows in the rule's state; where no column says so, every row is. An unknown state is none."""
    if not column:
        return true()
    state = column_of(table, column)
    return both(state.is_not(None), state.in_([constant(value, state, place) for value in values]))


def is_over(table: Table, cut_off: CutOff, events: Mapping[str, str], place: Place) -> Condition:
    """Rows whose events, combined, lie on the cut-off day or before; never unknown."""
    day = cut_off.day
    if day is None or not cut_off.events:
        return false()
    several = len(cut_off.events) > 1
    known = [column_of(table, events[event]) for event in cut_off.events if event in events]
    if cut_off.combination is Combination.EARLIEST or not several:
        return either(*[on_or_before(column, day, place) for column in known])
    if cut_off.combination is Combination.UNDETERMINED or len(known) < len(cut_off.events):
        return false()  # nobody has decided, or an event that may be later stands nowhere: never early
    return both(
        either(*[column.is_not(None) for column in known]),
        *[either(column.is_(None), on_or_before(column, day, place)) for column in known],
    )


def is_free(table: Table, law: Law, free_days: Mapping[str, date | None], place: Place) -> Condition:
    """Rows whose statutory minimum is over: dated, and by a day whose period is over. Without a date, it never is."""
    day = free_days.get(law.domain)
    if day is None or not law.dated_by:
        return false()
    return on_or_before(column_of(table, law.dated_by), day, place)


def still_keeps(table: Table, cover: Cover, free_days: Mapping[str, date | None], place: Place) -> Condition:
    """Rows for which another rule is not over, or which the law keeps by its mapping, among those in its state."""
    if cover.law is not None:
        ended = is_free(table, cover.law, free_days, place)
    else:
        ended = false() if cover.cut_off is None else is_over(table, cover.cut_off, cover.events, place)
    return both(in_state(table, cover.state_column, cover.state_values, place), unless(ended))


def columns_of_cover(cover: Cover) -> frozenset[str]:
    """The columns that a cover keeps: its own, and those by which it is told whether it is over."""
    dated_by = cover.law.dated_by if cover.law else ""
    return cover.columns | frozenset(cover.events.values()) | {cover.state_column, dated_by}
