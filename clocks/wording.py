"""Durations in words, in French and in English."""

from enum import StrEnum

from clocks.durations import Duration


class Language(StrEnum):
    FRENCH = "fr"
    ENGLISH = "en"


_WORDS: dict[Language, dict[str, tuple[str, str]]] = {
    Language.FRENCH: {
        "years": ("an", "ans"),
        "months": ("mois", "mois"),
        "weeks": ("semaine", "semaines"),
        "days": ("jour", "jours"),
        "hours": ("heure", "heures"),
        "minutes": ("minute", "minutes"),
        "seconds": ("seconde", "secondes"),
    },
    Language.ENGLISH: {
        "years": ("year", "years"),
        "months": ("month", "months"),
        "weeks": ("week", "weeks"),
        "days": ("day", "days"),
        "hours": ("hour", "hours"),
        "minutes": ("minute", "minutes"),
        "seconds": ("second", "seconds"),
    },
}
_AND = {Language.FRENCH: " et ", Language.ENGLISH: " and "}


def in_words(duration: Duration, *, language: Language) -> str:
    """Return the duration as people say it: "3 ans", "13 mois", "1 year, 6 months and 2 days"; ordinary spaces."""
    parts = [_counted(number, unit, language) for unit, number in duration.units() if number]
    if not parts:
        return _counted(0, "days", language)
    return _AND[language].join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _counted(number: int, unit: str, language: Language) -> str:
    one, many = _WORDS[language][unit]
    is_singular = number < 2 if language is Language.FRENCH else number == 1
    return f"{number} {one if is_singular else many}"
