"""Facts written one after the other so that no two lists of facts give the same bytes."""

Fact = bytes | str | int | None
_ABSENT, _PRESENT = b"\x00", b"\x01"
_LENGTH_BYTES = 4


def framed(*facts: Fact) -> bytes:
    """Return the facts as bytes: each says whether it is there and how long it is, before its content."""
    return b"".join(_frame(fact) for fact in facts)


def _frame(fact: Fact) -> bytes:
    if fact is None:
        return _ABSENT
    content = fact if isinstance(fact, bytes) else str(fact).encode()
    return _PRESENT + len(content).to_bytes(_LENGTH_BYTES, "big") + content
