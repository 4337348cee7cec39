"""Putting a backup back: all of it or nothing, and what was there is kept aside."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from foundation.backup import archive, database, holdings, programs
from foundation.backup.errors import BackupRefused
from foundation.backup.journal import Journal, Move
from foundation.backup.occupancy import alone
from foundation.embedded.files import PRIVATE_DIRECTORY
from foundation.files import write_through
from foundation.jobs.models import Halt


@dataclass(frozen=True)
class Restored:
    """What was put back, or would be, and where what was there is kept."""

    manifest: archive.Manifest
    kept: tuple[str, ...]
    work_is_stopped: bool = False


def restore(path: Path, *, now: datetime, replace: bool, without_keys: bool, dry_run: bool) -> Restored:
    """Put the backup in the place of this installation, after everything that can be refused was."""
    with alone(holdings.var()):
        if not dry_run:
            settle()
        manifest = archive.check(path)
        journal = _plan(manifest, identifier=f"{now:%Y%m%d_%H%M%S}")
        tools = _refuse(path, manifest, journal, replace=replace, without_keys=without_keys)
        keep = database.has_tables()
        kept = [f"{move.kept}" for move in journal.moves if move.current.exists()]
        kept += [f"schema {database.kept_schema(journal.identifier)} of the database"] if keep else []
        if not dry_run:
            _put_back(path, manifest, journal, tools, keep=keep)
    return Restored(manifest, tuple(kept), work_is_stopped=not dry_run and work_is_stopped())


def settle() -> bool | None:
    """Finish or undo what a killed restore left: True for finished, False for undone, None for nothing there."""
    journal = Journal.read()
    return None if journal is None else journal.settle()


def settle_alone() -> bool | None:
    """The same, for a person who asks for nothing else."""
    with alone(holdings.var()):
        return settle()


def undo_alone() -> None:
    """Go back to what was here before a restore that replaced the database and cannot be finished."""
    with alone(holdings.var()):
        journal = Journal.read()
        if journal is None:
            raise BackupRefused("There is no interrupted restore here: nothing is undone.")
        journal.undo()


def work_is_stopped() -> bool:
    """Tell whether all work waits for somebody to look, as after a restore."""
    return Halt.objects.filter(register=None, kind="").exists()


def _refuse(
    path: Path, manifest: archive.Manifest, journal: Journal, *, replace: bool, without_keys: bool
) -> programs.Programs:
    unknown = set(manifest.migrations) - {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown:
        raise BackupRefused(
            f"{path} is not restored: a newer release of Greffier made it ({min(unknown)} is unknown here). Install "
            "that release, or a later one. Nothing was changed."
        )
    if not replace and (database.holds_somebody() or any(holdings.within(holdings.files()))):
        raise BackupRefused(
            "This installation holds people, registers or files already. Nothing was changed. With --replace it is "
            "kept aside and the backup takes its place."
        )
    if not (without_keys or manifest.has_keys) and _missing(manifest):
        raise BackupRefused(
            f"The backup was made without its keys, and those in {holdings.keys()} are not they: {_missing(manifest)}. "
            "Put the key files there first; or say --without-keys, and what is sealed with them stays unreadable. "
            "Nothing was changed."
        )
    for move in journal.moves:
        if holdings.is_mount(move.current):
            raise BackupRefused(
                f"{move.current} is a mount point and cannot be renamed: mount the folder above it instead. Nothing "
                "was changed."
            )
    tools = programs.fitting(max(manifest.dumped_with, database.server_version() // 10000))
    connection.close()
    database.refuse_other_sessions()
    return tools


def _missing(manifest: archive.Manifest) -> str:
    here = holdings.key_digests()
    return ", ".join(sorted(name for name, digest in manifest.keys.items() if here.get(name) != digest))


def _plan(manifest: archive.Manifest, *, identifier: str) -> Journal:
    places = [holdings.files()]
    places += [holdings.keys()] if manifest.has_keys else []
    places += [holdings.secret()] if settings.TRY_OUT and archive.SECRET in manifest.members else []
    return Journal(identifier, tuple(Move.of(place, identifier) for place in places))


def _put_back(
    path: Path, manifest: archive.Manifest, journal: Journal, tools: programs.Programs, *, keep: bool
) -> None:
    new = {move.current: move.new for move in journal.moves}
    places = {archive.DUMP: journal.dump, archive.FILES: new[holdings.files()]}
    places |= {archive.KEYS: new[holdings.keys()]} if holdings.keys() in new else {}
    places |= {archive.SECRET: new[holdings.secret()]} if holdings.secret() in new else {}
    journal.write()
    try:
        new[holdings.files()].mkdir(parents=True)
        archive.extract(path, manifest, places)
        for move in journal.moves:
            _make_lasting(move.new, like=move.current)
        database.replace(tools, journal.dump, identifier=journal.identifier, keep=keep)
    except BackupRefused:
        if not journal.settle():  # or the answer to the COMMIT was lost: all of it is done
            raise
    except BaseException:
        journal.settle()
        raise
    else:
        journal.settle()


def _make_lasting(new: Path, *, like: Path) -> None:
    """Give what was written to whoever owns the installation, and write it through to the disk."""
    owner = holdings.var().stat()
    if new.is_dir():
        new.chmod(like.stat().st_mode & 0o777 if like.exists() else PRIVATE_DIRECTORY)
    for path in [new, *new.rglob("*")]:
        if os.geteuid() == 0:
            os.chown(path, owner.st_uid, owner.st_gid)
        write_through(path)
