"""Reading the schema of a business database, on each engine."""

import pytest
from sqlalchemy import create_engine, text

from retention.errors import SourceFailed
from retention.mapping import TableName
from retention.sources.schema import read_schema
from retention.sources.tables import ColumnKind, ForeignKey

PEOPLE, ORDERS, LINES = TableName("people"), TableName("orders"), TableName("lines")
AWARE = {"postgresql": "timestamptz", "mariadb": "TIMESTAMP", "sqlite": "DATETIME"}
NAIVE = {"postgresql": "timestamp", "mariadb": "DATETIME", "sqlite": "DATETIME"}
UUID = {"postgresql": "uuid", "mariadb": "UUID", "sqlite": "CHAR(32)"}
HOSTILE = [
    'quo"te', "apo'strophe", "back`tick", "per%cent", "per%(s)s", "co:lon", "x; DROP TABLE people; --", "select",
    "Order", "é" * 31, "a" * 63, "with space", "tab\there", "line\nbreak", "bell\a", "dot.ted", "q?mark", "back\\slash",
    "br{0}",
    "[bracket]",
]  # fmt: skip


def make_tables(database):
    database.run(
        f"""CREATE TABLE people (
            id INTEGER PRIMARY KEY, email VARCHAR(120) NOT NULL UNIQUE, note TEXT, born DATE,
            created_at {AWARE[database.dialect]} NULL, seen_at {NAIVE[database.dialect]} NULL,
            is_active BOOLEAN, token {UUID[database.dialect]}, price NUMERIC(10, 2),
            CONSTRAINT price_not_negative CHECK (price >= 0)
        )""",
        """CREATE TABLE orders (
            region INTEGER NOT NULL, number INTEGER NOT NULL, person INTEGER,
            twice INTEGER GENERATED ALWAYS AS (number * 2) STORED,
            PRIMARY KEY (region, number), FOREIGN KEY (person) REFERENCES people (id) ON DELETE CASCADE
        )""",
        """CREATE TABLE `lines` (
            id INTEGER PRIMARY KEY, region INTEGER, number INTEGER,
            FOREIGN KEY (region, number) REFERENCES orders (region, number)
        )""".replace("`", "`" if database.dialect == "mariadb" else ""),
        "CREATE TABLE unrelated (id INTEGER PRIMARY KEY)",
    )


def read(database, **limits):
    with database.engine.connect() as connection:
        return read_schema(connection, **limits)


def test_tables_are_read_with_their_columns_and_keys(business_database):
    make_tables(business_database)
    schema = read(business_database)
    assert set(schema.tables) == {PEOPLE, ORDERS, LINES, TableName("unrelated")}
    people, orders = schema.tables[PEOPLE], schema.tables[ORDERS]
    kinds = {column.name: column.kind for column in people.columns}
    is_sqlite = business_database.dialect == "sqlite"
    assert kinds == {
        "id": ColumnKind.INTEGER,
        "email": ColumnKind.TEXT,
        "note": ColumnKind.TEXT,
        "born": ColumnKind.DATE,
        "created_at": ColumnKind.NAIVE_TIMESTAMP if is_sqlite else ColumnKind.AWARE_TIMESTAMP,
        "seen_at": ColumnKind.NAIVE_TIMESTAMP,
        "is_active": ColumnKind.BOOLEAN,
        "token": ColumnKind.TEXT if is_sqlite else ColumnKind.UUID,
        "price": ColumnKind.OTHER,
    }
    email = people.column("email")
    assert (email.length, email.is_nullable, email.is_generated) == (120, False, False)
    assert people.column("note").is_nullable
    assert people.column("absent") is None
    assert people.primary_key == ("id",)
    assert ("email",) in people.unique
    assert any("price" in check for check in people.checks)
    assert orders.primary_key == ("region", "number")
    assert orders.column("twice").is_generated


def test_foreign_keys_are_known_at_both_ends(business_database):
    make_tables(business_database)
    schema = read(business_database)
    cascade = ForeignKey(ORDERS, ("person",), PEOPLE, ("id",), "CASCADE")
    assert schema.tables[ORDERS].foreign_keys == schema.tables[PEOPLE].incoming == (cascade,)
    (line,) = schema.tables[ORDERS].incoming
    assert (line.table, line.columns, line.target_columns) == (LINES, ("region", "number"), ("region", "number"))
    assert line.on_delete in {"NO ACTION", "RESTRICT"}


