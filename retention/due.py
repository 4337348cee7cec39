"""What is due when, and why (art. 5(1)(e)): one rule of time for records in memory and for rows elsewhere (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from clocks.kinds import Kind
from clocks.outcomes import Bound, DueOn
from clocks.readings import Combination
from clocks.terms import Term

ONE_DAY = timedelta(days=1)


class Status(StrEnum):
    """What the engine says of a record under a rule; the values are stable and stored, never shown."""

    DUE = "due"
    NOT_YET = "not_yet"
    OPEN = "open"  # an event has not happened: no date
    HELD = "held"  # a legal hold or an open request
    UNDECIDED = "undecided"  # the text allows two readings, and nobody has decided
    CONFLICT = "conflict"  # several rules say different dates, and nobody has decided
    KEPT_BY_LAW = "kept_by_law"  # a statutory minimum is longer
    KEPT_BY_RULE = "kept_by_rule"  # another active purpose still needs the data
    NOT_EXECUTABLE = "not_executable"  # a criterion, another document: no date ever, by this text alone
    UNCOVERED = "uncovered"  # no rule


class Moment(StrEnum):
    """The two readings of "within three years"."""

    WITHIN = "within"  # the last day allowed
    AFTER = "after"  # not before


@dataclass(frozen=True, slots=True)
class Rule:
    """A retention rule as the engine reads it. Empty `activities`, `data` or `purposes` mean: all of them."""

    ref: str
    term: Term
    starts: tuple[str, ...] = ()  # start events; for "until an event" the event stands in the term
    combination: Combination | None = None
    is_within_or_after: bool = False
    state: str = ""
    activities: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    action: str = ""

    @property
    def events(self) -> tuple[str, ...]:
        """The events that date it, each once."""
        return tuple(dict.fromkeys([*self.starts, *([self.term.event] if self.term.event else [])]))


@dataclass(frozen=True, slots=True)
class Decisions:
    """What persons have decided: by rule, which event starts the clock and which reading counts; which rule prevails.

    `prevails` holds (the rule that prevails, the rule that yields).
    """

    combination: Mapping[str, Combination] = field(default_factory=dict)
    moment: Mapping[str, Moment] = field(default_factory=dict)
    prevails: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class CutOff:
    """What a statement compares: rows whose events, combined, lie on `day` or before are due; None: no row is."""

    rule: str
    events: tuple[str, ...]
    combination: Combination
    day: date | None


def is_due(outcome: DueOn, *, as_of: date) -> bool:
    """Whether data may, and must, go on `as_of`: `outcome.on` is the last day on which they may be kept.

    An exact or minimum duration lets them go from 00:00 of the next day, never before; a maximum has them gone on the
    day itself, so that they are overdue from the next 00:00 only.
    """
    return outcome.on <= as_of if outcome.bound is Bound.LATEST else outcome.on < as_of


def latest_due_day(term: Term, *, as_of: date, moment: Moment | None = None) -> date | None:
    """Return the latest event day whose period is over on `as_of`, or None where no day ever is.

    Due days grow with event days, so a bare column can be compared with this one parameter.
    """
    first, last = date(1, 1, 2).toordinal(), as_of.toordinal()
    if not _over(term, date.fromordinal(first), as_of, moment):
        return None
    while first < last:
        middle = (first + last + 1) // 2
        if _over(term, date.fromordinal(middle), as_of, moment):
            first = middle
        else:
            last = middle - 1
    return date.fromordinal(first)


def _over(term: Term, on: date, as_of: date, moment: Moment | None) -> bool:
    outcome = term.due(on)
    if not isinstance(outcome, DueOn):
        return False
    if moment is not None:
        bound = Bound.LATEST if moment is Moment.WITHIN else Bound.EARLIEST
        outcome = DueOn(outcome.on, bound)
    return is_due(outcome, as_of=as_of)


def has_date(term: Term) -> bool:
    """Whether a term gives a date once its event is known."""
    return term.kind in {
        Kind.EXACT, Kind.AT_MOST, Kind.STRICTLY_LESS_THAN, Kind.AT_LEAST, Kind.UNTIL_EVENT, Kind.UNTIL_EVENT_PLUS,
    }  # fmt: skip


def cut_off(rule: Rule, decisions: Decisions, *, as_of: date) -> CutOff | Status:
    """Return what a statement compares to find the rows of this rule that are over on `as_of`.

    NOT_EXECUTABLE where the text gives no date, UNDECIDED where it allows two readings and nobody has decided.
    Conflicts between rules are told by `rivals`, not here.
    """
    if not has_date(rule.term) or not rule.events:
        return Status.NOT_EXECUTABLE
    combination = decisions.combination.get(rule.ref, rule.combination or Combination.LATEST)
    moment = decisions.moment.get(rule.ref)
    if len(rule.starts) > 1 and combination is Combination.UNDETERMINED:
        return Status.UNDECIDED
    if rule.is_within_or_after and moment is None:
        return Status.UNDECIDED
    return CutOff(rule.ref, rule.events, combination, latest_due_day(rule.term, as_of=as_of, moment=moment))
