"""The form of a target and its lines: events, columns, child tables."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.admin_forms import ScopedForm, ScopedFormSet
from retention.admin.acts import NamedOnceForm
from retention.admin.words import domain_choices
from retention.models import TargetChild, TargetColumn
from retention.models.targets import StepChoice, TreatmentChoice

NEEDED_BY_STEP = {
    StepChoice.LIMIT_ACCESS.value: "access_column",
    StepChoice.ARCHIVE.value: "archive_table",
    StepChoice.RETURN_THEN_DESTROY.value: "returned_column",
}


class DomainForm(ScopedForm):
    """A row that may hold documents which a law orders to keep."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "domain" in self.fields:
            given = self.fields["domain"]
            self.fields["domain"] = forms.ChoiceField(
                label=given.label, required=False, choices=domain_choices, help_text=given.help_text
            )


class TargetForm(NamedOnceForm, DomainForm):
    """Where a rule bites. What the database says to it is found out after saving, and before anything runs."""

    def clean(self) -> Any:
        data: Any = super().clean() or self.cleaned_data
        if not data.get("key_columns"):
            self.add_error("key_columns", _("Name the columns of the key: batches are told apart by it."))
        needed = NEEDED_BY_STEP.get(data.get("step", ""))
        if needed and not data.get(needed):
            self.add_error(needed, _("This step needs it."))
        if data.get("state_column") and not data.get("state_values"):
            self.add_error("state_values", _("Say which values of this column mean the rule's state."))
        return data


class EventsFormSet(ScopedFormSet):
    once_by = ("event",)


class ChildForm(DomainForm):
    class Meta:
        model = TargetChild
        fields = ("position", "schema", "table", "foreign_key", "fate", "domain", "domain_dated_by")
        labels = {"position": gettext_lazy("position")}


class ChildrenFormSet(ScopedFormSet):
    once_by = ("schema", "table", "foreign_key_as_text")

    def kept(self) -> Any:
        for form in super().kept():
            form.cleaned_data["foreign_key_as_text"] = ", ".join(form.cleaned_data.get("foreign_key") or [])
            yield form


class ColumnForm(DomainForm):
    """A column, of the target's table or of a child's, which is named here since its line may be new too."""

    of_table = forms.CharField(
        label=gettext_lazy("of the child table"),
        max_length=257,
        required=False,
        help_text=gettext_lazy("Empty: of the target's table."),
    )

    class Meta:
        model = TargetColumn
        fields = ("name", "of_table", "treatment", "constant", "identity", "domain", "domain_dated_by")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.child_id:
            self.initial["of_table"] = named(self.instance.child)

    def clean(self) -> Any:
        data: Any = super().clean() or self.cleaned_data
        if data.get("treatment") == TreatmentChoice.CONSTANT and not data.get("constant"):
            self.add_error("constant", _("Say which constant stands in its place."))
        return data


class ColumnsFormSet(ScopedFormSet):
    once_by = ("of_table", "name")
    children: Any = None  # the lines of child tables on the same page

    def clean(self) -> None:
        super().clean()
        tables = {_named(form.cleaned_data) for form in self.children.kept()} if self.children is not None else set()
        for form in self.kept():
            table = form.cleaned_data.get("of_table")
            if table and table not in tables:
                form.add_error("of_table", _("No child table of this name stands on this page."))

    def save_new(self, form: Any, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        self._hang(form)
        return super().save_new(form, commit=commit)

    def save_existing(self, form: Any, obj: Any, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        self._hang(form)
        return super().save_existing(form, obj, commit=commit)

    def _hang(self, form: Any) -> None:
        """Hang the column on the child table that its line names; those lines are saved before these."""
        children = {named(child): child for child in self.instance.children.all()}
        form.instance.child = children.get(form.cleaned_data.get("of_table", ""))


def named(child: TargetChild) -> str:
    """Return how a child table is named on the page."""
    return f"{child.schema}.{child.table}" if child.schema else child.table


def _named(line: dict[str, Any]) -> str:
    return f"{line['schema']}.{line['table']}" if line.get("schema") else line.get("table", "")
