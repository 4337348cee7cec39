"""The database of an installation: dumped as it stood at one moment, replaced in one transaction."""

import itertools
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from foundation.backup.errors import BackupRefused
from foundation.backup.programs import Programs
from foundation.database import privileges
from foundation.database.base import as_owner

TURN = 0x67726567  # names our advisory lock: one restore at a time, and none while its traces are settled
PEOPLE_AND_REGISTERS = ("foundation_user", "foundation_register")
TABLE = re.compile(r"^\d+; \d+ \d+ TABLE public (\S+) ", re.MULTILINE)
MADE_ALREADY = b"CREATE SCHEMA public;\n"
TOO_NEW_FOR_OLDER_SERVERS = b"SET transaction_timeout = 0;\n"
TIMEOUTS_SINCE = 170000
HEADER_LINES = 60
PSQL = ["--no-psqlrc", "--quiet", "--no-password", "--output=/dev/null"]
PSQL += [f"--set={name}" for name in ("ON_ERROR_STOP=1", "VERBOSITY=terse", "SHOW_CONTEXT=never")]
WORDS = 800
ENDING_SECONDS = 1.0  # what a closed session may take to end on a busy machine
SIGNED_IN = ("django_session", "usersessions_usersession")
# who reads a backup gets nobody's session and no visitor's address
LEFT_OUT = ["--no-unlogged-table-data", *(f"--exclude-table-data=public.{table}" for table in SIGNED_IN)]
STOPPED = "foundation_halt"


def server_version() -> int:
    with connection.cursor():
        return int(connection.pg_version)  # type: ignore[attr-defined]


def migrations() -> list[str]:
    recorder = MigrationRecorder(connection)
    return sorted(f"{app}.{name}" for app, name in recorder.applied_migrations()) if recorder.has_table() else []


def has_tables() -> bool:
    with connection.cursor() as cursor:
        return bool(connection.introspection.table_names(cursor))


