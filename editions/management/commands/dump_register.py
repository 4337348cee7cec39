from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from editions.dump import canonical, canonical_json
from editions.yaml_text import write
from foundation.database.snapshot import one_snapshot
from foundation.models import Register


class Command(BaseCommand):
    """Write a register in the canonical form."""

    help = "Write a register in the canonical form: YAML for people, or the ordered JSON that is hashed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("register", help="short name of the register")
        parser.add_argument("file", type=Path, nargs="?", help="where to write; the screen otherwise")
        parser.add_argument("--json", action="store_true", help="the ordered JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        register = Register.objects.filter(slug=options["register"]).first()
        if register is None:
            known = ", ".join(Register.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"No register is called “{options['register']}”. Registers: {known}.")
        with one_snapshot():
            form = canonical(register)
        text = canonical_json(form) + "\n" if options["json"] else write(form)
        if options["file"]:
            options["file"].write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")
