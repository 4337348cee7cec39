"""What a driver reports, said in words without a value: the driver's own sentence may quote a row."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from retention.errors import GroundError


class Cause(StrEnum):
    """Why the database did not do it; the values are stable and stored."""

    LOCKED = "lock_timeout"
    DEADLOCK = "deadlock"
    TOO_LONG = "statement_timeout"
    LOST = "lost"
    READ_ONLY = "read_only"
    FULL = "disk_full"
    CHANGED = "schema_changed"
    FORBIDDEN = "not_permitted"
    CONSTRAINT = "constraint"
    VALUE = "value"
    OTHER = "other"


WORDS = {
    Cause.LOCKED: _("Rows are locked by another session of the database: try again later."),
    Cause.DEADLOCK: _("The database ended the transaction because another session waited for it: try again."),
    Cause.TOO_LONG: _("The statement took longer than allowed: choose smaller batches, or add an index."),
    Cause.LOST: _("The connection to the database was lost: check that it runs and can be reached."),
    Cause.READ_ONLY: _("The database accepts no change: it is read-only, or a replica."),
    Cause.FULL: _("The database has no room left on its disk."),
    Cause.CHANGED: _("A table or column that the mapping names is not there as it was: check the mapping again."),
    Cause.FORBIDDEN: _("The role may not do this in the database: see the rights that the mapping needs."),
    Cause.CONSTRAINT: _("A constraint or trigger of the database refuses the change: check the mapping against it."),
    Cause.VALUE: _("The database holds or was given a value that does not fit its column."),
    Cause.OTHER: _("The database refused the statement."),
}
MAY_PASS = frozenset({Cause.LOCKED, Cause.DEADLOCK, Cause.TOO_LONG, Cause.LOST, Cause.READ_ONLY, Cause.FULL})
# By SQLSTATE, the most precise first.
POSTGRESQL = {
    "55P03": Cause.LOCKED,
    "40P01": Cause.DEADLOCK,
    "40": Cause.DEADLOCK,
    "57014": Cause.TOO_LONG,
    "25P03": Cause.TOO_LONG,
    "57": Cause.LOST,
    "08": Cause.LOST,
    "53100": Cause.FULL,
    "53": Cause.LOST,
    "25006": Cause.READ_ONLY,
    "42501": Cause.FORBIDDEN,
    "28": Cause.FORBIDDEN,
    "42": Cause.CHANGED,
    "3F": Cause.CHANGED,
    "0A": Cause.CHANGED,
    "23": Cause.CONSTRAINT,
    "27": Cause.CONSTRAINT,
    "P0": Cause.CONSTRAINT,
    "22": Cause.VALUE,
}
MYSQL = {
    **dict.fromkeys((1205, 3572, 4058), Cause.LOCKED),
    **dict.fromkeys((1213, 1020), Cause.DEADLOCK),
    **dict.fromkeys((1969, 3024, 1317), Cause.TOO_LONG),
    **dict.fromkeys((0, 1040, 1053, 1927, 2002, 2003, 2006, 2013, 2014, 2055, 4031), Cause.LOST),
    **dict.fromkeys((1021, 1114, 1041, 3), Cause.FULL),
    **dict.fromkeys((1290, 1792, 1836), Cause.READ_ONLY),
    **dict.fromkeys((1044, 1045, 1142, 1143, 1227, 1370), Cause.FORBIDDEN),
    **dict.fromkeys((1054, 1146, 1049, 1356, 1412), Cause.CHANGED),
    **dict.fromkeys((1022, 1048, 1062, 1169, 1216, 1217, 1364, 1451, 1452, 1557, 1644, 3819, 4025), Cause.CONSTRAINT),
    **dict.fromkeys((1264, 1265, 1292, 1366, 1406, 1411, 1525), Cause.VALUE),
}
SQLITE = {
    sqlite3.SQLITE_BUSY: Cause.LOCKED,
    sqlite3.SQLITE_LOCKED: Cause.LOCKED,
    sqlite3.SQLITE_INTERRUPT: Cause.TOO_LONG,
    sqlite3.SQLITE_IOERR: Cause.LOST,
    sqlite3.SQLITE_CANTOPEN: Cause.LOST,
    sqlite3.SQLITE_READONLY: Cause.READ_ONLY,
    sqlite3.SQLITE_FULL: Cause.FULL,
    sqlite3.SQLITE_SCHEMA: Cause.CHANGED,
    sqlite3.SQLITE_AUTH: Cause.FORBIDDEN,
    sqlite3.SQLITE_PERM: Cause.FORBIDDEN,
    sqlite3.SQLITE_CONSTRAINT: Cause.CONSTRAINT,
    sqlite3.SQLITE_MISMATCH: Cause.VALUE,
}


def failure(cause: Cause) -> GroundError:
    """Return the refusal for this cause."""
    return GroundError(WORDS[cause], cause=cause, may_pass=cause in MAY_PASS)


@contextmanager
def told_in_words() -> Iterator[None]:
    """Turn what the driver raises into a `GroundError`; the driver's sentence, which may quote a row, is let go."""
    cause = None
    try:
        yield
    except NoSuchTableError:
        cause = Cause.CHANGED
    except PoolTimeout:
        cause = Cause.LOST
    except DBAPIError as error:
        cause = cause_of(error)
    except (SQLAlchemyError, ValueError, OverflowError):  # a value that the driver cannot read or send
        cause = Cause.VALUE
    if cause is not None:
        raise failure(cause) from None  # no traceback shows what the driver said


def cause_of(error: DBAPIError) -> Cause:
    """Return why a statement failed, by the driver's own code."""
    orig = error.orig
    code = getattr(orig, "sqlite_errorcode", None)
    if code is not None:
        return _of_sqlite(code & 0xFF, str(orig))
    if error.connection_invalidated:
        return Cause.LOST
    number = orig.args[0] if orig is not None and orig.args else None
    if isinstance(number, int):
        return MYSQL.get(number, Cause.OTHER)
    if state := getattr(orig, "sqlstate", None):
        return next((cause for prefix, cause in POSTGRESQL.items() if state.startswith(prefix)), Cause.OTHER)
    if type(orig).__name__ == "OperationalError":  # psycopg without a state: no connection
        return Cause.LOST
    return Cause.VALUE if type(orig).__name__ == "DataError" else Cause.OTHER


def _of_sqlite(code: int, sentence: str) -> Cause:
    if code == sqlite3.SQLITE_ERROR and sentence.startswith(("no such table", "no such column")):
        return Cause.CHANGED
    return SQLITE.get(code, Cause.OTHER)
