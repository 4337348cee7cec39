"""Subject records on the pages of the office: kept by staff, erased by the DPO alone."""

from datetime import date

import pytest
from django.urls import reverse

from foundation.models import Key
from subjects.models import ContactEvent, SubjectRecord
from tests.conftest import signed_in
from tests.office.conftest import as_sent, errors_of, with_line
from tests.subjects.conftest import happens, record

LIST = "admin:subjects_subjectrecord_changelist"
ADD = "admin:subjects_subjectrecord_add"


def change(row):
    return reverse("admin:subjects_subjectrecord_change", args=[row.pk])


@pytest.fixture
def client(staff):
    return signed_in(staff)


def test_a_record_is_added_and_dated_by_hand(client, world):
    form = as_sent(client.get(reverse(ADD)))
    sent = {**form, "key": "c-7", "activity": world.activity.pk, "state": world.occasional.pk, "since": "2026-01-01"}
    event = {"kind": "contact", "direction": "inbound", "on": "2020-02-29"}
    assert client.post(reverse(ADD), with_line(sent, "events", **event)).status_code == 302
    row = SubjectRecord.objects.get()
    assert row.state_changes.get().on == date(2026, 1, 1)
    assert row.events.get().direction == "inbound"
    listed = client.get(reverse(LIST)).content.decode()
    assert "28 février 2023" in listed


def test_what_is_wrong_on_the_form_is_told_there(client, world):
    record(world, "c-7")
    form = as_sent(client.get(reverse(ADD)))
    twice = {**form, "key": "c-7", "activity": world.activity.pk}
    assert errors_of(client.post(reverse(ADD), twice)) == {"key"}
    named = {**twice, "key": "jeanne@people.example"}
    assert errors_of(client.post(reverse(ADD), named)) == {"key"}
    contact = with_line({**twice, "key": "c-8"}, "events", kind="contact", on="2020-02-29", direction="")
    assert errors_of(client.post(reverse(ADD), contact)) == {"events-direction"}
    assert SubjectRecord.objects.count() == 1


def test_what_happened_is_never_rewritten(client, world):
    row = record(world)
    event, _new = happens(row, "payment", date(2020, 1, 1))
    sent = as_sent(client.get(change(row)))
    sent |= {"events-INITIAL_FORMS": 1, "events-TOTAL_FORMS": 1, "events-0-id": event.pk, "events-0-on": "2021-01-01"}
    client.post(change(row), {**sent, "events-0-kind": "payment", "events-0-DELETE": "on"})
    assert ContactEvent.objects.get().on == date(2020, 1, 1)


def test_the_page_shows_names_and_whether_the_person_may_be_written_to(client, world):
    row = record(world, state=world.occasional, since=date(2026, 1, 1), personal={"name": "Jeanne Dupont"})
    page = client.get(change(row)).content.decode()
    assert "Jeanne Dupont" in page
    happens(row, "contact", date(2026, 1, 2), "outbound")
    assert client.get(change(row)).content.decode() != page


def test_only_the_dpo_erases_and_the_key_goes_too(client, dpo, world):
    row = record(world, personal={"name": "Jeanne"})
    address = reverse("admin:subjects_subjectrecord_delete", args=[row.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    assert signed_in(dpo).post(address, {"post": "yes"}).status_code == 302
    assert not SubjectRecord.objects.exists()
    assert not Key.objects.filter(subject_id=row.pk, purpose=SubjectRecord.KEY_PURPOSE).exists()


def test_records_of_another_register_do_not_exist(world, stranger, auditor):
    row = record(world)
    assert signed_in(stranger).get(change(row)).status_code == 404
    assert signed_in(auditor).get(change(row)).status_code == 403
    assert "c-1" not in signed_in(stranger).get(reverse(LIST)).content.decode()


def test_a_list_of_fifty_asks_no_more_than_one_of_few(client, world, django_assert_max_num_queries):
    for number in range(50):
        happens(record(world, f"c-{number:02}", state=world.regular), "payment", date(2020, 1, 1))
    client.get(reverse(LIST))
    with django_assert_max_num_queries(22):
        assert len(client.get(reverse(LIST)).context["cl"].result_list) == 50
