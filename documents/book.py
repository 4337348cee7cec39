"""An edition's canonical form as entries, cells and words: what the templates of the documents read, and nothing else.

Pure: a plain dict and a language come in. Labels and vocabularies are translated; what people wrote stays in the
language of the register and says so where the document speaks another.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.db import models

from documents import values
from documents.cells import ANY_TITLE, PLACING, TITLES, Cell, joined
from documents.values import Words
from documents.vocabulary import IN_PRINT, MARKS, capitalised
from editions.form import SECTIONS, Section
from register.models.entries import WHOLE_ENTRY

Row = dict[str, Any]


class Entry:
    """One row of the form, with its cells by field name, the rows in it by section, what it refers to by field."""

    def __init__(self, book: "Book", section: Section, row: Row, owner: "Entry | None" = None) -> None:
        self.book, self.section, self.row, self.owner = book, section, row, owner
        self.cells = _Cells(self)
        self.rows = _Rows(self)
        self.to = _References(self)

    @property
    def ref(self) -> str:
        return str(self.row.get("ref", ""))

    @property
    def anchor(self) -> str:
        """The name by which links in the document find this entry."""
        return f"{self.section.name}-{self.ref}"

    @property
    def title_field(self) -> str:
        """The field that says what the entry is called; empty when none does."""
        names = (*TITLES.get(self.section.name, ()), *ANY_TITLE)
        return next((name for name in names if self.row.get(name) and self.has(name)), "")

    @property
    def title(self) -> Words:
        """What the entry is called, else what kind of entry it is."""
        if self.title_field:
            return self.cells[self.title_field].parts[0]
        return Words(str(self.section.model._meta.verbose_name))

    @property
    def head(self) -> Cell:
        """The title with the notes that hold for the whole entry."""
        titled = self.cells[self.title_field or WHOLE_ENTRY]
        cells = [titled, *(self.cells[name] for name in (WHOLE_ENTRY, "ref", *self.placing))]
        return joined(titled.name, titled.label, (self.title,), cells)

    @property
    def placing(self) -> tuple[str, ...]:
        """The fields that decide where the entry stands in print, so that their value needs no words."""
        return PLACING.get(self.section.name, ())

    def has(self, name: str) -> bool:
        """Whether entries of this kind have a field of this name."""
        return name in _fields(self.section)

    @property
    def filled(self) -> "list[Cell]":
        """Every field of its own that says something, in the order of the form."""
        cells = (self.cells[field.name] for field in self.section.fields)
        return [cell for cell in cells if not cell.is_blank]

    @property
    def lists(self) -> "list[Cell]":
        """What is noted on the lists that hang on the entry."""
        own = {child.name for child in self.section.children}.union(field.name for field in self.section.fields)
        cells = (self.cells[name] for name in self.section.notable[1:] if name not in own)
        return [cell for cell in cells if not cell.is_blank]

    @property
    def shown_activities(self) -> list[str]:
        """The activities of this record for which it holds."""
        return [ref for ref in self.row.get("activities", ()) if not self.book.record or ref in self.book.record]

    @property
    def is_for_all(self) -> bool:
        """Whether it names every activity of this record."""
        return len(self.book.record) > 1 and self.book.record <= set(self.row.get("activities", ()))

    @property
    def opening_hours(self) -> list[str]:
        """The opening hours of a calendar, days with the same hours together."""
        openings = [(row.row["weekday"], row.row["opens_at"], row.row["closes_at"]) for row in self.rows["openings"]]
        return values.opening_hours(openings, language=self.book.language)

    def concerns(self, refs: "set[str]") -> bool:
        """Whether it holds for one of these activities: it names none of them when it holds for all."""
        named = set(self.row.get("activities", ()))
        return not named or bool(named & refs)


class _Cells:
    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def __getitem__(self, name: str) -> Cell:
        entry, row = self.entry, self.entry.row
        return Cell(
            name=name,
            label=entry.book.label(entry.section, name),
            parts=entry.book.words(entry.section, name, row.get(name)),
            answer=row.get("answers", {}).get(name, ""),
            marks=tuple(str(MARKS[kind]) for kind in row.get("marks", {}).get(name, ())),
            cites=tuple(ref for ref in row.get("cites", {}).get(name, ()) if ref not in self._beside(name)),
        )

    def _beside(self, name: str) -> set[str]:
        """Return the statements that the lines of a list cite themselves: they are not repeated for the list."""
        if name not in {child.name for child in self.entry.section.children}:
            return set()
        lines = (cites for line in self.entry.row.get(name, ()) for cites in line.get("cites", {}).values())
        return {ref for cites in lines for ref in cites}


class _Rows:
    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def __getitem__(self, name: str) -> list[Entry]:
        entry = self.entry
        section = next(child for child in entry.section.children if child.name == name)
        return [Entry(entry.book, section, row, entry) for row in entry.row.get(name, ())]


class _References:
    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def __getitem__(self, name: str) -> Entry | None:
        entry = self.entry
        field = entry.section.model._meta.get_field(name)
        return entry.book.find(field.related_model, entry.row.get(name))  # type: ignore[arg-type]


class Book:
    """A register in canonical form, read in one language."""

    def __init__(self, form: Row, *, language: str) -> None:
        self.form, self.language = form, language
        self.written_in = str(form["register"].get("language", language))
        self.foreign = self.written_in if self.written_in != language else ""
        self.record: frozenset[str] = frozenset()  # the activities of the record that is being printed
        self._found = {
            (entry.section.model, entry.ref): entry for entry in self.everything() if entry.section.keyed and entry.ref
        }

    def own(self, text: str) -> Words:
        """Return what a person wrote."""
        return Words(text, self.foreign, is_own=True)

    @cached_property
    def name(self) -> Words:
        return self.own(self.form["register"]["name"])

    def entries(self, name: str) -> list[Entry]:
        """Return the rows of one outer section, in their order."""
        section = next(section for section in SECTIONS if section.name == name)
        return [Entry(self, section, row) for row in self.form.get(name, ())]

    def everything(self) -> Iterator[Entry]:
        """Yield every row of every section, outer before inner."""
        for section in SECTIONS:
            for entry in self.entries(section.name):
                yield from walk(entry)

    def find(self, model: type[models.Model], ref: str | None) -> Entry | None:
        """Return the entry of this kind with this reference."""
        return self._found.get((model, ref)) if ref else None  # type: ignore[arg-type]

    def words(self, section: Section, name: str, value: Any) -> tuple[Words, ...]:
        """Return a value of the form in words, with references by their title."""
        field = _fields(section).get(name)
        if field is None or value is None:
            return ()
        if field.is_relation:
            refs = value if isinstance(value, list) else [value]
            return tuple(dict.fromkeys(self._title(field.related_model, ref) for ref in refs))
        return values.in_words(field, value, language=self.language, own=self.own)

    def label(self, section: Section, name: str) -> str:
        """Return what a field or a list is called."""
        field = _fields(section).get(name)
        if field is not None:
            return capitalised(str(IN_PRINT.get(name, field.verbose_name)))
        return capitalised(str(_lists(section).get(name, "")))

    def _title(self, model: type[models.Model], ref: str) -> Words:
        entry = self.find(model, ref)
        return entry.title if entry else self.own(ref)


def walk(entry: Entry) -> Iterator[Entry]:
    yield entry
    for child in entry.section.children:
        for row in entry.rows[child.name]:
            yield from walk(row)


_FIELDS: dict[str, dict[str, Any]] = {}
_LISTS: dict[str, dict[str, Any]] = {}


def _fields(section: Section) -> dict[str, Any]:
    if section.name not in _FIELDS:
        _FIELDS[section.name] = {field.name: field for field in section.fields}
    return _FIELDS[section.name]


def _lists(section: Section) -> dict[str, Any]:
    """Return, for the lists that hang on an entry, what their lines are called."""
    if section.name not in _LISTS:
        _LISTS[section.name] = {
            relation.related_name: relation.related_model._meta.verbose_name_plural
            for relation in section.model._meta.related_objects
            if relation.related_name
        }
    return _LISTS[section.name]
