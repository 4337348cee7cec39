"""What is asked of the database's own catalogue: unique sets of columns, and the tables that point at a table."""

from collections import defaultdict

from sqlalchemy import Connection, Inspector, Table, inspect, text

from retention.statements.foreign_keys import Link, TableKey, links, table_key

# SQLAlchemy reads the text of CREATE TABLE, and misses what it cannot parse.
UNIQUE_IN_SQLITE = """
SELECT l.name, i.name FROM pragma_index_list(:table) l, pragma_index_info(l.name) i
WHERE l."unique" AND i.name IS NOT NULL
"""


class Catalogue:
    """The catalogue of a database, each question asked once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.inspector: Inspector = inspect(connection)
        self.default = self.inspector.default_schema_name
        self.links = tuple(links(connection, self.default))
        self._folds = connection.dialect.name == "sqlite"

    def key_of(self, table: Table) -> TableKey:
        return table_key(table.schema, table.name, default=self.default, folds=self._folds)

    def pointing_at(self, table: Table) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.target == self.key_of(table))

    def held_by(self, table: Table) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.holder == self.key_of(table))

    def unique_sets(self, table: Table) -> set[frozenset[str]]:
        """The sets of columns that tell rows of a table apart: primary key, unique constraints, unique indexes."""
        sets = {frozenset(column.name for column in table.primary_key.columns)}
        if self._folds:
            sets |= self._unique_in_sqlite(table)
        else:
            indexes = self.inspector.get_indexes(table.name, schema=table.schema)
            sets |= {frozenset(name for name in each["column_names"] if name) for each in indexes if each["unique"]}
        return {each for each in sets if each}

    def _unique_in_sqlite(self, table: Table) -> set[frozenset[str]]:
        lines: dict[str, set[str]] = defaultdict(set)
        for index, column in self.connection.execute(text(UNIQUE_IN_SQLITE), {"table": str(table.name)}):
            lines[index].add(column)
        return {frozenset(each) for each in lines.values()}
