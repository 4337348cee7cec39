"""gunicorn's settings: our log from its first line, and the figures of its processes gathered in one folder.

python -m gunicorn --config python:config.gunicorn config.wsgi --bind …
"""

import os
from pathlib import Path
from typing import Any

from foundation.watch import figures
from foundation.watch.gunicorn import Logger

logger_class = Logger
accesslog = None  # `foundation.watch.middleware` logs each request, without addresses and query strings
METRICS_DIR = os.environ.get("GREFFIER_METRICS_DIR", "")
if METRICS_DIR:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = METRICS_DIR  # prometheus_client reads it when it is imported


def on_starting(server: Any) -> None:
    """Begin with an empty folder: the figures of processes that are no more belong to what ran before."""
    if METRICS_DIR:
        figures.forget_the_dead(Path(METRICS_DIR))


def child_exit(server: Any, worker: Any) -> None:
    """Have the figures know which process has ended."""
    if METRICS_DIR:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
