"""Runs that go astray: a worker wakes too late, the place is another one, far more is due, nothing answers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.jobs import running
from foundation.jobs.models import Job
from retention.models import Batch, Run
from retention.running import batches, passes
from tests.retention.test_runs import hold, said

pytestmark = pytest.mark.django_db

State, Why = Run.State, Run.Why


# -- a worker that wakes too late -------------------------------------------------------------------------------------


def frozen_at_the_second_batch(monkeypatch, meanwhile):
    """Have a worker fall silent before it erases its second batch, and wake once something has happened."""
    real, calls = batches.carry_out, []

    def carry_out(ground, work, planned):
        calls.append(planned)
        if len(calls) == 2:
            meanwhile()
        return real(ground, work, planned)

    monkeypatch.setattr(passes, "carry_out", carry_out)


def test_a_frozen_worker_that_wakes_erases_nothing_that_was_held_meanwhile(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    job = shop.asked()

    def another_takes_over():
        hold(shop, dpo, scope="record", target=shop.target, record_key=(17,))
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        running.run(job.pk)

    frozen_at_the_second_batch(monkeypatch, another_takes_over)
    running.run(job.pk)
    run = shop.last_run()
    assert said(run) == (State.DONE, "")
    assert (shop.ids(), run.rows_erased, run.rows_kept) == ({17, 26}, 24, 1)


def test_a_worker_whose_batch_was_taken_over_erases_nothing_of_it(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)

    def another_adopts():
        hold(shop, dpo, scope="record", target=shop.target, record_key=(17,))
        Batch.objects.filter(state=Batch.State.PLANNED).update(token=1)

    frozen_at_the_second_batch(monkeypatch, another_adopts)
    run = shop.run()
    assert said(run) == (State.DONE, "")
    assert (shop.ids(), run.rows_erased, run.rows_kept) == ({17, 26}, 24, 1)
