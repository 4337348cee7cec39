"""Which night it is: the clock by which targets run, whatever time changes and whatever the machine missed (pure)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

A_DAY = timedelta(days=1)


def starts_at(night: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the moment at which a night's runs are due: once, though the clock shows it twice or never."""
    return datetime.combine(night, at, tzinfo=zone).astimezone(UTC)


def latest_night(now: datetime, at: time, zone: ZoneInfo) -> date:
    """Return the day of the last night whose runs are due at this moment: a missed one is made good, once."""
    night = now.astimezone(zone).date() + A_DAY
    while starts_at(night, at, zone) > now:
        night -= A_DAY
    return night
