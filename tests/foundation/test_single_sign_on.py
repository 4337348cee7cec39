"""Single sign-on against a real provider: it opens the account with the verified address, and never makes one."""

import time

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from foundation.models import User
from tests import identity_provider
from tests.identity_provider import CLIENT, CLIENT_SECRET


@pytest.fixture
def provider(settings):
    with identity_provider.running() as provider:
        settings.OIDC_ISSUER, settings.OIDC_NAME = provider.issuer, "Acme"
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {
                "APPS": [
                    {
                        "provider_id": "oidc",
                        "name": "Acme",
                        "client_id": CLIENT,
                        "secret": CLIENT_SECRET,
                        "settings": {"server_url": provider.issuer, "oauth_pkce_enabled": True},
                    }
                ]
            }
        }
        yield provider


def come_in(client: Client | None = None):
    """Follow the link on the sign-in page to the provider and back."""
    client = client or Client()
    begun = client.get(reverse("openid_connect_login", args=["oidc"]), {"next": "/audit/"})
    sent_back = requests.get(begun["Location"], allow_redirects=False, timeout=5).headers["Location"]
    return client.get(sent_back.removeprefix("http://testserver"))


def test_the_sign_in_page_offers_it(provider, client, db):
    assert reverse("openid_connect_login", args=["oidc"]) in client.get(reverse("account_login")).content.decode()


def test_a_verified_address_opens_its_account_and_goes_on_to_where_one_wanted(provider, dpo):
    provider.claims["email"] = "DPO@Acme.example"
    password = dpo.password
    client = Client()
    assert come_in(client)["Location"] == "/audit/"
    assert client.get("/audit/").context["user"] == dpo
    bound = SocialAccount.objects.get()
    assert (bound.user, bound.uid, bound.extra_data) == (dpo, "person-1", {})
    dpo.refresh_from_db()
    assert dpo.password == password
    assert come_in()["Location"] == "/audit/"
    assert SocialAccount.objects.get().extra_data == {}


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"email": "stranger@acme.example"}, id="nobody has this address"),
        pytest.param({"email_verified": False}, id="the address is not verified"),
        pytest.param({"email_verified": "true"}, id="verified in words only"),
        pytest.param({"email": None}, id="no address"),
    ],
)
def test_no_account_is_made_and_none_is_opened_without_a_verified_address(provider, dpo, claims):
    provider.claims |= claims
    client = Client()
    assert come_in(client).status_code == 403
    assert client.get("/audit/").status_code == 302
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 0)


def test_an_address_that_passed_to_another_person_does_not_pass_the_account_on(provider, dpo):
    come_in()
    provider.claims["sub"] = "person-2"
    assert come_in().status_code == 403
    call_command("forget_identity", dpo.email)
    assert come_in().status_code == 403
    call_command("forget_identity", dpo.email, "--yes")
    assert come_in().status_code == 302
    provider.claims["sub"] = "person-1"
    assert come_in().status_code == 403


def test_an_identity_bound_to_one_account_opens_no_other(provider, dpo, staff):
    come_in()
    provider.claims["email"] = staff.email
    assert come_in().status_code == 403


def test_a_closed_account_stays_closed(provider, dpo):
    User.objects.update(is_active=False)
    assert come_in()["Location"] == reverse("account_inactive")


def test_the_second_factor_is_asked_for_all_the_same(provider, dpo):
    TOTP.activate(dpo, "JBSWY3DPEHPK3PXP")
    assert come_in()["Location"] == reverse("mfa_authenticate")


def test_a_token_signed_by_someone_else_or_for_someone_else_is_not_believed(provider, dpo):
    provider.audience = "another"
    assert come_in().status_code == 401
    provider.audience, provider.userinfo_sub = CLIENT, "person-2"
    assert come_in().status_code == 401
    provider.userinfo_sub, provider.signing_key = None, ec.generate_private_key(ec.SECP256R1())
    assert come_in().status_code == 401
    provider.signing_key = provider.key
    assert come_in().status_code == 302


def test_an_answer_that_nobody_asked_for_opens_nothing(provider, dpo):
    client = Client()
    address = reverse("openid_connect_callback", args=["oidc"])
    assert client.get(address, {"code": "code-0", "state": "planted"}).status_code == 401
    assert client.get(address, {"error": "access_denied"}).status_code == 401


def test_nobody_binds_an_identity_or_asks_the_provider_for_more_by_the_address(provider, dpo):
    client = Client()
    begin = reverse("openid_connect_login", args=["oidc"])
    asked = {"process": "connect", "scope": "everything", "auth_params": "prompt=none", "next": "/audit/"}
    begun = client.get(begin, asked)
    assert "everything" not in begun["Location"]
    assert "prompt=none" not in begun["Location"]
    sent_back = requests.get(begun["Location"], allow_redirects=False, timeout=5).headers["Location"]
    assert client.get(sent_back.removeprefix("http://testserver"))["Location"] == "/audit/"
    assert client.post(begin, asked).status_code == 405


def test_who_confirms_signs_in_at_the_provider_once_more_and_is_not_only_remembered_there(provider, dpo):
    client = Client()
    come_in(client)
    begun = client.get(reverse("openid_connect_login", args=["oidc"]))["Location"]
    assert "prompt=login" in begun
    assert "max_age=0" in begun
    before = client.session["account_authentication_methods"]
    for remembered in (None, int(time.time()) - 601, "now"):
        provider.claims["auth_time"] = remembered
        assert come_in(client).status_code == 401
        assert client.session["account_authentication_methods"] == before
    provider.claims["auth_time"] = int(time.time())
    assert come_in(client)["Location"] == "/audit/"
    assert client.session["account_authentication_methods"][-1]["at"] > before[-1]["at"]
