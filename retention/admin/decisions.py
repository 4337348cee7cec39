"""Decisions: where the policy leaves a choice, the dates of every reading side by side, and a person who decides."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import permissions
from foundation.admin_base import ReadOnly, ScopedAdmin
from foundation.admin_scope import person
from retention import actions
from retention.admin.acts import ActingPage, answered, reason_of
from retention.admin.filters import StandingFilter
from retention.admin.rule_words import rule_shown
from retention.models import Decision, NotExecutable, RetentionRule, StartEventKind
from retention.questions import Book, Question, book_of, sample_days


@admin.register(Decision)
class DecisionAdmin(ReadOnly, ActingPage, ScopedAdmin):
    """What was decided, by whom and why; and what waits for a decision."""

    change_list_template = "admin/retention/decision/change_list.html"
    change_form_template = "admin/retention/decision/change_form.html"
    about = gettext_lazy(
        "Where the policy can be read in two ways, or where two rules contradict each other, nothing is erased before "
        "a person has decided. Decisions stand until they are withdrawn; they are never rewritten."
    )
    list_display = ("rule", "kind", "choice", "over", "decided_by", "decided_at", "withdrawn_at")
    list_filter = (StandingFilter, "kind")
    list_select_related = ("rule", "over", "decided_by")
    fields = (
        "rule",
        ("kind", "choice", "over"),
        "reason",
        ("decided_by", "decided_at"),
        ("withdrawn_by", "withdrawn_at"),
    )

    def get_urls(self) -> list[Any]:
        return [self.own("withdraw", self.withdraw_view, is_button=True), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        registers = permissions.registers_readable(person(request), Decision)
        waiting = [(register, _waiting(book_of(register))) for register in registers.order_by("name")]
        context = {"waiting": [each for each in waiting if each[1]], "several": len(waiting) > 1}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        decision = self.get_object(request, object_id)
        stands = decision is not None and decision.withdrawn_at is None and self.may_change(request, decision)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "may_withdraw": stands})

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a decision back: the question is open again, and what was armed on it is void."""
        decision = self.reached(request, pk)

        def withdraw() -> str:
            actions.withdraw(decision, by=person(request), at=timezone.now())
            return _("Withdrawn: the question is open again.")

        return answered(request, withdraw, self.page_of(decision))


@admin.register(NotExecutable)
class NotExecutableAdmin(ScopedAdmin):
    """Promises that no job keeps, each with its reason."""

    about = gettext_lazy(
        "Rules that no job can carry out: said here with the reason, so that none is left out silently."
    )
    list_display = ("rule", "reason")
    list_select_related = ("rule",)
    search_fields = ("rule__description", "rule__ref", "reason")
    fields = ("rule", "reason")


class DecidingPage(ActingPage):
    """The page of a rule's readings and rivals, and the form by which a person decides."""

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show every date that the texts allow, for days that one may choose; record what is decided."""
        row = self.reached(request, pk, permissions.VIEW)
        if not permissions.may(person(request), permissions.VIEW, Decision, row):
            raise PermissionDenied
        book = book_of(row.register)
        if request.method == "POST":
            return self._decide(request, row, book)
        today = timezone.localdate()
        compared = [row, *book.rivals_of(row)]
        events = list(dict.fromkeys(event for one in compared for event in _events(book, one)))
        days = sample_days(events, _given(request, events), today=today)
        context = {
            "shown": rule_shown(row, book=book),
            "dates": [book.dated(one, days) for one in compared],
            "days": [(event, StartEventKind(event).label, day) for event, day in days.items()],
            "event_names": dict(StartEventKind.choices),
            "may_decide": permissions.may(person(request), permissions.ADD, Decision, row),
        }
        return self.shown(request, "decide.html", row, title=_("Readings and rivals"), **context)

    def _decide(self, request: HttpRequest, row: RetentionRule, book: Book) -> HttpResponse:
        back = self.page_of(row, "decide")
        if not permissions.may(person(request), permissions.ADD, Decision, row):
            raise PermissionDenied
        over = next((one for one in book.rivals_of(row) if str(one.pk) == request.POST.get("over")), None)
        loser = request.POST.get("choice") == YIELDS
        rule, other = (over, row) if loser and over else (row, over)
        if not reason_of(request):
            messages.error(request, _("Say why it is decided so."))
            return HttpResponseRedirect(back)

        def decide() -> str:
            actions.decide(
                rule,
                kind=request.POST.get("kind", ""),
                choice=Decision.Choice.PREVAILS if loser else request.POST.get("choice", ""),
                reason=reason_of(request),
                by=person(request),
                at=timezone.now(),
                over=other,
            )
            return _("Decided. What was armed before holds no longer: preview and arm it again.")

        return answered(request, decide, back)


YIELDS = "yields"  # the answer by which the rule of the page gives way: recorded as a precedence of the other


def _waiting(book: Book) -> list[tuple[RetentionRule, list[Question], list[str]]]:
    """Return the rules about which something is open: what the text leaves open, and the rules they contradict."""
    found: list[tuple[RetentionRule, list[Question], list[str]]] = []
    for row in book.rows.values():
        questions = list(book.questions_of(row))
        rivals = [question.over.ref for question in questions if question.over]
        if questions:
            found.append((row, [question for question in questions if question.over is None], rivals))
    return found


def _events(book: Book, row: RetentionRule) -> tuple[str, ...]:
    rule = book.rule(row)
    return rule.events if rule else ()


def _given(request: HttpRequest, events: list[str]) -> dict[str, date]:
    """Return the days that the address gives for events; what is no day is left out."""
    found = {}
    for event in events:
        try:
            found[event] = date.fromisoformat(request.GET.get(event, ""))
        except ValueError:
            continue
    return found
