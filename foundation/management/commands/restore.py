from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from foundation.backup import restoring
from foundation.backup.errors import BackupRefused

SETTLED = {
    None: "There is no interrupted restore here. To put a backup back, name its file.",
    True: "The interrupted restore was finished: this is the installation of the backup.",
    False: "The interrupted restore was undone: this is the installation from before it.",
}


class Command(BaseCommand):
    """Put a backup back: all of it or nothing; what was there is kept aside."""

    help = "Put a backup in the place of this installation; without a file, settle a restore that was cut short."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="what `manage.py backup` wrote")
        parser.add_argument("--replace", action="store_true", help="keep what is here aside and take its place")
        parser.add_argument(
            "--without-keys", action="store_true", help="restore although the keys that open the backup are not here"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check the backup, say what would be done, do nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options.pop("file")
        try:
            if path is None:
                self.stdout.write(SETTLED[restoring.settle_alone()])
                return
            chosen = {name: options[name] for name in ("replace", "without_keys", "dry_run")}
            found = restoring.restore(path.absolute(), now=timezone.now(), **chosen)
        except (BackupRefused, OSError) as error:
            raise CommandError(str(error)) from None
        would = "Would restore" if options["dry_run"] else "Restored"
        files = sum(name.startswith("files/") for name in found.manifest.members)
        self.stdout.write(f"{would} the database and {files} files as of {found.manifest.made_at}.")
        for place in found.kept:
            self.stdout.write(f"Kept aside: {place}")
        if found.kept:
            self.stdout.write("What is kept aside holds personal data: remove it when it is no longer needed.")
        self.stdout.write(
            "What was erased or done after that moment is back or undone: do it again before anyone works."
        )
