"""The mapping of a target, as the engine reads it."""

from retention.mapping import ChildFate, ChildMapping, ColumnMapping, Law, Step, TableMapping, TableName, Treatment
from retention.models import Target, TargetChild, TargetColumn


def mapping_of(target: Target) -> TableMapping:
    """Return what a target's rows say, as one value; load the target with `with_mapping()` for a list of them."""
    columns = list(target.columns.all())
    return TableMapping(
        table=TableName(target.table, target.schema),
        key=tuple(target.key_columns),
        events={event.event: event.column for event in target.events.all()},
        step=Step(target.step),
        columns=tuple(_column(column) for column in columns if column.child_id is None),
        children=tuple(_child(child, columns) for child in target.children.all()),
        state_column=target.state_column,
        state_values=tuple(target.state_values),
        law=_law(target),
        archive=TableName(target.archive_table, target.archive_schema) if target.archive_table else None,
        access_column=target.access_column,
        access_value=target.access_value,
        returned_column=target.returned_column,
        zone=target.zone or target.register.time_zone,
    )


def _child(child: TargetChild, columns: list[TargetColumn]) -> ChildMapping:
    return ChildMapping(
        table=TableName(child.table, child.schema),
        foreign_key=tuple(child.foreign_key),
        fate=ChildFate(child.fate),
        columns=tuple(_column(column) for column in columns if column.child_id == child.pk),
        law=_law(child),
    )


def _column(column: TargetColumn) -> ColumnMapping:
    return ColumnMapping(
        name=column.name,
        treatment=Treatment(column.treatment),
        constant=column.constant,
        identity=column.identity,
        law=_law(column),
    )


def _law(row: Target | TargetChild | TargetColumn) -> Law | None:
    return Law(row.domain, row.domain_dated_by) if row.domain else None
