"""What the address of a business database may be: read, checked, and told apart from its password."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from retention.errors import SourceRefused, SourceUnreachable
from retention.sources import hosts
from retention.sources.dialects import BY_SCHEME, KINDS, Dialect, Kind
from retention.sources.hosts import HostRule

LONGEST = 2000
ENCRYPTIONS = ("require", "verify-full")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the operator lets business databases stand; without an entry, nowhere."""

    hosts: tuple[HostRule, ...] = ()
    sqlite_folder: Path | None = None
    authorities: Path | None = None  # certificates of those who sign the servers', for `verify-full`


@dataclass(frozen=True, slots=True)
class Address:
    """A normalised address without its password; `path` is that of a SQLite file, relative to the folder of them."""

    dialect: Dialect
    host: str = ""
    port: int = 0
    database: str = ""
    user: str = ""
    encryption: str = ""  # "", "require" or "verify-full"
    path: str = ""

    @property
    def place(self) -> str:
        """Engine, machine and database, for people."""
        label = KINDS[self.dialect].label
        return f"{label}, {self.path}" if self.path else f"{label}, {self._authority}, {self.database}"

    @property
    def text(self) -> str:
        """The address as it may be shown: without the password."""
        if self.path:
            return f"sqlite:///{quote(self.path)}"
        option = f"?sslmode={self.encryption}" if self.encryption else ""
        user, database = quote(self.user, safe=""), quote(self.database, safe="")
        return f"{self.dialect}://{user}@{self._authority}/{database}{option}"

    @property
    def _authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Login:
    """An address with the password that opens it."""

    address: Address
    password: str = field(repr=False)


@sensitive_variables("text", "parts")
def read_address(text: str) -> Login:
    """Read an address as a person writes it, or raise `SourceRefused` with the remedy; nothing is connected to."""
    if len(text) > LONGEST or re.search(r"[\x00-\x20\x7f]|%(?![0-9A-Fa-f]{2})", text):
        raise SourceRefused(_unreadable())
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # its message would repeat a part of the password
        raise SourceRefused(_unreadable()) from None
    kind = BY_SCHEME.get(text.partition(":")[0])
    if kind is None:
        raise SourceRefused(
            _("This kind of database is not supported: begin the address with %(schemes)s, without a driver.")
            % {"schemes": ", ".join(f"{scheme}://" for scheme in BY_SCHEME)}
        )
    if parts.fragment or "#" in text:
        raise SourceRefused(_unreadable())
    return Login(_file(parts), "") if kind.dialect is Dialect.SQLITE else _server(kind, parts, port)


@sensitive_variables("parts", "password")
def _server(kind: Kind, parts: SplitResult, port: int | None) -> Login:
    host = (parts.hostname or "").removesuffix(".")
    is_written_plainly = hosts.is_name(host) if ":" not in host else _is_ip(host)
    if not host or not (is_written_plainly or _is_ip(host)):
        raise SourceRefused(
            _("The address needs one machine: a host name, or an IP address in its usual spelling. No socket or list.")
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    database = unquote(parts.path.removeprefix("/"))
    if not user or not database or "/" in database or "=" in database or _has_controls(user + password + database):
        raise SourceRefused(
            _("The address needs the name of a login and of one database: %(form)s.")
            % {"form": f"{kind.schemes[0]}://login:password@host/database"}
        )
    encryption = _encryption(parts.query)
    return Login(
        Address(kind.dialect, _normal(host), port or kind.port, database=database, user=user, encryption=encryption),
        password,
    )


def _encryption(query: str) -> str:
    """Return the one option that may be chosen; what else stands there is not repeated: it may be half a password."""
    option, _equals, chosen = query.partition("=")
    if not query or (option == "sslmode" and chosen in ENCRYPTIONS):
        return chosen
    raise SourceRefused(
        _("The address may carry one option only, sslmode=require or sslmode=verify-full: take the others away.")
    )


def _file(parts: SplitResult) -> Address:
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or parts.query or not path.strip("/") or path.startswith((":", "file:")) or _has_controls(path):
        raise SourceRefused(
            _("A SQLite database is a file: sqlite:///name.sqlite, in the folder that GREFFIER_SQLITE_FOLDER names.")
        )
    return Address(Dialect.SQLITE, path=path)


def allowed_addresses(address: Address, places: Places, *, resolve: hosts.Resolve = hosts.resolve) -> list[str]:
    """Return the IP addresses to connect to: those and no others, whatever the name resolves to afterwards."""
    try:
        found = hosts.allowed_addresses(address.host, address.port, places.hosts, resolve=resolve)
    except (OSError, UnicodeError):
        raise SourceUnreachable(
            _("%(place)s: no machine is known under this name. Correct the name, or ask whoever runs your network.")
            % {"place": address.place},
            cause="unknown_host",
        ) from None
    if not found:
        raise SourceRefused(
            _(
                "%(place)s: Greffier may not connect to this machine. Whoever runs Greffier can allow it in "
                "GREFFIER_SOURCE_HOSTS; addresses that machines give themselves, and those of a cloud's own services, "
                "are never allowed."
            )
            % {"place": address.place}
        )
    if address.encryption == "verify-full" and places.authorities is None:
        raise SourceRefused(
            _(
                "%(place)s: a certificate can be checked once GREFFIER_SOURCE_AUTHORITIES names the file of the "
                "authorities that sign certificates; or choose sslmode=require."
            )
            % {"place": address.place}
        )
    return found


def allowed_file(address: Address, places: Places) -> Path:
    """Return the SQLite file to open: a file that exists, inside the folder, wherever links lead."""
    refusal = SourceRefused(
        _(
            "%(place)s: there is no such file in the folder of SQLite databases. Whoever runs Greffier names the "
            "folder in GREFFIER_SQLITE_FOLDER."
        )
        % {"place": address.place}
    )
    if places.sqlite_folder is None:
        raise refusal
    try:
        folder = places.sqlite_folder.resolve(strict=True)
        path = (folder / address.path).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise refusal from None
    if not path.is_relative_to(folder) or not path.is_file():
        raise refusal
    return path


def _unreadable() -> str:
    return _("The address cannot be read: in names and passwords, write / : @ ? # % as %2F %3A %40 %3F %23 %25.")


def _has_controls(text: str) -> bool:
    return any(ord(sign) < 32 or ord(sign) == 127 for sign in text)


def _is_ip(host: str) -> bool:
    try:
        return bool(ip_address(host)) and "%" not in host
    except ValueError:
        return False


def _normal(host: str) -> str:
    return str(ip_address(host)) if _is_ip(host) else host
