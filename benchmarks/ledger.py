"""How fast evidence is written and checked, beside a ledger that chains each row to the one before it.

`python -m benchmarks.ledger` makes a database of its own on the configured server, measures both in turns in the same
run, each figure as the median of several, and writes its table into docs/performance.md.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import django

from benchmarks.page import put

BEGIN, END = "<!-- ledger: begin -->", "<!-- ledger: end -->"
DETAILS = {"sha256": "0" * 64, "edition": 7, "kind": "controller_register", "language": "fr", "pages": 12}
CHAIN = """
    CREATE TABLE benchmark_chain (
        seq bigint PRIMARY KEY, previous text NOT NULL, hash text NOT NULL, register_id bigint, verb varchar(40),
        subject_type varchar(60), subject_id bigint, actor_id bigint, details jsonb, occurred_at timestamptz
    )
"""


def record_one(number: int) -> None:
    """Write one event as the product does, in a transaction of its own."""
    from django.db import transaction

    from foundation.evidence.record import record
    from foundation.models import Event, Register

    with transaction.atomic():
        register = Register(pk=1)
        record(Event.Verb.PRINTED, register, register=register, actor=None, details={**DETAILS, "n": number})


def chain_one(number: int) -> None:
    """Write one row of the chain: a global lock, the hash of the row before, the same columns."""
    import json

    from django.db import connection, transaction

    from foundation.evidence.verifier import leaf_hash

    at = datetime.now(UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(42)")
        cursor.execute("SELECT seq, hash FROM benchmark_chain ORDER BY seq DESC LIMIT 1")
        seq, previous = cursor.fetchone() or (0, "")
        details = {**DETAILS, "n": number}
        leaf = {"seq": seq + 1, "previous": previous, "details": details, "at": at.isoformat(), "register": 1}
        cursor.execute(
            "INSERT INTO benchmark_chain VALUES (%s, %s, %s, 1, 'document_printed', 'x', 1, NULL, %s, %s)",
            [seq + 1, previous, leaf_hash(leaf), json.dumps(details), at],
        )


def _write(write: Callable[[int], None], seconds: float, begin: "multiprocessing.synchronize.Barrier", told) -> None:
    from django.db import connection

    connection.close()
    write(0)  # connected, prepared, imported
    begin.wait()
    count, ends = 0, time.perf_counter() + seconds
    while time.perf_counter() < ends:
        write(count)
        count += 1
    told.put(count)
    connection.close()


def rate(write: Callable[[int], None], writers: int, seconds: float) -> float:
    """Return acts per second of this many processes, all of which begin together."""
    from django.db import connection

    connection.close()
    begin, told = multiprocessing.Barrier(writers), multiprocessing.Queue()
    processes = [multiprocessing.Process(target=_write, args=(write, seconds, begin, told)) for _ in range(writers)]
    for process in processes:
        process.start()
    total = sum(told.get(timeout=seconds + 120) for _ in processes)
    for process in processes:
        process.join()
    return total / seconds


def verified_per_second() -> tuple[float, float]:
    """Return events per second of a whole verification, by the clock and by the processor time of this process."""
    from foundation.evidence import export, verifier

    began, busy = time.perf_counter(), time.process_time()
    check = verifier.Verification()
    for line in export.lines():
        check.take(line)
    faults = check.finish()
    assert not faults, faults[:3]
    return check.events / (time.perf_counter() - began), check.events / (time.process_time() - busy)


def fill(rows: int) -> None:
    """Write this many sealed events quickly, each with its own hash."""
    from django.db import transaction
    from django.utils import timezone

    from foundation.evidence import sealing, verifier
    from foundation.evidence.record import leaf_of
    from foundation.models import Event

    for begin in range(0, rows, 5000):
        batch = []
        for number in range(begin, min(begin + 5000, rows)):
            event = Event(register_id=1, verb="document_printed", subject_type="x", subject_id=number)
            event.details, event.occurred_at, event.salt = {**DETAILS, "n": number}, timezone.now(), f"{number:032x}"
            event.leaf_hash = verifier.leaf_hash(leaf_of(event))
            batch.append(event)
        with transaction.atomic():
            Event.objects.bulk_create(batch)
    sealing.seal_all(timezone.now())


@contextmanager
def own_database() -> Iterator[None]:
    """Make a migrated database for the length of the block."""
    from django.db import connection
    from django.test.utils import setup_test_environment

    from foundation.database.base import as_owner

    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"] = {**connection.settings_dict.get("TEST", {}), "NAME": f"bench_{os.getpid()}"}
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        with as_owner(connection), connection.cursor() as cursor:
            cursor.execute(CHAIN)
        yield
    finally:
        with as_owner(connection):
            connection.creation.destroy_test_db(name, verbosity=0)


def server() -> dict[str, str]:
    """Return the settings of the server on which the figures depend."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for name in ("server_version", "fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"SHOW {name}")
            found[name] = cursor.fetchone()[0]
    return found


