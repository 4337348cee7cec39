"""One field of one entry as it is printed, and which field says what an entry is called."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from documents.values import Words
from documents.vocabulary import ANSWERS, ANSWERS_SHORT, uncapitalised

TITLES: dict[str, tuple[str, ...]] = {  # what an entry is called: the first of these fields that says something
    "organisations": ("name", "designation"),
    "addresses": ("street", "locality", "function"),
    "contacts": ("function",),
    "policies": ("title",),
    "linked_documents": ("title",),
    "parties": ("organisation",),
    "purposes": ("description",),
    "legal_bases": ("basis",),
    "collection_events": ("description", "event"),
    "legal_basis_claims": ("scope", "quantifier"),
    "consents": ("scope", "mechanism"),
    "rights": ("kind",),
    "rights_channels": ("channel",),
    "measures": ("description",),
    "trackers": ("purpose", "technology"),
    "engagements": ("provider",),
    "locations": ("place",),
    "authorisations": ("kind",),
    "contract_terms": ("clause",),
    "transfers": ("destination", "country", "destination_kind"),
    "openings": ("weekday",),
    "service_levels": ("indicator",),
    "backups": ("platform", "method"),
    "retention_rules": ("description",),
    "start_events": ("event",),
    "retention_exceptions": ("description", "ground"),
}
PLACING = {"purposes": ("parent",), "engagements": ("parent",), "activities": ("role",)}
ANY_TITLE = ("name", "title", "description", "kind", "ref")


@dataclass(frozen=True)
class Cell:
    """One field of one entry, ready to be printed: its value, or the kind of answer; marks and citations in words."""

    name: str
    label: str
    parts: tuple[Words, ...] = ()
    answer: str = ""
    marks: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()

    @property
    def answer_words(self) -> str:
        """The kind of answer in words."""
        return str(ANSWERS[self.answer]) if self.answer else ""

    @property
    def answer_short(self) -> str:
        """The kind of answer where there is little room."""
        return str(ANSWERS_SHORT[self.answer]) if self.answer else ""

    @property
    def is_silent(self) -> bool:
        """Whether nothing is known and nobody said why: a hole."""
        return not self.parts and not self.answer

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing at all to print."""
        return self.is_silent and not self.marks and not self.cites

    @property
    def is_mere_answer(self) -> bool:
        """Whether a kind of answer stands alone, without a mark or a citation."""
        return bool(self.answer) and not self.marks and not self.cites

    @property
    def notes(self) -> "Cell":
        """The marks and citations alone."""
        return Cell(self.name, self.label, marks=self.marks, cites=self.cites)

    @property
    def text(self) -> str:
        """The value as plain text."""
        return ", ".join(part.text for part in self.parts)


def joined(name: str, label: str, parts: Sequence[Words], cells: Sequence[Cell]) -> Cell:
    """Return one cell that says several fields at once: the kind of answer where there is no value, and every note."""
    return Cell(
        name,
        label,
        tuple(parts),
        answer="" if parts else next((cell.answer for cell in cells if cell.answer), ""),
        marks=tuple(dict.fromkeys(mark for cell in cells for mark in cell.marks)),
        cites=tuple(dict.fromkeys(ref for cell in cells for ref in cell.cites)),
    )


def by_answer(cells: Iterable[Cell]) -> list[dict[str, str]]:
    """Return the names of the fields for which a kind of answer stands alone, by kind."""
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.answer, []).append(cell)
    return [
        {"kind": kind, "words": same[0].answer_words, "labels": ", ".join(uncapitalised(cell.label) for cell in same)}
        for kind, same in groups.items()
    ]
