"""The port of this machine at which the example databases are reached, and only they."""

import secrets
import socket
from contextlib import suppress
from pathlib import Path

from foundation.embedded.files import write_private

ADDRESS = "127.0.0.1"
PORTS = range(20_000, 32_000)  # below those that systems hand out by themselves
TAKEN = "could not create any TCP/IP sockets"  # PostgreSQL's words
TRIES = 20


class Port:
    """A free port, the one of the last start if nobody has taken it; none where the machine gives none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.number = 0

    def choose(self) -> None:
        """Take the port of the last start, or another that is free."""
        for number in (self.number or self._kept(), *(secrets.choice(PORTS) for _ in range(TRIES))):
            if number and _is_free(number):
                if number != self._kept():
                    write_private(self._path, str(number))
                self.number = number
                return
        self.number = 0

    def choose_another(self, *, none: bool) -> None:
        """Take another port, as somebody was faster; in the end none: the register is not to wait for examples."""
        self._path.unlink(missing_ok=True)
        self.number = 0
        if not none:
            self.choose()

    def _kept(self) -> int:
        with suppress(FileNotFoundError, ValueError):
            number = int(self._path.read_text())
            return number if number in PORTS else 0
        return 0


def _is_free(number: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL does: old connections do not count
        try:
            probe.bind((ADDRESS, number))
        except OSError:
            return False
    return True
