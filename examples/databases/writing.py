"""Rows into tables: COPY where there is PostgreSQL, lists of values elsewhere."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, Engine, MetaData, Table

from examples.databases.days import PARIS

Row = Sequence[Any]  # values in the order of the table's columns
BATCH_ROWS = 2_000


def write(engine: Engine, *parts: tuple[MetaData, Mapping[str, Sequence[Row]]], schema: str = "") -> None:
    """Create the tables and fill them, in one transaction; `schema` is one that exists, else the connection's own."""
    with of_schema(engine, schema).begin() as connection:
        for metadata, rows in parts:
            metadata.create_all(connection)
            for table in metadata.sorted_tables:
                if rows.get(table.name):
                    _fill(connection, table, rows[table.name], schema)
    if engine.dialect.name == "postgresql":  # so that plans are those of a database in use
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("ANALYZE")


def of_schema(engine: Engine, schema: str) -> Engine:
    """Return the engine, with this schema for tables that name none; empty: the connection's own."""
    return engine.execution_options(schema_translate_map={None: schema or None})


def _fill(connection: Connection, table: Table, rows: Sequence[Row], schema: str) -> None:
    if connection.dialect.name == "postgresql":
        place = sql.Identifier(schema, table.name) if schema else sql.Identifier(table.name)
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(place, names)) as copy:
            for row in rows:
                copy.write_row(row)
        return
    names_of = [column.name for column in table.columns]
    for start in range(0, len(rows), BATCH_ROWS):
        batch = [
            {name: _plain(value) for name, value in zip(names_of, row, strict=True)}
            for row in rows[start : start + BATCH_ROWS]
        ]
        connection.execute(table.insert(), batch)


def _plain(value: Any) -> Any:
    """Without a time zone where the database knows none: the wall clock of Paris."""
    return value.astimezone(PARIS).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value
