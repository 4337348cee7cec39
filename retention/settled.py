"""How the engine acts for a register: its settings, or those that hold without a row."""

from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

from foundation.accounts.models import Register
from retention.models import RetentionSettings

A_LEAP_YEAR_NOT = 2001  # a fiscal year that ends with February ends on its 28th, or 29th


def settings_of(register: Register) -> RetentionSettings:
    """Return the settings of a register; without a row, the values written in the model."""
    found = RetentionSettings.objects.filter(register=register).first()
    return found or RetentionSettings(register=register)


def fiscal_year_ends(settings: RetentionSettings) -> tuple[int, int]:
    """Return month and day with which the fiscal year ends."""
    month = settings.fiscal_year_ends_month
    return month, monthrange(A_LEAP_YEAR_NOT, month)[1]


def local_day(register: Register, at: datetime) -> date:
    """Return the day that a moment belongs to, by the register's clock."""
    return at.astimezone(ZoneInfo(register.time_zone)).date()
