"""A ground on the engine that production makes: the checked address, its session settings, its time-outs."""

from sqlalchemy import Column, Date, ForeignKey, MetaData, Table

from retention.mapping import ChildFate, ChildMapping, Step, TableName, Treatment
from retention.sources.connecting import engine_for
from retention.statements.ground import SqlGround
from tests.retention.grounds import OLD, YOUNG, filled, mapping, number, rows, treat, words, work


def test_a_pass_on_the_engine_of_a_source(business_database, login, places):
    metadata = MetaData()
    table = Table("client", metadata, number(), Column("ended_on", Date), words("name"))
    notes = Table("note", metadata, number(), Column("client_id", ForeignKey("client.id")))
    metadata.create_all(business_database.engine)
    filled(
        business_database, table, *[{"id": n, "ended_on": OLD if n < 4 else YOUNG, "name": "n"} for n in range(1, 6)]
    )
    filled(business_database, notes, {"id": 1, "client_id": 1}, {"id": 2, "client_id": 4})
    children = (ChildMapping(TableName("note"), ("client_id",), ChildFate.ERASE),)
    for of, treated in (
        (mapping(treat("name", Treatment.FILLER, identity="name"), step=Step.ANONYMISE), ((1,), (2,), (3,))),
        (mapping(children=children), ()),
    ):
        place, pass_of = SqlGround(engine_for(login, places=places, lock_seconds=1), of), work(of)
        place.refuse(pass_of)
        before, keys = place.fingerprint(), place.next_keys(pass_of, after=None, limit=9)
        assert (place.count(pass_of).due, keys) == (3, [(1,), (2,), (3,)])
        with business_database.engine.connect() as other:
            if business_database.dialect == "sqlite":
                other.exec_driver_sql("BEGIN IMMEDIATE")
                assert place.carry_out(pass_of, keys).locked == tuple(keys)
        done = place.carry_out(pass_of, keys)
        assert (done.treated, done.erased or treated) == (treated, tuple(keys))
        assert (place.gone(pass_of, keys), place.still_due(pass_of, keys)) == (keys, [])
        assert place.fingerprint() == before
        place.close()
    assert rows(business_database, table, "id") == [(4,), (5,)]
    assert rows(business_database, notes, "id") == [(2,)]
