"""Asking for a document, printing it once, and handing out the kept bytes."""

import hashlib
import time
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import F
from kombu.exceptions import OperationalError

from documents import actions, rendering
from documents.errors import NotPrintedYet, StoredFileChanged
from documents.models import Print
from editions.actions import publish
from editions.load import load
from editions.models import Edition
from foundation import pdf, tasks
from foundation.evidence import export
from foundation.jobs import running
from foundation.models import Event, Job
from register.models import PolicyText, PolicyVersion
from tests.conftest import example

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
DONE = pdf.Rendered(pdf=b"%PDF-1.7 of a test", pages=3)


@pytest.fixture(scope="module")
def published(kept):
    return kept(lambda: publish(load(example("vistory-sesame")), actor=None, at=NOW)).pk


@pytest.fixture
def edition(published, db):
    return Edition.objects.get(pk=published)


@pytest.fixture
def rung(monkeypatch):
    """Count the bell instead of ringing it."""
    rings = []
    monkeypatch.setattr(tasks.run, "apply_async", lambda args, **options: rings.append(args[0]))
    return rings


@pytest.fixture
def renderer(monkeypatch):
    """A renderer that answers at once with what the test wants."""
    orders = []

    def render(html, **options):
        orders.append((html, options))
        if isinstance(renderer_says[0], Exception):
            raise renderer_says[0]
        return renderer_says[0]

    renderer_says = [DONE]
    monkeypatch.setattr(pdf, "render", render)
    render.orders, render.says = orders, renderer_says
    return render


def ask(edition, *, kind="controller_register", language="fr", actor=None, at=NOW):
    return actions.ask_print(edition, kind=kind, language=language, actor=actor, at=at)


def render(print_):
    """Do the job of a print in this process; return whether it came to its end."""
    return running.run(print_.job_id)


def test_the_same_identity_is_one_print(edition, rung, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first, again = ask(edition), ask(edition)
        english = ask(edition, language="en")
    assert first == again != english
    assert set(rung) == {first.job_id, english.job_id}


def test_another_template_is_another_print(edition, monkeypatch):
    first = ask(edition)
    monkeypatch.setattr(rendering, "template_version", lambda: "another")
    assert ask(edition) != first


def test_an_attached_text_makes_another_print(edition):
    without = ask(edition)
    version = edition.register_id
    digest = "26230737aa7ea8ce06ce26b807a291f464ff9a0bdae36203ec9445c8e8726290"
    PolicyText.objects.create(register_id=version, digest=digest, text="…")
    PolicyText.objects.create(register_id=version, digest="0" * 64, text="of no version")
    with_text = ask(edition)
    assert without.texts_hash == ""
    assert with_text.texts_hash == hashlib.sha256(digest.encode()).hexdigest()


def test_a_printed_document_has_its_file_and_its_evidence(edition, dpo, renderer):
    print_ = ask(edition, actor=dpo)
    assert render(print_)
    print_.refresh_from_db()
    sha256 = hashlib.sha256(DONE.pdf).hexdigest()
    assert (print_.is_printed, print_.sha256, print_.pages, print_.size_bytes) == (True, sha256, 3, len(DONE.pdf))
    assert (print_.job.state, print_.job.register) == ("done", edition.register)
    assert print_.file.name == f"prints/{sha256[:2]}/{sha256}.pdf"
    event = Event.objects.get(verb=Event.Verb.PRINTED)
    assert (event.subject_id, event.actor_id) == (print_.pk, dpo.pk)
    assert event.details["sha256"] == sha256
    assert event.details["edition_hash"] == edition.hash


def test_the_identity_decides_what_the_renderer_is_told(edition, renderer):
    other = publish(edition.register, actor=None, at=NOW)
    for asked in (ask(edition), ask(edition, language="en"), ask(other)):
        render(asked)
    identities = [options["identity"] for _html, options in renderer.orders]
    assert len(set(identities)) == 3


def test_a_second_worker_finds_nothing_to_do(edition, renderer):
    print_ = ask(edition)
    assert render(print_)
    assert not render(print_)
    assert len(renderer.orders) == 1


def test_who_lost_the_lease_finishes_nothing(edition, renderer, monkeypatch):
    print_ = ask(edition)
    slow = pdf.render

    def taken_over_meanwhile(html, **options):
        Job.objects.filter(pk=print_.job_id).update(token=F("token") + 1)
        return slow(html, **options)

    monkeypatch.setattr(pdf, "render", taken_over_meanwhile)
    assert not render(print_)
    print_.refresh_from_db()
    assert not print_.is_printed
    assert not Event.objects.filter(verb=Event.Verb.PRINTED).exists()


def test_a_failure_says_why_and_may_be_asked_for_again(edition, renderer, rung, django_capture_on_commit_callbacks):
    print_ = ask(edition)
    renderer.says[0] = pdf.NotRendered("the reason")
    render(print_)
    print_ = Print.objects.get()
    assert (print_.has_failed, print_.job.error) == (True, "the reason")
    renderer.says[0] = DONE
    with django_capture_on_commit_callbacks(execute=True):
        again = ask(edition)
    assert (again, again.has_failed, rung) == (print_, False, [print_.job_id])
    assert render(again)
    assert Print.objects.get().is_printed


def test_without_a_broker_the_print_stays_asked(edition, monkeypatch, django_capture_on_commit_callbacks, caplog):
    def refuse(args, **options):
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.run, "apply_async", refuse)
    started = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        print_ = ask(edition)
    assert time.monotonic() - started < 2
    print_.refresh_from_db()
    assert print_.job.state == Job.State.ASKED
    assert "waits for the next tick" in caplog.text


