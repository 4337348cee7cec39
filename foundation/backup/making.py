"""Making a backup: the database first, then the files, so that every row finds its file."""

import errno
import fcntl
import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from foundation.backup import archive, database, holdings, programs
from foundation.backup.errors import BackupRefused
from foundation.embedded.files import PRIVATE_DIRECTORY, locked, open_private

WITHOUT_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}  # what a disk answers that has none


@dataclass(frozen=True)
class Made:
    """What a backup holds, for the person who asked for it."""

    size_bytes: int
    files: int
    keys: tuple[str, ...]  # the names of the key files of the installation
    with_keys: bool


def make(path: Path, *, now: datetime, with_keys: bool) -> Made:
    """Write the backup, read it back, and only then give it its name; a file that exists is never replaced."""
    tools = fitting(path)
    keys = holdings.key_digests()
    _sweep(path)
    draft = path.with_name(f"{path.name}.part-{secrets.token_hex(4)}")
    draft.mkdir(mode=PRIVATE_DIRECTORY)
    held = open_private(draft / "lock")
    try:
        locked(held, fcntl.LOCK_EX)
        whole = draft / "archive"
        manifest = archive.Manifest(
            made_at=now.isoformat(timespec="seconds"),
            server_version=database.server_version(),
            dumped_with=tools.major,
            migrations=database.migrations(),
            keys=keys,
            embedded=settings.TRY_OUT,
        )
        database.dump(tools, draft / "database")
        with os.fdopen(open_private(whole, os.O_RDWR | os.O_CREAT | os.O_EXCL), "w+b") as file:
            files = _fill(archive.Writer(file), manifest, draft / "database", with_keys=with_keys)
            file.flush()
            os.fsync(file.fileno())
        archive.check(whole)
        _give_name(whole, path)
    finally:
        os.close(held)
        shutil.rmtree(draft, ignore_errors=True)
    return Made(path.stat().st_size, files, tuple(keys), with_keys)


def look(path: Path, *, with_keys: bool) -> Made:
    """Tell what a backup would hold; the size is that of the files alone."""
    fitting(path)
    found = [source.stat().st_size for _name, source in holdings.within(holdings.files())]
    return Made(sum(found), len(found), tuple(holdings.key_digests()), with_keys)


def fitting(path: Path) -> programs.Programs:
    """Return the programs for the server that is there, after what can be refused early was."""
    if path.exists():
        raise BackupRefused(f"{path} exists already: a backup is never written over another file. Choose another name.")
    if not path.parent.is_dir():
        raise BackupRefused(f"The folder {path.parent} does not exist: make it first.")
    return programs.fitting(database.server_version() // 10000)


def _fill(writer: archive.Writer, manifest: archive.Manifest, dump: Path, *, with_keys: bool) -> int:
    writer.add(archive.DUMP, dump)
    dump.unlink()
    if settings.TRY_OUT and holdings.secret().is_file():
        writer.add(archive.SECRET, holdings.secret())
    files = 0
    for name, source in holdings.within(holdings.files()):
        with suppress(FileNotFoundError):  # removed since the listing, after its row
            writer.add(archive.FILES + name, source)
            files += 1
    if with_keys:
        for name in manifest.keys:
            writer.add(archive.KEYS + name, holdings.keys() / name)
    writer.close(manifest)
    return files


def _give_name(whole: Path, path: Path) -> None:
    try:
        try:
            os.link(whole, path)  # refuses to overwrite
        except OSError as error:
            if error.errno not in WITHOUT_LINKS:
                raise
            os.close(open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))  # a disk without links: take the name
            whole.rename(path)
    except FileExistsError:
        raise BackupRefused(f"{path} was made by somebody else meanwhile. Nothing was written over.") from None
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _sweep(path: Path) -> None:
    """Remove what a killed backup of this name left; one that still runs holds its lock."""
    for left in path.parent.glob(f"{path.name}.part-*"):
        with suppress(OSError):
            held = open_private(left / "lock")
            if locked(held, fcntl.LOCK_EX):
                shutil.rmtree(left, ignore_errors=True)
            os.close(held)
