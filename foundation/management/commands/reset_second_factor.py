from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from foundation.doors.emptying import end_all
from foundation.doors.factors import count_all, remove_all
from foundation.evidence.models import Event
from foundation.members import tell_account
from foundation.models import User


class Command(BaseCommand):
    """For a person who lost the phone and the recovery codes: the next sign-in asks for the password only."""

    help = "Remove every second factor of a person and end their sessions. Shows what it would do, unless --yes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="e-mail address of the person; make sure that it is they who ask")
        parser.add_argument("--yes", action="store_true", help="do it")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.with_address(options["address"])
        if user is None:
            raise CommandError(f"Nobody signs in with {options['address']}.")
        if not options["yes"]:
            self.stdout.write(f"{user.email}: {count_all(user)} second factors would be removed. Add --yes to do it.")
            return
        removed = remove_all(user)
        ended = end_all(user)
        tell_account(Event.Verb.SECOND_FACTOR_RESET, user, actor=None)
        self.stdout.write(f"{user.email}: {removed} second factors removed, {ended} sessions ended.")
