"""What the table of keys needs of its owner, laid down after each migration."""

from typing import Any

from django.db import connection
from psycopg import sql

from foundation.database.privileges import application_role
from foundation.keys.erasing import MAINTAIN_SINCE
from foundation.keys.models import Key


def arrange(**_: Any) -> None:
    """Let the application rewrite the table without deleted keys, and keep samples of keys out of the statistics."""
    table = Key._meta.db_table
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return
        # ANALYZE would copy wrapped keys into pg_statistic, where they would outlive their rows
        cursor.execute(sql.SQL("ALTER TABLE {} ALTER COLUMN wrapped SET STATISTICS 0").format(sql.Identifier(table)))
        cursor.execute("SELECT current_setting('server_version_num')::int")
        if cursor.fetchone()[0] >= MAINTAIN_SINCE:
            role = sql.Identifier(application_role())
            cursor.execute(sql.SQL("GRANT MAINTAIN ON {} TO {}").format(sql.Identifier(table), role))
