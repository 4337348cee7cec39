"""The API of subject records: put by key, dated, asked about, and refused where the limit is reached."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from foundation.models import Event
from subjects.models import SubjectRecord
from tests.api.conftest import API, JSON, problem_of, programme, token_of

LONG_AGO = "2020-02-29"


@pytest.fixture
def client(world: Any, dpo: Any) -> Any:
    return programme(token_of(dpo)[1])


def at(key: str, path: str = "") -> str:
    return f"{API}/registers/acme/subject-records/{key}/{path}"


def put(client, key="c-1", **body):
    return client.put(at(key), {"activity": "A1", **body}, content_type=JSON)


def happens(client, key="c-1", **body):
    return client.post(at(key, "events/"), body, content_type=JSON)


def test_a_record_is_put_once_and_then_known(client, world):
    body = {"state": "occasionnel", "since": "2026-01-01", "personal": {"email": "j@people.example"}}
    first, second = put(client, **body), put(client, **body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["Location"] == at("c-1")
    assert second.json()["has_personal_data"]
    assert "people.example" not in second.content.decode()
    assert SubjectRecord.objects.count() == 1


def test_a_key_in_an_address_names_nobody(client):
    told = problem_of(put(client, key="jeanne@people.example"), 400, "invalid")
    assert told["errors"][0]["pointer"] == "#/key"
    assert not SubjectRecord.objects.exists()


def test_an_activity_of_another_register_is_none(client, elsewhere):
    told = problem_of(client.put(at("c-1"), {"activity": "A9"}, content_type=JSON), 400, "invalid")
    assert told["errors"][0]["pointer"] == "#/activity"


def test_an_event_of_the_same_number_is_written_once(client):
    put(client)
    answers = [happens(client, kind="payment", on=LONG_AGO, external_id="p-1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    differs = happens(client, kind="payment", on="2021-01-01", external_id="p-1")
    problem_of(differs, 409, "event_differs")


def test_the_second_message_to_an_occasional_contact_is_refused(client):
    put(client, state="occasionnel", since="2026-01-01")
    question = at("c-1", "may-be-written-to/")
    assert client.get(question, {"purpose": "lettre"}).json() == {
        "may": True, "reason": "permitted", "counted": 0, "limit": 1, "stopped_on": None,
    }  # fmt: skip
    assert happens(client, kind="contact", direction="outbound", on="2026-02-01").status_code == 201
    assert client.get(question).json()["reason"] == "limit_reached"
    problem_of(happens(client, kind="contact", direction="outbound", on="2026-02-02"), 409, "may_not_be_written_to")
    assert SubjectRecord.objects.get().events.count() == 1


def test_who_unsubscribed_from_one_purpose_may_be_written_to_for_another(client, world):
    put(client, state="regulier", since="2026-01-01")
    happens(client, kind="unsubscription", on="2026-03-01", purpose="lettre")
    asked = at("c-1", "may-be-written-to/")
    told = client.get(asked, {"purpose": "lettre", "as_of": "2026-03-01"}).json()
    assert (told["may"], told["reason"], told["stopped_on"]) == (False, "stopped", "2026-03-01")
    assert client.get(asked, {"purpose": "lettre", "as_of": "2026-02-28"}).json()["may"]
    assert not client.get(asked).json()["may"]


def test_a_record_is_dated_by_the_rules_as_of_any_day(client):
    put(client)
    happens(client, kind="data_collection", on=LONG_AGO)
    told = client.get(at("c-1"), {"as_of": "2023-02-28"}).json()["due"]
    assert (told["status"], told["due_on"]) == ("not_yet", "2023-02-28")
    assert told["rules"][0]["rule"] == "trois-ans"
    assert client.get(at("c-1"), {"as_of": "2023-03-01"}).json()["due"]["status"] == "due"


def test_only_what_the_person_sends_starts_the_clock_anew(client):
    put(client)
    happens(client, kind="contact", direction="inbound", on="2021-01-01")
    happens(client, kind="contact", direction="outbound", on="2025-01-01")
    assert client.get(at("c-1")).json()["due"]["due_on"] == "2024-01-01"


def test_the_list_tells_what_is_due_on_or_before_a_day(client):
    for number, day in enumerate(("2020-01-01", "2021-01-01", "2022-01-01")):
        put(client, f"c-{number}")
        happens(client, f"c-{number}", kind="data_collection", on=day)
    put(client, "undated")
    found = client.get(f"{API}/registers/acme/subject-records/", {"due_on_or_before": "2024-01-01"}).json()
    assert [row["key"] for row in found["results"]] == ["c-0", "c-1"]
    assert found["count"] == 2


def test_a_change_of_state_is_dated_and_lies_not_before_the_last(client):
    put(client, state="occasionnel", since="2026-01-01")
    moved = client.post(at("c-1", "state/"), {"state": "regulier", "on": "2026-02-01"}, content_type=JSON)
    assert moved.json()["state"] == "regulier"
    back = client.post(at("c-1", "state/"), {"state": "occasionnel", "on": "2026-01-31"}, content_type=JSON)
    problem_of(back, 409, "before_the_last_change")


def test_what_has_not_happened_is_refused(client):
    put(client)
    tomorrow = timezone.now().date() + timedelta(days=2)
    problem_of(happens(client, kind="payment", on=tomorrow.isoformat()), 409, "in_the_future")
    problem_of(happens(client, kind="contact", on=LONG_AGO), 409, "direction_missing")


def test_records_of_another_register_do_not_exist(client, elsewhere, stranger):
    put(client)
    theirs = programme(token_of(stranger)[1])
    assert theirs.get(at("c-1")).status_code == 404
    assert theirs.put(at("c-1"), {"activity": "A1"}, content_type=JSON).status_code == 404


def test_a_list_of_fifty_asks_no_more_than_a_list_of_few(client, django_assert_max_num_queries):
    for number in range(50):
        put(client, f"c-{number:02}")
    with django_assert_max_num_queries(25):
        assert client.get(f"{API}/registers/acme/subject-records/").json()["count"] == 50


def test_no_key_and_no_value_of_a_person_stands_in_the_evidence(client):
    put(client, "secret-key-7", personal={"name": "Jeanne"})
    put(client, "secret-key-7", personal={})
    told = str(list(Event.objects.values_list("details", flat=True)))
    assert "secret" not in told
    assert "Jeanne" not in told
