"""What a person orders: pause, resume, retry or cancel a job; stop all work of a kind, or let it go on."""

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.accounts.models import Register, User
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.jobs.asking import ring_when_written
from foundation.jobs.errors import NotInThisState
from foundation.jobs.models import Halt, Job


@transaction.atomic
def pause(job_id: int, *, actor: User | None = None) -> Job:
    """Hold a job back: at once if it waits, at its next sign of life if it runs."""
    job = _locked(job_id, Job.State.ASKED, Job.State.RUNNING)
    if job.state == Job.State.ASKED:
        return _put(job, "pause", actor, state=Job.State.PAUSED)
    return _put(job, "pause", actor, order=Job.Order.PAUSE)


@transaction.atomic
def resume(job_id: int, *, actor: User | None = None) -> Job:
    """Let a paused job go on."""
    job = _locked(job_id, Job.State.PAUSED)
    ring_when_written(job.pk)
    return _put(job, "resume", actor, state=Job.State.ASKED, order="", due_at=Now())


@transaction.atomic
def retry(job_id: int, *, actor: User | None = None) -> Job:
    """Try again what failed or was cancelled, with all its attempts."""
    job = _locked(job_id, *Job.GIVEN_UP)
    ring_when_written(job.pk)
    return _put(
        job,
        "retry",
        actor,
        state=Job.State.ASKED,
        order="",
        error="",
        attempts=0,
        due_at=Now(),
        finished_at=None,
        done=None,
        total=None,
    )


@transaction.atomic
def cancel(job_id: int, *, actor: User | None = None) -> Job:
    """Give a job up: at once if it waits, at its next sign of life if it runs."""
    job = _locked(job_id, *Job.OPEN)
    if job.state == Job.State.RUNNING:
        return _put(job, "cancel", actor, order=Job.Order.CANCEL)
    return _put(job, "cancel", actor, state=Job.State.CANCELLED, finished_at=Now())


@transaction.atomic
def stop_work(*, register: Register | None, kind: str = "", reason: str, actor: User | None) -> Halt:
    """Stop the work of a register or of all, of a kind or of all: nothing begins, what runs stops at its next step."""
    halt, is_new = Halt.objects.get_or_create(
        register=register,
        kind=kind,
        defaults={"reason": reason, "ordered_by": actor, "ordered_at": timezone.now()},
    )
    if is_new:
        _tell(Event.Verb.WORK_STOPPED, halt, register, actor, {"kind": kind})
    return halt


@transaction.atomic
def let_go_on(halts: models.QuerySet[Halt], *, actor: User | None = None) -> int:
    """Lift stops of work; what waited is found by the next tick. Return how many were lifted."""
    found = list(halts.select_related("register").select_for_update(of=("self",)))
    for halt in found:
        _tell(Event.Verb.WORK_RESUMED, halt, halt.register, actor, {"kind": halt.kind})
        halt.delete()
    return len(found)


def _tell(
    verb: Event.Verb, row: Job | Halt, register: Register | None, actor: User | None, details: dict[str, str]
) -> None:
    record(verb, row, register=register, actor=actor, details=details)


def _locked(job_id: int, *states: str) -> Job:
    job = Job.objects.select_for_update(no_key=True).get(pk=job_id)
    if job.state not in states:
        raise NotInThisState(
            _("This job is “%(state)s” now, so that this is no longer possible: look at it again.")
            % {"state": job.get_state_display()}
        )
    return job


def _put(job: Job, order: str, actor: User | None, /, **fields: object) -> Job:
    Job.objects.filter(pk=job.pk).update(**fields)
    job.refresh_from_db()
    _tell(Event.Verb.JOB_ORDERED, job, job.register, actor, {"order": order, "kind": job.kind})
    return job
