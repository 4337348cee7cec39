from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from foundation.errors import RuleViolation
from foundation.models import Register
from subjects.errors import FileRefused
from subjects.importing import taking
from subjects.importing.plan import Plan


class Command(BaseCommand):
    """Take over records from a file: all of it, or nothing."""

    help = "Take over subject records from a CSV or XLSX file (docs/subjects.md). With one fault, nothing is written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--register", required=True, help="short name of the register")
        parser.add_argument("--dry-run", action="store_true", help="check the file and say what would change")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        register = Register.objects.filter(slug=options["register"]).first()
        if register is None:
            raise CommandError(f"There is no register called “{options['register']}”.")
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        try:
            with transaction.atomic():
                waiting, found = taking.look_at(register, content, by=None, at=timezone.now())
                if found.faults:
                    raise FileRefused([str(fault) for fault in found.faults])
                if options["dry_run"]:
                    transaction.set_rollback(True)
                else:
                    taking.take_over(waiting, by=None, at=timezone.now())
        except FileRefused as refusal:
            raise CommandError("\n".join([*refusal.faults[:100], "Nothing was changed."])) from refusal
        except RuleViolation as refusal:
            raise CommandError(str(refusal)) from refusal
        self._say(found, dry=options["dry_run"])

    def _say(self, found: Plan, *, dry: bool) -> None:
        verb = "would be" if dry else "were"
        self.stdout.write(
            f"{len(found.added)} records {verb} added, {len(found.changed)} changed;"
            f" {len(found.unchanged)} stand already."
        )
