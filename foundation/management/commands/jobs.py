from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.errors import RuleViolation
from foundation.jobs import kinds, orders
from foundation.jobs.models import Halt, Job
from foundation.jobs.ticking import silent_since
from foundation.models import Register

ORDERS = {"pause": orders.pause, "resume": orders.resume, "retry": orders.retry, "cancel": orders.cancel}
SHOWN = 50


class Command(BaseCommand):
    """The operator's view of background work, of all registers and of none."""

    help = "List background work; pause, resume, retry or cancel a job; stop all work or let it go on."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        listing = acts.add_parser("list", help="the newest jobs, and the stops that stand")
        listing.add_argument("--state", choices=Job.State.values)
        for name in ORDERS:
            one = acts.add_parser(name, help=f"{name} one job")
            one.add_argument("job", type=int)
        stop = acts.add_parser("stop", help="nothing begins any more; what runs stops at its next step")
        stop.add_argument("--reason", required=True)
        go_on = acts.add_parser("go-on", help="lift stops of work")
        for some in (stop, go_on):
            some.add_argument("--register", help="short name; without it, every register")
            some.add_argument("--kind", default="", help="one kind of work; without it, every kind")

    def handle(self, *args: Any, **options: Any) -> None:
        act = options["act"]
        if act == "list":
            self._list(options["state"])
        elif act in ORDERS:
            self._order(act, options["job"])
        elif act == "stop":
            self._known(options["kind"])
            orders.stop_work(
                register=_register(options["register"]), kind=options["kind"], reason=options["reason"], actor=None
            )
            self._list(None)
        else:
            register = _register(options["register"])
            n = orders.let_go_on(Halt.objects.filter(register=register, kind=options["kind"]))
            self.stdout.write(f"{n} stop(s) lifted. The next tick finds what waited.")

    def _known(self, kind: str) -> None:
        if kind and kinds.find(kind) is None:
            known = ", ".join(name for name, _title in kinds.choices())
            raise CommandError(f"No kind of work is called “{kind}”. Known: {known}.")

    def _order(self, act: str, pk: int) -> None:
        try:
            job = ORDERS[act](pk)
        except Job.DoesNotExist:
            raise CommandError(f"There is no job {pk}.") from None
        except RuleViolation as refusal:
            raise CommandError(str(refusal.detail)) from None
        self.stdout.write(_line(job))

    def _list(self, state: str | None) -> None:
        since = silent_since()
        if since:
            self.stdout.write(f"SILENT since {since:%Y-%m-%d %H:%M:%S}: no worker has heard the tick.")
        for halt in Halt.objects.select_related("register"):
            self.stdout.write(
                f"STOPPED since {halt.ordered_at:%Y-%m-%d %H:%M}: {halt.kind or 'every kind'},"
                f" {halt.register.slug if halt.register else 'every register'}: {halt.reason}"
            )
        jobs = Job.objects.select_related("register")
        for job in (jobs.filter(state=state) if state else jobs)[:SHOWN]:
            self.stdout.write(_line(job))


def _register(slug: str | None) -> Register | None:
    if slug is None:
        return None
    register = Register.objects.filter(slug=slug).first()
    if register is None:
        raise CommandError(f"No register is called “{slug}”.")
    return register


def _line(job: Job) -> str:
    progress = f" {job.done or 0}/{job.total}" if job.total else ""
    where = job.register.slug if job.register else "-"
    return (
        f"{job.pk:>8} {job.state:<9} {job.kind:<24} {where:<20} attempts {job.attempts}{progress} {job.error}".rstrip()
    )
