"""Legal holds in the admin: opened, looked at again, released with a reason; never deleted."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.admin_base import ScopedAdmin
from foundation.admin_forms import ScopedForm
from foundation.admin_scope import person
from foundation.errors import RuleViolation
from foundation.keys import vault
from retention import actions
from retention.admin.acts import ActingPage, answered, reason_of
from retention.admin.filters import HoldFilter
from retention.admin.live import schema_of
from retention.errors import HoldRefused
from retention.mapping import Key, TableName
from retention.models import LegalHold, Target, TargetColumn
from retention.sources.tables import ColumnKind

SCOPE_NEEDS = {
    LegalHold.Scope.PERSON.value: ("identity", "person"),
    LegalHold.Scope.RECORD.value: ("target", "record_key"),
    LegalHold.Scope.RULE.value: ("rule",),
    LegalHold.Scope.ACTIVITY.value: ("activity",),
}
IDENTITIES: dict[str, Any] = dict(TargetColumn.Identity.choices)
SCOPED = ("identity", "person", "target", "record_key", "rule", "activity")


class LegalHoldForm(ScopedForm):
    """A hold to be opened; what names the person or the record is sealed as it is saved."""

    identity = forms.ChoiceField(
        label=gettext_lazy("Kind of identifier"),
        choices=[("", "—"), *TargetColumn.Identity.choices],
        required=False,
    )
    person = forms.CharField(
        label=gettext_lazy("Identifier of the person"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("As the databases hold it: the e-mail address, the number… Sealed when it is saved."),
    )
    record_key = forms.CharField(
        label=gettext_lazy("Key of the record"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy(
            "The value of the key in the target's table; of several key columns, one value on each line. Sealed when "
            "it is saved."
        ),
    )
    opened_on = forms.DateField(label=gettext_lazy("Held since"), widget=AdminDateWidget, initial=timezone.localdate)
    review_on = forms.DateField(
        label=gettext_lazy("To be reviewed on"),
        widget=AdminDateWidget,
        help_text=gettext_lazy("A hold lasts as long as the dispute, no longer: on this day somebody looks again."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The dispute or difficulty, by its file number: no name of a person."),
    )

    key: Key | None = None

    def clean(self) -> Any:
        data: Any = super().clean() or self.cleaned_data
        needed = SCOPE_NEEDS.get(data.get("scope", ""), ())
        for name in needed:
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("Needed to say what is held."))
        for name in SCOPED:  # only what the scope names: nothing that was typed and then thought better of is kept
            if name not in needed and name in data:
                data[name] = None if name in {"target", "rule", "activity"} else ""
        if data.get("record_key") and data.get("target"):
            try:
                self.key = key_of(data["target"], data["record_key"])
            except RuleViolation as refusal:
                self.add_error("record_key", str(refusal.detail))
        return data


@admin.register(LegalHold)
class LegalHoldAdmin(ActingPage, ScopedAdmin):
    """What must not go while a dispute lasts; open ones first, by the day of their review."""

    form = LegalHoldForm
    change_form_template = "admin/retention/legalhold/change_form.html"
    about = gettext_lazy("While a hold lasts, what it names is erased by no run: the data concerned, nothing more.")
    list_display = ("what", "about_what", "opened_on", "review", "released_on")
    list_filter = (HoldFilter, "scope")
    list_select_related = ("rule", "activity", "target", "opened_by", "released_by")
    ordering = ("-released_on", "review_on", "pk")  # PostgreSQL: those without a release first

    def get_urls(self) -> list[Any]:
        return [self.own("release", self.release_view), *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            scopes = (
                (gettext_lazy("A person"), {"fields": ("identity", "person")}),
                (gettext_lazy("A record"), {"fields": ("target", "record_key")}),
                (gettext_lazy("A rule or an activity"), {"fields": ("rule", "activity")}),
            )
            first = (None, {"fields": ("scope",)})
            return (
                first,
                *scopes,
                (gettext_lazy("Why, and how long"), {"fields": ("reason", "opened_on", "review_on")}),
            )
        named = SCOPE_NEEDS[obj.scope]
        shown = tuple({"person": "opened_person", "record_key": "opened_record_key"}.get(name, name) for name in named)
        ended = ("released_on", "released_by", "release_reason") if obj.released_on else ()
        return ((None, {"fields": ("scope", *shown, "reason", "opened_on", "opened_by", "review_on", *ended)}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("opened_person", "opened_record_key", "released_on", "released_by", "release_reason", "opened_by")

    @admin.display(description=gettext_lazy("what is held"))
    def what(self, hold: LegalHold) -> str:
        return hold.get_scope_display()

    @admin.display(description=gettext_lazy("which"))
    def about_what(self, hold: LegalHold) -> str:
        named = hold.rule or hold.activity or hold.target
        return str(named or IDENTITIES.get(hold.identity, hold.identity))

    @admin.display(description=gettext_lazy("to be reviewed on"), ordering="review_on")
    def review(self, hold: LegalHold) -> Any:
        day = date_format(hold.review_on, "SHORT_DATE_FORMAT")
        if hold.is_open and hold.review_on < timezone.localdate():
            return format_html('<span class="state state--late">{} · {}</span>', day, _("overdue"))
        return day

    @admin.display(description=gettext_lazy("identifier of the person"))
    def opened_person(self, hold: LegalHold) -> str:
        return _opened(hold, "person")

    @admin.display(description=gettext_lazy("key of the record"))
    def opened_record_key(self, hold: LegalHold) -> str:
        return _opened(hold, "record_key")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        said = {name: form.cleaned_data[name] for name in ("scope", *SCOPED, "reason", "opened_on", "review_on")}
        hold = actions.open_hold(obj.register, by=person(request), **said | {"record_key": form.key})
        obj.pk, obj._state.adding = hold.pk, False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        hold = self.get_object(request, object_id)
        tools = []
        if hold and hold.is_open and self.may_change(request, hold):
            tools.append((self.page_of(hold, "release"), _("Release")))
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": tools})

    def release_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what follows from the release, and ask why; release when the form comes back."""
        hold = self.reached(request, pk)
        if request.method != "POST":
            return self.shown(request, "release.html", hold, title=_("Release the hold"))
        if not reason_of(request):
            messages.error(request, _("Say why the hold ends."))
            return HttpResponseRedirect(self.page_of(hold, "release"))

        def release() -> str:
            actions.release_hold(hold, reason=reason_of(request), on=timezone.localdate(), by=person(request))
            return _("Released: what is past its time goes with the next run.")

        return answered(request, release, reverse("admin:retention_legalhold_changelist"))


def _opened(hold: LegalHold, column: str) -> str:
    sealed = getattr(hold, column)
    return vault.open_text(sealed, place=vault.Place.of(hold, column)) if sealed else "—"


def key_of(target: Target, text: str) -> Key:
    """Return the key that a person wrote, one value on each line, as the columns of the target's table hold it."""
    values = [line.strip() for line in text.splitlines() if line.strip()]
    if len(values) != len(target.key_columns):
        raise HoldRefused(
            _("The key of a record of this target has %(number)d values: give each of them.")
            % {"number": len(target.key_columns)}
        )
    numbers = _number_columns(target)
    try:
        return tuple(
            int(value) if name in numbers else value for name, value in zip(target.key_columns, values, strict=True)
        )
    except ValueError:
        raise HoldRefused(_("This column of the key holds numbers: write one.")) from None


def _number_columns(target: Target) -> set[str]:
    """Return the columns of the key that hold numbers; the database says it, so that the hold holds what it names."""
    schema = schema_of(target.source)
    table = schema.tables.get(TableName(target.table, target.schema)) if schema else None
    found = [table.column(name) for name in target.key_columns] if table else []
    return {column.name for column in found if column is not None and column.kind is ColumnKind.INTEGER}
