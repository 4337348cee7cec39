"""What becomes of columns where rows stay: each treatment, recognised afterwards, so that nothing is done twice."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Boolean, Column, Date, DateTime, ForeignKey, Integer, MetaData, Numeric, Table, text, update

from retention import made_values
from retention.errors import GroundError
from retention.mapping import ChildFate, ChildMapping, Step, TableName, Treatment
from tests.retention.grounds import (
    DAY,
    OLD,
    YOUNG,
    cut_off,
    filled,
    ground,
    instant,
    made,
    mapping,
    number,
    rows,
    treat,
    words,
    work,
)

ALL = [(1,), (2,), (3,), (4,), (5,)]


def clients(database):
    table = made(
        database, number(), Column("ended_on", Date), words("email", 60, unique=True), words("name"), words("comment"),
        words("postcode", 10), Column("born_on", Date), Column("seen_at", DateTime), instant("moved_at"),
        Column("is_known", Boolean), Column("score", Numeric(6, 2)), words("state", nullable=False),
    )  # fmt: skip
    moved = datetime(2019, 12, 31, 23, 30, tzinfo=UTC)  # in Paris, 2020 has begun
    moved = moved if database.dialect == "postgresql" else moved.replace(tzinfo=None)
    everything = {
        "ended_on": OLD, "email": "a@acme.example", "name": "Zoé", "comment": "called", "postcode": "69 001",
        "born_on": date(1980, 7, 14), "seen_at": datetime.fromisoformat("2021-03-04T05:06:00"), "moved_at": moved,
        "is_known": True, "score": 7, "state": "gone",
    }  # fmt: skip
    with database.engine.begin() as connection:
        if database.dialect == "mariadb":
            connection.execute(text("SET time_zone = '+00:00'"))
        lines = [
            {**everything, "id": 1},
            {**everything, "id": 2, "email": "b@acme.example", "postcode": "2A004"},
            {**dict.fromkeys(everything), "id": 3, "ended_on": OLD, "state": "gone"},
            {**everything, "id": 4, "email": "d@acme.example", "ended_on": YOUNG},
            {**everything, "id": 5, "email": "e@acme.example", "ended_on": None},
        ]
        for line in lines:
            connection.execute(table.insert(), [line])
    return table


TREATED = (
    treat("email", Treatment.FILLER, identity="email"),
    treat("name", Treatment.KEYED_HASH, identity="name"),
    treat("comment", Treatment.NULL),
    treat("postcode", Treatment.TRUNCATED_POSTCODE),
    treat("born_on", Treatment.YEAR_ONLY),
    treat("seen_at", Treatment.YEAR_ONLY),
    treat("moved_at", Treatment.YEAR_ONLY),
    treat("is_known", Treatment.CONSTANT, constant="false"),
    treat("score", Treatment.CONSTANT, constant="0.50"),
    treat("state", Treatment.CONSTANT, constant="anonymised"),
)


def test_each_column_gets_its_treatment_and_rows_that_are_not_due_keep_theirs(business_database):
    table, of = clients(business_database), mapping(*TREATED, step=Step.ANONYMISE)
    before = rows(business_database, table)
    place, pass_of = ground(business_database, of), work(of)
    place.refuse(pass_of)
    counts = place.count(pass_of)
    assert (counts.rows, counts.due, counts.erased, counts.treated, counts.without_events) == (5, 3, 0, 3, 1)
    assert counts.oldest_on == OLD
    done = place.carry_out(pass_of, ALL)
    assert done.treated == ((1,), (2,), (3,))
    assert (done.erased, done.locked) == ((), ())
    after = {row[0]: dict(zip(table.c.keys(), row, strict=True)) for row in rows(business_database, table)}
    assert [after[4], after[5]] == [dict(zip(table.c.keys(), row, strict=True)) for row in before[3:]]
    first, second, empty = after[1], after[2], after[3]
    assert first["email"].startswith("gr1-")
    assert first["email"].endswith("@anonyme.invalid")
    assert first["email"] != second["email"]
    assert first["name"] == second["name"] == made_values.keyed_hash("Zoé", secret=pass_of.secret, digits=32)
    assert [first["comment"], first["is_known"], str(first["score"]), first["state"]] == [
        None,
        False,
        "0.50",
        "anonymised",
    ]
    assert [first["postcode"], second["postcode"]] == ["69000", "2A000"]
    assert (first["born_on"], first["seen_at"]) == (date(1980, 1, 1), datetime.fromisoformat("2021-01-01"))
    begin = {
        "postgresql": datetime(2019, 12, 31, 23, tzinfo=UTC), "mariadb": None,
        "sqlite": datetime.fromisoformat("2019-01-01"),
    }[business_database.dialect]  # fmt: skip
    if begin is not None:
        assert first["moved_at"] == begin
    assert {name: value for name, value in empty.items() if value is not None} == {
        "id": 3, "ended_on": OLD, "is_known": False, "score": first["score"], "state": "anonymised"
    }  # fmt: skip


def test_a_treated_row_is_not_due_again_even_under_another_secret(business_database):
    table, of = clients(business_database), mapping(*TREATED, step=Step.ANONYMISE)
    place, pass_of = ground(business_database, of), work(of)
    keys = place.next_keys(pass_of, after=None, limit=9)
    assert keys == ALL[:3]
    assert place.gone(pass_of, ALL) == []
    place.carry_out(pass_of, keys)
    treated, later = rows(business_database, table), replace(pass_of, secret=b"of the next run")
    assert place.next_keys(later, after=None, limit=9) == place.still_due(later, ALL) == []
    assert place.gone(later, keys) == keys
    assert place.carry_out(later, keys).treated == ()
    assert place.count(later).due == 0
    assert rows(business_database, table) == treated


def test_a_row_that_somebody_filled_again_is_due_again_and_what_was_made_before_stays(business_database):
    table, of = clients(business_database), mapping(*TREATED, step=Step.ANONYMISE)
    place, pass_of = ground(business_database, of), work(of)
    place.carry_out(pass_of, ALL)
    (made_before,) = {row[1] for row in rows(business_database, table, "id", "email") if row[0] == 1}
    with business_database.engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == 1).values(comment="called again"))
    later = replace(pass_of, secret=b"of the next run")
    assert place.next_keys(later, after=None, limit=9) == [(1,)]
    assert place.carry_out(later, [(1,)]).treated == ((1,),)
    assert rows(business_database, table, "id", "email", "comment")[0] == (1, made_before, None)


def test_limited_access_sets_one_column_and_nothing_else(business_database):
    table = clients(business_database)
    of = mapping(step=Step.LIMIT_ACCESS, access_column="state", access_value="archived")
    before, place, pass_of = rows(business_database, table), ground(business_database, of), work(of)
    place.refuse(pass_of)
    assert place.carry_out(pass_of, ALL).treated == ((1,), (2,), (3,))
    assert [row[:-1] for row in rows(business_database, table)] == [row[:-1] for row in before]
    assert [row[-1] for row in rows(business_database, table)] == ["archived"] * 3 + ["gone"] * 2
    assert place.next_keys(pass_of, after=None, limit=9) == []
    assert place.gone(pass_of, ALL) == ALL[:3]


def test_a_suppression_list_keeps_what_honours_an_objection(business_database):
    table = made(business_database, number(), Column("ended_on", Date), words("email"), words("phone"), words("name"))
    filled(business_database, table, {"id": 1, "ended_on": OLD, "email": "a@x", "phone": "+33 1", "name": "Zoé"})
    columns = (
        treat("email", Treatment.KEEP, identity="email"),
        treat("phone", Treatment.KEYED_HASH, identity="phone"),
        treat("name", Treatment.NULL, identity="name"),
    )
    of = mapping(*columns, step=Step.SUPPRESSION_LIST)
    place, pass_of = ground(business_database, of), work(of)
    place.refuse(pass_of)
    assert place.carry_out(pass_of, [(1,)]).treated == ((1,),)
    ((_id, _on, email, phone, name),) = rows(business_database, table)
    assert (email, name) == ("a@x", None)
    assert phone.startswith("gr1:")


def test_an_archived_row_stands_in_the_archive_alone(business_database):
    names = ("name", "comment", 'a"b`c%d:e')

    def columns():
        return [number(), Column("ended_on", Date), *[words(name) for name in names]]

    table = made(business_database, *columns())
    archive = made(business_database, *columns(), name="client_archive")
    line = {"ended_on": OLD, "name": "Zoé", "comment": "called", 'a"b`c%d:e': "odd"}
    filled(business_database, table, {**line, "id": 1}, {**line, "id": 2, "ended_on": YOUNG})
    treated = (treat("name", Treatment.ARCHIVE_ONLY), treat("comment", Treatment.NULL))
    of = mapping(*treated, step=Step.ARCHIVE, archive=TableName("client_archive"))
    place, pass_of = ground(business_database, of), work(of)
    place.refuse(pass_of)
    assert place.carry_out(pass_of, [(1,), (2,)]).erased == ((1,),)
    assert rows(business_database, table, "id") == [(2,)]
    assert rows(business_database, archive) == [(1, OLD, "Zoé", None, "odd")]
    assert place.gone(pass_of, [(1,)]) == [(1,)]


def test_an_archive_that_refuses_a_row_leaves_everything_as_it_was(business_database):
    table = made(business_database, number(), Column("ended_on", Date))
    archive = made(business_database, number(), Column("ended_on", Date), name="client_archive")
    filled(business_database, table, {"id": 1, "ended_on": OLD}, {"id": 2, "ended_on": OLD})
    filled(business_database, archive, {"id": 2, "ended_on": OLD})
    of = mapping(step=Step.ARCHIVE, archive=TableName("client_archive"))
    with pytest.raises(GroundError) as refused:
        ground(business_database, of).carry_out(work(of), [(1,), (2,)])
    assert refused.value.cause == "constraint"
    assert len(rows(business_database, table)) == 2
    assert len(rows(business_database, archive)) == 1


def test_child_rows_are_treated_each_by_its_own_key(business_database):
    metadata = MetaData()
    table = Table("client", metadata, number(), Column("ended_on", Date))
    child = Table(
        "message", metadata, number(), Column("client_id", ForeignKey("client.id")), words("author"), words("body"),
        Column("length", Integer),
    )  # fmt: skip
    metadata.create_all(business_database.engine)
    filled(business_database, table, {"id": 1, "ended_on": OLD}, {"id": 2, "ended_on": YOUNG})
    lines = [{"id": n, "client_id": 1 + n % 2, "author": f"a{n // 2}", "body": "text", "length": n} for n in range(4)]
    filled(business_database, child, *lines)
    columns = (
        treat("author", Treatment.KEYED_HASH, identity="name"),
        treat("body", Treatment.NULL),
        treat("length", Treatment.KEEP),
    )
    children = (ChildMapping(TableName("message"), ("client_id",), ChildFate.TREAT, columns),)
    of = mapping(step=Step.ANONYMISE, children=children)
    place, pass_of = ground(business_database, of), work(of)
    place.refuse(pass_of)
    assert place.count(pass_of).children == {"message": (0, 2)}
    done = place.carry_out(pass_of, [(1,), (2,)])
    assert (done.treated, dict(done.children)) == (((1,),), {"message": (0, 2)})
    (a, b), young = [row for row in rows(business_database, child) if row[1] == 1], rows(business_database, child)[1]
    assert a[2].startswith("gr1:")
    assert a[2] != b[2]
    assert (a[3], a[4], young[2:]) == (None, 0, ("a0", "text", 1))
    assert place.still_due(pass_of, [(1,)]) == []
    assert place.gone(pass_of, [(1,)]) == [(1,)]


def test_mysql_does_not_take_a_treatment_for_a_change_made_by_the_business(another_business_database):
    """A column that MySQL dates at each change would otherwise start the clock again."""
    database = another_business_database("mariadb")
    database.run(
        "CREATE TABLE client (id int PRIMARY KEY, name varchar(60),"
        " changed_at datetime DEFAULT '2019-05-06 07:08:09' ON UPDATE CURRENT_TIMESTAMP)",
        "INSERT INTO client (id, name) VALUES (1, 'Zoé'), (2, 'Léa')",
    )
    for treatment, key in ((Treatment.NULL, 1), (Treatment.KEYED_HASH, 2)):
        of = mapping(treat("name", treatment), step=Step.ANONYMISE, events={"termination": "changed_at"})
        place, pass_of = ground(database, of), work(of, cut_off=cut_off(DAY))
        assert place.carry_out(pass_of, [(key,)]).treated == ((key,),)
    with database.engine.connect() as connection:
        found = connection.execute(text("SELECT DISTINCT changed_at FROM client")).scalars().all()
    assert found == [datetime.fromisoformat("2019-05-06T07:08:09")]


def test_no_value_is_made_without_the_secret_of_the_run(another_business_database):
    database = another_business_database("sqlite")
    table, of = clients(database), mapping(*TREATED, step=Step.ANONYMISE)
    before = rows(database, table)
    with pytest.raises(RuntimeError, match="secret"):
        ground(database, of).carry_out(replace(work(of), secret=b""), ALL)
    assert rows(database, table) == before
