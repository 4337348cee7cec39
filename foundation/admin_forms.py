"""Forms of the admin whose row belongs to a register, and their lists of lines."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Register
from foundation.admin_types import RowForm, RowFormSet
from foundation.rows import LAST, RegisterRow


class ScopedForm(RowForm):
    """A form whose row lies in `register`, which the admin sets on the class it makes for each request."""

    register: Register | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row: Any = self.instance
        if row.register_id is None and self.register is not None:
            row.register = self.register

    def clean_ref(self) -> str:
        """Refuse a reference that another row of the register bears."""
        ref: str = self.cleaned_data["ref"]
        rows = self._meta.model._default_manager.filter(register=self.instance.register_id, ref=ref)
        if "ref" in self.changed_data and rows.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This reference stands in the register already: choose another."), code="unique")
        return ref


def next_position(rows: models.QuerySet[Any]) -> int:
    """Return the place after all of these rows."""
    last: int = rows.aggregate(last=models.Max("position"))["last"] or 0
    return min(last + 1, LAST)


class ScopedLines:
    """Lines of one row: ids of other rows are refused, new lines stand last, and what stands once stands once."""

    once_by: tuple[str, ...] = ("ref",)  # the fields that together tell a line from its siblings

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)  # type: ignore[misc]
        formset: Any = self
        if "id" in form.fields:
            form.fields["id"].queryset = formset.get_queryset()  # Django would look among the rows of every register

    def clean(self) -> None:
        super().clean()  # type: ignore[misc]
        seen: Counter[tuple[Any, ...]] = Counter()
        for form in self.kept():
            told = tuple(form.cleaned_data.get(name) for name in self.once_by)
            seen[told] += 1
            if any(told) and seen[told] > 1:
                form.add_error(self.once_by[0], _("This stands twice: keep one."))

    def kept(self) -> Iterable[Any]:
        """The lines that will stand after saving."""
        formset: Any = self
        for form in formset.forms:
            data = getattr(form, "cleaned_data", None)
            if data and not data.get("DELETE") and (form.instance.pk or form.has_changed()):
                yield form

    def save_new(self, form: Any, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        if isinstance(form.instance, RegisterRow):
            formset: Any = self
            taken = getattr(self, "_position", None) or next_position(formset.queryset.all()) - 1
            form.instance.position = self._position = min(taken + 1, LAST)
        return super().save_new(form, commit=commit)  # type: ignore[misc]


class ScopedFormSet(ScopedLines, RowFormSet):
    """Lines that hang on a row by a foreign key."""


class Lines(forms.CharField):
    """A list of short texts, one on each line."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


def list_field(field: "ArrayField[Any, Any]") -> forms.Field:
    """Return the form field of a list: boxes to tick where the values are known, else one text per line."""
    common: dict[str, Any] = {
        "label": str(field.verbose_name).capitalize(),
        "required": not field.blank,
        "help_text": field.help_text,
    }
    choices = field.base_field.choices
    if choices:
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
    return Lines(**{**common, "help_text": field.help_text or _("One on each line.")})
