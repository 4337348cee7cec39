"""Taking an arming back: by a person, or because what was armed has changed."""

from datetime import datetime

from foundation.accounts.models import User
from foundation.evidence.models import Event
from foundation.evidence.record import record
from retention.models import Arming, Target


def void(arming: Arming, code: Arming.Void, *, at: datetime, by: User | None = None) -> bool:
    """Make an arming void in the caller's transaction, with its evidence; one that is void stays as it is."""
    locked = Arming.objects.select_for_update(no_key=True).select_related("register").get(pk=arming.pk)
    if locked.void_at is not None:
        return False
    locked.void_at, locked.void_code, locked.void_by = at, code, by
    locked.save(update_fields=["void_at", "void_code", "void_by"])
    details = {"target": locked.target_id, "preview": locked.preview_id, "code": str(code)}
    record(Event.Verb.ARMING_VOID, locked, register=locked.register, actor=by, details=details, at=at)
    return True


def void_standing(target: Target, code: Arming.Void, *, at: datetime) -> None:
    """Make the target's standing arming void, if there is one."""
    for arming in Arming.objects.standing().filter(target=target):
        void(arming, code, at=at)
