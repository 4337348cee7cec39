"""Citations, answers and marks on the page of the entry they are about, and what answers refuse."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.contenttypes.admin import GenericTabularInline
from django.contrib.contenttypes.forms import BaseGenericInlineFormSet
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.admin_base import ByRole, ScopedFields
from foundation.admin_forms import ScopedForm, ScopedLines
from foundation.admin_scope import is_scoped, register_of
from register.models import Answer, Citation, Mark
from register.models.entries import WHOLE_ENTRY
from register.notable import answerable, lists, notable

if TYPE_CHECKING:
    _NoteFormSet = BaseGenericInlineFormSet[Any, Any]
else:
    _NoteFormSet = BaseGenericInlineFormSet

BESIDE = _("A value stands beside an answer without a value: keep one of the two.")


class EntryForm(ScopedForm):
    """An entry: no value beside an answer of another kind, on this row or on the rows it names."""

    notes_on_page = False  # on the entry's own page the answers are checked as they are given there

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.links_given = {
            field.name: data.get(field.name) for field in self.instance._meta.local_many_to_many if field.name in data
        }
        for name in self._beside_own_answers(data):
            self.add_error(name, BESIDE)
        for name in self._answered_by_others(data):
            self.add_error(
                name, _("There is an answer “none” or “not stated” for this list on the row chosen: withdraw it first.")
            )
        return data

    def _beside_own_answers(self, data: dict[str, Any]) -> list[str]:
        if self.notes_on_page or self.instance.pk is None or not self.changed_data:
            return []
        kind = ContentType.objects.get_for_model(self.instance)
        answers: Any = Answer.objects
        answered = answers.filter(entry_type=kind, entry_id=self.instance.pk).values_list("field", flat=True)
        return [name for name in answered if name in data and _says_something(data[name])]

    def _answered_by_others(self, data: dict[str, Any]) -> list[str]:
        """Return the fields by which this entry enters a list that is answered “none” or “not stated”."""
        refused = []
        for name in set(self.changed_data) & set(data):
            field: Any = next((field for field in self.instance._meta.get_fields() if field.name == name), None)
            related = getattr(getattr(field, "remote_field", None), "related_name", None)
            if field is None or not is_scoped(field.related_model) or not related or not data[name]:
                continue
            rows = [data[name]] if hasattr(data[name], "pk") else list(data[name])
            kind = ContentType.objects.get_for_model(field.related_model)
            keys = [row.pk for row in rows]
            if Answer.objects.filter(entry_type=kind, entry_id__in=keys, field=related).exists():
                refused.append(name)
        return refused


def _says_something(value: Any) -> bool:
    return value not in (None, "", []) and (not hasattr(value, "exists") or value.exists())


class NoteForm(ScopedForm):
    """A note on one field: the fields of the entry are named as on its page."""

    names: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "field" in self.fields:
            known = dict(self.names)
            known.setdefault(self.instance.field, self.instance.field)
            label, initial = self.fields["field"].label, self.fields["field"].initial
            choices = [(name, label) for name, label in known.items() if name]
            self.fields["field"] = forms.ChoiceField(label=label, choices=choices, initial=initial)


class NotesFormSet(ScopedLines, _NoteFormSet):
    """The notes of one kind on one entry; each stands once."""


class CitationsFormSet(NotesFormSet):
    once_by = ("field", "statement")


class MarksFormSet(NotesFormSet):
    once_by = ("field", "kind")


class AnswersFormSet(NotesFormSet):
    """The answers on one entry; each is refused beside a value, wherever the value stands."""

    once_by = ("field",)
    siblings: tuple[Any, ...] = ()  # the lists of lines on the same page

    def clean(self) -> None:
        super().clean()
        for form in self.kept():
            name = form.cleaned_data.get("field", "")
            if name and name != WHOLE_ENTRY and self._has_value(name):
                form.add_error("field", BESIDE)

    def _has_value(self, name: str) -> bool:
        entry: Any = self.instance
        links = getattr(entry, "links_given", {})
        if name in links:
            return _says_something(links[name])
        relation = next((one for one in lists(type(entry)) if one.related_name == name), None)
        if relation is None:
            field = next((field for field in entry._meta.concrete_fields if field.name == name), None)
            return field is not None and _says_something(getattr(entry, field.attname))
        for formset in self.siblings:
            if formset.model is relation.related_model and getattr(formset, "fk", None) == relation.field:
                return any(True for _line in formset.kept())
        return (
            entry.pk is not None
            and relation.related_model._default_manager.filter(**{relation.field.name: entry.pk}).exists()
        )


class _NoteInline(ByRole, ScopedFields, GenericTabularInline):
    ct_field = "entry_type"
    ct_fk_field = "entry_id"
    form: Any = NoteForm
    formset: Any = NotesFormSet
    exclude = ("position",)
    extra = 0
    classes = ("notes",)
    offers_to_add = False
    names_of: Any = staticmethod(notable)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.register = register_of(request)
        formset.form.names = self.names_of(self.parent_model)
        return formset


class CitationInline(_NoteInline):
    model = Citation
    formset: Any = CitationsFormSet
    fields = ("field", "statement")
    verbose_name = _("statement cited")
    verbose_name_plural = _("statements cited, by field")


class AnswerInline(_NoteInline):
    model = Answer
    formset: Any = AnswersFormSet
    fields = ("field", "kind")
    names_of = staticmethod(answerable)
    verbose_name_plural = _("answers where no value stands")


class MarkInline(_NoteInline):
    model = Mark
    formset: Any = MarksFormSet
    fields = ("field", "kind")
    verbose_name_plural = _("marks: how the text says it")


NOTES = (CitationInline, AnswerInline, MarkInline)
