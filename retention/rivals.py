"""Which rules contradict each other over the same data, and which prevails: a person decides, nobody else (pure).

Rules meet at a place: one state, one activity, one kind of data. There,

- a rule that gives dates is a rival of every other one that gives other dates, though its event has not happened yet;
- a principle for the whole register yields to any of them that names a state, an activity or data;
- a rule without dates (a criterion, another document, no start event) stands beside and blocks nothing, unless it names
  data that the dated rule only sweeps along: it sets these data apart, and they wait for a decision;
- a decision "both apply" lets each of two rules let the data go: the first to be over counts;
- a decision "this rule prevails over that one" settles it, where both apply; decisions in a circle settle
  nothing.

Rules on different activities are never rivals: what they share is kept until both are over.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from clocks.durations import Duration
from clocks.kinds import Kind
from clocks.outcomes import DueOn
from retention.due import (
    A_DAY,
    CutOff,
    Decisions,
    Rule,
    Status,
    combination_of,
    cut_off,
    due,
    moment_of,
    why_undated,
)

Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where rules meet. An empty activity or data: one that no rule names; None: not known, so any rule may apply."""

    state: str
    activity: str | None
    data: str | None


def applies(rule: Rule, place: Place) -> bool:
    """Whether the rule covers this place; a rule without a state covers all of them, one with a state only that one."""
    return (
        rule.state in {"", place.state}
        and (not rule.activities or place.activity is None or place.activity in rule.activities)
        and (not rule.data or place.data is None or place.data in rule.data)
    )


def agree(one: Rule, other: Rule, decisions: Decisions) -> bool:
    """Whether two rules give the same dates for every record."""
    return _dating(one, decisions) == _dating(other, decisions)


def standing(here: Sequence[Rule], decisions: Decisions) -> tuple[Rule, ...]:
    """Return which of the rules of one place decide there; more than one that disagree are rivals."""
    candidates = [rule for rule in here if not why_undated(rule)]
    if any(not rule.data for rule in candidates):
        candidates += [rule for rule in here if rule.data and why_undated(rule)]
    pairs = _without_circles(decisions.prevails)
    left = [
        rule for rule in candidates if not any(_yields(rule, above, pairs) for above in candidates if above != rule)
    ]
    return tuple(left or candidates)


def _yields(rule: Rule, above: Rule, pairs: Pairs) -> bool:
    by_nature = rule.is_general and not above.is_general and (rule.ref, above.ref) not in pairs
    return by_nature or (above.ref, rule.ref) in pairs


def rivals(
    rule: Rule,
    rules: Iterable[Rule],
    decisions: Decisions,
    *,
    activities: frozenset[str] = frozenset(),
    data: frozenset[str] = frozenset(),
) -> tuple[Rule, ...]:
    """Return the rules that contradict this one while nobody has decided: a target of it executes nothing.

    `activities` and `data` say what the target touches, where that is known; empty: all that the rule covers.
    """
    known = tuple(rules)
    found = {
        other.ref
        for place in _places(known, rule, activities, data)
        for other in _rivals_at(rule, [each for each in known if applies(each, place)], decisions)
    }
    return tuple(other for other in known if other.ref in found)


def cut_off_among(
    rule: Rule,
    rules: Iterable[Rule],
    decisions: Decisions,
    *,
    as_of: date,
    activities: frozenset[str] = frozenset(),
    data: frozenset[str] = frozenset(),
) -> CutOff | Status:
    """Return what a target of this rule compares, or why it executes nothing: CONFLICT while it has rivals.

    What `prevailing` names covers the target too, with its own cut-off, or for ever where that executes nothing.
    """
    found = cut_off(rule, decisions, as_of=as_of)
    if isinstance(found, CutOff) and rivals(rule, rules, decisions, activities=activities, data=data):
        return Status.CONFLICT
    return found


def prevailing(rule: Rule, rules: Iterable[Rule], decisions: Decisions) -> tuple[Rule, ...]:
    """Return the rules to which this one yields somewhere: what it would erase there is kept until they are over too.

    By a decision, or because this one is a principle for the whole register and they are not.
    """
    known = tuple(rules)
    found: set[str] = set()
    if why_undated(rule):
        return ()
    for place in _places(known, rule, frozenset(), frozenset()):
        deciding = standing([each for each in known if applies(each, place)], decisions)
        if rule not in deciding:
            found |= {each.ref for each in deciding if not agree(each, rule, decisions)}
    return tuple(other for other in known if other.ref in found)


def _rivals_at(rule: Rule, here: Sequence[Rule], decisions: Decisions) -> Iterator[Rule]:
    deciding = standing(here, decisions)
    if rule in deciding:
        yield from (other for other in deciding if other != rule and in_conflict(rule, other, decisions))


def in_conflict(one: Rule, other: Rule, decisions: Decisions) -> bool:
    """Whether two rules that decide in one place contradict each other there."""
    if frozenset({one.ref, other.ref}) in decisions.both:
        return False
    undated = [rule for rule in (one, other) if why_undated(rule)]
    if undated:
        return len(undated) == 1 and not all(rule.data for rule in (one, other))
    return not agree(one, other, decisions)


def _places(rules: Sequence[Rule], rule: Rule, activities: frozenset[str], data: frozenset[str]) -> Iterator[Place]:
    """Yield every place that the rules tell apart and this one covers, among the activities and data given."""
    states = {"", *(each.state for each in rules)}
    every = product(
        sorted(states),
        sorted(activities or {"", *(name for each in rules for name in each.activities)}),
        sorted(data or {"", *(name for each in rules for name in each.data)}),
    )
    return (place for names in every if applies(rule, place := Place(*names)))


def _dating(rule: Rule, decisions: Decisions) -> tuple[object, ...]:
    """Return all that a date of this rule depends on, but the record; P12M and P1Y lead to the same days."""
    length, moment = rule.term.duration or Duration(), moment_of(rule, decisions)
    outcome = due(rule.term, A_DAY, moment)
    return (
        outcome.bound if isinstance(outcome, DueOn) else outcome,
        rule.term.kind is Kind.STRICTLY_LESS_THAN,
        (12 * length.years + length.months, 7 * length.weeks + length.days),
        frozenset(rule.events),
        combination_of(rule, decisions),
        rule.is_within_or_after and moment is None,
    )


def _without_circles(pairs: Pairs) -> Pairs:
    """Return the decisions that no chain of others contradicts."""
    above: dict[str, set[str]] = {}
    for winner, loser in pairs:
        above.setdefault(winner, set()).add(loser)
    return frozenset((winner, loser) for winner, loser in pairs if winner not in _reached(loser, above))


def _reached(start: str, above: dict[str, set[str]]) -> set[str]:
    reached, ahead = {start}, [start]
    while ahead:
        for name in above.get(ahead.pop(), set()) - reached:
            reached.add(name)
            ahead.append(name)
    return reached
