"""Waiting for processes that are not our children."""

import time
from collections.abc import Iterable

import psutil

PAUSE_SECONDS = 0.02


def left_of(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for these to end; return those that still run. One of which only its parent has to take note has ended."""
    deadline = time.monotonic() + seconds
    left = [process for process in processes if _runs(process)]
    while left and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
        left = [process for process in left if _runs(process)]
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
