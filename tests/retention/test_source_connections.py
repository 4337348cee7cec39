"""Engines on business databases: where they connect, how long they wait, what they say when it goes wrong."""

import logging
import socket
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from retention.errors import SourceFailed, SourceRefused, SourceUnreachable
from retention.sources import hosts
from retention.sources.addresses import Login, Places, read_address
from retention.sources.connecting import clock, engine_for
from retention.sources.failing import WORDS, in_words
from retention.sources.hosts import read_rules
from retention.sources.trying import try_out

SECRET = "s3cret-value"


def on(*dialects):
    return pytest.mark.parametrize("business_database", dialects, indirect=True)


on_servers = on("postgresql", "mariadb")
SLOW = {
    "postgresql": "SELECT pg_sleep(20)",
    "mariadb": "SELECT SLEEP(20)",
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
}


@pytest.fixture
def open_engine(login, places):
    engines = []

    def make(login: Login = login, places: Places = places, **limits):
        engines.append(engine_for(login, places=places, **limits))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


def test_the_clock_is_the_servers_and_aware(open_engine):
    with open_engine().connect() as connection:
        told = clock(connection)
    assert told.tzinfo is UTC
    assert abs((told - datetime.now(UTC)).total_seconds()) < 5


@on_servers
def test_timestamps_are_read_and_written_in_utc(open_engine, business_database):
    kind = {"postgresql": "timestamptz", "mariadb": "TIMESTAMP"}[business_database.dialect]
    business_database.run(f"CREATE TABLE calls (id INT PRIMARY KEY, at {kind} NULL)")
    with open_engine().begin() as connection:
        connection.execute(text("INSERT INTO calls VALUES (1, '2025-07-01 12:00:00')"))
        # as the business application would see it from Paris
        zone = (
            "SET TIME ZONE 'Europe/Paris'" if business_database.dialect == "postgresql" else "SET time_zone = '+02:00'"
        )
        connection.execute(text(zone))
        told = connection.execute(text("SELECT at FROM calls")).scalar_one()
    assert told.hour == 14


def test_a_statement_that_takes_too_long_is_given_up(open_engine, business_database):
    engine = open_engine(statement_seconds=0.2)
    with pytest.raises(SourceFailed) as failure, in_words("crm"), engine.connect() as connection:
        slept = connection.execute(text(SLOW[business_database.dialect])).scalar_one()
        assert slept != 1, "SLEEP was cut short without an error"
    assert failure.value.cause == "statement_timeout"


def test_a_row_that_stays_locked_is_not_waited_for(open_engine, business_database):
    business_database.run("CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    business_database.run("INSERT INTO people VALUES (1, 'Ada')")
    engine = open_engine(lock_seconds=0.2, statement_seconds=10)
    with business_database.engine.connect() as other:
        other.execute(text("UPDATE people SET name = 'Bo' WHERE id = 1"))
        with pytest.raises(SourceFailed) as failure, in_words("crm"), engine.begin() as connection:
            connection.execute(text("UPDATE people SET name = 'Cy' WHERE id = 1"))
        other.rollback()
    assert failure.value.cause == "lock_timeout"


def test_nothing_a_driver_says_travels_with_the_error(open_engine, business_database, caplog):
    business_database.run("CREATE TABLE people (name VARCHAR(20) PRIMARY KEY)")
    engine = open_engine()
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SourceFailed) as failure, in_words("crm"), engine.begin() as connection:
        for _again in range(2):
            connection.execute(text("INSERT INTO people VALUES (:name)"), {"name": SECRET})
    assert failure.value.cause == "constraint"
    assert SECRET not in str(failure.value)
    assert failure.value.__cause__ is None
    assert failure.value.__context__ is None
    assert SECRET not in caplog.text


def test_what_a_statement_was_given_stands_in_no_error(open_engine):
    with pytest.raises(SQLAlchemyError) as error, open_engine().connect() as connection:
        connection.execute(text("INSERT INTO absent VALUES (:name)"), {"name": SECRET})
    assert SECRET not in str(error.value)


def test_a_foreign_key_holds_on_every_engine(open_engine, business_database):
    business_database.run(
        "CREATE TABLE people (id INTEGER PRIMARY KEY)",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER, FOREIGN KEY (person) REFERENCES people (id))",
    )
    with pytest.raises(SourceFailed) as failure, in_words("crm"), open_engine().begin() as connection:
        connection.execute(text("INSERT INTO orders VALUES (1, 7)"))
    assert failure.value.cause == "constraint"


