"""What changes keys: a new version, another master key around all of them, and the end of one."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.accounts.models import Register, User
from foundation.errors import RuleViolation
from foundation.evidence.models import Event
from foundation.keys import columns, wrapping
from foundation.keys.errors import KeyDestroyed, MasterKeyMissing, ValuesStand, WrappedKeyBroken
from foundation.keys.evidence import tell, tell_rewrapped
from foundation.keys.models import Key

BATCH: Final = 100


class NoSuchKey(RuleViolation):
    """There is no key to act on."""

    code = "no_such_key"

    def __init__(self) -> None:
        super().__init__(_("No data key serves this purpose, register and object."))


@transaction.atomic
def rotate(
    purpose: str, *, register: Register | None = None, subject: int | None = None, actor: User | None, at: datetime
) -> Key:
    """Make the next version of a key: new values are sealed under it, what the older ones sealed still opens."""
    versions = Key.objects.serving(purpose, register, subject)
    list(versions.order_by("version").select_for_update(no_key=True))  # one after the other, oldest first
    newest = versions.first()
    if newest is None:
        raise NoSuchKey
    key = wrapping.new_row(purpose, register, subject, version=newest.version + 1)
    key.save(force_insert=True)
    tell(Event.Verb.KEY_ROTATED, key, actor=actor, at=at)
    return key


def rewrap(*, actor: User | None, at: datetime) -> Iterator[tuple[int, list[int]]]:
    """Put every data key under the newest master key, batch by batch; yield (how many, the numbers that do not unwrap).

    Each batch is a transaction of its own: killed anywhere, the next run does what is left.
    """
    last = 0
    while True:
        done, closed, last = _rewrap_batch(last, actor=actor, at=at)
        if not last:
            return
        yield done, closed


@transaction.atomic
def _rewrap_batch(after: int, *, actor: User | None, at: datetime) -> tuple[int, list[int], int]:
    """Return how many were done, which do not unwrap, and the last one looked at (0: none was left)."""
    master = wrapping.newest_master_key()
    left = Key.objects.wrapped_otherwise(master.id).filter(pk__gt=after).order_by("pk")
    batch = list(left.select_related("register").select_for_update(no_key=True, of=("self",))[:BATCH])
    done, closed = [], []
    for key in batch:
        try:
            wrapping.wrap_anew(key, master)
        except (MasterKeyMissing, WrappedKeyBroken):
            closed.append(key.pk)
        else:
            done.append(key)
    Key.objects.bulk_update(done, ["wrapped", "master_key"])
    tell_rewrapped(done, master.id, actor=actor, at=at)
    return len(done), closed, batch[-1].pk if batch else 0


@transaction.atomic
def destroy(keys: Collection[int], *, actor: User | None, at: datetime, with_values: bool = False) -> list[Key]:
    """Delete these keys for good and return what they were: what was sealed under them opens nowhere any more.

    Refuses while a field that an app has named holds values under them, unless they are to be lost: `with_values`.
    The rows' bytes stay in the table's file until `erasing.rewrite_table`, and in copies of the database until those
    are gone.
    """
    doomed = list(Key.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    gone = set(keys) - {key.pk for key in doomed}
    if gone:
        raise KeyDestroyed(min(gone))
    if not with_values:  # the rows are held: nobody seals under these keys from here on
        _refuse_while_values_stand(doomed)
    for key in doomed:
        tell(Event.Verb.KEY_DESTROYED, key, actor=actor, at=at)
    Key.objects.filter(pk__in=[key.pk for key in doomed]).delete()
    return doomed


def _refuse_while_values_stand(doomed: Sequence[Key]) -> None:
    counted = columns.count_by_key()
    used = [key.pk for key in doomed if counted[key.pk]]
    if used:
        raise ValuesStand(used, sum(counted[key] for key in used))
