"""Closing a run: counted again at the place, and only as done as that count says."""

from django.utils import timezone

from foundation.jobs.held import HeldJob
from retention.ground import Ground, Work
from retention.models import Batch, Run, Target
from retention.planning import work_of
from retention.running import seals
from retention.running.holders import is_left_behind, others_at_work
from retention.running.saying import end, state_for

Why, State = Run.Why, Run.State


def close(job: HeldJob, run: Run, ground: Ground, *, is_cancelled: bool = False) -> bool:
    """End a run that nobody works on any more, and this job with it; who comes last does it.

    Return False, and end nothing, where a worker has died meanwhile and left a batch behind.

    A cancelled job is left to its order: the runner settles it.
    """
    with job.writing(heed_orders=False):
        locked = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.state == State.RUNNING and not is_cancelled and is_left_behind(locked, job):
            return False
        is_ours = locked.state == State.RUNNING and not others_at_work(locked, job)
    left = _left(locked, ground) if is_ours and not locked.why else 0
    with job.writing(heed_orders=False) if is_cancelled else job.finishing(heed_orders=False):
        locked = Run.objects.select_for_update(no_key=True).select_related("register").get(pk=run.pk)
        if is_ours and locked.state == State.RUNNING:
            _end(locked, left)
    return True


def end_abandoned(job: HeldJob, run: Run) -> None:
    """End a run whose job was given up."""
    _end_for(job, run, Why.FAILED, finishing=False)


def end_broken(job: HeldJob, run: Run) -> None:
    """End a run, and its job, at a place that refuses; what is planned is looked at by the next run."""
    _end_for(job, run, Why.FAILED, finishing=True)


def _end_for(job: HeldJob, run: Run, why: Run.Why, *, finishing: bool) -> None:
    with job.finishing(heed_orders=False) if finishing else job.writing(heed_orders=False):
        locked = Run.objects.select_for_update(no_key=True).select_related("register").get(pk=run.pk)
        if locked.state == State.RUNNING and not others_at_work(locked, job):
            _say(locked, Why(locked.why) if locked.why else why)


def _left(run: Run, ground: Ground) -> int | Run.Why:
    """Return how many rows a pass would still touch, or why nothing may be touched any more."""
    target = Target.objects.with_mapping().get(pk=run.target_id)
    work = work_of(target, as_of=run.day, secret=seals.run_key(run))
    return ground.count(work).due if isinstance(work, Work) else work.why


def _end(run: Run, left: int | Run.Why) -> None:
    if run.why or isinstance(left, Why):
        _say(run, left if isinstance(left, Why) else Why(run.why))
    elif left > run.rows_locked:
        _say(run, Why.COUNT_DIFFERS)
    elif left:
        _say(run, Why.LOCKED)
    else:
        end(run, state=State.DONE, why="", at=timezone.now())


def _say(run: Run, why: Run.Why) -> None:
    has_begun = run.batches.filter(state=Batch.State.DONE).exists()
    end(run, state=state_for(why, has_begun=has_begun), why=why, at=timezone.now())