@on_servers
def test_a_text_too_long_is_refused_instead_of_cut(open_engine, business_database):
    business_database.run("CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(3))")
    with pytest.raises(SourceFailed), in_words("crm"), open_engine().begin() as connection:
        connection.execute(text("INSERT INTO people VALUES (1, 'Adaline')"))


def test_what_is_read_and_written_is_one_transaction(open_engine, business_database):
    business_database.run("CREATE TABLE people (id INTEGER PRIMARY KEY)")
    engine = open_engine()
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO people VALUES (1)"))
        connection.rollback()
        assert connection.execute(text("SELECT count(*) FROM people")).scalar_one() == 0


def test_a_table_that_is_gone_is_said(open_engine):
    with pytest.raises(SourceFailed) as failure, in_words("crm"), open_engine().connect() as connection:
        connection.execute(text("SELECT * FROM absent"))
    assert failure.value.cause == "schema_changed"


def test_the_engine_has_no_password_to_tell(open_engine, login):
    engine = open_engine()
    assert engine.url.password is None
    if login.password:
        for told in (repr(engine), str(engine.url), repr(login), engine.url.render_as_string(hide_password=False)):
            assert login.password not in told


@on_servers
def test_a_wrong_password_is_said_without_it(open_engine, login):
    engine = open_engine(Login(login.address, "wrong-" + SECRET))
    with pytest.raises(SourceUnreachable) as failure, in_words(login.address.place):
        engine.connect()
    assert failure.value.cause == "login_refused"
    assert login.address.place in str(failure.value)
    assert SECRET not in str(failure.value)


def test_a_database_that_is_not_there_is_said(open_engine, login):
    address = replace(login.address, **({"path": "absent"} if login.address.path else {"database": "absent"}))
    with pytest.raises((SourceUnreachable, SourceRefused)), in_words(login.address.place):
        open_engine(Login(address, login.password)).connect()


@on_servers
def test_a_machine_that_does_not_answer_is_said_and_not_waited_for(open_engine, login, monkeypatch):
    seconds = 2 if login.address.dialect == "postgresql" else 0.3  # libpq waits for at least two
    monkeypatch.setattr("retention.sources.opening.CONNECT_SECONDS", seconds)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = replace(login.address, port=silent.getsockname()[1])
        began = time.monotonic()
        with pytest.raises(SourceUnreachable), in_words(address.place):
            open_engine(Login(address, "x"), statement_seconds=3600).connect()
        assert time.monotonic() - began < 600, "it was waited for as long as for a statement"


@on_servers
def test_the_address_that_was_checked_is_the_one_connected_to(login, places, monkeypatch):
    """A name that resolves elsewhere the second time, and after a first engine was made, changes nothing unseen."""
    answers = ["127.0.0.1"]
    asked = []

    def resolver(host, port, **_kind):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers[0], port))]

    monkeypatch.setattr(hosts.socket, "getaddrinfo", _only_for("crm.example", resolver))
    named = Login(replace(login.address, host="crm.example"), login.password)
    here = Places(read_rules(["127.0.0.0/8"]))
    engine = engine_for(named, places=here)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    assert asked == ["crm.example"], "the driver resolved the name by itself"
    engine.dispose()
    answers[0] = "10.0.0.5"
    with pytest.raises(SourceRefused), in_words("crm"):
        engine.connect()


def _only_for(name, resolver):
    true = socket.getaddrinfo

    def getaddrinfo(host, port, *rest, **options):
        return resolver(host, port) if host == name else true(host, port, *rest, **options)

    return getaddrinfo


def test_no_more_connections_are_made_than_allowed(open_engine, business_database):
    engine = open_engine(connections=1, lock_seconds=0.2)
    with engine.connect(), pytest.raises(SourceUnreachable) as failure, in_words("crm"):
        engine.connect()
    assert failure.value.cause == "too_many_connections"


@on_servers
def test_a_connection_that_was_cut_is_made_anew(open_engine, business_database, request):
    engine = open_engine(connections=1)
    which = "pg_backend_pid" if business_database.dialect == "postgresql" else "connection_id"
    cut = "SELECT pg_terminate_backend({})" if business_database.dialect == "postgresql" else "KILL {}"
    with pytest.raises(SourceUnreachable) as failure, in_words("crm"), engine.connect() as connection:
        number = connection.execute(text(f"SELECT {which}()")).scalar_one()
        business_database.run(cut.format(number))
        connection.execute(text("SELECT 1"))
    assert failure.value.cause == "lost"
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_a_sqlite_file_is_never_made(places, tmp_path):
    (tmp_path / "there").touch()
    login = read_address("sqlite:///there")
    engine = engine_for(login, places=places)
    (tmp_path / "there").unlink()
    with pytest.raises(SourceRefused):
        engine.connect()
    assert not (tmp_path / "there").exists()
    (tmp_path / "there").write_bytes(b"no database at all, but a text" * 100)
    with pytest.raises(SourceUnreachable) as failure, in_words("crm"), engine.connect() as connection:
        connection.execute(text("SELECT * FROM sqlite_master"))
    assert failure.value.cause == "not_a_database"
    engine.dispose()


