"""The public holidays of France, and of the places where the law adds some."""

from datetime import date

import pytest

from clocks.public_holidays import Area, FrenchPublicHolidays, french_public_holidays

METROPOLITAN_2026 = {
    date(2026, 1, 1),
    date(2026, 4, 6),  # Easter Monday
    date(2026, 5, 1),
    date(2026, 5, 8),
    date(2026, 5, 14),  # Ascension
    date(2026, 5, 25),  # Whit Monday
    date(2026, 7, 14),
    date(2026, 8, 15),
    date(2026, 11, 1),
    date(2026, 11, 11),
    date(2026, 12, 25),
}


@pytest.mark.parametrize(
    ("area", "added"),
    [
        pytest.param(Area.METROPOLITAN, set(), id="metropolitan"),
        pytest.param(Area.ALSACE_MOSELLE, {date(2026, 4, 3), date(2026, 12, 26)}, id="Alsace-Moselle"),
        pytest.param(Area.MAYOTTE, {date(2026, 4, 27)}, id="Mayotte"),
        pytest.param(Area.MARTINIQUE, {date(2026, 5, 22)}, id="Martinique"),
        pytest.param(Area.GUADELOUPE, {date(2026, 5, 27)}, id="Guadeloupe, without the days of custom"),
        pytest.param(Area.GUYANE, {date(2026, 6, 10)}, id="Guyane"),
        pytest.param(Area.LA_REUNION, {date(2026, 12, 20)}, id="La Réunion"),
        pytest.param(Area.SAINT_BARTHELEMY, {date(2026, 10, 9)}, id="Saint-Barthélemy"),
        pytest.param(Area.SAINT_MARTIN, {date(2026, 5, 28)}, id="Saint-Martin, without the days of custom"),
    ],
)
def test_each_area_has_its_days(area, added):
    assert french_public_holidays([2026], area=area) == METROPOLITAN_2026 | added


def test_every_area_is_listed_with_a_stable_value():
    assert {area.value for area in Area} == {
        "metropolitan", "alsace_moselle", "guadeloupe", "guyane", "la_reunion", "martinique", "mayotte",
        "saint_barthelemy", "saint_martin",
    }  # fmt: skip


def test_several_years_are_one_set():
    assert len(french_public_holidays(range(2025, 2028))) == 33
    assert french_public_holidays([]) == frozenset()


def test_days_of_any_year_are_looked_up_when_asked():
    days_off = FrenchPublicHolidays()
    assert date(2027, 3, 29) in days_off  # Easter Monday
    assert date(2027, 3, 30) not in days_off
    assert "2027-03-29" not in days_off
    assert date(2026, 12, 26) in FrenchPublicHolidays(Area.ALSACE_MOSELLE)
