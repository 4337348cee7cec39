"""What PostgreSQL says of the work, read when it is asked for: counts and seconds, no name, number or address."""

import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from foundation.jobs import kinds
from foundation.jobs.ticking import TICKS_OF_SILENCE
from foundation.watch.health import briefly

logger = logging.getLogger(__name__)
Family = GaugeMetricFamily
Gauges = Callable[[Any], Iterator[GaugeMetricFamily]]
_gauges: Final[list[Gauges]] = []


def gauges(function: Gauges) -> Gauges:
    """Have a function asked at each scrape: it gets a cursor and yields families of gauges, from any app's `work`."""
    _gauges.append(function)
    return function


class FromTheDatabase(Collector):
    """Every declared gauge; without a database, the one gauge that says so."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found: list[GaugeMetricFamily] = []
        try:
            with briefly() as cursor:
                for function in _gauges:
                    found += function(cursor)
        except (DatabaseError, InterfaceError) as failure:
            logger.warning("The figures could not be read (%s).", type(failure).__name__)
            found = []
        finally:
            connection.close()  # each scrape has a thread of its own
        yield one("greffier_database_up", "1 while the database answers", 1 if found else 0)
        yield from found


def one(name: str, meaning: str, value: float | None) -> GaugeMetricFamily:
    """Return a gauge without labels; without a value it is shown by name only."""
    return Family(name, meaning, value=None if value is None else float(value))


def by(name: str, meaning: str, labels: list[str], rows: list[tuple[Any, ...]]) -> GaugeMetricFamily:
    """Return a gauge with one value per row: its labels, then its value."""
    family = Family(name, meaning, labels=labels)
    for *values, number in rows:
        family.add_metric([str(value) for value in values], float(number))
    return family


JOBS = """
SELECT state, kind, count(*) FROM foundation_job WHERE state IN ('asked', 'running', 'paused', 'failed')
GROUP BY state, kind
"""
WAITING = """
SELECT coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE state = 'asked' AND due_at <= now())), 0),
       count(*) FILTER (WHERE state = 'running' AND lease_until < now())
FROM foundation_job WHERE state IN ('asked', 'running')
"""
PULSES = """
SELECT extract(epoch FROM now() - max(seen_at) FILTER (WHERE name = 'tick')),
       extract(epoch FROM now() - max(seen_at) FILTER (WHERE name LIKE 'worker %%')),
       count(*) FILTER (WHERE name LIKE 'worker %%' AND seen_at > now() - make_interval(secs => %s))
FROM foundation_pulse
"""


@gauges
def jobs(cursor: Any) -> Iterator[GaugeMetricFamily]:
    cursor.execute(JOBS)
    counted = {(state, kind): number for state, kind, number in cursor.fetchall()}
    shown = {(state, kind): 0 for state in ("asked", "running", "failed") for kind, _title in kinds.choices()} | counted
    rows = [(*key, number) for key, number in sorted(shown.items())]
    yield by("greffier_jobs", "Jobs by state and kind; those done are not counted", ["state", "kind"], rows)
    cursor.execute(WAITING)
    oldest, abandoned = cursor.fetchone()
    yield one("greffier_oldest_due_job_seconds", "For how long the oldest due job has waited", oldest)
    yield one("greffier_jobs_past_lease", "Running jobs whose worker fell silent", abandoned)
    cursor.execute("SELECT count(*) FROM foundation_halt")
    yield one("greffier_halts", "Stops of work in force", cursor.fetchone()[0])


@gauges
def pulses(cursor: Any) -> Iterator[GaugeMetricFamily]:
    cursor.execute(PULSES, [TICKS_OF_SILENCE * settings.TICK_SECONDS])
    tick, worker, workers = cursor.fetchone()
    yield one("greffier_seconds_since_tick", "Since beat and a worker were last heard together", tick)
    yield one("greffier_seconds_since_worker", "Since any worker was last heard", worker)
    yield one("greffier_workers_seen", "Workers heard within three ticks", workers)
