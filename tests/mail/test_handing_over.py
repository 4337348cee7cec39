"""Handing over to a real mail server: every answer it can give, and none."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.utils import timezone

from foundation.jobs import orders, running
from foundation.jobs.models import Job
from foundation.mail import transport
from foundation.mail.deciding import it_arrived, send_again
from foundation.mail.errors import NothingToDecide
from foundation.mail.handing_over import see_what_was_left
from foundation.mail.models import Mail
from foundation.mail.planning import plan
from foundation.models import Event
from tests.mail.conftest import MailServer

pytestmark = pytest.mark.django_db


def work_on(mail, times=1):
    """Do the mail's job as often as it is due by then."""
    for _ in range(times):
        Job.objects.filter(pk=mail.job_id).update(due_at=timezone.now())
        running.run(mail.job_id)
    mail.refresh_from_db()
    return mail.state, mail.job.state


def fall_silent_while_handing_over(mail):
    """Leave the mail as a worker leaves it that is killed between the hand-over and its record."""
    held = running.take(mail.job_id)
    Mail.objects.filter(pk=mail.pk).update(state=Mail.State.HANDING_OVER, token=held.token)
    Job.objects.filter(pk=mail.job_id).update(lease_until=timezone.now() - timedelta(seconds=1))
    return held


def test_what_was_planned_arrives_as_it_was_written(mail_server, planned, keeper):
    mail = planned(by=keeper)
    assert work_on(mail, times=2) == ("handed_over", "done")
    (copy,) = mail_server.copies()
    assert copy["X-Envelope"] == "register@acme.example jane.doe@people.example"
    assert (copy["From"], copy["To"]) == ("Greffier <register@acme.example>", "jane.doe@people.example")
    assert (copy["Subject"], copy["Message-ID"]) == ("Votre demande", mail.message_id)
    assert copy.get_payload(decode=True).decode().replace("\r\n", "\n").strip() == mail.body
    assert mail.words == "250 2.0.0 Ok: queued as 4AF1"
    event = Event.objects.get(verb="mail_handed_over")
    assert (event.subject_id, event.actor_id, event.details) == (mail.pk, keeper.pk, {"job": mail.job_id})


def test_a_text_that_opens_something_is_sealed_until_it_is_sent(mail_server, planned):
    mail = planned(body="https://register.example/open-me", sealed=True)
    assert "open-me" not in str(Mail.objects.values().get())
    assert work_on(mail) == ("handed_over", "done")
    (copy,) = mail_server.copies()
    assert "open-me" in copy.get_payload(decode=True).decode()


@pytest.mark.parametrize("name", ["refused", "unwanted"])
def test_what_the_server_refuses_is_shown_and_not_tried_again(mail_server, planned, name):
    mail = planned(name)
    assert work_on(mail, times=2) == ("refused", "failed")
    assert mail.words.startswith("55")
    assert name not in mail.words.partition("rejected")[2]
    assert "example" not in mail.words + mail.job.error
    orders.retry(mail.job_id)  # whoever does not look at the mail changes nothing
    assert work_on(mail) == ("refused", "failed")
    assert mail_server.copies() == []


@pytest.mark.parametrize(("name", "words"), [("later", "451"), ("busy", "452"), ("silent", "Disconnected")])
def test_what_the_server_cannot_take_now_is_tried_again(mail_server, planned, name, words):
    mail = planned(name)
    assert work_on(mail) == ("planned", "asked")
    assert words in mail.words
    assert words in mail.job.error
    assert work_on(mail) == ("handed_over", "done")
    assert len(mail_server.copies()) == 1


def test_while_the_server_is_away_the_mail_waits(mail_server, planned):
    mail_server.stop()
    mail = planned()
    assert work_on(mail) == ("planned", "asked")
    assert "EMAIL_URL" in mail.job.error
    assert mail.token is None
    mail_server.start()
    assert work_on(mail) == ("handed_over", "done")
    assert len(mail_server.copies()) == 1


def test_a_connection_lost_after_the_content_leaves_the_question_open(mail_server, planned):
    mail = planned("dropped")
    assert work_on(mail, times=2) == ("unknown", "failed")
    assert len(mail_server.copies()) == 1


def test_a_server_that_does_not_say_whether_it_keeps_a_mail_leaves_the_question_open(mail_server, planned, monkeypatch):
    monkeypatch.setattr(transport, "REPLY_SECONDS", 0.2)
    mail = planned("held")
    assert work_on(mail, times=2) == ("unknown", "failed")
    assert len(mail_server.copies()) == 1


