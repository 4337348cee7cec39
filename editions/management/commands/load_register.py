from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from editions.compare import difference
from editions.dump import canonical
from editions.load import load
from editions.reading import read
from foundation import history
from foundation.errors import RuleViolation
from foundation.models import Register


class Command(BaseCommand):
    """Load a register from a file in the canonical form."""

    help = "Load a register from a file in the canonical form (YAML or JSON). A broken file changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="replace the content of a register that exists")
        parser.add_argument("--yes", action="store_true", help="replace without asking, after showing the difference")
        parser.add_argument("--dry-run", action="store_true", help="check the file and show what would change")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            reading = read(path.read_text(encoding="utf-8"), path.name)
            existing = Register.objects.filter(slug=reading.form["register"]["slug"]).first()
            if existing and options["replace"]:
                lines = difference(canonical(existing), reading.form)
                self.stdout.write("\n".join(lines) or "The file says what the register says: nothing to do.")
                if not lines:
                    return
            if options["dry_run"]:
                self._check(reading, path.name, replace=options["replace"])
                return
            if existing and options["replace"] and not options["yes"]:
                raise CommandError("Nothing was changed. To replace the register by the file, add --yes.")
            with history.because(f"load_register {path.name}", actor=None):
                register = load(reading, source=path.name, replace=options["replace"])
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
        except RuleViolation as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Loaded {path.name} into the register “{register.slug}”.")

    def _check(self, reading: Any, source: str, *, replace: bool) -> None:
        from django.db import transaction

        with transaction.atomic():
            load(reading, source=source, replace=replace)
            transaction.set_rollback(True)
        self.stdout.write(f"{source} can be loaded. Nothing was changed.")
