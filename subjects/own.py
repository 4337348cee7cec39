"""What Greffier itself keeps and lets go by rules, as everybody's data: closed requests, mails, lists, accounts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Max, OuterRef, Q, Subquery
from django.db.models.functions import Lower, Trim

from foundation import history
from foundation.accounts.models import Membership, Register, User
from foundation.doors.emptying import remove_ways_in
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.mail.models import Mail
from retention.exclusions import normal
from retention.mapping import Step
from retention.models import DataSource, ErasureList
from subjects import actions
from subjects.grounds.tables import OwnTable, People, day_column, declare, time_column
from subjects.holding import who_asks
from subjects.models import RightsRequest

FILLER: Final = "@removed.invalid"  # of accounts that name nobody any more; no mail reaches it


def declare_all() -> None:
    """Have rules bite in these tables; called once, when the application starts."""
    for table in (REQUESTS, LISTS, MAILS, ACCOUNTS):
        declare(table)


# -- closed rights requests -------------------------------------------------------------------------------------------


def _requests(register: Register) -> Any:
    closed = RightsRequest.objects.filter(register=register).exclude(state=RightsRequest.State.OPEN)
    return closed.exclude(pk__in=RightsRequest.objects.filter(register=register).holding().values("pk"))


def _erase_requests(register: Register, numbers: Sequence[int], at: datetime) -> None:
    with history.because("subjects.own.requests", actor=None):
        RightsRequest.objects.filter(pk__in=numbers).delete()
        actions.destroy_keys(RightsRequest.KEY_PURPOSE, register, numbers, at=at, by=None)


def _requests_of(register: Register, people: People) -> Q:
    """Return the requests of these people: who asks is sealed, so each one is opened."""
    kinds = {kind for kind, _value in people}
    rows = _requests(register).filter(identity_kind__in=kinds)
    return Q(pk__in=[row.pk for row in rows if (row.identity_kind, normal(who_asks(row))) in people])


REQUESTS: Final = OwnTable(
    name="rights_requests",
    step=Step.ERASE,
    rows=_requests,
    act=_erase_requests,
    columns={"closed_on": day_column("closed_on")},
    people=_requests_of,
)


# -- lists of what was erased -----------------------------------------------------------------------------------------


def _copies_gone(register: Register, day: date) -> Q:
    """Return the lists whose erased data stood in no backup any more on this day, source by source.

    Of Greffier's own rows the backups are Greffier's. Where nobody has said how long backups last, the list stays.
    """
    known = [
        Q(batch__run__target__source=source, made_on__lte=day - timedelta(days=days))
        for source in DataSource.objects.filter(register=register)
        if (days := _backup_days(source)) is not None
    ]
    return reduce(or_, known, Q(pk__in=[]))


def _backup_days(source: DataSource) -> int | None:
    own: int | None = settings.BACKUP_DAYS if source.kind != DataSource.Kind.DATABASE else None
    return own if source.backup_days is None else source.backup_days


def _erase_lists(register: Register, numbers: Sequence[int], at: datetime) -> None:
    """Delete the digests; the batch keeps its counts and their root, and the evidence tells which list went."""
    for row in ErasureList.objects.filter(pk__in=numbers).select_related("batch").order_by("pk"):
        details = {"batch": row.batch_id, "root": row.batch.root}
        record(Event.Verb.LIST_ERASED, row, register=register, actor=None, details=details, at=at)
    ErasureList.objects.filter(pk__in=numbers).delete()


LISTS: Final = OwnTable(
    name="erasure_lists",
    step=Step.ERASE,
    rows=lambda register: ErasureList.objects.filter(register=register),
    act=_erase_lists,
    columns={"made_on": day_column("made_on"), "copies_gone_on": _copies_gone},
    dates={"copies_gone_on": "made_on"},
)


# -- mails ------------------------------------------------------------------------------------------------------------


def _erase_mails(register: Register, numbers: Sequence[int], at: datetime) -> None:
    Mail.objects.filter(pk__in=numbers).delete()


def _mails_to(register: Register, people: People) -> Q:
    return Q(pk__in=_with_address(Mail.objects.filter(register=register), "recipient", people))


MAILS: Final = OwnTable(
    name="mails",
    step=Step.ERASE,
    rows=lambda register: Mail.objects.filter(register=register, state=Mail.State.HANDED_OVER),
    act=_erase_mails,
    columns={"handed_over_at": time_column("handed_over_at")},
    people=_mails_to,
)


# -- accounts that were deactivated -----------------------------------------------------------------------------------


def _accounts(register: Register) -> Any:
    """Return the accounts that are closed and belong to no other register, with the time of their last closing."""
    closings = Event.objects.filter(
        register=register, verb=Event.Verb.DEACTIVATED, subject_type="foundation.user", subject_id=OuterRef("pk")
    )
    last = closings.order_by().values("subject_id").annotate(last=Max("occurred_at")).values("last")
    elsewhere = User.objects.filter(memberships__in=_memberships_elsewhere(register))
    closed = User.objects.filter(is_active=False, memberships__register=register).exclude(email__endswith=FILLER)
    return closed.exclude(pk__in=elsewhere.values("pk")).annotate(deactivated_at=Subquery(last))


def _memberships_elsewhere(register: Register) -> Any:
    return Membership.objects.exclude(register=register)


def _empty_accounts(register: Register, numbers: Sequence[int], at: datetime) -> None:
    """Leave of an account its number, to which the evidence and the history refer, and nothing that names a person."""
    for user in User.objects.filter(pk__in=numbers).order_by("pk"):
        remove_ways_in(user)
        EmailAddress.objects.filter(user=user).delete()
        user.email, user.name, user.language, user.last_login = f"{user.pk}{FILLER}", "", "", None
        user.save(update_fields=["email", "name", "language", "last_login"])


def _accounts_of(register: Register, people: People) -> Q:
    return Q(pk__in=_with_address(_accounts(register), "email", people))


ACCOUNTS: Final = OwnTable(
    name="accounts",
    step=Step.ANONYMISE,
    rows=_accounts,
    act=_empty_accounts,
    columns={"deactivated_at": time_column("deactivated_at")},
    kept=lambda numbers: User.objects.filter(pk__in=numbers).exclude(email__endswith=FILLER),
    people=_accounts_of,
)


def _with_address(rows: Any, column: str, people: People) -> Any:
    addresses = [value for kind, value in people if kind == "email"]
    return rows.annotate(plain=Lower(Trim(column))).filter(plain__in=addresses).values("pk")
