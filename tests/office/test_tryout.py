"""The try-out on real processes: it serves what it printed, and Ctrl-C ends every process."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import psutil
import pytest
from django.conf import settings

from documents.models import Print
from tests.conftest import EXAMPLES, until, url_of

pytestmark = [pytest.mark.processes]
# static files are gathered once for all: the try-out sees by itself whether they are stale
SHARED = {"PYTHONUNBUFFERED": "1", "GREFFIER_STATIC": str(settings.VAR / "static")}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def tryout(real_servers, tmp_path):
    """Start the try-out of one register, and end whatever is left of it."""
    started = []

    def start(*options):
        with (tmp_path / "out.txt").open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "tryout", "--register", "vistory-sesame", *options],
                cwd=EXAMPLES.parent,
                env={**os.environ, **real_servers.environment, **SHARED, **owner()},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        started.append(process)
        return process

    def said():
        return (tmp_path / "out.txt").read_text()

    start.said = said
    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def owner():
    from django.db import connection

    login = connection.settings_dict["OWNER"]
    return {"DATABASE_OWNER_URL": url_of(login["USER"], login["PASSWORD"], connection.settings_dict["NAME"])}


def test_it_serves_until_ctrl_c_ends_everything_and_a_second_start_loses_nothing(tryout):
    port = free_port()
    process = tryout("--port", str(port))
    until(lambda: "serves http" in tryout.said() or process.poll() is not None, 90)
    said = tryout.said()
    assert process.poll() is None, said
    assert "shown this once" in said
    assert "DEMO_DATABASE_URL" in said  # with outside servers, business databases only where the operator says
    assert "vistory-sesame" in said.split("register  ")[-1]
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 3  # web, worker, beat

    def answers():
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=5).status == 200
        except OSError:
            return False

    until(answers)
    process.send_signal(signal.SIGINT)
    assert process.wait(40) == 0, tryout.said()
    assert "nothing is lost" in tryout.said()
    assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []

    before = set(Print.objects.values_list("pk", "finished_at"))
    again = tryout("--no-serve")
    assert again.wait(60) == 0
    assert "shown this once" not in tryout.said()
    assert set(Print.objects.values_list("pk", "finished_at")) == before


def test_killing_it_leaves_no_process_behind(tryout):
    process = tryout("--no-serve")
    until(lambda: len(psutil.Process(process.pid).children()) > 0 or process.poll() is not None, 60)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children), 30)


def test_a_port_that_is_taken_is_said_at_once(tryout):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = tryout("--port", str(taken.getsockname()[1]))
        assert process.wait(30) == 1
    assert "is taken" in tryout.said()
