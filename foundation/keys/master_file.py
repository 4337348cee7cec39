"""Where the master keys come from: the environment, or the try-out's own file, which is made once and never again."""

import os
import secrets
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from foundation.keys import masters
from foundation.keys.masters import MasterKeys

VARIABLE: Final = "GREFFIER_MASTER_KEY"
FILE_VARIABLE: Final = f"{VARIABLE}_FILE"


def given(environment: MutableMapping[str, str]) -> MasterKeys | None:
    """Return the master keys that the environment gives, or None where it says nothing of them."""
    if not {VARIABLE, FILE_VARIABLE} & set(environment):  # names only: reading may fail
        return None
    path = environment.get(FILE_VARIABLE)
    source = f"the file {path} ({FILE_VARIABLE})" if path else VARIABLE
    try:
        text = environment[VARIABLE]
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"The master key cannot be read from {source}: {getattr(error, 'strerror', 'it is not text')}. Put the file"
            " back from where you keep it. A new one does not open what is sealed already."
        ) from None
    return _read(text, source)


def kept(path: Path, *, wanted: Callable[[], list[str]]) -> MasterKeys:
    """Return the try-out's master key, made now if there never was one; `wanted` tells which ones the database needs.

    Where the database holds keys, a missing file is a lost one: nothing is made in its place.
    """
    if not path.exists():
        ids = wanted()
        if ids and not path.exists():
            raise ImproperlyConfigured(
                f"The master key is lost: {path} is not there, and the database holds data keys that only"
                f" {', '.join(ids)} opens. Put that file back from a backup, or name it in {FILE_VARIABLE}. Without it"
                " everything that was sealed is lost; docs/keys.md says how to begin anew."
            )
        _make(path)
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"The master key cannot be read from {path}: {getattr(error, 'strerror', 'it is not text')}. Put that file"
            " back from a backup. A new one does not open what is sealed already."
        ) from None
    return _read(text, str(path))


def _make(path: Path) -> None:
    """Write a new master key so that it outlasts a power cut; of two first starters one makes it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(masters.new() + "\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)  # refuses to overwrite
    draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _read(text: str, source: str) -> MasterKeys:
    remedy = f"Put it into {source}, after the newest one; keys stand there in base64, one per line, newest first."
    try:
        keys = masters.read(text, remedy=remedy)
    except masters.NotAMasterKey as error:
        raise ImproperlyConfigured(f"{source}: {error}") from None
    if not keys:
        raise ImproperlyConfigured(f"{source} is empty: it must hold a master key, 32 random bytes in base64.")
    return keys
