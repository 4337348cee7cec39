"""Mails in the admin: what was told to whom, how far it came, and the two decisions that only a person can take."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.admin_base import ReadOnly, ScopedAdmin
from foundation.admin_history import NoHistory
from foundation.admin_scope import person
from foundation.jobs.models import Job
from foundation.mail import deciding
from foundation.mail.models import Mail

BY_NEED = models.Case(
    models.When(state=Mail.State.UNKNOWN, then=0), models.When(state=Mail.State.REFUSED, then=1), default=2
)
DECISIONS = {  # address: the act, its name, what it means, what is said when it is done
    "arrived": (
        deciding.it_arrived,
        _("It arrived"),
        _("You have seen, or were told, that this mail arrived. It counts as handed over and is not sent again."),
        _("Noted: the mail arrived."),
    ),
    "again": (
        deciding.send_again,
        _("Send it again"),
        _(
            "The same mail is sent once more under the same number. If the first one arrived after all, the recipient"
            " may get it twice; many mail programs then show one."
        ),
        _("The mail is to be sent again."),
    ),
}
POSSIBLE = {Mail.State.UNKNOWN: ("arrived", "again"), Mail.State.REFUSED: ("again",)}


@admin.register(Mail)
class MailAdmin(NoHistory, ReadOnly, ScopedAdmin):
    """The mails of the registers one keeps; those that wait for a person stand first."""

    list_display = ("planned_at", "recipient", "subject", "state_now", "handed_over_at", "short_words")
    list_filter = ("state",)
    list_select_related = ("job", "decided_by")
    search_fields = ("recipient", "subject")
    date_hierarchy = "planned_at"
    ordering = (BY_NEED, "-planned_at", "-pk")
    about = _(
        "Each mail is handed to the mail server once. Where nobody knows whether the server took it, Greffier does not"
        " send it again by itself: look whether it arrived, and say so on its page."
    )
    fields = (
        "register",
        ("state_now", "handed_over_at"),
        "words",
        ("recipient", "sender"),
        "subject",
        "body",
        ("planned_at", "message_id"),
        "job",
        ("who_decided", "decided_at"),
    )
    readonly_fields = ("state_now", "who_decided")

    def get_urls(self) -> list[Any]:
        decide = path(
            "<int:pk>/decide/<slug:decision>/",
            self.admin_site.admin_view(self.decide_view),
            name="foundation_mail_decide",
        )
        return [decide, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        mail = self.get_object(request, object_id)
        tools = [
            (reverse("admin:foundation_mail_decide", args=[object_id, name]), DECISIONS[name][1])
            for name in (POSSIBLE.get(Mail.State(mail.state), ()) if mail and _may_decide(request, mail) else ())
        ]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": tools})

    def decide_view(self, request: HttpRequest, pk: int, decision: str) -> HttpResponse:
        """Say what the decision means; take it when the form comes back."""
        mail = self.get_object(request, str(pk))
        if mail is None or decision not in DECISIONS:
            raise Http404
        if not _may_decide(request, mail):
            raise PermissionDenied
        act, name, meaning, done = DECISIONS[decision]
        if request.method == "POST":
            act(mail.pk, actor=person(request), at=timezone.now())
            messages.success(request, done)
            return HttpResponseRedirect(reverse("admin:foundation_mail_change", args=[mail.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": name,
            "opts": self.opts,
            "mail": mail,
            "meaning": meaning,
        }
        return TemplateResponse(request, "admin/foundation/mail/decide.html", context)

    @admin.display(description=_("state"), ordering="state")
    def state_now(self, mail: Mail) -> str:
        words = str(mail.get_state_display())
        is_left = mail.state == Mail.State.PLANNED and mail.job.state in Job.GIVEN_UP
        return f"{words}, {mail.job.get_state_display()}" if is_left else words

    @admin.display(description=_("words of the server"))
    def short_words(self, mail: Mail) -> str:
        return mail.words if len(mail.words) <= 80 else f"{mail.words[:79]}…"

    @admin.display(description=_("decided by"))
    def who_decided(self, mail: Mail) -> str:
        return str(mail.decided_by or "—")


def _may_decide(request: HttpRequest, mail: Mail) -> bool:
    return permissions.may(person(request), permissions.CHANGE, Mail, mail)
