"""What the application's login may do: read and write rows, append only where the law wants proof."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg import sql

# the history is written by its trigger, migrations by the owner
WRITTEN_BY_OTHERS = {"foundation_change": "INSERT", "django_migrations": "INSERT, UPDATE, DELETE"}
APPEND_ONLY = "append_only"  # models whose rows nobody may change: `append_only = True` on the class


def application_role() -> str:
    return str(settings.DATABASES["default"]["USER"])


def defaults() -> Iterator[sql.Composed]:
    """Yield what lets the application use whatever the owner creates from now on."""
    role = sql.Identifier(application_role())
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role)
    for what in ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE, SELECT ON SEQUENCES"):
        yield sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT " + what + " TO {}").format(role)


def withdrawals(existing: set[str]) -> Iterator[sql.Composed]:
    """Yield what takes back from the application what these tables must refuse."""
    role = sql.Identifier(application_role())
    database = sql.Identifier(str(connection.settings_dict["NAME"]))
    yield sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC, {}").format(database, role)
    refused = [*WRITTEN_BY_OTHERS.items(), *((table, "UPDATE, DELETE, TRUNCATE") for table in append_only_tables())]
    for table, verbs in refused:
        if table in existing:
            yield sql.SQL("REVOKE " + verbs + " ON {} FROM {}").format(sql.Identifier(table), role)


def grant_by_default(**_: Any) -> None:
    """Before tables are made: whatever the owner creates from now on, the application may use."""
    _run(defaults())


def append_only_tables() -> list[str]:
    """Return the tables that refuse update, delete and truncate: history, editions, evidence."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, APPEND_ONLY, False))


def withdraw(**_: Any) -> None:
    """After tables are made: take back what an append-only table must refuse."""
    _run(withdrawals(set(connection.introspection.table_names())))


def _run(statements: Iterator[sql.Composed]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
