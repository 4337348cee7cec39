"""French public holidays: the days of Code du travail art. L3133-1, and those that the law adds in some places."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

import holidays

ABOLITION_OF_SLAVERY = "Abolition of Slavery"


class Area(StrEnum):
    """Where the days off are those of; the values are stable and stored."""

    METROPOLITAN = "metropolitan"
    ALSACE_MOSELLE = "alsace_moselle"  # adds Good Friday and 26 December (Code du travail art. L3134-13)
    GUADELOUPE = "guadeloupe"  # these add the abolition of slavery (Code du travail art. L3422-2)
    GUYANE = "guyane"
    LA_REUNION = "la_reunion"
    MARTINIQUE = "martinique"
    MAYOTTE = "mayotte"
    SAINT_BARTHELEMY = "saint_barthelemy"
    SAINT_MARTIN = "saint_martin"


_OVERSEAS = {
    Area.GUADELOUPE: "971",
    Area.MARTINIQUE: "972",
    Area.GUYANE: "973",
    Area.LA_REUNION: "974",
    Area.MAYOTTE: "976",
    Area.SAINT_BARTHELEMY: "BL",
    Area.SAINT_MARTIN: "MF",
}


def french_public_holidays(years: Iterable[int], *, area: Area = Area.METROPOLITAN) -> frozenset[date]:
    """Return the public holidays of these calendar years, week-ends included."""
    return frozenset().union(*(_of_year(year, area) for year in years))


@dataclass(frozen=True, slots=True)
class FrenchPublicHolidays:
    """The public holidays of every year, worked out when a day is looked up: pass it wherever `holidays` is asked."""

    area: Area = Area.METROPOLITAN

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in _of_year(day.year, self.area)


@lru_cache(maxsize=1024)
def _of_year(year: int, area: Area) -> frozenset[date]:
    if area is Area.ALSACE_MOSELLE:
        return frozenset(holidays.country_holidays("FR", subdiv="57", years=year))
    metropolitan = frozenset(holidays.country_holidays("FR", years=year))
    if area is Area.METROPOLITAN:
        return metropolitan
    # The package also lists days kept by custom overseas; a deadline may only be moved by a holiday of the law.
    local = holidays.country_holidays("FR", subdiv=_OVERSEAS[area], years=year, language="en_US")
    return metropolitan | frozenset(local.get_named(ABOLITION_OF_SLAVERY, lookup="exact"))
