"""What whoever runs Greffier sets and sees: the mail server, and mails of no register."""

from urllib.parse import urlparse

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from config.mail_server import mail_sender, mail_server
from foundation.jobs.models import Job
from foundation.mail.models import Mail
from tests.mail.conftest import plan_one


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp+tls://us%40er:p%3Aw@mail.example", 587, True, False),
        ("smtp+ssl://us%40er:p%3Aw@mail.example", 465, False, True),
        ("smtp+tls://us%40er:p%3Aw@mail.example:2525", 2525, True, False),
        ("smtp://us%40er:p%3Aw@localhost", 25, False, False),
    ],
)
def test_the_mail_server_is_one_address(url, port, tls, ssl):
    found = mail_server(urlparse(url))
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, tls, ssl)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("us@er", "p:w")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("smtps://user:secret@mail.example", "must be smtp"),
        ("consolemail://", "must be smtp"),
        ("smtp+tls://", "must be smtp"),
        ("smtp://user:secret@mail.example", "in the clear"),
    ],
)
def test_a_mail_server_that_cannot_be_meant_stops_the_start(url, words):
    with pytest.raises(ImproperlyConfigured, match=words) as refusal:
        mail_server(urlparse(url))
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("given", ["", "nobody", "A <a@b.example>\nBcc: c@d.example", "Ü <ü@b.example>"])
def test_a_sender_that_is_no_address_stops_the_start(given):
    with pytest.raises(ImproperlyConfigured, match="GREFFIER_MAIL_FROM"):
        mail_sender(given)


def test_a_sender_may_have_a_name():
    assert mail_sender("Délégué <dpo@acme.example>") == "Délégué <dpo@acme.example>"


@pytest.mark.django_db
def test_whoever_runs_greffier_decides_of_mails_of_no_register(capsys):
    mail = plan_one(None)
    with pytest.raises(CommandError):
        call_command("mails", "again", str(mail.pk))
    with pytest.raises(CommandError, match="There is no mail"):
        call_command("mails", "again", "999999")
    Mail.objects.update(state="unknown", token=1)
    Job.objects.update(state="failed")
    call_command("mails", "list", "--state", "unknown")
    call_command("mails", "again", str(mail.pk))
    call_command("mails", "list", "--state", "unknown")
    told = capsys.readouterr().out
    assert [line.split()[1] for line in told.splitlines()] == ["unknown", "planned"]
    assert "example" not in told
