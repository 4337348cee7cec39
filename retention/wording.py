"""The reading that gave a date, and what it comes to, in a sentence of French or English (pure).

For certificates, statements of a run and other texts whose language is that of the register, not of a request.
"""

from datetime import date

from clocks.kinds import Kind
from clocks.readings import Combination
from clocks.wording import Language, in_words
from retention.due import Decisions, Moment, Rule, combination_of, moment_of, why_undated
from retention.names import EVENTS, MONTHS, UNDATED
from retention.readings import Reading

FRENCH, ENGLISH = Language.FRENCH, Language.ENGLISH

_COLON = {FRENCH: "\u00a0: ", ENGLISH: ": "}
_SEMICOLON = {FRENCH: "\u00a0; ", ENGLISH: "; "}
_LIMITS = {
    Kind.AT_MOST: {FRENCH: "{} au plus", ENGLISH: "{} at most"},
    Kind.STRICTLY_LESS_THAN: {FRENCH: "moins de {}", ENGLISH: "less than {}"},
    Kind.AT_LEAST: {FRENCH: "{} au moins", ENGLISH: "{} at least"},
}
_UNTIL = {FRENCH: "jusqu’à cet événement", ENGLISH: "until this event"}
_UNTIL_PLUS = {FRENCH: "jusqu’à cet événement, puis {}", ENGLISH: "until this event, then {}"}
_FROM_ONE = {FRENCH: "{} à compter de cet événement", ENGLISH: "{} from this event"}
_FROM_SEVERAL = {
    Combination.LATEST: {
        FRENCH: "{} à compter du dernier des événements", ENGLISH: "{} from the latest of these events",
    },
    Combination.EARLIEST: {
        FRENCH: "{} à compter du premier des événements", ENGLISH: "{} from the earliest of these events",
    },
    Combination.UNDETERMINED: {
        FRENCH: "{} à compter de l’un des événements, le texte ne dit pas lequel",
        ENGLISH: "{} from one of these events, the text does not say which",
    },
}  # fmt: skip
_MOMENTS = {
    Moment.WITHIN: {FRENCH: "lu «\u00a0dans ce délai\u00a0»", ENGLISH: "read as “within this time”"},
    Moment.AFTER: {FRENCH: "lu «\u00a0après ce délai\u00a0»", ENGLISH: "read as “after this time”"},
}
_AMBIGUOUS = {
    FRENCH: "«\u00a0dans ce délai\u00a0» ou «\u00a0après ce délai\u00a0», le texte ne dit pas lequel",
    ENGLISH: "“within this time” or “after this time”, the text does not say which",
}
_LAST_DAY = {FRENCH: "dernier jour de conservation", ENGLISH: "last day of keeping"}
_GONE = {FRENCH: "effacé à partir du {} à 0 h", ENGLISH: "erased from {}, 00:00"}
_ANONYMISED = {FRENCH: "anonymisé à partir du {} à 0 h", ENGLISH: "anonymised from {}, 00:00"}
_CHANGED = {FRENCH: "change d’état à partir du {} à 0 h", ENGLISH: "changes state from {}, 00:00"}
_RETURNED = {FRENCH: "restitué puis détruit à partir du {} à 0 h", ENGLISH: "returned, then destroyed, from {}, 00:00"}
_TREATED = {FRENCH: "effacé ou anonymisé à partir du {} à 0 h", ENGLISH: "erased or anonymised from {}, 00:00"}
_GIVEN_BACK = {FRENCH: "effacé ou restitué à partir du {} à 0 h", ENGLISH: "erased or returned from {}, 00:00"}
_ENDS = {
    "erase": _GONE,
    "destroy": _GONE,
    "anonymise": _ANONYMISED,
    "erase_or_anonymise": _TREATED,
    "erase_or_return": _GIVEN_BACK,
    "return": _RETURNED,
    "return_then_destroy": _RETURNED,
    "change_state": _CHANGED,
    "": _TREATED,
}


def day_in_words(day: date, *, language: Language) -> str:
    """Return the day as people write it: “1er mai 2025”, “1 May 2025”."""
    number = "1er" if language is FRENCH and day.day == 1 else str(day.day)
    return f"{number} {MONTHS[language][day.month - 1]} {day.year}"


def rule_in_words(rule: Rule, decisions: Decisions, *, language: Language) -> str:
    """Return how the rule is counted, as it is read today: the duration, the events, what was decided or is open."""
    if why := why_undated(rule):
        return UNDATED[language][why]
    return _told(rule, combination_of(rule, decisions), moment_of(rule, decisions), language)


def reading_in_words(rule: Rule, reading: Reading, *, language: Language) -> str:
    """Return one dated reading of a rule: how it is counted, the event that dated it, the last day, the first gone."""
    combination = reading.start.reading if len(rule.events) > 1 else Combination.LATEST
    parts = [_told(rule, combination, reading.moment, language)]
    dated = f"{EVENTS[language][reading.start.event]}{_COLON[language]}"
    parts.append(dated + day_in_words(reading.start.on, language=language))
    parts.append(f"{_LAST_DAY[language]}{_COLON[language]}{day_in_words(reading.due_on, language=language)}")
    parts.append(_ENDS[rule.action][language].format(day_in_words(reading.goes_on, language=language)))
    return _SEMICOLON[language].join(parts)


def _told(rule: Rule, combination: Combination, moment: Moment | None, language: Language) -> str:
    events = ", ".join(EVENTS[language][event] for event in rule.events)
    told = f"{_counted(rule, combination, language)}{_COLON[language]}{events}"
    if rule.is_within_or_after:
        told += f" ({_MOMENTS[moment][language] if moment else _AMBIGUOUS[language]})"
    return told


def _counted(rule: Rule, combination: Combination, language: Language) -> str:
    if rule.term.duration is None:
        return _UNTIL[language]
    duration = in_words(rule.term.duration, language=language)
    if rule.term.kind is Kind.UNTIL_EVENT_PLUS:
        return _UNTIL_PLUS[language].format(duration)
    limited = _LIMITS[rule.term.kind][language].format(duration) if rule.term.kind in _LIMITS else duration
    counted = _FROM_SEVERAL[combination] if len(rule.events) > 1 else _FROM_ONE
    return counted[language].format(limited)
