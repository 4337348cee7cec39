"""What cannot be computed because the values given make no sense together."""


class ClockError(ValueError):
    """A value refused; `code` is stable and never shown, the message names the value and the remedy."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class DurationError(ClockError):
    """A text or set of numbers that is not a duration."""


class TermError(ClockError):
    """A term whose kind does not go with the duration, event or count given."""


class DayError(ClockError):
    """A day that is no calendar day, or a result outside the years 1 to 9999."""


class MomentError(ClockError):
    """A moment without a time zone, or a period that does not suit a moment."""


class CalendarError(ClockError):
    """Opening hours that overlap, cannot be read, or never come."""


class SuspensionError(ClockError):
    """A suspension that ends before it begins, or begins before the request."""
