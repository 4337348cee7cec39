"""The sealer: gives every event its place in the ledger and closes checkpoints, each signed and chained to the last.

An event is due when it can be seen and has no leaf. Its number says nothing about that: numbers come from a sequence,
so an event may appear after a later one was sealed, and numbers of undone transactions never appear. Positions are
given here, one after the other, by one sealer at a time; writers of events never wait for it. No transaction number of
PostgreSQL is kept, so a restored dump goes on as if nothing had happened.
"""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from foundation.evidence import keys, verifier
from foundation.evidence.errors import SigningKeyUnusable
from foundation.evidence.models import Checkpoint, Event, EventQuerySet, Leaf
from foundation.evidence.record import record

EVENTS_PER_CHECKPOINT = 1000
LATE_BY = 10_000  # an event whose number is further behind is looked for now and then only: that reads all of them
SEALERS = 0x7365616C  # names the advisory lock of those who seal


@transaction.atomic
def seal_next(now: datetime, *, at_most: int = EVENTS_PER_CHECKPOINT) -> Checkpoint | None:
    """Close one checkpoint over the events that wait, and return it; None when none does."""
    previous = _alone()
    key = keys.signing_key()
    _refuse_other(key, previous)
    return _close(now, key, previous, at_most=at_most)


def seal_all(now: datetime, *, at_most: int = EVENTS_PER_CHECKPOINT) -> int:
    """Close checkpoints until no event waits, each in its own transaction; return how many."""
    closed = 0
    while seal_next(now, at_most=at_most):
        closed += 1
    return closed


@transaction.atomic
def hand_over(now: datetime, new: Ed25519PrivateKey, *, old_is_lost: bool = False) -> Checkpoint:
    """Close a checkpoint that tells the key from now on, signed by the old one; by the new one only if that is lost."""
    previous = _alone()
    old = new if old_is_lost else keys.signing_key()
    if not old_is_lost:
        _refuse_other(old, previous)
    while recent()[EVENTS_PER_CHECKPOINT - 1 : EVENTS_PER_CHECKPOINT].exists():
        previous = _close(now, old, previous)
    record(
        Event.Verb.SIGNING_KEY_CHANGED,
        Checkpoint(number=previous.number + 1 if previous else 1),
        register=None,
        actor=None,
        at=now,
        details={"key": keys.public(new), "old_is_lost": old_is_lost},
    )
    closed = _close(now, old, previous, next_key=keys.public(new))
    assert closed is not None  # the event just recorded waits
    return closed


def expected_key(previous: Checkpoint | None) -> str:
    """Return the public key that must sign after this checkpoint; empty at the beginning."""
    return (previous.next_key or previous.key) if previous else ""


def recent() -> EventQuerySet:
    """Return the events that wait, without looking among all that are sealed: those much older are left out."""
    floor = (Leaf.objects.aggregate(last=Max("event_id"))["last"] or 0) - LATE_BY
    sealed = Leaf.objects.order_by().filter(event_id__gt=floor).values("event_id")
    return Event.objects.order_by("pk").filter(pk__gt=floor).exclude(pk__in=sealed)


def newest() -> Checkpoint | None:
    """Return the last checkpoint."""
    return Checkpoint.objects.order_by("number").last()


def _alone() -> Checkpoint | None:
    """Wait for other sealers, and return the last checkpoint; raise if no key signed it: it was forged or changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALERS])
    previous = newest()
    if previous is not None and not verifier.is_signed(previous.line):
        raise SigningKeyUnusable(
            _(
                "Checkpoint %d bears no valid signature: no worker wrote it as it stands. Nothing is sealed after it. "
                "Find out who did (manage.py verify_evidence); the owner of the tables removes or restores it."
            )
            % previous.number
        )
    return previous


def _refuse_other(key: Ed25519PrivateKey, previous: Checkpoint | None) -> None:
    expected, given = expected_key(previous), keys.public(key)
    if expected and expected != given:
        raise SigningKeyUnusable(
            _(
                "The ledger is sealed with the key %(expected)s, and this worker holds %(given)s. Put the right key "
                "back; to change keys, the old one announces the new one: manage.py evidence_key --hand-over FILE."
            )
            % {"expected": verifier.key_id(expected), "given": verifier.key_id(given)}
        )


def _close(
    now: datetime,
    key: Ed25519PrivateKey,
    previous: Checkpoint | None,
    *,
    at_most: int = EVENTS_PER_CHECKPOINT,
    next_key: str = "",
) -> Checkpoint | None:
    due = list(recent().values_list("pk", "leaf_hash")[:at_most])
    due = due or list(Event.objects.unsealed().values_list("pk", "leaf_hash")[:at_most])
    if not due:
        return None
    first = previous.last + 1 if previous else 1
    checkpoint = Checkpoint(
        number=previous.number + 1 if previous else 1,
        first=first,
        last=first + len(due) - 1,
        count=len(due),
        root=verifier.root([leaf_hash for _pk, leaf_hash in due]),
        previous=verifier.digest(previous.line) if previous else "",
        key=keys.public(key),
        next_key=next_key,
        sealed_at=now,
    )
    checkpoint.signature = key.sign(verifier.signed_text(checkpoint.line).encode()).hex()
    checkpoint.save(force_insert=True)
    Leaf.objects.bulk_create(
        Leaf(position=position, event_id=pk, checkpoint=checkpoint, hash=leaf_hash)
        for position, (pk, leaf_hash) in enumerate(due, first)
    )
    return checkpoint