def measure(runs: int, seconds: float, rows: int) -> list[tuple[str, float, float, float]]:
    """Return (what, ours, baseline, ratio) as medians; ours and the baseline take turns within each run."""
    found = []
    for writers in (1, 4):
        pairs = []
        for _ in range(runs):
            pairs.append((rate(record_one, writers, seconds), rate(chain_one, writers, seconds)))
            print(f"{writers} writers: {pairs[-1][0]:.0f}/s, chain {pairs[-1][1]:.0f}/s", flush=True)
        ours, chain = (statistics.median(values) for values in zip(*pairs, strict=True))
        found.append((f"events/s, {writers} writer{'s' * (writers > 1)}", ours, chain, _ratio(pairs)))
    fill(rows)
    rates, unhindered = zip(*(verified_per_second() for _ in range(runs)), strict=True)
    print("verification:", ", ".join(f"{one:.0f}/s" for one in rates), flush=True)
    pairs = [(one, verify_chain()) for one in rates]
    chain = statistics.median(other for _, other in pairs)
    found.append(("rows/s, verification", statistics.median(rates), chain, _ratio(pairs)))
    found.append(("rows per second of processor time, verification", statistics.median(unhindered), 0, 0))
    return found


def verify_chain() -> float:
    """Return rows per second of checking the chain."""
    import json

    from django.db import connection

    from foundation.evidence.verifier import leaf_hash

    began, count, before = time.perf_counter(), 0, ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, previous, hash, details, occurred_at FROM benchmark_chain ORDER BY seq")
        for seq, previous, own, details, at in cursor.fetchall():
            told = json.loads(details) if isinstance(details, str) else details
            at = at.astimezone(UTC).isoformat()
            leaf = {"seq": seq, "previous": previous, "details": told, "at": at, "register": 1}
            assert previous == before
            assert leaf_hash(leaf) == own
            before, count = own, count + 1
    return count / (time.perf_counter() - began)


def _ratio(pairs: list[tuple[float, float]]) -> float:
    return statistics.median(ours / other for ours, other in pairs)


def page(found: list[tuple[str, float, float, float]], about: dict[str, str], runs: int, seconds: float) -> str:
    """Return the section of docs/performance.md."""
    rows = "\n".join(
        f"| {what} | {ours:,.0f} | {f'{other:,.0f}' if other else ''} | {f'{ratio:.2f}' if other else ''} |"
        for what, ours, other, ratio in found
    )
    told = ", ".join(f"{name} {value}" for name, value in about.items())
    return (
        f"{BEGIN}\n## The sealed ledger\n\n"
        f"`python -m benchmarks.ledger --runs {runs} --seconds {seconds:g}`, {os.cpu_count()} cores, PostgreSQL\n"
        f"{told.removeprefix('server_version ')}.\n"
        f"Medians of {runs} runs; the ledger and the baseline take turns. The baseline chains each row to the one "
        "before it under\na global lock. Each writer is a process that records one event per transaction through "
        "`record()`.\n\n"
        f"| | ledger | row chain | ratio |\n|---|---:|---:|---:|\n{rows}\n{END}\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--no-page", action="store_true", help="leave docs/performance.md as it is")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from foundation.models import Register

    multiprocessing.set_start_method("fork")
    with own_database():
        about = server() | {"load average at the start": f"{os.getloadavg()[0]:.1f}"}
        if about["fsync"] != "on":
            sys.exit("fsync is off: the figures would mean nothing. Turn it on.")
        Register.objects.create(pk=1, slug="bench", name="Bench")
        text = page(measure(given.runs, given.seconds, given.rows), about, given.runs, given.seconds)
    print(text)
    if not given.no_page:
        put(text, BEGIN, END)


if __name__ == "__main__":
    main()
