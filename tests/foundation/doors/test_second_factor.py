"""A second factor that nothing goes around."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import decrypt
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from config import settings as production
from foundation.keys import vault
from foundation.models import Event
from foundation.permissions import Role
from tests.conftest import PASSWORD, signed_in
from tests.foundation.doors.conftest import HERE, SECRET, code, come_in


def test_a_password_alone_opens_no_page_of_who_has_a_second_factor(careful):
    from tests.test_permissions import ADDRESSES, NOBODY, arguments

    client = Client()
    assert come_in(careful.email, client=client)["Location"] == reverse("mfa_authenticate")
    of_rows = {"edition-json", "print-download", "evidence-receipt"}
    without_rows = [name for name in ADDRESSES if name not in of_rows]
    for name in without_rows:
        expected = ADDRESSES[name][NOBODY] if name != "mfa_authenticate" else 200
        if name == "account_login":
            expected = 302  # on to the second step
        assert client.get(reverse(name, args=arguments(name))).status_code == expected, name
        assert "_auth_user_id" not in client.session, name
    for address in ("/admin/login/", "/admin/login/?next=/admin/"):
        answer = client.post(address, {"username": careful.email, "password": PASSWORD, "next": "/admin/"})
        assert answer["Location"].startswith(reverse("account_login"))
        assert client.get("/admin/", follow=True).redirect_chain[-1][0] == reverse("mfa_authenticate")


def test_what_opens_an_account_is_sealed_where_it_is_stored(careful):
    stored = {factor.type: str(factor.data) for factor in Authenticator.objects.filter(user=careful)}
    assert SECRET not in stored["totp"]
    seed = Authenticator.objects.get(type="recovery_codes")
    assert decrypt(seed.data["seed"]) not in stored["recovery_codes"]
    assert len(decrypt(seed.data["seed"])) == 80
    with pytest.raises(vault.SealBroken):
        vault.open_text(seed.data["seed"], place=vault.Place("mfa_authenticator", "data", row=1))


def test_the_code_of_the_application_opens_once(careful):
    client, now = Client(), code()
    come_in(careful.email, client=client)
    before = client.session.session_key
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": now})["Location"] == reverse("home")
    assert client.session.session_key != before
    again = Client()
    come_in(careful.email, client=again)
    assert again.post(reverse("mfa_authenticate"), {"code": now}).status_code == 200


def test_a_recovery_code_opens_once(careful):
    codes = Authenticator.objects.get(user=careful, type="recovery_codes").wrap()
    one = codes.get_unused_codes()[0]
    for expected in (302, 200):
        client = Client()
        come_in(careful.email, client=client)
        assert client.post(reverse("mfa_authenticate"), {"code": one}).status_code == expected


def test_codes_are_guessed_five_times_at_most_from_wherever(careful):
    client = Client()
    come_in(careful.email, client=client)
    for number in range(5):
        place = f"203.0.113.{number}"
        client.post(reverse("mfa_authenticate"), {"code": f"00000{number}"}, REMOTE_ADDR=place)
    assert client.post(reverse("mfa_authenticate"), {"code": code()}, REMOTE_ADDR=HERE).status_code == 200


def test_an_application_is_added_used_and_removed_and_each_is_evidence(dpo, acme):
    client = signed_in(dpo)
    page = client.get(reverse("mfa_activate_totp"))
    text = page.content.decode()
    assert "<svg" in text
    assert "data:" not in text
    secret = page.context["form"].secret
    key = client.session.session_key
    answer = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert client.session.session_key != key
    assert client.get(reverse("mfa_view_recovery_codes")).content.decode().count("<code>") == 10
    assert len(client.get(reverse("mfa_download_recovery_codes")).content.split()) > 10
    client.post(reverse("mfa_generate_recovery_codes"))
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=dpo).exists()
    told = Event.objects.order_by("pk").values_list("verb", "subject_id", "actor_id", "register_id")
    verbs = ("second_factor_added", "recovery_codes_renewed", "second_factor_removed")
    assert list(told) == [(verb, dpo.pk, dpo.pk, acme.pk) for verb in verbs]


@pytest.fixture
def strict(settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"dpo", "administrator"})


def test_a_role_that_asks_for_a_second_factor_opens_nothing_without(strict, dpo, staff):
    client = signed_in(dpo)
    for name in ("home", "admin:index", "account", "account_sessions", "audit"):
        assert client.get(reverse(name))["Location"] == reverse("mfa_activate_totp"), name
        assert client.post(reverse(name))["Location"] == reverse("mfa_activate_totp"), name
    refused = client.get("/api/v1/registers/")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")
    page = client.get(reverse("mfa_activate_totp"))
    assert page.context["required"]
    client.post(reverse("mfa_activate_totp"), {"code": code(page.context["form"].secret)})
    assert client.get(reverse("home")).status_code == 200
    assert signed_in(staff).get(reverse("home")).status_code == 200


def test_recovery_codes_alone_are_no_second_factor(strict, dpo):
    RecoveryCodes.activate(dpo)
    assert signed_in(dpo).get(reverse("home"))["Location"] == reverse("mfa_activate_totp")


def test_the_roles_that_settings_may_name_are_the_roles():
    assert production._roles == set(Role.values)


def test_an_operator_removes_what_was_lost_with_the_phone(careful, acme, capsys):
    client = Client()
    come_in(careful.email, client=client)
    client.post(reverse("mfa_authenticate"), {"code": code()})
    call_command("reset_second_factor", careful.email)
    assert Authenticator.objects.filter(user=careful).count() == 2
    assert client.get(reverse("home")).status_code == 200
    call_command("reset_second_factor", careful.email.upper(), "--yes")
    assert not Authenticator.objects.filter(user=careful).exists()
    assert client.get(reverse("home")).status_code == 302
    assert Event.objects.get().verb == "second_factor_reset"
    assert "1 sessions ended" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody@acme.example", "--yes")
