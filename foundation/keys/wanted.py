"""What the database needs to be opened, asked before Django is there."""

from collections.abc import Mapping
from typing import Any

import psycopg


def master_keys_wanted(database: Mapping[str, Any]) -> list[str]:
    """Return the ids of the master keys that wrap the data keys of this database, which may be empty of tables."""
    with psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"],
    ) as connection:
        found = connection.execute("SELECT to_regclass('public.foundation_key')").fetchone()
        if found is None or found[0] is None:
            return []
        return [row[0] for row in connection.execute("SELECT DISTINCT master_key FROM foundation_key ORDER BY 1")]
