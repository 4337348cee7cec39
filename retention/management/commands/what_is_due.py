from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.errors import RuleViolation
from retention.grounds import opened
from retention.management.choosing import add_choice, chosen, heading, numbers
from retention.models import Target
from retention.planning import Blocked, work_of
from retention.running.pinned import counts_json


class Command(BaseCommand):
    """Answer what falls due on a day, past or future: by register, rule and target. Nothing is written anywhere."""

    help = "Show what is due on a day by register, rule and target, or why nothing is."

    def add_arguments(self, parser: CommandParser) -> None:
        add_choice(parser)
        parser.add_argument("--on", type=date.fromisoformat, required=True, help="the day: 2027-05-01")

    def handle(self, *args: Any, **options: Any) -> None:
        unanswered = 0
        for target in chosen(options):
            self.stdout.write(heading(target))
            try:
                lines = _lines(target, options["on"])
            except RuleViolation as refusal:
                unanswered += 1
                lines = [f"no answer: {refusal.detail}"]
            for line in lines:
                self.stdout.write(f"    {line}")
        if unanswered:
            raise CommandError(f"{unanswered} target(s) could not be asked: read above why.")


def _lines(target: Target, on: date) -> list[str]:
    work = work_of(target, as_of=on)
    if isinstance(work, Blocked):
        return [f"nothing runs: {work.why.label}"]
    with opened(target) as ground:
        ground.refuse(work)
        counts = ground.count(work)
    day = work.cut_off.day
    return [f"on {on}: events up to {day or '-'} are due", *numbers(counts_json(counts))]
