"""A job in the hands of a worker: every write of the work goes through its lease and its fencing token."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now

from foundation.jobs.errors import Cancelled, Halted, LeaseLost
from foundation.jobs.kinds import Kind
from foundation.jobs.models import Job


def lease() -> models.expressions.CombinedExpression:
    """Return the end of a lease that begins now, by the clock of the database."""
    return Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


@dataclass(frozen=True)
class HeldJob:
    """What a worker was given: numbers of rows, the time it took the job, and the token that its writes need."""

    pk: int
    kind: Kind
    slot: str
    subject: int | None
    arguments: dict[str, int]
    register_id: int | None
    asked_by_id: int | None
    token: int
    attempt: int
    now: datetime

    @contextmanager
    def writing(self, *, heed_orders: bool = True) -> Iterator[None]:
        """Open the transaction of one write. Raises `LeaseLost`, `Cancelled` or `Halted`; nothing is written then.

        `heed_orders=False` is for recording what has been done outside already: only the token is checked.
        """
        with transaction.atomic():
            self._lock()
            if heed_orders:
                self.heed()
            yield

    @contextmanager
    def finishing(self, *, heed_orders: bool = True) -> Iterator[None]:
        """Open the transaction of the last write: when it holds, the job is done as well."""
        with self.writing(heed_orders=heed_orders):
            yield
            self.settle(Job.State.DONE)

    def beat(self, *, done: int | None = None, total: int | None = None) -> None:
        """Give a sign of life with the progress made. Raises `LeaseLost`, `Cancelled` or `Halted`."""
        known = {name: value for name, value in (("done", done), ("total", total)) if value is not None}
        if not self.renew(**known):
            raise LeaseLost(self.slot)
        self.heed()

    def renew(self, **progress: int) -> bool:
        """Begin the lease anew, if it is still ours; return whether it is."""
        return bool(self._mine().update(heartbeat_at=Now(), lease_until=lease(), **progress))

    def heed(self) -> None:
        """Raise what a person ordered meanwhile: `Cancelled`, or `Halted` for a pause or a stop of work."""
        found = Job.objects.not_stopped().filter(pk=self.pk).values_list("order", flat=True).first()
        if found == Job.Order.CANCEL:
            raise Cancelled(self.slot)
        if found is None or found == Job.Order.PAUSE:
            raise Halted(self.slot)

    def settle(self, state: Job.State, **fields: Any) -> bool:
        """Let go of the job in this state, or as a person ordered meanwhile; return whether it was still held."""
        values = {"error": "", "lease_until": None, **fields}
        if state in Job.OPEN:
            values["state"] = models.Case(
                models.When(order=Job.Order.CANCEL, then=models.Value(Job.State.CANCELLED)),
                models.When(order=Job.Order.PAUSE, then=models.Value(Job.State.PAUSED)),
                default=models.Value(state),
            )
            values["finished_at"] = models.Case(models.When(order=Job.Order.CANCEL, then=Now()), default=None)
        else:
            values |= {"state": state, "finished_at": Now()}
        return bool(self._mine().update(order="", **values))

    def _mine(self) -> models.QuerySet[Job]:
        return Job.objects.filter(pk=self.pk, token=self.token, state=Job.State.RUNNING)

    def _lock(self) -> None:
        if self._mine().select_for_update(no_key=True).first() is None:
            raise LeaseLost(self.slot)
        self.renew()
