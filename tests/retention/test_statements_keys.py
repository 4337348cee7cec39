"""Keys of every kind, as plain scalars and back, walked in their order; names that are made to break statements."""

import json
import uuid
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Uuid,
    event,
    text,
)
from sqlalchemy.dialects.mysql import VARBINARY

from retention.ground import Exclusions
from retention.mapping import ChildFate, ChildMapping, Step, TableName, Treatment
from tests.retention.grounds import OLD, filled, ground, made, mapping, number, rows, treat, words, work

UUIDS = [uuid.uuid5(uuid.NAMESPACE_DNS, str(n)) for n in range(5)]
HOSTILE = "Drôle de 'table' %s %(a)s :b ; -- sélect 100%"


def key_columns(kind):
    """Return the key columns of a table and five values of each."""
    return {
        "bigint": ([Column("id", BigInteger, primary_key=True, autoincrement=False)], [(2**40 + n,) for n in range(5)]),
        "text": ([words("id", 40, primary_key=True)], [("a",), ("a'b",), ("b%s",), ("ça",), ("zz\\",)]),
        "uuid": ([Column("id", Uuid, primary_key=True)], [(each,) for each in UUIDS]),
        "date and number": (
            [Column("on", Date, primary_key=True), number()],
            [
                (date(2020, 1, 1), 2),
                (date(2020, 1, 1), 3),
                (date(2020, 1, 2), 1),
                (date(2021, 1, 1), 0),
                (date(2021, 1, 1), 9),
            ],
        ),
        "three columns": (
            [words("a", 9, primary_key=True), number("b"), Column("c", BigInteger, primary_key=True)],
            [("x", 1, 1), ("x", 1, 2), ("x", 2, 0), ("y", 0, 0), ("y", 0, 1)],
        ),
        "decimal": ([Column("id", Numeric(12, 0), primary_key=True)], [(Decimal(n),) for n in (1, 9, 10, 11, 100)]),
        "binary": (
            [Column("id", LargeBinary(16), primary_key=True)],
            [(bytes([n]) * 16,) for n in (1, 2, 3, 128, 255)],
        ),
    }[kind]


KINDS = ("bigint", "text", "uuid", "date and number", "three columns", "decimal", "binary")


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_any_kind_are_walked_in_order_kept_as_json_and_found_again(business_database, kind):
    if kind == "binary" and business_database.dialect == "mariadb":
        columns, values = [Column("id", VARBINARY(16), primary_key=True)], key_columns(kind)[1]
    else:
        columns, values = key_columns(kind)
    names = [column.name for column in columns]
    table = made(business_database, *columns, Column("ended_on", Date), words("name"))
    filled(
        business_database,
        table,
        *[{**dict(zip(names, key, strict=True)), "ended_on": OLD, "name": "n"} for key in values],
    )
    of = mapping(treat("name", Treatment.FILLER), step=Step.ANONYMISE, key=tuple(names))
    place, pass_of = ground(business_database, of), work(of)
    place.refuse(pass_of)
    first = place.next_keys(pass_of, after=None, limit=2)
    others = place.next_keys(pass_of, after=first[-1], limit=9)
    keys = [tuple(key) for key in json.loads(json.dumps([*first, *others]))]
    assert (len(first), keys) == (2, [*first, *others])
    if kind not in {"text", "uuid"}:  # which have an order of the database's own
        assert [row[: len(names)] for row in rows(business_database, table)] == values
    assert len(set(keys)) == 5
    assert all(isinstance(value, int | str) for key in keys for value in key)
    assert place.carry_out(pass_of, keys[:3]).treated == tuple(keys[:3])
    assert place.still_due(pass_of, keys) == keys[3:]
    assert place.gone(pass_of, keys) == keys[:3]
    erasing = mapping(key=tuple(names))
    going, held = ground(business_database, erasing), work(erasing, exclusions=Exclusions(keys=frozenset(keys[:1])))
    assert going.next_keys(held, after=None, limit=9) == keys[1:]
    assert going.carry_out(held, keys).erased == tuple(keys[1:])
    assert going.gone(held, keys) == keys[1:]


def test_names_that_are_made_to_break_statements_do_not(business_database):
    metadata = MetaData()
    parent = Table(HOSTILE, metadata, number("id %d"), Column("end: on", Date), words('na"me'), words("`'%(x)s"))
    link, pointing = (
        Column("parent's id", Integer),
        ForeignKeyConstraint(["parent's id"], [parent.c["id %d"]], name="fk"),
    )
    child = Table("child) --", metadata, number("n"), link, words("say \\ %"), pointing)
    metadata.create_all(business_database.engine)
    lines = [{"id %d": n, "end: on": OLD, 'na"me': "n", "`'%(x)s": "'; DROP TABLE x; --"} for n in (1, 2)]
    filled(business_database, parent, *lines)
    filled(business_database, child, {"n": 1, "parent's id": 1, "say \\ %": "x"})
    columns = (
        treat('na"me', Treatment.KEYED_HASH, identity="name"),
        treat("`'%(x)s", Treatment.CONSTANT, constant="%s :b '"),
    )
    hanging = ChildMapping(
        TableName("child) --"), ("parent's id",), ChildFate.TREAT, (treat("say \\ %", Treatment.FILLER),)
    )
    of = mapping(
        *columns, table=TableName(HOSTILE), key=("id %d",), events={"termination": "end: on"}, step=Step.ANONYMISE,
        children=(hanging,),
    )  # fmt: skip
    place, pass_of = ground(business_database, of), work(of)
    place.refuse(pass_of)
    assert place.count(pass_of).due == 2
    assert len(place.fingerprint()) == 64
    done = place.carry_out(pass_of, place.next_keys(pass_of, after=None, limit=9))
    assert (done.treated, list(done.children.values())) == (((1,), (2,)), [(0, 1)])
    assert {row[3] for row in rows(business_database, parent)} == {"%s :b '"}
    assert place.still_due(pass_of, [(1,), (2,)]) == []


def test_the_next_keys_are_found_by_walking_the_primary_key(business_database):
    """With a composite key too, no engine sorts the table nor reads what lies before."""
    table = made(business_database, number("a"), number("b"), Column("ended_on", Date), words("name", 200))
    filled(
        business_database,
        table,
        *[{"a": n // 50, "b": n % 50, "ended_on": OLD, "name": "x" * 150} for n in range(2000)],
    )
    of = mapping(key=("a", "b"))
    place, pass_of, plans = ground(business_database, of), work(of), []
    explain = {"postgresql": "EXPLAIN ", "mariadb": "EXPLAIN ", "sqlite": "EXPLAIN QUERY PLAN "}[
        business_database.dialect
    ]
    with business_database.engine.begin() as connection:
        connection.execute(text("ANALYZE" + (" TABLE client" if business_database.dialect == "mariadb" else "")))

    @event.listens_for(business_database.engine, "before_cursor_execute", retval=False)
    def explained(connection, cursor, statement, parameters, context, executemany):
        if "LIMIT" in statement:
            cursor.execute(explain + statement, parameters)
            plans.extend(str(row) for row in cursor.fetchall())

    assert place.next_keys(pass_of, after=(30, 10), limit=3) == [(30, 11), (30, 12), (30, 13)]
    event.remove(business_database.engine, "before_cursor_execute", explained)
    plan = " ".join(plans)
    assert {"postgresql": "Index Scan using client_pkey", "mariadb": "'PRIMARY'", "sqlite": "USING INDEX"}[
        business_database.dialect
    ] in plan
    for unwanted in ("Sort", "Seq Scan", "filesort", "TEMP B-TREE"):
        assert unwanted not in plan
