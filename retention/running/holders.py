"""Who holds a batch: the job and its fencing token, in one number; a holder that fell silent is known by it."""

from typing import Final

from django.db.models.functions import Now

from foundation.jobs.held import HeldJob
from foundation.jobs.models import Job
from retention.models import Batch, Run

TOKEN_BITS: Final = 20  # of a job's token; the bits above are the job's number


def holder(job: HeldJob) -> int:
    """Return the number that a batch bears while this worker holds it."""
    return job.pk << TOKEN_BITS | job.token % (1 << TOKEN_BITS)


def is_alive(number: int) -> bool:
    """Whether the worker that planned a batch still holds its job."""
    held = Job.objects.filter(pk=number >> TOKEN_BITS, state=Job.State.RUNNING, lease_until__gte=Now())
    token = held.values_list("token", flat=True).first()
    return token is not None and token % (1 << TOKEN_BITS) == number % (1 << TOKEN_BITS)


def planned(run: Run) -> list[Batch]:
    """Return the batches of a run that are not done, in their order."""
    return list(run.batches.filter(state=Batch.State.PLANNED).order_by("number"))


def others_at_work(run: Run, job: HeldJob | None) -> bool:
    """Whether somebody else is in the middle of a batch of the run."""
    mine = holder(job) if job else None
    return any(batch.token != mine and is_alive(batch.token) for batch in planned(run))


def is_left_behind(run: Run, job: HeldJob) -> bool:
    """Whether a batch of the run is held by nobody alive."""
    return any(batch.token != holder(job) and not is_alive(batch.token) for batch in planned(run))