CHANGES = {
    "a new column": "ALTER TABLE people ADD COLUMN phone VARCHAR(20)",
    "a column renamed": "ALTER TABLE people RENAME COLUMN note TO remark",
    "a table gone": "DROP TABLE {lines}",
    "a new table that points at one": "CREATE TABLE calls (id INTEGER PRIMARY KEY, person INTEGER, "
    "FOREIGN KEY (person) REFERENCES people (id))",
    "a unique index": "CREATE UNIQUE INDEX one_note ON people (born)",
    "a trigger": {
        "postgresql": (
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
            "CREATE TRIGGER watch BEFORE DELETE ON people FOR EACH ROW EXECUTE FUNCTION nothing()",
        ),
        "mariadb": ("CREATE TRIGGER watch BEFORE DELETE ON people FOR EACH ROW SET @x = 1",),
        "sqlite": ("CREATE TRIGGER watch BEFORE DELETE ON people BEGIN SELECT 1; END",),
    },
}
SERVER_CHANGES = {
    "another type": (
        "ALTER TABLE people ALTER COLUMN price TYPE NUMERIC(12, 2)",
        "ALTER TABLE people MODIFY price NUMERIC(12, 2)",
    ),
    "another length": (
        "ALTER TABLE people ALTER COLUMN email TYPE VARCHAR(90)",
        "ALTER TABLE people MODIFY email VARCHAR(90) NOT NULL",
    ),
    "a column that must not be null": (
        "ALTER TABLE people ALTER COLUMN born SET NOT NULL",
        "ALTER TABLE people MODIFY born DATE NOT NULL",
    ),
    "another ON DELETE": (
        "ALTER TABLE orders DROP CONSTRAINT orders_person_fkey, ADD CONSTRAINT orders_person_fkey "
        "FOREIGN KEY (person) REFERENCES people (id) ON DELETE SET NULL",
        "ALTER TABLE orders DROP FOREIGN KEY orders_ibfk_1, ADD CONSTRAINT again FOREIGN KEY (person) "
        "REFERENCES people (id) ON DELETE SET NULL",
    ),
    "a foreign key gone": (
        "ALTER TABLE orders DROP CONSTRAINT orders_person_fkey", "ALTER TABLE orders DROP FOREIGN KEY again",
    ),
    "a check gone": ("ALTER TABLE people DROP CONSTRAINT price_not_negative",) * 2,
}  # fmt: skip


def print_of(database):
    return read(database).fingerprint([PEOPLE, ORDERS, LINES])


def statements_of(change, dialect):
    if isinstance(change, dict):
        return change[dialect]
    if isinstance(change, tuple):
        return (change[dialect == "mariadb"],)
    return (change.replace("{lines}", "`lines`" if dialect == "mariadb" else "lines"),)


def test_the_fingerprint_changes_with_what_a_mapping_relies_on(business_database):
    make_tables(business_database)
    changes = CHANGES if business_database.dialect == "sqlite" else CHANGES | SERVER_CHANGES
    seen = {print_of(business_database)}
    assert seen == {print_of(business_database)}, "it is not the same twice"
    for name, change in changes.items():
        business_database.run(*statements_of(change, business_database.dialect))
        now = print_of(business_database)
        assert now not in seen, name
        seen.add(now)


def test_the_fingerprint_does_not_change_with_other_tables_indexes_or_rows(business_database):
    make_tables(business_database)
    before = print_of(business_database)
    business_database.run(
        "ALTER TABLE unrelated ADD COLUMN more INTEGER",
        "CREATE TABLE another (id INTEGER PRIMARY KEY, other INTEGER, FOREIGN KEY (other) REFERENCES unrelated (id))",
        "CREATE INDEX quick ON people (born)",
        "INSERT INTO people (id, email) VALUES (1, 'ada@acme.example')",
    )
    assert print_of(business_database) == before


@pytest.mark.parametrize("business_database", ["postgresql"], indirect=True)
def test_a_trigger_changes_with_its_function_and_a_rule_is_seen(business_database):
    make_tables(business_database)
    seen = {print_of(business_database)}
    function = "CREATE OR REPLACE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN {}; END $$"
    business_database.run(function.format("NULL"))
    for statement in (
        "CREATE TRIGGER watch BEFORE DELETE ON people FOR EACH ROW EXECUTE FUNCTION watch()",
        function.format("OLD"),
        "ALTER TABLE people DISABLE TRIGGER watch",
        "CREATE RULE never AS ON DELETE TO orders DO INSTEAD NOTHING",
    ):
        business_database.run(statement)
        now = print_of(business_database)
        assert now not in seen, statement
        seen.add(now)


