"""Whose records must not go, whoever would let them go: legal holds, and requests that wait for their answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from foundation.accounts.models import Register
from foundation.keys import vault
from retention.exclusions import as_key, normal, of_person, together
from retention.ground import Exclusions
from retention.models import DataSource, LegalHold, Target
from subjects import personal
from subjects.models import RightsRequest, SubjectRecord
from subjects.scope import Scope

Known = frozenset[tuple[str, str]]  # kind of identifier, normalised value


def holding(target: Target) -> Exclusions:
    """Return whose rows of this target must not go, for the sake of their requests."""
    rows = RightsRequest.objects.filter(register=target.register_id).holding().exclude(identity="")
    return together(
        of_person(target, kind=row.identity_kind, value=who_asks(row), said_by=f"request {row.pk}") for row in rows
    )


def who_asks(request: RightsRequest) -> str:
    """Return the identifier of the person who asks."""
    return vault.open_text(request.identity, place=vault.Place.of(request, "identity")) if request.identity else ""


def known_by(record: SubjectRecord, fields: Mapping[str, str]) -> Known:
    """Return by what a hold or a request finds this record: its key, and what names the person."""
    return frozenset({("number", normal(record.key)), *((name, normal(value)) for name, value in fields.items())})


@dataclass(frozen=True, slots=True)
class Held:
    """What holds the records of a register on a day, asked before a person or a programme lets one go by hand."""

    people: Known
    keys: frozenset[str]
    activities: frozenset[int]
    scopes: tuple[Scope, ...]

    @classmethod
    def of(cls, register: Register, *, on: date) -> "Held":
        holds = LegalHold.objects.filter(Q(released_on=None) | Q(released_on__gt=on), register=register)
        kinds = LegalHold.Scope
        people = {
            (hold.identity, normal(vault.open_text(hold.person, place=vault.Place.of(hold, "person"))))
            for hold in holds.filter(scope=kinds.PERSON)
        }
        keys = {
            str(as_key(vault.open_text(hold.record_key, place=vault.Place.of(hold, "record_key")))[0])
            for hold in holds.filter(scope=kinds.RECORD, target__source__kind=DataSource.Kind.RECORDS)
        }
        activities = holds.filter(scope=kinds.ACTIVITY).values_list("activity_id", flat=True)
        rules = [hold.rule for hold in holds.filter(scope=kinds.RULE).select_related("rule") if hold.rule]
        return cls(
            people=frozenset(people) | _who_ask(register.pk),
            keys=frozenset(keys),
            activities=frozenset(number for number in activities if number is not None),
            scopes=tuple(Scope.of(rule) for rule in rules),
        )

    def keeps(self, record: SubjectRecord) -> bool:
        """Whether the record may not go."""
        whole = record.key in self.keys or record.activity_id in self.activities
        if whole or any(scope.has(record) for scope in self.scopes):
            return True
        return bool(self.people) and self.finds(record, personal.opened(record))

    def finds(self, record: SubjectRecord, fields: Mapping[str, str]) -> bool:
        """Whether somebody who is held is found by what names the person of a record."""
        return not self.people.isdisjoint(known_by(record, fields))


def _who_ask(register_id: int) -> Known:
    rows = RightsRequest.objects.filter(register=register_id).holding().exclude(identity="")
    return frozenset((row.identity_kind, normal(who_asks(row))) for row in rows)
