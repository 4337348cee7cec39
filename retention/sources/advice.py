"""The rights that a mapping needs and no more, as statements that an administrator of the database can run."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine.interfaces import Dialect as Speech

from retention.mapping import ChildFate, ColumnMapping, Law, Step, TableMapping, TableName, Treatment
from retention.sources.addresses import Address
from retention.sources.dialects import Dialect

Rights = Mapping[tuple[TableName, str], frozenset[str]]  # (table, right): columns; none: the whole table

# "named": a percent sign in a name is not doubled
SPEECH: dict[Dialect, Speech] = {
    Dialect.POSTGRESQL: postgresql.dialect(paramstyle="named"),  # type: ignore[no-untyped-call]
    Dialect.MYSQL: mysql.dialect(paramstyle="named"),
}
ROWS_GO = frozenset({Step.ERASE, Step.ARCHIVE, Step.RETURN_THEN_DESTROY})
SELECT, UPDATE, DELETE, INSERT = "SELECT", "UPDATE", "DELETE", "INSERT"


def rights(mapping: TableMapping) -> Rights:
    """Return which rights the mapping needs: by table and right, the columns; empty: on the table."""
    found: dict[tuple[TableName, str], set[str]] = defaultdict(set)
    table, treated = mapping.table, _treated(mapping.columns)
    read = {
        *mapping.key,
        *mapping.events.values(),
        mapping.state_column,
        mapping.returned_column,
        mapping.access_column,
    }
    read |= {column.name for column in mapping.columns} | _dates([mapping.law, *(c.law for c in mapping.columns)])
    found[table, SELECT] |= read - {""}
    written = treated | ({mapping.access_column} if mapping.step is Step.LIMIT_ACCESS else set())
    if written - {""}:
        found[table, UPDATE] |= written - {""}
    whole = set()
    if mapping.step in ROWS_GO:
        whole.add((table, DELETE))
    if mapping.step is Step.ARCHIVE and mapping.archive is not None:
        whole |= {(mapping.archive, INSERT), (table, SELECT)}
    for child in mapping.children:
        found[child.table, SELECT] |= {*child.foreign_key, *(column.name for column in child.columns)}
        found[child.table, SELECT] |= _dates([child.law, *(column.law for column in child.columns)])
        if child.fate is ChildFate.ERASE:
            whole.add((child.table, DELETE))
        if written := _treated(child.columns):
            found[child.table, UPDATE] |= written
    return {at: frozenset(columns) for at, columns in found.items()} | {at: frozenset() for at in whole}


def _treated(columns: Iterable[ColumnMapping]) -> set[str]:
    return {column.name for column in columns if column.treatment is not Treatment.KEEP}


def _dates(laws: Iterable[Law | None]) -> set[str]:
    return {law.dated_by for law in laws if law is not None and law.dated_by}


def grants(address: Address, mappings: Iterable[TableMapping]) -> list[str]:
    """Return the statements that give the address's login what these mappings need; none for a file."""
    if address.dialect is Dialect.SQLITE:
        return []
    quote = SPEECH[address.dialect].identifier_preparer.quote_identifier
    needed = _together(mappings)
    if address.dialect is Dialect.POSTGRESQL:
        login, default = quote(address.user), "public"
        needed = _with_locks(needed)
        lines = [f"GRANT CONNECT ON DATABASE {quote(address.database)} TO {login};"]
        schemas = sorted({table.schema or default for table, _right in needed})
        lines += [f"GRANT USAGE ON SCHEMA {quote(schema)} TO {login};" for schema in schemas]
    else:
        login, default = f"{_text(address.user)}@'%'", address.database
        # MySQL shows foreign keys only to who has a right on their tables; this one lets nobody read or change
        lines = [f"GRANT REFERENCES ON {quote(address.database)}.* TO {login};"]
    for (table, right), columns in sorted(needed.items(), key=lambda entry: (str(entry[0][0]), entry[0][1])):
        listed = f" ({', '.join(map(quote, sorted(columns)))})" if columns else ""
        place = f"{quote(table.schema or default)}.{quote(table.name)}"
        lines.append(f"GRANT {right}{listed} ON {place} TO {login};")
    return lines


def _together(mappings: Iterable[TableMapping]) -> dict[tuple[TableName, str], frozenset[str]]:
    found: dict[tuple[TableName, str], frozenset[str]] = {}
    for mapping in mappings:
        for at, columns in rights(mapping).items():
            is_whole = not columns or found.get(at) == frozenset()
            found[at] = frozenset() if is_whole else columns | found.get(at, frozenset())
    return found


def _with_locks(needed: Rights) -> dict[tuple[TableName, str], frozenset[str]]:
    """Add what PostgreSQL asks for where rows are locked before they go: UPDATE on one column at least."""
    found = dict(needed)
    for table, right in needed:
        if right == DELETE and (table, UPDATE) not in found:
            read = found.get((table, SELECT))
            found[table, UPDATE] = frozenset(sorted(read)[:1]) if read else frozenset()
    return found


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
