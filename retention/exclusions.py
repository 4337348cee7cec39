"""What may not go although it is due: legal holds, and open requests that apps above declare (art. 17(3)(e), 18)."""

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

from django.db.models import Q

from foundation.accounts.models import Register
from foundation.evidence.verifier import canonical
from foundation.keys import vault
from retention.ground import Exclusions
from retention.mapping import Key
from retention.models import LegalHold, RetentionRule, Target
from retention.models.decisions import LegalHoldQuerySet
from retention.same_rows import targets_of_the_same_table

Holding = Callable[[Target], Exclusions]
PURPOSE: Final = "legal hold"  # of the data key, one per hold

_holdings: Final[list[Holding]] = []


def declare_holding(provider: Holding) -> None:
    """Say what else holds rows of a target; called once, in the app's `ready()`."""
    if provider not in _holdings:
        _holdings.append(provider)


def exclusions_of(target: Target, *, on: date) -> Exclusions:
    """Return what open holds and requests keep of this target's rows on this day.

    A hold counts from the moment it is written, though it says that it began later, until the day of its release.
    """
    held = [_held(hold, target) for hold in _holds(target, on)]
    return _together([*held, *(provider(target) for provider in _holdings)])


def rules_held(register: Register, *, on: date) -> frozenset[str]:
    """Return the references of the rules of which nothing may go on this day: held themselves, or by an activity."""
    holds = _open(register, on)
    activities = holds.filter(scope=LegalHold.Scope.ACTIVITY).values("activity")
    held = Q(pk__in=holds.filter(scope=LegalHold.Scope.RULE).values("rule")) | Q(activities__in=activities)
    if activities.exists():
        held |= Q(activities=None)  # a rule without activities is one of all of them
    return frozenset(RetentionRule.objects.filter(held, register=register).values_list("ref", flat=True))


def as_text(key: Key) -> str:
    """Return a key as text: what is sealed, and what digests are made of."""
    return canonical(list(key)).decode()


def as_key(text: str) -> Key:
    """Return the key that a text stands for."""
    return tuple(json.loads(text))


def normal(person: str) -> str:
    """Return an identifier as it is compared: without case and outer white space."""
    return person.strip().lower()


def _holds(target: Target, on: date) -> Iterable[LegalHold]:
    activities = target.rule.activities.all()
    concerned = Q(scope=LegalHold.Scope.PERSON) | Q(scope=LegalHold.Scope.RULE, rule=target.rule_id)
    # a rule without activities is one of all of them
    concerned |= Q(scope=LegalHold.Scope.ACTIVITY) & (Q(activity__in=activities) if activities else Q())
    concerned |= Q(scope=LegalHold.Scope.RECORD, target__in=_of_the_same_rows(target))
    return _open(target.register, on).filter(concerned)


def _open(register: Register, on: date) -> LegalHoldQuerySet:
    return LegalHold.objects.filter(Q(released_on=None) | Q(released_on__gt=on), register=register)


def _of_the_same_rows(target: Target) -> Iterable[Target]:
    """A record is held whichever target of its table it was named by."""
    return targets_of_the_same_table(target).filter(key_columns=target.key_columns)


def _held(hold: LegalHold, target: Target) -> Exclusions:
    if hold.scope == LegalHold.Scope.PERSON:
        person = vault.open_text(hold.person, place=vault.Place.of(hold, "person"))
        return Exclusions(people=frozenset({(hold.identity, normal(person))}))
    if hold.scope == LegalHold.Scope.RECORD:
        text = vault.open_text(hold.record_key, place=vault.Place.of(hold, "record_key"))
        return Exclusions(keys=frozenset({as_key(text)}))
    return Exclusions(everything=True)


def _together(parts: Iterable[Exclusions]) -> Exclusions:
    known = list(parts)
    return Exclusions(
        keys=frozenset().union(*(part.keys for part in known)),
        people=frozenset().union(*(part.people for part in known)),
        everything=any(part.everything for part in known),
    )
