"""From a file in the canonical form to rows: checked as a whole, then written in one transaction, or not at all."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from editions.form import NOTES, SECTIONS, Section, all_sections
from editions.reading import BrokenForm, Fault, Path, Reading
from editions.values import Field, from_form, is_reference, is_reference_list
from foundation.errors import RuleViolation
from foundation.models import Register
from foundation.rows import RegisterRow
from register.models import Answer, Citation, Mark, Statement


class RegisterExists(RuleViolation):
    """A register of this short name is there already; it is left as it is."""

    code = "register_exists"


@transaction.atomic
def load(reading: Reading, *, source: str = "", replace: bool = False) -> Register:
    """Write the register that a reading holds and return it.

    Raises `BrokenForm` with every fault (unknown references, impossible values, answers beside values), and
    `RegisterExists` unless `replace` says that the content of the register is to be replaced.
    """
    head = reading.form["register"]
    # the lock also makes two loaders of one register wait for each other
    register = Register.objects.select_for_update().filter(slug=head["slug"]).first()
    if register and not replace:
        raise RegisterExists(
            _("The register “%s” exists already. To replace its content by the file, add --replace.") % register.slug
        )
    loader = _Loader(reading, register or Register(slug=head["slug"]))
    faults = loader.faults()
    if faults:
        raise BrokenForm(faults, source)
    try:
        with transaction.atomic():
            register = _save_head(register, head)
            clear(register)
            loader.write(register)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # whatever the database refuses, it refuses here
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        rule = str(error).splitlines()[0]
        raise BrokenForm(
            [Fault(1, "", _("The database refuses the register: %s. Nothing was changed.") % rule)], source
        ) from error
    return register


def clear(register: Register) -> None:
    """Delete every entry of a register; editions, evidence, history and the texts attached stay."""
    for model in (Citation, Answer, Mark):
        model.objects.filter(register=register)._raw_delete(using="default")
    for section in reversed(list(all_sections())):
        rows = section.model.objects.filter(register=register)
        for field in section.model._meta.local_many_to_many:
            through: Any = field.remote_field.through
            ends = {f"{field.m2m_field_name()}__register": register}
            through._default_manager.filter(**ends).delete()
        rows._raw_delete(using="default")


def _save_head(register: Register | None, head: dict[str, Any]) -> Register:
    register = register or Register(slug=head["slug"])
    for name, value in head.items():
        setattr(register, name, value)
    register.save()
    return register


class _Loader:
    """Rows built in memory from a reading: checked first, then written table by table."""

    def __init__(self, reading: Reading, register: Register) -> None:
        self.reading = reading
        self.rows: dict[Section, list[tuple[Path, RegisterRow]]] = {section: [] for section in all_sections()}
        self.by_ref: dict[type[models.Model], dict[str, RegisterRow]] = {}
        self.parents: list[tuple[RegisterRow, str, RegisterRow]] = []
        self.found: list[Fault] = []
        for section in SECTIONS:
            self._build(section, reading.form.get(section.name, []), (section.name,), None)

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self, section: Section, forms: list[dict[str, Any]], path: Path, parent: RegisterRow | None) -> None:
        for index, form in enumerate(forms):
            here = (*path, index)
            row = section.model(position=index + 1)
            if parent is not None:
                self.parents.append((row, section.parent, parent))
            for field in section.fields:
                if field.name in form and not is_reference(field) and not is_reference_list(field):
                    self._set(row, field, form[field.name], (*here, field.name))
            self._check_constraints(row, here)
            self.rows[section].append((here, row))
            if section.keyed:
                self._index(section, row, here)
            for child in section.children:
                self._build(child, form.get(child.name, []), (*here, child.name), row)

    def _set(self, row: RegisterRow, field: Field, value: Any, path: Path) -> None:
        try:
            setattr(row, field.attname, from_form(field, value))
            field.clean(getattr(row, field.attname), row)
        except ValidationError as refusal:
            self._fault(path, " ".join(refusal.messages))
        except ValueError:
            self._fault(path, _("“%s” does not exist in the calendar or on the clock.") % value)

    def _check_constraints(self, row: RegisterRow, path: Path) -> None:
        for constraint in row._meta.constraints:
            # that a choice is known or a reference given, the schema has said already
            if isinstance(constraint, models.CheckConstraint) and constraint.violation_error_code:
                try:
                    constraint.validate(type(row), row)
                except ValidationError as refusal:
                    self._fault(path, " ".join(refusal.messages))

    def _index(self, section: Section, row: Any, path: Path) -> None:
        known = self.by_ref.setdefault(section.model, {})
        ref = str(row.ref)
        if ref in known:
            self._fault((*path, "ref"), _("The reference “%s” stands twice: give each its own.") % ref)
        known[ref] = row

    def _fault(self, path: Path, message: str) -> None:
        self.found.append(self.reading.fault(path, message))

    # -- checking ------------------------------------------------------------------------------------------------

    def faults(self) -> list[Fault]:
        """Return everything that is wrong with the form beyond its shape."""
        for section in self.rows:
            if section.keyed and any(field.name == "parent" for field in section.fields):
                self._check_circles(section)
        for section, row, form, path in self._entries():
            for field in section.fields:
                if field.name in form and (is_reference(field) or is_reference_list(field)):
                    self._check_references(field, form[field.name], (*path, field.name))
            self._check_notes(section, row, form, path)
        return self.found

    def _check_notes(self, section: Section, row: RegisterRow, form: dict[str, Any], path: Path) -> None:
        for name in form.get("answers", {}):
            if name in form or self._stands_elsewhere(section, name, row):
                self._fault(
                    (*path, "answers", name),
                    _("A value and an answer without a value stand for “%s”: keep one of the two.") % name,
                )
        for name, refs in form.get("cites", {}).items():
            for ref in refs:
                if ref not in self.by_ref.get(Statement, {}):
                    self._fault((*path, "cites", name), _("No statement bears the id “%s”.") % ref)

    def _check_references(self, field: Field, value: Any, path: Path) -> None:
        target: Any = field.related_model
        for ref in [value] if isinstance(value, str) else value:
            if ref not in self.by_ref.get(target, {}):
                self._fault(
                    path,
                    _("“%(ref)s” is not the reference of any of the %(rows)s in this file.")
                    % {"ref": ref, "rows": target._meta.verbose_name_plural},
                )

    def _check_circles(self, section: Section) -> None:
        """Refuse rows that stand above themselves: a company its own parent, purposes part of each other."""
        places = {form["ref"]: path for path, form in self._forms(section) if section.keyed}
        above = {
            form["ref"]: form["parent"] for _path, form in self._forms(section) if "ref" in form and "parent" in form
        }
        settled: set[str] = set()
        for start in above:
            way: dict[str, None] = {}  # in order, and quick to look up
            ref: str | None = start
            while ref is not None and ref not in settled and ref not in way:
                way[ref] = None
                ref = above.get(ref)
            if ref in way:
                self._fault((*places[ref], "parent"), _("“%s” stands above itself: break the circle.") % ref)
            settled.update(way)

    def _forms(self, section: Section) -> Iterator[tuple[Path, dict[str, Any]]]:
        return ((path, self._form_at(path)) for path, _row in self.rows[section])

    @cached_property
    def _named(self) -> set[tuple[type[models.Model], str, str]]:
        """What lines of other sections name: (model, name of the list, reference of the row)."""
        named: set[tuple[Any, str, str]] = set()
        for section, _row, form, _path in self._entries():
            for field in section.fields:
                if field.name in form and (is_reference(field) or is_reference_list(field)):
                    value, listed = form[field.name], field.remote_field.related_name
                    refs = [value] if isinstance(value, str) else value
                    named.update((field.related_model, str(listed), ref) for ref in refs)
        return named

    def _stands_elsewhere(self, section: Section, name: str, row: RegisterRow) -> bool:
        """Whether a line of another section names this row under `name`."""
        return (section.model, name, getattr(row, "ref", "")) in self._named

    def _entries(self) -> Iterator[tuple[Section, RegisterRow, dict[str, Any], Path]]:
        for section, rows in self.rows.items():
            for path, row in rows:
                yield section, row, self._form_at(path), path

    def _form_at(self, path: Path) -> dict[str, Any]:
        at: Any = self.reading.form
        for step in path:
            at = at[step]
        return dict(at)

    # -- writing -------------------------------------------------------------------------------------------------

    def write(self, register: Register) -> None:
        for section, rows in self.rows.items():
            for (_path, row), key in zip(rows, _keys(section.model, len(rows)), strict=True):
                row.pk = key
                row.register = register
        for row, name, parent in self.parents:
            setattr(row, name, parent)
        for section, row, form, _path in self._entries():
            for field in section.fields:
                if is_reference(field) and field.name in form:
                    setattr(row, field.name, self._target(field, form[field.name]))
        for section, rows in self.rows.items():
            section.model.objects.bulk_create(row for _path, row in rows)
        self._write_links()
        self._write_notes(register)

    def _target(self, field: Any, ref: str) -> RegisterRow:
        return self.by_ref[field.related_model][ref]

    def _write_links(self) -> None:
        links: dict[type[models.Model], list[models.Model]] = {}
        for section, row, form, _path in self._entries():
            for field in section.model._meta.local_many_to_many:
                through: Any = field.remote_field.through
                source, target = field.m2m_field_name(), field.m2m_reverse_field_name()
                links.setdefault(through, []).extend(
                    through(**{source: row, target: self._target(field, ref)}) for ref in form.get(field.name, [])
                )
        for through, rows in links.items():
            through._default_manager.bulk_create(rows)

    def _write_notes(self, register: Register) -> None:
        notes: dict[type[models.Model], list[Any]] = {Answer: [], Mark: [], Citation: []}
        for section, row, form, _path in self._entries():
            if not any(name in form for name in NOTES):
                continue
            entry = {
                "register": register,
                "entry_type": ContentType.objects.get_for_model(section.model),
                "entry_id": row.pk,
            }
            for name, kind in form.get("answers", {}).items():
                notes[Answer].append(Answer(**entry, field=name, kind=kind))
            for name, kinds in form.get("marks", {}).items():
                notes[Mark].extend(Mark(**entry, field=name, kind=kind) for kind in kinds)
            for name, refs in form.get("cites", {}).items():
                notes[Citation].extend(
                    Citation(**entry, field=name, statement_id=self.by_ref[Statement][ref].pk) for ref in refs
                )
        for model, rows in notes.items():
            model._default_manager.bulk_create(rows)


def _keys(model: type[models.Model], count: int) -> list[int]:
    """Reserve that many primary keys, so that rows may point at each other before any is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]
