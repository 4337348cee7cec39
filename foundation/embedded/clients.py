"""A client's side: be counted, see that a keeper runs, learn where its server is."""

import fcntl
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from foundation.embedded.errors import EmbeddedServersError
from foundation.embedded.files import locked, make_directory, open_private

WAIT_SECONDS = 120
PAUSE_SECONDS = 0.03
ATTEMPTS = 3
IMPORT_ROOT = Path(__file__).resolve().parents[2]

_held: dict[Path, int] = {}


def join(root: Path, kind: str, *, grace_seconds: float) -> dict[str, str]:
    """Count this process as a client until it ends, however it ends; return the endpoints of the running server."""
    folder = root / kind
    deadline = time.monotonic() + WAIT_SECONDS
    try:
        make_directory(root)
        make_directory(folder)
        if folder not in _held:
            _held[folder] = _counted(folder, deadline)
        return _Waiting(root, kind, grace_seconds).until(deadline)
    except PermissionError as error:
        raise EmbeddedServersError(
            f"{error.filename or folder} is not ours: the servers in {root} were first started by another user. "
            "Nothing was changed. Run the application as that user, or set DATABASE_URL and REDIS_URL."
        ) from None


def _counted(folder: Path, deadline: float) -> int:
    descriptor = open_private(folder / "clients.lock")
    for _ in _until(deadline):  # refused only while a keeper looks, or is ending its server
        if locked(descriptor, fcntl.LOCK_SH):
            return descriptor
    os.close(descriptor)
    raise EmbeddedServersError(
        f"A server is still shutting down after {WAIT_SECONDS} seconds. Nothing was lost. Its logs are in {folder}."
    )


def _until(deadline: float) -> Iterator[None]:
    while time.monotonic() < deadline:
        yield
        time.sleep(PAUSE_SECONDS)


class _Waiting:
    def __init__(self, root: Path, kind: str, grace_seconds: float) -> None:
        self._root = root
        self._kind = kind
        self._folder = root / kind
        self._grace_seconds = grace_seconds
        self._report: int | None = None
        self._attempts = 0

    def until(self, deadline: float) -> dict[str, str]:
        try:
            for _ in _until(deadline):
                endpoints = self._published()
                if endpoints is not None:
                    return endpoints
                self._see_to_a_keeper()
        finally:
            if self._report is not None:
                os.close(self._report)
        raise EmbeddedServersError(
            f"The {self._kind} server did not answer within {WAIT_SECONDS} seconds. What was there was kept. "
            f"After a crash it may still be recovering: try again. If it runs in another container, its socket "
            f"is out of reach: use an outside server. The logs are in {self._folder}."
        )

    def _published(self) -> dict[str, str] | None:
        """Return the endpoints if the keeper that wrote them lives, which its lock tells, and its server listens."""
        try:
            descriptor = open_private(self._folder / "endpoints.json", os.O_RDONLY)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor) as file:
            if locked(descriptor, fcntl.LOCK_SH):
                return None
            endpoints: dict[str, str] = json.load(file)
        return endpoints if _listens(endpoints["socket"]) else None

    def _see_to_a_keeper(self) -> None:
        if self._report is None:
            lock = open_private(self._folder / "keeper.lock")
            if locked(lock, fcntl.LOCK_EX):
                self._report = self._start_keeper(lock)
            os.close(lock)
            return
        if not select.select([self._report], [], [], 0)[0]:
            return
        text = os.read(self._report, 10_000).decode()
        os.close(self._report)
        self._report = None
        self._attempts += 1
        if text:
            raise EmbeddedServersError(text)
        if self._attempts >= ATTEMPTS and self._published() is None:
            raise EmbeddedServersError(
                f"The keeper of the {self._kind} server ended without a word, {ATTEMPTS} times. "
                f"What was there was kept. Its log is {self._folder / 'keeper.log'}; "
                "an outside server can be used instead."
            )

    def _start_keeper(self, lock: int) -> int:
        """Start a keeper that inherits the lock; return the pipe on which it reports a failure."""
        reading, writing = os.pipe()
        output = open_private(self._folder / "keeper.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        arguments = [self._kind, str(self._root), str(self._grace_seconds), str(writing), str(lock)]
        try:
            subprocess.run(  # noqa: S603 our own command
                [sys.executable, "-m", "foundation.embedded.keeper", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=_environment(),
                start_new_session=True,
                pass_fds=(writing, lock),
                check=False,
            )
        finally:
            os.close(writing)
            os.close(output)
        return reading


def _environment() -> dict[str, str]:
    """Without PG* variables, which would change how the keeper connects; with the way to this package."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    path = os.environ.get("PYTHONPATH")
    return kept | {"PYTHONPATH": f"{IMPORT_ROOT}{os.pathsep}{path}" if path else str(IMPORT_ROOT)}


def _listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(path)
        except OSError:
            return False
    return True
