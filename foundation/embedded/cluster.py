"""A data directory of PostgreSQL: made whole or not at all, and freed from what a killed server left."""

import logging
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from foundation.embedded.account import Account
from foundation.embedded.ends import left_of
from foundation.embedded.errors import EmbeddedServersError
from foundation.embedded.files import write_private
from foundation.embedded.roles import ADMIN
from foundation.files import write_through

log = logging.getLogger(__name__)

MAPPED = "dynamic_shared_memory_type=mmap"  # works everywhere
MEMORY_IN_USE = "pre-existing shared memory block"
STOP_SECONDS = 60


class Cluster:
    def __init__(self, folder: Path, program: Path, account: Account) -> None:
        self.program = program
        self._account = account
        self._folder = folder
        self.major = account.run([program, "--version"]).stdout.split()[2].split(".")[0]
        self.data = folder / self.major

    def prepare(self, password: str, *, password_is_new: bool) -> None:
        """Make the data directory if there is none; refuse one of another major version."""
        self._account.own_directory(self._folder)
        self._refuse_other_versions()
        for half_made in self._folder.glob("*.new-*"):
            if half_made.is_dir():
                shutil.rmtree(half_made, ignore_errors=True)  # a killed start's initdb may still be at it
            else:
                half_made.unlink()
        if not self.data.exists():
            self._make(password)
        elif password_is_new:
            self.stop_leftovers()
            self._set_password(password)

    def _refuse_other_versions(self) -> None:
        version = self.data / "PG_VERSION"
        found = {path.name for path in self._folder.iterdir() if path.name.isdigit()}
        if self.data.exists():
            found = {version.read_text().strip() if version.exists() else "unknown"}
        if found and self.major not in found:
            raise EmbeddedServersError(
                f"The data in {self._folder} is of PostgreSQL {', '.join(sorted(found))}, and this release brings "
                f"PostgreSQL {self.major}. Nothing was changed. Install the release of Greffier that made the data, "
                f"save the database with pg_dump, move {self._folder} away, come back to this release "
                "and restore the dump; or use an outside server: set DATABASE_URL."
            )

    def _make(self, password: str) -> None:
        temporary = self._folder / f"{self.major}.new-{secrets.token_hex(4)}"
        password_file = self._folder / f"password.new-{secrets.token_hex(4)}"
        write_private(password_file, password, owner=(self._account.uid, self._account.gid))
        options = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        options += ["--auth=scram-sha-256", f"--username={ADMIN}", f"--pwfile={password_file}", "--no-instructions"]
        options += ["-c", MAPPED]  # initdb would choose by what it sees, not by what fits; each start chooses anew
        made = self._account.run([self.program.with_name("initdb"), "-D", temporary, *options])
        password_file.unlink()
        if made.returncode != 0:
            shutil.rmtree(temporary, ignore_errors=True)
            raise EmbeddedServersError(
                f"The data directory {self.data} could not be made: {made.stderr.strip()[-600:]}\n"
                "Nothing was kept. Mend the cause and start again, or use an outside server: set DATABASE_URL."
            )
        temporary.rename(self.data)
        write_through(self._folder)
        log.info("made a new data directory %s, run by user %s", self.data, self._account.name)

    def _set_password(self, password: str) -> None:
        """Give the admin the new password: the file with the old one is lost, the data is not."""
        statement = f"ALTER ROLE {ADMIN} PASSWORD '{password}'\n"
        done = self._account.run([self.program, "--single", "-D", self.data, "-c", MAPPED, "postgres"], text=statement)
        if done.returncode != 0 or "ERROR" in done.stderr:
            raise EmbeddedServersError(
                f"The passwords of {self.data} are lost and could not be set anew: {done.stderr.strip()[-600:]}\n"
                "The data was kept as it is. Restore passwords.json, or use an outside server: set DATABASE_URL."
            )
        log.info("the passwords were lost and are made anew")

    def stop_leftovers(self) -> None:
        """End server processes of this directory that outlived their keeper, then forget their pid file.

        They are known by what they are, never by the number in the pid file, which may be anybody's by now.
        """
        for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            found = list(self._processes())
            if not found:
                break
            main = [process for process in found if self._is_main(process)]
            for process in main or found:
                _signal(process, number if main else max(number, signal.SIGQUIT))
            left_of(found, seconds)
            log.info("stopped %d server processes that had lost their keeper", len(found))
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _processes(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            try:
                if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                if self._is_main(process) or process.cwd() == str(self.data):
                    yield process
            except psutil.Error:
                continue

    def _is_main(self, process: psutil.Process) -> bool:
        try:
            return str(self.data) in process.cmdline()
        except psutil.Error:
            return False


def _signal(process: psutil.Process, number: int) -> None:
    with suppress(psutil.Error):  # gone already
        process.send_signal(number)
