"""Who uses an installation: every process holds a shared lock all its life, a restore an exclusive one."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from foundation.backup.errors import BackupRefused
from foundation.embedded.files import locked

LOCK = "running.lock"
JOURNAL = "restore-in-progress.json"

_held: dict[Path, int] = {}


def enter(var: Path, *, to_restore: bool) -> None:
    """Count this process as one that uses `var` until it ends; refuse where a restore is under way or was cut short."""
    if var not in _held:
        with suppress(OSError):  # a folder that is not ours to write: the sessions of the database tell then
            var.mkdir(parents=True, exist_ok=True)
            _held[var] = os.open(var / LOCK, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    if var in _held and not locked(_held[var], fcntl.LOCK_SH):
        raise ImproperlyConfigured("A backup is being restored here: start again when that has ended.")
    if (var / JOURNAL).exists() and not to_restore:
        raise ImproperlyConfigured(
            "Restoring a backup was cut short here. Run `manage.py restore` without a file: it finishes the restore "
            "if the database has been replaced already, and undoes it otherwise. If it cannot be finished: `manage.py "
            "restore --undo`."
        )


@contextmanager
def alone(var: Path) -> Iterator[None]:
    """Be the only process that uses `var` for the length of the block."""
    if var not in _held:
        raise BackupRefused(f"{var} cannot be written: a restore needs it. Nothing was changed.")
    if not locked(_held[var], fcntl.LOCK_EX):
        locked(_held[var], fcntl.LOCK_SH)
        raise BackupRefused(
            "Other processes of Greffier are running here: stop web, worker and beat first (Ctrl-C ends `make run`). "
            "Nothing was changed."
        )
    try:
        yield
    finally:
        locked(_held[var], fcntl.LOCK_SH)
