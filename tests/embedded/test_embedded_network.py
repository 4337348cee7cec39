"""The example databases are reached over this machine's own network, by their own role, and nothing else is."""

import json
import socket

import psycopg
import pytest
from psycopg import errors

from foundation.embedded import network, roles
from foundation.embedded.postgres import Postgres

pytestmark = pytest.mark.processes


def over_network(client, user="greffier_business", dbname="postgres", password=None):
    a = client.answer
    return psycopg.connect(
        host=a["business_host"],
        port=a["business_port"],
        user=user,
        dbname=dbname,
        password=a["business_password"] if password is None else password,
        autocommit=True,
    )


def test_the_business_role_makes_databases_of_its_own(running):
    with over_network(running) as connection:
        connection.execute("CREATE DATABASE shop")
    with over_network(running, dbname="shop") as inside:
        inside.execute("CREATE TABLE customers (name text)")
        assert inside.execute("SELECT current_user").fetchone() == ("greffier_business",)
    with over_network(running) as connection:
        connection.execute("DROP DATABASE shop")


def test_it_listens_to_this_machine_only_and_wants_a_password(running):
    assert running.answer["business_host"] == "127.0.0.1"
    with running.connect("owner") as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("SHOW password_encryption").fetchone() == ("scram-sha-256",)
    for password in ("", "known", running.answer["owner_password"]):
        with pytest.raises(psycopg.OperationalError, match="password"):
            over_network(running, password=password)


def test_greffiers_own_databases_and_logins_are_not_on_the_network(used):
    client = used.client(valkey=False)
    with client.connect("owner", dbname="postgres") as connection:
        connection.execute("CREATE DATABASE test_greffier_gw0")
    known = json.loads((used.root / "postgres" / "passwords.json").read_text())
    for role, database in [
        ("greffier_business", "greffier"),
        ("greffier_business", "test_greffier_gw0"),
        ("greffier_archive", "greffier"),
        ("greffier_owner", "greffier"),
        ("greffier_owner", "postgres"),
        ("greffier_app", "greffier"),
        ("greffier_admin", "postgres"),
    ]:
        with pytest.raises(psycopg.OperationalError, match=r"pg_hba\.conf"):
            over_network(client, role, database, known[role])


def test_the_business_role_reaches_greffiers_database_by_no_socket_and_by_no_copy(running):
    with pytest.raises(psycopg.OperationalError, match=r"pg_hba\.conf"):
        running.connect("business")
    with running.connect("owner") as connection:
        assert connection.execute(
            "SELECT has_database_privilege('greffier_business', 'greffier', 'CONNECT')"
        ).fetchone() == (False,)
    with over_network(running) as connection:
        for statement in (
            "CREATE DATABASE copy TEMPLATE greffier",
            "SET ROLE greffier_owner",
            "CREATE ROLE mine",
            "ALTER DATABASE greffier OWNER TO greffier_business",
            "COPY (SELECT 1) TO PROGRAM 'true'",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_port_stays_over_restarts_and_crashes(used):
    first = used.client(valkey=False)
    port = first.answer["business_port"]
    assert int(port) in network.PORTS
    used.kill("postmaster")
    used.eventually(lambda: over_network(first).close() is None, retry_on=psycopg.OperationalError)
    first.end()
    used.wait_until_gone()
    second = used.client(valkey=False)
    assert second.answer["business_port"] == port
    over_network(second).close()


def test_a_start_leaves_a_taken_port_to_others_and_brings_access_and_passwords_back(used):
    first = used.client(valkey=False)
    first.write_row()
    port = first.answer["business_port"]
    first.end()
    used.wait_until_gone()
    (used.data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 trust\n")
    passwords = used.root / "postgres" / "passwords.json"
    kept = json.loads(passwords.read_text())
    passwords.write_text(json.dumps({name: word for name, word in kept.items() if name != "greffier_business"}))
    with socket.socket() as somebody:
        somebody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        somebody.bind(("127.0.0.1", int(port)))
        somebody.listen()
        second = used.client(valkey=False)
        assert second.answer["business_port"] not in {"", port}
        assert second.rows() == [("kept",)]
        assert first.answer["host"] == second.answer["host"]  # those who knew the socket find it where it was
        assert second.answer["owner_password"] == kept["greffier_owner"]
        assert second.answer["business_password"] != kept["greffier_business"]
        over_network(second).close()
        with pytest.raises(psycopg.OperationalError, match=r"pg_hba\.conf"):
            over_network(second, "greffier_admin", "postgres", kept["greffier_admin"])


def test_lines_of_access_name_only_methods_that_refuse_or_want_scram():
    methods = {line.split()[-1] for line in roles.WHO_MAY_CONNECT.strip().splitlines()}
    assert methods == {"reject", "scram-sha-256"}


def test_who_takes_the_port_between_look_and_start_keeps_it(used, monkeypatch):
    monkeypatch.setattr(network, "_is_free", lambda number: True)
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        taken = somebody.getsockname()[1]
        monkeypatch.setattr(network, "PORTS", range(taken, taken + 1))
        (used.root / "postgres" / "port").write_text(str(taken))
        server = Postgres(used.root)
        try:
            endpoints = server.start()  # nobody gives another port here: it runs all the same, without the network
            assert endpoints["business_port"] == endpoints["business_host"] == ""
            assert server.alive
        finally:
            server.stop()


@pytest.mark.parametrize("first_is_taken", [True, False])
def test_the_faster_one_keeps_the_port(tmp_path, first_is_taken):
    port = network.Port(tmp_path / "port")
    port.choose()
    number = port.number
    if first_is_taken:
        port.choose_another(none=False)
        assert port.number not in {0, number}
    else:
        port.choose_another(none=True)
        assert port.number == 0
