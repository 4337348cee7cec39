"""The pages of service tokens: made by the DPO, shown once, revoked with a confirmation."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.models import Event, ServiceToken
from foundation.permissions import Role
from tests.api.conftest import API, programme, token_of
from tests.conftest import signed_in

ADD = reverse("admin:foundation_servicetoken_add")
LIST = reverse("admin:foundation_servicetoken_changelist")


def page(token: ServiceToken, name: str) -> str:
    return reverse(f"admin:foundation_servicetoken_{name}", args=[token.pk])


def form(**changes) -> dict[str, object]:
    last = timezone.localdate() + timedelta(days=90)
    sound = {"name": "Exporteur", "scopes": ["editions:view", "documents:view"], "expires_on": last, "networks": ""}
    return {**sound, **changes}


def shown_in(response) -> list[str]:
    return re.findall(r"greffier_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", response.content.decode())


def test_the_dpo_makes_a_token_and_reads_it_once(dpo, ours):
    client = signed_in(dpo)
    response = client.post(ADD, form(networks="192.0.2.0/24\n127.0.0.1"))
    (text,) = shown_in(response)
    assert "no-store" in response.headers["Cache-Control"]
    token = ServiceToken.objects.get()
    assert (token.register, token.made_by, token.networks) == (ours["register"], dpo, ["192.0.2.0/24", "127.0.0.1"])
    assert programme(text).get(f"{API}/editions/").json()["count"] == 1
    for address in (page(token, "change"), LIST, reverse("admin:index")):
        assert shown_in(client.get(address)) == []
    assert token.shown_prefix in client.get(page(token, "change")).content.decode()


def test_the_last_day_is_over_at_midnight_in_the_register(dpo, acme):
    acme.time_zone = "Pacific/Auckland"
    acme.save()
    signed_in(dpo).post(ADD, form())
    until = ServiceToken.objects.get().expires_at
    assert (until.utcoffset() or timedelta()) == timedelta()
    assert until.hour in {11, 12}  # UTC


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("expires_on", timezone.localdate() + timedelta(days=367)),
        ("expires_on", timezone.localdate() - timedelta(days=1)),
        ("expires_on", ""),
        ("scopes", []),
        ("scopes", ["registers:delete"]),
        ("networks", "192.0.2.7/24"),
        ("networks", "anywhere"),
        ("name", ""),
    ],
)
def test_a_form_that_says_too_much_or_too_little_makes_no_token(dpo, field, value):
    response = signed_in(dpo).post(ADD, form(**{field: value}))
    assert field in response.context["adminform"].form.errors
    assert not ServiceToken.objects.exists()


def test_only_the_dpo_makes_tokens_and_in_their_own_register(administrator, auditor, stranger, acme):
    for user in (administrator, auditor):
        assert signed_in(user).post(ADD, form()).status_code == 403
    assert signed_in(stranger).post(f"{ADD}?register={acme.pk}", form()).status_code == 404
    assert not ServiceToken.objects.exists()


@pytest.mark.parametrize("role", [Role.DPO, Role.ADMINISTRATOR])
def test_a_token_is_revoked_once_that_is_confirmed(role, dpo, administrator):
    token, text = token_of(dpo)
    client = signed_in(dpo if role is Role.DPO else administrator)
    assert page(token, "revoke") in client.get(page(token, "change")).content.decode()
    assert client.get(page(token, "revoke")).status_code == 200
    assert programme(text).get(f"{API}/registers/").status_code == 200
    client.post(page(token, "revoke"))
    assert programme(text).get(f"{API}/registers/").status_code == 401
    assert page(token, "revoke") not in client.get(page(token, "change")).content.decode()
    assert Event.objects.filter(verb="service_token_revoked", subject_id=token.pk).count() == 1


def test_nobody_else_revokes_a_token_or_learns_that_it_exists(dpo, auditor, stranger):
    token, text = token_of(dpo)
    for user, status in ((stranger, 404), (auditor, 403)):
        assert signed_in(user).get(page(token, "change")).status_code == status
        assert signed_in(user).get(page(token, "revoke")).status_code == status
        assert signed_in(user).post(page(token, "revoke")).status_code == status
    assert programme(text).get(f"{API}/registers/").status_code == 200
    assert "Exporteur" not in signed_in(stranger).get(LIST).content.decode()


def test_a_token_is_never_changed_or_deleted(dpo):
    token, _text = token_of(dpo, "editions:view")
    client = signed_in(dpo)
    assert client.post(page(token, "change"), form(scopes=["evidence:view"])).status_code == 403
    assert client.post(page(token, "delete"), {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [token.pk], "post": "yes"})
    token.refresh_from_db()
    assert token.scopes == ["editions:view"]


def test_making_and_revoking_ask_who_one_is_once_more(dpo):
    token, _text = token_of(dpo)
    long_ago = Client()
    long_ago.force_login(dpo)
    for address in (ADD, page(token, "revoke")):
        answer = long_ago.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
        assert long_ago.post(address, form()).status_code == 409
    assert ServiceToken.objects.get().revoked_at is None
