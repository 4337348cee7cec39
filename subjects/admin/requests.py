"""Rights requests in the admin: what is owed by when, filed and closed by staff."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.admin_base import ScopedAdmin
from foundation.admin_forms import ScopedForm
from foundation.admin_scope import person
from subjects import requests
from subjects.actions import day_in
from subjects.holding import who_asks
from subjects.models import RightsRequest

State = RightsRequest.State
CLOSINGS = {  # address: how it ended, the name of the act, what it means
    "answered": (
        State.ANSWERED,
        _("Answered"),
        _("The person has the answer. What was held for it may go again; what is restricted stays until it is lifted."),
    ),
    "refused": (
        State.REFUSED,
        _("Refused"),
        _("The person was told why, and where to complain (art. 12(4)). Nothing is held for the request any more."),
    ),
    "withdrawn": (
        State.WITHDRAWN,
        _("Withdrawn"),
        _("The person does not want it any more. Nothing is held for the request any more."),
    ),
}
LIFTED = "lifted"
OPEN_FIRST = models.Case(models.When(state=State.OPEN, then=0), default=1)


class Urgency(admin.SimpleListFilter):
    title = _("answer")
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("open")), ("late", _("late")), ("week", _("due within a week"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        today = timezone.localdate()
        match self.value():
            case "open":
                return queryset.open()
            case "late":
                return queryset.late(today)
            case "week":
                return queryset.due_within_a_week(today)
        return queryset


class RequestForm(ScopedForm):
    who = forms.CharField(
        label=_("Identifier of the person"),
        max_length=300,
        help_text=_("Such as the e-mail address. It is sealed; rows that bear it are held while the answer is owed."),
    )

    def clean_received_on(self) -> date:
        received_on: date = self.cleaned_data["received_on"]
        if self.register is not None and received_on > day_in(self.register, timezone.now()):
            raise ValidationError(_("A request is received today or before."))
        return received_on


@admin.register(RightsRequest)
class RightsRequestAdmin(ScopedAdmin):
    """What people asked for; the open ones first, the most urgent on top."""

    form = RequestForm
    list_display = ("due_on", "what", "state_in_words", "received_on", "closed_on")
    list_display_links = ("due_on", "what")
    list_filter = (Urgency, "state")
    date_hierarchy = "received_on"
    ordering = (OPEN_FIRST, "due_on", "pk")
    about = _("Requests by which people exercise their rights: an answer is owed within a month (GDPR, art. 12(3)).")
    actions = ("mark_answered",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("rights", "identity_kind", "who", "received_on")
        return (
            "what",
            "identity_kind",
            "asked_by",
            ("received_on", "due_on"),
            "state",
            ("closed_on", "closed_by"),
            "lifted_on",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("what", "asked_by", "state", "due_on", "closed_on", "closed_by", "lifted_on") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was asked for is not rewritten; how it ended is said by the buttons."""
        return obj is None and super().has_change_permission(request, obj)

    def get_urls(self) -> list[Any]:
        close = self.admin_site.admin_view(self.close_view)
        return [path("<int:pk>/close/<slug:how>/", close, name="subjects_rightsrequest_close"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        filed = requests.file_request(
            obj.register,
            rights=obj.rights,
            identity_kind=obj.identity_kind,
            identity=form.cleaned_data["who"],
            received_on=obj.received_on,
            by=person(request),
            at=timezone.now(),
        )
        obj.pk, obj.due_on = filed.pk, filed.due_on

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        possible = self._possible(row) if row and self._may_close(request, row) else []
        tools = [(reverse("admin:subjects_rightsrequest_close", args=[object_id, how]), name) for how, name in possible]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": tools})

    def close_view(self, request: HttpRequest, pk: int, how: str) -> HttpResponse:
        """Say what the act means; do it when the form comes back."""
        row = self.get_object(request, str(pk))
        if row is None or how not in {*CLOSINGS, LIFTED}:
            raise Http404
        if not self._may_close(request, row):
            raise PermissionDenied
        if request.method == "POST":
            closed = _close(row, how, request)
            messages.success(request, gettext("Noted: %s.") % closed.get_state_display())
            return HttpResponseRedirect(reverse("admin:subjects_rightsrequest_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "row": row,
            "title": dict(self._possible(row)).get(how, _("Closed already")),
            "meaning": CLOSINGS[how][2] if how in CLOSINGS else _("The person was told; the data may go again."),
            "is_possible": how in dict(self._possible(row)),
        }
        return TemplateResponse(request, "admin/subjects/rightsrequest/close.html", context)

    @admin.action(description=_("Answered today"), permissions=["close"])
    def mark_answered(self, request: HttpRequest, chosen: Any) -> None:
        open_ones = list(chosen.open().select_related("register"))
        for row in open_ones:
            _close(row, "answered", request)
        self.message_user(request, gettext("Closed: %d.") % len(open_ones))

    def has_close_permission(self, request: HttpRequest) -> bool:
        return permissions.may(person(request), permissions.CHANGE, RightsRequest)

    @admin.display(description=_("rights exercised"))
    def what(self, row: RightsRequest) -> str:
        return ", ".join(str(RightsRequest.Right(right).label) for right in row.rights)

    @admin.display(description=_("state"), ordering="state")
    def state_in_words(self, row: RightsRequest) -> str:
        if row.is_open and row.due_on < day_in(row.register, timezone.now()):
            return gettext("open, late")
        return str(row.get_state_display())

    @admin.display(description=_("identifier of the person"))
    def asked_by(self, row: RightsRequest) -> str:
        return who_asks(row)

    def _may_close(self, request: HttpRequest, row: RightsRequest) -> bool:
        return permissions.may(person(request), permissions.CHANGE, RightsRequest, row)

    def _possible(self, row: RightsRequest) -> list[tuple[str, Any]]:
        if row.is_open:
            return [(how, name) for how, (_state, name, _meaning) in CLOSINGS.items()]
        is_restricted = row.state == State.ANSWERED and RightsRequest.Right.RESTRICTION in row.rights
        return [(LIFTED, _("Restriction lifted"))] if is_restricted and row.lifted_on is None else []


def _close(row: RightsRequest, how: str, request: HttpRequest) -> RightsRequest:
    now = timezone.now()
    today = day_in(row.register, now)
    if how == LIFTED:
        return requests.lift_restriction(row, on=today, by=person(request), at=now)
    return requests.close_request(row, state=CLOSINGS[how][0], on=today, by=person(request), at=now)
