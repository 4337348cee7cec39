"""Only the difference goes: what the law orders to keep, what another rule needs, what a hold or a request keeps."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Column, Date, ForeignKey, MetaData, Table, update

from retention.ground import Cover, Done, Exclusions
from retention.mapping import ChildFate, ChildMapping, Law, Step, TableName, Treatment
from tests.retention.grounds import (
    DAY,
    OLD,
    YOUNG,
    cut_off,
    filled,
    ground,
    made,
    mapping,
    number,
    rows,
    treat,
    words,
    work,
)

FREE = date(2013, 12, 31)  # documents up to this day are free
INVOICE = Law("invoice", "issued_on")
NAMES = (treat("name", Treatment.NULL, identity="name"), treat("email", Treatment.FILLER, identity="email"))


def client_columns():
    return [number(), Column("ended_on", Date), words("name"), words("email"), Column("seen_on", Date), words("state")]


@pytest.fixture
def business(business_database):
    """Clients 1 (no child), 2 (free invoice), 3 (kept invoice and a note), 4 (undated invoice), 5 (young)."""
    metadata = MetaData()
    clients = Table("client", metadata, *client_columns())
    hanging = [Column("client_id", ForeignKey("client.id")), Column("issued_on", Date)]
    invoices = Table("invoice", metadata, number(), *hanging, words("address"))
    notes = Table("note", metadata, number(), Column("client_id", ForeignKey("client.id")), words("author"))
    metadata.create_all(business_database.engine)
    lines = [
        {
            "id": n,
            "ended_on": YOUNG if n == 5 else OLD,
            "name": f"n{n}",
            "email": f"{n}@x",
            "seen_on": OLD,
            "state": "gone",
        }
        for n in range(1, 6)
    ]
    filled(business_database, clients, *lines)
    issued = [(1, 2, FREE), (2, 3, FREE), (3, 3, date(2014, 1, 1)), (4, 4, None), (5, 5, FREE)]
    filled(
        business_database,
        invoices,
        *[{"id": n, "client_id": c, "issued_on": on, "address": "a"} for n, c, on in issued],
    )
    filled(business_database, notes, *[{"id": n, "client_id": c, "author": "me"} for n, c in ((1, 3), (2, 5))])
    return business_database, clients, invoices, notes


KEPT = (treat("seen_on", Treatment.KEEP), treat("state", Treatment.KEEP))


def with_invoices(**changes):
    children = (
        ChildMapping(TableName("invoice"), ("client_id",), ChildFate.ERASE, law=INVOICE),
        ChildMapping(TableName("note"), ("client_id",), ChildFate.ERASE),
    )
    return mapping(*NAMES, *KEPT, children=children, **changes)


def test_the_law_keeps_the_invoice_and_the_row_it_hangs_on_and_the_rest_goes(business):
    database, clients, invoices, notes = business
    of = with_invoices()
    place, pass_of = ground(database, of), work(of, law={"invoice": FREE})
    place.refuse(pass_of)
    counts = place.count(pass_of)
    assert (counts.due, counts.erased, counts.treated) == (4, 2, 2)
    assert counts.children == {"invoice": (2, 0), "note": (1, 0)}
    assert counts.kept_by_law == {"invoice": 2}
    keys = place.next_keys(pass_of, after=None, limit=9)
    assert keys == [(1,), (2,), (3,), (4,)]
    done = place.carry_out(pass_of, [*keys, (5,)])
    assert (done.erased, done.treated) == (((1,), (2,)), ((3,), (4,)))
    assert done.children == {"invoice": (2, 0), "note": (1, 0)}
    assert rows(database, invoices, "id") == [(3,), (4,), (5,)]
    assert rows(database, notes, "id") == [(2,)]
    kept = rows(database, clients, "id", "name", "ended_on")
    assert kept == [(3, None, OLD), (4, None, OLD), (5, "n5", YOUNG)]
    assert place.still_due(pass_of, keys) == []
    assert place.gone(pass_of, keys) == keys


def test_what_the_law_kept_goes_once_its_period_is_over_and_not_twice_before(business):
    database, clients, invoices, _notes = business
    of = with_invoices()
    place, pass_of = ground(database, of), work(of, law={"invoice": FREE})
    place.carry_out(pass_of, [(3,), (4,)])
    assert place.carry_out(pass_of, [(3,), (4,)]) == Done()
    later = replace(pass_of, law={"invoice": date(2014, 1, 1)})
    assert place.next_keys(later, after=(2,), limit=9) == [(3,)]  # 4 has an invoice that nothing dates: never
    assert place.gone(later, [(3,)]) == []
    assert place.carry_out(later, [(3,), (4,)]).erased == ((3,),)
    assert rows(database, invoices, "id") == [(1,), (4,), (5,)]
    assert (3,) not in rows(database, clients, "id")


@pytest.mark.parametrize("business_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("law", [{}, {"invoice": None}, {"payslip": date(2030, 1, 1)}])
def test_a_domain_of_which_nothing_is_free_keeps_every_document(business, law):
    database, _clients, invoices, _notes = business
    of = with_invoices()
    place, pass_of = ground(database, of), work(of, law=law)
    assert place.carry_out(pass_of, [(1,), (2,), (3,), (4,)]).erased == ((1,),)
    assert len(rows(database, invoices)) == 5
    assert place.count(pass_of).kept_by_law == {"invoice": 4}


def test_a_row_that_is_a_document_itself_stays_untouched(business):
    database, _clients, invoices, _notes = business
    of = mapping(
        treat("address", Treatment.NULL, identity="address"), table=TableName("invoice"), law=INVOICE,
        events={"termination": "issued_on"},
    )  # fmt: skip
    place, pass_of = ground(database, of), work(of, law={"invoice": FREE}, cut_off=cut_off(date(2020, 1, 1)))
    place.refuse(pass_of)
    assert place.carry_out(pass_of, [(n,) for n in range(1, 6)]).erased == ((1,), (2,), (5,))
    assert rows(database, invoices, "id", "address") == [(3, "a"), (4, "a")]
    assert place.count(pass_of).kept_by_law == {"invoice": 1}  # the undated one has no event either


def test_a_column_under_law_keeps_itself_its_date_and_its_row(business):
    database, clients, *_others = business
    columns = (
        treat("name", Treatment.NULL, identity="name", law=Law("accounting_document", "seen_on")),
        treat("email", Treatment.NULL, identity="email"),
        treat("state", Treatment.NULL),
        treat("seen_on", Treatment.YEAR_ONLY),
    )
    children = with_invoices().children
    of = mapping(*columns, children=tuple(replace(child, law=None) for child in children))
    place = ground(database, of)
    with database.engine.begin() as connection:
        connection.execute(update(clients).where(clients.c.id == 2).values(name=None))
        connection.execute(update(clients).where(clients.c.id == 3).values(seen_on=date(2010, 5, 5)))
    pass_of = work(of, law={"accounting_document": FREE})
    place.refuse(pass_of)
    done = place.carry_out(pass_of, [(1,), (2,), (3,), (4,)])
    assert (done.erased, done.treated) == (((2,), (3,)), ((1,), (4,)))  # 2 holds nothing, 3 is free
    kept = [(n, f"n{n}", None, None, OLD) for n in (1, 4)]
    assert rows(database, clients, "id", "name", "email", "state", "seen_on")[:2] == kept
    assert place.still_due(pass_of, [(1,), (4,)]) == []
    assert place.count(pass_of).kept_by_law == {"accounting_document": 2}


def cover(**changes):
    plain = Cover("other-rule", frozenset({"email"}), cut_off(date(2019, 1, 1), "contact"), {"contact": "seen_on"})
    return replace(plain, **changes)


def test_another_rule_keeps_its_columns_until_it_is_over_for_the_row(business_database):
    table = made(business_database, *client_columns())
    seen = {1: OLD, 2: date(2018, 1, 1), 3: None, 4: OLD}
    filled(business_database, table, *[
        {"id": n, "ended_on": OLD, "name": "n", "email": "e@x", "seen_on": on, "state": "other" if n == 4 else "gone"}
        for n, on in seen.items()
    ])  # fmt: skip
    of = mapping(*NAMES, treat("seen_on", Treatment.KEEP), treat("state", Treatment.KEEP))
    place = ground(business_database, of)
    pass_of = work(of, covers=(cover(state_column="state", state_values=("gone",)),))
    place.refuse(pass_of)
    counts = place.count(pass_of)
    assert (counts.erased, counts.treated, counts.kept_by_rules) == (2, 2, {"other-rule": 2})
    done = place.carry_out(pass_of, [(n,) for n in seen])
    assert (done.erased, done.treated) == (((2,), (4,)), ((1,), (3,)))  # over for 2; 4 is not in its state
    assert rows(business_database, table, "id", "name", "email") == [(1, None, "e@x"), (3, None, "e@x")]
    assert place.still_due(pass_of, [(1,), (3,)]) == []
    assert place.next_keys(work(of), after=None, limit=9) == [(1,), (3,)]  # once the other rule is gone


@pytest.mark.parametrize("business_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", [Step.ERASE, Step.ANONYMISE, Step.LIMIT_ACCESS])
def test_a_rule_over_whole_rows_or_one_that_can_execute_nothing_keeps_them(business_database, step):
    table = made(business_database, *client_columns())
    filled(business_database, table, {"id": 1, "ended_on": OLD, "name": "n", "email": "e@x", "seen_on": OLD})
    of = mapping(*NAMES, step=step, access_column="state", access_value="shut")
    place, keeping = ground(business_database, of), cover(columns=frozenset())
    for kept in (keeping, replace(keeping, cut_off=None)):
        pass_of = work(of, covers=(kept,))
        assert place.carry_out(pass_of, [(1,)]).erased == place.carry_out(pass_of, [(1,)]).treated == ()
        assert place.next_keys(pass_of, after=None, limit=9) == []
        assert place.gone(pass_of, [(1,)]) == []
    over = work(of, covers=(replace(keeping, cut_off=cut_off(DAY, "contact")),))
    assert place.next_keys(over, after=None, limit=9) == [(1,)]
    assert rows(business_database, table, "name") == [("n",)]


def test_a_column_that_dates_the_other_rule_is_not_shortened_while_it_lasts(business_database):
    """Moved to the first of January, the date would bring the other rule's end forward."""
    table = made(business_database, *client_columns())
    filled(business_database, table, {"id": 1, "ended_on": OLD, "name": "n", "email": "e@x", "seen_on": OLD})
    of = mapping(*NAMES, treat("seen_on", Treatment.YEAR_ONLY), treat("state", Treatment.KEEP), step=Step.ANONYMISE)
    place, pass_of = ground(business_database, of), work(of, covers=(cover(cut_off=None),))
    assert place.carry_out(pass_of, [(1,)]).treated == ((1,),)
    assert rows(business_database, table, "name", "email", "seen_on") == [(None, "e@x", OLD)]


