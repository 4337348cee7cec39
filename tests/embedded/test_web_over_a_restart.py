"""PostgreSQL dies under a web server at work: 503 while it is away, nothing half written, then all goes on."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from django.db import connection
from django.urls import reverse

from foundation.models import User
from tests.conftest import PASSWORD, until
from tests.copies import dumped, restored
from tests.web import Browser, serving

pytestmark = [pytest.mark.processes]
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.watch.settings"}
ADDRESS = "person@restart.example"


@pytest.fixture
def own_server(used, real_servers):
    """A client of a server of this test's own, with a copy of the migrated database, and servers that point there."""
    client = used.client()
    User.objects.create_user(ADDRESS, PASSWORD)
    restored(dumped(connection.settings_dict["NAME"]), client.answer)
    a = client.answer
    host = a["host"].replace("/", "%2F")
    url = f"postgresql://{a['app_user']}:{a['app_password']}@{host}:{a['port']}/{a['database']}"
    return client, replace(real_servers, environment=real_servers.environment | {"DATABASE_URL": url})


def rows(client):
    with client.connect("owner") as session:
        return session.execute("SELECT name FROM foundation_pulse").fetchall()


def sign_in(address):
    browser = Browser(address)
    browser.get(reverse("account_login"), Accept_Language="en")
    return browser, browser.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD})


def test_over_a_restart_pages_are_answered_or_ask_to_come_back(used, own_server):
    client, servers = own_server
    with serving(servers, **SETTINGS) as address:
        browser, first = sign_in(address)
        assert first.status == 302

        # killed in the middle of a write
        with ThreadPoolExecutor() as others, client.connect("owner") as holder:
            holder.execute("SELECT pg_advisory_lock(1)")
            write = others.submit(browser.post, "/slow-write/", {})
            until(lambda: holder.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None)
            used.kill("postmaster")
            answer = write.result()
            holder.close()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        used.eventually(lambda: rows(client) == [], retry_on=psycopg.OperationalError)
        statuses = [browser.get(reverse("home")).status for _ in range(3)]
        assert set(statuses[1:]) == {200}, statuses  # both threads of the server have noticed by now
        assert sign_in(address)[1].status == 302

        # away
        used.kill("keeper")
        used.wait_until_gone()
        for method, path in [
            ("get", reverse("home")),
            ("post", reverse("account_login")),
            ("get", reverse("admin:index")),
        ]:
            started = time.monotonic()
            away = browser.post(path, {}) if method == "post" else browser.get(path, Accept_Language="en")
            assert (away.status, away.headers["Retry-After"]) == (503, "5")
            assert time.monotonic() - started < 2
            assert away.headers["X-Request-ID"] in away.text
        assert '<html lang="en">' in away.text
        program = browser.get("/api/nothing/")
        assert (program.status, program.headers["Content-Type"]) == (503, "application/problem+json")
        assert browser.get("/healthz/live").status == 200
        assert browser.get("/healthz/ready").status == 503

        # back
        client = used.client()
        assert client.error is None
        until(lambda: browser.get(reverse("home")).status == 200)
        assert browser.post("/slow-write/", {}).status == 200
        assert sorted(rows(client)) == [("one",), ("two",)]
    assert '"status": 500' not in servers.log.read_text()
