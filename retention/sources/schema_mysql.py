"""Reading the schema of MySQL and MariaDB from their catalogue: in a few statements, whatever names are made of."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text

from retention.mapping import TableName
from retention.sources.tables import Column, ColumnKind, ForeignKey, Index, Table, Trigger, digest

TABLES = text(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_type LIKE 'BASE%'"
)
COLUMNS = text("""
    SELECT table_name, column_name, lower(data_type), lower(column_type), character_maximum_length,
        is_nullable = 'YES', coalesce(generation_expression, '') <> ''
    FROM information_schema.columns WHERE table_schema = database() ORDER BY ordinal_position
""")
INDEXES = text("""
    SELECT table_name, index_name, non_unique = 0, column_name
    FROM information_schema.statistics WHERE table_schema = database() ORDER BY seq_in_index
""")
# from other databases of the server too: what points at our tables is as binding from there
FOREIGN_KEYS = text("""
    SELECT if(used.table_schema = database(), '', used.table_schema), used.table_name, used.constraint_name,
        used.column_name,
        if(used.referenced_table_schema = database(), '', used.referenced_table_schema), used.referenced_table_name,
        used.referenced_column_name, rules.delete_rule
    FROM information_schema.key_column_usage AS used JOIN information_schema.referential_constraints AS rules
        ON rules.constraint_schema = used.constraint_schema AND rules.constraint_name = used.constraint_name
        AND rules.table_name = used.table_name
    WHERE database() IN (used.table_schema, used.referenced_table_schema)
    ORDER BY used.ordinal_position
""")
TRIGGERS = text("""
    SELECT event_object_table, trigger_name, concat_ws(' ', action_timing, event_manipulation, action_statement)
    FROM information_schema.triggers WHERE event_object_schema = database()
""")
CHECKS_OF_MARIADB = text("""
    SELECT table_name, check_clause FROM information_schema.check_constraints WHERE constraint_schema = database()
""")
CHECKS_OF_MYSQL = text("""
    SELECT placed.table_name, checks.check_clause
    FROM information_schema.check_constraints AS checks JOIN information_schema.table_constraints AS placed
        USING (constraint_schema, constraint_name)
    WHERE checks.constraint_schema = database()
""")
KINDS = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), ColumnKind.INTEGER),
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), ColumnKind.TEXT),
    "date": ColumnKind.DATE,
    "datetime": ColumnKind.NAIVE_TIMESTAMP,
    "timestamp": ColumnKind.AWARE_TIMESTAMP,
    "enum": ColumnKind.CHOICE,
    "uuid": ColumnKind.UUID,
}
ForeignKeys = dict[TableName, list[ForeignKey]]


def names(connection: Connection) -> list[TableName]:
    return [TableName(name) for (name,) in connection.execute(TABLES)]


def tables(connection: Connection, keys: ForeignKeys) -> Iterator[Table]:
    """Return the tables of the database, without what points at them."""
    columns = _by_table(connection, COLUMNS)
    indexes, triggers = _by_table(connection, INDEXES), _by_table(connection, TRIGGERS)
    is_mariadb = getattr(connection.dialect, "is_mariadb", False)
    checks = _by_table(connection, CHECKS_OF_MARIADB if is_mariadb else CHECKS_OF_MYSQL)
    for name in names(connection):
        primary, others = _indexes(indexes[name.name])
        yield Table(
            name,
            tuple(map(_column, columns[name.name])),
            primary_key=primary,
            unique=tuple(sorted(index.columns for index in others if index.is_unique)),
            foreign_keys=tuple(keys.get(name, ())),
            triggers=tuple(Trigger(trigger, digest(made)) for _table, trigger, made in triggers[name.name]),
            checks=tuple(check for _table, check in checks[name.name]),
            indexes=others,
        )


def _by_table(connection: Connection, query: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row[0]].append(row)
    return found


def _column(row: Any) -> Column:
    _table, name, data_type, spelled, length, is_nullable, is_generated = row
    kind = ColumnKind.BOOLEAN if spelled.startswith("tinyint(1)") else KINDS.get(data_type, ColumnKind.OTHER)
    return Column(
        name,
        kind,
        spelled,
        int(length) if kind is ColumnKind.TEXT and length is not None else None,
        is_nullable=bool(is_nullable),
        is_generated=bool(is_generated),
    )


def _indexes(rows: list[Any]) -> tuple[tuple[str, ...], tuple[Index, ...]]:
    """Return the primary key, and the other indexes."""
    columns: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for _table, index, is_unique, column in rows:
        columns[index, bool(is_unique)].append(column)
    primary = tuple(columns.pop(("PRIMARY", True), ()))
    return primary, tuple(
        Index(tuple(column for column in of if column), is_unique) for (_name, is_unique), of in columns.items()
    )


def foreign_keys(connection: Connection) -> ForeignKeys:
    """Return the foreign keys by their table, of other databases too as far as the login sees them."""
    parts: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for row in connection.execute(FOREIGN_KEYS):
        parts[row[0], row[1], row[2]].append(row)
    found: dict[TableName, list[ForeignKey]] = defaultdict(list)
    for (schema, table, _constraint), rows in parts.items():
        target = TableName(rows[0][5], rows[0][4])
        columns, targets = tuple(row[3] for row in rows), tuple(row[6] for row in rows)
        key = ForeignKey(TableName(table, schema), columns, target, targets, rows[0][7])
        found[key.table].append(key)
    return found
