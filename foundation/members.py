"""What happens to memberships and accounts, each with its piece of evidence: who could read what, and since when."""

from typing import Any

from django.db import models, transaction

from foundation.accounts.models import Membership, Register, User
from foundation.doors.emptying import remove_ways_in
from foundation.evidence.models import Event
from foundation.evidence.record import record

WAYS_IN_REMOVED = {"ways_in": "removed"}  # password, second factors, bound identity, sessions


def tell_membership(verb: Event.Verb, membership: Membership, *, actor: User | None, **more: str) -> None:
    """Record what happened to a membership; `before` is the role it gave until now."""
    details = {"user": membership.user_id, "role": membership.role, **more}
    record(verb, membership, register=membership.register, actor=actor, details=details)


def tell_account(verb: Event.Verb, user: User, *, actor: User | None) -> None:
    """Record what happened to an account, in each register that it opens."""
    for register in Register.objects.filter(memberships__user=user).order_by("pk"):
        record(verb, user, register=register, actor=actor, details={})


@transaction.atomic
def withdraw(memberships: models.QuerySet[Membership], *, actor: User | None) -> None:
    """Withdraw all of these memberships; whoever belongs nowhere any more keeps nothing that opens the account."""
    _hold(memberships.values("user"))
    for membership in memberships.select_related("register", "user").order_by("pk"):
        user = membership.user
        last = not user.memberships.exclude(pk=membership.pk).exists()
        told = WAYS_IN_REMOVED if last else {}
        tell_membership(Event.Verb.MEMBER_WITHDRAWN, membership, actor=actor, **told)
        membership.delete()
        if last:
            remove_ways_in(user)


@transaction.atomic
def join(membership: Membership, *, actor: User | None) -> bool:
    """Add this membership; return whether it is the first, for which all that opened the account was removed.

    Who made the account, or held it before, may not be whom this register means by the address.
    """
    _hold([membership.user_id])
    user = membership.user
    first = not user.memberships.exists()
    if first:
        remove_ways_in(user)
    membership.save()
    tell_membership(Event.Verb.MEMBER_ADDED, membership, actor=actor, **(WAYS_IN_REMOVED if first else {}))
    return first


def _hold(users: Any) -> None:
    """Hold these accounts: whether a membership is the first or the last is decided by one at a time."""
    list(User.objects.select_for_update().filter(pk__in=users).order_by("pk").values("pk"))