@on("sqlite")
def test_a_transaction_of_sqlite_that_means_to_write_locks_at_once(open_engine, business_database):
    engine = open_engine(lock_seconds=0.1)
    with engine.connect().execution_options(writes=True) as first, engine.connect() as second:
        first.begin()
        second.begin().close()  # who only reads is let in
        with pytest.raises(SQLAlchemyError):
            second.execution_options(writes=True).begin()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("mode", ["", "?sslmode=require", "?sslmode=verify-full"])
def test_a_certificate_must_be_the_machines(mariadb, another_business_database, mode, host):
    database = another_business_database("mariadb")
    login = read_address(f"mysql://business:{mariadb.password}@{host}:{mariadb.port}/{database.url.database}{mode}")
    places = Places(read_rules(["localhost", "127.0.0.0/8"]), authorities=mariadb.ca)
    if "verify" in mode and host != "localhost":  # the certificate names localhost only
        with pytest.raises(SourceUnreachable) as failure:
            try_out(login, places=places)
        assert failure.value.cause in {"no_encryption", "unreachable"}
    else:
        report = try_out(login, places=places)
        assert report.is_encrypted
        assert report.is_certificate_checked is ("verify" in mode)


@on("postgresql")
def test_encryption_that_is_asked_for_is_not_given_up(login, places):
    with pytest.raises(SourceUnreachable) as failure:
        try_out(Login(replace(login.address, encryption="require"), login.password), places=places)
    assert failure.value.cause == "no_encryption"


def test_a_password_is_not_sent_in_clear_to_a_server_that_asks_for_it(places):
    """A server that asks for the password itself, without encryption: MySQL's clear-text plugin."""
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            client, _peer = listening.accept()
            with client:
                greeting = b"\x0a5.7.0\0" + b"\x01\0\0\0" + b"12345678\0" + b"\xff\xf7" + b"\x21" + b"\x02\0"
                greeting += b"\xff\x81" + b"\x15" + b"\0" * 10 + b"123456789012\0" + b"mysql_native_password\0"
                client.sendall(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
                client.recv(4096)
                switch = b"\xfemysql_clear_password\0"
                client.sendall(len(switch).to_bytes(3, "little") + b"\x02" + switch)
                client.settimeout(5)
                heard.append(client.recv(4096))

        serving = threading.Thread(target=serve)
        serving.start()
        login = read_address(f"mysql://erp:{SECRET}@127.0.0.1:{listening.getsockname()[1]}/crm")
        with pytest.raises(SourceUnreachable) as failure, in_words("crm"):
            engine_for(login, places=places).connect()
        serving.join()
    assert heard == [b""]
    assert failure.value.cause == "no_encryption"


def test_a_trial_tells_what_answers_and_what_the_login_may_do(login, places, business_database):
    report = try_out(login, places=places)
    assert report.server.startswith(
        {"postgresql": "PostgreSQL ", "mariadb": "MariaDB 1", "sqlite": "SQLite 3"}[business_database.dialect]
    )
    assert report.is_local
    assert not report.is_read_only
    assert abs(report.skew_seconds) < 5
    assert report.code == ("fine" if business_database.dialect == "sqlite" else "too_many_rights")
    assert report.place in report.sentences()[0]


@on("mariadb")
def test_a_login_with_few_rights_is_fine(login, places, business_database):
    business_database.run("CREATE TABLE people (id INTEGER PRIMARY KEY)")
    name = f"few_{business_database.url.database}"
    database = business_database.url.database
    business_database.run(
        f"CREATE USER '{name}'@'%' IDENTIFIED BY '{SECRET}'",
        f"GRANT SELECT, DELETE ON `{database}`.people TO '{name}'@'%'",
    )
    try:
        report = try_out(Login(replace(login.address, user=name), SECRET), places=places)
    finally:
        business_database.run(f"DROP USER '{name}'@'%'")
    assert report.too_much == ()
    assert report.code == "fine"


@pytest.mark.parametrize("cause", WORDS)
def test_each_cause_has_a_sentence_with_a_remedy(cause):
    assert len(str(WORDS[cause]).split()) > 5
