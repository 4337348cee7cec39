"""The kinds of answer that a text gives to "how long?"."""

from enum import StrEnum


class Kind(StrEnum):
    """How a text limits a period; the values are stable and stored, never shown."""

    EXACT = "exact"  # "3 ans à compter de …"
    AT_MOST = "at_most"  # "n'excède pas 13 mois"
    STRICTLY_LESS_THAN = "strictly_less_than"  # "moins de 24 heures"
    AT_LEAST = "at_least"  # "au moins 1 mois"
    UNTIL_EVENT = "until_event"  # "jusqu'à la fin de l'abonnement"
    UNTIL_EVENT_PLUS = "until_event_plus"  # "la durée du contrat, puis 3 ans"
    CRITERION = "criterion"  # "le temps nécessaire"
    BY_REFERENCE = "by_reference"  # "suivant le délai défini dans la clause de réversibilité"
    COUNT = "count"  # "7 versions de sauvegarde", "un message unique"
    STATUTORY = "statutory"  # "pendant la période légale qui s'impose": looked up in the law
    PER_TYPE = "per_type"  # "varie en fonction du type de cookie"
    FREQUENCY_CAP = "frequency_cap"  # "pas plus d'une fois par période de 12 mois"
    NOT_QUANTIFIED = "not_quantified"  # "dans les meilleurs délais", "immédiatement"
    UNSPECIFIED = "unspecified"  # the text says nothing
