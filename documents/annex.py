"""The annex: every statement held, with the fields that rest on it, or the reason why none does."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from documents.book import Book, Entry
from documents.values import Words, day
from documents.vocabulary import uncapitalised
from register.models import Statement
from register.models.entries import WHOLE_ENTRY
from register.quotes import digest, read_quote

NO_WORDS = Words("")  # a field of an activity is named by the activity's reference alone


@dataclass(frozen=True)
class Use:
    """A field of an entry that rests on a statement."""

    entry: Words
    field: str
    activities: tuple[str, ...] = ()


@dataclass
class Line:
    """One statement as it is printed: the quote when the text is attached and agrees, else our summary."""

    ref: str
    summary: Words
    heading: Words | None = None
    line: str = ""
    quote: Words | None = None
    quote_disagrees: bool = False
    uses: list[Use] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True)
class Source:
    """One version of one policy with its statements: those the register rests on, and the others by reason."""

    policy: Entry
    version: Entry
    dated: str
    is_attached: bool
    cited: list[Line]
    others: list[tuple[str, list[Line]]]

    @property
    def anchor(self) -> str:
        return f"source-{self.policy.ref}-{self.version.ref}"

    @property
    def lines(self) -> list[Line]:
        """Every statement of the version, each once."""
        return [*self.cited, *(line for _reason, lines in self.others for line in lines)]


def sources(book: Book, texts: Mapping[str, str]) -> list[Source]:
    """Return every statement of the edition, by source; `texts` are the attached texts by digest."""
    uses = _uses(book)
    return [
        _source(policy, version, texts.get(version.row.get("text_digest", "")), uses)
        for policy in book.entries("policies")
        for version in policy.rows["versions"]
    ]


def cited(book: Book) -> set[str]:
    """Return the references of the statements on which a field of the register rests."""
    return set(_uses(book))


def _source(policy: Entry, version: Entry, text: str | None, uses: Mapping[str, list[Use]]) -> Source:
    lines = [_line(statement, text, uses) for statement in version.rows["statements"]]
    others: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if not line.uses:
            others[line.reason].append(line)
    order = [*(str(label) for label in Statement.Reason.labels), ""]
    grouped = [(reason, others[reason]) for reason in order if reason in others]
    row = version.row
    dated = (
        day(row["dated_on"], language=version.book.language, precision=row.get("date_precision", "day"))
        if row.get("dated_on")
        else ""
    )
    return Source(policy, version, dated, text is not None, [line for line in lines if line.uses], grouped)


def _line(statement: Entry, text: str | None, uses: Mapping[str, list[Use]]) -> Line:
    row, own = statement.row, statement.book.own
    line = Line(statement.ref, own(row["summary"]), uses=list(uses.get(statement.ref, ())))
    line.heading = own(row["heading"]) if row.get("heading") else None
    line.line = _("line %(line)s") % {"line": row["line"]} if row.get("line") else ""
    line.reason = statement.cells["reason"].text
    if text is not None and row.get("characters"):
        quote = read_quote(text, row["characters"])
        if not row.get("quote_digest") or digest(quote) == row["quote_digest"]:
            line.quote = own(quote)
        else:
            line.quote_disagrees = True
    return line


def _uses(book: Book) -> dict[str, list[Use]]:
    """Return, by statement, the fields that rest on it, in the order of the register; what repeats is said once."""
    found: dict[str, dict[tuple[Words, str], list[str]]] = defaultdict(dict)
    for entry in book.everything():
        for name, refs in entry.row.get("cites", {}).items():
            label = "" if name == WHOLE_ENTRY else uncapitalised(entry.cells[name].label)
            for ref in refs:
                title = NO_WORDS if label and entry.section.name == "activities" else entry.title
                activities = found[ref].setdefault((title, label), [])
                if (activity := _activity(entry)) and activity not in activities:
                    activities.append(activity)
    return {
        ref: [Use(title, label, tuple(activities)) for (title, label), activities in uses.items()]
        for ref, uses in found.items()
    }


def _activity(entry: Entry) -> str:
    """Return the reference of the activity that the entry is, or stands in."""
    outer = entry.owner or entry
    return outer.ref if outer.section.name == "activities" else ""


@dataclass(frozen=True)
class Counts:
    """How many statements an edition holds, on how many a field rests, and how many its documents print."""

    held: int
    cited: int
    printed: int


def counts(form: dict[str, Any]) -> Counts:
    """Return the counts for an edition's canonical form; every statement held must be printed."""
    book = Book(form, language=form["register"]["language"])
    held = {entry.ref for entry in book.everything() if entry.section.name == "statements"}
    printed = {line.ref for source in sources(book, {}) for line in source.lines}
    return Counts(len(held), len(held & cited(book)), len(held & printed))
