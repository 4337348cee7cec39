"""Trying a connection: what answers, how far its clock is off, and what the login may do, too little or too much."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from sqlalchemy import Connection, text

from retention.sources import addresses
from retention.sources.addresses import Login, Places
from retention.sources.connecting import clock, engine_for
from retention.sources.dialects import KINDS, Dialect
from retention.sources.failing import in_words

TRIAL_SECONDS = 10.0
TOLERATED_SKEW_SECONDS = 60.0

TOO_MUCH: dict[str, Promise] = {
    "superuser": gettext_lazy("it is a superuser"),
    "creates_roles": gettext_lazy("it may create roles"),
    "creates_databases": gettext_lazy("it may create databases"),
    "replicates": gettext_lazy("it may copy the whole server (replication)"),
    "reads_files": gettext_lazy("it may read or write files of the server, or run programs there"),
    "everything": gettext_lazy("it has all rights on all databases of the server"),
    "hands_on": gettext_lazy("it may hand its rights on to others"),
    "owns": gettext_lazy("it owns tables, or may change their structure"),
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a trial found. `too_much`: keys of TOO_MUCH; `skew_seconds`: the server's clock minus this machine's."""

    place: str
    server: str
    is_encrypted: bool
    is_certificate_checked: bool
    is_local: bool  # on this machine, or a file of it
    skew_seconds: float
    is_read_only: bool
    too_much: tuple[str, ...]

    @property
    def code(self) -> str:
        """A stable word for the whole: `fine`, or the first thing that needs a look."""
        if self.is_read_only:
            return "read_only"
        if abs(self.skew_seconds) > TOLERATED_SKEW_SECONDS:
            return "clock_is_off"
        if not self.is_encrypted and not self.is_local:
            return "not_encrypted"
        return "too_many_rights" if self.too_much else "fine"

    def sentences(self) -> list[str]:
        """Say all of it to a person."""
        said = [_("%(place)s: connected to %(server)s.") % {"place": self.place, "server": self.server}]
        said.append(self._encryption())
        if abs(self.skew_seconds) > TOLERATED_SKEW_SECONDS:
            said.append(
                _("Its clock differs from Greffier's by %(seconds)d seconds: set both by the same time servers.")
                % {"seconds": round(self.skew_seconds)}
            )
        if self.is_read_only:
            said.append(_("It takes no changes: a replica, a database set to reading only, or a file that is."))
        if self.too_much:
            said.append(
                _("The login may do more than it needs: %(rights)s. Use one that has only the rights of the mapping.")
                % {"rights": "; ".join(str(TOO_MUCH[right]) for right in self.too_much)}
            )
        return said

    def _encryption(self) -> str:
        if self.is_certificate_checked:
            return _("The connection is encrypted, and the certificate is the machine's.")
        if self.is_encrypted:
            return _("The connection is encrypted; who answers is not checked (sslmode=verify-full would).")
        if self.is_local:
            return _("The connection does not leave this machine.")
        return _("The connection is not encrypted: whoever stands between reads all of it. Use sslmode=require.")


