"""Periods in hours, as elapsed time: computed in UTC, so a change of clocks neither adds nor takes an hour."""

from datetime import UTC, datetime, timedelta, tzinfo

from clocks.durations import Duration
from clocks.errors import MomentError

MINUTE = timedelta(minutes=1)


def add_hours(moment: datetime, duration: Duration) -> datetime:
    """Return the moment that lies `duration` of elapsed time later, told in the zone of `moment`.

    72 hours are 72 times 60 minutes from the minute of the event, and are not moved for a week-end or holiday
    (Regulation 1182/71 art. 3(4); not counting the hour of the event, art. 3(1), would be later). A duration that
    counts days, and a moment without a zone, raise `MomentError`.
    """
    if duration.counts_days:
        raise MomentError(f"{duration} counts days, not hours: give it in hours, as in 'PT72H'.", code="needs_a_day")
    return (in_utc(moment) + duration.elapsed).astimezone(moment.tzinfo)


def in_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC, in which moments may be subtracted and compared safely."""
    if moment.utcoffset() is None:
        raise MomentError(f"{moment} has no time zone: give it one, as in Europe/Paris.", code="no_time_zone")
    return moment.astimezone(UTC)


def instant_of(wall_clock: datetime, *, zone: tzinfo) -> datetime:
    """Return, in UTC, when clocks in `zone` show `wall_clock` (a datetime without zone).

    A time shown twice, in autumn, gives the first instant. A time never shown, in spring, gives the instant at which
    the clocks change.
    """
    moment = wall_clock.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall_clock:
        return moment
    offset_after = moment.astimezone(zone).utcoffset()
    while (moment - MINUTE).astimezone(zone).utcoffset() == offset_after:
        moment -= MINUTE
    return moment
