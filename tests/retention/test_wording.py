"""The reading that gave a date, in words."""

from datetime import date

import pytest

from clocks.readings import Combination
from clocks.wording import Language
from retention.due import Decisions, Moment, Status, why_undated
from retention.models import StartEventKind
from retention.names import DOMAINS, EVENTS, STATUSES, UNDATED
from retention.readings import readings
from retention.statutory import Domain
from retention.wording import day_in_words, reading_in_words, rule_in_words
from tests.conftest import SLUGS
from tests.retention.registers import rules_in

FRENCH, ENGLISH = Language.FRENCH, Language.ENGLISH
PROSPECT_DAYS = {"data_collection": date(2021, 3, 10), "last_inbound_contact": date(2022, 5, 1)}


@pytest.mark.parametrize("language", Language)
def test_every_event_domain_status_and_reason_has_a_name(language):
    assert set(EVENTS[language]) == set(StartEventKind.values)
    assert set(DOMAINS[language]) == set(Domain)
    assert set(STATUSES[language]) == set(Status)
    met = {why_undated(rule) for slug in SLUGS for rule in rules_in(slug).values()} - {""}
    assert met <= set(UNDATED[language])
    assert set(UNDATED[FRENCH]) == set(UNDATED[ENGLISH])


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        pytest.param(date(2025, 5, 1), "1er mai 2025", "1 May 2025", id="the first"),
        pytest.param(date(2024, 12, 31), "31 décembre 2024", "31 December 2024", id="any other"),
    ],
)
def test_a_day_is_written_as_people_do(day, french, english):
    assert day_in_words(day, language=FRENCH) == french
    assert day_in_words(day, language=ENGLISH) == english


def dated(slug, ref, days, decisions=None):
    rule = rules_in(slug)[ref]
    return rule, readings(rule, days, decisions or Decisions())


@pytest.mark.parametrize(
    ("slug", "ref", "days", "french", "english"),
    [
        pytest.param(
            "urbs-imope", "prospect", PROSPECT_DAYS,
            "3 ans à compter du dernier des événements : collecte des données, dernier contact venant de la personne ; "
            "dernier contact venant de la personne : 1er mai 2022 ; dernier jour de conservation : 1er mai 2025 ; "
            "effacé ou anonymisé à partir du 2 mai 2025 à 0 h",
            "3 years from the latest of these events: collection of the data, last contact coming from the person; "
            "last contact coming from the person: 1 May 2022; last day of keeping: 1 May 2025; "
            "erased or anonymised from 2 May 2025, 00:00",
            id="the latest of two events",
        ),
        pytest.param(
            "urbs-imope", "client-actif", {"contract_end": date(2024, 6, 30)},
            "jusqu’à cet événement : fin du contrat ; fin du contrat : 30 juin 2024 ; "
            "dernier jour de conservation : 30 juin 2024 ; change d’état à partir du 1er juillet 2024 à 0 h",
            "until this event: end of the contract; end of the contract: 30 June 2024; "
            "last day of keeping: 30 June 2024; changes state from 1 July 2024, 00:00",
            id="until an event",
        ),
        pytest.param(
            "urbs-imope", "cookies", {"tracker_deposit": date(2025, 1, 31)},
            "13 mois au plus à compter de cet événement : dépôt du traceur ; dépôt du traceur : 31 janvier 2025 ; "
            "dernier jour de conservation : 28 février 2026 ; effacé ou anonymisé à partir du 28 février 2026 à 0 h",
            "13 months at most from this event: deposit of the tracker; deposit of the tracker: 31 January 2025; "
            "last day of keeping: 28 February 2026; erased or anonymised from 28 February 2026, 00:00",
            id="at most: gone on the last day",
        ),
        pytest.param(
            "live-session", "resiliation-trois-ans", {"termination": date(2024, 1, 31)},
            "3 ans au plus à compter de cet événement : résiliation (lu « après ce délai ») ; "
            "résiliation : 31 janvier 2024 ; dernier jour de conservation : 31 janvier 2027 ; "
            "effacé à partir du 1er février 2027 à 0 h",
            "3 years at most from this event: termination (read as “after this time”); "
            "termination: 31 January 2024; last day of keeping: 31 January 2027; erased from 1 February 2027, 00:00",
            id="within or after",
        ),
    ],
)  # fmt: skip
def test_a_dated_reading_is_told_in_both_languages(slug, ref, days, french, english):
    rule, found = dated(slug, ref, days)
    assert reading_in_words(rule, found[-1], language=FRENCH).replace("\u00a0", " ") == french
    assert reading_in_words(rule, found[-1], language=ENGLISH) == english


def test_the_other_reading_names_the_other_event():
    rule, found = dated("urbs-imope", "prospect", PROSPECT_DAYS)
    words = reading_in_words(rule, found[0], language=ENGLISH)
    assert "the earliest of these events" in words
    assert "last day of keeping: 10 March 2024" in words


@pytest.mark.parametrize(
    ("slug", "ref", "decisions", "english"),
    [
        pytest.param(
            "urbs-imope", "prospect", Decisions(),
            "3 years from one of these events, the text does not say which: "
            "collection of the data, last contact coming from the person",
            id="nobody has decided",
        ),
        pytest.param(
            "urbs-imope", "prospect", Decisions(combination={"prospect": Combination.EARLIEST}),
            "3 years from the earliest of these events: "
            "collection of the data, last contact coming from the person",
            id="decided",
        ),
        pytest.param(
            "live-session", "resiliation-trois-ans", Decisions(),
            "3 years at most from this event: termination "
            "(“within this time” or “after this time”, the text does not say which)",
            id="within or after, nobody has decided",
        ),
        pytest.param(
            "live-session", "resiliation-trois-ans", Decisions(moment={"resiliation-trois-ans": Moment.WITHIN}),
            "3 years at most from this event: termination (read as “within this time”)", id="within, decided",
        ),
        pytest.param("sistec", "necessite", Decisions(), "the text gives a criterion, not a period", id="a criterion"),
        pytest.param(
            "sofacto", "prospects", Decisions(), "the text does not say from which event", id="no start event"
        ),
        pytest.param(
            "vistory-sesame", "fin-abonnement", Decisions(), "until this event: end of the subscription", id="open",
        ),
    ],
)  # fmt: skip
def test_a_rule_is_told_as_it_is_read_today(slug, ref, decisions, english):
    assert rule_in_words(rules_in(slug)[ref], decisions, language=ENGLISH) == english


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("language", Language)
def test_every_rule_of_the_five_policies_can_be_told(slug, language):
    for rule in rules_in(slug).values():
        assert rule_in_words(rule, Decisions(), language=language)
        for reading in readings(rule, dict.fromkeys(StartEventKind.values, date(2024, 2, 29)), Decisions()):
            assert str(reading.due_on.year) in reading_in_words(rule, reading, language=language)
