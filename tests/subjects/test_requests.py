"""Rights requests: the day of the answer, what is held until when, and the pages on which staff keep them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from foundation.history import Change
from foundation.models import Event
from subjects.errors import ReceivedLater, RequestClosed
from subjects.holding import who_asks
from subjects.models import RightsRequest
from subjects.requests import answer_due_on, close_request, file_request, lift_restriction
from tests.conftest import signed_in

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
State = RightsRequest.State


def asks(register, *rights, received_on=date(2026, 11, 2), identity="Jeanne@People.example "):
    return file_request(
        register, rights=rights or ["access"], identity_kind="email", identity=identity,
        received_on=received_on, by=None, at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("received_on", "due_on"),
    [
        pytest.param(date(2025, 8, 31), date(2025, 9, 30), id="no 31 September"),
        pytest.param(date(2025, 3, 5), date(2025, 4, 7), id="Saturday becomes Monday"),
        pytest.param(date(2026, 4, 1), date(2026, 5, 4), id="1 May, then a week-end"),
        pytest.param(date(2024, 1, 31), date(2024, 2, 29), id="leap day"),
    ],
)
def test_the_answer_is_due_after_a_month_on_a_working_day(received_on, due_on):
    assert answer_due_on(received_on) == due_on


def test_who_asks_is_sealed_and_stands_neither_in_the_history_nor_in_the_evidence(acme):
    request = asks(acme)
    stored = RightsRequest.objects.get()
    assert "jeanne" not in stored.identity.lower()
    assert who_asks(stored) == "Jeanne@People.example"
    told = str(list(Change.objects.values_list("changes"))) + str(list(Event.objects.values_list("details")))
    assert "people" not in told.lower()
    event = Event.objects.get(verb="request_filed", subject_id=request.pk)
    assert event.details == {"rights": ["access"], "due_on": "2026-12-02"}


def test_a_request_is_not_received_tomorrow(acme):
    with pytest.raises(ReceivedLater):
        asks(acme, received_on=date(2026, 11, 22))


@pytest.mark.parametrize(
    ("right", "while_open", "once_answered"),
    [
        ("access", True, False),
        ("copy", True, False),
        ("portability", True, False),
        ("restriction", True, True),
        ("erasure", False, False),
        ("objection", False, False),
        ("rectification", False, False),
    ],
)
def test_what_has_to_be_there_for_the_answer_is_held_until_then(acme, right, while_open, once_answered):
    request = asks(acme, right)
    assert RightsRequest.objects.holding().exists() is while_open
    close_request(request, state=State.ANSWERED, on=date(2026, 11, 20), by=None, at=NOW)
    assert RightsRequest.objects.holding().exists() is once_answered


@pytest.mark.parametrize("state", [State.REFUSED, State.WITHDRAWN])
def test_a_restriction_that_was_not_granted_holds_nothing(acme, state):
    close_request(asks(acme, "restriction"), state=state, on=date(2026, 11, 20), by=None, at=NOW)
    assert not RightsRequest.objects.holding().exists()


def test_a_restriction_ends_when_it_is_lifted_once(acme):
    request = close_request(asks(acme, "restriction"), state=State.ANSWERED, on=date(2026, 11, 20), by=None, at=NOW)
    lift_restriction(request, on=date(2026, 11, 21), by=None, at=NOW)
    assert not RightsRequest.objects.holding().exists()
    with pytest.raises(RequestClosed):
        lift_restriction(request, on=date(2026, 11, 21), by=None, at=NOW)


def test_a_request_is_closed_once_and_not_before_it_came(acme):
    request = asks(acme)
    with pytest.raises(ReceivedLater):
        close_request(request, state=State.ANSWERED, on=date(2026, 11, 1), by=None, at=NOW)
    close_request(request, state=State.ANSWERED, on=date(2026, 11, 20), by=None, at=NOW)
    with pytest.raises(RequestClosed):
        close_request(request, state=State.REFUSED, on=date(2026, 11, 20), by=None, at=NOW)
    assert Event.objects.get(verb="request_closed").details == {"state": "answered", "in_time": 1}


# -- the pages --------------------------------------------------------------------------------------------------------

LIST = "admin:subjects_rightsrequest_changelist"


def test_staff_files_a_request_and_closes_it(acme, staff):
    client = signed_in(staff)
    today = timezone.localdate()
    sent = {"rights": ["access", "erasure"], "identity_kind": "email", "who": "j@people.example", "received_on": today}
    client.post(reverse("admin:subjects_rightsrequest_add"), {**sent, "received_on": today.isoformat()})
    request = RightsRequest.objects.get()
    assert (request.filed_by, request.due_on) == (staff, answer_due_on(today))
    page = client.get(reverse("admin:subjects_rightsrequest_change", args=[request.pk])).content.decode()
    assert "j@people.example" in page
    close = reverse("admin:subjects_rightsrequest_close", args=[request.pk, "answered"])
    assert client.get(close).status_code == 200
    assert RightsRequest.objects.open().exists()  # looking closes nothing
    client.post(close)
    request.refresh_from_db()
    assert (request.state, request.closed_by, request.closed_on) == ("answered", staff, today)
    assert client.post(close).status_code == 409


def test_the_list_tells_the_late_from_those_due_this_week(acme, staff):
    today = timezone.localdate()
    for days in (-1, 0, 6, 7):
        request = asks(acme, received_on=date(2026, 1, 5))
        RightsRequest.objects.filter(pk=request.pk).update(due_on=today + timedelta(days=days))
    client = signed_in(staff)

    def shown(which: str) -> list[int]:
        rows = client.get(reverse(LIST), {"answer": which}).context["cl"].result_list
        return [(row.due_on - today).days for row in rows]

    assert shown("late") == [-1]
    assert shown("week") == [0, 6]
    assert shown("open") == [-1, 0, 6, 7]


def test_several_requests_are_closed_from_the_list(acme, staff):
    rows = [asks(acme), asks(acme)]
    client = signed_in(staff)
    client.post(reverse(LIST), {"action": "mark_answered", "_selected_action": [row.pk for row in rows]})
    assert not RightsRequest.objects.open().exists()


def test_a_request_of_another_register_does_not_exist(acme, stranger, auditor):
    request = asks(acme)
    close = reverse("admin:subjects_rightsrequest_close", args=[request.pk, "answered"])
    for person, status in ((stranger, 404), (auditor, 403)):
        client: Any = signed_in(person)
        assert client.post(close).status_code == status
        page = reverse("admin:subjects_rightsrequest_change", args=[request.pk])
        assert client.get(page).status_code == status
    assert RightsRequest.objects.open().exists()


def test_a_list_of_fifty_requests_asks_no_more_than_one_of_few(acme, staff, django_assert_max_num_queries):
    for _ in range(50):
        asks(acme)
    client = signed_in(staff)
    client.get(reverse(LIST))
    with django_assert_max_num_queries(20):
        client.get(reverse(LIST))
