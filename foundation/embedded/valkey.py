"""The application's own Valkey: messages between processes, nothing that must survive a stop."""

import socket
import time
from contextlib import suppress
from pathlib import Path

from foundation.embedded import binaries, places
from foundation.embedded.account import Account
from foundation.embedded.errors import EmbeddedServersError
from foundation.embedded.files import passwords, write_private
from foundation.embedded.process import Process

START_SECONDS = 30
CONFIGURATION = """\
port 0
unixsocket {folder}/valkey.sock
unixsocketperm 600
requirepass {password}
dir {folder}
save ""
appendonly no
maxmemory-policy noeviction
daemonize no
"""


class Valkey:
    def __init__(self, root: Path) -> None:
        self.account = Account.of_servers()
        self._log = root / "valkey" / "valkey.log"
        self._program = binaries.reachable_program(
            binaries.VALKEY, self.account, lambda: places.home_of(root, self.account)
        )
        self._folder = places.socket_directory(root / "valkey", self.account)
        self._socket = self._folder / "valkey.sock"
        self._password = passwords(root / "valkey" / "passwords.json", ("valkey",))[0]["valkey"]
        self._process: Process | None = None

    def start(self) -> dict[str, str]:
        self._stop_leftover()
        configuration = self._folder / "valkey.conf"
        text = CONFIGURATION.format(folder=self._folder, password=self._password)
        write_private(configuration, text, owner=(self.account.uid, self.account.gid))
        self._process = Process([self._program, configuration], self.account, self._log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers("PING"):
            if not self._process.alive or time.monotonic() > deadline:
                words = self._process.last_words()
                self.stop()
                raise EmbeddedServersError(
                    f"Valkey did not start. Its last words: {words}\nNothing was lost. The whole log is {self._log}; "
                    "an outside server can be used by setting REDIS_URL."
                )
            time.sleep(0.02)
        url = f"redis+socket://:{self._password}@{self._socket}?virtual_host=0"
        return {"broker_url": url, "socket": str(self._socket)}

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.alive

    def stop(self) -> None:
        if self._process:
            self._process.stop()
        self._stop_leftover()
        (self._folder / "valkey.conf").unlink(missing_ok=True)
        with suppress(OSError):
            self._folder.rmdir()

    def _stop_leftover(self) -> None:
        """End a server whose keeper and watchdog were killed: by its own protocol, so nobody else can be hit."""
        self._answers("SHUTDOWN NOSAVE")
        deadline = time.monotonic() + START_SECONDS
        while self._answers("PING") and time.monotonic() < deadline:
            time.sleep(0.02)
        self._socket.unlink(missing_ok=True)

    def _answers(self, command: str) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(str(self._socket))
                connection.sendall(f"AUTH {self._password}\r\n{command}\r\n".encode())
                return connection.recv(100).startswith(b"+OK")
        except OSError:
            return False
