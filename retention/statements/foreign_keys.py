"""The foreign keys of a whole database, asked of its catalogue at once: whatever their names, and of every table."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

TableKey = tuple[str | None, str]  # schema, None for the one that names without a schema mean, and name

# One line per column: constraint, holder's schema and table, column, schema and table pointed at, column, ON DELETE.
POSTGRESQL = """
SELECT con.oid::text, hn.nspname, h.relname, ha.attname, tn.nspname, t.relname, ta.attname,
       CASE con.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' ELSE '' END
FROM pg_catalog.pg_constraint con
JOIN pg_catalog.pg_class h ON h.oid = con.conrelid JOIN pg_catalog.pg_namespace hn ON hn.oid = h.relnamespace
JOIN pg_catalog.pg_class t ON t.oid = con.confrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
CROSS JOIN LATERAL unnest(con.conkey, con.confkey) WITH ORDINALITY AS pair (own, other, place)
JOIN pg_catalog.pg_attribute ha ON ha.attrelid = h.oid AND ha.attnum = pair.own
JOIN pg_catalog.pg_attribute ta ON ta.attrelid = t.oid AND ta.attnum = pair.other
WHERE con.contype = 'f'
ORDER BY con.oid, pair.place
"""
MYSQL = """
SELECT CONCAT(k.CONSTRAINT_SCHEMA, '.', k.TABLE_NAME, '.', k.CONSTRAINT_NAME), k.TABLE_SCHEMA, k.TABLE_NAME,
       k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME, r.DELETE_RULE
FROM information_schema.KEY_COLUMN_USAGE k
JOIN information_schema.REFERENTIAL_CONSTRAINTS r
  ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
WHERE DATABASE() IN (k.TABLE_SCHEMA, k.REFERENCED_TABLE_SCHEMA) AND k.REFERENCED_TABLE_NAME IS NOT NULL
ORDER BY 1, k.ORDINAL_POSITION
"""
SQLITE = """
SELECT m.name || '/' || f.id, NULL, m.name, f."from", NULL, f."table", f."to", f.on_delete
FROM sqlite_master m, pragma_foreign_key_list(m.name) f
WHERE m.type = 'table'
ORDER BY m.name, f.id, f.seq
"""
QUERIES = {"postgresql": POSTGRESQL, "mysql": MYSQL, "mariadb": MYSQL, "sqlite": SQLITE}


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key: the table that holds it, its columns, the table and columns it points at, what ON DELETE does.

    `target_columns` is empty where SQLite leaves them out: the primary key then.
    """

    holder: TableKey
    columns: tuple[str, ...]
    target: TableKey
    target_columns: tuple[str, ...]
    on_delete: str

    @property
    def said(self) -> str:
        schema, name = self.holder
        return f"{schema}.{name} ({', '.join(self.columns)})" if schema else f"{name} ({', '.join(self.columns)})"


def table_key(schema: str | None, name: str, *, default: str | None, folds: bool = False) -> TableKey:
    """Return how a table is told from others; SQLite does not tell upper from lower case."""
    return (None if schema in {None, default} else str(schema), str(name).lower() if folds else str(name))


def links(connection: Connection, default: str | None) -> Iterable[Link]:
    """Return every foreign key that the catalogue shows."""
    folds = connection.dialect.name == "sqlite"
    lines: dict[str, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for line in connection.execute(text(QUERIES[connection.dialect.name])):
        lines[line[0]].append(line)
    for of in lines.values():
        yield _link(of, default, folds=folds)


def _link(lines: Sequence[Row[*tuple[Any, ...]]], default: str | None, *, folds: bool) -> Link:
    _name, schema, table, _column, target_schema, target, _target_column, on_delete = lines[0]
    pointed = tuple(str(line[6]) for line in lines if line[6] is not None)
    return Link(
        table_key(schema, table, default=default, folds=folds),
        tuple(str(line[3]) for line in lines),
        table_key(target_schema, target, default=default, folds=folds),
        pointed if len(pointed) == len(lines) else (),
        str(on_delete or "").upper(),
    )
