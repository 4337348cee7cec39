"""What the admin shows a person: the rows of their registers, each form inside one register."""

from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple, RelatedFieldWidgetWrapper
from django.db import models
from django.http import Http404, HttpRequest, QueryDict

from foundation import permissions
from foundation.accounts.models import Register, User
from foundation.rows import OwnedRow

REGISTER = "register"  # the query parameter that says in which register to add or to search


def person(request: HttpRequest) -> User:
    """Return who is signed in."""
    assert isinstance(request.user, User)
    return request.user


def is_scoped(model: Any) -> bool:
    """Whether each row of this model belongs to one register."""
    return isinstance(model, type) and issubclass(model, OwnedRow)


def find_register(registers: models.QuerySet[Register], key: str) -> Register:
    """Return the register with this number; one that is out of reach and one that never was are the same 404."""
    found = registers.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
    if found is None:
        raise Http404
    return found


def chosen_register(request: HttpRequest, model: type[models.Model]) -> Register | None:
    """Return the register a new row goes to: the one asked for, the one filtered by, else the only one."""
    registers = permissions.registers_allowing(person(request), permissions.resource_of(model), permissions.ADD)
    filtered = QueryDict(request.GET.get("_changelist_filters", "")).get("register__id__exact")
    asked = request.GET.get(REGISTER) or filtered
    if asked:
        return find_register(registers, asked)
    few = list(registers[:2])
    return few[0] if len(few) == 1 else None


def enter(request: HttpRequest, register: Register | None) -> None:
    """Say in which register the form of this request works."""
    request.greffier_register = register  # type: ignore[attr-defined]


def register_of(request: HttpRequest) -> Register | None:
    """Return the register in which the form of this request works."""
    return getattr(request, "greffier_register", None)


class Labels:
    """The labels of the rows that a form's fields may point at: read once per model and request."""

    def __init__(self) -> None:
        self._known: dict[type[models.Model], dict[str, str]] = {}

    def of(self, field: Any) -> dict[str, str]:
        """Return {key: label} of every row that this form field accepts."""
        model = field.queryset.model
        if model not in self._known:
            self._known[model] = {str(row.pk): field.label_from_instance(row) for row in field.queryset}
        return self._known[model]


def labels_of(request: HttpRequest) -> Labels:
    """Return the labels shared by all fields of this request."""
    if not hasattr(request, "greffier_labels"):
        request.greffier_labels = Labels()  # type: ignore[attr-defined]
    labels: Labels = request.greffier_labels  # type: ignore[attr-defined]
    return labels


class _InOneRegister:
    """Autocomplete that searches in the register of the form only, and labels many fields with one query."""

    def inside(self, register: Register | None, labels: Labels) -> Any:
        self.register, self.labels = register, labels
        return self

    def get_url(self) -> str:
        url: str = super().get_url()  # type: ignore[misc]
        return f"{url}?{REGISTER}={self.register.pk}" if self.register else url

    def optgroups(self, name: Any, value: Any, attr: Any = None) -> Any:
        widget: Any = self
        field = widget.choices.field
        chosen = [str(one) for one in value if str(one) not in field.empty_values]
        known = self.labels.of(field) if chosen else {}
        options = [] if widget.is_required or widget.allow_multiple_selected else [("", "", False)]
        options += [(key, known[key], True) for key in chosen if key in known]
        return [(None, [widget.create_option(name, *option, 0) for option in options], 0)]


class ScopedSelect(_InOneRegister, AutocompleteSelect):
    """One row of the form's register."""


class ScopedSelectMultiple(_InOneRegister, AutocompleteSelectMultiple):
    """Several rows of the form's register."""


class ScopedRelated(RelatedFieldWidgetWrapper):
    """The “add another” link beside a field adds in the register of the form."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        register = getattr(self.widget, "register", None)
        if register:
            context["url_params"] += f"&{REGISTER}={register.pk}"
        return context
