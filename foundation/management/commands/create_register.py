from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.db import transaction

from foundation.management.people import add_member, check, check_address
from foundation.models import Register
from foundation.permissions import Role


class Command(BaseCommand):
    """Create an empty register with its data protection officer and its administrator."""

    help = "Create an empty register and the people who keep it; a new person's password is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name, for addresses and file names")
        parser.add_argument("name")
        parser.add_argument("--dpo", required=True, help="e-mail address of the data protection officer")
        parser.add_argument("--administrator", help="e-mail address of the administrator")
        parser.add_argument("--language", choices=Register.Language.values, default="fr")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        addresses = {Role.DPO: options["dpo"], Role.ADMINISTRATOR: options["administrator"]}
        check(options["slug"], validate_slug)
        for address in filter(None, addresses.values()):
            check_address(address)
        if options["administrator"] and options["administrator"].lower() == options["dpo"].lower():
            raise CommandError("One person has one role per register: give two addresses.")
        if Register.objects.filter(slug=options["slug"]).exists():
            raise CommandError(f"A register called “{options['slug']}” exists already: choose another short name.")
        register = Register.objects.create(slug=options["slug"], name=options["name"], language=options["language"])
        for role, address in addresses.items():
            if address:
                add_member(register, role, address, self.stdout)
        self.stdout.write(f"The register “{register.slug}” is ready.")
