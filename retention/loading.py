"""From a mapping file to rows: targets, decisions and what no job can do, in one transaction or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.errors import RuleViolation
from foundation.models import Register, User
from retention.deciding import decide
from retention.mapped import mapping_of
from retention.mapping import ChildMapping, ColumnMapping, Law, TableMapping, TableName
from retention.mapping_files import MappedDecision, MappedTarget, MappingFile
from retention.models import (
    DataSource,
    Decision,
    NotExecutable,
    RetentionRule,
    Target,
    TargetChild,
    TargetColumn,
    TargetEvent,
)


class MappingMisfit(RuleViolation):
    """A mapping file does not fit the register; nothing was loaded. `reasons` says everything that does not."""

    code = "mapping_misfit"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loading changed: targets made or written anew, rules marked as not executable, decisions recorded."""

    targets: int
    not_executable: int
    decisions: int


@transaction.atomic
def load_mapping(
    register: Register, file: MappingFile, source: DataSource, *, actor: User | None, schema: str = ""
) -> Loaded:
    """Write what a mapping file says into the register; `schema`: where the tables are that name none.

    Loading it again changes nothing: a target that says the same stays as it is, and so does its arming. A decision
    that a person has taken stands, whatever the file says. Raises `MappingMisfit` with every reason.
    """
    register = Register.objects.select_for_update().get(pk=register.pk)
    rules = {
        rule.ref: rule for rule in RetentionRule.objects.filter(register=register).prefetch_related("start_events")
    }
    _refuse_misfits(register, file, source, rules)
    targets = sum(_write_target(register, target, rules[target.rule], source, schema) for target in file.targets)
    without = 0
    for left_out in file.not_executable:
        row, is_new = NotExecutable.objects.get_or_create(
            register=register, rule=rules[left_out.ref], defaults={"reason": left_out.reason}
        )
        if not is_new and row.reason != left_out.reason:
            row.reason = left_out.reason
            row.save(update_fields=["reason"])
        without += is_new
    decided = sum(_decide(register, decision, rules, actor) for decision in file.decisions)
    return Loaded(targets, without, decided)


# -- what does not fit the register ----------------------------------------------------------------------------------


def _refuse_misfits(register: Register, file: MappingFile, source: DataSource, rules: dict[str, RetentionRule]) -> None:
    reasons = []
    if source.register_id != register.pk:
        reasons.append(_("The data source belongs to another register."))
    if file.register != register.slug:
        reasons.append(
            _("The file is for the register “%(file)s”, not for “%(register)s”.")
            % {"file": file.register, "register": register.slug}
        )
    named = [target.rule for target in file.targets] + [left_out.ref for left_out in file.not_executable]
    named += [ref for decision in file.decisions for ref in (decision.rule, decision.over) if ref]
    reasons += [
        _("The register has no retention rule “%s”: check its reference.") % ref
        for ref in dict.fromkeys(named)
        if ref not in rules
    ]
    for target in file.targets:
        if target.rule in rules:
            reasons += _missing_events(target, rules[target.rule])
    if reasons:
        raise MappingMisfit(reasons)


def _missing_events(target: MappedTarget, rule: RetentionRule) -> list[str]:
    wanted = {rule.until_event} if rule.until_event else {start.event for start in rule.start_events.all()}
    return [
        _("“%(target)s”: the rule counts from “%(event)s”; name the column that holds it.")
        % {"target": target.name, "event": event}
        for event in sorted(wanted - set(target.mapping.events))
    ]


# -- targets ---------------------------------------------------------------------------------------------------------


def _write_target(
    register: Register, mapped: MappedTarget, rule: RetentionRule, source: DataSource, schema: str
) -> bool:
    """Write one target; return whether anything changed. What is no part of a file (visa of archives) stays."""
    mapping = _placed(mapped.mapping, schema)
    target = Target.objects.with_mapping().filter(register=register, name=mapped.name).first()
    if target is None:
        target = Target(register=register, name=mapped.name)
    elif (target.rule_id, target.source_id, mapping_of(target)) == (rule.pk, source.pk, mapping):
        return False
    else:
        for model in (TargetColumn, TargetChild, TargetEvent):
            model.objects.filter(target=target).delete()
    _fill(target, mapping)
    target.rule, target.source = rule, source
    target.save()
    for event, column in mapping.events.items():
        TargetEvent.objects.create(register=register, target=target, event=event, column=column)
    _write_columns(target, None, mapping.columns)
    for position, child in enumerate(mapping.children, start=1):
        _write_child(target, position, child)
    return True


def _placed(mapping: TableMapping, schema: str) -> TableMapping:
    """Return the mapping with this schema for tables that name none."""

    def placed(table: TableName) -> TableName:
        return TableName(table.name, table.schema or schema)

    return replace(
        mapping,
        table=placed(mapping.table),
        children=tuple(replace(child, table=placed(child.table)) for child in mapping.children),
        archive=placed(mapping.archive) if mapping.archive else None,
    )


def _fill(target: Target, mapping: TableMapping) -> None:
    archive = mapping.archive or TableName("")
    target.schema, target.table = mapping.table.schema, mapping.table.name
    target.key_columns, target.step = list(mapping.key), mapping.step.value
    target.state_column, target.state_values = mapping.state_column, list(mapping.state_values)
    target.domain, target.domain_dated_by = _law(mapping.law)
    target.archive_schema, target.archive_table = archive.schema, archive.name
    target.access_column, target.access_value = mapping.access_column, mapping.access_value
    target.returned_column, target.zone = mapping.returned_column, mapping.zone


def _write_child(target: Target, position: int, child: ChildMapping) -> None:
    domain, dated_by = _law(child.law)
    row = TargetChild.objects.create(
        register=target.register,
        target=target,
        position=position,
        schema=child.table.schema,
        table=child.table.name,
        foreign_key=list(child.foreign_key),
        fate=child.fate.value,
        domain=domain,
        domain_dated_by=dated_by,
    )
    _write_columns(target, row, child.columns)


def _write_columns(target: Target, child: TargetChild | None, columns: Sequence[ColumnMapping]) -> None:
    for column in columns:
        domain, dated_by = _law(column.law)
        TargetColumn.objects.create(
            register=target.register,
            target=target,
            child=child,
            name=column.name,
            treatment=column.treatment.value,
            constant=column.constant,
            identity=column.identity,
            domain=domain,
            domain_dated_by=dated_by,
        )


def _law(law: Law | None) -> tuple[str, str]:
    return (law.domain, law.dated_by) if law else ("", "")


# -- decisions -------------------------------------------------------------------------------------------------------


def _decide(register: Register, decision: MappedDecision, rules: dict[str, RetentionRule], actor: User | None) -> bool:
    """Record a decision unless one stands on the same question; return whether it was recorded."""
    rule, over = rules[decision.rule], rules[decision.over] if decision.over else None
    asked = Q(rule=rule, over=over) | Q(rule=over, over=rule) if over else Q(rule=rule)
    if Decision.objects.standing().filter(asked, register=register, kind=decision.kind).exists():
        return False  # what a person decided, a file does not change
    decide(
        rule,
        kind=decision.kind,
        choice=decision.choice,
        over=over,
        reason=decision.reason,
        by=actor,
        at=timezone.now(),
    )
    return True