def test_a_download_is_checked_and_recorded(edition, auditor, renderer):
    print_ = ask(edition)
    with pytest.raises(NotPrintedYet):
        actions.downloaded(print_, actor=auditor, at=NOW)
    render(print_)
    print_.refresh_from_db()
    assert actions.downloaded(print_, actor=auditor, at=NOW) == DONE.pdf
    assert Event.objects.get(verb=Event.Verb.DOWNLOADED).actor_id == auditor.pk


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_stored_file_that_changed_is_not_handed_out(edition, renderer, damage):
    print_ = ask(edition)
    render(print_)
    print_.refresh_from_db()
    path = Path(default_storage.path(print_.file.name))
    path.unlink() if damage == "gone" else path.write_bytes(b"other")
    with pytest.raises(StoredFileChanged):
        actions.downloaded(print_, actor=None, at=NOW)
    assert not Event.objects.filter(verb=Event.Verb.DOWNLOADED).exists()


def test_the_same_bytes_are_stored_once(edition, renderer):
    first, second = ask(edition), ask(edition, language="en")
    render(first)
    render(second)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.file.name == second.file.name
    assert len(list(Path(default_storage.path("prints")).rglob("*.*"))) == 1


def test_the_command_prints_the_newest_edition(edition, renderer):
    out = StringIO()
    call_command("print_register", "vistory-sesame", "--now", "--kind", "privacy_notice", stdout=out)
    assert "vistory-sesame-privacy-notice-1-fr.pdf: 3 pages" in out.getvalue()


def test_the_command_asks_the_worker(edition):
    out = StringIO()
    call_command("print_register", "vistory-sesame", "--language", "en", stdout=out)
    assert Print.objects.filter(language="en", job__state="asked").count() == 3
    assert "asked" in out.getvalue()


def test_the_command_says_what_it_cannot_do(acme, edition, renderer):
    with pytest.raises(CommandError, match="publish"):
        call_command("print_register", "acme")
    with pytest.raises(CommandError, match="nowhere"):
        call_command("print_register", "nowhere")
    renderer.says[0] = pdf.NotRendered("the reason")
    with pytest.raises(CommandError, match="could not be printed"):
        call_command("print_register", "vistory-sesame", "--now", "--kind", "privacy_notice", stdout=StringIO())


def test_a_text_attached_after_asking_does_not_enter_the_print(edition, rung):
    print_ = actions.ask_print(edition, kind="privacy_notice", language="fr", actor=None, at=NOW)
    digest = PolicyVersion.objects.get(register=edition.register).text_digest
    PolicyText.objects.create(register=edition.register, digest=digest, text="Un texte.")
    render(print_)
    assert Print.objects.get().has_failed
    again = actions.ask_print(edition, kind="privacy_notice", language="fr", actor=None, at=NOW)
    assert again.pk != print_.pk
    assert again.texts_hash


def test_a_bug_fails_the_print_instead_of_repeating_for_ever(edition, rung, monkeypatch):
    print_ = actions.ask_print(edition, kind="privacy_notice", language="fr", actor=None, at=NOW)

    def poisoned(*_args, **_options):
        raise KeyError("activities")

    monkeypatch.setattr(rendering, "html", poisoned)
    render(print_)
    print_ = Print.objects.get()
    assert print_.has_failed
    assert "KeyError" in print_.job.error
    assert "activities" not in print_.job.error


def test_a_document_that_says_otherwise_than_its_event_is_named(
    edition, rung, renderer, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        print_ = ask(edition)
    assert running.run(print_.job_id)
    (line,) = (
        line for line in export.lines() if line["type"] == "event" and line["leaf"]["verb"] == "document_printed"
    )
    told = {detail: value for _table, _column, detail, value in line["facts"]}
    assert told == {**line["leaf"]["details"], "register": edition.register_id}
