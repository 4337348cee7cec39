from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from documents import actions
from documents.models import Print
from editions.actions import latest
from foundation.jobs.running import run
from foundation.models import Register


class Command(BaseCommand):
    """Ask for the documents of a register's newest edition."""

    help = "Print the newest edition of a register: the worker does it, or this process with --now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("register", help="short name of the register")
        parser.add_argument("--kind", choices=Print.Kind.values, help="one document only; without it, all of them")
        parser.add_argument("--language", choices=Register.Language.values, help="default: the register's own")
        parser.add_argument("--now", action="store_true", help="print in this process instead of the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        register = Register.objects.filter(slug=options["register"]).first()
        if register is None:
            raise CommandError(f"No register is called “{options['register']}”.")
        edition = latest(register)
        if edition is None:
            raise CommandError("The register has no edition yet: publish it first (publish_register).")
        failed = False
        for kind in [options["kind"]] if options["kind"] else Print.Kind.values:
            print_ = actions.ask_print(
                edition,
                kind=kind,
                language=options["language"] or register.language,
                actor=None,
                at=timezone.now(),
            )
            if options["now"]:
                run(print_.job_id)
                print_ = Print.objects.select_related("job", "register", "edition").get(pk=print_.pk)
            failed = failed or print_.has_failed
            self.stdout.write(_line(print_))
        if failed:
            raise CommandError("A document could not be printed.")


def _line(print_: Print) -> str:
    """Return what there is to say about a print: where its file is, or how far it got."""
    if print_.is_printed:
        return f"{print_.file_name}: {print_.pages} pages, SHA-256 {print_.sha256}, {print_.file.path}"
    return f"{print_.file_name}: {print_.job.state}" + (f", {print_.job.error}" if print_.job.error else "")
