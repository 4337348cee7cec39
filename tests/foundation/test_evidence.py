"""Evidence is appended in the transaction of the act, hashed, and holds no personal data."""

import hashlib
import json
from datetime import UTC

import pytest
from django.db import transaction
from django.utils import timezone

from editions.actions import has_changed_since, publish
from editions.models import Edition
from foundation.evidence.record import leaf_of
from foundation.evidence.verifier import leaf_hash
from foundation.models import Event
from register.models import Organisation


def test_publishing_leaves_a_piece_of_evidence(acme, dpo):
    edition = publish(acme, actor=dpo, at=timezone.now(), note="first")
    event = Event.objects.get()
    assert (event.verb, event.subject_id, event.actor_id) == ("edition_published", edition.pk, dpo.pk)
    assert event.details["hash"] == edition.hash == hashlib.sha256(edition.canonical.encode()).hexdigest()


def test_a_failed_act_leaves_none(acme, dpo):
    with pytest.raises(RuntimeError), transaction.atomic():
        publish(acme, actor=dpo, at=timezone.now())
        raise RuntimeError
    assert not Event.objects.exists()
    assert not Edition.objects.exists()


def test_the_leaf_hash_covers_every_column(acme, dpo):
    publish(acme, actor=dpo, at=timezone.now())
    event = Event.objects.get()
    assert event.leaf_hash == leaf_hash(leaf_of(event))
    columns = {field.attname for field in Event._meta.concrete_fields} - {"id", "leaf_hash"}
    assert set(leaf_of(event)) == {
        name.replace("register_id", "register").replace("actor_id", "actor") for name in columns
    }
    for name, other in {"verb": "x", "subject_id": 0, "actor": 0, "details": {}, "register": 0}.items():
        assert leaf_hash({**leaf_of(event), name: other}) != event.leaf_hash
    assert event.occurred_at.astimezone(UTC).isoformat(timespec="microseconds") == leaf_of(event)["occurred_at"]


def test_evidence_holds_no_personal_data(acme, dpo):
    Organisation.objects.create(register=acme, ref="a", legal_representative="Jeanne Canari")
    publish(acme, actor=dpo, at=timezone.now(), note="par Jeanne Canari")
    text = json.dumps(list(Event.objects.values("verb", "subject_type", "details")))
    assert "anari" not in text
    assert dpo.email not in text


def test_editions_are_numbered_and_the_same_content_has_the_same_hash(acme, dpo):
    first = publish(acme, actor=dpo, at=timezone.now())
    second = publish(acme, actor=dpo, at=timezone.now())
    assert (first.number, second.number) == (1, 2)
    assert first.hash == second.hash
    assert not has_changed_since(second)
    Organisation.objects.create(register=acme, ref="a")
    assert has_changed_since(second)
    assert publish(acme, actor=dpo, at=timezone.now()).hash != first.hash
