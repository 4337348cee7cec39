"""A period as a text states it, and when it ends once its start is known."""

from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime, timedelta

from clocks import days, moments
from clocks.durations import Duration
from clocks.errors import TermError
from clocks.kinds import Kind
from clocks.outcomes import Bound, DayOutcome, DueAt, DueOn, MomentOutcome, NotComputable, Open, Reason

ONE_DAY = timedelta(days=1)

_NEEDED: dict[Kind, frozenset[str]] = {
    Kind.EXACT: frozenset({"duration"}),
    Kind.AT_MOST: frozenset({"duration"}),
    Kind.STRICTLY_LESS_THAN: frozenset({"duration"}),
    Kind.AT_LEAST: frozenset({"duration"}),
    Kind.UNTIL_EVENT: frozenset({"event"}),
    Kind.UNTIL_EVENT_PLUS: frozenset({"duration", "event"}),
    Kind.COUNT: frozenset({"count"}),
    Kind.FREQUENCY_CAP: frozenset({"count", "duration"}),
}
_BOUNDS = {
    Kind.EXACT: Bound.ON,
    Kind.UNTIL_EVENT: Bound.ON,
    Kind.UNTIL_EVENT_PLUS: Bound.ON,
    Kind.AT_MOST: Bound.LATEST,
    Kind.STRICTLY_LESS_THAN: Bound.LATEST,
    Kind.AT_LEAST: Bound.EARLIEST,
}
_NEVER_ZERO = {Kind.STRICTLY_LESS_THAN, Kind.FREQUENCY_CAP}


@dataclass(frozen=True, slots=True)
class Term:
    """How long, in the kind of words used; a combination that says nothing coherent raises `TermError`.

    `event` is the event that a period lasts until; the event that it starts from belongs to the rule, not to the term.
    """

    kind: Kind
    _: KW_ONLY
    duration: Duration | None = None
    event: str | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        needed = _NEEDED.get(self.kind, frozenset())
        given = {name for name in ("duration", "event", "count") if getattr(self, name) is not None}
        if missing := needed - given:
            raise TermError(f"'{self.kind}' needs {_listed(missing)}: give it, or choose another kind.", code="missing")
        if unwanted := given - needed:
            raise TermError(
                f"'{self.kind}' goes without {_listed(unwanted)}: leave it out, or choose another kind.",
                code="unwanted",
            )
        if self.event is not None and not self.event.strip():
            raise TermError(f"'{self.kind}' needs the name of an event: it is blank.", code="blank_event")
        if self.count is not None and self.count < 1:
            raise TermError(f"A count of {self.count} keeps nothing: give 1 or more.", code="count_below_one")
        if self.kind in _NEVER_ZERO and self.duration is not None and self.duration.is_zero:
            raise TermError(f"'{self.kind}' and a duration of zero exclude each other: give a duration.", code="zero")

    def due(self, on: date | None) -> DayOutcome:
        """Return the last day of the period that starts on `on`.

        For a period until an event, `on` is the day of that event. None means that the event is not recorded yet.
        "At most" gives the latest permitted day, "strictly less than" the day before it.
        """
        if self.kind not in _BOUNDS:
            return NotComputable(Reason(self.kind.value))
        if self.duration is not None and self.duration.counts_hours:
            return NotComputable(Reason.NEEDS_A_MOMENT)
        if on is None:
            return Open(self.event)
        last_day = days.add(on, self.duration or Duration())
        if self.kind is Kind.STRICTLY_LESS_THAN:
            last_day -= ONE_DAY
        return DueOn(last_day, _BOUNDS[self.kind])

    def due_at(self, moment: datetime | None) -> MomentOutcome:
        """Return the moment at which the period that starts at `moment` ends, for durations in hours.

        `moment` has a time zone, and means what `on` means for `due`. "Strictly less than" gives the moment before
        which the act is in time.
        """
        if self.kind not in _BOUNDS:
            return NotComputable(Reason(self.kind.value))
        if self.duration is not None and self.duration.counts_days:
            return NotComputable(Reason.NEEDS_A_DAY)
        if moment is None:
            return Open(self.event)
        bound = Bound.BEFORE if self.kind is Kind.STRICTLY_LESS_THAN else _BOUNDS[self.kind]
        return DueAt(moments.add_hours(moment, self.duration or Duration()), bound)


def _listed(names: set[str] | frozenset[str]) -> str:
    return " and ".join(f"a {name}" if name != "event" else "an event" for name in sorted(names))
