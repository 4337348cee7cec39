"""Ending sessions, and taking away from an account all that opens it."""

from allauth.usersessions.models import UserSession

from foundation.accounts.models import User
from foundation.doors.factors import remove_all
from foundation.doors.identity import forget_identity


def end_all(user: User, *, but: str | None = None) -> int:
    """End every session of a person, but the one with this key; return how many there were."""
    ended = 0
    for session in UserSession.objects.filter(user=user).exclude(session_key=but or ""):
        ended += session.exists()
        session.end()  # those too that do not open at this moment: an account that is closed may open again
    return ended


def remove_ways_in(user: User) -> None:
    """Leave nothing that opens this account: whoever answers for it next begins with a mail to its address."""
    user.set_unusable_password()  # links to choose a new one, sent before, open nothing any more either
    user.save(update_fields=["password"])
    remove_all(user)
    forget_identity(user)
    end_all(user)
