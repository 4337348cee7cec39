from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from foundation.errors import RuleViolation
from foundation.keys import actions, columns, erasing, report, wrapping
from foundation.keys.models import Key
from foundation.models import Register


class Command(BaseCommand):
    """Look at the keys, renew them, end them. No key and no sealed value is ever shown."""

    help = "Show the data keys, make newer ones, wrap them under a newer master key, or destroy one for good."

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True, metavar="status|rotate|rewrap|destroy|vacuum")
        doing.add_parser("status", help="count the keys and name those that cannot be opened")
        rotate = doing.add_parser("rotate", help="seal new values under a new version of a key")
        rewrap = doing.add_parser("rewrap", help="wrap every data key under the newest master key")
        rewrap.add_argument("--values", action="store_true", help="also seal values under the newest data keys")
        destroy = doing.add_parser("destroy", help="destroy keys for good; shows them and stops without --yes")
        destroy.add_argument("number", type=int, nargs="*", help="number of a data key; or say whose keys:")
        destroy.add_argument("--closed", action="store_true", help="those that no master key here unwraps")
        destroy.add_argument("--yes", action="store_true", help="destroy what is shown")
        destroy.add_argument("--with-values", action="store_true", help="even while values stand under them")
        doing.add_parser("vacuum", help="write the table of keys anew, without the bytes of destroyed ones")
        for chosen in (rotate, destroy):
            _whose(chosen, required=chosen is rotate)
        for changing in (rotate, rewrap):
            changing.add_argument("--dry-run", action="store_true", help="show what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        do: Callable[[dict[str, Any]], None] = getattr(self, f"_{options['doing']}")
        try:
            with translation.override("en"):
                do(options)
        except RuleViolation as refusal:
            raise CommandError(str(refusal)) from refusal

    def _status(self, _options: dict[str, Any]) -> None:
        for line in report.status():
            self.stdout.write(line)

    def _rotate(self, options: dict[str, Any]) -> None:
        whose = {"register": _register(options), "subject": options["subject"]}
        key = Key.objects.serving(options["purpose"], *whose.values()).first()
        if key is None:
            raise actions.NoSuchKey
        if options["dry_run"]:
            self.stdout.write(f"Would make version {key.version + 1} of {report.of_key(key)}. Nothing was changed.")
            return
        key = actions.rotate(options["purpose"], **whose, actor=None, at=timezone.now())
        self.stdout.write(f"New values are sealed under {report.of_key(key)}. Older versions still open theirs.")

    def _rewrap(self, options: dict[str, Any]) -> None:
        newest = wrapping.newest_master_key().id
        if options["dry_run"]:
            left = Key.objects.wrapped_otherwise(newest).count()
            self.stdout.write(f"Would wrap {left} data key(s) under master key {newest}. Nothing was changed.")
            return
        done, closed = 0, []
        for count, refused in actions.rewrap(actor=None, at=timezone.now()):
            done += count
            closed += refused
        self.stdout.write(f"{done} data key(s) wrapped anew; all that unwrap stand under master key {newest}.")
        if options["values"]:
            values = sum(count for _column, count in columns.seal_anew())
            self.stdout.write(f"{values} value(s) sealed under the newest data keys.")
        if closed:
            raise CommandError(f"Left as they were, since they do not unwrap: {', '.join(map(str, closed))}.")

    def _destroy(self, options: dict[str, Any]) -> None:
        chosen = list(_chosen(options))
        if not chosen:
            raise actions.NoSuchKey
        self.stdout.write("What was sealed under these keys can never be read again:")
        for key in chosen:
            self.stdout.write(f"  {report.of_key(key)}")
        if not options["yes"]:
            raise CommandError("Nothing was destroyed. To destroy these keys for good, add --yes.")
        at = timezone.now()
        numbers = [key.pk for key in chosen]
        gone = actions.destroy(numbers, actor=None, at=at, with_values=options["with_values"])
        self.stdout.write(f"{len(gone)} key(s) destroyed: from now on no process of Greffier opens what they sealed.")
        self._vacuum(options, after=lambda: [self.stdout.write(line) for line in report.after_destroying(at)])

    def _vacuum(self, _options: dict[str, Any], *, after: Callable[[], Any] = lambda: None) -> None:
        try:
            erasing.rewrite_table()
            self.stdout.write("The file of the table was written anew: it does not hold the wrapped keys any more.")
        finally:
            after()


REFUSED_TOGETHER: Final = (
    "Say which keys: by number, by --purpose (with --register, --subject), or --closed; one of these."
)


def _whose(parser: ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--purpose", required=required, help="what the key is for: register, connector, request…")
    parser.add_argument("--register", help="short name of the register")
    parser.add_argument("--subject", type=int, help="number of the connector, request…")


def _register(options: dict[str, Any]) -> Register | None:
    slug = options["register"]
    if slug is None:
        return None
    register = Register.objects.filter(slug=slug).first()
    if register is None:
        raise CommandError(f"There is no register called “{slug}”.")
    return register


def _chosen(options: dict[str, Any]) -> "list[Key]":
    if sum(map(bool, (options["number"], options["purpose"], options["closed"]))) != 1:
        raise CommandError(REFUSED_TOGETHER)
    keys = Key.objects.select_related("register").order_by("pk")
    if options["purpose"]:
        return list(keys.filter(purpose=options["purpose"], register=_register(options), subject_id=options["subject"]))
    numbers = options["number"] or [number for number, _why in report.closed_keys()]
    found = list(keys.filter(pk__in=numbers))
    missing = set(numbers) - {key.pk for key in found}
    if missing:
        raise CommandError(f"There is no data key {', '.join(map(str, sorted(missing)))}: nothing was destroyed.")
    return found
