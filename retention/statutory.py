"""What the law orders to keep, and until when, as dated data (art. 6(1)(c), 17(3)(b)); French law (pure).

Here stand *duties to keep* only. Limitation periods (Code civil art. 2224) order nothing: they are a reason to keep
that a policy may or may not give. Maxima (images of cameras, proof of a card payment) order to erase. Recommendations
of the CNIL (five years for hours worked) bind as far as a policy takes them up. None of these may stop an erasure.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clocks import days
from clocks.durations import Duration

ONE_DAY = timedelta(days=1)
END_OF_CALENDAR_YEAR = (12, 31)


class Domain(StrEnum):
    """A domain of documents that a law orders to keep; the values are stable and stored, never shown."""

    INVOICE = "invoice"
    ACCOUNTING_DOCUMENT = "accounting_document"
    TAX_DOCUMENT = "tax_document"
    ELECTRONIC_CONTRACT = "electronic_contract"
    PAYSLIP = "payslip"
    ELECTRONIC_PAYSLIP = "electronic_payslip"
    STAFF_REGISTER = "staff_register"
    WORKING_TIME = "working_time"
    WORKING_TIME_IN_DAYS = "working_time_in_days"
    SUBSCRIBER_IDENTITY = "subscriber_identity"
    SUBSCRIBER_ACCOUNT = "subscriber_account"
    CONNECTION_DATA = "connection_data"
    MEDICAL_RECORD = "medical_record"
    MEDICAL_RECORD_OF_MINOR = "medical_record_of_minor"


class Trigger(StrEnum):
    """The day that dates a document; `END_OF_FISCAL_YEAR` is worked out from the document's own day."""

    END_OF_FISCAL_YEAR = "end_of_fiscal_year"
    DOCUMENT_DATE = "document_date"  # for tax books, the last entry
    DELIVERY = "delivery"
    END_OF_EMPLOYMENT = "end_of_employment"
    END_OF_CONTRACT = "end_of_contract"
    EVENT = "event"
    LAST_VISIT = "last_visit"


@dataclass(frozen=True, slots=True)
class Minimum:
    """A duty to keep: how long, from which day, by which text, and when that text is in force (None: not looked up)."""

    domain: Domain
    duration: Duration
    trigger: Trigger
    reference: str
    in_force_from: date | None = None
    in_force_until: date | None = None


@dataclass(frozen=True, slots=True)
class ArchivesVisa:
    """Who must agree before public archives are destroyed, and by which texts."""

    applies_to: str
    visa_of: str
    references: tuple[str, ...]


PUBLIC_ARCHIVES_VISA = ArchivesVisa(
    applies_to="public_body",
    visa_of="archives_authority",
    references=(
        "Code du patrimoine, art. L212-2", "Code du patrimoine, art. L212-3", "Code du patrimoine, art. R212-14",
    ),
)  # fmt: skip

LABOUR_CODE = date(2008, 5, 1)  # the recodified Code du travail
CONSUMER_CODE = date(2016, 7, 1)  # the recodified Code de la consommation

MINIMUMS: tuple[Minimum, ...] = (
    Minimum(
        Domain.INVOICE, Duration(years=10), Trigger.END_OF_FISCAL_YEAR, "Code de commerce, art. L123-22",
        date(2000, 9, 21),
    ),
    Minimum(
        Domain.ACCOUNTING_DOCUMENT, Duration(years=10), Trigger.END_OF_FISCAL_YEAR, "Code de commerce, art. L123-22",
        date(2000, 9, 21),
    ),
    Minimum(
        Domain.TAX_DOCUMENT, Duration(years=6), Trigger.DOCUMENT_DATE, "Livre des procédures fiscales, art. L102 B",
    ),
    Minimum(  # with consumers, from 120 euros
        Domain.ELECTRONIC_CONTRACT, Duration(years=10), Trigger.DELIVERY,
        "Code de la consommation, art. L213-1, D213-1, D213-2", CONSUMER_CODE,
    ),
    Minimum(
        Domain.PAYSLIP, Duration(years=5), Trigger.DOCUMENT_DATE, "Code du travail, art. L3243-4", LABOUR_CODE,
    ),
    Minimum(  # or until an age that only the employee's birth gives: the longer way needs no birth
        Domain.ELECTRONIC_PAYSLIP, Duration(years=50), Trigger.DOCUMENT_DATE, "Code du travail, art. D3243-8",
        date(2017, 1, 1),
    ),
    Minimum(
        Domain.STAFF_REGISTER, Duration(years=5), Trigger.END_OF_EMPLOYMENT, "Code du travail, art. R1221-26",
        LABOUR_CODE,
    ),
    Minimum(
        Domain.WORKING_TIME, Duration(years=1), Trigger.EVENT, "Code du travail, art. D3171-16, 1°", LABOUR_CODE,
    ),
    Minimum(
        Domain.WORKING_TIME_IN_DAYS, Duration(years=3), Trigger.EVENT, "Code du travail, art. D3171-16, 2°",
        LABOUR_CODE,
    ),
    Minimum(
        Domain.SUBSCRIBER_IDENTITY, Duration(years=5), Trigger.END_OF_CONTRACT,
        "Code des postes et des communications électroniques, art. L34-1 ; décrets 2021-1361 et 2021-1362",
    ),
    Minimum(
        Domain.SUBSCRIBER_ACCOUNT, Duration(years=1), Trigger.END_OF_CONTRACT,
        "Code des postes et des communications électroniques, art. L34-1 ; décrets 2021-1361 et 2021-1362",
    ),
    Minimum(
        Domain.CONNECTION_DATA, Duration(years=1), Trigger.EVENT,
        "Code des postes et des communications électroniques, art. L34-1 ; décrets 2021-1361 et 2021-1362",
    ),
    Minimum(
        Domain.MEDICAL_RECORD, Duration(years=20), Trigger.LAST_VISIT, "Code de la santé publique, art. R1112-7",
    ),
    Minimum(  # at least until the 28th birthday: 28 years reach it without a birth
        Domain.MEDICAL_RECORD_OF_MINOR, Duration(years=28), Trigger.LAST_VISIT,
        "Code de la santé publique, art. R1112-7",
    ),
)  # fmt: skip


