"""Every reason why a mapping may not run in a database, said at once; and what is accepted."""

from datetime import date

import pytest

from retention.errors import MappingRefused
from retention.ground import Cover
from retention.mapping import ChildFate, ChildMapping, Law, Step, TableName, Treatment
from tests.retention.grounds import cut_off, ground, mapping, treat, work

SCHEMA = """
CREATE TABLE client (id integer PRIMARY KEY, ended_on date, code int NOT NULL, email varchar(40) NOT NULL UNIQUE,
    name varchar(10), note varchar(60), doubled int GENERATED ALWAYS AS (code * 2) STORED, town_id int,
    first varchar(20), last varchar(20), opened_on date NOT NULL, UNIQUE (first, last))
CREATE TABLE invoice (id integer PRIMARY KEY, client_id int, issued_on date, label varchar(40),
    FOREIGN KEY (client_id) REFERENCES client (id))
CREATE TABLE line (id integer PRIMARY KEY, invoice_id int, FOREIGN KEY (invoice_id) REFERENCES invoice (id))
CREATE TABLE town (id integer PRIMARY KEY)
CREATE TABLE visit (id integer PRIMARY KEY, town_id int, name varchar(40), seen_on date,
    FOREIGN KEY (town_id) REFERENCES town (id) ON DELETE CASCADE)
CREATE TABLE loose (id integer PRIMARY KEY, client_id int, label varchar(9))
CREATE TABLE poll (id integer PRIMARY KEY, visit_id int,
    FOREIGN KEY (visit_id) REFERENCES visit (id) ON DELETE SET NULL)
CREATE TABLE shelf (id integer PRIMARY KEY, ended_on int, extra int NOT NULL)
CREATE TABLE tree (id integer PRIMARY KEY, ended_on date, above int, FOREIGN KEY (above) REFERENCES tree (id))
"""
TREE = TableName("tree")
VISIT = TableName("visit")


def child(name="invoice", key="client_id", fate=ChildFate.ERASE, *columns, **changes):
    return ChildMapping(TableName(name), (key,), fate, columns, **changes)


def anonymising(*columns, **changes):
    declared = {each.name for each in columns}
    rest = [
        treat(n, Treatment.KEEP) for n in ("code", "email", "name", "note", "doubled", "first", "last", "opened_on")
    ]
    return mapping(*columns, *[each for each in rest if each.name not in declared], step=Step.ANONYMISE, **changes)


