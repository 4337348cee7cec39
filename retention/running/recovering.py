"""Batches that a dead worker left: whoever holds the run next looks at the rows themselves, and settles them."""

import time
from dataclasses import replace
from typing import Final

from foundation.jobs.held import HeldJob
from foundation.keys.errors import KeyDestroyed
from retention.exclusions import exclusions_of
from retention.ground import Ground, Work
from retention.grounds import opened
from retention.mapping import Key, Step, TableMapping
from retention.models import Batch, Run, Target
from retention.planning import mapping_version
from retention.running import seals
from retention.running.batches import Planned, Result, carry_out, settle
from retention.running.holders import holder, is_alive, planned
from retention.running.pinned import pinned_work

# a transaction of a dead worker may hold its rows until the database ends it
PATIENCE_SECONDS: Final = 30.0
PAUSE_SECONDS: Final = 0.5
# steps after which the row itself is no longer in its table
LEAVES_THE_TABLE: Final = frozenset({Step.ERASE, Step.RETURN_THEN_DESTROY, Step.ARCHIVE})


def adopt(job: HeldJob, run: Run) -> Planned | None:
    """Take over, in the caller's transaction on the locked run, the first batch that nobody alive holds."""
    for batch in planned(run):
        if batch.token != holder(job) and not is_alive(batch.token):
            try:
                keys = seals.keys_of(batch)
            except KeyDestroyed:
                continue  # nobody can tell any more which rows it meant: it stays as planned
            batch.token = holder(job)
            batch.save(update_fields=["token"])
            return Planned(batch, keys, job)
    return None


def finish(job: HeldJob, ground: Ground, run: Run, work: Work, taken: Planned) -> None:
    """Carry out again what is left of an adopted batch and still due, and settle it.

    Rows that somebody holds are waited for: it may be the dead worker's own transaction.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    result = carry_out(ground, work, taken)
    while result.locked and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
        again = carry_out(ground, work, taken)
        result = replace(again, erased=result.erased | again.erased, treated=result.treated | again.treated)
    settle(job, taken, _looked(run, work, taken, result), is_recovered=True)


def look(job: HeldJob, run: Run, taken: Planned, work: Work | None = None) -> None:
    """Settle an adopted batch by what is found; nothing is done any more.

    Where the target leads to another database by now, nothing is looked for: a key that is absent there proves nothing.
    """
    nothing: frozenset[Key] = frozenset()
    result = Result(erased=nothing, treated=nothing, locked=nothing, kept=frozenset(taken.keys))
    by = work or pinned_work(run, exclusions=exclusions_of(run.target, on=run.day))
    if mapping_version(run.target, by.mapping) == run.mapping_version:
        result = _looked(run, by, taken, result)
    settle(job, taken, result, is_recovered=True)


def settle_left(job: HeldJob, target: Target) -> None:
    """Settle what runs that have ended left behind."""
    left = Batch.objects.filter(run__target=target, state=Batch.State.PLANNED).exclude(run__state=Run.State.RUNNING)
    for run in Run.objects.filter(pk__in=left.values("run")).select_related("register", "target__rule"):
        while (taken := adopted(job, run)) is not None:
            look(job, run, taken)


def adopted(job: HeldJob, run: Run) -> Planned | None:
    """Take over a batch that nobody alive holds, in a transaction of its own."""
    with job.writing():
        Run.objects.select_for_update(no_key=True).get(pk=run.pk)
        return adopt(job, run)


def _looked(run: Run, work: Work, taken: Planned, result: Result) -> Result:
    """Return what stands at the place: what went before the crash cannot be told from what went now."""
    with opened(run.target, work.mapping) as ground:
        promise_kept = frozenset(ground.gone(work, taken.keys)) | result.gone
    bare = _bare(work)
    with opened(run.target, bare.mapping) as ground:
        absent = frozenset(ground.gone(bare, taken.keys))
    removes = work.mapping.step in LEAVES_THE_TABLE
    erased, treated = absent if removes else frozenset(), promise_kept - absent
    locked = result.locked - erased - treated
    kept = frozenset(taken.keys) - erased - treated - locked
    return replace(result, erased=erased, treated=treated, locked=locked, kept=kept)


def _bare(work: Work) -> Work:
    """The same work as if nothing made a row stay: its promise is kept only where the row is absent."""
    mapping = work.mapping
    bare = TableMapping(
        table=mapping.table,
        key=mapping.key,
        events=mapping.events,
        step=Step.ERASE,
        columns=(),
        zone=mapping.zone,
    )
    return Work(mapping=bare, cut_off=work.cut_off)
