from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from foundation.errors import RuleViolation
from foundation.mail import deciding
from foundation.mail.models import Mail

DECISIONS = {"arrived": deciding.it_arrived, "again": deciding.send_again}
SHOWN = 50


class Command(BaseCommand):
    """The operator's view of mails, of all registers and of none: how far they came, not what they say."""

    help = "List mails; say of one of which it is not known whether it arrived, or send it again."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        listing = acts.add_parser("list", help="the newest mails, by number: neither recipients nor content")
        listing.add_argument("--state", choices=Mail.State.values)
        for name, says in (("arrived", "it was seen that it arrived"), ("again", "send the same message again")):
            acts.add_parser(name, help=says).add_argument("mail", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "list":
            mails = Mail.objects.select_related("register", "job")
            state = options["state"]
            for mail in (mails.filter(state=state) if state else mails)[:SHOWN]:
                self.stdout.write(_line(mail))
            return
        try:
            mail = DECISIONS[options["act"]](options["mail"], actor=None, at=timezone.now())
        except Mail.DoesNotExist:
            raise CommandError(f"There is no mail {options['mail']}.") from None
        except RuleViolation as refusal:
            raise CommandError(str(refusal.detail)) from None
        self.stdout.write(_line(mail))


def _line(mail: Mail) -> str:
    where = mail.register.slug if mail.register else "-"
    return f"{mail.pk:>8} {mail.state:<12} {where:<20} {mail.planned_at:%Y-%m-%d %H:%M} {mail.job.error}".rstrip()
