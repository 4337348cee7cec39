"""Commitments: how evidence may refer to a value of a living record without holding it.

A plain hash of an e-mail address or of a name is a personal datum: whoever guesses the value finds it again. A
commitment is SHA-256(salt ‖ value) with 32 random bytes of salt, which stand in the living record and die with it. As
long as the record lives, its holder can show what the evidence speaks of; afterwards nobody can find out.
"""

import hashlib
import hmac
import secrets

SALT_BYTES = 32


def new_salt() -> bytes:
    """Return a salt for one value; keep it in the record that holds the value, nowhere else."""
    return secrets.token_bytes(SALT_BYTES)


def commit(value: str, *, salt: bytes) -> str:
    """Return the commitment (hex) to a value: what evidence may hold."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"A salt has {SALT_BYTES} bytes: take it from new_salt().")
    return hashlib.sha256(salt + value.encode()).hexdigest()


def opens(commitment: str, value: str, *, salt: bytes) -> bool:
    """Whether this value and salt are those committed to."""
    return hmac.compare_digest(commitment, commit(value, salt=salt))
