"""The log of real processes: every line is JSON, and nothing a person sent stands in it."""

import contextlib
import json
import socket
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from config.celery import app
from foundation.jobs.models import Job
from foundation.models import User
from tests.conftest import PASSWORD, until
from tests.web import Browser, ended, serving

pytestmark = [pytest.mark.processes]
CANARY = "kanari-5f1e"
ADDRESS = "203.0.113.77"
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.watch.settings"}
WORKER = ("celery", "-A", "config", "--quiet", "worker", "--concurrency", "1", "--without-gossip", "-P", "threads")
CELERY_SAYS_ON_STDOUT = {"", "worker: Warm shutdown (MainProcess)"}


@contextlib.contextmanager
def working(real_servers):
    worker = real_servers.start(*WORKER, **SETTINGS)
    try:
        yield
    finally:
        ended(worker)


def lines(real_servers):
    return [line for line in real_servers.log.read_text().split("\n") if line.strip() not in CELERY_SAYS_ON_STDOUT]


def parsed(real_servers):
    return [json.loads(line) for line in lines(real_servers)]


def send_garbage(address):
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), 5) as raw:
        raw.sendall(f"{CANARY} not-http\r\n\r\n".encode())
        raw.recv(1000)


def visit(address):
    """Do all that could leave a trace; return the number of the failed request as its page shows it."""
    browser = Browser(address)
    told = {"User_Agent": CANARY, "Referer": f"http://{CANARY}/", "X_Forwarded_For": ADDRESS}
    page = f"{reverse('account_login')}?next=/{CANARY}/"
    assert browser.get(page, **told).status == 200
    assert browser.post(page, {"login": f"{CANARY}@example.org", "password": CANARY}, **told).status == 200
    assert browser.post("/login/", {"login": f"{CANARY}@example.org", "password": PASSWORD}).status == 302
    assert browser.get(reverse("home") + f"?q={CANARY}").status == 200
    assert Browser(address).post("/login/", {"login": CANARY}, **told).status == 403
    assert browser.get(f"/{CANARY}/{CANARY}?q={CANARY}", **told).status == 404
    assert browser.get("/login/", Host=f"{CANARY}.example").status == 400
    assert browser.post(f"/refused-by-postgresql/?word={CANARY}", {"word": CANARY}, **told).status == 500
    assert browser.post("/taken/", {"word": CANARY}, **told).status == 409
    assert browser.get(f"/forgery/?word={CANARY}", **told).status == 500
    send_garbage(address)
    failed = browser.post(f"/bug/?word={CANARY}", {"word": CANARY}, **told)
    assert failed.status == 500
    assert failed.headers["X-Request-ID"] in failed.text
    return failed.headers["X-Request-ID"]


def test_nothing_a_person_sent_stands_in_the_log_of_real_processes(real_servers):
    person = User.objects.create_user(f"{CANARY}@example.org", PASSWORD)
    job = Job.objects.create(kind="tests.fail", slot=CANARY, asked_at="2026-01-01T00:00Z", due_at="2026-01-01T00:00Z")
    with working(real_servers), serving(real_servers, **SETTINGS) as address:
        number = visit(address)
        with app.connection_for_write(real_servers.environment["REDIS_URL"]) as bell:
            app.send_task("tests.fail", (CANARY,), connection=bell)
            app.send_task("jobs.run", (job.pk,), connection=bell)
        until(lambda: '"task": "tests.fail"' in real_servers.log.read_text())
        until(lambda: Job.objects.get().state == Job.State.FAILED)

    log = real_servers.log.read_text()
    found = parsed(real_servers)
    for secret in (CANARY, ADDRESS, "127.0.0.1", PASSWORD, 'forged"}\n'):
        assert [line for line in lines(real_servers) if secret in line] == []
    assert "\u2028" not in log
    assert {line["time"][-1] for line in found} == {"Z"}

    requests = [line for line in found if line["logger"] == "greffier.access"]
    failed = next(line for line in requests if line["request_id"] == number)
    assert (failed["route"], failed["method"], failed["status"]) == ("bug", "POST", 500)
    assert {line.get("user") for line in requests if line["route"] == "home"} == {person.pk}
    assert len([line for line in requests if line["route"] == "account_login"]) == 4
    fault = next(line for line in found if line["logger"] == "django.request" and line["request_id"] == number)
    assert fault["exception"] == ["ValueError"]
    assert fault["trace"][-1].startswith("tests/watch/urls.py:")
    by_postgresql = [line for line in found if line.get("sqlstate")]
    assert [line["sqlstate"] for line in by_postgresql] == ["22P02", "23505"]
    assert by_postgresql[1]["table"] == "foundation_user"
    forged = next(line for line in found if line["logger"] == "greffier.tests")
    assert forged["event"].endswith('{"event": "forged"}\u2028')
    assert forged["user"] == 7
    assert "word" not in forged
    thread = next(line for line in found if line["logger"] == "greffier.threads")
    assert thread["exception"] == ["ValueError"]
    task = next(line for line in found if line.get("task") == "tests.fail")
    assert task["exception"] == ["ValueError"]
    of_job = next(line for line in found if line.get("job") == job.pk)
    assert (of_job["kind"], of_job["attempt"], of_job["exception"]) == ("tests.fail", 1, ["ValueError"])
    assert any(line["logger"] == "gunicorn.error" and "Listening" in line["event"] for line in found)
    assert any(line["event"] == "A request that is not HTTP was refused" for line in found)
