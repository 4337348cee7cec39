"""Work that fails with what it was given."""

from celery import shared_task

from foundation.jobs import kinds


@shared_task(name="tests.fail")
def fail(word: str) -> None:
    raise ValueError(f"cannot read {word}")


@kinds.worker("tests.fail")
def fail_as_a_job(job) -> None:
    raise ValueError(f"cannot read {job.slot}")
