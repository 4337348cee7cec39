"""Durations are read from and written to ISO 8601 text, in whole bounded units."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clocks.durations import Duration
from clocks.errors import DurationError

quick = settings(max_examples=60, deadline=None, database=None)
durations = st.builds(
    Duration,
    years=st.integers(0, 90),
    months=st.integers(0, 500),
    weeks=st.integers(0, 500),
    days=st.integers(0, 5000),
    hours=st.integers(0, 5000),
    minutes=st.integers(0, 5000),
    seconds=st.integers(0, 100_000),
)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        pytest.param("P3Y", Duration(years=3), id="three years"),
        pytest.param("P13M", Duration(months=13), id="thirteen months stay months"),
        pytest.param("P2W", Duration(weeks=2), id="weeks"),
        pytest.param("P60D", Duration(days=60), id="days"),
        pytest.param("PT24H", Duration(hours=24), id="hours stay hours"),
        pytest.param("PT20M", Duration(minutes=20), id="M after T is minutes"),
        pytest.param("PT90S", Duration(seconds=90), id="seconds"),
        pytest.param("P1Y6M2DT3H", Duration(years=1, months=6, days=2, hours=3), id="several units"),
        pytest.param("P0D", Duration(), id="zero"),
        pytest.param("P200Y", Duration(years=200), id="the longest in years"),
        pytest.param("P2400M", Duration(months=2400), id="the longest in months"),
    ],
)
def test_a_text_is_read_and_written_back(text, duration):
    assert Duration.parse(text) == duration
    assert str(duration) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        pytest.param("P03Y", "P3Y", id="leading zero"),
        pytest.param("PT0S", "P0D", id="zero seconds"),
        pytest.param("P1Y0M", "P1Y", id="zero months"),
    ],
)
def test_a_number_has_one_written_form(text, canonical):
    assert str(Duration.parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("", "not_iso_8601", id="empty"),
        pytest.param("P", "not_iso_8601", id="no unit"),
        pytest.param("PT", "not_iso_8601", id="no unit of time"),
        pytest.param("P1YT", "not_iso_8601", id="T with nothing after"),
        pytest.param("P3", "not_iso_8601", id="number without unit"),
        pytest.param("3 ans", "not_iso_8601", id="words"),
        pytest.param("P1H", "not_iso_8601", id="hours without T"),
        pytest.param("P1D1Y", "not_iso_8601", id="wrong order"),
        pytest.param("-P1Y", "not_iso_8601", id="negative"),
        pytest.param("P-1Y", "not_iso_8601", id="negative number"),
        pytest.param("P1Y\n", "not_iso_8601", id="trailing newline"),
        pytest.param(" P1Y", "not_iso_8601", id="leading space"),
        pytest.param("P٣Y", "not_iso_8601", id="digits that are not ASCII"),
        pytest.param("P" + "9" * 5000 + "Y", "not_iso_8601", id="very long"),
        pytest.param("p3y", "lower_case", id="lower case"),
        pytest.param("Pt24h", "lower_case", id="partly lower case"),
        pytest.param("P1.5Y", "fraction", id="fraction with a point"),
        pytest.param("PT0,5H", "fraction", id="fraction with a comma"),
        pytest.param("P201Y", "too_long", id="201 years"),
        pytest.param("P2401M", "too_long", id="201 years in months"),
        pytest.param("P199Y13M", "too_long", id="201 years in both"),
        pytest.param("P73050D", "too_long", id="200 years and a day"),
        pytest.param("P99999999999Y", "too_long", id="absurd"),
    ],
)
def test_anything_else_is_refused(text, code):
    with pytest.raises(DurationError) as refusal:
        Duration.parse(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("3 ans", "'3 ans' is not an ISO 8601 duration: write for example 'P3Y'", id="words"),
        pytest.param("p3y", "'p3y' is in lower case: write the units in upper case, 'P3Y'.", id="lower case"),
        pytest.param("P1.5Y", "'P1.5Y' holds a fraction: use whole numbers of a smaller unit", id="fraction"),
        pytest.param("P201Y", "P201Y is longer than 200 years: give a shorter duration", id="too long"),
        pytest.param("x" * 5000, "'" + "x" * 40 + "…' is not an ISO 8601 duration", id="only the beginning is shown"),
    ],
)
def test_the_refusal_names_the_text_and_the_remedy(text, message):
    with pytest.raises(DurationError) as refusal:
        Duration.parse(text)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    "units",
    [
        pytest.param({"years": -1}, id="negative"),
        pytest.param({"months": 1.5}, id="fraction"),
        pytest.param({"days": True}, id="a truth value is no number"),
        pytest.param({"hours": "1"}, id="text"),
    ],
)
def test_only_whole_numbers_are_durations(units):
    with pytest.raises(DurationError) as refusal:
        Duration(**units)
    assert refusal.value.code == "not_whole"


@pytest.mark.parametrize(
    ("text", "counts_days", "counts_hours"),
    [
        pytest.param("P1D", True, False, id="days"),
        pytest.param("PT24H", False, True, id="hours"),
        pytest.param("P1DT1S", True, True, id="both"),
        pytest.param("P0D", False, False, id="zero"),
    ],
)
def test_a_duration_says_whether_it_counts_days_or_hours(text, counts_days, counts_hours):
    duration = Duration.parse(text)
    assert (duration.counts_days, duration.counts_hours) == (counts_days, counts_hours)
    assert duration.is_zero == (text == "P0D")


@quick
@given(durations)
def test_every_duration_survives_being_written_and_read(duration):
    assert Duration.parse(str(duration)) == duration


@quick
@given(st.text(alphabet="PTYMWDHS0123456789.,-p ", max_size=12))
def test_a_text_is_either_read_or_refused(text):
    try:
        duration = Duration.parse(text)
    except DurationError:
        return
    assert Duration.parse(str(duration)) == duration
