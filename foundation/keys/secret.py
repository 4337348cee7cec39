"""A value that does not show itself by accident."""

from typing import NoReturn


class Secret:
    """An opened value: logs, tracebacks and templates see “…”; only `reveal()` says it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "…"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not copied.")
