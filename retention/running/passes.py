"""A run: begun, worked through batch by batch by one worker or several, and closed by whoever finishes last."""

from typing import Final

from django.db.models import Q

from foundation.jobs.asking import ask
from foundation.jobs.errors import Cancelled, Halted, RetryLater
from foundation.jobs.held import HeldJob
from foundation.jobs.models import Job
from foundation.keys.errors import KeyDestroyed
from retention.errors import GroundError, SourceError, SourceRefused
from retention.ground import Ground, Work
from retention.grounds import opened
from retention.models import Run, Target
from retention.running import beginning, ending, recovering, seals
from retention.running.batches import Planned, TakenOver, carry_out, plan, settle
from retention.running.holders import others_at_work
from retention.running.stopping import breaks, check_schema, stop, why_to_stop

RUN, HELP = "retention.run", "retention.help"  # the kinds of job
TRIES: Final = 4  # of a place that does not answer, before the run says so; the pauses double
Failure = GroundError | SourceError | SourceRefused | KeyDestroyed
CAN_SHARE: Final = 2  # batches, from which on a second worker is of use


def pass_over(job: HeldJob) -> None:
    """Do what one job of a target is for: a run from its beginning to its end, or why there is none."""
    target = Target.objects.with_mapping().get(pk=job.subject or 0)
    if _is_done_with(job, target):
        with job.finishing():
            return
    try:
        _take_over(job, target)
        recovering.settle_left(job, target)
        run = Run.objects.open().filter(target=target).first()
        with opened(target) as ground:
            if run is None:
                run = beginning.begin(job, target, ground)
            else:
                check_schema(job, run, ground)
            if run is not None:
                _ask_for_help(job, run, target)
                _work_on(job, run, ground)
    except (GroundError, SourceError, SourceRefused, KeyDestroyed) as error:
        _give_up_or_wait(job, target, error)


def help_along(job: HeldJob) -> None:
    """Share the batches of a run that another worker began."""
    run = Run.objects.filter(pk=job.subject or 0).first()
    if run is None or run.state != Run.State.RUNNING:
        return
    target = Target.objects.with_mapping().get(pk=run.target_id)
    try:
        with opened(target) as ground:
            check_schema(job, run, ground)
            _work_on(job, run, ground)
    except (GroundError, SourceError, SourceRefused) as error:
        raise RetryLater(str(error.detail)) from error


# -- before -----------------------------------------------------------------------------------------------------------


def _is_done_with(job: HeldJob, target: Target) -> bool:
    """Whether this job has had its run already, or another job is at one."""
    had = Run.objects.filter(target=target, job=job.pk).exclude(state=Run.State.RUNNING).exists()
    other = Run.objects.open().filter(target=target, job__state__in=Job.OPEN).exclude(job=job.pk).exists()
    return had or other


def _take_over(job: HeldJob, target: Target) -> None:
    """Settle and end a run whose own job was given up: what is left of it is due again, and counted anew."""
    for run in Run.objects.open().filter(target=target).exclude(job=job.pk).select_related("register", "target__rule"):
        while (taken := recovering.adopted(job, run)) is not None:
            recovering.look(job, run, taken)
        if not others_at_work(run, job):
            ending.end_abandoned(job, run)


def _ask_for_help(job: HeldJob, run: Run, target: Target) -> None:
    if (run.rows_due or 0) < CAN_SHARE * target.source.batch_rows:
        return
    for number in range(2, target.source.workers + 1):
        slot = f"retention-help-{run.pk}-{number}"
        ask(HELP, slot=slot, subject=run.pk, register=run.register)


# -- the loop ---------------------------------------------------------------------------------------------------------


def _work_on(job: HeldJob, run: Run, ground: Ground) -> None:
    """Take batch after batch until none is left, then close the run, unless another worker still has one."""
    try:
        while True:
            while (taken := hand_out(job, run, ground)) is not None:
                _do(job, run, ground, *taken)
                _beat(job, run)
            if ending.close(job, run, ground):
                return
    except Cancelled:
        stop(job, run, Run.Why.STOPPED_BY_PERSON)
        ending.close(job, run, ground, is_cancelled=True)
        raise


def hand_out(job: HeldJob, run: Run, ground: Ground) -> tuple[Planned, bool, Work | None] | None:
    """Return the next batch with its work, and whether a dead worker left it; None: no more is to be done.

    Ranges are disjoint: the next one begins after the last key that was handed out, under the lock of the run.
    """
    with job.writing():
        locked = Run.objects.select_for_update(no_key=True).select_related("register").get(pk=run.pk)
        if locked.state != Run.State.RUNNING:
            return None
        _heed_the_first(job, locked)
        target = Target.objects.with_mapping().get(pk=locked.target_id)
        why, work = why_to_stop(locked, target, secret=seals.run_key(locked))
        left = recovering.adopt(job, locked)
        if left is not None:
            return left, True, None if why else work
        if why or work is None:
            return None
        keys = ground.next_keys(work, after=seals.last_key(locked), limit=target.source.batch_rows)
        if not keys or breaks(locked, len(keys)):
            return None
        return plan(job, locked, keys, work), False, work


def _do(job: HeldJob, run: Run, ground: Ground, taken: Planned, is_left: bool, work: Work | None) -> None:  # noqa: FBT001 (as handed out)
    run = Run.objects.select_related("register", "target__rule", "target__source").get(pk=run.pk)
    try:
        if work is None:
            recovering.look(job, run, taken)
        elif is_left:
            recovering.finish(job, ground, run, work, taken)
        else:
            settle(job, taken, carry_out(ground, work, taken), is_recovered=False)
    except TakenOver:
        return


def _heed_the_first(job: HeldJob, run: Run) -> None:
    """A helper obeys what was ordered to the run's own job."""
    if run.job_id is None or run.job_id == job.pk:
        return
    first = Job.objects.filter(pk=run.job_id)
    if first.filter(Q(order=Job.Order.CANCEL) | Q(state=Job.State.CANCELLED)).exists() and not run.why:
        run.why = Run.Why.STOPPED_BY_PERSON
        run.save(update_fields=["why"])
    if first.filter(order=Job.Order.PAUSE).exists() or first.filter(state=Job.State.PAUSED).exists():
        raise Halted(job.slot)
    if not first.not_stopped().exists():
        raise Halted(job.slot)


def _beat(job: HeldJob, run: Run) -> None:
    done = Run.objects.values_list("rows_erased", "rows_treated", "rows_kept", "rows_locked").get(pk=run.pk)
    job.beat(done=sum(done), total=run.rows_due or 0)


# -- when the place does not answer -----------------------------------------------------------------------------------


def may_pass(error: Failure) -> bool:
    """Whether the same may go well a little later."""
    return error.may_pass if isinstance(error, GroundError) else error.code == "source_unreachable"


def _give_up_or_wait(job: HeldJob, target: Target, error: Failure) -> None:
    if may_pass(error) and job.attempt < TRIES:
        raise RetryLater(str(error.detail)) from error
    why = Run.Why.UNREACHABLE if may_pass(error) or isinstance(error, SourceRefused) else Run.Why.FAILED
    run = Run.objects.open().filter(target=target).first()
    if run is None:
        beginning.end_unreached(job, target, why)
    else:
        stop(job, run, why)
        ending.end_broken(job, run)
