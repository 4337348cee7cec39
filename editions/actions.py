"""Publishing: a register is frozen as a numbered, hashed edition."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from editions.dump import canonical, canonical_json, digest
from editions.form import VERSION
from editions.models import Edition
from foundation.accounts.tokens import Caller
from foundation.database.snapshot import one_snapshot
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.models import Change, Register, User

LONGEST_CHANGE = timedelta(minutes=10)


def publish(register: Register, *, actor: User | None, at: datetime, note: str = "") -> Edition:
    """Freeze the register as it stands and return its new edition; unchanged content gives the same hash.

    The register is read from one snapshot: what a colleague saves meanwhile is in it as a whole or not at all.
    """
    with one_snapshot(alone_with=register.pk), transaction.atomic():
        # whoever loads or saves entries waits meanwhile
        Register.objects.select_for_update().get(pk=register.pk)
        return _freeze(register, actor=actor, at=at, note=note)


def _freeze(register: Register, *, actor: User | None, at: datetime, note: str) -> Edition:
    text = canonical_json(canonical(register))
    latest = Edition.objects.filter(register=register).aggregate(number=Max("number"))["number"] or 0
    edition = Edition.objects.create(
        register=register,
        number=latest + 1,
        canonical=text,
        hash=digest(text),
        form_version=VERSION,
        note=note,
        published_at=at,
        published_by=actor,
    )
    record(
        Event.Verb.PUBLISHED,
        edition,
        register=register,
        actor=actor,
        at=at,
        details={"number": edition.number, "hash": edition.hash, "form_version": VERSION},
    )
    return edition


def latest(register: Register) -> Edition | None:
    """Return the newest edition of a register, if it has one."""
    return Edition.objects.filter(register=register).order_by("-number").first()


def has_changed_since(edition: Edition) -> bool:
    """Whether the register says something else now than in this edition; what was not touched is not read again."""
    # a change that was still open when the edition was frozen bears a time from before it
    touched = Change.objects.filter(register=edition.register_id, changed_at__gte=edition.published_at - LONGEST_CHANGE)
    return touched.exists() and edition.hash != digest(canonical_json(canonical(edition.register)))


@transaction.atomic
def downloaded(edition: Edition, *, actor: Caller, at: datetime) -> None:
    """Record that the canonical JSON of an edition was handed out."""
    details = {"number": edition.number, "hash": edition.hash, "form": "json"}
    record(Event.Verb.DOWNLOADED, edition, register=edition.register, actor=actor, at=at, details=details)