def try_out(login: Login, *, places: Places) -> Report:
    """Connect and look; `SourceRefused`, `SourceUnreachable` or `SourceFailed` say why not. Nothing is written."""
    address = login.address
    engine = engine_for(login, places=places, statement_seconds=TRIAL_SECONDS, lock_seconds=TRIAL_SECONDS)
    try:
        with in_words(address.place), engine.connect() as connection:
            before = datetime.now(UTC)
            theirs = clock(connection)
            ours = before + (datetime.now(UTC) - before) / 2
            found = LOOKS[address.dialect](connection, login, places)
    finally:
        engine.dispose()
    is_file = address.dialect is Dialect.SQLITE
    ips = [] if is_file else addresses.allowed_addresses(address, places)
    return Report(
        place=address.place,
        server=found.server,
        is_encrypted=found.is_encrypted,
        is_certificate_checked=found.is_encrypted and address.encryption == "verify-full",
        is_local=all(ip == "::1" or ip.startswith("127.") for ip in ips),
        skew_seconds=(theirs - ours).total_seconds(),
        is_read_only=found.is_read_only,
        too_much=tuple(right for right in TOO_MUCH if right in found.rights),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    server: str
    is_encrypted: bool
    is_read_only: bool
    rights: frozenset[str] = frozenset()


POSTGRESQL_FACTS = text("""
    SELECT current_setting('server_version') AS version,
        pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS is_read_only,
        rolsuper AS superuser,
        rolcreaterole AS creates_roles,
        rolcreatedb AS creates_databases,
        rolreplication AS replicates,
        EXISTS (
            SELECT FROM pg_roles AS powers
            WHERE powers.rolname IN
                ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
            AND pg_has_role(powers.oid, 'USAGE')
        ) AS reads_files,
        EXISTS (
            SELECT FROM pg_class
            WHERE relkind IN ('r', 'p') AND pg_has_role(relowner, 'USAGE')
            AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^(pg_|information_schema$)')
        ) AS owns
    FROM pg_roles WHERE rolname = current_user
""")


def _look_at_postgresql(connection: Connection, _login: Login, _places: Places) -> _Found:
    facts = connection.execute(POSTGRESQL_FACTS).mappings().one()
    driver = connection.connection.driver_connection
    assert driver is not None
    rights = frozenset(right for right in TOO_MUCH if facts.get(right))
    if facts["superuser"]:  # the rest follows from it
        rights = frozenset({"superuser"})
    return _Found(
        f"PostgreSQL {facts['version'].split()[0]}", bool(driver.pgconn.ssl_in_use), facts["is_read_only"], rights
    )


GRANT = re.compile(r"GRANT (?P<rights>.+?) ON (?P<where>.+?) TO .*?(?P<handing>WITH GRANT OPTION)?$")


def _look_at_mysql(connection: Connection, _login: Login, _places: Places) -> _Found:
    version, is_read_only = connection.execute(text("SELECT version(), @@global.read_only")).one()
    cipher = connection.execute(text("SHOW SESSION STATUS LIKE 'Ssl_cipher'")).one()[1]
    rights: set[str] = set()
    for (line,) in connection.execute(text("SHOW GRANTS")):
        rights |= _rights_of_grant(str(line))
    product = "MariaDB" if "MariaDB" in version else "MySQL"
    return _Found(f"{product} {version.split('-')[0]}", bool(cipher), bool(is_read_only), frozenset(rights))


def _rights_of_grant(line: str) -> set[str]:
    grant = GRANT.match(line)
    if grant is None:
        return set()
    given, is_everywhere = set(grant["rights"].split(", ")), grant["where"] == "*.*"
    found = {"hands_on"} if grant["handing"] else set()
    if "ALL PRIVILEGES" in given:
        found.add("everything" if is_everywhere else "owns")
    if given & {"CREATE", "ALTER", "DROP", "INDEX", "TRIGGER"}:
        found.add("owns")
    named = {
        "SUPER": "superuser",
        "CREATE USER": "creates_roles",
        "FILE": "reads_files",
        "REPLICATION SLAVE": "replicates",
    }
    return found | {code for name, code in named.items() if name in given}


def _look_at_sqlite(connection: Connection, login: Login, places: Places) -> _Found:
    version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
    path = addresses.allowed_file(login.address, places)
    is_read_only = not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    return _Found(f"SQLite {version}", is_encrypted=False, is_read_only=is_read_only)


LOOKS: dict[Dialect, Callable[[Connection, Login, Places], _Found]] = {
    Dialect.POSTGRESQL: _look_at_postgresql,
    Dialect.MYSQL: _look_at_mysql,
    Dialect.SQLITE: _look_at_sqlite,
}
assert set(LOOKS) == set(KINDS)
