"""Auditors read evidence and take receipts home; nobody sees what belongs to another register, or to none."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from foundation.evidence import verifier
from foundation.evidence.sealing import seal_next
from foundation.models import Event
from tests.evidence.conftest import note_act
from tests.office.conftest import listing


@pytest.fixture
def events(acme, elsewhere):
    """Two sealed events, one of another register, one of none, and one that waits."""
    found = [note_act(acme, n=1), note_act(acme, n=2), note_act(elsewhere, n=3), note_act(None, n=4)]
    seal_next(timezone.now())
    return [*found, note_act(acme, n=5)]


def test_an_auditor_sees_what_is_sealed_and_what_is_not(office, auditor, events):
    text = office(auditor).get(reverse("evidence")).content.decode()
    assert text.count("/receipt.json") == 2
    for number, event in enumerate(events):
        assert (reverse("evidence-receipt", args=[event.pk]) in text) == (number < 2)
    assert "Ailleurs" not in text


def test_a_receipt_is_checked_at_home(office, auditor, events, tmp_path, capsys):
    answer = office(auditor).get(reverse("evidence-receipt", args=[events[1].pk]))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="receipt-{events[1].pk}.json"'
    assert json.loads(answer.content)["event"]["leaf"]["details"]["n"] == 2
    path = tmp_path / "receipt.json"
    path.write_bytes(answer.content)
    kept = tmp_path / "checkpoint.txt"
    kept.write_bytes(office(auditor).get(reverse("evidence-checkpoint")).content)
    assert verifier.notes(kept.read_text())
    export = tmp_path / "evidence.jsonl"
    export.write_bytes(b"".join(office(auditor).get(reverse("evidence-export", args=["acme"])).streaming_content))
    assert verifier.main([str(export), "--receipt", str(path), "--against", str(kept)]) == 0
    assert "0 faults" in capsys.readouterr().out


def test_what_waits_has_no_receipt_and_says_so(office, auditor, events):
    answer = office(auditor).get(reverse("evidence-receipt", args=[events[-1].pk]))
    assert answer.status_code == 409


@pytest.mark.parametrize("number", [2, 3], ids=["of another register", "of no register"])
def test_what_is_not_theirs_does_not_exist(office, auditor, dpo, events, number):
    for person in (auditor, dpo):
        assert office(person).get(reverse("evidence-receipt", args=[events[number].pk])).status_code == 404
    assert office(auditor).get(reverse("evidence-export", args=["elsewhere"])).status_code == 404


def test_without_a_role_there_is_nothing_to_read(office, clerk, staff, events):
    for person in (clerk, staff):
        text = office(person).get(reverse("evidence")).content.decode()
        assert "receipt.json" not in text
        assert "checkpoint.txt" not in text
        assert office(person).get(reverse("evidence-checkpoint")).status_code == 404


def test_the_admin_tells_the_seal_of_an_event(office, dpo, events):
    text = office(dpo).get(listing(Event)).content.decode()
    assert text.count("1, ") >= 2
    assert Event.objects.visible_to(dpo).count() == 3
    assert text.count("field-sealed") == 3
    for event in Event.objects.visible_to(dpo):
        assert office(dpo).get(f"{listing(Event)}{event.pk}/change/").status_code == 200


def test_a_page_of_fifty_events_asks_few_questions(office, auditor, acme, django_assert_max_num_queries):
    for n in range(60):
        note_act(acme, n=n)
    seal_next(timezone.now())
    client = office(auditor)
    with django_assert_max_num_queries(8):
        text = client.get(reverse("evidence")).content.decode()
    assert text.count("/receipt.json") == 50
    assert "?page=2" in text
    assert client.get(reverse("evidence"), {"page": 2}).content.decode().count("/receipt.json") == 10
