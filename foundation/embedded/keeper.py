"""The detached process that runs one server for all its clients, and ends it after the last one.

Started by `clients.join`, which already holds the keeper's lock and hands it over: there is never a second keeper.
"""

import fcntl
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from foundation.embedded.errors import EmbeddedServersError
from foundation.embedded.files import locked, open_private, write_locked

log = logging.getLogger("keeper")

TICK_SECONDS = 0.2
STARTS = 5  # of one keeper: a server that keeps dying is left alone


class Report:
    """The pipe to the client that started us: closed when the server runs, after the text of a failure otherwise."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def close(self, text: str = "") -> None:
        if self._descriptor >= 0:
            with suppress(BrokenPipeError):  # that client has ended
                os.write(self._descriptor, text.encode())
            os.close(self._descriptor)
            self._descriptor = -1


class Server(Protocol):
    def start(self) -> dict[str, str]: ...
    @property
    def alive(self) -> bool: ...
    def stop(self) -> None: ...


class Keeper:
    def __init__(self, folder: Path, grace_seconds: float) -> None:
        self._folder = folder
        self._grace_seconds = grace_seconds
        self._clients = open_private(folder / "clients.lock")
        self._told_to_stop = False
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_soon)

    def _stop_soon(self, *_: object) -> None:
        self._told_to_stop = True

    def keep(self, server: Server, report: Report) -> None:
        """Run the server until nobody needs it; start it again if it dies of something that is not our doing."""
        try:
            for _ in range(STARTS):
                with self._published(server.start()):
                    report.close()
                    reason = self._watch(server)
                log.info("%s", reason)
                if server.alive:
                    return
        finally:
            server.stop()
            log.info("stopped")

    @contextmanager
    def _published(self, endpoints: dict[str, str]) -> Iterator[None]:
        """Tell the clients where the server is. The file's lock says that the keeper who wrote it is alive."""
        path = self._folder / "endpoints.json"
        held = write_locked(path, json.dumps(endpoints))
        log.info("running at %s", endpoints["socket"])
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(held)

    def _watch(self, server: Server) -> str:
        free_since: float | None = None
        while not self._told_to_stop:
            time.sleep(min(TICK_SECONDS, max(self._grace_seconds / 3, 0.02)))
            if not server.alive:
                return "the server ended by itself"
            if not locked(self._clients, fcntl.LOCK_EX):
                free_since = None
                continue
            free_since = free_since or time.monotonic()
            if time.monotonic() - free_since >= self._grace_seconds:
                return "the last client is gone"  # the lock is kept: newcomers wait until we have ended
            fcntl.flock(self._clients, fcntl.LOCK_UN)
        return "told to stop"


def _server(kind: str, root: Path) -> Server:
    if kind == "postgres":
        from foundation.embedded.postgres import Postgres

        return Postgres(root)
    from foundation.embedded.valkey import Valkey

    return Valkey(root)


def main(kind: str, root: Path, grace_seconds: float, report: Report) -> int:
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s [{os.getpid()}] {kind}: %(message)s")
    keeper = Keeper(root / kind, grace_seconds)
    try:
        keeper.keep(_server(kind, root), report)
    except EmbeddedServersError as error:
        text = str(error)
    except OSError as error:
        text = f"The application's own {kind} server could not be started: {error}. What was there was kept."
    else:
        return 0
    log.error("%s", text)
    report.close(text)
    return 1


if __name__ == "__main__":
    # the lock's descriptor, the last argument, needs nothing but to stay open
    if os.fork():
        os._exit(0)  # whoever started us need not wait for our end
    os.chdir("/")
    os.umask(0o077)
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), Report(int(sys.argv[4]))))
