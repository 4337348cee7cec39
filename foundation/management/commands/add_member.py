from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from foundation.management.people import add_member, check_address
from foundation.models import Register, User
from foundation.permissions import Role


class Command(BaseCommand):
    """Add a person to a register, also one whose account belongs to the registers of others."""

    help = "Add a person to a register; a new person's password is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name of the register")
        parser.add_argument("address", help="e-mail address of the person")
        parser.add_argument("role", choices=Role.values)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        slug, address = options["slug"], options["address"]
        check_address(address)
        register = Register.objects.filter(slug=slug).first()
        if register is None:
            raise CommandError(f"There is no register called “{slug}”.")
        if register.memberships.filter(user=User.objects.with_address(address)).exists():
            raise CommandError(f"{address} belongs to the register “{slug}” already: change the membership there is.")
        add_member(register, Role(options["role"]), address, self.stdout)
