"""A forgotten password is chosen anew by mail, and tells nobody who has an account."""

from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from foundation.models import Event, Mail, User
from tests.foundation.doors.conftest import LONGER, ask_for_reset, come_in


def test_a_forgotten_password_is_chosen_anew_by_mail_and_no_second_factor_goes_around_it(careful):
    assert ask_for_reset(careful.email.upper())["Location"] == reverse("account_reset_password_done")
    letter = Mail.objects.get()
    assert "http" not in letter.body  # what opens an account is sealed where it waits to be sent
    assert letter.recipient == careful.email
    link = next(line for line in letter.text.splitlines() if line.startswith("http")).removeprefix("http://testserver")
    client = Client()
    form = client.get(link)["Location"]
    assert client.post(form, {"password1": "short", "password2": "short"}).status_code == 200
    assert client.post(form, {"password1": LONGER, "password2": LONGER}).status_code == 302
    assert "_auth_user_id" not in client.session
    assert come_in(careful.email, LONGER)["Location"] == reverse("mfa_authenticate")
    assert Event.objects.get().verb == "password_changed"
    assert Client().get(link).context["token_fail"]
    assert not EmailAddress.objects.exists()  # the account has one address, in one place


def test_asking_for_a_reset_tells_nobody_who_has_an_account(dpo, staff):
    User.objects.filter(pk=staff.pk).update(is_active=False)
    answers = [ask_for_reset(address) for address in (dpo.email, "nobody@acme.example", staff.email)]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    assert list(Mail.objects.values_list("recipient", flat=True)) == [dpo.email]


def test_the_mail_of_a_reset_is_written_after_the_answer(dpo, monkeypatch):
    """So that the time of the answer is the same whether or not the address is known."""
    from django.test.client import ClientHandler

    at_answer = []
    original = ClientHandler.get_response

    def get_response(self, request):
        response = original(self, request)
        at_answer.append(Mail.objects.count())
        return response

    monkeypatch.setattr(ClientHandler, "get_response", get_response)
    ask_for_reset(dpo.email)
    assert (at_answer, Mail.objects.count()) == ([0], 1)


def test_that_no_mail_can_be_sent_is_told_to_the_operator_only(dpo, settings, caplog):
    settings.DEFAULT_FROM_EMAIL = ""
    assert ask_for_reset(dpo.email)["Location"] == reverse("account_reset_password_done")
    assert "was not planned" in caplog.text
    assert dpo.email not in caplog.text
    assert not Mail.objects.exists()


def test_the_link_of_a_reset_is_read_by_nobody_who_keeps_a_register(dpo, staff, administrator):
    ask_for_reset(staff.email)
    assert not any(Mail.objects.visible_to(user).exists() for user in (dpo, administrator, staff))
