"""What went around a door is shut: accounts nobody holds, sessions from before, confirmations, limits, passkeys."""

import re
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from foundation.models import Event, Membership, User
from foundation.permissions import Role
from tests.conftest import PASSWORD, member, signed_in
from tests.foundation.test_doors import SECRET, code, come_in, is_in

# -- accounts that nobody holds ------------------------------------------------------------------------------------


@pytest.fixture
def held(dpo: User) -> Client:
    """The DPO's browser: a password, an application, recovery codes, a bound identity and a session."""
    totp.TOTP.activate(dpo, SECRET)
    RecoveryCodes.activate(dpo)
    SocialAccount.objects.create(user=dpo, provider="oidc", uid="person-1")
    client = Client()
    come_in(dpo.email, client=client)
    client.post(reverse("mfa_authenticate"), {"code": code()})
    return client


def opens_nothing(user: User, client: Client) -> bool:
    user.refresh_from_db()
    kept = Authenticator.objects.filter(user=user).exists() or SocialAccount.objects.filter(user=user).exists()
    return not (user.has_usable_password() or kept or is_in(client))


def test_who_leaves_the_last_register_leaves_nothing_that_opens_the_account(held, dpo, administrator):
    membership = Membership.objects.get(user=dpo)
    address = reverse("admin:foundation_membership_delete", args=[membership.pk])
    assert signed_in(administrator).post(address, {"post": "yes"}).status_code == 302
    assert opens_nothing(dpo, held)
    event = Event.objects.get(verb="membership_withdrawn")
    assert event.details == {"user": dpo.pk, "role": "dpo", "ways_in": "removed"}


def test_who_leaves_one_register_of_two_keeps_the_account(held, dpo, elsewhere, administrator):
    Membership.objects.create(user=dpo, register=elsewhere, role=Role.STAFF)
    membership = Membership.objects.get(user=dpo, role=Role.DPO)
    signed_in(administrator).post(reverse("admin:foundation_membership_delete", args=[membership.pk]), {"post": "yes"})
    dpo.refresh_from_db()
    assert dpo.check_password(PASSWORD)
    assert Authenticator.objects.filter(user=dpo).count() == 2
    assert is_in(held)
    assert "ways_in" not in Event.objects.get(verb="membership_withdrawn").details


def test_an_account_that_waits_for_its_first_register_opens_nothing_there(held, dpo, elsewhere):
    """Whoever made it, or held it before, prepared nothing in it that works in the register of others."""
    Membership.objects.filter(user=dpo).delete()
    sent = {"email": dpo.email, "register": elsewhere.pk, "role": Role.DPO.value}
    keeper = signed_in(member(elsewhere, Role.ADMINISTRATOR))
    assert keeper.post(reverse("admin:foundation_membership_add"), sent).status_code == 302
    assert dpo.memberships.get().register == elsewhere
    assert opens_nothing(dpo, held)
    assert Event.objects.get().details == {"user": dpo.pk, "role": "dpo", "ways_in": "removed"}


@pytest.mark.parametrize("command", ["add_member", "create_register"])
def test_the_operator_gives_a_new_password_to_an_account_without_a_register(held, dpo, elsewhere, command):
    Membership.objects.filter(user=dpo).delete()
    out = StringIO()
    if command == "add_member":
        call_command("add_member", elsewhere.slug, dpo.email, "dpo", stdout=out)
    else:
        call_command("create_register", "third", "Third", dpo=dpo.email, stdout=out)
    dpo.refresh_from_db()
    assert dpo.check_password(re.search(r"once: (\S+)", out.getvalue()).group(1))
    assert not Authenticator.objects.filter(user=dpo).exists()
    assert not SocialAccount.objects.filter(user=dpo).exists()
    assert not is_in(held)


# -- sessions from before the second factor ------------------------------------------------------------------------


def add_application(client: Client) -> str:
    secret: str = client.get(reverse("mfa_activate_totp")).context["form"].secret
    assert client.post(reverse("mfa_activate_totp"), {"code": code(secret)}).status_code == 302
    return secret


def test_a_second_factor_ends_the_sessions_that_were_opened_without_it(dpo):
    here, there = Client(), Client()
    for client in (here, there):
        come_in(dpo.email, client=client)
    add_application(here)
    assert (is_in(here), is_in(there)) == (True, False)


def test_a_session_without_the_second_factor_opens_nothing_but_the_page_of_the_code(dpo):
    client = signed_in(dpo)
    totp.TOTP.activate(dpo, SECRET)
    for name in ("home", "admin:index", "account", "mfa_view_recovery_codes", "account_set_password"):
        asked = client.get(reverse(name))
        assert asked.status_code == 302, name
        assert asked["Location"].startswith(reverse("mfa_reauthenticate")), name
        assert client.post(reverse(name))["Location"].startswith(reverse("mfa_reauthenticate")), name
    page = reverse("mfa_reauthenticate")
    assert client.post(page, {"code": "000000"}).status_code == 200
    assert not is_in(client)
    assert client.post(page, {"code": code()}).status_code == 302
    assert is_in(client)


# -- confirming with the second factor -----------------------------------------------------------------------------


def grow_old(client: Client, seconds: float) -> None:
    """Let these seconds pass since this browser last proved who sits there."""
    session = client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**record, "at": record["at"] - seconds} for record in records]
    session.save()


def test_a_password_alone_removes_no_second_factor(held, dpo):
    grow_old(held, 4000)
    remove = reverse("mfa_deactivate_totp")
    assert held.get(remove)["Location"].startswith(reverse("mfa_reauthenticate"))
    answer = held.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer["Location"] == reverse("mfa_reauthenticate")
    assert held.post(remove).status_code == 302
    assert Authenticator.objects.filter(user=dpo, type="totp").exists()
    assert reverse("account_reauthenticate") not in held.get(reverse("mfa_reauthenticate")).content.decode()
    one = Authenticator.objects.get(user=dpo, type="recovery_codes").wrap().get_unused_codes()[0]
    assert held.post(reverse("mfa_reauthenticate"), {"code": one}).status_code == 302
    assert held.post(remove)["Location"] == reverse("account")
    assert not Authenticator.objects.filter(user=dpo).exists()
