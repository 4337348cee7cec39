"""Requests counted and timed by route, method and class of status; gunicorn's processes share the figures as files."""

from typing import Final

from prometheus_client import Histogram

SECONDS: Final = Histogram(
    "greffier_request_seconds",
    "Time to answer, by name of route, method and class of status",
    ["route", "method", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)


def count(*, route: str, method: str, status: int, seconds: float) -> None:
    """Add a request to the figures."""
    SECONDS.labels(route=route, method=method, status=f"{status // 100}xx").observe(seconds)
