"""Values sealed under a data key: AES-256-GCM, bound to the place where they stand. No database, no setting."""

import base64
import binascii
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.keys.framing import framed

if TYPE_CHECKING:
    from django.db import models

FORMAT: Final = b"\x01"
KEY_ID_BYTES: Final = 8
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
HEAD_BYTES: Final = len(FORMAT) + KEY_ID_BYTES
LAST_NUMBER: Final = 2**63 - 1  # a bigint of PostgreSQL
OVERHEAD_BYTES: Final = HEAD_BYTES + NONCE_BYTES + TAG_BYTES


class DoesNotOpen(Exception):
    """These bytes are not what was sealed under this key at this place."""


@dataclass(frozen=True)
class Place:
    """Where a sealed value stands: it opens nowhere else. A value without a row of its own stands in row 0."""

    table: str
    column: str
    row: int = 0

    @classmethod
    def of(cls, row: "models.Model", field: str) -> Self:
        """The place of a model's field in a row that has its number."""
        if row.pk is None:
            raise ValueError("A value is sealed for its row: save the row first.")
        column: Any = row._meta.get_field(field)
        return cls(row._meta.db_table, column.column, row.pk)


class DataKey:
    """A data key in use; its bytes are never held by name."""

    __slots__ = ("_cipher", "id")

    def __init__(self, id_: int, key: bytes) -> None:
        self.id = id_
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return f"DataKey({self.id})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A data key is not copied.")

    def seal(self, plain: bytes, place: Place) -> bytes:
        """Return format | key id | nonce | ciphertext and tag."""
        head = FORMAT + self.id.to_bytes(KEY_ID_BYTES, "big")
        nonce = os.urandom(NONCE_BYTES)
        return head + nonce + self._cipher.encrypt(nonce, plain, _bound(head, place))

    def open(self, sealed: bytes, place: Place) -> bytes:
        """Return what was sealed, or refuse."""
        if key_id_of(sealed) != self.id:
            raise DoesNotOpen
        head, rest = sealed[:HEAD_BYTES], sealed[HEAD_BYTES:]
        try:
            return self._cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], _bound(head, place))
        except InvalidTag:
            raise DoesNotOpen from None


def key_id_of(sealed: bytes) -> int:
    """Return the number of the data key that a sealed value names."""
    if len(sealed) < OVERHEAD_BYTES or sealed[:1] != FORMAT:
        raise DoesNotOpen
    number = int.from_bytes(sealed[1:HEAD_BYTES], "big")
    if number > LAST_NUMBER:
        raise DoesNotOpen
    return number


def as_text(sealed: bytes) -> str:
    """Return sealed bytes as text for a text column: base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """Return the bytes of a sealed text; one that `as_text` would not have written is refused."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise DoesNotOpen from None
    if as_text(sealed) != text:
        raise DoesNotOpen
    return sealed


def _bound(head: bytes, place: Place) -> bytes:
    return framed("greffier value", head, place.table, place.column, place.row)
