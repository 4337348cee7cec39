"""What is due when, and why (art. 5(1)(e)): one rule of time for records in memory and for rows elsewhere (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from clocks.moments import instant_of
from clocks.outcomes import Bound, DayOutcome, DueOn, NotComputable
from clocks.readings import Combination
from clocks.terms import Term

ONE_DAY = timedelta(days=1)
A_DAY = date(2000, 1, 1)  # any day: whether a term gives a date does not depend on it
NO_START_EVENT = "no_start_event"
NO_PERIOD = frozenset({"criterion", "unspecified", "not_quantified"})  # art. 13(2)(a): said where no period is possible


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
        """The events that date it, each once: until an event, that event alone; otherwise those it is counted from."""
        if self.term.event is not None:
            return (self.term.event,)
        return tuple(dict.fromkeys(self.starts))

    @property
    def is_general(self) -> bool:
        """Whether it is a principle for the whole register: it names no activity, no data and no state."""
        return not (self.activities or self.data or self.state)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What persons have decided: by rule, which event starts the clock and which reading counts; which rule prevails.

    `prevails` holds (the rule that prevails, the rule that yields); `both` pairs of rules that each let data go, so
    that the first to be over counts; `fate` the step chosen where the text leaves the choice. A decision answers what a
    text leaves open and never changes what it says: others are passed over.
    """

    combination: Mapping[str, Combination] = field(default_factory=dict)
    moment: Mapping[str, Moment] = field(default_factory=dict)
    prevails: frozenset[tuple[str, str]] = frozenset()
    both: frozenset[frozenset[str]] = frozenset()
    fate: Mapping[str, str] = field(default_factory=dict)


NOTHING_DECIDED = Decisions()


@dataclass(frozen=True, slots=True)
class CutOff:
    """What a statement compares: rows whose events, combined, lie on `day` or before are due; None: no row is."""

    rule: str
    events: tuple[str, ...]
    combination: Combination
    day: date | None


def first_day_gone(outcome: DueOn) -> date:
    """Return the first day on which data may, and must, go; `outcome.on` is the last day on which they may be kept.

    An exact or minimum duration lets them go from 00:00 of the next day, never before; a maximum has them gone on the
    day itself.
    """
    return outcome.on if outcome.bound is Bound.LATEST else outcome.on + ONE_DAY


def is_due(outcome: DueOn, *, as_of: date) -> bool:
    """Whether data may, and must, go on `as_of`; from the day after `first_day_gone` they are overdue."""
    return first_day_gone(outcome) <= as_of


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


def due(term: Term, on: date | None, moment: Moment | None = None) -> DayOutcome:
    """Return the last day of the period that starts on `on`; a decided moment says what "within" means."""
    outcome = term.due(on)
    if moment is None or not isinstance(outcome, DueOn):
        return outcome
    return DueOn(outcome.on, Bound.LATEST if moment is Moment.WITHIN else Bound.EARLIEST)


def _over(term: Term, on: date, as_of: date, moment: Moment | None) -> bool:
    outcome = due(term, on, moment)
    return isinstance(outcome, DueOn) and is_due(outcome, as_of=as_of)


def has_date(term: Term) -> bool:
    """Whether a term gives a day once its event is known; hours need a moment, and no row of ours tells it."""
    return isinstance(term.due(A_DAY), DueOn)


def why_undated(rule: Rule) -> str:
    """Return why the rule gives no date even when all is recorded: its kind, or a code; empty where it gives one."""
    outcome = rule.term.due(A_DAY)
    if isinstance(outcome, NotComputable):
        return outcome.reason.value
    return "" if rule.events else NO_START_EVENT


def says_a_period(rule: Rule) -> bool:
    """Whether the rule sets a period, here or elsewhere: a criterion, a speed in words or a silence does not."""
    return why_undated(rule) not in NO_PERIOD


def combination_of(rule: Rule, decisions: Decisions) -> Combination:
    """Return which of the events counts: as the text says; where it does not say, as a person has decided."""
    if len(rule.events) < 2:
        return Combination.LATEST
    if rule.combination in {Combination.LATEST, Combination.EARLIEST}:
        return rule.combination
    return decisions.combination.get(rule.ref, Combination.UNDETERMINED)


def moment_of(rule: Rule, decisions: Decisions) -> Moment | None:
    """Return the reading of "within" that a person has decided; None where nobody has or the text is clear."""
    return decisions.moment.get(rule.ref) if rule.is_within_or_after else None


def is_undecided(rule: Rule, decisions: Decisions) -> bool:
    """Whether the text allows two readings and nobody has decided, whatever the record."""
    ambiguous_moment = rule.is_within_or_after and moment_of(rule, decisions) is None
    return ambiguous_moment or combination_of(rule, decisions) is Combination.UNDETERMINED


def cut_off(rule: Rule, decisions: Decisions, *, as_of: date) -> CutOff | Status:
    """Return what a statement compares to find the rows of this rule that are over on `as_of`.

    NOT_EXECUTABLE where the text gives no date, UNDECIDED where it allows two readings and nobody has decided.
    Conflicts between rules are told by `retention.rivals`, not here.
    """
    if why_undated(rule):
        return Status.NOT_EXECUTABLE
    if is_undecided(rule, decisions):
        return Status.UNDECIDED
    day = latest_due_day(rule.term, as_of=as_of, moment=moment_of(rule, decisions))
    return CutOff(rule.ref, rule.events, combination_of(rule, decisions), day)


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """Return, in UTC, the first instant of a day in a zone: where clocks skip midnight, that of the change.

    An event stamped before the start of the next day happened on `day` or earlier.
    """
    return instant_of(datetime.combine(day, time.min), zone=zone)
