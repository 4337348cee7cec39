import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes


def test_the_servers_stop_after_the_last_client_and_not_before(used):
    first, second = used.client(), used.client()
    assert first.answer == second.answer
    first.end()
    time.sleep(0.9)  # three times the grace
    assert len(used.of("postmaster")) == 1
    second.end()
    used.wait_until_gone()
    assert not (used.data / "postmaster.pid").exists()
    assert not Path(first.answer["host"]).exists()


def test_the_servers_stop_after_a_killed_client_too(used):
    client = used.client()
    assert client.error is None
    client.kill()
    used.wait_until_gone()


def test_who_comes_during_the_end_gets_servers_again(used):
    for wait_seconds in (0.25, 0.35, 0.45):  # around the grace
        client = used.client()
        assert client.error is None
        client.end()
        time.sleep(wait_seconds)
    last = used.client()
    with last.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
