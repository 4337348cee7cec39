"""What a run writes sealed: its key, the last key that it handed out, and the keys of a batch under way."""

import json
from collections.abc import Sequence
from typing import Final

from foundation.keys import vault
from retention.exclusions import as_text
from retention.mapping import Key
from retention.models import Batch, Run

PURPOSE: Final = "retention run"  # of the data key, one per register


def seal(row: Run | Batch, field: str, plain: bytes) -> None:
    """Put a value, sealed for its place, into a field of the row; nothing is saved."""
    key = vault.data_key(PURPOSE, register=row.register)
    setattr(row, field, vault.seal_bytes(plain, key=key, place=vault.Place.of(row, field)))


def run_key(run: Run) -> bytes:
    """Return the key of a run."""
    return vault.open_bytes(bytes(run.sealed_key), place=vault.Place.of(run, "sealed_key"))


def last_key(run: Run) -> Key | None:
    """Return the last key that was handed out, or None before the first."""
    if not run.sealed_last:
        return None
    (key,) = _keys(vault.open_bytes(bytes(run.sealed_last), place=vault.Place.of(run, "sealed_last")))
    return key


def keys_of(batch: Batch) -> list[Key]:
    """Return the keys of a batch that is not done."""
    return _keys(vault.open_bytes(bytes(batch.sealed_keys), place=vault.Place.of(batch, "sealed_keys")))


def keys_as_bytes(keys: Sequence[Key]) -> bytes:
    """Return keys as they are sealed."""
    return f"[{','.join(as_text(key) for key in keys)}]".encode()


def _keys(plain: bytes) -> list[Key]:
    return [tuple(key) for key in json.loads(plain)]