@pytest.mark.parametrize("business_database", ["postgresql"], indirect=True)
def test_other_schemas_domains_and_unknown_types_are_read(business_database):
    make_tables(business_database)
    business_database.run(
        "CREATE SCHEMA archive",
        "CREATE DOMAIN address AS varchar(80) CHECK (VALUE <> '')",
        "CREATE TYPE state AS ENUM ('active', 'inactive')",
        "CREATE TABLE archive.people (id INT PRIMARY KEY REFERENCES people, mail address, place point, mood state)",
    )
    schema = read(business_database)
    archived = schema.tables[TableName("people", "archive")]
    assert [(column.kind, column.length) for column in archived.columns] == [
        (ColumnKind.INTEGER, None),
        (ColumnKind.TEXT, 80),
        (ColumnKind.OTHER, None),
        (ColumnKind.CHOICE, None),
    ]
    assert archived.column("place").type == "point"
    assert TableName("people", "archive") in {key.table for key in schema.tables[PEOPLE].incoming}


@pytest.mark.parametrize("business_database", ["postgresql"], indirect=True)
def test_a_search_path_confuses_no_schemas(business_database):
    make_tables(business_database)
    business_database.run(
        "CREATE SCHEMA archive",
        "CREATE TABLE archive.people (id INT PRIMARY KEY)",
        "CREATE TABLE archive.notes (id INT PRIMARY KEY REFERENCES archive.people, who INT REFERENCES public.people)",
    )
    engine = create_engine(business_database.url, connect_args={"options": "-c search_path=archive,public"})
    with engine.connect() as connection:
        tables = read_schema(connection).tables
    engine.dispose()
    assert {str(name) for name in tables} == {
        "people", "notes", "public.people", "public.orders", "public.lines", "public.unrelated",
    }  # fmt: skip
    assert {str(key.target) for key in tables[TableName("notes")].foreign_keys} == {"people", "public.people"}
    assert {str(key.table) for key in tables[TableName("people", "public")].incoming} == {"notes", "public.orders"}
    assert tables[TableName("people")].column("id").type == "integer"


@pytest.mark.parametrize("business_database", ["mariadb"], indirect=True)
def test_a_foreign_key_from_another_database_of_the_server_is_seen(business_database, another_business_database):
    make_tables(business_database)
    other = another_business_database("mariadb")
    there = f"`{business_database.url.database}`.people"
    other.run(f"CREATE TABLE loans (id INT PRIMARY KEY, who INT, FOREIGN KEY (who) REFERENCES {there} (id))")
    found = {key.table for key in read(business_database).tables[PEOPLE].incoming}
    assert found == {ORDERS, TableName("loans", other.url.database)}
    other.run("DROP TABLE loans")


def test_hostile_names_are_names(business_database):
    sign = "`" if business_database.dialect == "mariadb" else '"'
    for number, name in enumerate(HOSTILE):
        quoted = f"{sign}{name.replace(sign, sign * 2)}{sign}"
        business_database.run(
            f"CREATE TABLE {quoted} ({quoted} INTEGER PRIMARY KEY, up INTEGER, "
            f"CONSTRAINT key_{number} FOREIGN KEY (up) REFERENCES {quoted} ({quoted}))"
        )
    schema = read(business_database)
    assert {name.name for name in schema.tables} == set(HOSTILE)
    for name in HOSTILE:
        table = schema.tables[TableName(name)]
        assert table.primary_key == (name,)
        assert [column.name for column in table.columns] == [name, "up"]
        assert [(key.target.name, key.target_columns) for key in table.incoming] == [(name, (name,))]


def test_a_database_with_too_many_tables_is_refused(business_database):
    make_tables(business_database)
    with pytest.raises(SourceFailed, match="3") as failure:
        read(business_database, most_tables=3)
    assert failure.value.cause == "too_large"
    with pytest.raises(SourceFailed):
        read(business_database, seconds=-1)


def test_an_empty_database_has_no_tables(business_database):
    with business_database.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        assert read_schema(connection).tables == {}
