"""Figures for Prometheus, from real processes: on a port of their own, and without a word about anybody."""

import os
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from editions.actions import publish
from editions.load import load
from foundation.jobs.models import Halt, Job, Pulse
from foundation.permissions import Role
from foundation.watch import figures, gauges
from tests.conftest import PASSWORD, example, member, until
from tests.web import Browser, ended, free_port, serving

SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.watch.settings"}
HOST = "worker celery@secret-host"


def ago(**time):
    return timezone.now() - timedelta(**time)


def found(text):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def work_left(real_servers):
    """A worker that fell silent, a job it left, one that failed, and a stop of work."""
    Pulse.objects.create(name="tick", seen_at=ago(minutes=5))
    Pulse.objects.create(name=HOST, seen_at=ago(minutes=4))
    asked = {"asked_at": ago(minutes=10), "due_at": ago(minutes=10)}
    Job.objects.create(kind="foundation.old", slot="failed", state=Job.State.FAILED, **asked)
    Job.objects.create(
        kind="foundation.old", slot="left", state=Job.State.RUNNING, token=1, lease_until=ago(minutes=1), **asked
    )
    Halt.objects.create(kind="mail.send", reason="Marie is away", ordered_at=timezone.now())


@pytest.mark.processes
def test_with_the_bell_broken_pages_answer_and_the_figures_show_what_waits(real_servers, work_left, tmp_path):
    register = load(example("vistory-sesame"))
    edition = publish(register, actor=None, at=timezone.now())
    dpo = member(register, Role.DPO)
    port = free_port()
    settings = SETTINGS | {"REDIS_URL": "redis://127.0.0.1:1/0", "GREFFIER_METRICS_DIR": str(tmp_path / "metrics")}
    metrics = real_servers.start("django", "serve_metrics", "--port", str(port), **settings)
    try:
        with serving(real_servers, "--workers", "2", **settings) as address:
            browser = Browser(address)
            browser.get(reverse("account_login"))
            assert browser.post(reverse("account_login"), {"login": dpo.email, "password": PASSWORD}).status == 302
            started = time.monotonic()
            asked = browser.post(
                reverse("admin:editions_edition_print", args=[edition.pk]), {"kind": "privacy_notice", "language": "fr"}
            )
            assert asked.status == 302
            assert time.monotonic() - started < 2
            text = scraped(port)
            assert Browser(address).get("/metrics").status == 404  # never on the port of the pages
    finally:
        ended(metrics)
    value = found(text)
    assert value["greffier_database_up",] == 1
    assert value["greffier_jobs", ("kind", "documents.print"), ("state", "asked")] == 1
    assert value["greffier_jobs", ("kind", "foundation.old"), ("state", "failed")] == 1
    assert value["greffier_prints", ("state", "asked")] == 1
    assert value["greffier_jobs_past_lease",] == 1
    assert value["greffier_halts",] == 1
    assert value["greffier_unsealed_events",] > 0
    assert value["greffier_workers_seen",] == 0
    assert 300 <= value["greffier_seconds_since_tick",] < 600
    assert 240 <= value["greffier_seconds_since_worker",] < 600
    assert 0 <= value["greffier_oldest_due_job_seconds",] < 60
    signed_in = (("method", "POST"), ("route", "account_login"), ("status", "3xx"))
    assert value["greffier_request_seconds_count", *signed_in] == 1
    for secret in ("secret-host", "Marie", dpo.email, register.slug, f"/{edition.pk}/"):
        assert secret not in text


def scraped(port):
    def read_figures():
        try:
            texts.append(Browser(f"http://127.0.0.1:{port}").get("/metrics").text)
        except OSError:
            return False
        return True

    texts = []
    until(read_figures)
    return texts[-1]


def test_a_database_that_is_away_is_a_figure_too(real_servers):
    connection.close()
    host, connection.settings_dict["HOST"] = connection.settings_dict["HOST"], "/nowhere"
    try:
        families = list(gauges.FromTheDatabase().collect())
    finally:
        connection.settings_dict["HOST"] = host
    assert [(family.name, family.samples[0].value) for family in families] == [("greffier_database_up", 0)]


def test_figures_of_ended_processes_are_forgotten_at_the_next_start(tmp_path):
    for name in ("histogram_999999999.db", f"histogram_{os.getpid()}.db", "notes.txt"):
        (tmp_path / name).touch()
    figures.forget_the_dead(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"histogram_{os.getpid()}.db", "notes.txt"]
