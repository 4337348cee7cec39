"""What the flows really write as evidence: ids, counts, versions, codes and hashes, and nothing that names a person."""

import hashlib
import json
import re

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from documents.models import Print
from editions.actions import publish
from foundation import pdf
from foundation.evidence.record import record
from foundation.jobs import running
from foundation.models import Event, Membership, Register, User
from foundation.permissions import Role
from register.actions import attach_text
from register.models import Organisation, PolicyVersion, Statement
from tests.conftest import PASSWORD, signed_in
from tests.office.conftest import listing, page, small_register

CANARY = "anari"
HASH = re.compile(r"[0-9a-f]{32,64}")
CODE = re.compile(r"[a-z0-9][a-z0-9_.+-]*")  # a role, a kind of document, a language, a version


@pytest.fixture
def canaries(acme, administrator, dpo):
    """A register in which every text and every person bears the same name."""
    small_register(acme, word="Jeanne Canari")
    Organisation.objects.filter(register=acme).update(legal_representative="Jeanne Canari")
    User.objects.update(name="Jeanne Canari")
    for user in (administrator, dpo):
        User.objects.filter(pk=user.pk).update(email=f"{user.pk}.canari@acme.example")
        user.refresh_from_db()
    return acme


def test_every_act_is_recorded_without_a_person_or_a_text(canaries, administrator, dpo, monkeypatch):
    acme = canaries
    monkeypatch.setattr(pdf, "render", lambda html, **options: pdf.Rendered(pdf=b"%PDF-1.7 Canari", pages=2))
    _publish_print_and_download(acme, dpo)
    _attach(acme, dpo)
    _manage_people(acme, administrator)
    events = list(Event.objects.order_by("pk"))
    written = {event.verb for event in events}
    assert {
        Event.Verb.PUBLISHED, Event.Verb.PRINTED, Event.Verb.DOWNLOADED, Event.Verb.TEXT_ATTACHED,
        Event.Verb.MEMBER_ADDED, Event.Verb.MEMBER_CHANGED, Event.Verb.MEMBER_WITHDRAWN, Event.Verb.PASSWORD_SET,
        Event.Verb.ACTIVATED, Event.Verb.DEACTIVATED,
    } <= written  # fmt: skip
    for event in events:
        for name, value in event.details.items():
            if isinstance(value, str) and name != "renderer_version":
                assert HASH.fullmatch(value) or CODE.fullmatch(value) or value == "", (event.verb, name, value)
            elif name == "renderer_version":
                assert value == pdf.renderer_version()
    text = json.dumps(list(Event.objects.values()), default=str)
    assert CANARY not in text.lower()
    assert "@" not in text


def _publish_print_and_download(acme, dpo):
    client = signed_in(dpo)
    edition = publish(acme, actor=dpo, at=timezone.now(), note="par Jeanne Canari")
    sent = {"kind": "privacy_notice", "language": "fr", "documents": "privacy_notice-fr"}
    assert client.post(reverse("admin:editions_edition_print", args=[edition.pk]), sent).status_code == 302
    print_ = Print.objects.get()
    assert running.run(print_.job_id)
    assert client.get(reverse("edition-json", args=[edition.pk])).status_code == 200
    assert client.get(reverse("print-download", args=[print_.pk])).status_code == 200


def _attach(acme, dpo):
    text = "Jeanne Canari répond.".encode()
    Statement.objects.filter(register=acme).delete()
    PolicyVersion.objects.filter(register=acme).update(text_digest=hashlib.sha256(text).hexdigest())
    attach_text(acme, text, actor=dpo, at=timezone.now())


def _manage_people(acme, administrator):
    client = signed_in(administrator)
    sent = {"email": "new.canari@acme.example", "register": acme.pk, "role": Role.AUDITOR.value}
    assert client.post(listing(Membership, "add"), sent).status_code == 302
    user = User.objects.get(email="new.canari@acme.example")
    membership = Membership.objects.get(user=user)
    assert client.post(page(membership), {"role": Role.STAFF.value}).status_code == 302
    words = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert client.post(reverse("admin:auth_user_password_change", args=[user.pk]), words).status_code == 302
    person = {"email": user.email, "name": "Jeanne Canari", "language": "fr"}
    assert client.post(page(user), person).status_code == 302  # no tick: closed
    assert client.post(page(user), {**person, "is_active": "on"}).status_code == 302
    assert client.post(page(membership, "delete"), {"post": "yes"}).status_code == 302


@pytest.mark.parametrize(
    "details",
    [
        {"to": "jeanne@canari.example"},
        {"name": "Jeanne Canari"},
        {"reason": "elle l’a demandé"},
        {"inner": [{"deep": "a b"}]},
        {"jeanne@canari.example": 1},
        {"score": 1.5},
        {7: "x"},
        {"at": timezone.now()},
        {"raw": b"x"},
    ],
    ids=lambda details: str(next(iter(details))),
)
def test_a_text_an_address_or_a_number_without_one_spelling_is_refused(acme, details):
    with pytest.raises((ValueError, TypeError), match="ids, counts, codes and hashes") as refusal, transaction.atomic():
        record(Event.Verb.DOWNLOADED, acme, register=acme, actor=None, details=details)
    assert CANARY not in str(refusal.value)
    assert not Event.objects.exists()


def test_evidence_without_a_register_is_seen_by_nobody(acme, dpo, auditor):
    with transaction.atomic():
        event = record(Event.Verb.SIGNING_KEY_CHANGED, Register(pk=1), register=None, actor=None, details={"n": 1})
    assert Event.objects.get().pk == event.pk
    for person in (dpo, auditor):
        assert not Event.objects.visible_to(person).exists()
