"""The secrets of second factors are reached by a rotation: no key that a person signs in with is destroyed unseen."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.management import call_command
from django.core.management.base import CommandError

from foundation.keys import erasing, masters, vault
from foundation.keys.models import Key
from foundation.permissions import Role
from tests.conftest import member

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.django_db


def keys(*arguments):
    out = StringIO()
    call_command("keys", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def codes(acme, master, monkeypatch):
    """The recovery codes of a person with a one-time code, all sealed under the first account key."""
    monkeypatch.setattr(erasing, "rewrite_table", lambda: None)  # no VACUUM within a test's transaction
    person = member(acme, Role.DPO)
    totp.TOTP.activate(person, SECRET)
    codes = RecoveryCodes.activate(person).generate_codes()
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone"})
    return codes


def authenticator(type_):
    return Authenticator.objects.get(type=type_)


def still_opens(codes):
    secret = vault.open_text(authenticator("totp").data["secret"], place=vault.Place("mfa_authenticator", "data"))
    assert secret == SECRET
    assert RecoveryCodes(authenticator("recovery_codes")).generate_codes() == codes


def test_the_drill_of_a_rotation_keeps_every_second_factor(codes):
    old = str(vault.data_key("account").pk)
    keys("rotate", "--purpose", "account")
    assert "Older versions, kept for what they sealed: 1 (2 value(s) still stand under them)" in keys("status")
    assert "2 value(s) sealed under the newest data keys" in keys("rewrap", "--values")
    assert "Older versions, kept for what they sealed: 1 (0 value(s) still stand under them)" in keys("status")
    keys("destroy", old, "--yes")
    still_opens(codes)
    assert authenticator("webauthn").data == {"name": "Phone"}


def test_a_key_under_which_values_stand_is_not_destroyed_by_mistake(codes):
    old = vault.data_key("account")
    keys("rotate", "--purpose", "account")
    with pytest.raises(CommandError, match=r"2 value\(s\).*keys rewrap --values"):
        keys("destroy", str(old.pk), "--yes")
    with pytest.raises(CommandError, match="add --yes"):
        keys("destroy", str(old.pk), "--with-values")
    still_opens(codes)


def test_a_key_is_destroyed_with_its_values_where_that_is_said(codes):
    keys("destroy", "--purpose", "account", "--yes", "--with-values")
    assert not Key.objects.filter(purpose="account").exists()
    with pytest.raises(vault.KeyDestroyed):
        RecoveryCodes(authenticator("recovery_codes")).generate_codes()


def test_values_that_a_lost_master_key_closed_are_given_up_only_where_that_is_said(codes, settings):
    settings.MASTER_KEYS = masters.read(masters.new())
    with pytest.raises(CommandError, match=r"2 value\(s\)"):
        keys("destroy", "--closed", "--yes")
    keys("destroy", "--closed", "--yes", "--with-values")
    assert not Key.objects.filter(purpose="account").exists()


def test_a_value_that_is_no_seal_stops_the_destruction_and_not_the_status(codes):
    broken = authenticator("totp")
    broken.data["secret"] = "never sealed"
    broken.save()
    with pytest.raises(CommandError, match=r"mfa_authenticator\.data, row 0, does not open"):
        keys("destroy", "--purpose", "account", "--yes")
    keys("rotate", "--purpose", "account")
    assert "mfa_authenticator.data, row 0, does not open" in keys("status")
