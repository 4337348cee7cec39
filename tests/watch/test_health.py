"""Probes: anyone may ask, by any name and without TLS; they learn in a few words whether work can be done."""

import json
from datetime import timedelta

import pytest
from django.conf import settings as chosen
from django.core.files.storage import default_storage
from django.utils import timezone

from foundation.jobs.models import Pulse
from foundation.watch import health

WELL = {"database": "ok", "migrations": "ok", "tick": "ok", "storage": "ok", "broker": "ok"}


@pytest.fixture
def ticking(db):
    return Pulse.objects.create(name="tick", seen_at=timezone.now())


def checks(client, status):
    answer = client.get("/healthz/ready", headers={"host": "10.2.3.4"})
    assert answer.status_code == status
    body = json.loads(answer.content)
    assert body.keys() == {"status", "checks"}
    assert body["status"] == ("ok" if status == 200 else "failed")
    assert set(body["checks"].values()) <= {"ok", "failed"}
    return body["checks"]


def test_the_process_answers_without_asking_the_database(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/healthz/live", headers={"host": "10.2.3.4"})  # no database in this test
    assert (answer.status_code, json.loads(answer.content)) == (200, {"status": "ok", "checks": {"process": "ok"}})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert client.post("/healthz/live").status_code == 405


def test_an_address_below_that_does_not_exist_goes_the_way_of_all_others(client, settings):
    settings.SECURE_SSL_REDIRECT = False
    assert client.get("/healthz/version", headers={"host": "10.2.3.4"}).status_code == 400


def test_greffier_is_ready_when_all_it_needs_answers(client, ticking):
    assert checks(client, 200) == WELL


def test_a_worker_that_fell_silent_is_seen(client, ticking):
    Pulse.objects.update(seen_at=timezone.now() - timedelta(seconds=3 * chosen.TICK_SECONDS + 1))
    assert checks(client, 503) == WELL | {"tick": "failed"}
    Pulse.objects.update(seen_at=timezone.now() - timedelta(seconds=3 * chosen.TICK_SECONDS - 5))
    assert checks(client, 200) == WELL


def test_a_tick_that_never_came_is_a_failure(client, db):
    assert checks(client, 503)["tick"] == "failed"


def test_a_broker_that_is_down_is_told_and_changes_nothing(client, ticking, monkeypatch):
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", "redis://127.0.0.1:1/0")
    assert checks(client, 200) == WELL | {"broker": "failed"}


def test_a_database_that_lacks_a_migration_is_not_ready(client, ticking, monkeypatch):
    known = health.known_migrations()
    assert ("foundation", "0001_initial") in known
    monkeypatch.setattr(health, "known_migrations", lambda: known | {("foundation", "9999_of_tomorrow")})
    assert checks(client, 503) == WELL | {"migrations": "failed"}


def test_a_folder_that_takes_no_file_is_seen(client, ticking, settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "gone"},
        }
    }
    assert default_storage.path("").endswith("gone")
    assert checks(client, 503) == WELL | {"storage": "failed"}