K, N, C, F, H = Treatment.KEEP, Treatment.NULL, Treatment.CONSTANT, Treatment.FILLER, Treatment.KEYED_HASH
REFUSED = {
    "no table": (mapping(table=TableName("nobody")), "no table “nobody”"),
    "no child table": (mapping(children=(child("nobody"),)), "no table “nobody”"),
    "no column": (mapping(treat("nothing", N)), "no column “nothing”"),
    "no column of a law": (mapping(law=Law("invoice", "nothing")), "no column “nothing”"),
    "a key that is not unique": (mapping(key=("town_id",)), "no unique key"),
    "no key": (mapping(key=()), "The key of “client” is missing"),
    "an event without a column": (mapping(events={}), "“termination”: name the column"),
    "an event that is no date": (mapping(events={"termination": "note"}), "“client.note” dates an event"),
    "a document date that is none": (mapping(law=Law("invoice", "note")), "“client.note” dates a document"),
    "a state of another type": (
        mapping(state_column="code", state_values=("gone",)),
        "A state named for “client.code”",
    ),
    "a state column without states": (mapping(state_column="note"), "No value of “note”"),
    "states without a column": (mapping(state_values=("gone",)), "not the column that holds them"),
    "a child that points elsewhere": (mapping(children=(child("line", "invoice_id"),)), "does not point at the key"),
    "a child of too few columns": (mapping(key=("id", "code"), children=(child(),)), "does not point at the key"),
    "two children the same": (mapping(children=(child(), child())), "named twice as a child"),
    "a child of itself": (mapping(table=TREE, children=(child("tree", "above"),)), "cannot be a child of itself"),
    "tables that point and are not mapped": (mapping(), "invoice (client_id) points at “client”"),
    "tables that point at a child": (mapping(children=(child(),)), "line (invoice_id) points at “invoice”"),
    "tables erased silently": (
        mapping(table=TableName("town"), events={"termination": "id"}),
        "visit (town_id) would be erased",
    ),
    "tables left without their parent": (
        mapping(table=VISIT, events={"termination": "seen_on"}),
        "poll (visit_id) points at",
    ),
    "rows of the same table": (mapping(table=TREE), "tree (above) points at “tree”"),
    "a child that would be stranded": (mapping(children=(child(fate=ChildFate.KEEP),)), "Rows of “invoice” stay"),
    "a column treated twice": (anonymising(treat("note", N), treat("note", C)), "“client.note” is named twice"),
    "a key that is treated": (anonymising(treat("id", C, constant="0")), "“client.id” belongs to a key"),
    "empty where it may not be": (anonymising(treat("code", N)), "“client.code” may not be empty"),
    "a constant too long": (anonymising(treat("name", C, constant="eleven char")), "The constant for “client.name”"),
    "a constant of another type": (anonymising(treat("code", C, constant="x")), "The constant for “client.code”"),
    "a constant in a unique column": (anonymising(treat("email", C, constant="x")), "“client.email” is unique"),
    "a constant in one of two": (anonymising(treat("first", C, constant="x")), "“client.first” is unique"),
    "no room for a hash": (anonymising(treat("name", H)), "“client.name” is too short"),
    "no room for an address": (anonymising(treat("last", F, identity="email")), "“client.last” is too short"),
    "a hash in a number": (anonymising(treat("code", H)), "“client.code” holds no text"),
    "a year of a text": (anonymising(treat("note", Treatment.YEAR_ONLY)), "“client.note” holds no date"),
    "a computed column": (anonymising(treat("doubled", N)), "“client.doubled” is computed"),
    "a column that points": (
        mapping(
            treat("town_id", C, constant="1"),
            treat("name", N),
            table=VISIT,
            events={"termination": "seen_on"},
            step=Step.ANONYMISE,
        ),
        "“visit.town_id” points at another table",
    ),
    "an identifier that stays": (anonymising(treat("note", K, identity="name")), "“client.note” identifies the person"),
    "a column of which nothing is said": (
        mapping(treat("note", N), step=Step.ANONYMISE),
        "say what becomes of “client.email”",
    ),
    "a column of which nothing is said where the law keeps the row": (
        mapping(children=(child(law=Law("invoice", "issued_on")), child("loose"))),
        "say what becomes of “client.email”",
    ),
    "an identifier kept in a child": (
        anonymising(
            treat("note", N),
            children=(child("invoice", "client_id", ChildFate.TREAT, treat("label", K, identity="name")),),
        ),
        "“invoice.label” identifies the person",
    ),
    "an event treated where the row is to be found again": (
        mapping(treat("ended_on", N), children=(child(law=Law("invoice", "issued_on")),)),
        "“client.ended_on” tells whether",
    ),
    "an archive that is not named": (mapping(step=Step.ARCHIVE), "Name the table of the intermediate archive"),
    "an archive with other columns": (
        mapping(table=TREE, step=Step.ARCHIVE, archive=TableName("shelf")),
        "“shelf” has no column “above”",
    ),
    "an archive of another type": (
        mapping(table=TREE, step=Step.ARCHIVE, archive=TableName("shelf")),
        "“ended_on” has another type",
    ),
    "an archive that asks for more": (
        mapping(table=TREE, step=Step.ARCHIVE, archive=TableName("shelf")),
        "“extra” of the archive",
    ),
    "an archive with children": (
        mapping(step=Step.ARCHIVE, archive=TableName("shelf"), children=(child(),)),
        "takes no child tables",
    ),
    "limited access without a column": (mapping(step=Step.LIMIT_ACCESS), "Name the column that is set"),
    "limited access by a value of another type": (
        mapping(step=Step.LIMIT_ACCESS, access_column="code", access_value="x"),
        "The value for “client.code”",
    ),
    "limited access that treats": (
        mapping(treat("note", N), step=Step.LIMIT_ACCESS, access_column="name", access_value="x"),
        "treats none",
    ),
    "a return that nothing confirms": (
        mapping(step=Step.RETURN_THEN_DESTROY),
        "confirms that the data were handed back",
    ),
    "a return always confirmed": (
        mapping(step=Step.RETURN_THEN_DESTROY, returned_column="opened_on"),
        "“opened_on” is never empty",
    ),
    "archive only, without one": (anonymising(treat("note", Treatment.ARCHIVE_ONLY)), "this step has none"),
    "nothing to do": (anonymising(), "No column has a treatment"),
}


