import json

import pytest
from psycopg import errors

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (word text)",
        "CREATE TEMPORARY TABLE mine (word text)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "SET ROLE greffier_owner",
        "ALTER ROLE greffier_app CREATEDB",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_the_application_role_may_not(running, statement):
    with running.connect("app") as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement", ["CREATE ROLE mine", "SET ROLE greffier_app", "COPY (SELECT 1) TO PROGRAM 'true'"]
)
def test_the_owner_role_may_not(running, statement):
    with running.connect("owner") as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_owner_makes_and_drops_test_databases(running):
    with running.connect("owner", dbname="postgres") as connection:
        connection.execute("CREATE DATABASE test_greffier")
        with running.connect("owner", dbname="test_greffier") as inside:
            inside.execute("CREATE EXTENSION pg_trgm")
        connection.execute("DROP DATABASE test_greffier")


def test_roles_are_brought_back_at_the_next_start(used):
    first = used.client(valkey=False)
    with admin(used, first) as connection:
        connection.execute("ALTER ROLE greffier_app SUPERUSER CREATEDB CREATEROLE PASSWORD 'known'")
        connection.execute("GRANT greffier_owner TO greffier_app")
        connection.execute("GRANT ALL ON DATABASE greffier TO PUBLIC")
    first.end()
    used.wait_until_gone()
    second = used.client(valkey=False)
    with second.connect("app") as connection:
        flags = "rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
        found = connection.execute(f"SELECT {flags} FROM pg_roles WHERE rolname = 'greffier_app'").fetchone()
        assert found == (False,) * 5
        assert connection.execute(
            "SELECT count(*) FROM pg_auth_members WHERE member::regrole::text ~ '^greffier'"
        ).fetchone() == (0,)
        assert connection.execute("SELECT has_database_privilege('greffier', 'TEMPORARY')").fetchone() == (False,)


def admin(ground, client):
    passwords = json.loads((ground.root / "postgres" / "passwords.json").read_text())
    return client.connect(user="greffier_admin", password=passwords["greffier_admin"])
