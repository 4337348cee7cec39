"""Rows that another session holds are left and named; the others are done. Errors are said in words, without values."""

import time
import traceback
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import Column, Date, ForeignKey, MetaData, NullPool, Table, create_engine, select, text, update

from foundation.errors import RuleViolation
from retention.errors import GroundError
from retention.ground import Done
from retention.mapping import ChildFate, ChildMapping, Step, TableName, Treatment
from retention.statements.ground import SqlGround
from retention.statements.transactions import reading
from tests.retention.grounds import OLD, YOUNG, filled, ground, made, mapping, number, rows, treat, words, work

WAITS = {
    "postgresql": {"options": "-c lock_timeout=100ms"},
    "mariadb": {"init_command": "SET innodb_lock_wait_timeout = 1", "ssl_disabled": True},
    "sqlite": {"timeout": 0.1},
}
SEVERAL = pytest.mark.parametrize("business_database", ["postgresql", "mariadb"], indirect=True)


def impatient(database, of):
    return SqlGround(create_engine(database.url, poolclass=NullPool, connect_args=WAITS[database.dialect]), of)


@contextmanager
def another_session(database, *statements):
    with database.engine.connect() as connection:
        if database.dialect == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        yield connection
        connection.rollback()


def clients(database):
    table = made(database, number(), Column("ended_on", Date), words("name"))
    filled(database, table, *[{"id": n, "ended_on": OLD, "name": "n"} for n in range(1, 6)])
    return table


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(mapping(), id="erase"),
        pytest.param(mapping(treat("name", Treatment.NULL), step=Step.ANONYMISE), id="anonymise"),
        pytest.param(mapping(treat("name", Treatment.FILLER), step=Step.ANONYMISE), id="made values"),
    ],
)
def test_rows_that_another_session_holds_are_left_and_named(business_database, of):
    table, place, pass_of = clients(business_database), impatient(business_database, of), work(of)
    keys = [(n,) for n in range(1, 6)]
    with another_session(business_database, select(table).where(table.c.id.in_([2, 4])).with_for_update()):
        done = place.carry_out(pass_of, keys)
    if business_database.dialect == "sqlite":  # one writer locks it all
        assert done == Done(locked=tuple(keys))
    else:
        assert set(done.erased + done.treated) == {(1,), (3,), (5,)}
        assert done.locked == ((2,), (4,))
    left = place.still_due(pass_of, keys)
    assert tuple(left) == done.locked
    again = place.carry_out(pass_of, left)
    assert again.erased + again.treated == done.locked
    assert place.gone(pass_of, keys) == keys


@SEVERAL
def test_a_child_row_that_another_session_holds_leaves_its_parent(business_database):
    metadata = MetaData()
    clients = Table("client", metadata, number(), Column("ended_on", Date))
    notes = Table("note", metadata, number(), Column("client_id", ForeignKey("client.id")))
    metadata.create_all(business_database.engine)
    filled(business_database, clients, *[{"id": n, "ended_on": OLD} for n in (1, 2)])
    filled(business_database, notes, *[{"id": 10 * n + m, "client_id": n} for n in (1, 2) for m in (1, 2)])
    of = mapping(children=(ChildMapping(TableName("note"), ("client_id",), ChildFate.ERASE),))
    place, pass_of = impatient(business_database, of), work(of)
    with another_session(business_database, select(notes).where(notes.c.id == 12).with_for_update()):
        done = place.carry_out(pass_of, [(1,), (2,)])
    assert (done.erased, done.locked, dict(done.children)) == (((2,),), ((1,),), {"note": (2, 0)})
    assert rows(business_database, notes, "id") == [(11,), (12,)]


@SEVERAL
def test_a_row_that_came_back_to_life_while_it_was_waited_for_is_left_alone(business_database):
    """The condition is checked on what the other session committed, not on what was read before."""
    table, of = clients(business_database), mapping()
    place, pass_of, found = ground(business_database, of), work(of), []
    with business_database.engine.connect() as other:
        other.execute(update(table).where(table.c.id == 3).values(ended_on=YOUNG))
        waiting = Thread(target=lambda: found.append(place.carry_out(pass_of, [(2,), (3,)])))
        waiting.start()
        time.sleep(0.3)
        assert found == []
        other.commit()
    waiting.join(10)
    assert found[0].erased == ((2,),)
    assert (3,) in rows(business_database, table, "id")


