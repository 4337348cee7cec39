from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from foundation.errors import RuleViolation
from foundation.jobs.running import run
from retention.actions import run_now
from retention.grounds import opened
from retention.management.choosing import add_choice, chosen, heading, numbers
from retention.models import Arming, Run, Target
from retention.planning import Blocked, work_of
from retention.running.pinned import counts_json
from retention.settled import local_day


class Command(BaseCommand):
    """Run the armed targets as the night would: the same jobs, batches, breaker and evidence. It arms nothing."""

    help = "Show what the armed targets would do now, and stop; with --yes, run them in this process."

    def add_arguments(self, parser: CommandParser) -> None:
        add_choice(parser)
        parser.add_argument("--yes", action="store_true", help="erase and treat what is due")

    def handle(self, *args: Any, **options: Any) -> None:
        unfinished = 0
        for target in chosen(options):
            self.stdout.write(heading(target))
            if not Arming.objects.standing().filter(target=target).exists():
                self.stdout.write("    not armed: nothing runs")
            elif options["yes"]:
                unfinished += not self._run(target)
            else:
                self._show(target)
        if not options["yes"]:
            self.stdout.write("Nothing was changed. With --yes, the armed targets run now.")
        if unfinished:
            raise CommandError(f"{unfinished} run(s) did not come to their end: read above why.")

    def _show(self, target: Target) -> None:
        work = work_of(target, as_of=local_day(target.register, timezone.now()))
        if isinstance(work, Blocked):
            self.stdout.write(f"    would do nothing: {work.why.label}")
            return
        try:
            with opened(target) as ground:
                ground.refuse(work)
                counts = ground.count(work)
        except RuleViolation as refusal:
            self.stdout.write(f"    would do nothing: {refusal.detail}")
            return
        for line in numbers(counts_json(counts)):
            self.stdout.write(f"    {line}")

    def _run(self, target: Target) -> bool:
        """Run one target; return whether its run ended, done or with nothing to do."""
        try:
            job = run_now(target, by=None, at=timezone.now())
        except RuleViolation as refusal:
            self.stdout.write(f"    {refusal.detail}")
            return False
        run(job.pk)
        job.refresh_from_db()
        last = Run.objects.filter(target=target, job=job).order_by("-pk").first()
        if last is None:
            self.stdout.write(f"    job {job.pk}: {job.get_state_display()} {job.error}".rstrip())
            return False
        why = f": {last.get_why_display()}" if last.why else ""
        self.stdout.write(
            f"    run {last.pk}: {last.get_state_display()}{why};"
            f" {last.rows_erased} erased, {last.rows_treated} treated,"
            f" {last.rows_kept} kept, {last.rows_locked} locked, of {last.rows_due or 0} due"
        )
        return last.state in {Run.State.DONE, Run.State.NOTHING}
