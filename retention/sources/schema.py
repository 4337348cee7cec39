"""Reading the schema of a business database, within limits."""

import re
import time
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from sqlalchemy import Connection, inspect, text, types
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.exc import SAWarning

from retention.errors import SourceFailed
from retention.mapping import TableName
from retention.sources import schema_mysql
from retention.sources.tables import Column, ColumnKind, ForeignKey, Index, Schema, Table, Trigger, digest

MOST_TABLES = 2_000
SECONDS = 60.0

KINDS: tuple[tuple[type[types.TypeEngine[Any]], ColumnKind], ...] = (
    (types.Boolean, ColumnKind.BOOLEAN),
    (types.Uuid, ColumnKind.UUID),
    (types.Enum, ColumnKind.CHOICE),
    (types.Integer, ColumnKind.INTEGER),
    (types.Date, ColumnKind.DATE),
    (types.DateTime, ColumnKind.NAIVE_TIMESTAMP),
    (types.String, ColumnKind.TEXT),
)
PARTS = ("columns", "pk_constraint", "unique_constraints", "foreign_keys", "check_constraints", "indexes")
OPTIONS: dict[tuple[str, str], dict[str, Any]] = {
    ("sqlite", "indexes"): {"include_auto_indexes": True},  # those of UNIQUE: otherwise guessed from the text
}

# how the database itself spells the types: schema, table, column, type; a domain with what it stands for
TYPES = {
    "postgresql": text("""
        SELECT nspname, relname, attname, format_type(atttypid, atttypmod)
            || CASE WHEN typtype = 'd' THEN ' = ' || format_type(typbasetype, typtypmod) ELSE '' END
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
        JOIN pg_type ON pg_type.oid = atttypid
        WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p')
            AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
    """),
    "sqlite": text("""
        SELECT NULL, made.name, columns.name, columns.type
        FROM sqlite_master AS made, pragma_table_xinfo(made.name) AS columns WHERE made.type = 'table'
    """),
}
# triggers and rules, with what they do: schema, table, name, definition
TRIGGERS = {
    "postgresql": text("""
        SELECT nspname, relname, tgname, concat_ws(chr(10), tgenabled::text, pg_get_triggerdef(pg_trigger.oid), prosrc)
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
        JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal
        UNION ALL
        SELECT schemaname, tablename, rulename, definition FROM pg_rules WHERE schemaname <> 'pg_catalog'
    """),
    "sqlite": text("SELECT NULL, tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"),
}
# reflection takes a key that crosses schemas for one that does not
FOREIGN_KEYS = text("""
    SELECT here.nspname, ours.relname, there.nspname, theirs.relname,
        ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS used (number, place)
            JOIN pg_attribute ON attrelid = conrelid AND attnum = number ORDER BY place),
        ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY AS used (number, place)
            JOIN pg_attribute ON attrelid = confrelid AND attnum = number ORDER BY place),
        CASE confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE'
            WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END
    FROM pg_constraint
    JOIN pg_class AS ours ON ours.oid = conrelid JOIN pg_namespace AS here ON here.oid = ours.relnamespace
    JOIN pg_class AS theirs ON theirs.oid = confrelid JOIN pg_namespace AS there ON there.oid = theirs.relnamespace
    WHERE contype = 'f' ORDER BY pg_constraint.oid
""")
MADE_BY = text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")


def read_schema(connection: Connection, *, most_tables: int = MOST_TABLES, seconds: float = SECONDS) -> Schema:
    """Return all tables that the login can see; call it inside `in_words`. `SourceFailed` where they are too many."""
    deadline = time.monotonic() + seconds
    if connection.dialect.name == "mysql":
        reader: _FromCatalogue | _ByReflection = _FromCatalogue(connection)
    else:
        reader = _ByReflection(connection)
    if len(reader.names()) > most_tables:
        raise _too_large(most_tables)
    tables: dict[TableName, Table] = {}
    for table in reader.tables():
        tables[table.name] = table
        if time.monotonic() > deadline:
            raise _too_large(most_tables)
    incoming: dict[TableName, list[ForeignKey]] = defaultdict(list)
    for key in [*(key for table in tables.values() for key in table.foreign_keys), *reader.from_elsewhere()]:
        incoming[key.target].append(key)
    return Schema({name: replace(table, incoming=tuple(incoming[name])) for name, table in tables.items()})


def _too_large(most: int) -> SourceFailed:
    return SourceFailed(
        _("The database has too many tables to be read (at most %(most)d): give the login rights on fewer of them.")
        % {"most": most},
        cause="too_large",
    )


class _FromCatalogue:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.foreign_keys = schema_mysql.foreign_keys(connection)

    def names(self) -> list[TableName]:
        return schema_mysql.names(self.connection)

    def tables(self) -> Iterator[Table]:
        return schema_mysql.tables(self.connection, self.foreign_keys)

    def from_elsewhere(self) -> list[ForeignKey]:
        return [key for name, keys in self.foreign_keys.items() if name.schema for key in keys]


