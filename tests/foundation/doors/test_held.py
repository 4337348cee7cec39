"""What went around a door is shut: accounts nobody holds, sessions from before, confirmations, limits, passkeys."""

import hashlib
import json
import os
import re
import struct
from io import StringIO

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings as configured
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

from foundation.doors.emptying import end_all
from foundation.models import Event, Mail, Membership, User
from foundation.permissions import Role
from tests.conftest import PASSWORD, member, signed_in
from tests.foundation.doors.conftest import LONGER, SECRET, ask_for_reset, code, come_in, is_in

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


def test_a_form_about_second_factors_that_was_opened_in_time_may_be_sent(held, dpo):
    renew = reverse("mfa_generate_recovery_codes")
    grow_old(held, 660)
    assert held.get(renew)["Location"].startswith(reverse("mfa_reauthenticate"))
    assert held.post(renew)["Location"] == reverse("mfa_view_recovery_codes")
    assert Event.objects.get().verb == "recovery_codes_renewed"
    grow_old(held, 1800)
    assert held.post(renew)["Location"].startswith(reverse("mfa_reauthenticate"))
    assert Event.objects.count() == 1


# -- limits --------------------------------------------------------------------------------------------------------


def test_a_password_is_guessed_five_times_in_an_open_session(dpo):
    client = signed_in(dpo)
    wrong = [client.post(reverse("account_reauthenticate"), {"password": "wrong"}).status_code for _ in range(6)]
    assert wrong == [200] * 5 + [429]
    sent = {"oldpassword": "wrong", "password1": LONGER, "password2": LONGER}
    changed = [client.post(reverse("account_change_password"), sent).status_code for _ in range(6)]
    assert changed == [200] * 5 + [429]
    for action in ("reauthenticate", "change_password"):
        assert configured.ACCOUNT_RATE_LIMITS[action] == "5/5m/user"


def test_nobody_keeps_another_from_asking_for_a_new_password_or_floods_the_mailbox(dpo):
    answers = [ask_for_reset(dpo.email, place=f"203.0.113.{number}") for number in range(12)]
    assert {answer.status_code for answer in answers} == {302}
    assert Mail.objects.count() == 5
    assert ask_for_reset(dpo.email, place="192.0.2.55")["Location"] == answers[0]["Location"]
    assert [ask_for_reset(dpo.email, place="192.0.2.66").status_code for _ in range(6)] == [302] * 5 + [429]
    assert Mail.objects.count() == 5
    assert ask_for_reset("nobody@acme.example").status_code == 302


def test_a_new_password_opens_the_place_that_failures_had_closed(dpo):
    for _ in range(6):
        come_in(dpo.email, "wrong")
    assert come_in(dpo.email).status_code == 200
    ask_for_reset(dpo.email)
    link = next(line for line in Mail.objects.get().text.splitlines() if line.startswith("http"))
    client = Client(REMOTE_ADDR="192.0.2.1")
    form = client.get(link.removeprefix("http://testserver"))["Location"]
    assert client.post(form, {"password1": LONGER, "password2": LONGER}).status_code == 302
    assert come_in(dpo.email, LONGER).status_code == 302


# -- passkeys ------------------------------------------------------------------------------------------------------


class Passkey:
    """A passkey in software: it signs whatever it is told to sign."""

    def __init__(self, user: User, *, passwordless: bool) -> None:
        self.user, self.key, self.id = user, ec.generate_private_key(ec.SECP256R1()), os.urandom(32)
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        data = self.told(0x45, 0) + bytes(16) + struct.pack(">H", 32) + self.id + public
        credential = {
            **self.named(),
            "response": {
                "clientDataJSON": websafe_encode(self.asked("webauthn.create", "AAAA")),
                "attestationObject": websafe_encode(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})),
            },
            "clientExtensionResults": {"credProps": {"rk": passwordless}},
        }
        Authenticator.objects.create(user=user, type="webauthn", data={"name": "key", "credential": credential})

    def named(self) -> dict[str, str]:
        return {"id": websafe_encode(self.id), "rawId": websafe_encode(self.id), "type": "public-key"}

    def told(self, flags: int, count: int) -> bytes:
        return hashlib.sha256(b"testserver").digest() + bytes([flags]) + struct.pack(">I", count)

    def asked(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": "https://testserver"}).encode()

    def answer(self, client: Client, *, verified: bool) -> dict[str, str]:
        """Return the form that this passkey sends for the challenge of this browser."""
        asked = self.asked("webauthn.get", client.session["mfa.webauthn.state"]["challenge"])
        told = self.told(0x05 if verified else 0x01, 1)
        signed = self.key.sign(told + hashlib.sha256(asked).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(asked),
            "authenticatorData": websafe_encode(told),
            "signature": websafe_encode(signed),
            "userHandle": websafe_encode(user_pk_to_url_str(self.user).encode()),
        }
        return {"credential": json.dumps({**self.named(), "response": response, "clientExtensionResults": {}})}


@pytest.fixture
def passkeys(settings):
    settings.PASSKEYS = True
    settings.MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
    settings.MFA_PASSKEY_LOGIN_ENABLED = True


def stand_at_the_second_step(user: User) -> Client:
    """A browser whose challenge was made for the second step, where no finger is asked for."""
    Passkey(user, passwordless=False)
    client = Client()
    come_in(user.email, client=client)
    client.get(reverse("mfa_authenticate"))
    session = client.session  # the second step itself is over after a quarter of an hour; its challenge is not
    session["account_login"] = {
        **session["account_login"],
        "initiated_at": session["account_login"]["initiated_at"] - 901,
    }
    session.save()
    return client


@pytest.mark.parametrize(
    ("passwordless", "verified", "opens"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_a_passkey_opens_alone_only_where_it_was_made_for_that_and_asked_for_its_owner(
    passkeys, dpo, staff, passwordless, verified, opens
):
    key = Passkey(dpo, passwordless=passwordless)
    client = stand_at_the_second_step(staff)
    client.post(reverse("mfa_login_webauthn"), key.answer(client, verified=verified))
    assert (client.session.get("_auth_user_id") == str(dpo.pk)) is opens
    assert is_in(client) is opens


# -- closed accounts, cookies --------------------------------------------------------------------------------------


def test_an_account_that_is_closed_and_opened_again_has_no_session_left(dpo, administrator):
    client = Client()
    come_in(dpo.email, client=client)
    keeper, page = signed_in(administrator), reverse("admin:foundation_user_change", args=[dpo.pk])
    for sent in ({"name": "Dominique", "language": "fr"}, {"name": "Dominique", "language": "fr", "is_active": "on"}):
        assert keeper.post(page, sent).status_code == 302
    dpo.refresh_from_db()
    assert dpo.is_active
    assert not is_in(client)
    assert end_all(dpo) == 0


def test_what_pages_say_once_stands_in_no_cookie(dpo):
    answer = signed_in(dpo).post(reverse("account"), {"language": "fr"})
    assert answer.status_code == 302
    assert "messages" not in answer.cookies
