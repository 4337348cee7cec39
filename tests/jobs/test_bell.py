"""Ringing: a page never waits long for a broker, dead or frozen."""

import logging
import socket
import tempfile
import time
from pathlib import Path

import pytest

from config.celery import app
from foundation.jobs.asking import ring

PROMISED_SECONDS = 2


@pytest.fixture
def frozen_broker():
    """Ring at a broker that takes connections and never says a word."""
    before = app.conf.broker_url
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        path = Path(folder) / "valkey.sock"
        listening.bind(str(path))
        listening.listen()
        app.conf.broker_url = f"redis+socket://{path}"
        yield
        app.conf.broker_url = before


def test_a_page_that_asks_for_many_jobs_does_not_wait_for_a_frozen_broker(frozen_broker, caplog):
    started = time.monotonic()
    with caplog.at_level(logging.WARNING):
        assert [ring(number) for number in range(1, 21)] == [False] * 20
    assert time.monotonic() - started < PROMISED_SECONDS
    assert len(caplog.records) == 1
    assert "job 1 waits for the next tick" in caplog.text
