"""One job: taken once, held by a token, settled in words."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from foundation.errors import RuleViolation
from foundation.jobs import orders, running, ticking
from foundation.jobs.asking import ask
from foundation.jobs.errors import Cancelled, Halted, LeaseLost, NotInThisState, RetryLater
from foundation.jobs.models import Halt, Job, Pulse

pytestmark = pytest.mark.django_db


def state_of(job):
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def expire(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def calls(work):
    """A kind of work that notes what it is given."""
    seen = []
    work("test.note", attempts=3)(seen.append)
    return seen


@pytest.fixture
def failing(work):
    """A kind of work that raises what the test says."""

    def declare(error, **options):
        @work("test.fail", **options)
        def fail(job):
            raise error

        return ask("test.fail", slot="f")

    return declare


def test_asking_twice_for_a_slot_is_one_job(calls, acme, dpo):
    first = ask("test.note", slot="n-1", subject=7, register=acme, by=dpo)
    assert ask("test.note", slot="n-1", subject=8) == first
    assert running.run(first.pk)
    assert not running.run(first.pk)
    (held,) = calls
    assert (held.subject, held.register_id, held.asked_by_id, held.token) == (7, acme.pk, dpo.pk, 1)
    assert state_of(first) == Job.State.DONE


def test_arguments_are_numbers_only(calls):
    with pytest.raises(TypeError, match="numbers"):
        ask("test.note", slot="n", arguments={"address": "someone@example.org"})


def test_the_bell_rings_when_the_transaction_holds_and_not_before(
    calls, monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr("foundation.jobs.asking.ring", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        job = ask("test.note", slot="n")
        assert rung == []
    assert rung == [job.pk]


def test_a_job_is_not_done_before_its_time(calls):
    job = ask("test.note", slot="n", due_at=timezone.now() + timedelta(hours=1))
    assert not running.run(job.pk)
    assert job not in ticking.waiting()
    Job.objects.update(due_at=timezone.now())
    assert running.run(job.pk)


def test_what_somebody_holds_is_not_taken_until_the_lease_is_over(calls):
    job = ask("test.note", slot="n")
    first = running.take(job.pk)
    assert running.take(job.pk) is None
    expire(job)
    assert ticking.waiting().get() == job
    second = running.take(job.pk)
    assert (first.token, second.token, second.attempt) == (1, 2, 2)


def test_a_stale_token_writes_nothing(calls, acme):
    job = ask("test.note", slot="n")
    late = running.take(job.pk)
    expire(job)
    running.take(job.pk)
    with pytest.raises(LeaseLost), late.writing():
        acme.delete()
    with pytest.raises(LeaseLost):
        late.beat(done=1)
    assert not late.settle(Job.State.DONE)
    assert state_of(job) == Job.State.RUNNING


def test_the_last_write_and_the_end_of_the_job_are_one(work, acme):
    @work("test.finish")
    def finish(job):
        with job.finishing():
            acme.name = "changed"
            acme.save()
            raise RuleViolation("no")

    job = ask("test.finish", slot="f")
    running.run(job.pk)
    acme.refresh_from_db()
    assert acme.name != "changed"
    assert Job.objects.values_list("state", "error").get() == ("failed", "no")


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        pytest.param(RuleViolation("not allowed, do this"), "failed", "not allowed, do this", id="a rule refuses"),
        pytest.param(RetryLater("they are away"), "asked", "they are away", id="later"),
        pytest.param(Cancelled("x"), "cancelled", "", id="cancelled"),
        pytest.param(Halted("x"), "asked", "", id="stopped"),
        pytest.param(OperationalError("gone"), "asked", "OperationalError", id="the database is away"),
        pytest.param(TimeoutError(), "asked", "TimeoutError", id="a named exception"),
    ],
)
def test_how_a_job_is_left(failing, monkeypatch, error, state, words):
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction
    job = failing(error, retry_on=(TimeoutError,))
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state == state
    assert words in job.error
    assert (job.lease_until is None, job.token) == (True, 1)
    assert (job.finished_at is None) == (state == "asked")


def test_a_bug_fails_the_job_and_tells_the_log_only(failing, caplog):
    job = failing(ValueError("someone@example.org"))
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "ValueError" in job.error
    assert "example.org" not in job.error
    assert "Traceback" in caplog.text


def test_later_is_longer_each_time_and_ends(failing, settings):
    settings.JOB_RETRY_SECONDS = 100
    job = failing(RetryLater("they are away"), attempts=3)
    waits = []
    for _ in range(3):
        Job.objects.update(due_at=timezone.now())
        running.run(job.pk)
        job.refresh_from_db()
        waits.append(round((job.due_at - timezone.now()).total_seconds(), -2))
    assert waits[:2] == [100, 200]
    assert (job.state, job.error, job.attempts) == (Job.State.FAILED, "they are away", 3)


def test_whoever_dies_on_a_job_too_often_is_not_sent_there_again(calls):
    job = ask("test.note", slot="n")
    for _ in range(3):
        assert running.take(job.pk)
        expire(job)
    assert running.take(job.pk) is None
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "3" in job.error


def test_a_kind_that_this_worker_does_not_know_waits(db):
    job = ask("test.of_tomorrow", slot="n")
    assert not running.run(job.pk)
    assert state_of(job) == Job.State.ASKED


def test_a_stop_of_work_holds_back_its_register_and_kind_only(calls, work, acme, elsewhere):
    work("test.other")(calls.append)
    held = {
        "acme": ask("test.note", slot="1", register=acme),
        "acme, other kind": ask("test.other", slot="2", register=acme),
        "elsewhere": ask("test.note", slot="3", register=elsewhere),
        "of nobody": ask("test.note", slot="4"),
    }

    def held_back():
        return {name for name, job in held.items() if job not in ticking.waiting()}

    orders.stop_work(register=acme, kind="test.note", reason="look first", actor=None)
    assert held_back() == {"acme"}
    assert not running.run(held["acme"].pk)
    orders.stop_work(register=acme, reason="look first", actor=None)
    assert held_back() == {"acme", "acme, other kind"}
    orders.stop_work(register=None, reason="fire", actor=None)
    orders.stop_work(register=None, reason="fire, again", actor=None)
    assert held_back() == set(held)
    assert orders.let_go_on(Halt.objects.all()) == 3
    assert held_back() == set()


def test_a_stop_reaches_what_runs_and_costs_no_attempt(work, acme):
    @work("test.long")
    def long(job):
        orders.stop_work(register=acme, reason="wrong list", actor=None)
        job.beat(done=1, total=9)
        raise AssertionError("went on")

    job = ask("test.long", slot="l", register=acme)
    assert not running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.done, job.total) == (Job.State.ASKED, 0, 1, 9)


@pytest.mark.parametrize(
    ("order", "state", "attempts"),
    [(orders.pause, "paused", 0), (orders.cancel, "cancelled", 1)],
    ids=["pause", "cancel"],
)
def test_an_order_reaches_what_runs_at_its_next_write(work, order, state, attempts):
    @work("test.long")
    def long(job):
        order(job.pk)
        with job.writing(heed_orders=False):
            pass  # what was done outside is recorded whatever was ordered
        with job.writing():
            raise AssertionError("went on")

    job = ask("test.long", slot="l")
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.order, job.attempts) == (state, "", attempts)


@pytest.mark.parametrize("error", [RetryLater("away"), Halted("x"), TimeoutError(), OperationalError("gone")])
@pytest.mark.parametrize(
    ("order", "state"), [(orders.pause, "paused"), (orders.cancel, "cancelled")], ids=["pause", "cancel"]
)
def test_an_order_is_not_lost_when_the_attempt_ends_otherwise(work, monkeypatch, order, state, error):
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction

    @work("test.long", retry_on=(TimeoutError,))
    def long(job):
        order(job.pk)
        raise error

    job = ask("test.long", slot="l")
    orders.stop_work(register=None, kind="test.other", reason="elsewhere", actor=None)
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.order, job.finished_at is None) == (state, "", state == "paused")


def test_orders_for_what_waits(calls):
    job = ask("test.note", slot="n")
    assert orders.pause(job.pk).state == Job.State.PAUSED
    assert not running.run(job.pk)
    assert orders.resume(job.pk).state == Job.State.ASKED
    assert orders.cancel(job.pk).state == Job.State.CANCELLED
    assert not running.run(job.pk)
    assert orders.retry(job.pk).state == Job.State.ASKED
    assert running.run(job.pk)
    with pytest.raises(NotInThisState, match="done"):
        orders.cancel(job.pk)


def test_what_was_cancelled_while_its_worker_died_is_not_done_again(calls):
    job = ask("test.note", slot="n")
    running.take(job.pk)
    orders.cancel(job.pk)
    expire(job)
    assert not running.run(job.pk)
    assert state_of(job) == Job.State.CANCELLED
    assert calls == []


def test_the_tick_shows_that_it_ran_and_one_broken_sweep_stops_nothing(calls, monkeypatch, caplog):
    rung = []
    monkeypatch.setattr("foundation.jobs.ticking.ring", lambda pk: rung.append(pk) or True)

    def broken(now):
        raise ValueError

    monkeypatch.setattr("foundation.jobs.kinds._sweeps", [broken, lambda now: calls.append(now)])
    job = ask("test.note", slot="n")
    now = timezone.now()
    ticking.tick(now)
    ticking.tick(now)
    assert calls == [now, now]
    assert rung == [job.pk, job.pk]
    assert "broken" in caplog.text
    assert Pulse.objects.get().name == "tick"


def test_what_ended_long_ago_is_forgotten_unless_rows_refer_to_it(calls, work, settings):
    work("test.kept", kept=True)(calls.append)
    jobs = [ask("test.note", slot="1"), ask("test.kept", slot="2"), ask("test.note", slot="3")]
    for job in jobs[:2]:
        running.run(job.pk)
    now = timezone.now()
    ticking.clear_away(now)
    assert Job.objects.count() == 3
    ticking.clear_away(now + timedelta(days=settings.JOBS_KEPT_DAYS, minutes=1))
    assert set(Job.objects.values_list("slot", flat=True)) == {"2", "3"}
