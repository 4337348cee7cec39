from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from foundation.errors import RuleViolation
from foundation.models import Register
from register.actions import attach_text
from register.errors import TextUnknown


class Command(BaseCommand):
    """Attach the text of a policy, so that quotes are read from it and checked."""

    help = "Attach the text of a policy version. It is recognised by its digest, in one register or in all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--register", help="short name of the register; otherwise every one that knows the text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        registers = Register.objects.all()
        if options["register"]:
            registers = registers.filter(slug=options["register"])
        attached = 0
        refusal: RuleViolation | None = None
        for register in registers:
            try:
                version, count = attach_text(register, content, actor=None, at=timezone.now())
            except TextUnknown as unknown:
                refusal = unknown
                continue
            except RuleViolation as error:
                raise CommandError(str(error)) from error
            attached += 1
            self.stdout.write(f"{register.slug}: {count} quotes of {version} are read from the text.")
        if not attached:
            raise CommandError(str(refusal) if refusal else "There is no such register: load one first.")
