"""Secrets put in on purpose are looked for wherever the application speaks: they stand nowhere."""

import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import psutil
import pytest
from celery import Celery
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client

from foundation.keys import vault
from foundation.keys.vault import Place
from tests.conftest import EXAMPLES, until

CANARY = "ZQCANARY-of-a-sealed-value"


def seal_name(register):
    key = vault.data_key("register", register=register)
    register.name = vault.seal_text(CANARY, key=key, place=Place.of(register, "name"))
    register.save()


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [False, True], ids=["as in production", "with debug pages"])
@pytest.mark.parametrize(
    ("address", "words"), [("/reading", "It broke while … was open"), ("/sealing", "has no attribute")]
)
def test_a_view_that_fails_shows_and_logs_no_secret(acme, settings, master, caplog, debug, address, words):
    seal_name(acme)
    settings.ROOT_URLCONF = "tests.foundation.keys.failing"
    settings.DEBUG = debug
    settings.CELERY_BROKER_URL = f"redis://:{CANARY}@localhost/0"
    page = Client(raise_request_exception=False, headers={"accept": "text/html"}).get(address)
    assert page.status_code == 500
    shown = page.content.decode()
    assert (words in shown) == debug  # the page is the one that tells
    assert words in caplog.text
    password = django_settings.DATABASES["default"]["PASSWORD"]
    for secret in (CANARY, master, password):
        assert secret not in shown
        assert secret not in caplog.text


@pytest.mark.django_db
def test_neither_the_status_nor_the_canonical_form_holds_a_secret(loaded, master):
    register = loaded("vistory-sesame")
    key = vault.data_key("connector", register=register, subject=1)
    vault.seal_text(CANARY, key=key, place=Place("connector", "password", 1))
    out = StringIO()
    call_command("keys", "status", stdout=out)
    call_command("dump_register", "vistory-sesame", stdout=out)
    said = out.getvalue()
    assert "connector: 1 data key(s)" in said
    for secret in (CANARY, master, bytes(key.wrapped).hex()):
        assert secret not in said


@pytest.mark.processes
def test_a_task_that_fails_in_a_worker_leaves_no_secret_in_its_log_or_on_its_command_line(acme_served, real_servers):
    seal_name(acme_served)
    options = (
        "--loglevel",
        "INFO",
        "--concurrency",
        "1",
        "--without-gossip",
        "--include",
        "tests.foundation.keys.failing",
    )
    worker = real_servers.start("celery", "-A", "config", "worker", *options)
    try:
        with Celery(broker=real_servers.environment["REDIS_URL"], set_as_current=False) as bell:
            bell.send_task("tests.fails", ignore_result=True)
        until(lambda: "A task failed" in real_servers.log.read_text())
        lines = [" ".join(process.cmdline()) for process in family(worker.pid)]
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    said = real_servers.log.read_text() + "\n".join(lines)
    assert "celery" in "".join(lines)
    master = Path(real_servers.environment["GREFFIER_MASTER_KEY_FILE"]).read_text().strip()
    for secret in (CANARY, master, django_settings.DATABASES["default"]["PASSWORD"]):
        assert secret not in said


@pytest.fixture
def acme_served(real_servers):
    from foundation.models import Register

    return Register.objects.create(slug="acme", name="-")


def family(pid):
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


@pytest.mark.processes
@pytest.mark.parametrize(
    ("variables", "words"),
    [
        pytest.param(
            {"DATABASE_URL": "postgresql://app:ZQ/CANARY@localhost/greffier"},
            "DATABASE_URL cannot be read",
            id="an address that is not encoded",
        ),
        pytest.param(
            {"GREFFIER_MASTER_KEY": "ZQCANARY", "DATABASE_URL": "postgresql://app:ZQCANARY@localhost/greffier"},
            "GREFFIER_MASTER_KEY: Master key number 1",
            id="a master key that is none",
        ),
    ],
)
def test_bad_settings_stop_the_start_and_are_not_repeated(tmp_path, variables, words):
    names = ("DATABASE_OWNER_URL", "GREFFIER_MASTER_KEY")
    outside = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in names}
    given = {"SECRET_KEY": "ZQCANARY", "REDIS_URL": "redis://:ZQCANARY@localhost/0", **variables}
    started = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=EXAMPLES.parent,
        env={**outside, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 1
    assert words in started.stderr
    assert "ZQ" not in started.stderr
