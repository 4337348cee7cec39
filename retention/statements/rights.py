"""What the role may not do in the database although the mapping needs it, where the database says so."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from sqlalchemy import ColumnElement, Connection, String, Table, func, select

from retention.mapping import ChildFate, Step
from retention.statements.conditions import never
from retention.statements.plan import REMOVING, Plan


def missing_rights(connection: Connection, plan: Plan) -> Iterator[str]:
    """Yield a reason for each right that PostgreSQL says is missing; the others tell only when they refuse."""
    if plan.place.dialect != "postgresql":
        return
    for table, right, columns in _needed(plan):
        name = named(table)
        if columns:
            asked = [func.has_column_privilege(name, column, right) for column in columns]
        elif right == "DELETE":
            asked = [func.has_table_privilege(name, right)]
        else:
            asked = [func.has_any_column_privilege(name, right)]
        if not all(connection.execute(select(*asked)).one()):
            said = {"right": right, "table": table.fullname}
            yield _("The role lacks the right to %(right)s in “%(table)s”.") % said


def named(table: Table) -> ColumnElement[str]:
    """Return a table's name as PostgreSQL's own functions read it, quoted by PostgreSQL itself."""
    name = func.quote_ident(table.name, type_=String)
    return func.concat(func.quote_ident(table.schema), ".", name, type_=String) if table.schema else name


def _needed(plan: Plan) -> Iterator[tuple[Table, str, tuple[str, ...]]]:
    """The rights that the statements need: rows cannot be locked without the right to change one of their columns."""
    yield plan.target, "SELECT", ()
    if plan.step in REMOVING:
        yield plan.target, "DELETE", ()
    if not plan.is_one_statement:
        yield plan.target, "UPDATE", ()
    if not plan.all_go:
        yield plan.target, "UPDATE", tuple(each.name for each in plan.part.treated)
    if plan.step is Step.ARCHIVE and plan.tables.archive is not None:
        yield plan.tables.archive, "INSERT", ()
    for child in plan.children:
        yield child.part.table, "SELECT", ()
        if not never(child.goes):
            yield child.part.table, "DELETE", ()
        stays = child.fate is ChildFate.TREAT or not never(child.part.something_is_kept())
        if child.fate is not ChildFate.KEEP and stays:
            yield child.part.table, "UPDATE", tuple(each.name for each in child.part.treated)