HELD = {
    "by key": Exclusions(keys=frozenset({(2,)})),
    "by an identifier, whatever its case": Exclusions(people=frozenset({("email", "ÉLODIE@ACME.example ")})),
    "by an identifier in a child row": Exclusions(people=frozenset({("author", "witness")})),
    "everything": Exclusions(everything=True),
}


@pytest.mark.parametrize("held", HELD)
def test_a_hold_keeps_the_row_and_its_children_from_every_statement(business, held):
    database, clients, invoices, notes = business
    with database.engine.begin() as connection:
        connection.execute(update(clients).where(clients.c.id == 2).values(email=" \tÉlodie@acme.Example\n"))
        connection.execute(update(notes).where(notes.c.id == 1).values(client_id=2, author="Witness"))
    author = treat("author", Treatment.NULL, identity="author")
    children = (
        ChildMapping(TableName("invoice"), ("client_id",), ChildFate.ERASE),
        ChildMapping(TableName("note"), ("client_id",), ChildFate.ERASE, (author,)),
    )
    of = mapping(*NAMES, children=children)
    pass_of = work(of, exclusions=HELD[held])
    place, kept = ground(database, of), [1, 2, 3, 4] if held == "everything" else [2]
    counts = place.count(pass_of)
    assert (counts.held, counts.due) == (len(kept), 4 - len(kept))
    expected = [(n,) for n in (1, 2, 3, 4) if n not in kept]
    assert place.next_keys(pass_of, after=None, limit=9) == expected
    assert list(place.carry_out(pass_of, [(1,), (2,), (3,), (4,)]).erased) == expected
    assert rows(database, clients, "id") == [(n,) for n in (*kept, 5)]
    assert (1,) in rows(database, invoices, "id")
    assert (1,) in rows(database, notes, "id")
    assert place.still_due(pass_of, [(2,)]) == []
    assert place.gone(pass_of, [(2,)]) == []
    assert (2,) in place.next_keys(replace(pass_of, exclusions=Exclusions()), after=None, limit=9)
