"""The models of the ground floor, gathered where Django looks for them."""

from foundation.accounts.models import Membership, Register, User
from foundation.accounts.tokens import ServiceToken
from foundation.evidence.models import Checkpoint, Event, Leaf
from foundation.history import Change
from foundation.jobs.models import Halt, Job, Pulse
from foundation.keys.models import Key
from foundation.mail.models import Mail

__all__ = [
    "Change",
    "Checkpoint",
    "Event",
    "Halt",
    "Job",
    "Key",
    "Leaf",
    "Mail",
    "Membership",
    "Pulse",
    "Register",
    "ServiceToken",
    "User",
]
