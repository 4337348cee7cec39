"""What is told about keys: counts, numbers and dates; never a key, never a value."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min

from foundation.keys import columns, erasing, wrapping
from foundation.keys.errors import MasterKeyMissing, SealBroken, WrappedKeyBroken
from foundation.keys.models import Key


def status() -> Iterator[str]:
    """Yield the lines of `keys status`."""
    masters = wrapping.master_keys()
    yield f"Master keys here, newest first: {', '.join(masters.ids) or 'none'}"
    rows = Key.objects.order_by("purpose", "master_key").values_list("purpose", "master_key")
    for purpose, master_key, count, first in rows.annotate(count=Count("pk"), first=Min("created_at")):
        where = "here" if masters.named(master_key) else "NOT HERE"
        yield f"{purpose}: {count} data key(s), since {first:%Y-%m-%d}, under master key {master_key} ({where})"
    closed = [key for key, _reason in closed_keys()]
    yield f"Data keys that do not unwrap: {', '.join(map(str, closed)) or 'none'}"
    older = Key.objects.superseded()
    if older:
        yield f"Older versions, kept for what they sealed: {len(older)} ({_values_under(older)})."
        yield "  `keys rewrap --values` seals these values under the newest versions; then the older ones may go."


def _values_under(keys: Iterable[int]) -> str:
    try:
        counted = columns.count_by_key()
    except SealBroken as refusal:
        return f"their values cannot be counted: {refusal}"
    return f"{sum(counted[key] for key in keys)} value(s) still stand under them"


def closed_keys() -> Iterator[tuple[int, str]]:
    """Yield each data key that cannot be unwrapped, and why."""
    for key in Key.objects.order_by("pk").iterator(chunk_size=1000):
        try:
            wrapping.unwrap(key)
        except (MasterKeyMissing, WrappedKeyBroken) as refusal:
            yield key.pk, str(refusal)


def of_key(key: Key) -> str:
    """Return one line that tells which key this is."""
    register = f", register {key.register.slug}" if key.register else ""
    subject = f", object {key.subject_id}" if key.subject_id is not None else ""
    return f"{key.pk}: {key.purpose}{register}{subject}, version {key.version}, made on {key.created_at:%Y-%m-%d}"


def after_destroying(at: datetime) -> Iterator[str]:
    """Yield what still holds a destroyed key, wrapped, and until when."""
    until = erasing.readable_until(at, settings.BACKUP_DAYS)
    yield "Copies of the database still hold the wrapped key, and the master key opens it there:"
    if until:
        yield f"- backups and archived write-ahead log: until {until:%Y-%m-%d %H:%M %Z} (GREFFIER_BACKUP_DAYS)"
    else:
        yield "- backups and archived write-ahead log: until the last one made before now is gone"
        yield "  (GREFFIER_BACKUP_DAYS is not set: how long backups are kept is not known here)"
    segment, recycled = erasing.log_position()
    yield f"- the server's write-ahead log, up to segment {segment}: until these files of pg_wal are gone."
    if recycled:
        yield "  wal_recycle is on: old segments are kept for reuse with what they held. Set wal_recycle = off."
    yield "  A superuser hastens it: SELECT pg_switch_wal(); CHECKPOINT; and both again after the next change."
