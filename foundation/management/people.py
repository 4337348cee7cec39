"""What the operator's commands share: people named by address, and roles given to them."""

import secrets
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, OutputWrapper
from django.core.validators import validate_email

from foundation.members import join
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
    """Give this person a role; an account that is new or belonged nowhere gets a password. What was done is said."""
    user = User.objects.with_address(address)
    user = user or User.objects.create_user(address, language=register.language)
    if join(Membership(user=user, register=register, role=role), actor=None):
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.save(update_fields=["password"])
        say.write(f"{role.value}: {user.email}  password, shown this once: {password}")
    else:
        say.write(
            f"{role.value}: {user.email}  THIS ACCOUNT EXISTED ALREADY: its password stays, and whoever signs in"
            f" with it now works in the register “{register.slug}” too."
        )
