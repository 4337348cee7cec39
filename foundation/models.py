"""The models of the ground floor, gathered where Django looks for them."""

from foundation.accounts.models import Membership, Register, User
from foundation.evidence.models import Event
from foundation.history import Change

__all__ = ["Change", "Event", "Membership", "Register", "User"]
