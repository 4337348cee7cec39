"""What the law orders to keep, until when; and the one day that a statement compares."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clocks.durations import Duration
from retention.statutory import (
    MINIMUMS,
    PUBLIC_ARCHIVES_VISA,
    Domain,
    Minimum,
    Trigger,
    end_of_fiscal_year,
    kept_until,
    latest_free_day,
    minimum_on,
    minimums,
)

DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))
YEAR_ENDS = st.sampled_from([(12, 31), (6, 30), (3, 31), (2, 28), (2, 29), (9, 15)])


@pytest.mark.parametrize(
    ("domain", "document_on", "expected"),
    [
        pytest.param("invoice", date(2024, 2, 29), date(2034, 12, 31), id="ten years from the end of the fiscal year"),
        pytest.param("accounting_document", date(2024, 12, 31), date(2034, 12, 31), id="on its last day"),
        pytest.param("accounting_document", date(2025, 1, 1), date(2035, 12, 31), id="on the first day of the next"),
        pytest.param("tax_document", date(2024, 2, 29), date(2030, 2, 28), id="six years from the document"),
        pytest.param("electronic_contract", date(2024, 6, 15), date(2034, 6, 15), id="ten years from delivery"),
        pytest.param("payslip", date(2024, 1, 31), date(2029, 1, 31), id="five years from the payslip"),
        pytest.param("electronic_payslip", date(2024, 1, 31), date(2074, 1, 31), id="fifty years"),
        pytest.param("staff_register", date(2024, 5, 31), date(2029, 5, 31), id="five years after the departure"),
        pytest.param("working_time", date(2024, 3, 1), date(2025, 3, 1), id="a year for hours"),
        pytest.param("working_time_in_days", date(2024, 3, 1), date(2027, 3, 1), id="three years for days"),
        pytest.param("subscriber_identity", date(2024, 3, 1), date(2029, 3, 1), id="five years after the contract"),
        pytest.param("subscriber_account", date(2024, 3, 1), date(2025, 3, 1), id="a year after the contract"),
        pytest.param("connection_data", date(2024, 3, 1), date(2025, 3, 1), id="a year after the connection"),
        pytest.param("medical_record", date(2024, 3, 1), date(2044, 3, 1), id="twenty years after the last visit"),
        pytest.param("medical_record_of_minor", date(2024, 3, 1), date(2052, 3, 1), id="a newborn turns 28"),
    ],
)
def test_the_law_orders_to_keep_until_a_day(domain, document_on, expected):
    assert kept_until(domain, document_on) == expected


def test_every_domain_has_a_minimum_and_a_case_above():
    case_domains = {
        mark.args[1][index].values[0]
        for mark in test_the_law_orders_to_keep_until_a_day.pytestmark
        for index in range(len(mark.args[1]))
    }
    assert {row.domain for row in MINIMUMS} == set(Domain) == case_domains


@pytest.mark.parametrize(
    ("day", "ends", "expected"),
    [
        pytest.param(date(2024, 7, 1), (6, 30), date(2025, 6, 30), id="the day after the end"),
        pytest.param(date(2024, 6, 30), (6, 30), date(2024, 6, 30), id="the end"),
        pytest.param(date(2024, 2, 29), (2, 28), date(2024, 2, 29), id="February ends with February"),
        pytest.param(date(2024, 2, 28), (2, 28), date(2024, 2, 29), id="never a day early in a leap year"),
        pytest.param(date(2024, 3, 1), (2, 29), date(2025, 2, 28), id="the next February is shorter"),
        pytest.param(date(2024, 4, 15), (4, 31), date(2024, 4, 30), id="no 31 April"),
    ],
)
def test_a_fiscal_year_ends_where_the_organisation_says(day, ends, expected):
    assert end_of_fiscal_year(day, ends) == expected


@given(domain=st.sampled_from(Domain), as_of=DAYS, document_on=DAYS, ends=YEAR_ENDS)
def test_a_document_is_free_when_its_period_is_over(domain, as_of, document_on, ends):
    free = latest_free_day(domain, as_of, ends)
    assert free is not None
    assert (document_on <= free) == (kept_until(domain, document_on, ends) < as_of)


@given(domain=st.sampled_from(Domain), as_of=DAYS, ends=YEAR_ENDS)
def test_the_latest_free_day_is_free_and_the_next_one_is_not(domain, as_of, ends):
    free = latest_free_day(domain, as_of, ends)
    assert kept_until(domain, free, ends) < as_of <= kept_until(domain, free + timedelta(days=1), ends)


def test_no_document_is_free_before_the_first_period_could_be_over():
    assert latest_free_day("invoice", date(11, 1, 1)) is None


def test_an_unknown_domain_is_refused():
    with pytest.raises(ValueError, match="horoscope"):
        kept_until("horoscope", date(2024, 1, 1))


def changed(first_years, then_years):
    """Two texts in turn: the second holds from 2021."""
    return (
        Minimum(Domain.PAYSLIP, Duration(years=then_years), Trigger.DOCUMENT_DATE, "new", date(2021, 1, 1)),
        Minimum(
            Domain.PAYSLIP, Duration(years=first_years), Trigger.DOCUMENT_DATE, "old", date(2008, 5, 1),
            date(2020, 12, 31),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("document_on", "reference"),
    [(date(1990, 1, 1), "old"), (date(2020, 12, 31), "old"), (date(2021, 1, 1), "new"), (date(2030, 1, 1), "new")],
)
def test_a_document_follows_the_text_of_its_day(document_on, reference):
    assert minimum_on("payslip", document_on, rows=changed(6, 5)).reference == reference


@given(
    as_of=st.dates(date(2015, 1, 1), date(2045, 1, 1)),
    document_on=st.dates(date(2005, 1, 1), date(2040, 1, 1)),
    years=st.sampled_from([(6, 5), (5, 10), (5, 5)]),
)
def test_where_the_law_changes_no_document_is_free_before_its_period_is_over(as_of, document_on, years):
    rows = changed(*years)
    free = latest_free_day("payslip", as_of, rows=rows)
    if document_on <= free:
        assert kept_until("payslip", document_on, rows=rows) < as_of
    if document_on == free + timedelta(days=1):
        assert kept_until("payslip", document_on, rows=rows) >= as_of


@pytest.mark.parametrize("domain", Domain)
def test_the_texts_of_a_domain_follow_each_other_without_overlap(domain):
    in_turn = minimums(domain)
    assert in_turn
    assert all(row.in_force_until is not None for row in in_turn[:-1])
    for earlier, later in pairwise(in_turn):
        assert earlier.in_force_until < later.in_force_from


def test_public_archives_need_a_visa_of_the_archives_authority():
    assert PUBLIC_ARCHIVES_VISA.applies_to == "public_body"
    assert any("L212-2" in reference for reference in PUBLIC_ARCHIVES_VISA.references)
