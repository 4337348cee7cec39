"""From rows to the canonical form. The number of queries is that of the models, whatever the size of the register."""

import hashlib
import json
from collections import defaultdict
from itertools import chain
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from editions.form import REGISTER_FIELDS, SECTIONS, VERSION, Section, all_sections
from editions.values import is_empty, is_reference, is_reference_list, to_form
from foundation.models import Register
from foundation.rows import RegisterRow
from register.models import Answer, Citation, Mark, Statement

Form = dict[str, Any]


def canonical(register: Register) -> Form:
    """Return the register in canonical form: plain JSON types, keys in the order of the form, nothing empty."""
    return _Dumper(register).form()


def canonical_json(form: Form) -> str:
    """Return the ordered JSON that is hashed and frozen: no white space, keys in the order of the form."""
    return json.dumps(form, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    """Return the SHA-256 (hex) of a canonical JSON in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


class _Dumper:
    def __init__(self, register: Register) -> None:
        self.register = register
        self.rows: dict[str, dict[int | None, list[RegisterRow]]] = {}  # by section, by the row they stand in
        self.refs: dict[type[models.Model], dict[int, str]] = {}
        for section in all_sections():
            rows = list(section.model.objects.of(register))
            by_parent: dict[int | None, list[RegisterRow]] = defaultdict(list)
            self.rows[section.name] = by_parent
            for row in rows:
                by_parent[getattr(row, f"{section.parent}_id") if section.parent else None].append(row)
            if section.keyed:
                self.refs[section.model] = {row.pk: row.ref for row in rows}  # type: ignore[attr-defined]
        self.links = {
            (section.model, field.name): self._links(field)
            for section in all_sections()
            for field in section.model._meta.local_many_to_many
        }
        types = {section.model: ContentType.objects.get_for_model(section.model).pk for section in all_sections()}
        self.types = types
        self.notes: dict[str, dict[tuple[int, int], dict[str, Any]]] = {
            "answers": self._answers(),
            "marks": self._marks(),
            "cites": self._citations(),
        }

    def form(self) -> Form:
        head = {name: getattr(self.register, name) for name in REGISTER_FIELDS}
        sections = {section.name: self._section(section, None) for section in SECTIONS}
        return {"greffier": VERSION, "register": head, **{name: rows for name, rows in sections.items() if rows}}

    def _section(self, section: Section, parent: RegisterRow | None) -> list[Form]:
        return [self._row(section, row) for row in self.rows[section.name][parent.pk if parent else None]]

    def _row(self, section: Section, row: RegisterRow) -> Form:
        form: Form = {}
        value: Any
        for field in section.fields:
            if is_reference_list(field):
                value = self.links[section.model, field.name].get(row.pk)
            elif is_reference(field):
                value = self.refs[field.related_model].get(getattr(row, field.attname))
            else:
                value = to_form(field, getattr(row, field.attname))
            if not is_empty(value):
                form[field.name] = value
        for child in section.children:
            lines = self._section(child, row)
            if lines:
                form[child.name] = lines
        if section.has_notes:
            for name, by_entry in self.notes.items():
                noted = by_entry.get((self.types[section.model], row.pk))
                if noted:
                    form[name] = {key: noted[key] for key in section.notable if key in noted}
        return form

    def _links(self, field: Any) -> dict[int, list[str]]:
        """Return, by row, the references of a list, in the order of what they point at."""
        source, target = field.m2m_field_name(), field.m2m_reverse_field_name()
        through = field.remote_field.through
        pairs = (
            through._default_manager.filter(**{f"{source}__register": self.register})
            .order_by(f"{target}__position", f"{target}_id")
            .values_list(f"{source}_id", f"{target}__ref")
        )
        links: dict[int, list[str]] = defaultdict(list)
        for row_id, ref in pairs:
            links[row_id].append(ref)
        return links

    def _answers(self) -> dict[tuple[int, int], dict[str, str]]:
        noted: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
        answer: Any
        for answer in Answer._default_manager.filter(register=self.register):
            noted[answer.entry_type_id, answer.entry_id][answer.field] = answer.kind
        return noted

    def _marks(self) -> dict[tuple[int, int], dict[str, list[str]]]:
        noted: dict[tuple[int, int], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        mark: Any
        for mark in Mark._default_manager.filter(register=self.register).order_by("kind"):
            noted[mark.entry_type_id, mark.entry_id][mark.field].append(mark.kind)
        return noted

    def _citations(self) -> dict[tuple[int, int], dict[str, list[str]]]:
        noted: dict[tuple[int, int], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        place = {
            statement.pk: (order, statement.ref)
            for order, statement in enumerate(chain.from_iterable(self.rows["statements"].values()))
            if isinstance(statement, Statement)
        }
        every: Any = Citation._default_manager
        citations = every.filter(register=self.register).values_list(
            "entry_type_id", "entry_id", "field", "statement_id"
        )
        for entry_type, entry, field, statement in sorted(citations, key=lambda row: place[row[3]]):
            noted[entry_type, entry][field].append(place[statement][1])
        return noted
