"""Append one piece of evidence in the transaction of the act that it proves."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from foundation.accounts.models import Register
from foundation.accounts.tokens import Caller, ServiceToken
from foundation.evidence.models import Event


def leaf_hash(leaf: dict[str, Any]) -> str:
    """Return the SHA-256 (hex) of a leaf's canonical JSON: sorted keys, no white space, UTF-8."""
    text = json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"\x00" + text.encode()).hexdigest()  # 0x00 marks a leaf, as in RFC 6962


def leaf_of(event: Event) -> dict[str, Any]:
    """Return what the leaf hash of an event covers."""
    return {
        "register": event.register_id,
        "verb": event.verb,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "actor": event.actor_id,
        "details": event.details,
        "occurred_at": event.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }


def record(
    verb: Event.Verb,
    subject: models.Model,
    *,
    register: Register,
    actor: Caller | None,
    details: dict[str, Any],
    at: datetime | None = None,
) -> Event:
    """Append the event and return it. `details` holds ids, counts, versions and hashes: never a personal datum.

    What a service token did has no person; `details` tells the token.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Evidence is written in the transaction of the act it proves.")
    programme = isinstance(actor, ServiceToken)
    event = Event(
        register=register,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        actor_id=actor.pk if actor and not programme else None,
        details={**details, "service_token": actor.pk} if actor and programme else details,
        occurred_at=at or timezone.now(),
    )
    event.leaf_hash = leaf_hash(leaf_of(event))
    event.save(force_insert=True)
    return event
