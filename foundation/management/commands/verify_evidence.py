from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.evidence import export, verifier


class Command(BaseCommand):
    """Check the whole ledger against the database; exit code 1 when anything is wrong."""

    help = "Check every event, leaf and checkpoint, and that the tables say what the events recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--against", type=Path, action="append", default=[], help="checkpoints kept from earlier")
        parser.add_argument("--key", action="append", default=[], help="a public key (hex) to be trusted")

    def handle(self, *args: Any, **options: Any) -> None:
        check = verifier.Verification(keys=options["key"])
        for line in export.lines():
            check.take(line)
        check.finish()
        for path in options["against"]:
            try:
                check.against(verifier.notes(path.read_text(encoding="utf-8")), str(path))
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"{path} cannot be read ({type(error).__name__}): name a text file.") from error
        for fault in check.faults:
            self.stdout.write(verifier.printable(fault))
        self.stdout.write(
            f"{len(check.checkpoints)} checkpoints, {check.sealed} sealed events, {check.unsealed} not sealed yet."
        )
        if check.faults:
            raise CommandError(f"{len(check.faults)} faults.")
