"""What happens to memberships and accounts, each with its piece of evidence: who could read what, and since when."""

from django.db import models, transaction

from foundation.accounts.models import Membership, Register, User
from foundation.evidence.models import Event
from foundation.evidence.record import record


def tell_membership(verb: Event.Verb, membership: Membership, *, actor: User | None, before: str = "") -> None:
    """Record what happened to a membership; `before` is the role it gave until now."""
    details = {"user": membership.user_id, "role": membership.role} | ({"before": before} if before else {})
    record(verb, membership, register=membership.register, actor=actor, details=details)


def tell_account(verb: Event.Verb, user: User, *, actor: User | None) -> None:
    """Record what happened to an account, in each register that it opens."""
    for register in Register.objects.filter(memberships__user=user).order_by("pk"):
        record(verb, user, register=register, actor=actor, details={})


@transaction.atomic
def withdraw(memberships: models.QuerySet[Membership], *, actor: User | None) -> None:
    """Withdraw all of these memberships."""
    for membership in memberships.select_related("register").order_by("pk"):
        tell_membership(Event.Verb.MEMBER_WITHDRAWN, membership, actor=actor)
        membership.delete()
