from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from foundation.jobs.running import run
from retention.actions import ask_preview
from retention.management.choosing import add_choice, chosen, heading, numbers
from retention.models import Preview, Target
from retention.settled import local_day


class Command(BaseCommand):
    """Count what runs would do; what is counted can be armed in the admin, never here."""

    help = "Show what the retention rules would erase or treat on a day; nothing is changed."

    def add_arguments(self, parser: CommandParser) -> None:
        add_choice(parser)
        parser.add_argument("--as-of", type=date.fromisoformat, help="another day, past or future: 2027-05-01")

    def handle(self, *args: Any, **options: Any) -> None:
        targets, uncounted = chosen(options), 0
        for number, target in enumerate(targets, start=1):
            self.stdout.write(f"[{number}/{len(targets)}] {heading(target)}")
            preview = self._previewed(target, options["as_of"])
            uncounted += not preview.is_counted
            for line in _lines(preview):
                self.stdout.write(f"    {line}")
        if uncounted:
            raise CommandError(f"{uncounted} preview(s) could not be counted: look at their jobs (jobs list).")

    def _previewed(self, target: Target, as_of: date | None) -> Preview:
        now = timezone.now()
        preview = ask_preview(target, as_of=as_of or local_day(target.register, now), by=None, at=now)
        assert preview.job_id is not None
        run(preview.job_id)
        return Preview.objects.select_related("job").get(pk=preview.pk)


def _lines(preview: Preview) -> list[str]:
    said = [f"preview {preview.pk}, as of {preview.as_of}; events up to {preview.cut_off.get('day') or '-'} are due"]
    if not preview.is_counted:
        return [*said, f"not counted: {preview.job.error if preview.job else '-'}"]
    if preview.counts is None:
        return [*said, *(f"may not run: {reason}" for reason in preview.refusals)]
    return [*said, *numbers(preview.counts)]