# What each engine's own catalogue has to tell; the rest is the same everywhere, and quickest in SQLite.
BY_THE_CATALOGUE = (
    "no table", "no column", "a key that is not unique", "an event that is no date", "a state of another type",
    "a child that points elsewhere", "tables that point and are not mapped", "tables that point at a child",
    "tables erased silently", "tables left without their parent", "rows of the same table", "empty where it may not be",
    "a constant too long", "a constant in a unique column", "a constant in one of two", "a computed column",
    "a column that points", "no room for a hash",
)  # fmt: skip


def reasons_of(database, of, **changes):
    with pytest.raises(MappingRefused) as refused:
        ground(database, of).refuse(work(of, **changes))
    assert refused.value.detail == " ".join(refused.value.reasons)
    return refused.value.reasons


def test_a_mapping_is_refused_with_its_reason(business_database):
    """One database for the whole table: making it takes longer than asking."""
    business_database.run(*[each for each in SCHEMA.replace("\nCREATE", "\n;CREATE").split(";") if each.strip()])
    asked = REFUSED if business_database.dialect == "sqlite" else {name: REFUSED[name] for name in BY_THE_CATALOGUE}
    said = {name: reasons_of(business_database, of) for name, (of, _reason) in asked.items()}
    assert {name: said[name] for name, (_of, reason) in asked.items() if not any(reason in s for s in said[name])} == {}


def test_all_reasons_are_said_at_once_and_each_once(business_database):
    business_database.run(*[each for each in SCHEMA.replace("\nCREATE", "\n;CREATE").split(";") if each.strip()])
    of = mapping(treat("name", C, constant="far too long for it"), key=("town_id",), events={"other": "note"})
    reasons = reasons_of(business_database, of)
    assert len(reasons) == len(set(reasons)) >= 6
    cover = Cover("other-rule", frozenset({"nowhere"}), cut_off(date(2020, 1, 1)), {"termination": "ended_on"})
    assert "no column “nowhere”" in reasons_of(business_database, mapping(), covers=(cover,))[0]


def test_what_can_be_carried_out_is_accepted(business_database):
    business_database.run(*[each for each in SCHEMA.replace("\nCREATE", "\n;CREATE").split(";") if each.strip()])
    columns = (
        treat("code", C, constant="0"), treat("email", F, identity="email"), treat("name", N, identity="name"),
        treat("note", H), treat("doubled", K), treat("first", N, identity="name"), treat("last", C, constant="x"),
        treat("opened_on", Treatment.YEAR_ONLY), treat("town_id", N),
    )  # fmt: skip
    invoices = child("invoice", "client_id", ChildFate.TREAT, treat("label", N), treat("issued_on", K))
    for of in (
        mapping(*columns, step=Step.ANONYMISE),
        mapping(*columns, step=Step.ANONYMISE, children=(invoices, child("loose"))),
        mapping(table=VISIT, events={"termination": "seen_on"}, children=(child("poll", "visit_id", ChildFate.KEEP),)),
        mapping(step=Step.LIMIT_ACCESS, access_column="note", access_value="x"),
    ):
        ground(business_database, of).refuse(work(of))


def test_rights_that_the_role_lacks_are_named_where_the_database_tells(another_business_database):
    """PostgreSQL tells; the role reads the table and may do nothing else."""
    database = another_business_database("postgresql")
    database.run("CREATE TABLE client (id integer PRIMARY KEY, ended_on date, name text)")
    of, erasing = mapping(treat("name", F, identity="name"), step=Step.ANONYMISE), mapping()
    ground(database, of).refuse(work(of))
    database.run("REVOKE ALL ON client FROM current_user", "GRANT SELECT ON client TO current_user")
    assert reasons_of(database, of) == ("The role lacks the right to UPDATE in “client”.",)
    assert reasons_of(database, erasing) == ("The role lacks the right to DELETE in “client”.",)
    database.run("GRANT UPDATE (name), DELETE ON client TO current_user")
    for each in (of, erasing):
        ground(database, each).refuse(work(each))


def test_a_table_without_transactions_is_refused(another_business_database):
    database = another_business_database("mariadb")
    database.run("CREATE TABLE client (id int PRIMARY KEY, ended_on date) ENGINE=MyISAM")
    assert "convert it to InnoDB" in reasons_of(database, mapping())[0]
