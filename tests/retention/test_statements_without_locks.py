"""Rows that go with all their child rows are not locked first: unless every one of them goes, nothing is kept of it."""

import pytest
from sqlalchemy import Column, Date, ForeignKey, MetaData, Table, event, insert, update

from retention.ground import Exclusions
from retention.mapping import ChildFate, ChildMapping, Law, TableName, Treatment
from tests.retention.grounds import OLD, YOUNG, filled, ground, mapping, number, rows, treat, words, work

NOTES = ChildMapping(TableName("note"), ("client_id",), ChildFate.ERASE)
OF = mapping(children=(NOTES,))
EVERY = [(1,), (2,), (3,)]
GOING = 'DELETE FROM "note"'


@pytest.fixture
def business(business_postgresql):
    """Three clients whose period is over, each with a note."""
    business_postgresql.clean()
    metadata = MetaData()
    clients = Table("client", metadata, number(), Column("ended_on", Date))
    notes = Table("note", metadata, number(), Column("client_id", ForeignKey("client.id")), words("author"))
    metadata.create_all(business_postgresql.engine)
    filled(business_postgresql, clients, *[{"id": n, "ended_on": OLD} for n in (1, 2, 3)])
    filled(business_postgresql, notes, *[{"id": 10 + n, "client_id": n, "author": "a"} for n in (1, 2, 3)])
    return business_postgresql, clients, notes


def carried_out(database, pass_of, *, meanwhile=None):
    """Carry out the work; return what was done and whether rows were locked first.

    `meanwhile` is committed by another session once the child rows have gone, before their parents do.
    """
    place, said = ground(database, pass_of.mapping), []

    def listen(_connection, _cursor, statement, *_rest):
        is_first = not any(each.startswith(GOING) for each in said)
        said.append(statement)
        if meanwhile is not None and is_first and statement.startswith(GOING):
            with database.engine.begin() as other:
                other.execute(meanwhile)

    event.listen(database.engine, "after_cursor_execute", listen)
    try:
        done = place.carry_out(pass_of, EVERY)
    finally:
        event.remove(database.engine, "after_cursor_execute", listen)
    return done, any("FOR UPDATE" in statement for statement in said)


def test_rows_go_with_their_child_rows_and_no_lock_is_taken_first(business):
    database, clients, notes = business
    done, is_locked = carried_out(database, work(OF))
    assert (done.erased, done.children, is_locked) == (tuple(EVERY), {"note": (3, 0)}, False)
    assert (rows(database, clients), rows(database, notes)) == ([], [])


def test_a_row_that_is_not_due_any_more_keeps_its_child_rows(business):
    database, clients, notes = business
    with database.engine.begin() as connection:
        connection.execute(update(clients).where(clients.c.id == 2).values(ended_on=YOUNG))
    done, is_locked = carried_out(database, work(OF))
    assert (done.erased, done.children, is_locked) == (((1,), (3,)), {"note": (2, 0)}, True)
    assert (rows(database, clients, "id"), rows(database, notes, "id")) == ([(2,)], [(12,)])


def test_a_row_that_comes_to_be_due_later_while_its_child_rows_go_keeps_them(business):
    database, clients, notes = business
    later = update(clients).where(clients.c.id == 2).values(ended_on=YOUNG)
    done, is_locked = carried_out(database, work(OF), meanwhile=later)
    assert (done.erased, is_locked) == (((1,), (3,)), True)
    assert (rows(database, clients, "id"), rows(database, notes, "id")) == ([(2,)], [(12,)])


def test_a_child_row_that_is_added_while_the_others_go_goes_as_well(business):
    database, clients, notes = business
    done, is_locked = carried_out(database, work(OF), meanwhile=insert(notes).values(id=99, client_id=2, author="b"))
    assert (done.erased, done.children, is_locked) == (tuple(EVERY), {"note": (4, 0)}, True)
    assert (rows(database, clients), rows(database, notes)) == ([], [])


@pytest.mark.parametrize("keeping", ["a hold on a person of a child row", "the law"])
def test_rows_whose_child_rows_decide_stay(business, keeping):
    database, clients, notes = business
    law = Law("accounting") if keeping == "the law" else None
    author = treat("author", Treatment.NULL, identity="author")
    child = ChildMapping(NOTES.table, NOTES.foreign_key, NOTES.fate, (author,), law)
    held = Exclusions() if law else Exclusions(people=frozenset({("author", "A")}))
    done, _is_locked = carried_out(
        database, work(mapping(children=(child,)), exclusions=held, law={"accounting": None})
    )
    assert not done.erased
    assert (len(rows(database, clients)), len(rows(database, notes))) == (3, 3)
