"""The migrated test database, brought to servers of a test's own: quicker than to migrate there once more."""

import subprocess
from typing import Any

from django.db import connection

from foundation.embedded import binaries


def program(name: str) -> str:
    return str(binaries.POSTGRES.program_in(binaries.POSTGRES.packages()).parent / name)


def dumped(database: str) -> bytes:
    """Return a database of the tests' server as statements."""
    here, owner = connection.settings_dict, connection.settings_dict["OWNER"]
    dump = subprocess.run(
        [program("pg_dump"), "-h", here["HOST"], "-p", str(here["PORT"]), "-U", owner["USER"], database],
        env={"PGPASSWORD": owner["PASSWORD"]},
        capture_output=True,
        check=True,
    )
    return dump.stdout


def restored(dump: bytes, endpoints: dict[str, Any]) -> None:
    """Bring it to an empty database of embedded servers, whose roles have the same names."""
    a = endpoints
    to = ["-h", a["host"], "-p", str(a["port"]), "-U", a["owner_user"], a["database"]]
    subprocess.run(
        [program("psql"), "-q", "-v", "ON_ERROR_STOP=1", *to],
        input=dump,
        env={"PGPASSWORD": a["owner_password"]},
        capture_output=True,
        check=True,
    )
