"""Planning: one mail per mailbox, fixed in the database, nothing written when anything is wrong."""

import pytest
from django.db import IntegrityError, connection, transaction

from foundation.jobs.models import Job
from foundation.mail.errors import MailErased, MailNotSetUp, NotAMail
from foundation.mail.models import Mail
from foundation.mail.planning import plan
from foundation.mail.wording import without_addresses

pytestmark = pytest.mark.django_db


def test_one_mail_per_mailbox_and_the_same_ones_for_the_same_slot(acme, keeper):
    to = ["one@people.example", "two@people.example", "one@people.example"]
    first = plan(to=to, subject="A", body="a", slot="notice 7", register=acme, by=keeper)
    again = plan(to=to, subject="B", body="b", slot="notice 7", register=acme, by=keeper)
    assert [mail.recipient for mail in first] == to[:2]
    assert again == first
    assert {mail.subject for mail in Mail.objects.all()} == {"A"}
    assert Job.objects.count() == 2
    assert len({mail.message_id for mail in first}) == 2
    assert all(mail.message_id.endswith("@acme.example>") for mail in first)


def test_the_job_holds_no_address_and_no_content(acme, keeper, planned):
    mail = planned(by=keeper)
    row = repr(Job.objects.filter(pk=mail.job_id).values())
    assert not any(secret in row for secret in ("jane", "people.example", "demande", "Bonjour"))
    assert (mail.job.register, mail.job.asked_by) == (acme, keeper)


def test_a_mail_is_planned_with_what_it_tells_or_not_at_all(acme, planned):
    with pytest.raises(RuntimeError), transaction.atomic():
        planned()
        raise RuntimeError
    assert not Mail.objects.exists()
    assert not Job.objects.exists()


GOOD = {"to": ["one@people.example"], "subject": "A", "body": "a"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param({"subject": "A\r\nBcc: all@people.example"}, "line break", id="a header in the subject"),
        pytest.param({"subject": "A\nB"}, "line break", id="two lines"),
        pytest.param({"subject": "A\u2028B"}, "line break", id="a line separator"),
        pytest.param({"subject": "  "}, "subject", id="no subject"),
        pytest.param({"subject": "A" * 201}, "200", id="a long subject"),
        pytest.param({"body": " \n"}, "text", id="no text"),
        pytest.param({"body": "a\x00"}, "U\\+0000", id="a null character"),
        pytest.param({"to": []}, "recipient", id="nobody"),
        pytest.param({"to": ["one@people.example", "two@people.example\r\nBcc: x@y.example"]}, "2 ", id="a header"),
        pytest.param({"to": ["one@people.example", "two"]}, "Recipient 2", id="no address"),
        pytest.param({"to": ["One <one@people.example>"]}, "Recipient 1", id="a name before the address"),
        pytest.param({"to": ["one@people.example,two@people.example"]}, "Recipient 1", id="two in one"),
        pytest.param({"to": [f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 20}.example"]}, "long", id="long"),
        pytest.param({"to": ["é@people.example"]}, "Recipient 1", id="a mailbox beyond ASCII"),
    ],
)
def test_what_is_no_mail_is_refused_before_anything_is_written(acme, wrong, words):
    with pytest.raises(NotAMail, match=words) as refusal:
        plan(**{**GOOD, **wrong}, slot="1", register=acme)
    assert "example" not in str(refusal.value)
    assert not Job.objects.exists()


def test_a_slot_holds_no_address_and_recipients_are_a_list():
    with pytest.raises(TypeError):
        plan(**GOOD, slot="one@people.example")
    with pytest.raises(TypeError):
        plan(**{**GOOD, "to": "one@people.example"}, slot="1")


def test_without_a_sender_no_mail_is_planned(settings):
    settings.DEFAULT_FROM_EMAIL = ""
    with pytest.raises(MailNotSetUp, match="EMAIL_URL"):
        plan(**GOOD, slot="1")


def test_a_mail_that_was_sent_and_erased_is_not_planned_again(acme):
    (mail,) = plan(**GOOD, slot="1", register=acme)
    Job.objects.update(state=Job.State.DONE)
    mail.delete()
    with pytest.raises(MailErased):
        plan(**GOOD, slot="1", register=acme)
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "recipient = 'other@people.example'",
        "subject = 'B'",
        "body = 'b'",
        "sender = 'other@acme.example'",
        "message_id = '<1@acme.example>'",
        "planned_at = now()",
        "register_id = NULL",
    ],
)
def test_the_database_refuses_to_change_what_was_planned(planned, change):
    planned()
    with pytest.raises(IntegrityError, match="keeps what was written"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE foundation_mail SET {change}")


def test_how_far_a_mail_came_may_change(planned):
    planned()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE foundation_mail SET state = 'refused', token = 1, words = '550 no'")
    assert Mail.objects.get().state == Mail.State.REFUSED


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 <jane.doe@people.example> unknown", "550 <(…)> unknown"),
        ("550 mailbox of Jane.Doe is full", "550 mailbox of (…) is full"),
        ("550 bounce+jane.doe=40people.example@list.example\r\nsee\x07", "550 (…) see"),
        ("250 2.0.0 Ok: queued as 4AF1", "250 2.0.0 Ok: queued as 4AF1"),
    ],
)
def test_a_servers_words_are_kept_without_addresses(said, kept):
    assert without_addresses(said, recipient="jane.doe@people.example") == kept