def test_whoever_finds_a_mail_under_way_sends_nothing(mail_server, planned):
    mail = planned()
    late = fall_silent_while_handing_over(mail)
    assert work_on(mail, times=2) == ("unknown", "failed")
    assert mail_server.copies() == []
    assert late.token < Job.objects.get().token


def test_a_mail_under_way_whose_job_was_given_up_is_put_before_a_person(planned):
    mail = planned()
    fall_silent_while_handing_over(mail)
    see_what_was_left(timezone.now())
    assert Mail.objects.get().state == Mail.State.HANDING_OVER  # its job may still be taken up
    orders.cancel(mail.job_id)
    assert not running.run(mail.job_id)
    see_what_was_left(timezone.now())
    assert Mail.objects.get().state == Mail.State.UNKNOWN


def test_what_was_cancelled_before_it_was_handed_over_stays_here(mail_server, planned, monkeypatch):
    mail = planned()
    opened = transport.get_connection
    monkeypatch.setattr(transport, "get_connection", lambda: orders.cancel(mail.job_id) and opened())
    assert work_on(mail) == ("planned", "cancelled")
    assert mail_server.copies() == []


def test_a_person_saw_that_it_arrived(mail_server, planned, keeper):
    mail = planned("dropped")
    work_on(mail)
    at = timezone.now()
    it_arrived(mail.pk, actor=keeper, at=at)
    assert work_on(mail) == ("handed_over", "done")
    assert (mail.handed_over_at, mail.decided_by, mail.decided_at) == (at, keeper, at)
    assert len(mail_server.copies()) == 1
    event = Event.objects.get(verb="mail_arrived")
    assert (event.subject_id, event.actor_id, event.details) == (mail.pk, keeper.pk, {"job": mail.job_id})


def test_a_person_has_it_sent_again_under_the_same_number(mail_server, planned, keeper):
    mail = planned("dropped")
    work_on(mail)
    send_again(mail.pk, actor=keeper, at=timezone.now())
    assert work_on(mail) == ("unknown", "failed")  # this server drops each
    first, second = mail_server.copies()
    assert first.as_bytes() == second.as_bytes()
    assert first["Message-ID"] == mail.message_id
    assert Event.objects.filter(verb="mail_sent_again", subject_id=mail.pk, actor_id=keeper.pk).count() == 1


def test_nothing_is_decided_of_a_mail_whose_way_is_known(mail_server, planned, keeper):
    mail = planned()
    for decide in (it_arrived, send_again):
        with pytest.raises(NothingToDecide, match="planned"):
            decide(mail.pk, actor=keeper, at=timezone.now())
    refused = planned("refused")
    work_on(refused)
    with pytest.raises(NothingToDecide):
        it_arrived(refused.pk, actor=keeper, at=timezone.now())
    send_again(refused.pk, actor=keeper, at=timezone.now())
    assert Mail.objects.get(pk=refused.pk).state == Mail.State.PLANNED


def test_the_domain_of_a_recipient_may_have_accents(mail_server):
    (mail,) = plan(to=["jane@écoles.example"], subject="Été", body="é", slot="accents")
    assert work_on(mail) == ("handed_over", "done")
    (copy,) = mail_server.copies()
    assert copy["X-Envelope"] == "register@acme.example jane@xn--coles-9ra.example"


def test_in_the_try_out_mails_are_files(settings, planned, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mails"
    assert work_on(planned()) == ("handed_over", "done")
    (file,) = settings.EMAIL_FILE_PATH.iterdir()
    assert "Subject: Votre demande" in file.read_text()


def test_no_address_reaches_the_log(mail_server, planned, caplog):
    for name in ("jane.doe", "refused", "later", "dropped"):
        work_on(planned(name))
    assert "example" not in caplog.text


def test_a_mail_server_is_believed_only_with_a_valid_certificate(mail_server, planned, settings, monkeypatch, tmp_path):
    folder = tmp_path / "tls"
    folder.mkdir()
    certificate = write_certificate(folder)
    secure = MailServer(folder)
    secure.start()
    try:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "localhost", secure.port, True
        mail = planned()
        assert work_on(mail) == ("planned", "asked")
        assert "certificate" in mail.job.error
        assert secure.copies() == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert work_on(mail) == ("handed_over", "done")
        assert len(secure.copies()) == 1
    finally:
        secure.stop()


def write_certificate(folder):
    """Write a certificate of localhost that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return folder / "certificate.pem"
