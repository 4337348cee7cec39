"""Master keys: they wrap data keys and nothing else. One kind stands here; that of a service is another class."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterator
from typing import Final, NoReturn, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
FORMAT: Final = b"\x01"
ID_BYTES: Final = 8


class NotAMasterKey(Exception):
    """What was given as a master key is not one; the words never repeat it."""


class DoesNotUnwrap(Exception):
    """The bytes were not wrapped by this master key in this context: they were moved or changed."""


class MasterKey(Protocol):
    """What wraps data keys: a key at hand, or a service that keeps one. `context` is bound to the wrapped bytes."""

    @property
    def id(self) -> str:
        """A short name that follows from the key itself and tells nothing about it."""

    def wrap(self, data_key: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes: ...


class LocalMasterKey:
    """A master key of 32 bytes in this process's memory: AES-256-GCM under random nonces."""

    __slots__ = ("_cipher", "id")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise NotAMasterKey(f"A master key has {KEY_BYTES} bytes, not {len(key)}.")
        self._cipher = AESGCM(key)
        self.id = hmac.digest(key, b"greffier master key id", hashlib.sha256)[:ID_BYTES].hex()

    def __repr__(self) -> str:
        return f"LocalMasterKey({self.id})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A master key is not copied.")

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, data_key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        head, nonce, body = wrapped[:1], wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
        if head != FORMAT or len(nonce) != NONCE_BYTES:
            raise DoesNotUnwrap
        try:
            return self._cipher.decrypt(nonce, body, context)
        except InvalidTag:
            raise DoesNotUnwrap from None


class MasterKeys:
    """The master keys at hand, newest first: the newest wraps, every one unwraps."""

    __slots__ = ("_by_id", "newest", "remedy")

    def __init__(self, *keys: MasterKey, remedy: str = "") -> None:
        self._by_id = {key.id: key for key in keys}
        self.newest = keys[0] if keys else None
        self.remedy = remedy  # where these keys come from, said when one is missing

    def __repr__(self) -> str:
        return f"MasterKeys({', '.join(self._by_id)})"

    def __iter__(self) -> Iterator[MasterKey]:
        return iter(self._by_id.values())

    def __bool__(self) -> bool:
        return bool(self._by_id)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._by_id)

    def named(self, id_: str) -> MasterKey | None:
        """Return the master key of this id, if it is at hand."""
        return self._by_id.get(id_)


def read(text: str, *, remedy: str = "") -> MasterKeys:
    """Return the master keys written in `text`: base64 of 32 bytes each, newest first, apart by blanks or commas."""
    words = text.replace(",", " ").split()
    return MasterKeys(*(_read_one(word, number) for number, word in enumerate(words, start=1)), remedy=remedy)


def _read_one(word: str, number: int) -> LocalMasterKey:
    try:
        key = base64.b64decode(word.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise NotAMasterKey(f"Master key number {number} is not written in base64.") from None
    if len(key) != KEY_BYTES:
        raise NotAMasterKey(f"Master key number {number} has {len(key)} bytes; it must have {KEY_BYTES}.")
    return LocalMasterKey(key)


def new() -> str:
    """Return a new master key, written as the settings want it."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()
