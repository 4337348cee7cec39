"""What is kept of the keys that went: HMAC-SHA-256 under the run's key, and the root of a tree over them."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from typing import Final

from foundation.evidence import verifier
from retention.exclusions import as_text
from retention.mapping import Key

DIGEST_BYTES: Final = 32


def new_key() -> bytes:
    """Return the key of a run: of its digests, and of the values that Greffier generates in it."""
    return secrets.token_bytes(DIGEST_BYTES)


def digest(key: Key, *, run_key: bytes) -> bytes:
    """Return what is kept of a key: nobody who lacks the run's key can tell which one it was."""
    return hmac.digest(run_key, as_text(key).encode(), "sha256")


def digests(keys: Iterable[Key], *, run_key: bytes) -> list[bytes]:
    """Return the digests of keys, sorted: their order tells nothing of the rows'."""
    return sorted(digest(key, run_key=run_key) for key in keys)


def leaf(one: bytes) -> str:
    """Return the leaf hash (hex) of a digest, as RFC 6962 makes it."""
    return hashlib.sha256(b"\x00" + one).hexdigest()


def root(sorted_digests: Sequence[bytes]) -> str:
    """Return the root (hex) over digests; empty where nothing went."""
    return verifier.root([leaf(one) for one in sorted_digests]) if sorted_digests else ""


def split(stored: bytes) -> list[bytes]:
    """Return the digests of a stored list."""
    return [stored[n : n + DIGEST_BYTES] for n in range(0, len(stored), DIGEST_BYTES)]
