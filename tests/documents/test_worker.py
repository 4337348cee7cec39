"""Printing by real workers: whatever is killed or doubled, an edition has exactly one finished print."""

import contextlib
import os
import signal
import time

import pytest
from django.utils import timezone
from kombu import pools

from config.celery import app
from documents.actions import ask_print
from documents.models import Print
from editions.actions import publish
from editions.load import load
from foundation.jobs.ticking import tick, waiting
from foundation.models import Event, Job
from tests.conftest import example, until

pytestmark = [pytest.mark.processes]
WORKER = ("celery", "-A", "config", "worker", "--loglevel", "ERROR", "--concurrency", "1", "--without-gossip")


@pytest.fixture
def edition(real_servers):
    register = load(example("vistory-sesame"))
    return publish(register, actor=None, at=timezone.now())


@contextlib.contextmanager
def broker(url):
    """Ring at another broker from this process; connections made before are forgotten on both sides."""
    before = app.conf.broker_url

    def ring_at(address):
        pools.reset()
        app._pool = app.amqp._producer_pool = None
        app.conf.broker_url = address

    ring_at(url)
    try:
        yield
    finally:
        ring_at(before)


@pytest.fixture
def bell(real_servers):
    """Ring this test's own broker from this process too."""
    with broker(real_servers.environment["REDIS_URL"]):
        yield


@contextlib.contextmanager
def workers(real_servers, count=1, **environment):
    running = [real_servers.start(*WORKER, "-n", f"w{number}@test", **environment) for number in range(count)]
    try:
        yield running
    finally:
        for worker in running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


def ask(edition):
    return ask_print(edition, kind="privacy_notice", language="fr", actor=None, at=timezone.now())


def is_done(print_):
    print_.refresh_from_db()
    return print_.is_printed


def test_a_worker_prints_what_was_asked_for(real_servers, bell, edition):
    print_ = ask(edition)
    with workers(real_servers):
        until(lambda: is_done(print_))
    with print_.file.open("rb") as file:
        assert file.read(5) == b"%PDF-"
    assert Event.objects.filter(verb="document_printed", subject_id=print_.pk).count() == 1


def test_two_workers_and_a_bell_rung_ten_times_make_one_print(real_servers, bell, edition):
    print_ = ask(edition)
    for _ in range(9):
        assert ask(edition).pk == print_.pk
    with workers(real_servers, count=2):
        until(lambda: is_done(print_))
        time.sleep(1)
    assert Print.objects.count() == 1
    assert Event.objects.filter(verb="document_printed").count() == 1


def test_what_a_killed_worker_left_is_printed_by_the_next(real_servers, bell, edition):
    print_ = ask(edition)
    soon = {"GREFFIER_JOB_LEASE_SECONDS": "1.5", "GREFFIER_JOB_HEARTBEAT_SECONDS": "0.5"}
    with workers(real_servers, **soon):
        until(lambda: Job.objects.get().state == Job.State.RUNNING)
    assert Job.objects.get().token == 1
    until(lambda: waiting().exists())
    tick(timezone.now())
    with workers(real_servers, **soon):
        until(lambda: is_done(print_))
    assert Job.objects.get(pk=print_.job_id).token == 2
    assert Event.objects.filter(verb="document_printed").count() == 1


def test_asking_does_not_wait_for_a_broker_that_is_down(real_servers, edition):
    with broker("redis+socket:///nowhere/valkey.sock"):
        started = time.monotonic()
        print_ = ask(edition)
        assert time.monotonic() - started < 2
    assert waiting().get() == print_.job
