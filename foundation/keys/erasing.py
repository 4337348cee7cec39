"""After a key's row is deleted: its bytes leave the table's file, and what is known of its other copies is said."""

from datetime import datetime, timedelta

import psycopg.errors
from django.db import DatabaseError, connection, connections
from django.utils.translation import gettext as _

from foundation.database.base import as_owner
from foundation.errors import RuleViolation
from foundation.keys.models import Key

STATEMENT = "VACUUM (FULL) foundation_key"
MAINTAIN_SINCE = 170000  # the version of PostgreSQL in which who does not own a table may be allowed to maintain it
PATIENCE = "10s"


class NotRewritten(RuleViolation):
    """The bytes of destroyed keys still stand in the table's file."""

    code = "not_rewritten"

    def __init__(self, why: str) -> None:
        super().__init__(
            _(
                "The bytes of destroyed keys still stand in the file of the table: %(why)s As the owner of the tables,"
                " run: %(statement)s; or, with DATABASE_OWNER_URL: manage.py keys vacuum"
            )
            % {"why": why, "statement": STATEMENT}
        )


def rewrite_table() -> None:
    """Write the table's file anew without what was deleted; the old file is cut to nothing."""
    if _may_maintain():
        _rewrite()
    elif connection.settings_dict.get("OWNER"):
        with as_owner(connections[connection.alias]):  # type: ignore[arg-type]
            _rewrite()
    else:
        raise NotRewritten(_("this login may not rewrite it."))


def readable_until(destroyed_at: datetime, backup_days: int | None) -> datetime | None:
    """Return when the last backup that holds a key destroyed then is gone, if it is known how long backups last."""
    return None if backup_days is None else destroyed_at + timedelta(days=backup_days)


def log_position() -> tuple[str, bool]:
    """Return the segment that the write-ahead log has come to, and whether the server keeps old segments for reuse."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_walfile_name(pg_current_wal_lsn()), current_setting('wal_recycle')::boolean")
        segment, recycled = cursor.fetchone()
    return segment, recycled


def _may_maintain() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        if cursor.fetchone()[0] < MAINTAIN_SINCE:
            return False
        cursor.execute("SELECT has_table_privilege(%s, 'MAINTAIN')", [Key._meta.db_table])
        return bool(cursor.fetchone()[0])


def _rewrite() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [PATIENCE])
        try:
            cursor.execute(STATEMENT)
        except DatabaseError as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise NotRewritten(_("another transaction holds it.")) from None
            raise
        finally:
            cursor.execute("RESET lock_timeout")
