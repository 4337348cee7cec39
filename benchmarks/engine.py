"""The engine at work as an organisation has it: a register, a rule, a preview, an arming, a run by worker processes."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.utils import timezone

from benchmarks.shop import Shop, forget_peak, peak_memory

PAUSE_SECONDS = 0.01
LONGEST_SECONDS = 1800
ACTS = ("erase", "anonymise")
TREATED = {
    "email": ("keyed_hash", "email"),
    "first_name": ("constant", "name"),
    "last_name": ("constant", "name"),
    "phone": ("null", "phone"),
    "street": ("null", "address"),
    "born_on": ("year_only", ""),
}
KEPT = ("reference", "postcode", "city", "country", "language", "status", "marketing", "notes", "created_at")


def make_rules() -> None:
    """Make a register for each act, with one rule, and settings under which a run of any size begins at once."""
    from foundation.accounts.models import Register, User
    from retention.models import RetentionRule, RetentionSettings, StartEvent

    User.objects.create_user("dpo@bench.example", "a password of nobody")
    for action in ACTS:
        register = Register.objects.create(slug=action, name=action)
        RetentionSettings.objects.create(register=register, notice_days=0, most_rows=2**31 - 1, most_percent=100)
        rule = RetentionRule.objects.create(
            register=register, ref=action, description="Customers", kind="exact", duration="P3Y", action=action
        )
        StartEvent.objects.create(register=register, rule=rule, event="last_inbound_contact")


def make_target(shop: Shop, database: str, act: str, *, workers: int) -> Any:
    """Map the rule to the tables of a copy, as a DPO would."""
    from retention import grounds
    from retention.models import DataSource, RetentionRule, Target, TargetEvent

    rule = RetentionRule.objects.select_related("register").get(ref=act)
    source = DataSource.objects.create(register=rule.register, name=database, workers=workers)
    login = {name: quote(str(value), safe="") for name, value in shop.login.items()}
    grounds.set_url(source, "postgresql://{user}:{password}@{host}:{port}/".format(**login) + database, by=None)
    target = Target.objects.create(
        register=rule.register,
        name=database,
        rule=rule,
        source=source,
        step=act,
        table="customers",
        key_columns=["id"],
    )
    TargetEvent.objects.create(
        register=rule.register, target=target, event="last_inbound_contact", column="last_contact_on"
    )
    _map(target)
    return target


def _map(target: Any) -> None:
    from retention.models import TargetChild, TargetColumn

    mine = {"register": target.register, "target": target}
    if target.step == "erase":
        for position, table in enumerate(("orders", "events"), 1):
            TargetChild.objects.create(**mine, table=table, foreign_key=["customer_id"], position=position)
        return
    for name, (treatment, identity) in TREATED.items():
        constant = "-" if treatment == "constant" else ""
        TargetColumn.objects.create(**mine, name=name, treatment=treatment, identity=identity, constant=constant)
    for name in KEPT:
        TargetColumn.objects.create(**mine, name=name, treatment="keep")


@dataclass(frozen=True)
class Told:
    """What a run took: seconds from the order to its end, and the most memory of a worker, in kB."""

    seconds: float
    memory: int


def run(target: Any, *, workers: int, rows: int, prepare: Callable[[], Any] | None = None) -> Told:
    """Preview and arm a target, then have its run done by this many worker processes that wait already."""
    from foundation.accounts.models import User
    from foundation.jobs.models import Job
    from retention import actions
    from retention.models import Preview, Run
    from retention.settled import local_day

    now, person = timezone.now(), User.objects.get()
    preview = actions.ask_preview(target, as_of=local_day(target.register, now), by=person, at=now)
    with _workers(workers, prepare) as peaks:
        _until(lambda: Preview.objects.get(pk=preview.pk).is_counted)
        preview.refresh_from_db()
        assert not preview.refusals, preview.refusals
        actions.arm(preview, reason="A measurement.", by=person, at=timezone.now())
        _until(lambda: not Job.objects.open().exists())
        began = time.perf_counter()
        job = actions.run_now(target, by=person, at=timezone.now())
        _until(lambda: Run.objects.filter(target=target).exclude(state=Run.State.RUNNING).exists())
        seconds = time.perf_counter() - began
        _until(lambda: not Job.objects.open().exists())
    done = Run.objects.get(target=target)
    job.refresh_from_db()
    assert done.state == Run.State.DONE, (done.state, done.why, job.error)
    assert done.rows_erased + done.rows_treated == rows, (done.rows_erased, done.rows_treated)
    return Told(seconds, max(peaks))


@contextmanager
def _workers(number: int, prepare: Callable[[], Any] | None) -> Iterator[list[int]]:
    """Have worker processes wait for jobs; at the end of the block the list holds the peak memory of each."""
    connection.close()  # a child never shares a connection
    context = multiprocessing.get_context("fork")
    ended, told, peaks = context.Event(), context.Queue(), []
    processes = [context.Process(target=_work, args=(ended, told, prepare)) for _ in range(number)]
    for process in processes:
        process.start()
    try:
        yield peaks
    finally:
        ended.set()
        peaks += [told.get(timeout=60) for _ in processes]
        for process in processes:
            process.join()


def _work(ended: Any, told: Any, prepare: Callable[[], Any] | None) -> None:
    """Take whatever waits, as a worker does, until told to end."""
    from foundation.jobs import running
    from foundation.jobs.models import Job

    forget_peak()
    report = prepare() if prepare else None
    while not ended.is_set():
        for number in list(Job.objects.takeable().filter(kind__startswith="retention.").values_list("pk", flat=True)):
            running.run(number)
        time.sleep(PAUSE_SECONDS)
    if report:
        report()
    told.put(peak_memory())
    connection.close()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the run does not end"
        time.sleep(PAUSE_SECONDS)


def check_evidence(runs: int) -> int:
    """Seal and verify the ledger, and compare it with the runs; return how many events it holds."""
    from foundation.evidence import export, sealing, verifier
    from foundation.models import Event

    sealing.seal_all(timezone.now())
    check = verifier.Verification()
    for line in export.lines():
        check.take(line)
    faults = check.finish()
    assert not faults, faults[:3]
    ended = Event.objects.filter(verb=Event.Verb.RUN_ENDED).count()
    assert ended == runs, f"{ended} of {runs} runs are in the ledger"
    return check.events
