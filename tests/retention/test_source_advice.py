"""The rights that a mapping needs: enough for it on a real server, and nothing beside."""

from dataclasses import replace

import pytest
from django.db import connection as own
from sqlalchemy import text

from retention.errors import SourceFailed
from retention.mapping import ChildFate, ChildMapping, ColumnMapping, Law, Step, TableMapping, TableName, Treatment
from retention.sources.addresses import Login, read_address
from retention.sources.advice import grants, rights
from retention.sources.connecting import engine_for
from retention.sources.failing import in_words
from retention.sources.schema import read_schema
from retention.sources.trying import try_out

PEOPLE, ORDERS = TableName("people"), TableName('or%der`s"')
PASSWORD = "a-password-of-a-test"
MAPPING = TableMapping(
    table=PEOPLE,
    key=("id",),
    events={"termination": "ended_on"},
    step=Step.ERASE,
    columns=(ColumnMapping("name", Treatment.NULL, identity="name"), ColumnMapping("plan", Treatment.KEEP)),
    children=(ChildMapping(ORDERS, ("person",), ChildFate.ERASE, law=Law("invoice", "made_on")),),
)


def test_the_rights_are_those_of_the_mapping():
    assert rights(MAPPING) == {
        (PEOPLE, "SELECT"): {"id", "ended_on", "name", "plan"},
        (PEOPLE, "UPDATE"): {"name"},
        (PEOPLE, "DELETE"): frozenset(),
        (ORDERS, "SELECT"): {"person", "made_on"},
        (ORDERS, "DELETE"): frozenset(),
    }


@pytest.mark.parametrize(
    ("change", "more", "fewer"),
    [
        ({"step": Step.ANONYMISE}, {}, {(PEOPLE, "DELETE")}),
        ({"step": Step.LIMIT_ACCESS, "access_column": "hidden"},
         {(PEOPLE, "UPDATE"): {"name", "hidden"}, (PEOPLE, "SELECT"): {"id", "ended_on", "name", "plan", "hidden"}},
         {(PEOPLE, "DELETE")}),
        ({"step": Step.ARCHIVE, "archive": TableName("old", "archive")},
         {(TableName("old", "archive"), "INSERT"): set(), (PEOPLE, "SELECT"): set()}, set()),
    ],
)  # fmt: skip
def test_each_step_needs_what_it_does(change, more, fewer):
    assert (
        rights(replace(MAPPING, **change))
        == {at: columns for at, columns in rights(MAPPING).items() if at not in fewer} | more
    )


def test_a_file_has_no_rights():
    assert grants(read_address("sqlite:///a.sqlite").address, [MAPPING]) == []


def test_rights_of_several_mappings_are_given_once():
    other = replace(MAPPING, key=("code",), step=Step.ARCHIVE, archive=TableName("old"))
    said = grants(read_address("postgresql://erp:x@db.example/crm").address, [MAPPING, other, MAPPING])
    assert len(said) == len(set(said))
    assert 'GRANT SELECT ON "public"."people" TO "erp";' in said
    assert not any("SELECT (" in line and '"people"' in line for line in said)


@pytest.fixture
def poor(login, places, business_database):
    """A login that was given what the advice says, on tables of hostile names."""
    mark = "`" if business_database.dialect == "mariadb" else '"'
    orders = mark + ORDERS.name.replace(mark, mark * 2) + mark
    business_database.run(
        "CREATE TABLE people (id INT PRIMARY KEY, ended_on DATE, name VARCHAR(20), plan VARCHAR(9), secret VARCHAR(9))",
        f"CREATE TABLE {orders} (id INT PRIMARY KEY, person INT REFERENCES people (id), made_on DATE)",
        "CREATE TABLE others (id INT PRIMARY KEY, person INT, "
        "FOREIGN KEY (person) REFERENCES people (id) ON DELETE CASCADE)",
    )
    if business_database.dialect == "postgresql":  # roles are made once, by who owns the server: take one that is there
        name, password = own.settings_dict["USER"], own.settings_dict["PASSWORD"]
    else:
        name, password = f"po'or_{business_database.url.database}", PASSWORD
        account = "'" + name.replace("'", "''") + "'@'%'"
        business_database.run(f"CREATE USER {account} IDENTIFIED BY '{PASSWORD}'")
    address = replace(login.address, user=name)
    business_database.run(*(line.removesuffix(";") for line in grants(address, [MAPPING])))
    engine = engine_for(Login(address, password), places=places)
    yield Login(address, password), engine, orders
    engine.dispose()
    if business_database.dialect == "mariadb":
        business_database.run(f"DROP USER {account}")


@pytest.mark.parametrize("business_database", ["postgresql", "mariadb"], indirect=True)
def test_the_rights_are_enough_and_nothing_beside(poor, places):
    login, engine, orders = poor
    with in_words("crm"), engine.begin() as connection:
        connection.execute(text("SELECT id, ended_on, name, plan FROM people WHERE id = 1 FOR UPDATE"))
        connection.exec_driver_sql(
            f"SELECT person, made_on FROM {orders.replace('%', '%%')} WHERE person = 1 FOR UPDATE"
        )
        connection.execute(text("UPDATE people SET name = NULL WHERE id = 1"))
        connection.exec_driver_sql(
            f"DELETE FROM {orders.replace('%', '%%')} WHERE person = 1 AND made_on < '2020-01-01'"
        )
        connection.execute(text("DELETE FROM people WHERE id = 1"))
    for refused in (
        "SELECT secret FROM people",
        "UPDATE people SET plan = 'x'",
        "INSERT INTO people (id) VALUES (2)",
        "SELECT * FROM others",
        "DELETE FROM others",
        "DROP TABLE people",
    ):
        with pytest.raises(SourceFailed) as failure, in_words("crm"), engine.begin() as connection:
            connection.execute(text(refused))
        assert failure.value.cause == "not_permitted", refused
    assert try_out(login, places=places).code == "fine"


@pytest.mark.parametrize("business_database", ["postgresql", "mariadb"], indirect=True)
def test_with_these_rights_a_foreign_key_of_a_table_that_is_not_mapped_is_seen(poor):
    _login, engine, _orders = poor
    with engine.connect() as connection:
        incoming = read_schema(connection).tables[PEOPLE].incoming
    assert ("others", "CASCADE") in {(key.table.name, key.on_delete) for key in incoming}
