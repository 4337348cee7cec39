"""A form of a target that is filled in from a proposal: nothing stands before a person has saved it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.admin_scope import person
from foundation.admin_types import OfPage
from foundation.errors import RuleViolation
from retention.admin.live import schema_of
from retention.mapping import ChildMapping, ColumnMapping, Law, TableName, Treatment
from retention.models import DataSource, RetentionRule, Target
from retention.models.targets import StepChoice
from retention.sources.proposals import Doubt, Proposal, propose
from retention.sources.tables import Table

ASKED = "greffier_proposal"
DOUBTS = {
    Doubt.NO_KEY: _("The table has no key by which rows can be told apart: name one."),
    Doubt.NO_EVENT: _("No column looks like the date of an event: name the one that dates the rule."),
    Doubt.SEVERAL_EVENTS: _("%s could be the date of the same event as another column: check which one is."),
    Doubt.GENERATED: _("%s is computed by the database: treat the columns that it is computed from."),
    Doubt.NO_TREATMENT: _("%s seems to identify a person, and no treatment is known for its type."),
    Doubt.NOT_LOOKED_AT: _("%s: its name tells nothing. Does it speak of a person?"),
    Doubt.ITSELF: _("Rows of %s point at other rows of it: the preview says whether they can go."),
    Doubt.DEEP: _("Rows of %s hang on rows of a child table: erase those with a target of their own, first."),
    Doubt.OTHER_KEY: _("%s points at other columns than the key: it is left out."),
    Doubt.TWICE: _("%s points at this table in several ways: one of them is proposed."),
    Doubt.UNDATED_DOCUMENT: _("%s seems to hold documents that the law keeps, and no column dates them."),
    Doubt.TRIGGERS: _("Triggers or rules run when rows of %s change: look at what they do."),
}
STEPS = {
    RetentionRule.Action.ANONYMISE.value: StepChoice.ANONYMISE,
    RetentionRule.Action.RETURN.value: StepChoice.RETURN_THEN_DESTROY,
    RetentionRule.Action.RETURN_THEN_DESTROY.value: StepChoice.RETURN_THEN_DESTROY,
    RetentionRule.Action.CHANGE_STATE.value: StepChoice.LIMIT_ACCESS,
}


class Prefilled(OfPage):
    """The page on which a target is added: with ?source=…&table=…&rule=… it proposes a mapping."""

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return initial | proposed(request).get("target", {})


class ProposedLines(OfPage):
    """Lines of which a proposal fills the first ones."""

    part: str

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return len(lines_of(request, self.part)) if obj is None or obj.pk is None else 0


def lines_of(request: HttpRequest, part: str) -> list[dict[str, Any]]:
    """Return the lines that a proposal gives a list of the form; none once the form comes back."""
    lines: list[dict[str, Any]] = proposed(request).get(part, []) if request.method == "GET" else []
    return lines


def proposed(request: HttpRequest) -> dict[str, Any]:
    """Return the initial values of the form and of its lines; the database is read once per request."""
    if not hasattr(request, ASKED):
        setattr(request, ASKED, _propose(request))
    found: dict[str, Any] = getattr(request, ASKED)
    return found


def _propose(request: HttpRequest) -> dict[str, Any]:
    table, source_id = request.GET.get("table", ""), request.GET.get("source", "")
    if not table or not source_id.isascii() or not source_id.isdigit():
        return {}
    registers = permissions.registers_allowing(person(request), permissions.RETENTION, permissions.ADD)
    source = DataSource.objects.filter(register__in=registers, pk=int(source_id)).first()
    if source is None:
        return {}
    rule_id = request.GET.get("rule", "")
    rules = RetentionRule.objects.filter(register=source.register_id)
    rule = rules.filter(pk=int(rule_id)).first() if rule_id.isascii() and rule_id.isdigit() else None
    name = TableName(table, request.GET.get("schema", ""))
    try:
        schema = schema_of(source)
    except RuleViolation as refusal:
        messages.warning(request, str(refusal.detail))
        return {}
    if schema is None or name not in schema.tables:
        return {}
    proposal = propose(schema, name)
    for remark in proposal.remarks:
        words = str(DOUBTS[remark.doubt])
        messages.warning(request, words % remark.about if "%s" in words else words)
    return _filled(proposal, schema.tables[name], source, rule)


def _filled(proposal: Proposal, table: Table, source: DataSource, rule: RetentionRule | None) -> dict[str, Any]:
    target = {
        "name": _free_name(source, rule, proposal.table),
        "key_columns": list(proposal.key),
        "step": STEPS.get(rule.action, StepChoice.ERASE).value if rule else StepChoice.ERASE.value,
        **_law(proposal.law),
    }
    events = {event: proposal.events.get(event, "") for event in _events(proposal, rule)}
    return {
        "target": target,
        "events": [{"event": event, "column": column} for event, column in events.items()],
        "columns": [_column(column) for column in [*proposal.columns, *_kept(proposal, table, set(events.values()))]],
        "children": [_child(child, position) for position, child in enumerate(proposal.children, start=1)],
    }


def _free_name(source: DataSource, rule: RetentionRule | None, table: TableName) -> str:
    name = f"{rule.ref} · {table.name}"[:140] if rule else table.name[:140]
    taken = set(Target.objects.filter(register=source.register_id).values_list("name", flat=True))
    return next(one for one in (name, *(f"{name} ({n})" for n in range(2, len(taken) + 3))) if one not in taken)


def _events(proposal: Proposal, rule: RetentionRule | None) -> list[str]:
    """Return the events to map: those that date the rule, else all that were found."""
    if rule is None:
        return list(proposal.events)
    return [rule.until_event] if rule.until_event else [start.event for start in rule.start_events.all()]


def _kept(proposal: Proposal, table: Table, dated_by: set[str]) -> list[ColumnMapping]:
    """Return the other columns, said to be kept: where a row has to stay, each of its columns is decided about."""
    pointing = {column for key in table.foreign_keys for column in key.columns}
    treated = {column.name for column in proposal.columns}
    named = {*proposal.key, *dated_by, *pointing, *treated}
    return [ColumnMapping(one.name, Treatment.KEEP) for one in table.columns if one.name not in named]


def _column(column: ColumnMapping) -> dict[str, Any]:
    said = {"name": column.name, "treatment": column.treatment.value, "constant": column.constant}
    return {**said, "identity": column.identity, **_law(column.law)}


def _child(child: ChildMapping, position: int) -> dict[str, Any]:
    said = {"position": position, "schema": child.table.schema, "table": child.table.name, "fate": child.fate.value}
    return {**said, "foreign_key": list(child.foreign_key), **_law(child.law)}


def _law(law: Law | None) -> dict[str, str]:
    return {"domain": law.domain, "domain_dated_by": law.dated_by} if law else {}
