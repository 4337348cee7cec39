from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.evidence import export
from foundation.models import Register


class Command(BaseCommand):
    """Write the ledger for the standalone verifier: all of it, or what concerns one register."""

    help = "Write the ledger to a file that foundation/evidence/verifier.py checks without Greffier."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--register", help="short name: its events with proofs, nothing of other registers")

    def handle(self, *args: Any, **options: Any) -> None:
        register, path = None, options["file"]
        if options["register"]:
            register = Register.objects.filter(slug=options["register"]).first()
            if register is None:
                raise CommandError(f"There is no register called “{options['register']}”.")
        try:
            with path.open("x", encoding="utf-8") as file:
                count = export.write(file, register=register)
        except FileExistsError as error:
            raise CommandError(f"{path} exists already: choose another name.") from error
        self.stdout.write(f"{count} lines written to {path}.")
