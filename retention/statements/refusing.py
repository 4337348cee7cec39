"""Why a mapping may not run in a database: every reason at once, each naming the place and the remedy."""

from django.utils.translation import gettext as _
from sqlalchemy import Column, Connection, Table, types
from sqlalchemy.exc import NoSuchTableError

from retention.errors import MappingRefused
from retention.ground import Work
from retention.mapping import Step, TableName
from retention.statements.days import DATED
from retention.statements.over import in_state
from retention.statements.plan import ERASING, SETTING_ASIDE, Plan
from retention.statements.refusing_columns import column_reasons, declared_reasons, missing_columns
from retention.statements.refusing_links import link_reasons
from retention.statements.rights import missing_rights
from retention.statements.schema import Catalogue
from retention.statements.tables import Kind, Place, Tables, kind_of, reflected
from retention.statements.treated import constant


def refuse(connection: Connection, work: Work, place: Place) -> None:
    """Raise `MappingRefused` with every reason; return where there is none."""
    reasons = _reasons(connection, work, place)
    if reasons:
        raise MappingRefused(list(dict.fromkeys(reasons)))


def _reasons(connection: Connection, work: Work, place: Place) -> list[str]:
    tables, missing = _tables(connection, work)
    if tables is None:
        return missing
    missing = _missing_columns(tables, work)
    if missing:
        return missing
    catalogue, plan = Catalogue(connection), Plan(work, tables, place)
    state_reasons = _state_reasons(plan)
    reasons = [
        *_engine_reasons(plan),
        *_key_reasons(catalogue, plan),
        *_event_reasons(plan),
        *state_reasons,
        *_step_reasons(plan),
        *_law_reasons(plan),
        *column_reasons(catalogue, plan),
    ]
    if state_reasons:  # without states that the columns can hold, nothing can be said of the rows
        return reasons
    return [
        *reasons,
        *declared_reasons(catalogue, plan),
        *link_reasons(catalogue, plan),
        *missing_rights(connection, plan),
    ]


def _tables(connection: Connection, work: Work) -> tuple[Tables | None, list[str]]:
    mapping, reasons = work.mapping, []
    names = [
        mapping.table,
        *[child.table for child in mapping.children],
        *([mapping.archive] if mapping.archive else []),
    ]
    found: list[Table] = []
    for name in names:
        try:
            found.append(reflected(connection, name))
        except NoSuchTableError:
            reasons.append(_no_table(name))
    if reasons:
        return None, reasons
    last = len(mapping.children) + 1
    return Tables(found[0], tuple(found[1:last]), found[last] if mapping.archive else None), []


def _no_table(name: TableName) -> str:
    return _("There is no table “%(table)s” that this role can see.") % {"table": name}


def _missing_columns(tables: Tables, work: Work) -> list[str]:
    mapping = work.mapping
    laws = [mapping.law, *[each.law for each in mapping.columns]]
    named = [
        *mapping.key, *mapping.events.values(), mapping.state_column, *[each.name for each in mapping.columns],
        mapping.access_column if mapping.step is Step.LIMIT_ACCESS else "",
        mapping.returned_column, *[law.dated_by for law in laws if law],
        *[name for cover in work.covers for name in (*cover.columns, *cover.events.values(), cover.state_column)],
        *_held_by(work, mapping.table), *[cover.law.dated_by for cover in work.covers if cover.law],
    ]  # fmt: skip
    reasons = missing_columns(tables.target, named)
    for table, child in zip(tables.children, mapping.children, strict=True):
        dates = [law.dated_by for law in (child.law, *[each.law for each in child.columns]) if law]
        named = [*child.foreign_key, *[each.name for each in child.columns], *dates, *_held_by(work, child.table)]
        reasons += missing_columns(table, named)
    return reasons


def _held_by(work: Work, table: TableName) -> list[str]:
    return sorted({name for row in work.exclusions.rows if row.table == table for name in row.columns})


def _engine_reasons(plan: Plan) -> list[str]:
    """MySQL has tables that know no transaction: half a batch would stand."""
    others = [plan.tables.archive] if plan.tables.archive is not None else []
    return [
        _("“%(table)s” knows no transactions (%(engine)s): convert it to InnoDB.")
        % {"table": table.fullname, "engine": engine}
        for table in (plan.target, *plan.tables.children, *others)
        for engine in (table.kwargs.get("mariadb_engine"), table.kwargs.get("mysql_engine"))
        if engine and str(engine).lower() != "innodb"
    ]


def _key_reasons(catalogue: Catalogue, plan: Plan) -> list[str]:
    key = plan.work.mapping.key
    said = {"table": plan.target.fullname, "columns": ", ".join(key)}
    if not key:
        return [_("The key of “%(table)s” is missing: name the columns of its primary key.") % said]
    reasons = []
    if frozenset(key) not in catalogue.unique_sets(plan.target) or len(set(key)) < len(key):
        reasons.append(_("%(columns)s is no unique key of “%(table)s”: name its primary key.") % said)
    if any(column.nullable and not _is_row_number(column) for column in plan.key):
        reasons.append(_("The key %(columns)s of “%(table)s” may be empty: name its primary key.") % said)
    if any(_is_no_key(kind_of(column, plan.place.dialect)) for column in plan.key):
        reasons.append(_("The key %(columns)s of “%(table)s” has a type that no key can have.") % said)
    return reasons


