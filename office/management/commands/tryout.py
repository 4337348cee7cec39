import json
import shutil
import signal
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from documents import actions as documents
from documents.annex import counts
from documents.models import Print
from editions.models import Edition
from examples.databases.catalogue import DATABASES
from foundation.models import Job, Register
from foundation.permissions import Role
from office import demo, demo_databases, demo_retention, processes

PRINT_PATIENCE_SECONDS = 1200
RETENTION_PATIENCE_SECONDS = 600


class Stopped(Exception):
    """A person or the system asked the try-out to end."""


class Command(BaseCommand):
    """From the example files to published and printed registers, then serve: the whole of Greffier on one machine."""

    help = "Load the example registers, publish and print them, then serve the application until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="end instead of serving")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--register", help="short name of one example register, instead of all")
        parser.add_argument("--texts", type=Path, help="folder of the policies' texts, to print quotes in the annex")

    def handle(self, *args: Any, **options: Any) -> None:
        serve = not options["no_serve"]
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        if serve and not processes.port_is_free(options["host"], options["port"]):
            raise CommandError(f"Port {options['port']} is taken. Choose another: make run PORT=8001")
        try:
            self._prepare(options["texts"], options["register"])
            with processes.running(processes.WORKER) as children:
                self._carry_out_retention(children)
                self._print_all(children, options["register"])
                if serve:
                    self._serve(options["host"], options["port"], children)
        except Stopped:
            self.stdout.write("\nStopped: every process has ended, nothing is lost.")

    # -- preparing ------------------------------------------------------------------------------------------------

    def _prepare(self, texts: Path | None, only: str | None) -> None:
        self._has_database: list[Register] = []
        self._say(settings.SERVERS_IN_USE)
        self._step("Preparing the database", lambda: call_command("migrate", verbosity=0, interactive=False))
        self.check(databases=["default"])
        if _static_is_stale():
            self._step("Gathering static files", lambda: call_command("collectstatic", verbosity=0, interactive=False))
        files = [path for path in demo.example_files() if only in {None, path.stem}]
        if not files:
            raise CommandError(f"No example is called “{only}”.")
        for number, path in enumerate(files, start=1):
            self._step(f"Register {number}/{len(files)}: {path.stem}", lambda path=path: demo.load_example(path))
        demo.bind_own_data()
        if texts:
            self._step(f"Attaching the texts of {texts}", lambda: demo.attach_texts(texts))
        with translation.override("en"):
            made = list(demo.people(list(Register.objects.all())))
        self._business_databases(only)
        if made:
            self._say("\nPeople of the try-out (the passwords are shown this once):")
            for role, address, password in made:
                self._say(f"  {role:<26} {address:<32} {password}")
            self._say("")

    def _business_databases(self, only: str | None) -> None:
        dpo = demo.person(Role.DPO)
        registers = [register for register in Register.objects.order_by("slug") if register.slug in DATABASES]
        chosen = [register for register in registers if only in {None, register.slug}]
        for number, register in enumerate(chosen, start=1):
            try:
                self._step(
                    f"Business database {number}/{len(chosen)}: {register.slug}",
                    lambda register=register: demo_databases.prepare(register, actor=dpo),
                )
            except demo_databases.NoBusinessDatabases as reason:
                self._say(str(reason))
                return
            self._has_database.append(register)

    def _step(self, title: str, work: Any) -> None:
        started = time.monotonic()
        self.stdout.write(f"{title}… ", ending="")
        self.stdout.flush()
        work()
        self.stdout.write(f"{time.monotonic() - started:.1f} s")

    def _say(self, text: str) -> None:
        self.stdout.write(text)

    # -- retention ------------------------------------------------------------------------------------------------

    def _carry_out_retention(self, children: list[Any]) -> None:
        """Act as the demo's DPO: preview every target, arm what may run, run it, and show what became of the rows."""
        dpo = demo.person(Role.DPO)
        expected = {register: demo_databases.expected(register.slug) for register in self._has_database}
        previews = [
            preview
            for register, numbers in expected.items()
            for preview in demo_retention.begin(register, by=dpo, expected=numbers)
        ]
        counting = [preview.job_id for preview in previews if preview.job_id]
        self._wait_for_jobs("Counting what is due", counting, children)
        asked = demo_retention.run(demo_retention.arm(previews, by=dpo), by=dpo)
        self._wait_for_jobs("Carrying out retention rules", [job.pk for job in asked], children)
        lines = [
            line
            for register, numbers in expected.items()
            for line in demo_retention.lines(register, demo_retention.outcomes(register, numbers))
        ]
        if lines:
            self._say("")
            for line in (demo_retention.HEADING, *lines):
                self._say(line)
            self._say("")

    def _wait_for_jobs(self, title: str, jobs: list[int], children: list[Any]) -> None:
        deadline = time.monotonic() + RETENTION_PATIENCE_SECONDS
        shown = -1
        while jobs:
            done = Job.objects.filter(pk__in=jobs).exclude(state__in=Job.OPEN).count()
            if done != shown:
                self._say(f"{title}: {done} of {len(jobs)}")
                shown = done
            if done == len(jobs):
                return
            if any(child.poll() is not None for child in children) or time.monotonic() > deadline:
                raise CommandError(f"The worker does not go on: see {settings.VAR / 'processes.log'}.")
            time.sleep(0.2)

    # -- printing -------------------------------------------------------------------------------------------------

    def _print_all(self, children: list[Any], only: str | None) -> None:
        asked: list[Print] = []
        registers = Register.objects.order_by("slug")
        for register in registers.filter(slug=only) if only else registers:
            edition = demo.edition_of(register)
            asked += [
                documents.ask_print(edition, kind=kind, language=register.language, actor=None, at=timezone.now())
                for kind in Print.Kind
            ]
        done = self._wait(asked, children)
        self._table(done)
        failed = [print_ for print_ in done if print_.has_failed]
        if failed:
            raise CommandError("\n".join(f"{print_} was not printed: {print_.job.error}" for print_ in failed))

    def _wait(self, asked: list[Print], children: list[Any]) -> list[Print]:
        keys = [print_.pk for print_ in asked]
        deadline = time.monotonic() + PRINT_PATIENCE_SECONDS
        shown = -1
        while True:
            prints = list(Print.objects.select_related("register", "edition", "job").filter(pk__in=keys).order_by("pk"))
            ready = sum(print_.is_printed or print_.has_failed for print_ in prints)
            if ready != shown:
                self._say(f"Printing: {ready} of {len(keys)} documents")
                shown = ready
            if ready == len(keys):
                return prints
            if any(child.poll() is not None for child in children):
                raise CommandError(f"The worker has ended: see {settings.VAR / 'processes.log'}.")
            if time.monotonic() > deadline:
                raise CommandError(f"Printing takes too long: see {settings.VAR / 'processes.log'}.")
            time.sleep(0.5)

    def _table(self, prints: list[Print]) -> None:
        row = "{:<16} {:>10} {:>6} {:>6} {:>8}  {:<38} {:>6} {:>8}"
        self._say("")
        self._say(row.format("register", "activities", "held", "cited", "printed", "PDF", "pages", "seconds"))
        for print_ in prints:
            edition = print_.edition
            form = json.loads(edition.canonical)
            numbers = counts(form)
            has_annex = print_.kind != Print.Kind.PRIVACY_NOTICE
            name = self._export(print_, edition) if print_.is_printed else print_.state_in_words
            self._say(
                row.format(
                    print_.register.slug,
                    len(form.get("activities", [])),
                    numbers.held,
                    numbers.cited,
                    numbers.printed if has_annex else "–",
                    name,
                    print_.pages or 0,
                    f"{print_.job.took.total_seconds():.1f}",
                )
            )
        self._say(f"\nPDFs and canonical JSON: {settings.VAR / 'registers'}")

    def _export(self, print_: Print, edition: Edition) -> str:
        """Copy a finished document and its edition to a folder where a person finds them."""
        folder = settings.VAR / "registers" / print_.register.slug / f"edition-{edition.number}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "register.json").write_text(edition.canonical, encoding="utf-8")
        with print_.file.open("rb") as source, (folder / print_.file_name).open("wb") as target:
            shutil.copyfileobj(source, target)
        return print_.file_name.removeprefix(f"{print_.register.slug}-")

    # -- serving --------------------------------------------------------------------------------------------------

    def _serve(self, host: str, port: int, children: list[Any]) -> None:
        with processes.running(processes.web(host, port), processes.BEAT) as more:
            self._say(f"\nGreffier serves http://{host}:{port}/ (Ctrl-C ends it)")
            while all(child.poll() is None for child in (*children, *more)):
                time.sleep(0.5)
            raise CommandError(f"A process has ended by itself: see {settings.VAR / 'processes.log'}.")


def _stop(*_: object) -> None:
    raise Stopped


def _static_is_stale() -> bool:
    """Whether a static file of ours is newer than what was gathered."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return True
    ours = [path.stat().st_mtime for folder in settings.STATICFILES_DIRS for path in Path(folder).rglob("*")]
    return max(ours, default=0) > manifest.stat().st_mtime
