"""Append one piece of evidence in the transaction of the act that it proves."""

import json
import re
import secrets
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.utils import timezone

from foundation.accounts.models import Register
from foundation.accounts.tokens import Caller, ServiceToken
from foundation.evidence import verifier
from foundation.evidence.models import Event

COLUMNS = tuple(field.attname for field in Event._meta.concrete_fields if not field.primary_key)
INSERT = f"INSERT INTO foundation_event ({', '.join(COLUMNS)}) VALUES ({', '.join('%s' for _ in COLUMNS)}) RETURNING id"  # noqa: S608
WORD = re.compile(r"[A-Za-z0-9_.:+/=~-]{0,200}")
VERSIONS = re.compile(r"[A-Za-z0-9_.:+/=~,; -]{0,200}")  # of programs, under a name that says so


def leaf_of(event: Event) -> verifier.Line:
    """Return what the leaf hash of an event covers."""
    leaf = {
        "register": event.register_id,
        "verb": str(event.verb),
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "actor": event.actor_id,
        "details": event.details,
        "occurred_at": verifier.moment(event.occurred_at),
    }
    return {**leaf, "salt": event.salt} if event.salt else leaf


def record(
    verb: Event.Verb,
    subject: models.Model,
    *,
    register: Register | None,
    actor: Caller | None,
    details: dict[str, Any],
    at: datetime | None = None,
) -> Event:
    """Append the event and return it; without a register it is the operator's, and no page shows it.

    `details` holds ids, counts, versions, codes and hashes: never a personal datum, never free text. Of a value that
    belongs to a living record it holds at most a commitment (`foundation.evidence.commitments`). What a service token
    did has no person: `details` tells the token.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("Evidence is written in the transaction of the act it proves.")
    programme = isinstance(actor, ServiceToken)
    _refuse_prose(details, "details")
    event = Event(
        register=register,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        actor_id=actor.pk if actor and not programme else None,
        details={**details, "service_token": actor.pk} if actor and programme else details,
        occurred_at=at or timezone.now(),
        salt=secrets.token_hex(16),
    )
    event.leaf_hash = verifier.leaf_hash(leaf_of(event))
    _append(event)
    return event


def _append(event: Event) -> None:
    """Insert the row in words of SQL: every act waits for this, and the ORM doubles the work (benchmarks.ledger)."""
    values = [getattr(event, name) for name in COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [json.dumps(value) if isinstance(value, dict) else value for value in values])
        (event.pk,) = cursor.fetchone()
    event._state.adding, event._state.db = False, connection.alias


def _refuse_prose(value: Any, place: str) -> None:
    """Raise on what evidence never holds: sentences, addresses, numbers that two programs write differently."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_prose(str(name), f"a name in {place}")
            if not isinstance(name, str):
                raise TypeError(f"{name} in {place} is no text: evidence holds ids, counts, codes and hashes only.")
            _refuse_prose(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for inner in value:
            _refuse_prose(inner, place)
    elif isinstance(value, str):
        allowed = VERSIONS if place.endswith("version") else WORD
        if not allowed.fullmatch(value):  # the value itself is not told: it may be what must not be kept
            raise ValueError(f"{place} holds text: evidence holds ids, counts, codes and hashes only.")
    elif not isinstance(value, int | None):
        raise TypeError(f"{place} is a {type(value).__name__}: evidence holds ids, counts, codes and hashes only.")
