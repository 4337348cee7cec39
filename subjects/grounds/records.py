"""Subject records as a place where rules bite: dated in batches by the pure rule, erased with their keys."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from retention.errors import MappingRefused
from retention.exclusions import normal
from retention.ground import Counts, Cover, Done, Exclusions, Work, nothing_more
from retention.mapping import Key, Step
from retention.models import RetentionRule, Target
from subjects import actions, personal
from subjects.dating import days_of
from subjects.grounds.over import is_over
from subjects.holding import known_by
from subjects.models import SubjectRecord
from subjects.scope import Scope

TABLE: Final = "subject_records"
KEY: Final = ("key",)
FORM: Final = "subject records 1"  # what the mapping relies on here is our own code: it changes with a release
BATCH: Final = 500


@dataclass(slots=True)
class _Tally:
    due: int = 0
    held: int = 0
    without_events: int = 0
    oldest_on: date | None = None
    kept_by_rules: dict[str, int] = field(default_factory=dict)


class RecordsGround:
    """The subject records of one register, under the rule of one target."""

    def __init__(self, target: Target) -> None:
        self.register, self.rule = target.register, target.rule
        self.scope = Scope.of(target.rule)

    # -- what the engine asks ------------------------------------------------------------------------------------

    def fingerprint(self) -> str:
        """Return a hash that changes when a release changes what is dated, or which records the rule is about."""
        about = f"{FORM} {self.rule.pk} {self.scope.state} {sorted(self.scope.activities)}"
        return hashlib.sha256(about.encode()).hexdigest()

    def clock(self) -> datetime:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            now: datetime = cursor.fetchone()[0]
        return now

    def refuse(self, work: Work) -> None:
        """Refuse what has no meaning for records kept in Greffier."""
        mapping = work.mapping
        reasons = [
            (
                mapping.table.name != TABLE or bool(mapping.table.schema),
                _("The table of this source is called %s.") % TABLE,
            ),
            (mapping.key != KEY, _("The key of subject records is %s.") % KEY[0]),
            (mapping.step is not Step.ERASE, _("Subject records are erased; no other step has a meaning for them.")),
            (
                bool(mapping.columns or mapping.children or mapping.state_column or mapping.law or mapping.archive),
                _("Subject records have neither columns nor child tables to map: remove them from the target."),
            ),
        ]
        found = [sentence for stands, sentence in reasons if stands]
        if found:
            raise MappingRefused(found)

    def count(self, work: Work) -> Counts:
        tally, covers = _Tally(), self._covers(work)
        for record in self._records():
            self._tell(record, work, covers, tally)
        rows = SubjectRecord.objects.filter(register=self.register)
        return Counts(
            rows=rows.count(),
            due=tally.due,
            erased=tally.due,
            treated=0,
            children={},
            kept_by_law={},
            kept_by_rules=tally.kept_by_rules,
            held=tally.held,
            without_events=tally.without_events,
            oldest_on=tally.oldest_on,
        )

    def next_keys(self, work: Work, *, after: Key | None, limit: int) -> list[Key]:
        """Return the next keys that are due, in the order in which PostgreSQL compares bytes."""
        covers, found = self._covers(work), list[Key]()
        for record in self._records(after=str(after[0]) if after else ""):
            if self._is_due(record, work, covers):
                found.append((record.key,))
                if len(found) == limit:
                    break
        return found

    def carry_out(self, work: Work, keys: Sequence[Key], *, make_sure: Callable[[], None] = nothing_more) -> Done:
        """Erase the records that are still due, each with its events and its key; those locked by others are left."""
        wanted = [str(key[0]) for key in keys]
        covers = self._covers(work)
        with transaction.atomic():
            rows = SubjectRecord.objects.filter(register=self.register, key__in=wanted)
            held = list(rows.select_for_update(skip_locked=True, of=("self",)).order_by("pk"))
            numbers = [record.pk for record in held]
            locked = rows.exclude(pk__in=numbers).values_list("key", flat=True)
            due = [record for record in _with_facts(numbers) if self._is_due(record, work, covers)]
            done = Done(erased=tuple((record.key,) for record in due), locked=tuple((key,) for key in locked))
            actions.erase(due, register=self.register, at=timezone.now(), by=None)
            make_sure()
        return done

    def still_due(self, work: Work, keys: Sequence[Key]) -> list[Key]:
        covers = self._covers(work)
        return [(record.key,) for record in self._named(keys) if self._is_due(record, work, covers)]

    def gone(self, work: Work, keys: Sequence[Key]) -> list[Key]:
        rows = SubjectRecord.objects.filter(register=self.register, key__in=[str(key[0]) for key in keys])
        present = set(rows.values_list("key", flat=True))
        return [key for key in keys if key[0] not in present]

    def close(self) -> None:
        """Nothing is held open: these rows stand in Greffier's own database."""

    # -- which records are due -----------------------------------------------------------------------------------

    def _records(self, after: str = "") -> Iterator[SubjectRecord]:
        """Yield the records that the rule is about, with their events, in batches, in the order of their keys."""
        rows = SubjectRecord.objects.filter(self.scope.condition, register=self.register)
        while True:
            batch = list(rows.filter(key__gt=after).prefetch_related("events").order_by("key")[:BATCH])
            yield from batch
            if len(batch) < BATCH:
                return
            after = batch[-1].key

    def _named(self, keys: Sequence[Key]) -> QuerySet[SubjectRecord]:
        wanted = [str(key[0]) for key in keys]
        return SubjectRecord.objects.filter(register=self.register, key__in=wanted).prefetch_related("events")

    def _covers(self, work: Work) -> list[tuple[Cover, Scope]]:
        rules = RetentionRule.objects.filter(register=self.register, ref__in=[cover.rule for cover in work.covers])
        scopes = {rule.ref: Scope.of(rule) for rule in rules.prefetch_related("activities")}
        return [(cover, scopes.get(cover.rule, Scope(None, frozenset()))) for cover in work.covers]

    def _is_due(self, record: SubjectRecord, work: Work, covers: Iterable[tuple[Cover, Scope]]) -> bool:
        tally = _Tally()
        self._tell(record, work, covers, tally)
        return tally.due == 1

    def _tell(self, record: SubjectRecord, work: Work, covers: Iterable[tuple[Cover, Scope]], tally: _Tally) -> None:
        """Add to the tally what becomes of one record."""
        if not self.scope.has(record):
            return
        days = days_of(record)
        own = [days[name] for name in work.cut_off.events if name in days]
        if not own:
            tally.without_events += 1
        if not is_over(work.cut_off, days):
            return
        if _is_held(record, work.exclusions):
            tally.held += 1
            return
        keeping = [cover.rule for cover, scope in covers if scope.has(record) and _keeps(cover, days)]
        for rule in keeping:
            tally.kept_by_rules[rule] = tally.kept_by_rules.get(rule, 0) + 1
        if not keeping:
            tally.due += 1
            tally.oldest_on = min([*own, *([tally.oldest_on] if tally.oldest_on else [])])


def _keeps(cover: Cover, days: Mapping[str, date]) -> bool:
    return cover.cut_off is None or not is_over(cover.cut_off, days)


def _is_held(record: SubjectRecord, exclusions: Exclusions) -> bool:
    """Whether a hold or an open request keeps this record; what names the person is opened only if it has to be."""
    if exclusions.everything or (record.key,) in exclusions.keys:
        return True
    if not exclusions.people:
        return False
    return not known_by(record, personal.opened(record)).isdisjoint(
        (kind, normal(value)) for kind, value in exclusions.people
    )


def _with_facts(numbers: Sequence[int]) -> QuerySet[SubjectRecord]:
    return SubjectRecord.objects.filter(pk__in=numbers).prefetch_related("events")
