"""Read a mapping file: where the rules of one register bite in one database, what no job can do, what was decided."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from foundation.strict_yaml import BrokenForm, Fault, parse
from retention.mapping import ChildFate, ChildMapping, ColumnMapping, Law, Step, TableMapping, TableName, Treatment
from retention.mapping_sections import Section
from retention.models import Decision, StartEventKind, TargetColumn

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class MappedTarget:
    """A rule of the register, by its reference, and its place in a table."""

    name: str
    rule: str
    mapping: TableMapping


@dataclass(frozen=True, slots=True)
class WithReason:
    """What is left out, and why: a rule that no job can carry out, or a statement that no rule holds."""

    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class MappedDecision:
    """What a person decides about a rule; `over`: the rule that yields."""

    rule: str
    kind: str
    choice: str
    reason: str
    over: str = ""


@dataclass(frozen=True, slots=True)
class MappingFile:
    """All that a mapping file says. `backup_days`: until when the owner's backups still hold what was erased."""

    name: str
    register: str
    source: str
    backup_days: int | None
    targets: tuple[MappedTarget, ...]
    not_executable: tuple[WithReason, ...]
    without_rule: tuple[WithReason, ...]
    decisions: tuple[MappedDecision, ...]


def read_mapping(text: str, name: str = "") -> MappingFile:
    """Return what a mapping file says; raise `BrokenForm` with every fault, each with its line and its remedy."""
    form, lines = parse(text, name)
    if not isinstance(form, dict) or form.get("greffier_mapping") != VERSION:
        message = _("The file holds no mapping: it must start with “greffier_mapping: 1”.")
        raise BrokenForm([Fault(1, "", message)], name)
    top = Section(form, lines)
    top.number("greffier_mapping")
    file = MappingFile(
        name=name,
        register=top.text("register"),
        source=top.text("source"),
        backup_days=top.number("backup_days") if "backup_days" in top else None,
        targets=tuple(_target(row) for row in top.rows("targets")),
        not_executable=tuple(_with_reason(row, "rule") for row in top.rows("not_executable")),
        without_rule=tuple(_with_reason(row, "statement") for row in top.rows("without_rule")),
        decisions=tuple(_decision(row) for row in top.rows("decisions")),
    )
    top.once("targets", [target.name for target in file.targets])
    top.once("not_executable", [rule.ref for rule in file.not_executable])
    top.refuse(name)
    return file


def _target(row: Section) -> MappedTarget:
    access = row.section("access")
    state = row.section("state")
    mapping = TableMapping(
        table=_table(row, "table"),
        key=row.texts("key"),
        events=dict(row.pairs("events", StartEventKind.values)),
        step=Step(row.choice("step", list(Step))),
        columns=_columns(row),
        children=tuple(_child(child) for child in row.rows("children")),
        state_column=state.text("column") if state else "",
        state_values=state.texts("values") if state else (),
        law=_law(row),
        archive=_table(row, "archive") if "archive" in row else None,
        access_column=access.text("column") if access else "",
        access_value=access.text("value") if access else "",
        returned_column=row.text("returned", optional=True),
        zone=row.text("zone", optional=True) or "Europe/Paris",
    )
    return MappedTarget(row.text("name"), row.text("rule"), mapping)


def _child(row: Section) -> ChildMapping:
    return ChildMapping(
        table=_table(row, "table"),
        foreign_key=row.texts("foreign_key"),
        fate=ChildFate(row.choice("fate", list(ChildFate))),
        columns=_columns(row),
        law=_law(row),
    )


def _columns(row: Section) -> tuple[ColumnMapping, ...]:
    columns = tuple(
        ColumnMapping(
            name=column.text("name"),
            treatment=Treatment(column.choice("treatment", list(Treatment))),
            constant=column.text("constant", optional=True),
            identity=column.choice("identity", TargetColumn.Identity.values, optional=True),
            law=_law(column),
        )
        for column in row.rows("columns")
    )
    row.once("columns", [column.name for column in columns])
    return columns


def _table(row: Section, key: str) -> TableName:
    """A table is written `table` or `schema.table`; a name with a dot of its own goes without a schema here."""
    schema, _dot, name = row.text(key).rpartition(".")
    return TableName(name, schema)


def _law(row: Section) -> Law | None:
    law = row.section("law")
    return Law(law.text("domain"), law.text("dated_by", optional=True)) if law else None


def _with_reason(row: Section, key: str) -> WithReason:
    return WithReason(row.text(key), row.text("reason"))


def _decision(row: Section) -> MappedDecision:
    kind = row.choice("kind", Decision.Kind.values)
    return MappedDecision(
        rule=row.text("rule"),
        kind=kind,
        choice=row.choice("choice", list(Decision.CHOICES.get(kind, Decision.Choice.values))),
        reason=row.text("reason"),
        over=row.text("over") if kind == Decision.Kind.PRECEDENCE else "",
    )