class _ByReflection:
    def __init__(self, connection: Connection) -> None:
        self.connection, self.dialect = connection, connection.dialect.name
        self.inspector: Inspector = inspect(connection)

    def names(self) -> list[TableName]:
        return [
            TableName(name, schema)
            for schema in self._schemas()
            for name in self.inspector.get_table_names(schema=self._where(schema))
        ]

    def tables(self) -> Iterator[Table]:
        spelled = {
            (TableName(table, self._schema_name(schema)), name): kind
            for schema, table, name, kind in self.connection.execute(TYPES[self.dialect])
        }
        triggers: dict[TableName, list[Trigger]] = defaultdict(list)
        for schema, table, name, made in self.connection.execute(TRIGGERS[self.dialect]):
            triggers[TableName(table, self._schema_name(schema))].append(Trigger(name, digest(made)))
        keys = self._foreign_keys() if self.dialect == "postgresql" else {}
        for schema in self._schemas():
            for name, parts in self._parts(schema).items():
                parts["foreign_keys"] = keys.get(name, parts["foreign_keys"])
                yield self._table(name, parts, spelled, triggers[name])

    def from_elsewhere(self) -> Iterable[ForeignKey]:
        return ()

    def _foreign_keys(self) -> dict[TableName, list[dict[str, Any]]]:
        found: dict[TableName, list[dict[str, Any]]] = defaultdict(list)
        for here, table, there, target, columns, target_columns, on_delete in self.connection.execute(FOREIGN_KEYS):
            found[TableName(table, self._schema_name(here))].append(
                {
                    "constrained_columns": columns,
                    "referred_schema": there,
                    "referred_table": target,
                    "referred_columns": target_columns,
                    "options": {"ondelete": on_delete},
                }
            )
        return found

    def _schemas(self) -> list[str]:
        """Return the schemas to look into: "" is the default one."""
        if self.dialect != "postgresql":
            return [""]
        default = self.inspector.default_schema_name
        others = (name for name in self.inspector.get_schema_names() if name not in {default, "information_schema"})
        return ["", *(name for name in others if not name.startswith("pg_"))]

    def _where(self, schema: str) -> str | None:
        """Return a schema's own name: without one, PostgreSQL would take all that its search path leads to."""
        return schema or (self.inspector.default_schema_name if self.dialect == "postgresql" else None)

    def _schema_name(self, schema: str | None) -> str:
        return "" if schema is None or schema == self.inspector.default_schema_name else schema

    def _parts(self, schema: str) -> dict[TableName, dict[str, Any]]:
        found: dict[TableName, dict[str, Any]] = defaultdict(dict)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # a type or an index that it does not know: kind OTHER
            for part in PARTS:
                read = getattr(self.inspector, f"get_multi_{part}")
                for (_schema, name), value in read(
                    schema=self._where(schema), **OPTIONS.get((self.dialect, part), {})
                ).items():
                    found[TableName(name, schema)][part] = value
        if self.dialect == "sqlite":  # checks are guessed from this text too: all of it
            for name, made in self.connection.execute(MADE_BY):
                found[TableName(name)]["check_constraints"] = [{"sqltext": made}]
        return {name: parts for name, parts in found.items() if "columns" in parts}

    def _table(
        self,
        name: TableName,
        parts: Mapping[str, Any],
        spelled: Mapping[tuple[TableName, str], str],
        triggers: Iterable[Trigger],
    ) -> Table:
        indexes = tuple(
            Index(tuple(column for column in index["column_names"] if column), bool(index["unique"]))
            for index in parts["indexes"]
        )
        unique = {tuple(constraint["column_names"]) for constraint in parts["unique_constraints"]}
        unique |= {index.columns for index in indexes if index.is_unique}
        return Table(
            name,
            tuple(_column(column, spelled.get((name, column["name"]), "")) for column in parts["columns"]),
            primary_key=tuple((parts["pk_constraint"] or {}).get("constrained_columns") or ()),
            unique=tuple(sorted(unique)),
            foreign_keys=tuple(self._foreign_key(name, key) for key in parts["foreign_keys"]),
            triggers=tuple(triggers),
            checks=tuple(check["sqltext"] for check in parts["check_constraints"]),
            indexes=indexes,
        )

    def _foreign_key(self, name: TableName, key: Mapping[str, Any]) -> ForeignKey:
        target = TableName(key["referred_table"], self._schema_name(key["referred_schema"]))
        on_delete = (key.get("options") or {}).get("ondelete") or "NO ACTION"
        pointed_at = key["referred_columns"]
        if not pointed_at:  # SQLite: the key of the other table
            pointed_at = self.inspector.get_pk_constraint(target.name)["constrained_columns"]
        return ForeignKey(name, tuple(key["constrained_columns"]), target, tuple(pointed_at), on_delete.upper())


def _column(column: Mapping[str, Any], spelled: str) -> Column:
    kind = _kind_of(column["type"])
    length = re.search(r"\((\d+)\)", spelled) if kind is ColumnKind.TEXT else None
    return Column(
        column["name"],
        kind,
        spelled,
        int(length[1]) if length else None,
        is_nullable=bool(column["nullable"]),
        is_generated=bool(column.get("computed")),
    )


def _kind_of(kind: types.TypeEngine[Any]) -> ColumnKind:
    while isinstance(kind, DOMAIN):
        kind = kind.data_type
    if isinstance(kind, types.DateTime) and kind.timezone:
        return ColumnKind.AWARE_TIMESTAMP
    return next((found for of, found in KINDS if isinstance(kind, of)), ColumnKind.OTHER)
