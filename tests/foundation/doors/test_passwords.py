"""Coming in with a password, and the headers of every answer."""

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from config import settings as production
from foundation.models import User
from tests.conftest import PASSWORD
from tests.foundation.doors.conftest import LONGER, come_in


def test_a_person_signs_in_with_whatever_capitals_and_the_hash_is_argon2(dpo):
    answer = come_in(dpo.email.upper())
    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))
    assert dpo.password.startswith("argon2$argon2id$")
    first = import_string(production.PASSWORD_HASHERS[0])()
    assert (first.algorithm, first.memory_cost) >= ("argon2", 65_536)  # KiB


def test_an_old_hash_is_written_anew_at_sign_in(dpo):
    User.objects.filter(pk=dpo.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    assert come_in(dpo.email).status_code == 302
    dpo.refresh_from_db()
    assert dpo.password.startswith("argon2$argon2id$")


def test_a_wrong_password_an_unknown_address_and_a_closed_account_are_told_apart_by_nobody_outside(dpo, staff):
    User.objects.filter(pk=staff.pk).update(is_active=False)
    answers = [come_in(dpo.email, "wrong"), come_in("nobody@acme.example"), come_in(staff.email, "wrong")]
    assert {answer.status_code for answer in answers} == {200}
    assert len({str(answer.context["form"].non_field_errors()) for answer in answers}) == 1


def test_a_closed_account_does_not_open(staff):
    User.objects.filter(pk=staff.pk).update(is_active=False)
    client = Client()
    assert come_in(staff.email, client=client)["Location"] == reverse("account_inactive")
    assert client.get(reverse("home"))["Location"].startswith(reverse("account_login"))


def test_there_is_no_sign_up_and_no_change_of_address(client, db):
    for path in ("signup/", "email/", "account/signup/", "account/email/", "accounts/signup/", "accounts/email/"):
        assert client.get(f"/{path}").status_code in {302, 404}
        assert client.post(f"/{path}", {"email": "x@example.org", "password1": LONGER}).status_code in {302, 404}
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\\\evil.example"]
)
def test_nobody_is_sent_to_another_site(dpo, elsewhere):
    sent = {"login": dpo.email, "password": PASSWORD, "next": elsewhere}
    client = Client()
    assert client.post(reverse("account_login"), sent)["Location"] == reverse("home")
    confirm = {"password": PASSWORD, "next": elsewhere}
    assert client.post(reverse("account_reauthenticate"), confirm)["Location"] == reverse("home")
    assert client.post(reverse("account_logout"), {"next": elsewhere})["Location"] == reverse("account_login")


def test_every_answer_carries_the_headers(client, dpo):
    client.force_login(dpo)
    for address in (reverse("home"), reverse("account_login"), reverse("admin:index"), "/nowhere/", reverse("account")):
        headers = client.get(address).headers
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
