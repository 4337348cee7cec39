"""What the operator's commands share: people named by address, and roles given to them."""

import secrets
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, OutputWrapper
from django.core.validators import validate_email

from foundation.evidence.models import Event
from foundation.members import tell_membership
from foundation.models import Membership, Register, User
from foundation.permissions import Role


def check(value: str, validate: Callable[[str], None]) -> None:
    try:
        validate(value)
    except ValidationError as refusal:
        raise CommandError(f"“{value}”: {' '.join(refusal.messages)}") from refusal


def check_address(address: str) -> None:
    check(address, validate_email)


def add_member(register: Register, role: Role, address: str, say: OutputWrapper) -> None:
    """Give this person a role, and an account where there is none; what was done about the account is said."""
    user = User.objects.with_address(address)
    if user is None:
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(address, password, language=register.language)
        say.write(f"{role.value}: {user.email}  password, shown this once: {password}")
    else:
        say.write(
            f"{role.value}: {user.email}  THIS ACCOUNT EXISTED ALREADY: its password stays, and whoever signs in"
            f" with it now works in the register “{register.slug}” too."
        )
    membership = Membership.objects.create(user=user, register=register, role=role)
    tell_membership(Event.Verb.MEMBER_ADDED, membership, actor=None)
