"""What becomes of one record on one day, and why: every rule, every date, what goes and what stays (pure).

A record is judged datum by datum, since rules meet over data: what one rule lets go another may keep, and then only
the difference goes. Days are those of the register's zone; nothing here asks what day it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from retention.due import Decisions, Rule, Status, is_undecided, says_a_period, why_undated
from retention.readings import Reading, event_days, readings
from retention.records import Assessment, Document, Fate, Hold, Law, Record, Verdict
from retention.rivals import Place, applies, in_conflict, standing
from retention.statutory import END_OF_CALENDAR_YEAR, kept_until, minimum_on

ONE_DAY = timedelta(days=1)

# Of several data, what a person has to see first; of several activities, what keeps the datum they share.
FIRST_SEEN = (
    Status.DUE, Status.HELD, Status.CONFLICT, Status.UNDECIDED, Status.KEPT_BY_LAW, Status.KEPT_BY_RULE,
    Status.NOT_YET, Status.OPEN, Status.NOT_EXECUTABLE, Status.UNCOVERED,
)  # fmt: skip
LEAST_CERTAIN = (
    Status.HELD, Status.CONFLICT, Status.UNDECIDED, Status.UNCOVERED, Status.NOT_EXECUTABLE, Status.OPEN,
    Status.NOT_YET, Status.DUE,
)  # fmt: skip
STILL_RUNNING = {Status.NOT_YET, Status.OPEN, Status.NOT_EXECUTABLE}


@dataclass(frozen=True, slots=True)
class _Case:
    """The record, and what its rules say of it before they meet."""

    record: Record
    rules: tuple[Rule, ...]
    decisions: Decisions
    as_of: date
    fiscal_year_ends: tuple[int, int]
    dates: Mapping[str, tuple[Reading, ...]]

    def certain(self, rule: Rule) -> Reading | None:
        """Return the one date that a rule gives the record, if it gives one."""
        found = self.dates[rule.ref]
        return found[0] if found and not is_undecided(rule, self.decisions) else None

    def is_over(self, rule: Rule) -> bool:
        reading = self.certain(rule)
        return reading is not None and reading.goes_on <= self.as_of

    def here(self, place: Place) -> list[Rule]:
        return [rule for rule in self.rules if applies(rule, place)]

    def deciding(self, place: Place) -> tuple[Rule, ...]:
        return standing(self.here(place), self.decisions)


def assess(
    rules: Iterable[Rule],
    record: Record,
    decisions: Decisions,
    *,
    as_of: date,
    fiscal_year_ends: tuple[int, int] = END_OF_CALENDAR_YEAR,
) -> Assessment:
    """Return what becomes of a record on `as_of`, datum by datum and rule by rule, with every date and its reading."""
    known, days = tuple(rules), event_days(record.events)
    dates = {rule.ref: readings(rule, days, decisions) for rule in known}
    case = _Case(record, known, decisions, as_of, fiscal_year_ends, dates)
    places = {datum: _places(record, datum, used_by) for datum, used_by in _data(record).items()}
    found = {place: _at(case, place) for each in places.values() for place in each}
    fates = {datum: _with_law(case, _together([found[place] for place in each])) for datum, each in places.items()}
    concerned = [rule for rule in known if any(applies(rule, place) for place in found)]
    verdicts = tuple(_verdict(case, rule, found, fates) for rule in concerned)
    return Assessment(as_of, _first(FIRST_SEEN, fates.values()), tuple(fates.values()), verdicts)


def _data(record: Record) -> Mapping[str, frozenset[str]]:
    return record.data or {"": record.activities}


def _places(record: Record, datum: str, activities: frozenset[str]) -> list[Place]:
    if not activities:
        return [Place(record.state, None, datum or None)]
    return [Place(record.state, activity, datum or None) for activity in sorted(activities)]


def _at(case: _Case, place: Place) -> Fate:
    """Return what becomes of a datum as far as one activity goes; DUE means that its rules are over."""
    deciding, datum = case.deciding(place), place.data or ""
    names = tuple(rule.ref for rule in deciding)
    if not deciding:
        is_set_elsewhere = any(says_a_period(rule) for rule in case.here(place))
        return Fate(datum, Status.NOT_EXECUTABLE if is_set_elsewhere else Status.UNCOVERED)
    holds = [hold for hold in case.record.holds if hold.opened_on <= case.as_of and _concerns(hold, place, names)]
    open_holds = tuple(hold for hold in holds if not _is_released(hold, case.as_of))
    status = _obstacle(case, deciding, has_open_hold=bool(open_holds))
    dates = {(each.due_on, each.goes_on) for rule in deciding if (each := case.certain(rule))}
    settled = sorted(each for each in dates if each[0] and each[1])  # several only where both apply: the first counts
    due_on, goes_on = (None, None) if status or len(settled) != len(dates) or not settled else settled[0]
    if due_on and goes_on:
        releases = [hold.released_on for hold in holds if hold.released_on]
        due_on, goes_on = max([due_on, *releases]), max([goes_on, *releases])
        status = Status.DUE if goes_on <= case.as_of else Status.NOT_YET
    if status in {Status.OPEN, Status.NOT_YET} and _principle_is_over(case, place):
        status = Status.CONFLICT
    assert status is not None
    return Fate(datum, status, names, due_on, goes_on, holds=open_holds)


def _obstacle(case: _Case, deciding: Sequence[Rule], *, has_open_hold: bool) -> Status | None:
    """Return why the rules that decide give no single date, if they do not."""
    if not any(case.dates[rule.ref] for rule in deciding):
        return Status.NOT_EXECUTABLE if all(why_undated(rule) for rule in deciding) else Status.OPEN
    if has_open_hold:
        return Status.HELD
    if any(in_conflict(one, other, case.decisions) for one, other in combinations(deciding, 2)):
        return Status.CONFLICT
    if any(is_undecided(rule, case.decisions) for rule in deciding if case.dates[rule.ref]):
        return Status.UNDECIDED
    return None


def _principle_is_over(case: _Case, place: Place) -> bool:
    """Whether a principle that yielded here says that the data should be gone: a person has to look."""
    deciding = case.deciding(place)
    return any(
        rule.is_general and rule not in deciding and case.is_over(rule) and not _is_settled(rule, deciding, case)
        for rule in case.here(place)
    )


def _is_settled(principle: Rule, deciding: Sequence[Rule], case: _Case) -> bool:
    return any((rule.ref, principle.ref) in case.decisions.prevails for rule in deciding)


def _concerns(hold: Hold, place: Place, names: Sequence[str]) -> bool:
    return (
        (not hold.rules or not hold.rules.isdisjoint(names))
        and (not hold.activities or place.activity is None or place.activity in hold.activities)
        and (not hold.data or place.data is None or place.data in hold.data)
    )


def _is_released(hold: Hold, as_of: date) -> bool:
    return hold.released_on is not None and hold.released_on <= as_of


def _together(found: Sequence[Fate]) -> Fate:
    """Return what becomes of a datum that several activities use: it goes when it may go for all of them."""
    if len(found) == 1:
        return found[0]
    waiting = [fate for fate in found if fate.status is not Status.DUE]
    status = _first(LEAST_CERTAIN, found)
    is_kept = status in STILL_RUNNING and len(waiting) < len(found)
    return Fate(
        found[0].data,
        Status.KEPT_BY_RULE if is_kept else status,
        _names(found),
        _latest([fate.due_on for fate in found]),
        _latest([fate.goes_on for fate in found]),
        _names(waiting) if is_kept else (),
        holds=tuple(dict.fromkeys(hold for fate in found for hold in fate.holds)),
    )


def _names(fates: Iterable[Fate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for fate in fates for name in fate.rules))


def _latest(days: Sequence[date | None]) -> date | None:
    """Return the latest day, or None where one is not certain."""
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None


def _with_law(case: _Case, fate: Fate) -> Fate:
    """Return the fate once the law is counted: a document that it orders to keep stays, whatever the rules promise."""
    laws = [_law(case, document) for document in case.record.documents if _is_of(document, fate.data, case.record)]
    keeping = tuple(law for law in laws if law.until is None or law.until >= case.as_of)
    if not keeping:
        return fate
    return replace(
        fate,
        status=Status.KEPT_BY_LAW if fate.status is Status.DUE else fate.status,
        due_on=_latest([fate.due_on, *(law.until for law in keeping)]),
        goes_on=_latest([fate.goes_on, *(law.until and law.until + ONE_DAY for law in keeping)]),
        law=keeping,
    )


def _law(case: _Case, document: Document) -> Law:
    text = minimum_on(document.domain, document.on or case.as_of)
    until = document.on and kept_until(document.domain, document.on, case.fiscal_year_ends)
    return Law(document.domain, until, text.reference)


def _is_of(document: Document, datum: str, record: Record) -> bool:
    """Whether the datum is this document; where that is not told apart, the whole record may be."""
    return document.data in {"", datum} or not datum or document.data not in record.data


def _verdict(case: _Case, rule: Rule, found: Mapping[Place, Fate], fates: Mapping[str, Fate]) -> Verdict:
    places = [place for place in found if rule in case.deciding(place)]
    against = [
        other.ref
        for place in places
        for other in case.deciding(place)
        if other != rule and in_conflict(rule, other, case.decisions)
    ]
    dates, undated = case.dates[rule.ref], why_undated(rule)
    return Verdict(
        rule,
        _status(case, rule, [fates[place.data or ""] if _over(found[place]) else found[place] for place in places]),
        dates,
        () if dates or undated else rule.events,
        undated,
        tuple(dict.fromkeys(against)),
    )


def _over(fate: Fate) -> bool:
    return fate.status is Status.DUE


def _status(case: _Case, rule: Rule, fates: Sequence[Fate]) -> Status:
    """Return what a rule comes to: its own obstacle first, then what becomes of the data where it decides."""
    if why_undated(rule):
        return Status.NOT_EXECUTABLE
    if not case.dates[rule.ref]:
        return Status.OPEN
    if any(fate.status is Status.CONFLICT for fate in fates):
        return Status.CONFLICT
    if fates:
        return _first(FIRST_SEEN, fates)
    if is_undecided(rule, case.decisions):
        return Status.UNDECIDED
    return Status.KEPT_BY_RULE if case.is_over(rule) else Status.NOT_YET


def _first(order: Sequence[Status], fates: Iterable[Fate]) -> Status:
    return min((fate.status for fate in fates), key=order.index)
