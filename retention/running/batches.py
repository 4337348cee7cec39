"""One batch: its keys written sealed before the rows go, the rows erased where they are still due, then its digests."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.jobs.errors import LeaseLost
from foundation.jobs.held import HeldJob
from retention.ground import Done, Ground, Work
from retention.mapping import Key
from retention.models import Batch, ErasureList, Run
from retention.running import digests, seals
from retention.running.holders import holder
from retention.running.pinned import cut_off_json
from retention.settled import local_day


class TakenOver(Exception):
    """Another worker has the batch by now, and settles it."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A batch in our hands, with its keys; they are in memory for this batch only."""

    batch: Batch
    keys: list[Key] = field(repr=False)
    job: HeldJob

    def make_sure(self) -> None:
        """Raise `LeaseLost` or `TakenOver` if another worker has the batch: it may know of holds that we do not."""
        if not self.job.renew():
            raise LeaseLost(self.job.slot)
        if not Batch.objects.filter(pk=self.batch.pk, state=Batch.State.PLANNED, token=holder(self.job)).exists():
            raise TakenOver(self.job.slot)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the keys of a batch, each in one of the four."""

    erased: frozenset[Key] = field(repr=False)
    treated: frozenset[Key] = field(repr=False)
    locked: frozenset[Key] = field(repr=False)
    kept: frozenset[Key] = field(repr=False)
    children: dict[str, list[int]] = field(default_factory=dict)
    differs: bool = False  # rows that should be gone are still there

    @property
    def gone(self) -> frozenset[Key]:
        return self.erased | self.treated


def plan(job: HeldJob, run: Run, keys: list[Key], work: Work) -> Planned:
    """Write the next batch of a run whose row is locked, before anything of it happens."""
    batch = Batch.objects.create(
        register=run.register,
        run=run,
        number=run.batches.count() + 1,
        rows=len(keys),
        token=holder(job),
        planned_at=timezone.now(),
    )
    seals.seal(batch, "sealed_keys", seals.keys_as_bytes(keys))
    batch.save(update_fields=["sealed_keys"])
    seals.seal(run, "sealed_last", seals.keys_as_bytes(keys[-1:]))
    run.save(update_fields=["sealed_last"])
    record(
        Event.Verb.BATCH_PLANNED,
        batch,
        register=run.register,
        actor=None,
        details={
            "run": run.pk,
            "number": batch.number,
            "rows": batch.rows,
            "cut_off": cut_off_json(work.cut_off)["day"],
            "rule_version": run.rule_version,
        },
    )
    return Planned(batch, keys, job)


def carry_out(ground: Ground, work: Work, planned: Planned) -> Result:
    """Erase or treat the rows of a batch, and look whether it is so."""
    done = ground.carry_out(work, planned.keys, make_sure=planned.make_sure)
    gone = frozenset(ground.gone(work, planned.keys))
    there = [key for key in planned.keys if key not in gone]  # a promise that is kept is not due any more
    still = frozenset(ground.still_due(work, there)) if there else frozenset()
    erased, treated, locked = frozenset(done.erased), frozenset(done.treated), frozenset(done.locked)
    left = (erased | treated) - gone | (still - locked)
    erased, treated = erased - left, treated - left
    return Result(
        erased=erased,
        treated=treated,
        locked=locked,
        kept=frozenset(planned.keys) - erased - treated - locked,
        children=_children(done),
        differs=bool(left),
    )


def _children(done: Done) -> dict[str, list[int]]:
    return {table: list(numbers) for table, numbers in done.children.items()}


def settle(job: HeldJob, planned: Planned, result: Result, *, is_recovered: bool) -> None:
    """Write what became of a batch: digests instead of keys, counts, root and evidence, all at once.

    It is written though a person ordered a stop meanwhile: what happened has happened.
    """
    now = timezone.now()
    with job.writing(heed_orders=False):
        run = Run.objects.select_for_update(no_key=True).select_related("register").get(pk=planned.batch.run_id)
        batch = Batch.objects.select_for_update(no_key=True).get(pk=planned.batch.pk)
        if batch.state == Batch.State.DONE or batch.token != holder(job):
            return  # another worker took it over, and has settled it or will
        _fill(batch, run, result, is_recovered=is_recovered, at=now)
        _add(run, result)
        _tell(batch, run, at=now)
        if result.differs and run.state == Run.State.RUNNING:
            Run.objects.filter(pk=run.pk, why="").update(why=Run.Why.COUNT_DIFFERS)


def _fill(batch: Batch, run: Run, result: Result, *, is_recovered: bool, at: datetime) -> None:
    gone = digests.digests(result.gone, run_key=seals.run_key(run))
    batch.rows_erased, batch.rows_treated = len(result.erased), len(result.treated)
    batch.rows_kept, batch.rows_locked = len(result.kept), len(result.locked)
    batch.root, batch.sealed_keys = digests.root(gone), b""
    batch.is_recovered, batch.state, batch.done_at = is_recovered, Batch.State.DONE, at
    batch.save()
    if gone:
        ErasureList.objects.create(
            register=run.register, batch=batch, digests=b"".join(gone), made_on=local_day(run.register, at)
        )


def _add(run: Run, result: Result) -> None:
    for table, numbers in result.children.items():
        before = run.child_rows.get(table, [0, 0])
        run.child_rows[table] = [one + other for one, other in zip(before, numbers, strict=True)]
    Run.objects.filter(pk=run.pk).update(
        rows_erased=F("rows_erased") + len(result.erased),
        rows_treated=F("rows_treated") + len(result.treated),
        rows_kept=F("rows_kept") + len(result.kept),
        rows_locked=F("rows_locked") + len(result.locked),
        child_rows=run.child_rows,
    )


def _tell(batch: Batch, run: Run, *, at: datetime) -> None:
    details = {
        "run": run.pk,
        "number": batch.number,
        "erased": batch.rows_erased,
        "treated": batch.rows_treated,
        "kept": batch.rows_kept,
        "locked": batch.rows_locked,
        "root": batch.root,
        "recovered": int(batch.is_recovered),
    }
    record(Event.Verb.BATCH_DONE, batch, register=run.register, actor=None, details=details, at=at)
