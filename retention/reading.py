"""The rules and decisions of a register, as the engine reads them."""

from clocks.durations import Duration
from clocks.errors import ClockError
from clocks.kinds import Kind
from clocks.readings import Combination
from clocks.terms import Term
from foundation.models import Register
from retention.due import Decisions, Moment, Rule
from retention.models import Decision, RetentionRule

NOT_SAID = Term(Kind.UNSPECIFIED)
DATED = {Kind.EXACT, Kind.AT_MOST, Kind.STRICTLY_LESS_THAN, Kind.AT_LEAST, Kind.UNTIL_EVENT, Kind.UNTIL_EVENT_PLUS}
IN_WORDS = {Kind.COUNT, Kind.FREQUENCY_CAP}  # the register says the number in words


def rules_of(register: Register) -> tuple[Rule, ...]:
    """Return the retention rules of a register, in the order of their references."""
    rows = RetentionRule.objects.filter(register=register).select_related("state").order_by("ref")
    return tuple(rule_of(row) for row in rows.prefetch_related("start_events", "activities", "data_items", "purposes"))


def rule_of(row: RetentionRule) -> Rule:
    """Return one rule; where the row says nothing coherent (no duration, no event), it gives no date."""
    return Rule(
        ref=row.ref,
        term=_term(row),
        starts=tuple(start.event for start in row.start_events.all()),
        combination=Combination(row.combination) if row.combination else None,
        is_within_or_after=row.is_within_or_after,
        state=row.state.ref if row.state else "",
        activities=frozenset(activity.ref for activity in row.activities.all()),
        data=frozenset(item.ref for item in row.data_items.all()),
        purposes=frozenset(purpose.ref for purpose in row.purposes.all()),
        action=row.action,
    )


def decisions_of(register: Register) -> Decisions:
    """Return what persons have decided about the rules of a register, and not withdrawn."""
    rows = Decision.objects.standing().filter(register=register).select_related("rule", "over")
    by_kind: dict[str, dict[str, str]] = {kind: {} for kind in Decision.Kind.values}
    for row in rows:
        by_kind[row.kind][row.rule.ref] = row.choice
    combinations, moments = by_kind[Decision.Kind.COMBINATION], by_kind[Decision.Kind.MOMENT]
    return Decisions(
        combination={ref: Combination(choice) for ref, choice in combinations.items()},
        moment={ref: Moment(choice) for ref, choice in moments.items()},
        prevails=frozenset(
            (row.rule.ref, row.over.ref) for row in rows if row.over and row.choice == Decision.Choice.PREVAILS
        ),
        both=frozenset(
            frozenset({row.rule.ref, row.over.ref}) for row in rows if row.over and row.choice == Decision.Choice.BOTH
        ),
        fate=by_kind[Decision.Kind.FATE],
    )


def _term(row: RetentionRule) -> Term:
    kind = Kind(row.kind)
    if kind in IN_WORDS:
        return Term(kind, count=1, duration=Duration(days=1) if kind is Kind.FREQUENCY_CAP else None)
    if kind not in DATED:
        return Term(kind)
    try:
        duration = Duration.parse(row.duration) if row.duration else None
        return Term(kind, duration=duration, event=row.until_event or None)
    except ClockError:
        return NOT_SAID
