"""The tables that a mapping names, as the database describes them; names go through SQLAlchemy's quoting alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    func,
    quoted_name,
    select,
    types,
)
from sqlalchemy.sql import column as named_column
from sqlalchemy.sql import table as named_table

from retention.mapping import TableMapping, TableName
from retention.statements.failures import Cause, failure

DATED_BY_DATABASE = "dated_by_database"  # what a column carries that changes by itself with its row
MYSQL_COLUMNS = ("COLUMN_NAME", "TABLE_NAME", "TABLE_SCHEMA", "EXTRA")
# Collations by which PostgreSQL lowers every letter, whatever the locale of the database; the first that is there.
COLLATIONS = ("und-x-icu", "pg_unicode_fast", "pg_c_utf8", "C.utf8", "C.UTF-8")


class Kind(StrEnum):
    """What a column can hold, as far as the statements care."""

    DATE = "date"
    NAIVE = "naive"  # a wall clock without a zone
    AWARE = "aware"  # an instant
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    UUID = "uuid"
    BINARY = "binary"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Place:
    """The engine of the database, the zone of the register, and the zone of the database's wall clocks."""

    dialect: str  # postgresql, mysql or sqlite
    zone: ZoneInfo
    wall: ZoneInfo
    can_skip_locked: bool
    collation: str = ""


@dataclass(frozen=True, slots=True)
class Tables:
    """The mapped tables; `children` in the order of the mapping."""

    target: Table
    children: tuple[Table, ...]
    archive: Table | None


def place_of(connection: Connection, *, zone: ZoneInfo, wall: ZoneInfo) -> Place:
    """Return what the statements must know of this database."""
    dialect = connection.dialect
    name = "mysql" if dialect.name == "mariadb" else dialect.name
    version = dialect.server_version_info or (0,)
    is_mariadb = bool(getattr(dialect, "is_mariadb", False))
    can_skip = name == "postgresql" or (name == "mysql" and version >= ((10, 6) if is_mariadb else (8, 0, 1)))
    return Place(name, zone, wall, can_skip, _collation(connection) if name == "postgresql" else "")


def _collation(connection: Connection) -> str:
    collations = named_table("pg_collation", named_column("collname"), schema="pg_catalog")
    present = set(connection.scalars(select(collations.c.collname).where(collations.c.collname.in_(COLLATIONS))))
    return next((name for name in COLLATIONS if name in present), "")


def reflected(connection: Connection, name: TableName) -> Table:
    """Return a table as it stands in the database, with no other table that it points at."""
    quoted = quoted_name(name.name, quote=True)
    schema = quoted_name(name.schema, quote=True) if name.schema else None
    listeners = [("column_reflect", _with_its_own_name)] if connection.dialect.name in {"mysql", "mariadb"} else []
    table = Table(quoted, MetaData(), schema=schema, autoload_with=connection, resolve_fks=False, listeners=listeners)
    if connection.dialect.name in {"mysql", "mariadb"}:
        for column in _dated_by_mysql(connection, table):
            table.c[column].info[DATED_BY_DATABASE] = True
    return table


def _with_its_own_name(_inspector: object, _table: object, column: Any) -> None:
    """SQLAlchemy reads a column's name from MySQL as it is quoted there: with its backticks doubled."""
    column["name"] = column["name"].replace("``", "`")


def _dated_by_mysql(connection: Connection, table: Table) -> list[str]:
    """Return the columns into which MySQL writes the time of each change by itself."""
    name, of, schema, extra = (named_column(each, String) for each in MYSQL_COLUMNS)
    columns = named_table("COLUMNS", name, of, schema, extra, schema="information_schema")
    own = (of == table.name, schema == (table.schema or func.database()))
    found = connection.scalars(select(name).select_from(columns).where(*own, extra.icontains("on update")))
    return [each for each in found if each in table.c]


def tables_of(connection: Connection, mapping: TableMapping) -> Tables:
    """Return the tables of a mapping; NoSuchTableError where one is missing."""
    return Tables(
        reflected(connection, mapping.table),
        tuple(reflected(connection, child.table) for child in mapping.children),
        reflected(connection, mapping.archive) if mapping.archive else None,
    )


def column_of(table: Table, name: str) -> Column[object]:
    """Return a column by its exact name; a table without it has changed since the mapping was checked."""
    if name not in table.c:
        raise failure(Cause.CHANGED)
    return table.c[name]


def columns_of(table: Table, names: Sequence[str]) -> tuple[Column[object], ...]:
    return tuple(column_of(table, name) for name in names)


def kind_of(column: Column[object], dialect: str) -> Kind:
    """Return what a column holds."""
    kind = column.type
    if isinstance(kind, types.DateTime):
        # MySQL keeps a TIMESTAMP as an instant and shows it in the zone of the session, which is UTC here.
        is_instant = isinstance(kind, types.TIMESTAMP) if dialect == "mysql" else kind.timezone
        return Kind.AWARE if is_instant else Kind.NAIVE
    if isinstance(kind, types.Date):
        return Kind.DATE
    if isinstance(kind, types.Boolean) or (dialect == "mysql" and getattr(kind, "display_width", None) == 1):
        return Kind.BOOLEAN
    if isinstance(kind, types.Uuid):
        return Kind.UUID
    if isinstance(kind, types.String):
        return Kind.TEXT
    if isinstance(kind, types.Integer):
        return Kind.INTEGER
    if isinstance(kind, types.Numeric | types.Float):
        return Kind.NUMBER
    return Kind.BINARY if isinstance(kind, types.LargeBinary | types._Binary) else Kind.OTHER


def array_of(column: Column[object], values: Sequence[object], name: str) -> object:
    """Return the values of a column as one PostgreSQL parameter."""
    kind = column.type
    is_plain_text = isinstance(kind, types.String) and not isinstance(kind, types.CHAR | types.Enum)
    return bindparam(name, list(values), type_=ARRAY(Text() if is_plain_text else kind), unique=True)
