from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from foundation.backup import holdings, making
from foundation.backup.errors import BackupRefused


class Command(BaseCommand):
    """Save everything this installation holds in one file, while it runs."""

    help = "Save the database and the kept files in one file; the keys only with --with-keys."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file; nothing is ever written over")
        parser.add_argument(
            "--with-keys", action="store_true", help="put the keys into the same file as what they protect"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be saved, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].absolute()
        try:
            if options["dry_run"]:
                made = making.look(path, with_keys=options["with_keys"])
                self.stdout.write(f"Would save the database and {made.files} files ({made.size_bytes:,} bytes).")
            else:
                made = making.make(path, now=timezone.now(), with_keys=options["with_keys"])
                self.stdout.write(f"Saved the database and {made.files} files in {path} ({made.size_bytes:,} bytes).")
        except BackupRefused as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{error}. No backup was made.") from None
        self.stdout.write(self._about_keys(made))

    def _about_keys(self, made: making.Made) -> str:
        names = ", ".join(made.keys)
        if not made.keys:
            return "There are no key files in this installation."
        if made.with_keys:
            return f"The keys ({names}) are in it: whoever has the file can read everything. Keep it accordingly."
        return (
            f"The keys ({names}) are NOT in it: they are in {holdings.keys()}. Keep them elsewhere than the backup; "
            "without them, what is sealed in the backup is lost."
        )
