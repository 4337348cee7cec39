"""Errors of drivers in words: the place, why, and the remedy, without what the driver says, which may hold values."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
import pymysql
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from sqlalchemy import exc

from retention.errors import SourceError, SourceFailed, SourceUnreachable

POSTGRESQL_STATES = {  # by SQLSTATE, the longest prefix first
    "57014": "statement_timeout",
    "57P": "lost",
    "25P03": "lost",
    "55P03": "lock_timeout",
    "40P01": "deadlock",
    "40001": "deadlock",
    "25006": "read_only",
    "53100": "disk_full",
    "53300": "too_many_connections",
    "42501": "not_permitted",
    "42P01": "schema_changed",
    "42703": "schema_changed",
    "3F000": "schema_changed",
    "28": "login_refused",
    "3D000": "login_refused",
    "23": "constraint",
    "08": "lost",
}
MYSQL_NUMBERS = {
    **dict.fromkeys((1044, 1045, 1049, 1130, 1251, 1698, 2059), "login_refused"),
    **dict.fromkeys((2002, 2003, 2005), "unreachable"),
    **dict.fromkeys((2006, 2013, 1053, 1927, 4031), "lost"),
    **dict.fromkeys((1969, 3024, 1317), "statement_timeout"),
    **dict.fromkeys((1048, 1062, 1364, 1406, 1451, 1452, 3819, 4025), "constraint"),
    **dict.fromkeys((1142, 1143, 1227, 1370), "not_permitted"),
    **dict.fromkeys((1146, 1054), "schema_changed"),
    **dict.fromkeys((1290, 1792, 1836), "read_only"),
    **dict.fromkeys((1021, 1114), "disk_full"),
    **dict.fromkeys((1040, 1203, 1226), "too_many_connections"),
    1205: "lock_timeout",
    1213: "deadlock",
    2026: "no_encryption",
}
SQLITE_NAMES = {
    "SQLITE_BUSY": "lock_timeout",
    "SQLITE_LOCKED": "lock_timeout",
    "SQLITE_INTERRUPT": "statement_timeout",
    "SQLITE_READONLY": "read_only",
    "SQLITE_FULL": "disk_full",
    "SQLITE_CANTOPEN": "unreachable",
    "SQLITE_PERM": "unreachable",
    "SQLITE_NOTADB": "not_a_database",
    "SQLITE_CORRUPT": "not_a_database",
    "SQLITE_CONSTRAINT": "constraint",
    "SQLITE_ERROR": "schema_changed",
}
WORDS: Mapping[str, Promise] = {
    "unreachable": gettext_lazy("nothing answers there. Check machine, port and network, and that the server runs."),
    "login_refused": gettext_lazy("the server refuses the login or knows no such database. Check name and password."),
    "no_encryption": gettext_lazy("no encrypted connection could be made, or its certificate is not the machine's."),
    "not_a_database": gettext_lazy("the file is not a database, or it is damaged."),
    "too_many_connections": gettext_lazy("the server takes no further connection now. It will be tried again."),
    "lost": gettext_lazy("the connection broke. Nothing of the transaction was kept; it will be tried again."),
    "statement_timeout": gettext_lazy("a statement took too long and was given up. Smaller batches or an index help."),
    "lock_timeout": gettext_lazy("rows stay locked by another program. They are left, and tried again later."),
    "deadlock": gettext_lazy("another program worked on the same rows. It will be tried again."),
    "read_only": gettext_lazy("it takes no changes now: a replica, or a server set to reading only."),
    "disk_full": gettext_lazy("its disk is full. Nothing was changed; make room first."),
    "not_permitted": gettext_lazy("the login may not do this. Give it the rights that the mapping's page lists."),
    "schema_changed": gettext_lazy("a table or column is not there any more. Check the mapping against the database."),
    "constraint": gettext_lazy("a constraint of the database forbids it. Nothing was changed; correct the mapping."),
    "failed": gettext_lazy("the statement failed. Nothing was changed; the log of that server says more."),
}
NO_CONNECTION = frozenset(
    {"unreachable", "login_refused", "no_encryption", "not_a_database", "too_many_connections", "lost"}
)


@contextmanager
def in_words(place: str) -> Iterator[None]:
    """Turn what drivers raise inside the block into `SourceUnreachable` or `SourceFailed`, which hold no value."""
    cause = ""
    try:
        yield
    except (exc.SQLAlchemyError, psycopg.Error, pymysql.MySQLError, sqlite3.Error, sqlite3.Warning) as error:
        cause = cause_of(error)
    if cause:
        refusal = failure(place, cause)
        try:
            raise refusal
        finally:
            refusal.__context__ = None  # the driver's error, with its values, does not travel along


def failure(place: str, cause: str) -> SourceError:
    """Return the refusal for a cause (a key of WORDS) at a place."""
    kind = SourceUnreachable if cause in NO_CONNECTION else SourceFailed
    return kind(_("%(place)s: %(words)s") % {"place": place, "words": WORDS[cause]}, cause=cause)


def cause_of(error: BaseException) -> str:
    """Return why a statement or a connection failed, as a stable word: a key of WORDS."""
    if isinstance(error, exc.NoSuchTableError | exc.NoSuchColumnError):
        return "schema_changed"
    if isinstance(error, exc.TimeoutError):  # of the pool: our own connections are all in use
        return "too_many_connections"
    driver = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    if isinstance(driver, psycopg.Error):
        return _of_postgresql(driver)
    if isinstance(driver, pymysql.MySQLError):
        number = driver.args[0] if driver.args and isinstance(driver.args[0], int) else 0
        return MYSQL_NUMBERS.get(number, "lost" if isinstance(driver, pymysql.err.InterfaceError) else "failed")
    name = "_".join(getattr(driver, "sqlite_errorname", "").split("_")[:2])
    return SQLITE_NAMES.get(name, "failed")


def _of_postgresql(error: psycopg.Error) -> str:
    state = error.sqlstate or ""
    for prefix in sorted(POSTGRESQL_STATES, key=len, reverse=True):
        if state.startswith(prefix):
            return POSTGRESQL_STATES[prefix]
    if state or not isinstance(error, psycopg.OperationalError):
        return "failed"
    said = str(error)  # libpq names no state where no connection was made; FATAL is the server's word in all languages
    if "SSL" in said or "certificate" in said:
        return "no_encryption"
    if "FATAL" in said:
        return "login_refused"
    return "unreachable" if "connection failed" in said or "timeout" in said else "lost"