def _is_row_number(column: Column[object]) -> bool:
    """SQLite's INTEGER PRIMARY KEY is the number of the row: never empty, though it is not said so."""
    return column.primary_key and isinstance(column.type, types.INTEGER) and len(column.table.primary_key.columns) == 1


def _is_no_key(kind: Kind) -> bool:
    return kind in {Kind.OTHER, Kind.BOOLEAN}


def _event_reasons(plan: Plan) -> list[str]:
    work = plan.work
    reasons = [
        _("The rule counts from “%(event)s”: name the column that holds it.") % {"event": event}
        for event in work.cut_off.events
        if event not in work.mapping.events
    ]
    dating = {*work.mapping.events.values(), *[name for cover in work.covers for name in cover.events.values()]}
    dating |= {cover.law.dated_by for cover in work.covers if cover.law and cover.law.dated_by}
    for name in sorted(dating):
        if kind_of(plan.target.c[name], plan.place.dialect) not in DATED:
            said = {"column": f"{plan.target.fullname}.{name}"}
            reasons.append(_("“%(column)s” dates an event, but is neither a date nor a timestamp.") % said)
    return reasons


def _state_reasons(plan: Plan) -> list[str]:
    mapping, target = plan.work.mapping, plan.target
    reasons = []
    if mapping.state_column and not mapping.state_values:
        said = {"column": mapping.state_column}
        reasons.append(_("No value of “%(column)s” is the rule's state: name at least one.") % said)
    if mapping.state_values and not mapping.state_column:
        reasons.append(_("States are named, but not the column that holds them."))
    states = [(mapping.state_column, mapping.state_values)]
    states += [(cover.state_column, cover.state_values) for cover in plan.work.covers]
    for name, values in states:
        try:
            in_state(target, name, values, plan.place)
        except ValueError:
            said = {"column": f"{target.fullname}.{name}"}
            reasons.append(_("A state named for “%(column)s” is no value that this column can hold.") % said)
    return reasons


def _step_reasons(plan: Plan) -> list[str]:
    mapping, step, reasons = plan.work.mapping, plan.step, []
    if step is Step.LIMIT_ACCESS:
        reasons += _access_reasons(plan)
    if step is Step.ARCHIVE:
        reasons += _archive_reasons(plan)
    if step in SETTING_ASIDE and mapping.children:
        reasons.append(
            _("This step moves or hides single rows: it takes no child tables. Give them targets of their own.")
        )
    if step is Step.RETURN_THEN_DESTROY:
        if not mapping.returned_column:
            reasons.append(_("Name the column that confirms that the data were handed back."))
        elif not plan.target.c[mapping.returned_column].nullable:
            said = {"column": mapping.returned_column}
            reasons.append(_("“%(column)s” is never empty: it cannot tell that the data were handed back.") % said)
    if step not in ERASING | SETTING_ASIDE and not plan.part.treated and not plan.children:
        reasons.append(_("No column has a treatment: say what becomes of each."))
    return reasons


def _access_reasons(plan: Plan) -> list[str]:
    mapping = plan.work.mapping
    if not mapping.access_column:
        return [_("Name the column that is set when access is limited, and its value.")]
    column = plan.target.c[mapping.access_column]
    said = {"column": f"{plan.target.fullname}.{column.name}"}
    if column.name in {*mapping.key, *mapping.events.values()}:
        return [_("“%(column)s” is a key or an event: limited access needs a column of its own.") % said]
    try:
        constant(mapping.access_value, column, plan.place)
    except ValueError:
        return [_("The value for “%(column)s” does not fit the column.") % said]
    return []


def _archive_reasons(plan: Plan) -> list[str]:
    archive, target = plan.tables.archive, plan.target
    if archive is None:
        return [_("Name the table of the intermediate archive.")]
    if archive.fullname == target.fullname:
        return [_("The archive is the table itself: name another one.")]
    reasons = []
    for column in target.columns:
        said = {"column": column.name, "archive": archive.fullname}
        if column.name not in archive.c:
            reasons.append(_("The archive “%(archive)s” has no column “%(column)s”.") % said)
        elif kind_of(column, plan.place.dialect) is not kind_of(archive.c[column.name], plan.place.dialect):
            reasons.append(_("“%(column)s” has another type in the archive “%(archive)s”.") % said)
    for column in archive.columns:
        if column.name not in target.c and not column.nullable and column.server_default is None:
            said = {"column": column.name, "archive": archive.fullname}
            reasons.append(_("“%(column)s” of the archive “%(archive)s” would stay empty, and may not.") % said)
    return reasons


def _law_reasons(plan: Plan) -> list[str]:
    reasons = []
    parts = [(plan.target, plan.work.mapping.law, plan.part.columns)]
    parts += [(child.part.table, child.part.law, child.part.columns) for child in plan.children]
    for table, own, columns in parts:
        for law in (own, *[each.law for each in columns]):
            if law and law.dated_by and kind_of(table.c[law.dated_by], plan.place.dialect) not in DATED:
                said = {"column": f"{table.fullname}.{law.dated_by}"}
                reasons.append(_("“%(column)s” dates a document, but is neither a date nor a timestamp.") % said)
    return reasons
