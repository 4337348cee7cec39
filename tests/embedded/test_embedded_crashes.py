import subprocess
import threading
import time
from contextlib import suppress

import psycopg
import pytest

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    "victims",
    [
        pytest.param(["postmaster"], id="the server"),
        pytest.param(["keeper"], id="the keeper"),
        pytest.param(["watchdog"], id="the watchdog"),
        pytest.param(["keeper", "watchdog"], id="keeper and watchdog, so that the server is an orphan"),
        pytest.param([], id="everything"),
    ],
)
def test_a_row_survives_the_kill_of(used, victims):
    first = used.client()
    first.write_row()
    with first.connect() as session:  # an open session must not hinder the next start
        used.kill(*victims)
        first.kill()
        second = used.client()
        assert second.rows() == [("kept",)]
        session.close()  # or leaving the block would speak to the dead server
    used.eventually(lambda: used.counts() == {"keeper": 2, "watchdog": 2, "postmaster": 1, "valkey": 1})


def test_no_acknowledged_row_is_lost_when_everything_is_killed_at_once(used):
    first = used.client(valkey=False)
    with first.connect("owner") as connection:
        connection.execute("CREATE TABLE acknowledged (writer int, number int)")
    acknowledged = [0, 0, 0]

    def write(writer):
        with suppress(psycopg.OperationalError), first.connect("owner") as connection:
            while True:
                connection.execute("INSERT INTO acknowledged VALUES (%s, %s)", [writer, acknowledged[writer] + 1])
                acknowledged[writer] += 1

    writers = [threading.Thread(target=write, args=[number]) for number in range(3)]
    for writer in writers:
        writer.start()
    used.eventually(lambda: min(acknowledged) > 20)
    used.kill()
    first.kill()
    for writer in writers:
        writer.join()
    with used.client(valkey=False).connect("owner") as connection:
        found = connection.execute("SELECT count(*), max(number) FROM acknowledged GROUP BY writer ORDER BY writer")
        for (count, highest), said in zip(found, acknowledged, strict=True):
            assert count == highest >= said


def test_the_servers_go_down_with_a_killed_keeper(used):
    client = used.client()
    assert client.error is None
    used.kill("keeper")
    used.wait_until_gone()
    assert not (used.data / "postmaster.pid").exists()  # shut down cleanly, although the client still lives


def test_a_living_client_finds_a_killed_server_again(used):
    client = used.client()
    client.write_row()
    used.kill("postmaster")
    assert client.rows() == [("kept",)]


@pytest.mark.parametrize("wait_seconds", [0, 0.3])
def test_a_killed_first_start_leaves_nothing_in_the_way(fresh, wait_seconds):
    client = fresh.client()
    clusters = fresh.root / "postgres" / "clusters"
    fresh.eventually(lambda: list(clusters.glob("*.new-*")))
    time.sleep(wait_seconds)
    fresh.kill()
    client.kill()
    second = fresh.client(valkey=False)
    second.write_row()
    assert second.rows() == [("kept",)]
    assert [path.name for path in clusters.iterdir()] == ["18"]


def test_a_stale_pid_file_harms_no_innocent_process(used):
    owner = used.data.stat()
    innocent = subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid, extra_groups=[])
    try:
        stale = f"{innocent.pid}\n{used.data}\n0\n5432\n/tmp\n\n 0 0\nready\n"
        (used.data / "postmaster.pid").write_text(stale)
        client = used.client(valkey=False)
        with client.connect() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


@pytest.mark.parametrize("text", ["", "garbage"])
def test_a_damaged_pid_file_is_no_obstacle(used, text):
    (used.data / "postmaster.pid").write_text(text)
    assert used.client(valkey=False).error is None


def test_lost_passwords_are_made_anew_and_the_data_is_kept(used):
    first = used.client(valkey=False)
    first.write_row()
    used.kill()
    first.kill()
    (used.root / "postgres" / "passwords.json").unlink()
    second = used.client(valkey=False)
    assert second.rows() == [("kept",)]
    assert second.answer["owner_password"] != first.answer["owner_password"]
