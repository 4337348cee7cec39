"""What the application's login may do: read and write rows, append only where the law wants proof."""

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


def grant_by_default(**_: Any) -> None:
    """Before tables are made: whatever the owner creates from now on, the application may use."""
    role = sql.Identifier(application_role())
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
        for what in ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE, SELECT ON SEQUENCES"):
            cursor.execute(sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT " + what + " TO {}").format(role))


def append_only_tables() -> list[str]:
    """Return the tables that refuse update, delete and truncate: history, editions, evidence."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, APPEND_ONLY, False))


def withdraw(**_: Any) -> None:
    """After tables are made: take back what an append-only table must refuse."""
    existing = set(connection.introspection.table_names())
    role = sql.Identifier(application_role())
    with connection.cursor() as cursor:
        database = sql.Identifier(str(connection.settings_dict["NAME"]))
        cursor.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC, {}").format(database, role))
        for table, verbs in WRITTEN_BY_OTHERS.items():
            if table in existing:
                cursor.execute(sql.SQL("REVOKE " + verbs + " ON {} FROM {}").format(sql.Identifier(table), role))
        for table in append_only_tables():
            if table in existing:
                cursor.execute(
                    sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), role)
                )
