"""Small private files: written whole or not at all, readable by their owner only."""

import fcntl
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o600
PRIVATE_DIRECTORY = 0o700
CROSSABLE_DIRECTORY = 0o711  # the unprivileged server may walk through it, not list it


def make_directory(directory: Path) -> None:
    """Make a directory that root's server can cross; one that exists already keeps its mode."""
    if not directory.is_dir():
        directory.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            directory.mkdir()
            directory.chmod(CROSSABLE_DIRECTORY if os.geteuid() == 0 else PRIVATE_DIRECTORY)


def open_private(path: Path, flags: int = os.O_RDWR | os.O_CREAT) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)


def write_private(path: Path, text: str, *, owner: tuple[int, int] | None = None) -> None:
    """Replace `path` in one step, so that it outlasts a power cut."""
    descriptor = _replace(path, text, owner)
    os.close(descriptor)


def write_locked(path: Path, text: str) -> int:
    """Replace `path` in one step; return a descriptor that holds the lock of the new file."""
    return _replace(path, text, None, lock=True)


def _replace(path: Path, text: str, owner: tuple[int, int] | None, *, lock: bool = False) -> int:
    temporary = path.with_name(f"{path.name}.new-{secrets.token_hex(4)}")
    descriptor = open_private(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        if owner:
            os.fchown(descriptor, *owner)
        os.write(descriptor, text.encode())
        if lock:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # a lock is worth nothing after a power cut
        else:
            os.fsync(descriptor)
        temporary.rename(path)
    except BaseException:
        os.close(descriptor)
        temporary.unlink(missing_ok=True)
        raise
    return descriptor


def locked(descriptor: int, how: int) -> bool:
    """Try for a lock without waiting. The kernel drops it when the last process that holds the descriptor ends."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def passwords(path: Path, names: tuple[str, ...]) -> tuple[dict[str, str], bool]:
    """Return the random passwords kept in `path`, and whether all had to be made now; a new name gets its own."""
    kept: dict[str, str] = {}
    with suppress(FileNotFoundError, ValueError):
        found = json.loads(path.read_text())
        kept = {name: str(found[name]) for name in names if name in found} if isinstance(found, dict) else {}
    if set(names) <= set(kept):
        return kept, False
    made = {name: kept.get(name) or secrets.token_urlsafe(24) for name in names}
    write_private(path, json.dumps(made))
    return made, names[0] not in kept
