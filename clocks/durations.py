"""ISO 8601 durations in whole numbers, as people promise them: P3Y, P13M, P60D, PT24H."""

import re
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Self

from clocks.errors import DurationError

MAX_YEARS = 200
LONGEST_TEXT = 40

# Mean Gregorian lengths, used for the bound only: 400 years are 146 097 days, so a month is 2 629 746 seconds.
_MEAN_SECONDS = {
    "years": 31_556_952,
    "months": 2_629_746,
    "weeks": 604_800,
    "days": 86_400,
    "hours": 3_600,
    "minutes": 60,
    "seconds": 1,
}
_DATE_LETTERS = {"years": "Y", "months": "M", "weeks": "W", "days": "D"}
_TIME_LETTERS = {"hours": "H", "minutes": "M", "seconds": "S"}
_ISO_8601 = re.compile(
    "P(?=[0-9T])"
    + "".join(f"(?:(?P<{unit}>[0-9]+){letter})?" for unit, letter in _DATE_LETTERS.items())
    + "(?:T(?=[0-9])"
    + "".join(f"(?:(?P<{unit}>[0-9]+){letter})?" for unit, letter in _TIME_LETTERS.items())
    + ")?"
)
_FRACTION = re.compile("[0-9][.,][0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time as written, in whole units; 12 months and 1 year stay two different durations.

    Numbers that are negative, not whole, or together longer than 200 years raise `DurationError`.
    """

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0

    def __post_init__(self) -> None:
        for unit, number in self.units():
            if type(number) is not int or number < 0:
                raise DurationError(
                    f"{number!r} {unit} is not a length of time: give a whole number from 0 upwards.", code="not_whole"
                )
        if sum(number * _MEAN_SECONDS[unit] for unit, number in self.units()) > MAX_YEARS * _MEAN_SECONDS["years"]:
            raise DurationError(
                f"{self} is longer than {MAX_YEARS} years: "
                "give a shorter duration, or say in another way when it ends (an event, a criterion, a law).",
                code="too_long",
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the duration that an ISO 8601 text says, or raise `DurationError` naming the text and the remedy."""
        match = _ISO_8601.fullmatch(text) if len(text) <= LONGEST_TEXT else None
        if match is None:
            raise _refusal(text)
        return cls(**{unit: int(digits) for unit, digits in match.groupdict().items() if digits is not None})

    def __str__(self) -> str:
        day_part = "".join(
            f"{getattr(self, unit)}{letter}" for unit, letter in _DATE_LETTERS.items() if getattr(self, unit)
        )
        time_part = "".join(
            f"{getattr(self, unit)}{letter}" for unit, letter in _TIME_LETTERS.items() if getattr(self, unit)
        )
        if time_part:
            return f"P{day_part}T{time_part}"
        return f"P{day_part or '0D'}"

    def units(self) -> list[tuple[str, int]]:
        """Return every unit's plural name and number, longest unit first."""
        return [(field.name, getattr(self, field.name)) for field in fields(self)]

    @property
    def is_zero(self) -> bool:
        return not any(number for _, number in self.units())

    @property
    def counts_hours(self) -> bool:
        """Whether hours, minutes or seconds are part of it, so that a day alone is no sufficient start."""
        return bool(self.hours or self.minutes or self.seconds)

    @property
    def counts_days(self) -> bool:
        """Whether years, months, weeks or days are part of it."""
        return bool(self.years or self.months or self.weeks or self.days)

    @property
    def elapsed(self) -> timedelta:
        """Return the hours, minutes and seconds alone, as elapsed time."""
        return timedelta(hours=self.hours, minutes=self.minutes, seconds=self.seconds)


def _refusal(text: str) -> DurationError:
    shown = repr(text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…")
    if len(text) <= LONGEST_TEXT and _ISO_8601.fullmatch(text.upper()):
        return DurationError(
            f"{shown} is in lower case: write the units in upper case, {text.upper()!r}.", code="lower_case"
        )
    if _FRACTION.search(text):
        return DurationError(
            f"{shown} holds a fraction: use whole numbers of a smaller unit, as in 'P18M' for a year and a half.",
            code="fraction",
        )
    return DurationError(
        f"{shown} is not an ISO 8601 duration: write for example 'P3Y', 'P13M', 'P2W', 'P60D' or 'PT24H'.",
        code="not_iso_8601",
    )