def minimums(domain: str, *, rows: Iterable[Minimum] = MINIMUMS) -> tuple[Minimum, ...]:
    """Return the texts that one after the other order to keep documents of this domain, oldest first."""
    found = [row for row in rows if row.domain == Domain(domain)]
    return tuple(sorted(found, key=lambda row: row.in_force_from or date.min))


def minimum_on(domain: str, document_on: date, *, rows: Iterable[Minimum] = MINIMUMS) -> Minimum:
    """Return the text that holds for a document of this day: the first one in force then or later, else the last."""
    in_turn = minimums(domain, rows=rows)
    later = (row for row in in_turn if row.in_force_until is None or row.in_force_until >= document_on)
    return next(later, in_turn[-1])


def kept_until(
    domain: str,
    document_on: date,
    fiscal_year_ends: tuple[int, int] = END_OF_CALENDAR_YEAR,
    *,
    rows: Iterable[Minimum] = MINIMUMS,
) -> date:
    """Return the last day on which the law orders to keep a document of this day."""
    return _kept_until(minimum_on(domain, document_on, rows=rows), document_on, fiscal_year_ends)


def latest_free_day(
    domain: str,
    as_of: date,
    fiscal_year_ends: tuple[int, int] = END_OF_CALENDAR_YEAR,
    *,
    rows: Iterable[Minimum] = MINIMUMS,
) -> date | None:
    """Return the latest document day such that it and all earlier ones are free on `as_of`; None: no day is.

    Where a later text shortens the period, documents of the later text wait for the last of the earlier one.
    """
    reached: date | None = None
    for row in minimums(domain, rows=rows):
        ends, free = row.in_force_until or date.max, _latest_free(row, as_of, fiscal_year_ends)
        if free is not None:
            reached = max(reached or date.min, min(free, ends))
        if free is None or free < ends:
            break
    return reached


def end_of_fiscal_year(day: date, fiscal_year_ends: tuple[int, int] = END_OF_CALENDAR_YEAR) -> date:
    """Return the last day of the fiscal year of this day; a year that ends on 28 or 29 February ends with February."""
    month, ends = fiscal_year_ends
    if fiscal_year_ends == (2, 28):
        ends = 29
    this_year, next_year = (
        date(year, month, min(ends, monthrange(year, month)[1])) for year in (day.year, day.year + 1)
    )
    return this_year if day <= this_year else next_year


def _kept_until(row: Minimum, document_on: date, fiscal_year_ends: tuple[int, int]) -> date:
    in_fiscal_years = row.trigger is Trigger.END_OF_FISCAL_YEAR
    return days.add(end_of_fiscal_year(document_on, fiscal_year_ends) if in_fiscal_years else document_on, row.duration)


def _latest_free(row: Minimum, as_of: date, fiscal_year_ends: tuple[int, int]) -> date | None:
    first, last = date.min.toordinal(), as_of.toordinal()
    if _kept_until(row, date.min, fiscal_year_ends) >= as_of:
        return None
    while first < last:
        middle = (first + last + 1) // 2
        if _kept_until(row, date.fromordinal(middle), fiscal_year_ends) < as_of:
            first = middle
        else:
            last = middle - 1
    return date.fromordinal(first)
