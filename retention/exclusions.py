"""What may not go although it is due: legal holds, and open requests that apps above declare (art. 17(3)(e), 18)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.db.models import Q

from foundation.accounts.models import Register
from foundation.evidence.verifier import canonical
from foundation.keys import vault
from retention.ground import Exclusions, HeldRow
from retention.mapping import Key, TableName
from retention.models import DataSource, LegalHold, RetentionRule, Target
from retention.models.decisions import LegalHoldQuerySet
from retention.same_rows import targets_of_table

Holding = Callable[[Target], Exclusions]
Places = Sequence[tuple[TableName, frozenset[int]]]  # tables, each with the targets that speak of it
UNSEEN: Final = "unseen"  # among the counts of a preview
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
    places = list(_held_places(target))
    held = [_held(hold, target, places) for hold in _holds(target, on, places)]
    return together([*held, *(provider(target) for provider in _holdings)])


def of_person(target: Target, *, kind: str, value: str, said_by: str) -> Exclusions:
    """Return what keeps a person's rows; `said_by` names the hold where no column of the mapping can tell the person.

    Greffier's own data are compared by code of their own.
    """
    kinds = {column.identity for column in target.columns.all()}
    is_seen = target.source.kind != DataSource.Kind.DATABASE or kind in kinds
    person = frozenset({(kind, normal(value))})
    return Exclusions(people=person, unseen=frozenset() if is_seen else frozenset({said_by}))


def unseen_since(counts: Mapping[str, Any] | None, exclusions: Exclusions) -> frozenset[str]:
    """Return the holds of people whom the mapping cannot tell, but for those that these counts of a preview named."""
    return exclusions.unseen - frozenset((counts or {}).get(UNSEEN, ()))


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


def _holds(target: Target, on: date, places: Places) -> Iterable[LegalHold]:
    activities = target.rule.activities.all()
    concerned = Q(scope=LegalHold.Scope.PERSON) | Q(scope=LegalHold.Scope.RULE, rule=target.rule_id)
    # a rule without activities is one of all of them
    concerned |= Q(scope=LegalHold.Scope.ACTIVITY) & (Q(activity__in=activities) if activities else Q())
    there = frozenset[int]().union(*(targets for _table, targets in places))
    concerned |= Q(scope=LegalHold.Scope.RECORD, target__in=there)
    return _open(target.register, on).filter(concerned).select_related("target")


def _open(register: Register, on: date) -> LegalHoldQuerySet:
    return LegalHold.objects.filter(Q(released_on=None) | Q(released_on__gt=on), register=register)


def _held_places(target: Target) -> Iterator[tuple[TableName, frozenset[int]]]:
    """Yield the tables of a target's mapping, its own first, each with the targets by which its rows may be held."""
    tables = [(target.table, target.schema), *((child.table, child.schema) for child in target.children.all())]
    for name, schema in tables:
        others = targets_of_table(target, schema=schema, table=name)
        yield TableName(name, schema), frozenset(others.values_list("pk", flat=True))


def _held(hold: LegalHold, target: Target, places: Places) -> Exclusions:
    if hold.scope == LegalHold.Scope.PERSON:
        person = vault.open_text(hold.person, place=vault.Place.of(hold, "person"))
        return of_person(target, kind=hold.identity, value=person, said_by=f"hold {hold.pk}")
    if hold.scope == LegalHold.Scope.RECORD:
        text = vault.open_text(hold.record_key, place=vault.Place.of(hold, "record_key"))
        return _of_record(hold, target, places, as_key(text))
    return Exclusions(everything=True)


def _of_record(hold: LegalHold, target: Target, places: Places, key: Key) -> Exclusions:
    """A record is held whichever target of its table it was named by, and where it would go with its parent."""
    assert hold.target is not None
    own, *children = [(table, hold.target_id in targets) for table, targets in places]
    columns, keys = tuple(hold.target.key_columns), frozenset[Key]()
    if own[1] and columns == tuple(target.key_columns):
        own, keys = (own[0], False), frozenset({key})
    return Exclusions(
        keys=keys, rows=frozenset(HeldRow(table, columns, key) for table, is_held in (own, *children) if is_held)
    )


def together(parts: Iterable[Exclusions]) -> Exclusions:
    """Return all that any of these keeps."""
    known = list(parts)
    return Exclusions(
        keys=frozenset().union(*(part.keys for part in known)),
        people=frozenset().union(*(part.people for part in known)),
        everything=any(part.everything for part in known),
        rows=frozenset().union(*(part.rows for part in known)),
        unseen=frozenset().union(*(part.unseen for part in known)),
    )
