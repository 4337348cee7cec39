from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from editions.actions import publish
from foundation.models import Register


class Command(BaseCommand):
    """Publish an edition of a register."""

    help = "Freeze a register as a numbered, hashed edition."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("register", help="short name of the register")
        parser.add_argument("--note", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        register = Register.objects.filter(slug=options["register"]).first()
        if register is None:
            raise CommandError(f"No register is called “{options['register']}”.")
        edition = publish(register, actor=None, at=timezone.now(), note=options["note"])
        self.stdout.write(f"{register.slug}: edition {edition.number}, hash {edition.hash}")
