"""Runs that go astray: a worker wakes too late, the place is another one, far more is due, nothing answers."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from sqlalchemy import URL

from foundation.jobs import orders, running
from foundation.jobs.models import Job
from retention import actions, grounds, work
from retention.errors import GroundError
from retention.models import Arming, Batch, Run
from retention.proof import find_erasure
from retention.running import batches, passes, recovering
from retention.settled import local_day
from tests.retention.servers import BusinessDatabase
from tests.retention.test_runs import crash, hold, in_the_middle, said
from tests.retention.world import CLIENTS, ORDERS, World

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


def test_rows_that_go_with_their_children_stay_with_them_where_the_batch_was_lost(shop_on_postgresql, dpo, monkeypatch):
    shop = shop_on_postgresql
    shop.fill(old=15, young=1, orders=15)
    shop.armed(dpo)

    def another_adopts():
        hold(shop, dpo, scope="record", target=shop.target, record_key=(12,))
        Batch.objects.filter(state=Batch.State.PLANNED).update(token=1)

    frozen_at_the_second_batch(monkeypatch, another_adopts)
    assert said(shop.run()) == (State.DONE, "")
    assert (shop.ids(), shop.ids("orders")) == ({12, 16}, {12})


# -- the place is another one -----------------------------------------------------------------------------------------


def elsewhere(shop, tmp_path, **rows):
    """Make the same tables in another database, and let the source lead there."""
    other = BusinessDatabase("sqlite", URL.create("sqlite", database=str(tmp_path / "elsewhere.sqlite")))
    other.run(CLIENTS, ORDERS)
    there = World(shop.register, shop.rule, shop.source, shop.target, other)
    if rows:
        there.fill(**rows)
    grounds.set_url(shop.source, "sqlite:///elsewhere.sqlite", by=None)
    return there


def test_an_arming_is_for_the_database_that_was_previewed(shop, dpo, tmp_path):
    shop.fill(old=5, young=1)
    arming = shop.armed(dpo)
    there = elsewhere(shop, tmp_path, old=5, young=1)
    assert said(shop.run()) == (State.STOPPED, Why.ARMING_VOID)
    arming.refresh_from_db()
    assert arming.void_code == Arming.Void.MAPPING
    assert len(there.ids()) == 6


def test_a_new_password_changes_nothing_of_what_was_armed(shop, dpo):
    shop.fill(old=5, young=1)
    shop.armed(dpo)
    grounds.set_url(shop.source, "sqlite:///shop.sqlite", by=None)
    assert said(shop.run()) == (State.DONE, "")


def test_a_run_under_way_does_not_follow_its_source_elsewhere(shop, dpo, monkeypatch, tmp_path):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    job, there = crash(shop, monkeypatch, where="before"), elsewhere(shop, tmp_path, old=25, young=1, first=12)
    running.run(job.pk)
    assert said(shop.last_run()) == (State.STOPPED, Why.ARMING_VOID)
    assert (len(shop.ids()), len(there.ids())) == (16, 26)


def test_keys_of_one_database_are_not_said_to_have_gone_from_another(shop, dpo, monkeypatch, tmp_path):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    job = crash(shop, monkeypatch, where="before")
    elsewhere(shop, tmp_path)
    running.run(job.pk)
    run = shop.last_run()
    assert (run.rows_erased, run.rows_kept) == (10, 10)
    assert find_erasure(shop.target, (15,)) is None


# -- far more becomes due ---------------------------------------------------------------------------------------------


def test_the_breaker_counts_what_becomes_due_in_the_middle(shop, dpo, monkeypatch):
    shop.fill(old=25, young=10)
    shop.armed(dpo)
    shop.settings(most_rows=30)
    in_the_middle(monkeypatch, lambda: shop.fill(old=50, young=0, first=1000))
    run = shop.run()
    assert said(run) == (State.STOPPED, Why.BREAKER_ROWS)
    assert run.rows_erased == 30


def test_far_more_rows_than_were_counted_stop_a_run_in_the_middle(shop, dpo, monkeypatch):
    shop.fill(old=25, young=10)
    shop.armed(dpo)
    in_the_middle(monkeypatch, lambda: shop.fill(old=300, young=0, first=1000))
    run = shop.run()
    assert said(run) == (State.STOPPED, Why.BREAKER_ROWS)
    assert run.rows_erased == 150


# -- nothing answers --------------------------------------------------------------------------------------------------


def silent(*_arguments, **_more):
    raise GroundError("The database does not answer.", cause="unreachable", may_pass=True)


def test_a_place_that_is_silent_where_a_batch_was_left_is_tried_again_and_told(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    crash(shop, monkeypatch, where="after").delete()
    actions.stop_run(shop.last_run(), by=dpo, at=timezone.now())
    monkeypatch.setattr(recovering, "opened", silent)
    night = shop.asked()
    for _try in range(passes.TRIES):
        Job.objects.filter(pk=night.pk).update(due_at=timezone.now())
        running.run(night.pk)
    night.refresh_from_db()
    assert (night.state, night.attempts) == (Job.State.DONE, passes.TRIES)
    assert said(shop.last_run()) == (State.INCOMPLETE, Why.UNREACHABLE)


# -- orders -----------------------------------------------------------------------------------------------------------


def test_a_helper_stops_with_the_job_that_was_cancelled(shop, dpo, monkeypatch):
    shop.fill(old=45, young=1)
    shop.armed(dpo)
    shop.source.__class__.objects.update(workers=2)
    job = crash(shop, monkeypatch, where="before")
    Job.objects.filter(pk=job.pk).update(state=Job.State.ASKED, lease_until=None)
    orders.cancel(job.pk, actor=dpo)
    running.run(Job.objects.get(kind=passes.HELP).pk)
    assert said(shop.last_run()) == (State.STOPPED, Why.STOPPED_BY_PERSON)
    assert len(shop.ids()) == 36


def test_a_run_may_be_ordered_again_after_its_job_was_cancelled(shop, dpo):
    shop.fill(old=3, young=1)
    shop.armed(dpo)
    first = actions.run_now(shop.target, by=dpo, at=timezone.now())
    orders.cancel(first.pk, actor=dpo)
    running.run(actions.run_now(shop.target, by=dpo, at=timezone.now()).pk)
    assert shop.ids() == {4}


# -- never silently late ----------------------------------------------------------------------------------------------


def late():
    """Return how many targets the figure calls late."""
    with connection.cursor() as cursor:
        (family,) = work.late(cursor)
    return family.samples[0].value


def armed_long_ago(shop, dpo):
    then = timezone.now() - timedelta(days=3)
    preview = shop.previewed(as_of=local_day(shop.register, then), by=dpo)
    return actions.arm(preview, reason="Looks right.", by=dpo, at=then)


def test_an_armed_target_is_late_until_a_run_has_served_it(shop, dpo):
    shop.fill(old=3, young=1)
    armed_long_ago(shop, dpo)
    assert late() == 1
    shop.settings(most_rows=2)
    assert said(shop.run()) == (State.STOPPED, Why.BREAKER_ROWS)
    assert late() == 1
    shop.settings(most_rows=3)
    assert said(shop.run()) == (State.DONE, "")
    assert late() == 0
    Run.objects.update(finished_at=timezone.now() - timedelta(days=2))
    assert late() == 1


def test_an_arming_that_became_void_by_itself_is_late_and_one_that_a_person_took_back_is_not(shop, dpo):
    shop.fill(old=3, young=1)
    actions.void(armed_long_ago(shop, dpo), Arming.Void.SCHEMA, timezone.now())
    assert late() == 1
    again = armed_long_ago(shop, dpo)
    assert late() == 1
    actions.disarm(again, by=dpo, at=timezone.now())
    assert late() == 0


def test_a_target_that_was_armed_just_now_is_not_late(shop, dpo):
    shop.fill(old=3, young=1)
    shop.armed(dpo)
    assert late() == 0
