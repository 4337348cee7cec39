"""A retention rule, a lifetime or a commitment as a sentence (art. 13(2)(a), 30(1)(f))."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from documents.book import Entry
from documents.cells import Cell, joined
from documents.values import Words, length, number
from documents.vocabulary import COUNTED_FROM, UNTIL, Phrase
from register.models import Answer
from register.models.duration_field import TermKind
from retention.models import RetentionRule, StartEventKind


def term(kind: str, duration: str, *, language: str) -> str:
    """Return a length of time with the way it is limited: “3 years at most”, “less than 24 hours”."""
    if not duration:
        return ""
    time = {"duration": length(duration, language=language)}
    if kind == TermKind.AT_MOST:
        return _("%(duration)s at most") % time
    if kind == TermKind.STRICTLY_LESS_THAN:
        return _("less than %(duration)s") % time
    if kind == TermKind.AT_LEAST:
        return _("at least %(duration)s") % time
    if kind == TermKind.FREQUENCY_CAP:
        return _("not more than once in %(duration)s") % time
    return time["duration"]


def without_figure(kind: str) -> str:
    """Return what stands for the duration when the kind gives none: “period set by law”."""
    return {
        TermKind.BY_REFERENCE: _("period set by another document"),
        TermKind.STATUTORY: _("period set by law"),
        TermKind.PER_TYPE: _("period that varies by type or by client"),
        TermKind.COUNT: _("a number instead of a time"),
        TermKind.NOT_QUANTIFIED: _("no figure given"),
        TermKind.CRITERION: _("period by a criterion"),
    }.get(TermKind(kind), "")


def retention(rule: Entry) -> Cell:
    """Return the duration of a rule in words, without its start event."""
    said = gathered(
        rule, _duration(rule), ("duration", "kind", "until_event", "criterion", "reference", "is_within_or_after")
    )
    if said.is_silent and rule.row["kind"] == TermKind.UNSPECIFIED:
        return replace(said, answer=Answer.Kind.NOT_STATED)
    return said


def start(rule: Entry) -> Cell:
    """Return from which event a rule counts, and how several events combine."""
    events = rule.rows["start_events"]
    phrase = _("counted from %(events)s") % {"events": _joined([row.row["event"] for row in events])} if events else ""
    parts = [Words(phrase + _combined(rule))] if phrase else []
    return gathered(rule, parts, ("start_events", "combination"), *(row.head for row in events))


def _duration(rule: Entry) -> tuple[Words, ...]:
    row, language = rule.row, rule.book.language
    kind = row["kind"]
    figure = term(kind, row.get("duration", ""), language=language)
    end = until(row["until_event"]) if row.get("until_event") else ""
    if end and figure:
        parts = [Words(_("%(until)s, then %(duration)s") % {"until": end, "duration": figure})]
    elif end or figure:
        parts = [Words(end or figure)]
    else:
        parts = [Words(words)] if (words := without_figure(kind)) and not row.get("criterion") else []
    parts += [rule.book.own(row[name]) for name in ("criterion", "reference") if row.get(name)]
    if row.get("is_within_or_after"):
        parts.append(Words(_("“within” this time or “after” it: the policy may be read both ways")))
    return tuple(parts)


def lifetime(tracker: Entry) -> Cell:
    """Return how long a tracker lasts, with the notes on each field that says it."""
    row, book = tracker.row, tracker.book
    kind = row.get("lifetime_kind", "")
    figure = term(kind, row.get("lifetime", ""), language=book.language) or (without_figure(kind) if kind else "")
    parts = [Words(figure)] if figure else []
    if row.get("lifetime_event"):
        parts.append(book.own(row["lifetime_event"]))
    return gathered(tracker, parts, ("lifetime", "lifetime_kind", "lifetime_event"))


def commitment(level: Entry) -> Cell:
    """Return what a service level promises, with the notes on each field that says it."""
    row, book = level.row, level.book
    kind = row.get("commitment_kind", "")
    figure = term(kind, row.get("duration", ""), language=book.language)
    if figure and row.get("unit"):
        figure = _("%(duration)s (%(unit)s)") % {"duration": figure, "unit": level.cells["unit"].text}
    figure = figure or (without_figure(kind) if kind else "")
    parts = [Words(figure)] if figure else []
    if row.get("availability_percent") is not None:
        share = number(row["availability_percent"], language=book.language) + "\u00a0%"
        parts.append(Words(_("at least %(duration)s") % {"duration": share} if kind == TermKind.AT_LEAST else share))
    if row.get("description"):
        parts.append(book.own(row["description"]))
    return gathered(level, parts, ("duration", "commitment_kind", "unit", "description", "availability_percent"))


def gathered(entry: Entry, parts: Sequence[Words], names: Sequence[str], *others: Cell) -> Cell:
    """Return one cell that says several fields at once, with the notes on each; the first field gives its name."""
    cells = [*(entry.cells[name] for name in names), *others]
    return joined(names[0], cells[0].label, parts, cells)


def until(event: str) -> str:
    """Return “until the end of the contract”."""
    return _("until %(event)s") % {"event": _phrase(UNTIL, event)}


def _joined(events: Sequence[str]) -> str:
    phrases = [_phrase(COUNTED_FROM, event) for event in events]
    return _(" or ").join(filter(None, [", ".join(phrases[:-1]), phrases[-1]]))


def _combined(rule: Entry) -> str:
    how = rule.row.get("combination")
    if how == RetentionRule.Combination.LATEST:
        return " " + _("(the latest of these events)")
    if how == RetentionRule.Combination.EARLIEST:
        return " " + _("(the earliest of these events)")
    if how == RetentionRule.Combination.UNDETERMINED:
        return " " + _("(the policy does not say which)")
    return ""


def _phrase(phrases: Mapping[str, Phrase], event: str) -> str:
    """Return the event after its preposition; an event without a phrase of its own keeps its label."""
    return str(phrases.get(event) or dict(StartEventKind.choices).get(event, event))
