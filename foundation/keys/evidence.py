"""What is appended to the evidence about keys: numbers, purposes and ids, never a key."""

from collections.abc import Sequence
from datetime import datetime

from foundation.accounts.models import Register, User
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.keys.models import Key


def tell(verb: Event.Verb, key: Key, *, actor: User | None, at: datetime) -> None:
    """Record what was done to one key."""
    details = {
        "purpose": key.purpose.replace(" ", "_"),
        "object": key.subject_id,
        "version": key.version,
        "master_key": key.master_key,
    }
    record(verb, key, register=key.register, actor=actor, details=details, at=at)


def tell_rewrapped(keys: Sequence[Key], master_key: str, *, actor: User | None, at: datetime) -> None:
    """Record for each register which of its keys another master key wraps now."""
    by_register: dict[Register | None, list[Key]] = {}
    for key in keys:
        by_register.setdefault(key.register, []).append(key)
    for register, theirs in by_register.items():
        details = {"keys": [key.pk for key in theirs], "master_key": master_key}
        record(Event.Verb.KEYS_REWRAPPED, theirs[-1], register=register, actor=actor, details=details, at=at)