def test_errors_are_told_by_cause_and_quote_nothing(business_database):
    table, of = clients(business_database), mapping(treat("name", Treatment.NULL), step=Step.ANONYMISE)
    place, pass_of = ground(business_database, of), work(of)
    place.next_keys(pass_of, after=None, limit=1)
    secret = "Madame Secrète"
    with business_database.engine.begin() as connection:
        connection.execute(update(table).values(name=secret))
    constraint = {
        "postgresql": "ALTER TABLE client ADD CONSTRAINT named CHECK (name IS NOT NULL)",
        "mariadb": "ALTER TABLE client ADD CONSTRAINT named CHECK (name IS NOT NULL)",
        "sqlite": "CREATE TRIGGER named BEFORE UPDATE ON client WHEN new.name IS NULL"
        " BEGIN SELECT RAISE(ABORT, 'no'); END",
    }[business_database.dialect]
    business_database.run(constraint)
    caught = []
    with pytest.raises(GroundError) as refused:
        place.carry_out(pass_of, [(1,)])
    caught.append((refused.value, "constraint"))
    business_database.run("DROP TABLE client")
    with pytest.raises(GroundError) as refused:
        place.next_keys(pass_of, after=None, limit=1)
    caught.append((refused.value, "schema_changed"))
    with pytest.raises(GroundError) as refused:
        ground(business_database, of).count(pass_of)
    caught.append((refused.value, "schema_changed"))
    for error, cause in caught:
        assert (error.cause, error.may_pass) == (cause, False)
        assert isinstance(error, RuleViolation)
        shown = "".join(traceback.format_exception(error))
        assert "client" not in str(error)
        assert secret not in shown
        assert "Error) " not in shown  # what the driver said
    place.close()


def test_a_database_that_is_not_there_is_told_in_words(business_database):
    url = business_database.url.set(database="nowhere_at_all")
    if business_database.dialect == "sqlite":
        url = business_database.url.set(database="/nowhere/at/all.sqlite")
    with pytest.raises(GroundError) as refused:
        SqlGround(create_engine(url, poolclass=NullPool), mapping()).clock()
    assert refused.value.cause in {"lost", "schema_changed"}


@SEVERAL
def test_a_lost_session_a_full_stop_and_a_read_only_database_have_causes_of_their_own(business_database):
    clients(business_database)
    is_postgresql = business_database.dialect == "postgresql"
    engine, of = create_engine(business_database.url, pool_size=1), mapping()
    place, pass_of = SqlGround(engine, of), work(of)
    place.next_keys(pass_of, after=None, limit=1)
    with engine.connect() as connection:
        mine = connection.scalar(text("SELECT pg_backend_pid()" if is_postgresql else "SELECT CONNECTION_ID()"))
    with business_database.engine.connect() as other:
        other.execute(text(f"SELECT pg_terminate_backend({mine})" if is_postgresql else f"KILL {mine}"))
    with pytest.raises(GroundError) as refused:
        place.next_keys(pass_of, after=None, limit=1)
    assert (refused.value.cause, refused.value.may_pass) == ("lost", True)
    assert place.next_keys(pass_of, after=None, limit=1) == [(1,)]  # the pool makes a new one
    of_mariadb = {"init_command": "SET tx_read_only = 1"}
    only = {"options": "-c default_transaction_read_only=on"} if is_postgresql else of_mariadb
    reader = create_engine(business_database.url, poolclass=NullPool, connect_args=only)
    with pytest.raises(GroundError) as refused:
        SqlGround(reader, of).carry_out(pass_of, [(1,)])
    assert refused.value.cause == "read_only"
    engine.dispose()


def test_nothing_is_written_while_looking(business_database):
    """The transaction itself forbids it, whatever a statement would do."""
    clients(business_database)
    with pytest.raises(GroundError) as refused, reading(business_database.engine) as connection:
        connection.execute(text("DELETE FROM client"))
    assert refused.value.cause == "read_only"


def test_the_clock_is_that_of_the_place_and_aware(business_database):
    now = ground(business_database, mapping()).clock()
    assert now.utcoffset() == timedelta(0)
    assert abs(now.timestamp() - time.time()) < 60


def test_the_fingerprint_changes_with_what_the_mapping_relies_on_and_with_nothing_else(business_database):
    clients(business_database)
    place, seen = ground(business_database, mapping()), []
    trigger = {
        "postgresql": "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER t BEFORE UPDATE ON client FOR EACH ROW EXECUTE FUNCTION f()",
        "mariadb": "CREATE TRIGGER t BEFORE UPDATE ON client FOR EACH ROW SET NEW.name = NEW.name",
        "sqlite": "CREATE TRIGGER t AFTER UPDATE ON client BEGIN SELECT 1; END",
    }[business_database.dialect]
    for statement in (
        "CREATE TABLE pointing (id int PRIMARY KEY, client_id int, FOREIGN KEY (client_id) REFERENCES client (id))",
        "ALTER TABLE client ADD COLUMN more int",
        trigger,
        "CREATE UNIQUE INDEX one_name ON client (name, id)",
    ):
        seen.append(place.fingerprint())
        business_database.run(statement)
    seen.append(place.fingerprint())
    assert len(set(seen)) == 5
    business_database.run("CREATE TABLE unrelated (id int PRIMARY KEY)")
    assert place.fingerprint() == seen[-1]


def test_a_batch_that_another_worker_has_is_undone_with_its_rows_in_hand(business_database):
    class Lost(Exception):
        pass

    def make_sure():
        raise Lost

    table, place, keys = clients(business_database), impatient(business_database, mapping()), [(1,), (2,)]
    with pytest.raises(Lost):
        place.carry_out(work(mapping()), keys, make_sure=make_sure)
    assert len(rows(business_database, table)) == 5
    assert place.carry_out(work(mapping()), keys).erased == ((1,), (2,))
