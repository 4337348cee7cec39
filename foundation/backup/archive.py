"""One backup file: a plain tar whose last member, the manifest, tells the size and SHA-256 of all others.

The last, so that a file cut short has none. A plain tar, so that no member is larger than what was handed in.
"""

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO

from foundation.backup.errors import BackupRefused

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
SECRET = "secret-key"  # noqa: S105 the name of a file
KEYS = "keys/"
FILES = "files/"
CHUNK_BYTES = 1024 * 1024
MANIFEST_BYTES = 256 * CHUNK_BYTES


@dataclass(frozen=True)
class Member:
    size: int
    sha256: str


@dataclass
class Manifest:
    """What a backup says of itself."""

    made_at: str
    server_version: int  # PostgreSQL's own number: 180006
    dumped_with: int  # major version of pg_dump
    migrations: list[str]
    keys: dict[str, str]  # the key files of the installation by name: their SHA-256, also when they stayed at home
    embedded: bool
    members: dict[str, Member] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def has_keys(self) -> bool:
        return any(name.startswith(KEYS) for name in self.members)

    def text(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()


class Writer:
    """A backup file in the making."""

    def __init__(self, file: BinaryIO) -> None:
        # dereference: a second name of the same file is a file of its own, not a link
        self._tar = tarfile.TarFile(fileobj=file, mode="w", format=tarfile.PAX_FORMAT, dereference=True)
        self.members: dict[str, Member] = {}

    def add(self, name: str, source: Path) -> None:
        with source.open("rb") as file:
            info = self._tar.gettarinfo(arcname=name, fileobj=file)
            info.mode = _mode(name, info.mode)
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            counted = _Counted(file)
            self._tar.addfile(info, counted)  # exactly as many bytes as the file had, or OSError
        self.members[name] = Member(info.size, counted.sha256.hexdigest())

    def close(self, manifest: Manifest) -> None:
        manifest.members = self.members
        info = tarfile.TarInfo(MANIFEST)
        text = manifest.text()
        info.size, info.mode = len(text), 0o600
        self._tar.addfile(info, io.BytesIO(text))
        self._tar.close()


class _Counted(io.RawIOBase):
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        found = self._file.read(size)
        self.sha256.update(found)
        return found


class _Frugal:
    """Hands out a file in small pieces only: a header that claims gigabytes gets a refusal, not memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= CHUNK_BYTES:
            raise tarfile.ReadError("a header is too large")
        return self._file.read(size)


def check(path: Path) -> Manifest:
    """Return the manifest after every member was read and found to be what it says; refuse anything else."""
    found, text = _read(path)
    if not text:
        raise _refused(path, "it has no manifest: it was cut short, or is something else")
    manifest = _manifest(path, text)
    for name in sorted(found.keys() ^ manifest.members.keys()):
        raise _refused(path, f"“{name}” is {'not in its manifest' if name in found else 'missing'}")
    for name, member in manifest.members.items():
        if found[name] != member:
            raise _refused(path, f"“{name}” is damaged")
    if DUMP not in found:
        raise _refused(path, "it holds no database")
    return manifest


def _read(path: Path) -> tuple[dict[str, Member], bytes]:
    """Return what each member really is, and the text of the manifest."""
    found: dict[str, Member] = {}
    text = bytearray()
    for name, _mode, pieces in _members(path):
        sha256, size = hashlib.sha256(), 0
        for piece in pieces:
            sha256.update(piece)
            size += len(piece)
            if name == MANIFEST:
                text += piece
            if len(text) > MANIFEST_BYTES:
                raise _refused(path, "its manifest is too large")
        if name != MANIFEST:
            found[name] = Member(size, sha256.hexdigest())
    return found, bytes(text)


def extract(path: Path, manifest: Manifest, places: dict[str, Path]) -> None:
    """Write each member below the place of its prefix, checked once more: the file may have changed since."""
    missing = {name for name in manifest.members if _prefix(name, places)}
    for name, mode, pieces in _members(path):
        prefix = _prefix(name, places)
        if prefix is None:
            continue
        missing.discard(name)
        target = places[prefix] / name.removeprefix(prefix) if prefix.endswith("/") else places[prefix]
        target.parent.mkdir(parents=True, exist_ok=True)
        sha256, size = hashlib.sha256(), 0
        with target.open("xb") as file:
            target.chmod(_mode(name, mode))
            for piece in pieces:
                sha256.update(piece)
                size += len(piece)
                file.write(piece)
        if manifest.members.get(name) != Member(size, sha256.hexdigest()):
            raise _refused(path, f"“{name}” changed while it was being read")
    if missing:
        raise _refused(path, f"“{min(missing)}” is missing")


def _prefix(name: str, places: dict[str, Path]) -> str | None:
    return next((prefix for prefix in places if name == prefix or name.startswith(prefix)), None)


def _mode(name: str, found: int) -> int:
    return found & 0o755 if name.startswith(FILES) else 0o600


def _members(path: Path) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    """Yield (name, mode, content) of each member; anything that is not a plain file at a plain place is refused."""
    seen: set[str] = set()
    with _opened(path) as tar:
        for info in tar:
            plain = info.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and info.sparse is None
            if not plain or not _is_plain_place(info.name) or info.name in seen:
                raise _refused(path, f"“{info.name[:200]}” is not a plain file in a plain place")
            seen.add(info.name)
            content = tar.extractfile(info)
            assert content is not None
            yield info.name, info.mode, _pieces(path, content, info.size)


def _pieces(path: Path, content: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        try:
            piece = content.read(min(size, CHUNK_BYTES // 4))
        except tarfile.TarError as error:
            raise _refused(path, f"it is damaged ({error})") from None
        size -= len(piece)
        yield piece


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with path.open("rb") as file, tarfile.open(fileobj=_Frugal(file), mode="r:") as tar:  # type: ignore[call-overload]
            yield tar
    except (tarfile.TarError, EOFError, ValueError, RecursionError) as error:
        raise _refused(path, f"it is no tar file, or damaged ({error})") from None


def _is_plain_place(name: str) -> bool:
    pure = PurePosixPath(name)
    if pure.is_absolute() or "\0" in name or str(pure) != name or {"..", "."} & set(pure.parts):
        return False
    if name in {MANIFEST, DUMP, SECRET}:
        return True
    return name.startswith(FILES) or (name.startswith(KEYS) and len(pure.parts) == 2)


def _manifest(path: Path, text: bytes) -> Manifest:
    try:
        found: dict[str, Any] = json.loads(text)
        if int(found["format"]) > FORMAT:
            raise _refused(path, "a newer release of Greffier made it. Install that release, or a later one")
        members = {
            str(name): Member(int(member["size"]), str(member["sha256"])) for name, member in found["members"].items()
        }
        return Manifest(
            made_at=str(found["made_at"]),
            server_version=int(found["server_version"]),
            dumped_with=int(found["dumped_with"]),
            migrations=[str(name) for name in found["migrations"]],
            keys={str(name): str(digest) for name, digest in found["keys"].items()},
            embedded=bool(found["embedded"]),
            members=members,
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise _refused(path, "its manifest is not one of Greffier's") from None


def _refused(path: Path, why: str) -> BackupRefused:
    return BackupRefused(f"{path} is not restored: {why}. Nothing was changed.")


def remove(path: Path) -> None:
    """Remove a file or a folder that may or may not be there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
