"""Publishing an edition and asking for its documents, from the office."""

import pytest
from django.urls import reverse
from django.utils import timezone

from documents.models import Print
from editions.actions import publish
from editions.models import Edition
from foundation.models import Event
from tests.office.conftest import page


@pytest.fixture
def publishing(acme):
    return reverse("admin:foundation_register_publish", args=[acme.pk])


def test_a_dpo_publishes_the_first_edition_with_a_note(office, dpo, acme, ours, publishing):
    client = office(dpo)
    assert publishing in client.get(page(acme)).content.decode()
    answer = client.post(publishing, {"note": "Pour l’audit"})
    edition = Edition.objects.get()
    assert answer.url == page(edition)
    assert (edition.number, edition.note, edition.published_by) == (1, "Pour l’audit", dpo)
    assert Event.objects.get().actor_id == dpo.pk


def test_the_page_shows_what_changed_since_the_last_edition(office, dpo, acme, ours, publishing):
    publish(acme, actor=dpo, at=timezone.now())
    client = office(dpo)
    assert client.get(publishing).context["changed"] is False
    ours["activity"].name = "Comptes et profils"
    ours["activity"].save()
    shown = client.get(publishing)
    assert shown.context["changed"] is True
    assert "Comptes et profils" in shown.content.decode()


@pytest.mark.parametrize("person", ["stranger", "administrator", "auditor", "staff"])
def test_nobody_else_publishes(office, request, person, acme, publishing):
    client = office(request.getfixturevalue(person))
    assert client.get(publishing).status_code in {403, 404}
    assert client.post(publishing).status_code in {403, 404}
    assert not Edition.objects.exists()


def test_a_document_is_asked_for_once(office, dpo, acme, monkeypatch):
    edition = publish(acme, actor=dpo, at=timezone.now())
    client = office(dpo)
    text = client.get(page(edition)).content.decode()
    assert text.count(reverse("admin:editions_edition_print", args=[edition.pk])) == 6
    for _twice in range(2):
        sent = {"kind": Print.Kind.PRIVACY_NOTICE, "language": "fr"}
        assert client.post(reverse("admin:editions_edition_print", args=[edition.pk]), sent).status_code == 302
    assert Print.objects.get().asked_by == dpo


def test_an_edition_is_read_and_never_written(office, dpo, acme):
    edition = publish(acme, actor=dpo, at=timezone.now(), note="Une")
    client = office(dpo)
    assert client.post(page(edition), {"note": "Deux"}).status_code == 403
    assert client.get(page(edition, "delete")).status_code == 403


def test_what_is_no_document_is_not_printed(office, dpo, acme, elsewhere):
    address = reverse("admin:editions_edition_print", args=[publish(acme, actor=dpo, at=timezone.now()).pk])
    client = office(dpo)
    assert client.post(address, {"kind": "poem", "language": "fr"}).status_code == 404
    assert client.get(address).status_code == 405
    other = publish(elsewhere, actor=None, at=timezone.now())
    sent = {"kind": "privacy_notice", "language": "fr"}
    assert client.post(reverse("admin:editions_edition_print", args=[other.pk]), sent).status_code == 404


def test_a_note_holds_no_nul(office, dpo, acme, ours, publishing):
    assert office(dpo).post(publishing, {"note": "Pour\x00 l’audit"}).status_code == 302
    assert Edition.objects.get().note == "Pour l’audit"


def test_the_index_tells_an_administrator_of_no_edition(office, administrator, dpo, acme):
    publish(acme, actor=dpo, at=timezone.now())
    told = {
        person: office(person).get(reverse("admin:index")).context["registers"].get().edition
        for person in (administrator, dpo)
    }
    assert told == {administrator: None, dpo: 1}
