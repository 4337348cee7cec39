"""A server process under its watchdog."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from foundation.embedded.account import Account, environment
from foundation.embedded.files import open_private

WATCHDOG = Path(__file__).with_name("watchdog.py")
LOG_BYTES = 10 * 1024 * 1024
STOP_SECONDS = 60


class Process:
    """One start of one server, from its first word to its end."""

    def __init__(self, command: Sequence[str | Path], account: Account, log: Path) -> None:
        self.log = log
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.rename(log.with_name(log.name + ".1"))
        output = open_private(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._log_start = os.fstat(output).st_size
        reading, self._leash = os.pipe()
        arguments = [sys.executable, "-I", str(WATCHDOG), json.dumps(account.spawn_options), *map(str, command)]
        self._watchdog = subprocess.Popen(  # noqa: S603 our own command
            arguments, stdin=reading, stdout=output, stderr=output, cwd="/", env=environment(), start_new_session=True
        )
        os.close(reading)
        os.close(output)

    @property
    def alive(self) -> bool:
        return self._watchdog.poll() is None

    def last_words(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")[-600:].strip() or "(it said nothing)"

    def stop(self) -> None:
        if self._leash >= 0:
            os.close(self._leash)
            self._leash = -1
        self._watchdog.wait(STOP_SECONDS)
