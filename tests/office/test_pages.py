"""Home, editions and downloads: what a person comes to read, with its evidence."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from documents.models import Print
from editions.actions import publish
from editions.models import Edition
from foundation.models import Event
from register.models import Organisation
from tests.conftest import printed

CONTENT = b"%PDF-1.7 kept bytes"


@pytest.fixture
def edition(acme, dpo, settings, tmp_path):
    return publish(acme, actor=dpo, at=timezone.now(), note="Première édition")


@pytest.fixture
def print_(edition):
    return printed(edition, content=CONTENT, kind=Print.Kind.CONTROLLER_REGISTER)


def test_home_tells_a_dpo_whether_the_register_stands_as_published(client, edition, dpo):
    client.force_login(dpo)
    before = client.get(reverse("home")).context["cards"][0]
    assert before.has_changed is False
    Organisation.objects.create(register=edition.register, ref="a")
    assert client.get(reverse("home")).context["cards"][0].has_changed is True


def test_home_reads_no_entry_of_a_register_that_nobody_touched(client, edition, dpo, django_assert_max_num_queries):
    Edition.objects.bulk_create(
        [
            Edition(
                register=edition.register,
                number=2,
                canonical="{}",
                hash="0" * 64,
                form_version=1,
                published_at=timezone.now() + timedelta(hours=1),
            )
        ]
    )
    client.force_login(dpo)
    with django_assert_max_num_queries(8):
        assert client.get(reverse("home")).context["cards"][0].has_changed is False


def test_home_tells_others_nothing_about_unpublished_changes(client, edition, auditor):
    client.force_login(auditor)
    card = client.get(reverse("home")).context["cards"][0]
    assert card.has_changed is None
    assert card.latest == edition


def test_home_says_what_to_do_when_there_is_no_register(client, clerk):
    client.force_login(clerk)
    page = client.get(reverse("home"))
    assert page.context["cards"] == []
    assert 'class="empty"' in page.content.decode()


def test_an_auditor_downloads_a_document_and_that_is_recorded(client, print_, auditor):
    client.force_login(auditor)
    answer = client.get(reverse("print-download", args=[print_.pk]))
    assert b"".join(answer.streaming_content) == CONTENT
    assert answer.headers["Content-Disposition"] == 'attachment; filename="acme-controller-register-1-fr.pdf"'
    event = Event.objects.get(verb="document_downloaded")
    assert (event.actor_id, event.subject_id) == (auditor.pk, print_.pk)


def test_the_canonical_json_is_the_one_that_was_hashed(client, edition, auditor):
    client.force_login(auditor)
    answer = client.get(reverse("edition-json", args=[edition.pk]))
    assert hashlib.sha256(answer.content).hexdigest() == edition.hash
    assert Event.objects.filter(verb="document_downloaded", subject_type="editions.edition").count() == 1


def test_a_document_that_was_tampered_with_is_not_handed_out(client, print_, auditor):
    with default_storage.open(print_.file.name, "wb") as file:
        file.write(b"%PDF-1.7 other bytes")
    client.force_login(auditor)
    answer = client.get(reverse("print-download", args=[print_.pk]))
    assert answer.status_code == 409
    assert "other bytes" not in answer.content.decode()
    assert not Event.objects.filter(verb="document_downloaded").exists()


def test_lists_ask_the_database_the_same_whatever_their_length(
    client, acme, dpo, auditor, django_assert_max_num_queries
):
    for number in range(50):
        publish(acme, actor=dpo, at=timezone.now(), note=str(number))
    client.force_login(auditor)
    for name, args in (("audit", []), ("register-editions", ["acme"])):
        with django_assert_max_num_queries(10):
            assert client.get(reverse(name, args=args)).status_code == 200


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_person_reads_their_own_language(client, dpo, language):
    dpo.language = language
    dpo.save()
    client.force_login(dpo)
    assert f'<html lang="{language}">' in client.get(reverse("home"), HTTP_ACCEPT_LANGUAGE="de").content.decode()


def test_every_page_carries_the_strict_policy(client, dpo):
    client.force_login(dpo)
    for address in (reverse("home"), reverse("admin:index"), "/nowhere/"):
        policy = client.get(address).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
