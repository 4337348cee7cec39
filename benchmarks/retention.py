"""How fast the engine erases and anonymises, beside one statement written by hand.

`python -m benchmarks.retention` fills a shop's database on the server of the business databases, and erases and
anonymises one customer in five: by hand, by the engine with one worker, and with two, in turns, each time in a fresh
copy. Everything is checked afterwards. The table goes into docs/performance.md; `--profile` tells instead where the
engine's time goes.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from benchmarks import shop as by_hand
from benchmarks.page import put

BEGIN, END = "<!-- retention: begin -->", "<!-- retention: end -->"
ACTS = {"erase": "erased", "anonymise": "anonymised"}
HAND, ONE, TWO = 0, 1, 2  # workers; none: the hand-written statement
MB = 1024


@dataclass(frozen=True)
class Figure:
    """One measurement: customers per second, and the most memory of a client and of a database process, in kB."""

    rate: float
    client: int
    backend: int


def measure_one(
    shop: by_hand.Shop, act: str, workers: int, *, turn: int = 0, prepare: Callable[[], object] | None = None
) -> Figure:
    """Do the work once in a fresh copy, check it, and return its figures."""
    from benchmarks import engine

    with shop.copy(f"{shop.template}_{act}_{workers}_{turn}") as database:
        with by_hand.Backends(shop, database) as backends:
            if workers:
                target = engine.make_target(shop, database, act, workers=workers)
                told = engine.run(target, workers=workers, rows=shop.expired, prepare=prepare)
                seconds, memory = told.seconds, told.memory
            else:
                seconds, memory = _hand(shop, database, act)
        shop.check(database, act)
    figure = Figure(shop.expired / seconds, memory, backends.peak)
    print(
        f"{act}, {('by hand', 'one worker', 'two workers')[workers]}: {figure.rate:,.0f}/s, {seconds:.1f} s", flush=True
    )
    return figure


def _hand(shop: by_hand.Shop, database: str, act: str) -> tuple[float, int]:
    context = multiprocessing.get_context("spawn")  # nothing of this process's memory
    told = context.Queue()
    process = context.Process(target=by_hand.by_hand, args=(shop, database, act, told))
    process.start()
    found = told.get(timeout=3600)
    process.join()
    return found


def measure(shop: by_hand.Shop, runs: int) -> dict[tuple[str, int], list[Figure]]:
    """Measure everything as often as asked, each time in another order."""
    found: dict[tuple[str, int], list[Figure]] = {}
    every = [(act, workers) for act in ACTS for workers in (HAND, ONE, TWO)]
    for turn in range(runs):
        at = turn * 2 % len(every)
        for act, workers in every[at:] + every[:at]:
            found.setdefault((act, workers), []).append(measure_one(shop, act, workers, turn=turn))
    return found


def page(found: dict[tuple[str, int], list[Figure]], shop: by_hand.Shop, about: dict[str, str], runs: int) -> str:
    """Return the section of docs/performance.md."""
    lines = []
    for act, done in ACTS.items():
        figures = [found[act, workers] for workers in (HAND, ONE, TWO)]
        rates = [statistics.median(one.rate for one in each) for each in figures]
        ratios = [
            statistics.median(one.rate / hand.rate for one, hand in zip(each, figures[HAND], strict=True))
            for each in figures[ONE:]
        ]
        lines.append(
            f"| customers {done} per second | {rates[0]:,.0f} | {rates[1]:,.0f} | {ratios[0]:.2f} "
            f"| {rates[2]:,.0f} | {ratios[1]:.2f} |"
        )
        for name, words in (("client", "a client process"), ("backend", "a database process")):
            peaks = [max(getattr(one, name) for one in each) / MB for each in figures]
            shown = [f"{peak:,.0f}" if peak else "" for peak in peaks]
            lines.append(f"| peak memory of {words}, {act} (MB) | {shown[0]} | {shown[1]} | | {shown[2]} | |")
    told = ", ".join(f"{name} {value}" for name, value in about.items()).removeprefix("server_version ")
    table = "\n".join(lines)
    said = _SAID.format(rows=shop.rows, orders=2 * shop.rows, expired=shop.expired)
    words = (
        f"`python -m benchmarks.retention --rows {shop.rows} --runs {runs}`, {os.cpu_count()} cores, "
        f"PostgreSQL {told}. "
        f"{_MEDIANS.format(runs=runs) if runs > 1 else ''}{' '.join(said.split())}"
    )
    return (
        f"{BEGIN}\n## Erasing and anonymising\n\n{textwrap.fill(words, 118, break_on_hyphens=False)}\n\n"
        "| | one statement | one worker | ratio | two workers | ratio |\n|---|---:|---:|---:|---:|---:|\n"
        f"{table}\n{END}\n"
    )


_MEDIANS = "Medians of {runs} runs, ratios within each run, memory the highest; the order changes from run to run. "
_SAID = """
{rows:,} customers of 17 columns with five indexes, {orders:,} orders and {rows:,} events that hang on them;
{expired:,} customers are expired, on every page. Each figure is of a fresh copy, after a checkpoint.
The statement is a `DELETE` whose foreign keys cascade, or an `UPDATE` of six columns (two constants, two emptied, a
hash, a date reduced to its year). The engine does the same as a run of a previewed and armed target, in batches of
5,000: the time goes from the order to the end of the run, so that it includes counting before and after, the keys
sealed before each batch, the digests and the evidence. Everything is checked after each measurement: exactly the
expired rows are gone or treated, no other has changed, and in the end the ledger verifies. The memory of a database
process is its own, without what it shares."""


def shop_of(rows: int) -> by_hand.Shop:
    """Return the shop on the server of the business databases."""
    from django.conf import settings

    if not settings.DEMO_DATABASE_URL:
        sys.exit("DEMO_DATABASE_URL does not name a server on which databases may be made.")
    parts = urlsplit(settings.DEMO_DATABASE_URL)
    login = {
        "host": parts.hostname,
        "port": parts.port or 5432,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    }
    today = datetime.now(ZoneInfo("Europe/Paris")).date()
    return by_hand.Shop(login, f"bench_shop_{os.getpid()}", rows - rows % by_hand.SHARE, today)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retention", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="tell where the engine's time goes; write no page")
    parser.add_argument("--no-page", action="store_true", help="leave docs/performance.md as it is")
    given = parser.parse_args()

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from benchmarks import engine, stopwatch
    from benchmarks.ledger import own_database, server

    shop = shop_of(given.rows)
    with own_database():
        about = server() | {"load average at the start": f"{os.getloadavg()[0]:.1f}"}
        if about["fsync"] != "on":
            sys.exit("fsync is off: the figures would mean nothing. Turn it on.")
        engine.make_rules()
        try:
            shop.fill()
            if given.profile:
                for act in ACTS:
                    measure_one(shop, act, ONE, prepare=stopwatch.start)
                return
            found = measure(shop, given.runs)
            engine.check_evidence(2 * len(ACTS) * given.runs)
        finally:
            shop.drop(shop.template)
    text = page(found, shop, about, given.runs)
    print(text)
    if not given.no_page:
        put(text, BEGIN, END)


if __name__ == "__main__":
    main()
