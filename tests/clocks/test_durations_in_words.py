"""Durations are told in French and English words."""

import pytest

from clocks.durations import Duration
from clocks.wording import Language, in_words


@pytest.mark.parametrize(
    ("text", "french", "english"),
    [
        pytest.param("P3Y", "3 ans", "3 years", id="years"),
        pytest.param("P1Y", "1 an", "1 year", id="one year"),
        pytest.param("P13M", "13 mois", "13 months", id="months"),
        pytest.param("P1M", "1 mois", "1 month", id="one month"),
        pytest.param("P2W", "2 semaines", "2 weeks", id="weeks"),
        pytest.param("P60D", "60 jours", "60 days", id="days"),
        pytest.param("PT24H", "24 heures", "24 hours", id="hours"),
        pytest.param("PT20M", "20 minutes", "20 minutes", id="minutes"),
        pytest.param("PT1S", "1 seconde", "1 second", id="one second"),
        pytest.param("P1Y6M", "1 an et 6 mois", "1 year and 6 months", id="two units"),
        pytest.param("P2Y1M3D", "2 ans, 1 mois et 3 jours", "2 years, 1 month and 3 days", id="three units"),
        pytest.param("P0D", "0 jour", "0 days", id="zero is singular in French only"),
    ],
)
def test_a_duration_is_told_in_both_languages(text, french, english):
    duration = Duration.parse(text)
    assert in_words(duration, language=Language.FRENCH) == french
    assert in_words(duration, language=Language.ENGLISH) == english
