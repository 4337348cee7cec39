from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from foundation.doors.identity import forget_identity, is_bound
from foundation.models import User


class Command(BaseCommand):
    """For a person to whom the identity provider gave a new identity: the next one with the address is bound."""

    help = "Unbind an account from its identity at the provider. Shows what it would do, unless --yes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="e-mail address of the person")
        parser.add_argument("--yes", action="store_true", help="do it")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.with_address(options["address"])
        if user is None or not is_bound(user):
            raise CommandError(f"No identity is bound to {options['address']}.")
        if not options["yes"]:
            self.stdout.write(f"{user.email} would be unbound from its identity. Add --yes to do it.")
            return
        forget_identity(user)
        self.stdout.write(f"{user.email}: unbound; the next verified identity with this address is bound.")
