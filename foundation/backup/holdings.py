"""What an installation holds outside its database."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from foundation.backup.errors import BackupRefused

MOUNTS = Path("/proc/self/mountinfo")
OCTAL = re.compile(r"\\([0-7]{3})")  # how a space or a backslash stands there


def var() -> Path:
    return Path(settings.VAR)


def files() -> Path:
    """The folder of the kept files: prints, attachments."""
    try:
        return Path(default_storage.path(""))
    except NotImplementedError:
        raise BackupRefused(
            "The kept files are in a storage of another machine: save the database with pg_dump and that storage with "
            "its own means. Nothing was done."
        ) from None


def keys() -> Path:
    """The folder of the keys that open what is sealed in the database and sign its evidence."""
    return var() / "keys"


def secret() -> Path:
    """The try-out's own SECRET_KEY."""
    return var() / "secret-key"


def is_mount(path: Path) -> bool:
    """Tell whether something is mounted right there, a single file or a folder of the same disk included."""
    if os.path.ismount(path):
        return True
    mounted: set[str] = set()
    with suppress(OSError):  # no Linux
        mounted = {line.split()[4] for line in MOUNTS.read_text(errors="surrogateescape").splitlines()}
    return os.path.realpath(path) in {OCTAL.sub(lambda found: chr(int(found[1], 8)), place) for place in mounted}


def within(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name, path) of every plain file below the folder, in order; links and sockets are left out."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), path


def key_digests() -> dict[str, str]:
    """The SHA-256 of each key file: tells whether these are the keys of a backup, and nothing of the keys."""
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in within(keys()) if "/" not in name}