def holds_somebody() -> bool:
    """Tell whether the database has a person or a register."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) & set(PEOPLE_AND_REGISTERS)
        for table in sorted(tables):
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(sql.Identifier(table)))
            if cursor.fetchone()[0]:
                return True
    return False


def refuse_other_sessions() -> None:
    """Refuse while others are connected. A session that was closed a moment ago, our own too, may take one to end."""
    deadline = time.monotonic() + ENDING_SECONDS
    while (count := _other_sessions()) and time.monotonic() < deadline:
        time.sleep(0.05)
    if count:
        raise BackupRefused(
            f"{count} other session(s) are connected to this database: stop web, worker and beat first, wherever they "
            "run. Nothing was changed."
        )


def _other_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND usename IS NOT NULL"
        )
        return int(cursor.fetchone()[0])


def dump(programs: Programs, target: Path) -> None:
    """Write the whole of the application's schema, as one moment saw it."""
    arguments = ["--format=custom", "--schema=public", "--no-password", f"--file={target}", *LEFT_OUT]
    done = subprocess.run(  # noqa: S603 our own command
        programs.command("pg_dump", *arguments, f"--dbname={programs.conninfo}"),
        env=programs.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BackupRefused(f"pg_dump failed: {done.stderr.strip()[-WORDS:]}\nNo backup was made.")


def replace(programs: Programs, dump: Path, *, identifier: str, keep: bool) -> None:
    """Put the dump in the place of what is there, in one transaction; what was there stays as another schema.

    The script brings its own COMMIT, as its last line: if whoever writes it is killed, psql sees the end without one.
    """
    script = _before(identifier), _after(identifier, _tables(programs, dump), keep=keep)
    left_out = {MADE_ALREADY}
    if server_version() < TIMEOUTS_SINCE:
        left_out.add(TOO_NEW_FOR_OLDER_SERVERS)
    connection.close()
    restoring = programs.command("pg_restore", "--no-owner", "--no-privileges", "--no-comments", "--file=-", str(dump))
    with (
        subprocess.Popen(restoring, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as source,  # noqa: S603
        subprocess.Popen(  # noqa: S603 our own command
            programs.command("psql", *PSQL, f"--dbname={programs.conninfo}"),
            env=programs.environment,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as target,
    ):
        whole = _pass_on(source, target, script, leave_out=left_out)
        assert source.stdout is not None is not source.stderr
        assert target.stderr is not None
        source.stdout.close()  # or pg_restore would wait for a reader for ever
        words = (target.stderr.read() + source.stderr.read()).decode(errors="replace")
    if not whole or target.returncode != 0:
        raise BackupRefused(f"The database took nothing of the backup: {words.strip()[-WORDS:]}\nNothing was changed.")


def _tables(programs: Programs, dump: Path) -> set[str]:
    listed = subprocess.run(  # noqa: S603 our own command
        programs.command("pg_restore", "--list", str(dump)), capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        raise BackupRefused(f"pg_restore cannot read the backup: {listed.stderr.strip()[-WORDS:]}")
    return set(TABLE.findall(listed.stdout))


def _pass_on(
    source: "subprocess.Popen[bytes]",
    target: "subprocess.Popen[bytes]",
    script: tuple[Iterator[sql.Composed], Iterator[sql.Composed]],
    *,
    leave_out: set[bytes],
) -> bool:
    """Write what comes before, the dump, what comes after; tell whether all of it was written."""
    assert source.stdout is not None is not target.stdin
    before, after = script
    with suppress(BrokenPipeError), target.stdin as pipe:  # broken: psql has given up, and says why
        pipe.write(_text(before))
        for line in itertools.islice(source.stdout, HEADER_LINES):
            pipe.write(b"" if line in leave_out else line)
        shutil.copyfileobj(source.stdout, pipe)
        if source.wait() == 0:
            pipe.write(_text(after) + b"COMMIT;\n")
            return True
    return False


def kept_schema(identifier: str) -> str:
    return f"before_restore_{identifier}"


def _before(identifier: str) -> Iterator[sql.Composed]:
    kept = sql.Identifier(kept_schema(identifier))
    application = sql.Identifier(privileges.application_role())
    yield sql.SQL("BEGIN; SELECT pg_advisory_xact_lock({})").format(sql.Literal(TURN))
    # a psql that outlived its killed parent must not come after the traces were settled
    yield sql.SQL(
        "DO $do$ BEGIN IF obj_description('public'::regnamespace) = {} THEN RAISE 'this restore was undone'; END IF; "
        "END $do$"
    ).format(sql.Literal(_undone(identifier)))
    yield sql.SQL("ALTER SCHEMA public RENAME TO {}").format(kept)
    yield sql.SQL("REVOKE ALL ON SCHEMA {} FROM PUBLIC, {}").format(kept, application)
    yield sql.SQL("CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC").format()
    yield from privileges.defaults()


def _after(identifier: str, tables: set[str], *, keep: bool) -> Iterator[sql.Composed]:
    yield sql.SQL("RESET search_path").format()
    yield from privileges.withdrawals(tables)
    if not keep:
        yield sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(kept_schema(identifier)))
    for table in SIGNED_IN:  # in backups of older releases: a session that was ended since would live again
        if table in tables:
            yield sql.SQL("DELETE FROM public.{}").format(sql.Identifier(table))
    if STOPPED in tables:  # what was open then may be done since, mails that were sent included
        yield sql.SQL(
            "INSERT INTO public.{} (register_id, kind, reason, ordered_by_id, ordered_at) SELECT NULL, '', "
            "'restored on ' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ': look, then `manage.py jobs go-on`'"
            ", NULL, now() ON CONFLICT DO NOTHING"
        ).format(sql.Identifier(STOPPED))
    yield sql.SQL("COMMENT ON SCHEMA public IS {}").format(sql.Literal(_done(identifier)))


def _done(identifier: str) -> str:
    return f"restored {identifier}"


def _undone(identifier: str) -> str:
    return f"undone {identifier}"


def settled(identifier: str) -> bool:
    """Wait for that restore's transaction; tell whether it has been done, and see to it that it will not be later."""
    with as_owner(connection), connection.cursor() as cursor:  # type: ignore[arg-type]
        cursor.execute("SELECT pg_advisory_lock(%s)", [TURN])  # given back when the connection is closed
        cursor.execute("SELECT obj_description('public'::regnamespace)")
        done: Any = cursor.fetchone()[0] == _done(identifier)
        if not done:
            statement = sql.SQL("COMMENT ON SCHEMA public IS {}").format(sql.Literal(_undone(identifier)))
            cursor.execute(statement)
    return bool(done)


def refuse_to_take_back_nothing(identifier: str) -> None:
    refuse_other_sessions()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NULL", [kept_schema(identifier)])
        (gone,) = cursor.fetchone()
    connection.close()
    if gone:
        raise BackupRefused(
            f"The restore cannot be undone: the schema {kept_schema(identifier)} is not there; the database was empty "
            "before, or somebody dropped it. Mend the cause and run `manage.py restore` without a file; or begin again "
            "with an empty database and another GREFFIER_VAR."
        )


def take_back(identifier: str) -> None:
    """Put what a restore kept aside in the place of what it brought, in one transaction."""
    kept = sql.Identifier(kept_schema(identifier))
    with as_owner(connection), transaction.atomic(), connection.cursor() as cursor:  # type: ignore[arg-type]
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute(sql.SQL("ALTER SCHEMA {} RENAME TO public").format(kept))
        cursor.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        for statement in privileges.defaults():
            cursor.execute(statement)
        cursor.execute(sql.SQL("COMMENT ON SCHEMA public IS {}").format(sql.Literal(_undone(identifier))))


def _text(statements: Iterator[sql.Composed]) -> bytes:
    return "".join(f"{statement.as_string()};\n" for statement in statements).encode()
