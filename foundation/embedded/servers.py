"""The one entrance: see that the application's own servers run, and tell where."""

import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from foundation.embedded.errors import EmbeddedServersError

GRACE_VARIABLE = "GREFFIER_SERVERS_GRACE"
GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class Endpoints:
    """Where the servers are; the fields of one that was not asked for are empty."""

    host: str = ""  # the folder of the socket
    port: str = ""
    database: str = ""
    owner_user: str = ""
    owner_password: str = ""
    app_user: str = ""
    app_password: str = ""
    business_host: str = ""  # for the example databases; empty where this machine has no network of its own
    business_port: str = ""
    business_user: str = ""
    business_password: str = ""
    archive_user: str = ""
    archive_password: str = ""
    broker_url: str = ""

    @property
    def business_url(self) -> str:
        """The address at which the example databases are made, password included; empty where there is none."""
        if not self.business_port:
            return ""
        login = f"{self.business_user}:{quote(self.business_password, safe='')}"
        return f"postgresql://{login}@{self.business_host}:{self.business_port}/postgres"

    def __repr__(self) -> str:
        return f"Endpoints(host={self.host!r}, database={self.database!r})"  # passwords stay out of logs


def ensure(root: Path, *, postgres: bool = True, valkey: bool = True) -> Endpoints:
    """Return where the servers of `root` are, started if need be; they run at least as long as this process."""
    if sys.platform == "win32" or os.name != "posix":
        raise EmbeddedServersError(
            "The application's own servers do not run on this operating system. Nothing was changed. Use outside "
            "servers: set DATABASE_URL and REDIS_URL."
        )
    from foundation.embedded import clients

    grace_seconds = _grace_seconds()
    kinds = [kind for kind, wanted in (("postgres", postgres), ("valkey", valkey)) if wanted]
    found: dict[str, str] = {}
    for kind in kinds:
        found |= clients.join(Path(root).resolve(), kind, grace_seconds=grace_seconds)
    found.pop("socket", None)
    return Endpoints(**found)


def _grace_seconds() -> float:
    text = os.environ.get(GRACE_VARIABLE, "")
    try:
        seconds = float(text) if text else GRACE_SECONDS
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise EmbeddedServersError(f"{GRACE_VARIABLE} must be a number of seconds, not {text!r}.")
    return seconds
