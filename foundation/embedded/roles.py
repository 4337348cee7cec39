"""The roles and the database of the application, made the same at every start."""

from typing import Any

import psycopg
from psycopg import sql

ADMIN = "greffier_admin"  # the keeper's own
OWNER = "greffier_owner"  # owns the tables: migrations and test databases
APP = "greffier_app"  # reads and writes rows, nothing else
BUSINESS = "greffier_business"  # the example databases, which it owns; the only one to come over the network
ARCHIVE = "greffier_archive"  # reads the intermediate archives that the examples grant to it
DATABASE = "greffier"

PLAIN = "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS"
OPTIONS = {
    OWNER: f"{PLAIN} CREATEDB",
    APP: f"{PLAIN} NOCREATEDB",
    BUSINESS: f"{PLAIN} CREATEDB CONNECTION LIMIT 40",  # never all of the server's connections
    ARCHIVE: f"{PLAIN} NOCREATEDB CONNECTION LIMIT 10",
}
# The first line that fits counts. Ours, those of our tests included, are called greffier… or test_greffier…
WHO_MAY_CONNECT = f"""
local  "/^(test_)?greffier"  {BUSINESS},{ARCHIVE}  reject
local  all                   all                                 scram-sha-256
host   "/^(test_)?greffier"  all                   127.0.0.1/32  reject
host   all                   {BUSINESS},{ARCHIVE}  127.0.0.1/32  scram-sha-256
"""
MEMBERSHIPS = """
    SELECT granted.rolname, member.rolname FROM pg_auth_members
    JOIN pg_roles AS granted ON granted.oid = roleid JOIN pg_roles AS member ON member.oid = pg_auth_members.member
    WHERE member.rolname = ANY(%s)
"""


def arrange(connection: "psycopg.Connection[Any]", passwords: dict[str, str]) -> None:
    """Bring roles, database and privileges to the wanted state; needs an autocommit connection of the admin."""
    for role, options in OPTIONS.items():
        _role(connection, role, options, passwords[role])
    for granted, member in connection.execute(MEMBERSHIPS, [list(OPTIONS)]).fetchall():
        _run(connection, "REVOKE {} FROM {}", granted, member)
    if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
        _run(connection, "CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0", DATABASE, OWNER)
    _run(connection, "ALTER DATABASE {} OWNER TO {}", DATABASE, OWNER)
    _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", DATABASE)
    for role in (BUSINESS, ARCHIVE):
        _run(connection, "REVOKE ALL ON DATABASE {} FROM {}", DATABASE, role)
    _run(connection, "GRANT CONNECT ON DATABASE {} TO {}", DATABASE, APP)


def _role(connection: "psycopg.Connection[Any]", role: str, options: str, password: str) -> None:
    if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
        _run(connection, "CREATE ROLE {}", role)
    digest = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("ALTER ROLE {} WITH {} PASSWORD {}")
    connection.execute(statement.format(sql.Identifier(role), sql.SQL(options), sql.Literal(digest)))


def _exists(connection: "psycopg.Connection[Any]", query: str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None


def _run(connection: "psycopg.Connection[Any]", statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
