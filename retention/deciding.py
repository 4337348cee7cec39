"""Deciding where a policy leaves a choice; a decision stands until it is withdrawn, and is never rewritten."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from foundation import history
from foundation.accounts.models import User
from foundation.evidence.models import Event
from foundation.evidence.record import record
from retention.errors import DecisionRefused
from retention.models import Decision, RetentionRule


@transaction.atomic
def decide(
    rule: RetentionRule,
    *,
    kind: str,
    choice: str,
    reason: str,
    by: User | None,
    at: datetime,
    over: RetentionRule | None = None,
) -> Decision:
    """Decide a question about a rule; what was decided about it before is withdrawn."""
    locked = RetentionRule.objects.select_for_update(no_key=True).select_related("register").get(pk=rule.pk)
    _refuse(locked, kind=kind, choice=choice, reason=reason, over=over)
    with history.because("retention.decide", actor=by):
        for before in _answers(locked, kind, over):
            _withdraw(before, by=by, at=at)
        decision = Decision.objects.create(
            register=locked.register,
            rule=locked,
            kind=kind,
            choice=choice,
            over=over,
            reason=reason.strip(),
            decided_by=by,
            decided_at=at,
        )
    details = {"rule": locked.pk, "kind": str(kind), "choice": str(choice), "over": over.pk if over else None}
    record(Event.Verb.DECISION_MADE, decision, register=locked.register, actor=by, details=details, at=at)
    return decision


@transaction.atomic
def withdraw(decision: Decision, *, by: User | None, at: datetime) -> Decision:
    """Withdraw a decision: the question is open again, and nothing runs that rests on it."""
    locked = Decision.objects.select_for_update(no_key=True).select_related("register").get(pk=decision.pk)
    if locked.withdrawn_at is not None:
        raise DecisionRefused(_("This decision has been withdrawn already."))
    with history.because("retention.withdraw", actor=by):
        _withdraw(locked, by=by, at=at)
    return locked


def _answers(rule: RetentionRule, kind: str, over: RetentionRule | None) -> list[Decision]:
    """Return the standing decisions of the same question, for two rules whichever of them prevailed."""
    same = Q(rule=rule)
    if kind == Decision.Kind.PRECEDENCE:
        same = Q(rule=rule, over=over) | Q(rule=over, over=rule)
    standing = Decision.objects.standing().filter(same, kind=kind).select_related("register")
    return list(standing.select_for_update(no_key=True, of=("self",)))


def _withdraw(decision: Decision, *, by: User | None, at: datetime) -> None:
    decision.withdrawn_at, decision.withdrawn_by = at, by
    decision.save(update_fields=["withdrawn_at", "withdrawn_by"])
    details = {"rule": decision.rule_id, "kind": decision.kind}
    record(Event.Verb.DECISION_WITHDRAWN, decision, register=decision.register, actor=by, details=details, at=at)


def _refuse(rule: RetentionRule, *, kind: str, choice: str, reason: str, over: RetentionRule | None) -> None:
    if choice not in Decision.CHOICES.get(kind, ()):
        raise DecisionRefused(_("This decision does not answer that question."))
    if (over is not None) != (kind == Decision.Kind.PRECEDENCE):
        raise DecisionRefused(_("A decision between two rules names the other one; other decisions name none."))
    if over is not None and (over.pk == rule.pk or over.register_id != rule.register_id):
        raise DecisionRefused(_("The other rule is another one of the same register."))
    if not reason.strip():
        raise DecisionRefused(_("Say why: the reason stands beside the decision."))
