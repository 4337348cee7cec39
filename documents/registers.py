"""The facts of the two records of processing activities: controller (art. 30(1)) and processor (art. 30(2))."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents import periods
from documents.book import Book, Entry, walk
from documents.cells import Cell, by_answer
from documents.vocabulary import capitalised
from register.models import Organisation, Participation, ProcessingActivity

Role = ProcessingActivity.Role
Part = Participation.Part

ARTICLES = {  # where the law demands the field; a field without an article is recommended
    Role.CONTROLLER: {
        "parties": "30(1)(a)",
        "purposes": "30(1)(b)",
        "subject_groups": "30(1)(c)",
        "data_items": "30(1)(c)",
        "special_categories": "30(1)(c), 9, 10",
        "recipients": "30(1)(d)",
        "transfers": "30(1)(e)",
        "retention_rules": "30(1)(f)",
        "measures": "30(1)(g)",
    },
    Role.PROCESSOR: {
        "parties": "30(2)(a)",
        "processing_categories": "30(2)(b)",
        "transfers": "30(2)(c)",
        "measures": "30(2)(d)",
    },
}
KEEPERS = {
    Role.CONTROLLER: (Part.CONTROLLER, Part.JOINT_CONTROLLER),
    Role.PROCESSOR: (Part.PROCESSOR,),
}
SHARED = (
    "transfers",
    "measures",
    "trackers",
    "consents",
    "rights",
    "request_procedures",
    "service_levels",
    "backups",
    "authorisations",
    "contract_terms",
    "legal_basis_claims",
    "engagements",
    "retention_rules",
)


RECOMMENDED = ("joint_arrangement", "collection_events", "automated_decisions", "legacy_formality")
FURTHER = (
    "consents",
    "trackers",
    "rights",
    "request_procedures",
    "service_levels",
    "backups",
    "authorisations",
    "contract_terms",
)
ELSEWHERE: dict[str, Promise] = {  # lists too long for a sheet, and the part of the record where they stand
    "service_levels": gettext_lazy("Security and continuity"),
    "backups": gettext_lazy("Security and continuity"),
    "authorisations": gettext_lazy("Processors and their chain"),
    "contract_terms": gettext_lazy("Processors and their chain"),
}


@dataclass(frozen=True)
class Node:
    """An engagement and those made under it (art. 28(2), 28(4)): a chain of any depth."""

    engagement: Entry
    under: "tuple[Node, ...]"


@dataclass(frozen=True)
class Branch:
    """A purpose and its sub-purposes."""

    purpose: Entry
    under: "tuple[Branch, ...]"


@dataclass(frozen=True)
class Rule:
    """A retention rule with its duration as a sentence, and the exceptions that name it."""

    entry: Entry
    duration: Cell
    start: Cell
    activities: tuple[str, ...]
    exceptions: tuple[Entry, ...]


@dataclass(frozen=True)
class Sheet:
    """One activity with everything that the register holds about it."""

    activity: Entry
    articles: dict[str, str]
    purposes: tuple[Branch, ...]
    own: dict[str, list[Entry]]  # rows of outer sections that name this activity
    common: dict[str, list[Entry]]  # rows that hold for every activity
    rules: list[Rule]

    @property
    def is_processor(self) -> bool:
        return bool(self.activity.row["role"] == Role.PROCESSOR)

    @property
    def processors(self) -> list[Entry]:
        """Those whom the organisation engages for this activity: for a processor, the sub-processors (art. 28(2))."""
        here = {
            party.row["organisation"] for party in self.activity.rows["parties"] if party.row["part"] == Part.PROCESSOR
        }
        return [row for row in self.own["engagements"] if not self.is_processor or row.row["provider"] not in here]

    @property
    def unnamed_processors(self) -> list[Entry]:
        """Those engaged for this activity that do not stand among its recipients already."""
        named = {row.row.get("organisation") for row in self.activity.rows["recipients"]}
        return [row for row in self.own["engagements"] if row.row["provider"] not in named]

    @property
    def further(self) -> list[dict[str, Any]]:
        """The other lists in which this activity is named, or on which something is noted for it.

        What holds for every activity of the record stands in its part alone.
        """
        lists: list[dict[str, Any]] = [
            {"cell": self.activity.cells[name], "rows": rows, "elsewhere": _elsewhere(name, rows)}
            for name in FURTHER
            for rows in [[row for row in self.own[name] if name in ELSEWHERE or not row.is_for_all]]
        ]
        return [
            shown for shown in lists if shown["rows"] or not (shown["cell"].is_blank or shown["cell"].is_mere_answer)
        ]

    @property
    def mere_answers(self) -> list[dict[str, str]]:
        """The recommended fields for which only a kind of answer is known."""
        cells = (self.activity.cells[name] for name in (*RECOMMENDED, *FURTHER))
        return by_answer(cell for cell in cells if cell.is_mere_answer and not self.activity.row.get(cell.name))

    @property
    def measures(self) -> list[dict[str, Any]]:
        """The measures that name this activity, by kind: a general description is enough."""
        kinds: dict[str, list[Entry]] = {}
        for row in self.own["measures"]:
            kinds.setdefault(capitalised(row.cells["kind"].text), []).append(row)
        return [{"kind": kind, "rows": rows} for kind, rows in kinds.items()]


def _elsewhere(name: str, rows: Sequence[Entry]) -> str:
    """Return where lists too long for a sheet stand in the record."""
    if not rows or name not in ELSEWHERE:
        return ""
    return _("%(number)s, in the part “%(part)s”") % {"number": len(rows), "part": ELSEWHERE[name]}


def facts(book: Book, role: str) -> dict[str, Any]:
    """Return what the templates of one record print: only what concerns the activities held in this role."""
    every = book.entries("activities")
    activities = [entry for entry in every if entry.row["role"] == role]
    refs = {entry.ref for entry in activities}
    book.record = frozenset(refs)
    shared = {name: _concerning(book, name, refs, is_empty=not every) for name in SHARED}
    rules = [_rule(book, entry) for entry in shared["retention_rules"]]
    organisations = book.entries("organisations")
    keepers = _keepers(activities, organisations, role)
    concerned = _concerned(book, activities, shared)
    clients = _taking_part(activities, {Part.CLIENT_CONTROLLER})
    return {
        "role": role,
        "is_processor": role == Role.PROCESSOR,
        "activities": activities,
        "other_activities": [entry for entry in every if entry.row["role"] != role],
        "sheets": [_sheet(book, entry, shared, rules) for entry in activities],
        "keepers": keepers,
        "clients": [entry for entry in organisations if entry.ref in clients],
        "others": [entry for entry in organisations if entry.ref in concerned and entry not in keepers],
        "chains": chains(shared["engagements"]),
        "rules": rules,
        "exceptions": _exceptions(book, rules),
        "states": book.entries("states"),
        "channels": _naming(book.entries("rights_channels"), "rights", shared["rights"]),
        "calendars": book.entries("service_calendars"),
        **{name: shared[name] for name in SHARED if name != "retention_rules"},
    }


def chains(engagements: Sequence[Entry]) -> tuple[Node, ...]:
    """Return the engagements as trees; one whose parent is not among them stands at a root."""
    refs = {entry.ref for entry in engagements}
    roots = [entry for entry in engagements if entry.row.get("parent") not in refs]
    return tuple(_node(entry, engagements, frozenset({entry.ref})) for entry in roots)


def _node(entry: Entry, engagements: Sequence[Entry], above: frozenset[str]) -> Node:
    below = (child for child in engagements if child.row.get("parent") == entry.ref and child.ref not in above)
    return Node(entry, tuple(_node(child, engagements, above | {child.ref}) for child in below))


def _branches(purposes: Sequence[Entry]) -> tuple[Branch, ...]:
    refs = {entry.ref for entry in purposes}
    roots = [entry for entry in purposes if entry.row.get("parent") not in refs]
    return tuple(_branch(entry, purposes, frozenset({entry.ref})) for entry in roots)


def _branch(entry: Entry, purposes: Sequence[Entry], above: frozenset[str]) -> Branch:
    below = (child for child in purposes if child.row.get("parent") == entry.ref and child.ref not in above)
    return Branch(entry, tuple(_branch(child, purposes, above | {child.ref}) for child in below))


def _concerning(book: Book, name: str, refs: set[str], *, is_empty: bool) -> list[Entry]:
    return [entry for entry in book.entries(name) if is_empty or entry.concerns(refs)]


def _naming(entries: Iterable[Entry], name: str, shown: Iterable[Entry]) -> list[Entry]:
    """Return those that name one of the entries shown in this record, or none at all."""
    refs = {entry.ref for entry in shown}
    return [entry for entry in entries if not entry.row.get(name) or refs & set(entry.row[name])]


def _taking_part(activities: Iterable[Entry], parts: Iterable[str]) -> dict[str, None]:
    """Return the references of the organisations that take one of these parts, in the order of the sheets."""
    wanted = set(parts)
    return {
        party.row["organisation"]: None
        for activity in activities
        for party in activity.rows["parties"]
        if party.row["part"] in wanted
    }


def _concerned(book: Book, activities: Sequence[Entry], shared: dict[str, list[Entry]]) -> set[str]:
    """Return the organisations that this record names, and those that no entry of the register names."""
    here = _with_groups(
        book, _named([*activities, *book.entries("policies"), *(row for rows in shared.values() for row in rows)])
    )
    anywhere = _with_groups(book, _named(row for row in book.everything() if row.section.name != "organisations"))
    return {entry.ref for entry in book.entries("organisations") if entry.ref in here or entry.ref not in anywhere}


def _with_groups(book: Book, named: set[str]) -> set[str]:
    """Return these organisations with those that they name: their group, who holds their contacts."""
    known = {entry.ref: entry for entry in book.entries("organisations")}
    while more := _named(known[ref] for ref in named if ref in known) - named:
        named = named | more
    return named


def _named(entries: Iterable[Entry]) -> set[str]:
    """Return the organisations to which these entries and their lines refer."""
    return {
        ref
        for entry in entries
        for line in walk(entry)
        for field in line.section.fields
        if field.is_relation and field.related_model is Organisation
        for ref in _refs(line.row.get(field.name))
    }


def _refs(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _keepers(activities: Sequence[Entry], organisations: Sequence[Entry], role: str) -> list[Entry]:
    """Return the organisations that keep the record; without any activity, the publishers of the policies."""
    named = _taking_part(activities, KEEPERS[Role(role)])
    return [entry for entry in organisations if entry.ref in named]


def _sheet(book: Book, activity: Entry, shared: dict[str, list[Entry]], rules: Sequence[Rule]) -> Sheet:
    own = {
        name: [row for row in rows if activity.ref in row.row.get("activities", ())] for name, rows in shared.items()
    }
    common = {name: [row for row in rows if not row.row.get("activities")] for name, rows in shared.items()}
    return Sheet(
        activity,
        ARTICLES[Role(activity.row["role"])],
        _branches(activity.rows["purposes"]),
        own,
        common,
        [rule for rule in rules if rule.entry.concerns({activity.ref})],
    )


def _exceptions(book: Book, rules: Sequence[Rule]) -> list[Entry]:
    """Return the exceptions to these rules, and those that name no rule of another record."""
    others = {entry.ref for entry in book.entries("retention_rules")} - {rule.entry.ref for rule in rules}
    cases = book.entries("retention_exceptions")
    return [case for case in cases if not case.row.get("rules") or set(case.row["rules"]) - others]


def _rule(book: Book, entry: Entry) -> Rule:
    return Rule(
        entry,
        periods.retention(entry),
        periods.start(entry),
        tuple(entry.row.get("activities", ())),
        tuple(case for case in book.entries("retention_exceptions") if entry.ref in case.row.get("rules", ())),
    )
