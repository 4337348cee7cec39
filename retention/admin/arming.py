"""The buttons of a target: preview, arm, disarm, run now."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from foundation.admin_scope import person
from foundation.doors.recent import unconfirmed
from retention import actions
from retention.admin.acts import ActingPage, answered, reason_of
from retention.admin.sheet import rules_by_ref, sheet_of
from retention.models import Arming
from retention.settled import local_day


class ArmingPages(ActingPage):
    """What is done about a target; arming and running at once ask who one is."""

    def arming_urls(self) -> list[Any]:
        return [
            self.own("preview", self.preview_view, is_button=True),
            self.own("arm", self.arm_view),
            self.own("disarm", self.disarm_view, is_button=True),
            self.own("run", self.run_view),
        ]

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have a worker count what a run would do; nothing is written in the database."""
        target = self.reached(request, pk)

        def ask() -> str:
            now = timezone.now()
            actions.ask_preview(target, as_of=local_day(target.register, now), by=person(request), at=now)
            return _("The preview is asked for: its counts appear here.")

        return answered(request, ask, self.page_of(target))

    def arm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what the preview counted and ask why; arm when the form comes back."""
        target = self.reached(request, pk)
        asked = unconfirmed(request)
        if asked:
            return asked
        sheet = sheet_of(target, now=timezone.now())
        preview = sheet.preview
        if request.method != "POST" or preview is None:
            return self.shown(
                request, "arm.html", target, title=_("Arm “%s”") % target, sheet=sheet, rules=rules_by_ref(target)
            )
        if str(preview.pk) != request.POST.get("preview"):
            messages.warning(request, _("A newer preview was counted meanwhile: look at its counts."))
            return HttpResponseRedirect(self.page_of(target, "arm"))
        if not reason_of(request):
            messages.error(request, _("Say why the target is armed: the reason is kept with the arming."))
            return HttpResponseRedirect(self.page_of(target, "arm"))

        def arm() -> str:
            arming = actions.arm(preview, reason=reason_of(request), by=person(request), at=timezone.now())
            return _("Armed: it runs from %s on.") % said_at(arming.runs_from)

        return answered(request, arm, self.page_of(target))

    def disarm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the arming back; a run under way ends before its next batch."""
        target = self.reached(request, pk)
        arming = Arming.objects.standing().filter(target=target).first()
        if arming is None:
            messages.warning(request, _("This target is not armed."))
            return HttpResponseRedirect(self.page_of(target))

        def disarm() -> str:
            actions.disarm(arming, by=person(request), at=timezone.now())
            return _("Disarmed: nothing runs here until it is previewed and armed again.")

        return answered(request, disarm, self.page_of(target))

    def run_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whether to run at once instead of at night; ask for the run when the form comes back."""
        target = self.reached(request, pk)
        asked = unconfirmed(request)
        if asked:
            return asked
        if request.method != "POST":
            sheet = sheet_of(target, now=timezone.now())
            return self.shown(request, "run.html", target, title=_("Run “%s” now") % target, sheet=sheet)

        def run() -> str:
            actions.run_now(target, by=person(request), at=timezone.now())
            return _("The run is asked for: it is shown here as soon as a worker has taken it.")

        return answered(request, run, self.page_of(target))


def said_at(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
