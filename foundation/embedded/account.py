"""The operating system user that the servers run as: never root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from foundation.embedded.errors import EmbeddedServersError

UNPRIVILEGED = ("postgres", "nobody")
OUTSIDE = "Give the application outside servers instead: set DATABASE_URL and REDIS_URL."


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int
    dropped: bool  # we are root and the server is not

    @classmethod
    def of_servers(cls, data: Path | None = None) -> Self:
        """Ourselves; for root, the owner of the data that is there, else `postgres` or `nobody`."""
        if os.geteuid() != 0:
            return cls._mine()
        owner = data.stat().st_uid if data and data.exists() else 0
        for name in UNPRIVILEGED:
            with suppress(KeyError):
                entry = pwd.getpwuid(owner) if owner else pwd.getpwnam(name)
                return cls(entry.pw_name, entry.pw_uid, entry.pw_gid, dropped=True)
        raise EmbeddedServersError(
            f"PostgreSQL does not run as root, and this machine has none of the users {', '.join(UNPRIVILEGED)}. "
            f"Nothing was changed. Run the application as an ordinary user. {OUTSIDE}"
        )

    @classmethod
    def _mine(cls) -> Self:
        try:
            entry = pwd.getpwuid(os.geteuid())
        except KeyError:
            raise EmbeddedServersError(
                f"User number {os.geteuid()} has no entry in the user database, and PostgreSQL needs one. "
                f"Nothing was changed. {OUTSIDE}"
            ) from None
        return cls(entry.pw_name, os.geteuid(), os.getegid(), dropped=False)

    @property
    def spawn_options(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.dropped else {}

    def run(self, command: Sequence[str | Path], *, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 our own command
            [str(part) for part in command],
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env=environment(),
            umask=0o077,
            **self.spawn_options,
        )

    def can_enter(self, directory: Path) -> bool:
        """Ask the kernel, as that user: mode bits alone do not tell (access lists, mounts)."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", directory]).returncode == 0

    def can_run(self, command: Sequence[str | Path]) -> bool:
        try:
            return self.run(command).returncode == 0
        except OSError:  # closed to the user, or made for another C library
            return False

    def own_directory(self, directory: Path) -> None:
        """Make a directory that only this user can use."""
        directory.mkdir(mode=0o700, exist_ok=True)
        if self.dropped and directory.lstat().st_uid == 0:
            os.chown(directory, self.uid, self.gid, follow_symlinks=False)


def environment() -> dict[str, str]:
    """What a server sees: no locale, library path or PG* variable of whoever came first."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}
