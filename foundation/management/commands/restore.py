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
        parser.add_argument(
            "--undo", action="store_true", help="bring back what was here before a restore that cannot be finished"
        )
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
            if options.pop("undo"):
                if path is not None:
                    raise CommandError("Say either a file or --undo.")
                restoring.undo_alone()
                self.stdout.write(SETTLED[False])
                return
            if path is None:
                settled = restoring.settle_alone()
                self.stdout.write(SETTLED[settled])
                if settled:
                    self._say_what_to_do(work_is_stopped=restoring.work_is_stopped())
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
        self._say_what_to_do(work_is_stopped=found.work_is_stopped)

    def _say_what_to_do(self, *, work_is_stopped: bool) -> None:
        self.stdout.write(
            "What was erased or done after that moment is back or undone: do it again before anyone works."
        )
        self.stdout.write("Everybody has to sign in again: no session outlives a restore.")
        if work_is_stopped:
            self.stdout.write(
                "All work is stopped: what was open in the backup may have been done since, mails included. Look with "
                "`manage.py jobs list`, cancel what must not be done again, then `manage.py jobs go-on`."
            )
