"""What a pass would do, in numbers: one read-only snapshot, one query per table, no key and no value of a person."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, case, func, select, type_coerce

from retention.ground import Counts
from retention.statements.conditions import Condition, both, either, never, unless
from retention.statements.days import day_of
from retention.statements.part import Child
from retention.statements.plan import Plan
from retention.statements.tables import column_of


def count(connection: Connection, plan: Plan) -> Counts:
    """Count what a pass would do.

    `kept_by_law` counts documents: rows of the table that carries the law, the target or a child; `kept_by_rules`
    rows of the target.
    """
    over = both(plan.is_over, unless(plan.held))
    laws: Counter[str] = Counter()
    own = _own_laws(plan)
    asked = {
        "due": plan.due,
        "erased": both(plan.due, plan.goes),
        "held": both(plan.is_over, plan.held, plan.has_work),
        "without_events": both(plan.in_state, _has_no_event(plan)),
        **{f"law_{at}": both(over, condition) for at, (_domain, condition) in enumerate(own)},
        **{f"rule_{at}": both(over, plan.part.keeps(at)) for at in range(len(plan.work.covers))},
    }
    found = _numbers(connection, plan, asked)
    for at, (domain, _condition) in enumerate(own):
        laws[domain] += found[f"law_{at}"]
    children: dict[str, tuple[int, int]] = {}
    for child in plan.children:
        _count_child(connection, plan, child, over, children, laws)
    rules: Counter[str] = Counter()
    for at, cover in enumerate(plan.work.covers):
        rules[cover.rule] += found[f"rule_{at}"]
    return Counts(
        rows=found["rows"],
        due=found["due"],
        erased=found["erased"],
        treated=found["due"] - found["erased"],
        children=children,
        kept_by_law=dict(+laws),
        kept_by_rules=dict(+rules),
        held=found["held"],
        without_events=found["without_events"],
        oldest_on=_oldest(connection, plan),
    )


def _own_laws(plan: Plan) -> list[tuple[str, Condition]]:
    """The conditions by which the law keeps rows of the target, one per domain."""
    part, laws = plan.part, {}
    if part.law is not None and part.obeys_law:
        laws[part.law.domain] = part.row_is_kept_by_law()
    for mapping in part.columns:
        if mapping.law is not None and part.obeys_law:
            before = laws.get(mapping.law.domain, either())
            laws[mapping.law.domain] = either(before, part.kept_by_law(mapping))
    return list(laws.items())


def _has_no_event(plan: Plan) -> Condition:
    events = plan.work.mapping.events
    columns = [column_of(plan.target, events[each]) for each in plan.work.cut_off.events if each in events]
    return both(*[column.is_(None) for column in columns]) if columns else either()


def _sum(condition: Condition) -> ColumnElement[int]:
    if never(condition):
        return func.coalesce(func.sum(0), 0)
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _numbers(connection: Connection, plan: Plan, asked: dict[str, Condition]) -> dict[str, int]:
    sums = [_sum(condition).label(name) for name, condition in asked.items()]
    row = connection.execute(select(func.count().label("rows"), *sums).select_from(plan.target)).one()
    return {name: int(row._mapping[name]) for name in ["rows", *asked]}


def _count_child(
    connection: Connection,
    plan: Plan,
    child: Child,
    over: Condition,
    children: dict[str, tuple[int, int]],
    laws: Counter[str],
) -> None:
    """Add what would become of the child rows that hang on rows that are due, and those that the law keeps."""
    table = child.part.table
    link = [table.c[name] == column for name, column in zip(child.foreign_key, plan.key, strict=True)]
    domains = sorted({law.domain for law in (child.part.law, *[each.law for each in child.part.columns]) if law})
    kept = [_kept_in(child, domain) for domain in domains]
    sums = [
        _sum(both(plan.due, child.goes)),
        _sum(both(plan.due, child.is_untreated)),
        *[_sum(condition) for condition in kept],
    ]
    query = select(*sums).select_from(table.join(plan.target, both(*link))).where(over)
    erased, treated, *by_law = connection.execute(query).one()
    name = str(table.fullname)
    before = children.get(name, (0, 0))
    children[name] = (before[0] + int(erased), before[1] + int(treated))
    for domain, number in zip(domains, by_law, strict=True):
        laws[domain] += int(number)


def _kept_in(child: Child, domain: str) -> Condition:
    part = child.part
    own = part.row_is_kept_by_law() if part.law and part.law.domain == domain else either()
    return either(own, *[part.kept_by_law(each) for each in part.columns if each.law and each.law.domain == domain])


def _oldest(connection: Connection, plan: Plan) -> date | None:
    """Return the earliest day of an event among the rows that are due."""
    events = plan.work.mapping.events
    columns = [column_of(plan.target, events[each]) for each in plan.work.cut_off.events if each in events]
    if never(plan.due) or not columns:
        return None
    is_text = plan.place.dialect == "sqlite"
    lowest: Sequence[Any] = [
        func.min(type_coerce(column, String())) if is_text else func.min(column) for column in columns
    ]
    found = connection.execute(select(*lowest).where(plan.due)).one()
    days = [day_of(value, column, plan.place) for value, column in zip(found, columns, strict=True)]
    return min((day for day in days if day is not None), default=None)
