"""Values in words: lengths of time, dates, numbers, hours, kinds of answer, marks."""

import pytest
from django.utils import translation

from documents import periods, rendering, values
from documents.book import Book
from documents.vocabulary import ANSWERS, COUNTED_FROM, MARKS, UNTIL
from register.models import Answer, Mark
from register.models.duration_field import TermKind
from retention.models import StartEventKind

ASKED = "data_collection", "last_inbound_contact"


def rule(language="fr", events=(), **row):
    start_events = [{"event": event} for event in events]
    form = {
        "register": {"slug": "x", "name": "X", "language": "fr"},
        "retention_rules": [{"ref": "r", "description": "données", **row, "start_events": start_events}],
    }
    return Book(form, language=language).entries("retention_rules")[0]


def said(language="fr", **row):
    with translation.override(language):
        entry = rule(language, **row)
        parts = (*periods.retention(entry).parts, *periods.start(entry).parts)
        return ", ".join(part.text for part in parts).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("row", "french", "english"),
    [
        pytest.param(
            {"kind": "at_most", "duration": "P3Y", "events": ASKED, "combination": "undetermined"},
            "3 ans au plus, à compter de la collecte des données ou du dernier contact émanant de la personne "
            "(la politique ne dit pas lequel)",
            "3 years at most, counted from the collection of the data or the last contact coming from the person "
            "(the policy does not say which)",
            id="one of two events",
        ),
        pytest.param(
            {"kind": "until_event", "until_event": "subscription_end"},
            "jusqu’à la fin de l’abonnement",
            "until the end of the subscription",
            id="until an event",
        ),
        pytest.param(
            {"kind": "until_event_plus", "until_event": "contract_end", "duration": "P5Y"},
            "jusqu’à la fin du contrat, puis 5 ans",
            "until the end of the contract, then 5 years",
            id="until an event, then for a time",
        ),
        pytest.param(
            {"kind": "strictly_less_than", "duration": "PT24H", "events": ["payment"]},
            "moins de 24 heures, à compter du paiement",
            "less than 24 hours, counted from the payment",
            id="less than",
        ),
        pytest.param({"kind": "statutory"}, "durée fixée par la loi", "period set by law", id="set by law"),
        pytest.param({"kind": "unspecified"}, "", "", id="not specified"),
    ],
)
def test_a_retention_rule_is_a_sentence(row, french, english):
    assert said("fr", **row) == french
    assert said("en", **row) == english


def test_a_rule_without_a_duration_is_not_stated():
    assert periods.retention(rule(kind="unspecified")).answer == Answer.Kind.NOT_STATED


@pytest.mark.parametrize("kind", TermKind.values)
def test_every_kind_of_term_has_words(kind):
    with translation.override("fr"):
        cell = periods.retention(rule(kind=kind, duration="P1Y"))
    assert cell.parts


def test_every_event_has_a_phrase_after_from_and_until():
    assert set(COUNTED_FROM) == set(UNTIL) == set(StartEventKind.values)


def test_every_answer_and_mark_has_a_word():
    assert set(ANSWERS) == set(Answer.Kind.values)
    assert set(MARKS) == set(Mark.Kind.values)


@pytest.mark.parametrize(
    ("text", "language", "precision", "words"),
    [
        ("2027-03-01", "fr", "day", "1er mars 2027"),
        ("2027-08-02", "fr", "day", "2 août 2027"),
        ("2027-03-01", "en", "day", "1 March 2027"),
        ("2023-12-01", "fr", "month", "décembre 2023"),
        ("2023-01-01", "en", "year", "2023"),
    ],
)
def test_dates_are_written_as_people_write_them(text, language, precision, words):
    assert values.day(text, language=language, precision=precision).replace("\u00a0", " ") == words


def test_numbers_have_the_separators_of_the_language():
    assert values.number(10_174_560, language="fr") == "10\u202f174\u202f560"
    assert values.number(99.98, language="fr") == "99,98"
    assert values.number(10_174_560, language="en") == "10,174,560"


def test_a_duration_that_is_none_stays_as_it_is():
    assert values.length("P1.5Y", language="fr") == "P1.5Y"
    assert values.length("P1Y6M", language="fr") == "1\u00a0an et 6\u00a0mois"


def test_days_with_the_same_hours_stand_together():
    week = [(day, start, end) for day in range(1, 6) for start, end in (("08:30", "12:30"), ("13:30", "17:00"))]
    with translation.override("fr"):
        lines = values.opening_hours([*week[:-1], (5, "13:30", "16:30")], language="fr")
    assert [line.replace("\u00a0", " ").replace("\u202f", " ") for line in lines] == [
        "lundi–jeudi : 8 h 30–12 h 30, 13 h 30–17 h",
        "vendredi : 8 h 30–12 h 30, 13 h 30–16 h 30",
    ]


def test_french_punctuation_keeps_to_its_word():
    assert rendering.french("<p>Durée : 3 ans ; « oui »</p>") == ("<p>Durée\u202f: 3 ans\u202f; «\u202foui\u202f»</p>")
