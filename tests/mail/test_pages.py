"""The pages of mails: what waits for a person stands first, and the two decisions are confirmed."""

import pytest
from django.test import Client
from django.urls import reverse

from foundation.jobs.models import Job
from foundation.mail.models import Mail
from foundation.models import Event, Membership, User
from foundation.permissions import Role

pytestmark = pytest.mark.django_db
LIST = "admin:foundation_mail_changelist"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def leave(mail, state):
    """Leave a mail in this state, and its job as the worker leaves it."""
    Mail.objects.filter(pk=mail.pk).update(state=state, token=1)
    Job.objects.filter(pk=mail.job_id).update(state=Job.State.FAILED, token=1, attempts=1)
    return mail


def decide(mail, decision):
    return reverse("admin:foundation_mail_decide", args=[mail.pk, decision])


@pytest.fixture
def unknown(planned):
    return leave(planned(), Mail.State.UNKNOWN)


def test_what_waits_for_a_person_stands_first(planned, keeper):
    leave(planned("b", subject="Refusé"), Mail.State.REFUSED)
    leave(planned("a", subject="Incertain"), Mail.State.UNKNOWN)
    for number in range(3):
        planned(f"later{number}", subject="Prévu")
    page = signed_in(keeper).get(reverse(LIST))
    subjects = [mail.subject for mail in page.context["cl"].result_list]
    assert subjects == ["Incertain", "Refusé", "Prévu", "Prévu", "Prévu"]
    page = signed_in(keeper).get(reverse(LIST), {"state__exact": "refused"})
    assert [mail.subject for mail in page.context["cl"].result_list] == ["Refusé"]


def test_the_list_asks_as_little_for_fifty_mails_as_for_one(planned, keeper, django_assert_max_num_queries):
    for number in range(50):
        planned(f"n{number}")
    client = signed_in(keeper)
    with django_assert_max_num_queries(20):
        assert client.get(reverse(LIST)).status_code == 200


def test_a_mail_whose_job_was_given_up_says_so(planned, keeper):
    Job.objects.filter(pk=planned().job_id).update(state=Job.State.CANCELLED)
    page = signed_in(keeper).get(reverse(LIST), headers={"Accept-Language": "en"})
    assert "planned, cancelled" in page.content.decode()


def test_the_page_of_a_mail_shows_it_and_offers_what_can_be_decided(unknown, planned, keeper):
    def offered(mail):
        page = signed_in(keeper).get(reverse("admin:foundation_mail_change", args=[mail.pk])).content.decode()
        assert mail.recipient in page
        assert mail.message_id.strip("<>") in page
        return [decision for decision in ("arrived", "again") if decide(mail, decision) in page]

    assert offered(unknown) == ["arrived", "again"]
    assert offered(leave(planned("b"), Mail.State.REFUSED)) == ["again"]
    assert offered(planned("c")) == []


@pytest.mark.parametrize(("decision", "state"), [("arrived", "handed_over"), ("again", "planned")])
def test_a_decision_is_confirmed_and_then_taken(unknown, keeper, decision, state):
    client = signed_in(keeper)
    assert client.get(decide(unknown, decision)).status_code == 200
    assert Mail.objects.get().state == "unknown"
    assert client.post(decide(unknown, decision)).status_code == 302
    assert Mail.objects.get().state == state
    assert Mail.objects.get().decided_by == keeper
    assert Job.objects.get().state == "asked"
    assert client.post(decide(unknown, decision)).status_code == 409
    verbs = Event.objects.filter(actor_id=keeper.pk, subject_type="foundation.mail").values_list("verb", flat=True)
    assert list(verbs) == [{"arrived": "mail_arrived", "again": "mail_sent_again"}[decision]]


def test_evidence_of_a_decision_holds_no_personal_datum(unknown, keeper):
    signed_in(keeper).post(decide(unknown, "again"))
    told = repr(list(Event.objects.values()))
    assert not any(secret in told for secret in ("jane", "example", "demande"))


@pytest.mark.parametrize(
    ("role", "status"), [(Role.STAFF, 404), (Role.AUDITOR, 403), (Role.ADMINISTRATOR, 404), (None, 404)], ids=str
)
def test_nobody_else_decides(unknown, elsewhere, acme, role, status):
    """None: the DPO of another register."""
    user = User.objects.create_user("other@acme.example")
    Membership.objects.create(user=user, register=acme if role else elsewhere, role=role or Role.DPO)
    client = signed_in(user)
    for answer in (client.get(decide(unknown, "again")), client.post(decide(unknown, "again"))):
        assert answer.status_code == status
    assert Mail.objects.get().state == "unknown"


def test_what_is_no_decision_is_not_there(unknown, keeper):
    assert signed_in(keeper).post(decide(unknown, "forget")).status_code == 404
    assert Mail.objects.get().state == "unknown"
