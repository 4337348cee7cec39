"""The values that Greffier makes for a treated column, recognisable so that none is treated twice (pure).

They are computed from what was read, never in the database, so that the secret stands in no statement.
"""

import hmac
import json
import re
from datetime import date

from retention.mapping import Key

HASH_PREFIX = "gr1:"
FILLER_PREFIX = "gr1-"
MAIL_SUFFIX = "@anonyme.invalid"
HASH_DIGITS = range(16, 33)  # 64 to 128 bits
FILLER_DIGITS = range(12, 25)
POSTCODE_DIGITS = 2


def _digits(length: int | None, *, taken: int, allowed: range) -> int | None:
    """How many hexadecimal digits fit; None where too few do. A column without a length takes the most."""
    most = allowed[-1] if length is None else min(allowed[-1], length - taken)
    return most if most in allowed else None


def hash_digits(length: int | None) -> int | None:
    """Return how many digits of a keyed hash fit a column of this length; None: too few."""
    return _digits(length, taken=len(HASH_PREFIX), allowed=HASH_DIGITS)


def filler_digits(length: int | None, *, is_mail: bool) -> int | None:
    """Return how many digits of a filler fit a column of this length; None: too few."""
    return _digits(length, taken=len(FILLER_PREFIX) + len(MAIL_SUFFIX) * is_mail, allowed=FILLER_DIGITS)


def hash_pattern(digits: int) -> str:
    """Return the expression that tells a keyed hash of this length from any other text."""
    return f"^{HASH_PREFIX}[0-9a-f]{{{digits}}}$"


def filler_pattern(digits: int, *, is_mail: bool) -> str:
    """Return the expression that tells a filler of this length from any other text."""
    return f"^{FILLER_PREFIX}[0-9a-f]{{{digits}}}{re.escape(MAIL_SUFFIX) if is_mail else ''}$"


def keyed_hash(value: str, *, secret: bytes, digits: int) -> str:
    """Return what stands for a value under the secret of the run: the same value, the same token (art. 4(5))."""
    return HASH_PREFIX + hmac.digest(secret, value.encode(), "sha256").hex()[:digits]


def filler(place: str, key: Key, *, secret: bytes, digits: int, is_mail: bool) -> str:
    """Return a value that no other row of the column has and that comes from no person's data."""
    name = json.dumps(["filler", place, *key], ensure_ascii=False)
    token = hmac.digest(secret, name.encode(), "sha256").hex()[:digits]
    return FILLER_PREFIX + token + (MAIL_SUFFIX if is_mail else "")


def truncated_postcode(value: str) -> str:
    """Return the first two characters, the others zeros; blanks inside or around are let go."""
    bare = "".join(value.split())
    return bare[:POSTCODE_DIGITS] + "0" * (len(bare) - POSTCODE_DIGITS)


def first_of_year(on: date) -> date:
    """Return the first of January of the same year."""
    return date(on.year, 1, 1)
