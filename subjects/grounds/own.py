"""Greffier's own data as a place where rules bite: the same runs, batches, previews and armings as everywhere.

Not through SQL statements on its database: the tables hold the rows of every register, which a mapping cannot tell
apart, and the end of a row is more than a deletion here: keys are destroyed, evidence is written. So the short list of
`subjects.grounds.tables` says for each table which rows are a register's and what their end means.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import reduce
from operator import and_, or_
from typing import Any, Final

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clocks.readings import Combination
from retention.due import CutOff
from retention.errors import MappingRefused
from retention.ground import Counts, Done, Exclusions, Work, nothing_more
from retention.mapping import Key, Step
from retention.models import Target
from subjects.grounds.tables import OwnTable, names, table_named

FORM: Final = "own data 1"
KEY: Final = ("id",)
NOTHING: Final = Q(pk__in=[])
EVERYTHING: Final = Q(pk__isnull=False)


class OwnGround:
    """One of Greffier's own tables, as far as it is of the register of the target."""

    def __init__(self, target: Target) -> None:
        self.register, self.name = target.register, target.table
        self.table = table_named(target.table)

    def fingerprint(self) -> str:
        """Return a hash that changes when a release changes what a table offers."""
        known = sorted(self.table.columns) if self.table else []
        return hashlib.sha256(f"{FORM} {self.name} {known}".encode()).hexdigest()

    def clock(self) -> datetime:
        return clock()

    def refuse(self, work: Work) -> None:
        """Refuse what this table does not offer."""
        table, mapping = self.table, work.mapping
        if table is None or mapping.table.schema:
            raise MappingRefused([_("Greffier lets go of rows of these tables only: %s.") % ", ".join(names())])
        extras = (mapping.columns, mapping.children, mapping.state_column, mapping.law, mapping.archive)
        unknown = sorted(set(mapping.events.values()) - set(table.columns))
        undated = [name for name in work.cut_off.events if name not in mapping.events]
        reasons = [
            (mapping.key != KEY, _("The key of Greffier's own tables is %s.") % KEY[0]),
            (
                mapping.step is not table.step,
                _("The end of a row is decided for this table: choose the step %s.") % table.step.value,
            ),
            (bool(unknown), _("Rows of this table are dated by: %s.") % ", ".join(sorted(table.columns))),
            (bool(undated), _("Name the column of each event: %s.") % ", ".join(undated)),
            (any(extras), _("Greffier's own tables have neither columns nor child tables to map: remove them.")),
        ]
        found = [sentence for stands, sentence in reasons if stands]
        if found:
            raise MappingRefused(found)

    def count(self, work: Work) -> Counts:
        over = self._rows().filter(self._over(work.cut_off, work.mapping.events))
        held = self._held(work.exclusions)
        free = over.exclude(held)
        due = free.filter(self._not_covered(work))
        n = due.count()
        erases = self._known.step is Step.ERASE
        return Counts(
            rows=self._rows().count(),
            due=n,
            erased=n if erases else 0,
            treated=0 if erases else n,
            children={},
            kept_by_law={},
            kept_by_rules=self._kept_by_rules(free, work),
            held=over.filter(held).count(),
            without_events=self._rows().filter(~self._dated(work)).count(),
            oldest_on=self._oldest(due, work),
        )

    def next_keys(self, work: Work, *, after: Key | None, limit: int) -> list[Key]:
        rows = self._due(work).filter(pk__gt=int(after[0]) if after else 0)
        return [(number,) for number in rows.order_by("pk").values_list("pk", flat=True)[:limit]]

    def carry_out(self, work: Work, keys: Sequence[Key], *, make_sure: Callable[[], None] = nothing_more) -> Done:
        """Let go of the rows that are still due, in one transaction; those locked by others are left."""
        wanted = _numbers(keys)
        with transaction.atomic():
            manager = self._rows().model._base_manager
            held = set(
                manager.select_for_update(skip_locked=True, of=("self",))
                .filter(pk__in=wanted)
                .order_by("pk")
                .values_list("pk", flat=True)
            )
            present = set(manager.filter(pk__in=wanted).values_list("pk", flat=True))
            due = sorted(self._due(work).filter(pk__in=held).values_list("pk", flat=True))
            if due:
                self._known.act(self.register, due, timezone.now())
            make_sure()
        acted = tuple((number,) for number in due)
        locked = tuple((number,) for number in sorted(present - held))
        return (
            Done(erased=acted, locked=locked) if self._known.step is Step.ERASE else Done(treated=acted, locked=locked)
        )

    def still_due(self, work: Work, keys: Sequence[Key]) -> list[Key]:
        rows = self._due(work).filter(pk__in=_numbers(keys)).order_by("pk")
        return [(number,) for number in rows.values_list("pk", flat=True)]

    def gone(self, work: Work, keys: Sequence[Key]) -> list[Key]:
        wanted, kept = _numbers(keys), self._known.kept
        left = kept(wanted) if kept else self._rows().model._base_manager.filter(pk__in=wanted)
        standing = set(left.values_list("pk", flat=True))
        return [key for key in keys if int(key[0]) not in standing]

    def close(self) -> None:
        """Nothing is held open: these rows stand in Greffier's own database."""

    # -- which rows are due --------------------------------------------------------------------------------------

    @property
    def _known(self) -> OwnTable:
        if self.table is None:
            raise MappingRefused([_("Greffier lets go of rows of these tables only: %s.") % ", ".join(names())])
        return self.table

    def _rows(self) -> "models.QuerySet[Any]":
        return self._known.rows(self.register)

    def _due(self, work: Work) -> "models.QuerySet[Any]":
        over = self._rows().filter(self._over(work.cut_off, work.mapping.events))
        return over.exclude(self._held(work.exclusions)).filter(self._not_covered(work))

    def _over(self, cut_off: CutOff, events: Any) -> Q:
        """Return the rows whose events, combined, lie on the day of the cut-off or before."""
        if cut_off.day is None:
            return NOTHING
        columns = [events[name] for name in cut_off.events if name in events]
        before = [self._known.columns[name](self.register, cut_off.day) for name in columns]
        if not before:
            return NOTHING
        if cut_off.combination is Combination.EARLIEST:
            return reduce(or_, before)
        undated = [Q(**{f"{self._dated_by(name)}__isnull": True}) for name in columns]
        known = reduce(or_, (~none for none in undated))
        return reduce(and_, (one | none for one, none in zip(before, undated, strict=True))) & known

    def _dated_by(self, column: str) -> str:
        return self._known.dates.get(column, column)

    def _dated(self, work: Work) -> Q:
        columns = [work.mapping.events[name] for name in work.cut_off.events if name in work.mapping.events]
        return reduce(or_, (Q(**{f"{self._dated_by(name)}__isnull": False}) for name in columns), NOTHING)

    def _held(self, exclusions: Exclusions) -> Q:
        """Return the rows that a hold or an open request keeps."""
        if exclusions.everything:
            return EVERYTHING
        held = Q(pk__in=[int(key[0]) for key in exclusions.keys])
        if exclusions.people and self._known.people:
            held |= self._known.people(self.register, exclusions.people)
        return held

    def _not_covered(self, work: Work) -> Q:
        """Return the rows that no other rule of this table still keeps."""
        free = Q()
        for cover in work.covers:
            free &= NOTHING if cover.cut_off is None else self._over(cover.cut_off, cover.events)
        return free

    def _kept_by_rules(self, rows: "models.QuerySet[Any]", work: Work) -> dict[str, int]:
        kept: dict[str, int] = {}
        for cover in work.covers:
            over = NOTHING if cover.cut_off is None else self._over(cover.cut_off, cover.events)
            n = rows.exclude(over).count()
            if n:
                kept[cover.rule] = n
        return kept

    def _oldest(self, due: "models.QuerySet[Any]", work: Work) -> date | None:
        found = []
        for name in work.cut_off.events:
            first = due.aggregate(first=models.Min(self._dated_by(work.mapping.events[name])))["first"]
            if first is not None:
                found.append(timezone.localtime(first).date() if isinstance(first, datetime) else first)
        return min(found, default=None)


def clock() -> datetime:
    """Return the time by the clock of Greffier's database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _numbers(keys: Sequence[Key]) -> list[int]:
    return [int(key[0]) for key in keys]
